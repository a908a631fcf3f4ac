//! `#[derive(Module)]`: the walk over a struct's tensors, and how it starts.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Error, Fields, Ident, Index, Member, Type, WherePredicate, parse_quote};

use crate::attributes::{Field, OnStruct, Start};
use crate::bounds::{Uses, last_name};
use crate::report::compile_errors;

/// A struct as the derive sees it.
struct Structure<'a> {
    input: &'a DeriveInput,
    on: OnStruct,
    fields: Vec<Field<'a>>,
    uses: Uses,
    errors: Vec<Error>,
}

/// Expands the derive.
pub fn expand(input: &DeriveInput) -> TokenStream {
    let mut errors = Vec::new();
    let on = OnStruct::parse(&input.attrs, &mut errors);
    let none = Fields::Unit;
    let fields = match &input.data {
        Data::Struct(data) => &data.fields,
        Data::Enum(data) => {
            errors.push(unfit(input, data.enum_token.span, "an enum"));
            &none
        }
        Data::Union(data) => {
            errors.push(unfit(input, data.union_token.span, "a union"));
            &none
        }
    };
    let fields: Vec<_> =
        fields.iter().enumerate().map(|(at, field)| Field::parse(at, field, &on, &mut errors)).collect();
    if let Some(sequential) = on.sequential {
        let steps = fields.iter().filter(|field| field.is_step());
        for field in steps.clone().filter(|field| field.is_tensor()) {
            let message = format!("`sequential` runs layers one after another, and `{}` is a tensor", field.text());
            errors.push(field.ends().error(message));
        }
        if steps.count() == 0 && errors.is_empty() {
            errors.push(Error::new(sequential, "there is no layer that `sequential` could run"));
        }
    }
    let uses = Uses::of(input, fields.iter().filter(|field| field.walked).map(|field| &field.field.ty));
    let structure = Structure { input, on, fields, uses, errors };
    if structure.errors.is_empty() { structure.expand() } else { structure.mended() }
}

fn unfit(input: &DeriveInput, keyword: Span, what: &str) -> Error {
    let name = &input.ident;
    let mut tokens = quote_spanned!(keyword=> _);
    tokens.extend(name.to_token_stream());
    Error::new_spanned(tokens, format!("`derive(Module)` is for structs, and `{name}` is {what}"))
}

impl Structure<'_> {
    fn expand(&self) -> TokenStream {
        let (gates, module) = (self.gates(), self.module());
        let (init, methods) =
            if self.on.no_init { (None, self.methods(false)) } else { (Some(self.init()), self.methods(true)) };
        let forward = self.on.sequential.map(|_| self.forward());
        quote!(#gates #module #init #methods #forward)
    }

    /// After a mistake: all that others use, so that they say nothing.
    fn mended(&self) -> TokenStream {
        let (name, errors) = (&self.input.ident, compile_errors(&self.errors));
        let (params, args, _) = self.input.generics.split_for_impl();
        let bounds = self.bounds(&[]);
        let params = params.to_token_stream();
        let init = (!self.on.no_init).then(|| {
            quote! {
                impl #params ::fusion::nn::Init for #name #args where #(#bounds,)* {
                    fn init_with(_: &mut dyn ::fusion::__private::Rng) -> Self {
                        ::core::panic!("this struct has mistakes")
                    }
                }
            }
        });
        let methods = if self.on.no_init { None } else { self.methods(true) };
        let forward = self.on.sequential.map(|_| {
            let mut generics = self.input.generics.clone();
            generics.params.push(parse_quote!(__X));
            let (params, _, _) = generics.split_for_impl();
            quote! {
                impl #params ::fusion::nn::Forward<__X> for #name #args where #(#bounds,)* {
                    type Output = ::fusion::__private::LostType<{ #errors }>;
                    fn forward(&self, _: __X) -> Self::Output {
                        ::core::panic!("this struct has mistakes")
                    }
                }
            }
        });
        let errors = if forward.is_some() { TokenStream::new() } else { errors };
        let gates = self.gates();
        quote! {
            #errors
            #gates
            impl #params ::fusion::nn::Module for #name #args where #(#bounds,)* {
                fn walk(
                    &self,
                    _: &::fusion::nn::Path<'_>,
                    _: &mut dyn ::core::ops::FnMut(&::fusion::nn::Path<'_>, &::fusion::__private::Value),
                ) {}
                fn walk_mut(
                    &mut self,
                    _: &::fusion::nn::Path<'_>,
                    _: &mut dyn ::core::ops::FnMut(&::fusion::nn::Path<'_>, &mut ::fusion::__private::Value),
                ) {}
            }
            #init
            #methods
            #forward
        }
    }

    /// The where-clause as written, and more.
    fn bounds(&self, more: &[WherePredicate]) -> Vec<WherePredicate> {
        let written = self.input.generics.where_clause.iter().flat_map(|clause| &clause.predicates);
        written.chain(more).cloned().collect()
    }

    /// A constant for each field of a type without parameters that must be a module: where it is none, the constant
    /// fails with the one error, and what is gated by it is silent.
    fn gates(&self) -> TokenStream {
        let gated = self.fields.iter().filter(|field| self.gate(field).is_some());
        gated
            .map(|field| {
                let (gate, ty) = (self.gate(field), &field.field.ty);
                quote_spanned! {ty.span()=>
                    #[doc(hidden)]
                    #[allow(non_upper_case_globals, dead_code)]
                    const #gate: usize = ::fusion::__private::is_module::<#ty>();
                }
            })
            .collect()
    }

    fn gate(&self, field: &Field<'_>) -> Option<Ident> {
        let plain = field.walked && !field.is_tensor() && !self.uses.mentions(&field.field.ty);
        plain.then(|| format_ident!("__{}_{}_is_module", self.input.ident, field.at, span = Span::mixed_site()))
    }

    fn module(&self) -> TokenStream {
        let name = &self.input.ident;
        let (params, args, _) = self.input.generics.split_for_impl();
        let bounds = self.bounds(&self.module_bounds());
        let (walk, walk_mut) = (self.calls("walk", "of", &quote!(&)), self.calls("walk_mut", "of_mut", &quote!(&mut)));
        quote! {
            #[automatically_derived]
            impl #params ::fusion::nn::Module for #name #args where #(#bounds,)* {
                fn walk(
                    &self,
                    path: &::fusion::nn::Path<'_>,
                    visit: &mut dyn ::core::ops::FnMut(&::fusion::nn::Path<'_>, &::fusion::__private::Value),
                ) {
                    #walk
                }

                fn walk_mut(
                    &mut self,
                    path: &::fusion::nn::Path<'_>,
                    visit: &mut dyn ::core::ops::FnMut(&::fusion::nn::Path<'_>, &mut ::fusion::__private::Value),
                ) {
                    #walk_mut
                }
            }
        }
    }

    fn calls(&self, method: &str, of: &str, reference: &TokenStream) -> TokenStream {
        let (method, of) = (format_ident!("{method}"), format_ident!("{of}"));
        let walked = self.fields.iter().filter(|field| field.walked);
        if walked.clone().count() == 0 {
            return quote!(let _ = (path, visit););
        }
        walked
            .map(|field| {
                let (member, ty) = (member(field), &field.field.ty);
                let at = match &field.field.ident {
                    Some(name) => {
                        let name = unraw(name);
                        quote!(path.child(#name))
                    }
                    None => {
                        let at = field.at;
                        quote!(path.index(#at))
                    }
                };
                let layer = quote!(#reference self.#member);
                match self.gate(field) {
                    Some(gate) => quote! {
                        ::fusion::nn::Module::#method(
                            <::fusion::__private::Gate<{ #gate }> as ::fusion::__private::Through<#ty>>::#of(#layer),
                            &#at,
                            visit,
                        );
                    },
                    None => quote_spanned!(ty.span()=> <#ty as ::fusion::nn::Module>::#method(#layer, &#at, visit);),
                }
            })
            .collect()
    }

    fn init(&self) -> TokenStream {
        let name = &self.input.ident;
        let (params, args, _) = self.input.generics.split_for_impl();
        let bounds = self.bounds(&self.init_bounds());
        let fields = self.fields.iter().map(|field| {
            let (member, start) = (member(field), self.start(field));
            quote!(#member: #start,)
        });
        // The name is the user's to use, in `default = ..`.
        let rng = Ident::new("rng", Span::call_site());
        quote! {
            #[automatically_derived]
            impl #params ::fusion::nn::Init for #name #args where #(#bounds,)* {
                #[allow(unused_variables)]
                fn init_with(#rng: &mut dyn ::fusion::__private::Rng) -> Self {
                    Self { #(#fields)* }
                }
            }
        }
    }

    fn start(&self, field: &Field<'_>) -> TokenStream {
        let (ty, rng) = (&field.field.ty, Ident::new("rng", Span::call_site()));
        match &field.start {
            Start::Tensor { function, numbers, parameter, span } => {
                let parameter = parameter.then(|| quote!(.parameter()));
                let call = quote_spanned!(*span=> ::fusion::nn::init::#function(#(#numbers,)* #rng));
                quote!({
                    let tensor: #ty = #call;
                    tensor #parameter
                })
            }
            Start::Value(value) => quote!(#value),
            Start::Default => quote_spanned!(ty.span()=> ::core::default::Default::default()),
            Start::Own => match self.gate(field) {
                Some(gate) => {
                    let layer = quote! {
                        <::fusion::__private::Gate<{ #gate }> as ::fusion::__private::Through<#ty>>::Layer
                    };
                    quote_spanned!(ty.span()=> <#layer as ::fusion::nn::Init>::init_with(#rng))
                }
                None => quote_spanned!(ty.span()=> <#ty as ::fusion::nn::Init>::init_with(#rng)),
            },
        }
    }

    fn module_bounds(&self) -> Vec<WherePredicate> {
        let mut bounds = self.uses.module_bounds();
        bounds.extend(self.odd_shapes().map(|shape| -> WherePredicate { parse_quote!(#shape: ::fusion::dim::Shape) }));
        bounds
    }

    fn init_bounds(&self) -> Vec<WherePredicate> {
        let mut bounds = self.uses.init_bounds();
        let shapes = self.odd_shapes();
        bounds.extend(shapes.map(|shape| -> WherePredicate { parse_quote!(#shape: ::fusion::dim::StaticShape) }));
        bounds
    }

    /// Shapes of tensors that do not follow from bounds of parameters.
    fn odd_shapes(&self) -> impl Iterator<Item = Type> {
        let tensors = self.fields.iter().filter(|field| field.walked && is_tensor(&field.field.ty));
        tensors.filter_map(|field| self.uses.odd_shape(&field.field.ty))
    }

    /// `init` and `load`. What they ask of parameters stands on them and not on the impl, so that a type that does not
    /// have it is told what is missing, not that there is no such function.
    fn methods(&self, init: bool) -> Option<TokenStream> {
        if !init {
            return None;
        }
        let (name, generics) = (&self.input.ident, &self.input.generics);
        let (params, args, clause) = generics.split_for_impl();
        let bounds = self.init_bounds();
        let module = self.module_bounds();
        Some(quote! {
            #[allow(dead_code)]
            impl #params #name #args #clause {
                /// A fresh one, with random numbers from `rng`.
                pub fn init(rng: &mut impl ::fusion::__private::Rng) -> Self
                where
                    #(#bounds,)*
                {
                    <Self as ::fusion::nn::Init>::init_with(rng)
                }

                /// The one that was saved to this file.
                pub fn load(path: impl ::core::convert::AsRef<::std::path::Path>) -> ::fusion::Result<Self>
                where
                    #(#bounds,)*
                    #(#module,)*
                {
                    ::fusion::__private::load_new(path)
                }
            }
        })
    }

    /// `#[module(sequential)]`: each layer takes what the one before gives.
    fn forward(&self) -> TokenStream {
        let name = &self.input.ident;
        let mut generics = self.input.generics.clone();
        let (_, args, _) = self.input.generics.split_for_impl();
        let free = |at: usize| format_ident!("__X{at}", span = Span::mixed_site());
        let steps: Vec<_> = self.fields.iter().filter(|field| field.is_step()).collect();
        let (mut bounds, mut calls) = (self.bounds(&[]), Vec::new());
        for (at, field) in steps.iter().enumerate() {
            let (ty, member, from, to) = (&field.field.ty, member(field), free(at), free(at + 1));
            bounds.push(parse_quote!(#ty: ::fusion::nn::Forward<#from, Output = #to>));
            calls.push(quote_spanned!(ty.span()=> let x = ::fusion::nn::Forward::forward(&self.#member, x);));
        }
        for at in 0..=steps.len() {
            let name = free(at);
            generics.params.push(parse_quote!(#name));
        }
        let (params, _, _) = generics.split_for_impl();
        let (first, last) = (free(0), free(steps.len()));
        quote! {
            #[automatically_derived]
            impl #params ::fusion::nn::Forward<#first> for #name #args where #(#bounds,)* {
                type Output = #last;

                fn forward(&self, x: #first) -> Self::Output {
                    #(#calls)*
                    x
                }
            }
        }
    }
}

fn member(field: &Field<'_>) -> Member {
    match &field.field.ident {
        Some(name) => Member::Named(name.clone()),
        None => Member::Unnamed(Index::from(field.at)),
    }
}

/// `type` for `r#type`.
fn unraw(name: &Ident) -> String {
    name.to_string().trim_start_matches("r#").to_owned()
}

impl Field<'_> {
    /// Whether `sequential` runs it.
    fn is_step(&self) -> bool {
        self.walked && last_name(&self.field.ty).is_none_or(|name| name != "PhantomData")
    }
}

/// Whether a type is written as a tensor.
pub fn is_tensor(ty: &Type) -> bool {
    last_name(ty).is_some_and(|name| name == "Tensor")
}
