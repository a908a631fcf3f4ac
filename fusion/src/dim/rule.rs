//! The last bounds of the shape rules: names that the compiler may show below a message.
//!
//! A rule about known sizes ends in a bound whose parameters are these sizes, so that its message can print them:
//! `KnownSizes: Broadcasts<64, 128>` has no impl, and its message speaks of 64 and 128. A size from 1000 on takes
//! several parameters, the part before its last three or six digits and each of these digits, in a trait of its own
//! (`Broadcasts3And6<64, 1, 0, 2, 4>` for 64 and 1024). Programs do not write these names: they write the traits of
//! [`dim`](super).

pub use super::sentences::{
    Broadcasts, DilatedTransposedWindowFits, DilatedWindowFits, DivideElements, EqualBatches, EqualElements,
    EqualInner, EqualSizes, HasLargest, IsOne, Keeps, KnownSizes, SameChannels, SameFeatures, Shapes, SplitsIntoGroups,
    SplitsIntoHeads, SplitsIntoParts, Stretches, TransposedWindowFits, WindowFits,
};

// The traits for larger sizes and the intermediate bounds of rules: notes of the compiler may name them.
#[doc(hidden)]
pub use super::{
    layer::OneEach,
    number::amount::{
        Amount, Comparable, Compare, Differ, Divide, Fit, Fits, Hole, Holes, Known, NotSeveral, OneName, Several,
    },
    number::arithmetic::{NineDigits, NotNothing},
    number::bits::{Bits, Equal},
    number::kind::{Fitting, Larger, Many, One, Zero},
    number::known::{Below1000, First, HasKind},
    rules::broadcast::{BatchOfNum, MeetsNum},
    rules::concat::{Joined, JoinedTo},
    rules::equal::SameName,
    rules::join::{Align, Forget, NewSize, Same, SameAs, StretchOf, StretchTo, WiderThan},
    rules::letters::{Lettered, LettersOf},
    rules::matmul::{Product, RightOf},
    rules::padding::HalfWindow,
    rules::reduce::{AxesOf, Of1, SomeAxes, SqueezeOf, UnsqueezeOf},
    rules::reshape::{AsMany, ComparableTo, CountDim},
    rules::split::{AsManyAs, Enough, EqualGroups, EqualHeads, EqualParts, InParts, NoParts, Split, Unequal},
    rules::transposed::{OutputPadding, TransposedGeometry},
    rules::window::{Geometry, NotZero, SameStride},
    said::{Said, Says},
    sentences::*,
    shape::Rank,
    shape::axis::{AnAxis, Axes, AxisOf, InRank, NewAxis, NewInRank, No, NotTwice, OneAxis, Place, Set, Union, Yes},
    shape::order::{Complete, Named, Order, SwapOf},
    spell::Lead,
};
