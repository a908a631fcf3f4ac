//! Passes over the list of operations: each gives one operation what another does to its result.

use super::graph::{Affine, At, Convolution, Graph, Op};
use crate::kernels::Array;
use crate::kernels::activation::Activation;

impl Graph {
    /// All passes.
    pub fn fold(&mut self) {
        self.fold_norms();
        self.merge_sums();
        self.merge_activations();
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
                Op::Convolution(convolution) if alone => convolution.scale(&affine),
                Op::Linear { weight, bias } if alone && affine.features => {
                    let each = weight.shape().get(1);
                    scaled(weight, bias, &affine, |i| i / each);
                }
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

impl Convolution {
    /// Multiplies and shifts each channel of the results.
    fn scale(&mut self, affine: &Affine) {
        let [first, second, high, wide] = [0, 1, 2, 3].map(|axis| self.weight.shape().get(axis));
        let area = high * wide;
        if self.transposed {
            // `[inputs, outputs / groups, KH, KW]`: the inputs of a group stand together.
            let inputs = first / self.window.groups;
            let output = |i: usize| i / (second * area) / inputs * second + i / area % second;
            scaled(&mut self.weight, &mut self.bias, affine, output);
        } else {
            scaled(&mut self.weight, &mut self.bias, affine, |i| i / (second * area));
        }
    }
}

/// Weights and bias of a layer whose results are multiplied and shifted; `output` says to which a weight leads. In `f64`, so
/// that each number is rounded once.
fn scaled(weight: &mut Array, bias: &mut Option<Vec<f32>>, affine: &Affine, output: impl Fn(usize) -> usize) {
    let Affine { scale, shift, .. } = affine;
    for (i, w) in weight.make_mut::<f32>().iter_mut().enumerate() {
        *w = (f64::from(*w) * scale[output(i)]) as f32;
    }
    let old = bias.take().unwrap_or_else(|| vec![0.0; shift.len()]);
    let all = old.iter().zip(scale).zip(shift);
    *bias = Some(all.map(|((&bias, scale), shift)| (f64::from(bias) * scale + shift) as f32).collect());
}
