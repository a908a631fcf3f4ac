//! The loss and its gradients are those of an independent computation by PyTorch.

use crate::golden::{Tolerance, compare, number, numbers, sizes};
use crate::reading::{labelled, list, part};
use fusion::Error;
use fusion::prelude::*;
use fusion::vision::{BBox, Labelled, Overlap, YoloHead, YoloLoss};

type Output<T> = Tensor<shape![Dyn, Dyn, Dyn, Dyn], T>;

const LARGE: [(f32, f32); 3] = [(16.0, 24.0), (33.0, 25.0), (26.0, 41.0)];
const SMALL: [(f32, f32); 3] = [(4.0, 6.0), (7.0, 10.0), (11.0, 15.0)];

const BOXES: [(&str, Option<Overlap>); 4] =
    [("squares", None), ("giou", Some(Overlap::Giou)), ("diou", Some(Overlap::Diou)), ("ciou", Some(Overlap::Ciou))];

fn loss(scale: f32, overlap: Option<Overlap>) -> YoloLoss<2> {
    let loss = YoloLoss::new([YoloHead::new(LARGE, 16).scale_x_y(scale), YoloHead::new(SMALL, 8)]);
    overlap.map_or(loss, |overlap| loss.overlap(overlap))
}

fn as_pytorch<T: Tolerance>() {
    for case in list(&part("losses")) {
        let objects: Vec<_> = list(&case["objects"]).iter().map(labelled).collect();
        for (name, overlap) in BOXES {
            let (loss, want) = (loss(number(&case["scale"]) as f32, overlap), &case["losses"][name]);
            let outputs = [0, 1].map(|head| {
                let values = numbers::<T>(&case["outputs"][head]);
                Output::<T>::from_slice_sized(&values, &sizes(&case["sizes"][head])).unwrap()
            });
            let outputs = outputs.map(|output| output.watch());
            let parts = [0, 1].map(|head| loss.forward(head, &outputs[head], &objects));
            for (head, part) in parts.iter().enumerate() {
                let found = [&part.boxes, &part.objectness, &part.classes].map(|x| x.item());
                let want = numbers::<T>(&want["parts"][head]);
                compare(name, &found, &want).unwrap_or_else(|e| panic!("head {head}: {e}"));
            }
            let gradients = (parts[0].total() + parts[1].total()).backward();
            for (head, output) in outputs.iter().enumerate() {
                let (found, want) = (gradients.get(output).unwrap().to_vec(), numbers::<T>(&want["gradients"][head]));
                compare(name, &found, &want).unwrap_or_else(|e| panic!("gradient of head {head}: {e}"));
            }
        }
    }
}

#[test]
fn parts_and_gradients() {
    as_pytorch::<f32>();
    as_pytorch::<f64>();
}

#[test]
fn gradients_are_differences() {
    let case = &part("losses")[1];
    let objects: Vec<_> = list(&case["objects"]).iter().map(labelled).collect();
    let output = Output::<f64>::from_slice_sized(&numbers(&case["outputs"][0]), &sizes(&case["sizes"][0])).unwrap();
    for overlap in [None, Some(Overlap::Giou), Some(Overlap::Diou)] {
        let loss = loss(1.1, overlap);
        fusion::gradcheck(|x| loss.forward(0, x, &objects).total(), &output).unwrap();
    }
}

#[test]
fn nothing_to_find() {
    let output = Tensor::<shape![2, 18, 2, 3]>::zeros().watch();
    let odd = [Labelled { bbox: BBox::new(3.0, 3.0, 3.0, 9.0), class: 0 }, Labelled::default()];
    for overlap in [None, Some(Overlap::Ciou)] {
        let parts = loss(1.0, overlap).forward(0, &output, &[vec![], odd.to_vec()]);
        assert_eq!((parts.boxes.item(), parts.classes.item()), (0.0, 0.0));
        // ln 2 for each of 18 boxes of an image.
        assert!((parts.objectness.item() - 18.0 * 2f32.ln()).abs() < 1e-4);
        let gradient = parts.total().backward().get(&output).unwrap().to_vec();
        assert!(gradient.iter().all(|g| g.is_finite()));
    }
}

#[test]
fn wild_outputs_and_objects_stay_finite() {
    let place = |x: f32, y: f32, w: f32| Labelled { bbox: BBox::from_xywh(x, y, w, w), class: 0 };
    let all = vec![place(-50.0, -50.0, 20.0), place(500.0, 1e6, 30.0), place(1.0, 1.0, 1e-3), place(-1e9, 0.0, 2e9)];
    for x in [-1e3f32, 0.0, 1e3] {
        let output = Tensor::<shape![1, 18, 2, 3]>::full(x).watch();
        for overlap in [None, Some(Overlap::Iou), Some(Overlap::Giou), Some(Overlap::Diou), Some(Overlap::Ciou)] {
            let loss = loss(1.0, overlap).forward(0, &output, std::slice::from_ref(&all)).total();
            let value = loss.item();
            let gradient = loss.backward().get(&output).unwrap().to_vec();
            assert!(value.is_finite() && gradient.iter().all(|g| g.is_finite()), "{overlap:?} at {x}");
        }
    }
}

#[test]
fn what_does_not_fit() {
    let (output, loss) = (Tensor::<shape![2, 18, 2, 3]>::zeros(), loss(1.0, None));
    let error = loss.try_forward(0, &output, &[vec![]]).unwrap_err();
    assert_eq!(error.to_string(), "YoloLoss: 1 lists of objects for a batch of 2 images");
    let object = Labelled { bbox: BBox::new(0.0, 0.0, 1.0, 1.0), class: 1 };
    let error = loss.try_forward(0, &output, &[vec![], vec![object]]).unwrap_err();
    assert!(matches!(error, Error::Index { index: 1, below: 1, .. }));
    assert_eq!(error.to_string(), "YoloLoss: an object of image 1 is of class 1, but there are 1");
}

#[test]
fn several_anchors_answer_for_an_object() {
    // Their IoUs with the object's shape are 0.22, 0.83 and 0.29.
    let head = YoloHead::new([(10.0, 14.0), (23.0, 27.0), (37.0, 58.0)], 16);
    let objects = [vec![Labelled { bbox: BBox::from_xywh(20.0, 20.0, 21.0, 30.0), class: 0 }]];
    let rise = |loss: YoloLoss<1>| {
        let output = Tensor::<shape![1, 18, 4, 4]>::full(-1.0).watch();
        let gradient = loss.forward(0, &output, &objects).objectness.backward().get(&output).unwrap();
        [0, 1, 2].map(|anchor| gradient.get(&[0, anchor * 6 + 4, 2, 1]).unwrap() < 0.0)
    };
    assert_eq!(rise(YoloLoss::new([head])), [false, true, false]);
    assert_eq!(rise(YoloLoss::new([head]).also(0.25)), [false, true, true]);
    assert_eq!(rise(YoloLoss::new([head]).also(0.2)), [true, true, true]);

    // Where two objects would have the same box, it is that of the object whose best it is.
    let face = |width, height, class| Labelled { bbox: BBox::from_cxcywh(24.0, 40.0, width, height), class };
    let two = [vec![face(24.0, 28.0, 1), face(36.0, 57.0, 0)]];
    let output = Tensor::<shape![1, 21, 4, 4]>::zeros().watch();
    let parts = YoloLoss::new([head]).also(0.2).forward(0, &output, &two);
    let gradient = parts.classes.backward().get(&output).unwrap();
    let class = |anchor: usize| usize::from(gradient.get(&[0, anchor * 7 + 6, 2, 1]).unwrap() < 0.0);
    assert_eq!([class(1), class(2)], [1, 0]);
}

#[test]
fn what_is_too_small_is_left_out() {
    let head = YoloHead::new([(4.0, 6.0), (7.0, 10.0), (16.0, 24.0)], 8);
    let face = |x, width, height| Labelled { bbox: BBox::from_cxcywh(x, 12.0, width, height), class: 0 };
    let objects = [vec![face(4.0, 3.0, 5.0), face(28.0, 5.0, 6.0)]];
    // How the objectness of the smallest anchor changes in the cells of the two, and in one that is far from both.
    let pushes = |loss: YoloLoss<1>| {
        let output = Tensor::<shape![1, 18, 3, 8]>::zeros().watch();
        let gradients = loss.forward(0, &output, &objects).total().backward().get(&output).unwrap();
        let at = |number: usize, column: usize| gradients.get(&[0, number, 1, column]).unwrap();
        ([0, 3, 6].map(|column| at(4, column)), [0, 3].map(|column| (0..4).any(|number| at(number, column) != 0.0)))
    };
    assert_eq!(pushes(YoloLoss::new([head])), ([-0.5, -0.5, 0.5], [true, true]));
    assert_eq!(pushes(YoloLoss::new([head]).smallest(4.0)), ([0.0, -0.5, 0.5], [false, true]));
}
