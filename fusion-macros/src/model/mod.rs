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

use crate::diagnostics::Diagnostics;
use crate::model::ast::Source;

/// Expands `model!`.
pub fn expand(tokens: TokenStream) -> TokenStream {
    // A condition is for all that a model becomes.
    if let Some((conditions, model)) = parse::conditions(tokens.clone()) {
        return quote!(#(#conditions)* ::fusion::model! { #model });
    }
    let errors = Diagnostics::new();
    match parse::source(tokens, &errors) {
        Ok(Source::Model(mut model)) => {
            let mut declared = check::entry::declared(&mut model, &errors);
            fuse::fuse(&mut declared.checked);
            emit::declared(&declared, &errors.take())
        }
        Ok(Source::Network(layers)) => {
            let checked = check::entry::sequence(&layers, &errors);
            emit::sequence(checked.as_ref(), &errors.take())
        }
        Err(error) => {
            errors.discard();
            error.to_compile_error()
        }
    }
}
