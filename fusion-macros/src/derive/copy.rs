//! `Clone`: a copy of a module has parameters of its own, which a derived `Clone` of its fields alone would not give.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::Type;

use super::{Item, binding, member};
use crate::derive::attributes::Field;
use crate::derive::bounds::For;

impl Item<'_> {
    /// `Clone`, where all fields have it.
    pub fn clone(&self) -> TokenStream {
        let name = &self.input.ident;
        let (params, args, _) = self.input.generics.split_for_impl();
        let bounds = self.bounds(self.module_asks().bounds(For::Module));
        let mut types: Vec<(String, &Type)> = Vec::new();
        for field in self.fields().filter(|field| self.asks_clone(field)) {
            let ty = &field.field.ty;
            let text = ty.to_token_stream().to_string();
            if types.iter().all(|(other, _)| *other != text) {
                types.push((text, ty));
            }
        }
        let types = types.into_iter().map(|(_, ty)| ty);
        let arms = self.variants.iter().map(|variant| {
            let fields: Vec<_> = variant.fields.iter().collect();
            let (pattern, path) = (variant.pattern(&fields), variant.path());
            let copies = fields.iter().map(|field| {
                let (member, original) = (member(field), binding(field));
                quote!(#member: ::core::clone::Clone::clone(#original),)
            });
            quote!(#pattern => #path { #(#copies)* },)
        });
        let copy = self.matched(arms);
        let copy = if self.variants.is_empty() {
            copy
        } else {
            quote! {
                let _copy = ::fusion::__private::OneCopy::begin();
                ::fusion::__private::renewed(self, #copy)
            }
        };
        // With a lifetime in it, a bound that does not hold is no error: the type is no `Clone`.
        quote! {
            #[automatically_derived]
            impl #params ::core::clone::Clone for #name #args where #(#bounds,)* #(for<'__a> #types: ::core::clone::Clone,)* {
                fn clone(&self) -> Self {
                    #copy
                }
            }
        }
    }

    /// Of a layer that holds the type itself it cannot be asked, as that would ask it of the type.
    fn asks_clone(&self, field: &Field<'_>) -> bool {
        !(field.walked && self.params.is_recursive(&field.field.ty))
    }
}
