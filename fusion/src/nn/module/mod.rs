//! What every network is: a tree of tensors with names, and a function.

pub mod buffer;
pub mod duplicate;
mod follow;
pub mod freeze;

use crate::dim::Shape;
use crate::graph::{Dot, Value};
use crate::kernels::Element;
use crate::nn::inspect::visit::{MultiplyAdds, Part, Visit};
use crate::nn::macro_support::derive::Alike;
use crate::nn::module::follow::follow;
use crate::tensor::Tensor;
use rand::Rng;
use std::collections::HashSet;
use std::fmt;
use std::marker::PhantomData;

/// A place in a tree of modules: `layer1.0.conv1.weight`. A list on the stack; text is made only when it is shown.
#[derive(Clone, Copy)]
pub struct Path<'a> {
    parent: Option<&'a Path<'a>>,
    step: Step<'a>,
    parameter: bool,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Root,
    Name(&'a str),
    Index(usize),
}

impl Path<'static> {
    /// The tree itself.
    pub const fn root() -> Self {
        Self { parent: None, step: Step::Root, parameter: false }
    }
}

impl Path<'_> {
    /// The field `name` of this module.
    pub const fn child<'a>(&'a self, name: &'a str) -> Path<'a> {
        self.below(Step::Name(name))
    }

    /// The module at `index` of this list.
    pub const fn index(&self, index: usize) -> Path<'_> {
        self.below(Step::Index(index))
    }

    const fn below<'a>(&'a self, step: Step<'a>) -> Path<'a> {
        Path { parent: Some(self), step, parameter: self.parameter }
    }

    /// The same place, declared to hold a parameter; so is all that stands below. `#[init(..)]` of `#[derive(Module)]`
    /// says so, and so do the layers of the library. An optimizer refuses a plain tensor there: it would never be
    /// trained. In a walk by hand:
    ///
    /// ```
    /// use fusion::Value;
    /// use fusion::nn::Path;
    /// use fusion::prelude::*;
    ///
    /// struct Scale(Tensor<shape![3]>);
    ///
    /// impl Module for Scale {
    ///     fn walk(&self, path: &Path<'_>, visit: &mut dyn FnMut(&Path<'_>, &Value)) {
    ///         self.0.walk(&path.child("scale").parameter(), visit);
    ///     }
    ///     fn walk_mut(&mut self, path: &Path<'_>, visit: &mut dyn FnMut(&Path<'_>, &mut Value)) {
    ///         self.0.walk_mut(&path.child("scale").parameter(), visit);
    ///     }
    /// }
    ///
    /// let layer = Scale(Tensor::ones().parameter());
    /// layer.walk(&Path::root(), &mut |path, _| assert!(path.is_parameter()));
    /// ```
    pub const fn parameter(self) -> Self {
        Self { parameter: true, ..self }
    }

    /// Is this the tree itself?
    pub(in crate::nn) const fn is_root(&self) -> bool {
        matches!(self.step, Step::Root)
    }

    /// Is this place declared to hold a parameter? See [`Path::parameter`].
    pub const fn is_parameter(&self) -> bool {
        self.parameter
    }

    /// The place so many after this one in a list.
    #[doc(hidden)]
    pub const fn plus(&self, more: usize) -> Path<'_> {
        match self.step {
            Step::Index(index) => Path { step: Step::Index(index + more), ..*self },
            _ => *self,
        }
    }
}

/// The steps from the root, joined with `.`.
impl fmt::Debug for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Path({self})")
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            parent.fmt(f)?;
            if !matches!(parent.step, Step::Root) {
                f.write_str(".")?;
            }
        }
        match self.step {
            Step::Root => Ok(()),
            Step::Name(name) => f.write_str(name),
            Step::Index(index) => index.fmt(f),
        }
    }
}

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
    /// say what they are. `model!` writes this. A layer of the library shows itself.
    fn visit(&self, path: &Path<'_>, input: &[usize], visit: &mut dyn Visit) -> bool {
        let _ = (path, input, visit);
        false
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
        follow(self, other, 1.0);
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
        follow(self, other, t);
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

macro_rules! through {
    ($(<$($p:ident),*> $t:ty { $self:ident, $path:ident, $f:ident => $each:expr, $each_mut:expr })*) => { $(
        impl<$($p: Module),*> Module for $t {
            fn walk(&$self, $path: &Path<'_>, $f: &mut dyn FnMut(&Path<'_>, &Value)) { $each }
            fn walk_mut(&mut $self, $path: &Path<'_>, $f: &mut dyn FnMut(&Path<'_>, &mut Value)) { $each_mut }
        }
    )* };
}
through! {
    <M> Option<M> { self, path, visit =>
        self.iter().for_each(|m| m.walk(path, visit)),
        self.iter_mut().for_each(|m| m.walk_mut(path, visit)) }
    <M> Vec<M> { self, path, visit =>
        self.iter().enumerate().for_each(|(i, m)| m.walk(&path.index(i), visit)),
        self.iter_mut().enumerate().for_each(|(i, m)| m.walk_mut(&path.index(i), visit)) }
    <> () { self, _path, _visit => (), () }
}

/// What stands for a module: a box, or a borrow.
macro_rules! stands_for {
    ($($(#[$doc:meta])* $t:ty),*) => { $(
        $(#[$doc])*
        impl<M: Module + ?Sized> Module for $t {
            fn walk(&self, path: &Path<'_>, visit: &mut dyn FnMut(&Path<'_>, &Value)) {
                (**self).walk(path, visit);
            }
            fn walk_mut(&mut self, path: &Path<'_>, visit: &mut dyn FnMut(&Path<'_>, &mut Value)) {
                (**self).walk_mut(path, visit);
            }
            fn visit(&self, path: &Path<'_>, input: &[usize], visit: &mut dyn Visit) -> bool {
                (**self).visit(path, input, visit)
            }
        }
    )* };
}
stands_for! {
    Box<M>,
    /// Two networks that live apart are one module for a while: `opt.step(&mut (&mut encoder, &mut decoder), ..)`.
    &mut M
}

/// The layers of a tuple are named by their places.
macro_rules! tuples {
    ($([$($layer:ident $at:tt)*])*) => { $(
        impl<$($layer: Module),*> Module for ($($layer,)*) {
            fn walk(&self, path: &Path<'_>, visit: &mut dyn FnMut(&Path<'_>, &Value)) {
                $(self.$at.walk(&path.index($at), visit);)*
            }
            fn walk_mut(&mut self, path: &Path<'_>, visit: &mut dyn FnMut(&Path<'_>, &mut Value)) {
                $(self.$at.walk_mut(&path.index($at), visit);)*
            }
        }

        impl<$($layer: Init),*> Init for ($($layer,)*) {
            fn init_with(rng: &mut dyn Rng) -> Self {
                ($($layer::init_with(rng),)*)
            }
        }
    )* };
}
tuples! {
    [A 0]
    [A 0 B 1]
    [A 0 B 1 C 2]
    [A 0 B 1 C 2 D 3]
    [A 0 B 1 C 2 D 3 E 4]
    [A 0 B 1 C 2 D 3 E 4 F 5]
}

impl<M: Module, const N: usize> Module for [M; N] {
    fn walk(&self, path: &Path<'_>, visit: &mut dyn FnMut(&Path<'_>, &Value)) {
        self.iter().enumerate().for_each(|(i, m)| m.walk(&path.index(i), visit));
    }
    fn walk_mut(&mut self, path: &Path<'_>, visit: &mut dyn FnMut(&Path<'_>, &mut Value)) {
        self.iter_mut().enumerate().for_each(|(i, m)| m.walk_mut(&path.index(i), visit));
    }
    /// The layers of the first: all are of one type, and each takes what the first takes.
    fn visit(&self, path: &Path<'_>, input: &[usize], visit: &mut dyn Visit) -> bool {
        visit.enter(Part::Repeated(N));
        let shown = self.first().is_none_or(|first| first.visit(&path.index(0), input, visit));
        visit.leave();
        shown
    }
}

impl<P: ?Sized> Module for PhantomData<P> {
    fn walk(&self, _: &Path<'_>, _: &mut dyn FnMut(&Path<'_>, &Value)) {}
    fn walk_mut(&mut self, _: &Path<'_>, _: &mut dyn FnMut(&Path<'_>, &mut Value)) {}
}

impl<M: Init> Init for Box<M> {
    fn init_with(rng: &mut dyn Rng) -> Self {
        Self::new(M::init_with(rng))
    }
}

impl<M: Init, const N: usize> Init for [M; N] {
    fn init_with(rng: &mut dyn Rng) -> Self {
        std::array::from_fn(|_| M::init_with(rng))
    }
}

impl<P: ?Sized> Init for PhantomData<P> {
    fn init_with(_: &mut dyn Rng) -> Self {
        Self
    }
}

impl Init for () {
    fn init_with(_: &mut dyn Rng) -> Self {}
}

impl<X, M: Forward<X> + ?Sized> Forward<X> for Box<M> {
    type Output = M::Output;

    fn forward(&self, x: X) -> M::Output {
        (**self).forward(x)
    }
}

/// Without a layer, what goes in comes out.
impl<X, M: Forward<X, Output: Alike<X>>> Forward<X> for Option<M> {
    type Output = X;

    fn forward(&self, x: X) -> X {
        self.iter().fold(x, |x, layer| layer.forward(x).alike())
    }
}

/// One after another; each gives what the next takes.
impl<X, M: Forward<X, Output: Alike<X>>> Forward<X> for Vec<M> {
    type Output = X;

    fn forward(&self, x: X) -> X {
        self.iter().fold(x, |x, layer| layer.forward(x).alike())
    }
}

/// One after another; each gives what the next takes.
impl<X, M: Forward<X, Output: Alike<X>>, const N: usize> Forward<X> for [M; N] {
    type Output = X;

    fn forward(&self, x: X) -> X {
        self.iter().fold(x, |x, layer| layer.forward(x).alike())
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
