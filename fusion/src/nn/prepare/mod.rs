//! Networks made ready to run.

mod fold;
mod graph;
mod layers;
mod plan;
mod pointwise;
mod read;
mod run;
#[cfg(test)]
mod tests;

use super::module::ready::{Key, NO_GRADIENTS, Ready, with_ready};
use super::module::{Forward, Module};
use crate::graph::{Link, Value};
use crate::kernels::array::layout::MAX_RANK;
use graph::Graph;
use plan::Plan;
use run::Results;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// Networks that can be made ready to run: all that can be copied and shared by threads.
pub trait Prepare: Module + Clone + Send + Sync + 'static {
    /// The network as it is now, in an immutable form for inference: norms are part of the weights, activations and sums part
    /// of the convolutions, weights are packed, and intermediate results share one memory. Any number of threads may run it.
    /// The chapter [`guide::prepared`](crate::guide::prepared) says what becomes of a network. PyTorch's nearest relatives
    /// are `torch.compile` and `torch.jit.freeze`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// model! { Net: [1, 8, 8] -> [10] { Conv2d<_, 4, 3>, BatchNorm2d<_>, Relu, Flatten, Linear<_, 10> } }
    ///
    /// let net = Net::init(&mut StdRng::seed_from_u64(0));
    /// let ready = net.prepare();
    /// let y: Tensor<shape![2, 10]> = ready.forward(Tensor::<shape![2, 1, 8, 8]>::ones());
    /// ```
    fn prepare(&self) -> Prepared<Self> {
        Prepared::new(self)
    }
}

impl<M: Module + Clone + Send + Sync + 'static> Prepare for M {}

/// A network made ready to run: see [`Prepare::prepare`]. `Debug` lists what it computes.
///
/// [`Forward::forward`] takes what the network takes, and gives what it gives, within 1e-5 of the largest element. It panics if
/// it is given a tensor that is traced, as it has no gradients, and where the network does: of sizes that only the run knows
/// and that do not fit.
///
/// ```
/// use fusion::nn::Prepared;
/// use fusion::prelude::*;
///
/// model! { Net: [4] -> [2] { Linear<_, 8>, Relu, Linear<_, 2> } }
///
/// struct Server {
///     net: Prepared<Net>,
/// }
///
/// let server = Server { net: Net::init(&mut StdRng::seed_from_u64(0)).prepare() };
/// std::thread::scope(|scope| {
///     for _ in 0..2 {
///         scope.spawn(|| server.net.forward(Tensor::<shape![1, 4]>::ones()));
///     }
/// });
/// assert_eq!(format!("{:?}", server.net), "[linear + Relu, linear]");
/// ```
pub struct Prepared<M> {
    /// Boxed, as its parts are known by their places.
    network: Box<M>,
    parts: Arc<Parts>,
}

/// The networks in it whose layers are known.
#[derive(Default)]
struct Parts(Vec<(Key, Steps)>);

/// The operations of a network, and a plan for each size of input that was seen.
struct Steps {
    graph: Graph,
    plans: Mutex<Vec<Arc<Plan>>>,
}

/// How many plans are kept.
const PLANS: usize = 8;

impl<M: Prepare> Prepared<M> {
    fn new(network: &M) -> Self {
        let (network, mut parts) = (Box::new(network.clone()), Parts::default());
        parts.add(&*network);
        Self { network, parts: Arc::new(parts) }
    }
}

impl Parts {
    /// Adds a network, or else its parts.
    fn add(&mut self, network: &dyn Module) {
        match read::read(network) {
            Some((mut graph, input)) => {
                graph.fold();
                let steps = Steps { graph, plans: Mutex::new(Vec::with_capacity(PLANS)) };
                if let Some((_, sample)) = input.split_first() {
                    steps.plan(sample, 1);
                }
                self.0.push((network.key(), steps));
            }
            None => network.parts(&mut |part| self.add(part)),
        }
    }
}

impl Ready for Parts {
    #[track_caller]
    fn run(&self, key: Key, x: Value, take: &mut dyn FnMut(&mut dyn FnMut() -> Value)) -> bool {
        let Some((_, steps)) = self.0.iter().find(|(known, _)| *known == key) else { return false };
        assert!(x.link().trace().is_none(), "{NO_GRADIENTS}");
        let (array, link) = x.into_parts();
        // The gradient of a parameter that goes in is lost.
        let link = if link.wants_gradient() { Link::Inference } else { Link::None };
        let mut sample = [0; MAX_RANK];
        let sizes = array.shape().iter().skip(1);
        sample.iter_mut().zip(sizes).for_each(|(size, n)| *size = n);
        let (batch, rank) = (array.shape().iter().next().unwrap_or(1), array.shape().rank());
        let plan = steps.plan(&sample[..rank.saturating_sub(1)], batch);
        let results = Results::of(&steps.graph, &plan, array);
        let mut outputs = 0..steps.graph.outputs.len();
        take(&mut || {
            let number = outputs.next().expect("as many outputs as the network shows");
            Value::new(results.output(number), link.clone())
        });
        true
    }
}

impl Steps {
    /// The plan for so many samples of these sizes.
    #[track_caller]
    fn plan(&self, sample: &[usize], batch: usize) -> Arc<Plan> {
        let lock = || self.plans.lock().unwrap_or_else(PoisonError::into_inner);
        let known = lock().iter().find(|plan| plan.is_for(sample, batch)).cloned();
        if let Some(plan) = known {
            return plan;
        }
        let others: Vec<_> = lock().iter().filter(|plan| plan.input == sample).cloned().collect();
        let plan = Arc::new(Plan::new(&self.graph, sample, batch, &others));
        let mut plans = lock();
        if plans.len() == PLANS {
            plans.remove(0);
        }
        plans.push(plan.clone());
        plan
    }
}

impl<M: Forward<X>, X> Forward<X> for Prepared<M> {
    type Output = M::Output;

    #[track_caller]
    fn forward(&self, x: X) -> M::Output {
        with_ready(self.parts.clone(), || self.network.forward(x))
    }
}

/// What is computed, one line for each step of the networks whose layers are known.
impl<M> fmt::Debug for Prepared<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.parts.0.iter().flat_map(|(_, steps)| steps.graph.shown())).finish()
    }
}
