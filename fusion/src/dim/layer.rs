//! What layers ask of the tensor that they take.

use core::ops::Mul;

use typenum::Prod;

use super::number::amount::Fit;
use super::number::arithmetic::{NineDigits, Positive};
use super::number::digits::{DimOf, ToDim};
use super::number::dim::{Dim, Nat};
use super::number::divide::DivMod;
use super::number::known::HasKind;
use super::number::num::{Big4, Big5, Big6, Big7, Big8, Big9, Dyn, Num};
use super::rules::join::SameShape;
use super::rules::split::{InParts, Unequal, unequal};
use super::sentences::{self, KnownSizes, Shapes};
use super::shape::Shape;
use super::spell::Lead;

/// A shape with a last axis, the features: what [`Linear`](crate::nn::Linear) takes. Its sizes need not be known to be
/// dimensions: a missing bound is reported for the size that the layer compares.
///
/// ```
/// use fusion::dim::{Dyn, LastDim, Num};
///
/// fn features<S: LastDim<Last = Last, With<Num<10>> = With>, Last, With>() {}
/// features::<(Dyn, Num<784>), Num<784>, (Dyn, Num<10>)>();
/// ```
#[diagnostic::on_unimplemented(
    message = "a layer of features takes a tensor of 1 to 6 axes, not {Self}",
    label = "no axis of features"
)]
pub trait LastDim {
    /// The size of the last axis.
    type Last;

    /// The shape with another size there.
    type With<O>;
}

macro_rules! last_dim {
    ($([$($d:ident)*])*) => {
        $(#[diagnostic::do_not_recommend]
        impl<$($d,)* Last> LastDim for ($($d,)* Last,) {
            type Last = Last;
            type With<O> = ($($d,)* O,);
        })*
    };
}
last_dim!([] [A] [A B] [A B C] [A B C D] [A B C D E]);

/// A batch of images, `[batch, channels, height, width]`: what convolutions and pooling take.
///
/// ```
/// use fusion::dim::{Dyn, Image, Num};
///
/// fn image<S: Image<Channels = C, Height = H, With<Num<8>, Num<1>, Num<1>> = With>, C, H, With>() {}
/// image::<(Dyn, Num<3>, Num<32>, Num<30>), Num<3>, Num<32>, (Dyn, Num<8>, Num<1>, Num<1>)>();
/// ```
#[diagnostic::on_unimplemented(
    message = "this layer takes images, [batch, channels, height, width], not {Self}",
    label = "not a batch of images"
)]
pub trait Image {
    /// How many images.
    type Batch;
    /// How many channels each.
    type Channels;
    /// Their height.
    type Height;
    /// Their width.
    type Width;

    /// As many images with other channels and sizes.
    type With<C, H, W>;
}

#[diagnostic::do_not_recommend]
impl<B, C, H, W> Image for (B, C, H, W) {
    type Batch = B;
    type Channels = C;
    type Height = H;
    type Width = W;
    type With<C2, H2, W2> = (B, C2, H2, W2);
}

/// A batch of signals, `[batch, channels, length]`, and what layers ask of it: images of one axis.
///
/// ```
/// use fusion::dim::{Dyn, Num, Signal};
///
/// fn signal<S: Signal<Channels = C, Length = L, With<Num<8>, Num<1>> = With>, C, L, With>() {}
/// signal::<(Dyn, Num<3>, Num<32>), Num<3>, Num<32>, (Dyn, Num<8>, Num<1>)>();
/// ```
#[diagnostic::on_unimplemented(
    message = "this layer takes signals, [batch, channels, length], not {Self}",
    label = "not a batch of signals"
)]
pub trait Signal {
    /// How many signals.
    type Batch;
    /// How many channels each.
    type Channels;
    /// How long they are.
    type Length;

    /// As many signals with other channels and another length.
    type With<C, L>;
}

#[diagnostic::do_not_recommend]
impl<B, C, L> Signal for (B, C, L) {
    type Batch = B;
    type Channels = C;
    type Length = L;
    type With<C2, L2> = (B, C2, L2);
}

/// A batch of channels, alone or with a length behind them: `[batch, channels]` or `[batch, channels, length]`, what
/// [`BatchNorm1d`](crate::nn::BatchNorm1d) takes.
///
/// ```
/// use fusion::dim::{Dyn, MaybeSignal, Num};
///
/// fn channels<S: MaybeSignal<Channels = C>, C>() {}
/// channels::<(Dyn, Num<3>), Num<3>>();
/// channels::<(Dyn, Num<3>, Num<32>), Num<3>>();
/// ```
#[diagnostic::on_unimplemented(
    message = "this layer takes [batch, channels] or [batch, channels, length], not {Self}",
    label = "neither channels nor signals"
)]
pub trait MaybeSignal {
    /// How many channels.
    type Channels;
}

#[diagnostic::do_not_recommend]
impl<B, C> MaybeSignal for (B, C) {
    type Channels = C;
}

#[diagnostic::do_not_recommend]
impl<B, C, L> MaybeSignal for (B, C, L) {
    type Channels = C;
}

/// A batch of channels with any axes behind them, `[batch, channels, ..]`: what [`GroupNorm`](crate::nn::GroupNorm)
/// takes.
///
/// ```
/// use fusion::dim::{Channeled, Dyn, Num};
///
/// fn channels<S: Channeled<Channels = C>, C>() {}
/// channels::<(Dyn, Num<3>), Num<3>>();
/// channels::<(Dyn, Num<3>, Num<32>, Num<30>), Num<3>>();
/// ```
#[diagnostic::on_unimplemented(
    message = "this layer takes channels, [batch, channels, ..], not {Self}",
    label = "no channels"
)]
pub trait Channeled {
    /// How many channels.
    type Channels;
}

macro_rules! channeled {
    ($([$($d:ident)*])*) => {
        $(#[diagnostic::do_not_recommend]
        impl<Batch, Channels, $($d),*> Channeled for (Batch, Channels, $($d,)*) {
            type Channels = Channels;
        })*
    };
}
channeled!([] [A] [A B] [A B C] [A B C D]);

/// Scores of classes, `[batch, classes]`, or of each place behind these, `[batch, classes, ..]`: what a loss of classes takes.
///
/// ```
/// use fusion::dim::{Dyn, Num, Scores};
///
/// fn scores<S: Scores<Classes = C, Labels = L>, C, L>() {}
/// scores::<(Dyn, Num<10>), Num<10>, (Dyn,)>();
/// scores::<(Dyn, Num<21>, Num<32>, Num<30>), Num<21>, (Dyn, Num<32>, Num<30>)>();
/// ```
#[diagnostic::on_unimplemented(
    message = "a loss of classes takes scores, [batch, classes, ..], not {Self}",
    label = "no classes"
)]
pub trait Scores {
    /// How many classes.
    type Classes: Dim;
    /// The shape of their labels.
    type Labels: Shape;
}

/// Scores of which `L`, the shape of floats, holds a probability each.
///
/// ```
/// use fusion::dim::{Dyn, Num, Probabilities};
///
/// fn one_each<S: Probabilities<L>, L>() {}
/// one_each::<(Dyn, Num<10>), (Num<32>, Num<10>)>();
/// ```
pub trait Probabilities<L> {}

impl<S, L> Probabilities<L> for S where Shapes: OneEach<S, L> {}

/// [`Probabilities`]. It is implemented for every type `Any`, so that rustc lists no similar impls where it fails.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "targets that are floats are a probability for each score, of the shape {S}, not {L}",
    label = "not the shape of the scores",
    note = "labels are of `i64`: `.cast::<i64>()` makes them of whole numbers"
)]
pub trait OneEach<S, L> {}

macro_rules! scores {
    ($([$($d:ident $e:ident)*])*) => { $(
        #[diagnostic::do_not_recommend]
        impl<Batch: Dim, Classes: Dim, $($d: Dim),*> Scores for (Batch, Classes, $($d,)*) {
            type Classes = Classes;
            type Labels = (Batch, $($d,)*);
        }

        impl<Any, Batch, Classes, $($d,)* Targets, Each, $($e),*>
            OneEach<(Batch, Classes, $($d,)*), (Targets, Each, $($e,)*)> for Any
        where
            (Batch, Classes, $($d,)*): SameShape<(Targets, Each, $($e,)*)>,
        {
        }
    )* };
}
scores!([] [A E] [A E B F] [A E B F C G] [A E B F C G D H]);

/// A batch of sequences, `[batch, length, features]`: what attention takes.
///
/// ```
/// use fusion::dim::{Dyn, Num, Sequence};
///
/// fn sequence<S: Sequence<Length = L, Features = E>, L, E>() {}
/// sequence::<(Dyn, Num<16>, Num<64>), Num<16>, Num<64>>();
/// ```
#[diagnostic::on_unimplemented(
    message = "this layer takes sequences, [batch, length, features], not {Self}",
    label = "not a batch of sequences"
)]
pub trait Sequence {
    /// How many sequences.
    type Batch;
    /// How long they are.
    type Length;
    /// How many features each of their places has.
    type Features;
}

#[diagnostic::do_not_recommend]
impl<B, L, E> Sequence for (B, L, E) {
    type Batch = B;
    type Length = L;
    type Features = E;
}

/// A shape with room for one more axis behind the others: the indices that [`Embedding`](crate::nn::Embedding) takes.
///
/// ```
/// use fusion::dim::{Dyn, Indices, Num};
///
/// fn gives<S: Indices<With<Num<64>> = Out>, Out>() {}
/// gives::<(Dyn, Num<16>), (Dyn, Num<16>, Num<64>)>();
/// gives::<(), (Num<64>,)>();
/// ```
#[diagnostic::on_unimplemented(
    message = "an embedding adds an axis, and a tensor has at most 6: there is no place for one in {Self}",
    label = "no place for the axis of features"
)]
pub trait Indices {
    /// The shape with one more axis.
    type With<F>;
}

macro_rules! indices {
    ($([$($d:ident)*])*) => {
        $(#[diagnostic::do_not_recommend]
        impl<$($d),*> Indices for ($($d,)*) {
            type With<F> = ($($d,)* F,);
        })*
    };
}
indices!([] [A] [A B] [A B C] [A B C D] [A B C D E]);

/// Channels of which as many as a square of `R` by `R` has pixels become one.
///
/// ```
/// use fusion::dim::{Dyn, Num, Shuffled};
///
/// fn gives<C: Shuffled<R, Out = Out>, R, Out>() {}
/// gives::<Num<12>, Num<2>, Num<3>>();
/// gives::<Dyn, Num<2>, Dyn>();
/// ```
#[diagnostic::on_unimplemented(
    message = "{Self} channels may not become squares of {R} by {R} pixels each",
    label = "not known to be a multiple of the pixels",
    note = "in generic code write the bound `{Self}: Shuffled<{R}>`; what comes out is its `Out`"
)]
pub trait Shuffled<R> {
    /// How many channels are left.
    type Out: Dim;
}

/// How many pixels a square has.
type Square<R> = DimOf<Prod<<R as Nat>::Uint, <R as Nat>::Uint>>;

#[diagnostic::do_not_recommend]
impl<Name: ?Sized + 'static, R: Positive> Shuffled<R> for Dyn<Name> {
    type Out = Dyn;
}

impl<C: Nat, R: Positive> Shuffled<R> for C
where
    R::Uint: Mul<R::Uint, Output: ToDim<Dim: Nat + HasKind<Kind: InParts<C, Square<R>, Verdict: EqualPixels>>>>,
    C::Uint: DivMod<<Square<R> as Nat>::Uint, Quotient: ToDim<Dim: NineDigits>>,
{
    type Out = DimOf<<C::Uint as DivMod<<Square<R> as Nat>::Uint>>::Quotient>;
}

/// A good answer, of pixels.
#[doc(hidden)]
#[diagnostic::on_unimplemented(message = "there are no squares of no pixels", label = "no pixels")]
pub trait EqualPixels {}
impl EqualPixels for Fit {}
each_pair!(unequal EqualPixels pixels);
