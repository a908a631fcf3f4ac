//! The gradients of a formula, as further nodes of its graph: from the result to the operands (reverse mode).

use std::collections::BTreeMap;

use super::functions::UNARY;
use super::graph::{Binary, Comparison, Graph, Id, Node};
use super::lower;

/// The gradient by each of `n` operands; 0 is that of what the result does not depend on.
pub fn gradients(graph: &mut Graph, root: Id, n: usize) -> Vec<Id> {
    graph.differentiate();
    let incoming = graph.add_node(Node::Incoming);
    let mut slopes = Slopes { graph, of: BTreeMap::from([(root, incoming)]) };
    for id in (0..=root).rev() {
        if let Some(&g) = slopes.of.get(&id)
            && !slopes.graph.is(g, 0.0)
            && !slopes.graph.is_constant(id)
        {
            slopes.visit(id, g);
        }
    }
    let of = slopes.of;
    (0..n)
        .map(|k| {
            let operand = graph.add_node(Node::Operand(k));
            of.get(&operand).copied().unwrap_or_else(|| graph.number(0.0))
        })
        .collect()
}

/// The gradients of nodes so far.
struct Slopes<'a> {
    graph: &'a mut Graph,
    of: BTreeMap<Id, Id>,
}

impl Slopes<'_> {
    fn add(&mut self, to: Id, gradient: Id) {
        let sum = match self.of.get(&to) {
            Some(&sum) => self.graph.add(sum, gradient),
            None => gradient,
        };
        self.of.insert(to, sum);
    }

    /// Hands the gradient `g` of a node on to what it is made of.
    fn visit(&mut self, id: Id, g: Id) {
        match self.graph.node(id) {
            Node::Neg(x) => {
                let gradient = self.graph.neg(g);
                self.add(x, gradient);
            }
            Node::Unary(f, x) => {
                let gradient = lower::rule(self.graph, UNARY[f].gradient, [("g", g), ("x", x), ("y", id)]);
                self.add(x, gradient);
            }
            Node::Binary(f, a, b) => self.binary(f, [a, b, id], g),
            Node::Where(how, [a, b, x, y]) => {
                let zero = self.graph.number(0.0);
                let (taken, left) = (self.graph.choose(how, [a, b, g, zero]), self.graph.choose(how, [a, b, zero, g]));
                self.add(x, taken);
                self.add(y, left);
            }
            Node::Incoming | Node::Operand(_) | Node::Parameter(_) | Node::Number(_) | Node::Constant(_) => {}
        }
    }

    fn binary(&mut self, f: Binary, [a, b, y]: [Id; 3], g: Id) {
        let graph = &mut *self.graph;
        let (da, db) = match f {
            Binary::Add => (g, g),
            Binary::Sub => (g, graph.neg(g)),
            Binary::Mul => (graph.mul(g, b), graph.mul(g, a)),
            Binary::Div => {
                // d(a / b) / db = -(a / b) / b
                let da = graph.div(g, b);
                let product = graph.mul(da, y);
                (da, graph.neg(product))
            }
            // Half of it for each where both are the same, as PyTorch does.
            Binary::Max | Binary::Min => {
                let (zero, half) = (graph.number(0.0), graph.number(0.5));
                let half = graph.mul(half, g);
                let shared = graph.choose(Comparison::Eq, [a, b, half, g]);
                let (da, db) = (
                    graph.choose(Comparison::Lt, [a, b, zero, shared]),
                    graph.choose(Comparison::Lt, [b, a, zero, shared]),
                );
                if f == Binary::Max { (da, db) } else { (db, da) }
            }
            Binary::Pow => {
                let (zero, one) = (graph.number(0.0), graph.number(1.0));
                let less = graph.sub(b, one);
                let power = graph.pow(a, less);
                let slope = graph.mul(b, power);
                let gradient = graph.mul(g, slope);
                // A constant has gradient 0, also where x^-1 or the incoming gradient is infinite.
                let known = graph.known(b).is_some();
                let da = if known { gradient } else { graph.choose(Comparison::Eq, [b, zero, zero, gradient]) };
                if graph.is_constant(b) {
                    return self.add(a, da);
                }
                // 0 to a positive power is 0 whatever the power, though the logarithm is infinite.
                let ln = graph.named("ln", a);
                let rate = graph.mul(y, ln);
                let gradient = graph.mul(g, rate);
                let at_zero = graph.choose(Comparison::Le, [zero, b, zero, gradient]);
                (da, graph.choose(Comparison::Eq, [a, zero, at_zero, gradient]))
            }
        };
        self.add(a, da);
        self.add(b, db);
    }
}
