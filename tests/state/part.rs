//! Loading a part of a module, or from a part of a file.

use crate::{file, net};
use fusion::nn::{freeze, tie};
use fusion::prelude::*;
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
    let report = wider.load_matching(&path).unwrap();
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
        message(other.load_matching(&path)),
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
        message(other.fc1.load_matching(&path)),
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
