//! What is said to what is no formula.

use quote::ToTokens;
use syn::Expr;

use crate::diagnostics::{Ends, tidy};

/// What is said to a word that other libraries have.
pub fn other_word(name: &str) -> Option<&'static str> {
    Some(match name {
        "powi" | "powf" | "powt" => "a power is called `pow`: `pow(x, 3)`",
        "select" | "r#where" => "a choice is called `where_`: `where_(x > 0, a, b)`",
        "sum" | "mean" | "prod" | "softmax" | "norm" => {
            "a formula is of each element by itself: sums over elements stand outside of `fused!`"
        }
        "mul_add" => "write `a * b + c`: it is rounded once where the machine has an instruction for it",
        "clone" | "to_owned" => "an operand may be used as often as one likes: no clone is needed",
        _ => return None,
    })
}

/// Why this is no formula.
pub fn no_formula(expr: &Expr) -> String {
    let what = match expr {
        Expr::If(_) | Expr::Match(_) => {
            return "elements do not branch: write `where_(condition, a, b)`, which computes both".into();
        }
        Expr::Cast(_) => return "all values of a formula are of the tensors' own type: leave out `as`".into(),
        Expr::Reference(_) => return "an operand of a formula is no reference: leave out `&`".into(),
        Expr::Assign(_) => return "a value of a formula does not change: name the next one with `let`".into(),
        Expr::ForLoop(_) | Expr::While(_) | Expr::Loop(_) => "loops",
        Expr::Macro(_) => "macros",
        Expr::Closure(_) => "closures",
        Expr::Index(_) => "indices: it is of each element by itself",
        Expr::Field(_) => "fields",
        Expr::Tuple(_) | Expr::Array(_) => "tuples: it has one result",
        _ => "such expressions",
    };
    format!("a formula has no {what}")
}

/// A comparison as a person would write it.
pub fn compared(expr: &Expr) -> String {
    match expr {
        Expr::Paren(paren) => compared(&paren.expr),
        Expr::Binary(binary) => {
            format!("{} {} {}", compared(&binary.left), binary.op.to_token_stream(), compared(&binary.right))
        }
        other => tidy(other),
    }
}

/// Where to point at.
pub fn first_token(expr: &Expr) -> Ends {
    match expr {
        Expr::If(e) => e.if_token.span.into(),
        Expr::Match(e) => e.match_token.span.into(),
        Expr::Cast(e) => Ends { first: e.as_token.span, last: Ends::of(&e.ty).last },
        Expr::Reference(e) => e.and_token.spans[0].into(),
        other => Ends::of(other),
    }
}
