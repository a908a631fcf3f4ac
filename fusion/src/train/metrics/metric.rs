//! What metrics have in common.

/// What is measured of predictions and targets, batch by batch, for code that takes any metric.
///
/// A metric has `update` as a method of its own, so that programs need not name this trait.
///
/// ```
/// use fusion::prelude::*;
/// use fusion::train::metrics::{Accuracy, Metric};
///
/// /// The share of the scores that are not negative.
/// struct Positive(Accuracy);
///
/// impl<S: Shape, T: Float, Y> Metric<Tensor<S, T>, Y> for Positive {
///     fn update(&mut self, scores: &Tensor<S, T>, _: &Y) {
///         let found = scores.to_vec().into_iter().filter(|x| Into::<f64>::into(*x) >= 0.0).count();
///         self.0.count(found as u64, scores.num_elements() as u64);
///     }
///
///     fn values(&self) -> Vec<(String, f64)> {
///         vec![("positive".into(), self.0.value())]
///     }
///
///     fn reset(&mut self) {
///         self.0.reset();
///     }
/// }
///
/// let mut positive = Positive(Accuracy::new());
/// positive.update(&Tensor::from([1.0, -1.0, 2.0, 3.0]), &());
/// assert_eq!(Metric::<Tensor<shape![4]>, ()>::values(&positive), [("positive".to_owned(), 0.75)]);
/// ```
pub trait Metric<P, Y> {
    /// Adds a batch.
    fn update(&mut self, predictions: &P, targets: &Y);

    /// What it has found so far, each number with its name.
    fn values(&self) -> Vec<(String, f64)>;

    /// Forgets all batches.
    fn reset(&mut self);
}

/// The methods of a metric of scores of classes, whose `add` takes a batch, and whose `ignored` is the label that counts for
/// nothing.
macro_rules! of_classes {
    ($Metric:ident) => {
        impl $Metric {
            /// Leaves out samples with this label: -100, say, which losses leave out by themselves.
            #[must_use]
            pub const fn ignore_index(mut self, label: i64) -> Self {
                self.ignored = Some(label);
                self
            }

            /// Adds a batch: scores `[B, C]` and labels `[B]`, or `[B, C, ..]` and `[B, ..]`.
            ///
            /// # Panics
            /// If a label is none of the classes, or two sizes known at run time differ.
            #[track_caller]
            pub fn update<S, L, T: Float>(&mut self, scores: &Tensor<S, T>, labels: &Tensor<L, i64>)
            where
                S: Scores<Labels: SameShape<L>>,
            {
                or_panic(self.try_update(scores, labels));
            }

            /// As `update`, or an error, and then the batch counts for nothing.
            ///
            /// # Errors
            /// [`Error::Index`](crate::Error::Index) if a label is none of the classes, [`Error::Shape`](crate::Error::Shape)
            /// if two sizes known at run time differ.
            pub fn try_update<S, L, T: Float>(&mut self, scores: &Tensor<S, T>, labels: &Tensor<L, i64>) -> Result<()>
            where
                S: Scores<Labels: SameShape<L>>,
            {
                self.add(scores.value().array(), labels.value().array(), None)
            }

            /// Adds those samples of a batch for which the mask is true.
            ///
            /// # Panics
            /// As `update`; the labels of the others may be anything.
            #[track_caller]
            pub fn update_where<S, L, M, T: Float>(
                &mut self,
                scores: &Tensor<S, T>,
                labels: &Tensor<L, i64>,
                mask: &Tensor<M, bool>,
            ) where
                S: Scores<Labels: SameShape<L>>,
                L: SameShape<M>,
            {
                or_panic(self.add(scores.value().array(), labels.value().array(), Some(mask.value().array())));
            }
        }

        impl<S, L, T: Float> super::Metric<Tensor<S, T>, Tensor<L, i64>> for $Metric
        where
            S: Scores<Labels: SameShape<L>>,
        {
            #[track_caller]
            fn update(&mut self, scores: &Tensor<S, T>, labels: &Tensor<L, i64>) {
                or_panic(self.try_update(scores, labels));
            }

            fn values(&self) -> Vec<(String, f64)> {
                self.named_values()
            }

            fn reset(&mut self) {
                $Metric::reset(self);
            }
        }
    };
}
pub(super) use of_classes;

/// The elements of an array of floats, each sample's numbers side by side: axis 1 of `[samples, classes, ..]` goes last.
pub(super) fn rows(scores: &crate::kernels::Array) -> Vec<f64> {
    let rank = scores.shape().rank();
    let order: Vec<usize> = std::iter::once(0).chain(2..rank).chain([1]).collect();
    floats(&scores.permute(&order))
}

/// The elements in C order.
pub(super) fn floats(x: &crate::kernels::Array) -> Vec<f64> {
    crate::kernels::array::copy::cast(x, crate::kernels::DType::F64).to_vec()
}
