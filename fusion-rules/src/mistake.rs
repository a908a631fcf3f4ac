//! Every way in which sizes can fail to fit, and the sentence for each.

use core::fmt;

pub use crate::at::At;
use crate::at::most;
use crate::{Dims, Size, Text};

/// Why a shape rule does not hold: the numbers of a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the fields are the numbers of the sentence that `text` gives")]
pub enum Mistake {
    /// A size of more than nine digits.
    TooManyDigits,
    /// A size that is 0 where a layer needs elements.
    Zero,
    /// A subtraction that would end below zero.
    BelowZero { left: usize, right: usize },
    /// A division by zero.
    DivisionByZero { left: usize },
    /// A division that does not come out even.
    Uneven { left: usize, right: usize },
    /// A tensor of more elements than there can be.
    Elements { shape: Dims },
    /// A layer whose weight has more elements than there can be.
    Weight { weight: Dims },
    /// More axes than a tensor can have.
    Rank { rank: usize },
    /// A single number where a layer takes features.
    NoFeatures { takes: Size },
    /// Another number of features than the layer takes.
    Features { takes: Size, input: Dims },
    /// Another number of channels than the layer takes.
    Channels { takes: Size, input: Dims },
    /// An input that is not a batch of images.
    NotAnImage { input: Dims },
    /// An input that is not a batch of channels with so many axes behind them, at least and at most.
    NotChannels { from: usize, to: usize, input: Dims },
    /// A window, stride or dilation of 0.
    ZeroWindow,
    /// A window larger than its padded input.
    Window { size: usize, kernel: usize, stride: usize, padding: usize, dilation: usize },
    /// The padding `Same` with a stride other than 1.
    SameStride { stride: usize },
    /// The padding `Same` where there is none.
    NoSame,
    /// A padding of more than half a pooling window.
    PoolPadding { kernel: usize, padding: usize },
    /// An output padding that neither the stride nor the dilation exceeds.
    OutputPadding { output_padding: usize, stride: usize, dilation: usize },
    /// A transposed window whose padding leaves nothing.
    TransposedWindow { size: usize, kernel: usize, stride: usize, padding: usize, dilation: usize },
    /// No groups, or no heads.
    AtLeastOne { what: &'static str },
    /// Channels that cannot be split into equal groups.
    Groups { groups: usize, channels: usize },
    /// An embedding that cannot be split into equal heads.
    Heads { heads: usize, embed: usize },
    /// Channels that do not become whole squares of so many pixels.
    Pixels { channels: usize, pixels: usize },
    /// More elements than an axis has.
    TooShort { size: usize, k: usize },
    /// An axis that would lose more elements than it has.
    Shrink { size: usize, begin: usize, end: usize },
    /// More reflected elements than there are behind the first, or before the last.
    Reflect { size: usize, begin: usize, end: usize },
    /// More elements at one end than there are to come from the other.
    Circular { size: usize, begin: usize, end: usize },
    /// No first element, or no last one, to be replicated.
    Replicate,
    /// Another number of counts than of axes.
    Repeat { axes: usize, counts: usize },
    /// Parts that together are not the axis.
    Split { size: usize, parts: usize },
    /// Axes that are joined from a later one to an earlier one, or to one that is not there.
    AxesInOrder { first: usize, last: usize },
    /// Another number of columns than a window has places.
    Places { columns: Size, places: usize },
    /// Columns that are not of whole channels.
    Under { rows: usize, under: usize },
    /// An input that is not a batch of sequences.
    NotASequence { input: Dims },
    /// Two tensors that cannot be joined along an axis.
    Concat { left: Dims, right: Dims, axis: u8 },
    /// A tensor without channels, where channels are joined.
    NoChannels { input: Dims },
    /// An input without axes behind the batch.
    Flatten { input: Dims },
    /// Another number of features than an image of this shape has elements.
    Unflatten { image: Dims, input: Dims },
    /// Two shapes that differ where they must not.
    SameShape { left: Dims, right: Dims },
    /// Two shapes that cannot be broadcast.
    Broadcast { left: Dims, right: Dims },
    /// A shape that cannot be stretched to another.
    BroadcastTo { from: Dims, to: Dims },
    /// A shape that is not another one with some sizes forgotten.
    Widen { from: Dims, to: Dims },
    /// Inner sizes of a matrix product that differ.
    MatMul { left: Size, right: Size },
    /// Batches of a matrix product that differ.
    MatMulBatch { left: Dims, right: Dims },
    /// Ranks that a matrix product does not take.
    MatMulRanks { left: Dims, right: Dims },
    /// An axis that is not there.
    NoAxis { axis: isize, rank: usize },
    /// A place for a new axis that is not there.
    NoPlace { axis: isize, rank: usize },
    /// An axis that is named twice.
    RepeatedAxis { axis: usize },
    /// An order that does not name every axis.
    PermuteCount { named: usize, rank: usize },
    /// An axis to be dropped that has more than one element.
    Squeeze { axis: usize, size: Size },
    /// Indices along an axis that do not fit what they are for.
    Gather { x: Dims, indices: Dims, axis: u8 },
    /// Another number of elements.
    Reshape { from: Dims, to: Dims },
    /// Two sizes of one name, in axes that would broadcast.
    Names { left: Dims, right: Dims, from_end: u8 },
    /// A number of elements that the known part of the target does not divide.
    ReshapeDivide { from: Dims, to: Dims },
    /// Two sizes to be inferred.
    ReshapeHoles { to: Dims },
}

impl Mistake {
    /// The sentence, for a mistake that was made nowhere in particular.
    pub const fn text(&self) -> Text<'static> {
        self.text_at(At::HERE)
    }

    /// The sentence, with the names that `at` gives.
    pub const fn text_at<'a>(&self, at: At<'a>) -> Text<'a> {
        let t = at.text();
        match *self {
            Mistake::TooManyDigits => t.str("a size has at most nine digits"),
            Mistake::Zero => t.str("a size of 0 leaves nothing to compute"),
            Mistake::BelowZero { left, right } => {
                t.num(left).str(" - ").num(right).str(" is below zero: a size cannot be negative")
            }
            Mistake::DivisionByZero { left } => t.num(left).str(" is divided by zero"),
            Mistake::Uneven { left, right } => {
                let t =
                    t.num(left).str(" / ").num(right).str(" does not come out even: write the size that is meant, ");
                t.num(left / right).str(" or ").num(left / right + 1)
            }
            Mistake::Elements { shape } => at.too_large("gives", shape),
            Mistake::Weight { weight } => most(at.subject(t).str(" has a weight of ").dims(weight)),
            Mistake::Rank { rank } => t.str("a tensor has at most 6 axes, not ").num(rank),
            Mistake::NoFeatures { takes } => {
                at.but(at.subject(t).str(" takes ").many(takes, "feature", "features")).str("no axes")
            }
            Mistake::Features { takes, input } => {
                let t = at.subject(t).str(" takes ").many(takes, "feature", "features");
                at.aside(at.but(t).size(input.last()), input)
            }
            Mistake::Channels { takes, input } => {
                let t = at.subject(t).str(" takes ").many(takes, "channel", "channels");
                at.aside(at.but(t).size(input.d[1]), input)
            }
            Mistake::NotAnImage { input } => {
                let axes = if at.is_here() { "[batch, channels, height, width]" } else { "[channels, height, width]" };
                at.shape(at.but(at.subject(t).str(" takes images, ").str(axes)), input)
            }
            Mistake::NotChannels { from, to, input } => {
                let t = at.subject(t);
                let t = match (from, to, at.is_here()) {
                    (1, 1, true) => t.str(" takes signals, [batch, channels, length]"),
                    (1, 1, false) => t.str(" takes signals, [channels, length]"),
                    (0, 1, true) => t.str(" takes [batch, channels] or [batch, channels, length]"),
                    (0, 1, false) => t.str(" takes [channels] or [channels, length]"),
                    (_, _, true) => t.str(" takes channels, [batch, channels, ..]"),
                    (_, _, false) => t.str(" takes channels, [channels, ..]"),
                };
                at.shape(at.but(t), input)
            }
            Mistake::ZeroWindow => t.str("a window, its stride and its dilation are at least 1"),
            Mistake::Window { size, kernel, stride, padding, dilation } => {
                let t = geometry(t.str("a window of "), kernel, stride, padding, dilation);
                at.whence(t.str(" does not fit an input of size ").num(size))
            }
            Mistake::SameStride { stride } => t.str("the padding \"same\" needs stride 1, not ").num(stride),
            Mistake::NoSame => t.str("the padding \"same\" is there for convolutions only"),
            Mistake::PoolPadding { kernel, padding } => t
                .str("a pooling window is padded by at most half its size, but a window of ")
                .num(kernel)
                .str(" by ")
                .num(padding),
            Mistake::OutputPadding { output_padding, stride, dilation } => t
                .str("an output padding is smaller than the stride or the dilation, but it is ")
                .num(output_padding)
                .str(" (stride ")
                .num(stride)
                .str(", dilation ")
                .num(dilation)
                .str(")"),
            Mistake::TransposedWindow { size, kernel, stride, padding, dilation } => {
                let t = geometry(t.str("a transposed window of "), kernel, stride, padding, dilation);
                at.whence(t.str(" leaves nothing of an input of size ").num(size))
            }
            Mistake::AtLeastOne { what } => at.subject(t).str(" needs at least 1 ").str(what),
            Mistake::Groups { groups, channels } => t
                .num(channels)
                .str(" channels cannot be split into ")
                .count(groups, "group", "groups")
                .str(" of equal size"),
            Mistake::Pixels { channels, pixels } => {
                t.num(channels).str(" channels cannot become squares of ").count(pixels, "pixel", "pixels").str(" each")
            }
            Mistake::TooShort { size, k } => {
                t.str("an axis of ").num(size).str(" has fewer than ").count(k, "element", "elements")
            }
            Mistake::Shrink { size, begin, end } => t
                .str("an axis of ")
                .num(size)
                .str(" cannot lose ")
                .num(begin)
                .str(" in front and ")
                .num(end)
                .str(" behind"),
            Mistake::Reflect { size, begin, end } => {
                let t = t.str("a reflection has fewer elements than the axis, but one of ").num(size);
                at.whence(t.str(" would get ").num(begin).str(" in front and ").num(end).str(" behind"))
            }
            Mistake::Circular { size, begin, end } => {
                let t = t.str("a circular padding has at most the elements of the axis, but one of ").num(size);
                t.str(" would get ").num(begin).str(" in front and ").num(end).str(" behind")
            }
            Mistake::Replicate => t.str("an axis of 0 has no element to replicate"),
            Mistake::Repeat { axes, counts } => t
                .str("a tensor is repeated by a number for each of its axes, but there are ")
                .count(axes, "axis", "axes")
                .str(" and ")
                .count(counts, "number", "numbers"),
            Mistake::Split { size, parts } => {
                t.str("parts of ").num(parts).str(" together are not an axis of ").num(size)
            }
            Mistake::AxesInOrder { first, last } => {
                t.str("axes are joined from the first to the last of them, not from ").num(first).str(" to ").num(last)
            }
            Mistake::Places { columns, places } => t
                .str("a window with ")
                .count(places, "place", "places")
                .str(" does not make ")
                .size(columns)
                .str(" columns"),
            Mistake::Under { rows, under } => t
                .str("columns of ")
                .num(rows)
                .str(" are not of whole channels, of each ")
                .count(under, "element", "elements"),
            Mistake::Heads { heads, embed } => t
                .str("an embedding of ")
                .num(embed)
                .str(" cannot be split into ")
                .count(heads, "head", "heads")
                .str(" of equal size"),
            Mistake::NotASequence { input } => {
                let axes = if at.is_here() { "[batch, length, features]" } else { "[length, features]" };
                at.shape(at.but(at.subject(t).str(" takes sequences, ").str(axes)), input)
            }
            Mistake::Concat { left, right, axis } => {
                let t = at.sizes(at.sizes(t.str("cannot join "), left).str(" and "), right);
                let t =
                    if at.is_here() { t.str(" along axis ").num(axis as usize) } else { t.str(" along the channels") };
                t.str(": all other sizes must be equal")
            }
            Mistake::NoChannels { input } => {
                at.sizes(t.str("branches are joined along their channels, but there are none in "), input)
            }
            Mistake::Flatten { input } => at
                .shape(t.str("flattening keeps the batch and joins the axes behind it, but there are none in "), input),
            Mistake::Unflatten { image, input } => {
                let t = at.subject(t).str(" makes ").dims(image).str(" of ");
                let t = match image.len() {
                    Some(n) => t.count(n, "feature", "features"),
                    None => t.str("its features"),
                };
                at.shape(at.but(t), input)
            }
            Mistake::SameShape { left, right } => {
                t.str("the shapes must be equal, but they are ").dims(left).str(" and ").dims(right)
            }
            Mistake::Broadcast { left, right } => t
                .dims(left)
                .str(" and ")
                .dims(right)
                .str(" do not broadcast: aligned at their last axes, sizes must be equal or 1"),
            Mistake::BroadcastTo { from, to } => t
                .str("cannot expand ")
                .dims(from)
                .str(" to ")
                .dims(to)
                .str(": only a size of 1 stretches, and new axes come in front with a known size"),
            Mistake::Widen { from, to } => {
                t.str("a size can be kept or become `Dyn`, but ").dims(from).str(" would become ").dims(to)
            }
            Mistake::MatMul { left, right } => t
                .str("a matrix product needs equal inner sizes, but the left has ")
                .size(left)
                .str(" columns and the right ")
                .size(right)
                .str(" rows"),
            Mistake::MatMulBatch { left, right } => t
                .str("a matrix product needs equal batches, or one of 1, but the left is ")
                .dims(left)
                .str(" and the right ")
                .dims(right),
            Mistake::MatMulRanks { left, right } => {
                t.str("there is no matrix product of ").dims(left).str(" with ").dims(right)
            }
            Mistake::NoAxis { axis, rank } => t.str("axis ").signed(axis).str(" is not in a tensor of rank ").num(rank),
            Mistake::NoPlace { axis, rank } => {
                t.str("a new axis cannot be axis ").signed(axis).str(" of a tensor of rank ").num(rank)
            }
            Mistake::RepeatedAxis { axis } => t.str("axis ").num(axis).str(" is named twice"),
            Mistake::PermuteCount { named, rank } => {
                t.str("an order names every axis once, but this one names ").num(named).str(" of ").num(rank)
            }
            Mistake::Squeeze { axis, size } => {
                t.str("only an axis of size 1 can be squeezed, but axis ").num(axis).str(" is of ").size(size)
            }
            Mistake::Gather { x, indices, axis } => t
                .str("indices of the shape ")
                .dims(indices)
                .str(" do not go along axis ")
                .num(axis as usize)
                .str(" of ")
                .dims(x)
                .str(": they have as many axes, and no other size is larger"),
            Mistake::Reshape { from, to } => elements(elements(t.str("cannot reshape "), from).str(" into "), to),
            Mistake::Names { left, right, from_end } => t
                .str("sizes of one name are equal, but ")
                .dims(left)
                .str(" and ")
                .dims(right)
                .str(" have ")
                .size(left.d[left.rank - 1 - from_end as usize])
                .str(" and ")
                .size(right.d[right.rank - 1 - from_end as usize])
                .str(" under one name"),
            Mistake::ReshapeDivide { from, to } => elements(t.str("cannot reshape "), from)
                .str(" into ")
                .dims(to)
                .str(": they do not divide by ")
                .num(to.known()),
            Mistake::ReshapeHoles { to } => t
                .str("only one `Dyn` of the new shape can be inferred from the other sizes, but ")
                .dims(to)
                .str(" has several"),
        }
    }
}

/// "3 (stride 1, padding 0)".
const fn geometry(t: Text<'_>, kernel: usize, stride: usize, padding: usize, dilation: usize) -> Text<'_> {
    let mut t = t.num(kernel).str(" (stride ").num(stride).str(", padding ").num(padding);
    if dilation != 1 {
        t = t.str(", dilation ").num(dilation);
    }
    t.str(")")
}

/// "6 elements ([2, 3])".
const fn elements(t: Text<'_>, shape: Dims) -> Text<'_> {
    match shape.len() {
        Some(n) => t.count(n, "element", "elements").str(" (").dims(shape).str(")"),
        None => t.dims(shape),
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text().as_str())
    }
}

impl core::error::Error for Mistake {}

/// The value of a rule, or a panic with its sentence: in a constant, a compile error at the caller.
///
/// ```
/// use fusion_rules::{ok, quotient};
///
/// const LEFT: usize = ok(quotient(28, 2));
/// assert_eq!(LEFT, 14);
/// ```
#[track_caller]
pub const fn ok<T: Copy>(answer: Result<T, Mistake>) -> T {
    match answer {
        Ok(value) => value,
        Err(mistake) => mistake.text().fail(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::*;

    #[track_caller]
    fn says<T: fmt::Debug>(answer: Result<T, Mistake>, sentence: &str) {
        assert_eq!(answer.unwrap_err().to_string(), sentence);
    }

    #[test]
    fn every_rule_speaks_in_numbers() {
        let x = Dims::new(&[2, 3, 4]);
        let w = Window { kernel: 3, stride: 1, padding: Padding::By(0), dilation: 1 };
        says(size(1_000_000_000), "a size has at most nine digits");
        says(positive(0), "a size of 0 leaves nothing to compute");
        says(difference(3, 5), "3 - 5 is below zero: a size cannot be negative");
        says(quotient(3, 0), "3 is divided by zero");
        says(quotient(784, 3), "784 / 3 does not come out even: write the size that is meant, 261 or 262");
        says(unsqueeze(Dims::new(&[1; 6]), 0), "a tensor has at most 6 axes, not 7");
        says(features(Size::Known(5), Dims::SCALAR), "this layer takes 5 features, but its input has no axes");
        says(features(Size::Known(5), x), "this layer takes 5 features, but its input has 4");
        says(image(x), "this layer takes images, [batch, channels, height, width], but its input has [2, 3, 4]");
        says(channels(Size::Known(5), Dims::new(&[1, 3, 9, 9])), "this layer takes 5 channels, but its input has 3");
        says(window(Size::Known(9), Window { stride: 0, ..w }), "a window, its stride and its dilation are at least 1");
        says(
            window(Size::Known(4), Window { kernel: 5, ..w }),
            "a window of 5 (stride 1, padding 0) does not fit an input of size 4",
        );
        says(
            window(Size::Known(4), Window { dilation: 2, ..w }),
            "a window of 3 (stride 1, padding 0, dilation 2) does not fit an input of size 4",
        );
        says(
            window(Size::Known(4), Window { stride: 2, padding: Padding::Same, ..w }),
            "the padding \"same\" needs stride 1, not 2",
        );
        let w = Window { padding: Padding::By(2), ..w };
        let (images, channels) = (Dims::new(&[2, 4, 9, 9]), Dims::new(&[2, 5, 9, 9]));
        says(
            pool_padding(3, Padding::By(2)),
            "a pooling window is padded by at most half its size, but a window of 3 by 2",
        );
        says(pool_padding(3, Padding::Same), "the padding \"same\" is there for convolutions only");
        says(
            transposed_window(Size::Known(4), w, 1),
            "an output padding is smaller than the stride or the dilation, but it is 1 (stride 1, dilation 1)",
        );
        says(
            transposed_window(Size::Known(2), w, 0),
            "a transposed window of 3 (stride 1, padding 2) leaves nothing of an input of size 2",
        );
        says(groups(Size::Known(4), Size::Known(8), 0), "this layer needs at least 1 group");
        says(groups(Size::Known(4), Size::Known(8), 3), "4 channels cannot be split into 3 groups of equal size");
        says(shuffled(Size::Known(6), 2), "6 channels cannot become squares of 4 pixels each");
        says(at_least(Size::Known(3), 5), "an axis of 3 has fewer than 5 elements");
        let three = Size::Known(3);
        says(filled(three, [-3, -1], Fill::Constant), "an axis of 3 cannot lose 3 in front and 1 behind");
        says(
            filled(three, [3, 1], Fill::Reflect),
            "a reflection has fewer elements than the axis, but one of 3 would get 3 in front and 1 behind",
        );
        says(
            filled(three, [0, 4], Fill::Circular),
            "a circular padding has at most the elements of the axis, but one of 3 would get 0 in front and 4 behind",
        );
        says(filled(Size::Known(0), [0, 4], Fill::Replicate), "an axis of 0 has no element to replicate");
        says(
            repeat(x, Dims::new(&[2])),
            "a tensor is repeated by a number for each of its axes, but there are 3 axes and 1 number",
        );
        says(split(three, &[2, 2]), "parts of 4 together are not an axis of 3");
        says(flatten_axes(x, 2, 1), "axes are joined from the first to the last of them, not from 2 to 1");
        says(folded(three, three, 3, 9), "a window with 9 places does not make 3 columns");
        says(folded(three, three, 2, 3), "columns of 3 are not of whole channels, of each 2 elements");
        says(heads(Size::Known(4), 0), "this layer needs at least 1 head");
        says(heads(Size::Known(4), 3), "an embedding of 4 cannot be split into 3 heads of equal size");
        says(sequence(images), "this layer takes sequences, [batch, length, features], but its input has [2, 4, 9, 9]");
        says(embedding(Size::Known(4), Dims::new(&[1; 6])), "a tensor has at most 6 axes, not 7");
        says(
            concat(images, channels, 0),
            "cannot join [2, 4, 9, 9] and [2, 5, 9, 9] along axis 0: all other sizes must be equal",
        );
        says(join(x, Dims::new(&[2])), "branches are joined along their channels, but there are none in [2]");
        says(
            flatten(Dims::of(&sizes![Dyn])),
            "flattening keeps the batch and joins the axes behind it, but there are none in [Dyn]",
        );
        says(same_shape(x, Dims::new(&[2])), "the shapes must be equal, but they are [2, 3, 4] and [2]");
        says(
            broadcast(x, Dims::new(&[3])),
            "[2, 3, 4] and [3] do not broadcast: aligned at their last axes, sizes must be equal or 1",
        );
        says(
            broadcast_to(x, Dims::new(&[4])),
            "cannot expand [2, 3, 4] to [4]: only a size of 1 stretches, and new axes come in front with a known size",
        );
        says(widen(x, Dims::of(&sizes![Dyn])), "a size can be kept or become `Dyn`, but [2, 3, 4] would become [Dyn]");
        says(
            matmul(x, Dims::new(&[5, 6])),
            "a matrix product needs equal inner sizes, but the left has 4 columns and the right 5 rows",
        );
        says(
            matmul(x, Dims::new(&[5, 4, 6])),
            "a matrix product needs equal batches, or one of 1, but the left is [2, 3, 4] and the right [5, 4, 6]",
        );
        says(matmul(x, Dims::SCALAR), "there is no matrix product of [2, 3, 4] with []");
        says(axis(3, 3), "axis 3 is not in a tensor of rank 3");
        says(new_axis(-5, 3), "a new axis cannot be axis -5 of a tensor of rank 3");
        says(axis_set(&[1, -2], 3), "axis 1 is named twice");
        says(permute(x, &[1, 0]), "an order names every axis once, but this one names 2 of 3");
        says(squeeze(x, -1), "only an axis of size 1 can be squeezed, but axis 2 is of 4");
        says(
            gather(x, 1, Dims::new(&[2, 7, 5])),
            "indices of the shape [2, 7, 5] do not go along axis 1 of [2, 3, 4]: they have as many axes, and no other size is larger",
        );
        says(reshape(x, Dims::new(&[5])), "cannot reshape 24 elements ([2, 3, 4]) into 5 elements ([5])");
        says(
            reshape(x, Dims::of(&sizes![Dyn, 5])),
            "cannot reshape 24 elements ([2, 3, 4]) into [Dyn, 5]: they do not divide by 5",
        );
        says(
            reshape(x, Dims::of(&sizes![4, Dyn, Dyn])),
            "only one `Dyn` of the new shape can be inferred from the other sizes, but [4, Dyn, Dyn] has several",
        );
    }

    #[test]
    fn a_layer_in_a_model_has_a_name() {
        let (at, x) = (At::layer("fc1: Linear<9000, 128>", "Flatten"), Dims::of(&sizes![Dyn, 9216]));
        let mistake = features(Size::Known(9000), x).unwrap_err();
        assert_eq!(
            mistake.text_at(at.showing(Dims::new(&[64, 12, 12]))).as_str(),
            "`fc1: Linear<9000, 128>` takes 9000 features, but `Flatten` gives it 9216 ([64, 12, 12])",
        );
        assert_eq!(
            window(Size::Known(4), Window { kernel: 5, stride: 1, padding: Padding::By(0), dilation: 1 })
                .unwrap_err()
                .text_at(At::layer("Conv2d<_, 8, 5>", "gate"))
                .as_str(),
            "a window of 5 (stride 1, padding 0) does not fit an input of size 4, which `gate` gives `Conv2d<_, 8, 5>`",
        );
    }

    #[test]
    fn joins_in_a_model_show_samples() {
        let (left, right) = (Dims::of(&sizes![Dyn, 3, 8, 8]), Dims::of(&sizes![Dyn, 5, 4, 4]));
        assert_eq!(
            join(left, right).unwrap_err().text_at(At::layer("|", "")).as_str(),
            "cannot join [3, 8, 8] and [5, 4, 4] along the channels: all other sizes must be equal",
        );
    }

    #[test]
    fn a_mistake_is_small() {
        // The limit in `clippy.toml`: larger ones belong in a box, which a `const fn` does not have.
        assert!(size_of::<Mistake>() < 256);
    }
}
