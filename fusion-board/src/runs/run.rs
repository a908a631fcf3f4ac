//! A run: what pages are told of it.

use super::curve::{Along, Bucket, Curve, Number, Point, thinned};
use super::folder::Log;
use super::places::{Kind, Place};
use super::reading::Reading;
use crate::request::Problem;
use fusion::log::{Entry, Reader, Record};
use serde::Serialize;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The longest stretch of a file that is read again for a part of a curve, in bytes.
const STRETCH: u64 = 256 << 20;

/// A run in the folder of runs.
#[derive(Debug)]
pub struct Run {
    name: String,
    root: PathBuf,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    log: Log,
    reading: Reading,
    /// When somebody asked for it, by the clock of all that ask.
    asked: u64,
}

/// What a list says of a run.
#[derive(Clone, Debug, Serialize)]
pub struct About {
    /// Its name.
    pub name: String,
    /// The length of its file.
    pub bytes: u64,
    /// How much of that was read.
    pub read: u64,
    /// When it was changed, in seconds since the start of 1970.
    pub modified: f64,
    /// Is it read for somebody who looks at it?
    pub open: bool,
    /// What it was told to do.
    pub settings: Vec<(String, String)>,
    /// Damaged places of its file.
    pub damaged: u64,
    /// Values that were left out, as there are too many names.
    pub left_out: u64,
    /// Why it cannot be read.
    pub problem: Option<String>,
}

/// A point as a page gets it: step, seconds since the run began, value.
type Row = (u64, Number, Number);

/// What is known of each curve of a run.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    /// The run.
    pub name: String,
    /// The share of its file that was read.
    pub read: f64,
    /// Its curves, by name.
    pub curves: Vec<Whole>,
}

/// A curve in a few numbers.
#[derive(Clone, Debug, Serialize)]
pub struct Whole {
    /// Its name.
    pub name: String,
    /// How many values it has.
    pub count: u64,
    /// The lowest finite value; none if none is finite.
    pub min: Option<Row>,
    /// The highest finite value.
    pub max: Option<Row>,
    /// The last value.
    pub last: Row,
}

/// The part of a curve that is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// Along seconds since the run began, instead of steps?
    pub by_time: bool,
    /// From where on.
    pub from: f64,
    /// Up to where.
    pub to: f64,
    /// With about so many points.
    pub points: usize,
}

/// A curve to be drawn.
#[derive(Clone, Debug, Serialize)]
pub struct Drawn {
    /// The run.
    pub run: String,
    /// How many values there are in the part that was asked for.
    pub count: u64,
    /// Are all of them here?
    pub exact: bool,
    /// The share of the file that was read.
    pub read: f64,
    /// Values, so many of them that each peak is there.
    pub points: Vec<Row>,
    /// Means of neighbours, if not all values are here.
    pub means: Option<Vec<Row>>,
}

impl Run {
    pub(crate) fn new(root: &Path, name: &str, log: Log) -> Self {
        let state = State { log, reading: Reading::default(), asked: 0 };
        Self { name: name.to_owned(), root: root.to_owned(), state: Mutex::new(state) }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // What a thread that panicked has left is a part of the file that was not counted.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes notice of how its file is now. Whether that is news.
    pub(crate) fn notice(&self, log: Log) -> bool {
        let mut state = self.state();
        let is_new = state.log != log;
        if is_new {
            // A file that could not be read may be another one by now, and one of the same length too.
            (state.reading.problem, state.reading.rest) = (None, None);
            state.log = log;
        }
        is_new
    }

    /// When it was changed.
    pub(crate) fn modified(&self) -> f64 {
        self.state().log.modified
    }

    /// Is it asked for, at this time of those who ask?
    pub(crate) fn ask(&self, time: u64) {
        let mut state = self.state();
        state.asked = time;
        state.reading.fill();
    }

    /// When somebody asked last, if it is kept for that.
    pub(crate) fn asked(&self) -> Option<u64> {
        let state = self.state();
        state.reading.is_full.then_some(state.asked)
    }

    /// Keeps as little as lists and tables need, or nothing if there is no room.
    pub(crate) fn close(&self, has_room: bool) {
        let mut state = self.state();
        match has_room {
            true => state.reading.outline(),
            false => state.reading = Reading::default(),
        }
    }

    /// How many curves are kept.
    pub(crate) fn curves(&self) -> usize {
        self.state().reading.curves.len()
    }

    /// Up to where it is read, if there is more.
    pub(crate) fn unread(&self) -> Option<u64> {
        let state = self.state();
        (!state.reading.is_done(state.log.bytes)).then_some(state.reading.position)
    }

    /// Reads on for about so many bytes.
    pub(crate) fn read(&self, most: u64) {
        let mut state = self.state();
        let path = state.log.path.clone();
        match self.open(&path) {
            Ok(file) => state.reading.read(file, Path::new(&self.name), most),
            Err(error) => state.reading.problem = Some(format!("{}: {error}", self.name)),
        }
        // What it has grown by in the meantime is seen when the folder is looked at again.
        let reached = state.reading.position + state.reading.rest.unwrap_or_default();
        state.log.bytes = state.log.bytes.max(reached);
    }

    /// Opens the file, if it still lies in the folder of runs.
    fn open(&self, path: &Path) -> io::Result<File> {
        let real = path.canonicalize()?;
        if !real.starts_with(&self.root) {
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, "it lies outside the folder of runs"));
        }
        File::open(real)
    }

    fn reader(&self) -> Result<Reader, Problem> {
        let path = self.state().log.path.clone();
        let file = self.open(&path).map_err(|error| Problem::failed(format_args!("{}: {error}", self.name)))?;
        Ok(Reader::new(file, &self.name))
    }

    /// What a list says of it.
    pub fn about(&self) -> About {
        let state = self.state();
        let State { log, reading, .. } = &*state;
        About {
            name: self.name.clone(),
            bytes: log.bytes,
            read: if reading.is_done(log.bytes) { log.bytes } else { reading.position.min(log.bytes) },
            modified: log.modified,
            open: reading.is_full,
            settings: reading.settings.clone(),
            damaged: reading.damaged,
            left_out: reading.left_out,
            problem: reading.problem.clone(),
        }
    }

    /// What is known of each of its curves.
    pub fn summary(&self) -> Summary {
        let state = self.state();
        let begin = state.reading.begin.unwrap_or_default();
        let mut curves: Vec<Whole> = state
            .reading
            .curves
            .iter()
            .filter_map(|(name, curve)| {
                let all = curve.whole()?;
                let of_finite = |point| (all.finite > 0).then(|| row(point, begin));
                Some(Whole {
                    name: name.clone(),
                    count: all.count,
                    min: of_finite(all.low),
                    max: of_finite(all.high),
                    last: row(all.last, begin),
                })
            })
            .collect();
        curves.sort_by(|a, b| a.name.cmp(&b.name));
        Summary { name: self.name.clone(), read: share(&state), curves }
    }

    /// A part of a curve. What was thinned too much for it is read from the file again.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn curve(&self, name: &str, wanted: Wanted) -> Result<Drawn, Problem> {
        let Wanted { by_time, from, to, points } = wanted;
        let most = (points / 4).max(2);
        let state = self.state();
        let begin = state.reading.begin.unwrap_or_default();
        let along = if by_time { Along::SecondsFrom(begin) } else { Along::Steps };
        let read = share(&state);
        let drawn = |buckets: &[Bucket]| Drawn { run: self.name.clone(), read, ..draw(buckets, begin, points, most) };
        let Some(curve) = state.reading.curves.get(name) else { return Ok(drawn(&[])) };
        let buckets = curve.within(along, from, to);
        let (start, end) = curve.stretch(along, from, to);
        let length = end.unwrap_or(state.reading.position).saturating_sub(start);
        if buckets.len() >= most || buckets.iter().all(|bucket| bucket.count == 1) || length > STRETCH {
            return Ok(drawn(buckets));
        }
        drop(state);
        let mut part = Curve::new(points.max(2));
        let reader = self.reader()?.at(start);
        for entry in reader {
            let Entry { step, seconds, at, record, .. } = entry.map_err(Problem::failed)?;
            if end.is_some_and(|end| at >= end) {
                break;
            }
            let Record::Scalars(values) = record else { continue };
            let own = values.into_iter().filter(|(other, _)| other == name);
            own.for_each(|(_, value)| part.push(Point { step, seconds, value }, at));
        }
        Ok(drawn(part.within(along, from, to)))
    }

    /// Where records of a kind lie, of one name or of all; by name, then by step.
    pub fn places(&self, kind: Kind, name: Option<&str>) -> Vec<Place> {
        let state = self.state();
        let names = state.reading.places.get(&kind).into_iter().flatten();
        let own = names.filter(|(other, _)| name.is_none_or(|name| name == *other));
        own.flat_map(|(name, places)| places.kept().iter().map(|&(step, at)| Place { name: name.clone(), step, at }))
            .collect()
    }

    /// The record that begins at a byte of the file.
    ///
    /// # Errors
    /// If the file cannot be read, or there is no record.
    pub fn entry(&self, at: u64) -> Result<Entry, Problem> {
        let entry = self.reader()?.at(at).next().transpose().map_err(Problem::failed)?;
        entry.filter(|entry| entry.at == at).ok_or_else(|| Problem::missing("there is no such record any more"))
    }
}

fn share(state: &State) -> f64 {
    if state.reading.is_done(state.log.bytes) {
        1.0
    } else {
        state.reading.position as f64 / state.log.bytes.max(1) as f64
    }
}

fn row(point: Point, begin: f64) -> Row {
    (point.step, Number(point.seconds - begin), Number(point.value))
}

fn draw(buckets: &[Bucket], begin: f64, points: usize, most: usize) -> Drawn {
    let count: u64 = buckets.iter().map(|bucket| bucket.count).sum();
    let exact = count <= points as u64 && count == buckets.len() as u64;
    let thin = if exact { buckets.to_vec() } else { thinned(buckets, most) };
    let rows = |points: &mut dyn Iterator<Item = Point>| points.map(|point| row(point, begin)).collect();
    Drawn {
        run: String::new(),
        count,
        exact,
        read: 0.0,
        points: rows(&mut thin.iter().flat_map(Bucket::points)),
        means: (!exact).then(|| rows(&mut thin.iter().filter_map(Bucket::mean))),
    }
}
