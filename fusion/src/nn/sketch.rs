//! A network as a drawing.

use super::visit::{Layer, Visit};

/// The layers of a network and how they are connected, to be drawn.
#[derive(Clone, Debug)]
pub struct Sketch {
    name: String,
    input: Vec<usize>,
}

impl Sketch {
    /// An empty drawing of a network that takes `input` (without the batch).
    pub fn new(name: &str, input: &[usize]) -> Self {
        Self { name: name.into(), input: input.into() }
    }
}

impl Visit for Sketch {
    fn layer(&mut self, _: Layer<'_>) {}
}
