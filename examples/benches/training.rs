//! `cargo bench`: the workloads of the benchmark program under divan, with throughput per sample.

use divan::Bencher;
use divan::counter::ItemsCount;
use fusion_benches::workload;

fn main() {
    fusion::set_num_threads(1);
    divan::main();
}

/// A step of training or one inference; samples per call.
#[divan::bench(args = [("w2_train", 100), ("w3_train", 64), ("w3_infer1", 1)])]
fn net(bencher: Bencher<'_, '_>, of: (&str, usize)) {
    time(bencher, of);
}

/// The same of image networks, whose calls are long.
#[divan::bench(sample_count = 10, args = [
    ("w4_train", 64), ("w5_train", 128), ("w5_infer1", 1), ("w5_infer128", 128), ("w6_infer1", 1), ("w6_infer8", 8),
    ("w7_infer1", 1), ("w7_train16", 16), ("w8_infer1", 1), ("w8_face1", 1),
])]
fn images(bencher: Bencher<'_, '_>, of: (&str, usize)) {
    time(bencher, of);
}

fn time(bencher: Bencher<'_, '_>, (name, samples): (&str, usize)) {
    let mut measure = workload(name).pop().expect("a workload");
    bencher.counter(ItemsCount::new(samples)).bench_local(&mut measure.call);
}
