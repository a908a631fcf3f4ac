//! What the rules about two sizes say: for each a sentence, in every spelling of the two numbers.

use super::size::{Many, One, Zero};

speak! {
    /// [`Features`](super::Features): the input's size, then the layer's.
    features, "the features differ":
    "this layer takes {M} features, but its input has {L}"
    "this layer takes {M}{G}{H}{I} features, but its input has {L}"
    "this layer takes {M}{G}{H}{I}{J}{K}{N} features, but its input has {L}"
    "this layer takes {M} features, but its input has {L}{A}{B}{C}"
    "this layer takes {M}{G}{H}{I} features, but its input has {L}{A}{B}{C}"
    "this layer takes {M}{G}{H}{I}{J}{K}{N} features, but its input has {L}{A}{B}{C}"
    "this layer takes {M} features, but its input has {L}{A}{B}{C}{D}{E}{F}"
    "this layer takes {M}{G}{H}{I} features, but its input has {L}{A}{B}{C}{D}{E}{F}"
    "this layer takes {M}{G}{H}{I}{J}{K}{N} features, but its input has {L}{A}{B}{C}{D}{E}{F}"
}
equal_fits!(features of ());

speak! {
    /// [`Channels`](super::Channels): the input's size, then the layer's.
    channels, "the channels differ":
    "this layer takes {M} channels, but its input has {L}"
    "this layer takes {M}{G}{H}{I} channels, but its input has {L}"
    "this layer takes {M}{G}{H}{I}{J}{K}{N} channels, but its input has {L}"
    "this layer takes {M} channels, but its input has {L}{A}{B}{C}"
    "this layer takes {M}{G}{H}{I} channels, but its input has {L}{A}{B}{C}"
    "this layer takes {M}{G}{H}{I}{J}{K}{N} channels, but its input has {L}{A}{B}{C}"
    "this layer takes {M} channels, but its input has {L}{A}{B}{C}{D}{E}{F}"
    "this layer takes {M}{G}{H}{I} channels, but its input has {L}{A}{B}{C}{D}{E}{F}"
    "this layer takes {M}{G}{H}{I}{J}{K}{N} channels, but its input has {L}{A}{B}{C}{D}{E}{F}"
}
equal_fits!(channels of ());

speak! {
    /// [`SameSize`](super::SameSize).
    same_size, "the shapes differ":
    "the sizes of an axis must be equal, but they are {L} and {M}"
    "the sizes of an axis must be equal, but they are {L} and {M}{G}{H}{I}"
    "the sizes of an axis must be equal, but they are {L} and {M}{G}{H}{I}{J}{K}{N}"
    "the sizes of an axis must be equal, but they are {L}{A}{B}{C} and {M}"
    "the sizes of an axis must be equal, but they are {L}{A}{B}{C} and {M}{G}{H}{I}"
    "the sizes of an axis must be equal, but they are {L}{A}{B}{C} and {M}{G}{H}{I}{J}{K}{N}"
    "the sizes of an axis must be equal, but they are {L}{A}{B}{C}{D}{E}{F} and {M}"
    "the sizes of an axis must be equal, but they are {L}{A}{B}{C}{D}{E}{F} and {M}{G}{H}{I}"
    "the sizes of an axis must be equal, but they are {L}{A}{B}{C}{D}{E}{F} and {M}{G}{H}{I}{J}{K}{N}"
}
equal_fits!(same_size of ());

speak! {
    /// [`Inner`](super::Inner).
    inner, "the inner sizes differ":
    "a matrix product needs equal inner sizes, but the left has {L} columns and the right {M} rows"
    "a matrix product needs equal inner sizes, but the left has {L} columns and the right {M}{G}{H}{I} rows"
    "a matrix product needs equal inner sizes, but the left has {L} columns and the right {M}{G}{H}{I}{J}{K}{N} rows"
    "a matrix product needs equal inner sizes, but the left has {L}{A}{B}{C} columns and the right {M} rows"
    "a matrix product needs equal inner sizes, but the left has {L}{A}{B}{C} columns and the right {M}{G}{H}{I} rows"
    "a matrix product needs equal inner sizes, but the left has {L}{A}{B}{C} columns and the right {M}{G}{H}{I}{J}{K}{N} rows"
    "a matrix product needs equal inner sizes, but the left has {L}{A}{B}{C}{D}{E}{F} columns and the right {M} rows"
    "a matrix product needs equal inner sizes, but the left has {L}{A}{B}{C}{D}{E}{F} columns and the right {M}{G}{H}{I} rows"
    "a matrix product needs equal inner sizes, but the left has {L}{A}{B}{C}{D}{E}{F} columns and the right {M}{G}{H}{I}{J}{K}{N} rows"
}
equal_fits!(inner of ());

speak! {
    /// [`Batch`](super::Batch).
    batch, "the batches differ":
    "a matrix product needs equal batches, but the left is of {L} and the right of {M}"
    "a matrix product needs equal batches, but the left is of {L} and the right of {M}{G}{H}{I}"
    "a matrix product needs equal batches, but the left is of {L} and the right of {M}{G}{H}{I}{J}{K}{N}"
    "a matrix product needs equal batches, but the left is of {L}{A}{B}{C} and the right of {M}"
    "a matrix product needs equal batches, but the left is of {L}{A}{B}{C} and the right of {M}{G}{H}{I}"
    "a matrix product needs equal batches, but the left is of {L}{A}{B}{C} and the right of {M}{G}{H}{I}{J}{K}{N}"
    "a matrix product needs equal batches, but the left is of {L}{A}{B}{C}{D}{E}{F} and the right of {M}"
    "a matrix product needs equal batches, but the left is of {L}{A}{B}{C}{D}{E}{F} and the right of {M}{G}{H}{I}"
    "a matrix product needs equal batches, but the left is of {L}{A}{B}{C}{D}{E}{F} and the right of {M}{G}{H}{I}{J}{K}{N}"
}
equal_fits!(batch of ());

speak! {
    /// [`WidenDim`](super::WidenDim).
    keep, "the target has another size":
    "a size can be kept or become `Dyn`, but {L} would become {M}"
    "a size can be kept or become `Dyn`, but {L} would become {M}{G}{H}{I}"
    "a size can be kept or become `Dyn`, but {L} would become {M}{G}{H}{I}{J}{K}{N}"
    "a size can be kept or become `Dyn`, but {L}{A}{B}{C} would become {M}"
    "a size can be kept or become `Dyn`, but {L}{A}{B}{C} would become {M}{G}{H}{I}"
    "a size can be kept or become `Dyn`, but {L}{A}{B}{C} would become {M}{G}{H}{I}{J}{K}{N}"
    "a size can be kept or become `Dyn`, but {L}{A}{B}{C}{D}{E}{F} would become {M}"
    "a size can be kept or become `Dyn`, but {L}{A}{B}{C}{D}{E}{F} would become {M}{G}{H}{I}"
    "a size can be kept or become `Dyn`, but {L}{A}{B}{C}{D}{E}{F} would become {M}{G}{H}{I}{J}{K}{N}"
}
equal_fits!(keep of ());

speak! {
    /// [`Stretch`](super::Stretch), asked of the first size's kind.
    stretch, "this size does not stretch":
    "only a size of 1 stretches, but {L} would have to become {M}"
    "only a size of 1 stretches, but {L} would have to become {M}{G}{H}{I}"
    "only a size of 1 stretches, but {L} would have to become {M}{G}{H}{I}{J}{K}{N}"
    "only a size of 1 stretches, but {L}{A}{B}{C} would have to become {M}"
    "only a size of 1 stretches, but {L}{A}{B}{C} would have to become {M}{G}{H}{I}"
    "only a size of 1 stretches, but {L}{A}{B}{C} would have to become {M}{G}{H}{I}{J}{K}{N}"
    "only a size of 1 stretches, but {L}{A}{B}{C}{D}{E}{F} would have to become {M}"
    "only a size of 1 stretches, but {L}{A}{B}{C}{D}{E}{F} would have to become {M}{G}{H}{I}"
    "only a size of 1 stretches, but {L}{A}{B}{C}{D}{E}{F} would have to become {M}{G}{H}{I}{J}{K}{N}"
}
equal_fits!(stretch of Many);
impl<Any> stretch::s3::s3::Fits<Zero, 0, 0> for Any {}
impl<Any, const L: usize, const M: usize> stretch::s3::s3::Fits<One, L, M> for Any {}

speak! {
    /// [`BroadcastDim`](super::BroadcastDim), asked of the kinds of both sizes.
    broadcast, "aligned at their last axes, the shapes do not broadcast":
    "sizes of {L} and {M} do not broadcast: they must be equal, or one of them 1"
    "sizes of {L} and {M}{G}{H}{I} do not broadcast: they must be equal, or one of them 1"
    "sizes of {L} and {M}{G}{H}{I}{J}{K}{N} do not broadcast: they must be equal, or one of them 1"
    "sizes of {L}{A}{B}{C} and {M} do not broadcast: they must be equal, or one of them 1"
    "sizes of {L}{A}{B}{C} and {M}{G}{H}{I} do not broadcast: they must be equal, or one of them 1"
    "sizes of {L}{A}{B}{C} and {M}{G}{H}{I}{J}{K}{N} do not broadcast: they must be equal, or one of them 1"
    "sizes of {L}{A}{B}{C}{D}{E}{F} and {M} do not broadcast: they must be equal, or one of them 1"
    "sizes of {L}{A}{B}{C}{D}{E}{F} and {M}{G}{H}{I} do not broadcast: they must be equal, or one of them 1"
    "sizes of {L}{A}{B}{C}{D}{E}{F} and {M}{G}{H}{I}{J}{K}{N} do not broadcast: they must be equal, or one of them 1"
}
equal_fits!(broadcast of (Many, Many));
impl<Any> broadcast::s3::s3::Fits<(Zero, Zero), 0, 0> for Any {}
impl<Any, Other, const L: usize, const M: usize> broadcast::s3::s3::Fits<(One, Other), L, M> for Any {}
impl<Any, const L: usize, const M: usize> broadcast::s3::s3::Fits<(Zero, One), L, M> for Any {}
impl<Any, const L: usize, const M: usize> broadcast::s3::s3::Fits<(Many, One), L, M> for Any {}

/// A size of 1 and one from 1000 on.
macro_rules! one_and_more {
    ($s:ident: $($d:ident)*) => {
        impl<Any, const L: usize, const M: usize, $(const $d: u8),*>
            stretch::s3::$s::Fits<One, L, M, $($d),*> for Any {}
        impl<Any, const L: usize, const M: usize, $(const $d: u8),*>
            broadcast::s3::$s::Fits<(One, Many), L, M, $($d),*> for Any {}
        impl<Any, const L: usize, const M: usize, $(const $d: u8),*>
            broadcast::$s::s3::Fits<(Many, One), L, $($d,)* M> for Any {}
    };
}
one_and_more!(s6: A B C);
one_and_more!(s9: A B C D E F);

speak! {
    /// [`Reshape`](super::Reshape): of numbers of elements that differ.
    reshape, "another number of elements":
    "cannot reshape {L} elements into {M}"
    "cannot reshape {L} elements into {M}{G}{H}{I}"
    "cannot reshape {L} elements into {M}{G}{H}{I}{J}{K}{N}"
    "cannot reshape {L}{A}{B}{C} elements into {M}"
    "cannot reshape {L}{A}{B}{C} elements into {M}{G}{H}{I}"
    "cannot reshape {L}{A}{B}{C} elements into {M}{G}{H}{I}{J}{K}{N}"
    "cannot reshape {L}{A}{B}{C}{D}{E}{F} elements into {M}"
    "cannot reshape {L}{A}{B}{C}{D}{E}{F} elements into {M}{G}{H}{I}"
    "cannot reshape {L}{A}{B}{C}{D}{E}{F} elements into {M}{G}{H}{I}{J}{K}{N}"
}

equal_fits!(reshape of ());

speak! {
    /// [`Reshape`](super::Reshape) into a shape with a `Dyn`: of a number of elements that the rest does not divide.
    divide, "the known sizes do not divide the elements":
    "cannot reshape {L} elements into a `Dyn` times {M}: they do not divide"
    "cannot reshape {L} elements into a `Dyn` times {M}{G}{H}{I}: they do not divide"
    "cannot reshape {L} elements into a `Dyn` times {M}{G}{H}{I}{J}{K}{N}: they do not divide"
    "cannot reshape {L}{A}{B}{C} elements into a `Dyn` times {M}: they do not divide"
    "cannot reshape {L}{A}{B}{C} elements into a `Dyn` times {M}{G}{H}{I}: they do not divide"
    "cannot reshape {L}{A}{B}{C} elements into a `Dyn` times {M}{G}{H}{I}{J}{K}{N}: they do not divide"
    "cannot reshape {L}{A}{B}{C}{D}{E}{F} elements into a `Dyn` times {M}: they do not divide"
    "cannot reshape {L}{A}{B}{C}{D}{E}{F} elements into a `Dyn` times {M}{G}{H}{I}: they do not divide"
    "cannot reshape {L}{A}{B}{C}{D}{E}{F} elements into a `Dyn` times {M}{G}{H}{I}{J}{K}{N}: they do not divide"
}
equal_fits!(divide of ());

speak! {
    /// [`DividedBy`](super::DividedBy).
    groups, "the groups would differ in size":
    "{L} channels cannot be split into {M} groups of equal size"
    "{L} channels cannot be split into {M}{G}{H}{I} groups of equal size"
    "{L} channels cannot be split into {M}{G}{H}{I}{J}{K}{N} groups of equal size"
    "{L}{A}{B}{C} channels cannot be split into {M} groups of equal size"
    "{L}{A}{B}{C} channels cannot be split into {M}{G}{H}{I} groups of equal size"
    "{L}{A}{B}{C} channels cannot be split into {M}{G}{H}{I}{J}{K}{N} groups of equal size"
    "{L}{A}{B}{C}{D}{E}{F} channels cannot be split into {M} groups of equal size"
    "{L}{A}{B}{C}{D}{E}{F} channels cannot be split into {M}{G}{H}{I} groups of equal size"
    "{L}{A}{B}{C}{D}{E}{F} channels cannot be split into {M}{G}{H}{I}{J}{K}{N} groups of equal size"
}

speak! {
    /// [`Heads`](super::Heads).
    heads, "the heads would differ in size":
    "an embedding of {L} cannot be split into {M} heads of equal size"
    "an embedding of {L} cannot be split into {M}{G}{H}{I} heads of equal size"
    "an embedding of {L} cannot be split into {M}{G}{H}{I}{J}{K}{N} heads of equal size"
    "an embedding of {L}{A}{B}{C} cannot be split into {M} heads of equal size"
    "an embedding of {L}{A}{B}{C} cannot be split into {M}{G}{H}{I} heads of equal size"
    "an embedding of {L}{A}{B}{C} cannot be split into {M}{G}{H}{I}{J}{K}{N} heads of equal size"
    "an embedding of {L}{A}{B}{C}{D}{E}{F} cannot be split into {M} heads of equal size"
    "an embedding of {L}{A}{B}{C}{D}{E}{F} cannot be split into {M}{G}{H}{I} heads of equal size"
    "an embedding of {L}{A}{B}{C}{D}{E}{F} cannot be split into {M}{G}{H}{I}{J}{K}{N} heads of equal size"
}

speak! {
    /// [`Chunk`](super::Chunk).
    parts, "the parts would differ in size":
    "a size of {L} cannot be cut into {M} equal parts"
    "a size of {L} cannot be cut into {M}{G}{H}{I} equal parts"
    "a size of {L} cannot be cut into {M}{G}{H}{I}{J}{K}{N} equal parts"
    "a size of {L}{A}{B}{C} cannot be cut into {M} equal parts"
    "a size of {L}{A}{B}{C} cannot be cut into {M}{G}{H}{I} equal parts"
    "a size of {L}{A}{B}{C} cannot be cut into {M}{G}{H}{I}{J}{K}{N} equal parts"
    "a size of {L}{A}{B}{C}{D}{E}{F} cannot be cut into {M} equal parts"
    "a size of {L}{A}{B}{C}{D}{E}{F} cannot be cut into {M}{G}{H}{I} equal parts"
    "a size of {L}{A}{B}{C}{D}{E}{F} cannot be cut into {M}{G}{H}{I}{J}{K}{N} equal parts"
}
