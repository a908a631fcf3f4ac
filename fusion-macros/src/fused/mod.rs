//! `fused!`, one pass after another: [`parse`] reads the declarations, [`lower`] makes a [graph](graph) of each formula
//! and refuses what is wrong ([`refusals`]), [`differentiate`] adds the gradients to it, [`plan`] decides what is kept for them, and
//! [`emit`] writes the code. [`functions`] is the table of what formulas are made of.

mod differentiate;
mod emit;
mod functions;
mod graph;
mod lower;
mod parse;
mod plan;
mod refusals;

use proc_macro2::TokenStream;

use crate::diagnostics::{Diagnostics, compile_errors};
use crate::fused::emit::Differentiated;
pub use crate::fused::emit::Kind;
use crate::fused::lower::Formula;

/// Expands `fused!`.
pub fn expand(tokens: TokenStream, kind: Kind) -> TokenStream {
    let declared = match syn::parse::Parser::parse2(parse::declarations, tokens) {
        Ok(declared) => declared,
        Err(error) => return error.to_compile_error(),
    };
    let errors = Diagnostics::new();
    let mut code = TokenStream::new();
    for Formula { declared, graph, inlined } in lower::formulas(&declared, &errors) {
        let operands = declared.operands().count();
        let graph = graph.map(|(mut graph, root)| {
            let gradients = differentiate::gradients(&mut graph, root, operands);
            let plan = plan::plan(&graph, root, &gradients);
            Differentiated { graph, root, plan }
        });
        code.extend(emit::function(declared, graph.as_ref(), kind, inlined));
    }
    let mut out = compile_errors(&errors.take());
    out.extend(code);
    out
}
