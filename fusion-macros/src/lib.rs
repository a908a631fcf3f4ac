//! The macros of Fusion. Use them through the crate `fusion`, which exports them.
//!
//! A folder is a macro, and a folder in it a pass:
//!
//! - `model`: `parse` makes a tree of what is written (`ast`), `check` refuses what is wrong, each at its own place, and
//!   works the shapes out (`ir`), `fuse` joins layers to one pass, `emit` writes the code;
//! - `derive`: `#[derive(Module)]`, with its attributes and the bounds that it needs;
//! - `fused`: `parse` reads the declarations, `lower` makes a graph of each formula, `differentiate` adds the gradients,
//!   `plan` decides what is kept for them, and `emit` writes the loops;
//! - `ix`: what is picked of each axis, as calls of one method after another;
//! - `einsum`: `parse` reads the subscripts, `emit` writes a function whose bounds compare the sizes of their letters;
//! - `size`: `dim!`, `shape!` and the arguments of layers;
//! - `sentences`: the words of the library's shape rules, in each spelling of a size;
//! - `init`: `#[init(..)]`, which both macros read;
//! - `methods`: the methods of `Module`, which both macros write;
//! - `diagnostics`: the mistakes that are found, where they stand, and how a name is printed; `tokens` compares
//!   what is written.
//!
//! The rules of shapes and their sentences are in `fusion-rules`, and so is the table of the layers that `model!` knows: a
//! new layer is a row there.

mod derive;
mod diagnostics;
mod einsum;
mod fused;
mod init;
mod ix;
mod methods;
mod model;
mod sentences;
mod size;
mod tokens;

use proc_macro::TokenStream;

#[doc = include_str!("model/model.md")]
#[proc_macro]
pub fn model(input: TokenStream) -> TokenStream {
    model::expand(input.into()).into()
}

#[doc = include_str!("fused/fused.md")]
#[proc_macro]
pub fn fused(input: TokenStream) -> TokenStream {
    fused::expand(input.into(), fused::Kind::Tensors).into()
}

#[doc = include_str!("ix/ix.md")]
#[proc_macro]
pub fn ix(input: TokenStream) -> TokenStream {
    ix::expand(input.into()).into()
}

#[doc = include_str!("einsum/einsum.md")]
#[proc_macro]
pub fn einsum(input: TokenStream) -> TokenStream {
    einsum::expand(input.into(), false).into()
}

#[doc = include_str!("einsum/try_einsum.md")]
#[proc_macro]
pub fn try_einsum(input: TokenStream) -> TokenStream {
    einsum::expand(input.into(), true).into()
}

/// As [`fused!`], of values whose shapes are known at run time: for the crate `fusion` itself.
#[doc(hidden)]
#[proc_macro]
pub fn operations(input: TokenStream) -> TokenStream {
    fused::expand(input.into(), fused::Kind::Values).into()
}

#[doc = include_str!("derive/derive.md")]
#[proc_macro_derive(Module, attributes(module, init, buffer))]
pub fn derive_module(input: TokenStream) -> TokenStream {
    match syn::parse(input) {
        Ok(input) => derive::expand(&input).into(),
        Err(error) => error.to_compile_error().into(),
    }
}

#[doc = include_str!("size/dim.md")]
#[proc_macro]
pub fn dim(input: TokenStream) -> TokenStream {
    size::dim(input.into()).into()
}

#[doc = include_str!("size/shape.md")]
#[proc_macro]
pub fn shape(input: TokenStream) -> TokenStream {
    size::shape(input.into()).into()
}

/// The sentences of rules about known sizes: for the crate `fusion` itself.
#[doc(hidden)]
#[proc_macro]
pub fn sentences(input: TokenStream) -> TokenStream {
    match syn::parse(input) {
        Ok(rules) => sentences::expand(&rules).into(),
        Err(error) => error.to_compile_error().into(),
    }
}
