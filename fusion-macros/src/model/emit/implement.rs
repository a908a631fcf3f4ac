//! The traits that a declared model and its groups implement.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::Ident;

use crate::model::emit::structure::Struct;
use crate::model::emit::unrecursive;
use crate::model::ir::{Bound, lost_name};
use crate::model::shape::{Axis, Flow, free_axis, free_tensor};

impl Struct<'_, '_> {
    pub fn init(&self) -> TokenStream {
        let (name, (params, args), bounds) = (&self.unit.name, self.model.params(), self.init_bounds());
        let fields = self.unit.fields().into_iter().map(|step| {
            let (field, ty, span) = (&step.field, &step.ty, step.call_span());
            let layer = match step.is_module() {
                Some(gate) => {
                    quote_spanned!(span=> <::fusion::__private::Gate<{ #gate }> as ::fusion::__private::Through<#ty>>::Layer)
                }
                None => ty.clone(),
            };
            let own = quote_spanned!(span=> <#layer as ::fusion::nn::Init>::init_with(rng));
            let start = step.starts.applied(&layer, own, &self.model.starts.of(step));
            match &step.repeat {
                Some(_) => quote!(#field: ::core::array::from_fn(|_| #start),),
                None => quote!(#field: #start,),
            }
        });
        let marker = self.marker().map(|marker| quote!(#marker: ::core::marker::PhantomData,));
        let begin = unrecursive();
        quote! {
            #[automatically_derived]
            impl<#params> ::fusion::nn::Init for #name #args
            where
                #bounds
            {
                fn init_with(rng: &mut dyn ::fusion::__private::Rng) -> Self {
                    #begin
                    let _ = &rng;
                    Self { #(#fields)* #marker }
                }
            }
        }
    }

    /// The flows that this struct's types depend on.
    fn flows(&self) -> Vec<Flow> {
        let mut flows = vec![self.unit.input.clone()];
        for bound in self.own_bounds() {
            match bound {
                Bound::Layer { from, to, .. } => flows.extend([from.clone(), to.clone()]),
                Bound::Meet { left, right, to, .. } => {
                    flows.extend([left.clone(), right.clone()]);
                    flows.extend(to.clone());
                }
            }
        }
        flows.iter().map(|flow| self.model.checked.answers.flow(flow)).collect()
    }

    /// The free tensor types of a generic model with layers of the user's.
    pub fn unknown(&self) -> Vec<usize> {
        let flows = self.flows();
        let mut free: Vec<usize> =
            flows.iter().filter_map(|flow| if let Flow::Opaque(n) = flow { Some(*n) } else { None }).collect();
        free.sort_unstable();
        free.dedup();
        free
    }

    pub fn free_axes(&self) -> Vec<usize> {
        let mut free: Vec<usize> = self.flows().iter().flat_map(free_of).collect();
        free.sort_unstable();
        free.dedup();
        free
    }

    /// `Tensor<(batch, sizes..)>`, or what stands for it.
    pub fn tensor(&self, flow: &Flow, batch: &TokenStream) -> TokenStream {
        match self.model.checked.answers.flow(flow) {
            Flow::Axes(axes) => {
                let axes = axes.iter().map(Axis::ty);
                quote!(::fusion::Tensor<(#batch, #(#axes,)*)>)
            }
            Flow::Integers(axes) => {
                let axes = axes.iter().map(Axis::ty);
                quote!(::fusion::Tensor<(#batch, #(#axes,)*), i64>)
            }
            Flow::Const(name) => {
                let shape = self.model.checked.shapes.ty(batch, &name);
                quote!(::fusion::Tensor<#shape>)
            }
            Flow::Opaque(n) => free_tensor(n).into_token_stream(),
            Flow::Open(_) | Flow::Lost => {
                let lost = lost_name(self.model.name);
                quote!(::fusion::__private::LostType<{ #lost }>)
            }
        }
    }

    /// The bounds of layers whose output only the compiler knows.
    pub fn forward_bounds(&self, batch: &TokenStream) -> TokenStream {
        self.own_bounds()
            .map(|bound| match bound {
                Bound::Layer { ty, from, to, span } => {
                    let (from, to) = (self.tensor(from, batch), self.tensor(to, batch));
                    quote_spanned!(*span=> #ty: ::fusion::nn::Forward<#from, Output = #to>,)
                }
                Bound::Meet { tags, rule, left, right, to, span } => {
                    let (left, right) = (self.tensor(left, batch), self.tensor(right, batch));
                    let to = to.as_ref().map(|to| {
                        let to = self.tensor(to, batch);
                        quote!(, Output = #to)
                    });
                    quote_spanned!(*span=> #tags: ::fusion::__private::#rule<#left, #right #to>,)
                }
            })
            .collect()
    }

    /// The type of the batch.
    pub fn batch(&self) -> TokenStream {
        match self.takes_constant() {
            Some(_) => quote!(<__S as ::fusion::__private::Batched>::Batch),
            None => format_ident!("__B", span = Span::mixed_site()).into_token_stream(),
        }
    }

    /// The sizes of the model's input that may be anything, as parameters, as far as this struct's input has them.
    pub fn any(&self, input: &Flow) -> TokenStream {
        let stands = |name: &&Ident| {
            let mut axes = input.axes().unwrap_or_default().iter();
            axes.any(|axis| matches!(axis, Axis::Named(named) if named.any && named.text == name.to_string()))
        };
        let any = self.model.checked.any.iter().filter(stands);
        quote!(#(#any: ::fusion::dim::Dim,)*)
    }

    /// The constant that the sizes of the input are. As no type can be read back from it, `forward` takes a shape `__S`
    /// that is compared.
    pub fn takes_constant(&self) -> Option<&Ident> {
        if let Flow::Const(name) = &self.unit.input { Some(name) } else { None }
    }

    /// The batch as a parameter, if anything is made of it.
    pub fn batch_param(&self) -> Option<TokenStream> {
        let whole = |flow: &Flow| !matches!(flow, Flow::Opaque(_));
        let flows = self.flows();
        let output = self.model.checked.answers.flow(&self.unit.output);
        let batch = self.batch();
        if let Some(name) = self.takes_constant() {
            let shape = self.model.checked.shapes.ty(&batch, name);
            return Some(quote!(__S: ::fusion::__private::Batched + ::fusion::__private::Is<#shape>,));
        }
        (flows.iter().any(whole) || whole(&output)).then(|| quote!(#batch: ::fusion::dim::Dim,))
    }

    /// The types that flow in and out.
    pub fn ends(&self) -> (TokenStream, TokenStream) {
        let batch = self.batch();
        let takes = match &self.unit.input {
            Flow::Lost => quote!(__X),
            Flow::Const(_) => quote!(::fusion::Tensor<__S>),
            input => self.tensor(input, &batch),
        };
        if self.is_model()
            && let Some(outputs) = self.model.outputs_type(&batch)
        {
            return (takes, outputs);
        }
        let output = self.model.checked.answers.flow(&self.unit.output);
        let input = free_of(&self.unit.input);
        let unsure = output.axes().is_some_and(|axes| axes.iter().any(|axis| matches!(axis, Axis::Dyn)));
        let known =
            matches!(output, Flow::Axes(_) | Flow::Const(_)) && !matches!(self.unit.input, Flow::Lost) && !unsure;
        let gives = if self.model.failed && !(known && free_of(&output).iter().all(|free| input.contains(free))) {
            self.tensor(&Flow::Lost, &batch)
        } else {
            self.tensor(&output, &batch)
        };
        (takes, gives)
    }

    /// The type that flows in.
    pub fn takes(&self) -> TokenStream {
        self.ends().0
    }

    /// The parameters of `forward`'s impl besides the model's: the batch, sizes that may be anything, free types.
    pub fn generics(&self) -> TokenStream {
        let (input, free) = (self.input_generics(), self.free());
        quote!(#input #(#free,)*)
    }

    /// Those of them that stand in the input.
    pub fn input_generics(&self) -> TokenStream {
        let (param, any) = (self.batch_param(), self.any(&self.unit.input));
        quote!(#param #any)
    }

    /// The names of free types.
    pub fn free(&self) -> Vec<Ident> {
        let axes = self.free_axes().into_iter().map(free_axis);
        axes.chain(self.unknown().into_iter().map(free_tensor)).collect()
    }
}

/// The free sizes of a shape.
pub fn free_of(flow: &Flow) -> Vec<usize> {
    let axes = flow.axes().unwrap_or_default().iter();
    axes.filter_map(|axis| if let Axis::Free(n) = axis { Some(*n) } else { None }).collect()
}
