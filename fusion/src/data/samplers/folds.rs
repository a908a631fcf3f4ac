//! Cross-validation.

use super::classes::by_class;
use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;

/// Parts samples into `folds` parts, each of which validates once what is trained on the others. scikit-learn: `KFold`.
///
/// ```
/// use fusion::data::samplers::KFold;
///
/// let folds: Vec<_> = KFold::new(3).split(5).collect();
/// assert_eq!(folds[0], (vec![2, 3, 4], vec![0, 1]));
/// assert_eq!(folds[2], (vec![0, 1, 2, 3], vec![4]));
///
/// let iris = fusion::data::iris();
/// for (train, validation) in KFold::new(5).shuffle(0).split(iris.len()) {
///     let (train, validation) = (iris.select(&train), iris.select(&validation));
///     assert_eq!((train.len(), validation.len()), (120, 30));
/// }
/// ```
#[derive(Clone, Copy, Debug)]
#[doc(alias = "cross-validation")]
pub struct KFold {
    folds: usize,
    seed: Option<u64>,
}

impl KFold {
    /// Consecutive samples make a fold; the first folds have one more where sizes are not even.
    ///
    /// # Panics
    /// If there are fewer than two folds.
    #[track_caller]
    pub fn new(folds: usize) -> Self {
        Self { folds: enough(folds), seed: None }
    }

    /// The samples of a fold are any.
    #[must_use]
    pub fn shuffle(self, seed: u64) -> Self {
        Self { seed: Some(seed), ..self }
    }

    /// The numbers of the samples of `samples` that train, and of those that validate, for each fold; in rising order.
    ///
    /// # Panics
    /// If there are fewer samples than folds.
    #[track_caller]
    pub fn split(&self, samples: usize) -> impl ExactSizeIterator<Item = (Vec<usize>, Vec<usize>)> + use<> {
        let folds = self.folds;
        assert!(folds <= samples, "{samples} samples cannot be parted into {folds} folds");
        let sizes = (0..folds).map(|fold| samples / folds + usize::from(fold < samples % folds));
        let mut of: Vec<usize> = sizes.enumerate().flat_map(|(fold, size)| std::iter::repeat_n(fold, size)).collect();
        if let Some(seed) = self.seed {
            of.shuffle(&mut StdRng::seed_from_u64(seed));
        }
        pairs(folds, of)
    }
}

/// As [`KFold`], with each class's share of the whole in every fold. scikit-learn: `StratifiedKFold`.
///
/// ```
/// use fusion::data::samplers::StratifiedKFold;
///
/// let iris = fusion::data::iris();
/// for (train, validation) in StratifiedKFold::new(5).split(&iris.y.to_vec()) {
///     assert_eq!(iris.select(&validation).class_counts()[2], ("virginica".to_string(), 10));
///     assert_eq!(train.len(), 120);
/// }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct StratifiedKFold {
    folds: usize,
    seed: Option<u64>,
}

impl StratifiedKFold {
    /// The samples of a class go to the folds in their order.
    ///
    /// # Panics
    /// If there are fewer than two folds.
    #[track_caller]
    pub fn new(folds: usize) -> Self {
        Self { folds: enough(folds), seed: None }
    }

    /// Which samples of a class go to a fold is left to chance.
    #[must_use]
    pub fn shuffle(self, seed: u64) -> Self {
        Self { seed: Some(seed), ..self }
    }

    /// The numbers of the samples that train, and of those that validate, for each fold; in rising order.
    ///
    /// # Panics
    /// If every class has fewer samples than there are folds. One that has fewer is missing in some.
    #[track_caller]
    pub fn split(&self, labels: &[i64]) -> impl ExactSizeIterator<Item = (Vec<usize>, Vec<usize>)> + use<> {
        let folds = self.folds;
        let mut classes: Vec<Vec<usize>> = by_class(labels).into_values().collect();
        let most = classes.iter().map(Vec::len).max().unwrap_or(0);
        assert!(folds <= most, "no class has as many samples as there are folds: {most} at most, for {folds} folds");
        // Classes come in the order of their first samples. With all labels sorted that way, each fold in turn takes one.
        classes.sort_by_key(|class| class[0]);
        let mut rng = self.seed.map(StdRng::seed_from_u64);
        let (mut of, mut start) = (vec![0; labels.len()], 0);
        for class in &classes {
            let mut turns: Vec<usize> = (start..start + class.len()).map(|place| place % folds).collect();
            start += class.len();
            turns.sort_unstable();
            if let Some(rng) = &mut rng {
                turns.shuffle(rng);
            }
            for (&sample, fold) in class.iter().zip(turns) {
                of[sample] = fold;
            }
        }
        pairs(folds, of)
    }
}

#[track_caller]
fn enough(folds: usize) -> usize {
    assert!(folds >= 2, "a cross-validation of {folds} folds: it needs at least two");
    folds
}

/// For each fold the samples that are not of it, and those that are.
fn pairs(folds: usize, of: Vec<usize>) -> impl ExactSizeIterator<Item = (Vec<usize>, Vec<usize>)> {
    (0..folds).map(move |fold| (0..of.len()).partition(|&sample| of[sample] != fold))
}
