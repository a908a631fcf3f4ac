//! Lines of other languages among the layers: `self.fc1 = nn.Linear(784, 128)`, `x = F.relu(x)`, `conv-1: ..`.

use proc_macro2::TokenTree;
use quote::format_ident;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::parse::discouraged::Speculative;
use syn::{Error, Ident, LitInt, Token};

use crate::call::ORDER;
use crate::network::{Branch, Part, join};
use crate::report::Ends;

/// Reads a name with a dash in it and its `:`; `None` if none follows.
pub fn dashed(input: ParseStream, errors: &mut Vec<Error>) -> Option<Ident> {
    let ahead = input.fork();
    let first = ahead.call(Ident::parse_any).ok()?;
    let (mut words, mut last) = (vec![first.to_string()], first.span());
    while ahead.parse::<Token![-]>().is_ok() {
        if !ahead.peek(Ident::peek_any) && !ahead.peek(LitInt) {
            return None;
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
    errors.push(Ends { first: first.span(), last }.error(format!("a name has no `-` in it: write `{name}`")));
    Some(name)
}

/// Whether `name =` follows, or `self.name =`.
pub fn assigns(input: ParseStream) -> bool {
    assigned(&input.fork()).is_some()
}

fn assigned(input: ParseStream) -> Option<Ident> {
    if input.peek(Token![self]) && input.peek2(Token![.]) {
        input.parse::<Token![self]>().ok()?;
        input.parse::<Token![.]>().ok()?;
    }
    let name = input.parse::<Ident>().ok()?;
    if input.peek(Token![==]) {
        return None;
    }
    input.parse::<Token![=]>().ok()?;
    Some(name)
}

/// Reads `fc1 = ..`, the name and the layer; of a step of a computation, all that is left. Either is one mistake.
pub fn assignment(input: ParseStream, errors: &mut Vec<Error>) -> Option<(Option<Ident>, Branch)> {
    let start = input.span();
    let ahead = input.fork();
    let name = assigned(&ahead)?;
    input.advance_to(&ahead);
    // What is wrong behind the `=` is said once this is right.
    let value = join(input, &mut Vec::new());
    let variable = ["x", "y", "h", "z", "out", "output", "logits"].contains(&name.to_string().as_str());
    if let Ok(Branch { part, ends }) = value
        && !variable
        && !matches!(&part, Part::Lost)
        && !part.call().is_some_and(|call| call.is_function())
    {
        let ends = Ends { first: start, last: ends.last };
        errors.push(ends.error(format!("a layer's name is followed by `:`: write `{name}: {}`", part.text())));
        return Some((Some(name), Branch { part, ends }));
    }
    let ends = Ends { first: start, last: name.span() };
    errors.push(ends.error(format!("`{name} = ..` is no layer: {ORDER}")));
    while input.parse::<TokenTree>().is_ok() {}
    Some((None, Branch { part: Part::Lost, ends }))
}
