//! What the board knows: the runs of a folder, and which data may be shown.

use crate::request::Problem;
use crate::runs::{Kind, Run, find};
use fusion::log::Entry;
use fusion_web::Fault;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};
use tokio::sync::broadcast;

/// How often the folder is looked at while a page is open.
const SCAN: Duration = Duration::from_secs(1);
/// How often pages are told what has grown.
const TELL: Duration = Duration::from_millis(500);
/// How long the reader works before it looks around.
const TURN: Duration = Duration::from_millis(50);
/// How many bytes are read at once of a run that is looked at, and of another.
const PART: u64 = 2 << 20;
const GLANCE: u64 = 256 << 10;
/// How many runs are kept in full.
const FULL: usize = 16;
/// How many curves are kept of all runs together. Beyond that runs are read only when they are looked at.
const CURVES: usize = 200_000;
/// How long an answer waits for a run that is read for the first time.
const PATIENCE: Duration = Duration::from_millis(100);

/// What pages are told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// `grown`, with the runs of which more is known, or `list`, when there are other runs than before.
    pub name: &'static str,
    /// JSON.
    pub data: String,
}

/// The runs of a folder and what is known of them; a clone is the same board.
///
/// A thread reads runs while somebody looks: those that are asked for first, others for lists and tables. It ends with the last
/// clone.
#[derive(Clone, Debug)]
pub struct Board(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// The folder of runs, without links in its path.
    root: PathBuf,
    data: Vec<PathBuf>,
    listing: Mutex<Listing>,
    /// When the folder was looked at.
    scanned: Mutex<Option<Instant>>,
    /// Grows with each question for a run.
    clock: AtomicU64,
    events: broadcast::Sender<Event>,
    wake: Arc<Wake>,
}

#[derive(Debug, Default)]
struct Listing {
    runs: BTreeMap<String, Arc<Run>>,
    has_more: bool,
    /// Runs of which pages are to be told.
    grown: BTreeSet<String>,
}

/// What wakes the reader.
#[derive(Debug, Default)]
struct Wake {
    asked: Mutex<bool>,
    bell: Condvar,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Wake {
    fn ring(&self) {
        *locked(&self.asked) = true;
        self.bell.notify_one();
    }

    fn wait(&self, most: Duration) {
        let asked = locked(&self.asked);
        let waited = self.bell.wait_timeout_while(asked, most, |asked| !*asked);
        *waited.unwrap_or_else(PoisonError::into_inner).0 = false;
    }
}

impl Board {
    /// A board of the runs below a folder, which a training may make later, and of these data sets: files, or folders of images.
    ///
    /// # Errors
    /// If what shall be the folder of runs is none, if a data set is not there, or if there is no thread for the reader.
    pub fn open(root: impl AsRef<Path>, data: Vec<PathBuf>) -> Result<Self, Fault> {
        let root = real(root.as_ref())?;
        for path in &data {
            path.metadata().map_err(|error| Fault::file(path, error))?;
        }
        let inner = Arc::new(Inner {
            root,
            data,
            listing: Mutex::default(),
            scanned: Mutex::default(),
            clock: AtomicU64::new(0),
            events: broadcast::Sender::new(64),
            wake: Arc::default(),
        });
        let (reader, wake) = (Arc::downgrade(&inner), Arc::clone(&inner.wake));
        thread::Builder::new().name("board reader".into()).spawn(move || read(&reader, &wake)).map_err(Fault::new)?;
        Ok(Self(inner))
    }

    /// The data sets that may be shown.
    pub fn data(&self) -> &[PathBuf] {
        &self.0.data
    }

    /// What pages are told from now on. While somebody listens the folder is watched.
    pub fn listen(&self) -> broadcast::Receiver<Event> {
        let events = self.0.events.subscribe();
        self.0.wake.ring();
        events
    }

    /// All runs, the newest first, and whether there are more than are shown.
    pub fn runs(&self) -> (Vec<Arc<Run>>, bool) {
        self.0.scan();
        self.0.wake.ring();
        let listing = locked(&self.0.listing);
        let mut runs: Vec<(f64, Arc<Run>)> =
            listing.runs.values().map(|run| (run.modified(), Arc::clone(run))).collect();
        runs.sort_by(|(a, _), (b, _)| b.total_cmp(a));
        (runs.into_iter().map(|(_, run)| run).collect(), listing.has_more)
    }

    /// Runs that somebody looks at. They are read first from now on; the answer waits for that, but no longer than a tenth of a
    /// second.
    ///
    /// # Errors
    /// If there is no run of one of these names.
    pub fn runs_of(&self, names: &[String]) -> Result<Vec<Arc<Run>>, Problem> {
        let known = |name: &String| locked(&self.0.listing).runs.get(name).map(Arc::clone);
        let find = |name| {
            let found = known(name).or_else(|| {
                self.0.scan();
                known(name)
            });
            found.ok_or_else(|| Problem::missing(format_args!("there is no run `{name}`")))
        };
        let runs: Vec<Arc<Run>> = names.iter().map(find).collect::<Result<_, _>>()?;
        runs.iter().for_each(|run| run.ask(self.0.clock.fetch_add(1, Ordering::Relaxed)));
        let start = Instant::now();
        while runs.iter().any(|run| run.unread().is_some()) && start.elapsed() < PATIENCE {
            self.0.wake.ring();
            thread::sleep(Duration::from_millis(2));
        }
        Ok(runs)
    }

    /// A run that somebody looks at, as [`runs_of`](Self::runs_of) gives it.
    ///
    /// # Errors
    /// If there is no run of this name.
    pub fn run(&self, name: &str) -> Result<Arc<Run>, Problem> {
        self.runs_of(&[name.to_owned()]).map(|mut runs| runs.remove(0))
    }

    /// The records of a kind of a run, of one name or of all, those of a name in the order of their steps: of each name the last
    /// `most` of those whose places are kept, which are at most 256 over the whole run.
    ///
    /// # Errors
    /// If there is no such run, or it cannot be read.
    pub fn entries(&self, run: &str, kind: Kind, name: Option<&str>, most: usize) -> Result<Vec<Entry>, Problem> {
        let run = self.run(run)?;
        let places = run.places(kind, name);
        let of_one_name = places.chunk_by(|a, b| a.name == b.name);
        let last = of_one_name.flat_map(|places| &places[places.len().saturating_sub(most)..]);
        last.map(|place| run.entry(place.at)).collect()
    }
}

/// The path of a folder without links; the folder itself may be missing.
fn real(path: &Path) -> Result<PathBuf, Fault> {
    let failed = |error| Fault::file(path, error);
    match path.canonicalize() {
        Ok(real) if real.is_dir() => Ok(real),
        Ok(_) => Err(Fault::file(path, "it is no folder")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let whole = std::path::absolute(path).map_err(failed)?;
            match (whole.parent(), whole.file_name()) {
                (Some(parent), Some(name)) => Ok(parent.canonicalize().map_err(failed)?.join(name)),
                _ => Err(failed(error)),
            }
        }
        Err(error) => Err(failed(error)),
    }
}

impl Inner {
    /// Looks at the folder, unless that was done a moment ago.
    fn scan(&self) {
        // Others wait for what is found, and those who ask for runs that are known do not.
        let mut scanned = locked(&self.scanned);
        if scanned.is_some_and(|time| time.elapsed() < SCAN) {
            return;
        }
        let found = find(&self.root);
        *scanned = Some(Instant::now());
        let mut listing = locked(&self.listing);
        let mut is_other = listing.runs.len() != found.runs.len();
        listing.runs.retain(|name, _| found.runs.contains_key(name));
        for (name, log) in found.runs {
            if let Some(run) = listing.runs.get(&name) {
                if run.notice(log) {
                    listing.grown.insert(name);
                }
            } else {
                is_other = true;
                let run = Arc::new(Run::new(&self.root, &name, log));
                listing.runs.insert(name, run);
            }
        }
        listing.has_more = found.has_more;
        if is_other {
            // Nobody who listens is no problem.
            let _ = self.events.send(Event { name: "list", data: "{}".into() });
        }
    }

    /// Reads for a while: runs that are looked at, and, if `all`, the others, those first of which least is known. Whether there
    /// was something to read.
    fn read_some(&self, all: bool) -> bool {
        let runs: Vec<Arc<Run>> = locked(&self.listing).runs.values().map(Arc::clone).collect();
        let mut open: Vec<(u64, &Arc<Run>)> = runs.iter().filter_map(|run| Some((run.asked()?, run))).collect();
        open.sort_by_key(|(asked, _)| std::cmp::Reverse(*asked));
        let has_room = runs.iter().map(|run| run.curves()).sum::<usize>() < CURVES;
        open.iter().skip(FULL).for_each(|(_, run)| run.close(has_room));
        let of_open = open.iter().take(FULL).map(|(_, run)| *run).filter(|run| run.unread().is_some());
        let mut queue: Vec<(&Arc<Run>, u64)> = of_open.map(|run| (run, PART)).collect();
        if queue.is_empty() && all && has_room {
            let mut others: Vec<(u64, &Arc<Run>)> = runs.iter().filter_map(|run| Some((run.unread()?, run))).collect();
            others.sort_by_key(|(position, _)| *position);
            queue.extend(others.into_iter().map(|(_, run)| (run, GLANCE)));
        }
        let start = Instant::now();
        let mut grown = Vec::new();
        for (run, part) in &queue {
            run.read(*part);
            grown.push(run.name().to_owned());
            if start.elapsed() > TURN {
                break;
            }
        }
        locked(&self.listing).grown.extend(grown);
        !queue.is_empty()
    }

    /// Tells pages what has grown.
    fn tell(&self) {
        let mut listing = locked(&self.listing);
        let names = std::mem::take(&mut listing.grown);
        let runs: Vec<_> = names.iter().filter_map(|name| Some(listing.runs.get(name)?.about())).collect();
        drop(listing);
        if let (false, Ok(data)) = (runs.is_empty(), serde_json::to_string(&runs)) {
            let _ = self.events.send(Event { name: "grown", data });
        }
    }
}

/// What the reader does as long as there is a board.
fn read(board: &Weak<Inner>, wake: &Wake) {
    let mut told = Instant::now();
    loop {
        let Some(board) = board.upgrade() else { return };
        let is_watched = board.events.receiver_count() > 0;
        if is_watched {
            board.scan();
        }
        let is_busy = board.read_some(is_watched);
        if !is_busy || told.elapsed() > TELL {
            board.tell();
            told = Instant::now();
        }
        drop(board);
        if !is_busy {
            wake.wait(if is_watched { SCAN / 4 } else { SCAN });
        }
    }
}
