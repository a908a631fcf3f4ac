//! A run that is killed again and again, in the middle of epochs and of writes, ends with the same bits as one that nobody
//! disturbed. `FUSION_KILLS=50 cargo test --release -p fusion-tests --test resume -- --nocapture` is the long form.

#[path = "resume/training.rs"]
mod training;

use fusion::prelude::*;
use fusion::train::Checkpoints;
use fusion_tests::child;
use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};
use training::{EPOCH, LAST, checkpoints};

/// The run itself, in a process of its own.
#[test]
#[ignore = "the child process of the tests beside it"]
fn training() {
    if let Some(folder) = child::folder() {
        training::train(&folder).unwrap();
    }
}

/// A process that takes the run in `folder` up and goes on to its end.
fn start(folder: &Path) -> Child {
    child::start("training", folder)
}

fn finish(folder: &Path) {
    assert!(start(folder).wait().unwrap().success());
}

/// The last checkpoint of a run that has ended, which has all that there is.
fn end(folder: &Path) -> Vec<u8> {
    let latest = checkpoints(folder).latest().unwrap().expect("a run that has ended");
    assert_eq!(latest.run().step, LAST);
    std::fs::read(latest.path()).unwrap()
}

/// What the kills hit.
#[derive(Debug, Default)]
struct Hits {
    kills: usize,
    during_a_write: usize,
    within_an_epoch: usize,
    before_the_first: usize,
    runs: usize,
    resumed: usize,
}

/// Is there a file that was begun and not finished?
fn is_writing(folder: &Path) -> bool {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.into_iter().any(|entry| entry.file_name().to_str().is_some_and(|name| name.starts_with(".checkpoint-")))
}

/// Kills `child` after `delay`, or where `in_write` in the next write after it; `false` if it ends before.
fn kill(child: &mut Child, folder: &Path, delay: Duration, in_write: bool) -> bool {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            assert!(status.success(), "a run that is taken up ends well");
            return false;
        }
        if start.elapsed() >= delay && (!in_write || is_writing(folder)) {
            child::kill(child);
            return true;
        }
        std::thread::sleep(Duration::from_micros(300));
    }
}

#[test]
fn killed_at_any_moment_it_ends_with_the_same_bits() {
    let kills = child::kills();
    let home = tempfile::tempdir().unwrap();
    let whole = home.path().join("whole");
    let begin = Instant::now();
    finish(&whole);
    let (expect, time) = (end(&whole), begin.elapsed());
    let mut rng = ChaCha12Rng::seed_from_u64(12);
    let mut hits = Hits::default();
    while hits.kills < kills {
        let folder = home.path().join(format!("run{}", hits.runs));
        hits.runs += 1;
        let mut reached = 0;
        loop {
            let is_over = hits.kills == kills;
            let mut child = start(&folder);
            // Together the kills of a run take about as long as the run.
            let delay = time.mul_f64(rng.random_range(0.02..0.6));
            if is_over || !kill(&mut child, &folder, delay, hits.kills % 2 == 1) {
                assert!(child.wait().unwrap().success());
                break;
            }
            hits.kills += 1;
            hits.during_a_write += usize::from(is_writing(&folder));
            match checkpoints(&folder).latest().unwrap() {
                None => {
                    assert_eq!(reached, 0, "a checkpoint is lost");
                    hits.before_the_first += 1;
                }
                Some(latest) => {
                    let step = latest.run().step;
                    assert!(step >= reached, "step {step} is behind {reached}");
                    reached = step;
                    hits.resumed += 1;
                    hits.within_an_epoch += usize::from(step % EPOCH != 0);
                }
            }
        }
        assert!(end(&folder) == expect, "another run than the one that nobody disturbed: {hits:?}");
        assert!(!is_writing(&folder), "what was begun is tidied up");
    }
    println!("{time:.1?} undisturbed; {hits:?}; every run ended with the same {} bytes", expect.len());
    assert!(hits.resumed > 0 && hits.within_an_epoch > 0);
    assert!(hits.kills < 50 || hits.during_a_write > 0, "no kill hit a write");
}

/// What the parent saved stays, and nothing half written.
#[test]
#[ignore = "the child process of `without_room_the_older_one_stays`"]
fn child_without_room() {
    let Some(folder) = child::folder() else { return };
    let (mut net, mut opt) = (training::Net::init(&mut StdRng::seed_from_u64(0)), Adam::new(1e-3));
    let checkpoints = Checkpoints::new(&folder).keep(1);
    let mut run = checkpoints.resume(&mut net, &mut opt).unwrap();
    run.step += 1;
    let error = checkpoints.save(&run, &net, &opt).unwrap_err();
    assert!(matches!(error, fusion::Error::File { .. }), "{error}");
    assert!(error.to_string().contains("step-00000002.safetensors"), "{error}");
    assert!(!is_writing(&folder));
    assert_eq!(checkpoints.latest().unwrap().unwrap().run().step, 1);
}

/// A disk without room, as the system's limit to the size of a file makes one.
#[cfg(unix)]
#[test]
fn without_room_the_older_one_stays() {
    let home = tempfile::tempdir().unwrap();
    let net = training::Net::init(&mut StdRng::seed_from_u64(0));
    let mut run = fusion::train::Run::default();
    run.step = 1;
    Checkpoints::new(home.path()).save(&run, &net, &Adam::new(1e-3)).unwrap();
    let mut limited = Command::new("sh");
    // Without the trap the system would end the process.
    limited.args(["-c", "trap '' XFSZ; ulimit -f 100; exec \"$0\" \"$@\""]).arg(std::env::current_exe().unwrap());
    let status = child::working_in(&mut limited, "child_without_room", home.path()).status().unwrap();
    assert!(status.success());
}
