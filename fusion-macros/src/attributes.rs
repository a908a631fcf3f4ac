//! The attributes of `#[derive(Module)]`, and what they say of a field.

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Error, Expr, Ident, Meta, Result, Token, parenthesized, token};

use crate::bounds::last_name;
use crate::derive::is_tensor;
use crate::report::{Ends, nearest, tidy};

/// The functions of `fusion::nn::init`, with how many numbers each takes.
const STARTS: [(&str, usize); 9] = [
    ("zeros", 0),
    ("ones", 0),
    ("full", 1),
    ("normal", 2),
    ("uniform", 2),
    ("kaiming_uniform", 0),
    ("kaiming_normal", 0),
    ("xavier_uniform", 0),
    ("xavier_normal", 0),
];

/// How many of them a buffer can start with: those that are not random.
const FIXED: usize = 3;

/// Types that are neither tensors nor modules.
const PLAIN: [&str; 18] = [
    "bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16", "u32", "u64", "u128",
    "usize", "String", "str",
];

/// What stands in `#[module(..)]` above the struct.
#[derive(Default)]
pub struct OnStruct {
    pub sequential: Option<Span>,
    pub no_init: bool,
}

/// A field, and what its attributes say.
pub struct Field<'a> {
    pub at: usize,
    pub field: &'a syn::Field,
    pub walked: bool,
    pub start: Start,
}

/// How a field starts.
pub enum Start {
    /// `#[init(..)]`, a parameter, or `#[buffer(..)]`.
    Tensor { function: Ident, numbers: Vec<Expr>, parameter: bool, span: Span },
    /// `default = ..`
    Value(TokenStream),
    /// By `Default`.
    Default,
    /// By its own `Init`.
    Own,
}

impl OnStruct {
    pub fn parse(attrs: &[Attribute], errors: &mut Vec<Error>) -> Self {
        let mut on = Self::default();
        for attr in attrs.iter().filter(|attr| attr.path().is_ident("module")) {
            let keys = read(attr, errors, "module(sequential)");
            for (key, value) in keys {
                if let Some(value) = value {
                    errors.push(Ends::of(&value).error(format!("`{key}` takes no value")));
                }
                match key.to_string().as_str() {
                    "sequential" => on.sequential = Some(key.span()),
                    "no_init" => on.no_init = true,
                    "skip" | "default" => {
                        errors.push(Error::new(key.span(), format!("`{key}` belongs to a field, not to the struct")));
                    }
                    _ => errors.push(unknown(&key, &["sequential", "no_init"])),
                }
            }
        }
        for attr in attrs.iter().filter(|attr| attr.path().is_ident("init") || attr.path().is_ident("buffer")) {
            let name = tidy(attr.path());
            errors.push(Ends::of(attr).error(format!("`#[{name}(..)]` belongs to a tensor field, not to the struct")));
        }
        on
    }
}

impl<'a> Field<'a> {
    pub fn parse(at: usize, field: &'a syn::Field, on: &OnStruct, errors: &mut Vec<Error>) -> Self {
        let (mut tensor, mut value, mut skip, mut said) = (None, None, false, errors.len());
        for attr in &field.attrs {
            let name = ["init", "buffer", "module"].into_iter().find(|name| attr.path().is_ident(name));
            match name {
                Some("module") => {
                    for (key, given) in read(attr, errors, "module(default = ..)") {
                        match (key.to_string().as_str(), given) {
                            ("skip", None) => skip = true,
                            ("default", Some(given)) => value = Some(given),
                            ("default", None) => {
                                errors.push(Error::new(key.span(), "`default` takes a value: `default = ..`"));
                            }
                            ("skip", Some(given)) => errors.push(Ends::of(&given).error("`skip` takes no value")),
                            ("sequential" | "no_init", _) => {
                                errors.push(Error::new(
                                    key.span(),
                                    format!("`{key}` belongs to the struct, not to a field"),
                                ));
                            }
                            _ => errors.push(unknown(&key, &["skip", "default"])),
                        }
                    }
                }
                Some(name) => {
                    if tensor.is_some() {
                        errors.push(Ends::of(attr).error("a tensor is a parameter or a buffer, and starts in one way"));
                    }
                    tensor = Some(start(attr, name == "init", errors));
                }
                None => {}
            }
        }
        said = errors.len() - said;
        let mut parsed = Self { at, field, walked: !skip, start: Start::Own };
        let text = parsed.text();
        let plain = last_name(&field.ty).filter(|name| PLAIN.contains(&name.as_str()));
        let list = last_name(&field.ty).filter(|name| ["Option", "Vec"].contains(&name.as_str()));
        let ends = parsed.ends();
        parsed.walked &= plain.is_none();
        parsed.start = match (tensor, value) {
            (Some(_), Some(value)) => {
                errors.push(
                    Ends::of(&value)
                        .error(format!("`{text}` starts in two ways: with this and by its other attribute")),
                );
                Start::Default
            }
            (Some(start), None) => {
                if !parsed.may_be_tensor() {
                    errors.push(
                        ends.error(format!("`#[init(..)]` and `#[buffer(..)]` are for tensors, and `{text}` is none")),
                    );
                }
                start.unwrap_or(Start::Default)
            }
            (None, Some(value)) => Start::Value(value),
            (None, None) if skip || said > 0 => Start::Default,
            (None, None) if on.no_init => Start::Own,
            (None, None) if parsed.is_tensor() => {
                errors.push(ends.error(format!(
                    "how does `{text}` start?\nwrite `#[init(zeros)]` for a parameter, which is trained, or `#[buffer(zeros)]`"
                )));
                Start::Default
            }
            (None, None) if plain.is_some() => {
                errors.push(ends.error(format!(
                    "`{text}` is neither a tensor nor a module: how does it start?\nwrite `#[module(default = ..)]`"
                )));
                Start::Default
            }
            (None, None) => {
                if let Some(list) = list {
                    let empty = if list == "Vec" { "Vec::new()" } else { "None" };
                    errors.push(ends.error(format!(
                        "how does `{text}` start?\nwrite `#[module(default = {empty})]`, or make its layers there, with `rng`"
                    )));
                }
                Start::Own
            }
        };
        parsed
    }

    /// `scale: Tensor<(C,)>`
    pub fn text(&self) -> String {
        let ty = tidy(&self.field.ty);
        match &self.field.ident {
            Some(name) => format!("{name}: {ty}"),
            None => ty,
        }
    }

    /// From its name to the end of its type.
    pub fn ends(&self) -> Ends {
        let ty = Ends::of(&self.field.ty);
        Ends { first: self.field.ident.as_ref().map_or(ty.first, Ident::span), last: ty.last }
    }

    pub fn is_tensor(&self) -> bool {
        is_tensor(&self.field.ty) || matches!(self.start, Start::Tensor { .. })
    }

    /// Whether it is a tensor or a name that may stand for one.
    fn may_be_tensor(&self) -> bool {
        let ty = &self.field.ty;
        let known = fusion_rules::model::BUILTINS.iter().map(|layer| layer.name);
        let others = known.chain(PLAIN).chain(["Option", "Vec", "Box", "PhantomData"]);
        is_tensor(ty) || last_name(ty).is_some_and(|name| !others.into_iter().any(|other| name == other))
    }
}

/// The keys of `#[module(..)]`, with their values.
fn read(attr: &Attribute, errors: &mut Vec<Error>, example: &str) -> Vec<(Ident, Option<TokenStream>)> {
    let Meta::List(list) = &attr.meta else {
        errors.push(Ends::of(attr).error(format!("this attribute says nothing: write `#[{example}]`")));
        return Vec::new();
    };
    let mut keys = Vec::new();
    let parser = |input: ParseStream| -> Result<()> {
        while !input.is_empty() {
            let key: Ident = input.parse()?;
            let value = if input.peek(Token![=]) {
                input.parse::<Token![=]>()?;
                Some(input.parse::<Expr>()?.into_token_stream())
            } else {
                None
            };
            keys.push((key, value));
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(())
    };
    if let Err(error) = parser.parse2(list.tokens.clone()) {
        errors.push(error);
    }
    keys
}

/// `#[init(normal(0.0, 1.0))]`; `None` after a mistake.
pub fn start(attr: &Attribute, parameter: bool, errors: &mut Vec<Error>) -> Option<Start> {
    let name = if parameter { "init" } else { "buffer" };
    let known = if parameter { &STARTS[..] } else { &STARTS[..FIXED] };
    let names = || known.iter().map(|(name, _)| *name);
    let Meta::List(list) = &attr.meta else {
        errors.push(
            Ends::of(attr).error(format!("`#[{name}]` does not say how the tensor starts: write `#[{name}(zeros)]`")),
        );
        return None;
    };
    let parser = |input: ParseStream| -> Result<(Ident, Vec<Expr>, Ends)> {
        let function: Ident = input.parse()?;
        let (mut numbers, mut ends) = (Vec::new(), Ends::from(function.span()));
        if input.peek(token::Paren) {
            let inner;
            ends.last = parenthesized!(inner in input).span.close();
            numbers = inner.parse_terminated(<Expr as syn::parse::Parse>::parse, Token![,])?.into_iter().collect();
        }
        if input.is_empty() { Ok((function, numbers, ends)) } else { Err(input.error("a tensor starts in one way")) }
    };
    let (function, numbers, ends) = match parser.parse2(list.tokens.clone()) {
        Ok(parsed) => parsed,
        Err(error) => {
            errors.push(error);
            return None;
        }
    };
    let Some((_, takes)) = known.iter().find(|(name, _)| function == name) else {
        let all: Vec<_> = names().map(|name| format!("`{name}`")).collect();
        let message = match nearest(&function.to_string(), names(), 3) {
            Some(meant) => format!("there is no start `{function}`: did you mean `{meant}`?"),
            None if STARTS.iter().any(|(name, _)| function == name) => {
                format!("a buffer is not random: it starts with one of {}", all.join(", "))
            }
            None => format!("there is no start `{function}`: it is one of {}", all.join(", ")),
        };
        errors.push(Error::new(function.span(), message));
        return None;
    };
    if numbers.len() != *takes {
        let how = match takes {
            0 => format!("no numbers: `{function}`"),
            1 => format!("a number: `{function}(0.5)`"),
            _ if function == "normal" => "the mean and the standard deviation: `normal(0.0, 1.0)`".into(),
            _ => format!("both ends: `{function}(-1.0, 1.0)`"),
        };
        errors.push(ends.error(format!("`{function}` takes {how}")));
        return None;
    }
    let span = function.span();
    Some(Start::Tensor { function, numbers, parameter, span })
}

fn unknown(key: &Ident, known: &[&str]) -> Error {
    let message = match nearest(&key.to_string(), known.iter().copied(), 3) {
        Some(meant) => format!("there is no `{key}` here: did you mean `{meant}`?"),
        None => {
            let all: Vec<_> = known.iter().map(|name| format!("`{name}`")).collect();
            format!("there is no `{key}` here: it is one of {}", all.join(", "))
        }
    };
    Error::new(key.span(), message)
}
