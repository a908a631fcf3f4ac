//! `cargo bench`: the workloads of the benchmark program under divan, with throughput per sample.

use divan::Bencher;
use divan::counter::ItemsCount;
use fusion_examples::workload;

fn main() {
    fusion::set_num_threads(1);
    divan::main();
}

/// A step of training or one inference; samples per call.
#[divan::bench(args = [("w2_train", 100), ("w3_train", 64), ("w3_infer1", 1)])]
fn net(bencher: Bencher<'_, '_>, (name, samples): (&str, usize)) {
    let mut measure = workload(name).pop().expect("a workload");
    bencher.counter(ItemsCount::new(samples)).bench_local(&mut measure.call);
}
