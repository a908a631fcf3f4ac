//! What is kept of the forward pass for the backward one: the fewest arrays, and of as many those from which less is left
//! to compute.

use std::collections::BTreeSet;

use super::graph::{Graph, Id, Node};

/// An array that is kept.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Saved {
    Operand(usize),
    Result,
}

/// How the gradients are computed.
pub struct Plan {
    pub saved: Vec<Saved>,
    /// The node that is kept as the result, if it is.
    pub cut: Option<Id>,
    /// What the loop computes.
    pub results: Vec<Id>,
    /// What the gradient of each operand is.
    pub gradients: Vec<Gradient>,
}

/// Where the gradient of an operand comes from.
#[derive(Clone, Copy, Debug)]
pub enum Gradient {
    Zero,
    /// It is that of the result.
    Incoming,
    /// This result of the loop.
    Result(usize),
}

/// The plan for these gradients of the formula at `root`.
pub fn plan(graph: &Graph, root: Id, gradients: &[Id]) -> Plan {
    let mut results = Vec::new();
    let gradients = gradients
        .iter()
        .map(|&id| match graph.node(id) {
            Node::Incoming => Gradient::Incoming,
            _ if graph.is(id, 0.0) => Gradient::Zero,
            _ => Gradient::Result(results.iter().position(|&other| other == id).unwrap_or_else(|| {
                results.push(id);
                results.len() - 1
            })),
        })
        .collect();
    let [from_operands, from_result] = [None, Some(root)].map(|cut| needs(graph, &results, cut));
    let rank = |(saved, cost): &(BTreeSet<Saved>, usize)| (saved.len(), *cost);
    let (cut, saved) =
        if rank(&from_result) < rank(&from_operands) { (Some(root), from_result.0) } else { (None, from_operands.0) };
    Plan { saved: saved.into_iter().collect(), cut, results, gradients }
}

/// What computing these nodes takes, if the node `cut` is kept: arrays, and multiplications.
fn needs(graph: &Graph, results: &[Id], cut: Option<Id>) -> (BTreeSet<Saved>, usize) {
    let (mut saved, mut cost) = (BTreeSet::new(), 0);
    for id in reached(graph, results, cut) {
        match graph.node(id) {
            _ if Some(id) == cut => {
                saved.insert(Saved::Result);
            }
            Node::Operand(k) => {
                saved.insert(Saved::Operand(k));
            }
            node => cost += node.cost(),
        }
    }
    (saved, cost)
}

/// The nodes that these are made of and they themselves, in an order in which each comes after what it is made of; what is
/// behind `cut` is left out.
pub fn reached(graph: &Graph, results: &[Id], cut: Option<Id>) -> BTreeSet<Id> {
    let (mut found, mut next) = (BTreeSet::new(), results.to_vec());
    while let Some(id) = next.pop() {
        if found.insert(id) && Some(id) != cut {
            next.extend(graph.node(id).inputs());
        }
    }
    found
}
