//! What is learned from data before a network learns: numbers of categories, means, ranges and directions of columns.

mod categories;
mod columns;
mod eigen;
mod min_max;
mod pca;
mod standardize;

pub use categories::Categories;
pub use min_max::MinMax;
pub use pca::Pca;
pub use standardize::Standardizer;

use crate::dim::{Dim, Nat};
use crate::nn::Forward;
use crate::tensor::{Float, Tensor};

/// Each is a layer, which gives what `transform` gives.
macro_rules! layers {
    ($($Fitted:ident<$($param:ident: $bound:ident),*> to $columns:ident;)*) => { $(
        impl<R: Dim, $($param: $bound),*> Forward<Tensor<(R, F), T>> for $Fitted<$($param),*> {
            type Output = Tensor<(R, $columns), T>;

            #[track_caller]
            fn forward(&self, x: Tensor<(R, F), T>) -> Self::Output {
                self.transform(&x)
            }
        }
    )* };
}

layers! {
    MinMax<F: Dim, T: Float> to F;
    Pca<F: Dim, K: Nat, T: Float> to K;
    Standardizer<F: Dim, T: Float> to F;
}
