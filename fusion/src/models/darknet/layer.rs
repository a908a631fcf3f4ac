//! The layers of `.cfg` files and what is said of each.

use super::fault::{Fault, short};
use std::ops::RangeInclusive;

/// The settings of a section, with their lines.
#[derive(Default)]
pub struct Given(Vec<(usize, String, String)>);

/// A layer and the line on which it begins.
#[derive(Clone, Debug)]
pub struct Line {
    pub line: usize,
    pub layer: Layer,
}

/// A layer. Others are told by their places: from 0 on, or so many before it.
#[derive(Clone, Debug)]
pub enum Layer {
    Convolutional(Convolution),
    MaxPool { size: usize, stride: usize, padding: usize },
    AvgPool,
    Upsample { stride: usize },
    Shortcut { from: i64, activation: Activation },
    Route { layers: Vec<i64> },
    ScaleChannels { from: i64 },
    Dropout { probability: f64 },
    Yolo { classes: usize, anchors: Vec<(f64, f64)>, scale: f64 },
}

/// What is said of a convolution.
#[derive(Clone, Debug)]
pub struct Convolution {
    pub filters: usize,
    pub size: usize,
    pub stride: usize,
    pub padding: usize,
    pub groups: usize,
    pub dilation: usize,
    pub normalized: bool,
    pub activation: Activation,
}

/// An activation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    Linear,
    Leaky,
    Relu,
    Relu6,
    Logistic,
    Mish,
    Swish,
    Tanh,
}

const ACTIVATIONS: [(&str, Activation); 8] = [
    ("linear", Activation::Linear),
    ("leaky", Activation::Leaky),
    ("relu", Activation::Relu),
    ("relu6", Activation::Relu6),
    ("logistic", Activation::Logistic),
    ("mish", Activation::Mish),
    ("swish", Activation::Swish),
    ("tanh", Activation::Tanh),
];

impl Activation {
    /// As `model!` has it; nothing for none.
    pub fn text(self) -> Option<&'static str> {
        Some(match self {
            Self::Linear => return None,
            Self::Leaky => "LeakyRelu<0.1>",
            Self::Relu => "Relu",
            Self::Relu6 => "Relu6",
            Self::Logistic => "Sigmoid",
            Self::Mish => "Mish",
            Self::Swish => "Silu",
            Self::Tanh => "Tanh",
        })
    }
}

/// The settings that a network is made of, for each kind of section.
const KNOWN: [(&str, &[&str]); 10] = [
    ("net", &["width", "height", "channels"]),
    (
        "convolutional",
        &["filters", "size", "stride", "pad", "padding", "groups", "dilation", "batch_normalize", "activation"],
    ),
    ("maxpool", &["size", "stride", "padding"]),
    ("avgpool", &[]),
    ("upsample", &["stride"]),
    ("shortcut", &["from", "activation"]),
    ("route", &["layers"]),
    ("scale_channels", &["from", "activation"]),
    ("dropout", &["probability"]),
    ("yolo", &["classes", "anchors", "mask", "num", "scale_x_y"]),
];

/// Settings that do not change what a layer computes when it runs: those of training and of finding boxes.
const PASSED_OVER: [&str; 26] = [
    "absolute",
    "beta_nms",
    "bias_match",
    "cls_normalizer",
    "counters_per_class",
    "focal_loss",
    "hue",
    "ignore_thresh",
    "iou_loss",
    "iou_normalizer",
    "iou_thresh",
    "jitter",
    "label_smooth_eps",
    "learning_rate",
    "max",
    "max_delta",
    "nms_kind",
    "obj_normalizer",
    "objectness_smooth",
    "random",
    "resize",
    "show_details",
    "stopbackward",
    "truth_thresh",
    "map",
    "dontload",
];

/// The name by which a section is known that has several: `[conv]` is `[convolutional]`.
pub fn full_name(kind: &str) -> &str {
    match kind {
        "network" => "net",
        "conv" => "convolutional",
        "max" => "maxpool",
        "avg" => "avgpool",
        kind => kind,
    }
}

impl Given {
    /// Notes a setting. Only those of `[net]` that are not known are settings of the training.
    pub fn add(&mut self, kind: &str, line: usize, key: &str, value: &str) -> Result<(), Fault> {
        let kind = full_name(kind);
        let known = KNOWN.iter().find(|(name, _)| *name == kind).map(|(_, keys)| *keys);
        match known {
            // What is not known is said where its section ends.
            None => return Ok(()),
            Some(keys) if keys.contains(&key) => {}
            Some(_) if kind == "net" || PASSED_OVER.contains(&key) => return Ok(()),
            Some(keys) => {
                let there =
                    if keys.is_empty() { "it has none".into() } else { format!("there are {}", keys.join(", ")) };
                return Err((line, format!("`{}` is no setting of `[{kind}]`: {there}", short(key))));
            }
        }
        if self.0.iter().any(|(_, other, _)| other == key) {
            return Err((line, format!("`{key}` is set twice in this section")));
        }
        self.0.push((line, key.to_owned(), value.to_owned()));
        Ok(())
    }

    fn find(&self, key: &str) -> Option<(usize, &str)> {
        self.0.iter().find(|(_, known, _)| known == key).map(|(line, _, value)| (*line, value.as_str()))
    }

    /// A whole number in a range; `default` if it is not there.
    pub fn number(&self, key: &str, default: usize, range: RangeInclusive<usize>) -> Result<usize, Fault> {
        let Some((line, value)) = self.find(key) else { return Ok(default) };
        value.parse().ok().filter(|number| range.contains(number)).ok_or_else(|| {
            let (from, to) = (range.start(), range.end());
            (line, format!("`{key}` is a whole number from {from} to {to}, not `{}`", short(value)))
        })
    }

    /// A whole number that must be there.
    pub fn required(&self, key: &str, of: &str, line: usize, range: RangeInclusive<usize>) -> Result<usize, Fault> {
        match self.find(key) {
            Some(_) => self.number(key, 0, range),
            None => Err((line, format!("`[{of}]` does not say its `{key}`"))),
        }
    }

    fn list<T: std::str::FromStr>(&self, key: &str, what: &str) -> Result<Option<(usize, Vec<T>)>, Fault> {
        let Some((line, value)) = self.find(key) else { return Ok(None) };
        let mut list = Vec::new();
        // A list may end with a comma.
        for part in value.trim_end_matches(|c: char| c == ',' || c.is_whitespace()).split(',') {
            let part = part.trim();
            let number =
                part.parse().map_err(|_| (line, format!("`{key}` is a list of {what}, not `{}`", short(part))))?;
            if list.len() == 1000 {
                return Err((line, format!("`{key}` has at most 1000 numbers")));
            }
            list.push(number);
        }
        Ok(Some((line, list)))
    }

    fn decimal(&self, key: &str, default: f64, range: RangeInclusive<f64>) -> Result<f64, Fault> {
        let Some((line, value)) = self.find(key) else { return Ok(default) };
        value.parse().ok().filter(|number| range.contains(number)).ok_or_else(|| {
            let (from, to) = (range.start(), range.end());
            (line, format!("`{key}` is a number from {from} to {to}, not `{}`", short(value)))
        })
    }

    fn activation(&self, default: &str) -> Result<Activation, Fault> {
        let (line, value) = self.find("activation").unwrap_or((0, default));
        let found = ACTIVATIONS.iter().find(|(name, _)| *name == value);
        found.map(|(_, activation)| *activation).ok_or_else(|| {
            let names: Vec<_> = ACTIVATIONS.iter().map(|(name, _)| *name).collect();
            (line, format!("there is no activation `{}` here: there are {}", short(value), names.join(", ")))
        })
    }
}

impl Layer {
    /// The layer that a section describes.
    pub fn new(kind: &str, line: usize, given: &Given) -> Result<Self, Fault> {
        let kind = full_name(kind);
        Ok(match kind {
            "convolutional" => Self::Convolutional(Convolution::new(given)?),
            "maxpool" => {
                let stride = given.number("stride", 1, 1..=64)?;
                let size = given.number("size", stride, 1..=64)?;
                Self::MaxPool { size, stride, padding: given.number("padding", size - 1, 0..=size - 1)? }
            }
            "avgpool" => Self::AvgPool,
            "upsample" => Self::Upsample { stride: given.number("stride", 2, 1..=64)? },
            "shortcut" => {
                Self::Shortcut { from: one(given, "from", kind, line)?, activation: given.activation("linear")? }
            }
            "scale_channels" => {
                if given.activation("linear")? != Activation::Linear {
                    return Err((line, "an activation behind `[scale_channels]` is not known here".into()));
                }
                Self::ScaleChannels { from: one(given, "from", kind, line)? }
            }
            "route" => match given.list("layers", "whole numbers")? {
                Some((_, layers)) => Self::Route { layers },
                None => return Err((line, "`[route]` does not say its `layers`".into())),
            },
            "dropout" => Self::Dropout { probability: given.decimal("probability", 0.5, 0.0..=1.0)? },
            "yolo" => {
                let classes = given.number("classes", 20, 1..=10_000)?;
                let (at, all) = given.list::<f64>("anchors", "numbers")?.unwrap_or_default();
                if !all.len().is_multiple_of(2) || all.iter().any(|side| !(0.0..=65536.0).contains(side)) {
                    return Err((at, "`anchors` are pairs of a width and a height, from 0 to 65536 pixels".into()));
                }
                let all: Vec<_> = all.chunks(2).map(|pair| (pair[0], pair[1])).collect();
                let (line, mask) =
                    given.list::<usize>("mask", "whole numbers")?.unwrap_or((line, (0..all.len()).collect()));
                let anchor = |&at: &usize| {
                    let none = || (line, format!("`mask` names anchor {at}, but there are {}", all.len()));
                    all.get(at).copied().ok_or_else(none)
                };
                let anchors = mask.iter().map(anchor).collect::<Result<_, _>>()?;
                Self::Yolo { classes, anchors, scale: given.decimal("scale_x_y", 1.0, 0.0..=10.0)? }
            }
            kind => {
                let known: Vec<_> = KNOWN[1..].iter().map(|(name, _)| *name).collect();
                return Err((
                    line,
                    format!("there is no layer `[{}]` here: there are {}", short(kind), known.join(", ")),
                ));
            }
        })
    }
}

/// The only number of a list that must be there.
fn one(given: &Given, key: &str, of: &str, line: usize) -> Result<i64, Fault> {
    match given.list(key, "whole numbers")? {
        Some((_, list)) if list.len() == 1 => Ok(list[0]),
        Some((line, _)) => Err((line, format!("`{key}` is one layer"))),
        None => Err((line, format!("`[{of}]` does not say where it is `{key}`"))),
    }
}

impl Convolution {
    fn new(given: &Given) -> Result<Self, Fault> {
        let size = given.number("size", 1, 1..=1024)?;
        let padding = given.number("padding", 0, 0..=1024)?;
        let pads = given.number("pad", 0, 0..=1)? == 1;
        let dilation = given.number("dilation", 1, 1..=64)?;
        Ok(Self {
            filters: given.number("filters", 1, 1..=65536)?,
            size,
            stride: given.number("stride", 1, 1..=64)?,
            padding: if pads { size / 2 * dilation } else { padding },
            groups: given.number("groups", 1, 1..=65536)?,
            dilation,
            normalized: given.number("batch_normalize", 0, 0..=1)? == 1,
            activation: given.activation("logistic")?,
        })
    }
}
