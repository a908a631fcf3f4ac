//! Axes that get elements at their ends, or lose some.

use core::ops::Add;

use fusion_rules::Fill;
use typenum::{B0, B1, Sum};

use crate::dim::number::arithmetic::{NineDigits, Plus};
use crate::dim::number::digits::{DimOf, ToDim};
use crate::dim::number::dim::{Dim, Nat};
use crate::dim::number::divide::Less;
use crate::dim::number::kind::{Fitting, Larger, Zero};
use crate::dim::number::num::{Big4, Big5, Big6, Big7, Big8, Big9, Dyn, Num};
use crate::dim::rules::window::Answer;
use crate::dim::said::Said;
use crate::dim::sentences::{KnownSizes, Shapes, circular, reflect, shrink};
use crate::dim::shape::Shape;
use crate::dim::shape::axis::{AnAxis, Axis, HasAxis};
use crate::dim::spell::Lead;

/// `BEGIN` elements in front of an axis and `END` behind it, as a type and as a value: `x.pad(Axis::<1>, Ends::<1, 2>, Reflect)`.
/// Where the run decides how many, a pair of numbers stands in its place: `[1, 2]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ends<const BEGIN: usize, const END: usize>;

/// Pads with this element. PyTorch's `pad(mode="constant", value=..)`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Constant<T>(pub T);

/// Pads with the elements behind the first one and those before the last one, backwards: `[1, 2, 3]` with two more at each end is
/// `[3, 2, 1, 2, 3, 2, 1]`. PyTorch's `pad(mode="reflect")`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reflect;

/// Pads with the first element and the last one: `[1, 2, 3]` with two more at each end is `[1, 1, 1, 2, 3, 3, 3]`. PyTorch's
/// `pad(mode="replicate")`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Replicate;

/// Pads with the elements at the other end: `[1, 2, 3]` with two more at each end is `[2, 3, 1, 2, 3, 1, 2]`. PyTorch's
/// `pad(mode="circular")`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Circular;

/// Takes elements away.
#[derive(Clone, Copy)]
pub struct Shrink;

/// A way to pad a tensor of `T`: [`Constant`], [`Reflect`], [`Replicate`] or [`Circular`].
///
/// ```
/// use fusion::dim::{Constant, PadMode, Reflect};
///
/// fn pads<M: PadMode<f32>>(mode: M) -> Option<f32> {
///     mode.value()
/// }
/// assert_eq!((pads(Constant(2.0)), pads(Reflect)), (Some(2.0), None));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not pad a tensor of `{T}`",
    label = "not a way to pad it",
    note = "`Constant(0.0)` pads with a number of the tensor's own type; the other ways are `Reflect`, `Replicate` and `Circular`"
)]
pub trait PadMode<T>: Copy {
    /// This mode: bounds on this projection are checked after this one.
    #[doc(hidden)]
    type Is;

    /// Which it is.
    const FILL: Fill;

    /// The constant, if it is one.
    fn value(self) -> Option<T>;
}

#[diagnostic::do_not_recommend]
impl<T: Copy> PadMode<T> for Constant<T> {
    type Is = Self;
    const FILL: Fill = Fill::Constant;

    fn value(self) -> Option<T> {
        Some(self.0)
    }
}

macro_rules! modes {
    ($($mode:ident)*) => {
        $(#[diagnostic::do_not_recommend]
        impl<T> PadMode<T> for $mode {
            type Is = Self;
            const FILL: Fill = Fill::$mode;

            fn value(self) -> Option<T> {
                None
            }
        })*
    };
}
modes!(Reflect Replicate Circular);

/// What is taken away leaves nothing to be padded.
#[diagnostic::do_not_recommend]
impl<T> PadMode<T> for Shrink {
    type Is = Self;
    const FILL: Fill = Fill::Constant;

    fn value(self) -> Option<T> {
        None
    }
}

/// How many elements an axis gets in front and behind: [`Ends`], or two numbers of the run, of which negative ones take away.
///
/// ```
/// use fusion::dim::{Ends, PadEnds};
///
/// assert_eq!((Ends::<1, 2>.ends(), [1, -2].ends()), ([1, 2], [1, -2]));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say how many elements an axis gets in front and behind",
    label = "expected `Ends` or two numbers",
    note = "`Ends::<1, 2>` is known to the compiler, `[1, -2]` to the run: negative numbers take elements away"
)]
pub trait PadEnds: Copy {
    /// These ends: bounds on this projection are checked after this one.
    #[doc(hidden)]
    type Is;

    /// Both numbers.
    fn ends(self) -> [isize; 2];
}

#[diagnostic::do_not_recommend]
impl<const BEGIN: usize, const END: usize> PadEnds for Ends<BEGIN, END> {
    type Is = Self;

    fn ends(self) -> [isize; 2] {
        [BEGIN, END].map(usize::cast_signed)
    }
}

#[diagnostic::do_not_recommend]
impl PadEnds for [isize; 2] {
    type Is = Self;

    fn ends(self) -> [isize; 2] {
        self
    }
}

/// A size to which the elements `E`, an [`Ends`], are added as `M` says, and the size with them. A `Dyn` is checked when the
/// program runs.
///
/// ```
/// use fusion::dim::{Constant, Dyn, Ends, Num, Padded, Reflect};
///
/// fn gives<H: Padded<E, M, Out = Out>, E, M, Out>() {}
/// gives::<Num<3>, Ends<1, 2>, Constant<f32>, Num<6>>();
/// gives::<Num<3>, Ends<2, 2>, Reflect, Num<7>>();
/// gives::<Dyn, Ends<1, 2>, Reflect, Dyn>();
/// gives::<Num<3>, [isize; 2], Reflect, Dyn>();
/// ```
pub trait Padded<E, M> {
    /// The size with these elements.
    type Out: Dim;
}

impl<H, E: EndsOf<H, M>, M> Padded<E, M> for H {
    type Out = E::Out;
}

/// [`Padded`], implemented on the ends so that inference does not guess them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say how many elements an axis gets in front and behind",
    label = "expected `Ends` or two numbers"
)]
pub trait EndsOf<H, M> {
    /// The size with these elements.
    type Out: Dim;
}

impl<H, M: FillsUp<H, BEGIN, END>, const BEGIN: usize, const END: usize> EndsOf<H, M> for Ends<BEGIN, END> {
    type Out = M::Out;
}

#[diagnostic::do_not_recommend]
impl<H: Dim, M> EndsOf<H, M> for [isize; 2] {
    type Out = Dyn;
}

/// A way to pad a size, implemented on the way so that inference does not guess it.
pub trait FillsUp<H, const BEGIN: usize, const END: usize> {
    /// The size with these elements.
    type Out: Dim;
}

impl<M, H, const BEGIN: usize, const END: usize> FillsUp<H, BEGIN, END> for M
where
    KnownSizes: Fills<M, H, BEGIN, END>,
{
    type Out = <KnownSizes as Fills<M, H, BEGIN, END>>::Out;
}

/// A size, and a way to pad it. Implemented for every type `Any`, so that rustc lists no similar impls when it fails.
#[diagnostic::on_unimplemented(
    message = "an axis of `{H}` may not get {BEGIN} in front and {END} behind in the way of `{M}`",
    label = "not known to take this padding",
    note = "in generic code write the bound `{H}: Padded<Ends<{BEGIN}, {END}>, {M}>`; what comes out is its `Out`"
)]
pub trait Fills<M, H, const BEGIN: usize, const END: usize> {
    /// The size with these elements.
    type Out: Dim;
}

impl<Any, Name: ?Sized + 'static, M, const BEGIN: usize, const END: usize> Fills<M, Dyn<Name>, BEGIN, END> for Any {
    type Out = Dyn;
}

/// A size with elements at both ends.
type Grown<H, const BEGIN: usize, const END: usize> = <<H as Plus<Num<BEGIN>>>::Out as Plus<Num<END>>>::Out;

/// A number.
type Uint<const N: usize> = <Num<N> as Nat>::Uint;

macro_rules! always {
    ($mode:ty; [$($of:tt)*] [$h:ty] [$($params:tt)*] $spelling:ident $n:tt [$($bounds:tt)*]) => {
        impl<Any, $($of)* $($params)* const BEGIN: usize, const END: usize> Fills<$mode, $h, BEGIN, END> for Any
        where
            $($bounds)*
            $h: Plus<Num<BEGIN>, Out: Plus<Num<END>>>,
        {
            type Out = Grown<$h, BEGIN, END>;
        }
    };
}
each_known!([N X Y Z A B C E F G] always Constant<T>; [T,]);
each_known!([N X Y Z A B C E F G] always Replicate; []);

/// Whether as many elements, and `More`, are larger than a size.
type Beyond<H, const N: usize, More> = <<<H as Nat>::Uint as Less<Uint<N>, More>>::Below as Answer>::Is;

macro_rules! taken {
    ($mode:ident $sentence:ident $more:ident [$h:ty] [$($params:tt)*] $spelling:ident [$($n:tt)*] [$($bounds:tt)*]) => {
        impl<Any, $($params)* const BEGIN: usize, const END: usize> Fills<$mode, $h, BEGIN, END> for Any
        where
            $($bounds)*
            Num<BEGIN>: Nat,
            Num<END>: Nat,
            $h: Nat<Uint: Less<Uint<BEGIN>, $more, Below: Answer> + Less<Uint<END>, $more, Below: Answer>>
                + Plus<Num<BEGIN>, Out: Plus<Num<END>>>,
            KnownSizes: $sentence::$spelling::Fits<
                $($n)*, BEGIN, END, (Beyond<$h, BEGIN, $more>, Beyond<$h, END, $more>),
            >,
        {
            type Out = Grown<$h, BEGIN, END>;
        }
    };
}
each_known!([N X Y Z A B C E F G] taken Reflect reflect B1);
each_known!([N X Y Z A B C E F G] taken Circular circular B0);

/// A size that gets `P` elements, a known size, at its begin and at its end in the way of `M`: what padding layers make of a height.
///
/// ```
/// use fusion::dim::{Num, PaddedBy, Reflect};
///
/// fn gives<H: PaddedBy<P, M, Out = Out>, P, M, Out>() {}
/// gives::<Num<5>, Num<2>, Reflect, Num<9>>();
/// ```
#[diagnostic::on_unimplemented(
    message = "an axis of `{Self}` may not be padded by `{P}` in the way of `{M}`",
    label = "not known to take this padding",
    note = "in generic code write the bound `{Self}: PaddedBy<{P}, {M}>`; what comes out is its `Out`"
)]
pub trait PaddedBy<P, M> {
    /// The size with these elements.
    type Out: Dim;
}

impl<H: Padded<Ends<N, N>, M>, const N: usize, M> PaddedBy<Num<N>, M> for H {
    type Out = H::Out;
}

/// What is left of a size that loses elements.
type Left<H, const BEGIN: usize, const END: usize> =
    DimOf<<<H as Nat>::Uint as Less<Sum<Uint<BEGIN>, Uint<END>>>>::Difference>;

macro_rules! shrinks {
    ([$h:ty] [$($params:tt)*] $spelling:ident [$($n:tt)*] [$($bounds:tt)*]) => {
        impl<Any, $($params)* const BEGIN: usize, const END: usize> Fills<Shrink, $h, BEGIN, END> for Any
        where
            $($bounds)*
            Num<BEGIN>: Nat<Uint: Add<Uint<END>>>,
            Num<END>: Nat,
            $h: Nat<Uint: Less<Sum<Uint<BEGIN>, Uint<END>>, Below: Answer, Difference: ToDim<Dim: NineDigits>>>,
            KnownSizes: shrink::$spelling::Fits<
                $($n)*, BEGIN, END, <<<$h as Nat>::Uint as Less<Sum<Uint<BEGIN>, Uint<END>>>>::Below as Answer>::Is,
            >,
        {
            type Out = Left<$h, BEGIN, END>;
        }
    };
}
each_known!([N X Y Z A B C E F G] shrinks);

/// A shape whose axes `A`, one or a tuple of two to four, are all [`Padded`], of a tensor of `T`.
///
/// ```
/// use fusion::dim::{Axis, Circular, Dyn, Ends, Num, PadAxes};
///
/// fn gives<S: PadAxes<A, E, M, f32, Out = Out>, A, E, M, Out>() {}
/// gives::<(Dyn, Num<3>, Num<4>), (Axis<1>, Axis<-1>), Ends<1, 1>, Circular, (Dyn, Num<5>, Num<6>)>();
/// ```
pub trait PadAxes<A, E, M, T> {
    /// The shape with these elements.
    type Out: Shape;
    /// How many, where they come from, and the constant, if they are one.
    #[doc(hidden)]
    fn said(ends: E, mode: M) -> ([isize; 2], Fill, Option<T>);
}

impl<S, A, E, M, T> PadAxes<A, E, M, T> for S
where
    Shapes: PadsAxes<A, S, E, M, T>,
{
    type Out = <Shapes as PadsAxes<A, S, E, M, T>>::Out;

    fn said(ends: E, mode: M) -> ([isize; 2], Fill, Option<T>) {
        <Shapes as PadsAxes<A, S, E, M, T>>::said(ends, mode)
    }
}

/// [`PadAxes`], for each number of axes. Implemented for every type `Any`, so that rustc lists no similar impls when it fails.
#[diagnostic::on_unimplemented(
    message = "`{A}` does not name axes that are padded",
    label = "not axes",
    note = "an axis is `Axis::<1>`, several are a tuple of two to four: `(Axis::<2>, Axis::<3>)`"
)]
pub trait PadsAxes<A, S, E, M, T> {
    /// The shape with these elements.
    type Out: Shape;
    /// As of [`PadAxes`].
    fn said(ends: E, mode: M) -> ([isize; 2], Fill, Option<T>);
}

impl<Any, S, const I: isize, E: PadEnds, M: PadMode<T>, T> PadsAxes<Axis<I>, S, E, M, T> for Any
where
    S: Said<AnAxis, Axis<I>> + HasAxis<Axis<I>, Size: Padded<E::Is, M::Is>>,
{
    type Out = S::With<<S::Size as Padded<E::Is, M::Is>>::Out>;

    fn said(ends: E, mode: M) -> ([isize; 2], Fill, Option<T>) {
        (ends.ends(), M::FILL, mode.value())
    }
}

/// `S` padded along one axis.
type One<S, const I: isize, E, M, T> = <Shapes as PadsAxes<Axis<I>, S, E, M, T>>::Out;

// A tuple is of axes, or rustc would look into tuples of tuples for those that it does not know yet.
macro_rules! pads_axes {
    ($([$first:ident $($x:ident)*] $rest:ty;)*) => {
        $(impl<Any, S, const $first: isize, $(const $x: isize,)* E, M, T>
            PadsAxes<(Axis<$first>, $(Axis<$x>,)*), S, E, M, T> for Any
        where
            Shapes: PadsAxes<Axis<$first>, S, E, M, T> + PadsAxes<$rest, One<S, $first, E, M, T>, E, M, T>,
        {
            type Out = <Shapes as PadsAxes<$rest, One<S, $first, E, M, T>, E, M, T>>::Out;

            fn said(ends: E, mode: M) -> ([isize; 2], Fill, Option<T>) {
                <Shapes as PadsAxes<Axis<$first>, S, E, M, T>>::said(ends, mode)
            }
        })*
    };
}

pads_axes! {
    [X Y] Axis<Y>;
    [X Y Z] (Axis<Y>, Axis<Z>);
    [X Y Z U] (Axis<Y>, Axis<Z>, Axis<U>);
}

/// What fits obeys every sentence.
macro_rules! fits {
    ($($s:ident [$($d:ident)*])*) => {
        $(
            impl<Any, const N: usize, $(const $d: u8,)* const BEGIN: usize, const END: usize>
                reflect::$s::Fits<N, $($d,)* BEGIN, END, (Fitting, Fitting)> for Any { type Is<U> = U; }
            impl<Any, const N: usize, $(const $d: u8,)* const BEGIN: usize, const END: usize>
                circular::$s::Fits<N, $($d,)* BEGIN, END, (Fitting, Fitting)> for Any { type Is<U> = U; }
            impl<Any, const N: usize, $(const $d: u8,)* const BEGIN: usize, const END: usize>
                shrink::$s::Fits<N, $($d,)* BEGIN, END, Fitting> for Any { type Is<U> = U; }
            // Where there are none, none are reflected.
            impl<Any, const N: usize, $(const $d: u8,)*>
                reflect::$s::Fits<N, $($d,)* 0, 0, (Larger, Larger)> for Any { type Is<U> = U; }
            // With one impl alone rustc would take its answer for granted, and speak of the types of answers.
            impl<Any, const N: usize, $(const $d: u8,)* const BEGIN: usize, const END: usize>
                reflect::$s::Fits<N, $($d,)* BEGIN, END, Zero> for Any { type Is<U> = U; }
            impl<Any, const N: usize, $(const $d: u8,)* const BEGIN: usize, const END: usize>
                circular::$s::Fits<N, $($d,)* BEGIN, END, Zero> for Any { type Is<U> = U; }
            impl<Any, const N: usize, $(const $d: u8,)* const BEGIN: usize, const END: usize>
                shrink::$s::Fits<N, $($d,)* BEGIN, END, Zero> for Any { type Is<U> = U; }
        )*
    };
}
fits!(s3 [] s6 [A B C] s9 [A B C E F G]);
