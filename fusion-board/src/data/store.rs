//! The sets that are in memory, and the projections that are computed.

use super::project::{Points, Way, project};
use super::read::{EMBEDDED, embedded, open};
use super::set::Set;
use crate::board::Board;
use crate::request::Problem;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::SystemTime;

/// How many sets are kept.
const KEPT: usize = 3;
/// How many projections are kept, and how many of them may wait or run.
const PROJECTIONS: usize = 24;
const WAITING: usize = 4;

/// A set that may be asked for.
pub struct Offered {
    pub name: String,
    /// Where it lies; one inside the library lies nowhere.
    pub path: Option<PathBuf>,
}

/// What is in memory.
#[derive(Default)]
pub struct Store {
    /// The sets that were asked for last, the last at the end.
    sets: Mutex<Vec<Kept>>,
    projections: Mutex<Vec<Arc<Projection>>>,
    /// Whose turn it is to compute: one projection at a time.
    turn: Arc<Mutex<()>>,
}

struct Kept {
    name: String,
    stamp: Stamp,
    set: Arc<Set>,
}

/// By which it is seen that a file has changed.
type Stamp = Option<(SystemTime, u64)>;

/// A projection, finished or not.
pub struct Projection {
    key: Key,
    state: Mutex<State>,
}

/// Which projection of which set; `class` names the column that it does not see.
#[derive(Clone, PartialEq, Eq)]
struct Key {
    name: String,
    stamp: Stamp,
    way: Way,
    class: Option<String>,
}

#[derive(Clone)]
pub enum State {
    /// How far it is, with the points so far.
    Running(f64, Points),
    Done(Points),
    Failed(String),
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The sets that may be asked for: first those that were named when the board began. Two files of one name are told apart by
/// their whole paths.
pub fn offered(board: &Board) -> Vec<Offered> {
    let short = |path: &Path| path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    let mut seen: HashSet<String> = EMBEDDED.map(str::to_owned).into();
    let mut list = Vec::new();
    for path in board.data() {
        let is_taken =
            |name: &str| seen.contains(name) || board.data().iter().filter(|other| short(other) == name).count() > 1;
        let name = Some(short(path)).filter(|name| !is_taken(name)).unwrap_or_else(|| path.display().to_string());
        if seen.insert(name.clone()) {
            list.push(Offered { name, path: Some(path.clone()) });
        }
    }
    list.extend(EMBEDDED.map(|name| Offered { name: name.to_owned(), path: None }));
    list
}

impl Store {
    /// A set that is offered, read if it is not in memory. One is read at a time.
    ///
    /// # Errors
    /// If there is no such set, or it cannot be read.
    pub fn set(&self, board: &Board, name: &str) -> Result<Arc<Set>, Problem> {
        self.found(board, name).map(|(set, _)| set)
    }

    fn found(&self, board: &Board, name: &str) -> Result<(Arc<Set>, Stamp), Problem> {
        let missing = || Problem::missing(format_args!("there is no data set `{}`", super::set::clipped(name)));
        let Offered { path, .. } = offered(board).into_iter().find(|set| set.name == name).ok_or_else(missing)?;
        let mut sets = locked(&self.sets);
        let stamp = path.as_deref().and_then(|path| {
            let about = path.metadata().ok()?;
            Some((about.modified().ok()?, about.len()))
        });
        let kept = match sets.iter().position(|kept| kept.name == name) {
            Some(at) if sets[at].stamp == stamp => sets.remove(at),
            other => {
                // Room is made before it is needed.
                if let Some(at) = other.or((sets.len() >= KEPT).then_some(0)) {
                    sets.remove(at);
                }
                let read = match &path {
                    Some(path) => open(path)?,
                    None => embedded(name).ok_or_else(missing)?,
                };
                Kept { name: name.to_owned(), stamp, set: Arc::new(read) }
            }
        };
        let set = Arc::clone(&kept.set);
        sets.push(kept);
        Ok((set, stamp))
    }

    /// How far a projection is; it is begun if nobody asked for it before. The column `class` is not seen by it.
    ///
    /// # Errors
    /// If there is no such set or column, or too many are waiting.
    pub fn projection(
        &self,
        board: &Board,
        name: &str,
        way: Way,
        class: Option<&str>,
    ) -> Result<(Arc<Set>, State), Problem> {
        let (set, stamp) = self.found(board, name)?;
        let column = super::figures::class_of(&set, class)?;
        // Texts are not seen anyway, and a target never is.
        let unseen =
            column.filter(|column| column.as_numbers().is_some() && !column.is_target && set.pictures.is_none());
        let key = Key { name: name.to_owned(), stamp, way, class: unseen.map(|column| column.name.clone()) };
        let mut all = locked(&self.projections);
        if let Some(known) = all.iter().find(|known| known.key == key) {
            let state = locked(&known.state).clone();
            return Ok((set, state));
        }
        let is_running = |known: &Arc<Projection>| matches!(*locked(&known.state), State::Running(..));
        if all.iter().filter(|known| is_running(known)).count() >= WAITING {
            return Err(Problem::failed(format_args!(
                "{WAITING} projections are computed already: wait for one of them"
            )));
        }
        if all.len() >= PROJECTIONS
            && let Some(oldest) = all.iter().position(|known| !is_running(known))
        {
            all.remove(oldest);
        }
        let state = State::Running(0.0, Points::default());
        let new = Arc::new(Projection { key, state: Mutex::new(state.clone()) });
        let (work, own, turn) = (Arc::clone(&new), Arc::clone(&set), Arc::clone(&self.turn));
        let begun = thread::Builder::new().name("projection".into()).spawn(move || work.compute(&own, &turn));
        begun.map_err(|error| Problem::failed(format_args!("there is no thread: {error}")))?;
        all.push(new);
        Ok((set, state))
    }
}

impl Projection {
    fn compute(&self, set: &Set, turn: &Mutex<()>) {
        let _turn = locked(turn);
        let class = self.key.class.as_deref().and_then(|name| set.column(name));
        let tell = |done, points| *locked(&self.state) = State::Running(done, points);
        let worked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| project(set, class, self.key.way, tell)));
        *locked(&self.state) = match worked {
            Ok(Ok(points)) => State::Done(points),
            Ok(Err(sentence)) => State::Failed(sentence),
            Err(_) => State::Failed("The board failed at this; the terminal where it runs says more.".to_owned()),
        };
    }
}
