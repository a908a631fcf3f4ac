//! Rules with two messages: a sentence with numbers, or the rule as a bound.
//!
//! Where the sizes of a shape are known, the best message is a sentence with numbers, which comes from a bound deep
//! inside the rule. Where generic code knows nothing of a shape, the best message is the rule itself, as a bound that
//! can be pasted. `do_not_recommend` makes rustc name the rule, always. So an operation states the rule twice: first as
//! [`Said`], which lets sentences through, then as the rule itself. If both fail for the same reason, rustc reports the
//! first. The rule's own bounds imply [`Said`] and ask for more where nothing is known; rustc then reports the rule.

/// Bound on a shape: the sentence that `Rule` has for this shape and an `X` holds.
pub trait Said<Rule, X> {}

impl<S, Rule, X: Says<Rule, S>> Said<Rule, X> for S {}

/// [`Said`], implemented on `X` so that inference does not guess `X`.
pub trait Says<Rule, S> {}
