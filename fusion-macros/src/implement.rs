//! The traits that a declared model implements.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::Ident;

use crate::check::lost_name;
use crate::expand::Expansion;
use crate::flow::{Axis, Flow, free_axis, free_tensor, shape_type};

impl Expansion<'_> {
    pub fn module(&self) -> TokenStream {
        let (name, (params, args), bounds) = (self.name, self.params(), self.module_bounds());
        let walk = |method: &str, of: &str| {
            let method = format_ident!("{method}");
            let calls = self.checked.steps.iter().map(|step| {
                let at = match &step.layer.name {
                    Some(name) => {
                        let name = name.to_string();
                        quote!(path.child(#name))
                    }
                    None => {
                        let position = step.position;
                        quote!(path.index(#position))
                    }
                };
                let layer = self.layer(step, step.is_module.as_ref(), of);
                quote!(::fusion::nn::Module::#method(#layer, &#at, visit);)
            });
            quote!(#(#calls)*)
        };
        let (walk, walk_mut) = (walk("walk", "of"), walk("walk_mut", "of_mut"));
        let costs = (!self.failed() && self.is_plain()).then(|| {
            quote! {
                fn multiply_adds(&self, output: &[usize]) -> ::core::option::Option<u64> {
                    let mut sum = ::core::option::Option::Some(0);
                    self.__layers(output.first().copied().unwrap_or(1), &mut |_, _, output, layer| {
                        sum = ::fusion::__private::add_costs(sum, layer.multiply_adds(output));
                    });
                    sum
                }
            }
        });
        quote! {
            #[automatically_derived]
            impl<#params> ::fusion::nn::Module for #name #args
            where
                #bounds
            {
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

                #costs
            }
        }
    }

    pub fn init(&self) -> TokenStream {
        let (name, (params, args), bounds) = (self.name, self.params(), self.init_bounds());
        let fields = self.checked.steps.iter().map(|step| {
            let (field, span) = (&step.field, step.layer.ends.first);
            let start = match (&step.start, &step.is_module) {
                (Some(start), _) => start.clone(),
                (None, Some(gate)) => {
                    let ty = &step.ty;
                    let layer = quote_spanned!(span=> <::fusion::__private::Gate<{ #gate }> as ::fusion::__private::Through<#ty>>::Layer);
                    quote!(<#layer as ::fusion::nn::Init>::init_with(rng))
                }
                (None, None) => quote!(::fusion::nn::Init::init_with(rng)),
            };
            quote!(#field: #start,)
        });
        let marker = self.marker().map(|marker| quote!(#marker: ::core::marker::PhantomData,));
        quote! {
            #[automatically_derived]
            impl<#params> ::fusion::nn::Init for #name #args
            where
                #bounds
            {
                fn init_with(rng: &mut dyn ::fusion::__private::Rng) -> Self {
                    Self { #(#fields)* #marker }
                }
            }
        }
    }

    /// The free tensor types of a generic model with layers of the user's.
    pub fn unknown(&self) -> Vec<usize> {
        let mut free: Vec<usize> = self
            .checked
            .bounds
            .iter()
            .flat_map(|bound| [&bound.from, &bound.to])
            .filter_map(|flow| if let Flow::Opaque(n) = flow { Some(*n) } else { None })
            .collect();
        free.sort_unstable();
        free.dedup();
        free
    }

    pub fn free_axes(&self) -> Vec<usize> {
        let mut free = Vec::new();
        for flow in self.checked.bounds.iter().flat_map(|bound| [&bound.from, &bound.to]) {
            if let Flow::Axes(axes) = flow {
                free.extend(axes.iter().filter_map(|axis| if let Axis::Free(n, _) = axis { Some(*n) } else { None }));
            }
        }
        free.sort_unstable();
        free.dedup();
        free
    }

    /// `Tensor<(batch, sizes..)>`, or what stands for it.
    fn tensor(&self, flow: &Flow, batch: &TokenStream) -> TokenStream {
        match flow {
            Flow::Axes(axes) => {
                let axes = axes.iter().map(Axis::ty);
                quote!(::fusion::Tensor<(#batch, #(#axes,)*)>)
            }
            Flow::Const(name) => {
                let shape = shape_type(batch, name);
                quote!(::fusion::Tensor<#shape>)
            }
            Flow::Opaque(n) => free_tensor(*n).into_token_stream(),
            Flow::Open(_) | Flow::Lost => {
                let lost = lost_name(self.name);
                quote!(::fusion::__private::LostType<{ #lost }>)
            }
        }
    }

    /// The bounds of layers whose output only the compiler knows.
    pub fn forward_bounds(&self, batch: &TokenStream) -> TokenStream {
        self.checked
            .bounds
            .iter()
            .map(|bound| {
                let (ty, from, to) = (&bound.ty, self.tensor(&bound.from, batch), self.tensor(&bound.to, batch));
                quote_spanned!(bound.span=> #ty: ::fusion::nn::Forward<#from, Output = #to>,)
            })
            .collect()
    }

    /// The type of the batch.
    fn batch() -> TokenStream {
        format_ident!("__B", span = Span::mixed_site()).into_token_stream()
    }

    /// The types that flow in and out.
    fn ends(&self) -> (TokenStream, TokenStream) {
        let batch = Self::batch();
        let takes = match &self.checked.input {
            Some(axes) => self.tensor(&Flow::Axes(axes.clone()), &batch),
            None => quote!(__X),
        };
        let known = matches!(self.checked.output, Flow::Axes(_) | Flow::Const(_));
        let gives = if self.failed() && !(known && self.checked.input.is_some()) {
            self.tensor(&Flow::Lost, &batch)
        } else {
            self.tensor(&self.checked.output, &batch)
        };
        (takes, gives)
    }

    /// The names of free types.
    fn free(&self) -> Vec<Ident> {
        let axes = self.free_axes().into_iter().map(free_axis);
        axes.chain(self.unknown().into_iter().map(free_tensor)).collect()
    }

    /// `forward` itself, where it has bounds: on a function they say what does not fit; on an impl, that there is no
    /// such function.
    pub fn own_forward(&self) -> Option<TokenStream> {
        if self.failed() || self.checked.bounds.is_empty() {
            return None;
        }
        let (batch, (takes, gives), free) = (Self::batch(), self.ends(), self.free());
        let (bounds, more) = (self.bounds(), self.forward_bounds(&batch));
        Some(quote! {
            #[doc = "What the network makes of `x`."]
            pub fn forward<#batch: ::fusion::dim::Dim, #(#free),*>(&self, x: #takes) -> #gives
            where
                #(#bounds,)*
                #more
            {
                ::fusion::nn::Forward::forward(self, x)
            }
        })
    }

    pub fn forward(&self) -> TokenStream {
        let (name, (params, args), bounds) = (self.name, self.params(), self.bounds());
        let (batch, (takes, gives)) = (Self::batch(), self.ends());
        if self.failed() {
            let any = self.checked.input.is_none();
            let any = if any { quote!(__X,) } else { quote!(#batch: ::fusion::dim::Dim,) };
            return quote! {
                impl<#any #params> ::fusion::nn::Forward<#takes> for #name #args
                where
                    #(#bounds,)*
                {
                    type Output = #gives;
                    fn forward(&self, _: #takes) -> Self::Output {
                        ::core::panic!("this model has mistakes")
                    }
                }
            };
        }
        let (free, more, calls) = (self.free(), self.forward_bounds(&batch), self.calls(&takes, &batch));
        let last = if self.checked.restated { quote!(::fusion::__private::restate(x)) } else { quote!(x) };
        quote! {
            #[automatically_derived]
            impl<#batch: ::fusion::dim::Dim, #params #(#free),*> ::fusion::nn::Forward<#takes> for #name #args
            where
                #(#bounds,)*
                #more
            {
                type Output = #gives;

                fn forward(&self, x: #takes) -> Self::Output {
                    #(#calls)*
                    #last
                }
            }
        }
    }

    /// One call for each layer.
    fn calls(&self, takes: &TokenStream, batch: &TokenStream) -> Vec<TokenStream> {
        let (mut calls, mut flow) = (Vec::new(), takes.clone());
        let mut steps = self.checked.steps.iter();
        while let Some(step) = steps.next() {
            let span = step.layer.ends.first;
            let layer = self.layer(step, step.runs.as_ref().or(step.is_module.as_ref()), "of");
            let function = if self.checked.bounds.is_empty() {
                quote!(::fusion::nn::Forward::forward)
            } else {
                // Next to a bound of the same layer, rustc would take that for the one that is meant.
                quote!(<_ as ::fusion::nn::Forward<#flow>>::forward)
            };
            calls.push(match &step.fused {
                Some(both) => {
                    steps.next();
                    quote_spanned!(span=> let x = #both(#layer, x);)
                }
                None => quote_spanned!(span=> let x = #function(#layer, x);),
            });
            flow = self.tensor(&step.after, batch);
        }
        calls
    }
}
