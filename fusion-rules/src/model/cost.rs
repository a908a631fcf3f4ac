//! What layers cost: numbers to learn, multiply-adds, numbers that they give, and memory.

use super::memory::{End, Memory, Packed};
use super::places::size_at;
use super::row::{Builtin, Gives, Keeps, LayerKind, Work};
use crate::{Dims, Size, Window};

/// What a network costs for one sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// The shape that it gives, whatever the batch.
    pub output: Dims,
    /// How many numbers it learns; `None` if a layer does not say.
    pub parameters: Option<usize>,
    /// How many multiply-adds one forward pass makes; `None` if a layer does not say.
    pub multiply_adds: Option<u64>,
    /// How many numbers its layers give; `None` if a layer does not say.
    pub activations: Option<u64>,
    /// The memory of a sample in a training step; `None` if a layer does not say.
    pub memory: Option<Memory>,
}

impl Cost {
    /// No layers.
    pub const fn none(x: Dims) -> Cost {
        let memory = match elements(x) {
            Some(n) => Some(Memory::none(bytes(n))),
            None => None,
        };
        Cost { output: x, parameters: Some(0), multiply_adds: Some(0), activations: Some(0), memory }
    }

    /// A layer that does not say what it costs.
    pub const fn unknown(output: Dims) -> Cost {
        Cost { output, parameters: None, multiply_adds: None, activations: None, memory: None }
    }

    /// This and then `next`, `times` in a row.
    pub const fn then(self, next: Cost, times: usize) -> Cost {
        let memory = match (self.memory, next.memory) {
            (Some(a), Some(b)) => Some(a.then(b, times)),
            _ => None,
        };
        Cost { memory, ..self.plus(next, times) }
    }

    /// All but the memory of this and then `next`.
    const fn plus(self, next: Cost, times: usize) -> Cost {
        let parameters = match (self.parameters, next.parameters) {
            (Some(a), Some(b)) => Some(a.saturating_add(b.saturating_mul(times))),
            _ => None,
        };
        Cost {
            output: next.output,
            parameters,
            multiply_adds: both(self.multiply_adds, next.multiply_adds, times),
            activations: both(self.activations, next.activations, times),
            memory: next.memory,
        }
    }

    /// Of an activation that the layer before it applies in its own pass, and whether its result is kept for the gradient.
    pub const fn applied(self, kept: bool) -> Cost {
        let memory = match self.memory {
            Some(memory) => Some(memory.applied(kept)),
            None => None,
        };
        Cost { memory, ..self }
    }

    /// Branches that meet: this one is what the others cost so far, and `branch` runs on the same input.
    pub const fn beside(self, branch: Cost) -> Cost {
        let memory = match (self.memory, branch.memory) {
            (Some(a), Some(b)) => Some(a.beside(b)),
            _ => None,
        };
        Cost { memory, ..self.plus(branch, 1) }
    }

    /// This and then branches that have met in `output`.
    pub const fn then_met(self, branches: Cost, output: Dims) -> Cost {
        let memory = match (branches.memory, elements(output)) {
            (Some(memory), Some(n)) => Some(memory.met(bytes(n))),
            _ => None,
        };
        self.then(Cost { output, memory, ..branches }, 1)
    }

    /// The product of what goes in, which is `x`, and of what this makes of it: a number for each of its channels, say.
    pub const fn gating(self, x: Dims) -> Cost {
        let activations = match (self.activations, elements(x)) {
            (Some(own), Some(product)) => Some(own.saturating_add(product)),
            _ => None,
        };
        let memory = match self.memory {
            Some(memory) => Some(memory.gating()),
            None => None,
        };
        Cost { output: x, activations, memory, ..self }
    }

    /// How many bytes a training step of so many samples holds at most at once, in `f32`: the parameters, their gradients, what
    /// is kept of the forward pass, the gradients that are on their way back, and the weights that a convolution has packed for its
    /// kernel. The loss, what else kernels work with, and what an optimizer keeps of each parameter come to that.
    pub const fn training_bytes(&self, samples: usize) -> Option<u64> {
        match (self.parameters, self.memory) {
            (Some(parameters), Some(memory)) => {
                let parameters = bytes(parameters as u64);
                Some(parameters.saturating_add(memory.step(samples as u64)))
            }
            _ => None,
        }
    }

    /// The same with another output: that of branches together, say.
    pub const fn giving(self, output: Dims) -> Cost {
        Cost { output, ..self }
    }
}

const fn both(a: Option<u64>, b: Option<u64>, times: usize) -> Option<u64> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.saturating_add(b.saturating_mul(times as u64))),
        _ => None,
    }
}

/// The elements of one sample.
const fn elements(x: Dims) -> Option<u64> {
    match x.sample().len() {
        Some(n) => Some(n as u64),
        None => None,
    }
}

/// The bytes of so many numbers.
const fn bytes(numbers: u64) -> u64 {
    numbers.saturating_mul(4)
}

const fn product(a: Option<u64>, b: usize) -> Option<u64> {
    match a {
        Some(a) => Some(a.saturating_mul(b as u64)),
        None => None,
    }
}

impl Builtin {
    /// What a layer costs on `x`, batch in front. `args` are those of its type, in order.
    pub const fn cost(&self, args: &[Size], x: Dims) -> Cost {
        let y = self.recovered(args, x);
        let takes = if args.is_empty() { Size::Known(0) } else { self.recovered_input(args, x) };
        let gives = size_at(args, self.places.output, 0, takes);
        let bias = size_at(args, self.places.bias, 0, Size::Known(0)).or(0) * gives.or(0);
        let (inputs, outputs) = (elements(x), elements(y));
        let weight = self.weight_of(takes, args);
        let takes = takes.or(0);
        let (parameters, multiply_adds) = match self.work {
            Work::Free => (0, Some(0)),
            // A row of the weight goes into each number that is given, or that is taken.
            Work::Dense => (weight.known() + bias, product(outputs, weight.range(1, weight.rank).known())),
            Work::Spread => (weight.known() + bias, product(inputs, weight.range(1, weight.rank).known())),
            Work::Table => (weight.known(), Some(0)),
            Work::Affine => (2 * takes * size_at(args, self.places.affine, 0, Size::Known(1)).or(1), Some(0)),
            Work::Scale => (takes, Some(0)),
            // Four projections, and twice every place with every other.
            Work::Attention => {
                let length = if x.rank == 3 { x.d[1].or(0) } else { 0 };
                (4 * takes * takes + 4 * takes, product(outputs, 4 * takes + 2 * length))
            }
        };
        let memory = match (inputs, outputs) {
            (Some(inputs), Some(outputs)) => {
                let memory = self.memory(args, x, [bytes(inputs), bytes(outputs)], bytes(parameters as u64));
                Some(memory.packing(self.packed(args, weight, y)))
            }
            _ => None,
        };
        Cost { output: y, parameters: Some(parameters), multiply_adds, activations: outputs, memory }
    }

    /// What a convolution with these weights packs to give `y`.
    const fn packed(&self, args: &[Size], weight: Dims, y: Dims) -> Packed {
        let window = self.window_axes();
        if !matches!(self.kind, LayerKind::Convolution) {
            return Packed { bytes: 0, places: 0 };
        }
        let groups = size_at(args, self.places.divisor, 0, Size::Known(1)).or(1);
        let (mut tiled, mut axis) = (window == 2 && y.rank == 4 && groups == 1, 0);
        while axis < window {
            let Window { kernel, stride, dilation, .. } = self.window(args, axis);
            tiled = tiled && kernel == 3 && stride == 1 && dilation == 1;
            axis += 1;
        }
        let places = if tiled { y.d[2].or(0).saturating_mul(y.d[3].or(0)) } else { 0 };
        Packed { bytes: bytes(weight.known() as u64), places: places as u64 }
    }

    /// The memory of a layer that takes and gives so many bytes.
    const fn memory(&self, args: &[Size], x: Dims, [input, output]: [u64; 2], parameters: u64) -> Memory {
        let (takes, gives, more) = match (self.keeps, self.kind) {
            (Keeps::Output, _) => (false, true, 0),
            // A byte for each number of four.
            (Keeps::Places, _) => (false, false, output / 4),
            (Keeps::Parts, _) => (true, false, 2 * input),
            (Keeps::Usual, LayerKind::Linear | LayerKind::Convolution | LayerKind::Norm | LayerKind::Activation) => {
                (true, false, 0)
            }
            (Keeps::Usual, LayerKind::Attention) => {
                let heads = size_at(args, self.places.divisor, 0, Size::Known(1)).or(1) as u64;
                let length = if x.rank == 3 { x.d[1].or(0) as u64 } else { 0 };
                let weights = bytes(heads.saturating_mul(length).saturating_mul(length));
                // Queries, keys, values, scaled queries and what goes into the last projection; how places look at others.
                (true, false, input.saturating_mul(5).saturating_add(weights))
            }
            (Keeps::Usual, LayerKind::Shape) if !matches!(self.gives, Gives::Axes(_)) => return Memory::none(output),
            (Keeps::Usual, _) => (false, false, 0),
        };
        Memory::layer(End { bytes: input, kept: takes }, End { bytes: output, kept: gives }, more, parameters)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{BatchNorm2d, Conv2d, ConvTranspose2d, MultiHeadAttention};
    use crate::sizes;

    #[test]
    fn layers_add_up() {
        let x = Dims::of(&sizes![Dyn, 3, 32, 32]);
        let conv = Conv2d.cost(&sizes![_, 16, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1], x);
        assert_eq!(conv.output, Dims::of(&sizes![Dyn, 16, 16, 16]));
        assert_eq!((conv.parameters, conv.multiply_adds), (Some(16 * 27 + 16), Some(16 * 256 * 27)));
        let norm = BatchNorm2d.cost(&sizes![_], conv.output);
        let all = Cost::none(x).then(conv, 1).then(norm, 2);
        assert_eq!((all.parameters, all.activations), (Some(448 + 64), Some(3 * 16 * 256)));
        assert_eq!(all.then(Cost::unknown(x), 1).parameters, None);
        let up = ConvTranspose2d.cost(&sizes![16, 8, 2, 2, 2, 2, 0, 0, 0, 0, 1, 0, 1, 1], conv.output);
        assert_eq!((up.parameters, up.multiply_adds), (Some(16 * 8 * 4), Some(16 * 256 * 32)));
        let attention = MultiHeadAttention.cost(&sizes![32, 4], Dims::of(&sizes![Dyn, 10, 32]));
        assert_eq!((attention.parameters, attention.multiply_adds), (Some(4224), Some(320 * (128 + 20))));
    }
}
