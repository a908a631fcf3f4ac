//! How the layers of a declared model start.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::Ident;

use crate::model::ir::Starts;

impl Starts {
    /// A layer of the type `ty` that starts like `own`, then as the whole model says of its tensors, and then like this.
    pub fn applied(&self, ty: &TokenStream, own: TokenStream, whole: &[(Ident, TokenStream)]) -> TokenStream {
        let whole = whole.iter().filter(|(tensor, _)| self.tensors.iter().all(|(own, _)| own != tensor));
        let tensors: Vec<_> = whole.chain(&self.tensors).collect();
        if tensors.is_empty() && self.numbers.is_empty() && self.frozen.is_none() {
            return own;
        }
        let tensors = tensors.into_iter().map(|(tensor, call)| {
            let span = tensor.span();
            quote_spanned!(span=> ::fusion::__private::Start::start(&mut layer.#tensor, |sizes| #call);)
        });
        let numbers = self.numbers.iter().map(|(field, value)| quote!(layer.#field = #value;));
        let freeze = self.frozen.map(|span| quote_spanned!(span=> ::fusion::nn::freeze(&mut layer);));
        quote! {{
            let mut layer: #ty = #own;
            #(#tensors)*
            #(#numbers)*
            #freeze
            layer
        }}
    }
}
