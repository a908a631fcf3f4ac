//! The samples of each class.

use std::collections::BTreeMap;

/// The samples of each class in their order, by rising label.
pub(in crate::data) fn by_class(labels: &[i64]) -> BTreeMap<i64, Vec<usize>> {
    let mut classes = BTreeMap::<i64, Vec<usize>>::new();
    for (sample, &label) in labels.iter().enumerate() {
        classes.entry(label).or_default().push(sample);
    }
    classes
}
