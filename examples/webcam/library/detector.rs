//! From a frame to faces with numbers that stay.

use crate::picture::Picture;
use crate::{Fault, Result};
use clap::ValueEnum;
use fusion::data::transforms::ToFloat;
use fusion::data::{Draw, Transform};
use fusion::models::{YoloFace500k, YoloFace500kV2, darknet};
use fusion::nn::Prepared;
use fusion::prelude::*;
use fusion::vision::{Detection, Letterbox, Nms, Track, Tracker, YoloHead};
use std::fmt;
use std::time::Instant;

/// Detections below this count for nothing; those between it and the threshold keep a track, and begin none.
const LOW: f32 = 0.1;

/// Which network looks for faces; its weights are part of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Model {
    /// 122,672 parameters, images of 320 x 256.
    #[value(name = "yoloface-500k")]
    YoloFace500k,
    /// 99,488 parameters, images of 352 x 288.
    #[value(name = "yoloface-500k-v2")]
    YoloFace500kV2,
}

enum Net {
    One(Prepared<YoloFace500k>),
    Two(Prepared<YoloFace500kV2>),
}

/// A network made ready to run, and what becomes of its outputs. Any number of threads may use one.
pub struct Detector {
    net: Net,
    nms: Nms,
    score: f32,
}

/// How long each part of the work on a frame took, in milliseconds.
#[derive(Clone, Copy, Debug, Default, serde::Serialize)]
pub struct Times {
    /// Unpacking the JPEG image.
    pub decode: f64,
    /// Bringing it to the network's size.
    pub resize: f64,
    /// The network.
    pub network: f64,
    /// Boxes of its outputs, and one for each face.
    pub boxes: f64,
    /// Numbers that stay.
    pub tracker: f64,
}

impl Times {
    /// The parts with their names.
    pub fn parts(&self) -> [(&'static str, f64); 5] {
        let Self { decode, resize, network, boxes, tracker } = *self;
        [("decode", decode), ("resize", resize), ("network", network), ("boxes", boxes), ("tracker", tracker)]
    }

    /// All parts together.
    pub fn total(&self) -> f64 {
        self.parts().iter().map(|part| part.1).sum()
    }
}

/// What was found in a frame.
#[derive(Clone, Debug)]
pub struct Found {
    /// The frame's width and height.
    pub size: [usize; 2],
    /// What the network says, the surest first; with scores from [`Detector::score`] on.
    pub detections: Vec<Detection>,
    /// The faces that are followed.
    pub tracks: Vec<Track>,
    /// How long it took.
    pub times: Times,
}

/// A network with its weights, ready to run.
macro_rules! ready {
    ($Net:ident, $weights:literal) => {{
        let mut net = $Net::init(&mut StdRng::seed_from_u64(0));
        darknet::load_bytes(&mut net, include_bytes!(concat!("../weights/", $weights)))?;
        net.prepare()
    }};
}

/// An image stretched to `$height` x `$width` through a network: what was found, and where the image lies.
macro_rules! through {
    ($net:ident: $Net:ident, $height:literal x $width:literal, $image:ident, $times:ident) => {{
        let start = Instant::now();
        let (x, placement) = Letterbox::<dim!($height), dim!($width)>::new().stretch().apply($image);
        let x: Tensor<shape![1, 3, $height, $width]> = ToFloat.apply(x, &mut Draw::new(0, 0, 0, &[0]));
        $times.resize = milliseconds(start);
        let start = Instant::now();
        let y = $net.forward(x);
        $times.network = milliseconds(start);
        let mut found = Vec::new();
        through!(@ $Net, found, 0, y.large);
        through!(@ $Net, found, 1, y.medium);
        through!(@ $Net, found, 2, y.small);
        (found, placement)
    }};
    (@ $Net:ident, $found:ident, $n:literal, $y:expr) => {
        let head = YoloHead::new($Net::ANCHORS[$n], $Net::STRIDES[$n]).scale_x_y($Net::SCALE_X_Y[$n]);
        head.decode(&$y, 0, LOW, &mut $found);
    };
}

impl Detector {
    /// Finds faces with scores from `score` on; of two boxes whose IoU is above `iou` the surer stays.
    ///
    /// # Errors
    /// If a threshold is no number from 0 to 1.
    pub fn new(model: Model, score: f32, iou: f32) -> Result<Self> {
        for (name, threshold) in [("score", score), ("IoU", iou)] {
            if !(0.0..=1.0).contains(&threshold) {
                return Err(Fault::new(format_args!("a threshold of {name} is from 0 to 1, and {threshold} is not")));
            }
        }
        let net = match model {
            Model::YoloFace500k => Net::One(ready!(YoloFace500k, "yoloface-500k.weights")),
            Model::YoloFace500kV2 => Net::Two(ready!(YoloFace500kV2, "yoloface-500k-v2.weights")),
        };
        let nms = Nms::new().iou_threshold(iou).score_threshold(LOW.min(score));
        Ok(Self { net, nms, score })
    }

    /// The least score of a face.
    pub fn score(&self) -> f32 {
        self.score
    }

    /// A tracker for one video.
    pub fn tracker(&self) -> Tracker {
        Tracker::new().low(LOW.min(self.score)).high(self.score).start(self.score.max(0.6))
    }

    /// What is in a frame that `unpack` makes a picture of, the next one of a video.
    ///
    /// # Errors
    /// If it cannot be unpacked; the tracker is then as it was.
    pub fn frame(
        &self,
        bytes: &[u8],
        unpack: impl FnOnce(&[u8]) -> Result<Picture>,
        tracker: &mut Tracker,
    ) -> Result<(Picture, Found)> {
        let start = Instant::now();
        let image = unpack(bytes)?;
        let decode = milliseconds(start);
        let mut found = self.image(&image, tracker);
        found.times.decode = decode;
        Ok((image, found))
    }

    /// What is in a picture, the next one of a video.
    pub fn image(&self, image: &Picture, tracker: &mut Tracker) -> Found {
        let mut times = Times::default();
        let start = Instant::now();
        let (mut detections, placement) = match &self.net {
            Net::One(net) => through!(net: YoloFace500k, 256 x 320, image, times),
            Net::Two(net) => through!(net: YoloFace500kV2, 288 x 352, image, times),
        };
        self.nms.apply(&mut detections);
        placement.restore(&mut detections);
        times.boxes = milliseconds(start) - times.resize - times.network;
        let start = Instant::now();
        let [height, width] = [image.shape()[1], image.shape()[2]];
        let mut tracks = tracker.update(&detections).to_vec();
        // A track may reach a little beyond the frame.
        tracks.iter_mut().for_each(|track| track.bbox = track.bbox.clip(width as f32, height as f32));
        tracks.retain(|track| track.bbox.is_valid());
        times.tracker = milliseconds(start);
        detections.retain(|detection| detection.score >= self.score);
        Found { size: [width, height], detections, tracks, times }
    }
}

impl fmt::Debug for Detector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Detector").field("score", &self.score).field("nms", &self.nms).finish_non_exhaustive()
    }
}

fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e3
}
