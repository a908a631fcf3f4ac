//! Layers without parameters.

use crate::dim::{Flat, LastDim};
use crate::graph::{Stream, next_default};
use crate::nn::module::Forward;
use crate::ops;
use crate::tensor::Tensor;
use fusion_macros::Module;

/// The layers of the operations that `ops::activation` lists.
macro_rules! activations {
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

/// In training, each element becomes 0 with probability `p` and the others grow by `1 / (1 - p)`; in inference and
/// evaluation nothing happens. PyTorch's `nn.Dropout` (Srivastava et al. 2014).
///
/// Which elements fall depends on the layer's seed and on how many forward passes in training it has made. The seed
/// comes from the generator that the network is made with (`init(&mut rng)`), so one seed gives one run; a clone goes
/// on as the original would. Where several threads train one network at once, their order decides: there, and wherever
/// a pass is to be repeated, `x.trace_with(Trace::training().seed(7))` draws from the trace instead.
///
/// ```
/// use fusion::prelude::*;
///
/// let (layer, x) = (Dropout::new(0.5), Tensor::<shape![1000]>::ones());
/// assert_eq!(layer.forward(x.clone()).to_vec(), x.to_vec());
/// let y = layer.forward(x.trace());
/// assert!(y.to_vec().iter().all(|&y| y == 0.0 || y == 2.0));
/// ```
#[derive(Module)]
#[module(layer)]
pub struct Dropout {
    /// How likely an element falls.
    pub p: f64,
    random: Stream,
}

impl Dropout {
    /// With a seed from the [default generator](crate::manual_seed). Panics unless `0 <= p <= 1`.
    #[track_caller]
    pub fn new(p: f64) -> Self {
        assert!((0.0..=1.0).contains(&p), "Dropout: {p} is not a probability");
        Self { p, random: Stream::new(next_default()) }
    }

    /// The same with this seed.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let x = Tensor::<shape![100]>::ones().trace();
    /// let [a, b] = [7, 7].map(|seed| Dropout::new(0.5).seed(seed).forward(x.clone()).to_vec());
    /// assert_eq!(a, b);
    /// ```
    pub fn seed(self, seed: u64) -> Self {
        Self { random: Stream::new(seed), ..self }
    }
}

impl Default for Dropout {
    /// PyTorch's default, 0.5.
    fn default() -> Self {
        Self::new(0.5)
    }
}

impl<S, T> Forward<Tensor<S, T>> for Dropout {
    type Output = Tensor<S, T>;

    #[track_caller]
    fn forward(&self, x: Tensor<S, T>) -> Tensor<S, T> {
        let value = x.into_value();
        let seed = match value.traced() {
            Some(trace) if trace.is_training() && self.p > 0.0 => {
                trace.given_seed().unwrap_or_else(|| self.random.next())
            }
            _ => return Tensor::wrap(value),
        };
        Tensor::wrap(ops::dropout::dropout(value, self.p, seed))
    }
}

/// Each element where it is positive, else that times `negative_slope`, any shape. PyTorch's `nn.LeakyReLU`.
///
/// ```
/// use fusion::prelude::*;
///
/// assert_eq!(LeakyRelu::new(0.5).forward(Tensor::from([-1.0f32, 2.0])).to_vec(), [-0.5, 2.0]);
/// ```
#[derive(Copy, Module)]
#[module(layer)]
pub struct LeakyRelu {
    /// What negative elements are multiplied by.
    pub negative_slope: f64,
}

impl LeakyRelu {
    /// With this slope.
    pub fn new(negative_slope: f64) -> Self {
        Self { negative_slope }
    }
}

impl Default for LeakyRelu {
    /// PyTorch's default, 0.01.
    fn default() -> Self {
        Self::new(0.01)
    }
}

impl<S, T> Forward<Tensor<S, T>> for LeakyRelu {
    type Output = Tensor<S, T>;

    #[track_caller]
    fn forward(&self, x: Tensor<S, T>) -> Tensor<S, T> {
        Tensor::wrap(ops::activation::leaky_relu(x.into_value(), self.negative_slope))
    }
}
