//! A part of a network whose activations are computed again in the backward pass.

use super::module::{Module, Path};
use crate::function::Outputs;
use crate::graph::{Link, Node, Trace, Value, called_from, fresh_id, record_list};
use crate::kernels::memory::Shared;
use crate::tensor::Tensors;
use std::collections::HashSet;

/// What `f` makes of `module` and `x`, without what a backward pass needs of it: only `x` is kept, and `f` is computed
/// again in the backward pass. It takes the time of one more forward pass, and the memory of one part at a time: a chain
/// of n layers in √n parts of √n layers holds the activations of about 2√n. PyTorch's `utils.checkpoint`, `jax.checkpoint`.
///
/// `x` is a tensor, or a tuple or an array of them, and `f` gives a tensor or a tuple of up to six. Gradients, of any
/// order, are those of `f(module, x)`. Random numbers of the trace (dropout) are the same both times, and running statistics
/// move once. Parts may lie in parts. Where no tensor of `x` is traced, `f` is called and that is all.
///
/// Chen et al., [Training Deep Nets with Sublinear Memory Cost](https://arxiv.org/abs/1604.06174), 2016.
///
/// # Panics
/// If `f` uses a tensor of another trace than those of `x`, which it would not find again: such a tensor belongs into `x`.
/// The backward pass panics if `f` then uses other parameters than before.
///
/// ```
/// use fusion::prelude::*;
/// use fusion::checkpoint;
///
/// model! { Block: [64] -> [64] { Linear<_, 256>, Gelu, Linear<_, 64> } }
///
/// let rng = &mut StdRng::seed_from_u64(0);
/// let blocks: Vec<Block> = (0..8).map(|_| Block::init(rng)).collect();
/// let mut x = Tensor::<shape![16, 64]>::normal(0.0, 1.0, rng).trace();
/// for pair in blocks.chunks(2) {
///     // One tensor of [16, 64] is kept for each two blocks, instead of all that lies in them.
///     x = checkpoint(&pair[0], x, |block, x| block.forward(x));
///     x = checkpoint(&pair[1], x, |block, x| block.forward(x));
/// }
/// let grads = x.square().mean().backward();
/// assert_eq!(grads.len(), 8 * 4);
/// ```
///
/// What `f` needs beside its arguments it owns, as it lives until the backward pass: `move |block, x| ..`. Several modules
/// are a tuple or a struct that is a [`Module`], and `&()` is none.
#[doc(alias = "remat")]
#[doc(alias = "rematerialize")]
#[track_caller]
pub fn checkpoint<M, X, Y>(module: &M, x: X, f: impl Fn(&M, X) -> Y + Send + Sync + 'static) -> Y
where
    M: Module + Clone + Send + Sync + 'static,
    X: Tensors,
    Y: Outputs,
{
    let mut inputs = Vec::new();
    x.each(&mut |value| inputs.push(value.clone()));
    let Some(trace) = inputs.iter().find_map(|input| input.link().trace().cloned()) else {
        return f(module, x);
    };
    let run = move |module: &M, inputs: Vec<Value>| {
        let mut inputs = inputs.into_iter();
        f(module, X::made_of(&mut || inputs.next().expect("a value for each input"))).pack(Value::clone)
    };
    // A copy with the same parameters: what a forward pass changes in it, such as running statistics, nobody sees.
    let kept = tied(module);
    let part = Part::begin(trace, inputs);
    let (packed, sizes) = run(module, part.start());
    let packed = part.record(packed, move |inputs| run(&tied(&kept), inputs).0);
    Y::unpack(packed, &sizes)
}

/// A copy of a module that has the parameters of the original, not ones of its own.
fn tied<M: Module + Clone>(module: &M) -> M {
    let (mut links, mut copy) = (Vec::new(), module.clone());
    module.walk(&Path::root(), &mut |_, value| links.push(value.link().clone()));
    let mut links = links.into_iter();
    copy.walk_mut(&Path::root(), &mut |_, value| {
        let link = links.next().expect("a copy has the tensors of the original");
        *value = Value::new(value.array().clone(), link);
    });
    copy
}

/// A part of a computation on its way from inputs to a result.
struct Part {
    /// The trace outside, and what is drawn inside follows from.
    outer: Shared<Trace>,
    seed: u64,
    inputs: Vec<Value>,
    /// The trace inside, and the first node that belongs to it.
    inner: Shared<Trace>,
    since: u64,
}

impl Part {
    fn begin(outer: Shared<Trace>, inputs: Vec<Value>) -> Self {
        let seed = outer.next_seed();
        let inner = Shared::new(outer.repeatable(seed));
        Self { outer, seed, inputs, inner, since: fresh_id() }
    }

    /// The inputs, without their past, in a trace of their own.
    #[track_caller]
    fn start(&self) -> Vec<Value> {
        self.inputs.iter().map(|input| entered(input.detach(), input.link(), &self.inner)).collect()
    }

    /// `result`, which was computed in this part, as that of one operation: its rule computes it by `again`.
    #[track_caller]
    fn record(self, result: Value, again: impl Fn(Vec<Value>) -> Value + Send + Sync + 'static) -> Value {
        let Self { outer, seed, inputs, inner, since } = self;
        if !result.link().wants_gradient() {
            let (array, link) = result.into_parts();
            let link = if link.trace().is_some() { Link::Traced(outer) } else { link };
            return Value::new(array, link);
        }
        let leaves = leaves(result.link(), since, &inner);
        let links: Vec<Link> = inputs.iter().map(|input| input.link().clone()).chain(leaves).collect();
        let saved: Vec<Value> = inputs.iter().map(Value::detach).collect();
        let (result, _) = result.into_parts(); // what was recorded in the part is free
        let refs: Vec<&Link> = links.iter().collect();
        record_list("checkpoint", &refs, result, |_| {
            let links = links.clone();
            move |gradient, cx| {
                let trace = Shared::new(outer.repeatable(seed));
                let linked = saved.iter().enumerate().map(|(i, x)| entered(cx.input(i, x.array()), &links[i], &trace));
                let inputs: Vec<Value> = linked.collect();
                let since = fresh_id();
                // Here operations are called where the program says, also in a pass that is recorded.
                let result = called_from(None, || again(inputs.clone()));
                let gradients = result.backward_since(gradient, since);
                let ids = inputs.iter().map(Value::link).chain(&links[inputs.len()..]).map(Link::origin);
                let of: Vec<Option<Value>> = ids.map(|id| gradients.of_id(id).cloned()).collect();
                assert!(
                    of.iter().flatten().count() == gradients.len(),
                    "checkpoint: in the backward pass its function uses other parameters than before"
                );
                of
            }
        })
    }
}

/// `value` as an input of a part in `trace`, if outside it hangs by `link`.
#[track_caller]
fn entered(value: Value, link: &Link, trace: &Shared<Trace>) -> Value {
    match link {
        _ if link.wants_gradient() => value.enter(trace),
        Link::Traced(_) => Value::new(value.into_parts().0, Link::Traced(trace.clone())),
        _ => Value::new(value.into_parts().0, link.clone()),
    }
}

/// What a part uses that is none of its inputs: parameters, and values made of parameters alone before it began.
#[track_caller]
fn leaves(result: &Link, since: u64, trace: &Shared<Trace>) -> Vec<Link> {
    let (mut leaves, mut seen, mut waiting) = (Vec::new(), HashSet::new(), Vec::<&dyn Node>::new());
    let is_own = |other: &Trace| std::ptr::eq(other, &raw const **trace);
    let mut links = vec![(result, None)];
    loop {
        for (link, user) in links.drain(..) {
            let is_foreign = match link {
                Link::Node(node) if node.id() >= since => {
                    if seen.insert(node.id()) {
                        waiting.push(&**node);
                    }
                    false
                }
                Link::Leaf(_, other) | Link::Traced(other) => !is_own(other),
                Link::Node(_) | Link::Parameter(_) => {
                    if link.trace().is_none() && seen.insert(link.origin()) {
                        leaves.push(link.clone());
                    }
                    link.trace().is_some()
                }
                Link::None | Link::Frozen(_) | Link::Inference => false,
            };
            if is_foreign {
                let by = user.map_or(String::new(), |node: &dyn Node| {
                    format!(" (`{}`, called at {})", node.name(), node.location())
                });
                panic!(
                    "checkpoint: its function uses a tensor of another trace than that of its inputs{by}, which it \
                    would not find again: hand it in as an input, or put it on the trace of one with `trace_as`"
                );
            }
        }
        let Some(node) = waiting.pop() else { return leaves };
        links.extend(node.inputs().iter().map(|link| (link, Some(node))));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dim::{Dyn, Num};
    use crate::nn::{Dropout, Forward, Init, Linear, Sequential};
    use crate::optim::{OptimizerExt, Sgd};
    use crate::prelude::{BatchNorm1d, Gelu, Tanh};
    use crate::{Gradients, Tensor, grad, gradcheck};
    use rand::{SeedableRng, rngs::StdRng};
    use std::sync::atomic::{AtomicUsize, Ordering};

    type Two = Num<2>;
    type Block = Sequential<(Linear<Num<3>, Num<3>>, Gelu, Linear<Num<3>, Num<3>>, Tanh)>;
    type X<T = f32> = Tensor<(Num<4>, Num<3>), T>;

    fn x() -> X {
        Tensor::from_fn(|i| (i as f32 * 0.7).sin())
    }

    fn blocks(n: usize) -> Vec<Block> {
        let rng = &mut StdRng::seed_from_u64(1);
        (0..n).map(|_| Block::init_with(rng)).collect()
    }

    fn all(grads: &Gradients, net: &impl Module) -> Vec<Vec<f32>> {
        let of = |value: &Value| grads.get_value(value.link()).expect("a gradient").array().to_vec();
        net.parameters().iter().map(of).collect()
    }

    #[test]
    fn gradients_are_the_same_bit_for_bit() {
        let (net, x) = (blocks(4), x().watch());
        let plain = net.iter().fold(x.clone(), |x, block| block.forward(x));
        let each = net.iter().fold(x.clone(), |x, block| checkpoint(block, x, |block, x| block.forward(x)));
        // Parts that lie in a part.
        let nested = checkpoint(&net, x.clone(), |net, x| {
            net.iter().fold(x, |x, block| checkpoint(block, x, |block, x| block.forward(x)))
        });
        let want = plain.square().sum().backward();
        for y in [each, nested] {
            assert_eq!(y.to_vec(), plain.to_vec());
            let grads = y.square().sum().backward();
            assert_eq!(grads.get(&x).expect("a gradient").to_vec(), want.get(&x).expect("a gradient").to_vec());
            assert_eq!((all(&grads, &net), grads.len()), (all(&want, &net), want.len()));
        }
    }

    #[test]
    fn a_graph_may_be_gone_through_twice() {
        let (net, x) = (blocks(1), x().trace());
        let loss = checkpoint(&net, x, |net, x| net[0].forward(x)).square().sum();
        assert_eq!(all(&loss.clone().backward(), &net), all(&loss.backward(), &net));
    }

    #[test]
    fn gradients_of_gradients() {
        let x = Tensor::<(Num<3>,), f64>::from([0.5, -1.0, 2.0]);
        let w = Tensor::<(Num<3>,), f64>::from([0.3, 0.7, -0.4]).parameter();
        let cubes = |x: &Tensor<(Num<3>,), f64>| {
            let f = |w: &Tensor<(Num<3>,), f64>, x: Tensor<(Num<3>,), f64>| (x * w).tanh().pow(3);
            checkpoint(&w.clone(), x.exp(), f) * x
        };
        gradcheck(cubes, &x).expect("first");
        gradcheck(|x| grad::grad(|x| cubes(x).sum(), x), &x).expect("second");
        gradcheck(|x| grad::grad(|x| grad::grad(|x| cubes(x).sum(), x).sum(), x), &x).expect("third");
        // By the parameter, of a gradient by the input.
        let of_w = |w: &Tensor<(Num<3>,), f64>, parts: bool| {
            let x = x.trace_as(w).watch();
            let f = |w: &Tensor<(Num<3>,), f64>, x: &Tensor<(Num<3>,), f64>| (x * w).tanh().pow(3);
            let y = match parts {
                true => checkpoint(&(), (w.clone(), x.clone()), move |(), (w, x)| f(&w, &x)),
                false => f(w, &x),
            };
            let ones = y.ones_like();
            y.backward_with(ones).get(&x).expect("a gradient").square().sum()
        };
        assert_eq!(grad::grad(|w| of_w(w, true), &w).to_vec(), grad::grad(|w| of_w(w, false), &w).to_vec());
    }

    #[test]
    fn dropout_draws_the_same_both_times() {
        let layers = [Dropout::new(0.5), Dropout::init_with(&mut StdRng::seed_from_u64(3))];
        for layer in layers {
            let x = Tensor::<(Num<100>,)>::ones().watch();
            let y = checkpoint(&layer, x.clone(), |layer, x| layer.forward(x));
            let (zeros, mask) = (y.to_vec().iter().filter(|&&y| y == 0.0).count(), y.to_vec());
            assert!((20..80).contains(&zeros));
            assert_eq!(y.sum().backward().get(&x).expect("a gradient").to_vec(), mask);
        }
    }

    #[test]
    fn running_statistics_move_once() {
        let part = BatchNorm1d::<Num<3>>::init_with(&mut StdRng::seed_from_u64(0));
        let plain = part.clone();
        let y = plain.forward(x().trace()).square().sum().backward();
        let z = checkpoint(&part, x().trace(), |part, x| part.forward(x)).square().sum().backward();
        assert_eq!((y.len(), z.len()), (2, 2));
        assert_eq!(part.running_mean.get().to_vec(), plain.running_mean.get().to_vec());
        assert_eq!(part.num_batches_tracked.get().item(), 1);
    }

    #[test]
    fn several_inputs_and_outputs() {
        let x = Tensor::<(Two,), f64>::from([1.0, 2.0]).watch();
        let (mask, table) = (Tensor::<(Two,), f64>::from([0.0, 3.0]), Tensor::<(Dyn,), i64>::from(vec![1, 0]));
        let run = |x: &Tensor<(Two,), f64>| {
            let (sum, all) = checkpoint(&(), (x.exp(), mask.clone(), table.clone()), |(), (x, mask, table)| {
                assert_eq!(table.to_vec(), [1, 0]);
                let y = x.square() * mask;
                (y.sum(), y)
            });
            sum * 2.0 + (all * x).sum()
        };
        gradcheck(run, &x.detach()).expect("the gradient");
        gradcheck(|x| grad::grad(run, x), &x.detach()).expect("the gradient's gradient");
    }

    #[test]
    fn what_is_not_traced_is_not_recorded() {
        let net = blocks(1);
        let y = checkpoint(&net, x(), |net, x| net[0].forward(x));
        assert_eq!(y.to_vec(), net[0].forward(x()).to_vec());
        assert!(!y.is_traced());
        // Traced data without a parameter stays that.
        let y = checkpoint(&(), x().trace(), |(), x| x.square());
        assert!(y.is_traced() && !y.value().link().wants_gradient());
    }

    /// A step that comes between changes nothing for the backward pass that was begun.
    #[test]
    fn a_step_in_between() {
        let mut net = blocks(1);
        let run = |net: &Vec<Block>| checkpoint(net, x().trace(), |net, x| net[0].forward(x)).square().sum();
        let want = all(&run(&net).backward(), &net);
        let (first, second) = (run(&net), run(&net).backward());
        Sgd::new(0.5).step(&mut net, second);
        assert_eq!(all(&first.backward(), &net), want);
    }

    #[test]
    #[should_panic(expected = "checkpoint: its function uses a tensor of another trace than that of its inputs (`mul`")]
    fn a_traced_tensor_that_is_no_input() {
        let other = x().watch();
        checkpoint(&(), x().trace(), move |(), x| x * &other);
    }

    #[test]
    #[should_panic(expected = "in the backward pass its function uses other parameters than before")]
    fn another_function_the_second_time() {
        let (a, b, turn) = (X::ones().parameter(), X::ones().parameter(), AtomicUsize::new(0));
        let f = move |(): &(), x: X| x * if turn.fetch_add(1, Ordering::Relaxed) == 0 { &a } else { &b };
        let _ = checkpoint(&(), x().trace(), f).sum().backward();
    }

    #[test]
    fn a_weight_made_of_parameters_alone() {
        let w = X::ones().parameter();
        let double = &w * 2.0;
        let y = checkpoint(&(), x().trace(), move |(), x| x * &double);
        let grads = y.sum().backward();
        assert_eq!(grads.get(&w).expect("a gradient").to_vec(), (x() * 2.0).to_vec());
    }
}
