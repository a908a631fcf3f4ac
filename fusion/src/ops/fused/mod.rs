//! Functions that `fused!` declared, at run time: one loop forward, one backward that gives all gradients, and the
//! gradients as steps of operations.

mod argument;
pub mod ops;
mod steps;

pub use crate::kernels::elementwise::{Elementwise, Function, lanes};
pub use crate::kernels::simd::Vector;
pub use argument::{Argument, wrap};
pub use steps::{Binary, Comparison, Step};

use super::shape::sum_to;
use crate::graph::{Context, Value, record, will_record};
use crate::kernels::elementwise as kernel;
use crate::kernels::{Array, Dims};

/// A function of `N` tensors and `S` numbers.
#[allow(missing_debug_implementations, reason = "no program sees it")]
pub struct Fused<const N: usize, const S: usize> {
    /// Its name.
    pub name: &'static str,
    /// The loop forward.
    pub forward: Function,
    /// The loop backward: from the gradient of the result and what was saved to all gradients that take computing.
    pub backward: Option<Function>,
    /// What is kept for it.
    pub saved: &'static [Saved],
    /// Where the gradient of each operand comes from.
    pub gradients: [Gradient; N],
    /// The loop backward, as operations.
    pub steps: &'static [Step],
    /// Which of the steps are its results.
    pub results: &'static [usize],
}

/// An array that is kept.
#[derive(Clone, Copy, Debug)]
pub enum Saved {
    /// This operand.
    Operand(usize),
    /// The result.
    Result,
}

/// The gradient of an operand.
#[derive(Clone, Copy, Debug)]
pub enum Gradient {
    /// 0 everywhere.
    Zero,
    /// That of the result.
    Incoming,
    /// This result of the loop.
    Result(usize),
}

/// What a recorded function keeps.
struct Kept<const N: usize, const S: usize> {
    arrays: [Option<Array>; N],
    shapes: [Dims; N],
    numbers: [f64; S],
}

impl<const N: usize, const S: usize> Fused<N, S> {
    /// The function of these, recorded. `named` says for each operand but the first which axes it calls by the same name as
    /// those before.
    #[track_caller]
    pub fn call(&'static self, x: [Value; N], numbers: [f64; S], named: &[u8]) -> Value {
        if N > 1 {
            check(&x, named);
        }
        let shapes = std::array::from_fn(|k| *x[k].shape());
        let mut parts = x.map(Value::into_parts);
        let mut arrays = [const { None }; N];
        if will_record(&parts.each_ref().map(|(_, link)| link)) {
            for (array, saved) in arrays.iter_mut().zip(self.saved) {
                if let Saved::Operand(k) = *saved {
                    *array = Some(parts[k].0.clone());
                }
            }
        }
        let (first, rest) = parts.split_first_mut().expect("a function takes something");
        let result = match rest.first() {
            None => kernel::apply_to(&self.forward, &mut first.0, &[], &numbers),
            Some((second, _)) => {
                let mut others = [second; N];
                others.iter_mut().zip(&*rest).for_each(|(other, (array, _))| *other = array);
                kernel::apply_to(&self.forward, &mut first.0, &others[..N - 1], &numbers)
            }
        };
        let y = result.unwrap_or_else(|| first.0.clone());
        let links = parts.each_ref().map(|(_, link)| link);
        record(self.name, links, y, |y| {
            let mut kept = Kept { arrays, shapes, numbers };
            if let Some(k) = self.saved.iter().position(|saved| matches!(saved, Saved::Result)) {
                kept.arrays[k] = Some(y.clone());
            }
            move |g, cx| self.rule(g, &kept, cx)
        })
    }

    /// The gradients of the operands that want one, of that of the result.
    fn rule(&self, g: Value, kept: &Kept<N, S>, cx: &Context<'_>) -> [Option<Value>; N] {
        // Of one operand, which is not stretched, there is one gradient, and it is wanted.
        if N == 1
            && let Some(backward) = &self.backward
        {
            return self.results(backward, g, kept, cx, 1);
        }
        let dtype = g.dtype();
        let (mut wanted, mut passes) = (0, false);
        for (k, gradient) in self.gradients.iter().enumerate() {
            match *gradient {
                Gradient::Incoming => passes |= cx.needs_grad(k),
                Gradient::Result(at) => wanted |= u8::from(cx.needs_grad(k)) << at,
                Gradient::Zero => {}
            }
        }
        let incoming = passes.then(|| g.clone());
        let mut results = match &self.backward {
            Some(backward) if wanted != 0 => self.results(backward, g, kept, cx, wanted),
            _ => [const { None }; N],
        };
        let mut last = [true; N];
        for (k, gradient) in self.gradients.iter().enumerate() {
            let again =
                |other: &Gradient| matches!((other, gradient), (Gradient::Result(a), Gradient::Result(b)) if a == b);
            last[k] = !self.gradients[k + 1..].iter().any(again);
        }
        std::array::from_fn(|k| {
            let value = match self.gradients[k] {
                _ if !cx.needs_grad(k) => return None,
                Gradient::Zero => return Some(Array::full_float(dtype, 0.0, kept.shapes[k]).into()),
                Gradient::Incoming => incoming.clone(),
                Gradient::Result(at) if last[k] => results[at].take(),
                Gradient::Result(at) => results[at].clone(),
            };
            Some(sum_to(value.expect("it is wanted"), &kept.shapes[k]))
        })
    }

    /// What the loop backward gives; if the gradient `g` is traced, by the recorded steps.
    fn results(
        &self,
        backward: &Function,
        g: Value,
        kept: &Kept<N, S>,
        cx: &Context<'_>,
        wanted: u8,
    ) -> [Option<Value>; N] {
        let mut arrays = kept.arrays.iter().flatten();
        if g.traced().is_none() {
            let (g, mut values) = (g.into_parts().0, [const { None }; N]);
            if N == 1 {
                let rest = arrays.next();
                values[0] = Some(kernel::apply(backward, g, rest.as_slice(), &kept.numbers).into());
                return values;
            }
            let mut results = [const { None }; N];
            match arrays.next() {
                None => kernel::apply_several(backward, g, &[], &kept.numbers, wanted, &mut results),
                Some(first) => {
                    let mut rest = [first; N];
                    rest[1..].iter_mut().zip(arrays).for_each(|(slot, array)| *slot = array);
                    let rest = &rest[..self.saved.len()];
                    kernel::apply_several(backward, g, rest, &kept.numbers, wanted, &mut results);
                }
            }
            for (value, result) in values.iter_mut().zip(&mut results) {
                *value = result.take().map(Value::from);
            }
            return values;
        }
        let again = |(saved, array): (&Saved, &Array)| match *saved {
            Saved::Operand(k) => cx.input(k, array),
            Saved::Result => cx.output(array),
        };
        let saved: Vec<Value> = self.saved.iter().zip(arrays).map(again).collect();
        let mut values = steps::run(self.steps, self.results, g, &saved, &kept.numbers).into_iter();
        std::array::from_fn(|_| values.next())
    }
}

/// Panics with the rule's sentence if the shapes do not broadcast, or sizes of one name differ.
#[track_caller]
fn check(x: &[Value], named: &[u8]) {
    let mut sizes = x[0].shape().sizes();
    for (other, &named) in x[1..].iter().zip(named) {
        let other = other.shape().sizes();
        if named != 0 {
            super::or_panic(fusion_rules::same_names(sizes, other, named));
        }
        sizes = super::or_panic(fusion_rules::broadcast(sizes, other));
    }
}
