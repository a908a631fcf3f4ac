//! Reading the golden values, and what counts as equal.

use fusion::prelude::*;
use serde_json::Value as Json;
use std::path::PathBuf;

/// A file of `goldens/`.
pub fn path(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "goldens", name].iter().collect()
}

/// A JSON file of `goldens/`.
pub fn json(name: &str) -> Json {
    let text = std::fs::read_to_string(path(name)).expect("a golden file");
    serde_json::from_str(&text).expect("valid JSON")
}

/// A list of sizes or kept steps.
pub fn sizes(list: &Json) -> Vec<usize> {
    let number = |n: &Json| n.as_u64().expect("a size") as usize;
    list.as_array().expect("a list of sizes").iter().map(number).collect()
}

/// A number, which may be a word.
pub fn number(n: &Json) -> f64 {
    match n {
        Json::String(word) => word.parse().expect("inf, -inf or nan"),
        n => n.as_f64().expect("a number"),
    }
}

/// A list of numbers in the type `T`, in which they are exact.
pub fn numbers<T: Float>(list: &Json) -> Vec<T> {
    list.as_array().expect("a list of numbers").iter().map(|n| T::from_f64(number(n))).collect()
}

/// How far a result may be from a golden value, relative to it where it is larger than 1.
pub trait Tolerance: Float {
    /// The name of this type in the files.
    const NAME: &str;
    /// The most that counts as equal.
    const TOLERANCE: f64;
}

impl Tolerance for f32 {
    const NAME: &str = "f32";
    const TOLERANCE: f64 = 1e-5;
}

impl Tolerance for f64 {
    const NAME: &str = "f64";
    const TOLERANCE: f64 = 1e-12;
}

/// Is it the value that we want? Says where it is not.
pub fn compare<T: Tolerance>(what: &str, found: &[T], want: &[T]) -> Result<(), String> {
    farthest(what, found, want, T::TOLERANCE).map(|_| ())
}

/// How far the value is from the one that we want, at most: the difference over the larger of 1 and that value. Says
/// where it is farther than `most`.
pub fn farthest<T: Tolerance>(what: &str, found: &[T], want: &[T], most: f64) -> Result<f64, String> {
    if found.len() != want.len() {
        return Err(format!("{what}: {} elements instead of {}", found.len(), want.len()));
    }
    let mut worst = 0.0f64;
    for (i, (&found, &want)) in found.iter().zip(want).enumerate() {
        let (x, y): (f64, f64) = (found.into(), want.into());
        if x == y || (x.is_nan() && y.is_nan()) {
            continue;
        }
        let off = (x - y).abs() / y.abs().max(1.0);
        if off.is_nan() || off > most {
            return Err(format!("{what}: element {i} is {x:e} instead of {y:e}, off by {:e}", (x - y).abs()));
        }
        worst = worst.max(off);
    }
    Ok(worst)
}

/// Fails with all that is wrong, of which the first thirty are shown.
pub fn report(what: &str, count: usize, wrong: &[String]) {
    println!("{what}: {count} checks");
    let shown = wrong.iter().take(30).map(String::as_str).collect::<Vec<_>>().join("\n");
    assert!(wrong.is_empty(), "{what}: {} of {count} checks failed:\n{shown}", wrong.len());
}
