//! Axes by number.

use crate::dim::number::size::{Dim, Num};
use crate::dim::said::{Said, Says};
use crate::dim::sentences::KnownSizes;
use crate::dim::shape::{Rank, Shape};

/// The axis `I` of a tensor, as a type and as a value: `x.sum_over(Axis::<1>)`. Negative numbers count from the end:
/// `Axis<-1>` is the last. Several are a tuple: `(Axis::<0>, Axis::<2>)`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Axis<const I: isize>;

/// The place of an axis, counted from the front.
pub struct Place<const P: usize>;

/// A single place.
pub trait Single: Set {
    /// Which it is.
    const INDEX: usize;
}

impl<const P: usize> Single for Place<P>
where
    Self: Set,
{
    const INDEX: usize = P;
}

/// The axis `I` is there in a tensor of rank `R`.
#[diagnostic::on_unimplemented(
    message = "axis {I} is not in a tensor of rank {R}",
    label = "no such axis",
    note = "axes count from 0, or from the end: the last is `Axis<-1>`"
)]
pub trait InRank<const I: isize, const R: usize> {
    /// Its place.
    type Place: Single;
}

/// A new axis may become axis `I` of a tensor that had rank `R`.
#[diagnostic::on_unimplemented(
    message = "a new axis cannot be axis {I} of a tensor of rank {R}",
    label = "no such place",
    note = "`Axis<0>` puts it in front of the others, `Axis<-1>` behind them; a tensor has at most 6 axes"
)]
pub trait NewInRank<const I: isize, const R: usize> {
    /// Its place.
    type Place: Single;
}

macro_rules! places {
    ($($rank:literal $old:literal: $($front:literal $back:literal => $place:literal),*;)*) => {
        $($(
            #[diagnostic::do_not_recommend]
            impl InRank<$front, $rank> for KnownSizes {
                type Place = Place<$place>;
            }
            #[diagnostic::do_not_recommend]
            impl InRank<$back, $rank> for KnownSizes {
                type Place = Place<$place>;
            }
            #[diagnostic::do_not_recommend]
            impl NewInRank<$front, $old> for KnownSizes {
                type Place = Place<$place>;
            }
            #[diagnostic::do_not_recommend]
            impl NewInRank<$back, $old> for KnownSizes {
                type Place = Place<$place>;
            }
        )*)*
    };
}

places! {
    1 0: 0 -1 => 0;
    2 1: 0 -2 => 0, 1 -1 => 1;
    3 2: 0 -3 => 0, 1 -2 => 1, 2 -1 => 2;
    4 3: 0 -4 => 0, 1 -3 => 1, 2 -2 => 2, 3 -1 => 3;
    5 4: 0 -5 => 0, 1 -4 => 1, 2 -3 => 2, 3 -2 => 3, 4 -1 => 4;
    6 5: 0 -6 => 0, 1 -5 => 1, 2 -4 => 2, 3 -3 => 3, 4 -2 => 4, 5 -1 => 5;
}

/// Whether an axis is chosen.
pub trait Flag {
    /// The rest of a shape behind a dimension that goes if it is chosen.
    type Drop<D: Dim, Rest: Shape>: Shape;
    /// A dimension that becomes another, `New`, if it is chosen.
    type Shrink<D: Dim, New: Dim>: Dim;
    /// Whether it is chosen in this or another set.
    type Or<Other: Flag>: Flag;
    /// Whether it is chosen in this and another set.
    type And<Other: Flag>: Flag;
}

/// The axis is chosen.
pub struct Yes;
/// The axis is not chosen.
pub struct No;

impl Flag for Yes {
    type Drop<D: Dim, Rest: Shape> = Rest;
    type Shrink<D: Dim, New: Dim> = New;
    type Or<Other: Flag> = Yes;
    type And<Other: Flag> = Other;
}

impl Flag for No {
    type Drop<D: Dim, Rest: Shape> = Rest::Behind<D>;
    type Shrink<D: Dim, New: Dim> = D;
    type Or<Other: Flag> = Other;
    type And<Other: Flag> = No;
}

/// A set of axes.
pub trait Set {
    /// Bit `i` is set for axis `i`.
    const BITS: u8;
    /// Is axis 0 in it?
    type F0: Flag;
    /// Is axis 1 in it?
    type F1: Flag;
    /// Is axis 2 in it?
    type F2: Flag;
    /// Is axis 3 in it?
    type F3: Flag;
    /// Is axis 4 in it?
    type F4: Flag;
    /// Is axis 5 in it?
    type F5: Flag;
}

macro_rules! one_place {
    ($($place:literal: $f0:ident $f1:ident $f2:ident $f3:ident $f4:ident $f5:ident;)*) => {
        $(impl Set for Place<$place> {
            const BITS: u8 = 1 << $place;
            type F0 = $f0;
            type F1 = $f1;
            type F2 = $f2;
            type F3 = $f3;
            type F4 = $f4;
            type F5 = $f5;
        })*
    };
}

one_place! {
    0: Yes No No No No No;
    1: No Yes No No No No;
    2: No No Yes No No No;
    3: No No No Yes No No;
    4: No No No No Yes No;
    5: No No No No No Yes;
}

/// Axis `P` is not chosen in both of two sets.
#[diagnostic::on_unimplemented(message = "axis {P} is named twice", label = "an axis is named twice")]
pub trait NotTwice<const P: usize> {}
#[diagnostic::do_not_recommend]
impl<const P: usize> NotTwice<P> for No {}

/// The union of two sets that have no axis in common.
pub struct Union<A, B>(A, B);

macro_rules! union {
    ($($flag:ident $place:literal),*) => {
        impl<A: Set, B: Set> Set for Union<A, B>
        where
            $(<A::$flag as Flag>::And<B::$flag>: NotTwice<$place>,)*
        {
            const BITS: u8 = A::BITS | B::BITS;
            $(type $flag = <A::$flag as Flag>::Or<B::$flag>;)*
        }
    };
}
union!(F0 0, F1 1, F2 2, F3 3, F4 4, F5 5);

/// One or several axes of a tensor of some rank, each named once. Asked of somebody else, or rustc would tell of every
/// tuple that there is.
#[diagnostic::on_unimplemented(
    message = "`{A}` does not name axes",
    label = "not axes",
    note = "an axis is `Axis::<1>`, several are a tuple: `(Axis::<0>, Axis::<2>)`"
)]
pub trait Axes<A, R> {
    /// Which they are.
    type Set: Set;
}

/// The axes that `A` names.
pub type SetOf<A, R> = <KnownSizes as Axes<A, R>>::Set;

/// One axis of a tensor of some rank.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not name an axis",
    label = "not an axis",
    note = "an axis is `Axis::<1>`, the last is `Axis::<-1>`"
)]
pub trait OneAxis<R> {
    /// Which it is.
    type Place: Single;
}

impl<const I: isize, const R: usize> OneAxis<Rank<R>> for Axis<I>
where
    KnownSizes: InRank<I, R>,
{
    type Place = <KnownSizes as InRank<I, R>>::Place;
}

/// The place of a new axis of a tensor of some rank.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not name an axis",
    label = "not an axis",
    note = "an axis is `Axis::<1>`; `Axis::<-1>` puts a new one behind the others"
)]
pub trait NewAxis<R> {
    /// Which it is.
    type Place: Single;
}

impl<const I: isize, const R: usize> NewAxis<Rank<R>> for Axis<I>
where
    KnownSizes: NewInRank<I, R>,
{
    type Place = <KnownSizes as NewInRank<I, R>>::Place;
}

impl<Any, const I: isize, const R: usize> Axes<Axis<I>, Rank<R>> for Any
where
    KnownSizes: InRank<I, R>,
{
    type Set = <KnownSizes as InRank<I, R>>::Place;
}

impl<Any, X, R> Axes<(X,), R> for Any
where
    KnownSizes: Axes<X, R>,
{
    type Set = SetOf<X, R>;
}

macro_rules! axes {
    ($([$($x:ident)*] $last:ident;)*) => {
        $(impl<Any, $($x,)* $last, R> Axes<($($x,)* $last), R> for Any
        where
            KnownSizes: Axes<($($x,)*), R> + Axes<$last, R>,
            Union<SetOf<($($x,)*), R>, SetOf<$last, R>>: Set,
        {
            type Set = Union<SetOf<($($x,)*), R>, SetOf<$last, R>>;
        })*
    };
}

axes! {
    [X] Y;
    [X Y] Z;
    [X Y Z] U;
    [X Y Z U] V;
    [X Y Z U V] W;
}

/// The axis at a place, of a shape that has it.
pub trait At<P>: Shape {
    /// Its size.
    type Size: Dim;
    /// The shape without it.
    type Without: Shape;
    /// The shape with another size there.
    type With<D: Dim>: Shape;
}

/// A new axis at a place, in a shape that lets it in.
pub trait Insert<P>: Shape {
    /// The shape with an axis of size `D` there.
    type With<D: Dim>: Shape;
}

macro_rules! at {
    ($($place:literal: $([$($front:ident)*] [$($back:ident)*]),*;)*) => {
        $($(
            impl<$($front: Dim,)* This: Dim, $($back: Dim),*> At<Place<$place>> for ($($front,)* This, $($back,)*) {
                type Size = This;
                type Without = ($($front,)* $($back,)*);
                type With<D: Dim> = ($($front,)* D, $($back,)*);
            }

            impl<$($front: Dim,)* $($back: Dim),*> Insert<Place<$place>> for ($($front,)* $($back,)*) {
                type With<New: Dim> = ($($front,)* New, $($back,)*);
            }
        )*)*
    };
}

at! {
    0: [] [], [] [A], [] [A B], [] [A B C], [] [A B C E], [] [A B C E F];
    1: [A] [], [A] [B], [A] [B C], [A] [B C E], [A] [B C E F];
    2: [A B] [], [A B] [C], [A B] [C E], [A B] [C E F];
    3: [A B C] [], [A B C] [E], [A B C] [E F];
    4: [A B C E] [], [A B C E] [F];
    5: [A B C E F] [];
}

// No axis is in a scalar, and a seventh is let in nowhere. These say so when the axis is asked for, not before.
impl<P> At<P> for () {
    type Size = Num<1>;
    type Without = ();
    type With<D: Dim> = ();
}
impl<P, A: Dim, B: Dim, C: Dim, D: Dim, E: Dim, F: Dim> Insert<P> for (A, B, C, D, E, F) {
    type With<New: Dim> = Self;
}

/// A shape that has the axis `A`, an [`Axis`]: what softmax works along.
///
/// ```
/// use fusion::dim::{Axis, Dyn, HasAxis, Num};
///
/// assert_eq!(<(Dyn, Num<10>) as HasAxis<Axis<-1>>>::INDEX, 1);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` may not have the axis `{A}`",
    label = "not known to have this axis",
    note = "an axis is `Axis::<1>`, the last is `Axis::<-1>`",
    note = "in generic code write the bound `{Self}: HasAxis<{A}>`"
)]
pub trait HasAxis<A>: Shape + Said<AnAxis, A> {
    /// Its place, counted from the front.
    const INDEX: usize;
    /// Its size.
    type Size: Dim;
    /// The shape without it.
    type Without: Shape;
    /// The shape with another size there.
    type With<D: Dim>: Shape;
}

// What it asks of a shape of which nothing is known is of no use to anybody: rustc names the rule itself.
#[diagnostic::do_not_recommend]
impl<S: Shape, A: AxisOf<S>> HasAxis<A> for S {
    const INDEX: usize = A::INDEX;
    type Size = A::Size;
    type Without = A::Without;
    type With<D: Dim> = A::With<D>;
}

/// [`HasAxis`], asked of the axis, so that this is not guessed before it is known.
pub trait AxisOf<S>: Says<AnAxis, S> {
    /// Its place, counted from the front.
    const INDEX: usize;
    /// Its size.
    type Size: Dim;
    /// `S` without it.
    type Without: Shape;
    /// `S` with another size there.
    type With<D: Dim>: Shape;
}

/// The rule [`HasAxis`].
pub struct AnAxis;

macro_rules! axis_of {
    ($($rank:literal: $($d:ident $flag:ident)*;)*) => {
        $(
            impl<X: OneAxis<Rank<$rank>>, $($d: Dim),*> AxisOf<($($d,)*)> for X {
                const INDEX: usize = X::Place::INDEX;
                type Size = axis_of!(@size X $($d $flag)*);
                type Without = axis_of!(@without X $($d $flag)*);
                type With<New: Dim> = ($(<<X::Place as Set>::$flag as Flag>::Shrink<$d, New>,)*);
            }

            impl<X: OneAxis<Rank<$rank>>, $($d),*> Says<AnAxis, ($($d,)*)> for X {}
        )*
    };
    (@size $x:ident) => { Num<1> };
    (@size $x:ident $d:ident $flag:ident $($rest:tt)*) => {
        <<$x::Place as Set>::$flag as Flag>::Shrink<axis_of!(@size $x $($rest)*), $d>
    };
    (@without $x:ident) => { () };
    (@without $x:ident $d:ident $flag:ident $($rest:tt)*) => {
        <<$x::Place as Set>::$flag as Flag>::Drop<$d, axis_of!(@without $x $($rest)*)>
    };
}

axis_of! {
    0:;
    1: A F0;
    2: A F0 B F1;
    3: A F0 B F1 C F2;
    4: A F0 B F1 C F2 D F3;
    5: A F0 B F1 C F2 D F3 E F4;
    6: A F0 B F1 C F2 D F3 E F4 F F5;
}
