//! Arrays and views of ndarray beside tensors, on either side of an operator: their elements are copied.

use super::{Operand, Right, Shaped};
use crate::dim::{Broadcast, Dyn};
use crate::error::or_panic;
use crate::tensor::{Float, Tensor};
use ndarray::{ArrayBase, Data, Ix1, Ix2, Ix3, Ix4};
use std::borrow::Cow;

macro_rules! views {
    ($($Ix:ident $shape:ty;)*) => { $(
        #[diagnostic::do_not_recommend]
        impl<T: Float, D: Data<Elem = T>> Operand<T> for ArrayBase<D, $Ix> {
            type Kind = Shaped<$shape>;

            fn right(&self) -> Right<'_> {
                let tensor = or_panic(Tensor::<$shape, T>::from_ndarray(self));
                Right::Tensor(Cow::Owned(tensor.into_value()))
            }
        }

        #[diagnostic::do_not_recommend]
        impl<T: Float, D: Data<Elem = T>> Operand<T> for &ArrayBase<D, $Ix> {
            type Kind = Shaped<$shape>;

            fn right(&self) -> Right<'_> {
                Operand::<T>::right(*self)
            }
        }

        left!([D: Data<Elem = T>] [] ArrayBase<D, $Ix>, $shape, x => or_panic(Tensor::<$shape, T>::from_ndarray(&x)));
    )* };
}
views! {
    Ix1 (Dyn,);
    Ix2 (Dyn, Dyn);
    Ix3 (Dyn, Dyn, Dyn);
    Ix4 (Dyn, Dyn, Dyn, Dyn);
}

#[cfg(test)]
mod tests {
    use crate::Tensor;
    use crate::dim::Num;
    use ndarray::{arr1, arr2};
    use std::panic::{AssertUnwindSafe, catch_unwind};

    #[test]
    fn views_broadcast_and_are_compared() {
        let x = Tensor::from([[1.0, 2.0], [3.0, 4.0]]);
        let (row, square) = (arr1(&[10.0, 20.0]), arr2(&[[1.0, 2.0], [3.0, 4.0]]));
        let y: Tensor<(Num<2>, Num<2>)> = &x + &row;
        assert_eq!(y.to_vec(), [11.0, 22.0, 13.0, 24.0]);
        let y: Tensor<(Num<2>, Num<2>)> = square.t() - &x;
        assert_eq!(y.to_vec(), [0.0, 1.0, -1.0, 0.0]);
        assert_eq!((row.view() / &x * square.row(0)).to_vec(), [10.0, 20.0, 10.0 / 3.0, 10.0]);
        let other = arr1(&[1.0, 2.0, 3.0]);
        let panic = catch_unwind(AssertUnwindSafe(|| &x * &other)).expect_err("sizes that differ");
        let said = panic.downcast_ref::<String>().expect("a sentence");
        assert!(said.contains("[2, 2] and [3] do not broadcast"), "{said}");
    }
}
