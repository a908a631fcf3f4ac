//! What a network computes, as a list of operations: data that the passes of this folder change.

use crate::kernels::Array;
use crate::kernels::activation::Activation;
use crate::kernels::conv::Window;
use crate::nn::module::visit::Call;
use fusion_rules::model::Builtin;
use fusion_rules::{Dims, Size};
use std::fmt;

/// The place of a node in its graph.
pub type At = usize;

/// The operations of a network in an order in which they can be computed; the first is the input.
#[derive(Default)]
pub struct Graph {
    pub nodes: Vec<Node>,
    /// What it gives: each with its name, which a single one has not.
    pub outputs: Vec<(String, At)>,
    /// A layer or a function of the user's may look at several samples together.
    pub mixes_samples: bool,
}

/// An operation: `activation(op(from) + residual)`.
pub struct Node {
    pub op: Op,
    pub from: Vec<At>,
    pub gives: Gives,
    pub residual: Option<At>,
    pub activation: Activation,
}

/// How the sizes of a result follow from those of the first operand.
pub enum Gives {
    /// They are the same; the channels of a join are together as many.
    Same,
    /// By a row of the table of layers.
    Row(&'static Builtin, Vec<Size>),
    /// They are the same, but for so many channels.
    Channels(usize),
    /// They are these, without the batch.
    Sizes(Vec<usize>),
    /// Only the call itself knows.
    Called,
}

/// What an operation computes. Images, of rank 4, lie channels-last, all else lies in C order.
pub enum Op {
    /// What the network takes.
    Input,
    /// What is no longer computed, as another operation does it too.
    Gone,
    /// The operand as it is: the activation is all.
    Same,
    Convolution(Convolution),
    /// With weights `[outputs, inputs]`.
    Linear(Weights),
    /// Each channel times a number plus a number.
    Affine(Affine),
    /// The sum of the operands.
    Sum,
    /// The channels of the operands side by side.
    Join,
    /// Each element of an image repeated over a square with so long sides.
    Upsample(usize),
    /// The elements of a sample as one row, in C order.
    Flatten,
    /// Anything else.
    Call(Call),
}

/// Weights of a layer, as it has them, and what its results are multiplied with and shifted by.
pub struct Weights {
    pub array: Array,
    /// A number for each output.
    pub scale: Option<Vec<f64>>,
    pub bias: Option<Vec<f64>>,
}

/// A number and an addend for each channel.
#[derive(Default)]
pub struct Affine {
    pub scale: Vec<f64>,
    pub shift: Vec<f64>,
    /// The channels are known to be all that a sample has: features.
    pub features: bool,
}

/// A convolution, or a transposed one.
pub struct Convolution {
    /// `[outputs, inputs / groups, KH, KW]`, of a transposed one `[inputs, outputs / groups, KH, KW]`.
    pub weights: Weights,
    pub window: Window,
    pub transposed: bool,
}

impl Node {
    pub fn new(op: Op, from: Vec<At>, gives: Gives) -> Self {
        Self { op, from, gives, residual: None, activation: Activation::Identity }
    }

    /// All that it reads.
    pub fn reads(&self) -> impl Iterator<Item = At> + '_ {
        self.from.iter().copied().chain(self.residual)
    }

    /// Whether the activation may be applied to what it computes before it is stored, and nothing is applied yet.
    pub fn takes_activation(&self) -> bool {
        let computes = match self.op {
            Op::Same | Op::Convolution(_) | Op::Linear(_) | Op::Affine(_) | Op::Sum => true,
            Op::Input | Op::Gone | Op::Join | Op::Upsample(_) | Op::Flatten | Op::Call(_) => false,
        };
        computes && self.activation == Activation::Identity
    }
}

/// The operation in words: `convolution + sum + LeakyRelu(0.1)`.
impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match &self.op {
            Op::Input => "input",
            Op::Gone => "nothing",
            Op::Same => "activation",
            Op::Convolution(convolution) if convolution.transposed => "transposed convolution",
            Op::Convolution(_) => "convolution",
            Op::Linear(_) => "linear",
            Op::Affine(_) => "norm",
            Op::Sum => "sum",
            Op::Join => "join",
            Op::Upsample(_) => "upsample",
            Op::Flatten => "flatten",
            Op::Call(_) => "call",
        };
        let (sum, shown) = (if self.residual.is_some() { " + sum" } else { "" }, self.activation);
        match shown {
            Activation::Identity => write!(f, "{name}{sum}"),
            shown => write!(f, "{name}{sum} + {shown:?}"),
        }
    }
}

impl Graph {
    /// What is computed.
    pub fn shown(&self) -> impl Iterator<Item = &Node> {
        self.nodes.iter().filter(|node| !matches!(node.op, Op::Input | Op::Gone))
    }

    /// Adds an operation.
    pub fn push(&mut self, node: Node) -> At {
        self.nodes.push(node);
        self.nodes.len() - 1
    }

    /// How often each result is read, as an output too.
    pub fn uses(&self) -> Vec<usize> {
        let mut uses = vec![0; self.nodes.len()];
        let outputs = self.outputs.iter().map(|(_, at)| *at);
        for at in self.nodes.iter().flat_map(Node::reads).chain(outputs) {
            uses[at] += 1;
        }
        uses
    }

    /// Lets all that read `old` read `new`.
    pub fn replace(&mut self, old: At, new: At) {
        self.read().filter(|at| **at == old).for_each(|at| *at = new);
    }

    /// Adds an operation in front of the one at `at`.
    pub fn insert(&mut self, at: At, node: Node) {
        self.read().filter(|read| **read >= at).for_each(|read| *read += 1);
        self.nodes.insert(at, node);
    }

    /// All that is read, as an output too.
    fn read(&mut self) -> impl Iterator<Item = &mut At> {
        let from = self.nodes.iter_mut().flat_map(|node| node.from.iter_mut().chain(&mut node.residual));
        from.chain(self.outputs.iter_mut().map(|(_, at)| at))
    }

    /// How many channels the results have that are images, where layers say that for images of any size.
    pub fn channels(&self) -> Vec<Option<usize>> {
        let mut all: Vec<Option<usize>> = Vec::with_capacity(self.nodes.len());
        for node in &self.nodes {
            let first = node.from.first().and_then(|&first| all[first]);
            all.push(match &node.gives {
                Gives::Same if matches!(node.op, Op::Join) => node.from.iter().map(|&from| all[from]).sum(),
                Gives::Same => first,
                Gives::Channels(channels) => Some(*channels),
                Gives::Sizes(sizes) => sizes.first().copied(),
                Gives::Row(row, args) => {
                    let y = row.output(args, Dims::of(&[Size::Dyn, Size::of(first), Size::Dyn, Size::Dyn]));
                    y.ok().and_then(|y| y.as_slice().get(1)?.number())
                }
                Gives::Called => None,
            });
        }
        all
    }
}
