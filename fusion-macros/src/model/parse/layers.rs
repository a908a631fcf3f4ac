//! Reads the layers of `model!`.

use proc_macro2::TokenTree;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::parse::discouraged::Speculative;
use syn::spanned::Spanned;
use syn::{Attribute, Error, Ident, LitInt, Path, Result, Token, braced, token};

use crate::diagnostics::{Diagnostics, Ends, MISPLACED, is_keyword};
use crate::model::ast::{Branch, Layer, Part, Sizes};
use crate::model::parse::call::{self, ORDER, is_named};
use crate::model::parse::statement;
use crate::size::argument::{self, Argument};

/// Reads layers to the end. After a mistake it goes on with the next layer that has a name.
pub fn body(input: ParseStream, whole: Ends, errors: &Diagnostics) -> Vec<Layer> {
    if input.is_empty() {
        errors.push(whole.error("a model has at least one layer"));
    }
    layers(input, errors)
}

fn layers(input: ParseStream, errors: &Diagnostics) -> Vec<Layer> {
    let mut layers = Vec::new();
    while !input.is_empty() {
        let start = input.span();
        let name = if input.peek2(Token![:]) { input.fork().call(Ident::parse_any).ok() } else { None };
        match Layer::parse(input, errors) {
            Ok(layer) => layers.push(layer),
            Err(error) => {
                errors.push(error);
                skip(input);
                let _ = input.parse::<Token![,]>();
                layers.push(Layer {
                    attrs: Vec::new(),
                    name: name.filter(|name| !is_keyword(name)),
                    part: Part::Lost,
                    output: None,
                    ends: start.into(),
                });
                continue;
            }
        }
        if input.is_empty() || input.parse::<Token![,]>().is_ok() {
            continue;
        }
        if input.peek(Token![;]) {
            errors.push(input.error("layers are separated by `,`"));
            let _ = input.parse::<Token![;]>();
        } else if statement::assigns(input) {
            // The next line is another language's, which is said there.
        } else if let Some(layer) = layers.last() {
            errors.push(input.error(format!("a `,` is missing between `{}` and this", layer.text())));
            if !input.peek(Ident) {
                skip(input);
            }
        }
    }
    layers
}

/// Skips to the end, or to a layer with a name.
fn skip(input: ParseStream) {
    while !input.is_empty() && !is_named(input) {
        if input.parse::<TokenTree>().is_err() {
            return;
        }
    }
}

impl Layer {
    fn parse(input: ParseStream, errors: &Diagnostics) -> Result<Self> {
        if input.peek(Token![#]) && input.peek2(Token![!]) {
            // Attributes of what is around.
            let error = input.error(MISPLACED);
            input.call(Attribute::parse_inner)?;
            errors.push(error);
        }
        let attrs = input.call(Attribute::parse_outer)?;
        let start = input.span();
        let mut name = None;
        if let (true, Some(attr)) = (input.is_empty(), attrs.first()) {
            return Err(Ends::of(attr).error(MISPLACED));
        }
        if let Some((name, Branch { part, ends })) = assignment(input, errors) {
            return Ok(Self { attrs, name, part, output: None, ends });
        }
        if let Some(Branch { part, ends }) = statement::statement(input, errors) {
            return Ok(Self { attrs, name, part, output: None, ends });
        }
        let odd = statement::dashed(input, errors).or_else(|| statement::numbered(input, errors));
        if let Some(word) = odd {
            name = Some(word);
        } else if is_named(input) {
            let mut word = input.call(Ident::parse_any)?;
            if is_keyword(&word) {
                let message = format!("`{word}` is a keyword of Rust: choose another name for this layer");
                errors.push(Error::new(word.span(), message));
                word = Ident::new(&format!("{word}_"), word.span());
            }
            name = Some(word);
            input.parse::<Token![:]>()?;
        }
        let Branch { part, mut ends } = join(input, errors)?;
        ends.first = start;
        let other = input.peek(Token![*]) || input.peek(Token![/]) || input.peek(Token![&]);
        if other || input.peek(Token![-]) && !input.peek(Token![->]) {
            let message =
                "branches are added, `_ + { .. }`, or joined along the channels, `_ | { .. }`: there are no others";
            return Err(input.error(message));
        }
        if let (Some(name), Part::Tap(tap)) = (&name, &part) {
            let message = format!("`@{tap}` is what `{tap}` gives, and has no other name: leave `{name}:` out");
            return Err(ends.error(message));
        }
        if matches!(part, Part::Identity) {
            let message = "`_` is a branch that does nothing, as in `_ + { .. }`: by itself it is no layer";
            return Err(ends.error(message));
        }
        let mut output = None;
        if input.peek(Token![->]) {
            input.parse::<Token![->]>()?;
            output = Some(Sizes::parse(input, errors)?);
        }
        Ok(Self { attrs, name, part, output, ends })
    }
}

/// Reads `fc1 = ..`, the name and the layer; of a step of a computation, all that is left. Either is one mistake.
fn assignment(input: ParseStream, errors: &Diagnostics) -> Option<(Option<Ident>, Branch)> {
    let start = input.span();
    let ahead = input.fork();
    let name = statement::assigned(&ahead)?;
    input.advance_to(&ahead);
    // What is computed from a value of the same name is a step.
    let variable = statement::mentions(input.fork().parse().ok()?, &name);
    // What is wrong behind the `=` is said once this is right.
    let ahead = Diagnostics::new();
    let value = join(input, &ahead);
    ahead.discard();
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

/// Parts between `|`s.
fn join(input: ParseStream, errors: &Diagnostics) -> Result<Branch> {
    several(sum(input, errors)?, |input| input.parse::<Token![|]>().is_ok(), sum, Part::Join, input, errors)
}

/// Parts between `+`s.
fn sum(input: ParseStream, errors: &Diagnostics) -> Result<Branch> {
    several(branch(input, errors)?, |input| input.parse::<Token![+]>().is_ok(), branch, Part::Sum, input, errors)
}

fn several(
    first: Branch,
    goes_on: impl Fn(ParseStream) -> bool,
    next: impl Fn(ParseStream, &Diagnostics) -> Result<Branch>,
    whole: impl Fn(Vec<Branch>) -> Part,
    input: ParseStream,
    errors: &Diagnostics,
) -> Result<Branch> {
    let mut parts = vec![first];
    while goes_on(input) {
        parts.push(next(input, errors)?);
    }
    if parts.len() == 1 {
        return Ok(parts.remove(0));
    }
    let ends = Ends { first: parts[0].ends.first, last: parts[parts.len() - 1].ends.last };
    Ok(Branch { part: whole(parts), ends })
}

fn branch(input: ParseStream, errors: &Diagnostics) -> Result<Branch> {
    if input.peek(Token![_]) {
        let hole: Token![_] = input.parse()?;
        return Ok(Branch { part: Part::Identity, ends: hole.span().into() });
    }
    if input.peek(Token![@]) {
        let at: Token![@] = input.parse()?;
        if !input.peek(Ident::peek_any) {
            return Err(Error::new(at.span, "`@` goes on from the layer whose name is behind it: `@stem`"));
        }
        let name = input.call(Ident::parse_any)?;
        let ends = Ends { first: at.span, last: name.span() };
        return Ok(Branch { part: Part::Tap(name), ends });
    }
    if is_named(input) {
        return named(input, errors);
    }
    if let Some(count) = count(input, errors)? {
        input.parse::<Token![*]>()?;
        if input.peek(Token![_]) || input.peek(Token![@]) || count_follows(input) {
            return Err(input.error("what is repeated is a layer or a group of layers: `4 * Block<64>`, `4 * { .. }`"));
        }
        let part = branch(input, errors)?;
        let ends = Ends { first: count.ends.first, last: part.ends.last };
        return Ok(Branch { part: Part::Repeat(count, Box::new(part)), ends });
    }
    if input.peek(token::Brace) {
        let inner;
        let brace = braced!(inner in input);
        let whole = Ends { first: brace.span.open(), last: brace.span.close() };
        if inner.is_empty() {
            errors.push(whole.error("there are no layers in these braces: a branch that does nothing is `_`"));
            return Ok(Branch { part: Part::Lost, ends: whole });
        }
        return Ok(Branch { part: Part::Group(layers(&inner, errors)), ends: whole });
    }
    call::parse(input, errors)
}

/// A branch with a name, which stands in braces.
fn named(input: ParseStream, errors: &Diagnostics) -> Result<Branch> {
    let name: Ident = input.call(Ident::parse_any)?;
    input.parse::<Token![:]>()?;
    let Branch { part, ends } = branch(input, errors)?;
    let ends = Ends { first: name.span(), last: ends.last };
    let layer = Layer { attrs: Vec::new(), name: Some(name), part, output: None, ends };
    errors.push(ends.error(format!("a branch with a name stands in braces: write `{{ {} }}`", layer.text())));
    Ok(Branch { part: Part::Group(vec![layer]), ends })
}

/// Whether `count *` follows.
fn count_follows(input: ParseStream) -> bool {
    let ahead = input.fork();
    let counted = if ahead.peek(LitInt) || ahead.peek(token::Brace) {
        ahead.parse::<TokenTree>().is_ok()
    } else {
        Path::parse_mod_style(&ahead).is_ok()
    };
    counted && ahead.peek(Token![*])
}

/// A count that a `*` follows.
fn count(input: ParseStream, errors: &Diagnostics) -> Result<Option<Argument>> {
    if !count_follows(input) {
        if input.peek(LitInt) {
            let number: LitInt = input.parse()?;
            return Err(Error::new(number.span(), format!("a number repeats a layer: `{number} * Block<64>`")));
        }
        return Ok(None);
    }
    argument::count(input, errors).map(Some)
}
