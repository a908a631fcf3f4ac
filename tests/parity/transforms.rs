//! What is done to images, held to torchvision's `transforms.v2.functional` by the cases of `goldens/transforms.json`.

use crate::golden::{json, number, report, sizes};
use fusion::data::Draw;
use fusion::data::transforms::{CenterCrop, Grayscale, Normalize, Pad, Resize, Transform};
use fusion::data::transforms::{Interpolation, OneHot, RandomCrop, Targets};
use fusion::internals::kernels::images::{
    Adjust, Edge, Filter, Rect, adjust, affine, blend, erase, exchange, flip, greyscale, normalize, resize, warp,
    windows,
};
use fusion::internals::kernels::{Array, Dims};
use fusion::prelude::*;
use fusion_rules::Fill;
use serde_json::Value as Json;

/// The byte at place `i` of an image: `pixel` of `goldens/transforms.py`.
fn pixel(i: usize) -> u8 {
    let x = (i as u64 * 2_654_435_761 + 12345) % (1 << 32);
    (x >> 13) as u8
}

fn image(shape: &[usize], bytes: bool) -> Array {
    let shape = Dims::new(shape);
    if bytes { Array::from_fn(shape, pixel) } else { Array::from_fn(shape, |i| f32::from(pixel(i)) / 255.0) }
}

fn float(n: &Json) -> f32 {
    number(n) as f32
}

fn pair<const N: usize>(list: &Json) -> [usize; N] {
    sizes(list).try_into().expect("as many sizes")
}

fn rect(list: &Json) -> Rect {
    let [top, left, height, width] = pair(list);
    Rect { top, left, height, width }
}

fn edge(params: &Json) -> Edge {
    let fill = match params["mode"].as_str() {
        Some("Constant") => Fill::Constant,
        Some("Reflect") => Fill::Reflect,
        _ => Fill::Replicate,
    };
    Edge { fill, value: float(&params["value"]) }
}

/// The result of a case.
fn run(op: &str, params: &Json, x: Array) -> Array {
    let bytes = x.dtype() == fusion::DType::U8;
    let images = x.shape().get(0);
    let white = if bytes { 255.0 } else { 1.0 };
    let bilinear = params["mode"] == "bilinear";
    let by = || float(&params["by"]);
    let each = |step| adjust(x.clone(), &vec![vec![step]; images]);
    match op {
        "pad" => {
            let by = pair::<1>(&Json::from(vec![params["by"].clone()]))[0];
            let size = [2, 3].map(|axis| x.shape().get(axis) + 2 * by);
            windows(&x, size, &vec![[-by.cast_signed(); 2]; images], edge(params))
        }
        "crop" => {
            let place = ["top", "left"].map(|name| params[name].as_i64().expect("a place") as isize);
            windows(&x, pair(&params["size"]), &vec![place; images], edge(params))
        }
        "center_crop" => {
            let [height, width] = pair(&params["size"]);
            let x = Tensor::<shape![Dyn, 3, Dyn, Dyn], u8>::from_value(x.into()).expect("an image");
            let draw = &mut Draw::new(0, 0, 0, &[]);
            let y = match (height, width) {
                (3, 3) => CenterCrop::<dim!(3), dim!(3)>::new().apply(x, draw).into_value(),
                (2, 5) => CenterCrop::<dim!(2), dim!(5)>::new().apply(x, draw).into_value(),
                (1, 1) => CenterCrop::<dim!(1), dim!(1)>::new().apply(x, draw).into_value(),
                _ => CenterCrop::<dim!(4), dim!(6)>::new().apply(x, draw).into_value(),
            };
            y.array().clone()
        }
        "flip" => flip(x, &vec![true; images]),
        "normalize" => {
            let [mean, std] = ["mean", "std"]
                .map(|name| params[name].as_array().expect("a list").iter().map(float).collect::<Vec<f32>>());
            normalize(x, &mean, &std)
        }
        "resize" | "resized_crop" => {
            let filter = match (params["mode"].as_str(), params["antialias"].as_bool()) {
                (Some("nearest"), _) => Filter::Nearest,
                (_, Some(false)) => Filter::Bilinear,
                _ => Filter::Antialiased,
            };
            let [height, width] = [2, 3].map(|axis| x.shape().get(axis));
            let all = Rect { top: 0, left: 0, height, width };
            let part = if op == "resize" { all } else { rect(&params["part"]) };
            resize(&x, &[part], pair(&params["size"]), filter)
        }
        "rotate" => {
            let map = affine(-number(&params["angle"]), [0.0; 2], 1.0, [0.0; 2]);
            warp(&x, &vec![map; images], bilinear, float(&params["fill"]) * white)
        }
        "affine" => {
            let [by, shear] = ["move", "shear"].map(|name| [0, 1].map(|k| number(&params[name][k])));
            let map = affine(number(&params["angle"]), by, number(&params["scale"]), shear);
            warp(&x, &vec![map; images], bilinear, 0.0)
        }
        "brightness" => each(Adjust::Brightness(by())),
        "contrast" => each(Adjust::Contrast(by())),
        "saturation" => each(Adjust::Saturation(by())),
        "hue" => each(Adjust::Hue(by())),
        "grayscale" => greyscale(&x),
        "erase" => erase(x, &vec![Some(rect(&params["part"])); images], float(&params["value"])),
        "mixup" | "cutmix" => {
            let labels = Tensor::<shape![3], i64>::from([2, 0, 1]);
            let targets: Tensor<shape![3, 3]> = labels.distributions();
            let (x, share) = if op == "mixup" {
                let share = float(&params["share"]);
                (blend(&x, share), share)
            } else {
                let part = rect(&params["part"]);
                let area = x.shape().get(2) * x.shape().get(3);
                (exchange(&x, part), 1.0 - (part.height * part.width) as f32 / area as f32)
            };
            let both = [x.to_vec::<f32>(), blend(targets.value().array(), share).to_vec()].concat();
            Array::from_slice(&both, Dims::new(&[both.len()]))
        }
        other => panic!("no operation {other}"),
    }
}

/// How far a result may be from torchvision's: pixels of `f32` by this much, and bytes by one, of so many of them.
///
/// torchvision sums bytes by fixed-point numbers and rounds between the two axes, and its `f32` sums take their terms in
/// another order, so that a fraction which bytes drop may be that of the next number.
fn tolerance(op: &str) -> (f32, f64) {
    match op {
        "resize" | "resized_crop" => (1e-6, 0.25),
        "rotate" | "affine" => (2e-5, 0.02),
        "contrast" | "saturation" | "hue" | "grayscale" | "brightness" => (1e-6, 0.02),
        "mixup" | "cutmix" => (1e-7, 0.0),
        _ => (0.0, 0.0),
    }
}

#[test]
fn transforms_are_torchvisions() {
    let cases = json("transforms.json");
    let cases = cases.as_array().expect("a list of cases");
    let (mut wrong, mut seen) = (Vec::new(), std::collections::BTreeMap::<&str, (f32, usize, usize)>::new());
    for case in cases {
        let (op, bytes) = (case["op"].as_str().expect("a name"), case["dtype"] == "u8");
        let y = run(op, &case["params"], image(&sizes(&case["shape"]), bytes));
        let what = format!("{op} {} of {} {}", case["params"], case["dtype"], case["shape"]);
        let want: Vec<f32> = case["y"].as_array().expect("a list").iter().map(float).collect();
        let flat = ["mixup", "cutmix"].contains(&op);
        if !flat && (0..4).map(|axis| y.shape().get(axis)).collect::<Vec<_>>() != sizes(&case["to"]) {
            wrong.push(format!("{what}: {:?} instead of {}", y.shape(), case["to"]));
            continue;
        }
        let found: Vec<f32> = if y.dtype() == fusion::DType::U8 {
            y.to_vec::<u8>().into_iter().map(f32::from).collect()
        } else {
            y.to_vec()
        };
        let (most, _) = tolerance(op);
        let most = if y.dtype() == fusion::DType::U8 { if most == 0.0 { 0.0 } else { 1.0 } } else { most };
        let off = found.iter().zip(&want).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        let (worst, others, count) = seen.entry(op).or_default();
        if y.dtype() == fusion::DType::U8 {
            *others += found.iter().zip(&want).filter(|(a, b)| a != b).count();
            *count += want.len();
        } else {
            *worst = worst.max(off);
        }
        if found.len() != want.len() || off.is_nan() || off > most {
            wrong.push(format!("{what}: off by {off:e}\n  {found:?}\n  {want:?}"));
        }
    }
    for (op, (worst, others, count)) in &seen {
        println!("{op}: f32 by at most {worst:e}, {others} of {count} bytes by one");
        if *others as f64 > tolerance(op).1 * *count as f64 {
            wrong.push(format!("{op}: {others} of {count} bytes are not torchvision's"));
        }
    }
    report("transforms", cases.len(), &wrong);
}

/// Types say what comes of a chain, through pairs too.
#[test]
fn a_chain_knows_its_shape() {
    let x = Tensor::<shape![Dyn, 3, 40, 48], u8>::from_fn_sized(&[4, 3, 40, 48], pixel).expect("room");
    let y = Tensor::<shape![Dyn], i64>::from(vec![0, 1, 1, 0]);
    let chain = (
        Pad::<dim!(2)>::new(Replicate),
        CenterCrop::<dim!(36), dim!(36)>::new(),
        Resize::<dim!(20), dim!(24)>::new().interpolation(Interpolation::Bilinear),
        RandomCrop::<dim!(16), dim!(16)>::new(),
        Grayscale,
        Normalize::mnist(),
        OneHot::<dim!(2)>::new(),
    );
    let (x, y) = chain.apply((x, y), &mut Draw::new(0, 0, 0, &[0, 1, 2, 3]));
    let (_, _): (&Tensor<shape![Dyn, 1, 16, 16]>, &Tensor<shape![Dyn, 2]>) = (&x, &y);
    assert_eq!(
        (x.shape(), y.to_vec()),
        (Tensor::<shape![4, 1, 16, 16]>::zeros().shape(), vec![1., 0., 0., 1., 0., 1., 1., 0.])
    );
}
