//! Where a run is: all of it that is no tensor.

use super::folder::Skipped;
use super::generator::SavedRng;
use crate::state::nearest;
use crate::{Error, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Where a training run is: its epoch and step, its metrics, and whatever else its program wants to find again.
///
/// [`Checkpoints::resume`](super::Checkpoints::resume) gives it, at its start or from the latest checkpoint, and
/// [`Checkpoints::save`](super::Checkpoints::save) saves it. Values are anything that serde can write and read: the position
/// of a [`DataLoader`](crate::data), a schedule that learns ([`Plateau`](crate::optim::schedule::Plateau)), a struct of
/// your own, a tuple.
///
/// ```
/// use fusion::prelude::*;
/// use fusion::train::Run;
///
/// let mut run = Run::default();
/// run.step += 1;
/// run.record("accuracy", 0.97);
/// run.set("losses", &[2.5, 0.125])?;
/// assert_eq!((run.metric("accuracy"), run.get::<Vec<f64>>("losses")?), (Some(0.97), Some(vec![2.5, 0.125])));
///
/// // A place keeps what it has if nothing was saved for it.
/// let (mut rng, mut patience) = (ChaCha12Rng::seed_from_u64(0), 5);
/// run.set_rng("rng", &rng);
/// let next: u64 = rng.random();
/// run.restore_rng("rng", &mut rng)?;
/// run.restore("patience", &mut patience)?;
/// assert_eq!((rng.random::<u64>(), patience), (next, 5));
/// # Ok::<(), fusion::Error>(())
/// ```
///
/// A [`Schedule`](crate::optim::Schedule) needs nothing but the step: `schedule.rate(run.step)`.
#[derive(Clone, Debug, Default)]
pub struct Run {
    /// How many epochs went before this one.
    pub epoch: usize,
    /// How many steps were made.
    pub step: usize,
    metrics: BTreeMap<String, f64>,
    values: Map<String, Value>,
    /// The checkpoint that it was read from.
    pub(super) from: Option<PathBuf>,
    pub(super) skipped: Vec<Skipped>,
}

impl Run {
    /// Notes the newest value of a metric, by which [`Checkpoints::best_by`](super::Checkpoints::best_by) chooses. It stays
    /// until there is a newer one.
    pub fn record(&mut self, metric: &str, value: impl Into<f64>) {
        self.metrics.insert(metric.to_owned(), value.into());
    }

    /// The newest value of a metric, if it has one.
    pub fn metric(&self, metric: &str) -> Option<f64> {
        self.metrics.get(metric).copied()
    }

    /// The newest value of each metric, by name.
    pub fn metrics(&self) -> &BTreeMap<String, f64> {
        &self.metrics
    }

    /// Keeps a value under a name, in place of an older one.
    ///
    /// JSON has no numbers that are not finite: serde_json makes `null` of them, which [`get`](Run::get) does not take for
    /// a number.
    ///
    /// # Errors
    /// [`Error::Argument`] if JSON cannot hold the value: a map whose keys are no texts, say.
    pub fn set(&mut self, name: &str, value: &(impl Serialize + ?Sized)) -> Result<()> {
        let value = serde_json::to_value(value).map_err(|error| {
            let problem = format!("the value `{name}` cannot be saved: {error}");
            Error::argument("value", problem)
        })?;
        self.values.insert(name.to_owned(), value);
        Ok(())
    }

    /// The value of a name. A run that begins has none, unless it was set.
    ///
    /// # Errors
    /// [`Error::Format`] if it is not a `T`, or if the run was resumed from a checkpoint without it.
    pub fn get<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>> {
        let Some(value) = self.find(name)? else { return Ok(None) };
        T::deserialize(value).map(Some).map_err(|error| self.wrong(format!("its value `{name}`: {error}")))
    }

    /// Replaces what is in `place` by the value of a name; not in a run that begins.
    ///
    /// # Errors
    /// Those of [`get`](Run::get).
    pub fn restore<T: DeserializeOwned>(&self, name: &str, place: &mut T) -> Result<()> {
        if let Some(value) = self.get(name)? {
            *place = value;
        }
        Ok(())
    }

    /// Keeps where a generator is under a name.
    pub fn set_rng(&mut self, name: &str, rng: &impl SavedRng) {
        self.values.insert(name.to_owned(), rng.to_state().into());
    }

    /// Puts the generator where it was; not in a run that begins.
    ///
    /// # Errors
    /// Those of [`get`](Run::get).
    pub fn restore_rng<R: SavedRng>(&self, name: &str, rng: &mut R) -> Result<()> {
        if let Some(state) = self.get::<String>(name)? {
            *rng = R::from_state(&state).ok_or_else(|| {
                let this = std::any::type_name::<R>().rsplit("::").next().unwrap_or_default();
                self.wrong(format!("its value `{name}` is not the state of a `{this}`"))
            })?;
        }
        Ok(())
    }

    /// The checkpoint from which it was resumed; none if it began with nothing.
    pub fn resumed_from(&self) -> Option<&Path> {
        self.from.as_deref()
    }

    /// The newer files that were found and could not be used: those that were not finished, and damaged ones.
    pub fn skipped(&self) -> &[Skipped] {
        &self.skipped
    }

    fn find(&self, name: &str) -> Result<Option<&Value>> {
        match self.values.get(name) {
            None if self.from.is_some() => {
                let near = nearest(name, self.values.keys().map(String::as_str));
                let near = near.map_or(String::new(), |(_, other)| format!("; the nearest is `{other}`"));
                Err(self.wrong(format!("it has no value `{name}`{near}")))
            }
            found => Ok(found),
        }
    }

    fn wrong(&self, problem: String) -> Error {
        Error::Format { path: self.from.clone().unwrap_or_else(|| "(run)".into()), problem }
    }

    /// As JSON.
    pub(super) fn to_json(&self) -> Value {
        let metrics: Map<_, _> = self.metrics.iter().map(|(name, value)| (name.clone(), number(*value))).collect();
        serde_json::json!({ "epoch": self.epoch, "step": self.step, "metrics": metrics, "values": self.values })
    }

    /// Reads what [`Run::to_json`] wrote; none if it is something else.
    pub(super) fn from_json(json: &mut Value) -> Option<Self> {
        let count = |json: &Value, key: &str| usize::try_from(json.get(key)?.as_u64()?).ok();
        let (epoch, step) = (count(json, "epoch")?, count(json, "step")?);
        let metrics = json.get("metrics")?.as_object()?.iter();
        let metrics = metrics.map(|(name, value)| Some((name.clone(), from_number(value)?)));
        let metrics = metrics.collect::<Option<_>>()?;
        let Value::Object(values) = json.get_mut("values")?.take() else { return None };
        Some(Self { epoch, step, metrics, values, ..Self::default() })
    }
}

/// A number, also one that JSON does not have.
fn number(value: f64) -> Value {
    if value.is_finite() { value.into() } else { value.to_string().into() }
}

fn from_number(value: &Value) -> Option<f64> {
    match value {
        Value::String(text) => text.parse().ok(),
        value => value.as_f64(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_through_json_comes_back_bit_for_bit() {
        let mut run = Run { epoch: 3, step: 7, ..Run::default() };
        let numbers = [0.1, 1.0 / 3.0, f64::MIN_POSITIVE, 5e-324, f64::MAX, -0.0, 0.1 + 0.2, 9_007_199_254_740_993.0];
        for (i, x) in numbers.into_iter().chain([f64::NAN, f64::INFINITY, f64::NEG_INFINITY]).enumerate() {
            run.record(&i.to_string(), x);
        }
        run.set("numbers", &numbers).unwrap();
        run.set("seed", &u64::MAX).unwrap();
        let mut json = serde_json::from_str(&run.to_json().to_string()).unwrap();
        let back = Run::from_json(&mut json).unwrap();
        assert_eq!((back.epoch, back.step), (3, 7));
        for (name, x) in run.metrics() {
            assert!(back.metric(name).unwrap().to_bits() == x.to_bits() || x.is_nan(), "{name}: {x}");
        }
        assert!(back.metric("8").unwrap().is_nan());
        let bits = |x: [f64; 8]| x.map(f64::to_bits);
        assert_eq!(bits(back.get("numbers").unwrap().unwrap()), bits(numbers));
        assert_eq!(back.get::<u64>("seed").unwrap(), Some(u64::MAX));
    }

    #[test]
    fn what_was_not_saved_is_said() {
        let mut run = Run::default();
        assert_eq!(run.get::<u64>("loader").unwrap(), None);
        run.set("loader", &(1, 2)).unwrap();
        run.from = Some("runs/a".into());
        assert_eq!(
            run.get::<u64>("loder").unwrap_err().to_string(),
            "runs/a: it has no value `loder`; the nearest is `loader`"
        );
        let error = run.get::<String>("loader").unwrap_err().to_string();
        assert!(error.starts_with("runs/a: its value `loader`: invalid type: sequence"), "{error}");
        let error = run.restore_rng("loader", &mut rand::make_rng::<rand::rngs::ChaCha8Rng>()).unwrap_err().to_string();
        assert!(error.contains("invalid type"), "{error}");
        run.set("loader", "x").unwrap();
        let error = run.restore_rng("loader", &mut rand::make_rng::<rand::rngs::ChaCha8Rng>()).unwrap_err().to_string();
        assert_eq!(error, "runs/a: its value `loader` is not the state of a `ChaCha8Rng`");
        let keys = BTreeMap::from([((1, 2), 3)]);
        assert!(run.set("map", &keys).unwrap_err().to_string().contains("the value `map` cannot be saved"));
    }
}
