//! Loading a part of a module, or from a part of a file.

use crate::{file, net};
use fusion::nn::{freeze, tie};
use fusion::prelude::*;
use fusion::state::Matching;
use std::fs;
use std::path::PathBuf;

/// A file with these contents.
fn saved(folder: &tempfile::TempDir, bytes: &[u8]) -> PathBuf {
    let path = folder.path().join("net.safetensors");
    fs::write(&path, bytes).unwrap();
    path
}

fn message<T>(result: fusion::Result<T>) -> String {
    let text = result.map(|_| ()).unwrap_err().to_string();
    text.split_once(":\n").map_or(text.clone(), |(_, problems)| problems.to_owned())
}

#[test]
fn what_is_there_is_loaded_and_the_rest_reported() {
    let folder = tempfile::tempdir().unwrap();
    let path = saved(&folder, &net(1).to_bytes().unwrap());
    model! { Wider: [3] -> [2] { fc1: Linear<_, 4>, Relu, fc3: Linear<_, 2> } }
    let mut wider = Wider::init(&mut StdRng::seed_from_u64(2));
    freeze(&mut wider.fc1);
    let before = wider.fc3.weight.to_vec();
    let report = wider.load_matching(&path, "*").unwrap();
    assert_eq!(report.loaded, ["fc1.weight", "fc1.bias"]);
    assert_eq!(report.kept, ["fc3.weight", "fc3.bias"]);
    assert_eq!(report.unused, ["fc2.bias", "fc2.weight"]);
    assert_eq!(
        report.to_string(),
        "loaded: 2\nleft as they were: `fc3.weight`, `fc3.bias`\n\
         in the file, but not used: `fc2.bias`, `fc2.weight`"
    );
    assert_eq!(wider.fc1.weight.to_vec(), net(1).fc1.weight.to_vec());
    assert!(wider.fc1.weight.value().is_frozen());
    assert_eq!(wider.fc3.weight.to_vec(), before);
}

#[test]
fn what_does_not_fit_is_an_error_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = saved(&folder, &net(1).to_bytes().unwrap());
    model! { Other: [3] -> [2] { fc1: Linear<_, 4>, Relu, fc2: Linear<_, 3>, Linear<_, 2> } }
    let mut other = Other::init(&mut StdRng::seed_from_u64(2));
    let before = other.to_bytes().unwrap();
    assert_eq!(
        message(other.load_matching(&path, "*")),
        "`fc2.weight` should be f32 [3, 4], but is f32 [2, 4]\n`fc2.bias` should be f32 [3], but is f32 [2]"
    );
    // Shapes that do not fit are left out by name.
    let report = other.load_part(&path, |name| name.starts_with("fc1.").then(|| name.to_owned())).unwrap();
    assert_eq!((report.loaded.len(), report.kept.len()), (2, 4));
    other.load_bytes(&before).unwrap();
    assert_eq!(
        message(other.fc1.load_part(&path, |name| Some(format!("fc_1.{name}")))),
        "`fc_1.weight` is missing; expected f32 [4, 3] (is it `fc1.weight`?)\n\
         `fc_1.bias` is missing; expected f32 [4] (is it `fc1.bias`?)"
    );
    assert_eq!(
        message(other.fc1.load_matching(&path, "*")),
        "it has no tensor of this module, which begins with `weight`, but `fc1.bias` and so on"
    );
    assert_eq!(other.to_bytes().unwrap(), before);
}

/// Two that are tied are one, whichever of them was asked for.
#[test]
fn what_is_tied_is_loaded_in_both_places() {
    let folder = tempfile::tempdir().unwrap();
    let path = saved(&folder, &net(1).to_bytes().unwrap());
    model! { Tied: [4] -> [2] { fc1: Linear<_, 2>, back: Linear<_, 4>, fc2: Linear<_, 2> } }
    let mut tied = Tied::init(&mut StdRng::seed_from_u64(2));
    tie(&mut tied.fc1.weight, &tied.fc2.weight);
    let report = tied.load_part(&path, |name| (name == "fc2.weight").then(|| name.to_owned())).unwrap();
    assert_eq!(report.loaded, ["fc1.weight", "fc2.weight"]);
    assert_eq!(tied.fc1.weight.to_vec(), net(1).fc2.weight.to_vec());
}

/// A file is checked as a whole, whatever of it is used.
#[test]
fn a_damaged_file_is_refused_though_its_part_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let entry = |name: &str, begin: usize, end: usize| {
        format!(r#""{name}":{{"dtype":"F32","shape":[1],"data_offsets":[{begin},{end}]}}"#)
    };
    let one = [("weight", 0, 4), ("other", 0, 4)].map(|(name, begin, end)| entry(name, begin, end)).join(",");
    let path = saved(&folder, &file(&format!("{{{one}}}"), 8));
    let mut vector = Tensor::<shape![1]>::zeros();
    let error = vector.load_part(&path, |_| Some("weight".into())).unwrap_err();
    assert!(matches!(error, fusion::Error::Format { .. }), "{error}");
}

model! {
    /// As in `tests/goldens/parallel.py`, but for the prefix, the name of the body and the size of the head.
    Tuned: [3] -> [2] { body: { fc1: Linear<_, 4>, bn1: BatchNorm1d<_>, Relu }, head: Linear<_, 2> }
}

#[test]
fn a_file_of_pytorchs_under_other_names() {
    let path = "goldens/parallel.safetensors";
    let mut net = Tuned::init(&mut StdRng::seed_from_u64(0));
    let before = net.head.weight.to_vec();
    let matching = Matching::new("*").strip("module.").rename("features.", "body.").skip_mismatched();
    let report = net.load_matching(path, matching.clone()).unwrap();
    assert_eq!(report.loaded.len(), 7);
    assert_eq!(report.kept, ["head.weight", "head.bias"]);
    assert_eq!(report.unused, [""; 0]);
    let lines: Vec<_> = report.mismatched.iter().map(ToString::to_string).collect();
    assert_eq!(
        lines,
        ["`head.weight` is f32 [2, 4], but f32 [5, 4] in the file", "`head.bias` is f32 [2], but f32 [5] in the file"]
    );
    let numbers = |range: std::ops::Range<u8>| range.map(f32::from).collect::<Vec<_>>();
    assert_eq!(net.body.fc1.weight.to_vec(), numbers(0..12));
    assert_eq!(net.body.bn1.running_var.get().to_vec(), numbers(28..32));
    assert_eq!(net.body.bn1.num_batches_tracked.get().item(), 32);
    assert_eq!(net.head.weight.to_vec(), before);
    // Without being asked for, another shape is an error, and leaves everything as it is.
    let before = net.to_bytes().unwrap();
    let strict = Matching::new("*").strip("module.").rename("features.", "body.");
    assert_eq!(
        message(net.load_matching(path, strict.clone())),
        "`head.weight` should be f32 [2, 4], but is f32 [5, 4]\n`head.bias` should be f32 [2], but is f32 [5]"
    );
    assert_eq!(net.to_bytes().unwrap(), before);
    let report = net.load_matching(path, strict.except("head.*")).unwrap();
    assert_eq!((report.loaded.len(), report.unused), (7, vec!["module.head.bias".into(), "module.head.weight".into()]));
}

#[test]
fn patterns_and_renames() {
    let folder = tempfile::tempdir().unwrap();
    let path = saved(&folder, &net(1).to_bytes().unwrap());
    let loads = |matching: Matching| net(2).load_matching(&path, matching).map(|report| report.loaded);
    assert_eq!(loads("fc1.*".into()).unwrap(), ["fc1.weight", "fc1.bias"]);
    assert_eq!(loads("*.bias".into()).unwrap(), ["fc1.bias", "fc2.bias"]);
    assert_eq!(loads(Matching::new("fc1.*").and("fc2.bias").except("*1.bias")).unwrap(), ["fc1.weight", "fc2.bias"]);
    let error = |matching: Matching| loads(matching).unwrap_err().to_string();
    assert_eq!(error("fc_1.*".into()), "`fc_1.*` fits no tensor of this module; the nearest is `fc1.bias`");
    assert_eq!(
        error(Matching::new("*").except("head.*")),
        "`head.*` fits no tensor of this module; the nearest is `fc1.bias`"
    );
    let twice = error(Matching::new("*").rename("fc2.bias", "fc1.bias"));
    assert!(twice.ends_with("two of its entries are called `fc1.bias` here"), "{twice}");
    // Layers that changed places.
    let swap = Matching::new("*").rename("fc1.", "x.").rename("fc2.", "fc1.").rename("x.", "fc2.").skip_mismatched();
    let mut other = net(2);
    let report = other.load_matching(&path, swap).unwrap();
    assert_eq!(report.mismatched.len(), 4, "{report}");
    assert_eq!(other.to_bytes().unwrap(), net(2).to_bytes().unwrap());
}
