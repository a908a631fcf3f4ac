//! The attributes of `#[derive(Module)]`, and what they say of a field.

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Error, Expr, Ident, Meta, Result, Token, Type};

use crate::derive::bounds::{element, held, last_name};
use crate::diagnostics::{Diagnostics, Ends, nearest, tidy};
use crate::init::{Filled, filled};

/// Types that are neither tensors nor modules.
const PLAIN: [&str; 18] = [
    "bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16", "u32", "u64", "u128",
    "usize", "String", "str",
];

/// Elements of tensors that are data, and never trained.
const DATA: [&str; 3] = ["i64", "u8", "bool"];

/// The keys of `#[module(..)]`, and where each belongs.
const KEYS: [(&str, &[Place]); 6] = [
    ("sequential", &[Place::Struct, Place::Enum]),
    ("transparent", &[Place::Struct, Place::Enum]),
    ("no_init", &[Place::Struct, Place::Enum]),
    ("no_clone", &[Place::Struct, Place::Enum]),
    ("skip", &[Place::Field]),
    ("default", &[Place::Field, Place::Variant, Place::Enum, Place::Struct]),
];

/// What an attribute stands on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Struct,
    Enum,
    Variant,
    Field,
}

/// What stands in `#[module(..)]` above the type.
#[derive(Default)]
pub struct OnType {
    pub sequential: Option<Span>,
    pub transparent: Option<Span>,
    pub no_init: Option<Span>,
    pub no_clone: Option<Span>,
    /// `default = ..`: what all of it starts with.
    pub default: Option<TokenStream>,
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
    Tensor(Filled),
    /// `default = ..`
    Value(TokenStream),
    /// By `Default`.
    Default,
    /// By its own `Init`.
    Own,
}

impl Place {
    fn name(self) -> &'static str {
        match self {
            Place::Struct => "the struct",
            Place::Enum => "the enum",
            Place::Variant => "a variant",
            Place::Field => "a field",
        }
    }
}

impl OnType {
    pub fn parse(attrs: &[Attribute], place: Place, errors: &Diagnostics) -> Self {
        let mut on = Self::default();
        for (key, value) in keys(attrs, place, errors) {
            match (key.to_string().as_str(), value) {
                ("default", Some(value)) => on.default = Some(value),
                ("default", None) => {
                    let or = if place == Place::Enum { ", or stands above one of the variants" } else { "" };
                    errors.push(Error::new(key.span(), format!("`default` takes a value, `default = ..`{or}")));
                    // It does say how it starts: one mistake is enough.
                    on.default = Some(TokenStream::new());
                }
                ("sequential", _) => on.sequential = Some(key.span()),
                ("transparent", _) => on.transparent = Some(key.span()),
                ("no_clone", _) => on.no_clone = Some(key.span()),
                _ => on.no_init = Some(key.span()),
            }
        }
        if let (Some(span), Some(_)) = (on.no_init, &on.default) {
            errors.push(Error::new(span, "`no_init` and `default = ..` say different things of how it starts"));
        }
        on
    }
}

/// Whether this is the variant that an enum starts as: `#[module(default)]`.
pub fn starts_here(variant: &syn::Variant, errors: &Diagnostics) -> Option<Span> {
    let mut here = None;
    for (key, value) in keys(&variant.attrs, Place::Variant, errors) {
        if let Some(value) = value {
            let message = "above a variant `default` takes no value: its fields say how they start";
            errors.push(Ends::of(value).error(message));
        }
        here = Some(key.span());
    }
    here
}

impl<'a> Field<'a> {
    /// `unused` says why an attribute for how it starts would mean nothing, where it would.
    pub fn parse(at: usize, field: &'a syn::Field, unused: Option<&str>, errors: &Diagnostics) -> Self {
        let (mut tensor, mut value, mut skip, said) = (None, None, None, errors.len());
        for (key, given) in keys(&field.attrs, Place::Field, errors) {
            match (key == "skip", given) {
                (true, _) => skip = Some(key.span()),
                (false, Some(given)) => value = Some((key.span(), given)),
                (false, None) => errors.push(Error::new(key.span(), "`default` takes a value: `default = ..`")),
            }
        }
        let is_start = |attr: &&Attribute| attr.path().is_ident("init") || attr.path().is_ident("buffer");
        for attr in field.attrs.iter().filter(is_start) {
            if tensor.is_some() {
                errors.push(Ends::of(attr).error("a tensor is a parameter or a buffer, and starts in one way"));
            }
            tensor = Some((attr, filled(attr, attr.path().is_ident("init"), errors)));
        }
        let mut parsed = Self { at, field, walked: skip.is_none(), start: Start::Own };
        if let Some(why) = unused {
            if let Some((attr, _)) = tensor {
                errors.push(Ends::of(attr).error(why));
            }
            if let Some((key, _)) = value {
                errors.push(Error::new(key, why));
            }
        } else {
            parsed.start = parsed.read_start(tensor, value, skip, said, errors);
        }
        let plain = last_name(&field.ty).is_some_and(|name| PLAIN.contains(&name.as_str()));
        if parsed.walked && matches!(&field.ty, Type::Reference(_)) {
            errors.push(parsed.ends().error(format!(
                "`{}` is borrowed, and a module owns its layers\nown it, or leave it out with `#[module(skip)]`",
                parsed.text()
            )));
        }
        parsed.walked &= !plain;
        parsed
    }

    fn read_start(
        &self,
        tensor: Option<(&Attribute, Option<Filled>)>,
        value: Option<(Span, TokenStream)>,
        skip: Option<Span>,
        said: usize,
        errors: &Diagnostics,
    ) -> Start {
        let (text, ends, ty) = (self.text(), self.ends(), &self.field.ty);
        let mistaken = errors.len() > said;
        let mistake = |ends: Ends, message: String| {
            errors.push(ends.error(message));
            Start::Default
        };
        let name = last_name(ty).unwrap_or_default();
        let data = element(held(ty)).and_then(|ty| last_name(&ty)).filter(|name| DATA.contains(&name.as_str()));
        // What says in its type that it is not trained.
        let fixed = match last_name(held(ty)) {
            Some(name) if name == "Buffer" => Some("`Buffer`".to_owned()),
            _ => data.map(|data| format!("tensor of `{data}`")),
        };
        match (tensor, value) {
            (Some(_), Some((_, value))) => {
                mistake(Ends::of(&value), format!("`{text}` starts in two ways: with this and by its other attribute"))
            }
            (Some((attr, _)), None) if !self.may_be_tensor() => {
                let attr = tidy(attr.path());
                mistake(ends, format!("`#[{attr}(..)]` is for tensors, and `{text}` is none"))
            }
            (Some((attr, _)), None) if skip.is_some() => {
                let (name, attr) = (self.name(), tidy(attr.path()));
                let message = format!(
                    "`skip` leaves `{name}` out, and `#[{attr}(..)]` makes it a tensor of the module\nwith `skip` it starts with `default = ..`"
                );
                mistake(Ends::from(skip.unwrap_or_else(Span::call_site)), message)
            }
            (Some((attr, start)), None) => match (fixed, start) {
                (Some(fixed), Some(Filled { parameter: true, .. })) => mistake(
                    Ends::of(attr),
                    format!("a parameter is trained, and a {fixed} cannot be\nwrite `#[buffer(zeros)]`"),
                ),
                (_, start) => start.map_or(Start::Default, Start::Tensor),
            },
            (None, Some((_, value))) => Start::Value(value),
            (None, None) if skip.is_some() || mistaken => Start::Default,
            (None, None) if is_tensor(held(ty)) => {
                let mut ways = match fixed {
                    Some(_) => "write `#[buffer(zeros)]`".to_owned(),
                    None => {
                        "write `#[init(zeros)]` for a parameter, which is trained, or `#[buffer(zeros)]`".to_owned()
                    }
                };
                if name == "Option" {
                    ways += "; with `#[module(default = None)]` it starts without";
                }
                mistake(ends, format!("how does `{text}` start?\n{ways}"))
            }
            (None, None) if PLAIN.contains(&name.as_str()) => mistake(
                ends,
                format!(
                    "`{text}` is neither a tensor nor a module: how does it start?\nwrite `#[module(default = ..)]`"
                ),
            ),
            (None, None) if ["Option", "Vec"].contains(&name.as_str()) => {
                let empty = if name == "Vec" { "Vec::new()" } else { "None" };
                mistake(
                    ends,
                    format!(
                        "how does `{text}` start?\nwrite `#[module(default = {empty})]`, or make its layers there, with `rng`"
                    ),
                )
            }
            (None, None) => Start::Own,
        }
    }

    /// `scale: Tensor<(C,)>`
    pub fn text(&self) -> String {
        let ty = tidy(&self.field.ty).replace("& ", "&");
        match &self.field.ident {
            Some(name) => format!("{name}: {ty}"),
            None => ty,
        }
    }

    /// `scale`, or of a tuple its type.
    fn name(&self) -> String {
        self.field.ident.as_ref().map_or_else(|| tidy(&self.field.ty), Ident::to_string)
    }

    /// From its name to the end of its type.
    pub fn ends(&self) -> Ends {
        let ty = Ends::of(&self.field.ty);
        Ends { first: self.field.ident.as_ref().map_or(ty.first, Ident::span), last: ty.last }
    }

    pub fn is_tensor(&self) -> bool {
        is_tensor(held(&self.field.ty)) || matches!(self.start, Start::Tensor(_))
    }

    /// Whether `sequential` runs it, and `transparent` takes its names.
    pub fn is_step(&self) -> bool {
        self.walked && last_name(&self.field.ty).is_none_or(|name| name != "PhantomData")
    }

    /// Whether it is a tensor or a name that may stand for one.
    fn may_be_tensor(&self) -> bool {
        let ty = held(&self.field.ty);
        let known = fusion_rules::model::BUILTINS.iter().map(|layer| layer.name);
        let others = known.chain(PLAIN).chain(["Vec", "PhantomData"]);
        is_tensor(ty) || last_name(ty).is_some_and(|name| !others.into_iter().any(|other| name == other))
    }
}

/// Whether a type is written as a tensor.
pub fn is_tensor(ty: &Type) -> bool {
    last_name(ty).is_some_and(|name| name == "Tensor" || name == "Buffer")
}

/// All keys of `#[module(..)]` that belong here, with their values, each once. `default` alone may have one.
fn keys(attrs: &[Attribute], place: Place, errors: &Diagnostics) -> Vec<(Ident, Option<TokenStream>)> {
    let mut all: Vec<(Ident, Option<TokenStream>)> = Vec::new();
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("module")) {
        for (key, value) in read(attr, place, errors) {
            let known = KEYS.iter().find(|(name, _)| key == name);
            if !known.is_some_and(|(_, places)| places.contains(&place)) {
                errors.push(unknown(&key, place));
            } else if all.iter().any(|(other, _)| *other == key) {
                errors.push(Error::new(key.span(), format!("`{key}` stands here twice")));
            } else if let Some(value) = value.as_ref().filter(|_| key != "default") {
                errors.push(Ends::of(value).error(format!("`{key}` takes no value")));
                all.push((key, None));
            } else {
                all.push((key, value));
            }
        }
    }
    if place != Place::Field {
        for attr in attrs.iter().filter(|attr| attr.path().is_ident("init") || attr.path().is_ident("buffer")) {
            let (name, place) = (tidy(attr.path()), place.name());
            errors.push(Ends::of(attr).error(format!("`#[{name}(..)]` belongs to a tensor field, not to {place}")));
        }
    }
    all
}

/// The keys of one `#[module(..)]`, with their values.
fn read(attr: &Attribute, place: Place, errors: &Diagnostics) -> Vec<(Ident, Option<TokenStream>)> {
    let example = match place {
        Place::Struct | Place::Enum => "sequential",
        Place::Variant => "default",
        Place::Field => "default = ..",
    };
    let list = match &attr.meta {
        Meta::List(list) if !list.tokens.is_empty() => list,
        _ => {
            errors.push(Ends::of(attr).error(format!("this attribute says nothing: write `#[module({example})]`")));
            return Vec::new();
        }
    };
    let mut keys = Vec::new();
    let parser = |input: ParseStream| -> Result<()> {
        while !input.is_empty() {
            if !input.peek(Ident::peek_any) {
                return Err(input.error(format!("a key stands here, one of {}", one_of(place))));
            }
            let key = input.call(Ident::parse_any)?;
            let value = if input.peek(Token![=]) {
                let equals: Token![=] = input.parse()?;
                if input.is_empty() || input.peek(Token![,]) {
                    return Err(Ends::of(equals).error(format!("a value is missing after `{key} =`")));
                }
                Some(input.parse::<Expr>()?.into_token_stream())
            } else {
                None
            };
            if !input.is_empty() && !input.peek(Token![,]) {
                let message = match (&value, key == "default") {
                    (None, true) => "a value stands behind `=`: `default = ..`",
                    _ => "a comma is missing before this",
                };
                return Err(input.error(message));
            }
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

fn here(place: Place) -> impl Iterator<Item = &'static str> {
    KEYS.iter().filter(move |(_, places)| places.contains(&place)).map(|(name, _)| *name)
}

fn one_of(place: Place) -> String {
    here(place).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn unknown(key: &Ident, place: Place) -> Error {
    let elsewhere = KEYS.iter().find(|(name, _)| key == name).map(|(_, places)| places);
    let message = match (elsewhere, nearest(&key.to_string(), here(place), 3)) {
        (Some([Place::Field, ..]), _) => format!("`{key}` belongs to a field, not to {}", place.name()),
        (Some(_), _) => format!("`{key}` belongs to the whole type, not to {}", place.name()),
        (_, Some(meant)) => format!("there is no `{key}` here: did you mean `{meant}`?"),
        (_, None) => match here(place).count() {
            1 => format!("there is no `{key}` here, only {}", one_of(place)),
            _ => format!("there is no `{key}` here: it is one of {}", one_of(place)),
        },
    };
    Error::new(key.span(), message)
}
