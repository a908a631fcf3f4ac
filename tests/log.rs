//! The log of a run as others meet it: its writer is killed at any moment, and TensorBoard reads its events.
//! `FUSION_KILLS=50 cargo test --release -p fusion-tests --test log -- --nocapture` kills more often, and within records.

use fusion::log::{Reader, Record, Run};
use fusion::prelude::*;
use fusion::train::metrics::ConfusionMatrix;
use fusion_tests::child;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::time::Duration;

/// In whose place a log begins anew: it grows by many megabytes between two kills.
const KILLS_OF_A_RUN: usize = 5;

/// Writes without end, and a byte into another file after each record.
#[test]
#[ignore = "the child process of the test beside it"]
fn writing() {
    let Some(folder) = child::folder() else { return };
    let mut run = Run::append(&folder).unwrap();
    let first = Reader::open(&folder).unwrap().count() as u64;
    let mut written = File::options().append(true).create(true).open(folder.join("written")).unwrap();
    let large = Tensor::<shape![3, 512, 1024], u8>::full(1);
    for step in first.. {
        match step % 20 {
            0 => run.image(step, "large", &large).unwrap(),
            1 => run.text(step, "text", &"text ".repeat(1000)).unwrap(),
            _ => run.scalar(step, "loss", step as f64).unwrap(),
        }
        written.write_all(&[1]).unwrap();
    }
}

#[test]
fn killed_at_any_moment_it_loses_the_last_record_at_most() {
    let kills = child::kills();
    let mut rng = StdRng::seed_from_u64(14);
    let (mut torn, mut records, mut done) = (0, 0, 0);
    while done < kills {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path();
        let mut before = 0;
        for _ in 0..KILLS_OF_A_RUN.min(kills - done) {
            let mut child = child::start("writing", folder);
            let written = || fs::metadata(folder.join("written")).map_or(0, |about| about.len());
            while written() <= before {
                assert!(child.try_wait().unwrap().is_none(), "the child writes until it is killed");
                std::thread::sleep(Duration::from_micros(200));
            }
            std::thread::sleep(Duration::from_micros(rng.random_range(0..30_000)));
            child::kill(&mut child);
            let mut reader = Reader::open(folder).unwrap();
            let steps: Vec<u64> = reader.by_ref().map(|entry| entry.unwrap().step).collect();
            let (found, told) = (steps.len() as u64, written());
            assert!(steps.iter().copied().eq(0..found), "a record is lost or twice there");
            assert_eq!(reader.damaged(), 0);
            // The last one may be written and not told yet.
            assert!(found == told || found == told + 1, "{told} records were written, and {found} are there");
            File::options().write(true).open(folder.join("written")).unwrap().set_len(found).unwrap();
            torn += usize::from(reader.rest() > 0);
            (before, records) = (found, records + found);
            done += 1;
        }
    }
    println!("{done} kills, {torn} of them within a record; {records} records read, none lost");
}

/// CRC-32C bit by bit, as TensorFlow's files of records have it.
fn masked(bytes: &[u8]) -> u32 {
    let crc = bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0x82F6_3B78 * (crc & 1)))
    });
    (!crc).rotate_right(15).wrapping_add(0xA282_EAD8)
}

/// The messages of a file of events, with 0 as the time.
fn events(bytes: &[u8]) -> Vec<Vec<u8>> {
    let (mut rest, mut all) = (bytes, Vec::new());
    while !rest.is_empty() {
        let (length, behind) = rest.split_at(8);
        let count = u64::from_le_bytes(length.try_into().unwrap()) as usize;
        assert_eq!(behind[..4], masked(length).to_le_bytes());
        let message = &behind[4..][..count];
        assert_eq!(behind[4 + count..][..4], masked(message).to_le_bytes());
        assert_eq!(message[0], 1 << 3 | 1, "an event begins with its time");
        all.push([&message[..1], &[0; 8], &message[9..]].concat());
        rest = &behind[8 + count..];
    }
    all
}

/// The file of events in a folder.
fn event_file(folder: &Path) -> std::path::PathBuf {
    let found = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut found: Vec<_> = found.filter(|path| path.to_string_lossy().contains("tfevents")).collect();
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

/// What `goldens/events.py` writes with TensorBoard's own messages.
#[test]
fn events_are_those_of_tensorboard() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    let mut run = Run::create(folder).unwrap().tensorboard().unwrap();
    run.settings(&[("rate", &0.001), ("a|b", &"two\nlines")]).unwrap();
    run.scalar(1, "loss", 0.1).unwrap();
    run.scalars(300, &[("train/loss", f64::NAN), ("Ü", -2.5)]).unwrap();
    run.histogram(2, "x", &Tensor::<shape![4]>::from([-1.0, -0.5, 1.0, f32::INFINITY])).unwrap();
    run.histogram(2, "equal", &Tensor::<shape![3], i64>::from([7, 7, 7])).unwrap();
    run.text(1 << 40, "note", "**bold**").unwrap();
    let mut matrix = ConfusionMatrix::named(["cat", "dog"]);
    matrix.update_classes(&Tensor::from([0, 1, 1]), &Tensor::from([0, 0, 1]));
    run.confusion(3, "test", &matrix).unwrap();
    drop(run);
    let found = events(&fs::read(event_file(folder)).unwrap());
    let golden = events(include_bytes!("goldens/events.tfevents"));
    assert_eq!(found.len(), golden.len());
    for (at, (found, golden)) in found.iter().zip(&golden).enumerate() {
        assert_eq!(found, golden, "event {at}");
    }
}

#[test]
fn files_of_events_are_those_of_the_run() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    fs::write(folder.join("events.out.tfevents.1700000000.other"), "").unwrap();
    let count = || {
        let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
        names.filter(|name| name.to_string_lossy().ends_with(".fusion")).count() - 1 // run.fusion
    };
    for anew in [true, false, false, true] {
        let run = if anew { Run::create(folder) } else { Run::append(folder) };
        let mut run = run.unwrap().tensorboard().unwrap();
        run.image(1, "grey", &Tensor::<shape![1, 2, 2], u8>::full(0)).unwrap();
        if !anew {
            assert!(count() >= 2);
        }
    }
    // A run that begins anew leaves nothing of the one before, and what others wrote.
    assert_eq!(count(), 1);
    assert!(folder.join("events.out.tfevents.1700000000.other").exists());
    let entries: Vec<_> = Reader::open(folder).unwrap().map(Result::unwrap).collect();
    assert!(matches!(&entries[..], [entry] if matches!(entry.record, Record::Image(_))));
}
