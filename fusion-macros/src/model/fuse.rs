//! Lets layers do what follows them in their own pass: `Conv2d, Relu` is one walk over the tensor, and not two, and so is
//! the sum of branches behind a batch norm.

use fusion_rules::model::{Builtin, Fuses, LayerKind};
use fusion_rules::parts::Meet;
use syn::Ident;

use crate::model::ir::{Callee, Checked, Meeting, Node, Step, Summed};
use crate::model::shape::Flow;

/// Fuses the layers of a model. What one of its outputs is, or is taken up again, stays a result of its own.
pub fn fuse(checked: &mut Checked<'_>) {
    let outputs = checked.outputs.iter().flatten().map(|output| output.name.clone());
    let kept: Vec<_> = outputs.chain(checked.unit.taps.iter().cloned()).collect();
    nodes(&mut checked.unit.nodes, &kept);
}

fn nodes(list: &mut [Node<'_>], kept: &[Ident]) {
    for at in 0..list.len() {
        let followed = list.get(at + 1).is_some_and(|next| fuses(next) == Fuses::IntoBefore);
        match &mut list[at] {
            Node::Step(step) => {
                let is_kept = step.name.is_some_and(|name| kept.contains(name));
                let follows = followed && !is_kept && follows(step);
                match &mut step.callee {
                    Callee::Builtin { followed, .. } => *followed = follows,
                    Callee::Group(unit) => nodes(&mut unit.nodes, &unit.taps),
                    _ => {}
                }
            }
            Node::Meet(meeting) => {
                meeting.branches.iter_mut().for_each(|way| nodes(&mut way.nodes, kept));
                let followed = followed && !meeting.name.is_some_and(|name| kept.contains(name));
                meeting.summed = summed_by(meeting).map(|by| Summed { by, followed });
            }
            Node::Tap(_) => {}
        }
    }
}

/// The branch of a sum of two whose last layer can do the sum. It runs behind the other one: if both can, it is the second,
/// as that is behind the first in any case.
fn summed_by(meeting: &Meeting<'_>) -> Option<usize> {
    if meeting.meet != Meet::Sum || meeting.branches.len() != 2 || !is_known(&meeting.after) {
        return None;
    }
    let sums = |nodes: &[Node<'_>]| {
        let Some(Node::Step(last)) = nodes.last() else { return false };
        row(last).is_some_and(|row| row.fuses == Fuses::Sum) && is_known(&last.after)
    };
    (0..2).rev().find(|&at| sums(&meeting.branches[at].nodes))
}

/// Whether a layer can do the activation behind it.
fn follows(step: &Step<'_>) -> bool {
    let Callee::Builtin { row, bounded, .. } = step.callee else { return false };
    // All that is known of a bounded layer is that it runs, and not that its window consists of numbers.
    let called = !bounded || row.kind != LayerKind::Convolution;
    step.repeat.is_none() && matches!(row.fuses, Fuses::Activation | Fuses::Sum) && called && is_known(&step.after)
}

/// Whether the type of what flows can be written.
fn is_known(flow: &Flow) -> bool {
    matches!(flow, Flow::Axes(_) | Flow::Const(_))
}

/// What a layer of the language that runs once does with those beside it.
fn fuses(node: &Node<'_>) -> Fuses {
    node.step().and_then(row).map_or(Fuses::Nothing, |row| row.fuses)
}

fn row(step: &Step<'_>) -> Option<&'static Builtin> {
    step.row().filter(|_| step.repeat.is_none())
}
