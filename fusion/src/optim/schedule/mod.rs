//! Schedules: the learning rate of each step. This is `torch.optim.lr_scheduler`.
//!
//! A [`Schedule`] is a value, a pure function of the number of the step. It holds no optimizer and counts nothing, so
//! training that was ended goes on with the number of the step alone:
//!
//! ```
//! use fusion::prelude::*;
//!
//! let mut net = Linear::<dim!(3), dim!(2)>::init(&mut StdRng::seed_from_u64(0));
//! let mut opt = AdamW::new(0.0);
//! let schedule = schedule::CosineAnnealing::new(0.1, 90).linear_warmup(10, 0.5);
//! let x = Tensor::<shape![8, 3]>::ones();
//! for step in 0..100 {
//!     opt.set_learning_rate(schedule.rate(step));
//!     let loss = net.forward(x.trace()).square().mean();
//!     opt.step(&mut net, loss.backward());
//! }
//! assert_eq!(schedule.rate(0), 0.05);
//! assert_eq!(schedule.rate(10), 0.1);
//! assert!(net.forward(x).square().mean().item() < 1e-3);
//! ```
//!
//! Steps count from 0. Where the rate changes once an epoch, the epoch is the step: `schedule.rate(epoch)`.
//!
//! | | the rate in step `t` | PyTorch's |
//! | --- | --- | --- |
//! | a number, `0.1` | the number | no scheduler |
//! | [`Lambda`] | a function's value times the rate | `LambdaLR` |
//! | [`Constant`] | lower at first, then the rate | `ConstantLR` |
//! | [`Linear`] | along a line to the rate | `LinearLR` |
//! | [`Step`], [`MultiStep`] | a factor smaller every few steps, or at milestones | `StepLR`, `MultiStepLR` |
//! | [`Exponential`] | a factor smaller each step | `ExponentialLR` |
//! | [`Polynomial`] | down to 0 by a power | `PolynomialLR` |
//! | [`CosineAnnealing`] | down half a cosine | `CosineAnnealingLR` |
//! | [`CosineAnnealingWarmRestarts`] | down half a cosine, again and again | `CosineAnnealingWarmRestarts` |
//! | [`OneCycle`] | up, then far down | `OneCycleLR` |
//! | [`Schedule::then`] | of one schedule, then of another | `SequentialLR` |
//! | [`Schedule::linear_warmup`], [`Schedule::cosine_warmup`] | up to another's first rate | `SequentialLR` and `LinearLR` |
//! | [`Plateau`] | a factor smaller when a metric no longer gets better | `ReduceLROnPlateau` |
//!
//! [`Plateau`] is no [`Schedule`], as it depends on what it was told.

mod base;
mod cosine;
mod decay;
mod declare;
mod plateau;

pub use base::{Anneal, Schedule, Then, Warmup};
pub use cosine::{CosineAnnealing, CosineAnnealingWarmRestarts, OneCycle};
pub use decay::{Constant, Exponential, Lambda, Linear, MultiStep, Polynomial, Step};
pub use plateau::{Mode, Plateau, ThresholdMode};
