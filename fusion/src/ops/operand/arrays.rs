//! Nested arrays beside tensors, on either side of an operator.

use super::{Operand, Right, Shaped};
use crate::dim::{Broadcast, Dim, Num};
use crate::tensor::{Float, Tensor};
use std::borrow::Cow;

macro_rules! arrays {
    ($($array:ty: [$($N:ident)*];)*) => { $(
        #[diagnostic::do_not_recommend]
        impl<T: Float, $(const $N: usize),*> Operand<T> for $array
        where
            $(Num<$N>: Dim,)*
        {
            type Kind = Shaped<($(Num<$N>,)*)>;

            fn right(&self) -> Right<'_> {
                Right::Tensor(Cow::Owned(Tensor::<($(Num<$N>,)*), T>::from(*self).into_value()))
            }
        }

        left!([$(const $N: usize,)*] [$(Num<$N>: Dim,)*] $array, ($(Num<$N>,)*), x => Tensor::<($(Num<$N>,)*), T>::from(x));
    )* };
}
arrays! {
    [T; A]: [A];
    [[T; B]; A]: [A B];
    [[[T; C]; B]; A]: [A B C];
    [[[[T; D]; C]; B]; A]: [A B C D];
}

#[cfg(test)]
mod tests {
    use crate::Tensor;

    #[test]
    fn arrays_broadcast_and_keep_the_gradient() {
        let x = Tensor::from([[1.0, 2.0], [3.0, 4.0]]).watch();
        assert_eq!((&x + [10.0, 20.0]).to_vec(), [11.0, 22.0, 13.0, 24.0]);
        assert_eq!(([[1.0], [2.0]] - &x).to_vec(), [0.0, -1.0, -1.0, -2.0]);
        let y = [2.0, 4.0] / (x.clone() * [[1.0, 2.0]]);
        assert_eq!(y.to_vec(), [2.0, 1.0, 2.0 / 3.0, 0.5]);
        let grads = y.sum().backward();
        assert_eq!(grads.get(&x).expect("a gradient").to_vec()[..2], [-2.0, -0.5]);
        let double = Tensor::<_, f64>::from([1.0]) * [[[[2.0]]]];
        assert_eq!((double.shape().len(), double.to_vec()), (4, vec![2.0]));
    }
}
