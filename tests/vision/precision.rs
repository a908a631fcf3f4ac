//! Average precision is that of pycocotools, and of VOC's definition.

use crate::golden::{number, numbers};
use crate::reading::{detections, labelled, list, part};
use fusion::vision::{AveragePrecision, BBox, CocoScores, Detection, Labelled, VocRule};
use serde_json::Value as Json;

fn scores(case: &Json) -> AveragePrecision {
    let mut scores = AveragePrecision::new();
    for image in list(&case["images"]) {
        scores.add(&detections(image), &labelled(&image["objects"]));
    }
    scores
}

fn figures(s: &CocoScores) -> [f64; 12] {
    let large = [s.ap_small, s.ap_medium, s.ap_large, s.ar1, s.ar10, s.ar100, s.ar_small, s.ar_medium, s.ar_large];
    let mut all = [s.ap, s.ap50, s.ap75, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
    all[3..].copy_from_slice(&large);
    all
}

#[track_caller]
fn close(found: &[f64], want: &[f64]) {
    assert_eq!(found.len(), want.len());
    for (at, (found, want)) in found.iter().zip(want).enumerate() {
        let same = (found - want).abs() < 1e-12 || (found.is_nan() && want.is_nan());
        assert!(same, "figure {at}: {found} instead of {want}");
    }
}

#[test]
fn coco() {
    for case in list(&part("precisions")) {
        let found = scores(case).coco();
        close(&figures(&found), &numbers::<f64>(&case["coco"]));
        assert_eq!(found.to_string().lines().count(), 12);
    }
}

#[test]
fn voc() {
    for case in list(&part("precisions")) {
        let scores = scores(case);
        for at in list(&case["voc"]) {
            let iou = number(&at["iou"]);
            for (name, rule) in [("eleven", VocRule::ElevenPoint), ("all", VocRule::AllPoint)] {
                let want = numbers::<f64>(&at[name]);
                let found: Vec<f64> =
                    scores.classes().into_iter().map(|class| scores.voc_class(class, iou, rule)).collect();
                close(&found, &want);
                close(&[scores.voc(iou, rule)], &[want.iter().sum::<f64>() / want.len() as f64]);
            }
            for (place, class) in scores.classes().into_iter().enumerate() {
                let curve = scores.curve(class, iou);
                close(&curve.iter().map(|p| p.recall).collect::<Vec<_>>(), &numbers::<f64>(&at["recall"][place]));
                close(&curve.iter().map(|p| p.precision).collect::<Vec<_>>(), &numbers::<f64>(&at["precision"][place]));
                assert!(curve.is_sorted_by(|a, b| a.score >= b.score));
            }
        }
    }
}

#[test]
fn nothing_there_and_nothing_found() {
    let face = BBox::new(0.0, 0.0, 10.0, 10.0);
    let (found, there) = (Detection { bbox: face, score: 0.5, class: 0 }, Labelled { bbox: face, class: 0 });
    let of = |images: &[(&[Detection], &[Labelled])]| {
        let mut scores = AveragePrecision::new();
        images.iter().for_each(|(found, there)| scores.add(found, there));
        scores
    };
    let nothing = of(&[(&[found], &[])]);
    assert!(nothing.voc(0.5, VocRule::AllPoint).is_nan() && nothing.coco().ap.is_nan());
    assert!(nothing.curve(0, 0.5).is_empty());
    let missed = of(&[(&[], &[there])]);
    assert_eq!((missed.voc(0.5, VocRule::ElevenPoint), missed.coco().ap, missed.coco().ar100), (0.0, 0.0, 0.0));
    let all = of(&[(&[found], &[there]), (&[], &[])]);
    assert_eq!((all.voc(0.5, VocRule::AllPoint), all.num_images()), (1.0, 2));
    assert!((all.coco().ap - 1.0).abs() < 1e-12 && all.coco().ap_large.is_nan());
    let odd = Detection { score: f32::NAN, ..found };
    assert_eq!(of(&[(&[odd, found], &[there])]).voc(0.5, VocRule::AllPoint), 1.0);
}
