//! What every network is: a tree of tensors with names, and a function.

pub mod alike;
pub mod buffer;
mod containers;
pub mod duplicate;
pub mod freeze;
pub(crate) mod generators;
mod path;
pub mod ready;
pub mod show;
pub mod visit;

pub use path::Path;

use crate::dim::Shape;
use crate::graph::Link;
use crate::graph::{Dot, Value};
use crate::kernels::{Array, Element};
use crate::ops::binary::{add, mul_scalar};
use crate::tensor::Tensor;
use rand::Rng;
use show::MultiplyAdds;
use std::collections::{HashMap, HashSet};
use visit::{Shown, Visit};

/// A function of tensors: a layer, or a network made of layers.
///
/// `forward` of an untraced tensor is inference; of `x.trace()` it is training (see [`Tensor::trace`]).
#[diagnostic::on_unimplemented(message = "`{Self}` does not take a `{X}`", label = "not an input of this layer")]
pub trait Forward<X> {
    /// What it makes of an `X`.
    type Output;
    /// Computes it.
    fn forward(&self, x: X) -> Self::Output;
}

/// Starting values: PyTorch's `reset_parameters`. Derived together with [`Module`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say how it starts",
    label = "no `init` for this type",
    note = "derive `Module` for it, without `no_init`, or implement `Init`; a field also starts with `#[module(default = ..)]`"
)]
pub trait Init: Sized {
    /// A fresh one, with random numbers from `rng`.
    fn init_with(rng: &mut dyn Rng) -> Self;

    /// A fresh one, with random numbers from `rng`: what a network's own `init` does.
    fn init(rng: &mut impl Rng) -> Self {
        Self::init_with(rng)
    }
}

/// A tree of named tensors: parameters, which optimizers train, and buffers, which are only saved.
///
/// `#[derive(Module)]` and `model!` write this. A tensor made with [`Tensor::parameter`] is a parameter, any other
/// tensor a buffer.
///
/// ```
/// use fusion::prelude::*;
///
/// let net = Linear::<dim!(3), dim!(2)>::init(&mut StdRng::seed_from_u64(0));
/// assert_eq!(net.num_parameters(), 8);
/// assert_eq!(net.names(), ["weight", "bias"]);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a module",
    label = "not a tensor, a layer or a list of them",
    note = "derive `Module` for it, or leave it out of the walk with `#[module(skip)]`"
)]
pub trait Module {
    /// Shows `visit` every tensor with its path, in the order of the fields.
    fn walk(&self, path: &Path<'_>, visit: &mut dyn FnMut(&Path<'_>, &Value));

    /// As [`Module::walk`], for writing.
    fn walk_mut(&mut self, path: &Path<'_>, visit: &mut dyn FnMut(&Path<'_>, &mut Value));

    /// How many multiply-adds one forward pass makes of a tensor with the sizes `input`: what its layers make together;
    /// `None` if it does not show them, or one of them does not say.
    fn multiply_adds(&self, input: &[usize]) -> Option<u64>
    where
        Self: Sized,
    {
        MultiplyAdds::of(self, input)
    }

    /// Shows `visit` the layers that it is made of, for an input with these sizes, batch in front; `false` if it does not
    /// say what they are. By default, what [`Module::visit_all`] shows. A layer of the library shows itself.
    fn visit(&self, path: &Path<'_>, input: &[usize], visit: &mut dyn Visit) -> bool {
        self.visit_all(path, input, visit)
    }

    /// Shows `visit` all that `forward` computes, in order, and nothing else; `false` if it does not say, and then what was
    /// shown is void. `model!` writes this, and so does `#[module(sequential)]`. What is made of it computes the same as
    /// `forward`: [`prepare`](crate::nn::Prepare::prepare). No sizes, `&[]`, are sizes that are not known: then layers have
    /// those that follow from types alone.
    fn visit_all(&self, path: &Path<'_>, input: &[usize], visit: &mut dyn Visit) -> bool {
        let _ = (path, input, visit);
        false
    }

    /// Shows `visit` the modules that it holds; none if it says by itself what it computes.
    #[doc(hidden)]
    fn parts(&self, visit: &mut dyn FnMut(&dyn Module)) {
        let _ = visit;
    }

    /// Which module it is.
    #[doc(hidden)]
    fn key(&self) -> (usize, &'static str) {
        ready::key(self)
    }

    /// How many numbers an optimizer may change. A parameter that stands in several places counts once.
    fn num_parameters(&self) -> usize {
        self.parameters().iter().map(|value| value.array().count()).sum()
    }

    /// The parameters in order, each once.
    fn parameters(&self) -> Vec<Value> {
        let (mut list, mut seen) = (Vec::new(), HashSet::new());
        self.walk(&Path::root(), &mut |_, value| {
            if value.is_parameter() && seen.insert(value.link().id()) {
                list.push(value.clone());
            }
        });
        list
    }

    /// Takes over the values of another network of this type, parameters and buffers; what is a parameter stays the same
    /// parameter. PyTorch's `target.load_state_dict(net.state_dict())`.
    ///
    /// Panics where the types leave room for a difference: lists of other lengths, sizes that only the run knows.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let rng = &mut StdRng::seed_from_u64(0);
    /// let (net, mut target) = (Linear::<dim!(3), dim!(2)>::init(rng), Linear::init(rng));
    /// target.copy_from(&net);
    /// assert_eq!(target.weight.to_vec(), net.weight.to_vec());
    /// ```
    #[track_caller]
    fn copy_from(&mut self, other: &Self)
    where
        Self: Sized,
    {
        follow(self, other, 1.0, 1.0);
    }

    /// Goes a part `t` of the way to the values of another network of this type: `x` becomes `(1 - t) x + t y`. With a
    /// small `t` in each step, a network becomes the running mean (EMA) of one in training. Buffers of fractions go too,
    /// such as running statistics; whole numbers and truth values are taken over.
    ///
    /// Panics as [`Module::copy_from`] does, and unless `0 <= t <= 1`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let mut net = Linear::<dim!(3), dim!(2)>::init(&mut StdRng::seed_from_u64(0));
    /// let (mut mean, mut opt) = (net.clone(), Sgd::new(0.1));
    /// for _ in 0..10 {
    ///     let loss = net.forward(Tensor::<shape![4, 3]>::ones().trace()).square().mean();
    ///     opt.step(&mut net, loss.backward());
    ///     mean.lerp_from(&net, 0.01);
    /// }
    /// assert_ne!(mean.weight.to_vec(), net.weight.to_vec());
    /// ```
    #[doc(alias = "ema")]
    #[doc(alias = "swa")]
    #[track_caller]
    fn lerp_from(&mut self, other: &Self, t: f64)
    where
        Self: Sized,
    {
        assert!((0.0..=1.0).contains(&t), "lerp_from goes a part of the way, from 0 to 1, not {t}");
        follow(self, other, t, t);
    }

    /// The paths of all tensors in order, as they stand in saved files.
    fn names(&self) -> Vec<String> {
        let mut list = Vec::new();
        self.walk(&Path::root(), &mut |path, _| list.push(path.to_string()));
        list
    }
}

impl<S: Shape, T: Element> Module for Tensor<S, T> {
    fn walk(&self, path: &Path<'_>, visit: &mut dyn FnMut(&Path<'_>, &Value)) {
        visit(path, self.value());
    }
    fn walk_mut(&mut self, path: &Path<'_>, visit: &mut dyn FnMut(&Path<'_>, &mut Value)) {
        visit(path, self.value_mut());
    }
}

impl Dot<'_> {
    /// Names every parameter of a module in the drawing by its path.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let net = Linear::<dim!(3), dim!(2)>::init(&mut StdRng::seed_from_u64(0));
    /// let y = net.forward(Tensor::<shape![1, 3]>::ones().trace()).sum();
    /// assert!(y.dot().names_of(&net).to_string().contains("weight [2, 3]"));
    /// ```
    pub fn names_of(self, module: &impl Module) -> Self {
        let mut dot = Some(self);
        module.walk(&Path::root(), &mut |path, value| {
            dot = dot.take().map(|dot| dot.label(value, path.to_string()));
        });
        dot.expect("put back each time")
    }
}

impl<M: Module + ?Sized> Shown for M {
    fn show(&self, path: &Path<'_>, input: &[usize], visit: &mut dyn Visit) -> bool {
        Module::visit(self, path, input, visit)
    }

    fn show_all(&self, path: &Path<'_>, input: &[usize], visit: &mut dyn Visit) -> bool {
        Module::visit_all(self, path, input, visit)
    }

    fn tensors(&self) -> Vec<(String, Value)> {
        let mut list = Vec::new();
        Module::walk(self, &Path::root(), &mut |path, value| list.push((path.to_string(), value.clone())));
        list
    }

    fn all_parameters(&self) -> Vec<Value> {
        Module::parameters(self)
    }
}

/// Moves every parameter of `target` so far to that of `other`, and every buffer so far; all the way those that are of whole
/// numbers.
#[track_caller]
pub(crate) fn follow(target: &mut dyn Module, other: &dyn Module, of_parameters: f64, of_buffers: f64) {
    let mut arrays = Vec::new();
    other.walk(&Path::root(), &mut |_, value| arrays.push(value.array().clone()));
    check(target, other, &arrays);
    let (mut arrays, mut moved) = (arrays.into_iter(), HashMap::new());
    target.walk_mut(&Path::root(), &mut |_, value| {
        let Some(new) = arrays.next() else { return };
        let t = if value.is_parameter() || value.is_frozen() { of_parameters } else { of_buffers };
        let go = || match value.dtype() {
            dtype if dtype.is_float() && t < 1.0 => towards(value.array(), new.clone(), t),
            _ => new.clone(),
        };
        let array = match value.link() {
            // What is tied goes once, and stays one array.
            Link::Parameter(id) | Link::Frozen(id) => moved.entry(*id).or_insert_with(go).clone(),
            _ => go(),
        };
        value.set(array);
    });
}

/// Panics unless the tensors of both are of one form.
#[track_caller]
fn check(target: &dyn Module, other: &dyn Module, arrays: &[Array]) {
    let (mut count, mut differs) = (0, None);
    target.walk(&Path::root(), &mut |path, value| {
        let has = arrays.get(count);
        if !has.is_some_and(|has| has.dtype() == value.dtype() && has.shape() == value.shape()) {
            let has = has.map_or("nothing".to_owned(), |has| format!("{} {:?}", has.dtype(), has.shape()));
            differs.get_or_insert_with(|| {
                format!("`{path}` is {} {:?}, in the other {has}", value.dtype(), value.shape())
            });
        }
        count += 1;
    });
    if count < arrays.len() {
        let more = || other.names().get(count).cloned().unwrap_or_default();
        differs.get_or_insert_with(|| format!("`{}` is only in the other", more()));
    }
    if let Some(differs) = differs {
        panic!("a module follows one of the same form: {differs}");
    }
}

/// `x + t (y - x)`
fn towards(x: &Array, y: Array, t: f64) -> Array {
    add(mul_scalar(x.clone().into(), 1.0 - t), &mul_scalar(y.into(), t)).into_parts().0
}
