//! `model!`, one pass after another: [`parse`] makes a [tree](ast) of what is written, [`check`] refuses what is wrong and
//! works the shapes out ([`ir`]), [`fuse`] lets layers take the next one into their own pass, and [`emit`] writes the code.

pub mod ast;
pub mod check;
pub mod emit;
pub mod fuse;
pub mod ir;
pub mod parse;
pub mod shape;
pub mod words;

use proc_macro2::TokenStream;
use quote::quote;

use crate::model::ast::Source;

/// Expands `model!`.
pub fn expand(tokens: TokenStream) -> TokenStream {
    // A condition is for all that a model becomes.
    if let Some((conditions, model)) = parse::conditions(tokens.clone()) {
        return quote!(#(#conditions)* ::fusion::model! { #model });
    }
    match syn::parse2(tokens) {
        Ok(Source::Model(mut model)) => {
            let mut declared = check::entry::declared(&mut model);
            fuse::fuse(&mut declared.checked.unit);
            emit::declared(&declared)
        }
        Ok(Source::Network(mut body)) => emit::sequence(&check::entry::sequence(&mut body)),
        Err(error) => error.to_compile_error(),
    }
}
