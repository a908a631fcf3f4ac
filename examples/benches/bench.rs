//! The benchmark program: `cargo run --release --example bench -- WORKLOAD --threads N --budget SECONDS --peer NAME`.
//!
//! Prints one JSON line per workload: the median over samples of at least 2 ms each.
//!
//! | workload | what one call does |
//! | --- | --- |
//! | `w2_train` | a step of SGD on a 2-16-16-1 network with ReLU, batch 100, BCE with logits |
//! | `w3_train` | a step of Adam on a 784-128-64-10 network with ReLU, batch 64, cross-entropy |
//! | `w3_infer1` | the 784-128-64-10 network on one sample |
//! | `w4_train` | a step of Adam on LeNet, batch 64 |
//! | `w5_train` | a step of SGD with momentum on ResNet-20, batch 128 |
//! | `w5_infer1`, `w5_infer128` | ResNet-20 on so many images of 32 x 32 |
//! | `w6_infer1`, `w6_infer8` | ResNet-18 on so many images of 224 x 224 |
//! | `w7_infer1`, `w7_train16` | AlexNet on one image; a step of SGD with momentum on sixteen |
//! | `w8_infer1`, `w8_face1` | YOLOv3 of one class on one image of 416 x 416, `yoloface-500k` on one of 256 x 320 |
//! | `w9_sort`, `w9_topk`, `w9_cumsum`, `w9_gather`, `w9_scatter_add` | these operations of ten million numbers, as one row and along both axes of 1000 x 10000 |
//! | `w9_ew` | `tanh(1.7 * x + 0.3) * sigmoid(x)` of 2^24 numbers by `fused!`: forward, and forward and backward |
//! | `w9_norm` | layer norm and norm of root mean squares of 4096 rows of 3136, batch norm of 64 x 64 x 56 x 56, forward and backward |
//! | `w9_adam` | a step of Adam on 25 parameters of a million numbers |
//! | `w9_softmax` | softmax and cross-entropy of 4096 rows of 1000 scores: forward, and forward and backward |
//! | `w10_rss:WORKLOAD` | ten calls of a workload that trains, five of another: the most memory that the process had. Run it alone |

use clap::Parser;
use fusion_benches::{Unit, WORKLOADS, workload};
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

/// The most memory that this process has had so far, in MB; none where the system does not tell.
fn peak() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.split_whitespace().next()?.parse::<f64>().ok()? / 1024.0)
}

/// Prints the line of one measurement.
fn emit(args: &Args, workload: &str, metric: &str, unit: &str, mut list: Vec<f64>) {
    list.sort_by(f64::total_cmp);
    let n = list.len();
    let median = (list[(n - 1) / 2] + list[n / 2]) / 2.0;
    println!(
        r#"{{"peer":"{}","workload":"{workload}","threads":{},"metric":"{metric}","value":{median:.4},"unit":"{unit}","reps":{n},"min":{:.4},"median":{median:.4},"max":{:.4}}}"#,
        args.peer,
        args.threads,
        list[0],
        list[n - 1],
    );
}

fn main() {
    let args = Args::parse();
    fusion::set_num_threads(args.threads);
    for name in args.workload.split(',') {
        let (of, memory) = name.strip_prefix("w10_rss:").map_or((name, false), |of| (of, true));
        let measures = workload(of);
        if measures.is_empty() {
            eprintln!("there is no workload `{of}`: {}, w10_rss:WORKLOAD", WORKLOADS.join(", "));
            std::process::exit(2);
        }
        if memory {
            let calls = if of.contains("train") { 10 } else { 5 };
            for mut measure in measures {
                (0..calls).for_each(|_| (measure.call)());
            }
            match peak() {
                Some(mb) => emit(&args, name, "max_rss", "MB", vec![mb]),
                None => eprintln!("this system does not say how much memory the process had"),
            }
            continue;
        }
        for measure in measures {
            let (told, unit): (fn(f64) -> f64, &str) = match measure.unit {
                Unit::StepsPerSecond => (|seconds| 1.0 / seconds, "steps/s"),
                Unit::Microseconds => (|seconds| seconds * 1e6, "us"),
                Unit::Milliseconds => (|seconds| seconds * 1e3, "ms"),
            };
            let list = samples(args.budget, measure.call).into_iter().map(told).collect();
            emit(&args, name, measure.metric, unit, list);
        }
    }
}
