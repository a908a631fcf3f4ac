//! `ix!`: what is picked of each axis. A closure goes from axis to axis, with a call for each index, so that what an index does not
//! fit is said where it stands. Literals are in the types of the calls.

use fusion_rules::{MAX_SIZE, Mistake};
use proc_macro2::{Delimiter, Group, Ident, Literal, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Error, Expr, ExprRange, Lit, RangeLimits, Result, Token, UnOp};

use crate::diagnostics::{Diagnostics, Ends, compile_errors, within};
use crate::size;

/// What stands between two commas.
enum Item {
    /// `...`
    Rest(Token![...]),
    /// `new`
    New(Ident),
    /// `1..10; 2`
    Range(ExprRange, Option<Expr>),
    /// `&rows`
    Tensor(Expr),
    /// `-1`, `i`
    Number(Expr),
}

impl Parse for Item {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        if input.peek(Token![...]) {
            return input.parse().map(Item::Rest);
        }
        let ends_here = |ahead: ParseStream<'_>| ahead.is_empty() || ahead.peek(Token![,]);
        let ahead = input.fork();
        if let Ok(name) = ahead.parse::<Ident>()
            && ends_here(&ahead)
        {
            match name.to_string().as_str() {
                "new" => return input.parse().map(Item::New),
                "None" | "NewAxis" | "newaxis" => return Err(Error::new(name.span(), "a new axis is written `new`")),
                _ => {}
            }
        }
        if input.peek(Token![_]) {
            return Err(input.error("an axis as a whole is written `..`, a new one `new`"));
        }
        if input.peek(Token![::]) {
            return Err(input.error("every second element is written `..; 2`"));
        }
        if input.peek(Token![:]) {
            return Err(input.error("a range is written `..3`, an axis as a whole `..`"));
        }
        let expr: Expr = input.parse()?;
        if input.peek(Token![:]) {
            return Err(input.error("a range is written `1..3`, with two dots"));
        }
        let step = match input.parse::<Option<Token![;]>>()? {
            Some(_) => Some(input.parse::<Expr>()?),
            None => None,
        };
        if !ends_here(input) {
            return Err(input.error("a comma stands between the indices of two axes"));
        }
        match (expr, step) {
            (Expr::Range(range), step) => Ok(Item::Range(range, step)),
            (_, Some(step)) => Err(Error::new_spanned(step, "a step stands behind a range: `1..10; 2`")),
            (expr @ Expr::Reference(_), None) => Ok(Item::Tensor(expr)),
            (expr, None) => Ok(Item::Number(expr)),
        }
    }
}

/// A number that is written, from the front or from the end; `None` if the run knows it.
#[derive(Clone, Copy)]
enum Place {
    Front(usize),
    End(usize),
}

impl Place {
    fn value(self) -> i64 {
        match self {
            Place::Front(n) => n as i64,
            Place::End(n) => -(n as i64),
        }
    }
}

/// The number that an expression is, if it is a literal.
fn literal(expr: &Expr) -> Result<Option<Place>> {
    match expr {
        Expr::Paren(inner) => literal(&inner.expr),
        Expr::Group(inner) => literal(&inner.expr),
        Expr::Lit(lit) => match &lit.lit {
            Lit::Int(int) => match int.base10_parse::<usize>() {
                Ok(n @ 0..=MAX_SIZE) => Ok(Some(Place::Front(n))),
                _ => Err(Error::new_spanned(expr, Mistake::TooManyDigits)),
            },
            _ => Err(Error::new_spanned(expr, "an index is a whole number")),
        },
        Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => Ok(match literal(&unary.expr) {
            Ok(Some(Place::Front(n))) if n > 0 => Some(Place::End(n)),
            Ok(place) => place,
            Err(error) => return Err(Ends::of(expr).error(error)),
        }),
        _ => Ok(None),
    }
}

/// Expands `ix!`.
pub fn expand(tokens: TokenStream) -> TokenStream {
    let parse = Punctuated::<Item, Token![,]>::parse_terminated;
    let items: Vec<Item> = match syn::parse::Parser::parse2(parse, tokens) {
        Ok(items) => items.into_iter().collect(),
        Err(error) => return error.to_compile_error(),
    };
    let errors = Diagnostics::new();
    let mut calls = TokenStream::new();
    let mut rests = 0;
    for (i, item) in items.iter().enumerate() {
        if let Item::Rest(dots) = item {
            rests += 1;
            if rests > 1 {
                errors.push(Error::new_spanned(dots, "`...` stands for all axes that are left: there is one of it"));
            }
        }
        let behind = items[i + 1..].iter().filter(|item| !matches!(item, Item::New(_))).count();
        match call(item, behind) {
            Ok(call) => calls.extend(call),
            Err(error) => errors.push(error),
        }
    }
    let errors = errors.take();
    if !errors.is_empty() {
        let errors = compile_errors(&errors);
        return quote!({ #errors });
    }
    let axes = axes(Span::call_site());
    quote!(|#axes| { #calls #axes.end() })
}

/// The call for an index, behind which there are those for so many axes.
fn call(item: &Item, behind: usize) -> Result<TokenStream> {
    match item {
        Item::Rest(dots) => {
            let behind = Literal::usize_unsuffixed(behind);
            Ok(method(Ends::of(dots), "rest", quote!(_, #behind), TokenStream::new()))
        }
        Item::New(name) => Ok(method(Ends::of(name), "fresh", TokenStream::new(), TokenStream::new())),
        Item::Tensor(expr) => Ok(method(Ends::of(expr), "choose", TokenStream::new(), quote!(#expr))),
        Item::Number(expr) => {
            let ends = Ends::of(expr);
            Ok(match literal(expr)? {
                Some(Place::Front(n)) => method(ends, "number", with_axis(&dimension(n, ends)), TokenStream::new()),
                Some(Place::End(n)) => method(ends, "from_end", with_axis(&dimension(n, ends)), TokenStream::new()),
                None => method(ends, "place", TokenStream::new(), quote!(#expr)),
            })
        }
        Item::Range(range, step) => self::range(range, step.as_ref()),
    }
}

fn range(range: &ExprRange, step: Option<&Expr>) -> Result<TokenStream> {
    let ends = Ends::of(range);
    let place = |bound: &Option<Box<Expr>>| bound.as_deref().map(literal).transpose();
    let (start, end) = (place(&range.start)?, place(&range.end)?);
    let end = match (&range.limits, &range.end, end) {
        (RangeLimits::Closed(_), Some(_), Some(Some(Place::Front(n)))) => Some(Some(Place::Front(n + 1))),
        (RangeLimits::Closed(_), Some(_), Some(Some(Place::End(n)))) => Some(Some(Place::End(n - 1))),
        (RangeLimits::Closed(_), ..) => {
            return Err(ends.error("where the end is not written as a number, it stands behind `..`: `..last + 1`"));
        }
        (RangeLimits::HalfOpen(_), _, end) => end,
    };
    let by = match step.map(literal).transpose()? {
        None => Some(1),
        Some(Some(Place::Front(0) | Place::End(_))) => {
            return Err(Ends::of(step).error("a step is at least 1: `flip` reverses an axis"));
        }
        Some(Some(Place::Front(n))) => Some(n),
        Some(None) => None,
    };
    if range.start.is_none() && range.end.is_none() && by == Some(1) {
        return Ok(method(ends, "all", TokenStream::new(), TokenStream::new()));
    }
    // From where to where, if both are known: an end that is left out is 0 from the end.
    let from = start.unwrap_or(Some(Place::Front(0)));
    let to = end.unwrap_or(Some(Place::End(0)));
    let backwards = || ends.error("a range goes upwards: this one has no elements");
    let (Some(from), Some(to), Some(by)) = (from, to, by) else { return Ok(run(range, from, to, step, ends)) };
    let count = |n: usize| dimension(n.div_ceil(by), ends);
    let (name, types) = match (from, to) {
        (Place::Front(a), Place::Front(b)) => {
            let count = count(b.checked_sub(a).ok_or_else(backwards)?);
            let needs = dimension(b, ends);
            ("part", quote!(#count, #needs, _))
        }
        (Place::End(a), Place::End(b)) => {
            let count = count(a.checked_sub(b).ok_or_else(backwards)?);
            let needs = dimension(a, ends);
            ("part", quote!(#count, #needs, _))
        }
        (Place::Front(a), Place::End(b)) if a + b <= MAX_SIZE => {
            let (out, up, by) = (dimension(a + b, ends), dimension(by - 1, ends), dimension(by, ends));
            ("without", quote!(#out, #up, #by, _))
        }
        // How many these are follows from the size in a way that differs from size to size.
        _ => return Ok(run(range, Some(from), Some(to), step, ends)),
    };
    let (from, by) = (from.value(), by as i64);
    let to = upper(Some(to), None);
    Ok(method(ends, name, types, quote!(#from, #to, #by)))
}

/// The end of a range, for the run.
fn upper(to: Option<Place>, expr: Option<&Expr>) -> TokenStream {
    match (to, expr) {
        (Some(Place::End(0)), _) => quote!(::core::option::Option::None::<i64>),
        (Some(place), _) => {
            let to = place.value();
            quote!(::core::option::Option::Some(#to))
        }
        (None, expr) => quote!(::core::option::Option::Some(#expr)),
    }
}

/// A range that the run knows.
fn run(range: &ExprRange, from: Option<Place>, to: Option<Place>, step: Option<&Expr>, ends: Ends) -> TokenStream {
    let from = match from {
        Some(place) => place.value().to_token_stream(),
        None => range.start.to_token_stream(),
    };
    let to = upper(to, range.end.as_deref());
    let step = step.map_or_else(|| quote!(1i64), ToTokens::to_token_stream);
    method(ends, "run", TokenStream::new(), quote!(#from, #to, #step))
}

/// A size as a type, where it is used.
fn dimension(n: usize, ends: Ends) -> TokenStream {
    let mut n = Literal::usize_unsuffixed(n);
    n.set_span(within(ends.first));
    size::dim(n.into_token_stream())
}

/// A number's type, and that of its axis, which follows.
fn with_axis(number: &TokenStream) -> TokenStream {
    quote!(#number, _)
}

/// The axes so far, as a name at a place of the user's.
fn axes(at: Span) -> Ident {
    Ident::new("axes", within(at))
}

/// A call of a method, a statement of its own, so that rustc underlines the index whatever it blames.
fn method(ends: Ends, name: &str, types: TokenStream, args: TokenStream) -> TokenStream {
    let span = within(ends.first);
    let name = Ident::new(name, span);
    let mut args = Group::new(Delimiter::Parenthesis, args);
    args.set_span(within(ends.last));
    let types = (!types.is_empty()).then(|| quote_spanned!(span=> ::<#types>));
    let axes = axes(ends.first);
    quote_spanned!(span=> let #axes = #axes.#name #types #args;)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(tokens: TokenStream) -> String {
        tokens.to_string().replace(' ', "").replace("::fusion::dim::", "").replace("::core::option::Option::", "")
    }

    #[track_caller]
    fn calls(tokens: TokenStream, expected: &str) {
        let text = text(expand(tokens)).replace("letaxes=axes", "").replace(");", ")");
        assert_eq!(text, format!("|axes|{{{expected}axes.end()}}"));
    }

    #[test]
    fn literals_are_types() {
        calls(quote!(), "");
        calls(quote!(.., 2, -1), ".all().number::<Num<2>,_>().from_end::<Num<1>,_>()");
        calls(quote!(1..3), ".part::<Num<2>,Num<3>,_>(1i64,Some(3i64),1i64)");
        calls(quote!(1..=3), ".part::<Num<3>,Num<4>,_>(1i64,Some(4i64),1i64)");
        calls(quote!(1..8;3), ".part::<Num<3>,Num<8>,_>(1i64,Some(8i64),3i64)");
        calls(quote!(-3..), ".part::<Num<3>,Num<3>,_>(-3i64,None::<i64>,1i64)");
        calls(quote!(-3..=-1), ".part::<Num<3>,Num<3>,_>(-3i64,None::<i64>,1i64)");
        calls(quote!(2..), ".without::<Num<2>,Num<0>,Num<1>,_>(2i64,None::<i64>,1i64)");
        calls(quote!(2..-1;2), ".without::<Num<3>,Num<1>,Num<2>,_>(2i64,Some(-1i64),2i64)");
        calls(quote!(..;2), ".without::<Num<0>,Num<1>,Num<2>,_>(0i64,None::<i64>,2i64)");
        calls(quote!(..5000), ".part::<Big4<5,0,0,0>,Big4<5,0,0,0>,_>(0i64,Some(5000i64),1i64)");
        calls(quote!(-0), ".number::<Num<0>,_>()");
    }

    #[test]
    fn the_rest_is_for_the_run() {
        calls(quote!(i, &rows, new), ".place(i).choose(&rows).fresh()");
        calls(quote!(a..b), ".run(a,Some(b),1i64)");
        calls(quote!(..n;s), ".run(0i64,Some(n),s)");
        calls(quote!(-3..9), ".run(-3i64,Some(9i64),1i64)");
        calls(quote!(..., new, 0, ..), ".rest::<_,2>().fresh().number::<Num<0>,_>().all()");
    }

    #[test]
    fn every_mistake_is_one_sentence() {
        for (tokens, sentence) in [
            (quote!(..., 0, ...), "there is one of it"),
            (quote!(1.5), "an index is a whole number"),
            (quote!(-1.5), "an index is a whole number"),
            (quote!(1000000000), "at most nine digits"),
            (quote!(3..1), "a range goes upwards"),
            (quote!(-1..-3), "a range goes upwards"),
            (quote!(0..9;0), "a step is at least 1"),
            (quote!(..;-1), "a step is at least 1"),
            (quote!(..=n), "it stands behind `..`"),
            (quote!(3;2), "a step stands behind a range"),
            (quote!(_), "a new one `new`"),
            (quote!(None), "a new axis is written `new`"),
            (quote!(1:3), "with two dots"),
            (quote!(::2), "`..; 2`"),
            (quote!(:), "an axis as a whole `..`"),
            (quote!(1 2), "a comma stands between"),
        ] {
            let text = expand(tokens).to_string();
            assert_eq!(text.matches("compile_error").count(), 1, "{text}");
            assert!(text.contains(sentence), "{text}");
        }
    }
}
