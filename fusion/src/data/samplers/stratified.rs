//! Batches that have each class's share.

use super::super::{Epoch, Sampler};
use super::classes::by_class;
use rand::seq::SliceRandom;

/// Each sample once in a random order, in which every batch has each class's share of the whole, rounded up or down.
///
/// A batch of 10 from 90 samples of one class and 10 of another has 9 and 1; a shuffled one lacks the second class one time
/// in three. [`StratifiedKFold`](super::StratifiedKFold) and
/// [`Dataset::split_stratified`](crate::data::Dataset::split_stratified) do the same for parts of the data.
///
/// ```
/// use fusion::data::{DataLoader, samplers::Stratified};
///
/// let iris = fusion::data::iris();
/// let loader = DataLoader::new(iris.clone(), 30).sampler(Stratified::new(&iris.y.to_vec()));
/// for batch in loader.epoch(0) {
///     let labels = batch?.1.to_vec();
///     assert!((0..3).all(|class| labels.iter().filter(|&&label| label == class).count() == 10));
/// }
/// # Ok::<(), fusion::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Stratified {
    samples: usize,
    classes: Vec<Vec<usize>>,
}

impl Stratified {
    /// Of samples with these labels.
    pub fn new(labels: &[i64]) -> Self {
        Self { samples: labels.len(), classes: by_class(labels).into_values().collect() }
    }
}

impl Sampler for Stratified {
    fn len(&self) -> usize {
        self.samples
    }

    /// Every full batch has the whole part of each class's share, the last one too, which gets the rest of its places from the
    /// largest fractions. What then remains of a class is less than one for each full batch: dealt out in a circle, class after
    /// class, it gives no batch two of one class, and all batches as many.
    fn order(&self, epoch: &mut Epoch) -> Vec<usize> {
        let n = self.samples;
        if n == 0 {
            return Vec::new();
        }
        let size = epoch.batch_size().min(n);
        let rng = epoch.rng();
        let mut classes = self.classes.clone();
        classes.shuffle(rng);
        classes.iter_mut().for_each(|class| class.shuffle(rng));

        let (full, rest) = (n / size, n % size);
        let mut last: Vec<usize> = classes.iter().map(|class| rest * class.len() / n).collect();
        let mut by_fraction: Vec<usize> = (0..classes.len()).collect();
        by_fraction.sort_by_key(|&class| std::cmp::Reverse(rest * classes[class].len() % n));
        let missing = rest - last.iter().sum::<usize>();
        by_fraction[..missing].iter().for_each(|&class| last[class] += 1);

        let mut batches = vec![Vec::with_capacity(size); full];
        let (mut end, mut turn) = (Vec::with_capacity(rest), 0);
        for (class, last) in classes.iter().zip(last) {
            let (those, class) = class.split_at(last);
            end.extend_from_slice(those);
            let (even, more) = class.split_at(full * (size * (class.len() + last) / n));
            let each = even.len() / full;
            for (number, batch) in batches.iter_mut().enumerate() {
                batch.extend_from_slice(&even[number * each..(number + 1) * each]);
            }
            for &sample in more {
                batches[turn % full].push(sample);
                turn += 1;
            }
        }
        batches.shuffle(rng);
        batches.push(end);
        batches.iter_mut().for_each(|batch| batch.shuffle(rng));
        batches.concat()
    }
}
