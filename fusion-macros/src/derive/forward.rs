//! `#[module(sequential)]`: each layer takes what the one before gives.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Error, Ident, parse_quote};

use super::{Item, binding};
use crate::derive::attributes::Field;

impl<'a> Item<'a> {
    pub fn check_sequential(&mut self) {
        let Some(span) = self.on.sequential else {
            return;
        };
        let before = self.errors.len();
        let tensors: Vec<_> = self
            .fields()
            .filter(|field| field.is_step() && field.is_tensor())
            .map(|field| {
                let message = format!("`sequential` runs layers one after another, and `{}` is a tensor", field.text());
                field.ends().error(message)
            })
            .collect();
        self.errors.extend(tensors);
        if before == 0 && self.errors.is_empty() && !self.fields().any(Field::is_step) {
            self.errors.push(Error::new(span, "there is no layer that `sequential` could run"));
        }
    }

    /// The fields of the struct, or of the variant that it is, one after another. A variant without layers gives what
    /// it takes.
    pub fn forward(&self) -> TokenStream {
        let name = &self.input.ident;
        let mut generics = self.input.generics.clone();
        let (_, args, _) = self.input.generics.split_for_impl();
        let free = |text: String| Ident::new(&text, Span::mixed_site());
        let first = free("__X0".to_owned());
        // Where nothing is done, what goes in comes out.
        let passes = self.variants.iter().any(|variant| variant.steps().next().is_none());
        let out = if passes { first.clone() } else { free("__Y".to_owned()) };
        let mut params = vec![first.clone()];
        params.extend((!passes).then(|| out.clone()));
        let mut bounds = self.bounds(Vec::new());
        // Who says what comes out: the first variant, or what goes in.
        let mut said = passes;
        for (at, variant) in self.variants.iter().enumerate() {
            let (mut from, last) = (first.clone(), variant.steps().count());
            for (step, field) in variant.steps().enumerate() {
                let ty = &field.field.ty;
                if step + 1 == last {
                    bounds.push(match said {
                        true => parse_quote! {
                            #ty: ::fusion::nn::Forward<#from, Output: ::fusion::__private::Alike<#out>>
                        },
                        false => parse_quote!(#ty: ::fusion::nn::Forward<#from, Output = #out>),
                    });
                    said = true;
                } else {
                    let to = free(format!("__X{at}_{}", step + 1));
                    bounds.push(parse_quote!(#ty: ::fusion::nn::Forward<#from, Output = #to>));
                    params.push(to.clone());
                    from = to;
                }
            }
        }
        generics.params.extend(params.into_iter().map(|name| -> syn::GenericParam { parse_quote!(#name) }));
        let (params, _, _) = generics.split_for_impl();
        let mut says = !passes;
        let arms = self.variants.iter().map(|variant| {
            let steps: Vec<_> = variant.steps().collect();
            let pattern = variant.pattern(&steps);
            let calls = steps.iter().map(|field| {
                let layer = binding(field);
                quote_spanned!(field.field.ty.span()=> let x = ::fusion::nn::Forward::forward(#layer, x);)
            });
            // All but the one that says it give the same type, if under another name.
            let alike = (!std::mem::take(&mut says) && !steps.is_empty())
                .then(|| quote!(let x = ::fusion::__private::Alike::alike(x);));
            quote!(#pattern => { #(#calls)* #alike x })
        });
        let body = self.matched(arms);
        quote! {
            #[automatically_derived]
            impl #params ::fusion::nn::Forward<#first> for #name #args where #(#bounds,)* {
                type Output = #out;

                fn forward(&self, x: #first) -> Self::Output {
                    #body
                }
            }
        }
    }

    /// After a mistake it takes anything, and gives a type about which rustc is silent.
    pub fn mended_forward(&self, errors: &TokenStream) -> TokenStream {
        let name = &self.input.ident;
        let mut generics = self.input.generics.clone();
        generics.params.push(parse_quote!(__X));
        let (params, _, clause) = generics.split_for_impl();
        let (_, args, _) = self.input.generics.split_for_impl();
        quote! {
            impl #params ::fusion::nn::Forward<__X> for #name #args #clause {
                type Output = ::fusion::__private::LostType<{ #errors }>;
                fn forward(&self, _: __X) -> Self::Output {
                    ::core::panic!("this type has mistakes")
                }
            }
        }
    }
}
