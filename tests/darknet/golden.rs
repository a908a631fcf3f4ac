//! The figures of `goldens/darknet.json` and of `reference_outputs.json`.

use fusion::Value;
use fusion::models::{YoloFace500kOutput, YoloFace500kV2Output, YoloV3NanoOutput};
use fusion::prelude::*;
use serde_json::Value as Json;
use std::path::PathBuf;

/// The numbers of the formula of `goldens/nets.py`: 64 bits for element `i` of the tensor `name`.
fn bits(name: &str, i: usize) -> u64 {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
    let start = name.bytes().fold(0xcbf2_9ce4_8422_2325, step);
    let mut z = start.wrapping_add((i as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Uniform in [-1, 1).
fn uniform(name: &str, i: usize) -> f64 {
    ((bits(name, i) >> 40) as f64 - 8_388_608.0) / 8_388_608.0
}

fn json(path: &str) -> Json {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), path].iter().collect();
    serde_json::from_str(&std::fs::read_to_string(path).expect("a file of figures")).expect("valid JSON")
}

fn list(json: &Json) -> &[Json] {
    json.as_array().expect("a list")
}

fn sizes(json: &Json) -> Vec<usize> {
    list(json).iter().map(|n| n.as_u64().expect("a size") as usize).collect()
}

fn number(json: &Json) -> f64 {
    json.as_f64().expect("a number")
}

/// The figures of a network.
pub struct Golden {
    name: &'static str,
    json: Json,
}

impl Golden {
    pub fn of(name: &'static str) -> Self {
        let file = json("goldens/darknet.json");
        let net = list(&file["nets"]).iter().find(|net| net["name"] == name);
        Self { name, json: net.unwrap_or_else(|| panic!("there are no figures of `{name}`")).clone() }
    }

    /// A `.weights` file with the numbers of the formula.
    pub fn weights(&self) -> Vec<u8> {
        let mut bytes = [0, 2, 5, 0, 0].map(u32::to_le_bytes).concat();
        for (n, piece) in list(&self.json["pieces"]).iter().enumerate() {
            let (kind, count, fan) =
                (piece[0].as_str().expect("a kind"), number(&piece[1]) as usize, number(&piece[2]));
            let name = format!("piece {n}");
            for i in 0..count {
                let x = uniform(&name, i);
                let x = match kind {
                    "bias" => x / 8.0,
                    "scale" => 0.5 + x / 8.0,
                    "mean" => x / 4.0,
                    "variance" => 1.0 + x / 2.0,
                    "weight" => (6.0 / fan).sqrt() * x,
                    other => panic!("what is {other}?"),
                };
                bytes.extend((x as f32).to_le_bytes());
            }
        }
        bytes
    }

    pub fn image<S: Shape>(&self) -> Tensor<S> {
        let sizes = sizes(&self.json["image"]);
        Tensor::from_fn_sized(&sizes, |i| uniform("image", i) as f32).expect("the image's shape is another")
    }

    /// Compares the outputs, in the order of the file, each relative to the root of its mean square.
    pub fn check(&self, found: &[Value], how: &str) {
        let outputs = list(&self.json["outputs"]);
        assert_eq!(found.len(), outputs.len(), "{}", self.name);
        for (n, (y, want)) in found.iter().zip(outputs).enumerate() {
            assert_eq!(y.shape().iter().collect::<Vec<_>>(), sizes(&want["shape"]), "{}, output {n}", self.name);
            let y: Vec<f64> = y.array().to_vec::<f32>().into_iter().map(f64::from).collect();
            let norm = y.iter().map(|y| y * y).sum::<f64>().sqrt();
            let rms = number(&want["norm"]) / (y.len() as f64).sqrt();
            let close = |found: f64, want: f64, scale: f64, what: &str| {
                let off = (found - want).abs() / scale;
                assert!(off < 1e-4, "{} {how}, output {n}, {what}: {found} instead of {want}", self.name);
            };
            close(norm, number(&want["norm"]), number(&want["norm"]), "norm");
            close(y.iter().sum::<f64>() / y.len() as f64, number(&want["mean"]), rms, "mean");
            for (k, sample) in list(&want["samples"]).iter().enumerate() {
                let at = (bits("sample", k) % y.len() as u64) as usize;
                close(y[at], number(sample), rms, "a sample");
            }
        }
    }
}

/// Outputs by name, as values.
macro_rules! outputs {
    ($y:ident: $($output:ident)*) => { [$($y.$output.into_value()),*] };
}
pub(crate) use outputs as names_and_outputs;

/// What a network gives, in the order of its heads.
pub trait Network {
    fn values(self) -> Vec<Value>;
}

impl<S: Shape, R: Shape, U: Shape> Network for YoloFace500kOutput<Tensor<S>, Tensor<R>, Tensor<U>> {
    fn values(self) -> Vec<Value> {
        outputs!(self: large medium small).into()
    }
}

impl<S: Shape, R: Shape, U: Shape> Network for YoloFace500kV2Output<Tensor<S>, Tensor<R>, Tensor<U>> {
    fn values(self) -> Vec<Value> {
        outputs!(self: large medium small).into()
    }
}

impl<S: Shape, R: Shape> Network for YoloV3NanoOutput<Tensor<S>, Tensor<R>> {
    fn values(self) -> Vec<Value> {
        outputs!(self: large medium).into()
    }
}

pub fn outputs_of(y: impl Network) -> Vec<Value> {
    y.values()
}

/// Compares outputs with the reference of the trained network of this name.
pub fn reference(name: &str, found: &[Value], how: &str) {
    let file = json("darknet/reference_outputs.json");
    let wanted = list(&file["models"][name]["yolo"]);
    assert_eq!(found.len(), wanted.len(), "{name}");
    let mut far: f64 = 0.0;
    for (y, want) in found.iter().zip(wanted) {
        assert_eq!(y.shape().iter().collect::<Vec<_>>(), sizes(&want["shape"]), "{name}");
        let y = y.array().to_vec::<f32>();
        let stride = number(&want["stride"]) as usize;
        let first = y.iter().zip(list(&want["first8"]));
        let strided = y.iter().step_by(stride).zip(list(&want["strided16"]));
        for (found, want) in first.chain(strided) {
            far = far.max((f64::from(*found) - number(want)).abs());
        }
        let sum: f64 = y.iter().map(|y| f64::from(*y)).sum();
        far = far.max((sum - number(&want["sum"])).abs() / y.len() as f64);
    }
    println!("{name} {how}: off by {far:.1e}");
    assert!(far <= 1e-4, "{name} {how}: off by {far:.1e}");
}
