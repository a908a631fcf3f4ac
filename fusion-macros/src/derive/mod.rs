//! `#[derive(Module)]`: the walk over the tensors of a struct, or of the variant that an enum is, and how it starts.

pub mod attributes;
pub mod bounds;
mod copy;
mod fits;
mod forward;
mod layer;
mod start;

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Error, Fields, Ident, Index, Member, Type, WherePredicate};

use crate::derive::attributes::{Field, OnType, Place, Start, starts_here};
use crate::derive::bounds::{Asks, For, Params};
use crate::diagnostics::{Diagnostics, Ends, compile_errors};
use crate::init::Filled;
use crate::methods::{visits, walks};

/// A type as the derive sees it.
struct Item<'a> {
    input: &'a DeriveInput,
    on: OnType,
    /// A struct is one without a name.
    variants: Vec<Variant<'a>>,
    /// The variant that it starts as.
    start: Option<usize>,
    params: Params,
    errors: Vec<Error>,
}

struct Variant<'a> {
    name: Option<&'a Ident>,
    fields: Vec<Field<'a>>,
}

/// Expands the derive.
pub fn expand(input: &DeriveInput) -> TokenStream {
    if layer::is_layer(&input.attrs) {
        return layer::expand(input);
    }
    let item = Item::of(input);
    if item.errors.is_empty() { item.expand() } else { item.mended() }
}

impl<'a> Item<'a> {
    fn of(input: &'a DeriveInput) -> Self {
        let errors = Diagnostics::new();
        let place = if matches!(input.data, Data::Enum(_)) { Place::Enum } else { Place::Struct };
        let on = OnType::parse(&input.attrs, place, &errors);
        for lifetime in input.generics.lifetimes() {
            let message = format!(
                "a module owns its layers, and `{}` borrows for `{}`\nkeep a value of its own, a `String` for a `&str`, or an `Arc`",
                input.ident, lifetime.lifetime
            );
            errors.push(Error::new_spanned(&lifetime.lifetime, message));
        }
        let by_hand = on
            .no_init
            .map(|_| format!("this is never used: with `no_init` nobody makes a `{}` but your own code", input.ident));
        let by_value = on
            .default
            .as_ref()
            .map(|_| format!("this is never used: all of `{}` starts with the `default = ..` above it", input.ident));
        let unused = by_hand.or(by_value);
        let mut start = None;
        let read = |fields: &'a Fields, unused: Option<&str>, errors: &Diagnostics| {
            fields.iter().enumerate().map(|(at, field)| Field::parse(at, field, unused, errors)).collect()
        };
        let variants = match &input.data {
            Data::Struct(data) => {
                start = Some(0);
                vec![Variant { name: None, fields: read(&data.fields, unused.as_deref(), &errors) }]
            }
            Data::Enum(data) => {
                let said = errors.len();
                for (at, variant) in data.variants.iter().enumerate() {
                    let Some(span) = starts_here(variant, &errors) else {
                        continue;
                    };
                    if let Some(unused) = &unused {
                        errors.push(Error::new(span, unused));
                    } else if let Some(first) = start.replace(at) {
                        start = Some(first);
                        let message = format!("it starts as `{}` already", data.variants[first].ident);
                        errors.push(Error::new(span, message));
                    }
                }
                if start.is_none() && unused.is_none() && errors.len() == said {
                    errors.push(no_start(input, data));
                }
                let variants = data.variants.iter().enumerate().map(|(at, variant)| {
                    let other = (start != Some(at)).then(|| {
                        let (name, variant) = (&input.ident, &variant.ident);
                        format!("this is never used: a `{name}` does not start as `{variant}`")
                    });
                    let unused = unused.as_deref().or(other.as_deref());
                    Variant { name: Some(&variant.ident), fields: read(&variant.fields, unused, &errors) }
                });
                variants.collect()
            }
            Data::Union(data) => {
                let message = format!(
                    "`derive(Module)` is for structs and enums, and the union `{}` does not know what it holds",
                    input.ident
                );
                let ends = Ends { first: data.union_token.span, last: input.ident.span() };
                errors.push(ends.error(message));
                Vec::new()
            }
        };
        let start = start.filter(|_| unused.is_none());
        let mut item = Self { input, on, variants, start, params: Params::of(input), errors: errors.take() };
        item.check_numbers();
        item.check_sequential();
        item.check_fits();
        item.check_transparent();
        item
    }

    fn fields(&self) -> impl Iterator<Item = &Field<'a>> {
        self.variants.iter().flat_map(|variant| &variant.fields)
    }

    /// `#[module(transparent)]`: there is one layer whose names can be taken.
    fn check_transparent(&mut self) {
        if self.on.transparent.is_none() {
            return;
        }
        let others: Vec<_> = self
            .variants
            .iter()
            .flat_map(|variant| variant.fields.iter().filter(|field| field.is_step()).skip(1))
            .map(|field| {
                let message = format!("`transparent` takes the names of one layer, and `{}` is a second", field.text());
                field.ends().error(message)
            })
            .collect();
        self.errors.extend(others);
    }

    fn expand(&self) -> TokenStream {
        let (gates, module) = (self.gates(), self.module());
        let clone = self.on.no_clone.is_none().then(|| self.clone());
        let (init, methods) = (self.init(), self.methods());
        let forward = self.on.sequential.map(|_| self.forward());
        quote!(#gates #module #clone #init #methods #forward)
    }

    /// After a mistake: all that others use, so that they say nothing.
    fn mended(&self) -> TokenStream {
        let (name, errors) = (&self.input.ident, compile_errors(&self.errors));
        let (params, args, clause) = self.input.generics.split_for_impl();
        let (init, methods) = if self.on.no_init.is_some() {
            (None, None)
        } else {
            let init = quote! {
                impl #params ::fusion::nn::Init for #name #args #clause {
                    fn init_with(_: &mut dyn ::fusion::__private::Rng) -> Self {
                        ::core::panic!("this type has mistakes")
                    }
                }
            };
            (Some(init), self.methods_where(&[], &[]))
        };
        let clone = self.on.no_clone.is_none().then(|| {
            quote! {
                impl #params ::core::clone::Clone for #name #args #clause {
                    fn clone(&self) -> Self {
                        ::core::panic!("this type has mistakes")
                    }
                }
            }
        });
        let forward = self.on.sequential.map(|_| self.mended_forward(&errors));
        let errors = if forward.is_some() { TokenStream::new() } else { errors };
        let gates = self.gates();
        let walks = walks(&TokenStream::new(), &TokenStream::new());
        quote! {
            #errors
            #gates
            impl #params ::fusion::nn::Module for #name #args #clause {
                #walks
            }
            #clone
            #init
            #methods
            #forward
        }
    }

    /// The where-clause as written, and more.
    fn bounds(&self, more: Vec<WherePredicate>) -> Vec<WherePredicate> {
        let written = self.input.generics.where_clause.iter().flat_map(|clause| &clause.predicates);
        written.cloned().chain(more).collect()
    }

    /// A constant for each field of a type without parameters that must be a module: where it is none, the constant
    /// fails with the one error, and what is gated by it is silent.
    fn gates(&self) -> TokenStream {
        let gates = self.variants.iter().flat_map(|variant| {
            variant.fields.iter().filter_map(|field| {
                let (gate, ty) = (self.gate(variant, field)?, &field.field.ty);
                Some(quote_spanned! {ty.span()=>
                    #[doc(hidden)]
                    #[allow(non_upper_case_globals, dead_code)]
                    const #gate: usize = ::fusion::__private::is_module::<#ty>();
                })
            })
        });
        gates.collect()
    }

    fn gate(&self, variant: &Variant<'_>, field: &Field<'_>) -> Option<Ident> {
        let ty = &field.field.ty;
        let silent = field.is_tensor() || matches!(ty, Type::Reference(_)) || self.params.mentions(ty);
        let plain = field.walked && !silent;
        plain.then(|| {
            let variant = variant.name.map(|name| format!("{}_", unraw(name))).unwrap_or_default();
            let name = unraw(&self.input.ident);
            format_ident!("__{}_{}{}_is_module", name, variant, field.at, span = Span::mixed_site())
        })
    }

    fn module(&self) -> TokenStream {
        let name = &self.input.ident;
        let (params, args, _) = self.input.generics.split_for_impl();
        let bounds = self.bounds(self.module_asks().bounds(For::Module));
        let walks = walks(&self.calls("walk", "of"), &self.calls("walk_mut", "of_mut"));
        let (only, parts) = (self.only(), self.parts());
        quote! {
            #[automatically_derived]
            impl #params ::fusion::nn::Module for #name #args where #(#bounds,)* {
                #walks

                #only

                #[allow(unused_variables)]
                fn parts(&self, visit: &mut dyn ::core::ops::FnMut(&dyn ::fusion::nn::Module)) {
                    #parts
                }
            }
        }
    }

    /// A call for each field that may hold layers.
    fn parts(&self) -> TokenStream {
        self.by_variant(
            |field| field.walked && !field.is_tensor(),
            |variant, field| {
                let (layer, ty) = (binding(field), &field.field.ty);
                match self.gate(variant, field) {
                    Some(gate) => quote! {
                        visit(<::fusion::__private::Gate<{ #gate }> as ::fusion::__private::Through<#ty>>::of(#layer));
                    },
                    None => quote_spanned! {ty.span()=>
                        visit(::fusion::__private::part::<<#ty as ::fusion::__private::Walked>::Layer>(#layer));
                    },
                }
            },
        )
    }

    /// What is one layer and nothing else shows what that shows.
    fn only(&self) -> Option<TokenStream> {
        self.on.sequential.or(self.on.transparent)?;
        let visits = self.variants.iter().map(|variant| {
            let steps: Vec<_> = variant.fields.iter().filter(|field| field.is_step()).collect();
            let pattern = variant.pattern(&steps);
            let shown = match steps[..] {
                [] => quote!(true),
                [field] => {
                    let (layer, path) = (binding(field), self.path(field));
                    quote!(::fusion::nn::Module::visit(#layer, #path, input, visit))
                }
                _ => quote!(false),
            };
            quote!(#pattern => #shown,)
        });
        let visits = self::visits("visit", &self.matched(visits));
        let forward = self.on.sequential.map(|_| self.visit_all());
        Some(quote! {
            #forward
            #visits
        })
    }

    /// What is run one after another shows what each of its layers computes.
    fn visit_all(&self) -> TokenStream {
        let arms = self.variants.iter().map(|variant| {
            let steps: Vec<_> = variant.fields.iter().filter(|field| field.is_step()).collect();
            let pattern = variant.pattern(&steps);
            let shown = steps.iter().enumerate().map(|(at, field)| {
                let (layer, path, ty) = (binding(field), self.path(field), &field.field.ty);
                // What the ones behind the first take is not known here.
                let input = if at == 0 { quote!(input) } else { quote!(&[]) };
                match self.gate(variant, field) {
                    Some(gate) => quote! {
                        ::fusion::nn::Module::visit_all(
                            <::fusion::__private::Gate<{ #gate }> as ::fusion::__private::Through<#ty>>::of(#layer),
                            #path,
                            #input,
                            visit,
                        )
                    },
                    None => quote_spanned! {ty.span()=>
                        <<#ty as ::fusion::__private::Walked>::Layer as ::fusion::nn::Module>::visit_all(
                            #layer, #path, #input, visit
                        )
                    },
                }
            });
            quote!(#pattern => true #(&& #shown)*,)
        });
        visits("visit_all", &self.matched(arms))
    }

    /// What `Module` asks of the parameters.
    fn module_asks(&self) -> Asks<'_> {
        let mut asks = Asks::new(&self.params);
        self.fields().filter(|field| field.walked).for_each(|field| asks.layer(&field.field.ty));
        asks
    }

    /// The same call for every field of the variant that it is.
    fn calls(&self, method: &str, of: &str) -> TokenStream {
        let (method, of) = (format_ident!("{method}"), format_ident!("{of}"));
        self.by_variant(|field| field.walked, |variant, field| {
            let (layer, ty, at) = (binding(field), &field.field.ty, self.path(field));
            match self.gate(variant, field) {
                Some(gate) => quote! {
                    ::fusion::nn::Module::#method(
                        <::fusion::__private::Gate<{ #gate }> as ::fusion::__private::Through<#ty>>::#of(#layer),
                        #at,
                        visit,
                    );
                },
                None => quote_spanned! {ty.span()=>
                    <<#ty as ::fusion::__private::Walked>::Layer as ::fusion::nn::Module>::#method(#layer, #at, visit);
                },
            }
        })
    }

    /// Where a field stands, and whether it is declared to hold a parameter: the name of a variant is no part of it.
    fn path(&self, field: &Field<'_>) -> TokenStream {
        let parameter =
            matches!(field.start, Start::Tensor(Filled { parameter: true, .. })).then(|| quote!(.parameter()));
        match &field.field.ident {
            _ if self.on.transparent.is_some() => match parameter {
                Some(_) => quote!(&(*path).parameter()),
                None => quote!(path),
            },
            Some(name) => {
                let name = unraw(name);
                quote!(&path.child(#name)#parameter)
            }
            None => {
                let at = field.at;
                quote!(&path.index(#at)#parameter)
            }
        }
    }

    /// Code for each field of the variant that `self` is.
    fn by_variant(
        &self,
        which: impl Fn(&Field<'a>) -> bool,
        code: impl Fn(&Variant<'a>, &Field<'a>) -> TokenStream,
    ) -> TokenStream {
        let arms = self.variants.iter().map(|variant| {
            let fields: Vec<_> = variant.fields.iter().filter(|field| which(field)).collect();
            let (pattern, code) = (variant.pattern(&fields), fields.iter().map(|field| code(variant, field)));
            quote!(#pattern => { #(#code)* })
        });
        self.matched(arms)
    }

    fn matched(&self, arms: impl Iterator<Item = TokenStream>) -> TokenStream {
        // Of an enum without variants there is nothing to match by reference.
        let of = if self.variants.is_empty() { quote!(*self) } else { quote!(self) };
        quote!(match #of { #(#arms)* })
    }
}

impl Variant<'_> {
    fn path(&self) -> TokenStream {
        match self.name {
            Some(name) => quote!(Self::#name),
            None => quote!(Self),
        }
    }

    /// A pattern that binds these fields.
    fn pattern(&self, fields: &[&Field<'_>]) -> TokenStream {
        let path = self.path();
        let fields = fields.iter().map(|field| {
            let (member, name) = (member(field), binding(field));
            quote!(#member: #name,)
        });
        quote!(#path { #(#fields)* .. })
    }
}

/// The error of an enum that does not say what it starts as, at its name.
fn no_start(input: &DeriveInput, data: &syn::DataEnum) -> Error {
    let name = &input.ident;
    let message = if data.variants.is_empty() {
        format!("there is no variant that `{name}` could start as\nwrite `#[module(no_init)]` above it")
    } else {
        format!(
            "which variant does `{name}` start as?\nwrite `#[module(default)]` above it, `#[module(default = ..)]` above the enum, or `#[module(no_init)]` to make it by hand"
        )
    };
    Error::new_spanned(name, message)
}

fn member(field: &Field<'_>) -> Member {
    match &field.field.ident {
        Some(name) => Member::Named(name.clone()),
        None => Member::Unnamed(Index::from(field.at)),
    }
}

/// The name of a field in the code.
fn binding(field: &Field<'_>) -> Ident {
    format_ident!("__field{}", field.at, span = Span::mixed_site())
}

/// `type` for `r#type`.
fn unraw(name: &Ident) -> String {
    name.to_string().trim_start_matches("r#").to_owned()
}
