//! How a tensor starts: `#[init(..)]` and `#[buffer(..)]`.

use proc_macro2::Span;
use quote::{ToTokens, format_ident};
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Error, Expr, Ident, Lit, Meta, Result, Token, parenthesized, token};

use crate::diagnostics::{Diagnostics, Ends, nearest};

/// The functions of `fusion::nn::init`, with how many numbers each takes, and what they are. One that can do without has a
/// sibling of that many, `.._with`.
const STARTS: [(&str, usize, &str); 11] = [
    ("zeros", 0, "no numbers: `zeros`"),
    ("ones", 0, "no numbers: `ones`"),
    ("full", 1, "a number: `full(0.5)`"),
    ("normal", 2, "the mean and the standard deviation: `normal(0.0, 1.0)`"),
    ("uniform", 2, "both ends: `uniform(-1.0, 1.0)`"),
    ("truncated_normal", 4, "the mean, the standard deviation and both ends: `truncated_normal(0.0, 1.0, -2.0, 2.0)`"),
    ("orthogonal", 1, "the length of the rows: `orthogonal(1.0)`"),
    ("kaiming_uniform", 2, "nothing, or a gain and a fan: `kaiming_uniform(gain::RELU, Fan::Out)`"),
    ("kaiming_normal", 2, "nothing, or a gain and a fan: `kaiming_normal(gain::RELU, Fan::Out)`"),
    ("xavier_uniform", 1, "nothing, or a gain: `xavier_uniform(gain::TANH)`"),
    ("xavier_normal", 1, "nothing, or a gain: `xavier_normal(gain::TANH)`"),
];

/// How many of them a buffer can start with: those that are not random.
const FIXED: usize = 3;

/// A function of `fusion::nn::init` with its numbers.
pub struct Filled {
    pub function: Ident,
    pub numbers: Vec<Expr>,
    /// `#[init(..)]`, a parameter, rather than `#[buffer(..)]`.
    pub parameter: bool,
    pub span: Span,
}

/// `#[init(normal(0.0, 1.0))]`; `None` after a mistake.
pub fn filled(attr: &Attribute, parameter: bool, errors: &Diagnostics) -> Option<Filled> {
    let name = if parameter { "init" } else { "buffer" };
    let known = if parameter { &STARTS[..] } else { &STARTS[..FIXED] };
    let names = || known.iter().map(|(name, ..)| *name);
    let Meta::List(list) = &attr.meta else {
        errors.push(
            Ends::of(attr).error(format!("`#[{name}]` does not say how the tensor starts: write `#[{name}(zeros)]`")),
        );
        return None;
    };
    let one_of = || names().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let parser = |input: ParseStream| -> Result<(Ident, Vec<Expr>, Ends)> {
        if input.is_empty() {
            let message = format!("`#[{name}()]` does not say how the tensor starts: write `#[{name}(zeros)]`");
            return Err(Ends::of(attr).error(message));
        }
        if let Ok(value) = input.fork().parse::<Lit>() {
            let message = match &value {
                Lit::Int(_) | Lit::Float(_) => {
                    format!("for a tensor of one number write `full({})`", value.to_token_stream())
                }
                _ => format!("a tensor starts with one of {}", one_of()),
            };
            return Err(Ends::of(value).error(message));
        }
        let function: Ident = input.parse()?;
        let (mut numbers, mut ends) = (Vec::new(), Ends::from(function.span()));
        if input.peek(token::Paren) {
            let inner;
            ends.last = parenthesized!(inner in input).span.close();
            numbers = inner.parse_terminated(<Expr as syn::parse::Parse>::parse, Token![,])?.into_iter().collect();
        }
        if input.is_empty() {
            Ok((function, numbers, ends))
        } else {
            Err(Ends::of(input.parse::<proc_macro2::TokenStream>()?).error("a tensor starts in one way"))
        }
    };
    let (function, numbers, ends) = match parser.parse2(list.tokens.clone()) {
        Ok(parsed) => parsed,
        Err(error) => {
            errors.push(error);
            return None;
        }
    };
    let Some((_, takes, what)) = known.iter().find(|(name, ..)| function == name) else {
        let message = match nearest(&function.to_string(), names(), 3) {
            Some(meant) => format!("there is no start `{function}`: did you mean `{meant}`?"),
            None if STARTS.iter().any(|(name, ..)| function == name) => {
                format!("a buffer is not random: it starts with one of {}", one_of())
            }
            None => format!("there is no start `{function}`: it is one of {}", one_of()),
        };
        errors.push(Error::new(function.span(), message));
        return None;
    };
    let optional = what.starts_with("nothing");
    if numbers.len() != *takes && !(optional && numbers.is_empty()) {
        errors.push(ends.error(format!("`{function}` takes {what}")));
        return None;
    }
    let span = function.span();
    let function = if optional && *takes == numbers.len() { format_ident!("{function}_with") } else { function };
    Some(Filled { function, numbers, parameter, span })
}
