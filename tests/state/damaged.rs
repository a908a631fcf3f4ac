//! Checkpoints that are damaged, not finished, of a newer version, or written by somebody hostile.

use crate::counting::asked;
use crate::{Net, header, net};
use fusion::prelude::*;
use fusion::train::{Checkpoint, Checkpoints, Parts, Run};
use std::fs;
use std::path::{Path, PathBuf};

/// A run with two checkpoints, of steps 1 and 2, and the path of the second.
fn two(folder: &Path) -> PathBuf {
    let (mut net, mut opt) = (net(0), Adam::new(1e-3));
    let checkpoints = Checkpoints::new(folder);
    let mut run = Run::default();
    run.set("loader", &[1, 2, 3]).unwrap();
    let mut path = PathBuf::new();
    for step in [1, 2] {
        let loss = net.forward(Tensor::<shape![5, 3]>::ones().trace()).square().mean();
        opt.step(&mut net, loss.backward());
        run.step = step;
        path = checkpoints.save(&run, &net, &opt).unwrap();
    }
    path
}

/// The step at which a run in this folder goes on, and how many files were skipped.
fn resumed(folder: &Path) -> fusion::Result<(usize, usize)> {
    let (mut net, mut opt) = (net(1), Adam::new(1e-3));
    Checkpoints::new(folder).resume(&mut net, &mut opt).map(|run| (run.step, run.skipped().len()))
}

/// CRC-32, a bit at a time.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes
        .iter()
        .fold(!0, |crc, &byte| (0..8).fold(crc ^ u32::from(byte), |crc, _| (crc >> 1) ^ (0xEDB8_8320 * (crc & 1))))
}

/// Puts the checksum right.
fn sealed(mut bytes: Vec<u8>) -> Vec<u8> {
    const DIGITS: std::ops::Range<usize> = 45..53;
    if bytes.len() >= DIGITS.end {
        bytes[DIGITS].fill(b'0');
        let digits = format!("{:08x}", crc32(&bytes));
        bytes[DIGITS].copy_from_slice(digits.as_bytes());
    }
    bytes
}

/// The contents of a file with a part of its header replaced, and with the checksum of that.
fn with(good: &[u8], from: &str, to: &str) -> Vec<u8> {
    let text = header(good);
    assert!(text.contains(from), "{text}");
    let text = text.replacen(from, to, 1);
    let mut bytes = (text.len() as u64).to_le_bytes().to_vec();
    bytes.extend_from_slice(text.as_bytes());
    bytes.extend_from_slice(&good[8 + header(good).len()..]);
    sealed(bytes)
}

#[test]
fn every_damaged_byte_is_noticed_and_the_one_before_taken() {
    let folder = tempfile::tempdir().unwrap();
    let path = two(folder.path());
    let good = fs::read(&path).unwrap();
    assert!(sealed(good.clone()) == good, "the checksum is Python's `zlib.crc32`");
    assert_eq!(resumed(folder.path()).unwrap(), (2, 0));
    for at in 0..good.len() {
        let mut bytes = good.clone();
        bytes[at] ^= 1 << (at % 8);
        fs::write(&path, bytes).unwrap();
        assert_eq!(resumed(folder.path()).unwrap(), (1, 1), "byte {at}");
    }
    for len in (0..good.len()).step_by(7) {
        fs::write(&path, &good[..len]).unwrap();
        assert_eq!(resumed(folder.path()).unwrap(), (1, 1), "{len} bytes");
    }
    fs::write(&path, [&good[..], b"x"].concat()).unwrap();
    assert_eq!(resumed(folder.path()).unwrap(), (1, 1));
    // Those that are not finished are told, and tidied up by who writes next.
    let begun = folder.path().join(".checkpoint-abc.tmp");
    fs::write(&begun, &good[..100]).unwrap();
    let checkpoints = Checkpoints::new(folder.path());
    let (whole, skipped) = checkpoints.list().unwrap();
    assert_eq!((whole.len(), skipped.len()), (1, 2));
    assert_eq!(skipped[1].to_string(), format!("{}: it is not finished", begun.display()));
    assert!(skipped[0].problem.contains("bytes"), "{}", skipped[0]);
    assert_eq!(checkpoints.latest().unwrap().unwrap().run().skipped().len(), 2);
    resumed(folder.path()).unwrap();
    assert!(!begun.exists());
}

#[test]
fn where_none_is_whole_nothing_begins_anew() {
    let folder = tempfile::tempdir().unwrap();
    let path = two(folder.path());
    fs::write(folder.path().join("step-00000001.safetensors"), b"").unwrap();
    fs::write(&path, b"not a checkpoint").unwrap();
    let error = resumed(folder.path()).unwrap_err().to_string();
    assert!(error.contains("none of its checkpoints is whole:\n"), "{error}");
    assert!(
        error.contains("step-00000001.safetensors: a safetensors file has at least 8 bytes, this has 0"),
        "{error}"
    );
}

#[test]
fn a_newer_version_and_other_files() {
    let folder = tempfile::tempdir().unwrap();
    let path = two(folder.path());
    let good = fs::read(&path).unwrap();
    fs::write(&path, with(&good, r#"\"version\":1"#, r#"\"version\":2"#)).unwrap();
    let error = resumed(folder.path()).unwrap_err().to_string();
    assert!(
        error.ends_with("it is a checkpoint of version 2, which a newer Fusion wrote: this one reads versions up to 1"),
        "{error}"
    );
    // A new run's checkpoints do not delete what they cannot read.
    net(0).save(&path).unwrap();
    let error = Checkpoint::open(&path).unwrap_err().to_string();
    assert!(error.ends_with("its metadata has no `checkpoint`: it is no checkpoint"), "{error}");
    let error = Checkpoint::open(folder.path()).unwrap_err();
    assert!(matches!(error, fusion::Error::File { .. }), "{error}");
}

/// Opens and restores; if that fails, nothing has changed.
fn restore(path: &Path, net: &mut Net) -> fusion::Result<Run> {
    let before = net.to_bytes()?;
    let result =
        Checkpoint::open(path).and_then(|file| file.restore(Parts::new().trained("model", net, &mut Adam::new(1e-3))));
    if result.is_err() {
        assert_eq!(net.to_bytes()?, before);
    }
    result
}

#[test]
fn documents_that_lie() {
    let folder = tempfile::tempdir().unwrap();
    let path = two(folder.path());
    let good = fs::read(&path).unwrap();
    let mut net = net(1);
    restore(&path, &mut net).unwrap();
    let text = header(&good);
    for (from, to) in [
        (r#"\"version\":1"#, r#"\"version\":-1"#),
        (r#"\"version\":1"#, r#"\"version\":1e300"#),
        (r#"\"step\":2"#, r#"\"step\":-2"#),
        (r#"\"step\":2"#, r#"\"step\":1e300"#),
        (r#"\"step\":2"#, r#"\"step\":[2]"#),
        (r#"\"metrics\":{}"#, r#"\"metrics\":[]"#),
        (r#"\"metrics\":{}"#, r#"\"metrics\":{\"a\":\"x\"}"#),
        (r#"\"metrics\":{}"#, r#"\"metrics\":{\"a\":null}"#),
        (r#"\"values\":{"#, r#"\"values\":[]"#),
        (r#"\"modules\":{"#, r#"\"modules\":{}"#),
        (r#"\"generators\":{}"#, r#"\"generators\":{\"x\":1}"#),
        (r#"\"generators\":{}"#, r#"\"generators\":{\"x\":-1}"#),
        (r#"\"generators\":{}"#, r#"\"generators\":7"#),
        ("Adam learning_rate=", "Adam learning_rate=-"),
        ("Adam learning_rate=", "Sgd learning_rate="),
        ("Adam learning_rate=", r"\u0000"),
        ("model.fc1.bias", "model.fc1.bais"),
        ("model_optimizer.fc1.bias.step", "model_optimizer.fc1.bias.stap"),
        (r#"\"default_generator\":"#, r#"\"default_generator\":-"#),
        ("crc32=", "crc31="),
    ] {
        fs::write(&path, with(&good, from, to)).unwrap();
        let error = restore(&path, &mut net).map(|_| from).unwrap_err();
        assert!(!matches!(error, fusion::Error::File { .. }), "{to}: {error}");
    }
    assert!(text.contains("model.fc1.bias"));
    // JSON that would swell, and one too deep.
    for (open, close) in [("[", "]"), (r#"{\"a\":"#, "}")] {
        let deep = format!(r#"\"values\":{{\"a\":{}1{},"#, open.repeat(100_000), close.repeat(100_000));
        fs::write(&path, with(&good, r#"\"values\":{"#, &deep)).unwrap();
        assert!(restore(&path, &mut net).is_err());
    }
    for item in ["[],", "1,", r#"{\"a\":0},"#] {
        let many = format!(r#"\"values\":{{\"a\":[{}0],"#, item.repeat(1_000_000 / item.len()));
        let bytes = with(&good, r#"\"values\":{"#, &many);
        fs::write(&path, &bytes).unwrap();
        let (result, asked) = asked(|| restore(&path, &mut net));
        assert!(asked.peak <= 120 * bytes.len(), "{asked:?} for {} bytes", bytes.len());
        result.unwrap();
    }
    let long = format!(r#"\"values\":{{\"a\":\"{}\","#, "x".repeat(17_000_000));
    fs::write(&path, with(&good, r#"\"values\":{"#, &long)).unwrap();
    let (result, asked) = asked(|| restore(&path, &mut net).map(|_| ()));
    let error = result.unwrap_err().to_string();
    assert!(error.contains("bytes long, a checkpoint has 16777216"), "{error}");
    assert!(asked.peak <= 60_000_000, "{asked:?}");
}

/// Thousands of files that somebody has changed a little, and whose checksum is right.
#[test]
fn random_changes_under_a_right_checksum() {
    let folder = tempfile::tempdir().unwrap();
    let path = two(folder.path());
    let good = fs::read(&path).unwrap();
    let head = 8 + header(&good).len();
    let mut rng = StdRng::seed_from_u64(4);
    let (mut net, mut restored) = (net(1), 0);
    for _ in 0..3000 {
        let mut bytes = good.clone();
        for _ in 0..rng.random_range(1..4) {
            let at = rng.random_range(53..head + 20).min(bytes.len() - 1);
            match rng.random_range(0..4) {
                0 => bytes[at] ^= 1 << rng.random_range(0..8),
                1 => bytes[at] = b"0123456789\"{}[],:\\ .-e"[rng.random_range(0..22)],
                2 => bytes[at] = good[rng.random_range(8..head)],
                _ => bytes.truncate(rng.random_range(0..good.len() + 1).max(at)),
            }
        }
        fs::write(&path, sealed(bytes)).unwrap();
        restored += usize::from(restore(&path, &mut net).is_ok());
    }
    assert!((10..2000).contains(&restored), "{restored}");
}
