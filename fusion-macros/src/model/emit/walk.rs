//! `Module` of a declared model and of its groups: walks over its layers, as tables.

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote};

use crate::methods::{visits, walks};
use crate::model::emit::structure::Struct;
use crate::model::ir::{Place, Step};
use crate::model::shape::Flow;

/// Layers that stand side by side in a table.
#[derive(Default)]
pub struct Table {
    places: Vec<TokenStream>,
    layers: Vec<TokenStream>,
}

impl Table {
    /// Adds a layer.
    pub fn push(&mut self, step: &Step<'_>, layer: TokenStream) {
        self.places.push(match &step.place {
            Place::Name(name) => quote!((#name, 0)),
            Place::At(at, more) => quote!(("", #at #(+ #more)*)),
        });
        self.layers.push(layer);
    }

    /// The arguments of a function that goes through the table, which is then empty; `None` if it is.
    pub fn take(&mut self, mutable: Option<&TokenStream>) -> Option<TokenStream> {
        let Self { places, layers } = std::mem::take(self);
        (!places.is_empty()).then(|| quote!(path, &[#(#places),*], &#mutable [#(#layers),*]))
    }
}

impl Struct<'_, '_> {
    pub fn module(&self) -> TokenStream {
        let (name, (params, args), bounds) = (&self.unit.name, self.model.params(), self.module_bounds());
        let (walk, walk_mut) = (self.walk("walk", "of", None), self.walk("walk_mut", "of_mut", Some(quote!(mut))));
        // What a group computes with sizes of the model's input only the model can say.
        let known = self.is_model() || self.model.checked.any.is_empty();
        let shows = (!self.model.failed && known).then(|| {
            let rank = match (&self.unit.input, self.unit.input.axes()) {
                (_, Some(axes)) => (axes.len() + 1).into_token_stream(),
                (Flow::Const(name), None) => quote!(#name.rank),
                _ => quote!(input.len()),
            };
            let shown = quote! {
                if !input.is_empty() && input.len() != #rank {
                    return false;
                }
                self.__layers(path, input, input, &[], visit);
                true
            };
            visits("visit_all", &shown)
        });
        let walks = walks(&walk, &walk_mut);
        quote! {
            #[automatically_derived]
            impl<#params> ::fusion::nn::Module for #name #args
            where
                #bounds
            {
                #walks
                #shows
            }
        }
    }

    /// `walk` or `walk_mut`: calls over the layers in tables, and a loop for each list in the places of the model itself.
    fn walk(&self, method: &str, of: &str, mutable: Option<TokenStream>) -> TokenStream {
        let table = format_ident!("walk_layers{}", if mutable.is_some() { "_mut" } else { "" });
        let method = format_ident!("{method}");
        let (mut calls, mut layers) = (TokenStream::new(), Table::default());
        let close = |layers: &mut Table| {
            let args = layers.take(mutable.as_ref())?;
            Some(quote!(::fusion::__private::#table(#args, visit);))
        };
        for step in self.unit.fields() {
            let layer = self.layer(step, step.is_module(), of);
            if !step.is_spread() {
                layers.push(step, layer);
                continue;
            }
            let (before, at) = (close(&mut layers), step.path());
            calls.extend(quote! {
                #before
                for (i, layer) in ::core::iter::Iterator::enumerate(::core::iter::IntoIterator::into_iter(#layer)) {
                    let first = #at;
                    ::fusion::nn::Module::#method(layer, &first.plus(i), visit);
                }
            });
        }
        calls.extend(close(&mut layers));
        calls
    }
}
