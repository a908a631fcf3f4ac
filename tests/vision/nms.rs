//! Non-maximum suppression is torchvision's, and that of the paper.

use crate::golden::number;
use crate::reading::{count, detections, list, part};
use fusion::vision::{BBox, Detection, Nms, Suppression};

#[test]
fn greedy() {
    for case in list(&part("nms")) {
        let all = detections(case);
        for (threshold, keep) in case["greedy"].as_object().unwrap() {
            let want: Vec<Detection> = list(keep).iter().map(|i| all[count(i)]).collect();
            let mut found = all.clone();
            let nms = Nms::new().iou_threshold(threshold.parse().unwrap()).score_threshold(0.0);
            nms.apply(&mut found);
            assert_eq!(found, want);
            let mut few = all.clone();
            nms.max_detections(3).apply(&mut few);
            assert_eq!(few, want[..want.len().min(3)]);
            let mut sure = all.clone();
            nms.score_threshold(0.6).apply(&mut sure);
            assert_eq!(sure, want.into_iter().filter(|d| d.score >= 0.6).collect::<Vec<_>>());
        }
    }
}

#[test]
fn soft() {
    for case in list(&part("nms")) {
        let all = detections(case);
        let kinds = [("linear", 0.0f32), ("gaussian", 1.0)];
        for (name, _) in kinds {
            for (setting, kept) in case[name].as_object().unwrap() {
                let setting: f32 = setting.parse().unwrap();
                let nms = Nms::new().score_threshold(0.05);
                let nms = match name {
                    "linear" => nms.suppression(Suppression::SoftLinear).iou_threshold(setting),
                    _ => nms.suppression(Suppression::SoftGaussian { sigma: setting }),
                };
                let mut found = all.clone();
                nms.apply(&mut found);
                assert_eq!(found.len(), list(kept).len(), "{name} {setting}");
                for (found, want) in found.iter().zip(list(kept)) {
                    let from = all[count(&want[0])];
                    assert_eq!((found.bbox, found.class), (from.bbox, from.class));
                    assert!((f64::from(found.score) - number(&want[1])).abs() < 1e-5);
                }
            }
        }
    }
}

#[test]
fn classes_and_odd_ones() {
    let at = |x: f32, class| Detection { bbox: BBox::from_xywh(x, 0.0, 10.0, 10.0), score: 0.9, class };
    let all = vec![at(0.0, 0), at(0.5, 1), at(0.25, 0)];
    let (mut apart, mut together) = (all.clone(), all.clone());
    Nms::new().apply(&mut apart);
    assert_eq!(apart, [all[0], all[1]]);
    Nms::new().class_agnostic().apply(&mut together);
    assert_eq!(together, [all[0]]);
    let odd = |score, width| Detection { bbox: BBox::from_xywh(50.0, 0.0, width, 10.0), score, class: 0 };
    let mut odd = vec![odd(f32::NAN, 1.0), odd(0.9, f32::NAN), odd(0.9, f32::INFINITY), odd(0.9, 0.0)];
    for suppression in [Suppression::Greedy, Suppression::SoftLinear, Suppression::SoftGaussian { sigma: 0.5 }] {
        let mut found = odd.clone();
        Nms::new().suppression(suppression).apply(&mut found);
        assert!(found.is_empty());
    }
    odd.clear();
    Nms::new().apply(&mut odd);
    assert!(odd.is_empty());
}
