//! The program's work on videos and images: what it finds, and what it writes.

mod common;

use common::clip;
use fusion::prelude::*;
use fusion_webcam::{Detector, Fault, Known, Measures, Model, Outputs, input, picture};
use std::path::{Path, PathBuf};

/// The measures of an input.
fn measured(model: Model, frames: &Path, boxes: &Path) -> Measures {
    let detector = Detector::new(model, 0.5, 0.45).expect("a network");
    let mut measures = Measures::new(Known::read(boxes).expect("a table"));
    let mut tracker = detector.tracker();
    for frame in input::open(frames).expect("frames").frames {
        let frame = frame.expect("a frame");
        let (_, found) = detector.frame(&frame.bytes, picture, &mut tracker).expect("a picture");
        measures.add(&frame.name, &found);
    }
    println!("{measures}");
    measures
}

/// The face is followed in so much of the frames, and is the same all the time.
fn followed(measures: &Measures, least: f64) {
    let [[known, found, _], _] = measures.counted();
    assert_eq!(known, found);
    let scores = measures.followed().expect("one face");
    let recall = (scores.objects - scores.misses) as f64 / scores.objects as f64;
    assert!(recall >= least && scores.id_switches == 0 && scores.mota >= least, "{scores:?}");
}

#[test]
fn the_singer_is_followed() {
    for model in [Model::YoloFace500k, Model::YoloFace500kV2] {
        followed(&measured(model, &clip("singer.avi"), &clip("singer.csv")), 1.0);
    }
}

/// Where larger data lies, if it is there.
fn data(name: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("FUSION_DATA").map(|folder| Path::new(&folder).join(name));
    if folder.as_ref().is_none_or(|folder| !folder.exists()) {
        println!("skipped: FUSION_DATA does not say where {name} is");
        return None;
    }
    folder
}

/// The whole clip, of which one shot has known boxes: the face is new in its first frame.
#[test]
fn the_shot_of_the_whole_clip() {
    let Some(video) = data("video") else { return };
    for model in [Model::YoloFace500k, Model::YoloFace500kV2] {
        for frames in ["clip_mjpeg.avi", "frames"] {
            followed(&measured(model, &video.join(frames), &video.join("boxes_shot.csv")), 0.99);
        }
    }
}

#[test]
fn photographs() {
    let Some(faces) = data("faces-test") else { return };
    for (model, least, most) in [(Model::YoloFace500k, 57, 0), (Model::YoloFace500kV2, 59, 3)] {
        let [[known, found, extra], _] =
            measured(model, &faces.join("images"), &faces.join("annotations.csv")).counted();
        assert!(known == 59 && found >= least && extra <= most, "{model:?}: {found} of {known}, {extra} beside them");
    }
}

/// The frames with their boxes as images, as a video that can be read again, and as lines of JSON.
#[test]
fn outputs() {
    let folder = tempfile::tempdir().expect("a folder");
    let [png, lines, video] = ["png", "faces.jsonl", "faces.avi"].map(|name| folder.path().join(name));
    let detector = Detector::new(Model::YoloFace500k, 0.5, 0.45).expect("a network");
    let mut outputs = Outputs::new(Some(&png), Some(&lines), Some(&video), 25.0).expect("files");
    let mut tracker = detector.tracker();
    for frame in input::open(&clip("singer.avi")).expect("a video").frames.take(5) {
        let frame = frame.expect("a frame");
        let (image, found) = detector.frame(&frame.bytes, picture, &mut tracker).expect("a picture");
        outputs.add(&frame.name, &image, &found).expect("room");
    }
    outputs.finish().expect("room");
    let lines = std::fs::read_to_string(lines).expect("lines");
    let lines: Vec<serde_json::Value> = lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(lines.len(), 5);
    for (number, (line, known)) in lines.iter().zip(common::boxes()).enumerate() {
        assert_eq!((&line["frame"], &line["width"]), (&format!("{number:05}").into(), &416.into()));
        assert_eq!(line["faces"][0]["id"], 1);
        let edge = |n: usize| line["faces"][0]["box"][n].as_f64().expect("a number") as f32;
        let found = fusion::vision::BBox::new(edge(0), edge(1), edge(2), edge(3));
        assert!(found.iou(&known) > 0.5, "{found:?}, {known:?}");
    }
    let again = input::open(&video).expect("a video");
    assert_eq!(again.rate, Some(25.0));
    let again: Vec<_> = again.frames.collect::<Result<_, Fault>>().expect("frames");
    assert_eq!(again.len(), 5);
    for frame in &again {
        // The video's frame is the image up to what JPEG loses, and has a frame of the colour of face 1.
        let image = fusion::data::read_image(png.join(format!("{}.png", frame.name))).expect("an image");
        let there = picture(&frame.bytes).expect("a picture");
        let far: i64 = there.to_vec().iter().zip(image.to_vec()).map(|(&a, b)| i64::from(a.abs_diff(b))).sum();
        assert!(far / (image.to_vec().len() as i64) < 4, "{far}");
        let planes = image.to_vec();
        let plane = planes.len() / 3;
        let colour = fusion::vision::colour(1);
        let coloured = (0..plane).filter(|at| (0..3).all(|c| planes[c * plane + at] == colour[c])).count();
        assert!(coloured > 200, "{coloured} pixels of a frame");
    }
}

/// A frame of another size has no place in a video, and a damaged one is named.
#[test]
fn what_does_not_fit() {
    let folder = tempfile::tempdir().expect("a folder");
    let detector = Detector::new(Model::YoloFace500k, 0.5, 0.45).expect("a network");
    let mut outputs = Outputs::new(None, None, Some(&folder.path().join("faces.avi")), 25.0).expect("a file");
    let mut add = |name: &str, height: usize, width: usize| {
        let image = fusion_webcam::Picture::zeros_sized(&[3, height, width]).expect("an image");
        outputs.add(name, &image, &detector.image(&image, &mut detector.tracker()))
    };
    add("one", 20, 30).expect("room");
    let fault = add("two", 20, 31).expect_err("no place").to_string();
    assert_eq!(fault, "frame two has 31 x 20 pixels, and the video 30 x 20");
    assert_eq!(
        Detector::new(Model::YoloFace500k, 1.5, 0.45).expect_err("no score").to_string(),
        "a threshold of score is from 0 to 1, and 1.5 is not"
    );
    let table = folder.path().join("boxes.csv");
    std::fs::write(&table, "image,x,y,w,h\na.jpg,1,2,0,4\n").expect("room");
    let fault = Known::read(&table).expect_err("no box").to_string();
    assert!(fault.ends_with("boxes.csv: a.jpg has a box of 0 x 4 at 1, 2"), "{fault}");
}

/// Frames with bytes changed, missing and doubled: a picture or a sentence, and the next frame is as before.
#[test]
fn damaged_frames() {
    let detector = Detector::new(Model::YoloFace500k, 0.5, 0.45).expect("a network");
    let (mut tracker, mut rng) = (detector.tracker(), StdRng::seed_from_u64(7));
    let clip = common::frames();
    let mut refused = 0;
    for round in 0..150 {
        let mut bytes = clip[round % clip.len()].clone();
        let at = rng.random_range(2..bytes.len());
        let length = rng.random_range(1..(bytes.len() - at).min(400) + 1);
        match round % 3 {
            0 => bytes[at..at + length].iter_mut().for_each(|byte| *byte = rng.random_range(0..=255)),
            1 => _ = bytes.drain(at..at + length),
            _ => bytes.extend_from_within(at..),
        }
        match detector.frame(&bytes, picture, &mut tracker) {
            Ok((_, found)) => assert!(found.tracks.iter().all(|track| track.bbox.is_valid())),
            Err(fault) => {
                assert!(fault.to_string().starts_with("the frame "), "{fault}");
                refused += 1;
            }
        }
    }
    assert!(refused > 10, "{refused} of 150");
    let (_, found) = detector.frame(&clip[0], picture, &mut detector.tracker()).expect("a picture");
    assert_eq!(found.tracks.len(), 1);
}
