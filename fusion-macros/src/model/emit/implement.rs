//! The traits that a declared model and its groups implement.

use fusion_rules::DYN;
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::Ident;

use crate::model::check::branches::{Meeting, rule_name};
use crate::model::check::list::Node;
use crate::model::check::{Bound, Step, lost_name};
use crate::model::emit::Struct;
use crate::model::shape::{Axis, Flow, free_axis, free_tensor};

impl Struct<'_, '_> {
    pub fn module(&self) -> TokenStream {
        let (name, (params, args), bounds) = (&self.unit.name, self.model.params(), self.module_bounds());
        let walk = |method: &str, of: &str| {
            let method = format_ident!("{method}");
            let calls = self.unit.fields().into_iter().map(|step| {
                let at = step.path();
                let layer = self.layer(step, step.is_module.as_ref(), of);
                if step.is_spread() {
                    return quote! {
                        for (i, layer) in ::core::iter::Iterator::enumerate(::core::iter::IntoIterator::into_iter(#layer)) {
                            let first = #at;
                            ::fusion::nn::Module::#method(layer, &first.plus(i), visit);
                        }
                    };
                }
                quote!(::fusion::nn::Module::#method(#layer, &#at, visit);)
            });
            quote!(#(#calls)*)
        };
        let (walk, walk_mut) = (walk("walk", "of"), walk("walk_mut", "of_mut"));
        // What a group computes with sizes of the model's input only the model can say.
        let known = self.is_model() || self.model.checked.any.is_empty();
        let plain = self.is_plain() || !self.model.checked.any.is_empty();
        let costs = (!self.model.failed() && plain && known).then(|| {
            let rank = match (&self.unit.input, self.unit.input.axes()) {
                (_, Some(axes)) => (axes.len() + 1).into_token_stream(),
                (Flow::Const(name), None) => quote!(#name.rank),
                _ => quote!(input.len()),
            };
            quote! {
                fn visit(
                    &self,
                    path: &::fusion::nn::Path<'_>,
                    input: &[usize],
                    visit: &mut dyn ::fusion::nn::Visit,
                ) -> bool {
                    if input.len() != #rank {
                        return false;
                    }
                    self.__layers(path, input, input, visit);
                    true
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
        let (name, (params, args), bounds) = (&self.unit.name, self.model.params(), self.init_bounds());
        let fields = self.unit.fields().into_iter().map(|step| {
            let (field, ty, span) = (&step.field, &step.ty, step.call_span());
            let layer = match &step.is_module {
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
        quote! {
            #[automatically_derived]
            impl<#params> ::fusion::nn::Init for #name #args
            where
                #bounds
            {
                fn init_with(rng: &mut dyn ::fusion::__private::Rng) -> Self {
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
    fn any(&self, input: &Flow) -> TokenStream {
        let stands = |name: &&Ident| {
            let mut axes = input.axes().unwrap_or_default().iter();
            axes.any(|axis| matches!(axis, Axis::Named(named) if named.any && named.text == name.to_string()))
        };
        let any = self.model.checked.any.iter().filter(stands);
        quote!(#(#any: ::fusion::dim::Dim,)*)
    }

    /// The constant that the sizes of the input are. As no type can be read back from it, `forward` takes a shape `__S`
    /// that is compared.
    fn takes_constant(&self) -> Option<&Ident> {
        if let Flow::Const(name) = &self.unit.input { Some(name) } else { None }
    }

    /// The batch as a parameter, if anything is made of it.
    fn batch_param(&self) -> Option<TokenStream> {
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
    fn ends(&self) -> (TokenStream, TokenStream) {
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
        let unsure = output.axes().is_some_and(|axes| axes.iter().any(|axis| matches!(axis, Axis::Number(DYN))));
        let known =
            matches!(output, Flow::Axes(_) | Flow::Const(_)) && !matches!(self.unit.input, Flow::Lost) && !unsure;
        let gives = if self.model.failed() && !(known && free_of(&output).iter().all(|free| input.contains(free))) {
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
        let (param, any, free) = (self.batch_param(), self.any(&self.unit.input), self.free());
        quote!(#param #any #(#free,)*)
    }

    /// The names of free types.
    fn free(&self) -> Vec<Ident> {
        let axes = self.free_axes().into_iter().map(free_axis);
        axes.chain(self.unknown().into_iter().map(free_tensor)).collect()
    }

    /// `forward` itself, where it has bounds: on a function they say what does not fit; on an impl, that there is no
    /// such function.
    pub fn own_forward(&self) -> Option<TokenStream> {
        if self.model.failed() || self.unit.bounds.is_empty() {
            return None;
        }
        let (batch, (takes, gives)) = (self.batch(), self.ends());
        let (bounds, more, generics) = (self.model.bounds(), self.forward_bounds(&batch), self.generics());
        Some(quote! {
            #[doc = "What the layers make of `x`."]
            pub fn forward<#generics>(&self, x: #takes) -> #gives
            where
                #(#bounds,)*
                #more
            {
                ::fusion::nn::Forward::forward(self, x)
            }
        })
    }

    pub fn forward(&self) -> TokenStream {
        let (name, (params, args), bounds) = (&self.unit.name, self.model.params(), self.model.bounds());
        let (batch, (takes, gives)) = (self.batch(), self.ends());
        if self.model.failed() {
            let any = match &self.unit.input {
                Flow::Lost => quote!(__X,),
                Flow::Opaque(n) => {
                    let tensor = free_tensor(*n);
                    quote!(#tensor,)
                }
                Flow::Const(_) => self.batch_param().unwrap_or_default(),
                input => {
                    let free = free_of(input).into_iter().map(free_axis);
                    let any = self.any(input);
                    quote!(#batch: ::fusion::dim::Dim, #any #(#free,)*)
                }
            };
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
        let more = self.forward_bounds(&batch);
        let last = match &self.model.checked.outputs {
            Some(outputs) if self.is_model() => {
                let (names, taps): (Vec<_>, Vec<_>) = outputs.iter().map(|(name, _)| (name, tap(name))).unzip();
                let output = format_ident!("{}Output", name);
                quote!(#output { #(#names: #taps,)* })
            }
            _ if self.is_model() && self.model.checked.restated => quote!(::fusion::__private::restate(x)),
            _ => quote!(x),
        };
        let generics = self.generics();
        // What rustc finds out about layers it keeps for bodies with the same parameters and bounds. All of a model's
        // bodies therefore have the batch alone, also where a shape must be compared first.
        let (own, body) = match self.takes_constant() {
            Some(shape) => {
                let whole = &batch;
                let batch = format_ident!("__B", span = Span::mixed_site()).into_token_stream();
                let calls = self.calls(&self.unit.nodes, &self.unit.input, &batch);
                let (shape, gives) =
                    (self.model.checked.shapes.ty(&batch, shape), self.tensor(&self.unit.output, &batch));
                let own = quote! {
                    impl #name {
                        fn __forward<#batch: ::fusion::dim::Dim>(&self, x: ::fusion::Tensor<#shape>) -> #gives {
                            #(#calls)*
                            #last
                        }
                    }
                };
                (Some(own), quote!(self.__forward::<#whole>(::fusion::__private::restate(x))))
            }
            None => {
                let calls = self.calls(&self.unit.nodes, &self.unit.input, &batch);
                (None, quote!(#(#calls)* #last))
            }
        };
        quote! {
            #own

            #[automatically_derived]
            impl<#generics #params> ::fusion::nn::Forward<#takes> for #name #args
            where
                #(#bounds,)*
                #more
            {
                type Output = #gives;

                fn forward(&self, x: #takes) -> Self::Output {
                    #body
                }
            }
        }
    }

    /// One call for each layer, the first on a flow like `taken`.
    fn calls(&self, nodes: &[Node<'_>], taken: &Flow, batch: &TokenStream) -> Vec<TokenStream> {
        let (mut calls, mut taken) = (Vec::new(), taken);
        let mut nodes = nodes.iter();
        while let Some(node) = nodes.next() {
            match node {
                Node::Step(step) => {
                    let tap = self.tap(step);
                    let both = step.fused.as_ref().filter(|_| tap.is_none());
                    calls.push(self.step(step, both, taken, batch));
                    calls.extend(tap);
                    taken = &step.after;
                    if both.is_some()
                        && let Some(Node::Step(second)) = nodes.next()
                    {
                        calls.extend(self.tap(second));
                        taken = &second.after;
                    }
                }
                Node::Meet(meeting) => {
                    calls.push(self.meet(meeting, taken, batch));
                    taken = &meeting.after;
                }
            }
        }
        calls
    }

    fn step(&self, step: &Step<'_>, both: Option<&TokenStream>, taken: &Flow, batch: &TokenStream) -> TokenStream {
        let span = step.call_span();
        let gives = self.tensor(&step.after, batch);
        let restate = step.restated.then(|| quote!(let x: #gives = ::fusion::__private::restate(x);));
        if step.is_function() {
            let path = &step.ty;
            return match &step.runs {
                Some(gate) => {
                    quote_spanned!(span=> let x: #gives = ::fusion::__private::through::<{ #gate }, _>(#path)(x); #restate)
                }
                None => quote_spanned!(span=> let x: #gives = #path(x);),
            };
        }
        let layer = self.layer(step, step.runs.as_ref().or(step.is_module.as_ref()), "of");
        if let Some(both) = both {
            return quote_spanned!(span=> let x = #both(#layer, x););
        }
        let function = if let Some(fits) = &step.fits {
            quote!(<::fusion::__private::Fits<{ #fits }> as ::fusion::__private::Call<_, _>>::call)
        } else if self.unit.bounds.is_empty() {
            quote!(::fusion::nn::Forward::forward)
        } else {
            // With a bound on the same layer in scope, inference would pick the bound: the input is named.
            let taken = self.tensor(taken, batch);
            quote!(<_ as ::fusion::nn::Forward<#taken>>::forward)
        };
        match step.repeat {
            Some(_) => {
                let mut call = quote_spanned!(span=> #function(layer, x));
                if step.restated {
                    call = quote!(::fusion::__private::restate(#call));
                }
                quote_spanned! {span=>
                    let mut x = x;
                    for layer in #layer {
                        x = #call;
                    }
                    #restate
                }
            }
            None => quote_spanned!(span=> let x = #function(#layer, x); #restate),
        }
    }

    /// An output that is kept while the next layers go on.
    fn tap(&self, step: &Step<'_>) -> Option<TokenStream> {
        let outputs = self.model.checked.outputs.as_ref().filter(|_| self.is_model())?;
        let (name, _) = outputs.iter().find(|(output, _)| step.name == Some(output))?;
        let tap = tap(name);
        Some(quote!(let #tap = ::core::clone::Clone::clone(&x);))
    }

    fn meet(&self, meeting: &Meeting<'_>, taken: &Flow, batch: &TokenStream) -> TokenStream {
        let span = meeting.ends.first;
        let count = meeting.branches.len();
        let names: Vec<_> = (0..count).map(|at| format_ident!("__branch{at}", span = Span::mixed_site())).collect();
        let branches = meeting.branches.iter().zip(&names).enumerate().map(|(at, (way, name))| {
            let calls = self.calls(&way.nodes, taken, batch);
            let x = if at + 1 == count { quote!(__x) } else { quote!(::core::clone::Clone::clone(&__x)) };
            quote!(let #name = { let x = #x; #(#calls)* x };)
        });
        let gives = self.tensor(&meeting.after, batch);
        let together = match &meeting.by_types {
            None => {
                let rule = format_ident!("{}", format!("{:?}_branches", meeting.meet).to_lowercase());
                quote_spanned!(span=> let x: #gives = ::fusion::__private::#rule(
                    &[#(::fusion::__private::IntoValue::into_value(#names)),*]
                );)
            }
            Some(meets) => {
                let rule = rule_name(meeting.meet);
                let (first, rest) = (&names[0], &names[1..]);
                let steps = meets.iter().zip(rest).map(|(meet, name)| {
                    let (tags, left, right) =
                        (&meet.tags, self.tensor(&meet.left, batch), self.tensor(&meet.right, batch));
                    let (a, b) = if meet.swapped { (quote!(#name), quote!(x)) } else { (quote!(x), quote!(#name)) };
                    quote_spanned!(span=> let x = <#tags as ::fusion::__private::#rule<#left, #right>>::meet(#a, #b);)
                });
                let restate = meeting.restated.then(|| quote!(let x: #gives = ::fusion::__private::restate(x);));
                quote!(let x = #first; #(#steps)* #restate)
            }
        };
        quote! {
            let __x = x;
            #(#branches)*
            #together
        }
    }
}

/// The free sizes of a shape.
fn free_of(flow: &Flow) -> Vec<usize> {
    let axes = flow.axes().unwrap_or_default().iter();
    axes.filter_map(|axis| if let Axis::Free(n) = axis { Some(*n) } else { None }).collect()
}

/// The variable that keeps an output.
fn tap(name: &Ident) -> Ident {
    format_ident!("__tap_{name}", span = Span::mixed_site())
}
