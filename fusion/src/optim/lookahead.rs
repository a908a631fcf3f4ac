//! Lookahead: slow weights behind the fast ones of any optimizer.

use super::rule::State;
use super::settings::{positive, share};
use crate::kernels::Array;
use crate::kernels::optim::{Update, update};
use crate::kernels::simd::Vector;

/// With what its settings begin in a file, behind those of the optimizer.
const MORE: &str = " lookahead_steps=";

/// The settings of lookahead.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Lookahead {
    pub steps: usize,
    pub alpha: f64,
}

impl Lookahead {
    pub(super) fn new(steps: usize, alpha: f64) -> Result<Self, String> {
        positive("lookahead's steps", steps)?;
        share("lookahead's alpha", alpha)?;
        Ok(Self { steps, alpha })
    }

    /// Its settings as they stand behind an optimizer's.
    pub(super) fn text(self) -> String {
        let Self { steps, alpha } = self;
        format!("{MORE}{steps} lookahead_alpha={alpha:?}")
    }

    /// Splits a text into an optimizer's settings and those of lookahead, if it has such.
    pub(super) fn split(text: &str) -> (&str, Option<Result<Self, String>>) {
        match text.find(MORE) {
            Some(at) => (&text[..at], Some(Self::parse(&text[at..]))),
            None => (text, None),
        }
    }

    /// Reads what [`Lookahead::text`] wrote.
    fn parse(text: &str) -> Result<Self, String> {
        let words = text.strip_prefix(MORE).and_then(|rest| rest.split_once(" lookahead_alpha="));
        let numbers = words.and_then(|(steps, alpha)| Some((steps.parse().ok()?, alpha.parse().ok()?)));
        let Some((steps, alpha)) = numbers else {
            return Err(format!("`{}` is not what lookahead writes", text.trim_start()));
        };
        Self::new(steps, alpha)
    }

    /// Before a step of the fast weights: the slow ones begin where they do.
    pub(super) fn begin(parameter: &Array, state: &mut State) {
        state.slow.get_or_insert_with(|| parameter.clone());
    }

    /// After a step: now and then the slow weights follow, and the fast ones go on from there.
    pub(super) fn follow(self, parameter: &mut Array, gradient: &Array, state: &mut State) {
        if state.steps.is_multiple_of(self.steps as u64) {
            let slow = state.slow.as_mut().expect("begun before the step");
            update([parameter, slow], gradient, [self.alpha], Follow);
        }
    }
}

/// The parameter and its slow weight. The gradient has no part in it.
#[derive(Clone, Copy)]
struct Follow;

impl Update<1, 2> for Follow {
    #[inline(always)]
    fn next<V: Vector>(self, [alpha]: [V; 1], [fast, slow]: [V; 2], _: V) -> [V; 2] {
        let slow = alpha.mul_add(fast - slow, slow);
        [slow, slow]
    }
}
