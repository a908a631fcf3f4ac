//! What is put together does what its parts do.

use super::*;
use crate::data::Dataset;
use crate::dim::{Dyn, Num};
use crate::nn::{Forward, Linear};
use crate::optim::schedule::Mode;
use crate::optim::{OptimizerExt, Sgd, schedule};
use crate::{Error, train::Checkpoints, train::Log};
use rand::SeedableRng;
use rand::rngs::StdRng;

type Net = Linear<Num<3>, Num<1>>;
type Batch = (Tensor<(Dyn, Num<3>)>, Tensor<(Dyn, Num<1>)>);

fn net() -> Net {
    Net::init(&mut StdRng::seed_from_u64(1))
}

fn data() -> Dataset<Tensor<(Dyn, Num<3>)>, Tensor<(Dyn, Num<1>)>> {
    let x = Tensor::from_fn_sized(&[20, 3], |i| (i as f32 * 0.7).sin()).unwrap();
    let y = Tensor::from_fn_sized(&[20, 1], |i| (i as f32 * 0.9).cos()).unwrap();
    Dataset::new(x, y).unwrap()
}

fn loss(net: &Net, (x, y): Batch) -> Tensor<()> {
    net.forward(x.trace()).mse_loss(&y)
}

fn same(a: &Net, b: &Net) -> bool {
    a.weight.to_vec() == b.weight.to_vec()
}

#[test]
fn as_a_plain_loop() {
    let (data, rate) = (data(), schedule::CosineAnnealing::new(0.1, 12));
    let (mut plain, mut opt) = (net(), Sgd::new(0.0).momentum(0.9));
    let mut mean = Averaged::ema(&plain, 0.9);
    let (mut losses, mut step) = (vec![], 0);
    for _ in 0..4 {
        let mut of_epoch = vec![];
        // Batches of 6, 6, 6, 2: steps of three of them, and of the one that remains.
        let batches: Vec<_> = data.batches(6).collect();
        for part in batches.chunks(3) {
            let mut sum: Option<crate::graph::Gradients> = None;
            for batch in part {
                let loss = loss(&plain, batch.clone());
                of_epoch.push(f64::from(loss.item()));
                match &mut sum {
                    Some(sum) => sum.accumulate(loss.backward()),
                    None => sum = Some(loss.backward()),
                }
            }
            let mut grads = sum.unwrap();
            grads.scale(1.0 / part.len() as f64);
            grads.clip_norm(0.5);
            opt.set_learning_rate(rate.rate(step));
            opt.step(&mut plain, &grads);
            mean.update(&plain);
            step += 1;
        }
        losses.push(of_epoch.iter().sum::<f64>() / of_epoch.len() as f64);
    }
    let (mut fitted, mut fitted_opt) = (net(), Sgd::new(0.0).momentum(0.9));
    let mut fitted_mean = Averaged::ema(&fitted, 0.9);
    let mut seen = vec![];
    let history = Fit::new(4)
        .accumulate(3)
        .clip_norm(0.5)
        .schedule(schedule::CosineAnnealing::new(0.1, 12))
        .average(&mut fitted_mean)
        .validate(|net: &Net| Ok([("first", f64::from(net.weight.to_vec()[0]))]))
        .on_step(|now| {
            seen.push((now.epoch, now.step));
            Ok(ControlFlow::Continue(()))
        })
        .run(&mut fitted, &mut fitted_opt, |_| data.batches(6).map(Ok), loss)
        .unwrap();
    assert!(same(&fitted, &plain) && same(&fitted_mean, &mean));
    assert_eq!(history.get("loss"), losses);
    assert_eq!(history.last("first"), Some(f64::from(mean.weight.to_vec()[0])));
    assert_eq!(history.last("learning_rate"), Some(rate.rate(7)));
    assert_eq!(seen, [(0, 1), (0, 2), (1, 3), (1, 4), (2, 5), (2, 6), (3, 7), (3, 8)]);
    assert!(!history.stopped() && history.best().is_none());
}

#[test]
fn it_stops_and_gives_the_best_back() {
    let data = data();
    let (mut trained, mut weights) = (net(), vec![]);
    let values = [0.5, 0.7, 0.6, 0.6, 0.9];
    let mut next = values.iter();
    let history = Fit::new(5)
        .validate(|_: &Net| Ok(vec![("accuracy", *next.next().unwrap())]))
        .early_stopping("accuracy", EarlyStopping::new(1).mode(Mode::Max))
        .restore_best()
        .on_epoch(|now: &mut Moment<'_, Net>| {
            weights.push(now.network.weight.to_vec());
            assert_eq!(now.get("accuracy"), Some(values[now.epoch]));
            Ok(ControlFlow::Continue(()))
        })
        .run(&mut trained, &mut Sgd::new(0.1), |_| data.batches(10).map(Ok), loss)
        .unwrap();
    assert_eq!((history.len(), history.stopped(), weights.len()), (4, true, 4));
    assert_eq!(history.best().map(|best| best.epoch), Some(2));
    assert_eq!(trained.weight.to_vec(), weights[1]);
    assert!(
        history.to_string().starts_with("epoch       loss   accuracy  learning_rate    seconds\n    1  "),
        "{history}"
    );
}

#[test]
fn a_callback_stops_it_in_the_middle_of_an_epoch() {
    let data = data();
    let break_at = |step| {
        move |now: &mut Moment<'_, Net>| {
            Ok(if now.step == step { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        }
    };
    let history = Fit::new(5)
        .on_step(break_at(3))
        .run(&mut net(), &mut Sgd::new(0.1), |_| data.batches(10).map(Ok), loss)
        .unwrap();
    assert_eq!((history.len(), history.stopped()), (2, true));
}

#[test]
fn the_log_has_every_epoch() {
    let (data, folder) = (data(), tempfile::tempdir().unwrap());
    for name in ["run.csv", "run.jsonl"] {
        let path = folder.path().join(name);
        let history = Fit::new(3)
            .log(Log::create(&path).unwrap())
            .run(&mut net(), &mut Sgd::new(0.1), |_| data.batches(10).map(Ok), loss)
            .unwrap();
        assert_eq!(Log::read(&path).unwrap().records, history.records());
    }
}

#[test]
fn errors_end_it_at_once() {
    let data = data();
    let batches = |_| data.batches(10).map(Ok);
    let bad = |_| [Err(Error::argument("x", "no such file"))];
    let error = Fit::new(3).run(&mut net(), &mut Sgd::new(0.1), bad, loss).unwrap_err();
    assert_eq!(error.to_string(), "no such file");
    let stopping = EarlyStopping::new(1);
    let error = Fit::new(3)
        .early_stopping("accuracy", stopping)
        .run(&mut net(), &mut Sgd::new(0.1), batches, loss)
        .unwrap_err()
        .to_string();
    assert_eq!(error, "an epoch has no `accuracy`: its values are loss, learning_rate, seconds");
    let other = net();
    let error = Fit::new(3).run(&mut net(), &mut Sgd::new(0.1), batches, |_, batch| loss(&other, batch)).unwrap_err();
    assert!(matches!(error, Error::Argument { .. }), "{error}");
    // No batches at all: the loss is that of nothing.
    let history = Fit::new(1).run(&mut net(), &mut Sgd::new(0.1), |_| data.batches(10).skip(9).map(Ok), loss).unwrap();
    assert!(history.last("loss").unwrap().is_nan());
}

#[test]
fn resumed_it_gives_what_it_would_have_given() {
    let (data, folder) = (data(), tempfile::tempdir().unwrap());
    let train = |name: &str, epochs: usize| {
        let (mut net, mut opt) = (net(), Sgd::new(0.0).momentum(0.9));
        let mut mean = Averaged::ema(&net, 0.5);
        let checkpoints = Checkpoints::new(folder.path().join(name));
        let batches = |epoch: usize| data.batches(6).shuffle(&mut StdRng::seed_from_u64(epoch as u64)).map(Ok);
        let history = Fit::new(epochs)
            .schedule(schedule::CosineAnnealing::new(0.1, 24))
            .average(&mut mean)
            .early_stopping("loss", EarlyStopping::new(9))
            .restore_best()
            .checkpoints(&checkpoints)
            .run(&mut net, &mut opt, batches, loss)
            .unwrap();
        let bytes = |net: &Net| crate::state::State::to_bytes(net).unwrap();
        (bytes(&net), bytes(mean.network()), history.get("loss"), history.best().map(|best| best.epoch))
    };
    let whole = train("whole", 6);
    for end in [1, 3, 4] {
        let name = format!("until {end}");
        train(&name, end);
        assert!(train(&name, 6) == whole);
    }
    assert_eq!(train("whole", 6), whole);
    assert_eq!(whole.2.len(), 6);
}

#[test]
fn a_run_that_stopped_stays_so() {
    let (data, folder) = (data(), tempfile::tempdir().unwrap());
    let train = || {
        let checkpoints = Checkpoints::new(folder.path());
        let history = Fit::new(9)
            .early_stopping("loss", EarlyStopping::new(0).min_delta(1e9))
            .checkpoints(&checkpoints)
            .run(&mut net(), &mut Sgd::new(0.1), |_| data.batches(10).map(Ok), loss)
            .unwrap();
        (history.len(), history.stopped())
    };
    assert_eq!((train(), train()), ((2, true), (2, true)));
}
