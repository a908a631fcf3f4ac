//! What is written in `model!`, as a tree. Nothing is checked here but the grammar; `layers` and what is in them are in
//! [`network`](crate::model::parse::layers):
//!
//! ```text
//! model   = attributes visibility name [ `<` generics `>` ] `:` sizes [ `->` outputs ] `{` layers `}`
//! outputs = sizes | `{` name `:` sizes, .. `}`
//! sizes   = `[` size, .. `]`
//! ```
//!
//! In type position there are only layers.

pub mod call;
pub mod layers;
pub mod statement;

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::discouraged::Speculative;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Error, Generics, Ident, LitInt, Result, Token, Visibility, braced, bracketed, token};

use crate::diagnostics::{Ends, MISPLACED, is_doc};
use crate::model::parse::layers::Body;
use crate::size::argument::{self, Argument, Value};

/// What a declaration starts with.
pub const HEAD: &str = "a model starts with its name and what it takes: `Net: [784] -> [10] { .. }`";

/// What `model!` was given.
pub enum Source {
    /// A declaration.
    Model(Box<Model>),
    /// A list of layers that is to become a type.
    Network(Body),
}

/// A declared network.
pub struct Model {
    pub attrs: Vec<Attribute>,
    pub vis: Visibility,
    pub name: Ident,
    pub generics: Generics,
    /// What it takes; `None` where that could not be read.
    pub input: Option<Sizes>,
    pub output: Option<Outputs>,
    pub body: Body,
}

/// A shape as written, without the batch.
pub struct Sizes {
    pub sizes: Vec<Argument>,
    pub ends: Ends,
}

/// What a model says that it gives.
pub enum Outputs {
    One(Sizes),
    /// Layers by name, with what each gives.
    Named(Vec<(Ident, Option<Sizes>)>),
}

impl Parse for Source {
    fn parse(input: ParseStream) -> Result<Self> {
        if declares(&input.fork()) {
            return input.parse().map(|model| Self::Model(Box::new(model)));
        }
        Ok(Self::Network(Body::parse(input, Span::call_site().into())))
    }
}

/// Whether a declaration follows, rather than a list of layers.
fn declares(input: ParseStream) -> bool {
    let attributed = input.peek(Token![#]);
    if attributed || input.is_empty() || input.call(Attribute::parse_outer).is_err() {
        return true;
    }
    if input.peek(Token![pub]) || input.peek(Token![struct]) || is_class(input) || input.peek(token::Bracket) {
        return true;
    }
    if !input.peek(Ident::peek_any) || input.call(Ident::parse_any).is_err() {
        return false;
    }
    if input.peek(Token![<]) && input.parse::<Generics>().is_err() {
        return false;
    }
    if input.peek(Token![:]) && !input.peek(Token![::]) {
        // `Net: [784]` declares, `fc1: Linear<784, 10>` names a layer.
        return !input.peek2(Ident::peek_any);
    }
    input.peek(token::Brace) || input.peek(Token![->]) || input.peek(Token![where])
}

impl Parse for Model {
    fn parse(input: ParseStream) -> Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        let vis = input.parse()?;
        let mut errors = Vec::new();
        if input.peek(Token![struct]) {
            let word: Token![struct] = input.parse()?;
            errors.push(Error::new(word.span, "`model!` writes the struct: leave this word out"));
        }
        if is_class(input) {
            return Err(input.error(format!("`model!` writes the struct: {HEAD}")));
        }
        if !input.peek(Ident) {
            let message = if input.is_empty() { "there is no model here" } else { "a model needs a name" };
            let ends = input.parse::<TokenTree>().map_or_else(|_| input.span().into(), Ends::of);
            return Err(ends.error(format!("{message}: `Net: [784] -> [10] {{ .. }}`")));
        }
        let name: Ident = input.parse()?;
        let mut generics: Generics = input.parse()?;
        let taken = if input.peek(Token![:]) {
            input.parse::<Token![:]>()?;
            Sizes::read(input, &mut errors)
        } else {
            let message =
                format!("`{name}` does not say what it takes: write `{name}: [784] ..`, with the sizes of one input");
            errors.push(Error::new(name.span(), message));
            None
        };
        let output = if input.peek(Token![->]) {
            input.parse::<Token![->]>()?;
            Outputs::read(input, &mut errors)
        } else if input.peek(token::Bracket) || input.peek(Token![=>]) {
            errors.push(input.error("a `->` stands between what goes in and what comes out: `[784] -> [10]`"));
            let _ = input.parse::<Token![=>]>();
            Outputs::read(input, &mut errors)
        } else {
            None
        };
        if input.peek(Token![where]) {
            generics.where_clause = Some(input.parse()?);
        }
        if input.is_empty() {
            let message =
                format!("`{name}` has no layers: they stand in braces, as in `{name}: [784] -> [10] {{ .. }}`");
            return Err(Error::new(name.span(), message));
        }
        if !input.peek(token::Brace) {
            return Err(input.error(if is_doc(input) { MISPLACED } else { HEAD }));
        }
        let inner;
        let brace = braced!(inner in input);
        let mut body = Body::parse(&inner, brace.span.join().into());
        if !input.is_empty() {
            let rest = Ends::of(input.parse::<TokenStream>()?);
            errors.push(rest.error("a `model!` declares one model: this does not belong to it"));
        }
        body.errors.splice(0..0, errors);
        Ok(Self { attrs, vis, name, generics, input: taken, output, body })
    }
}

impl Outputs {
    fn read(input: ParseStream, errors: &mut Vec<Error>) -> Option<Self> {
        // A lone `{ .. }` is the body of a model that forgot its sizes.
        let ahead = input.fork();
        let braces = ahead.peek(token::Brace) && ahead.parse::<TokenTree>().is_ok() && !ahead.is_empty();
        if !braces {
            return Sizes::read(input, errors).map(Self::One);
        }
        let named = |input: ParseStream, errors: &mut Vec<Error>| -> Result<Vec<(Ident, Option<Sizes>)>> {
            let inner;
            let brace = braced!(inner in input);
            let mut outputs = Vec::new();
            while !inner.is_empty() {
                if !inner.peek(Ident) || !inner.peek2(Token![:]) {
                    let message = "several outputs are layers by name, each with its sizes: `p3: [256, 52, 52]`";
                    let error = inner.error(message);
                    inner.parse::<TokenStream>()?;
                    return Err(error);
                }
                let name = inner.parse()?;
                inner.parse::<Token![:]>()?;
                outputs.push((name, Sizes::read(&inner, errors)));
                if !inner.is_empty() {
                    inner.parse::<Token![,]>()?;
                }
            }
            if outputs.is_empty() {
                return Err(Error::new(brace.span.join(), "there are no outputs here: `-> { p3: [256, 52, 52], .. }`"));
            }
            Ok(outputs)
        };
        named(input, errors).map_err(|error| errors.push(error)).ok().map(Self::Named)
    }
}

impl Sizes {
    /// Reads sizes, or after a mistake skips what stands in their place.
    fn read(input: ParseStream, errors: &mut Vec<Error>) -> Option<Self> {
        let sizes = Self::parse(input, errors).map_err(|error| errors.push(error)).ok();
        let at_end = |input: ParseStream| {
            input.is_empty()
                || input.peek(Token![,])
                || input.peek(token::Brace)
                || input.peek(Token![->])
                || input.peek(Token![where])
        };
        while sizes.is_none() && !at_end(input) && input.parse::<TokenTree>().is_ok() {}
        sizes
    }

    pub fn parse(input: ParseStream, errors: &mut Vec<Error>) -> Result<Self> {
        if is_doc(input) {
            return Err(input.error(MISPLACED));
        }
        if !input.peek(token::Bracket) {
            return Err(input.error("sizes stand in brackets, as in `[784]` or `[1, 28, 28]`"));
        }
        let inner;
        let bracket = bracketed!(inner in input);
        let mut sizes = Vec::new();
        while !inner.is_empty() {
            let size = match batch(&inner).filter(|_| sizes.is_empty()) {
                Some(batch) => Ok(batch),
                None => argument::parse(&inner, errors),
            };
            let size = size.and_then(|size| match inner.is_empty() || inner.parse::<Token![,]>().is_ok() {
                true => Ok(size),
                false => Err(inner.error("sizes are separated by commas, as in `[1, 28, 28]`")),
            });
            if size.is_err() {
                // Of the rest nothing more is said.
                inner.parse::<TokenStream>()?;
            }
            sizes.push(size?);
        }
        Ok(Self { sizes, ends: bracket.span.join().into() })
    }
}

/// Whether `class Net` follows, as in Python.
fn is_class(input: ParseStream) -> bool {
    input.fork().parse::<Ident>().is_ok_and(|word| word == "class") && input.peek2(Ident)
}

/// Reads `-1`, `*` or `?` in front of other sizes: the batch, as other libraries write it.
fn batch(input: ParseStream) -> Option<Argument> {
    let ahead = input.fork();
    let first: TokenTree = ahead.parse().ok()?;
    let (mut text, mut ends) = (first.to_string(), Ends::from(first.span()));
    if text == "-" {
        let one: LitInt = ahead.parse().ok().filter(|n: &LitInt| n.base10_digits() == "1")?;
        (text, ends.last) = ("-1".into(), one.span());
    }
    if !["-1", "*", "?"].contains(&text.as_str()) || !ahead.peek(Token![,]) {
        return None;
    }
    input.advance_to(&ahead);
    Some(Argument { value: Value::Batch, text, ends })
}
