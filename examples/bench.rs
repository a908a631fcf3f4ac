//! The benchmark program: `cargo run --release --example bench -- WORKLOAD --threads N --budget SECONDS --peer NAME`.
//!
//! Prints one JSON line per workload: the median over samples of at least 2 ms each.
//!
//! | workload | what one call does |
//! | --- | --- |
//! | `w2_train` | a step of SGD on a 2-16-16-1 network with ReLU, batch 100, BCE with logits |
//! | `w3_train` | a step of Adam on a 784-128-64-10 network with ReLU, batch 64, cross-entropy |
//! | `w3_infer1` | the 784-128-64-10 network on one sample |
//! | `w9_ew` | `tanh(1.7 * x + 0.3) * sigmoid(x)` of 2^24 numbers by `fused!`: forward, and forward and backward |
//! | `w9_adam` | a step of Adam on 25 parameters of a million numbers |
//! | `w9_softmax` | softmax and cross-entropy of 4096 rows of 1000 scores: forward, and forward and backward |

use clap::Parser;
use fusion_examples::{Unit, WORKLOADS, workload};
use std::time::Instant;

#[derive(Parser)]
struct Args {
    /// Workloads, separated by commas.
    workload: String,
    /// How many threads to use.
    #[arg(long, default_value_t = 1)]
    threads: usize,
    /// Seconds of timing for each workload.
    #[arg(long, default_value_t = 1.5)]
    budget: f64,
    /// The name to report.
    #[arg(long, default_value = "fusion")]
    peer: String,
}

/// Seconds per call, one entry per sample.
fn samples(budget: f64, mut call: impl FnMut()) -> Vec<f64> {
    let (start, mut calls) = (Instant::now(), 0);
    while calls < 2 || start.elapsed().as_secs_f64() < (budget / 3.0).min(0.3) {
        call();
        calls += 1;
    }
    let once = start.elapsed().as_secs_f64() / f64::from(calls);
    let inner = (2e-3 / once).ceil().max(1.0) as u32;
    let (start, mut list) = (Instant::now(), Vec::new());
    while list.len() < 5 || (start.elapsed().as_secs_f64() < budget && list.len() < 200) {
        let sample = Instant::now();
        for _ in 0..inner {
            call();
        }
        list.push(sample.elapsed().as_secs_f64() / f64::from(inner));
    }
    list
}

fn main() {
    let args = Args::parse();
    fusion::set_num_threads(args.threads);
    for name in args.workload.split(',') {
        let measures = workload(name);
        if measures.is_empty() {
            eprintln!("there is no workload `{name}`: {}", WORKLOADS.join(", "));
            std::process::exit(2);
        }
        for measure in measures {
            let (told, unit): (fn(f64) -> f64, &str) = match measure.unit {
                Unit::StepsPerSecond => (|seconds| 1.0 / seconds, "steps/s"),
                Unit::Microseconds => (|seconds| seconds * 1e6, "us"),
                Unit::Milliseconds => (|seconds| seconds * 1e3, "ms"),
            };
            let mut list: Vec<f64> = samples(args.budget, measure.call).into_iter().map(told).collect();
            list.sort_by(f64::total_cmp);
            let n = list.len();
            let median = (list[(n - 1) / 2] + list[n / 2]) / 2.0;
            println!(
                r#"{{"peer":"{}","workload":"{name}","threads":{},"metric":"{}","value":{median:.4},"unit":"{unit}","reps":{n},"min":{:.4},"median":{median:.4},"max":{:.4}}}"#,
                args.peer,
                args.threads,
                measure.metric,
                list[0],
                list[n - 1],
            );
        }
    }
}
