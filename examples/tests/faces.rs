//! The example on faces, on a few images of its own: a run that is killed and resumed ends with the bytes of one that was not, a
//! run is not mixed with another by mistake, loaded weights are trained further, and drawings are written.

use fusion::data::{read_image, write_png};
use fusion::prelude::*;
use fusion::vision::{BBox, Canvas};
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const TRAIN: usize = 8;
const TEST: usize = 2;

/// Images with a light oval's worth of a box each, as the data sets have them.
fn data(folder: &Path) {
    let rng = &mut StdRng::seed_from_u64(0);
    fs::create_dir_all(folder.join("images")).unwrap();
    let (mut boxes, mut images) = ("image,x,y,w,h\n".to_owned(), "image,split\n".to_owned());
    for i in 0..TRAIN + TEST {
        let noise = Tensor::<shape![3, 80, 80], u8>::from_fn(|_| rng.random_range(60..120));
        let (x, y) = (rng.random_range(5..40) as f32, rng.random_range(5..40) as f32);
        let mut canvas = Canvas::new(&noise);
        canvas.fill(BBox::from_xywh(x, y, 28.0, 36.0), [230, 190, 170]);
        write_png(folder.join(format!("images/{i}.png")), &canvas.into_image()).unwrap();
        boxes += &format!("{i}.png,{x},{y},28,36\n");
        images += &format!("{i}.png,{}\n", if i < TRAIN { "train" } else { "test" });
    }
    fs::write(folder.join("annotations.csv"), boxes).unwrap();
    fs::write(folder.join("images.csv"), images).unwrap();
}

/// The program, which `cargo test` has built beside this one; `cargo test --test faces` alone does not.
fn faces(arguments: &[&str]) -> Command {
    let test = std::env::current_exe().unwrap();
    let examples: PathBuf = test.ancestors().nth(2).unwrap().join("examples");
    let mut run = Command::new(examples.join("faces").with_extension(std::env::consts::EXE_EXTENSION));
    run.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
    run
}

/// Did it end well, and what did it say?
fn end(mut run: Command) -> (bool, String) {
    let output = run.output().unwrap();
    (output.status.success(), [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap()).concat())
}

#[test]
fn from_nothing() {
    let folder = tempfile::tempdir().unwrap();
    data(&folder.path().join("faces-small"));
    let (whole, killed) = (folder.path().join("whole"), folder.path().join("killed"));
    let run = |out: &Path, more: &[&str]| {
        let mut run = faces(&["train", "--epochs", "3", "--batch", "4", "--threads", "1", "--data"]);
        run.arg(folder.path()).arg("--out").arg(out).args(more);
        run
    };
    let (done, text) = end(run(&whole, &[]));
    assert!(done && text.matches("average precision").count() == 3, "{text}");

    let mut child = run(&killed, &[]).spawn().unwrap();
    // Its first epoch is in a checkpoint once the second is over.
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert_eq!(lines.filter(|line| line.starts_with("average precision")).take(2).count(), 2);
    child.kill().unwrap();
    child.wait().unwrap();
    let (done, text) = end(run(&killed, &[]));
    assert!(!done && text.contains("go on with it by --resume"), "{text}");
    let (done, text) = end(run(&killed, &["--resume"]));
    assert!(done, "{text}");
    let model = |folder: &Path| fs::read(folder.join("model.safetensors")).unwrap();
    assert!(model(&killed) == model(&whole), "a run that was resumed ends as one that was not killed");

    let image = folder.path().join("faces-small/images/0.png");
    let mut draw = faces(&["predict", "--network", "finder"]);
    draw.arg("--model").arg(whole.join("model.safetensors")).arg("--out").arg(folder.path()).arg(&image);
    let (done, text) = end(draw);
    assert!(done, "{text}");
    assert_eq!(read_image(folder.path().join("0-faces.png")).unwrap().shape(), [3, 80, 80]);
}

#[test]
fn tuned() {
    let folder = tempfile::tempdir().unwrap();
    data(&folder.path().join("faces-wider"));
    let out = folder.path().join("out");
    let mut run = faces(&["tune", "--head-epochs", "1", "--epochs", "1", "--batch", "4", "--threads", "1", "--data"]);
    run.arg(folder.path()).arg("--out").arg(&out);
    let (done, text) = end(run);
    assert!(done && text.contains("as loaded") && text.matches("average precision").count() == 3, "{text}");
    let mut test = faces(&["test", "--model"]);
    test.arg(out.join("model.safetensors")).arg(folder.path().join("faces-wider"));
    let (done, text) = end(test);
    assert!(done && text.contains("10 photographs with 10 faces"), "{text}");
}
