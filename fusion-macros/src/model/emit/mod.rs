//! What `model!` becomes: a struct, its constants, and the traits of `fusion::nn`, as straight-line code.

pub mod copy;
pub mod cost;
pub mod describe;
pub mod forward;
pub mod implement;
pub mod start;
pub mod structure;
pub mod walk;

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Error, parse_quote};

use crate::diagnostics::compile_errors;
use crate::model::emit::structure::{Struct, without_written};
use crate::model::ir::{Checked, Declared, Node, Unit, docs};

/// In type position: `Sequential<(Linear<..>, Relu, ..)>`.
pub fn sequence(checked: Option<&Checked<'_>>, errors: &[Error]) -> TokenStream {
    match checked {
        Some(checked) if errors.is_empty() => {
            let layers = Node::steps(&checked.unit.nodes).into_iter().map(|step| &step.ty);
            quote!(::fusion::nn::Sequential<(#(#layers,)*)>)
        }
        _ => {
            let errors = compile_errors(errors);
            quote!(::fusion::__private::LostType<{ #errors }>)
        }
    }
}

/// A declared model.
pub fn declared(model: &Declared<'_>, errors: &[Error]) -> TokenStream {
    let items = &model.checked.items;
    let (errors, outputs) = (model.errors(errors), model.outputs());
    let mut units = Vec::new();
    model.units(&model.checked.unit, &without_written(model.attrs), &mut units);
    let shapes = model.checked.shapes.items();
    quote! {
        #errors
        #items
        #shapes
        #outputs
        #(#units)*
    }
}

/// The first line of a body that calls what costs rustc much to find. For its lint against endless recursion it asks which
/// functions a body calls, up to the first loop or return; of a layer that is as dear as its type check.
fn unrecursive() -> TokenStream {
    quote!(while false {})
}

impl<'a> Declared<'a> {
    fn units(&self, unit: &Unit<'a>, attrs: &[Attribute], into: &mut Vec<TokenStream>) {
        let parts = Struct { model: self, unit, layers: unit.generic_layers() };
        into.push(parts.structure(attrs));
        into.push(parts.methods());
        into.extend([parts.module(), parts.init(), parts.forward(), parts.clone(), parts.debug()]);
        into.extend(parts.is_model().then(|| parts.known()).flatten());
        for step in Node::steps(&unit.nodes) {
            if let Some(inner) = step.unit() {
                let docs: Vec<Attribute> = match docs(step.attrs).is_empty() {
                    true => {
                        let text = format!("The layers `{}` of [`{}`].", step.short, unit.name);
                        vec![parse_quote!(#[doc = #text])]
                    }
                    false => step.attrs.iter().filter(|attr| attr.path().is_ident("doc")).cloned().collect(),
                };
                self.units(inner, &docs, into);
            }
        }
    }
}
