//! `dim!` and `shape!`: sizes and shapes as types.
//!
//! A size of literals is worked out here, and spelled as its one canonical type. A size with a const in it is left to
//! const evaluation.

pub mod argument;

use fusion_rules::{Dims, MAX_RANK, Mistake, difference, product, quotient, remainder, size, sum};
use proc_macro2::{Delimiter, Group, Literal, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{
    BinOp, Error, Expr, ExprBinary, GenericArgument, Lit, LitInt, PathArguments, Result, Token, Type, TypeParamBound,
    UnOp,
};

/// Expands `dim!(9216)`: the dimension of a constant expression.
pub fn dim(input: TokenStream) -> TokenStream {
    match syn::parse2::<Size>(input).and_then(|Size(expr)| dimension(&expr)) {
        Ok(dimension) => dimension,
        Err(error) => lost(&error),
    }
}

/// A mistake in the place of a type, about which rustc is then silent.
fn lost(error: &Error) -> TokenStream {
    let error = error.to_compile_error();
    quote!(::fusion::__private::LostType<{ #error }>)
}

/// Expands `shape![Dyn, 3, 224, 224]`: the tuple of the dimensions of some sizes and types.
pub fn shape(input: TokenStream) -> TokenStream {
    match syn::parse2(input).and_then(|Axes(axes)| tuple(&axes)) {
        Ok(shape) => shape,
        Err(error) => lost(&error),
    }
}

fn tuple(axes: &[Axis]) -> Result<TokenStream> {
    if let Some(axis) = axes.get(MAX_RANK) {
        let text = Mistake::Rank { rank: axes.len() }.to_string();
        return Err(Error::new_spanned(axis, text));
    }
    let mut known = Dims::SCALAR;
    let mut types = Vec::new();
    for axis in axes {
        types.push(match axis {
            Axis::Size(expr) => {
                known = known.push(fusion_rules::Size::Known(value(expr)?.unwrap_or(1)));
                dimension(expr)?
            }
            Axis::Type(ty) => open(ty).unwrap_or_else(|| ty.to_token_stream()),
        });
    }
    if !known.is_tensor() {
        return Err(Error::new_spanned(quote!(#(#axes)*), Mistake::Elements { shape: known }));
    }
    Ok(quote!((#(#types,)*)))
}

/// The one argument of `dim!`.
struct Size(Expr);

impl Parse for Size {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        if input.is_empty() {
            return Err(input.error("a size is missing: `dim!(9216)`"));
        }
        let size = input.parse()?;
        if !input.is_empty() {
            return Err(input.error("`dim!` takes one size; several make a shape: `shape![3, 224, 224]`"));
        }
        Ok(Size(size))
    }
}

/// An axis of `shape!`: a size to be worked out, or a type as it stands.
enum Axis {
    Size(Expr),
    Type(Type),
}

impl Parse for Axis {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        if input.peek(syn::token::Brace) {
            // As in Rust's own const arguments: braces tell an expression from a type.
            let content;
            syn::braced!(content in input);
            let size = content.parse()?;
            if !content.is_empty() {
                return Err(content.error("one size stands between these braces"));
            }
            return Ok(Axis::Size(size));
        }
        // What is a type up to the next comma is one; `4 * WIDTH` and `WIDTH / 2` are not.
        let ahead = input.fork();
        if let Ok(ty) = ahead.call(Type::without_plus)
            && (ahead.is_empty() || ahead.peek(Token![,]))
            && !matches!(ty, Type::Paren(_))
        {
            input.call(Type::without_plus)?;
            return Ok(Axis::Type(ty));
        }
        input.parse().map(Axis::Size)
    }
}

impl ToTokens for Axis {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Axis::Size(expr) => expr.to_tokens(tokens),
            Axis::Type(ty) => ty.to_tokens(tokens),
        }
    }
}

/// The arguments of `shape!`.
struct Axes(Vec<Axis>);

impl Parse for Axes {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let axes = Punctuated::<Axis, Token![,]>::parse_terminated(input)?;
        Ok(Axes(axes.into_iter().collect()))
    }
}

/// `Dyn` and `Dyn<Batch>` mean Fusion's own, whether imported or not.
fn open(ty: &Type) -> Option<TokenStream> {
    let Type::Path(path) = ty else { return None };
    let segment = path.path.segments.first()?;
    let plain = path.qself.is_none() && path.path.leading_colon.is_none() && path.path.segments.len() == 1;
    (plain && segment.ident == "Dyn").then(|| quote_spanned!(segment.ident.span()=> ::fusion::dim::#segment))
}

/// The type of a size.
fn dimension(expr: &Expr) -> Result<TokenStream> {
    match value(expr)? {
        Some(n) => size(n).map(|n| spell(n, expr.span())).map_err(|mistake| wrong(expr, mistake)),
        // A panic of the first is the one error; without arithmetic there is nothing that can go wrong twice.
        None => {
            let (strict, lenient) = (checked(expr, "ok"), checked(expr, "or_zero"));
            Ok(quote_spanned!(expr.span()=> ::fusion::dim_of!(#strict, #lenient)))
        }
    }
}

/// The number of a dimension type that is written: of `dim!(784)`, `Num<784>` or `Big4<9, 2, 1, 6>`.
pub fn number(ty: &Type) -> Option<usize> {
    if let Type::Macro(dim) = ty {
        let called = dim.mac.path.segments.last().is_some_and(|last| last.ident == "dim");
        return called
            .then(|| syn::parse2::<Expr>(dim.mac.tokens.clone()).ok())
            .flatten()
            .and_then(|n| value(&n).ok()?);
    }
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last()?;
    let PathArguments::AngleBracketed(args) = &last.arguments else { return None };
    if last.ident != "Num" && !last.ident.to_string().starts_with("Big") {
        return None;
    }
    let digits = args.args.iter().map(|arg| match arg {
        GenericArgument::Const(Expr::Lit(lit)) => literal(&lit.lit).ok(),
        _ => None,
    });
    digits.into_iter().try_fold(0, |n, digit| Some(n * 10 + digit?))
}

/// The canonical type of `n`: `Num<784>`, `Big4<9, 2, 1, 6>`.
fn spell(n: usize, span: Span) -> TokenStream {
    if n < 1000 {
        let n = Literal::usize_unsuffixed(n);
        return quote_spanned!(span=> ::fusion::dim::Num<#n>);
    }
    let digits: Vec<_> = n.to_string().bytes().map(|digit| Literal::u8_unsuffixed(digit - b'0')).collect();
    let big = format_ident!("Big{}", digits.len(), span = span);
    quote_spanned!(span=> ::fusion::dim::#big<#(#digits),*>)
}

fn wrong(at: &impl ToTokens, mistake: Mistake) -> Error {
    Error::new_spanned(at, mistake)
}

/// The value of an expression of literals; `None` if it has something else in it, which const evaluation will know.
fn value(expr: &Expr) -> Result<Option<usize>> {
    match expr {
        Expr::Lit(lit) => literal(&lit.lit).map(Some),
        Expr::Paren(inner) => value(&inner.expr),
        Expr::Group(inner) => value(&inner.expr),
        Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => {
            let message = "a size cannot be negative: one that follows from the others is `Dyn`, as in `reshape`";
            Err(Error::new_spanned(unary, message))
        }
        Expr::Binary(binary) => operation(binary),
        Expr::Infer(_) => Err(Error::new_spanned(expr, "only `model!` infers sizes: write this one")),
        Expr::Range(_) | Expr::Tuple(_) | Expr::Array(_) | Expr::Assign(_) => {
            Err(Error::new_spanned(expr, "this is not a size: a size is a number, such as 9216"))
        }
        _ => Ok(None),
    }
}

/// An expression with its arithmetic done by the rules for sizes, whose mistakes `then` deals with.
pub fn checked(expr: &Expr, then: &str) -> TokenStream {
    match expr {
        Expr::Paren(inner) => checked(&inner.expr, then),
        Expr::Group(inner) => checked(&inner.expr, then),
        Expr::Binary(binary) => {
            let (left, right) = (checked(&binary.left, then), checked(&binary.right, then));
            let rule = operator(&binary.op).map_or("sum", |(name, _)| name);
            call(binary, then, &call(binary, rule, &quote!(#left, #right)))
        }
        _ => expr.to_token_stream(),
    }
}

/// A call of a hidden function, under which rustc underlines all of `expr`: from its first token to its last.
fn call(expr: &ExprBinary, function: &str, args: &TokenStream) -> TokenStream {
    let at = |token: Option<TokenTree>| {
        let span = token.map_or_else(Span::call_site, |token| token.span());
        Span::call_site().located_at(span)
    };
    let tokens = expr.to_token_stream();
    let (first, last) = (at(tokens.clone().into_iter().next()), at(tokens.into_iter().last()));
    let function = format_ident!("{function}", span = first);
    let mut args = Group::new(Delimiter::Parenthesis, args.clone());
    args.set_span(last);
    quote_spanned!(first=> ::fusion::dim::consts::#function #args)
}

type Rule = fn(usize, usize) -> std::result::Result<usize, Mistake>;

/// The rule behind an operator, with its name.
fn operator(op: &BinOp) -> Option<(&'static str, Rule)> {
    Some(match op {
        BinOp::Add(_) => ("sum", sum),
        BinOp::Sub(_) => ("difference", difference),
        BinOp::Mul(_) => ("product", product),
        BinOp::Div(_) => ("quotient", quotient),
        BinOp::Rem(_) => ("remainder", remainder),
        _ => return None,
    })
}

fn literal(lit: &Lit) -> Result<usize> {
    match lit {
        Lit::Int(int) => whole(int),
        _ => Err(Error::new_spanned(lit, "a size is a whole number")),
    }
}

fn whole(int: &LitInt) -> Result<usize> {
    if !matches!(int.suffix(), "" | "usize") {
        return Err(Error::new_spanned(int, "a size is written without a type: it is a `usize`"));
    }
    int.base10_parse().map_err(|_| wrong(int, Mistake::TooManyDigits))
}

fn operation(binary: &ExprBinary) -> Result<Option<usize>> {
    let Some((_, rule)) = operator(&binary.op) else {
        return Err(Error::new_spanned(binary.op, "sizes are computed with + - * / %"));
    };
    match (value(&binary.left)?, value(&binary.right)?) {
        (Some(left), Some(right)) => rule(left, right).map(Some).map_err(|mistake| wrong(binary, mistake)),
        _ => Ok(None),
    }
}

/// Whether a bound of a parameter says that it is a size.
pub fn is_bound(bound: &TypeParamBound) -> bool {
    let TypeParamBound::Trait(bound) = bound else { return false };
    bound.path.segments.last().is_some_and(|last| last.ident == "Dim" || last.ident == "Nat")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(tokens: TokenStream) -> String {
        tokens.to_string().replace(' ', "")
    }

    #[track_caller]
    fn says(expansion: TokenStream, sentence: &str) {
        let text = expansion.to_string();
        assert!(text.contains("compile_error"), "{text}");
        assert_eq!(text.matches("compile_error").count(), 1, "{text}");
        assert!(text.contains(sentence), "{text}");
    }

    #[test]
    fn a_number_has_one_type() {
        assert_eq!(text(dim(quote!(0))), "::fusion::dim::Num<0>");
        assert_eq!(text(dim(quote!(784))), "::fusion::dim::Num<784>");
        assert_eq!(text(dim(quote!(9216))), "::fusion::dim::Big4<9,2,1,6>");
        assert_eq!(text(dim(quote!(999_999_999))), "::fusion::dim::Big9<9,9,9,9,9,9,9,9,9>");
    }

    #[test]
    fn literals_are_computed() {
        for (input, result) in [
            (quote!(4 * 64), "Num<256>"),
            (quote!(2 + 3 * (10 - 4) / 6 % 5), "Num<5>"),
            (quote!((28 - 28) * 3usize), "Num<0>"),
            (quote!(0x10), "Num<16>"),
            (quote!(3_000_000_000 / 3), "compile_error"),
            (quote!(3_000_000_000 / 30), "Big9<1,0,0,0,0,0,0,0,0>"),
        ] {
            let text = text(dim(input));
            assert!(text.contains(result), "{text}");
        }
    }

    #[test]
    fn consts_are_left_to_the_compiler() {
        assert_eq!(text(dim(quote!(WIDTH))), "::fusion::dim_of!(WIDTH,WIDTH)");
        let half = text(shape(quote!({ config::WIDTH }, WIDTH / 2)));
        assert!(half.starts_with("(::fusion::dim_of!(config::WIDTH,config::WIDTH),::fusion::dim_of!("), "{half}");
        assert!(half.contains("consts::ok(::fusion::dim::consts::quotient(WIDTH,2))"), "{half}");
        assert!(half.contains("consts::or_zero(::fusion::dim::consts::quotient(WIDTH,2))"), "{half}");
    }

    #[test]
    fn shapes_mix_sizes_and_types() {
        assert_eq!(text(shape(quote!())), "()");
        assert_eq!(text(shape(quote!(3))), "(::fusion::dim::Num<3>,)");
        assert_eq!(text(shape(quote!(Dyn, 3, H,))), "(::fusion::dim::Dyn,::fusion::dim::Num<3>,H,)");
        assert_eq!(text(shape(quote!(Dyn<Batch>, _, 2 * 3))), "(::fusion::dim::Dyn<Batch>,_,::fusion::dim::Num<6>,)");
        assert_eq!(text(shape(quote!(my::Dyn, H::Out, (2 + 2)))), "(my::Dyn,H::Out,::fusion::dim::Num<4>,)");
    }

    #[test]
    fn every_mistake_is_one_sentence() {
        says(dim(quote!()), "a size is missing");
        says(dim(quote!(3, 4)), "`dim!` takes one size");
        says(dim(quote!(-3)), "a size cannot be negative");
        says(dim(quote!(3 - 4)), "3 - 4 is below zero");
        says(dim(quote!(2 * (3 - 4))), "3 - 4 is below zero");
        says(dim(quote!(WIDTH * (3 - 4))), "3 - 4 is below zero");
        says(dim(quote!(3 / 0)), "3 is divided by zero");
        says(dim(quote!(3 % (1 - 1))), "3 is divided by zero");
        says(dim(quote!(1_000_000_000)), "at most nine digits");
        says(dim(quote!(99999999999999999999999)), "at most nine digits");
        says(dim(quote!(1.5)), "whole number");
        says(dim(quote!(3u8)), "without a type");
        says(dim(quote!(784 / 3)), "784 / 3 does not come out even");
        says(dim(quote!(1 << 4)), "computed with + - * / %");
        says(dim(quote!(1..3)), "not a size");
        says(shape(quote!(1, 2, 3, 4, 5, 6, 7)), "at most 6 axes, not 7");
        says(shape(quote!(Dyn, -3)), "one that follows from the others is `Dyn`");
        says(shape(quote!(999999999, 999999999, 999999999)), "a tensor has at most");
        says(shape(quote!({ 3, 4 })), "one size stands between these braces");
    }
}
