//! The table of layers. A layer is one row here and one file in `fusion::nn`.

use super::AxisRule::{Keep, Padded, Param as Is, Reflected, Scaled, Shuffled, Transposed, Window};
use super::{Builtin, Default, Divides, Domain, Fuses, Gives, Keeps, Kind, LayerKind, Param, Work};

const fn param(name: &'static str, kind: Kind, default: Default) -> Param {
    Param { name, kind, default, per_axis: false }
}

/// A size that is always written.
const fn size(name: &'static str) -> Param {
    param(name, Kind::Size, Default::Required)
}

/// What follows from the input.
const fn input(name: &'static str) -> Param {
    param(name, Kind::Input, Default::Required)
}

/// A number that is a field.
const fn number(name: &'static str, default: f64) -> Param {
    param(name, Kind::Number, Default::Number(default))
}

/// Part of a window: a size for each of its axes.
const fn window(name: &'static str, kind: Kind, default: Default) -> Param {
    Param { name, kind, default, per_axis: true }
}

const IN_CHANNELS: Param = input("in_channels");
const OUT_CHANNELS: Param = size("out_channels");
const KERNEL: Param = window("kernel_size", Kind::Size, Default::Required);
const STRIDE: Param = window("stride", Kind::Size, Default::Is(1));
/// A pooling window stands beside the one before.
const NEXT: Param = window("stride", Kind::Size, Default::Like("kernel_size"));
const SAME_PADDING: Param = window("padding", Kind::Padding, Default::Is(0));
const PADDING: Param = window("padding", Kind::Count, Default::Is(0));
const OUTPUT_PADDING: Param = window("output_padding", Kind::Count, Default::Is(0));
const DILATION: Param = window("dilation", Kind::Size, Default::Is(1));
const GROUPS: Param = param("groups", Kind::Divisor, Default::Is(1));
const BIAS: Param = param("bias", Kind::Flag, Default::Is(1));
const EPS: Param = number("eps", 1e-5);

const SIGNAL: Domain = Domain::Channels(1, 1);
const IMAGE: Domain = Domain::Channels(2, 2);

/// A row that names nothing but what it adds to [`Builtin::BARE`].
macro_rules! layers {
    ($($name:ident { $($column:ident: $value:expr),* $(,)? })*) => {
        $(
            #[doc = concat!("The row of `", stringify!($name), "`.")]
            #[allow(non_upper_case_globals)]
            pub const $name: Builtin =
                Builtin { name: stringify!($name), $($column: $value,)* ..Builtin::BARE }.placed();
        )*

        /// Every layer that `model!` knows by name.
        pub const BUILTINS: &[Builtin] = &[$($name),*];
    };
}

layers! {
    Linear {
        kind: LayerKind::Linear,
        params: &[input("in_features"), size("out_features"), BIAS],
        takes: Domain::Features,
        gives: Gives::Last("out_features"),
        work: Work::Dense,
        fuses: Fuses::Activation,
    }
    Relu { kind: LayerKind::Activation, fuses: Fuses::IntoBefore, keeps: Keeps::Output }
    LeakyRelu {
        kind: LayerKind::Activation,
        params: &[number("negative_slope", 0.01)],
        fuses: Fuses::IntoBefore,
    }
    Relu6 { kind: LayerKind::Activation }
    PRelu {
        kind: LayerKind::Activation,
        params: &[input("num_parameters")],
        takes: Domain::Channels(0, 4),
        work: Work::Scale,
        keeps: Keeps::Parts,
    }
    Elu { kind: LayerKind::Activation, params: &[number("alpha", 1.0)] }
    Selu { kind: LayerKind::Activation }
    Celu { kind: LayerKind::Activation, params: &[number("alpha", 1.0)] }
    Gelu { kind: LayerKind::Activation }
    GeluTanh { kind: LayerKind::Activation }
    Silu { kind: LayerKind::Activation }
    Mish { kind: LayerKind::Activation }
    Hardswish { kind: LayerKind::Activation }
    Sigmoid { kind: LayerKind::Activation, keeps: Keeps::Output }
    Tanh { kind: LayerKind::Activation, keeps: Keeps::Output }
    Hardsigmoid { kind: LayerKind::Activation }
    Hardtanh { kind: LayerKind::Activation, params: &[number("min_val", -1.0), number("max_val", 1.0)] }
    Softplus { kind: LayerKind::Activation, params: &[number("beta", 1.0), number("threshold", 20.0)] }
    Softsign { kind: LayerKind::Activation }
    Softshrink { kind: LayerKind::Activation, params: &[number("lambd", 0.5)] }
    Hardshrink { kind: LayerKind::Activation, params: &[number("lambd", 0.5)] }
    Tanhshrink { kind: LayerKind::Activation }
    LogSigmoid { kind: LayerKind::Activation }
    Softmax { kind: LayerKind::Activation, keeps: Keeps::Output }
    LogSoftmax { kind: LayerKind::Activation, keeps: Keeps::Output }
    Dropout { kind: LayerKind::Dropout, params: DROPOUT }
    Dropout1d { kind: LayerKind::Dropout, params: DROPOUT, takes: SIGNAL }
    Dropout2d { kind: LayerKind::Dropout, params: DROPOUT, takes: IMAGE }
    Flatten { kind: LayerKind::Shape, gives: Gives::Flat }
    Conv1d {
        kind: LayerKind::Convolution,
        params: CONVOLUTION,
        takes: SIGNAL,
        gives: Gives::Axes(&[Is("out_channels"), Window]),
        divides: Divides::Channels,
        work: Work::Dense,
        fuses: Fuses::Activation,
    }
    Conv2d {
        kind: LayerKind::Convolution,
        params: CONVOLUTION,
        takes: IMAGE,
        gives: Gives::Axes(&[Is("out_channels"), Window, Window]),
        divides: Divides::Channels,
        work: Work::Dense,
        fuses: Fuses::Activation,
    }
    ConvTranspose2d {
        kind: LayerKind::Convolution,
        params: &[IN_CHANNELS, OUT_CHANNELS, KERNEL, STRIDE, PADDING, OUTPUT_PADDING, GROUPS, BIAS, DILATION],
        takes: IMAGE,
        gives: Gives::Axes(&[Is("out_channels"), Transposed, Transposed]),
        divides: Divides::Channels,
        work: Work::Spread,
        fuses: Fuses::Activation,
    }
    MaxPool1d {
        kind: LayerKind::Pooling,
        params: MAX_POOL,
        takes: SIGNAL,
        gives: Gives::Axes(&[Keep, Window]),
        keeps: Keeps::Places,
    }
    MaxPool2d {
        kind: LayerKind::Pooling,
        params: MAX_POOL,
        takes: IMAGE,
        gives: Gives::Axes(&[Keep, Window, Window]),
        keeps: Keeps::Places,
    }
    AvgPool1d {
        kind: LayerKind::Pooling,
        params: &[KERNEL, NEXT, PADDING],
        takes: SIGNAL,
        gives: Gives::Axes(&[Keep, Window]),
    }
    AvgPool2d {
        kind: LayerKind::Pooling,
        params: &[KERNEL, NEXT, PADDING],
        takes: IMAGE,
        gives: Gives::Axes(&[Keep, Window, Window]),
    }
    AdaptiveAvgPool2d {
        kind: LayerKind::Pooling,
        params: ADAPTIVE,
        takes: IMAGE,
        gives: Gives::Axes(&[Keep, Is("height"), Is("width")]),
    }
    AdaptiveMaxPool2d {
        kind: LayerKind::Pooling,
        params: ADAPTIVE,
        takes: IMAGE,
        gives: Gives::Axes(&[Keep, Is("height"), Is("width")]),
        keeps: Keeps::Places,
    }
    GlobalAvgPool2d { kind: LayerKind::Pooling, takes: IMAGE, gives: Gives::Axes(&[Keep]) }
    BatchNorm1d {
        kind: LayerKind::Norm,
        params: BATCH_NORM,
        takes: Domain::Channels(0, 1),
        work: Work::Affine,
        fuses: Fuses::Sum,
    }
    BatchNorm2d {
        kind: LayerKind::Norm,
        params: BATCH_NORM,
        takes: IMAGE,
        work: Work::Affine,
        fuses: Fuses::Sum,
    }
    GroupNorm {
        kind: LayerKind::Norm,
        params: &[input("num_channels"), param("num_groups", Kind::Divisor, Default::Required), EPS],
        takes: Domain::Channels(0, 4),
        divides: Divides::Channels,
        work: Work::Affine,
    }
    LayerNorm {
        kind: LayerKind::Norm,
        params: &[input("normalized_shape"), EPS],
        takes: Domain::Features,
        work: Work::Affine,
    }
    RmsNorm {
        kind: LayerKind::Norm,
        // The distance from 1 to the next `f32`.
        params: &[input("normalized_shape"), number("eps", f32::EPSILON as f64)],
        takes: Domain::Features,
        work: Work::Scale,
    }
    InstanceNorm1d {
        kind: LayerKind::Norm,
        params: INSTANCE_NORM,
        takes: SIGNAL,
        work: Work::Affine,
    }
    InstanceNorm2d {
        kind: LayerKind::Norm,
        params: INSTANCE_NORM,
        takes: IMAGE,
        work: Work::Affine,
    }
    Unflatten {
        kind: LayerKind::Shape,
        params: &[size("channels"), size("height"), size("width")],
        takes: Domain::Vector,
        gives: Gives::Axes(&[Is("channels"), Is("height"), Is("width")]),
    }
    PixelShuffle {
        kind: LayerKind::Shape,
        params: &[size("upscale_factor")],
        takes: IMAGE,
        gives: Gives::Axes(&[Shuffled("upscale_factor"), Scaled("upscale_factor"), Scaled("upscale_factor")]),
    }
    Upsample {
        kind: LayerKind::Pooling,
        params: &[size("scale_factor")],
        takes: IMAGE,
        gives: Gives::Axes(&[Keep, Scaled("scale_factor"), Scaled("scale_factor")]),
    }
    UpsamplingBilinear2d {
        kind: LayerKind::Pooling,
        params: &[size("scale_factor"), param("align_corners", Kind::Flag, Default::Is(1))],
        takes: IMAGE,
        gives: Gives::Axes(&[Keep, Scaled("scale_factor"), Scaled("scale_factor")]),
    }
    ZeroPad2d {
        kind: LayerKind::Pooling,
        params: &[param("padding", Kind::Count, Default::Required)],
        takes: IMAGE,
        gives: Gives::Axes(&[Keep, Padded("padding"), Padded("padding")]),
    }
    ReflectionPad2d {
        kind: LayerKind::Pooling,
        params: &[param("padding", Kind::Count, Default::Required)],
        takes: IMAGE,
        gives: Gives::Axes(&[Keep, Reflected("padding"), Reflected("padding")]),
    }
    ReplicationPad2d {
        kind: LayerKind::Pooling,
        params: &[param("padding", Kind::Count, Default::Required)],
        takes: IMAGE,
        gives: Gives::Axes(&[Keep, Padded("padding"), Padded("padding")]),
    }
    Embedding {
        kind: LayerKind::Embedding,
        params: &[size("num_embeddings"), size("embedding_dim")],
        takes: Domain::Indices,
        gives: Gives::Push("embedding_dim"),
        work: Work::Table,
    }
    MultiHeadAttention {
        kind: LayerKind::Attention,
        params: &[input("embed_dim"), param("num_heads", Kind::Divisor, Default::Required)],
        takes: Domain::Sequence,
        divides: Divides::Features,
        work: Work::Attention,
    }
}

const CONVOLUTION: &[Param] = &[IN_CHANNELS, OUT_CHANNELS, KERNEL, STRIDE, SAME_PADDING, DILATION, GROUPS, BIAS];
const MAX_POOL: &[Param] = &[KERNEL, NEXT, PADDING, DILATION];
const BATCH_NORM: &[Param] = &[input("num_features"), EPS, number("momentum", 0.1)];
const INSTANCE_NORM: &[Param] = &[input("num_features"), param("affine", Kind::Flag, Default::Is(0)), EPS];
const DROPOUT: &[Param] = &[param("p", Kind::Probability, Default::Number(0.5))];
const ADAPTIVE: &[Param] = &[size("height"), param("width", Kind::Size, Default::Like("height"))];
