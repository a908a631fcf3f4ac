//! A walk through what a network is made of.

use crate::nn::module::{Module, Path};
use std::fmt;

/// A layer of a network, with what goes in and what comes out: sizes with the batch in front, empty where they are not
/// known.
pub struct Layer<'a> {
    /// Where it is.
    pub path: &'a Path<'a>,
    /// Its type: `Conv2d<3, 64, 3, stride = 2>`.
    pub text: fmt::Arguments<'a>,
    /// The sizes of its input.
    pub input: &'a [usize],
    /// The sizes of its output.
    pub output: &'a [usize],
    /// The layer itself.
    pub module: &'a dyn Module,
}

impl Layer<'_> {
    /// How many multiply-adds it makes; `None` if it does not say, or its sizes are not known.
    pub fn multiply_adds(&self) -> Option<u64> {
        let known = !self.input.is_empty() && !self.output.is_empty();
        if known { self.module.multiply_adds(self.input, self.output) } else { None }
    }
}

/// What holds several layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part<'a> {
    /// A group with this name.
    Group(&'a str),
    /// Branches that are added.
    Sum,
    /// Branches that are joined along the channels.
    Join,
    /// One of the branches; of no layers if it is the identity.
    Branch,
}

/// What is shown every layer of a network, in the order in which they are computed. See [`Module::visit`].
pub trait Visit {
    /// A layer.
    fn layer(&mut self, layer: Layer<'_>);

    /// A function, with its place and the sizes of what it gives.
    fn function(&mut self, path: &Path<'_>, name: &str, output: &[usize]) {
        let _ = (path, name, output);
    }

    /// What has been computed so far is an output of the network, with this name.
    fn output(&mut self, name: &str) {
        let _ = name;
    }

    /// What follows stands in this, up to [`Visit::leave`].
    fn enter(&mut self, part: Part<'_>) {
        let _ = part;
    }

    /// Its end.
    fn leave(&mut self) {}
}

/// The sum of the layers' multiply-adds, if all are known.
pub(in crate::nn) struct MultiplyAdds(pub Option<u64>);

impl Visit for MultiplyAdds {
    fn layer(&mut self, layer: Layer<'_>) {
        self.0 = self.0.zip(layer.multiply_adds()).map(|(sum, more)| sum + more);
    }
}
