//! The layers that `model!` knows: how each is written, and what it makes of its input.
//!
//! A layer is one entry in [`BUILTINS`]. The macro works with numbers as far as it has them; where a size is known only
//! to const evaluation it writes a call of the same function, so both say the same sentence.

pub use crate::place::Place;
use crate::{
    DYN, Dims, MAX_RANK, MAX_SIZE, Mistake, Window, adaptive_pool2d, attention, batch_norm2d, conv_transpose2d, conv2d,
    embedding, flatten, global_pool2d, layer_norm, linear, pool2d, unflatten, upsample,
};

/// The argument `_`: whatever fits.
pub const HOLE: usize = DYN - 1;

/// A layer that is known by name.
#[derive(Debug)]
pub struct Builtin {
    /// Its name, in the language and in `fusion::nn`.
    pub name: &'static str,
    /// Its arguments, in order: first those of its type, then the numbers that are fields of it.
    pub params: &'static [Param],
    /// How its output follows from its input.
    pub rule: Rule,
    /// A layer that it can take into its own pass when it comes right after, and the method that does both.
    pub fuses: Option<(&'static str, &'static str)>,
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
    /// `true` or `false`, part of the layer's type.
    Flag,
    /// A number from 0 to 1, in the field of its name.
    Probability,
    /// A number, in the field of its name.
    Number,
}

/// What an argument is when it is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Default {
    /// It is always written.
    Required,
    /// This number: 1 is also `true`.
    Is(usize),
    /// The argument at this place.
    Like(usize),
    /// What the layer starts with.
    Own,
}

/// How a layer's output follows from its input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// It has the input's shape.
    Same,
    /// The last axis becomes another.
    Linear,
    /// All axes behind the batch become one.
    Flatten,
    /// A window with weights slides over an image.
    Conv2d,
    /// The transposed of that.
    ConvTranspose2d,
    /// A window slides over each channel of an image.
    Pool2d,
    /// An image of this size.
    AdaptivePool2d,
    /// One number for each channel.
    GlobalPool2d,
    /// The input's shape, an image of so many channels.
    BatchNorm2d,
    /// The input's shape, with so many features.
    LayerNorm,
    /// An image so many times as large.
    Upsample,
    /// Features become an image of this shape.
    Unflatten,
    /// One more axis.
    Embedding,
    /// The input's shape, a sequence of so many features.
    Attention,
}

const fn required(name: &'static str, kind: Kind) -> Param {
    Param { name, kind, default: Default::Required }
}

const fn is(name: &'static str, kind: Kind, default: usize) -> Param {
    Param { name, kind, default: Default::Is(default) }
}

const fn like(name: &'static str, other: usize) -> Param {
    Param { name, kind: Kind::Size, default: Default::Like(other) }
}

const fn own(name: &'static str, kind: Kind) -> Param {
    Param { name, kind, default: Default::Own }
}

const fn layer(name: &'static str, rule: Rule, params: &'static [Param]) -> Builtin {
    Builtin { name, params, rule, fuses: None }
}

const FEATURES: Param = required("in_features", Kind::Input);
const CHANNELS: Param = required("in_channels", Kind::Input);
const OUT_CHANNELS: Param = required("out_channels", Kind::Size);
const KERNEL: Param = required("kernel_size", Kind::Size);
const BIAS: Param = is("bias", Kind::Flag, 1);
const SLOPE: &[Param] = &[own("negative_slope", Kind::Number)];
const EPS: Param = own("eps", Kind::Number);
const ADAPTIVE: &[Param] = &[required("height", Kind::Size), like("width", 0)];

/// Every layer that `model!` knows by name.
pub const BUILTINS: &[Builtin] = &[
    Builtin {
        name: "Linear",
        params: &[FEATURES, required("out_features", Kind::Size), BIAS],
        rule: Rule::Linear,
        fuses: Some(("Relu", "forward_relu")),
    },
    layer("Relu", Rule::Same, &[]),
    layer("LeakyRelu", Rule::Same, SLOPE),
    layer("Gelu", Rule::Same, &[]),
    layer("Silu", Rule::Same, &[]),
    layer("Sigmoid", Rule::Same, &[]),
    layer("Tanh", Rule::Same, &[]),
    layer("Softmax", Rule::Same, &[]),
    layer("Dropout", Rule::Same, &[own("p", Kind::Probability)]),
    layer("Flatten", Rule::Flatten, &[]),
    layer(
        "Conv2d",
        Rule::Conv2d,
        &[
            CHANNELS,
            OUT_CHANNELS,
            KERNEL,
            is("stride", Kind::Size, 1),
            is("padding", Kind::Padding, 0),
            is("dilation", Kind::Size, 1),
            is("groups", Kind::Size, 1),
            BIAS,
        ],
    ),
    layer(
        "ConvTranspose2d",
        Rule::ConvTranspose2d,
        &[
            CHANNELS,
            OUT_CHANNELS,
            KERNEL,
            is("stride", Kind::Size, 1),
            is("padding", Kind::Count, 0),
            is("output_padding", Kind::Count, 0),
            is("groups", Kind::Size, 1),
            BIAS,
            is("dilation", Kind::Size, 1),
        ],
    ),
    layer(
        "MaxPool2d",
        Rule::Pool2d,
        &[KERNEL, like("stride", 0), is("padding", Kind::Count, 0), is("dilation", Kind::Size, 1)],
    ),
    layer("AvgPool2d", Rule::Pool2d, &[KERNEL, like("stride", 0), is("padding", Kind::Count, 0)]),
    layer("AdaptiveAvgPool2d", Rule::AdaptivePool2d, ADAPTIVE),
    layer("AdaptiveMaxPool2d", Rule::AdaptivePool2d, ADAPTIVE),
    layer("GlobalAvgPool2d", Rule::GlobalPool2d, &[]),
    layer(
        "BatchNorm2d",
        Rule::BatchNorm2d,
        &[required("num_features", Kind::Input), EPS, own("momentum", Kind::Number)],
    ),
    layer("LayerNorm", Rule::LayerNorm, &[required("normalized_shape", Kind::Input), EPS]),
    layer(
        "Unflatten",
        Rule::Unflatten,
        &[required("channels", Kind::Size), required("height", Kind::Size), required("width", Kind::Size)],
    ),
    layer("Upsample", Rule::Upsample, &[required("scale_factor", Kind::Size)]),
    layer(
        "Embedding",
        Rule::Embedding,
        &[required("num_embeddings", Kind::Size), required("embedding_dim", Kind::Size)],
    ),
    layer(
        "MultiHeadAttention",
        Rule::Attention,
        &[required("embed_dim", Kind::Input), required("num_heads", Kind::Size)],
    ),
];

impl Builtin {
    /// Whether its first argument is the size of its input, which may be `_`.
    pub fn infers(&self) -> bool {
        self.params.first().is_some_and(|param| param.kind == Kind::Input)
    }

    /// Whether it takes images, `[channels, height, width]`, and nothing else.
    pub fn is_of_images(&self) -> bool {
        matches!(
            self.rule,
            Rule::Conv2d
                | Rule::ConvTranspose2d
                | Rule::Pool2d
                | Rule::AdaptivePool2d
                | Rule::GlobalPool2d
                | Rule::BatchNorm2d
                | Rule::Upsample
        )
    }
}

impl Kind {
    /// Whether it is part of the layer's type, and of what its rule is asked with.
    pub const fn is_type(self) -> bool {
        !matches!(self, Kind::Probability | Kind::Number)
    }
}

/// The channels of a batch of images; of another shape, its second axis or nothing known.
const fn channels_of(x: Dims) -> usize {
    if x.rank > 1 { x.d[1] } else { DYN }
}

/// An image of unknown size.
const fn image_of(batch: usize, channels: usize) -> Dims {
    Dims::new(&[batch, channels, DYN, DYN])
}

impl Rule {
    /// What the layer makes of `x`, batch in front. `args` are those of its type, in order.
    pub const fn output(self, args: &[usize], x: Dims) -> Result<Dims, Mistake> {
        let takes = match args {
            [] => 0,
            [HOLE, ..] => self.inferred(x),
            [takes, ..] => *takes,
        };
        match self {
            Rule::Same => Ok(x),
            Rule::Linear => linear(takes, args[1], x),
            Rule::Flatten => flatten(x),
            Rule::Conv2d => {
                let window = Window { kernel: args[2], stride: args[3], padding: args[4], dilation: args[5] };
                conv2d(takes, args[1], window, args[6], x)
            }
            Rule::ConvTranspose2d => {
                let window = Window { kernel: args[2], stride: args[3], padding: args[4], dilation: args[8] };
                conv_transpose2d(takes, args[1], window, args[5], args[6], x)
            }
            Rule::Pool2d => {
                let dilation = if args.len() > 3 { args[3] } else { 1 };
                pool2d(Window { kernel: args[0], stride: args[1], padding: args[2], dilation }, x)
            }
            Rule::AdaptivePool2d => adaptive_pool2d(args[0], args[1], x),
            Rule::GlobalPool2d => global_pool2d(x),
            Rule::BatchNorm2d => batch_norm2d(takes, x),
            Rule::LayerNorm => layer_norm(takes, x),
            Rule::Upsample => upsample(args[0], x),
            Rule::Unflatten => unflatten([args[0], args[1], args[2]], x),
            Rule::Embedding => embedding(args[1], x),
            Rule::Attention => attention(takes, args[1], x),
        }
    }

    /// What the `_` among the layer's sizes stands for.
    pub const fn inferred(self, x: Dims) -> usize {
        match self {
            Rule::Conv2d | Rule::ConvTranspose2d | Rule::BatchNorm2d => channels_of(x),
            _ => x.last(),
        }
    }

    /// Whether a `Flatten` in front is all that is missing.
    pub(crate) const fn wants_flatten(self, args: &[usize], x: Dims) -> bool {
        match (self, flatten(x)) {
            (Rule::Linear, Ok(flat)) => x.rank > 2 && args[0] != x.last() && args[0] == flat.last(),
            _ => false,
        }
    }

    /// The size of the input with which a check goes on: the one that is inferred, unless a `Flatten` is missing.
    pub const fn healed_input(self, args: &[usize], x: Dims) -> usize {
        let fits = self.inferred(x);
        if fits != DYN && !self.wants_flatten(args, x) {
            fits
        } else if args[0] != HOLE {
            args[0]
        } else {
            1
        }
    }

    /// The argument that divides something into equal parts, and that the layer's type cannot have where it does not.
    pub const fn divisor(self) -> Option<usize> {
        match self {
            Rule::Conv2d | Rule::ConvTranspose2d => Some(6),
            Rule::Attention => Some(1),
            _ => None,
        }
    }

    /// The [`Rule::divisor`] with which a check goes on: 1 where it does not divide.
    pub const fn healed_divisor(self, args: &[usize], x: Dims) -> usize {
        match (self.divisor(), self.output(args, x)) {
            (Some(_), Err(Mistake::Groups { .. } | Mistake::Heads { .. })) | (None, _) => 1,
            (Some(at), _) => args[at],
        }
    }

    /// Whether the layer takes `x` as far as its type is concerned, with what is inferred in place of its input's size.
    pub const fn fits(self, args: &[usize], x: Dims) -> usize {
        matches!(self.output(args, x), Ok(_) | Err(Mistake::Features { .. } | Mistake::Channels { .. })) as usize
    }

    /// What the layer would make if it fitted: with this a check goes on after a mistake. What cannot be known then is
    /// [`DYN`].
    pub const fn healed(self, args: &[usize], x: Dims) -> Dims {
        if let Ok(y) = self.output(args, x) {
            return y;
        }
        let fits = self.inferred(x);
        let batch = if x.rank == 0 { DYN } else { x.d[0] };
        match self {
            Rule::Linear if self.wants_flatten(args, x) => Dims::new(&[batch, args[1]]),
            Rule::Linear if x.rank > 0 => x.with_last(args[1]),
            Rule::Flatten => Dims::new(&[batch, if x.rank < 2 { x.last() } else { DYN }]),
            // Without the groups, and with the channels that fit, only the window may be left that does not.
            Rule::Conv2d => {
                let window = Window { kernel: args[2], stride: args[3], padding: args[4], dilation: args[5] };
                match conv2d(fits, args[1], window, 1, x) {
                    Ok(y) => y,
                    Err(_) => image_of(batch, args[1]),
                }
            }
            Rule::ConvTranspose2d => {
                let window = Window { kernel: args[2], stride: args[3], padding: args[4], dilation: args[8] };
                match conv_transpose2d(fits, args[1], window, args[5], 1, x) {
                    Ok(y) => y,
                    Err(_) => image_of(batch, args[1]),
                }
            }
            Rule::AdaptivePool2d => Dims::new(&[batch, channels_of(x), args[0], args[1]]),
            Rule::Unflatten => Dims::new(&[batch, args[0], args[1], args[2]]),
            Rule::GlobalPool2d => Dims::new(&[batch, channels_of(x)]),
            Rule::Pool2d | Rule::Upsample => image_of(batch, channels_of(x)),
            Rule::Embedding if x.rank > 0 && x.rank < MAX_RANK => x.push(args[1]),
            _ => x,
        }
    }
}

/// `n`, if it is a size; else 1, with which a check goes on.
pub const fn healed_size(n: usize) -> usize {
    if n == 0 || n > MAX_SIZE { 1 } else { n }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dims(sizes: &[usize]) -> Dims {
        Dims::new(sizes)
    }

    #[test]
    fn layers_infer_their_input() {
        let x = dims(&[DYN, 64, 12, 12]);
        assert_eq!((Rule::Linear.inferred(x), Rule::Linear.output(&[HOLE, 10], x)), (12, Ok(dims(&[DYN, 64, 12, 10]))));
        assert_eq!(Rule::Flatten.output(&[], x), Ok(dims(&[DYN, 9216])));
        assert_eq!(Rule::Same.output(&[], x), Ok(x));
    }

    #[test]
    fn a_check_goes_on_with_what_fits() {
        let x = dims(&[DYN, 784]);
        assert!(Rule::Linear.output(&[785, 10], x).is_err());
        assert_eq!(
            (Rule::Linear.healed_input(&[785, 10], x), Rule::Linear.healed(&[785, 10], x)),
            (784, dims(&[DYN, 10]))
        );
        // What was forgotten is a `Flatten`: the layer means what it says.
        let x = dims(&[DYN, 28, 28]);
        assert_eq!(
            (Rule::Linear.healed_input(&[784, 10], x), Rule::Linear.healed(&[784, 10], x)),
            (784, dims(&[DYN, 10]))
        );
        let x = dims(&[DYN, MAX_SIZE, 2]);
        assert_eq!(Rule::Flatten.healed(&[], x), dims(&[DYN, DYN]));
        assert_eq!((healed_size(0), healed_size(DYN), healed_size(7)), (1, 1, 7));
    }
}
