//! Mini-batches.

use super::cut::Cut;
use super::{Dataset, Samples};
use crate::dim::Nat;
use rand::Rng;
use rand::seq::SliceRandom;
use std::iter::FusedIterator;
use std::marker::PhantomData;

/// Which rows come in which batch.
#[derive(Clone, Debug)]
struct Plan {
    /// The samples in the order of an epoch; none for their own order.
    order: Option<Vec<usize>>,
    cut: Cut,
}

impl Plan {
    #[track_caller]
    fn new(rows: usize, size: usize) -> Self {
        Self { order: None, cut: Cut::new(rows, size) }
    }

    #[track_caller]
    fn shuffle(&mut self, rng: &mut (impl Rng + ?Sized), rows: usize) {
        let order = self.order.get_or_insert_with(|| (0..rows).collect());
        order[self.cut.next()..].shuffle(rng);
    }

    /// The next batch. Samples in their own order are not even copied.
    #[track_caller]
    fn batch<X: Samples, Y: Samples>(&mut self, data: &Dataset<X, Y>) -> Option<(X, Y)> {
        let places = self.cut.step()?;
        Some(match &self.order {
            Some(order) => (data.x.gather_samples(&order[places.clone()]), data.y.gather_samples(&order[places])),
            None => (data.x.slice_samples(places.clone()), data.y.slice_samples(places)),
        })
    }
}

impl<X: Samples, Y: Samples> Dataset<X, Y> {
    /// The samples in mini-batches of `size`, in order unless [shuffled](Batches::shuffle), the last one smaller unless
    /// [dropped](Batches::drop_last). PyTorch's `DataLoader`.
    ///
    /// # Panics
    /// If `size` is 0.
    ///
    /// ```
    /// let sizes: Vec<usize> = fusion::data::iris().batches(64).map(|(x, _)| x.shape()[0]).collect();
    /// assert_eq!(sizes, [64, 64, 22]);
    /// ```
    #[doc(alias = "DataLoader")]
    #[track_caller]
    pub fn batches(&self, size: usize) -> Batches<'_, X, Y> {
        Batches::new(self, size)
    }

    /// The samples in mini-batches whose size is in their type. What remains at the end is left out.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let iris = fusion::data::iris();
    /// let batches = iris.batches_of::<dim!(64)>();
    /// assert_eq!(batches.len(), 2);
    /// for (x, y) in batches {
    ///     let _: (Tensor<shape![64, 4]>, Tensor<shape![64], i64>) = (x, y);
    /// }
    /// ```
    #[track_caller]
    pub fn batches_of<N: Nat>(&self) -> BatchesOf<'_, X, Y, N> {
        BatchesOf::new(self)
    }
}

/// The mini-batches of a [`Dataset`]: an iterator over `(x, y)` whose number of rows is a [`Dyn`](crate::dim::Dyn).
///
/// It knows how many batches are left (`len()`), for a progress bar. The batches of a loop take turns in the same
/// memory as long as no more than a few are kept.
///
/// ```
/// use fusion::prelude::*;
///
/// let mut rng = StdRng::seed_from_u64(0);
/// let iris = fusion::data::iris();
/// let batches = iris.batches(32).shuffle(&mut rng).drop_last();
/// assert_eq!(batches.len(), 4);
/// for (x, y) in batches {
///     assert_eq!((x.shape()[0], y.shape()[0]), (32, 32));
/// }
/// ```
#[derive(Clone, Debug)]
#[must_use = "an iterator does nothing until it is asked"]
pub struct Batches<'a, X, Y> {
    data: &'a Dataset<X, Y>,
    plan: Plan,
}

impl<'a, X: Samples, Y: Samples> Batches<'a, X, Y> {
    #[track_caller]
    pub(super) fn new(data: &'a Dataset<X, Y>, size: usize) -> Self {
        Self { data, plan: Plan::new(data.len(), size) }
    }

    /// What is left in a random order, each sample once.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let iris = fusion::data::iris();
    /// let (_, y) = iris.batches(150).shuffle(&mut StdRng::seed_from_u64(0)).next().unwrap();
    /// assert_ne!(y.to_vec(), iris.y.to_vec());
    /// ```
    #[track_caller]
    pub fn shuffle(mut self, rng: &mut (impl Rng + ?Sized)) -> Self {
        self.plan.shuffle(rng, self.data.len());
        self
    }

    /// Without a last batch that is smaller than the others.
    ///
    /// ```
    /// assert_eq!(fusion::data::iris().batches(64).drop_last().len(), 2);
    /// ```
    #[track_caller]
    pub fn drop_last(mut self) -> Self {
        self.plan.cut.drop_last();
        self
    }
}

impl<X: Samples, Y: Samples> Iterator for Batches<'_, X, Y> {
    type Item = (X, Y);

    #[track_caller]
    fn next(&mut self) -> Option<Self::Item> {
        self.plan.batch(self.data)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.plan.cut.len(), Some(self.plan.cut.len()))
    }
}

impl<X: Samples, Y: Samples> ExactSizeIterator for Batches<'_, X, Y> {}
impl<X: Samples, Y: Samples> FusedIterator for Batches<'_, X, Y> {}

/// As [`Batches`], with `N` rows in the type of each batch. What remains at the end is left out.
///
/// ```
/// use fusion::prelude::*;
///
/// let digits = fusion::data::digits();
/// let mut rng = StdRng::seed_from_u64(0);
/// for (x, y) in digits.batches_of::<dim!(256)>().shuffle(&mut rng) {
///     let _: (Tensor<shape![256, 64]>, Tensor<shape![256], i64>) = (x, y);
/// }
/// ```
#[derive(Clone, Debug)]
#[must_use = "an iterator does nothing until it is asked"]
pub struct BatchesOf<'a, X, Y, N> {
    data: &'a Dataset<X, Y>,
    plan: Plan,
    size: PhantomData<fn() -> N>,
}

impl<'a, X: Samples, Y: Samples, N: Nat> BatchesOf<'a, X, Y, N> {
    #[track_caller]
    pub(super) fn new(data: &'a Dataset<X, Y>) -> Self {
        let mut plan = Plan::new(data.len(), N::N);
        plan.cut.drop_last();
        Self { data, plan, size: PhantomData }
    }

    /// What is left in a random order, no sample twice.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let iris = fusion::data::iris();
    /// let mut batches = iris.batches_of::<dim!(50)>().shuffle(&mut StdRng::seed_from_u64(0));
    /// let (_, y) = batches.next().unwrap();
    /// assert_ne!(y.to_vec(), [0; 50]);
    /// ```
    #[track_caller]
    pub fn shuffle(mut self, rng: &mut (impl Rng + ?Sized)) -> Self {
        self.plan.shuffle(rng, self.data.len());
        self
    }
}

impl<X: Samples, Y: Samples, N: Nat> Iterator for BatchesOf<'_, X, Y, N> {
    type Item = (X::Batch<N>, Y::Batch<N>);

    #[track_caller]
    fn next(&mut self) -> Option<Self::Item> {
        self.plan.batch(self.data).map(|(x, y)| (x.with_batch_size(), y.with_batch_size()))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.plan.cut.len(), Some(self.plan.cut.len()))
    }
}

impl<X: Samples, Y: Samples, N: Nat> ExactSizeIterator for BatchesOf<'_, X, Y, N> {}
impl<X: Samples, Y: Samples, N: Nat> FusedIterator for BatchesOf<'_, X, Y, N> {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::ClassificationSet;
    use crate::dim::{Dyn, Num};
    use crate::tensor::Tensor;
    use rand::{SeedableRng, rngs::StdRng};

    /// Sample `i` is `[i, -i]`, its label `10 i`.
    fn numbered(n: usize) -> ClassificationSet<Num<2>> {
        let x = Tensor::from_fn_sized(&[n, 2], |i| (i / 2) as f32 * [1.0, -1.0][i % 2]).unwrap();
        Dataset::new(x, Tensor::from((0..n as i64).map(|i| 10 * i).collect::<Vec<_>>())).unwrap()
    }

    /// The samples of the batches in order; each must be whole.
    fn samples(batches: impl ExactSizeIterator<Item = (Vec<f32>, Vec<i64>)>) -> Vec<Vec<i64>> {
        let left = batches.len();
        let list: Vec<_> = batches
            .map(|(x, y)| {
                let expect: Vec<f32> = y.iter().flat_map(|&y| [y as f32 / 10.0, y as f32 / -10.0]).collect();
                assert_eq!(x, expect);
                y.iter().map(|y| y / 10).collect()
            })
            .collect();
        assert_eq!(list.len(), left);
        list
    }

    #[test]
    fn in_order_with_a_smaller_last_one() {
        let data = numbered(7);
        let batches = |size| samples(data.batches(size).map(|(x, y)| (x.to_vec(), y.to_vec())));
        assert_eq!(batches(3), [vec![0, 1, 2], vec![3, 4, 5], vec![6]]);
        assert_eq!(batches(7), [vec![0, 1, 2, 3, 4, 5, 6]]);
        assert_eq!(batches(100), [vec![0, 1, 2, 3, 4, 5, 6]]);
        assert_eq!(batches(usize::MAX).len(), 1);
        assert_eq!(batches(1).len(), 7);
    }

    #[test]
    fn the_last_one_dropped() {
        let data = numbered(7);
        assert_eq!(data.batches(3).drop_last().len(), 2);
        assert_eq!(data.batches(7).drop_last().len(), 1);
        assert_eq!(data.batches(8).drop_last().len(), 0);
        assert!(data.batches(8).drop_last().next().is_none());
        let mut begun = data.batches(3);
        begun.next();
        assert_eq!(begun.drop_last().len(), 1);
    }

    #[test]
    fn of_nothing() {
        let data = numbered(0);
        assert_eq!(data.batches(4).len(), 0);
        assert!(data.batches(4).shuffle(&mut StdRng::seed_from_u64(0)).next().is_none());
        assert!(data.batches_of::<Num<4>>().next().is_none());
    }

    #[test]
    fn shuffled_is_a_permutation_and_the_seed_decides() {
        let data = numbered(101);
        let epoch =
            |rng: &mut StdRng| samples(data.batches(10).shuffle(rng).map(|(x, y)| (x.to_vec(), y.to_vec()))).concat();
        let mut rng = StdRng::seed_from_u64(5);
        let (first, second) = (epoch(&mut rng), epoch(&mut rng));
        assert_ne!(first, second);
        assert_eq!(epoch(&mut StdRng::seed_from_u64(5)), first);
        for mut order in [first, second] {
            order.sort_unstable();
            assert_eq!(order, (0..101).collect::<Vec<i64>>());
        }
    }

    #[test]
    fn shuffled_on_the_way() {
        let data = numbered(10);
        let mut rng = StdRng::seed_from_u64(5);
        for shuffled_before in [false, true] {
            let mut batches = data.batches(4);
            if shuffled_before {
                batches = batches.shuffle(&mut rng);
            }
            let first = samples([batches.next().unwrap()].into_iter().map(|(x, y)| (x.to_vec(), y.to_vec())));
            let rest = samples(batches.shuffle(&mut rng).map(|(x, y)| (x.to_vec(), y.to_vec())));
            assert_eq!(rest.len(), 2);
            let mut all = [first, rest].concat().concat();
            all.sort_unstable();
            assert_eq!(all, (0..10).collect::<Vec<i64>>());
        }
        let mut batches = data.batches_of::<Num<4>>();
        batches.next();
        let rest = samples(batches.shuffle(&mut rng).map(|(x, y)| (x.to_vec(), y.to_vec()))).concat();
        assert!(rest.len() == 4 && rest.iter().all(|&i| i >= 4), "{rest:?}");
    }

    #[test]
    fn of_a_known_size() {
        let data = numbered(11);
        let mut rng = StdRng::seed_from_u64(5);
        let plain = samples(data.batches_of::<Num<4>>().map(|(x, y)| (x.to_vec(), y.to_vec())));
        assert_eq!(plain, [[0, 1, 2, 3], [4, 5, 6, 7]]);
        let shuffled = samples(data.batches_of::<Num<4>>().shuffle(&mut rng).map(|(x, y)| (x.to_vec(), y.to_vec())));
        let mut seen = shuffled.concat();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), 8);
    }

    #[test]
    fn of_images_and_lists() {
        let images = Tensor::<(Dyn, Num<2>, Num<3>), u8>::from_fn_sized(&[5, 2, 3], |i| i as u8).unwrap();
        let names: Vec<String> = (0..5).map(|i| i.to_string()).collect();
        let data = Dataset::new(images, (names, Tensor::from(vec![false, true, false, true, true]))).unwrap();
        let last = data.batches(2).last().unwrap();
        assert_eq!((last.0.to_vec()[0], last.1.0[0].as_str(), last.1.1.to_vec()), (24, "4", vec![true]));
        let (x, (names, flags)) = data.batches_of::<Num<3>>().next().unwrap();
        let _: Tensor<(Num<3>, Num<2>, Num<3>), u8> = x;
        let _: Tensor<(Num<3>,), bool> = flags;
        assert_eq!(names.len(), 3);
    }

    #[test]
    #[cfg(not(fusion_no_pool))]
    fn batches_take_turns_in_one_buffer() {
        let data = numbered(1000);
        let mut rng = StdRng::seed_from_u64(5);
        let mut places: Vec<_> = (0..3)
            .flat_map(|_| {
                data.batches(100).shuffle(&mut rng).map(|(x, _)| x.as_slice().unwrap().as_ptr()).collect::<Vec<_>>()
            })
            .collect();
        places.sort_unstable();
        places.dedup();
        // Inputs and labels have blocks of one size here, and may change places.
        assert!(places.len() <= 2);
    }

    #[test]
    #[should_panic(expected = "a batch of 0 samples: it needs at least one")]
    fn of_no_size() {
        let _ = numbered(3).batches(0);
    }
}
