//! How a type starts: `Init`, `init` and `load`.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Expr, Ident, Type, WherePredicate};

use super::{Item, Variant, member};
use crate::derive::attributes::{Field, Start};
use crate::derive::bounds::{Asks, For, Use, element, held, last_name};
use crate::init::Filled;

impl Item<'_> {
    pub fn init(&self) -> Option<TokenStream> {
        let name = &self.input.ident;
        let (params, args, _) = self.input.generics.split_for_impl();
        let bounds = self.bounds(self.init_asks().bounds(For::Init));
        let start = match (&self.on.default, self.start) {
            (Some(value), _) => value.clone(),
            (None, Some(at)) => {
                let variant = &self.variants[at];
                let fields = variant.fields.iter().map(|field| {
                    let (member, start) = (member(field), self.field(variant, field));
                    quote!(#member: #start,)
                });
                let path = variant.path();
                quote!(#path { #(#fields)* })
            }
            (None, None) => return None,
        };
        // The name is the user's to use, in `default = ..`.
        let rng = Ident::new("rng", Span::call_site());
        Some(quote! {
            #[automatically_derived]
            impl #params ::fusion::nn::Init for #name #args where #(#bounds,)* {
                #[allow(unused_variables)]
                fn init_with(#rng: &mut dyn ::fusion::__private::Rng) -> Self {
                    #start
                }
            }
        })
    }

    fn field(&self, variant: &Variant<'_>, field: &Field<'_>) -> TokenStream {
        let (ty, rng) = (&field.field.ty, Ident::new("rng", Span::call_site()));
        match &field.start {
            Start::Tensor(Filled { function, numbers, parameter, span }) => {
                held_start(ty, &|ty| tensor(ty, function, numbers, *parameter, *span))
            }
            Start::Value(value) => quote!(#value),
            Start::Default => quote_spanned!(ty.span()=> ::fusion::__private::default::<#ty>()),
            Start::Own => match self.gate(variant, field) {
                Some(gate) => {
                    let layer = quote_spanned! {ty.span()=>
                        <::fusion::__private::Gate<{ #gate }> as ::fusion::__private::Through<#ty>>::Layer
                    };
                    quote_spanned!(ty.span()=> ::fusion::__private::started::<#layer>(#rng))
                }
                // Of an open type the start is asked in the where-clause.
                None if self.params.is_open(ty) => {
                    quote_spanned!(ty.span()=> <#ty as ::fusion::nn::Init>::init_with(#rng))
                }
                None => quote_spanned! {ty.span()=> {
                    #[allow(unused_imports)]
                    use ::fusion::__private::{ByInit as _, ByModule as _, ByNothing as _};
                    (&&::fusion::__private::Probe::<#ty>::new()).probed(#rng)
                }},
            },
        }
    }

    /// What `Init` asks of the parameters.
    fn init_asks(&self) -> Asks<'_> {
        let mut asks = Asks::new(&self.params);
        // A value for the whole is made of what the fields may ask.
        let fields: Vec<_> = match (&self.on.default, self.start) {
            (Some(value), _) => self.fields().map(|field| (field, Some(value))).collect(),
            (None, Some(at)) => self.variants[at].fields.iter().map(|field| (field, None)).collect(),
            (None, None) => Vec::new(),
        };
        for (field, value) in fields {
            let ty = &field.field.ty;
            let value = value.or(if let Start::Value(value) = &field.start { Some(value) } else { None });
            match (&field.start, value) {
                (_, Some(value)) => {
                    let mut of_value = Asks::new(&self.params);
                    of_value.layer(ty);
                    // Without the random numbers no layer is made there.
                    let makes = value.to_string().contains("rng");
                    asks.extend(if makes { of_value } else { of_value.without_layers() });
                }
                (Start::Tensor(Filled { parameter, .. }), None) => {
                    asks.tensor(held(ty), if *parameter { Use::Float } else { Use::Element });
                }
                (Start::Default, None) => asks.value(ty),
                _ => asks.layer(ty),
            }
        }
        asks
    }

    /// `init` and `load`. What they ask of parameters stands on them and not on the impl, so that a type that does not
    /// have it is told what is missing, not that there is no such function.
    pub fn methods(&self) -> Option<TokenStream> {
        if self.on.no_init.is_some() {
            return None;
        }
        self.methods_where(&self.init_asks().bounds(For::Init), &self.module_asks().bounds(For::Module))
    }

    pub fn methods_where(&self, init: &[WherePredicate], module: &[WherePredicate]) -> Option<TokenStream> {
        let (name, generics) = (&self.input.ident, &self.input.generics);
        let (params, args, clause) = generics.split_for_impl();
        Some(quote! {
            #[allow(dead_code, private_bounds)]
            impl #params #name #args #clause {
                /// A fresh one, with random numbers from `rng`.
                pub fn init(rng: &mut impl ::fusion::__private::Rng) -> Self
                where
                    #(#init,)*
                {
                    <Self as ::fusion::nn::Init>::init_with(rng)
                }

                /// The one that was saved to this file.
                pub fn load(path: impl ::core::convert::AsRef<::std::path::Path>) -> ::fusion::Result<Self>
                where
                    #(#init,)*
                    #(#module,)*
                {
                    ::fusion::__private::load_new(path)
                }
            }
        })
    }
}

/// A tensor of this type.
fn tensor(ty: &Type, function: &Ident, numbers: &[Expr], parameter: bool, span: Span) -> TokenStream {
    let rng = Ident::new("rng", Span::call_site());
    if parameter {
        let call = quote_spanned!(span=> ::fusion::nn::init::#function(#(#numbers,)* #rng));
        return quote!({
            let tensor: #ty = #call;
            tensor.parameter()
        });
    }
    // A buffer need not be of numbers that could be trained.
    let data = element(ty).and_then(|ty| last_name(&ty));
    let call = match (data.as_deref(), function.to_string().as_str()) {
        (_, "zeros") => quote_spanned!(span=> ::fusion::Tensor::zeros()),
        (Some("bool"), "ones") => quote_spanned!(span=> ::fusion::Tensor::full(true)),
        (Some("i64" | "u8"), "ones") => quote_spanned!(span=> ::fusion::Tensor::full(1)),
        (Some("i64" | "u8" | "bool"), _) => quote_spanned!(span=> ::fusion::Tensor::full(#(#numbers)*)),
        _ => quote_spanned!(span=> ::fusion::nn::init::#function(#(#numbers,)* #rng)),
    };
    let call = match last_name(ty).as_deref() {
        Some("Buffer") => quote_spanned!(span=> ::fusion::nn::Buffer::new(#call)),
        _ => call,
    };
    quote!({
        let tensor: #ty = #call;
        tensor
    })
}

/// One tensor, or as many as the type holds: `Some(..)` of it, an array.
fn held_start(ty: &Type, one: &impl Fn(&Type) -> TokenStream) -> TokenStream {
    match ty {
        Type::Paren(paren) => held_start(&paren.elem, one),
        Type::Group(group) => held_start(&group.elem, one),
        Type::Array(array) => {
            let each = held_start(&array.elem, one);
            quote!(::core::array::from_fn(|_| #each))
        }
        Type::Path(path) if held(ty).to_token_stream().to_string() != ty.to_token_stream().to_string() => {
            let last = path.path.segments.last();
            let inner = last.and_then(|last| match &last.arguments {
                syn::PathArguments::AngleBracketed(args) => args.args.first(),
                _ => None,
            });
            match (last, inner) {
                (Some(last), Some(syn::GenericArgument::Type(inner))) => {
                    let each = held_start(inner, one);
                    if last.ident == "Box" {
                        quote!(::std::boxed::Box::new(#each))
                    } else {
                        quote!(::core::option::Option::Some(#each))
                    }
                }
                _ => one(ty),
            }
        }
        _ => one(ty),
    }
}
