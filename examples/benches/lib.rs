//! The benchmarks: `cargo bench -p fusion-benches`.
