//! Boxes are torchvision's.

use crate::golden::{Tolerance, compare};
use crate::reading::{bbox, list, part, rows};
use fusion::prelude::*;
use fusion::vision::{BBox, BoxForm, Overlap, box_convert};
use serde_json::Value as Json;

type Boxes<T> = Tensor<shape![Dyn, 4], T>;

const ALL: [(&str, Overlap); 3] = [("giou", Overlap::Giou), ("diou", Overlap::Diou), ("ciou", Overlap::Ciou)];

fn tensor<T: Float>(json: &Json) -> Boxes<T> {
    let numbers = rows::<T>(json);
    Tensor::from_slice_sized(&numbers, &[numbers.len() / 4, 4]).expect("rows of four")
}

fn as_torchvision<T: Tolerance>() {
    let case = part("boxes");
    let (first, second) = (tensor::<T>(&case["first"]), tensor::<T>(&case["second"]));
    let hold = |what: &str, found: &[T], want: &[T]| compare(what, found, want).unwrap_or_else(|e| panic!("{e}"));
    for (name, form) in [("xywh", BoxForm::Xywh), ("cxcywh", BoxForm::Cxcywh)] {
        let other = box_convert(&first, BoxForm::Xyxy, form);
        hold(name, &other.to_vec(), &rows::<T>(&case["convert"][name]));
        hold(name, &box_convert(&other, form, BoxForm::Xyxy).to_vec(), &first.to_vec());
        hold(name, &box_convert(&other, form, form).to_vec(), &other.to_vec());
    }
    hold("iou", &Overlap::Iou.matrix(&first, &second).to_vec(), &rows::<T>(&case["iou"]));
    let n = first.shape()[0];
    for (name, overlap) in ALL {
        let values: Vec<T> = crate::golden::numbers(&case[name]["values"]);
        let (a, b) = (first.watch(), second.watch());
        let found = overlap.of(&a, &b);
        hold(name, &found.to_vec(), &values);
        let matrix = overlap.matrix(&first, &second).to_vec();
        let diagonal: Vec<T> = (0..n).map(|i| matrix[i * n + i]).collect();
        hold(name, &diagonal, &values);
        let weights = Tensor::<shape![Dyn], T>::from_fn_sized(&[n], |i| T::from_f64(1.0 + i as f64)).unwrap();
        let gradients = (found * weights).sum().backward();
        for (x, want) in [&a, &b].into_iter().zip(list(&case[name]["gradients"])) {
            hold(name, &gradients.get(x).unwrap().to_vec(), &rows::<T>(want));
        }
    }
}

#[test]
fn overlaps_and_their_gradients() {
    as_torchvision::<f32>();
    as_torchvision::<f64>();
}

#[test]
fn one_box_is_a_row() {
    let case = part("boxes");
    let matrix = rows::<f32>(&case["iou"]);
    for (i, a) in list(&case["first"]).iter().enumerate() {
        for (j, b) in list(&case["second"]).iter().enumerate() {
            let iou = bbox(a).iou(&bbox(b));
            assert!((iou - matrix[i * 12 + j]).abs() < 1e-6, "{i}, {j}: {iou}");
        }
    }
}

#[test]
fn gradients_are_differences() {
    let case = part("boxes");
    // Off the grid of the others, so that no edges are the same: there the measures have a kink.
    let (first, second) = (tensor::<f64>(&case["first"]), tensor::<f64>(&case["second"]) + 0.03);
    for overlap in [Overlap::Iou, Overlap::Giou, Overlap::Diou] {
        fusion::gradcheck(|x| overlap.of(x, &second), &first).unwrap();
        fusion::gradcheck(|x| overlap.of(&first, x), &second).unwrap();
        fusion::gradcheck(|x| overlap.matrix(x, &second), &first).unwrap();
    }
    for form in [BoxForm::Xywh, BoxForm::Cxcywh] {
        fusion::gradcheck(|x| box_convert(x, BoxForm::Xyxy, form).square(), &first).unwrap();
        fusion::gradcheck(|x| box_convert(x, form, BoxForm::Xyxy).square(), &first).unwrap();
    }
    // What CIoU takes from DIoU is `alpha v`; its gradient, in which alpha stays, is held to PyTorch's above.
    let ratio = |b: &Boxes<f64>| {
        let (b, n) = (b.to_vec(), b.shape()[0]);
        (0..n).map(|i| ((b[4 * i + 2] - b[4 * i]) / (b[4 * i + 3] - b[4 * i + 1])).atan()).collect::<Vec<f64>>()
    };
    let iou = Overlap::Iou.of(&first, &second).to_vec();
    let v = ratio(&first)
        .into_iter()
        .zip(ratio(&second))
        .map(|(a, b)| 4.0 / std::f64::consts::PI.powi(2) * (a - b).powi(2));
    let taken = (Overlap::Diou.of(&first, &second) - Overlap::Ciou.of(&first, &second)).to_vec();
    for ((taken, v), iou) in taken.into_iter().zip(v).zip(iou) {
        assert!((taken - v * v / (1.0 - iou + v)).abs() < 1e-12, "{taken}");
    }
}

#[test]
fn boxes_without_an_area_give_no_nan() {
    let odd: [[f32; 4]; 7] = [
        [0.0, 0.0, 0.0, 0.0],
        [5.0, 5.0, 5.0, 5.0],
        [0.0, 0.0, 10.0, 0.0],
        [3.0, 0.0, 3.0, 10.0],
        [2.0, 2.0, 2.0 + 1e-6, 2.0 + 1e-6],
        [0.0, 0.0, 1e-20, 1e3],
        [0.0, 0.0, 4.0, 4.0],
    ];
    let x = Tensor::<shape![7, 4]>::from(odd);
    for overlap in [Overlap::Iou, Overlap::Giou, Overlap::Diou, Overlap::Ciou] {
        let (a, b) = (x.watch(), x.watch());
        let all = overlap.matrix(&a, &b);
        let values = all.to_vec();
        assert!(values.iter().all(|x| x.is_finite()), "{overlap:?}: {values:?}");
        assert!((values[48] - 1.0).abs() < 1e-6);
        let gradients = all.sum().backward();
        for x in [&a, &b] {
            let slopes = gradients.get(x).unwrap().to_vec();
            assert!(slopes.iter().all(|x| x.is_finite()), "{overlap:?}: {slopes:?}");
        }
    }
}

#[test]
fn none_at_all() {
    let (none, two) = (Boxes::<f32>::zeros_sized(&[0, 4]).unwrap(), Boxes::<f32>::ones_sized(&[2, 4]).unwrap());
    assert_eq!(Overlap::Ciou.matrix(&none, &two).shape(), [0, 2]);
    assert_eq!(Overlap::Iou.of(&none, &none).shape(), [0]);
    assert_eq!(box_convert(&none, BoxForm::Xyxy, BoxForm::Xywh).shape(), [0, 4]);
}

#[test]
#[should_panic(expected = "2")]
fn as_many_rows() {
    let (one, two) = (Boxes::<f32>::ones_sized(&[1, 4]).unwrap(), Boxes::<f32>::ones_sized(&[2, 4]).unwrap());
    Overlap::Iou.of(&one, &two);
}

#[test]
fn parts_of_a_box() {
    let a = BBox::from_cxcywh(10.0, 10.0, 4.0, 8.0);
    assert_eq!(a, BBox::new(8.0, 6.0, 12.0, 14.0));
    assert_eq!(a.clip(10.0, 7.0), BBox::new(8.0, 6.0, 10.0, 7.0));
    assert_eq!(a.clip(5.0, 5.0).area(), 0.0);
    assert_eq!(a.intersection(&BBox::new(20.0, 0.0, 30.0, 30.0)).area(), 0.0);
    let wrong =
        [BBox::new(0.0, 0.0, -1.0, 5.0), BBox::new(0.0, f32::NAN, 1.0, 1.0), BBox::new(0.0, 0.0, f32::INFINITY, 1.0)];
    assert!(a.is_valid() && wrong.iter().all(|b| !b.is_valid()));
}
