//! The types of single sizes.

use core::fmt;
use core::marker::PhantomData;

/// A size of 0 to 999, as a type: `Num<784>`. Larger ones are [`Big4`] to [`Big9`]; [`dim!`](macro@crate::dim) writes
/// the right one.
///
/// ```
/// use fusion::dim::{Dim, Num};
///
/// assert_eq!(Num::<784>::SIZE, Some(784));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Num<const N: usize>;

/// A size that is known at run time only, such as the number of samples in a batch.
///
/// It mixes with known sizes, which are then checked when the program runs. A name, any type, tells two such sizes
/// apart: `Dyn<Batch>` and `Dyn<Time>` do not mix, while a `Dyn` without a name goes with both. A name stands for one
/// size: two `Dyn<Batch>` do not broadcast unless they are equal, and a reshape that has it on both sides keeps it.
///
/// ```
/// use fusion::dim::{Dim, Dyn};
///
/// struct Time;
/// assert_eq!((<Dyn>::SIZE, Dyn::<Time>::SIZE), (None, None));
/// ```
pub struct Dyn<Name: ?Sized = Unnamed>(PhantomData<fn(&Name)>);

/// The name of a [`Dyn`] that has none. It is unsized, and so distinct from every name that there can be.
#[doc(hidden)]
pub struct Unnamed {
    _unsized: [()],
}

impl<Name: ?Sized> Clone for Dyn<Name> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<Name: ?Sized> Copy for Dyn<Name> {}

impl<Name: ?Sized> Default for Dyn<Name> {
    fn default() -> Self {
        Dyn(PhantomData)
    }
}

impl<Name: ?Sized> fmt::Debug for Dyn<Name> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Dyn")
    }
}

macro_rules! big {
    ($($(#[$attr:meta])* $big:ident<$($digit:ident),*>;)*) => {
        $(
            $(#[$attr])*
            #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
            pub struct $big<$(const $digit: u8),*>;
        )*
    };
}

big! {
    /// A size of four digits: `Big4<9, 2, 1, 6>` is 9216. [`dim!`](macro@crate::dim) spells it.
    Big4<P, A, B, C>;
    /// A size of five digits.
    Big5<P, Q, A, B, C>;
    /// A size of six digits.
    Big6<P, Q, R, A, B, C>;
    /// A size of seven digits.
    Big7<P, A, B, C, D, E, F>;
    /// A size of eight digits.
    Big8<P, Q, A, B, C, D, E, F>;
    /// A size of nine digits; there are no larger ones.
    Big9<P, Q, R, A, B, C, D, E, F>;
}
