//! Rules of which rustc speaks twice.
//!
//! Of a shape whose sizes are there a rule has a sentence with numbers, from deep within; of a shape of which generic
//! code knows nothing the best message is the rule itself, as a bound that can be pasted. `do_not_recommend` has rustc
//! name a rule instead of what it asks for, always. So an operation asks for the rule twice: first for what it
//! [says](Said), where sentences come through, then for the rule. Where both fail for one reason rustc tells of the first;
//! but what the rule asks for implies what is said, and is more where nothing is known: then it tells of the rule.

/// Asked of a shape: what a rule about it and an `X` says.
pub trait Said<Rule, X> {}

impl<S, Rule, X: Says<Rule, S>> Said<Rule, X> for S {}

/// [`Said`], asked of the other one, so that this is not guessed before it is known.
pub trait Says<Rule, S> {}
