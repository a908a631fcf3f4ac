//! `Forward` of a declared model and of its groups: one call for each layer.

use fusion_rules::parts::Meet;
use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::Ident;

use crate::model::emit::implement::free_of;
use crate::model::emit::structure::Struct;
use crate::model::emit::unrecursive;
use crate::model::ir::{Callee, Meeting, Node, Output, Step, Tap, Way, rule_name};
use crate::model::shape::{Flow, free_axis, free_tensor};

impl Struct<'_, '_> {
    /// `forward` itself, where it has bounds: on a function they say what does not fit; on an impl, that there is no
    /// such function.
    pub fn own_forward(&self) -> Option<TokenStream> {
        if self.model.failed || self.unit.bounds.is_empty() {
            return None;
        }
        let (batch, (takes, gives)) = (self.batch(), self.ends());
        let (bounds, more, generics) = (self.model.bounds(), self.forward_bounds(&batch), self.generics());
        let (begin, given) = (unrecursive(), self.given());
        Some(quote! {
            #[doc = "What the layers make of `x`."]
            pub fn forward<#generics>(&self, x: #takes) -> #gives
            where
                #(#bounds,)*
                #more
                #given
            {
                #begin
                ::fusion::nn::Forward::forward(self, x)
            }
        })
    }

    pub fn forward(&self) -> TokenStream {
        let (name, (params, args), bounds) = (&self.unit.name, self.model.params(), self.model.bounds());
        let (batch, (takes, gives)) = (self.batch(), self.ends());
        if self.model.failed {
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
        let generics = self.generics();
        let begin = unrecursive();
        let (own, body) = if self.model.is_generic() {
            let (calls, last) = (self.calls(&self.unit.nodes, &self.unit.input, &batch), self.last());
            (None, quote!(#begin #(#calls)* #last))
        } else {
            // What holds for a type without parameters rustc finds out once for all bodies, and what holds for one with
            // parameters again for each. The layers are therefore called with a batch that the run decides.
            let batch = quote!(::fusion::dim::Dyn);
            let takes = self.tensor(&self.unit.input, &batch);
            let several = self.own_outputs().and_then(|_| self.model.outputs_type(&batch));
            let gives = several.unwrap_or_else(|| self.tensor(&self.unit.output, &batch));
            let (calls, last) = (self.calls(&self.unit.nodes, &self.unit.input, &batch), self.last());
            let own = quote! {
                #[allow(dead_code)]
                impl #name {
                    fn __forward(&self, x: #takes) -> #gives {
                        #begin
                        #(#calls)*
                        #last
                    }
                }
            };
            let (whole, output) = (self.batch(), format_ident!("{name}Output"));
            let own_batch = quote!(::fusion::__private::with_batch::<#whole, _, _, _>);
            let body = match self.own_outputs() {
                Some(outputs) => {
                    let fields = outputs.iter().map(|Output { name: field, .. }| quote!(#field: #own_batch(y.#field)));
                    quote!(#output { #(#fields,)* })
                }
                None => quote!(#own_batch(y)),
            };
            (Some(own), quote!(let y = self.__forward(::fusion::__private::any_batch(x)); #body))
        };
        // In a prepared network.
        let given = self.given();
        let ready = self.is_model().then(|| {
            quote! {
                let x = match ::fusion::__private::ready(self, x) {
                    ::core::result::Result::Ok(y) => return y,
                    ::core::result::Result::Err(x) => x,
                };
            }
        });
        quote! {
            #own

            #[automatically_derived]
            impl<#generics #params> ::fusion::nn::Forward<#takes> for #name #args
            where
                #(#bounds,)*
                #more
                #given
            {
                type Output = #gives;

                fn forward(&self, x: #takes) -> Self::Output {
                    #ready
                    #body
                }
            }
        }
    }

    /// What is given is made of tensors, and what is kept can be copied, where only a bound says what it is.
    fn given(&self) -> Option<TokenStream> {
        let open = |flow: &Flow| match self.model.checked.answers.flow(flow) {
            Flow::Opaque(n) => Some(free_tensor(n)),
            _ => None,
        };
        let mut kept = Vec::new();
        self.copied_flows(&self.unit.nodes, &self.unit.input, &mut kept);
        let kept = kept.into_iter().filter_map(open);
        let kept = quote!(#(#kept: ::core::clone::Clone,)*);
        if let Some(outputs) = self.own_outputs() {
            let given = outputs.iter().filter_map(|output| open(&output.gives));
            return Some(quote!(#kept #(#given: ::fusion::__private::Tensors,)*));
        }
        let given = match self.model.checked.answers.flow(&self.unit.output) {
            Flow::Opaque(n) if self.is_model() => {
                let tensor = free_tensor(n);
                Some(quote!(#tensor: ::fusion::__private::Tensors,))
            }
            _ => None,
        };
        Some(quote!(#kept #given))
    }

    /// The flows that are copied: what is kept, and what several branches take.
    fn copied_flows<'n>(&self, nodes: &'n [Node<'_>], mut taken: &'n Flow, into: &mut Vec<&'n Flow>) {
        for node in nodes {
            if let Node::Meet(meeting) = node {
                let takes = |way: &&Way<'_>| way.takes_what_flows();
                into.extend((meeting.branches.iter().filter(takes).count() > 1).then_some(taken));
                meeting.branches.iter().for_each(|way| self.copied_flows(&way.nodes, taken, into));
            }
            taken = node.after();
            into.extend(node.name().filter(|name| self.is_kept(name)).map(|_| taken));
        }
    }

    /// The layers that are outputs, where this is the model itself and it has several.
    fn own_outputs(&self) -> Option<&[Output]> {
        self.model.checked.outputs.as_deref().filter(|_| self.is_model())
    }

    /// What the last line of `forward` is.
    fn last(&self) -> TokenStream {
        match self.own_outputs() {
            Some(outputs) => {
                let (names, taps): (Vec<_>, Vec<_>) = outputs.iter().map(|o| (&o.name, tap(&o.name))).unzip();
                let output = format_ident!("{}Output", self.unit.name);
                quote!(#output { #(#names: #taps,)* })
            }
            None if self.is_model() && self.model.checked.restated => quote!(::fusion::__private::restate(x)),
            None => quote!(x),
        }
    }

    /// One call for each layer, the first on a flow like `taken`.
    fn calls(&self, nodes: &[Node<'_>], taken: &Flow, batch: &TokenStream) -> Vec<TokenStream> {
        let (mut calls, mut taken) = (Vec::new(), taken);
        let mut nodes = nodes.iter();
        while let Some(node) = nodes.next() {
            let behind = if node.is_followed() { nodes.next().and_then(Node::step) } else { None };
            let (call, gives) = match (node, behind) {
                (Node::Step(step), Some(behind)) => (self.followed(step, behind, batch), &step.after),
                (Node::Step(step), None) => (self.step(step, taken, batch), &step.after),
                (Node::Meet(meeting), behind) => (self.meet(meeting, behind, taken, batch), &meeting.after),
                (Node::Tap(Tap { name, after, .. }), _) => {
                    let kept = tap(name);
                    (quote!(let x = ::core::clone::Clone::clone(&#kept);), after)
                }
            };
            calls.push(call);
            calls.extend(behind.map_or(node.name(), |behind| behind.name).and_then(|name| self.kept(name)));
            taken = behind.map_or(gives, |behind| &behind.after);
        }
        calls
    }

    /// A layer that does the activation behind it.
    fn followed(&self, step: &Step<'_>, behind: &Step<'_>, batch: &TokenStream) -> TokenStream {
        let (layer, activation) = (&step.field, &behind.field);
        let (gives, at) = (self.tensor(&behind.after, batch), step.ends.first);
        let call = quote_spanned!(at=> (::fusion::__private::followed)(&self.#layer, x, &self.#activation));
        quote_spanned!(step.call_span()=> let x: #gives = #call;)
    }

    fn step(&self, step: &Step<'_>, taken: &Flow, batch: &TokenStream) -> TokenStream {
        let span = step.call_span();
        let gives = self.tensor(&step.after, batch);
        let restate = step.restated.then(|| quote!(let x: #gives = ::fusion::__private::restate(x);));
        if step.is_function() {
            let path = &step.ty;
            return match step.runs() {
                Some(gate) => {
                    quote_spanned!(span=> let x: #gives = ::fusion::__private::through::<{ #gate }, _>(#path)(x); #restate)
                }
                None => quote_spanned!(span=> let x: #gives = #path(x);),
            };
        }
        let layer = self.layer(step, step.runs().or(step.is_module()), "of");
        // What a run tells of a call (a panic, an anomaly) shows where the layer is written.
        let at = step.ends.first;
        let call = |function: &TokenStream| quote_spanned!(at=> (#function)(#layer, x));
        let function = if let Callee::Builtin { fits: Some(fits), .. } = &step.callee {
            quote!(<::fusion::__private::Fits<{ #fits }> as ::fusion::__private::Call<_, _>>::call)
        } else if let (Some(unit), false) = (step.unit(), self.model.is_generic()) {
            let unit = &unit.name;
            quote!(#unit::__forward)
        } else if self.unit.bounds.is_empty() {
            quote!(::fusion::nn::Forward::forward)
        } else {
            // With a bound on the same layer in scope, inference would pick the bound: the input is named.
            let taken = self.tensor(taken, batch);
            quote!(<_ as ::fusion::nn::Forward<#taken>>::forward)
        };
        match step.repeat {
            Some(_) => {
                let mut call = quote_spanned!(at=> (#function)(layer, x));
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
            None => {
                let call = call(&function);
                quote_spanned!(span=> let x = #call; #restate)
            }
        }
    }

    /// A result that is kept while the next layers go on: an output, or one that is taken up again.
    fn kept(&self, name: &Ident) -> Option<TokenStream> {
        let kept = tap(name);
        self.is_kept(name).then(|| quote!(let #kept = ::core::clone::Clone::clone(&x);))
    }

    fn is_kept(&self, name: &Ident) -> bool {
        let is_output = |outputs: &[Output]| outputs.iter().any(|output| output.name == *name);
        self.unit.is_tapped(name) || self.own_outputs().is_some_and(is_output)
    }

    /// Branches that meet, and an activation behind their sum that it does too.
    fn meet(&self, meeting: &Meeting<'_>, behind: Option<&Step<'_>>, taken: &Flow, batch: &TokenStream) -> TokenStream {
        let span = meeting.ends.first;
        let names: Vec<_> =
            (0..meeting.branches.len()).map(|at| format_ident!("__branch{at}", span = Span::mixed_site())).collect();
        let takes = meeting.branches.iter().rposition(Way::takes_what_flows);
        let taken_x = takes.map(|_| quote!(let __x = x;));
        // The layer that does the sum runs when both branches are there.
        let last = meeting.summed.and_then(|summed| Some((summed.by, meeting.branches[summed.by].nodes.split_last()?)));
        let branches = meeting.branches.iter().zip(&names).enumerate().map(|(at, (way, name))| {
            let nodes = match last {
                Some((by, (_, before))) if by == at => before,
                _ => &way.nodes,
            };
            let calls = self.calls(nodes, taken, batch);
            // What begins with the result of an earlier layer does not take what flows in.
            if !way.takes_what_flows() {
                return quote!(let #name = { #(#calls)* x };);
            }
            let x = if Some(at) == takes { quote!(__x) } else { quote!(::core::clone::Clone::clone(&__x)) };
            quote!(let #name = { let x = #x; #(#calls)* x };)
        });
        if let Some((by, (Node::Step(layer), _))) = last {
            let (field, at) = (&layer.field, layer.ends.first);
            let gives = self.tensor(behind.map_or(&meeting.after, |behind| &behind.after), batch);
            let (x, other) = (&names[by], &names[1 - by]);
            let activation = match behind {
                Some(behind) => {
                    let activation = &behind.field;
                    quote!(&self.#activation)
                }
                None => quote!(&()),
            };
            let call = quote_spanned!(at=> (::fusion::__private::summed)(&self.#field, #x, #other, #activation));
            return quote! {
                #taken_x
                #(#branches)*
                let x: #gives = #call;
            };
        }
        let gives = self.tensor(&meeting.after, batch);
        let together = match &meeting.by_types {
            None => {
                let rule = match meeting.meet {
                    Meet::Sum => quote!(sum_branches),
                    Meet::Join => quote!(join_branches),
                };
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
            #taken_x
            #(#branches)*
            #together
        }
    }
}

/// The variable that keeps a result.
fn tap(name: &Ident) -> Ident {
    format_ident!("__tap_{name}", span = Span::mixed_site())
}
