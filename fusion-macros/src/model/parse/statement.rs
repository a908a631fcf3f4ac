//! Lines of other languages among the layers: `self.fc1 = nn.Linear(784, 128)`, `x = F.relu(x)`, `conv-1: ..`.

use proc_macro2::{TokenStream, TokenTree};
use quote::format_ident;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::parse::discouraged::Speculative;
use syn::{Error, Ident, LitInt, Token};

use crate::diagnostics::{Diagnostics, Ends};
use crate::model::ast::{Branch, Part};
use crate::model::parse::call::ORDER;

/// Reads a name with a dash, a point or a space in it and its `:`; `None` if none follows.
pub fn dashed(input: ParseStream, errors: &Diagnostics) -> Option<Ident> {
    let ahead = input.fork();
    let first = ahead.call(Ident::parse_any).ok()?;
    let (mut words, mut last) = (vec![first.to_string()], first.span());
    loop {
        let joined = ahead.parse::<Token![-]>().is_ok() || ahead.parse::<Token![.]>().is_ok();
        // Two words without anything between them are two layers, of which a comma is missing.
        let goes_on = ahead.peek(LitInt) || joined && ahead.peek(Ident::peek_any);
        if !goes_on {
            break;
        }
        let word = ahead.parse::<TokenTree>().ok()?;
        words.push(word.to_string());
        last = word.span();
    }
    if words.len() == 1 || !ahead.peek(Token![:]) || ahead.peek(Token![::]) {
        return None;
    }
    ahead.parse::<Token![:]>().ok()?;
    input.advance_to(&ahead);
    let name = format_ident!("{}", words.join("_"), span = first.span());
    errors.push(Ends { first: first.span(), last }.error(format!("a name is one word: write `{name}`")));
    Some(name)
}

/// Words that begin a statement, in Rust or in Python.
const STATEMENTS: [&str; 8] = ["def", "fn", "for", "if", "let", "match", "return", "while"];

/// Reads a statement and all behind it, as one mistake; nothing if none follows.
pub fn statement(input: ParseStream, errors: &Diagnostics) -> Option<Branch> {
    let word = input.fork().call(Ident::parse_any).ok().filter(|word| STATEMENTS.iter().any(|known| word == known))?;
    if input.peek2(Token![:]) || input.peek2(Token![,]) || input.peek2(Token![<]) {
        return None;
    }
    errors.push(Error::new(word.span(), format!("`{word}` is no layer: {ORDER}")));
    while input.parse::<TokenTree>().is_ok() {}
    Some(Branch { part: Part::Lost, ends: word.span().into() })
}

/// Reads a number that stands where a name does, and its `:`.
pub fn numbered(input: ParseStream, errors: &Diagnostics) -> Option<Ident> {
    if !input.peek(LitInt) || !input.peek2(Token![:]) {
        return None;
    }
    let number: LitInt = input.parse().ok()?;
    input.parse::<Token![:]>().ok()?;
    let name = format_ident!("layer{}", number.base10_digits(), span = number.span());
    let message =
        format!("a name starts with a letter: write `{name}`, or leave it out, as layers without a name have numbers");
    errors.push(Error::new(number.span(), message));
    Some(name)
}

/// Whether `name =` follows, or `self.name =`.
pub fn assigns(input: ParseStream) -> bool {
    assigned(&input.fork()).is_some()
}

/// Reads `name =`, or `self.name =`.
pub fn assigned(input: ParseStream) -> Option<Ident> {
    if input.peek(Token![self]) && input.peek2(Token![.]) {
        input.parse::<Token![self]>().ok()?;
        input.parse::<Token![.]>().ok()?;
    }
    let name = input.parse::<Ident>().ok()?;
    if input.peek(Token![==]) {
        return None;
    }
    if input.parse::<Token![=>]>().is_err() {
        input.parse::<Token![=]>().ok()?;
    }
    Some(name)
}

/// Whether a name stands in what is left of this line, or in brackets on it.
pub fn mentions(tokens: TokenStream, name: &Ident) -> bool {
    let line = tokens.into_iter().take_while(|token| !matches!(token, TokenTree::Punct(p) if p.as_char() == '='));
    line.into_iter().any(|token| match token {
        TokenTree::Ident(word) => word == *name,
        TokenTree::Group(group) => mentions(group.stream(), name),
        _ => false,
    })
}
