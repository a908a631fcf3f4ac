//! And, or, not and exclusive or of truth values.

use crate::dim::Broadcast;
use crate::graph::Value;
use crate::kernels::{Array, Dims};
use crate::tensor::Tensor;
use std::ops::{BitAnd, BitOr, BitXor, Not};

/// `f` of each two truth values, broadcast.
#[track_caller]
fn join(a: &Value, b: &Value, names: u8, f: impl Fn(bool, bool) -> bool) -> Value {
    let (m, n) = (a.shape().sizes(), b.shape().sizes());
    let joined = super::or_panic(fusion_rules::broadcast(m, n));
    super::or_panic(fusion_rules::same_names(m, n, names));
    let shape = Dims::of_sizes(joined);
    let (a, b) = (a.array().expand(&shape).contiguous(), b.array().expand(&shape).contiguous());
    let (a, b) = (a.as_slice::<bool>().expect("contiguous"), b.as_slice::<bool>().expect("contiguous"));
    Array::from_fn(shape, |i| f(a[i], b[i])).into()
}

/// The opposite of each truth value.
#[track_caller]
fn not(a: &Value) -> Value {
    let a = a.array().contiguous();
    let values = a.as_slice::<bool>().expect("contiguous");
    Array::from_fn(*a.shape(), |i| !values[i]).into()
}

/// The operators of tensors, owned or borrowed.
macro_rules! operators {
    ($($Trait:ident $method:ident |$a:ident, $b:ident| $e:expr;)*) => { $(
        operators!(@ $Trait $method |$a, $b| $e; Tensor<S, bool>, Tensor<R, bool>);
        operators!(@ $Trait $method |$a, $b| $e; Tensor<S, bool>, &Tensor<R, bool>);
        operators!(@ $Trait $method |$a, $b| $e; &Tensor<S, bool>, Tensor<R, bool>);
        operators!(@ $Trait $method |$a, $b| $e; &Tensor<S, bool>, &Tensor<R, bool>);
    )* };
    (@ $Trait:ident $method:ident |$a:ident, $b:ident| $e:expr; $left:ty, $right:ty) => {
        impl<S: Broadcast<R>, R> $Trait<$right> for $left {
            type Output = Tensor<S::Joined, bool>;
            #[track_caller]
            fn $method(self, other: $right) -> Self::Output {
                Tensor::wrap(join(self.value(), other.value(), S::NAMED, |$a, $b| $e))
            }
        }
    };
}
operators! {
    BitAnd bitand |a, b| a & b;
    BitOr bitor |a, b| a | b;
    BitXor bitxor |a, b| a ^ b;
}

impl<S> Not for Tensor<S, bool> {
    type Output = Self;
    #[track_caller]
    fn not(self) -> Self {
        Self::wrap(not(self.value()))
    }
}

impl<S> Not for &Tensor<S, bool> {
    type Output = Tensor<S, bool>;
    #[track_caller]
    fn not(self) -> Tensor<S, bool> {
        Tensor::wrap(not(self.value()))
    }
}

#[test]
fn truth_values_are_joined() {
    use crate::dim::Dyn;
    let a = Tensor::<(Dyn, Dyn), bool>::wrap(Array::from_slice(&[false, true], Dims::new(&[2, 1])).into());
    let b = Tensor::from([false, true]);
    assert_eq!((&a & &b).to_vec(), [false, false, false, true]);
    assert_eq!((a.clone() | &b).to_vec(), [false, true, true, true]);
    assert_eq!((&a ^ b.clone()).to_vec(), [false, true, true, false]);
    assert_eq!((!a & !b).to_vec(), [true, false, false, false]);
}
