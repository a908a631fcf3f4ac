//! `Clone` and `Debug` of a declared model and of its groups.

use proc_macro2::TokenStream;
use quote::quote;

use crate::model::emit::structure::Struct;
use crate::model::emit::unrecursive;
use crate::model::ir::{Place, Step};

impl Struct<'_, '_> {
    /// A copy with parameters of its own.
    pub fn clone(&self) -> TokenStream {
        let (name, (params, args)) = (&self.unit.name, self.model.params());
        // What need not be asked of the parameters is not: it would be asked again wherever the model is a layer.
        let bounds = (!self.is_unbound()).then(|| self.module_bounds());
        if self.model.failed {
            return quote! {
                #[automatically_derived]
                impl<#params> ::core::clone::Clone for #name #args
                where
                    #bounds
                {
                    fn clone(&self) -> Self {
                        ::core::panic!("this model has mistakes")
                    }
                }
            };
        }
        // A layer of the user's may have a `Clone` that is derived from its fields, and renews no parameters. In a generic
        // model it is renewed by itself: of the model it would have to be asked that it is a module.
        let is_own = |step: &Step<'_>| step.unit().is_none() && step.row().is_none();
        let generic = self.model.is_generic();
        let fields = self.unit.fields().into_iter().map(|step| {
            let field = &step.field;
            if !generic || !is_own(step) {
                return quote!(#field: ::core::clone::Clone::clone(&self.#field),);
            }
            let layer = self.layer(step, step.is_module(), "of");
            quote!(#field: {
                let layer = #layer;
                ::fusion::__private::renewed(layer, ::core::clone::Clone::clone(layer))
            },)
        });
        let marker = self.marker().map(|marker| quote!(#marker: ::core::marker::PhantomData,));
        // A layer of the user's may be no `Clone`. With a lifetime in its bound that is no error: the model is none either.
        let layers = self.unit.own_layers();
        let mut copy = quote!(Self { #(#fields)* #marker });
        if !generic && !layers.is_empty() {
            copy = quote!(::fusion::__private::renewed(self, #copy));
        }
        let begin = unrecursive();
        quote! {
            #[automatically_derived]
            impl<#params> ::core::clone::Clone for #name #args
            where
                #bounds
                #(for<'__a> #layers: ::core::clone::Clone,)*
            {
                fn clone(&self) -> Self {
                    #begin
                    let _copy = ::fusion::__private::OneCopy::begin();
                    #copy
                }
            }
        }
    }

    /// The layers as they are written, with the sizes that were worked out.
    pub fn debug(&self) -> TokenStream {
        let (name, (params, args), bounds) = (&self.unit.name, self.model.params(), self.model.bounds());
        let text = name.to_string();
        let shown = if self.model.failed { Vec::new() } else { self.unit.fields() };
        let fields = shown.into_iter().map(|step| self.shown(step));
        // Of a size that may be anything no layer's type is made.
        let lets = (!self.model.failed && self.model.checked.any.is_empty()).then(|| self.free_sizes());
        quote! {
            #[automatically_derived]
            impl<#params> ::core::fmt::Debug for #name #args
            where
                #(#bounds,)*
            {
                fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    #lets
                    ::fusion::__private::show_layers(f, #text, &[#(#fields),*])
                }
            }
        }
    }

    /// The name and the text of a layer; of a group the group itself.
    fn shown(&self, step: &Step<'_>) -> TokenStream {
        let place = match &step.place {
            Place::Name(name) => quote!(#name),
            Place::At(at, more) => quote!(&::std::string::ToString::to_string(&(#at #(+ #more)*))),
        };
        let field = &step.field;
        let shown = quote!(::fusion::__private::Shown);
        let layer = match (step.unit().is_some() || step.row().is_some(), &step.repeat) {
            (true, None) => quote!(#shown::Layer(&self.#field)),
            (true, Some(_)) if step.unit().is_some() => quote!(#shown::Layer(&self.#field)),
            (true, Some(count)) => quote!(#shown::Repeated(#count, &self.#field[0])),
            (false, count) => {
                let (text, count) = (&step.text, count.clone().unwrap_or_else(|| quote!(1)));
                quote!(#shown::Written(#count, #text))
            }
        };
        quote!((#place, #layer))
    }
}
