//! What the output of `#[derive(Module)]` calls, and says of fields that do not fit.

pub use crate::nn::module::alike::Alike;
use crate::nn::{Init, Module};
use rand::Rng;
use std::marker::PhantomData;

/// [`IsModule`](super::model::IsModule) of a field of a generic type, where all that is done with it goes through [`Layer`](Self::Layer): rustc
/// is silent about it where there is none.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a module",
    label = "not a tensor, a layer or a list of them",
    note = "write `#[derive(Module)]` above its type; in another type, `#[module(skip)]` leaves a field out"
)]
pub trait Walked {
    /// The type itself.
    type Layer;
}

#[diagnostic::do_not_recommend]
impl<M: Module> Walked for M {
    type Layer = M;
}

/// A field as a module.
pub fn part<M: Module>(field: &M) -> &dyn Module {
    field
}

/// What has starting values; of what has none it says so once, without a list of all that have.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say how it starts",
    label = "no `init` for this type",
    note = "derive `Module` for it, or give the field a value with `#[module(default = ..)]`"
)]
pub trait Starts: Init {}

#[diagnostic::do_not_recommend]
impl<M: Init> Starts for M {}

/// A fresh layer.
pub fn started<M: Starts>(rng: &mut dyn Rng) -> M {
    M::init_with(rng)
}

/// What has a `Default`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no `Default` to start with",
    label = "how does it start?",
    note = "derive `Default` for it, or give the field a value with `#[module(skip, default = ..)]`"
)]
pub trait HasDefault: Default {}

#[diagnostic::do_not_recommend]
impl<D: Default> HasDefault for D {}

/// The value of a field that is left out.
pub fn default<D: HasDefault>() -> D {
    D::default()
}

/// The start of a field whose generic type may be no module. As `Walked` says so, this says nothing then: of the methods
/// `probed`, rustc takes that of the first trait that there is, of [`ByInit`], [`ByModule`] and [`ByNothing`].
pub struct Probe<M>(PhantomData<M>);

impl<M> Clone for Probe<M> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M> Copy for Probe<M> {}

impl<M> Probe<M> {
    /// Asks nothing yet.
    #[expect(clippy::new_without_default, reason = "only macros make it")]
    pub fn new() -> Self {
        Self(PhantomData)
    }
}

/// It says how it starts.
pub trait ByInit<M> {
    /// A fresh one.
    fn probed(self, rng: &mut dyn Rng) -> M;
}

impl<M: Init> ByInit<M> for &&Probe<M> {
    fn probed(self, rng: &mut dyn Rng) -> M {
        M::init_with(rng)
    }
}

/// A module that does not: the one error.
pub trait ByModule<M> {
    /// A fresh one.
    fn probed(self, rng: &mut dyn Rng) -> M
    where
        M: Starts;
}

impl<M: Module> ByModule<M> for &Probe<M> {
    fn probed(self, rng: &mut dyn Rng) -> M
    where
        M: Starts,
    {
        started(rng)
    }
}

/// No module: never compiled to its end.
pub trait ByNothing<M> {
    /// A fresh one.
    fn probed(self, rng: &mut dyn Rng) -> M;
}

impl<M> ByNothing<M> for Probe<M> {
    fn probed(self, _: &mut dyn Rng) -> M {
        unreachable!("what is no module does not compile")
    }
}
