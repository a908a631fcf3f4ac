//! The sentences of the rules about known sizes: one trait per rule, whose parameters are the sizes.

use fusion_macros::sentences;

use super::number::kind::{Fitting, Larger};
use super::number::kind::{Many, One, Zero};

/// The `Self` type of every bound about sizes: only the parameters of such a trait matter.
pub struct KnownSizes;

/// The `Self` type of every bound about shapes. It is not [`KnownSizes`], or rustc would list impls about shapes in
/// messages about sizes.
pub struct Shapes;

sentences! {
    /// [`Features`](super::Features): the input's size, then the layer's.
    SameFeatures(input, layer) as features {
        message: "this layer takes {layer} features, but its input has {input}",
        label: "the features differ",
    }

    /// [`Channels`](super::Channels): the input's size, then the layer's.
    SameChannels(input, layer) as channels {
        message: "this layer takes {layer} channels, but its input has {input}",
        label: "the channels differ",
    }

    /// [`SameSize`](super::SameSize).
    EqualSizes(left, right) as same_size {
        message: "the sizes of an axis must be equal, but they are {left} and {right}",
        label: "the shapes differ",
    }

    /// [`Inner`](super::Inner).
    EqualInner(left, right) as inner {
        message: "a matrix product needs equal inner sizes, but the left has {left} columns and the right {right} rows",
        label: "the inner sizes differ",
    }

    /// [`Batch`](super::Batch), asked of the kinds of both sizes.
    EqualBatches(left, right) as batch of (Many, Many) {
        message: "a matrix product needs equal batches, or one of 1, but the left is of {left} and the right of {right}",
        label: "the batches differ",
    }

    /// [`WidenDim`](super::WidenDim).
    Keeps(size, target) as keep {
        message: "a size can be kept or become `Dyn`, but {size} would become {target}",
        label: "the target has another size",
    }

    /// [`Stretch`](super::Stretch), asked of the first size's kind.
    Stretches(size, target) as stretch of Many {
        message: "only a size of 1 stretches, but {size} would have to become {target}",
        label: "this size does not stretch",
    }

    /// [`BroadcastDim`](super::BroadcastDim), asked of the kinds of both sizes.
    Broadcasts(left, right) as broadcast of (Many, Many) {
        message: "sizes of {left} and {right} do not broadcast: they must be equal, or one of them 1",
        label: "aligned at their last axes, the shapes do not broadcast",
        note: "an operator works element by element; the matrix product is `x.matmul(&w)`",
    }

    /// [`Reshape`](super::Reshape): of numbers of elements that differ.
    EqualElements(from, to) as reshape {
        message: "cannot reshape {from} elements into {to}",
        label: "another number of elements",
    }

    /// [`Reshape`](super::Reshape) into a shape with a `Dyn`: of a number of elements that the rest does not divide.
    DivideElements(from, by) as divide {
        message: "cannot reshape {from} elements into a `Dyn` times {by}: they do not divide",
        label: "the known sizes do not divide the elements",
    }

    /// [`DividedBy`](super::DividedBy).
    SplitsIntoGroups(channels, parts) as groups {
        message: "{channels} channels cannot be split into {parts} groups of equal size",
        label: "the groups would differ in size",
    }

    /// [`Heads`](super::Heads).
    SplitsIntoHeads(embedding, parts) as heads {
        message: "an embedding of {embedding} cannot be split into {parts} heads of equal size",
        label: "the heads would differ in size",
    }

    /// [`Shuffled`](super::Shuffled).
    SplitsIntoPixels(channels, pixels) as pixels {
        message: "{channels} channels cannot become squares of {pixels} pixels each",
        label: "their number is no multiple of the pixels",
    }

    /// [`AtLeast`](super::AtLeast): the axis's size, then how many.
    HasAsMany(size, k) as as_many {
        message: "an axis of {size} has fewer than {k} elements",
        label: "more than the axis has",
    }

    /// [`Padded`](super::Padded) by [`Reflect`](super::Reflect), asked of whether either end takes all elements, or more.
    Reflects(size, B: usize, E: usize) as reflect of (Larger, Larger) {
        message: "a reflection has fewer elements than the axis, but one of {size} would get {B} in front and {E} behind",
        label: "more than there are to reflect",
    }

    /// [`Padded`](super::Padded) by [`Circular`](super::Circular), asked of whether either end takes more elements than there are.
    GoesRound(size, B: usize, E: usize) as circular of (Larger, Larger) {
        message: "a circular padding has at most the elements of the axis, but one of {size} would get {B} in front and {E} behind",
        label: "more than there are",
    }

    /// A size that loses elements, asked of whether they are more than there are.
    Shrinks(size, B: usize, E: usize) as shrink of Larger {
        message: "an axis of {size} cannot lose {B} in front and {E} behind",
        label: "more than there are",
    }

    /// [`Split`](super::Split): the axis's size, then that of all parts.
    MadeOfParts(size, parts) as made {
        message: "parts of {parts} together are not an axis of {size}",
        label: "the parts are not the axis",
    }

    /// Images made of columns of elements under a window: the columns, then the places of the window.
    HasPlaces(columns, places) as column {
        message: "a window with {places} places does not make {columns} columns",
        label: "another number of columns",
    }

    /// Images made of columns of elements under a window: their elements, then those under the window.
    WholeChannels(rows, under) as under {
        message: "columns of {rows} are not of whole channels, of each {under} elements",
        label: "no multiple of the elements under the window",
    }

    /// [`HasIndex`](super::HasIndex): the axis's size, then the index.
    HasPlace(size, index) as has_index {
        message: "there is no index {index} along an axis of {size}",
        label: "no such index",
    }

    /// [`HasIndexFromEnd`](super::HasIndexFromEnd): the axis's size, then the index.
    HasPlaceFromEnd(size, index) as from_end {
        message: "there is no index -{index} along an axis of {size}",
        label: "no such index",
    }

    /// [`HasRange`](super::HasRange): the axis's size, then how many elements the range needs.
    HasPart(size, needs) as has_range {
        message: "this range needs an axis of at least {needs}, but it is one of {size}",
        label: "the range reaches outside",
    }

    /// [`Gather`](super::Gather): the axis's size, then that of the indices.
    CoversIndices(size, indices) as covers {
        message: "indices at {indices} places do not fit an axis of {size}",
        label: "beside the axis that is indexed, there are no more indices than elements",
    }

    /// [`Chunk`](super::Chunk).
    SplitsIntoParts(size, parts) as parts {
        message: "a size of {size} cannot be cut into {parts} equal parts",
        label: "the parts would differ in size",
    }

    /// [`Squeeze`](super::Squeeze): of an axis, by its number.
    IsOne(I: isize, size) as squeeze {
        message: "only an axis of size 1 can be squeezed, but axis {I} is of {size}",
        label: "this axis is not of size 1",
    }

    /// [`Window`](super::Window), asked of whether the window is larger and of the kind of its dilation.
    WindowFits(input, K: usize, S: usize, P: usize) as window of (Larger, One) {
        message: "a window of {K} (stride {S}, padding {P}) does not fit an input of size {input}",
        label: "the window is larger than its input",
    }

    /// [`Window`](super::Window), with dilation.
    DilatedWindowFits(input, K: usize, S: usize, P: usize, D: usize) as dilated_window of (Larger, Many) {
        message: "a window of {K} (stride {S}, padding {P}, dilation {D}) does not fit an input of size {input}",
        label: "the window is larger than its input",
    }

    /// [`TransposedWindow`](super::TransposedWindow), asked like [`WindowFits`].
    TransposedWindowFits(input, K: usize, S: usize, P: usize) as transposed_window of (Larger, One) {
        message: "a transposed window of {K} (stride {S}, padding {P}) leaves nothing of an input of size {input}",
        label: "the padding leaves nothing",
    }

    /// [`TransposedWindow`](super::TransposedWindow), with dilation.
    DilatedTransposedWindowFits(input, K: usize, S: usize, P: usize, D: usize)
    as dilated_transposed_window of (Larger, Many) {
        message: "a transposed window of {K} (stride {S}, padding {P}, dilation {D}) leaves nothing of an input of size {input}",
        label: "the padding leaves nothing",
    }
}

equal_fits!(features);
equal_fits!(channels);
equal_fits!(same_size);
equal_fits!(inner);
equal_fits!(keep);
equal_fits!(reshape);
equal_fits!(divide);
equal_fits!(made);
equal_fits!(column);

equal_fits!(stretch of Many);
impl<Any> stretch::s3::s3::Fits<0, 0, Zero> for Any {
    type Is<U> = U;
}
impl<Any, const L: usize, const M: usize> stretch::s3::s3::Fits<L, M, One> for Any {
    type Is<U> = U;
}

/// A rule for two sizes of which one may be 1, for sizes below 1000.
macro_rules! stretching_fits {
    ($rule:ident) => {
        equal_fits!($rule of (Many, Many));
        impl<Any> $rule::s3::s3::Fits<0, 0, (Zero, Zero)> for Any {
            type Is<U> = U;
        }
        impl<Any, Other, const L: usize, const M: usize> $rule::s3::s3::Fits<L, M, (One, Other)> for Any {
            type Is<U> = U;
        }
        impl<Any, const L: usize, const M: usize> $rule::s3::s3::Fits<L, M, (Zero, One)> for Any {
            type Is<U> = U;
        }
        impl<Any, const L: usize, const M: usize> $rule::s3::s3::Fits<L, M, (Many, One)> for Any {
            type Is<U> = U;
        }
    };
}
stretching_fits!(broadcast);
stretching_fits!(batch);

/// A size of 1 beside a size from 1000 on.
macro_rules! one_and_more {
    ($s:ident: $($d:ident)*) => {
        impl<Any, const L: usize, const M: usize, $(const $d: u8),*>
            stretch::s3::$s::Fits<L, M, $($d,)* One> for Any { type Is<U> = U; }
        one_and_more!(@ broadcast $s: $($d)*);
        one_and_more!(@ batch $s: $($d)*);
    };
    (@ $rule:ident $s:ident: $($d:ident)*) => {
        impl<Any, const L: usize, const M: usize, $(const $d: u8),*>
            $rule::s3::$s::Fits<L, M, $($d,)* (One, Many)> for Any { type Is<U> = U; }
        impl<Any, const L: usize, const M: usize, $(const $d: u8),*>
            $rule::$s::s3::Fits<L, $($d,)* M, (Many, One)> for Any { type Is<U> = U; }
    };
}
one_and_more!(s6: A B C);
one_and_more!(s9: A B C D E F);

impl<Any, const I: isize> squeeze::s3::Fits<I, 1> for Any {
    type Is<U> = U;
}

/// A window that fits obeys both sentences; one that is too large fails in only one of them, depending on its dilation.
macro_rules! window_fits {
    ($($rule:ident $dilated:ident: $($s:ident [$($d:ident)*])*;)*) => {
        $($(
            impl<Any, Dilation, const N: usize, $(const $d: u8,)* const K: usize, const S: usize, const P: usize>
                $rule::$s::Fits<N, $($d,)* K, S, P, (Fitting, Dilation)> for Any { type Is<U> = U; }
            impl<Any, const N: usize, $(const $d: u8,)* const K: usize, const S: usize, const P: usize>
                $rule::$s::Fits<N, $($d,)* K, S, P, (Larger, Many)> for Any { type Is<U> = U; }
            impl<Any, Dilation, const N: usize, $(const $d: u8,)* const K: usize, const S: usize, const P: usize,
                const D: usize> $dilated::$s::Fits<N, $($d,)* K, S, P, D, (Fitting, Dilation)> for Any { type Is<U> = U; }
            impl<Any, const N: usize, $(const $d: u8,)* const K: usize, const S: usize, const P: usize,
                const D: usize> $dilated::$s::Fits<N, $($d,)* K, S, P, D, (Larger, One)> for Any { type Is<U> = U; }
        )*)*
    };
}
window_fits! {
    window dilated_window: s3 [] s6 [A B C] s9 [A B C E F G];
    transposed_window dilated_transposed_window: s3 [] s6 [A B C] s9 [A B C E F G];
}
