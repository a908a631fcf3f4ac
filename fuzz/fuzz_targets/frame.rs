#![no_main]

use fusion_webcam::{Detector, Model, picture};
use std::sync::OnceLock;

static DETECTOR: OnceLock<Detector> = OnceLock::new();

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let detector = DETECTOR.get_or_init(|| Detector::new(Model::YoloFace500k, 0.5, 0.45).expect("a network"));
    let mut tracker = detector.tracker();
    if let Ok((_, found)) = detector.frame(bytes, picture, &mut tracker) {
        assert!(found.tracks.iter().all(|track| track.bbox.is_valid()));
    }
});
