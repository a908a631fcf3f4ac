//! A row of the table of layers, and the columns that it has.

use crate::MAX_RANK;

/// A layer that is known by name. It is data: what a layer takes, gives, holds and costs is worked out by the functions
/// of this type, and by them alone.
#[derive(Debug)]
pub struct Builtin {
    /// Its name, in the language and in `fusion::nn`.
    pub name: &'static str,
    /// What sort of layer it is, for a reader of a network.
    pub kind: LayerKind,
    /// Its arguments, in order: first those of its type, then the numbers that are fields of it.
    pub params: &'static [Param],
    /// What it takes.
    pub takes: Domain,
    /// How the axes that it gives follow from those that it takes.
    pub gives: Gives,
    /// What its [`Kind::Divisor`] divides.
    pub divides: Divides,
    /// What it holds and computes.
    pub work: Work,
    /// What a training step keeps of it.
    pub keeps: Keeps,
    /// What it does in one pass over memory with the layers beside it.
    pub fuses: Fuses,
    /// Where its sizes stand among the numbers that the functions are given.
    pub(super) places: Places,
}

/// What sort of layer it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LayerKind {
    /// Every feature follows from all.
    Linear,
    /// A window with weights.
    Convolution,
    /// Places of an image become fewer, or more.
    Pooling,
    /// Values are shifted and scaled.
    Norm,
    /// A function of each number, or of each row.
    Activation,
    /// Values are left out at random.
    Dropout,
    /// The same numbers in another shape.
    Shape,
    /// Indices become vectors.
    Embedding,
    /// Places of a sequence look at each other.
    Attention,
    /// A layer of the user's, or one made of layers.
    Custom,
}

/// An argument of a layer.
#[derive(Debug)]
pub struct Param {
    /// Its name, for messages and as a keyword: PyTorch's.
    pub name: &'static str,
    /// What it is.
    pub kind: Kind,
    /// What it is when it is left out.
    pub default: Default,
    /// Whether it is one size for each axis of a window.
    pub per_axis: bool,
}

/// What an argument is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A size that is part of the layer's type and may be `_`: it follows from the input.
    Input,
    /// A size that is part of the layer's type.
    Size,
    /// A number of elements, also none, that is part of the layer's type.
    Count,
    /// A [`Kind::Count`], or `"same"`.
    Padding,
    /// A number of equal parts, part of the layer's type: see [`Divides`].
    Divisor,
    /// `true` or `false`, part of the layer's type: whether it has the tensor of this name, say.
    Flag,
    /// A number from 0 to 1, in the field of its name.
    Probability,
    /// A number, in the field of its name.
    Number,
}

/// What an argument is when it is left out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Default {
    /// It is always written.
    Required,
    /// This number: 1 is also `true`.
    Is(usize),
    /// The argument with this name.
    Like(&'static str),
    /// This number.
    Number(f64),
}

/// What a layer takes. Its [`Kind::Input`] is the size of the axis that is named here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Domain {
    /// Any tensor.
    Any,
    /// Features: the last axis.
    Features,
    /// Channels, axis 1, and behind them so many axes, from the first number to the second: 2 are an image.
    Channels(usize, usize),
    /// `[batch, length, features]`.
    Sequence,
    /// `[batch, features]`, as many features as the layer's result has elements.
    Vector,
    /// Whole numbers.
    Indices,
}

/// How a layer's output follows from its input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gives {
    /// The input's shape.
    Same,
    /// The input's axes, of which the last is this argument.
    Last(&'static str),
    /// The input's axes, and this argument behind them.
    Push(&'static str),
    /// The batch, and one axis of all others.
    Flat,
    /// The batch, and these.
    Axes(&'static [AxisRule]),
}

/// How a size follows from the input's at the same place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AxisRule {
    /// It is the same.
    Keep,
    /// It is this argument.
    Param(&'static str),
    /// The places of a window on it.
    Window,
    /// The size on which a window has so many places.
    Transposed,
    /// The size times this argument.
    Scaled(&'static str),
    /// The size and this argument on both sides.
    Padded(&'static str),
    /// As [`AxisRule::Padded`], by the reflection of the axis, which is longer than that.
    Reflected(&'static str),
    /// The size over the square of this argument: channels that become pixels.
    Shuffled(&'static str),
}

/// What must come out even.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Divides {
    /// Nothing.
    Nothing,
    /// The channels, in and out, are in so many groups.
    Channels,
    /// The features are in so many heads.
    Features,
}

/// What a training step keeps of a layer for the backward pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeps {
    /// What its kind does: a layer with a product, a norm and an activation keep what they take; attention that and what it
    /// makes of it; others nothing.
    Usual,
    /// What it gives.
    Output,
    /// Of each number that it gives, where it is from.
    Places,
    /// What it takes, and two arrays as large.
    Parts,
}

/// What a layer does in one pass over memory with the layers beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fuses {
    /// Nothing.
    Nothing,
    /// An activation that comes right after it is applied to its result before that is stored.
    Activation,
    /// What is added to its result is added before that is stored, and an activation after it or after the sum is applied.
    Sum,
    /// It is an activation that the layer before it, or a sum, can apply.
    IntoBefore,
}

/// What a layer holds and computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// No parameters, no products.
    Free,
    /// A weight `[outputs, inputs / groups, window ..]`: every number given is a sum over a row of it.
    Dense,
    /// A weight `[inputs, outputs / groups, window ..]`: every number taken is spread over a row of it.
    Spread,
    /// A table of its two sizes, of which rows are copied.
    Table,
    /// A scale and a shift for each feature or channel, unless the row has a flag `affine`, which says so.
    Affine,
    /// A scale for each feature or channel.
    Scale,
    /// Projections to queries, keys, values and back; each place looks at every other.
    Attention,
}

/// Where sizes stand among the numbers of a layer's type, found by name once for each row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Places {
    pub output: Option<usize>,
    pub kernel: Option<usize>,
    pub stride: Option<usize>,
    pub padding: Option<usize>,
    pub dilation: Option<usize>,
    pub output_padding: Option<usize>,
    pub divisor: Option<usize>,
    pub bias: Option<usize>,
    pub affine: Option<usize>,
    /// The arguments that [`Gives`] and [`AxisRule`] name.
    pub gives: [usize; MAX_RANK],
}

impl Kind {
    /// Whether it is part of the layer's type, and of what its rules are asked with.
    pub const fn is_type(self) -> bool {
        !matches!(self, Kind::Probability | Kind::Number)
    }

    /// Whether the layer asks more of it than to be a size.
    pub const fn is_more_than_a_size(self) -> bool {
        matches!(self, Kind::Count | Kind::Padding | Kind::Divisor)
    }
}
