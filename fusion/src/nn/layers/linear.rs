//! The fully connected layer.

use crate::Result;
use crate::dim::{Dim, Features, LastDim};
use crate::graph::Value;
use crate::nn::init::fan_in_uniform;
use crate::nn::macro_support::following::Followed;
use crate::nn::module::Forward;
use crate::ops::matmul::{Activation, linear};
use crate::tensor::{Float, Tensor};
use fusion_macros::Module;
use rand::Rng;

/// `y = x Wᵀ + b`: `[.., I]` to `[.., O]`, for tensors of rank 1 to 6. PyTorch's `nn.Linear`, whose starting values,
/// layouts and names it has: `weight` `[O, I]` and `bias` `[O]`, both uniform in ±1/√I. Without `BIAS` there is none.
///
/// ```
/// use fusion::prelude::*;
///
/// let mut rng = StdRng::seed_from_u64(0);
/// let layer = Linear::<dim!(3), dim!(2)>::init(&mut rng);
/// let y: Tensor<shape![5, 2]> = layer.forward(Tensor::<shape![5, 3]>::ones());
/// let layer = Linear::<dim!(3), dim!(2), false>::init(&mut rng);
/// assert!(layer.bias.is_none());
/// ```
#[doc(alias = "Dense")]
#[derive(Module)]
#[module(layer)]
pub struct Linear<I, O, const BIAS: bool = true, T = f32> {
    /// `[outputs, inputs]`
    #[init(fan_in_uniform(I::N, rng))]
    pub weight: Tensor<(O, I), T>,
    /// `[outputs]`; none without `BIAS`.
    #[init(BIAS.then(|| fan_in_uniform(I::N, rng)))]
    pub bias: Option<Tensor<(O,), T>>,
}

impl<I: Dim, O: Dim, const BIAS: bool, T: Float> Linear<I, O, BIAS, T> {
    /// A fresh one of sizes of which not all are in its type: as many inputs as a file has columns, as many outputs as it
    /// has classes. It starts as `init` does.
    ///
    /// # Errors
    /// If the sizes do not fit the type, or there is no memory for them.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let mut rng = StdRng::seed_from_u64(0);
    /// let layer = Linear::<Dyn, dim!(2)>::init_sized(3, 2, &mut rng)?;
    /// let x = Tensor::<shape![Dyn, Dyn]>::zeros_sized(&[5, 3])?;
    /// let y: Tensor<shape![Dyn, 2]> = layer.forward(x);
    /// assert!(Linear::<Dyn, dim!(2)>::init_sized(3, 4, &mut rng).is_err());
    /// # Ok::<(), fusion::Error>(())
    /// ```
    pub fn init_sized(inputs: usize, outputs: usize, rng: &mut (impl Rng + ?Sized)) -> Result<Self> {
        let bound = 1.0 / (inputs.max(1) as f64).sqrt();
        let weight = Tensor::uniform_sized(-bound, bound, &[outputs, inputs], rng)?.parameter();
        let bias = if BIAS { Some(Tensor::uniform_sized(-bound, bound, &[outputs], rng)?.parameter()) } else { None };
        Ok(Self { weight, bias })
    }
}

impl<I, O, const BIAS: bool, T> Linear<I, O, BIAS, T> {
    /// The layer and [`Relu`](crate::nn::Relu) in one pass over memory.
    #[track_caller]
    pub fn forward_relu<S>(&self, x: Tensor<S, T>) -> Tensor<S::With<O>, T>
    where
        S: LastDim<Last: Features<I>>,
    {
        Tensor::wrap(self.followed(x.into_value(), Activation::Relu))
    }
}

impl<I, O, const BIAS: bool, T> Followed for Linear<I, O, BIAS, T> {
    #[track_caller]
    fn followed(&self, x: Value, activation: Activation) -> Value {
        linear(x, self.weight.value(), self.bias.as_ref().map(Tensor::value), activation)
    }
}

impl<S, I, O, const BIAS: bool, T> Forward<Tensor<S, T>> for Linear<I, O, BIAS, T>
where
    S: LastDim<Last: Features<I>>,
{
    type Output = Tensor<S::With<O>, T>;

    #[track_caller]
    fn forward(&self, x: Tensor<S, T>) -> Self::Output {
        Tensor::wrap(self.followed(x.into_value(), Activation::Identity))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dim::{Dyn, Num};
    use crate::nn::{Init, Module};
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    #[test]
    fn sizes_of_the_run_start_as_those_of_types() {
        let rng = || StdRng::seed_from_u64(7);
        let known = Linear::<Num<3>, Num<2>>::init_with(&mut rng());
        let sized = Linear::<Dyn, Dyn>::init_sized(3, 2, &mut rng()).unwrap();
        assert_eq!(sized.weight.to_vec(), known.weight.to_vec());
        assert_eq!(sized.bias.as_ref().unwrap().to_vec(), known.bias.as_ref().unwrap().to_vec());
        let x = Tensor::<(Dyn, Dyn)>::from_fn_sized(&[4, 3], |i| i as f32).unwrap();
        let grads = sized.forward(x.trace()).sum().backward();
        assert_eq!(grads.get(&sized.weight).unwrap().shape(), [2, 3]);
        assert_eq!(sized.parameters().len(), 2);
        assert!(Linear::<Dyn, Num<2>, false>::init_sized(3, 2, &mut rng()).unwrap().bias.is_none());
    }
}
