//! Checkpoints: a run that is killed goes on where it was.

mod file;
mod folder;
mod generator;
mod parts;
mod run;

pub use folder::Skipped;
pub use generator::SavedRng;
pub use parts::Parts;
pub use run::Run;

use crate::nn::Module;
use crate::optim::Optimizer;
use crate::optim::schedule::Mode;
use crate::state::write_whole_as;
use crate::{Error, Result};
use file::{Document, Saved};
use folder::{UNFINISHED, look, path_of};
use std::cmp::Ordering;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// What [`Checkpoints::save`] calls the network.
const MODEL: &str = "model";

/// The checkpoints of a run, in a folder of its own: each a file with everything that the run needs to go on as if it had
/// never ended.
///
/// A loop is made resumable by three lines. Ended at any moment, by a signal or by the power, and started again, this
/// program ends with the same weights, bit for bit, as one that nobody disturbed:
///
/// ```
/// use fusion::prelude::*;
/// use fusion::train::Checkpoints;
///
/// model! { Net: [64] -> [10] { Linear<_, 32>, Relu, Dropout<0.2>, Linear<_, 10> } }
///
/// fn train(folder: &std::path::Path, steps: usize) -> fusion::Result<Net> {
///     let data = fusion::data::digits().map_x(|x| x / 16.0);
///     let mut net = Net::init(&mut StdRng::seed_from_u64(0));
///     let mut opt = Adam::new(1e-3);
///     let checkpoints = Checkpoints::new(folder);
///     let mut run = checkpoints.resume(&mut net, &mut opt)?;      // where it was, or at its start
///     let (first, done) = (run.step / 18, run.step % 18);         // epochs, and batches of the next
///     for epoch in first.. {
///         let batches = data.batches(100).shuffle(&mut StdRng::seed_from_u64(epoch as u64));
///         for (x, y) in batches.skip(if epoch == first { done } else { 0 }) {
///             if run.step == steps {
///                 return Ok(net);
///             }
///             let loss = net.forward(x.trace()).cross_entropy(&y);
///             opt.step(&mut net, loss.backward());
///             run.step += 1;
///             if run.step % 10 == 0 {
///                 checkpoints.save(&run, &net, &opt)?;            // in the middle of an epoch
///             }
///         }
///     }
///     unreachable!("the epochs have no end")
/// }
///
/// let folder = tempfile::tempdir()?;
/// let (whole, halves) = (folder.path().join("whole"), folder.path().join("halves"));
/// let net = train(&whole, 40)?;
/// train(&halves, 25)?;                                            // ends here, and goes on from step 20:
/// assert_eq!(train(&halves, 40)?.to_bytes()?, net.to_bytes()?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # What a file holds
///
/// The network (parameters and buffers), the optimizer (its settings, and what it keeps for each parameter), the generators
/// of layers (dropout), the [default generator](crate::manual_seed), and the [`Run`]: epoch, step, metrics, and the values
/// that the program adds, such as a loader's position or the place of a generator of its own. What is part of the program
/// stays there: shapes, schedules, [groups](crate::optim::Group) of parameters.
///
/// `step-00001200.safetensors` is a safetensors file, in which the network's tensors begin with `model.`, the optimizer's
/// with `model_optimizer.`, and all else is JSON in its metadata, behind a version and a checksum (CRC-32) of the whole
/// file. So other programs can read it, and [`State::load_matching`](crate::state::State::load_matching) takes a network
/// alone: `net.load_matching(path, Matching::new("*").strip("model."))`.
///
/// # What may happen
///
/// * A file is written beside its place, forced to the disk and moved there, and only then are older ones deleted. So at any
///   moment the newest file is whole. If there is no room or no right to write, `save` is an error and the older files stay.
/// * Reading looks at every byte. A file that is damaged, or was not finished, is passed over for the one before it, which
///   [`Run::skipped`] tells; if none is whole, that is an error, and nothing is begun anew over it. So is a file of a newer
///   version.
/// * One writes in a folder at a time: `resume` and `save` hold a lock there until the `Checkpoints` are dropped or the
///   process ends, however it ends, and are an error for all others. Reading ([`latest`](Checkpoints::latest),
///   [`best`](Checkpoints::best)) takes no lock. Where a file system has no locks, two runs in one folder overwrite each
///   other's files, but each file stays whole.
/// * A run that was not resumed does not save into a folder of another: that is an error too.
#[doc(alias = "ModelCheckpoint")]
#[derive(Debug)]
pub struct Checkpoints {
    folder: PathBuf,
    keep: usize,
    best_by: Option<(String, Mode)>,
    /// The lock on the folder, once this is the one who writes there.
    lock: Mutex<Option<File>>,
}

impl Checkpoints {
    /// Those in this folder, of which the last three are kept. The folder is made when the run begins.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into(), keep: 3, best_by: None, lock: Mutex::new(None) }
    }

    /// Keeps the last `n`, and the best where there is one; `usize::MAX` is all. By default 3.
    ///
    /// # Panics
    /// If `n` is 0.
    #[track_caller]
    #[must_use]
    pub fn keep(mut self, n: usize) -> Self {
        assert!(n > 0, "the last checkpoint is always kept");
        self.keep = n;
        self
    }

    /// Says which checkpoint is the best: the one whose [`Run`] has the lowest or the highest value of this metric, of several
    /// the first. It is kept, however old it is. A value that is NaN is never the best.
    #[must_use]
    pub fn best_by(mut self, metric: &str, mode: Mode) -> Self {
        self.best_by = Some((metric.to_owned(), mode));
        self
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Puts the latest whole checkpoint into a network and its optimizer, and says where the run is; a run that begins
    /// leaves both as they are.
    ///
    /// # Errors
    /// [`Error::File`] if the folder cannot be read or written, [`Error::Format`] if no checkpoint is whole, if the latest is
    /// of a newer version or holds something else than was asked for, or if somebody else writes in the folder, and
    /// [`Error::State`] if tensors do not fit: it lists everything that is missing, unexpected or of another shape. Then the
    /// network has not changed.
    pub fn resume(&self, module: &mut dyn Module, optimizer: &mut dyn Optimizer) -> Result<Run> {
        self.resume_parts(Parts::new().trained(MODEL, module, optimizer))
    }

    /// As [`Checkpoints::resume`], for several networks.
    ///
    /// # Errors
    /// Those of [`Checkpoints::resume`]; then no network has changed.
    pub fn resume_parts(&self, parts: Parts<'_>) -> Result<Run> {
        self.lock()?;
        match self.latest()? {
            Some(checkpoint) => checkpoint.restore(parts),
            None => Ok(Run::default()),
        }
    }

    /// Saves the run as it is now, and deletes what need not be kept. The path of the new file.
    ///
    /// # Errors
    /// [`Error::File`] if a file cannot be written or deleted, [`Error::Format`] if somebody else writes in the folder or if
    /// it is another run's, [`Error::Argument`] if the run's values are larger than 16 MB.
    pub fn save(&self, run: &Run, module: &dyn Module, optimizer: &dyn Optimizer) -> Result<PathBuf> {
        self.save_all(run, &[Saved { name: MODEL, module, optimizer: Some(optimizer) }])
    }

    /// As [`Checkpoints::save`], for several networks. Nothing of them changes.
    ///
    /// # Errors
    /// Those of [`Checkpoints::save`].
    pub fn save_parts(&self, run: &Run, parts: Parts<'_>) -> Result<PathBuf> {
        self.save_all(run, &parts.saved())
    }

    fn save_all(&self, run: &Run, parts: &[Saved<'_>]) -> Result<PathBuf> {
        if self.lock()?
            && let Some((step, _)) = look(&self.folder)?.steps.first()
        {
            let problem =
                format!("it has checkpoints of a run, up to step {step}: resume it, or choose another folder");
            *self.lock.lock().unwrap_or_else(PoisonError::into_inner) = None;
            return Err(Error::format(&self.folder, problem));
        }
        let path = path_of(&self.folder, run.step);
        write_whole_as(&path, UNFINISHED, &file::contents(&path, run, parts)?)?;
        self.delete_old(run.step)?;
        Ok(path)
    }

    /// Makes this the one who writes. Whether it was not before.
    fn lock(&self) -> Result<bool> {
        let mut lock = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = lock.is_none();
        if is_new {
            *lock = Some(folder::lock(&self.folder)?);
        }
        Ok(is_new)
    }

    /// Deletes checkpoints of steps before `step`, whose file is whole. What cannot be read is left to people.
    fn delete_old(&self, step: usize) -> Result<()> {
        let found = look(&self.folder)?;
        // Later steps are those of a run that was taken up before its end. They are overwritten when it comes there.
        let old: Vec<_> = found.steps.iter().filter(|(at, _)| *at <= step).skip(self.keep).collect();
        if old.is_empty() {
            return Ok(());
        }
        let best = match &self.best_by {
            Some(by) => ranked(&found.steps, by)?.0.into_iter().next().map(|(_, path)| path),
            None => None,
        };
        for (_, path) in old.into_iter().filter(|(_, path)| Some(path) != best.as_ref()) {
            match file::read_document(path) {
                Ok(_) => folder::remove(path)?,
                Err(Error::Format { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// The latest whole checkpoint, if there is one.
    ///
    /// # Errors
    /// As [`Checkpoints::resume`].
    pub fn latest(&self) -> Result<Option<Checkpoint>> {
        self.first(look(&self.folder)?.steps.into_iter().map(|(_, path)| path), Vec::new())
    }

    /// The best whole checkpoint, if one has the metric.
    ///
    /// # Panics
    /// If nothing says which is the best: [`Checkpoints::best_by`] does.
    ///
    /// # Errors
    /// As [`Checkpoints::resume`].
    #[track_caller]
    pub fn best(&self) -> Result<Option<Checkpoint>> {
        let Some(by) = &self.best_by else { panic!("which checkpoint is the best? `best_by(metric, mode)` says it") };
        let (ranked, skipped) = ranked(&look(&self.folder)?.steps, by)?;
        self.first(ranked.into_iter().map(|(_, path)| path), skipped)
    }

    /// The first of these that is whole.
    fn first(&self, paths: impl Iterator<Item = PathBuf>, mut skipped: Vec<Skipped>) -> Result<Option<Checkpoint>> {
        for path in paths {
            match file::read_whole(&path) {
                Ok(Ok((file, len, mut document))) => {
                    let unfinished = look(&self.folder)?.unfinished.into_iter();
                    skipped.extend(unfinished.map(|path| Skipped { path, problem: "it was not finished".into() }));
                    document.run.skipped = skipped;
                    return Ok(Some(Checkpoint { path, file, len, document }));
                }
                Ok(Err(damaged)) => skipped.push(Skipped::of(path, &damaged)),
                // Another process has deleted it since.
                Err(Error::File { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        if skipped.is_empty() {
            return Ok(None);
        }
        let lines: Vec<_> = skipped.iter().map(|skipped| format!("\n{skipped}")).collect();
        let problem = format!("none of its checkpoints is whole:{}", lines.concat());
        Err(Error::format(&self.folder, problem))
    }

    /// The checkpoints that seem whole, from the latest on, and the files that are not.
    ///
    /// # Errors
    /// [`Error::File`] if the folder cannot be read.
    pub fn list(&self) -> Result<(Vec<PathBuf>, Vec<Skipped>)> {
        let found = look(&self.folder)?;
        let (mut whole, mut skipped) = (Vec::new(), Vec::new());
        for (_, path) in found.steps {
            match file::read_whole(&path) {
                Ok(Ok(_)) => whole.push(path),
                Ok(Err(error)) | Err(error) => skipped.push(Skipped::of(path, &error)),
            }
        }
        let unfinished = found.unfinished.into_iter();
        skipped.extend(unfinished.map(|path| Skipped { path, problem: "it is not finished".into() }));
        Ok((whole, skipped))
    }
}

/// Paths with the values of a metric.
type Ranked = Vec<(f64, PathBuf)>;

/// The checkpoints that have a metric, from the best on, and those that cannot be read.
fn ranked(steps: &[(usize, PathBuf)], (metric, mode): &(String, Mode)) -> Result<(Ranked, Vec<Skipped>)> {
    let (mut ranked, mut skipped) = (Vec::new(), Vec::new());
    // From the first on: the sort leaves equal ones in their order.
    for (_, path) in steps.iter().rev() {
        match file::read_document(path) {
            Ok((_, _, document)) => {
                let value = document.run.metric(metric).filter(|value| !value.is_nan());
                ranked.extend(value.map(|value| (value, path.clone())));
            }
            Err(error @ Error::Format { .. }) => skipped.push(Skipped::of(path.clone(), &error)),
            Err(Error::File { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    let order = |a: f64, b: f64| a.partial_cmp(&b).unwrap_or(Ordering::Equal);
    ranked.sort_by(|(a, _), (b, _)| if *mode == Mode::Min { order(*a, *b) } else { order(*b, *a) });
    Ok((ranked, skipped))
}

/// A checkpoint that is whole, open for reading: nobody can delete it any more.
///
/// ```
/// use fusion::prelude::*;
/// use fusion::train::{Checkpoint, Checkpoints, Run};
///
/// let (folder, rng) = (tempfile::tempdir()?, &mut StdRng::seed_from_u64(0));
/// let net = Linear::<dim!(3), dim!(2)>::init(rng);
/// let path = Checkpoints::new(folder.path()).save(&Run::default(), &net, &Adam::new(1e-3))?;
///
/// let mut again = Linear::<dim!(3), dim!(2)>::init(rng);
/// let checkpoint = Checkpoint::open(path)?;
/// checkpoint.load("model", &mut again)?;
/// assert_eq!((checkpoint.run().step, again.weight), (0, net.weight));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Checkpoint {
    path: PathBuf,
    file: File,
    len: u64,
    document: Document,
}

impl Checkpoint {
    /// Opens the file at `path`, and looks at every byte of it.
    ///
    /// # Errors
    /// [`Error::File`] if it cannot be read, [`Error::Format`] if it is damaged, of a newer version, or no checkpoint.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self> {
        let path = path.into();
        let (file, len, document) = file::read_whole(&path)??;
        Ok(Self { path, file, len, document })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where the run was.
    pub fn run(&self) -> &Run {
        &self.document.run
    }

    /// Puts the tensors of one part, `"model"` unless it was named, into a network. Generators stay as they are.
    ///
    /// # Errors
    /// Those of [`State::load_state`](crate::state::State::load_state), and [`Error::Format`] if there is no such part.
    pub fn load(&self, part: &str, module: &mut dyn Module) -> Result<()> {
        parts::load(&self.path, &self.file, self.len, &self.document, part, module)
    }

    /// Puts everything into the parts, as [`Checkpoints::resume_parts`] does with the latest checkpoint: to go on from an
    /// older one.
    ///
    /// # Errors
    /// Those of [`Checkpoints::resume`].
    pub fn restore(self, parts: Parts<'_>) -> Result<Run> {
        parts.restore(&self.path, &self.file, self.len, &self.document)?;
        Ok(self.document.run)
    }
}
