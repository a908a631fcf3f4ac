//! Layers that leave values out at random.

use crate::dim::{Image, Signal};
use crate::graph::{Stream, Value, next_default};
use crate::nn::module::Forward;
use crate::ops;
use crate::tensor::Tensor;
use fusion_macros::Module;

/// Declares the layers: what falls together differs.
macro_rules! dropouts {
    ($($(#[$doc:meta])* $name:ident: $drop:path, $($domain:ident)?;)*) => { $(
        $(#[$doc])*
        #[derive(Module)]
        #[module(layer)]
        pub struct $name {
            /// How likely it falls.
            pub p: f64,
            random: Stream,
        }

        impl $name {
            /// With a seed from the [default generator](crate::manual_seed). Panics unless `0 <= p <= 1`.
            #[track_caller]
            pub fn new(p: f64) -> Self {
                assert!((0.0..=1.0).contains(&p), "{}: {p} is not a probability", stringify!($name));
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

        impl Default for $name {
            /// PyTorch's default, 0.5.
            fn default() -> Self {
                Self::new(0.5)
            }
        }

        impl<S $(: $domain)?, T> Forward<Tensor<S, T>> for $name {
            type Output = Tensor<S, T>;

            #[track_caller]
            fn forward(&self, x: Tensor<S, T>) -> Tensor<S, T> {
                Tensor::wrap(dropped(x.into_value(), self.p, &self.random, $drop))
            }
        }
    )* };
}

/// `x` without what `drop` leaves out of it in training.
#[track_caller]
fn dropped(x: Value, p: f64, random: &Stream, drop: fn(Value, f64, u64) -> Value) -> Value {
    let seed = match x.traced() {
        Some(trace) if trace.is_training() && p > 0.0 => trace.given_seed().unwrap_or_else(|| random.next()),
        _ => return x,
    };
    drop(x, p, seed)
}

dropouts! {
    /// In training, each element becomes 0 with probability `p` and the others grow by `1 / (1 - p)`; in inference and
    /// evaluation nothing happens. PyTorch's `nn.Dropout` (Srivastava et al. 2014).
    ///
    /// Which elements fall depends on the layer's seed and on how many forward passes in training it has made. The seed
    /// comes from the generator that the network is made with (`init(&mut rng)`), so one seed gives one run; a clone goes
    /// on as the original would. Where several threads train one network at once, their order decides: there, and wherever
    /// a pass is to be repeated, `x.trace_with(Trace::training().seed(7))` draws from the trace instead. Where its generator is
    /// stands in [checkpoints](crate::train::Checkpoints), not in files of weights.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let (layer, x) = (Dropout::new(0.5), Tensor::<shape![1000]>::ones());
    /// assert_eq!(layer.forward(x.clone()).to_vec(), x.to_vec());
    /// let y = layer.forward(x.trace());
    /// assert!(y.to_vec().iter().all(|&y| y == 0.0 || y == 2.0));
    /// ```
    Dropout: ops::dropout::dropout,;
    /// As [`Dropout`], of signals `[B, C, L]`, of which whole channels fall: what stands side by side in one says nearly the
    /// same, and would give away what fell. PyTorch's `nn.Dropout1d`. Tompson et al., [Efficient Object Localization Using
    /// Convolutional Networks](https://arxiv.org/abs/1411.4280), 2015.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let y = Dropout1d::new(0.5).forward(Tensor::<shape![2, 8, 3]>::ones().trace());
    /// assert!(y.to_vec().chunks(3).all(|channel| channel == [0.0; 3] || channel == [2.0; 3]));
    /// ```
    Dropout1d: ops::dropout::dropout_channels, Signal;
    /// As [`Dropout1d`], of images `[B, C, H, W]`. PyTorch's `nn.Dropout2d`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let y = Dropout2d::new(0.5).forward(Tensor::<shape![2, 8, 2, 2]>::ones().trace());
    /// assert!(y.to_vec().chunks(4).all(|channel| channel == [0.0; 4] || channel == [2.0; 4]));
    /// ```
    #[doc(alias = "SpatialDropout2D")]
    Dropout2d: ops::dropout::dropout_channels, Image;
}
