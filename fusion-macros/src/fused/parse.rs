//! What is written: `/// docs` `pub fn name(x, slope: f64) = formula;`, any number of times.

use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::spanned::Spanned;
use syn::{Attribute, Error, Expr, Ident, Result, Token, Type, Visibility, parenthesized, token};

use crate::diagnostics::{Ends, tidy};

/// How many tensors a function takes at most.
pub const MAX_OPERANDS: usize = 8;

/// A function as it is declared.
pub struct Declared {
    pub attrs: Vec<Attribute>,
    pub vis: Visibility,
    pub name: Ident,
    pub params: Vec<Param>,
    pub body: Expr,
}

/// What a function takes.
pub struct Param {
    pub name: Ident,
    /// A number, `slope: f64`, rather than a tensor.
    pub is_number: bool,
}

impl Declared {
    /// The names of the tensors that it takes.
    pub fn operands(&self) -> impl Iterator<Item = &Ident> {
        self.params.iter().filter(|param| !param.is_number).map(|param| &param.name)
    }

    /// The names of its numbers.
    pub fn numbers(&self) -> impl Iterator<Item = &Ident> {
        self.params.iter().filter(|param| param.is_number).map(|param| &param.name)
    }

    /// As it is called: `swish(x, beta)`.
    pub fn call(&self) -> String {
        let names: Vec<_> = self.params.iter().map(|param| param.name.to_string()).collect();
        format!("{}({})", self.name, names.join(", "))
    }
}

/// All declarations.
pub fn declarations(input: ParseStream<'_>) -> Result<Vec<Declared>> {
    let mut declared = Vec::new();
    while !input.is_empty() {
        declared.push(declaration(input)?);
    }
    Ok(declared)
}

fn declaration(input: ParseStream<'_>) -> Result<Declared> {
    let attrs = Attribute::parse_outer(input)?;
    let vis: Visibility = input.parse()?;
    if !input.peek(Token![fn]) {
        return Err(input.error("expected a function: `fn name(x) = formula;`"));
    }
    input.parse::<Token![fn]>()?;
    let name: Ident = input.parse()?;
    if input.peek(Token![<]) {
        return Err(input.error("a function of `fused!` takes any shape and float type by itself: leave out `<..>`"));
    }
    let inner;
    let parens = parenthesized!(inner in input);
    let mut params = Vec::new();
    while !inner.is_empty() {
        params.push(param(&inner)?);
        if !inner.is_empty() {
            inner.parse::<Token![,]>()?;
        }
    }
    check_params(&name, &params, parens.span.join())?;
    if input.peek(Token![->]) {
        return Err(input.error("what comes out follows from the operands: leave out `-> ..`"));
    }
    if input.peek(token::Brace) {
        let call: Vec<_> = params.iter().map(|param| param.name.to_string()).collect();
        return Err(input.error(format!("a formula stands behind `=`: `fn {name}({}) = {{ .. }};`", call.join(", "))));
    }
    input.parse::<Token![=]>()?;
    let body = input.parse()?;
    input.parse::<Token![;]>()?;
    Ok(Declared { attrs, vis, name, params, body })
}

fn param(input: ParseStream<'_>) -> Result<Param> {
    if input.peek(Token![&]) || input.peek(Token![mut]) {
        return Err(input.error("an operand is a name by itself: the function takes `Tensor` and `&Tensor`"));
    }
    let name = if input.peek(Token![self]) {
        return Err(input.error("a function of `fused!` is no method: give the operand a name of its own"));
    } else {
        input.call(Ident::parse_any)?
    };
    if crate::diagnostics::is_keyword(&name) {
        return Err(Error::new(name.span(), format!("`{name}` is a keyword of Rust: give the operand another name")));
    }
    if !input.peek(Token![:]) {
        return Ok(Param { name, is_number: false });
    }
    input.parse::<Token![:]>()?;
    let ty: Type = input.parse()?;
    match tidy(&ty).as_str() {
        "f64" => Ok(Param { name, is_number: true }),
        "f32" => Err(Error::new(ty.span(), format!("a number of a function is an `f64`: write `{name}: f64`"))),
        _ => {
            Err(Ends::of(&ty).error(format!("a tensor is written without a type, `{name}`; a number as `{name}: f64`")))
        }
    }
}

/// Names that stand once, and a number of tensors that a loop can walk along.
fn check_params(function: &Ident, params: &[Param], parens: Span) -> Result<()> {
    for (k, param) in params.iter().enumerate() {
        if params[..k].iter().any(|other| other.name == param.name) {
            return Err(Error::new(
                param.name.span(),
                format!("`{}` takes two operands called `{}`", function, param.name),
            ));
        }
    }
    let tensors = params.iter().filter(|param| !param.is_number).count();
    if tensors == 0 {
        return Err(Error::new(
            parens,
            format!("`{function}` takes no tensor: write its operands, `fn {function}(x) = ..;`"),
        ));
    }
    if tensors > MAX_OPERANDS {
        let extra = params.iter().filter(|param| !param.is_number).nth(MAX_OPERANDS).expect("more than that");
        let message =
            format!("`{function}` takes {tensors} tensors: a function of `fused!` takes at most {MAX_OPERANDS}");
        return Err(Error::new(extra.name.span(), message));
    }
    Ok(())
}
