//! Shapes as they are written: `[1, 28, 28]`.

use proc_macro2::{TokenStream, TokenTree};
use syn::parse::ParseStream;
use syn::parse::discouraged::Speculative;
use syn::{LitInt, Result, Token, bracketed, token};

use crate::diagnostics::{Diagnostics, Ends, MISPLACED, is_doc};
use crate::model::ast::Sizes;
use crate::size::argument::{self, Argument, Value};

impl Sizes {
    /// Reads sizes, or after a mistake skips what stands in their place.
    pub fn read(input: ParseStream, errors: &Diagnostics) -> Option<Self> {
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

    pub fn parse(input: ParseStream, errors: &Diagnostics) -> Result<Self> {
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
