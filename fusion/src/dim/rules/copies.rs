//! Tensors laid beside themselves, cut into parts, and put together of columns.

use core::marker::PhantomData;

use fusion_rules::Window as Geometry;

use crate::dim::layer::Image;
use crate::dim::number::amount::Fit;
use crate::dim::number::arithmetic::{NineDigits, Plus, Scaled};
use crate::dim::number::digits::{DimOf, ToDim};
use crate::dim::number::dim::{Dim, Nat};
use crate::dim::number::divide::DivMod;
use crate::dim::number::known::HasKind;
use crate::dim::number::num::{Big4, Big5, Big6, Big7, Big8, Big9, Dyn, Num};
use crate::dim::rules::equal::{HasColumns, MadeUpOf};
use crate::dim::rules::padding::Padding;
use crate::dim::rules::reshape::Elements;
use crate::dim::rules::sides::Sides;
use crate::dim::rules::split::{InParts, Unequal, unequal};
use crate::dim::rules::window::Window;
use crate::dim::sentences::{self, KnownSizes, Shapes};
use crate::dim::shape::Shape;
use crate::dim::spell::Lead;

/// A shape whose sizes are multiplied by those of `N`, one for each axis: a tensor laid beside itself so often.
///
/// ```
/// use fusion::dim::{Dyn, Num, Repeat};
///
/// fn gives<S: Repeat<N, Out = Out>, N, Out>() {}
/// gives::<(Num<2>, Dyn), (Num<3>, Num<4>), (Num<6>, Dyn)>();
/// ```
pub trait Repeat<N>: Shape {
    /// The numbers.
    const COUNTS: &'static [Option<usize>];
    /// The shape of all of it.
    type Out: Shape;
}

impl<S: Shape, N> Repeat<N> for S
where
    Shapes: Repeated<S, N>,
{
    const COUNTS: &'static [Option<usize>] = <Shapes as Repeated<S, N>>::COUNTS;
    type Out = <Shapes as Repeated<S, N>>::Out;
}

/// [`Repeat`], for each rank. Implemented for every type `Any`, so that rustc lists no similar impls when it fails.
#[diagnostic::on_unimplemented(
    message = "a tensor is repeated by a number for each of its axes, but {S} by {N}",
    label = "not a number for each axis",
    note = "the numbers are a shape: `shape![1, 3]`"
)]
pub trait Repeated<S, N> {
    /// The numbers.
    const COUNTS: &'static [Option<usize>];
    /// The shape of all of it.
    type Out: Shape;
}

macro_rules! repeated {
    ($([$($d:ident $n:ident)*];)*) => {
        $(impl<Any, $($d, $n),*> Repeated<($($d,)*), ($($n,)*)> for Any
        where
            $($n: Dim,)*
            $($d: Scaled<$n>,)*
        {
            // Whatever multiplies a size is known.
            const COUNTS: &'static [Option<usize>] = &[$($n::SIZE),*];
            type Out = ($($d::Out,)*);
        })*
    };
}
repeated! {
    [];
    [A I];
    [A I B J];
    [A I B J C K];
    [A I B J C K D L];
    [A I B J C K D L E M];
    [A I B J C K D L E M F N];
}

/// A size that is cut into parts of the sizes `L`, a shape: together they are all of it. A `Dyn` is checked when the program runs.
///
/// ```
/// use fusion::dim::{Dyn, Num, Split};
///
/// fn splits<S: Split<L>, L>() {}
/// splits::<Num<6>, (Num<1>, Num<2>, Num<3>)>();
/// splits::<Dyn, (Num<1>, Num<2>)>();
/// ```
#[diagnostic::on_unimplemented(
    message = "an axis of `{Self}` may not be made of the parts `{L}`",
    label = "not known to be its parts",
    note = "the sizes of the parts are a shape: `shape![2, 3]`",
    note = "in generic code write the bound `{Self}: Split<{L}>`"
)]
pub trait Split<L> {}

/// The sizes of a shape, added up.
pub trait Sum {
    /// All of them.
    type Out: Dim;
}

impl<A: Dim> Sum for (A,) {
    type Out = A;
}

impl<S: MadeUpOf<A>, A: Dim> Split<(A,)> for S {}

macro_rules! sums {
    ($([$first:ident $second:ident $($d:ident)*];)*) => {
        $(
            impl<$first, $second, $($d),*> Sum for ($first, $second, $($d,)*)
            where
                $first: Plus<$second>,
                ($first::Out, $($d,)*): Sum,
            {
                type Out = <($first::Out, $($d,)*) as Sum>::Out;
            }

            impl<S, $first, $second, $($d),*> Split<($first, $second, $($d,)*)> for S
            where
                ($first, $second, $($d,)*): Sum,
                S: MadeUpOf<<($first, $second, $($d,)*) as Sum>::Out>,
            {
            }
        )*
    };
}
sums! {
    [A B];
    [A B C];
    [A B C D];
    [A B C D E];
    [A B C D E F];
}

/// A window over images, of the size `K`, with stride `S`, padding `P` and dilation `D`: what `x.unfold::<Patches<dim!(3)>>()` makes
/// columns of. Each is one size for both axes, or a pair of the height's and the width's.
pub struct Patches<K, S = Num<1>, P = Num<0>, D = Num<1>>(PhantomData<fn() -> (K, S, P, D)>);

/// Images whose elements under the window `P`, a [`Patches`], become columns: `[B, C, H, W]` gives
/// `[B, C * KH * KW, H' * W']`.
///
/// ```
/// use fusion::dim::{Big4, Dyn, Num, Patches, Unfold};
///
/// fn gives<S: Unfold<P, Out = Out>, P, Out>() {}
/// gives::<(Dyn, Num<3>, Num<32>, Num<32>), Patches<Num<5>>, (Dyn, Num<75>, Num<784>)>();
/// gives::<(Dyn, Num<3>, Num<32>, Dyn), Patches<Num<2>, Num<2>>, (Dyn, Num<12>, Dyn)>();
/// ```
pub trait Unfold<P> {
    /// The window along the height and along the width.
    const WINDOW: [Geometry; 2];
    /// The shape of the columns.
    type Out: Shape;
}

impl<X, P: Over<X>> Unfold<P> for X {
    const WINDOW: [Geometry; 2] = P::WINDOW;
    type Out = P::Out;
}

/// [`Unfold`], implemented on the window so that inference does not guess it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a window over images",
    label = "expected `Patches`",
    note = "a window of 3 by 3 with stride 2 is `Patches<dim!(3), dim!(2)>`; padding and dilation follow"
)]
pub trait Over<X> {
    /// The window along the height and along the width.
    const WINDOW: [Geometry; 2];
    /// The shape of the columns.
    type Out: Shape;
}

/// A window of four numbers.
const fn geometry<K: Nat, S: Nat, P: Padding, D: Nat>() -> Geometry {
    Geometry { kernel: K::N, stride: S::N, padding: P::PADDING, dilation: D::N }
}

/// How many elements several sizes make.
type Len<L> = <L as Elements>::Len;

impl<X, K, S, P, D, High, Wide> Over<X> for Patches<K, S, P, D>
where
    X: Image<Batch: Dim>,
    K: Sides<Height: Nat, Width: Nat>,
    S: Sides<Height: Nat, Width: Nat>,
    P: Sides<Height: Padding, Width: Padding>,
    D: Sides<Height: Nat, Width: Nat>,
    X::Height: Window<K::Height, S::Height, P::Height, D::Height, Out = High>,
    X::Width: Window<K::Width, S::Width, P::Width, D::Width, Out = Wide>,
    (X::Channels, K::Height, K::Width): Elements,
    (High, Wide): Elements,
{
    const WINDOW: [Geometry; 2] = [
        geometry::<K::Height, S::Height, P::Height, D::Height>(),
        geometry::<K::Width, S::Width, P::Width, D::Width>(),
    ];
    type Out = (X::Batch, Len<(X::Channels, K::Height, K::Width)>, Len<(High, Wide)>);
}

/// Columns `[B, C * KH * KW, H' * W']` of elements under the window `P`, a [`Patches`], that become images of the size `I`, a pair:
/// what [`Unfold`] does, undone.
///
/// ```
/// use fusion::dim::{Dyn, Fold, Num, Patches};
///
/// fn gives<S: Fold<P, I, Out = Out>, P, I, Out>() {}
/// gives::<(Dyn, Num<12>, Num<256>), Patches<Num<2>, Num<2>>, (Num<32>, Num<32>), (Dyn, Num<3>, Num<32>, Num<32>)>();
/// ```
pub trait Fold<P, I> {
    /// The window along the height and along the width.
    const WINDOW: [Geometry; 2];
    /// The height and the width.
    const IMAGE: [usize; 2];
    /// The shape of the images.
    type Out: Shape;
}

impl<X, P, I> Fold<P, I> for X
where
    Shapes: Folded<X, P, I>,
{
    const WINDOW: [Geometry; 2] = <Shapes as Folded<X, P, I>>::WINDOW;
    const IMAGE: [usize; 2] = <Shapes as Folded<X, P, I>>::IMAGE;
    type Out = <Shapes as Folded<X, P, I>>::Out;
}

/// [`Fold`], implemented for every type `Any`, so that rustc lists no similar impls when it fails.
#[diagnostic::on_unimplemented(
    message = "columns [batch, channels * window, places] become images of a height and a width, but {X} would become {I}",
    label = "not columns under a window, or not a height and a width",
    note = "columns are folded by `x.fold::<Patches<dim!(3)>, shape![28, 28]>()`"
)]
pub trait Folded<X, P, I> {
    /// The window along the height and along the width.
    const WINDOW: [Geometry; 2];
    /// The height and the width.
    const IMAGE: [usize; 2];
    /// The shape of the images.
    type Out: Shape;
}

impl<Any, B: Dim, R, L, K, S, P, D, H, W, High, Wide> Folded<(B, R, L), Patches<K, S, P, D>, (H, W)> for Any
where
    K: Sides<Height: Nat, Width: Nat>,
    S: Sides<Height: Nat, Width: Nat>,
    P: Sides<Height: Padding, Width: Padding>,
    D: Sides<Height: Nat, Width: Nat>,
    H: Nat + Window<K::Height, S::Height, P::Height, D::Height, Out = High>,
    W: Nat + Window<K::Width, S::Width, P::Width, D::Width, Out = Wide>,
    (K::Height, K::Width): Elements,
    (High, Wide): Elements,
    L: HasColumns<Len<(High, Wide)>>,
    R: OfChannels<Len<(K::Height, K::Width)>>,
{
    const WINDOW: [Geometry; 2] = [
        geometry::<K::Height, S::Height, P::Height, D::Height>(),
        geometry::<K::Width, S::Width, P::Width, D::Width>(),
    ];
    const IMAGE: [usize; 2] = [H::N, W::N];
    type Out = (B, R::Out, H, W);
}

/// A number of elements under a window, `N` of each channel: how many channels they are of.
#[diagnostic::on_unimplemented(
    message = "columns of `{Self}` may not be of whole channels, of each `{N}` elements",
    label = "not known to be a multiple"
)]
pub trait OfChannels<N> {
    /// How many channels.
    type Out: Dim;
}

#[diagnostic::do_not_recommend]
impl<Name: ?Sized + 'static, N: Nat> OfChannels<N> for Dyn<Name> {
    type Out = Dyn;
}

impl<R: Nat, N: Nat> OfChannels<N> for R
where
    N: HasKind<Kind: InParts<R, N, Verdict: EqualChannels>>,
    R::Uint: DivMod<N::Uint, Quotient: ToDim<Dim: NineDigits>>,
{
    type Out = DimOf<<R::Uint as DivMod<N::Uint>>::Quotient>;
}

/// A verdict that the channels are whole.
#[diagnostic::on_unimplemented(message = "there is nothing under a window of 0", label = "a window of 0")]
pub trait EqualChannels {}
impl EqualChannels for Fit {}
each_pair!(unequal EqualChannels under);
