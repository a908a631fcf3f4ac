//! What each layer of the library computes.

use super::graph::{Affine, Convolution, Op, Weights};
use crate::graph::Value;
use crate::kernels::activation::Activation;
use crate::kernels::conv::Window;
use crate::kernels::{Array, Dims};
use crate::nn::layers::{attend_to_itself, shuffle_pixels};
use crate::nn::module::visit::{Argument, Call, Layer};
use crate::ops::{self, activation};
use fusion_rules::model::{Builtin, LayerKind};
use fusion_rules::{Fill, Size};

/// What becomes of a layer.
#[expect(clippy::large_enum_variant, reason = "it is taken apart at once")]
pub enum Made {
    /// Nothing: in inference it gives what it takes.
    Nothing,
    /// An operation and the activation behind it.
    Op(Op, Activation),
}

impl From<Op> for Made {
    fn from(op: Op) -> Self {
        Self::Op(op, Activation::Identity)
    }
}

impl From<Activation> for Made {
    fn from(activation: Activation) -> Self {
        Self::Op(Op::Same, activation)
    }
}

/// A layer with its row and the sizes of its type.
struct Told<'a> {
    layer: &'a Layer<'a>,
    row: &'static Builtin,
    sizes: &'a [Size],
    tensors: Vec<(String, Value)>,
}

/// The operation that a layer of the library is; none if nobody says.
pub fn operation(layer: &Layer<'_>, row: &'static Builtin, sizes: &[Size]) -> Option<Made> {
    let told = Told { layer, row, sizes, tensors: layer.module.tensors() };
    if row.kind == LayerKind::Dropout {
        return Some(Made::Nothing);
    }
    Some(match row.name {
        "Relu" => Activation::Relu.into(),
        "LeakyRelu" => Activation::LeakyRelu(told.number("negative_slope")?).into(),
        "Linear" => Op::Linear(told.weights()?).into(),
        "Conv2d" | "ConvTranspose2d" => Op::Convolution(Convolution {
            weights: told.weights()?,
            window: told.window()?,
            transposed: row.name != "Conv2d",
        })
        .into(),
        "BatchNorm1d" | "BatchNorm2d" => told.batch_norm()?.into(),
        "Upsample" => Op::Upsample(told.size("scale_factor")?).into(),
        "Flatten" => Op::Flatten.into(),
        _ => Op::Call(told.call()?).into(),
    })
}

impl Told<'_> {
    /// A tensor of the layer, in C order.
    fn array(&self, name: &str) -> Option<Array> {
        self.value(name).map(|value| value.array().contiguous())
    }

    /// A tensor of the layer, without a past.
    fn value(&self, name: &str) -> Option<Value> {
        self.tensors.iter().find(|(known, _)| known == name).map(|(_, value)| value.detach())
    }

    /// A tensor of the layer as numbers.
    fn list(&self, name: &str) -> Option<Vec<f64>> {
        self.array(name).map(|array| array.to_vec::<f32>().into_iter().map(f64::from).collect())
    }

    fn weights(&self) -> Option<Weights> {
        Some(Weights { array: self.array("weight")?, scale: None, bias: self.list("bias") })
    }

    fn number(&self, name: &str) -> Option<f64> {
        if let Some(Argument::Number(number)) = self.layer.argument(name) { Some(number) } else { None }
    }

    fn size(&self, name: &str) -> Option<usize> {
        if let Some(Argument::Size(size)) = self.layer.argument(name) { Some(size) } else { None }
    }

    fn flag(&self, name: &str) -> Option<bool> {
        if let Some(Argument::Flag(flag)) = self.layer.argument(name) { Some(flag) } else { None }
    }

    /// The window over images, or over signals, which are images of height 1.
    fn window(&self) -> Option<Window> {
        let groups = self.size("groups").unwrap_or(1);
        let side = |axis| self.row.window(self.sizes, axis);
        match self.row.window_axes() {
            1 => Some(ops::signal::window(side(0), groups)),
            2 => {
                let sides = [side(0), side(1)];
                Some(Window {
                    kernel: sides.map(|side| side.kernel),
                    stride: sides.map(|side| side.stride),
                    padding: sides.map(fusion_rules::Window::pads),
                    dilation: sides.map(|side| side.dilation),
                    groups,
                })
            }
            _ => None,
        }
    }

    /// As numbers that are multiplied and added: `weight / √(variance + eps)`, and what is left of the bias.
    fn batch_norm(&self) -> Option<Op> {
        let eps = self.number("eps")?;
        let [weight, bias, mean, variance] =
            ["weight", "bias", "running_mean", "running_var"].map(|name| self.list(name).unwrap_or_default());
        let of = |channel: usize| {
            let scale = weight[channel] / (variance[channel] + eps).sqrt();
            (scale, bias[channel] - mean[channel] * scale)
        };
        let (scale, shift) = (0..weight.len()).map(of).unzip();
        Some(Op::Affine(Affine { scale, shift, features: self.layer.input.len() == 2 }))
    }

    /// The layer as a function of a value.
    fn call(&self) -> Option<Call> {
        let eps = self.number("eps");
        Some(match self.row.name {
            "Softmax" => Box::new(|x| ops::softmax::softmax(&x, x.shape().rank() - 1)),
            "LogSoftmax" => Box::new(|x| ops::softmax::log_softmax(&x, x.shape().rank() - 1)),
            "PRelu" => {
                let weight = self.value("weight")?;
                Box::new(move |x| activation::prelu(x, &weight))
            }
            "Conv1d" => {
                let (weight, bias, window) =
                    (ops::signal::with_height(self.value("weight")?), self.value("bias"), self.window()?);
                Box::new(move |x| {
                    let x = ops::signal::with_height(x);
                    ops::signal::without_height(ops::conv::conv2d(x, &weight, bias.as_ref(), window))
                })
            }
            "MaxPool1d" => {
                let window = self.window()?;
                Box::new(move |x| {
                    ops::signal::without_height(ops::pool::max_pool2d(ops::signal::with_height(x), window))
                })
            }
            "AvgPool1d" => {
                let window = self.window()?;
                Box::new(move |x| {
                    ops::signal::without_height(ops::pool::avg_pool2d(ops::signal::with_height(x), window))
                })
            }
            "MaxPool2d" => {
                let window = self.window()?;
                Box::new(move |x| ops::pool::max_pool2d(x, window))
            }
            "AvgPool2d" => {
                let window = self.window()?;
                Box::new(move |x| ops::pool::avg_pool2d(x, window))
            }
            "AdaptiveAvgPool2d" => {
                let size = [self.size("height")?, self.size("width")?];
                Box::new(move |x| ops::pool::adaptive_avg_pool2d(x, size))
            }
            "AdaptiveMaxPool2d" => {
                let size = [self.size("height")?, self.size("width")?];
                Box::new(move |x| ops::pool::adaptive_max_pool2d(x, size))
            }
            "GlobalAvgPool2d" => Box::new(|x| ops::reduce::mean(&x, 0b1100, false)),
            "GroupNorm" => {
                let (weight, bias, eps) = (self.value("weight")?, self.value("bias")?, eps?);
                let groups = self.size("num_groups")?;
                Box::new(move |x| ops::norm::group_norm(x, &weight, &bias, groups, eps))
            }
            "LayerNorm" => {
                let (weight, bias, eps) = (self.value("weight")?, self.value("bias")?, eps?);
                Box::new(move |x| ops::norm::layer_norm(x, &weight, &bias, eps))
            }
            "RmsNorm" => {
                let (weight, eps) = (self.value("weight")?, eps?);
                Box::new(move |x| ops::norm::rms_norm(x, &weight, eps))
            }
            "InstanceNorm1d" | "InstanceNorm2d" => {
                let (weight, bias, eps) = (self.value("weight"), self.value("bias"), eps?);
                Box::new(move |x| ops::norm::instance_norm(x, weight.as_ref(), bias.as_ref(), eps))
            }
            "Unflatten" => {
                let [channels, height, width] = [self.size("channels")?, self.size("height")?, self.size("width")?];
                Box::new(move |x| {
                    let shape = Dims::new(&[x.shape().get(0), channels, height, width]);
                    ops::shape::reshape(x, &shape)
                })
            }
            "PixelShuffle" => {
                let scale = self.size("upscale_factor")?;
                Box::new(move |x| shuffle_pixels(x, scale))
            }
            "UpsamplingBilinear2d" => {
                let (scale, corners) = (self.size("scale_factor")?, self.flag("align_corners")?);
                Box::new(move |x| ops::upsample::upsample_bilinear2d(x, [scale; 2], corners))
            }
            "ZeroPad2d" => {
                let padding = self.size("padding")?;
                Box::new(move |x| ops::resize::zero_pad2d(x, padding))
            }
            "ReflectionPad2d" => self.padded(Fill::Reflect)?,
            "ReplicationPad2d" => self.padded(Fill::Replicate)?,
            "Embedding" => {
                let weight = self.value("weight")?;
                Box::new(move |x| ops::embedding::embedding(&weight, x.array()))
            }
            "MultiHeadAttention" => {
                let heads = self.size("num_heads")?;
                let projection = (self.value("in_proj_weight")?, self.value("in_proj_bias")?);
                let out = (self.value("out_proj.weight")?, self.value("out_proj.bias"));
                Box::new(move |x| attend_to_itself(x, (&projection.0, &projection.1), (&out.0, out.1.as_ref()), heads))
            }
            _ => self.activation()?,
        })
    }

    fn padded(&self, fill: Fill) -> Option<Call> {
        let padding = self.size("padding")?;
        Some(Box::new(move |x| ops::resize::pad2d(x, padding, fill)))
    }

    /// An activation, of which [`ops::activation`] has a table.
    fn activation(&self) -> Option<Call> {
        macro_rules! plain {
            ($($(#[$doc:meta])* $Layer:ident $name:ident $torch:literal $x:tt => $y:tt = |$v:ident| $made:expr;)*) => {
                plain! { $($Layer $name $torch $x => $y = $made;)* }
            };
            ($($(#[$doc:meta])* $Layer:ident $name:ident $torch:literal $x:tt => $y:tt = $formula:expr;)*) => {
                match self.row.name {
                    $(stringify!($Layer) => return Some(Box::new(activation::$name)),)*
                    _ => {}
                }
            };
        }
        macro_rules! with_numbers {
            ($(
                $(#[$doc:meta])* $Layer:ident $name:ident $torch:literal
                    ($($(#[$about:meta])* $number:ident = $default:literal,)*)
                    [$($given:literal),*] $x:tt => $y:tt;
            )*) => {
                match self.row.name {
                    $(stringify!($Layer) => {
                        $(let $number = self.number(stringify!($number))?;)*
                        return Some(Box::new(move |x| activation::$name(x $(, $number)*)));
                    })*
                    _ => {}
                }
            };
        }
        activation::with_activations!(plain);
        activation::with_composed!(plain);
        activation::with_numbers!(with_numbers);
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fusion_rules::model::BUILTINS;

    /// A new layer is not forgotten: a network with it would be prepared as a whole, and not be faster.
    #[test]
    fn every_layer_is_there() {
        let known = include_str!("layers.rs");
        let table = include_str!("../../ops/activation.rs");
        for row in BUILTINS.iter().filter(|row| row.kind != LayerKind::Dropout) {
            let there = known.contains(&format!("\"{}\"", row.name)) || table.contains(&format!(" {} ", row.name));
            assert!(there, "{} is not prepared", row.name);
        }
    }
}
