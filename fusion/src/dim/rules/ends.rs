//! Axes that get elements at their ends, or lose some.

use core::ops::Add;

use fusion_rules::Fill;
use typenum::{B0, B1, Sum};

use crate::dim::number::arithmetic::{NineDigits, Plus};
use crate::dim::number::digits::{DimOf, ToDim};
use crate::dim::number::dim::{Dim, Nat};
use crate::dim::number::divide::Less;
use crate::dim::number::kind::{Fitting, Larger};
use crate::dim::number::num::{Big4, Big5, Big6, Big7, Big8, Big9, Dyn, Num};
use crate::dim::rules::window::Answer;
use crate::dim::sentences::{KnownSizes, circular, reflect, shrink};
use crate::dim::shape::Shape;
use crate::dim::shape::axis::{Axis, HasAxis};
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
    /// Which it is.
    const FILL: Fill;

    /// The constant, if it is one.
    fn value(self) -> Option<T>;
}

impl<T: Copy> PadMode<T> for Constant<T> {
    const FILL: Fill = Fill::Constant;

    fn value(self) -> Option<T> {
        Some(self.0)
    }
}

macro_rules! modes {
    ($($mode:ident)*) => {
        $(impl<T> PadMode<T> for $mode {
            const FILL: Fill = Fill::$mode;

            fn value(self) -> Option<T> {
                None
            }
        })*
    };
}
modes!(Reflect Replicate Circular);

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
    /// Both numbers.
    fn ends(self) -> [isize; 2];
}

impl<const BEGIN: usize, const END: usize> PadEnds for Ends<BEGIN, END> {
    fn ends(self) -> [isize; 2] {
        [BEGIN, END].map(usize::cast_signed)
    }
}

impl PadEnds for [isize; 2] {
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
#[diagnostic::on_unimplemented(
    message = "an axis of `{Self}` may not be padded by `{E}` in the way of `{M}`",
    label = "not known to take this padding",
    note = "in generic code write the bound `{Self}: Padded<{E}, {M}>`; what comes out is its `Out`"
)]
pub trait Padded<E, M> {
    /// The size with these elements.
    type Out: Dim;
}

#[diagnostic::do_not_recommend]
impl<Name: ?Sized + 'static, const BEGIN: usize, const END: usize, M> Padded<Ends<BEGIN, END>, M> for Dyn<Name> {
    type Out = Dyn;
}

#[diagnostic::do_not_recommend]
impl<H: Nat, const BEGIN: usize, const END: usize, M: Fills<H, BEGIN, END>> Padded<Ends<BEGIN, END>, M> for H {
    type Out = M::Out;
}

#[diagnostic::do_not_recommend]
impl<H: Dim, M> Padded<[isize; 2], M> for H {
    type Out = Dyn;
}

/// A way to pad a size that is known.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a way to pad",
    label = "not a way to pad",
    note = "ways to pad are `Constant(0.0)`, `Reflect`, `Replicate` and `Circular`"
)]
pub trait Fills<H, const BEGIN: usize, const END: usize> {
    /// The size with these elements.
    type Out: Dim;
}

/// A size with elements at both ends.
type Grown<H, const BEGIN: usize, const END: usize> = <<H as Plus<Num<BEGIN>>>::Out as Plus<Num<END>>>::Out;

/// A number.
type Uint<const N: usize> = <Num<N> as Nat>::Uint;

impl<T, H: Plus<Num<BEGIN>, Out: Plus<Num<END>>>, const BEGIN: usize, const END: usize> Fills<H, BEGIN, END>
    for Constant<T>
{
    type Out = Grown<H, BEGIN, END>;
}

impl<H: Plus<Num<BEGIN>, Out: Plus<Num<END>>>, const BEGIN: usize, const END: usize> Fills<H, BEGIN, END>
    for Replicate
{
    type Out = Grown<H, BEGIN, END>;
}

/// Whether as many elements, and `More`, are larger than a size.
type Beyond<H, const N: usize, More> = <<<H as Nat>::Uint as Less<Uint<N>, More>>::Below as Answer>::Is;

macro_rules! taken {
    ($mode:ident $sentence:ident $more:ident [$h:ty] [$($params:tt)*] $spelling:ident [$($n:tt)*] [$($bounds:tt)*]) => {
        impl<$($params)* const BEGIN: usize, const END: usize> Fills<$h, BEGIN, END> for $mode
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

/// What is left of a size that loses elements.
type Left<H, const BEGIN: usize, const END: usize> =
    DimOf<<<H as Nat>::Uint as Less<Sum<Uint<BEGIN>, Uint<END>>>>::Difference>;

macro_rules! shrinks {
    ([$h:ty] [$($params:tt)*] $spelling:ident [$($n:tt)*] [$($bounds:tt)*]) => {
        impl<$($params)* const BEGIN: usize, const END: usize> Fills<$h, BEGIN, END> for Shrink
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

/// Axes of `S`, one or a tuple of up to four, all of which are [`Padded`].
#[diagnostic::on_unimplemented(
    message = "`{S}` may not have the axes `{Self}` to pad",
    label = "not known to take this padding",
    note = "in generic code write the bound `{Self}: PadAxes<{S}, {E}, {M}>`; what comes out is its `Out`"
)]
pub trait PadAxes<S, E, M> {
    /// `S` with these elements.
    type Out: Shape;
}

impl<S, const I: isize, E, M> PadAxes<S, E, M> for Axis<I>
where
    S: HasAxis<Axis<I>, Size: Padded<E, M>>,
{
    type Out = S::With<<S::Size as Padded<E, M>>::Out>;
}

macro_rules! pad_axes {
    ($([$first:ident $($x:ident)*];)*) => {
        $(impl<S, $first, $($x,)* E, M> PadAxes<S, E, M> for ($first, $($x,)*)
        where
            $first: PadAxes<S, E, M>,
            pad_axes!(@rest $($x)*): PadAxes<$first::Out, E, M>,
        {
            type Out = <pad_axes!(@rest $($x)*) as PadAxes<$first::Out, E, M>>::Out;
        })*
    };
    (@rest $($x:ident)*) => { ($($x,)*) };
}

impl<S: Shape, E, M> PadAxes<S, E, M> for () {
    type Out = S;
}

pad_axes! {
    [X];
    [X Y];
    [X Y Z];
    [X Y Z U];
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
            // None of no elements is no padding.
            impl<Any, const N: usize, $(const $d: u8,)*>
                reflect::$s::Fits<N, $($d,)* 0, 0, (Larger, Larger)> for Any { type Is<U> = U; }
        )*
    };
}
fits!(s3 [] s6 [A B C] s9 [A B C E F G]);
