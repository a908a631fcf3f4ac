//! What is stated of shapes: behind layers, and as the outputs of a model.

use fusion_rules::Dims;
use fusion_rules::parts::{output_text, stated_text};
use proc_macro2::TokenStream;
use quote::quote;
use syn::Ident;

use crate::diagnostics::{Ends, nearest};
use crate::model::ast::{Sizes, Stated};
use crate::model::check::Checker;
use crate::model::ir::{Node, Output, Unit};
use crate::model::shape::{Axis, Flow};

/// The sentence for two shapes that differ, with the names of sizes.
type Says<'a> = &'a dyn Fn(Dims, Dims, &[&str]) -> String;

impl Checker<'_> {
    /// The output's type, and whether it is stated and only const evaluation has compared it.
    pub fn output(&mut self, unit: &Unit<'_>, stated: &Sizes) -> (Flow, bool) {
        let last = unit.output.clone();
        let Some(axes) = self.shape(stated, "output") else {
            return (Flow::Lost, false);
        };
        if axes.len() > 1 && self.states_batch(&last, stated, &axes) {
            return (last, false);
        }
        let from = self.origin.text.clone();
        let says: Says<'_> = &|gives, states, names| output_text(&from, gives, states, names).to_string();
        let restated = self.compare(&last, &axes, stated.ends, says, quote!(check_output), &from);
        (Flow::Axes(axes), restated)
    }

    /// The layers that are outputs, and what each gives.
    pub fn outputs(&mut self, unit: &mut Unit<'_>, named: &[(Ident, Stated)]) -> Vec<Output> {
        let mut outputs: Vec<Output> = Vec::new();
        let name = self.name.clone();
        for (output, stated) in named {
            if outputs.iter().any(|known| known.name == *output) {
                self.mistake(output.span().into(), format!("there is an output `{output}` already"));
                continue;
            }
            let named = || unit.nodes.iter().filter(|node| node.name().is_some());
            let Some(node) = named().find(|node| node.name() == Some(output)) else {
                let names: Vec<_> = named().filter_map(Node::name).map(Ident::to_string).collect();
                let mut message =
                    format!("there is no layer `{output}` in `{name}`: an output has the name of a layer");
                if let Some(meant) = nearest(&output.to_string(), names.iter().map(String::as_str), 2) {
                    message += &format!("\ndid you mean `{meant}`?");
                }
                self.mistake(output.span().into(), message);
                continue;
            };
            let (mut gives, short) = (node.after().clone(), node.words().0);
            match stated {
                Stated::Sizes(None) => continue,
                Stated::Sizes(Some(sizes)) => {
                    let Some(axes) = self.shape(sizes, "output") else { continue };
                    self.stated(&gives, &axes, sizes.ends, &short);
                    gives = Flow::Axes(axes);
                }
                Stated::Nothing if self.is_generic() || matches!(gives, Flow::Axes(_) | Flow::Lost) => {}
                Stated::Nothing => {
                    let message = format!("say what `{output}` gives, which only the compiler knows: `{output}: [..]`");
                    self.mistake(output.span().into(), message);
                    continue;
                }
            }
            let spelled = |axis: &Axis| match axis {
                Axis::Number(_) => true,
                Axis::Named(named) => !named.any,
                _ => false,
            };
            let spelled = gives.axes().is_some_and(|axes| axes.iter().all(spelled));
            if !matches!(gives, Flow::Lost) {
                outputs.push(Output { name: output.clone(), gives, spelled });
            }
        }
        if let Some(last) = unit.nodes.last().and_then(|node| node.step().filter(|step| !step.is_function())) {
            if !named.iter().any(|(output, _)| last.name == Some(output)) {
                let message = format!("`{}` is behind all outputs: nothing uses it", last.short);
                self.mistake(last.ends, message);
            }
        } else if let Some(Node::Meet(last)) = unit.nodes.last()
            && !named.iter().any(|(output, _)| last.name == Some(output))
        {
            self.mistake(last.ends, "this is behind all outputs: nothing uses it");
        }
        unit.output = Flow::Lost;
        outputs
    }

    /// Refuses a result that nothing uses, as what is behind it goes on from another one.
    pub fn unused(&mut self, nodes: &[Node<'_>], kept: &[Ident]) {
        for (at, node) in nodes.iter().enumerate() {
            let left = nodes.get(at + 1).is_some_and(|next| !next.takes_what_flows());
            if left && !node.name().is_some_and(|name| kept.contains(name)) {
                let (short, ends) = node.words();
                let message = format!("nothing uses what `{short}` gives: the next line goes on from another layer");
                self.mistake(ends, message);
            }
            match node {
                Node::Step(step) => {
                    if let Some(unit) = step.unit() {
                        self.unused(&unit.nodes, &unit.taps);
                    }
                }
                Node::Meet(meeting) => meeting.branches.iter().for_each(|way| self.unused(&way.nodes, kept)),
                Node::Tap(_) => {}
            }
        }
    }

    /// Compares what a layer gives with what is stated; whether only const evaluation does.
    pub fn stated(&mut self, gives: &Flow, states: &[Axis], ends: Ends, layer: &str) -> bool {
        let says: Says<'_> = &|gives, states, names| stated_text(layer, gives, states, names).to_string();
        self.compare(gives, states, ends, says, quote!(check_stated), layer)
    }

    fn compare(
        &mut self,
        gives: &Flow,
        states: &[Axis],
        ends: Ends,
        says: Says<'_>,
        check: TokenStream,
        layer: &str,
    ) -> bool {
        let numbers = |axes: &[Axis]| !axes.iter().any(Axis::is_symbolic);
        match gives {
            Flow::Axes(axes) if self.is_generic() || (numbers(axes) && numbers(states)) => {
                self.compare_axes(axes, states, ends, says);
                false
            }
            Flow::Axes(_) | Flow::Const(_) => {
                let (gives, states) = (gives.value(), Flow::Axes(states.to_vec()).value());
                self.check(ends, check, quote!(#layer, #gives, #states));
                true
            }
            Flow::Opaque(_) => {
                self.answers.unify(gives, &Flow::Axes(states.to_vec()));
                false
            }
            Flow::Integers(_) | Flow::Open(_) | Flow::Lost => false,
        }
    }

    /// Compares shapes where the macro can; free sizes become the stated ones.
    fn compare_axes(&mut self, given: &[Axis], stated: &[Axis], ends: Ends, says: Says<'_>) {
        let fits = given.len() == stated.len()
            && given.iter().zip(stated).all(|pair| match pair {
                (Axis::Free(..) | Axis::Dyn, _) => true,
                (Axis::Named(a), Axis::Named(b)) if a.generic && b.generic => a.text == b.text,
                (Axis::Named(a), _) if !a.generic => true,
                (_, Axis::Named(b)) if !b.generic => true,
                (Axis::Number(a), Axis::Number(b)) => a == b,
                _ => false,
            });
        if fits {
            return self.answers.unify(&Flow::Axes(given.to_vec()), &Flow::Axes(stated.to_vec()));
        }
        let (gives, states) = (self.dims(given), self.dims(stated));
        let message = says(gives, states, &self.names());
        self.mistake(ends, message);
    }
}
