//! What the output of `model!` and `#[derive(Module)]` calls.
//!
//! After a layer of the user's, `model!` goes on with constants: [`output_of`] is the shape that such a layer gives, and
//! the functions of `fusion_rules` take it from there. A constant that fails is the one error; about a type that is made
//! of it rustc is silent, and [`Gate`] makes such types where a failed constant would otherwise be reported again.

use crate::dim::consts::KnownShape;
use crate::dim::{Dim, Shape};
use crate::graph::Value;
use crate::nn::init::sized::Sizes;
use crate::nn::module::show::numbers;
use crate::nn::module::visit;
use crate::nn::{Cost, Forward, Known, Layer, Module, Part, Path, Visit};
use crate::ops;
use crate::tensor::{Float, Tensor, Tensors};
use fusion_rules::model::{Builtin, Place};
use fusion_rules::parts::{Branch, Meet};
use fusion_rules::{Dims, Size, Text, positive};
use std::collections::HashMap;

pub use fusion_rules::model::recovered_size;
pub use fusion_rules::parts::{check_output, check_repeat, check_stated, repeated};

/// A module; of what is none it says so once, without a list of all that are.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a module",
    label = "not a tensor, a layer or a list of them",
    note = "write `#[derive(Module)]` above its type; in another type, `#[module(skip)]` leaves a field out"
)]
pub trait IsModule: Module {}

#[diagnostic::do_not_recommend]
impl<M: Module> IsModule for M {}

/// Evaluates only for a module.
pub const fn is_module<M: IsModule>() -> usize {
    0
}

/// A tensor whose shape has at most an unknown batch.
#[diagnostic::on_unimplemented(
    message = "a layer of a model gives a tensor, not `{Self}`",
    label = "does not give a tensor"
)]
pub trait KnownTensor {
    /// Its shape.
    const DIMS: Dims;
}

#[diagnostic::do_not_recommend]
impl<S: KnownShape, T> KnownTensor for Tensor<S, T> {
    const DIMS: Dims = S::DIMS;
}

/// What a layer makes of an `X`. It is never called: its type tells the compiler, which then need not ask again when it
/// evaluates a constant.
pub fn output_of<L: Forward<X, Output: KnownTensor>, X>() -> L::Output {
    unreachable!("this function has a type, and no value")
}

/// The shape of the tensor that such a function gives.
pub const fn dims_of<Y: KnownTensor>(_: fn() -> Y) -> Dims {
    Y::DIMS
}

/// The shape that a function makes of an `X`.
pub const fn output_of_function<X, Y: KnownTensor, F: Fn(X) -> Y>(_: &F) -> Dims {
    Y::DIMS
}

/// The function itself; of an error type where the constant does not hold.
pub fn through<const OK: usize, F>(f: F) -> <Gate<OK> as Through<F>>::Layer
where
    Gate<OK>: Through<F, Layer = F>,
{
    f
}

/// A shape with a first axis, the batch.
pub trait Batched: Shape {
    /// How many samples.
    type Batch: Dim;
}

macro_rules! batched {
    ($([$($d:ident)*])*) => {
        $(impl<B: Dim, $($d: Dim),*> Batched for (B, $($d,)*) {
            type Batch = B;
        })*
    };
}
batched!([] [C] [C D] [C D E] [C D E F] [C D E F G]);

/// The shape that a group of layers takes.
#[diagnostic::on_unimplemented(message = "these layers take {Shape}, not {Self}", label = "not what these layers take")]
pub trait Is<Shape> {}

impl<S> Is<S> for S {}

/// Panics if branches do not meet.
#[track_caller]
pub const fn check_meet(meet: Meet, branches: &[Branch<'_>]) {
    meet.check(branches);
}

/// A tensor as a value without a shape in its type.
pub trait IntoValue {
    /// The value.
    fn into_value(self) -> Value;
}

impl<S, T> IntoValue for Tensor<S, T> {
    fn into_value(self) -> Value {
        Tensor::into_value(self)
    }
}

/// The sum of branches of one shape.
pub fn sum_branches<S: Shape>(branches: &[Value]) -> Tensor<S> {
    let mut all = branches[0].clone();
    for branch in &branches[1..] {
        all = ops::binary::add(all, branch);
    }
    Tensor::wrap(all)
}

/// Branches side by side along the channels.
pub fn join_branches<S: Shape>(branches: &[Value]) -> Tensor<S> {
    Tensor::wrap(ops::concat::concat(branches, 1))
}

/// Two branches of a generic model that are added; the pair is of their names.
pub trait Sum<A, B> {
    /// The sum.
    fn meet(a: A, b: B) -> A;
}

impl<Left, Right, A, B, T> Sum<Tensor<A, T>, Tensor<B, T>> for (Left, Right)
where
    Rule: OneShape<Left, Right, A, B>,
{
    fn meet(a: Tensor<A, T>, b: Tensor<B, T>) -> Tensor<A, T> {
        Tensor::wrap(ops::binary::add(a.into_value(), b.value()))
    }
}

/// Asked of this, so that rustc has no other types to tell of.
pub struct Rule;

/// The shapes of two branches are one.
#[diagnostic::on_unimplemented(
    message = "`{Left}` gives {A}, but `{Right}` gives {B}: the branches of a sum must have one shape",
    label = "the branches differ"
)]
pub trait OneShape<Left, Right, A, B> {}

impl<Any, Left, Right, A> OneShape<Left, Right, A, A> for Any {}

/// Two branches of a generic model that are joined along the channels; the pair is of their names.
pub trait Join<A, B> {
    /// Both together.
    type Output;
    /// Joins them.
    fn meet(a: A, b: B) -> Self::Output;
}

impl<Left, Right, A, B, T> Join<Tensor<A, T>, Tensor<B, T>> for (Left, Right)
where
    A: crate::dim::Join<B>,
{
    type Output = Tensor<A::Out, T>;
    fn meet(a: Tensor<A, T>, b: Tensor<B, T>) -> Self::Output {
        Tensor::wrap(ops::concat::concat(&[a.into_value(), b.into_value()], 1))
    }
}

/// A tensor of a layer that `#[init(..)]` gives other starting values.
pub trait Start {
    /// The type of its elements.
    type Element;
    /// Takes the values, as a parameter.
    fn start(&mut self, how: impl FnOnce(&Sizes<Self::Element>) -> Value);
}

impl<S, T: Float> Start for Tensor<S, T> {
    type Element = T;
    fn start(&mut self, how: impl FnOnce(&Sizes<T>) -> Value) {
        *self = Self::wrap(how(&Sizes::of(self.value())).into_parameter());
    }
}

impl<S, T: Float> Start for Option<Tensor<S, T>> {
    type Element = T;
    fn start(&mut self, how: impl FnOnce(&Sizes<T>) -> Value) {
        if let Some(tensor) = self {
            tensor.start(how);
        }
    }
}

/// The size of a dimension.
pub const fn size<D: Dim>() -> Size {
    Size::of(D::SIZE)
}

/// The number of a dimension; panics if the run decides.
#[track_caller]
pub const fn number<D: Dim>() -> usize {
    match D::SIZE {
        Some(size) => size,
        None => Text::new().str("every size of a model is known when it is compiled").fail(),
    }
}

/// Panics unless `n` can be a size in a model.
#[track_caller]
pub const fn check_size(n: usize) {
    if let Err(mistake) = positive(n) {
        mistake.text().fail()
    }
}

/// `n`; panics unless it can be a size in a model.
#[track_caller]
pub const fn checked_size(n: usize) -> usize {
    check_size(n);
    n
}

/// Panics if a layer does not take `x`.
#[track_caller]
pub const fn check_layer(place: &Place<'_>, layer: &Builtin, args: &[Size], x: Dims) {
    place.check(layer, args, x);
}

/// Batches of samples of these sizes.
pub const fn samples(numbers: &[usize]) -> Dims {
    let (mut dims, mut i) = (Dims::of(&[Size::Dyn]), 0);
    while i < numbers.len() {
        dims = dims.push(Size::Known(numbers[i]));
        i += 1;
    }
    dims
}

/// Numbers as sizes; without numbers, as many unknown sizes as a shape may have.
pub fn known_sizes(numbers: &[usize]) -> Vec<Size> {
    if numbers.is_empty() {
        return vec![Size::Dyn; fusion_rules::MAX_RANK];
    }
    numbers.iter().copied().map(Size::Known).collect()
}

/// A layer of the user's and what it takes, to be asked for a copy that is called like it. Of the methods `copy`, rustc takes
/// that of the first trait that there is, of [`Copied`] and [`Uncopied`].
pub struct Original<'l, L, X>(&'l L, core::marker::PhantomData<X>);

impl<'l, L, X> Original<'l, L, X> {
    /// Asks nothing yet.
    pub fn of(layer: &'l L) -> Self {
        Self(layer, core::marker::PhantomData)
    }
}

/// A layer that can be copied and called by several threads.
pub trait Copied {
    /// A copy.
    fn copy(self) -> Option<visit::Call>;
}

impl<L, X> Copied for &Original<'_, L, X>
where
    L: Forward<X, Output: IntoValue> + Clone + Send + Sync + 'static,
    X: Tensors,
{
    fn copy(self) -> Option<visit::Call> {
        let layer = self.0.clone();
        Some(Box::new(move |x| call(|x| layer.forward(x), x)))
    }
}

/// A layer that cannot.
pub trait Uncopied {
    /// None.
    fn copy(self) -> Option<visit::Call>;
}

impl<L, X> Uncopied for Original<'_, L, X> {
    fn copy(self) -> Option<visit::Call> {
        None
    }
}

/// What a function makes of a value.
pub fn call<X: Tensors, Y: IntoValue>(function: impl FnOnce(X) -> Y, x: Value) -> Value {
    function(X::made_of(&mut || x.clone())).into_value()
}

/// Writes sizes that were found; without any, which are sizes that are not known, those that are there stay.
pub fn write_sizes(output: &mut Vec<usize>, found: Vec<usize>) {
    if !found.is_empty() {
        *output = found;
    }
}

/// The sizes that a layer of the user's makes of these; none if it does not say what it is made of.
pub fn custom_sizes(layer: &dyn Module, input: &[usize]) -> Vec<usize> {
    let mut follow = Follow { now: input.to_vec(), kept: HashMap::new(), open: Vec::new() };
    let says = !input.is_empty() && layer.visit(&Path::root(), input, &mut follow);
    if says { follow.now } else { Vec::new() }
}

/// The sizes of tensor `n` with so many samples, where its type says them; otherwise none.
pub fn typed_sizes(n: usize, typed: &[(usize, Dims)], batch: usize) -> Vec<usize> {
    let found = typed.iter().find(|(at, _)| *at == n);
    found.map(|(_, dims)| numbers(*dims, batch)).unwrap_or_default()
}

/// The sizes of what is joined along the channels; none if those of a branch are not known.
pub fn joined_sizes(branches: &[&[usize]]) -> Vec<usize> {
    let mut sizes = branches.first().map_or_else(Vec::new, |first| first.to_vec());
    match (branches.iter().map(|sizes| sizes.get(1)).sum(), sizes.get_mut(1)) {
        (Some(channels), Some(own)) => *own = channels,
        _ => sizes.clear(),
    }
    sizes
}

/// Follows the sizes through layers and branches.
struct Follow {
    now: Vec<usize>,
    /// The sizes of results that are taken up again, by their paths.
    kept: HashMap<String, Vec<usize>>,
    /// The sums and joins that are open: what goes in, and what their branches gave so far.
    open: Vec<Open>,
}

enum Open {
    Group,
    Branch,
    Meet { join: bool, taken: Vec<usize>, gave: Vec<Vec<usize>> },
}

impl Visit for Follow {
    fn layer(&mut self, layer: Layer<'_>) {
        self.now = layer.output.to_vec();
    }

    fn function(&mut self, _: &Path<'_>, _: &str, output: &[usize]) {
        self.now = output.to_vec();
    }

    fn keep(&mut self, path: &Path<'_>) {
        self.kept.insert(path.to_string(), self.now.clone());
    }

    fn tap(&mut self, path: &Path<'_>) {
        self.now = self.kept.get(&path.to_string()).cloned().unwrap_or_default();
    }

    fn enter(&mut self, part: Part<'_>) {
        self.open.push(match part {
            Part::Group(_) | Part::Repeated(_) => Open::Group,
            Part::Branch => Open::Branch,
            Part::Sum | Part::Join => {
                Open::Meet { join: part == Part::Join, taken: self.now.clone(), gave: Vec::new() }
            }
        });
    }

    fn leave(&mut self) {
        match self.open.pop() {
            Some(Open::Branch) => {
                if let Some(Open::Meet { taken, gave, .. }) = self.open.last_mut() {
                    gave.push(std::mem::replace(&mut self.now, taken.clone()));
                }
            }
            Some(Open::Meet { join, gave, .. }) => {
                let gave: Vec<_> = gave.iter().map(Vec::as_slice).collect();
                self.now = if join { joined_sizes(&gave) } else { gave.first().map_or_else(Vec::new, |x| x.to_vec()) };
            }
            Some(Open::Group) | None => {}
        }
    }
}

/// What a layer of the user's costs, if it says so.
pub struct Said<L, X>(core::marker::PhantomData<(L, X)>);

impl<L: Known<X>, X> Said<L, X> {
    /// What it costs.
    pub const COST: Cost = L::COST;
}

/// What stands in for a layer that does not: the constant of [`Said`] itself comes first.
pub trait Unsaid {
    /// Nothing is known.
    const COST: Cost = Cost::unknown(Dims::SCALAR);
}

impl<L, X> Unsaid for Said<L, X> {}

/// Stands for a constant that another depends on.
pub struct Gate<const OK: usize>;

/// Every layer, if the constant holds; an error type, if it does not.
pub trait Through<L> {
    /// The layer.
    type Layer;
    /// The layer itself.
    fn of(layer: &L) -> &Self::Layer;
    /// The layer itself.
    fn of_mut(layer: &mut L) -> &mut Self::Layer;
}

impl<const OK: usize, L> Through<L> for Gate<OK> {
    type Layer = L;
    fn of(layer: &L) -> &L {
        layer
    }
    fn of_mut(layer: &mut L) -> &mut L {
        layer
    }
}

/// Whether a layer takes its input: 1 if it does.
pub struct Fits<const OK: usize>;

/// A call of a layer that may not take its input, of which rustc is then silent.
pub trait Call<L, X> {
    /// What it gives.
    type Output;
    /// Calls it.
    fn call(layer: &L, x: X) -> Self::Output;
}

impl<L: Forward<X>, X> Call<L, X> for Fits<1> {
    type Output = L::Output;
    fn call(layer: &L, x: X) -> L::Output {
        layer.forward(x)
    }
}

impl<L, X> Call<L, X> for Fits<0> {
    type Output = Tensor<()>;
    fn call(_: &L, _: X) -> Tensor<()> {
        panic!("a layer that does not take its input")
    }
}

/// A type that stands for what a mistake has left unknown.
pub struct Lost<const MISTAKE: usize>;

/// Has a type that is an error type where `Self` has a mistake in it.
pub trait Unknown {
    /// The type.
    type Type;
}

impl<const MISTAKE: usize> Unknown for Lost<MISTAKE> {
    type Type = Self;
}

/// The error type of a reported mistake.
pub type LostType<const MISTAKE: usize> = <Lost<MISTAKE> as Unknown>::Type;
