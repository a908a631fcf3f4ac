//! Networks made ready to run.

mod fold;
mod graph;
mod layers;
mod plan;
mod read;
mod run;
#[cfg(test)]
mod tests;

use super::module::{Forward, Module};
use crate::graph::{Link, Value};
use crate::kernels::array::layout::MAX_RANK;
use crate::tensor::Tensors;
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

impl<M, X> Forward<X> for Prepared<M>
where
    M: Forward<X, Output: Tensors>,
    X: Tensors,
{
    type Output = M::Output;

    #[track_caller]
    fn forward(&self, x: X) -> M::Output {
        let mut first = None;
        x.each(&mut |value| {
            assert!(
                value.link().trace().is_none(),
                "a prepared network has no gradients: give it data, or train the network that it was made of"
            );
            first.get_or_insert_with(|| value.clone());
        });
        let (steps, x) = match (&self.how, first) {
            (How::Steps(steps), Some(first)) => (steps, first),
            (How::Whole(network), _) => return network.forward(x),
            (How::Steps(_), None) => panic!("a network takes a tensor"),
        };
        let (array, link) = x.into_parts();
        // The gradient of a parameter that goes in is lost.
        let link = if link.wants_gradient() { Link::Inference } else { Link::None };
        let mut sample = [0; MAX_RANK];
        let sizes = array.shape().iter().skip(1);
        sample.iter_mut().zip(sizes).for_each(|(size, n)| *size = n);
        let plan = steps.plan(&sample[..array.shape().rank().saturating_sub(1)]);
        let run = Run::new(&steps.graph, &plan, array);
        let mut outputs = 0..steps.graph.outputs.len();
        M::Output::made_of(&mut || {
            let number = outputs.next().expect("as many outputs as the network shows");
            Value::new(run.output(number), link.clone())
        })
    }
}

/// What is computed, one line for each step.
impl<M> fmt::Debug for Prepared<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.how {
            How::Steps(steps) => f.debug_list().entries(steps.graph.shown()).finish(),
            How::Whole(_) => f.write_str("[a copy of the network]"),
        }
    }
}
