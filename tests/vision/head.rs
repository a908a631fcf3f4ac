//! The outputs of a network are decoded as by PyTorch.

use crate::golden::{number, numbers, sizes};
use crate::reading::{detections, list, part};
use fusion::prelude::*;
use fusion::vision::YoloHead;

const ANCHORS: [(f32, f32); 3] = [(4.0, 6.0), (7.0, 10.0), (11.0, 15.0)];

type Output = Tensor<shape![Dyn, Dyn, Dyn, Dyn]>;

#[test]
fn boxes_and_scores() {
    for case in list(&part("heads")) {
        let output = Output::from_slice_sized(&numbers::<f32>(&case["output"]), &sizes(&case["sizes"])).unwrap();
        // The same numbers, channels side by side.
        let turned = output.permute((Axis::<0>, Axis::<2>, Axis::<3>, Axis::<1>)).contiguous();
        let turned = turned.permute((Axis::<0>, Axis::<3>, Axis::<1>, Axis::<2>));
        let head = YoloHead::new(ANCHORS, 16).scale_x_y(number(&case["scale"]) as f32);
        for (image, want) in list(&case["found"]).iter().enumerate() {
            let want = detections(want);
            let (mut found, mut again) = (Vec::new(), Vec::new());
            head.decode(&output, image, 0.2, &mut found);
            head.decode(&turned, image, 0.2, &mut again);
            assert_eq!(found, again);
            assert_eq!(found.len(), want.len());
            for (found, want) in found.iter().zip(&want) {
                assert_eq!(found.class, want.class);
                assert!((found.score - want.score).abs() < 1e-6);
                let (a, b) = (found.bbox, want.bbox);
                let off = [a.x1 - b.x1, a.y1 - b.y1, a.x2 - b.x2, a.y2 - b.y2];
                assert!(off.iter().all(|off| off.abs() < 1e-3), "{a:?} instead of {b:?}");
            }
        }
    }
}

#[test]
fn thresholds_and_numbers_beyond() {
    let wild = |x: f32| Tensor::<shape![1, 18, 1, 1]>::full(x);
    let mut found = Vec::new();
    let head = YoloHead::new(ANCHORS, 16);
    head.decode(&wild(1e30), 0, 1.0, &mut found);
    assert_eq!(found.len(), 3);
    assert!(found.iter().all(|d| d.bbox.is_valid() && d.score == 1.0));
    found.clear();
    head.decode(&wild(f32::NAN), 0, 0.0, &mut found);
    head.decode(&wild(9.0), 0, 1.5, &mut found);
    assert!(found.is_empty());
    head.decode(&wild(f32::NEG_INFINITY), 0, 0.0, &mut found);
    assert_eq!(found.len(), 3);
}

#[test]
#[should_panic(expected = "15 channels are not 3 * (5 + classes)")]
fn no_class() {
    YoloHead::new(ANCHORS, 16).decode(&Tensor::<shape![1, 15, 1, 1]>::zeros(), 0, 0.5, &mut Vec::new());
}

#[test]
#[should_panic(expected = "there is no image 1 in a batch of 1")]
fn no_image() {
    YoloHead::new(ANCHORS, 16).decode(&Tensor::<shape![1, 18, 1, 1]>::zeros(), 1, 0.5, &mut Vec::new());
}
