//! A line in the terminal that shows how far a loop is.

#[cfg(feature = "progress")]
mod line;
#[cfg(not(feature = "progress"))]
#[path = "no_line.rs"]
mod line;

use line::Line;
use std::iter::FusedIterator;

/// How far a loop is, in a line of the terminal: a bar, what the loop says of itself, its rate, and the time left.
///
/// Anything that is gone through has [`progress`](ProgressExt::progress), with a title, or with a `Progress` to which the loop
/// gives its loss:
///
/// ```
/// use fusion::prelude::*;
///
/// let mut rng = StdRng::seed_from_u64(0);
/// let train = fusion::data::digits().map_x(|x| x / 16.0);
/// let mut net = Linear::<dim!(64), dim!(10)>::init(&mut rng);
/// let mut opt = Adam::new(1e-3);
/// let bar = Progress::new("epoch 1");
/// for (x, y) in train.batches(64).shuffle(&mut rng).progress(&bar) {
///     let loss = net.forward(x.trace()).cross_entropy(&y);
///     bar.set("loss", loss.item());
///     opt.step(&mut net, loss.backward());
/// }
/// ```
///
/// ```text
/// epoch 1 [==========>             ] 208/469  loss 0.3127  96.1/s  3s left
/// ```
///
/// The line is drawn with the feature `progress`, to stderr, a few times a second, and goes away when the loop ends, in whatever
/// way. Where stderr is no terminal, and without the feature, nothing is drawn, and the loop is as it would be without.
///
/// A clone is of the same line.
#[derive(Clone, Debug)]
#[doc(alias = "tqdm")]
pub struct Progress {
    line: Line,
}

impl Progress {
    /// A line with this title, which appears when a loop begins.
    pub fn new(title: impl Into<String>) -> Self {
        Self { line: Line::new(title.into()) }
    }

    /// One that is never drawn.
    pub(super) fn hidden() -> Self {
        Self { line: Line::hidden() }
    }

    /// Shows a number by its name: the loss, say. It stays until another is set under that name.
    pub fn set(&self, name: &str, value: impl Into<f64>) {
        self.line.set(name, value.into());
    }
}

impl From<&Progress> for Progress {
    fn from(progress: &Progress) -> Self {
        progress.clone()
    }
}

impl From<&str> for Progress {
    fn from(title: &str) -> Self {
        Self::new(title)
    }
}

impl From<String> for Progress {
    fn from(title: String) -> Self {
        Self::new(title)
    }
}

/// [`Progress`] of whatever is gone through.
pub trait ProgressExt: Iterator + Sized {
    /// The same items, with a line in the terminal: of this title, or a [`Progress`] that the loop holds. Without a number of
    /// items that is known (`size_hint`), it shows how many there were.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let sum: u64 = (0..1000u64).progress("adding").sum();
    /// assert_eq!(sum, 499_500);
    /// ```
    fn progress(self, progress: impl Into<Progress>) -> Tracked<Self> {
        let line = progress.into().line;
        let (low, high) = self.size_hint();
        line.start((high == Some(low)).then_some(low as u64));
        Tracked { items: self, line }
    }
}

impl<I: Iterator> ProgressExt for I {}

/// Items with a line in the terminal. [`ProgressExt::progress`] makes it.
#[derive(Debug)]
#[must_use = "an iterator does nothing until it is asked"]
pub struct Tracked<I> {
    items: I,
    line: Line,
}

impl<I: Iterator> Iterator for Tracked<I> {
    type Item = I::Item;

    // An item counts as done when the next one is asked for.
    fn next(&mut self) -> Option<I::Item> {
        self.line.step();
        self.items.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.items.size_hint()
    }
}

impl<I: ExactSizeIterator> ExactSizeIterator for Tracked<I> {}
impl<I: FusedIterator> FusedIterator for Tracked<I> {}

impl<I> Drop for Tracked<I> {
    fn drop(&mut self) {
        self.line.end();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_items_are_the_same() {
        let mut items = [1, 2, 3].iter().progress("three");
        assert_eq!(items.len(), 3);
        assert_eq!(items.next(), Some(&1));
        assert_eq!((items.len(), items.size_hint()), (2, (2, Some(2))));
        assert!(items.eq([2, 3].iter()));
        let bar = Progress::new("even");
        assert_eq!((0..9).filter(|i| i % 2 == 0).progress(&bar).count(), 5);
        assert_eq!([1, 2].iter().progress(bar).count(), 2);
        assert_eq!(std::iter::empty::<u8>().progress("none".to_owned()).count(), 0);
    }

    #[test]
    fn results_are_items_too() {
        let epoch = || [Ok(1), Ok(2), Err("no such file")].into_iter().progress("epoch 1");
        let sum = || -> Result<i32, &str> {
            let mut sum = 0;
            for item in epoch() {
                sum += item?;
            }
            Ok(sum)
        };
        assert_eq!(sum(), Err("no such file"));
    }
}
