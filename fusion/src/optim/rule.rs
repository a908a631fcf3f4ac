//! What an optimizer's rule is: how a step changes one parameter, and what is kept for it.

use super::groups::Group;
use super::settings::Settings;
use crate::kernels::optim::{Update, update};
use crate::kernels::simd::Vector;
use crate::kernels::{Array, Dims};

/// How many arrays an optimizer keeps for a parameter, at most.
pub(super) const MOST_KEPT: usize = 3;

/// What an optimizer keeps for one parameter. Before the first step that is nothing.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    /// How many steps the parameter has made. A file has it where the rule or lookahead counts them.
    pub steps: u64,
    /// The rule's arrays, in the order of [`Rule::KEPT`], each of the parameter's shape.
    pub arrays: [Option<Array>; MOST_KEPT],
    /// Where the slow weights of lookahead are, once there are some.
    pub slow: Option<Array>,
    /// What its groups say, once that is known.
    pub group: Option<Group>,
}

/// An array of zeros like the parameter, where there is none yet.
pub(super) fn kept<'a>(array: &'a mut Option<Array>, parameter: &Array) -> &'a mut Array {
    array.get_or_insert_with(|| Array::full_float(parameter.dtype(), 0.0, *parameter.shape()))
}

/// `p + rate · along`, in place.
pub(super) fn go(p: &mut Array, rate: f64, along: &Array) {
    update([p], along, [rate], Go);
}

#[derive(Clone, Copy)]
struct Go;

impl Update<1, 1> for Go {
    #[inline(always)]
    fn next<V: Vector>(self, [rate]: [V; 1], [p]: [V; 1], along: V) -> [V; 1] {
        [rate.mul_add(along, p)]
    }
}

/// The gradient `g` of the parameter `p` with `decay` times the parameter, if there is weight decay: 0 times an infinite
/// parameter would be NaN.
#[inline(always)]
pub(super) fn decayed<V: Vector>(decays: bool, decay: V, p: V, g: V) -> V {
    if decays { decay.mul_add(p, g) } else { g }
}

/// What weight decay does to the parameter itself, a factor, and how much of the parameter it adds to the gradient. Where it
/// is `decoupled` it is no part of the gradient.
pub(super) fn decay(weight_decay: f64, decoupled: bool, learning_rate: f64) -> [f64; 2] {
    if decoupled { [1.0 - learning_rate * weight_decay, 0.0] } else { [1.0, weight_decay] }
}

/// Settings that a group may change. [`optimizer!`](super::declare::optimizer) writes this.
pub(super) trait Grouped: Sized {
    /// The settings of a parameter of this group.
    fn in_group(&self, group: &Group) -> Self;
}

/// An optimizer's rule: how a step changes one parameter. The rest of an optimizer follows from it.
pub(super) trait Rule: Settings + Grouped {
    /// PyTorch's names for the arrays that are kept for a parameter.
    const KEPT: &'static [&'static str];

    /// Does it count the steps of each parameter?
    const COUNTS_STEPS: bool = false;

    /// Says what it steps, if a parameter has another shape than that.
    const REFUSES: Option<fn(&Dims) -> Option<&'static str>> = None;

    /// Which of [`Rule::KEPT`] these settings need.
    fn needs(&self) -> [bool; MOST_KEPT] {
        [true; MOST_KEPT]
    }

    /// Says which settings do not go together.
    fn agree(&self) -> Result<(), String> {
        Ok(())
    }

    /// Changes a parameter by its gradient. `state.steps` counts this step already.
    fn step(&self, parameter: &mut Array, gradient: &Array, state: &mut State);
}
