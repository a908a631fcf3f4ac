//! Golden values as boxes and detections.

use crate::golden::{json, numbers};
use fusion::prelude::*;
use fusion::vision::{BBox, Detection, Labelled};
use serde_json::Value as Json;

/// A part of the file.
pub fn part(name: &str) -> Json {
    json("vision.json")[name].take()
}

pub fn list(json: &Json) -> &[Json] {
    json.as_array().expect("a list")
}

/// A table of numbers, row after row.
pub fn rows<T: Float>(json: &Json) -> Vec<T> {
    list(json).iter().flat_map(|row| numbers::<T>(row)).collect()
}

pub fn bbox(json: &Json) -> BBox {
    let [x1, y1, x2, y2] = numbers::<f32>(json).try_into().expect("four numbers");
    BBox::new(x1, y1, x2, y2)
}

pub fn count(json: &Json) -> usize {
    json.as_u64().expect("a whole number") as usize
}

/// Detections of the lists `boxes`, `scores` and `classes`.
pub fn detections(json: &Json) -> Vec<Detection> {
    let scores = numbers::<f32>(&json["scores"]);
    let each = list(&json["boxes"]).iter().zip(scores).zip(list(&json["classes"]));
    each.map(|((at, score), class)| Detection { bbox: bbox(at), score, class: count(class) }).collect()
}

/// Objects, each a list of its corners and its class.
pub fn labelled(json: &Json) -> Vec<Labelled> {
    let one = |object: &Json| {
        let (corners, class) = list(object).split_at(4);
        Labelled { bbox: bbox(&Json::Array(corners.to_vec())), class: count(&class[0]) }
    };
    list(json).iter().map(one).collect()
}
