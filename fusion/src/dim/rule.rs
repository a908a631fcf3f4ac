//! What the rules of shapes ask for in the end: the names that stand below a message of the compiler.
//!
//! A rule about known sizes ends at a trait whose parameters are these sizes, so that a message can say them:
//! [`Broadcasts<64, 128>`](Broadcasts) is asked of [`KnownSizes`], and there is no such thing. A size from 1000 on is spelled
//! by its digits there, what stands before the last three or six and each of these, in a trait of its own
//! (`Broadcasts3And6<64, 1, 0, 2, 4>` of 64 and 1024). Nothing here is to be written in a program: the traits of
//! [`dim`](super) are.

pub use crate::dim::sentences::{
    Broadcasts, DilatedTransposedWindowFits, DilatedWindowFits, DivideElements, EqualBatches, EqualElements,
    EqualInner, EqualSizes, IsOne, Keeps, KnownSizes, SameChannels, SameFeatures, Shapes, SplitsIntoGroups,
    SplitsIntoHeads, SplitsIntoParts, Stretches, TransposedWindowFits, WindowFits,
};

// Larger sizes, and the steps on the way to a rule's end: a note of the compiler may name them.
#[doc(hidden)]
pub use super::{
    number::arithmetic::{NineDigits, NotNothing},
    number::bits::{Bits, Equal},
    number::size::{Below1000, First, HasKind, Many, One, Zero},
    rules::broadcast::MeetsNum,
    rules::concat::{Joined, JoinedTo},
    rules::count::{
        Amount, AsMany, Comparable, ComparableTo, Compare, CountDim, Differ, Divide, Fit, Fits, Hole, Holes, Known,
        NotSeveral, OneName, Several,
    },
    rules::equal::SameName,
    rules::join::{Align, Forget, NewSize, Same, SameAs, StretchOf, StretchTo, WiderThan},
    rules::matmul::{Product, RightOf},
    rules::order::{Complete, Named, Order, SwapOf},
    rules::padding::HalfWindow,
    rules::reduce::{AxesOf, Of1, SomeAxes, SqueezeOf, UnsqueezeOf},
    rules::split::{EqualGroups, EqualHeads, EqualParts, InParts, NoParts, Split, Unequal},
    rules::transposed::{OutputPadding, TransposedGeometry},
    rules::window::{Fitting, Geometry, Larger, NotZero, SameStride},
    said::{Said, Says},
    sentences::*,
    shape::Rank,
    shape::axis::{AnAxis, Axes, AxisOf, InRank, NewAxis, NewInRank, No, NotTwice, OneAxis, Place, Set, Union, Yes},
    spell::Lead,
};
