//! A network read as a list of operations, from what it shows of itself.

use super::graph::{At, Gives, Graph, Node, Op};
use super::layers::{Made, operation};
use crate::graph::Value;
use crate::kernels::DType;
use crate::nn::module::visit::{Call, Layer, Part, Visit};
use crate::nn::module::{Module, Path};
use std::collections::HashMap;

/// The operations of a network, and the sizes that it takes, batch in front, where they are known; none if it does not say
/// all that it computes, or computes with other elements than `f32`.
pub fn read(network: &dyn Module) -> Option<(Graph, Vec<usize>)> {
    // What holds parts, which answer for themselves, has a `forward` that asks nobody.
    let mut parts = false;
    network.parts(&mut |_| parts = true);
    if parts {
        return None;
    }
    let mut floats = Vec::new();
    network.walk(&Path::root(), &mut |_, value| {
        if value.dtype().is_float() {
            floats.push(value.dtype());
        }
    });
    if floats.is_empty() || floats.iter().any(|dtype| *dtype != DType::F32) {
        return None;
    }
    let mut reader = Reader::default();
    reader.graph.push(Node::new(Op::Input, Vec::new(), Gives::Same));
    let said = network.visit_all(&Path::root(), &[], &mut reader);
    if !said || reader.unknown {
        return None;
    }
    if reader.graph.outputs.is_empty() {
        reader.graph.outputs.push((String::new(), reader.now));
    }
    Some((reader.graph, reader.input.unwrap_or_default()))
}

#[derive(Default)]
struct Reader {
    graph: Graph,
    /// What the next layer takes.
    now: At,
    open: Vec<Open>,
    /// Results that are taken up again, by their paths.
    kept: HashMap<String, At>,
    /// The sizes that the first layer takes.
    input: Option<Vec<usize>>,
    /// Something was shown of which nobody knows what it computes.
    unknown: bool,
}

/// What has been entered and not left.
#[expect(clippy::large_enum_variant, reason = "there are a few at a time")]
enum Open {
    Group,
    Branch,
    /// What goes in, and what the branches gave so far.
    Meet {
        op: Op,
        taken: At,
        gave: Vec<At>,
    },
}

impl Reader {
    fn push(&mut self, op: Op, gives: Gives) {
        let from = vec![self.now];
        self.now = self.graph.push(Node::new(op, from, gives));
    }

    /// What a layer or a function of the user's does.
    fn call(&mut self, call: Call, output: &[usize]) {
        self.graph.mixes_samples = true;
        let gives = output.split_first().map_or(Gives::Called, |(_, sample)| Gives::Sizes(sample.to_vec()));
        self.push(Op::Call(call), gives);
    }

    /// A layer of the user's: what it shows that it computes, else a copy of it.
    fn custom(&mut self, layer: &Layer<'_>) {
        let (nodes, outputs, open, now) = (self.graph.nodes.len(), self.graph.outputs.len(), self.open.len(), self.now);
        let unknown = std::mem::take(&mut self.unknown);
        let said = layer.module.show_all(layer.path, layer.input, self);
        if !said || self.unknown {
            self.graph.nodes.truncate(nodes);
            self.graph.outputs.truncate(outputs);
            self.open.truncate(open);
            self.now = now;
            self.unknown = unknown;
            match layer.copy.and_then(|copy| copy()) {
                Some(call) => self.call(call, layer.output),
                None => self.unknown = true,
            }
        } else {
            self.unknown = unknown;
        }
    }
}

impl Visit for Reader {
    fn layer(&mut self, layer: Layer<'_>) {
        self.input.get_or_insert_with(|| layer.input.to_vec());
        // So does a single layer.
        self.unknown |= layer.path.is_root();
        match (layer.row, layer.count) {
            (None, _) => self.custom(&layer),
            // Each of them by itself.
            (Some(_), Some(_)) => {
                let said = layer.module.show_all(layer.path, layer.input, self);
                self.unknown |= !said;
            }
            (Some(row), None) => match operation(&layer, row.layer, row.sizes) {
                Some(Made::Op(op, activation)) => {
                    self.push(op, Gives::Row(row.layer, row.sizes.to_vec()));
                    self.graph.nodes[self.now].activation = activation;
                }
                Some(Made::Nothing) => {}
                None => self.unknown = true,
            },
        }
    }

    fn function(&mut self, _: &Path<'_>, _: &str, _: &[usize]) {
        self.unknown = true;
    }

    fn called(&mut self, _: &Path<'_>, _: &str, output: &[usize], call: fn(Value) -> Value) {
        self.input.get_or_insert_with(Vec::new);
        self.call(Box::new(call), output);
    }

    fn computed(&mut self, _: &Path<'_>, _: &str, _: &[usize], call: Call) {
        self.push(Op::Call(call), Gives::Same);
    }

    fn output(&mut self, name: &str) {
        self.graph.outputs.push((name.to_owned(), self.now));
    }

    fn keep(&mut self, path: &Path<'_>) {
        self.kept.insert(path.to_string(), self.now);
    }

    fn tap(&mut self, path: &Path<'_>) {
        match self.kept.get(&path.to_string()) {
            Some(at) => self.now = *at,
            None => self.unknown = true,
        }
    }

    fn enter(&mut self, part: Part<'_>) {
        let meet = |op| Open::Meet { op, taken: self.now, gave: Vec::new() };
        let open = match part {
            Part::Sum => meet(Op::Sum),
            Part::Join => meet(Op::Join),
            Part::Branch => Open::Branch,
            Part::Group(_) => Open::Group,
            Part::Repeated(_) => {
                // Only the first of them is shown.
                self.unknown = true;
                Open::Group
            }
        };
        self.open.push(open);
    }

    fn leave(&mut self) {
        match self.open.pop() {
            Some(Open::Branch) => {
                if let Some(Open::Meet { taken, gave, .. }) = self.open.last_mut() {
                    gave.push(std::mem::replace(&mut self.now, *taken));
                }
            }
            Some(Open::Meet { op, gave, .. }) => self.now = self.graph.push(Node::new(op, gave, Gives::Same)),
            Some(Open::Group) | None => {}
        }
    }
}
