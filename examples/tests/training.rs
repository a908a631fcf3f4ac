//! The examples that train on images, each on a few images of its own: a run that is killed and resumed ends with the bytes of
//! one that was not, a run is not mixed with another by mistake, and the saved network says what an image shows.

use fusion::data::write_png;
use fusion::prelude::*;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const TRAIN: usize = 40;
const TEST: usize = 8;

/// Pixels of an image of this class: noise, and a bright part where only this class has one.
fn pixels(count: usize, class: usize, rng: &mut StdRng) -> Vec<u8> {
    let bright = class * count / 10..(class + 1) * count / 10;
    (0..count).map(|i| if bright.contains(&i) { 255 } else { rng.random_range(0..100) }).collect()
}

/// MNIST's files and CIFAR-10's, with few images.
fn data(folder: &Path) {
    let rng = &mut StdRng::seed_from_u64(0);
    for (part, count) in [("train", TRAIN), ("t10k", TEST)] {
        let n = u8::try_from(count).unwrap();
        let (mut images, mut labels) =
            (vec![0, 0, 8, 3, 0, 0, 0, n, 0, 0, 0, 28, 0, 0, 0, 28], vec![0, 0, 8, 1, 0, 0, 0, n]);
        for i in 0..count {
            images.extend(pixels(784, i % 10, rng));
            labels.push((i % 10) as u8);
        }
        fs::write(folder.join(format!("{part}-images-idx3-ubyte")), images).unwrap();
        fs::write(folder.join(format!("{part}-labels-idx1-ubyte")), labels).unwrap();
    }
    for (name, count) in [("train.bin", TRAIN), ("test.bin", TEST)] {
        let records = (0..count).flat_map(|i| [vec![(i % 10) as u8], pixels(3072, i % 10, rng)].concat());
        fs::write(folder.join(name), records.collect::<Vec<_>>()).unwrap();
    }
}

/// The program of an example, which `cargo test` has built beside this one; `cargo test --test training` alone does not.
fn program(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    test.ancestors().nth(2).unwrap().join("examples").join(name).with_extension(std::env::consts::EXE_EXTENSION)
}

fn check(name: &str) {
    let folder = tempfile::tempdir().unwrap();
    data(folder.path());
    let (whole, killed) = (folder.path().join("whole"), folder.path().join("killed"));
    let run = |out: &Path, more: &[&str]| {
        let mut run = Command::new(program(name));
        run.args(["--epochs", "3", "--batch", "8", "--threads", "1", "--data"]).arg(folder.path());
        run.arg("--out").arg(out).args(more).stdout(Stdio::piped()).stderr(Stdio::piped());
        run
    };
    let end = |mut run: Command| {
        let output = run.output().unwrap();
        let text = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap()).concat();
        (output.status.success(), text)
    };
    let (done, text) = end(run(&whole, &[]));
    assert!(done && text.matches("accuracy").count() >= 3, "{name}: {text}");

    let mut child = run(&killed, &[]).spawn().unwrap();
    // Its first epoch is in a checkpoint once the second is over.
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert_eq!(lines.filter(|line| line.contains("accuracy")).take(2).count(), 2);
    child.kill().unwrap();
    child.wait().unwrap();
    let (done, text) = end(run(&killed, &[]));
    assert!(!done && text.contains("go on with it by --resume"), "{name}: {text}");
    let (done, text) = end(run(&killed, &["--resume"]));
    assert!(done, "{name}: {text}");
    let model = |folder: &Path| fs::read(folder.join("model.safetensors")).unwrap();
    assert!(model(&killed) == model(&whole), "{name}: a run that was resumed ends as one that was not killed");

    let image = folder.path().join("image.png");
    write_png(&image, &Tensor::<shape![3, 40, 50], u8>::full(200)).unwrap();
    let (done, text) = end(run(&whole, &["predict", image.to_str().unwrap()]));
    assert!(done && text.matches('%').count() == 3, "{name}: {text}");
}

#[test]
fn mnist_mlp() {
    check("mnist_mlp");
}

#[test]
fn mnist_lenet() {
    check("mnist_lenet");
}

#[test]
fn mnist_alexnet() {
    check("mnist_alexnet");
}

#[test]
fn cifar_resnet() {
    check("cifar_resnet");
}

#[test]
fn cifar_speedrun() {
    check("cifar_speedrun");
}
