//! The run that is killed: two networks and a mean, with everything that has a state.

use fusion::optim::schedule::{Mode, Plateau};
use fusion::prelude::*;
use fusion::train::{Checkpoints, Parts};
use std::path::Path;

model! {
    /// Large enough that writing it takes a while.
    pub Net: [64] -> [10] {
        fc1: Linear<_, 512>, bn1: BatchNorm1d<_>, Relu, drop1: Dropout<0.2>,
        fc2: Linear<_, 512>, Relu, drop2: Dropout<0.4>,
        fc3: Linear<_, 10>,
    }
}
model! { Small: [64] -> [10] { fc1: Linear<_, 16>, bn1: BatchNorm1d<_>, Relu, Dropout<0.1>, Linear<_, 10> } }

const BATCH: usize = 100;

/// The steps of an epoch.
pub const EPOCH: usize = 1797usize.div_ceil(BATCH);

/// The steps of the whole run.
pub const LAST: usize = 4 * EPOCH;

/// A checkpoint every so many steps, which falls into the middle of epochs.
const EVERY: usize = 5;

pub fn checkpoints(folder: &Path) -> Checkpoints {
    Checkpoints::new(folder).keep(2).best_by("loss", Mode::Min)
}

/// Trains up to step [`LAST`], from where the run in `folder` is.
pub fn train(folder: &Path) -> fusion::Result<()> {
    let data = fusion::data::digits().map_x(|x| x / 16.0);
    let mut rng = ChaCha12Rng::seed_from_u64(1);
    let (mut net, mut small) = (Net::init(&mut rng), Small::init(&mut rng));
    let mut mean = Averaged::ema(&net, 0.9);
    let mut opt = AdamW::new(0.0).lookahead(3, 0.5).group("*.bias", |g| g.weight_decay(0.0).rate_factor(2.0));
    let mut small_opt = Sgd::new(0.05).momentum(0.9);
    let schedule = schedule::CosineAnnealing::new(2e-3, LAST).linear_warmup(7, 0.1);
    let mut plateau = Plateau::new(0.05).patience(3);
    let mut losses: Vec<f32> = Vec::new();
    let checkpoints = checkpoints(folder);

    let parts = Parts::new().trained("model", &mut net, &mut opt).trained("small", &mut small, &mut small_opt);
    let mut run = checkpoints.resume_parts(parts.module("mean", &mut mean))?;
    run.restore_rng("rng", &mut rng)?;
    run.restore("plateau", &mut plateau)?;
    run.restore("losses", &mut losses)?;

    while run.step < LAST {
        let first = run.step % EPOCH;
        let order = &mut StdRng::seed_from_u64(run.epoch as u64);
        for (x, y) in data.batches(BATCH).shuffle(order).skip(first) {
            // Numbers of a generator of the program's own, and of the default one.
            let noise = x.randn_like(&mut rng) * 0.05;
            let seed = Trace::training().next_seed();
            let noise = noise * (1.0 + (seed % 7) as f32);
            let x = x + noise;
            opt.set_learning_rate(schedule.rate(run.step));
            small_opt.set_learning_rate(plateau.learning_rate());
            let loss = net.forward(x.trace()).cross_entropy(&y);
            losses.push(loss.item());
            opt.step(&mut net, loss.backward());
            mean.update(&net);
            let loss = small.forward(x.trace()).cross_entropy(&y);
            plateau.step(loss.item());
            run.record("loss", loss.item());
            small_opt.step(&mut small, loss.backward());
            run.step += 1;
            run.epoch = run.step / EPOCH;
            if run.step.is_multiple_of(EVERY) || run.step == LAST {
                run.set_rng("rng", &rng);
                run.set("plateau", &plateau)?;
                run.set("losses", &losses)?;
                let parts = Parts::new().trained("model", &mut net, &mut opt);
                let parts = parts.trained("small", &mut small, &mut small_opt).module("mean", &mut mean);
                checkpoints.save_parts(&run, parts)?;
            }
        }
    }
    Ok(())
}
