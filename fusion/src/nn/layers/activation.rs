//! Layers without parameters.

use crate::dim::{Flat, LastDim};
use crate::kernels::activation::Activation;
use crate::nn::macro_support::following::Activates;
use crate::nn::module::Forward;
use crate::ops;
use crate::tensor::Tensor;
use fusion_macros::Module;

/// The layers of the operations that `ops::activation` lists.
macro_rules! activations {
    ($($(#[$doc:meta])* $Layer:ident $name:ident $torch:literal $x:tt => $y:tt = |$value:ident| $made:expr;)*) => {
        activations! { $($(#[$doc])* $Layer $name $torch $x => $y = $made;)* }
    };
    ($($(#[$doc:meta])* $Layer:ident $name:ident $torch:literal $x:tt => $y:tt = $formula:expr;)*) => { $(
        stateless! {
            $(#[$doc])*
            #[doc = concat!(
                "\n\nAny shape. PyTorch's `nn.", $torch, "`.\n\n```\nuse fusion::prelude::*;\n\nlet x = Tensor::from(",
                stringify!($x), ");\nassert_eq!(", stringify!($Layer), ".forward(x).to_vec(), ", stringify!($y), ");\n```"
            )]
            $Layer
        }

        impl<S, T> Forward<Tensor<S, T>> for $Layer {
            type Output = Tensor<S, T>;
            #[track_caller]
            fn forward(&self, x: Tensor<S, T>) -> Tensor<S, T> {
                Tensor::wrap(ops::activation::$name(x.into_value()))
            }
        }
    )* };
}
ops::activation::with_activations!(activations);
ops::activation::with_composed!(activations);

/// Those with numbers, which are their fields.
macro_rules! activations_with_numbers {
    ($(
        $(#[$doc:meta])* $Layer:ident $name:ident $torch:literal ($($(#[$about:meta])* $number:ident = $default:literal,)*)
            [$($given:literal),*] $x:tt => $y:tt;
    )*) => { $(
        $(#[$doc])*
        #[doc = concat!(
            "\n\nAny shape. PyTorch's `nn.", $torch, "`.\n\n```\nuse fusion::prelude::*;\n\nlet x = Tensor::from(",
            stringify!($x), ");\nassert_eq!(", stringify!($Layer), "::new(", stringify!($($given),*), ").forward(x).to_vec(), ",
            stringify!($y), ");\n```"
        )]
        #[derive(Copy, Module)]
        #[module(layer)]
        pub struct $Layer { $(
            $(#[$about])*
            pub $number: f64,
        )* }

        impl $Layer {
            /// With these numbers.
            pub const fn new($($number: f64),*) -> Self {
                Self { $($number),* }
            }
        }

        impl Default for $Layer {
            /// PyTorch's defaults.
            fn default() -> Self {
                Self::new($($default),*)
            }
        }

        impl<S, T> Forward<Tensor<S, T>> for $Layer {
            type Output = Tensor<S, T>;

            #[track_caller]
            fn forward(&self, x: Tensor<S, T>) -> Tensor<S, T> {
                Tensor::wrap(ops::activation::$name(x.into_value() $(, self.$number)*))
            }
        }
    )* };
}
ops::activation::with_numbers!(activations_with_numbers);

impl Activates for Relu {
    fn activation(&self) -> Activation {
        Activation::Relu
    }
}

impl Activates for LeakyRelu {
    fn activation(&self) -> Activation {
        Activation::LeakyRelu(self.negative_slope)
    }
}

stateless! {
    /// The exponential of each element over the sum of its row's: rows of the last axis that are positive and sum to 1,
    /// any shape of rank 1 to 6. PyTorch's `nn.Softmax(dim=-1)`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let y = Softmax.forward(Tensor::from([[0.0f32, 0.0], [0.0, 1000.0]]));
    /// assert_eq!(y.to_vec(), [0.5, 0.5, 0.0, 1.0]);
    /// ```
    Softmax
    /// The logarithm of [`Softmax`], as precise where softmax itself is 0: any shape of rank 1 to 6. PyTorch's
    /// `nn.LogSoftmax(dim=-1)`. A loss of classes, `cross_entropy`, does it by itself.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let y = LogSoftmax.forward(Tensor::from([[1000.0f32, 0.0]]));
    /// assert_eq!(y.to_vec(), [0.0, -1000.0]);
    /// ```
    LogSoftmax
    /// All axes but the first as one: `[B, C, H, W]` to `[B, C * H * W]`. PyTorch's `nn.Flatten`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let y: Tensor<shape![2, 12]> = Flatten.forward(Tensor::<shape![2, 3, 2, 2]>::zeros());
    /// ```
    Flatten
}

impl<S: LastDim, T> Forward<Tensor<S, T>> for Softmax {
    type Output = Tensor<S, T>;

    #[track_caller]
    fn forward(&self, x: Tensor<S, T>) -> Tensor<S, T> {
        let x = x.into_value();
        Tensor::wrap(ops::softmax::softmax(&x, x.shape().rank() - 1))
    }
}

impl<S: LastDim, T> Forward<Tensor<S, T>> for LogSoftmax {
    type Output = Tensor<S, T>;

    #[track_caller]
    fn forward(&self, x: Tensor<S, T>) -> Tensor<S, T> {
        let x = x.into_value();
        Tensor::wrap(ops::softmax::log_softmax(&x, x.shape().rank() - 1))
    }
}

impl<S: Flat, T> Forward<Tensor<S, T>> for Flatten {
    type Output = Tensor<S::Out, T>;

    #[track_caller]
    fn forward(&self, x: Tensor<S, T>) -> Self::Output {
        let value = x.into_value();
        let mut flat = crate::kernels::Dims::default();
        flat.push(value.shape().get(0));
        flat.push(value.shape().iter().skip(1).product());
        Tensor::wrap(ops::shape::reshape(value, &flat))
    }
}
