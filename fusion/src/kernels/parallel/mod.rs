//! How many threads large kernels use.

use std::sync::atomic::{AtomicUsize, Ordering};

/// 0 until somebody has asked or set it.
static THREADS: AtomicUsize = AtomicUsize::new(0);

/// Sets how many threads large kernels may use; 0 asks for as many as the machine has.
pub fn set_num_threads(n: usize) {
    THREADS.store(n, Ordering::Relaxed);
}

/// How many threads large kernels may use: what [`set_num_threads`] said, else as many as the machine has.
pub fn num_threads() -> usize {
    match THREADS.load(Ordering::Relaxed) {
        0 => {
            let n = std::thread::available_parallelism().map_or(1, usize::from);
            THREADS.store(n, Ordering::Relaxed);
            n
        }
        n => n,
    }
}
