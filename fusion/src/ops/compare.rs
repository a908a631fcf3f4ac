//! Comparisons, and what is asked of single elements. The results are truth values, which have no gradient.

use super::binary::check;
use super::operand::{Meets, Operand};
use super::pairs::methods;
use crate::Result;
use crate::dim::Broadcast;
use crate::graph::Value;
use crate::kernels::{Array, DType, elementwise as kernel};
use crate::tensor::{Float, Tensor};

/// The truth values of a mask of zeros and ones.
#[track_caller]
fn truth(mask: Array) -> Value {
    kernel::cast(&mask, DType::Bool).into()
}

/// The comparisons. `$x` and `$y` are their arguments, the mask's and those of its kernel.
macro_rules! comparisons {
    ($($(#[$doc:meta])* $name:ident $try_name:ident $torch:literal: $other:expr => $z:tt |$x:ident, $y:ident| $mask:expr;)*) => {
        $(
            $(#[$doc])*
            #[track_caller]
            pub fn $name($x: Value, $y: &Value) -> Value {
                check(&$x, $y);
                let ($x, $y) = ($x.into_parts().0, $y.array());
                truth($mask)
            }
        )*
        methods! { $($(#[$doc])* $name $try_name $torch bool: [1.0, 2.0, 3.0] $other => $z;)* }
    };
}
comparisons! {
    /// Is each element equal to another? False where one is NaN.
    eq try_eq "eq": 2.0 => [false, true, false] |x, y| kernel::eq_mask(x, y);
    /// Is each element unlike another? True where one is NaN.
    ne try_ne "ne": 2.0 => [true, false, true] |x, y| kernel::rsub_scalar(kernel::eq_mask(x, y), 1.0);
    /// Is each element less than another? False where one is NaN.
    lt try_lt "lt": 2.0 => [true, false, false] |x, y| kernel::lt_mask(x, y);
    /// Is each element at most another? False where one is NaN.
    le try_le "le": 2.0 => [true, true, false] |x, y| kernel::le_mask(x, y);
    /// Is each element greater than another? False where one is NaN.
    gt try_gt "gt": 2.0 => [false, false, true] |x, y| kernel::lt_mask(y.clone(), &x);
    /// Is each element at least another? False where one is NaN.
    ge try_ge "ge": 2.0 => [false, true, true] |x, y| kernel::le_mask(y.clone(), &x);
}

/// Is each element NaN?
#[track_caller]
pub fn is_nan(x: Value) -> Value {
    truth(kernel::nan_mask(x.into_parts().0))
}

/// Is each element neither infinite nor NaN?
#[track_caller]
pub fn is_finite(x: Value) -> Value {
    truth(kernel::finite_mask(x.into_parts().0))
}

impl<S, T: Float> Tensor<S, T> {
    /// Is each element NaN? PyTorch's `isnan`.
    ///
    /// ```
    /// assert_eq!(fusion::Tensor::from([1.0f32, f32::NAN]).is_nan().to_vec(), [false, true]);
    /// ```
    #[doc(alias = "isnan")]
    #[track_caller]
    pub fn is_nan(&self) -> Tensor<S, bool> {
        Tensor::wrap(is_nan(self.value().clone()))
    }

    /// Is each element neither infinite nor NaN? PyTorch's `isfinite`.
    ///
    /// ```
    /// assert_eq!(fusion::Tensor::from([1.0f32, f32::INFINITY]).is_finite().to_vec(), [true, false]);
    /// ```
    #[doc(alias = "isfinite")]
    #[track_caller]
    pub fn is_finite(&self) -> Tensor<S, bool> {
        Tensor::wrap(is_finite(self.value().clone()))
    }
}
