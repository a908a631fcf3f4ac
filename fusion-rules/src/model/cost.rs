//! What layers cost: numbers to learn, multiply-adds, and numbers that they give.

use super::places::size_at;
use super::row::{Builtin, Work};
use crate::{Dims, Size};

/// What a network costs for one sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// The shape that it gives, whatever the batch.
    pub output: Dims,
    /// How many numbers it learns; `None` if a layer does not say.
    pub parameters: Option<usize>,
    /// How many multiply-adds one forward pass makes; `None` if a layer does not say.
    pub multiply_adds: Option<u64>,
    /// How many numbers its layers give, which a training step keeps; `None` if a layer does not say.
    pub activations: Option<u64>,
}

impl Cost {
    /// No layers.
    pub const fn none(x: Dims) -> Cost {
        Cost { output: x, parameters: Some(0), multiply_adds: Some(0), activations: Some(0) }
    }

    /// A layer that does not say what it costs.
    pub const fn unknown(output: Dims) -> Cost {
        Cost { output, parameters: None, multiply_adds: None, activations: None }
    }

    /// This and then `next`, `times` in a row.
    pub const fn then(self, next: Cost, times: usize) -> Cost {
        let parameters = match (self.parameters, next.parameters) {
            (Some(a), Some(b)) => Some(a.saturating_add(b.saturating_mul(times))),
            _ => None,
        };
        Cost {
            output: next.output,
            parameters,
            multiply_adds: both(self.multiply_adds, next.multiply_adds, times),
            activations: both(self.activations, next.activations, times),
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
        Cost { output: y, parameters: Some(parameters), multiply_adds, activations: outputs }
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
