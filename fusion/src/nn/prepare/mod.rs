//! Networks made ready to run.

mod fold;
mod graph;
mod layers;
mod plan;
mod read;
mod run;
#[cfg(test)]
mod tests;

use super::module::visit::{FromValue, IntoValue};
use super::module::{Forward, Module};
use crate::graph::{Link, Value};
use crate::tensor::Tensor;
use graph::Graph;
use plan::Plan;
use run::Run;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// Networks that can be made ready to run.
pub trait Prepare: Module + Clone + Send + Sync + 'static {
    /// The network as it is now in an immutable form for inference.
    fn prepare(&self) -> Prepared<Self> {
        Prepared::new(self)
    }
}

impl<M: Module + Clone + Send + Sync + 'static> Prepare for M {}

/// A network made ready to run.
pub struct Prepared<M> {
    how: How<M>,
}

enum How<M> {
    /// All that it computes is known.
    Steps(Steps),
    /// A copy of the network does it.
    Whole(Box<M>),
}

/// Its operations, and a plan for each size of input that was seen.
struct Steps {
    graph: Graph,
    plans: Mutex<Vec<Arc<Plan>>>,
}

/// How many plans are kept.
const PLANS: usize = 8;

impl<M: Prepare> Prepared<M> {
    fn new(network: &M) -> Self {
        let how = match read::read(network) {
            Some((mut graph, input)) => {
                graph.fold();
                let steps = Steps { graph, plans: Mutex::new(Vec::with_capacity(PLANS)) };
                if let Some((_, sample)) = input.split_first() {
                    steps.plan(sample);
                }
                How::Steps(steps)
            }
            None => How::Whole(Box::new(network.clone())),
        };
        Self { how }
    }
}

impl Steps {
    /// The plan for samples of these sizes.
    #[track_caller]
    fn plan(&self, sample: &[usize]) -> Arc<Plan> {
        let lock = || self.plans.lock().unwrap_or_else(PoisonError::into_inner);
        let known = |plans: &[Arc<Plan>]| plans.iter().find(|plan| plan.input == sample).cloned();
        if let Some(plan) = known(&lock()) {
            return plan;
        }
        let plan = Arc::new(Plan::new(&self.graph, sample, 1));
        let mut plans = lock();
        if plans.len() == PLANS {
            plans.remove(0);
        }
        plans.push(plan.clone());
        plan
    }
}

/// What a network gives: a tensor, or several by name.
#[diagnostic::on_unimplemented(
    message = "a prepared network gives tensors, not `{Self}`",
    label = "not what a prepared network gives"
)]
pub trait Outputs {
    /// The outputs, each by its name; a single one has none.
    #[doc(hidden)]
    fn of(next: &mut dyn FnMut(&str) -> Value) -> Self;
}

impl<S, T> Outputs for Tensor<S, T> {
    fn of(next: &mut dyn FnMut(&str) -> Value) -> Self {
        Self::from_value(next(""))
    }
}

impl<M, X> Forward<X> for Prepared<M>
where
    M: Forward<X, Output: Outputs>,
    X: IntoValue + FromValue,
{
    type Output = M::Output;

    #[track_caller]
    fn forward(&self, x: X) -> M::Output {
        let x = x.into_value();
        assert!(
            x.link().trace().is_none(),
            "a prepared network has no gradients: give it data, or train the network that it was made of"
        );
        let steps = match &self.how {
            How::Steps(steps) => steps,
            How::Whole(network) => return network.forward(X::from_value(x)),
        };
        let (array, link) = x.into_parts();
        // The gradient of a parameter that goes in is lost.
        let link = if link.wants_gradient() { Link::Inference } else { link };
        let mut sample = [0; crate::kernels::array::layout::MAX_RANK];
        let rank = array.shape().rank();
        array.shape().iter().skip(1).zip(&mut sample).for_each(|(n, size)| *size = n);
        let plan = steps.plan(&sample[..rank.saturating_sub(1)]);
        let run = Run::new(&steps.graph, &plan, &array);
        M::Output::of(&mut |name| {
            let outputs = &steps.graph.outputs;
            let number = outputs.iter().position(|(known, _)| known == name).expect("an output with this name");
            Value::new(run.output(number).into_parts().0, link.clone())
        })
    }
}

impl<M> fmt::Debug for Prepared<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Prepared")
    }
}
