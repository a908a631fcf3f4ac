//! A layer's type as it is written, also as other libraries write it: `nn.Conv2d(3, 64, kernel_size=3)`. That is one
//! mistake, and what is meant goes on.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Ident, Path, PathSegment, Result, Token, token};

use crate::diagnostics::{Diagnostics, Ends, MISPLACED, is_doc, tidy};
use crate::model::ast::{Branch, Call, Part};
use crate::model::words;
use crate::size::argument::{self, Argument, Value};
use fusion_rules::model::Builtin;

/// Arguments in order, and those with a key.
type Arguments = (Vec<Argument>, Vec<(Ident, Argument)>);

/// What stands in front of the name in other libraries.
const MODULES: [&str; 11] =
    ["F", "fusion", "functional", "jax", "keras", "layers", "nn", "self", "tf", "torch", "torchvision"];

/// What a model does, and what it does not say.
pub const ORDER: &str = "a model runs its layers in the order in which they are written";

pub fn parse(input: ParseStream, errors: &Diagnostics) -> Result<Branch> {
    let start = input.span();
    if !input.peek(Ident::peek_any) && !input.peek(Token![::]) {
        if is_doc(input) {
            return Err(input.error(MISPLACED));
        }
        return Err(input.error("expected a layer, such as `Relu` or `fc1: Linear<_, 128>`"));
    }
    let mut path = name(input)?;
    // `nn.Conv2d(..)`, as in PyTorch.
    let mut front = None;
    while input.peek(Token![.]) && input.peek2(Ident::peek_any) {
        front.get_or_insert_with(|| path.clone());
        input.parse::<Token![.]>()?;
        path = input.call(Ident::parse_any)?.into();
    }
    if input.peek(Token![!]) {
        let word = tidy(&path);
        input.parse::<Token![!]>()?;
        let ends = Ends { first: start, last: input.parse::<TokenTree>()?.span() };
        errors.push(ends.error(format!("`{word}!` is no layer: {ORDER}")));
        return Ok(Branch { part: Part::Lost, ends });
    }
    let last = path.segments.last().map_or(start, |s| s.ident.span());
    let mut ends = Ends { first: start, last };
    if input.peek(token::Paren) || input.peek(token::Bracket) || input.peek(token::Brace) {
        let group: Group = input.parse()?;
        ends.last = group.span_close();
        return Ok(Written { path, front, group: Some(group), ends }.branch(None, errors));
    }
    let mut args = (Vec::new(), Vec::new());
    if input.peek(Token![<]) || (input.peek(Token![::]) && input.peek3(Token![<])) {
        if input.peek(Token![::]) {
            input.parse::<Token![::]>()?;
        }
        input.parse::<Token![<]>()?;
        args = arguments(input, errors)?;
        if !input.peek(Token![>]) {
            let message = format!("`{}<` is never closed: a `>` is missing", tidy(&path));
            return Err(Ends::of(&path).error(message));
        }
        ends.last = input.parse::<Token![>]>()?.span;
    }
    Ok(Written { path, front, group: None, ends }.branch(Some(args), errors))
}

/// Reads a path without arguments.
fn name(input: ParseStream) -> Result<Path> {
    let leading_colon = input.parse()?;
    let mut segments = Punctuated::new();
    segments.push_value(PathSegment::from(input.call(Ident::parse_any)?));
    while input.peek(Token![::]) && input.peek3(Ident::peek_any) {
        segments.push_punct(input.parse()?);
        segments.push_value(PathSegment::from(input.call(Ident::parse_any)?));
    }
    Ok(Path { leading_colon, segments })
}

/// A layer as it is written.
struct Written {
    path: Path,
    /// `nn`, of `nn.Conv2d`.
    front: Option<Path>,
    /// Brackets that are not `<..>`.
    group: Option<Group>,
    ends: Ends,
}

impl Written {
    /// The layer that is meant; for another spelling, one mistake.
    fn branch(mut self, args: Option<Arguments>, errors: &Diagnostics) -> Branch {
        let ends = self.ends;
        let constructed = self.path.segments.last().is_some_and(|last| last.ident == "new" || last.ident == "init");
        if constructed && self.path.segments.len() > 1 && self.group.is_some() {
            // `Linear::new(784, 10)`
            self.path.segments.pop();
            self.path.segments.pop_punct();
        }
        let part = |call| Branch { part: Part::Call(call), ends };
        let inplace = |(_, keywords): &Arguments| keywords.iter().any(|(key, _)| key == "inplace");
        let args = match args {
            // As the language has it.
            Some(args) if self.front.is_none() && !inplace(&args) => return part(call(self.path, args)),
            Some(args) => Some(args),
            None => self.group.as_ref().map(inside).and_then(Result::ok),
        };
        let name = self.path.segments.last().map_or_else(String::new, |last| last.ident.unraw().to_string());
        let word = self.front.as_ref().and_then(Path::get_ident).map(Ident::to_string).unwrap_or_default();
        let lower = name.starts_with(|c: char| c.is_lowercase());
        // What has a value in front of it is a method of the value.
        let method = lower && self.front.is_some() && !MODULES.contains(&word.as_str());
        // `F.relu(self.fc1(x))` is a statement.
        let nested = self.front.is_some() && lower && args.is_none();
        let message = match (words::meant(&name), args) {
            (None, _) if method && words::missing(&name).is_none() => format!("`{}` is no layer: {ORDER}", self.text()),
            _ if word == "self" || nested => format!("`{}` is no layer: {ORDER}", self.text()),
            (Some(layer), Some(args)) => {
                let ident = Ident::new(layer.name, self.path.span());
                let (call, why) = translated(layer, ident, args, lower);
                errors.push(ends.error(match why.is_empty() && name == layer.name {
                    true => self.another_spelling(&call),
                    false => format!("`{}` is written `{}`{why}", self.text(), call.text),
                }));
                return part(call);
            }
            (None, args) => match (words::missing(&name), args) {
                (Some(sentence), _) => sentence,
                (None, _) if lower => format!(
                    "`{name}` is a function of one tensor, and takes no arguments here\n\
                     write a function that has `{}` in it, or a layer of your own",
                    self.inner()
                ),
                (None, Some(args)) => {
                    let call = call(self.path.clone(), args);
                    errors.push(ends.error(self.another_spelling(&call)));
                    return part(call);
                }
                (None, None) => format!("a layer's arguments stand in `<..>`: `{}<..>`", tidy(&self.path)),
            },
            (Some(layer), None) => {
                let names: Vec<_> = layer.params.iter().map(|param| param.name).collect();
                format!("a layer's arguments stand in `<..>`: `{}<{}>`", layer.name, names.join(", "))
            }
        };
        errors.push(ends.error(message));
        Branch { part: Part::Lost, ends }
    }

    fn another_spelling(&self, call: &Call) -> String {
        match &self.front {
            Some(front) => format!("a layer is written without `{}.`: `{}`", tidy(front), call.text),
            None => format!("a layer's arguments stand in `<..>`: write `{}`", call.text),
        }
    }

    /// As it is written.
    fn text(&self) -> String {
        let front = self.front.as_ref().map_or_else(String::new, |front| format!("{}.", tidy(front)));
        let inside = self.group.as_ref().map_or_else(String::new, |group| {
            let text = group.span().source_text().filter(|text| text.len() < 80 && !text.contains('\n'));
            text.unwrap_or_else(|| "(..)".into())
        });
        format!("{front}{}{inside}", tidy(&self.path))
    }

    /// What is written in the brackets.
    fn inner(&self) -> String {
        self.group.as_ref().map_or_else(String::new, |group| tidy(group.stream()))
    }
}

/// What is written in brackets that are not `<..>`, if it can be read; what is wrong in it is said once the brackets
/// are right.
fn inside(group: &Group) -> Result<Arguments> {
    let tokens = python(group.stream());
    let ahead = Diagnostics::new();
    let read = (|input: ParseStream<'_>| arguments(input, &ahead)).parse2(tokens);
    ahead.discard();
    read
}

/// Python's `True` and `(3, 3)` as they are written here.
fn python(tokens: TokenStream) -> TokenStream {
    let word = |token: TokenTree| match token {
        TokenTree::Ident(word) if word == "True" || word == "False" => {
            Ident::new(&word.to_string().to_lowercase(), word.span()).into()
        }
        TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis => {
            let words: Vec<_> = group.stream().into_iter().collect();
            match &words[..] {
                [first @ TokenTree::Literal(a), TokenTree::Punct(comma), TokenTree::Literal(b)]
                    if comma.as_char() == ',' && a.to_string() == b.to_string() =>
                {
                    first.clone()
                }
                _ => group.into(),
            }
        }
        token => token,
    };
    tokens.into_iter().map(word).collect()
}

/// A layer of the language with the arguments that it has there, and why others are left out.
fn translated(layer: &Builtin, name: Ident, (mut args, keywords): Arguments, function: bool) -> (Call, String) {
    // The tensor that a function is given.
    let tensor = |arg: &Argument| matches!(&arg.value, Value::Path(path) if path.get_ident().is_some_and(is_variable));
    if function && args.first().is_some_and(tensor) {
        args.remove(0);
    }
    let (keywords, others): (Vec<_>, Vec<_>) =
        keywords.into_iter().partition(|(key, _)| layer.params.iter().any(|param| *key == param.name));
    let names: Vec<_> = keywords.iter().map(|(key, _)| key.to_string()).collect();
    if words::lacks_input(layer, args.len(), &names) {
        args.insert(0, Argument { value: Value::Hole, text: "_".into(), ends: name.span().into() });
    }
    let why = if layer.params.is_empty() && !(args.is_empty() && others.is_empty()) {
        ": it takes no arguments".into()
    } else if others.is_empty() {
        String::new()
    } else {
        let others: Vec<_> = others.iter().map(|(key, _)| format!("`{key}`")).collect();
        format!(": it has no {}", others.join(" and no "))
    };
    args.truncate(layer.params.len());
    (call(name.into(), (args, keywords)), why)
}

fn is_variable(name: &Ident) -> bool {
    name.to_string().starts_with(char::is_lowercase)
}

/// Whether `name:` follows.
pub fn is_named(input: ParseStream) -> bool {
    input.peek(Ident::peek_any) && input.peek2(Token![:]) && !input.peek2(Token![::])
}

/// Reads arguments up to a `>`, the end, or what looks like the next layer.
fn arguments(input: ParseStream, errors: &Diagnostics) -> Result<Arguments> {
    let (mut args, mut keywords) = (Vec::new(), Vec::new());
    while !input.is_empty() && !input.peek(Token![>]) && !is_named(input) {
        if input.peek(Ident::peek_any) && input.peek2(Token![=]) {
            let key = input.call(Ident::parse_any)?;
            input.parse::<Token![=]>()?;
            keywords.push((key, argument::parse(input, errors)?));
        } else {
            let arg = argument::parse(input, errors)?;
            if let Some((key, _)) = keywords.last() {
                let message = format!("`{}` stands behind `{key} = ..`: arguments with a name come last", arg.text);
                return Err(arg.ends.error(message));
            }
            args.push(arg);
        }
        if input.peek(Token![,]) {
            input.parse::<Token![,]>()?;
        } else if !input.is_empty() && !input.peek(Token![>]) {
            return Err(input.error("a `,` is missing before this argument"));
        }
    }
    Ok((args, keywords))
}

fn call(path: Path, (args, keywords): Arguments) -> Call {
    let words: Vec<_> = args
        .iter()
        .map(|arg| arg.text.clone())
        .chain(keywords.iter().map(|(key, arg)| format!("{key} = {}", arg.text)))
        .collect();
    let name = tidy(path.to_token_stream());
    let text = if words.is_empty() { name } else { format!("{name}<{}>", words.join(", ")) };
    Call { path, args, keywords, text }
}
