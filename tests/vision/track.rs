//! Tracks: the filter is SORT's, the measures are those of py-motmetrics, and numbers stay.

use crate::golden::number;
use crate::reading::{bbox, count, list, part};
use fusion::vision::{BBox, Detection, MotMeasures, Track, Tracker};
use serde_json::Value as Json;
use std::collections::BTreeSet;
use std::path::PathBuf;

fn found(bbox: BBox, score: f32) -> Detection {
    Detection { bbox, score, class: 0 }
}

#[track_caller]
fn near(a: BBox, b: BBox, most: f32) {
    let off = [a.x1 - b.x1, a.y1 - b.y1, a.x2 - b.x2, a.y2 - b.y2];
    assert!(off.iter().all(|off| off.abs() <= most), "{a:?} instead of {b:?}");
}

#[test]
fn the_filter_of_sort() {
    for case in list(&part("kalman")) {
        let mut tracker = Tracker::new().coast(10).iou(0.01);
        for (frame, (seen, place)) in list(&case["boxes"]).iter().zip(list(&case["places"])).enumerate() {
            let seen: Vec<_> = (!seen.is_null()).then(|| found(bbox(seen), 0.9)).into_iter().collect();
            let tracks = tracker.update(&seen);
            assert_eq!(tracks.len(), 1, "frame {frame}");
            assert_eq!((tracks[0].id, tracks[0].misses == 0), (1, !seen.is_empty()));
            near(tracks[0].bbox, bbox(place), 1e-3);
        }
    }
}

fn numbered(json: &Json) -> Vec<(u64, BBox)> {
    let one = |row: &Json| (count(&row[0]) as u64, bbox(&Json::Array(list(row)[1..].to_vec())));
    list(json).iter().map(one).collect()
}

#[test]
fn measures() {
    for case in list(&part("tracking")) {
        let mut measures = MotMeasures::new();
        for frame in list(&case["frames"]) {
            measures.add(&numbered(&frame["objects"]), &numbered(&frame["tracks"]));
        }
        let found = measures.scores();
        for (name, found) in [
            ("mota", found.mota),
            // A distance there.
            ("motp", 1.0 - found.motp),
            ("idf1", found.idf1),
            ("num_switches", found.id_switches as f64),
            ("num_misses", found.misses as f64),
            ("num_false_positives", found.false_positives as f64),
            ("num_objects", found.objects as f64),
        ] {
            let want = number(&case[name]);
            assert!((found - want).abs() < 1e-6, "{name}: {found} instead of {want}");
        }
    }
    assert!(MotMeasures::new().scores().mota.is_nan());
}

/// The numbers that are shown, frame by frame.
fn ids(tracker: &mut Tracker, frames: impl IntoIterator<Item = Vec<Detection>>) -> Vec<Vec<u64>> {
    frames.into_iter().map(|found| tracker.update(&found).iter().map(|track| track.id).collect()).collect()
}

#[test]
fn two_that_cross_keep_their_numbers() {
    let at = |x: f32, y: f32| found(BBox::from_xywh(x, y, 20.0, 30.0), 0.9);
    let frames = (0..60).map(|t| vec![at(5.0 * t as f32, 50.0), at(295.0 - 5.0 * t as f32, 62.0)]);
    let mut tracker = Tracker::new();
    for (t, found) in frames.enumerate() {
        let tracks = tracker.update(&found);
        assert_eq!(tracks.len(), 2, "frame {t}");
        for (track, truth) in tracks.iter().zip(&found) {
            assert!(track.bbox.iou(&truth.bbox) > 0.5, "frame {t}: {track:?}");
        }
        assert_eq!((tracks[0].id, tracks[1].id), (1, 2));
    }
}

#[test]
fn gaps_and_ends() {
    let at = |t: usize| found(BBox::from_xywh(2.0 * t as f32, 10.0, 30.0, 30.0), 0.9);
    let with_gap = |gap: usize| (0..80).map(move |t| if (20..20 + gap).contains(&t) { vec![] } else { vec![at(t)] });
    let found = ids(&mut Tracker::new(), with_gap(15));
    assert!(found.iter().enumerate().all(|(t, ids)| (20..35).contains(&t) == ids.is_empty()));
    assert!(found.iter().flatten().all(|&id| id == 1), "it is the same after 15 frames");
    let found = ids(&mut Tracker::new().max_misses(10), with_gap(15));
    assert_eq!(found.concat().into_iter().collect::<BTreeSet<_>>(), BTreeSet::from([1, 2]));
    // A new number is shown once it was found twice.
    assert!(found[35].is_empty() && found[36] == [2]);
    let coasting = ids(&mut Tracker::new().coast(3), with_gap(15));
    assert!(coasting[22] == [1] && coasting[23].is_empty());
}

#[test]
fn low_scores_keep_a_track_and_begin_none() {
    let at = |t: usize, score| found(BBox::from_xywh(t as f32, 10.0, 30.0, 30.0), score);
    let score = |t: usize| if t >= 5 { 0.15 } else { 0.9 };
    let found_low = ids(&mut Tracker::new(), (0..40).map(|t| vec![at(t, score(t))]));
    assert!(found_low.iter().all(|ids| *ids == [1]));
    assert!(ids(&mut Tracker::new(), (0..9).map(|t| vec![at(t, 0.55)])).concat().is_empty(), "none begins below 0.6");
    // Below all scores it is lost, and a flash of one frame is nothing.
    let lost = ids(&mut Tracker::new().low(0.2), (0..9).map(|t| vec![at(t, score(t))]));
    assert!(lost[4] == [1] && lost[5].is_empty());
    let flash = ids(&mut Tracker::new(), (0..9).map(|t| if t == 4 { vec![at(t, 0.9)] } else { vec![] }));
    assert!(flash.concat().is_empty());
}

#[test]
fn classes_apart_and_odd_boxes() {
    let here = BBox::from_xywh(10.0, 10.0, 30.0, 30.0);
    let both = vec![found(here, 0.9), Detection { class: 1, ..found(here, 0.9) }];
    let mut tracker = Tracker::new();
    let shown: Vec<Vec<(u64, usize)>> = (0..5)
        .map(|t| {
            let mut both = both.clone();
            both.rotate_left(t % 2);
            tracker.update(&both).iter().map(|track| (track.id, track.class)).collect()
        })
        .collect();
    assert!(shown.iter().all(|tracks| *tracks == [(1, 0), (2, 1)]));
    let odd = [f32::NAN, f32::INFINITY, -5.0, 0.0].map(|w| found(BBox::from_xywh(10.0, 10.0, w, 30.0), 0.9));
    assert!(Tracker::new().update(&odd).is_empty());
    assert!(Tracker::new().update(&[found(here, f32::NAN)]).is_empty());
    tracker.reset();
    let again: Vec<Track> = tracker.update(&both).to_vec();
    assert_eq!((again[0].id, again[0].hits), (3, 1));
}

#[test]
fn the_singer_has_one_number() {
    let Some(data) = std::env::var_os("FUSION_DATA").map(PathBuf::from) else {
        return println!("skipped: FUSION_DATA does not say where the data sets lie");
    };
    let read = |name: &str, scored: bool| {
        let text = std::fs::read_to_string(data.join("video").join(name)).unwrap();
        let mut frames = vec![Vec::new(); 275];
        for line in text.lines().skip(1) {
            let cells: Vec<&str> = line.split(',').collect();
            let n = |at: usize| cells[at].parse::<f32>().unwrap();
            let frame: usize = cells[0].trim_end_matches(".jpg").parse().unwrap();
            frames[frame].push(found(BBox::from_xywh(n(1), n(2), n(3), n(4)), if scored { n(5) } else { 1.0 }));
        }
        frames
    };
    let (machine, truth) = (read("boxes_machine.csv", true), read("boxes_shot.csv", false));
    let (mut tracker, mut measures) = (Tracker::new(), MotMeasures::new());
    for (frame, found) in machine.iter().enumerate() {
        if [82, 211].contains(&frame) {
            tracker.reset();
        }
        let tracks: Vec<(u64, BBox)> = tracker.update(found).iter().map(|track| (track.id, track.bbox)).collect();
        if let [face] = truth[frame][..] {
            measures.add(&[(1, face.bbox)], &tracks);
        }
    }
    let scores = measures.scores();
    println!("{scores:?}");
    assert_eq!((scores.objects, scores.id_switches), (129, 0));
    assert!(scores.misses <= 6 && scores.idf1 > 0.95 && scores.mota > 0.95, "{scores:?}");
}
