//! Passes over convolutions under windows of one element, which need no image that is joined or upsampled for them: they are
//! linear in the channels, and each of their results depends on a single pixel.

use super::graph::{At, Convolution, Gives, Graph, Node, Op, Weights};
use std::ops::Range;

impl Graph {
    /// Lets the convolution of a join be the sum of those of its parts.
    pub fn split_joins(&mut self) {
        let (uses, known) = (self.uses(), self.channels());
        // From the last on, as all behind a new operation moves.
        for at in (0..self.nodes.len()).rev() {
            let node = &self.nodes[at];
            let (Op::Convolution(convolution), None) = (&node.op, node.residual) else { continue };
            let join = node.from[0];
            if matches!(self.nodes[join].op, Op::Join) && uses[join] == 1 && convolution.is_pointwise() {
                let [outputs, inputs] = [0, 1].map(|axis| convolution.weights.array.shape().get(axis));
                let parts = self.parts(join, &known, inputs);
                // Each sum but the last is written and read again, as is the image that is joined.
                if let Some(parts) = parts.filter(|parts| (parts.len() - 1) * outputs <= inputs) {
                    self.nodes[join].op = Op::Gone;
                    self.nodes[join].from.clear();
                    self.split(at, outputs, &parts);
                }
            }
        }
    }

    /// The operands of a join of so many channels and the channels of each, unless those of several are not known. What is
    /// upsampled comes first, where nothing is added that has another size.
    fn parts(&self, join: At, known: &[Option<usize>], channels: usize) -> Option<Vec<(At, Range<usize>)>> {
        let from = &self.nodes[join].from;
        let known: Vec<_> = from.iter().map(|&part| known[part]).collect();
        let rest = channels.checked_sub(known.iter().flatten().sum())?;
        let complete = match known.iter().filter(|known| known.is_none()).count() {
            0 => rest == 0,
            unknown => unknown == 1,
        };
        let mut end = 0;
        let ranges = known.iter().map(|known| {
            end += known.unwrap_or(rest);
            end - known.unwrap_or(rest)..end
        });
        let mut parts: Vec<_> = from.iter().copied().zip(ranges).collect();
        parts.sort_by_key(|(part, _)| !matches!(self.nodes[*part].op, Op::Upsample(_)));
        complete.then_some(parts)
    }

    /// Makes the convolution at `at` one for each part, to which the ones before are added.
    fn split(&mut self, mut at: At, outputs: usize, parts: &[(At, Range<usize>)]) {
        let Op::Convolution(mut whole) = std::mem::replace(&mut self.nodes[at].op, Op::Gone) else { return };
        let bias = whole.weights.bias.take();
        let mut sum = None;
        for (number, (part, channels)) in parts.iter().enumerate() {
            let op = Op::Convolution(whole.of_inputs(channels));
            let node = Node { residual: sum, ..Node::new(op, vec![*part], Gives::Channels(outputs)) };
            if number + 1 < parts.len() {
                self.insert(at, node);
                sum = Some(at);
                at += 1;
            } else {
                let activation = self.nodes[at].activation;
                self.nodes[at] = Node { activation, ..node };
            }
        }
        if let Op::Convolution(last) = &mut self.nodes[at].op {
            last.weights.bias = bias;
        }
    }

    /// Lets images be convolved before they are upsampled, each pixel once.
    pub fn upsample_later(&mut self) {
        let uses = self.uses();
        for at in 0..self.nodes.len() {
            let node = &self.nodes[at];
            let (Op::Convolution(convolution), None) = (&node.op, node.residual) else { continue };
            let before = node.from[0];
            if matches!(self.nodes[before].op, Op::Upsample(_)) && uses[before] == 1 && convolution.is_pointwise() {
                let (front, behind) = self.nodes.split_at_mut(at);
                let (first, second) = (&mut front[before], &mut behind[0]);
                std::mem::swap(&mut first.op, &mut second.op);
                std::mem::swap(&mut first.gives, &mut second.gives);
                std::mem::swap(&mut first.activation, &mut second.activation);
            }
        }
    }
}

impl Convolution {
    /// Is each result a sum over the channels of one pixel, at the same place?
    fn is_pointwise(&self) -> bool {
        let window = &self.window;
        let single = window.kernel == [1; 2] && window.stride == [1; 2] && window.padding == [[0; 2]; 2];
        single && window.groups == 1 && !self.transposed
    }

    /// The part of it that some of the channels have.
    fn of_inputs(&self, channels: &Range<usize>) -> Self {
        let Weights { array, scale, bias } = &self.weights;
        let mut shape = *array.shape();
        shape.set(1, channels.len());
        let array = array.view(shape, *array.strides(), channels.start * array.strides().get(1)).contiguous();
        let weights = Weights { array, scale: scale.clone(), bias: bias.clone() };
        Self { weights, window: self.window, transposed: self.transposed }
    }
}
