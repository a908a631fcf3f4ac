//! A data set: inputs and targets, a row of each for every sample.

use super::samplers::by_class;
use super::{Description, Samples, Unlabelled};
use crate::dim::{Dim, Dyn};
use crate::kernels::Element;
use crate::tensor::Tensor;
use crate::{Error, Result};
use rand::Rng;
use rand::seq::SliceRandom;
use std::sync::Arc;

/// Inputs `x` and targets `y` with as many rows, and what is known about them: names and a source.
///
/// Cloning is as cheap as cloning its tensors.
///
/// ```
/// use fusion::data::Dataset;
/// use fusion::prelude::*;
///
/// let x = Tensor::<shape![Dyn, 2]>::from_vec_sized(vec![0.0, 0.0, 1.0, 1.0, 2.0, 2.0], &[3, 2])?;
/// let y = Tensor::<shape![Dyn], i64>::from(vec![0, 1, 1]);
/// let data = Dataset::new(x, y)?;
/// assert_eq!(data.len(), 3);
/// # Ok::<(), fusion::Error>(())
/// ```
#[derive(Clone, Debug)]
#[doc(alias = "TensorDataset")]
pub struct Dataset<X, Y> {
    /// The inputs, a row for each sample.
    pub x: X,
    /// The targets, a row for each sample.
    pub y: Y,
    about: Arc<About>,
}

/// What is known about a data set besides its numbers.
#[derive(Clone, Debug, Default)]
struct About {
    features: Vec<String>,
    targets: Vec<String>,
    text: String,
}

impl<X: Samples> Dataset<X, Unlabelled> {
    /// Samples without targets: what an autoencoder or a generator learns from.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let data = Dataset::unlabelled(fusion::data::digits().x);
    /// for (x, _) in data.batches(64).shuffle(&mut StdRng::seed_from_u64(0)) {
    ///     let _: Tensor<shape![Dyn, 64]> = x;
    /// }
    /// ```
    pub fn unlabelled(x: X) -> Self {
        let y = Unlabelled(x.num_samples());
        Self { x, y, about: Arc::default() }
    }
}

impl<X: Samples, Y: Samples> Dataset<X, Y> {
    /// A data set of these inputs and targets.
    ///
    /// # Errors
    /// [`Error::Shape`] if they have different numbers of rows.
    ///
    /// ```
    /// use fusion::data::Dataset;
    /// use fusion::prelude::*;
    ///
    /// let x = Tensor::<shape![Dyn, 2]>::zeros_sized(&[3, 2])?;
    /// let error = Dataset::new(x, Tensor::from(vec![0i64, 1])).unwrap_err();
    /// assert_eq!(error.to_string(), "a data set needs a target for each input, but has 3 inputs and 2 targets");
    /// # Ok::<(), fusion::Error>(())
    /// ```
    #[track_caller]
    pub fn new(x: X, y: Y) -> Result<Self> {
        let (inputs, targets) = (x.num_samples(), y.num_samples());
        if inputs != targets {
            return Err(Error::shape(format_args!(
                "a data set needs a target for each input, but has {inputs} inputs and {targets} targets"
            )));
        }
        Ok(Self { x, y, about: Arc::default() })
    }

    /// With a name for each number of a sample.
    ///
    /// # Panics
    /// If there are not as many names.
    ///
    /// ```
    /// use fusion::data::Dataset;
    /// use fusion::prelude::*;
    ///
    /// let x = Tensor::<shape![Dyn, 2]>::zeros_sized(&[3, 2])?;
    /// let data = Dataset::new(x, vec!["a", "b", "c"])?.with_feature_names(["width", "height"]);
    /// assert_eq!(data.feature_names(), ["width", "height"]);
    /// # Ok::<(), fusion::Error>(())
    /// ```
    #[must_use]
    #[track_caller]
    pub fn with_feature_names(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let names: Vec<String> = names.into_iter().map(Into::into).collect();
        let width = self.x.num_features();
        assert!(names.len() == width, "{} names for {width} features", names.len());
        Arc::make_mut(&mut self.about).features = names;
        self
    }

    /// With the names of the classes, or of the columns of the target.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let data = fusion::data::iris().with_target_names(["s", "ve", "vi"]);
    /// assert_eq!(data.class_counts()[2], ("vi".to_string(), 50));
    /// ```
    #[must_use]
    pub fn with_target_names(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Arc::make_mut(&mut self.about).targets = names.into_iter().map(Into::into).collect();
        self
    }

    /// With a line that says what it is and where it comes from.
    ///
    /// ```
    /// use fusion::data::Dataset;
    /// use fusion::prelude::*;
    ///
    /// let x = Tensor::<shape![Dyn, 2]>::zeros_sized(&[3, 2])?;
    /// let data = Dataset::new(x.clone(), x)?.with_description("Three points, all the same");
    /// assert_eq!(data.description(), "Three points, all the same");
    /// # Ok::<(), fusion::Error>(())
    /// ```
    #[must_use]
    pub fn with_description(mut self, text: impl Into<String>) -> Self {
        Arc::make_mut(&mut self.about).text = text.into();
        self
    }

    /// The name of each number of a sample; none if nobody gave them.
    ///
    /// ```
    /// assert_eq!(fusion::data::iris().feature_names()[1], "sepal width (cm)");
    /// ```
    pub fn feature_names(&self) -> &[String] {
        &self.about.features
    }

    /// The names of the classes, or of the columns of the target; none if nobody gave them.
    ///
    /// ```
    /// assert_eq!(fusion::data::iris().target_names(), ["setosa", "versicolor", "virginica"]);
    /// ```
    pub fn target_names(&self) -> &[String] {
        &self.about.targets
    }

    /// What it is and where it comes from.
    ///
    /// ```
    /// assert!(fusion::data::iris().description().contains("Fisher"));
    /// ```
    pub fn description(&self) -> &str {
        &self.about.text
    }

    /// How many samples.
    ///
    /// ```
    /// assert_eq!(fusion::data::digits().len(), 1797);
    /// ```
    #[track_caller]
    pub fn len(&self) -> usize {
        let (inputs, targets) = (self.x.num_samples(), self.y.num_samples());
        assert!(inputs == targets, "a data set of {inputs} inputs and {targets} targets");
        inputs
    }

    /// Has it no samples?
    ///
    /// ```
    /// assert!(!fusion::data::iris().is_empty());
    /// ```
    #[track_caller]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The samples with these numbers, in their order; any may come several times.
    ///
    /// # Panics
    /// If there is no such sample.
    ///
    /// ```
    /// let two = fusion::data::iris().select(&[149, 0]);
    /// assert_eq!(two.y.to_vec(), [2, 0]);
    /// ```
    #[doc(alias = "Subset")]
    #[track_caller]
    pub fn select(&self, samples: &[usize]) -> Self {
        self.len();
        Self { x: self.x.gather_samples(samples), y: self.y.gather_samples(samples), about: self.about.clone() }
    }

    /// Shuffles the samples and parts them into training and test data, the latter `test_fraction` of all, rounded to
    /// the nearest. scikit-learn's `train_test_split`, which rounds up.
    ///
    /// # Panics
    /// If the fraction is not in 0..=1.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let (train, test) = fusion::data::diabetes().split(0.2, &mut StdRng::seed_from_u64(0));
    /// assert_eq!((train.len(), test.len()), (354, 88));
    /// ```
    #[doc(alias = "train_test_split")]
    #[doc(alias = "random_split")]
    #[track_caller]
    pub fn split(&self, test_fraction: f64, rng: &mut (impl Rng + ?Sized)) -> (Self, Self) {
        let tests = share(self.len(), test_fraction);
        let mut order: Vec<usize> = (0..self.len()).collect();
        order.shuffle(rng);
        (self.select(&order[tests..]), self.select(&order[..tests]))
    }

    /// The same samples with other inputs: scaled, cast or reshaped ones. Feature names stay while a sample has as many
    /// numbers.
    ///
    /// # Panics
    /// If the number of rows changes.
    ///
    /// ```
    /// let digits = fusion::data::digits().map_x(|x| x / 16.0); // pixels from 0 to 1
    /// assert_eq!(digits.x.get(&[0, 2]), Some(5.0 / 16.0));
    /// ```
    #[track_caller]
    pub fn map_x<X2: Samples>(self, f: impl FnOnce(&X) -> X2) -> Dataset<X2, Y> {
        let x = f(&self.x);
        let (before, after) = (self.x.num_samples(), x.num_samples());
        assert!(before == after, "map_x makes {after} inputs of {before}: each sample keeps one");
        let mut about = self.about;
        if x.num_features() != self.x.num_features() && !about.features.is_empty() {
            Arc::make_mut(&mut about).features.clear();
        }
        Dataset { x, y: self.y, about }
    }

    /// The same samples with other targets.
    ///
    /// # Panics
    /// If the number of rows changes.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let data = fusion::data::diabetes().map_y(|y| y / 100.0);
    /// assert_eq!(data.y.get(&[0, 0]), Some(1.51));
    /// ```
    #[track_caller]
    pub fn map_y<Y2: Samples>(self, f: impl FnOnce(&Y) -> Y2) -> Dataset<X, Y2> {
        let y = f(&self.y);
        let (before, after) = (self.y.num_samples(), y.num_samples());
        assert!(before == after, "map_y makes {after} targets of {before}: each sample keeps one");
        Dataset { x: self.x, y, about: self.about }
    }
}

impl<X: Samples> Dataset<X, Tensor<(Dyn,), i64>> {
    /// As [`Dataset::split`], with each class's share of the whole in both parts, to within one sample.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let (_, test) = fusion::data::iris().split_stratified(0.2, &mut StdRng::seed_from_u64(0));
    /// assert!(test.class_counts().iter().all(|(_, count)| *count == 10));
    /// ```
    #[track_caller]
    pub fn split_stratified(&self, test_fraction: f64, rng: &mut (impl Rng + ?Sized)) -> (Self, Self) {
        let total = share(self.len(), test_fraction);
        let mut classes = by_class(&self.y.to_vec());
        // Each class gives the whole part of its share; what is missing comes from the largest fractions.
        let exact: Vec<f64> = classes.values().map(|class| class.len() as f64 * test_fraction).collect();
        let mut tests: Vec<usize> = exact.iter().map(|&share| share as usize).collect();
        let missing = total - tests.iter().sum::<usize>();
        let mut by_fraction: Vec<usize> = (0..exact.len()).collect();
        by_fraction.sort_by(|&a, &b| exact[b].fract().total_cmp(&exact[a].fract()));
        for &class in &by_fraction[..missing] {
            tests[class] += 1;
        }
        let (mut train, mut test) = (Vec::new(), Vec::new());
        for (class, n) in classes.values_mut().zip(tests) {
            class.shuffle(rng);
            test.extend_from_slice(&class[..n]);
            train.extend_from_slice(&class[n..]);
        }
        train.shuffle(rng);
        test.shuffle(rng);
        (self.select(&train), self.select(&test))
    }

    /// How many samples each class has, by rising label. A class is called by its name where there is one, else by its
    /// label.
    ///
    /// ```
    /// let counts = fusion::data::breast_cancer().class_counts();
    /// assert_eq!(counts, [("malignant".to_string(), 212), ("benign".to_string(), 357)]);
    /// ```
    pub fn class_counts(&self) -> Vec<(String, usize)> {
        let name = |label: i64| usize::try_from(label).ok().and_then(|label| self.target_names().get(label));
        let named =
            |(label, samples): (i64, Vec<usize>)| (name(label).cloned().unwrap_or(label.to_string()), samples.len());
        by_class(&self.y.to_vec()).into_iter().map(named).collect()
    }
}

impl<F: Dim, T: Element, Y: Samples> Dataset<Tensor<(Dyn, F), T>, Y> {
    /// Count, mean, standard deviation, minimum, quartiles and maximum of each feature. pandas' `describe`.
    ///
    /// ```
    /// let table = fusion::data::iris().describe();
    /// assert_eq!(table.columns[0].name, "sepal length (cm)");
    /// assert!((table.columns[0].mean - 5.8433).abs() < 1e-4);
    /// println!("{table}");
    /// ```
    pub fn describe(&self) -> Description {
        Description::new(&self.x).with_names(self.feature_names())
    }
}

/// How many of `n` samples `fraction` of them are.
#[track_caller]
fn share(n: usize, fraction: f64) -> usize {
    assert!((0.0..=1.0).contains(&fraction), "the share of the test data must be in 0..=1, and is {fraction}");
    (n as f64 * fraction).round() as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{ClassificationSet, moons};
    use crate::dim::Num;
    use rand::{SeedableRng, rngs::StdRng};

    /// Sample `i` is the number `i`, its class `classes[i]`.
    fn numbered(classes: &[i64]) -> ClassificationSet<Num<1>> {
        let x = Tensor::from_fn_sized(&[classes.len(), 1], |i| i as f32).unwrap();
        Dataset::new(x, Tensor::from(classes.to_vec())).unwrap()
    }

    fn rng(seed: u64) -> StdRng {
        StdRng::seed_from_u64(seed)
    }

    /// Every sample is in just one part, with its own label.
    fn check_parts(
        data: &ClassificationSet<Num<1>>,
        train: &ClassificationSet<Num<1>>,
        test: &ClassificationSet<Num<1>>,
    ) {
        let labels = data.y.to_vec();
        let mut seen = Vec::new();
        for part in [train, test] {
            for (x, y) in part.x.to_vec().into_iter().zip(part.y.to_vec()) {
                assert_eq!(labels[x as usize], y);
                seen.push(x as usize);
            }
        }
        seen.sort_unstable();
        assert_eq!(seen, (0..data.len()).collect::<Vec<_>>());
    }

    #[test]
    fn a_split_parts_the_samples() {
        for n in [0, 1, 2, 7, 100] {
            let data = numbered(&(0..n).map(|i| i % 3).collect::<Vec<_>>());
            for fraction in [0.0, 0.2, 0.5, 0.99, 1.0] {
                let tests = (n as f64 * fraction).round() as usize;
                let (train, test) = data.split(fraction, &mut rng(1));
                assert_eq!(test.len(), tests);
                check_parts(&data, &train, &test);
                let (train, test) = data.split_stratified(fraction, &mut rng(1));
                assert_eq!(test.len(), tests);
                check_parts(&data, &train, &test);
            }
        }
    }

    #[test]
    fn a_split_depends_on_the_seed_only() {
        let data = numbered(&[0; 50]);
        let order = |seed| data.split(0.3, &mut rng(seed)).0.x.to_vec();
        assert_eq!(order(3), order(3));
        assert_ne!(order(3), order(4));
        let order = |seed| data.split_stratified(0.3, &mut rng(seed)).0.x.to_vec();
        assert_eq!(order(3), order(3));
        assert_ne!(order(3), order(4));
    }

    #[test]
    fn a_stratified_split_keeps_every_share() {
        // 61, 30, 8 and one sample, labels with gaps and below 0.
        let classes: Vec<i64> = (0..100)
            .map(|i| {
                if i < 61 {
                    -3
                } else if i < 91 {
                    0
                } else if i < 99 {
                    5
                } else {
                    9
                }
            })
            .collect();
        let data = numbered(&classes);
        for fraction in [0.1, 0.2, 0.25, 0.29, 1.0 / 3.0, 0.5, 0.9] {
            let (train, test) = data.split_stratified(fraction, &mut rng(0));
            for (label, n) in [(-3, 61.0), (0, 30.0), (5, 8.0), (9, 1.0)] {
                let tests = test.y.to_vec().iter().filter(|&&y| y == label).count() as f64;
                assert!((tests - n * fraction).abs() < 1.0, "{tests} of {n} samples for {fraction}");
            }
            check_parts(&data, &train, &test);
        }
        assert_eq!(data.class_counts()[0], ("-3".to_string(), 61));
    }

    #[test]
    fn names_stay_with_the_data() {
        let data = numbered(&[0, 1, 1]).with_feature_names(["number"]).with_target_names(["zero", "one"]);
        let (part, _) = data.split(0.5, &mut rng(0));
        assert_eq!((part.feature_names(), part.target_names()), (data.feature_names(), data.target_names()));
        assert_eq!(data.clone().map_x(|x| x * 2.0).feature_names(), ["number"]);
        let wider = data.clone().map_x(|x| Tensor::<(Dyn, Num<2>)>::zeros_sized(&[x.num_samples(), 2]).unwrap());
        assert!(wider.feature_names().is_empty());
        assert_eq!(data.class_counts(), [("zero".to_string(), 1), ("one".to_string(), 2)]);
        assert_eq!(data.map_y(|y| y.cast::<f32>()).y.to_vec(), [0.0, 1.0, 1.0]);
    }

    #[test]
    fn an_empty_one_is_fine() {
        let none = moons(0, 0.1, &mut rng(0));
        assert!(none.is_empty());
        assert_eq!(none.split(0.5, &mut rng(0)).0.len(), 0);
        assert_eq!(none.split_stratified(0.5, &mut rng(0)).1.len(), 0);
        assert_eq!(none.class_counts(), []);
        assert_eq!(none.describe().columns[0].count, 0);
    }

    #[test]
    #[should_panic(expected = "the share of the test data must be in 0..=1, and is 20")]
    fn a_share_above_1() {
        numbered(&[0]).split(20.0, &mut rng(0));
    }

    #[test]
    #[should_panic(expected = "there is no row 3 among 3")]
    fn a_sample_outside() {
        numbered(&[0, 1, 2]).select(&[3]);
    }

    #[test]
    #[should_panic(expected = "2 names for 1 features")]
    fn too_many_names() {
        let _ = numbered(&[0]).with_feature_names(["a", "b"]);
    }
}
