//! Lets layers take the next one into their own pass: `Conv2d, Relu` is one walk over the tensor, and not two.

use fusion_rules::model::Builtin;
use quote::{format_ident, quote};

use crate::model::ir::{Callee, Node, Step, Unit};
use crate::model::shape::Flow;

/// Fuses the layers of a unit, of its branches and of the units in it.
pub fn fuse(unit: &mut Unit<'_>) {
    nodes(&mut unit.nodes);
}

fn nodes(list: &mut [Node<'_>]) {
    for at in 1..list.len() {
        if let (Some(first), Some(second)) = (row(&list[at - 1]), row(&list[at]))
            && let Some((next, method)) = first.fuses
            && next == second.name
            && let Node::Step(step) = &mut list[at - 1]
            && let Callee::Builtin { fused, bounded: false, .. } = &mut step.callee
            && !step.restated
            && matches!(step.after, Flow::Axes(_) | Flow::Const(_))
        {
            let (name, method) = (format_ident!("{}", first.name), format_ident!("{method}"));
            *fused = Some(quote!(::fusion::nn::#name::#method));
        }
    }
    for node in list {
        match node {
            Node::Step(Step { callee: Callee::Group(unit), .. }) => fuse(unit),
            Node::Step(_) => {}
            Node::Meet(meeting) => meeting.branches.iter_mut().for_each(|way| nodes(&mut way.nodes)),
        }
    }
}

/// The row of a layer of the language that runs once.
fn row(node: &Node<'_>) -> Option<&'static Builtin> {
    node.step().filter(|step| step.repeat.is_none())?.row()
}
