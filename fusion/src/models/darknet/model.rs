//! Writes a description as a `model!`.

use super::layer::{Activation, Convolution};
use super::network::{Network, Part, Takes};
use std::fmt::Write;

/// The words around a model.
struct Text<'n> {
    network: &'n Network,
    named: Vec<usize>,
    lines: Vec<String>,
}

/// The program's text.
pub fn text(network: &Network, name: &str) -> String {
    let is_name = name.starts_with(|c: char| c.is_ascii_uppercase()) && name.chars().all(|c| c.is_ascii_alphanumeric());
    assert!(is_name, "a network is called like a type, `YoloFace`, and not `{name}`");
    let mut text = Text { network, named: network.named(), lines: Vec::new() };
    network.layers.iter().for_each(|part| text.part(part));
    text.whole(name)
}

/// `[18, 8, 10]`
fn sizes([c, h, w]: [usize; 3]) -> String {
    format!("[{c}, {h}, {w}]")
}

impl Text<'_> {
    /// The name of what a layer of the file gives.
    fn name(&self, place: usize) -> String {
        let place = self.network.source(place);
        let part = self.network.layers.iter().find(|part| part.at == place);
        let kind = match part.map(|part| &part.takes) {
            Some(Takes::Convolution(Convolution { activation, .. }) | Takes::Sum { activation, .. })
                if *activation != Activation::Linear =>
            {
                "act"
            }
            Some(Takes::Convolution(conv)) if conv.normalized => "bn",
            Some(Takes::Convolution(_)) | None => "conv",
            Some(Takes::Sum { .. }) => "sum",
            Some(Takes::Join(_)) => "join",
            Some(Takes::MaxPool { .. } | Takes::SameMaxPool { .. } | Takes::AvgPool) => "pool",
            Some(Takes::Upsample { .. }) => "up",
            Some(Takes::Excitation { .. }) => "se",
            Some(Takes::Dropout { .. } | Takes::Yolo { .. }) => "layer",
        };
        format!("{kind}{place}")
    }

    /// The name in front of a layer, if others name it.
    fn label(&self, part: &Part) -> String {
        if self.named.contains(&part.at) { format!("{}: ", self.name(part.at)) } else { String::new() }
    }

    fn activation(&self, part: &Part, activation: Activation) -> String {
        activation.text().map_or_else(String::new, |text| format!(" {}{text},", self.label(part)))
    }

    fn part(&mut self, part: &Part) {
        let (at, label) = (part.at, self.label(part));
        let line = match &part.takes {
            Takes::Convolution(conv) => {
                let mut line = format!("conv{at}: Conv2d<_, {}, {}", conv.filters, conv.size);
                let more = [("stride", conv.stride, 1), ("padding", conv.padding, 0), ("dilation", conv.dilation, 1)];
                for (name, number, usual) in more.into_iter().chain([("groups", conv.groups, 1)]) {
                    if number != usual {
                        let _ = write!(line, ", {name} = {number}");
                    }
                }
                line += if conv.normalized { ", bias = false>," } else { ">," };
                if conv.normalized {
                    let _ = write!(line, " bn{at}: BatchNorm2d<_>,");
                }
                line + &self.activation(part, conv.activation)
            }
            Takes::MaxPool { size, stride, padding } => {
                let mut line = format!("{label}MaxPool2d<{size}");
                if stride != size {
                    let _ = write!(line, ", stride = {stride}");
                }
                if *padding > 0 {
                    let _ = write!(line, ", padding = {padding}");
                }
                line + ">,"
            }
            Takes::SameMaxPool { size } => format!("{label}SameMaxPool2d<{size}>,"),
            Takes::AvgPool => format!("{label}AdaptiveAvgPool2d<1>,"),
            Takes::Upsample { stride } => format!("{label}Upsample<{stride}>,"),
            Takes::Sum { with, activation } => {
                let sum = format!("_ + @{},", self.name(*with));
                match activation {
                    Activation::Linear => format!("{label}{sum}"),
                    activation => sum + &self.activation(part, *activation),
                }
            }
            Takes::Join(from) if from.len() == 1 => format!("@{},", self.name(from[0])),
            Takes::Join(from) => {
                let before = self.network.before(part);
                let branch = |&from: &usize| match self.network.source(from) == before {
                    true => "_".to_owned(),
                    false => format!("@{}", self.name(from)),
                };
                format!("{label}{},", from.iter().map(branch).collect::<Vec<_>>().join(" | "))
            }
            Takes::Excitation { channels, few } => format!("{label}SqueezeExcitation<{channels}, {few}>,"),
            Takes::Dropout { probability } => format!("{label}Dropout<{probability:?}>,"),
            Takes::Yolo { .. } => return,
        };
        self.lines.push(line);
    }

    /// What is looked for in an output, for its documentation.
    fn boxes(&self, output: usize) -> Option<String> {
        let part = self.network.layers.iter().find(|part| part.at == output + 1)?;
        let Takes::Yolo { classes, anchors, scale } = &part.takes else { return None };
        let anchors: Vec<_> = anchors.iter().map(|(w, h)| format!("{w} x {h}")).collect();
        let of = if *classes == 1 { "class" } else { "classes" };
        let mut text = format!("`{}`: boxes of {} pixels, {classes} {of}", self.name(output), anchors.join(", "));
        if *scale != 1.0 {
            let _ = write!(text, ", `scale_x_y` {scale}");
        }
        Some(text + ".")
    }

    fn whole(&self, name: &str) -> String {
        let is = |wanted: fn(&Takes) -> bool| self.network.layers.iter().any(|part| wanted(&part.takes));
        let same = is(|takes| matches!(takes, Takes::SameMaxPool { .. }));
        let excites = is(|takes| matches!(takes, Takes::Excitation { .. }));
        let own = match (same, excites) {
            (false, false) => "",
            (true, false) => "use fusion::models::yolo::SameMaxPool2d;\n",
            (false, true) => "use fusion::models::yolo::SqueezeExcitation;\n",
            (true, true) => "use fusion::models::yolo::{SameMaxPool2d, SqueezeExcitation};\n",
        };
        let outputs = &self.network.outputs;
        let gives = match &outputs[..] {
            &[one] if one + 1 == self.network.shapes.len() => sizes(self.network.shapes[one]),
            all => {
                let each = all.iter().map(|&at| format!("{}: {}", self.name(at), sizes(self.network.shapes[at])));
                format!("{{ {} }}", each.collect::<Vec<_>>().join(", "))
            }
        };
        let boxes: Vec<_> = outputs.iter().filter_map(|&at| self.boxes(at)).collect();
        let mut docs = String::new();
        for line in &boxes {
            let _ = write!(docs, "    ///\n    /// {line}\n");
        }
        let mut text =
            format!("{own}use fusion::prelude::*;\n\nmodel! {{\n    /// As its `.cfg` describes it.\n{docs}");
        let _ = writeln!(text, "    pub {name}: {} -> {gives} {{", sizes(self.network.input));
        for line in &self.lines {
            let _ = writeln!(text, "        {line}");
        }
        text + "    }\n}\n"
    }
}
