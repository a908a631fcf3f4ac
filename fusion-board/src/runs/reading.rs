//! What was read of a run's file so far.

use super::curve::{Curve, Point};
use super::places::{Kind, Places};
use fusion::log::{Entry, Reader, Record};
use std::collections::{BTreeMap, HashMap};
use std::fs::{File, Metadata};
use std::path::Path;

/// Curves and other names of a run that are kept.
const NAMES: usize = 4096;
/// The longest name, in bytes.
const NAME: usize = 1024;
/// Bytes of settings that are kept, of all and of one.
const SETTINGS: usize = 32 << 10;
const SETTING: usize = 2000;
/// Buckets of a curve of a run that nobody looks at.
const OUTLINE: usize = 8;
/// Buckets of a curve of a run that is looked at, and of all of its curves together.
const FULL: usize = 2048;
const BUDGET: usize = 100_000;

/// What is known of a run's file.
#[derive(Debug, Default)]
pub struct Reading {
    /// Up to where the file is read.
    pub position: u64,
    /// How many bytes lie behind that and are no record yet; none if there may be more records.
    pub rest: Option<u64>,
    /// Which file it is; a run that is started anew has another one.
    identity: Option<(u64, u64)>,
    /// Is it read for somebody who looks at it?
    pub is_full: bool,
    /// The time of the first record.
    pub begin: Option<f64>,
    /// By name.
    pub curves: HashMap<String, Curve>,
    /// Where the records of other kinds lie, by kind and name.
    pub places: BTreeMap<Kind, BTreeMap<String, Places>>,
    /// What the run was told to do.
    pub settings: Vec<(String, String)>,
    /// Damaged places of the file.
    pub damaged: u64,
    /// Values and records that were left out, as there are too many names.
    pub left_out: u64,
    /// Why it cannot be read.
    pub problem: Option<String>,
}

fn identity(about: &Metadata) -> (u64, u64) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        (about.dev(), about.ino())
    }
    #[cfg(not(unix))]
    {
        let created = about.created().ok().and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
        (0, created.map_or(0, |time| time.as_nanos() as u64))
    }
}

impl Reading {
    /// Is there nothing more to read in a file of so many bytes?
    pub fn is_done(&self, bytes: u64) -> bool {
        self.problem.is_some() || self.rest.is_some_and(|rest| self.position + rest >= bytes)
    }

    /// Reads on for about so many bytes.
    pub fn read(&mut self, file: File, path: &Path, most: u64) {
        let Ok(about) = file.metadata() else { return };
        if self.identity.is_some_and(|known| known != identity(&about)) || about.len() < self.position {
            *self = Self { is_full: self.is_full, ..Self::default() };
        }
        self.identity = Some(identity(&about));
        let end = self.position.saturating_add(most);
        let mut reader = Reader::new(file, path).at(self.position);
        (self.problem, self.rest) = (None, None);
        while reader.position() < end {
            match reader.next() {
                Some(Ok(entry)) => self.add(entry),
                Some(Err(error)) => {
                    self.problem = Some(error.to_string());
                    break;
                }
                None => {
                    self.rest = Some(reader.rest());
                    break;
                }
            }
        }
        self.position = reader.position();
        self.damaged += reader.damaged();
    }

    fn add(&mut self, entry: Entry) {
        let Entry { step, seconds, at, record, .. } = entry;
        if self.begin.is_none() && seconds.is_finite() {
            self.begin = Some(seconds);
        }
        match record {
            Record::Scalars(values) => {
                values.into_iter().for_each(|(name, value)| self.value(name, Point { step, seconds, value }, at));
            }
            Record::Settings(settings) => settings.into_iter().for_each(|(name, value)| self.setting(name, value)),
            other => {
                let Some((kind, name)) = Kind::of(&other) else { return };
                let count: usize = self.places.values().map(BTreeMap::len).sum();
                let names = self.places.entry(kind).or_default();
                if let Some(places) = names.get_mut(name) {
                    places.push(step, at);
                } else if count < NAMES && name.len() <= NAME {
                    names.entry(name.to_owned()).or_default().push(step, at);
                } else {
                    self.left_out += 1;
                }
            }
        }
    }

    fn value(&mut self, name: String, point: Point, at: u64) {
        if let Some(curve) = self.curves.get_mut(&name) {
            curve.push(point, at);
        } else if self.curves.len() < NAMES && name.len() <= NAME {
            let count = self.curves.len() + 1;
            self.curves.entry(name).or_insert_with(|| Curve::new(buckets(self.is_full, count))).push(point, at);
            // Where curves are twice as many, each has half as much.
            if self.is_full && count.is_power_of_two() {
                self.limit();
            }
        } else {
            self.left_out += 1;
        }
    }

    fn setting(&mut self, name: String, mut value: String) {
        if value.len() > SETTING {
            let end = value.floor_char_boundary(SETTING);
            value.truncate(end);
            value.push('…');
        }
        let bytes: usize = self.settings.iter().map(|(name, value)| name.len() + value.len()).sum();
        if bytes + name.len() + value.len() > SETTINGS {
            self.left_out += 1;
        } else if let Some((_, known)) = self.settings.iter_mut().find(|(known, _)| *known == name) {
            *known = value;
        } else if name.len() <= NAME {
            self.settings.push((name, value));
        } else {
            self.left_out += 1;
        }
    }

    fn limit(&mut self) {
        let most = buckets(self.is_full, self.curves.len());
        self.curves.values_mut().for_each(|curve| curve.limit(most));
    }

    /// Keeps as much as one wants to know who looks at it. A file of which too little was kept is read again.
    pub fn fill(&mut self) {
        if self.is_full {
            return;
        }
        self.is_full = true;
        if self.curves.values().all(Curve::is_exact) {
            self.limit();
        } else {
            *self = Self {
                is_full: true,
                identity: self.identity,
                settings: std::mem::take(&mut self.settings),
                ..Self::default()
            };
        }
    }

    /// Keeps as little as lists and tables need.
    pub fn outline(&mut self) {
        self.is_full = false;
        self.limit();
    }
}

fn buckets(is_full: bool, curves: usize) -> usize {
    if is_full { (BUDGET / curves.next_power_of_two()).clamp(64, FULL) } else { OUTLINE }
}
