//! Groups of parameters with settings of their own.

use super::settings::{check, not_negative};
use super::slots::each_parameter;
use crate::kernels::Dims;
use crate::nn::Module;
use crate::state::{fits, nearest};
use crate::{Error, Result};
use std::fmt;
use std::sync::Arc;

/// What a group of parameters has of its own; the rest is the optimizer's. An optimizer's `group` makes it:
///
/// ```
/// use fusion::prelude::*;
///
/// model! { Net: [4] -> [3] { body: Linear<_, 8>, LayerNorm<_>, Relu, head: Linear<_, 3> } }
///
/// let mut net = Net::init(&mut StdRng::seed_from_u64(0));
/// let mut opt = AdamW::new(1e-3)
///     .weight_decay(0.1)
///     .group("body.*", |g| g.rate_factor(0.1))
///     .group(|_: &str, sizes: &[usize]| sizes.len() < 2, |g| g.weight_decay(0.0)) // biases, and the norm
///     .group("head.weight", |g| g.frozen());
/// let before = net.head.weight.to_vec();
/// let loss = net.forward(Tensor::<shape![2, 4]>::ones().trace()).square().mean();
/// opt.step(&mut net, loss.backward());
/// assert_eq!(net.head.weight.to_vec(), before);
/// ```
///
/// A parameter that several groups hold has the settings of them all, and of the last where two say the same setting.
#[doc(alias = "param_groups")]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Group {
    pub(super) rate_factor: Option<f64>,
    pub(super) weight_decay: Option<f64>,
    pub(super) frozen: bool,
}

impl Group {
    /// The optimizer's settings.
    const SAME: Self = Self { rate_factor: None, weight_decay: None, frozen: false };

    /// How many times the optimizer's learning rate, whatever it is in a step, these parameters have.
    ///
    /// # Panics
    /// If it is negative or not finite.
    #[doc(alias = "lr")]
    #[track_caller]
    #[must_use]
    pub fn rate_factor(mut self, rate_factor: f64) -> Self {
        check(not_negative("rate_factor", rate_factor));
        self.rate_factor = Some(rate_factor);
        self
    }

    /// The weight decay of these parameters.
    ///
    /// # Panics
    /// If it is negative or not finite.
    #[track_caller]
    #[must_use]
    pub fn weight_decay(mut self, weight_decay: f64) -> Self {
        check(not_negative("weight_decay", weight_decay));
        self.weight_decay = Some(weight_decay);
        self
    }

    /// These parameters stay as they are, and no step of theirs counts. Their gradients are computed all the same:
    /// [`nn::freeze`](crate::nn::freeze) saves that work.
    #[must_use]
    pub fn frozen(mut self) -> Self {
        self.frozen = true;
        self
    }
}

/// Which parameters a group holds: a pattern of paths, in which `*` stands for any letters (`"fc1.weight"`, `"*.bias"`,
/// `"layer1.*"`), or a function of path and sizes.
pub trait Which {
    #[doc(hidden)]
    fn into_test(self) -> Test;
}

/// A pattern or a function.
#[doc(hidden)]
#[derive(Clone)]
pub enum Test {
    Pattern(String),
    Function(Arc<dyn Fn(&str, &[usize]) -> bool + Send + Sync>),
}

impl Which for &str {
    fn into_test(self) -> Test {
        Test::Pattern(self.to_owned())
    }
}

impl<F: Fn(&str, &[usize]) -> bool + Send + Sync + 'static> Which for F {
    fn into_test(self) -> Test {
        Test::Function(Arc::new(self))
    }
}

impl Test {
    fn holds(&self, path: &str, shape: &Dims) -> bool {
        match self {
            Self::Pattern(pattern) => fits(pattern, path),
            Self::Function(test) => test(path, &shape.iter().collect::<Vec<_>>()),
        }
    }
}

impl fmt::Debug for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pattern(pattern) => pattern.fmt(f),
            Self::Function(_) => f.write_str("a function"),
        }
    }
}

/// An optimizer's groups.
#[derive(Clone, Default)]
pub(super) struct Groups {
    list: Vec<(Test, Group)>,
    /// Has each been seen to hold a parameter?
    checked: bool,
}

impl Groups {
    pub(super) const fn new() -> Self {
        Self { list: Vec::new(), checked: false }
    }

    pub(super) fn add(&mut self, which: impl Which, settings: impl FnOnce(Group) -> Group) -> Group {
        let group = settings(Group::SAME);
        self.list.push((which.into_test(), group));
        self.checked = false;
        group
    }

    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// What the parameter with this path and shape has of its own.
    pub(super) fn of(&self, path: &str, shape: &Dims) -> Group {
        let mut all = Group::SAME;
        for (_, group) in self.list.iter().filter(|(test, _)| test.holds(path, shape)) {
            all.rate_factor = group.rate_factor.or(all.rate_factor);
            all.weight_decay = group.weight_decay.or(all.weight_decay);
            all.frozen |= group.frozen;
        }
        all
    }

    /// An error if a group holds no parameter of `module`; asked once.
    pub(super) fn check(&mut self, module: &dyn Module) -> Result<()> {
        if self.checked || self.is_empty() {
            return Ok(());
        }
        let mut parameters = Vec::new();
        each_parameter(module, &mut |path, value, _| parameters.push((path.to_string(), *value.shape())));
        let is_empty = |test: &Test| !parameters.iter().any(|(path, shape)| test.holds(path, shape));
        if let Some(at) = self.list.iter().position(|(test, _)| is_empty(test)) {
            let problem = match &self.list[at].0 {
                Test::Pattern(pattern) => {
                    let near = nearest(pattern, parameters.iter().map(|(path, _)| path.as_str()));
                    let near = near.map_or(String::new(), |(_, path)| format!("; the nearest is `{path}`"));
                    format!("the group `{pattern}` fits the path of no parameter of this module{near}")
                }
                Test::Function(_) => {
                    let count = parameters.len();
                    format!("the function of group {} holds none of the {count} parameters of this module", at + 1)
                }
            };
            return Err(Error::argument("group", problem));
        }
        self.checked = true;
        Ok(())
    }
}

impl fmt::Debug for Groups {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.list.iter().map(|(test, group)| (test, group))).finish()
    }
}
