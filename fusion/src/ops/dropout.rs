//! Dropout.

use crate::graph::{Value, record};
use crate::kernels::elementwise as kernel;

/// Each element becomes 0 with probability `p`, the others grow by `1 / (1 - p)`. The same `seed` drops the same
/// elements (Srivastava et al. 2014, inverted).
#[track_caller]
pub fn dropout(x: Value, p: f64, seed: u64) -> Value {
    let (x, link) = x.into_parts();
    record("dropout", [&link], kernel::dropout(x, p, seed), |_| move |g, _| [Some(dropout(g, p, seed))])
}
