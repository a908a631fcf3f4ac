//! Reads what is written in `model!` into its [tree](crate::model::ast). Nothing is refused here but what is no tree.

pub mod call;
pub mod generics;
pub mod layers;
pub mod sizes;
pub mod statement;

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::quote;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Error, Ident, Result, Token, braced, token};

use crate::diagnostics::{Diagnostics, Ends, MISPLACED, is_doc};
use crate::model::ast::{HEAD, Model, Outputs, Sizes, Source, Stated};

/// Reads what `model!` was given. After an error nothing else is worth saying.
pub fn source(tokens: TokenStream, errors: &Diagnostics) -> Result<Source> {
    (|input: ParseStream<'_>| Source::parse(input, errors)).parse2(tokens)
}

impl Source {
    fn parse(input: ParseStream, errors: &Diagnostics) -> Result<Self> {
        if declares(&input.fork()) {
            return Model::parse(input, errors).map(|model| Self::Model(Box::new(model)));
        }
        let layers = layers::body(input, Span::call_site().into(), errors);
        // Names in braces are a declaration without its head. In its place only items can stand.
        let braces = Span::call_site().source_text().is_some_and(|text| text.ends_with('}'));
        match layers.iter().find(|layer| layer.name.is_some()) {
            Some(layer) if braces => Err(Error::new(layer.ends.first, HEAD)),
            _ => Ok(Self::Network(layers)),
        }
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
    if input.peek(Token![<]) && generics::parse(input).is_err() {
        return false;
    }
    if input.peek(Token![:]) && !input.peek(Token![::]) {
        // `Net: [784]` declares, `fc1: Linear<784, 10>` names a layer.
        return !input.peek2(Ident::peek_any);
    }
    input.peek(token::Brace) || input.peek(Token![->]) || input.peek(Token![where])
}

impl Model {
    fn parse(input: ParseStream, errors: &Diagnostics) -> Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        let vis = input.parse()?;
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
        let mut generics = generics::parse(input)?;
        let taken = if input.peek(Token![:]) {
            input.parse::<Token![:]>()?;
            Sizes::read(input, errors)
        } else {
            let message =
                format!("`{name}` does not say what it takes: write `{name}: [784] ..`, with the sizes of one input");
            errors.push(Error::new(name.span(), message));
            None
        };
        let output = if input.peek(Token![->]) {
            input.parse::<Token![->]>()?;
            Outputs::read(input, errors)
        } else if input.peek(token::Bracket) || input.peek(Token![=>]) {
            errors.push(input.error("a `->` stands between what goes in and what comes out: `[784] -> [10]`"));
            let _ = input.parse::<Token![=>]>();
            Outputs::read(input, errors)
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
        let layers = layers::body(&inner, brace.span.join().into(), errors);
        if !input.is_empty() {
            let rest = Ends::of(input.parse::<TokenStream>()?);
            errors.push(rest.error("a `model!` declares one model: this does not belong to it"));
        }
        Ok(Self { attrs, vis, name, generics, input: taken, output, layers })
    }
}

impl Outputs {
    fn read(input: ParseStream, errors: &Diagnostics) -> Option<Self> {
        // A lone `{ .. }` is the body of a model that forgot its sizes.
        let ahead = input.fork();
        let braces = ahead.peek(token::Brace) && ahead.parse::<TokenTree>().is_ok() && !ahead.is_empty();
        if !braces {
            return Sizes::read(input, errors).map(Self::One);
        }
        let named = |input: ParseStream, errors: &Diagnostics| -> Result<Vec<(Ident, Stated)>> {
            let inner;
            let brace = braced!(inner in input);
            let mut outputs = Vec::new();
            while !inner.is_empty() {
                let stated = inner.peek2(Token![:]);
                let alone = inner.peek2(Token![,]) || inner.fork().parse::<Ident>().is_ok() && count(&inner) == 1;
                if !inner.peek(Ident) || !(stated || alone) {
                    let message = "several outputs are layers by name, each with its sizes: `p3: [256, 52, 52]`";
                    let error = inner.error(message);
                    inner.parse::<TokenStream>()?;
                    return Err(error);
                }
                let name = inner.parse()?;
                if stated {
                    inner.parse::<Token![:]>()?;
                    outputs.push((name, Stated::Sizes(Sizes::read(&inner, errors))));
                } else {
                    outputs.push((name, Stated::Nothing));
                }
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

/// How many tokens follow.
fn count(input: ParseStream) -> usize {
    input.fork().parse::<TokenStream>().map_or(0, |tokens| tokens.into_iter().count())
}

/// Whether `class Net` follows, as in Python.
fn is_class(input: ParseStream) -> bool {
    input.fork().parse::<Ident>().is_ok_and(|word| word == "class") && input.peek2(Ident)
}

/// The conditions above a model, `#[cfg(..)]`, and the model without them; `None` if there are none.
pub fn conditions(tokens: TokenStream) -> Option<(Vec<Attribute>, TokenStream)> {
    let parse = |input: ParseStream<'_>| Ok((input.call(Attribute::parse_outer)?, input.parse::<TokenStream>()?));
    let (attrs, model) = parse.parse2(tokens).ok()?;
    let (conditions, attrs): (Vec<_>, Vec<_>) = attrs.into_iter().partition(|attr| attr.path().is_ident("cfg"));
    (!conditions.is_empty()).then(|| (conditions, quote!(#(#attrs)* #model)))
}
