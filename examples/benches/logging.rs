//! What a log costs: steps of the example `digits`, each second one with a record of its loss, in one run.
//!
//! `cargo bench -p fusion-benches --bench logging` prints the medians; the log lies in the system's folder for temporary files,
//! or in `FUSION_LOG_FOLDER`.

use fusion::log::Run;
use fusion::prelude::*;
use std::time::Instant;

model! {
    Digits: [64] -> [10] {
        fc1: Linear<_, 256>, Relu,
        Dropout<0.4>,
        fc2: Linear<_, 128>, Relu,
        fc3: Linear<_, 10>,
    }
}

fn median(times: &mut [f64]) -> f64 {
    times.sort_unstable_by(f64::total_cmp);
    times[times.len() / 2]
}

fn main() -> fusion::Result<()> {
    fusion::set_num_threads(1);
    let folder =
        std::env::var_os("FUSION_LOG_FOLDER").map_or_else(std::env::temp_dir, Into::into).join("fusion-logging");
    let mut rng = StdRng::seed_from_u64(0);
    let digits = fusion::data::digits().map_x(|x| x / 16.0);
    let mut net = Digits::init(&mut rng);
    let mut opt = Adam::new(2e-3);
    let mut right = 0.0;
    for with_events in [false, true] {
        let mut run = Run::create(&folder)?;
        if with_events {
            run = run.tensorboard()?;
        }
        let (mut times, mut records) = ([Vec::new(), Vec::new()], Vec::new());
        let mut start = Instant::now();
        for epoch in 0..200 {
            for (step, (x, y)) in digits.batches(32).shuffle(&mut rng).enumerate() {
                let scores = net.forward(x.trace());
                let loss = scores.cross_entropy(&y);
                let value = loss.item();
                right += scores.accuracy(&y);
                opt.step(&mut net, loss.backward());
                let logs = (epoch + step) % 2 == 1;
                if logs {
                    let start = Instant::now();
                    run.scalar(step as u64, "loss", value.into())?;
                    records.push(start.elapsed().as_secs_f64());
                }
                times[usize::from(logs)].push(start.elapsed().as_secs_f64());
                start = Instant::now();
            }
        }
        let ([without, with], record) = (times.each_mut().map(|times| median(times) * 1e6), median(&mut records) * 1e6);
        let name = if with_events { "log and events" } else { "log" };
        println!(
            "{name}: a step takes {without:.2} µs without and {with:.2} µs with a record, {:+.2}%; the record itself {record:.2} µs",
            100.0 * (with / without - 1.0)
        );
    }
    assert!(right > 0.0, "nothing is learned");
    std::fs::remove_dir_all(&folder).expect("the log of this program");
    Ok(())
}
