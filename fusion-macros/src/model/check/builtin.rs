//! A layer of the language with its arguments, and what is found of it.

use fusion_rules::model::Builtin;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use crate::model::ast::Call;
use crate::model::shape::{Arg, Flow};

/// A layer of the language with its arguments.
pub struct BuiltinCall<'c> {
    pub layer: &'static Builtin,
    pub call: &'c Call,
    /// The arguments of its type, all of them.
    pub sizes: Vec<Arg>,
    /// How many of them are written.
    pub written: usize,
}

impl BuiltinCall<'_> {
    /// The sizes that the argument with this name is: one for each axis of a window.
    pub fn sizes_of(&self, name: &str) -> &[Arg] {
        let param = self.layer.params.iter().find(|param| param.name == name);
        match (self.layer.place(name), param) {
            (Some(at), Some(param)) => &self.sizes[at..at + self.layer.sizes_of(param)],
            _ => &[],
        }
    }
}

/// What a layer is found to be.
pub struct Resolved {
    /// The arguments of its type.
    pub args: TokenStream,
    /// How it reads, with the sizes that were worked out.
    pub text: String,
    pub after: Flow,
    /// A constant number: 1, or 0 where the layer does not take its input.
    pub fits: Option<TokenStream>,
    /// What it makes is known by a bound.
    pub bounded: bool,
}

/// The arguments as expressions.
pub fn arguments(known: &BuiltinCall<'_>) -> TokenStream {
    let args = known.sizes.iter().map(|size| match size {
        Arg::Size(axis) => axis.size(),
        Arg::Hole | Arg::Lost => quote!(::fusion::__private::rules::Size::Hole),
    });
    quote!(&[#(#args),*])
}

/// The layer's row of the table as an expression.
pub fn row(layer: &Builtin) -> TokenStream {
    let name = format_ident!("{}", layer.name);
    quote!(::fusion::__private::rules::model::#name)
}
