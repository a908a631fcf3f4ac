//! What a declared model costs, as a constant.

use fusion_rules::model::Fuses;
use proc_macro2::TokenStream;
use quote::quote;

use crate::model::emit::structure::Struct;
use crate::model::ir::{Node, Step};
use crate::model::shape::{Axis, Flow, free_tensor};

impl Struct<'_, '_> {
    /// `Known`, for a model whose layers say what they cost.
    pub fn known(&self) -> Option<TokenStream> {
        if self.model.failed || matches!(self.unit.input, Flow::Lost) {
            return None;
        }
        let (name, (params, args), bounds) = (&self.unit.name, self.model.params(), self.model.bounds());
        let (takes, layers) = (self.takes(), self.known_layers(&self.unit.nodes, &self.unit.input));
        // The numbers follow from the input's sizes. Only what a layer of the user's takes and gives is known by bounds; other
        // models leave it to whoever asks whether the input fits, and spare rustc to prove it once more.
        let (generics, more) = match layers.is_empty() && self.is_plain() {
            true => (self.input_generics(), None),
            false => (self.generics(), Some(self.forward_bounds(&self.batch()))),
        };
        let tensors = self.unknown().into_iter().map(free_tensor);
        let sizes = self.unit.input.axes().unwrap_or_default().iter().map(|axis| match axis {
            Axis::Named(named) if named.any => {
                let ty = &named.ty;
                quote!(::fusion::__private::size::<#ty>())
            }
            axis => axis.size(),
        });
        let lets = self.free_sizes();
        let (costs, input) = (self.costs(&self.unit.nodes, &self.unit.input), self.dims(&self.unit.input));
        // In a block of its own, rustc computes the cost only where it is asked for: its lints evaluate the constants
        // that stand in a body.
        Some(quote! {
            #[automatically_derived]
            impl<#generics #params> ::fusion::nn::Known<#takes> for #name #args
            where
                #(#bounds,)*
                #more
                #(#tensors: ::fusion::__private::KnownTensor,)*
                #(#layers,)*
            {
                const COST: ::fusion::nn::Cost = const {
                    #[allow(unused_imports)]
                    use ::fusion::__private::Unsaid as _;
                    #[allow(unused_variables)]
                    let __input = [::fusion::__private::rules::Size::Known(1) #(, #sizes)*];
                    #lets
                    let cost = ::fusion::nn::Cost::none(#input);
                    #costs
                    cost
                };
            }
        })
    }

    /// Layers of the user's in a generic model, which must say what they cost.
    fn known_layers(&self, nodes: &[Node<'_>], taken: &Flow) -> Vec<TokenStream> {
        let (mut bounds, mut taken) = (Vec::new(), taken);
        if !self.model.is_generic() {
            return bounds;
        }
        for node in nodes {
            match node {
                Node::Step(step) => {
                    if let Some(unit) = step.unit() {
                        bounds.extend(self.known_layers(&unit.nodes, taken));
                    } else if step.row().is_none() && !step.is_function() {
                        let (ty, x) = (&step.ty, self.tensor(taken, &self.batch()));
                        bounds.push(quote!(#ty: ::fusion::nn::Known<#x>));
                    }
                    taken = &step.after;
                }
                Node::Meet(meeting) => {
                    bounds.extend(meeting.branches.iter().flat_map(|way| self.known_layers(&way.nodes, taken)));
                    taken = &meeting.after;
                }
                Node::Tap(tap) => taken = &tap.after,
            }
        }
        bounds
    }

    /// Statements that add the layers to `cost`.
    fn costs<'n>(&self, nodes: &'n [Node<'_>], mut taken: &'n Flow) -> TokenStream {
        let (mut costs, mut applied) = (TokenStream::new(), None);
        for node in nodes {
            // A batch norm finds the sign of its result again from what it takes, but not that of a sum.
            let norm = node.step().and_then(Step::row).is_some_and(|row| row.fuses == Fuses::Sum);
            let behind = node.is_followed().then_some(!norm);
            match node {
                Node::Step(step) => {
                    let (x, y) = (self.dims(taken), self.dims(&step.after));
                    let one = if step.is_function() {
                        quote!(::fusion::nn::Cost::none(#y))
                    } else if let Some(unit) = step.unit() {
                        let inner = self.costs(&unit.nodes, taken);
                        quote!({ let cost = ::fusion::nn::Cost::none(#x); #inner cost })
                    } else if let Some((rule, args)) = step.rule() {
                        let applied = applied.map(|kept: bool| quote!(.applied(#kept)));
                        quote!(#rule.cost(#args, #x) #applied)
                    } else {
                        let ty = &step.ty;
                        if self.model.is_generic() {
                            let x = self.tensor(taken, &self.batch());
                            quote!(<#ty as ::fusion::nn::Known<#x>>::COST)
                        } else {
                            // Without parameters in it rustc has asked all this before, for `forward`.
                            let x = self.tensor(taken, &quote!(::fusion::dim::Dyn));
                            quote!(::fusion::__private::Said::<#ty, #x>::COST)
                        }
                    };
                    let times = step.repeat.clone().unwrap_or_else(|| quote!(1));
                    costs.extend(quote!(let cost = cost.then(#one, #times).giving(#y);));
                    taken = &step.after;
                }
                Node::Meet(meeting) => {
                    let (x, y) = (self.dims(taken), self.dims(&meeting.after));
                    let branches = meeting.branches.iter().map(|way| {
                        let inner = self.costs(&way.nodes, taken);
                        quote!(.beside({ let cost = ::fusion::nn::Cost::none(#x); #inner cost }))
                    });
                    costs.extend(quote!(let cost = cost.then_met(::fusion::nn::Cost::none(#x) #(#branches)*, #y);));
                    taken = &meeting.after;
                }
                Node::Tap(tap) => {
                    let y = self.dims(&tap.after);
                    costs.extend(quote!(let cost = cost.giving(#y);));
                    taken = &tap.after;
                }
            }
            applied = behind;
        }
        costs
    }

    /// A flow's shape as an expression.
    fn dims(&self, flow: &Flow) -> TokenStream {
        match self.model.checked.answers.flow(flow) {
            Flow::Opaque(n) => {
                let tensor = free_tensor(n);
                quote!(<#tensor as ::fusion::__private::KnownTensor>::DIMS)
            }
            flow => flow.value(),
        }
    }
}
