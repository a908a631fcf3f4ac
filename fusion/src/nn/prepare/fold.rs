//! Passes over the list of operations: each gives one operation what another does to its result.

use super::graph::{Affine, At, Convolution, Graph, Op, Weights};
use crate::kernels::Array;
use crate::kernels::activation::Activation;

impl Graph {
    /// All passes.
    pub fn fold(&mut self) {
        self.fold_norms();
        self.merge_sums();
        self.merge_activations();
        self.split_joins();
        self.upsample_later();
    }

    /// Multiplies weights by what a norm multiplies their results with.
    fn fold_norms(&mut self) {
        let uses = self.uses();
        for at in 0..self.nodes.len() {
            let Op::Affine(affine) = &mut self.nodes[at].op else { continue };
            let affine = std::mem::take(affine);
            let before = self.nodes[at].from[0];
            let node = &mut self.nodes[before];
            let alone = uses[before] == 1 && node.activation == Activation::Identity && node.residual.is_none();
            match &mut node.op {
                Op::Convolution(Convolution { weights, .. }) if alone => weights.follow(affine),
                Op::Linear(weights) if alone && affine.features => weights.follow(affine),
                _ => {
                    self.nodes[at].op = Op::Affine(affine);
                    continue;
                }
            }
            self.nodes[before].activation = self.nodes[at].activation;
            self.gone(at, before);
        }
    }

    /// Lets a convolution add the other summand to its results.
    fn merge_sums(&mut self) {
        let uses = self.uses();
        for at in 0..self.nodes.len() {
            let Op::Sum = self.nodes[at].op else { continue };
            let [first, second] = self.nodes[at].from[..] else { continue };
            // The one that is computed last can have the other.
            let (other, last) = (first.min(second), first.max(second));
            let node = &self.nodes[last];
            let adds = matches!(node.op, Op::Convolution(_)) && node.activation == Activation::Identity;
            if first != second && uses[last] == 1 && adds && node.residual.is_none() {
                self.nodes[last].residual = Some(other);
                self.nodes[last].activation = self.nodes[at].activation;
                self.gone(at, last);
            }
        }
    }

    /// Lets what computes apply the activation behind it.
    fn merge_activations(&mut self) {
        let uses = self.uses();
        for at in 0..self.nodes.len() {
            let Op::Same = self.nodes[at].op else { continue };
            let before = self.nodes[at].from[0];
            if uses[before] == 1 && self.nodes[before].takes_activation() {
                self.nodes[before].activation = self.nodes[at].activation;
                self.gone(at, before);
            }
        }
    }

    /// What `at` computed, `by` does now.
    fn gone(&mut self, at: At, by: At) {
        self.nodes[at].op = Op::Gone;
        self.nodes[at].from.clear();
        self.replace(at, by);
    }
}

impl Weights {
    /// Multiplies and shifts the results.
    fn follow(&mut self, Affine { scale, shift, .. }: Affine) {
        let bias = self.bias.take().unwrap_or_else(|| vec![0.0; shift.len()]);
        let all = bias.iter().zip(&scale).zip(&shift);
        self.bias = Some(all.map(|((bias, scale), shift)| bias * scale + shift).collect());
        self.scale = Some(match self.scale.take() {
            Some(before) => before.iter().zip(&scale).map(|(before, scale)| before * scale).collect(),
            None => scale,
        });
    }

    /// The weights with what the results are multiplied with, which `output` says of each.
    pub fn scaled(&self, output: impl Fn(usize) -> usize) -> Array {
        let mut array = self.array.clone();
        if let Some(scale) = &self.scale {
            // In `f64`, so that each number is rounded once.
            let all = array.make_mut::<f32>().iter_mut().enumerate();
            all.for_each(|(i, w)| *w = (f64::from(*w) * scale[output(i)]) as f32);
        }
        array
    }

    /// What is added to the results.
    pub fn bias(&self) -> Option<Vec<f32>> {
        self.bias.as_ref().map(|bias| bias.iter().map(|&bias| bias as f32).collect())
    }
}

impl Convolution {
    /// The weights with what the results are multiplied with.
    pub fn scaled(&self) -> Array {
        let [first, second, high, wide] = [0, 1, 2, 3].map(|axis| self.weights.array.shape().get(axis));
        let area = high * wide;
        match self.transposed {
            false => self.weights.scaled(|i| i / (second * area)),
            true => {
                // The inputs of a group stand together.
                let inputs = first / self.window.groups;
                self.weights.scaled(|i| i / (second * area) / inputs * second + i / area % second)
            }
        }
    }
}
