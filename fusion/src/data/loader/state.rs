//! Where a loader stands.

use serde::de::{Deserialize, Deserializer, Error as _};
use serde::ser::{Serialize, Serializer};
use std::collections::BTreeMap;

/// Where a [`DataLoader`](super::DataLoader) stands: what comes next, and of which run it is.
///
/// It is a map of four numbers for serde, to be saved with a checkpoint. Only batches that were handed out count, not those
/// that workers had ready.
///
/// ```
/// use fusion::data::{DataLoader, LoaderState};
/// use fusion::prelude::*;
///
/// let loader = DataLoader::new(fusion::data::iris(), 32).shuffle(7);
/// let mut epoch = loader.epoch(3);
/// let two: Vec<_> = epoch.by_ref().take(2).collect();
/// let saved = serde_json::to_string(&loader.state())?;
///
/// // Another process goes on.
/// let loader = DataLoader::new(fusion::data::iris(), 32).shuffle(7);
/// loader.resume(serde_json::from_str(&saved)?)?;
/// let rest = loader.epochs(4).next().unwrap();
/// assert_eq!((rest.number(), rest.len()), (3, 3));
/// for (batch, undisturbed) in rest.zip(epoch) {
///     assert_eq!(batch?.0.to_vec(), undisturbed?.0.to_vec());
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct LoaderState {
    /// The epoch, counted from 0.
    pub epoch: u64,
    /// How many of its batches were handed out.
    pub batch: u64,
    /// How many batches it has in all.
    pub batches: u64,
    /// The seed of the run.
    pub seed: u64,
}

impl LoaderState {
    fn numbers(self) -> [(&'static str, u64); 4] {
        [("epoch", self.epoch), ("batch", self.batch), ("batches", self.batches), ("seed", self.seed)]
    }
}

impl Serialize for LoaderState {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.numbers())
    }
}

impl<'de> Deserialize<'de> for LoaderState {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let numbers = BTreeMap::<String, u64>::deserialize(deserializer)?;
        let number = |name| {
            let found = numbers.get(name).copied();
            found.ok_or_else(|| D::Error::custom(format_args!("the state of a loader has no `{name}`")))
        };
        Ok(Self {
            epoch: number("epoch")?,
            batch: number("batch")?,
            batches: number("batches")?,
            seed: number("seed")?,
        })
    }
}
