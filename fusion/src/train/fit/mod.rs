//! Training, put together.

mod history;
mod step;

pub use history::History;

use super::metrics::RunningMean;
use super::{Checkpoints, EarlyStopping, Log, Parts, Progress, ProgressExt, Run};
use crate::Result;
use crate::nn::Module;
use crate::optim::{Averaged, Optimizer, Schedule};
use crate::tensor::{Float, Tensor};
use std::fmt;
use std::ops::ControlFlow;
use std::time::Instant;
use step::Steps;

/// Trains a network for so many epochs: what a loop of one's own does with [`metrics`](super::metrics), schedules, clipping,
/// [`EarlyStopping`], [`Progress`] and a [`Log`], put together, for those who want it.
///
/// ```
/// use fusion::prelude::*;
/// use fusion::train::{EarlyStopping, Fit};
///
/// model! { Net: [64] -> [10] { Linear<_, 32>, Relu, Linear<_, 10> } }
///
/// let mut rng = StdRng::seed_from_u64(0);
/// let (train, test) = fusion::data::digits().map_x(|x| x / 16.0).split(0.2, &mut rng);
/// let (mut net, mut opt) = (Net::init(&mut rng), Adam::new(3e-3));
/// let history = Fit::new(4)
///     .validate(|net: &Net| Ok([("accuracy", net.forward(test.x.clone()).accuracy(&test.y))]))
///     .early_stopping("accuracy", EarlyStopping::new(3).mode(schedule::Mode::Max))
///     .progress()
///     .run(
///         &mut net,
///         &mut opt,
///         |_epoch| train.batches(32).shuffle(&mut rng).map(Ok),
///         |net, (x, y)| net.forward(x.trace()).cross_entropy(&y),
///     )?;
/// assert_eq!(history.len(), 4);
/// assert!(history.last("loss") < Some(1.0) && history.last("accuracy") > Some(0.8));
/// println!("{history}");
/// # Ok::<(), fusion::Error>(())
/// ```
///
/// For each epoch [`run`](Fit::run) goes through the batches that its third argument makes, asks its fourth for the loss of
/// each, makes a step, and then validates, writes the log, calls back, and asks whether to stop. An epoch has these values:
/// `loss`, the mean of its steps' losses; what the validation finds; `learning_rate`, that of its last step; `seconds`, what it
/// took without the validation.
///
/// Epochs are counted from 0 where batches are made and in callbacks, where the number says how many went before, and from 1
/// in the history and the log, where it says how many there were.
#[doc(alias = "trainer")]
pub struct Fit<'a, M> {
    epochs: usize,
    steps: Steps<'a>,
    progress: bool,
    log: Option<Log>,
    stopping: Option<(String, EarlyStopping)>,
    /// How the network of the best epoch is kept.
    keep: Option<fn(&M) -> M>,
    mean: Option<Box<dyn Mean<M> + 'a>>,
    checkpoints: Option<&'a Checkpoints>,
    validate: Option<Box<dyn FnMut(&M) -> Result<Values> + 'a>>,
    on_step: Vec<Callback<'a, M>>,
    on_epoch: Vec<Callback<'a, M>>,
}

type Values = Vec<(&'static str, f64)>;
type Callback<'a, M> = Box<dyn FnMut(&mut Moment<'_, M>) -> Result<ControlFlow<()>> + 'a>;

/// A running mean of the network, whatever its type can do besides.
trait Mean<M> {
    fn update(&mut self, network: &M);
    fn network(&self) -> &M;
    fn module(&mut self) -> &mut dyn Module;
}

impl<M: Module + Clone> Mean<M> for &mut Averaged<M> {
    #[track_caller]
    fn update(&mut self, network: &M) {
        Averaged::update(self, network);
    }

    fn network(&self) -> &M {
        Averaged::network(self)
    }

    fn module(&mut self) -> &mut dyn Module {
        &mut **self
    }
}

/// Where training is when it calls back.
#[non_exhaustive]
pub struct Moment<'a, M> {
    /// How many epochs went before this one.
    pub epoch: usize,
    /// How many steps were made.
    pub step: usize,
    /// The loss of the step; after an epoch, the mean of its steps'.
    pub loss: f64,
    /// The values of the epoch; after a step, none.
    pub values: &'a [(String, f64)],
    /// The network.
    pub network: &'a mut M,
    /// Its optimizer.
    pub optimizer: &'a mut dyn Optimizer,
}

impl<M> Moment<'_, M> {
    /// The value of the epoch with this name.
    pub fn get(&self, name: &str) -> Option<f64> {
        find(self.values, name)
    }
}

impl<M> fmt::Debug for Moment<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { epoch, step, loss, values, .. } = self;
        let mut shown = f.debug_struct("Moment");
        shown
            .field("epoch", epoch)
            .field("step", step)
            .field("loss", loss)
            .field("values", values)
            .finish_non_exhaustive()
    }
}

fn find(values: &[(String, f64)], name: &str) -> Option<f64> {
    values.iter().find(|(other, _)| other == name).map(|(_, value)| *value)
}

impl<M> fmt::Debug for Fit<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Fit");
        shown
            .field("epochs", &self.epochs)
            .field("stopping", &self.stopping)
            .field("log", &self.log)
            .finish_non_exhaustive()
    }
}

impl<'a, M: Module> Fit<'a, M> {
    /// For so many epochs, or fewer if something stops it.
    pub fn new(epochs: usize) -> Self {
        Self {
            epochs,
            steps: Steps::default(),
            progress: false,
            log: None,
            stopping: None,
            keep: None,
            mean: None,
            checkpoints: None,
            validate: None,
            on_step: Vec::new(),
            on_epoch: Vec::new(),
        }
    }

    /// Asks this after each epoch for what it finds, each number with its name. With a running mean of the network
    /// ([`average`](Fit::average)), it is given that.
    #[must_use]
    pub fn validate<V: Into<Vec<(&'static str, f64)>>>(mut self, mut find: impl FnMut(&M) -> Result<V> + 'a) -> Self {
        self.validate = Some(Box::new(move |net| find(net).map(Into::into)));
        self
    }

    /// The learning rate of each step.
    #[must_use]
    pub fn schedule(mut self, schedule: impl Schedule + 'a) -> Self {
        self.steps.schedule = Some(Box::new(schedule));
        self
    }

    /// Scales the gradients of a step so that their norm is at most `max_norm`
    /// ([`Gradients::clip_norm`](crate::Gradients::clip_norm)).
    ///
    /// # Panics
    /// If that is negative or NaN.
    #[must_use]
    #[track_caller]
    pub fn clip_norm(mut self, max_norm: f64) -> Self {
        assert!(max_norm >= 0.0, "clip_norm: the largest norm must be a number from 0 on, but is {max_norm}");
        self.steps.max_norm = Some(max_norm);
        self
    }

    /// Makes a step of the mean gradient of so many batches. The last step of an epoch may be of fewer.
    ///
    /// # Panics
    /// If there are none.
    #[must_use]
    #[track_caller]
    pub fn accumulate(mut self, batches: usize) -> Self {
        assert!(batches > 0, "a step of 0 batches: it needs at least one");
        self.steps.batches = batches;
        self
    }

    /// Lets a running mean follow the network after each step.
    #[must_use]
    pub fn average(mut self, mean: &'a mut Averaged<M>) -> Self
    where
        M: Clone,
    {
        self.mean = Some(Box::new(mean));
        self
    }

    /// Stops when this value of an epoch has not got better for too long: `"loss"`, or one of the validation.
    #[must_use]
    pub fn early_stopping(mut self, value: &str, stopping: EarlyStopping) -> Self {
        self.stopping = Some((value.to_owned(), stopping));
        self
    }

    /// Gives the network back as it was after its best epoch, by the value of [`early_stopping`](Fit::early_stopping).
    #[must_use]
    pub fn restore_best(mut self) -> Self
    where
        M: Clone,
    {
        self.keep = Some(M::clone);
        self
    }

    /// Shows each epoch's [`Progress`].
    #[must_use]
    pub const fn progress(mut self) -> Self {
        self.progress = true;
        self
    }

    /// Writes the values of each epoch.
    #[must_use]
    pub fn log(mut self, log: Log) -> Self {
        self.log = Some(log);
        self
    }

    /// Goes on behind the latest of these checkpoints, if there is one, and saves one after each epoch: the network, its
    /// optimizer, the running mean, the best network, and the history so far. So a run that was ended, however it ended, and
    /// is started again gives what it would have given, if the batches of an epoch depend on its number alone:
    ///
    /// ```
    /// use fusion::prelude::*;
    /// use fusion::train::{Checkpoints, Fit};
    ///
    /// type Net = Linear<dim!(4), dim!(3)>;
    ///
    /// fn train(folder: &std::path::Path, epochs: usize) -> fusion::Result<Net> {
    ///     let iris = fusion::data::iris();
    ///     let mut net = Net::init(&mut StdRng::seed_from_u64(0));
    ///     Fit::new(epochs).checkpoints(&Checkpoints::new(folder)).run(
    ///         &mut net,
    ///         &mut Adam::new(1e-2),
    ///         |epoch| iris.batches(16).shuffle(&mut StdRng::seed_from_u64(epoch as u64)).map(Ok),
    ///         |net, (x, y)| net.forward(x.trace()).cross_entropy(&y),
    ///     )?;
    ///     Ok(net)
    /// }
    ///
    /// let folder = tempfile::tempdir()?;
    /// let (whole, halves) = (folder.path().join("whole"), folder.path().join("halves"));
    /// train(&halves, 2)?;
    /// assert_eq!(train(&halves, 5)?.weight, train(&whole, 5)?.weight); // begins with the third epoch
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// A log goes on with [`Log::append`]; an epoch that has to be made again stands there again.
    #[must_use]
    pub const fn checkpoints(mut self, checkpoints: &'a Checkpoints) -> Self {
        self.checkpoints = Some(checkpoints);
        self
    }

    /// Calls this after each step. It sees everything, may change it, and stops the training with
    /// `ControlFlow::Break(())`.
    #[must_use]
    pub fn on_step(mut self, call: impl FnMut(&mut Moment<'_, M>) -> Result<ControlFlow<()>> + 'a) -> Self {
        self.on_step.push(Box::new(call));
        self
    }

    /// Calls this after each epoch, with its values. It sees everything, may change it, and stops the training with
    /// `ControlFlow::Break(())`.
    ///
    /// ```
    /// use fusion::prelude::*;
    /// use fusion::train::Fit;
    /// use std::ops::ControlFlow;
    ///
    /// let mut net = Linear::<dim!(2), dim!(1)>::init(&mut StdRng::seed_from_u64(0));
    /// let mut plateau = schedule::Plateau::new(0.1).patience(1);
    /// let x = Tensor::<shape![4, 2]>::ones();
    /// let history = Fit::new(50)
    ///     .on_epoch(|now| {
    ///         now.optimizer.set_learning_rate(plateau.step(now.loss));
    ///         Ok(if now.loss < 1e-3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    ///     })
    ///     .run(&mut net, &mut Sgd::new(0.1), |_| [Ok(x.clone())], |net, x| net.forward(x.trace()).square().mean())?;
    /// assert!(history.len() < 50 && history.stopped());
    /// # Ok::<(), fusion::Error>(())
    /// ```
    #[must_use]
    pub fn on_epoch(mut self, call: impl FnMut(&mut Moment<'_, M>) -> Result<ControlFlow<()>> + 'a) -> Self {
        self.on_epoch.push(Box::new(call));
        self
    }

    /// Trains the network with the optimizer. `batches` makes the batches of an epoch, given how many went before: those of a
    /// [`Dataset`](crate::data::Dataset), which cannot fail, as `data.batches(64).map(Ok)`. `loss` gives the loss of one.
    ///
    /// # Errors
    /// What a batch, the validation, the log or a callback has for an error, and at once;
    /// [`Error::Argument`](crate::Error::Argument) if an epoch has no value of the name that early stopping looks at, or if the
    /// optimizer cannot make a step.
    ///
    /// # Panics
    /// Where `loss` does.
    #[track_caller]
    pub fn run<I, B, T: Float>(
        mut self,
        net: &mut M,
        optimizer: &mut dyn Optimizer,
        mut batches: impl FnMut(usize) -> I,
        mut loss: impl FnMut(&M, B) -> Tensor<(), T>,
    ) -> Result<History>
    where
        I: IntoIterator<Item = Result<B>>,
    {
        let (mut history, mut average) = (History::default(), self.mean.take());
        let mut best = self.keep.map(|keep| keep(net));
        let mut run = self.resume(&mut history, parts(net, optimizer, &mut average, &mut best))?;
        for epoch in run.epoch..self.epochs {
            if history.stopped() {
                break;
            }
            let (start, mut mean) = (Instant::now(), RunningMean::new());
            let bar = self.bar(epoch);
            let mut items = batches(epoch).into_iter().progress(&bar);
            let (mut going, mut last) = (true, f64::NAN);
            while going {
                let batch = items.next().transpose()?;
                let ended = batch.is_none();
                let made = match batch {
                    Some(batch) => {
                        let loss = loss(net, batch);
                        last = loss.item().into();
                        mean.update(last);
                        bar.set("loss", last);
                        self.steps.take(net, optimizer, loss.backward())?
                    }
                    None => self.steps.rest(net, optimizer)?,
                };
                if made {
                    if let Some(average) = &mut average {
                        average.update(net);
                    }
                    let (step, values) = (self.steps.made, &[]);
                    let mut now =
                        Moment { epoch, step, loss: last, values, network: &mut *net, optimizer: &mut *optimizer };
                    going = call(&mut self.on_step, &mut now)?;
                }
                if ended {
                    break;
                }
            }
            drop(items);
            let seconds = start.elapsed().as_secs_f64();
            let judged = average.as_ref().map_or(&*net, |average| average.network());
            let better = self.end(&mut history, judged, optimizer, (epoch, mean.value(), seconds))?;
            if let (true, Some(keep)) = (better, self.keep) {
                best = Some(keep(judged));
            }
            going &= !self.stopping.as_ref().is_some_and(|(_, stopping)| stopping.stop());
            let (step, loss) = (self.steps.made, mean.value());
            let values = &history.records()[epoch].values;
            let mut now = Moment { epoch, step, loss, values, network: &mut *net, optimizer: &mut *optimizer };
            if !(call(&mut self.on_epoch, &mut now)? && going) {
                history.stop();
            }
            run.epoch = epoch + 1;
            self.save(&mut run, &history, parts(net, optimizer, &mut average, &mut best))?;
        }
        if let (Some(best), Some(_)) = (best, history.best()) {
            *net = best;
        }
        Ok(history)
    }

    /// Where the run is, and what became of the epochs before.
    fn resume(&mut self, history: &mut History, parts: Parts<'_>) -> Result<Run> {
        let Some(checkpoints) = self.checkpoints else { return Ok(Run::default()) };
        let run = checkpoints.resume_parts(parts)?;
        run.restore("history", history)?;
        if let Some((_, stopping)) = &mut self.stopping {
            run.restore("early_stopping", stopping)?;
        }
        self.steps.made = run.step;
        Ok(run)
    }

    fn save(&self, run: &mut Run, history: &History, parts: Parts<'_>) -> Result<()> {
        let Some(checkpoints) = self.checkpoints else { return Ok(()) };
        run.step = self.steps.made;
        run.set("history", history)?;
        if let Some((_, stopping)) = &self.stopping {
            run.set("early_stopping", stopping)?;
        }
        let values = history.records().last().map(|record| &record.values);
        values.into_iter().flatten().for_each(|(name, value)| run.record(name, *value));
        checkpoints.save_parts(run, parts).map(|_| ())
    }

    fn bar(&self, epoch: usize) -> Progress {
        let title = format!("epoch {}/{}", epoch + 1, self.epochs);
        if self.progress { Progress::new(title) } else { Progress::hidden() }
    }

    /// Validates, notes and logs an epoch. Whether it is the best so far.
    fn end(
        &mut self,
        history: &mut History,
        net: &M,
        optimizer: &dyn Optimizer,
        (epoch, loss, seconds): (usize, f64, f64),
    ) -> Result<bool> {
        let found = self.validate.as_mut().map_or(Ok(Vec::new()), |validate| validate(net))?;
        let rate = optimizer.learning_rate();
        let rest = [("learning_rate", rate), ("seconds", seconds)];
        let values: Vec<(&str, f64)> = [("loss", loss)].into_iter().chain(found).chain(rest).collect();
        if let Some(log) = &mut self.log {
            log.write(epoch + 1, &values)?;
        }
        history.add(epoch + 1, &values);
        let Some((name, stopping)) = &mut self.stopping else { return Ok(false) };
        history.judge(name, |value| stopping.is_better(value))
    }
}

/// What a checkpoint holds of a run.
fn parts<'p, M: Module>(
    net: &'p mut M,
    optimizer: &'p mut dyn Optimizer,
    mean: &'p mut Option<Box<dyn Mean<M> + '_>>,
    best: &'p mut Option<M>,
) -> Parts<'p> {
    let mut parts = Parts::new().trained("model", net, optimizer);
    if let Some(mean) = mean {
        parts = parts.module("mean", mean.module());
    }
    match best {
        Some(best) => parts.module("best", best),
        None => parts,
    }
}

/// Calls all, and says whether none stops the training.
fn call<M>(calls: &mut [Callback<'_, M>], now: &mut Moment<'_, M>) -> Result<bool> {
    let mut going = true;
    for call in calls {
        going &= call(now)?.is_continue();
    }
    Ok(going)
}

#[cfg(test)]
mod tests;
