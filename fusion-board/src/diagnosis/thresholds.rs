//! From where on something is wrong. Each stands where trainings that go well do not come, and why is said beside it.

/// Reports in a row that must agree. One alone may be of an odd batch.
pub const REPORTS: usize = 3;

/// The change of a weight by a step, as a share of its norm, that is far too large. About 1e-3 is usual and 1e-2 is much; Adam's
/// first steps reach a few hundredths. At a tenth, ten steps replace the weight.
pub const LARGE_UPDATE: f64 = 0.1;

/// The change that is too large whatever the loss does: a step as long as the weight itself.
pub const REPLACING_UPDATE: f64 = 1.0;

/// How much of the loss must be gone, as a share of its first values, for a training that gets somewhere.
pub const PROGRESS: f64 = 0.1;

/// How far the loss must rise above its first values, as a multiple of these, to have grown. Batches differ by less.
pub const GROWN: f64 = 1.5;

/// How far a single loss must rise above the first to be a leap, of which a large update is then the cause.
pub const LEAP: f64 = 3.0;

/// The change of the loss, as a share of its first values, that is none: batches differ as much.
pub const UNMOVED: f64 = 0.02;

/// Steps without a change of the loss, and values of it, from which on it stands. A warm-up takes as long.
pub const PATIENCE: u64 = 200;
pub const LOSSES: usize = 20;

/// The share of units without a sign of life that is too much. Of trainings that go well a tenth or two are idle for a batch, and
/// with momentum up to four tenths.
pub const DEAD: f64 = 0.6;

/// The share that leaves nothing to the layers behind, whose own figures then mean nothing.
pub const ALL_DEAD: f64 = 0.9;

/// Values of each unit, of samples and of places in an image, without which 0 is no sign: half of them are 0 anyhow.
pub const VALUES: f64 = 16.0;

/// The share of results at which `tanh` or `sigmoid` is flat that is too much from the first step on. With usual weights and
/// inputs of deviation 1 it is a few hundredths at most: flat is beyond 3 for `tanh` and beyond 6 for `sigmoid`.
pub const SATURATED_AT_FIRST: f64 = 0.3;

/// The share that is too much where it came with the training: units learn to be sure, but not nearly all.
pub const SATURATED_LATER: f64 = 0.9;

/// The size of a gradient's elements, as a share of those of the weight with the largest, at which it has vanished. The first and
/// the last of usual layers differ by ten or a hundred.
pub const VANISHED: f64 = 1e-4;

/// The change of a weight by a step below which it does not learn: a hundredth of what is usual. Above it a small gradient does
/// no harm, as optimizers such as Adam scale it.
pub const SMALL_UPDATE: f64 = 1e-5;

/// The norm of a gradient, as a multiple of the weight's, at which it has exploded: a step of rate 1e-3 replaces the weight.
pub const EXPLODED: f64 = 1e3;
