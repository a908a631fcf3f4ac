//! Folders of checkpoints: what is kept, who may write, what is said.

use crate::{Net, net};
use fusion::optim::schedule::Mode;
use fusion::prelude::*;
use fusion::state::Matching;
use fusion::train::{Checkpoint, Checkpoints, Parts, Run};
use std::fs;
use std::path::Path;

/// The names of the checkpoints in a folder.
fn files(folder: &Path) -> Vec<usize> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let step = |name: String| name.strip_prefix("step-")?.strip_suffix(".safetensors")?.parse().ok();
    let mut steps: Vec<usize> = entries.filter_map(step).collect();
    steps.sort_unstable();
    steps
}

/// A run at a step.
fn at(step: usize) -> Run {
    let mut run = Run::default();
    run.step = step;
    run
}

/// Makes a step.
fn step(net: &mut Net, opt: &mut impl Optimizer) {
    let loss = net.forward(Tensor::<shape![5, 3]>::ones().trace()).square().mean();
    opt.step(net, loss.backward());
}

#[test]
fn the_last_ones_and_the_best_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let (net, opt) = (net(0), Adam::new(1e-3));
    let checkpoints = Checkpoints::new(folder.path()).keep(2).best_by("accuracy", Mode::Max);
    assert!(checkpoints.latest().unwrap().is_none() && checkpoints.best().unwrap().is_none());
    let mut run = Run::default();
    for (step, accuracy, expect) in [
        (1, None, &[1][..]),
        (2, Some(f64::NAN), &[1, 2]),
        (3, Some(0.5), &[2, 3]),
        (4, Some(0.75), &[3, 4]),
        (5, Some(0.75), &[4, 5]),
        (6, Some(0.5), &[4, 5, 6]),
        (7, Some(0.5), &[4, 6, 7]),
        (8, Some(f64::INFINITY), &[7, 8]),
        (8, Some(0.25), &[7, 8]),
    ] {
        run.step = step;
        if let Some(accuracy) = accuracy {
            run.record("accuracy", accuracy);
        }
        checkpoints.save(&run, &net, &opt).unwrap();
        assert_eq!(files(folder.path()), expect, "{step}");
    }
    assert_eq!(checkpoints.latest().unwrap().unwrap().run().step, 8);
    let best = checkpoints.best().unwrap().unwrap();
    assert_eq!((best.run().step, best.run().metric("accuracy")), (7, Some(0.5)));
    let worst = Checkpoints::new(folder.path()).best_by("accuracy", Mode::Min).best().unwrap().unwrap();
    assert_eq!(worst.run().step, 8);
    assert!(Checkpoints::new(folder.path()).best_by("loss", Mode::Min).best().unwrap().is_none());
}

#[test]
fn one_writes_and_others_read() {
    let folder = tempfile::tempdir().unwrap();
    let (mut net, mut opt) = (net(0), Adam::new(1e-3));
    let one = Checkpoints::new(folder.path());
    one.save(&at(3), &net, &opt).unwrap();
    let two = Checkpoints::new(folder.path());
    for error in [two.resume(&mut net, &mut opt).unwrap_err(), two.save(&at(4), &net, &opt).unwrap_err()] {
        assert!(error.to_string().contains("somebody else writes checkpoints here"), "{error}");
    }
    assert_eq!(two.latest().unwrap().unwrap().run().step, 3);
    drop(one);
    // A run that begins anew would mix with the old one.
    let error = two.save(&at(4), &net, &opt).unwrap_err().to_string();
    assert!(
        error.ends_with("it has checkpoints of a run, up to step 3: resume it, or choose another folder"),
        "{error}"
    );
    let mut run = two.resume(&mut net, &mut opt).unwrap();
    assert_eq!(run.resumed_from(), Some(&*folder.path().join("step-00000003.safetensors")));
    run.step += 1;
    two.save(&run, &net, &opt).unwrap();
    assert_eq!(files(folder.path()), [3, 4]);
}

#[test]
fn what_a_run_holds_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let (mut one, mut opt) = (net(0), Adam::new(1e-3).lookahead(2, 0.5));
    let mut mean = Averaged::ema(&one, 0.5);
    for _ in 0..3 {
        step(&mut one, &mut opt);
        mean.update(&one);
    }
    let mut run = at(3);
    run.epoch = 1;
    run.record("loss", 0.1);
    run.set("loader", &(7, [1, 2])).unwrap();
    let checkpoints = Checkpoints::new(folder.path());
    let parts = Parts::new().trained("model", &mut one, &mut opt).module("mean", &mut mean);
    let path = checkpoints.save_parts(&run, parts).unwrap();
    drop(checkpoints);

    let (mut two, mut other, mut again) = (net(1), Adam::new(0.5), Averaged::ema(&net(2), 0.5));
    let checkpoints = Checkpoints::new(folder.path());
    let parts = Parts::new().trained("model", &mut two, &mut other).module("mean", &mut again);
    let run = checkpoints.resume_parts(parts).unwrap();
    assert_eq!((run.epoch, run.step, run.metric("loss")), (1, 3, Some(0.1)));
    assert_eq!(run.get::<(i32, [u8; 2])>("loader").unwrap(), Some((7, [1, 2])));
    assert_eq!(format!("{other:?}"), format!("{opt:?}"));
    assert_eq!(again.to_bytes().unwrap(), mean.to_bytes().unwrap());
    for (net, opt) in [(&mut one, &mut opt), (&mut two, &mut other)] {
        step(net, opt);
    }
    assert_eq!(one.to_bytes().unwrap(), two.to_bytes().unwrap());

    // The network alone, in both ways.
    let (mut three, mut four) = (net(3), net(4));
    let checkpoint = Checkpoint::open(&path).unwrap();
    checkpoint.load("model", &mut three).unwrap();
    let report = four.load_matching(&path, Matching::new("*").strip("model.")).unwrap();
    assert_eq!(report.kept, [""; 0]);
    assert_eq!(three.to_bytes().unwrap(), four.to_bytes().unwrap());
    let error = checkpoint.load("modle", &mut three).unwrap_err().to_string();
    assert!(error.ends_with("it has no part `modle`, but `mean`, `model`"), "{error}");
}

model! { Drops: [3] -> [2] { fc1: Linear<_, 4>, drop: Dropout<0.5>, fc2: Linear<_, 2> } }

#[test]
fn what_does_not_fit_is_said_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (mut one, mut opt) = (net(0), Adam::new(1e-3));
    step(&mut one, &mut opt);
    let checkpoints = Checkpoints::new(folder.path());
    checkpoints.save(&at(1), &one, &opt).unwrap();
    let problem = |error: fusion::Error| {
        let text = error.to_string();
        text.split_once("run: ").or(text.split_once(":\n")).map_or(text.clone(), |(_, says)| says.to_owned())
    };
    let mut two = net(1);
    let before = two.to_bytes().unwrap();
    let error = problem(checkpoints.resume(&mut two, &mut Sgd::new(0.1)).unwrap_err());
    assert!(error.starts_with("`model_optimizer.fc1.bias.exp_avg` is unexpected; found f32 [4]\n"), "{error}");
    assert!(error.contains("\nit was saved by `Adam`, but this is `Sgd`"), "{error}");
    let mut opt = Adam::new(1e-3);
    let parts = Parts::new().module("model", &mut two);
    let error = problem(checkpoints.resume_parts(parts).unwrap_err());
    assert_eq!(error, "the part `model` was saved with an optimizer");
    let parts = Parts::new().trained("net", &mut two, &mut opt);
    let error = problem(checkpoints.resume_parts(parts).unwrap_err());
    assert_eq!(error, "its part `model` is not asked for; it has no part `net`");
    assert_eq!(two.to_bytes().unwrap(), before);
    let error = problem(checkpoints.resume(&mut Drops::init(&mut StdRng::seed_from_u64(0)), &mut opt).unwrap_err());
    assert_eq!(error, "the generator `model.drop.random` is not there");
    model! { Wider: [3] -> [2] { fc1: Linear<_, 5>, Relu, fc2: Linear<_, 2>, fc3: Linear<_, 2> } }
    let error = problem(checkpoints.resume(&mut Wider::init(&mut StdRng::seed_from_u64(0)), &mut opt).unwrap_err());
    assert_eq!(
        error,
        "`model.fc1.weight` should be f32 [5, 3], but is f32 [4, 3]\n\
         `model.fc1.bias` should be f32 [5], but is f32 [4]\n\
         `model.fc2.weight` should be f32 [2, 5], but is f32 [2, 4]\n\
         `model.fc3.weight` is missing; expected f32 [2, 2]\n\
         `model.fc3.bias` is missing; expected f32 [2]"
    );
}

#[test]
fn dropout_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let rng = &mut StdRng::seed_from_u64(0);
    let (one, mut two, mut opt) = (Drops::init(rng), Drops::init(rng), Sgd::new(0.1));
    let x = Tensor::<shape![20, 3]>::ones();
    one.forward(x.trace());
    Checkpoints::new(folder.path()).save(&at(1), &one, &opt).unwrap();
    Checkpoints::new(folder.path()).resume(&mut two, &mut opt).unwrap();
    for _ in 0..3 {
        assert_eq!(one.forward(x.trace()).to_vec(), two.forward(x.trace()).to_vec());
    }
}

#[test]
#[should_panic(expected = "two parts of a checkpoint are called `a`")]
fn parts_of_one_name() {
    let _ = Parts::new().module("a", &mut net(0)).module("a", &mut net(1));
}

#[test]
#[should_panic(expected = "not `a.b`")]
fn a_part_with_a_dot() {
    let _ = Parts::new().module("a.b", &mut net(0));
}

#[test]
fn folders_that_cannot_be_used() {
    let folder = tempfile::tempdir().unwrap();
    let (net, opt) = (net(0), Adam::new(1e-3));
    fs::write(folder.path().join("file"), b"").unwrap();
    let checkpoints = Checkpoints::new(folder.path().join("file"));
    assert!(matches!(checkpoints.save(&at(1), &net, &opt), Err(fusion::Error::File { .. })));
    assert!(matches!(checkpoints.latest(), Err(fusion::Error::File { .. })));
    assert!(matches!(Checkpoints::new(folder.path().join("file/x")).latest(), Err(fusion::Error::File { .. })));
    let mut run = at(1);
    run.set("large", &"x".repeat(17_000_000)).unwrap();
    let error = Checkpoints::new(folder.path().join("new")).save(&run, &net, &opt).unwrap_err().to_string();
    assert!(error.contains("of JSON, and a checkpoint holds 16777216"), "{error}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let closed = folder.path().join("closed");
        Checkpoints::new(&closed).save(&at(1), &net, &opt).unwrap();
        fs::remove_file(closed.join(".checkpoints.lock")).unwrap();
        fs::set_permissions(&closed, fs::Permissions::from_mode(0o555)).unwrap();
        if fs::write(closed.join("probe"), b"").is_ok() {
            println!("skipped: this user may write everywhere");
        } else {
            let checkpoints = Checkpoints::new(&closed);
            assert!(matches!(checkpoints.save(&at(2), &net, &opt), Err(fusion::Error::File { .. })));
            assert_eq!(checkpoints.latest().unwrap().unwrap().run().step, 1);
        }
        fs::set_permissions(&closed, fs::Permissions::from_mode(0o755)).unwrap();
    }
}
