//! Objects in images: boxes, detections and tracks.
//!
//! Values are in `goldens/vision.json`, made by `goldens/vision.py`, whose first lines describe the cases.

#[path = "vision/augment.rs"]
mod augment;
#[path = "vision/boxes.rs"]
mod boxes;
#[path = "vision/data.rs"]
mod data;
#[path = "parity/golden.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod golden;
#[path = "vision/head.rs"]
mod head;
#[path = "vision/images.rs"]
mod images;
#[path = "vision/learning.rs"]
mod learning;
#[path = "vision/loss.rs"]
mod loss;
#[path = "vision/nms.rs"]
mod nms;
#[path = "vision/precision.rs"]
mod precision;
#[path = "vision/reading.rs"]
mod reading;
#[path = "vision/track.rs"]
mod track;
