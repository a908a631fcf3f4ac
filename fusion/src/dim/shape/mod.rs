//! Shapes: tuples of dimensions.

pub mod axis;
pub mod order;

use core::any::TypeId;
use core::fmt::Debug;

use fusion_rules::{Dims, Size};
use typenum::U1;

use crate::dim::number::amount::{Amount, Known};
use crate::dim::number::dim::{Dim, Nat};
use crate::dim::rules::join::{Broadcast, BroadcastTo, SameShape, Widen};

/// The shape of a tensor, as a type: a tuple of up to six [`Dim`]s, written `shape![Dyn, 3, 224, 224]`. A single number
/// has the shape `()`.
///
/// In generic code any shape broadcasts with itself and with a scalar, and is equal to itself, without a further bound.
///
/// ```
/// use fusion::dim::{Dyn, Num, Shape};
///
/// assert_eq!(<(Dyn, Num<784>)>::RANK, 2);
/// assert_eq!(<(Dyn, Num<784>)>::SIZES, [None, Some(784)]);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the shape of a tensor",
    label = "not a shape",
    note = "a shape is a tuple of at most six dimensions: `shape![Dyn, 784]` is `(Dyn, Num<784>)`"
)]
pub trait Shape:
    Broadcast<Self, Joined = Self>
    + Broadcast<(), Joined = Self>
    + SameShape<Self, Both = Self>
    + BroadcastTo<Self>
    + Widen<Self>
    + Copy
    + Default
    + Debug
    + Send
    + Sync
    + 'static
{
    /// How many axes there are.
    const RANK: usize;

    /// The size of each axis, where it is known.
    const SIZES: &'static [Option<usize>];

    /// The name of each size, where it has one.
    #[doc(hidden)]
    const NAMES: &'static [Option<TypeId>];

    /// The number of axes, as a type.
    #[doc(hidden)]
    type Rank;

    /// The shape with one more axis in front.
    #[doc(hidden)]
    type Behind<D: Dim>: Shape;

    /// The number of elements.
    #[doc(hidden)]
    type Count: Amount;
}

/// A shape whose sizes are all known.
///
/// ```
/// use fusion::dim::{Num, StaticShape};
///
/// assert_eq!(<(Num<2>, Num<3>)>::DIMS, [2, 3]);
/// assert_eq!(<(Num<2>, Num<3>)>::LEN, 6);
/// ```
#[diagnostic::on_unimplemented(
    message = "this needs a shape whose sizes the compiler knows, and `{Self}` is not one",
    label = "not a static shape",
    note = "where a size is a `Dyn`, `zeros_sized(&[32, 784])` takes the sizes, and so do its siblings",
    note = "`shape![1024]` spells sizes of any number; a `Num` ends at 999"
)]
pub trait StaticShape: Shape {
    /// How many elements there are.
    const LEN: usize;

    /// The size of each axis.
    const DIMS: &'static [usize];
}

/// The shape of a single number, `()`: what `backward` starts from and `item` reads.
///
/// ```
/// use fusion::dim::OneNumber;
///
/// fn is_one<S: OneNumber>() {}
/// is_one::<()>();
/// ```
#[diagnostic::on_unimplemented(
    message = "this wants a single number, but the tensor has the shape {Self}",
    label = "not a single number",
    note = "`.mean()` or `.sum()` makes one number of all; `.backward_with(seed)` starts from any shape",
    note = "`.to_vec()` gives all numbers, `.get(&[0, 0])` one of them"
)]
pub trait OneNumber: Shape {}

#[diagnostic::do_not_recommend]
impl OneNumber for () {}

/// A number of axes.
pub struct Rank<const N: usize>;

const fn len(dims: &[usize]) -> usize {
    match Dims::new(dims).len() {
        Some(len) => len,
        None => panic!("a tensor has at most usize::MAX elements"),
    }
}

macro_rules! count {
    () => { Known<U1> };
    ($first:ident $($d:ident)*) => { $first::Times<count!($($d)*)> };
}

macro_rules! shapes {
    ($($rank:literal: $($d:ident)* => $behind:ty;)*) => {
        $(
            impl<$($d: Dim),*> Shape for ($($d,)*) {
                const RANK: usize = $rank;
                const SIZES: &'static [Option<usize>] = &[$($d::SIZE),*];
                const NAMES: &'static [Option<TypeId>] = &[$($d::NAME),*];
                type Rank = Rank<$rank>;
                type Behind<Front: Dim> = $behind;
                type Count = count!($($d)*);
            }

            #[diagnostic::do_not_recommend]
            impl<$($d: Nat),*> StaticShape for ($($d,)*) {
                const LEN: usize = len(&[$($d::N),*]);
                const DIMS: &'static [usize] = &[$($d::N),*];
            }
        )*
    };
}

shapes! {
    0: => (Front,);
    1: A => (Front, A);
    2: A B => (Front, A, B);
    3: A B C => (Front, A, B, C);
    4: A B C D => (Front, A, B, C, D);
    5: A B C D E => (Front, A, B, C, D, E);
    // Only a shape that has lost an axis gets one back, so the seventh is never used.
    6: A B C D E F => Self;
}

/// The shape `S` as its sizes.
///
/// ```
/// use fusion::dim::{Dyn, Num, dims};
///
/// assert_eq!(dims::<(Dyn, Num<784>)>().to_string(), "[Dyn, 784]");
/// ```
pub const fn dims<S: Shape>() -> Dims {
    let mut dims = Dims::SCALAR;
    let mut i = 0;
    while i < S::SIZES.len() {
        dims = dims.push(Size::of(S::SIZES[i]));
        i += 1;
    }
    dims
}

/// The shape `S` as people write it: `[Dyn, 784]`.
///
/// ```
/// use fusion::dim::{Dyn, Num, shape_text};
///
/// assert_eq!(shape_text::<(Dyn, Num<784>)>(), "[Dyn, 784]");
/// assert_eq!(shape_text::<()>(), "[]");
/// ```
pub fn shape_text<S: Shape>() -> String {
    dims::<S>().to_string()
}
