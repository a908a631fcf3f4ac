//! Seeds for layers that need randomness: streams of numbers that depend on their seed alone.

use std::sync::atomic::{AtomicU64, Ordering};

/// The odd constant of SplitMix64: 2^64 divided by the golden ratio.
const GAMMA: u64 = 0x9E37_79B9_7F4A_7C15;

/// A counter-based generator, SplitMix64, that may be shared between threads.
///
/// Steele, Lea and Flood, [Fast Splittable Pseudorandom Number Generators](https://doi.org/10.1145/2660193.2660195),
/// 2014.
#[derive(Debug)]
pub struct Stream(AtomicU64);

impl Stream {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(AtomicU64::new(mix(seed)))
    }

    /// The next number.
    pub(crate) fn next(&self) -> u64 {
        mix(self.0.fetch_add(GAMMA, Ordering::Relaxed))
    }

    /// Where it is: all that its next numbers depend on.
    pub(crate) fn state(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    /// Goes on from where another was.
    pub(crate) fn set_state(&self, state: u64) {
        self.0.store(state, Ordering::Relaxed);
    }

    fn reseed(&self, seed: u64) {
        self.0.store(mix(seed), Ordering::Relaxed);
    }
}

/// The copy goes on as the original would have.
impl Clone for Stream {
    fn clone(&self) -> Self {
        Self(AtomicU64::new(self.state()))
    }
}

/// The finaliser of SplitMix64.
const fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

static DEFAULT: Stream = Stream::new(0);

/// Seeds the default generator, which layers without one of their own use: a [`Dropout`](crate::nn::Dropout) made with
/// `new`, and [`Trace::next_seed`](super::Trace::next_seed). PyTorch's `torch.manual_seed`.
///
/// A network made with `init(&mut rng)` does not need it: its dropout layers draw their seeds from `rng`. Without it
/// the generator starts at the same place in each process.
///
/// ```
/// use fusion::prelude::*;
///
/// let x = Tensor::<shape![100]>::ones();
/// let masks = || {
///     fusion::manual_seed(7);
///     let layer = Dropout::new(0.5);
///     [layer.forward(x.trace()).to_vec(), layer.forward(x.trace()).to_vec()]
/// };
/// assert_eq!(masks(), masks());
/// assert_ne!(masks()[0], masks()[1]);
/// ```
pub fn manual_seed(seed: u64) {
    DEFAULT.reseed(seed);
}

/// The default generator.
pub(crate) fn default_stream() -> &'static Stream {
    &DEFAULT
}

/// The next number of the default generator.
pub(crate) fn next_default() -> u64 {
    DEFAULT.next()
}
