//! Writing a log.

use super::frame::{FILE, HEADER, Header, LONGEST, MAGIC};
use super::growing::Growing;
use super::read::Reader;
use super::record::{
    Confusion, Histogram, NamedGraph, NamedImage, Network, OperationState, ParameterState, Record, Text,
};
use super::tell;
#[cfg(feature = "tensorboard")]
use super::tensorboard::Events;
use crate::dim::{Dim, SameShape};
use crate::graph::Dot;
use crate::kernels::Element;
use crate::nn::{self, GradientReport, Module, OperationReport, Sketch};
use crate::tensor::{Float, Tensor};
use crate::train::metrics::ConfusionMatrix;
use crate::{Error, Result};
use std::fmt::Display;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// The log of a run, in a folder of its own: what a training loop says of itself, to be looked at while it goes and after.
///
/// Each call writes one record behind those before, whole, in one call of the system. So a process that is killed at any
/// moment loses at most the record that it was writing, and others can read the file while it grows.
///
/// ```
/// use fusion::log::Run;
/// use fusion::prelude::*;
///
/// model! { Net: [64] -> [10] { fc1: Linear<_, 32>, Relu, fc2: Linear<_, 10> } }
///
/// # let home = tempfile::tempdir()?;
/// # let folder = home.path().join("digits");
/// let digits = fusion::data::digits().map_x(|x| x / 16.0);
/// let mut net = Net::init(&mut StdRng::seed_from_u64(0));
/// let mut opt = Adam::new(1e-3);
/// let mut run = Run::create(&folder)?; // "runs/digits"
/// run.settings(&[("rate", &1e-3), ("batch", &64)])?;
/// run.network(&net.sketch())?;
/// for (step, (x, y)) in digits.batches(64).enumerate() {
///     let loss = net.forward(x.trace()).cross_entropy(&y);
///     run.scalar(step as u64, "loss", loss.item().into())?;
///     opt.step(&mut net, loss.backward());
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Names may have any characters. What stands before a slash groups them on a page: `loss/train`, `loss/test`.
///
/// # Errors
///
/// All that write give [`Error::File`] if the file cannot be written: what was begun of the record is taken back then, and the
/// file stays whole. A record of more than 64 MiB is [`Error::Argument`], and nothing is written.
#[derive(Debug)]
pub struct Run {
    folder: PathBuf,
    pub(super) file: Growing,
    /// The bytes of a record with its header.
    bytes: Vec<u8>,
    /// The last numbers: a step asks for no memory.
    numbers: Vec<(String, f64)>,
    #[cfg(feature = "tensorboard")]
    events: Option<Events>,
    /// Is it a new run?
    #[cfg(feature = "tensorboard")]
    is_new: bool,
}

impl Run {
    /// A new run, in the place of one that may be there. The folder is made if need be; its path below the folder of all runs is
    /// the name of the run.
    ///
    /// # Errors
    /// [`Error::File`] if the file cannot be made, [`Error::Format`] if another process writes there.
    pub fn create(folder: impl AsRef<Path>) -> Result<Self> {
        Self::open(folder.as_ref(), true)
    }

    /// A run that is there already, to go on behind its last whole record, or a new one. What a killed process left of a record
    /// is cut off.
    ///
    /// # Errors
    /// [`Error::File`] if the file cannot be opened or made, [`Error::Format`] if it is no log, one of a newer version, or if
    /// another process writes there.
    pub fn append(folder: impl AsRef<Path>) -> Result<Self> {
        Self::open(folder.as_ref(), false)
    }

    fn open(folder: &Path, anew: bool) -> Result<Self> {
        fs::create_dir_all(folder).map_err(|source| Error::file(folder, source))?;
        let path = folder.join(FILE);
        let failed = |source| Error::file(&path, source);
        let options = || OpenOptions::new().read(true).append(true).create(true).open(&path).map_err(failed);
        let locked = || -> Result<Growing> {
            let file = Growing { path: path.clone(), file: options()?, end: 0 };
            lock(&file.file, &path)?;
            Ok(file)
        };
        let mut file = locked()?;
        if anew && file.file.metadata().map_err(failed)?.len() > 0 {
            // Those who still read the old one have it until they are done.
            fs::remove_file(&path).map_err(failed)?;
            file = locked()?;
        } else if !anew {
            let mut reader = Reader::new(&file.file, &path);
            while reader.advance()?.is_some() {}
            let (end, rest) = (reader.position(), reader.rest());
            file.end = end;
            if rest > 0 {
                file.file.set_len(end).map_err(failed)?;
            }
        }
        let is_new = file.end == 0;
        if is_new {
            file.add(MAGIC)?;
        }
        Ok(Self {
            folder: folder.to_owned(),
            file,
            bytes: Vec::new(),
            numbers: Vec::new(),
            #[cfg(feature = "tensorboard")]
            events: None,
            #[cfg(feature = "tensorboard")]
            is_new,
        })
    }

    /// The same, with a file of events beside the log, which every call writes too: TensorBoard shows the folder of all runs with
    /// `tensorboard --logdir runs`. A new run takes the place of events that one of this library has left in the folder.
    ///
    /// Numbers, histograms, images and texts are there by their names; settings and confusion matrices are tables among the texts,
    /// `settings` and `confusion/NAME`; of gradients there are the curves `gradients/PATH`, the norm, and `updates/PATH`, the step as
    /// a multiple of the parameter. Other records are in the log alone. In TensorBoard a name is of one kind: of a curve and an image
    /// with the same name it shows one.
    ///
    /// # Errors
    /// [`Error::File`] if the file cannot be made.
    ///
    /// ```
    /// # let home = tempfile::tempdir()?;
    /// # let folder = home.path();
    /// let mut run = fusion::log::Run::create(folder)?.tensorboard()?; // "runs/digits"
    /// run.scalar(1, "loss", 0.5)?;
    /// # assert_eq!(std::fs::read_dir(folder)?.count(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(feature = "tensorboard")]
    #[doc(alias = "SummaryWriter")]
    pub fn tensorboard(mut self) -> Result<Self> {
        self.events = Some(Events::create(&self.folder, self.is_new, now())?);
        Ok(self)
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn write(&mut self, step: u64, record: &Record) -> Result<()> {
        let now = now();
        self.bytes.clear();
        self.bytes.resize(HEADER, 0);
        record.write(step, now, &mut self.bytes);
        let header = Header::of(&self.bytes[HEADER..]).ok_or_else(|| {
            let (found, most) = (self.bytes.len() - HEADER, LONGEST);
            Error::argument("record", format!("a record of {found} bytes is too long for a log: {most} are the most"))
        })?;
        self.bytes[..HEADER].copy_from_slice(&header.to_bytes());
        self.file.add(&self.bytes)?;
        #[cfg(feature = "tensorboard")]
        if let Some(events) = &mut self.events {
            events.write(step, now, record)?;
        }
        Ok(())
    }

    /// What the run was told to do: hyperparameters, by name.
    ///
    /// # Errors
    /// Those of all [that write](Run#errors).
    pub fn settings(&mut self, settings: &[(&str, &dyn Display)]) -> Result<()> {
        let settings = settings.iter().map(|(name, value)| ((*name).to_owned(), value.to_string())).collect();
        self.write(0, &Record::Settings(settings))
    }

    /// The network: its layers, and a drawing of them.
    ///
    /// # Errors
    /// Those of all [that write](Run#errors).
    pub fn network(&mut self, sketch: &Sketch) -> Result<()> {
        self.write(0, &Record::Network(Network { layers: sketch.layers(), svg: sketch.svg() }))
    }

    /// A number: a point of the curve with this name.
    ///
    /// # Errors
    /// Those of all [that write](Run#errors).
    pub fn scalar(&mut self, step: u64, name: &str, value: f64) -> Result<()> {
        self.scalars(step, &[(name, value)])
    }

    /// Several numbers, in one record.
    ///
    /// # Errors
    /// Those of all [that write](Run#errors).
    pub fn scalars(&mut self, step: u64, values: &[(&str, f64)]) -> Result<()> {
        let mut numbers = std::mem::take(&mut self.numbers);
        numbers.resize_with(values.len(), Default::default);
        for ((to, number), (name, value)) in numbers.iter_mut().zip(values) {
            (*name).clone_into(to);
            *number = *value;
        }
        let record = Record::Scalars(numbers);
        let written = self.write(step, &record);
        if let Record::Scalars(numbers) = record {
            self.numbers = numbers;
        }
        written
    }

    /// How often elements of a tensor are how large: those of a weight, of a gradient, of what a layer gives.
    ///
    /// # Errors
    /// Those of all [that write](Run#errors).
    ///
    /// ```
    /// use fusion::log::{Reader, Record, Run};
    /// use fusion::prelude::*;
    ///
    /// # let folder = tempfile::tempdir()?;
    /// # let folder = folder.path();
    /// let weights = Tensor::<shape![4]>::from([-1.0, 0.5, 3.0, f32::NAN]);
    /// Run::create(folder)?.histogram(7, "fc1.weight", &weights)?;
    /// let Record::Histogram(found) = Reader::open(folder)?.next().unwrap()?.record else { panic!() };
    /// assert_eq!((found.low, found.high, found.nans, found.counts.len()), (-1.0, 3.0, 1, 64));
    /// assert_eq!((found.counts[0], found.counts[24], found.counts[63]), (1, 1, 1)); // 0.5 is 24/64 of the way
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn histogram<S, T: Element>(&mut self, step: u64, name: &str, tensor: &Tensor<S, T>) -> Result<()> {
        let numbers = tell::numbers(tensor.value().array());
        self.write(step, &Record::Histogram(Histogram::of(name, &numbers)))
    }

    /// A [histogram](Run::histogram) of each parameter of a network, by its path.
    ///
    /// # Errors
    /// Those of all [that write](Run#errors).
    pub fn histograms(&mut self, step: u64, net: &impl Module) -> Result<()> {
        let mut found = Vec::new();
        net.walk(&nn::Path::root(), &mut |path, value| {
            if value.is_parameter() {
                found.push(Histogram::of(&path.to_string(), &tell::numbers(value.array())));
            }
        });
        found.into_iter().try_for_each(|histogram| self.write(step, &Record::Histogram(histogram)))
    }

    /// An image of one plane, grey, or of three, red, green and blue: bytes, or fractions from 0 to 1, of which those outside are
    /// black and white.
    ///
    /// # Errors
    /// [`Error::Argument`] if it has another number of planes, or elements of another type; those of all
    /// [that write](Run#errors).
    pub fn image<C: Dim, H: Dim, W: Dim, T: Element>(
        &mut self,
        step: u64,
        name: &str,
        image: &Tensor<(C, H, W), T>,
    ) -> Result<()> {
        let picture = tell::picture(image.value().array())?;
        self.write(step, &Record::Image(NamedImage { name: name.to_owned(), picture }))
    }

    /// A text.
    ///
    /// # Errors
    /// Those of all [that write](Run#errors).
    pub fn text(&mut self, step: u64, name: &str, text: &str) -> Result<()> {
        self.write(step, &Record::Text(Text { name: name.to_owned(), text: text.to_owned() }))
    }

    /// Which classes are taken for which.
    ///
    /// # Errors
    /// Those of all [that write](Run#errors).
    pub fn confusion(&mut self, step: u64, name: &str, matrix: &ConfusionMatrix) -> Result<()> {
        let classes = matrix.classes();
        let counts = (0..classes * classes).map(|at| matrix.count(at / classes, at % classes)).collect();
        let confusion = Confusion { name: name.to_owned(), classes: matrix.names().to_vec(), counts };
        self.write(step, &Record::Confusion(confusion))
    }

    /// What the gradients of each parameter are like: see [`Gradients::explain`](crate::Gradients::explain), and
    /// [`GradientReport::measure`] for how far the step went.
    ///
    /// # Errors
    /// Those of all [that write](Run#errors).
    pub fn gradients(&mut self, step: u64, report: &GradientReport) -> Result<()> {
        self.write(step, &Record::Gradients(report.rows.iter().map(ParameterState::of).collect()))
    }

    /// What each operation behind a loss is like: see [`Tensor::explain`]. The network says which layer an operation computes.
    ///
    /// # Errors
    /// Those of all [that write](Run#errors).
    ///
    /// ```
    /// use fusion::log::{Reader, Record, Run};
    /// use fusion::prelude::*;
    ///
    /// # let folder = tempfile::tempdir()?;
    /// # let folder = folder.path();
    /// model! { Net: [4] -> [2] { fc1: Linear<_, 8>, Tanh, fc2: Linear<_, 2> } }
    ///
    /// let net = Net::init(&mut StdRng::seed_from_u64(0));
    /// let x = Tensor::<shape![3, 4]>::full(50.0).trace_with(Trace::training().keep_values());
    /// let report = net.forward(x).square().mean().explain();
    /// Run::create(folder)?.operations(1, &report, &net)?;
    /// let Record::Operations(rows) = Reader::open(folder)?.next().unwrap()?.record else { panic!() };
    /// let layers: Vec<_> = rows.iter().map(|row| (row.name.as_str(), row.layer.as_str())).collect();
    /// assert_eq!(layers[..3], [("linear", "fc1"), ("tanh", "fc1"), ("linear", "fc2")]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn operations(&mut self, step: u64, report: &OperationReport, net: &impl Module) -> Result<()> {
        self.write(step, &Record::Operations(OperationState::all(report, net)))
    }

    /// A recorded computation, of a small loss: its operations, and what they take, with values and gradients where the drawing
    /// has them.
    ///
    /// # Errors
    /// [`Error::Argument`] if there are more than 2,000 of them: nobody can look at so many. Those of all
    /// [that write](Run#errors).
    ///
    /// ```
    /// use fusion::log::Run;
    /// use fusion::prelude::*;
    ///
    /// # let folder = tempfile::tempdir()?;
    /// # let folder = folder.path();
    /// let net = Linear::<dim!(3), dim!(2)>::init(&mut StdRng::seed_from_u64(0));
    /// let x = Tensor::<shape![1, 3]>::ones().trace_with(Trace::training().keep_values());
    /// let loss = net.forward(x).square().mean();
    /// Run::create(folder)?.graph(0, "loss", &loss.dot().names_of(&net).gradients())?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn graph(&mut self, step: u64, name: &str, drawing: &Dot<'_>) -> Result<()> {
        let graph = drawing.graph();
        if graph.nodes.len() > tell::MOST_NODES {
            let (found, most) = (graph.nodes.len(), tell::MOST_NODES);
            let problem =
                format!("a computation of {found} operations is too large to be looked at: {most} are the most");
            return Err(Error::argument("drawing", problem));
        }
        self.write(step, &Record::Graph(NamedGraph::of(name, graph)))
    }

    /// What a classifier says of samples: scores `[N, K]`, the class of each, and what the classes are called; K numbers, from 0
    /// on, if there are no names.
    ///
    /// # Errors
    /// [`Error::Shape`] if there are not as many labels as samples or not as many names as classes, [`Error::Index`] if a label
    /// is no class; those of all [that write](Run#errors).
    pub fn predictions<N: Dim, K: Dim, M: Dim, T: Float>(
        &mut self,
        step: u64,
        name: &str,
        scores: &Tensor<(N, K), T>,
        labels: &Tensor<(M,), i64>,
        classes: &[impl AsRef<str>],
    ) -> Result<()>
    where
        (N,): SameShape<(M,)>,
    {
        let [scores, labels] = [scores.value().array(), labels.value().array()];
        let found = tell::predictions(name, scores, labels, classes, None)?;
        self.write(step, &Record::Predictions(found))
    }

    /// As [`Run::predictions`], with an image of each sample, of which those of the first 64 that are taken for something else are
    /// written.
    ///
    /// # Errors
    /// Those of [`Run::predictions`] and of [`Run::image`].
    ///
    /// ```
    /// use fusion::log::{Reader, Record, Run};
    /// use fusion::prelude::*;
    ///
    /// # let folder = tempfile::tempdir()?;
    /// # let folder = folder.path();
    /// let images = Tensor::<shape![2, 1, 1, 1], u8>::from([[[[10]]], [[[20]]]]);
    /// let scores = Tensor::from([[0.9, 0.1], [0.8, 0.2]]);
    /// Run::create(folder)?.predictions_of(5, "test", &images, &scores, &Tensor::from([0, 1]), &["cat", "dog"])?;
    /// let Record::Predictions(found) = Reader::open(folder)?.next().unwrap()?.record else { panic!() };
    /// let (sample, picture) = &found.images[0]; // a dog that is taken for a cat
    /// assert_eq!((*sample, &picture.pixels[..], found.images.len()), (1, &[20][..], 1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn predictions_of<N: Dim, K: Dim, M: Dim, B: Dim, C: Dim, H: Dim, W: Dim, T: Float, P: Element>(
        &mut self,
        step: u64,
        name: &str,
        images: &Tensor<(B, C, H, W), P>,
        scores: &Tensor<(N, K), T>,
        labels: &Tensor<(M,), i64>,
        classes: &[impl AsRef<str>],
    ) -> Result<()>
    where
        (N,): SameShape<(M,)> + SameShape<(B,)>,
    {
        let [scores, labels, images] = [scores.value().array(), labels.value().array(), images.value().array()];
        let found = tell::predictions(name, scores, labels, classes, Some(images))?;
        self.write(step, &Record::Predictions(found))
    }
}

/// The time, in seconds since the start of 1970.
fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |time| time.as_secs_f64())
}

/// Makes this process the one that writes. The system ends that when the file is closed, also when the process is killed.
fn lock(file: &File, path: &Path) -> Result<()> {
    // Elsewhere a lock keeps readers away too.
    if !cfg!(unix) {
        return Ok(());
    }
    match file.try_lock() {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => {
            Err(Error::format(path, "somebody else writes this run: another one needs a folder of its own"))
        }
        // Some network file systems have no locks.
        Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => Ok(()),
        Err(TryLockError::Error(source)) => Err(Error::file(path, source)),
    }
}
