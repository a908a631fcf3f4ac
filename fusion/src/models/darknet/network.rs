//! What a description means: which layers each takes, and how large what it gives is.

use super::fault::Fault;
use super::layer::{Activation, Convolution, Given, Layer, Line};

/// The largest height or width, and the most channels.
const LARGEST: usize = 65536;

/// The most numbers that a layer may give of an image, and the most that it may learn.
const MOST: usize = 1 << 31;

/// A network whose layers are known to fit each other.
#[derive(Clone, Debug)]
pub struct Network {
    /// Channels, height and width.
    pub input: [usize; 3],
    pub layers: Vec<Part>,
    /// What each layer of the file gives.
    pub shapes: Vec<[usize; 3]>,
    /// The layers that are outputs.
    pub outputs: Vec<usize>,
    /// Whose result each layer of the file gives: a `[yolo]` and a `[route]` of one layer give what they take.
    sources: Vec<usize>,
}

/// A layer with its places in the file.
#[derive(Clone, Debug)]
pub struct Part {
    /// Its own: of several layers that are one here, that of the last.
    pub at: usize,
    pub takes: Takes,
}

/// What is computed, and of what. Those that are named are places of layers in the file.
#[derive(Clone, Debug)]
pub enum Takes {
    Convolution(Convolution),
    /// A window, its stride, and what is in front of the image.
    MaxPool {
        size: usize,
        stride: usize,
        padding: usize,
    },
    /// A window at each place, with more behind the image than in front of it.
    SameMaxPool {
        size: usize,
    },
    AvgPool,
    Upsample {
        stride: usize,
    },
    Sum {
        with: usize,
        activation: Activation,
    },
    /// What flows in, if one is none.
    Join(Vec<usize>),
    Excitation {
        channels: usize,
        few: usize,
    },
    Dropout {
        probability: f64,
    },
    /// What flows in, and what of it is looked for.
    Yolo {
        classes: usize,
        anchors: Vec<(f64, f64)>,
        scale: f64,
    },
}

impl Network {
    /// Follows the sizes through the layers.
    pub fn new(net: &Given, layers: Vec<Line>) -> Result<Self, Fault> {
        let side = |key| net.required(key, "net", 1, 1..=LARGEST);
        let input = [side("channels")?, side("height")?, side("width")?];
        let mut all = Self { input, layers: Vec::new(), shapes: Vec::new(), outputs: Vec::new(), sources: Vec::new() };
        let mut learned = 0usize;
        for at in 0..layers.len() {
            let line = layers[at].line;
            let taken = if at == 0 { input } else { all.shapes[at - 1] };
            let (takes, gives) = all.part(&layers, at, taken).map_err(|problem| (line, problem))?;
            if gives.contains(&0) || gives.iter().any(|size| *size > LARGEST) || gives.iter().product::<usize>() > MOST
            {
                let [c, h, w] = taken;
                return Err((line, format!("of [{c}, {h}, {w}] this would make {gives:?}, which is no size")));
            }
            if let Takes::Convolution(conv) = &takes {
                learned = learned.saturating_add(conv.filters * taken[0] / conv.groups * conv.size * conv.size);
            }
            if learned > MOST {
                return Err((line, format!("up to here the network learns more than {MOST} numbers")));
            }
            all.shapes.push(gives);
            all.sources.push(match &takes {
                Takes::Yolo { .. } => all.sources[at - 1],
                Takes::Join(from) if from.len() == 1 => all.sources[from[0]],
                _ => at,
            });
            // A `[route]` of what flows in anyway is nothing.
            if at == 0 || all.sources[at] != all.sources[at - 1] || matches!(takes, Takes::Yolo { .. }) {
                all.layers.push(Part { at, takes });
            }
        }
        if all.outputs.is_empty() {
            match layers.len() {
                0 => return Err((1, "there is no layer behind `[net]`".into())),
                n => all.outputs.push(n - 1),
            }
        }
        all.all_is_used(&layers)?;
        Ok(all)
    }

    /// A layer, and channels, height and width that it gives.
    fn part(&mut self, layers: &[Line], at: usize, taken: [usize; 3]) -> Result<(Takes, [usize; 3]), String> {
        let [c, h, w] = taken;
        let place = |from: i64| {
            let place = if from < 0 { at as i64 + from } else { from };
            let known = usize::try_from(place).ok().filter(|place| *place < at);
            known.ok_or_else(|| format!("{from} is no layer before this, which is layer {at}"))
        };
        let shape = |place: usize| self.shapes[place];
        Ok(match &layers[at].layer {
            Layer::Convolutional(conv) => {
                let reach = conv.dilation * (conv.size - 1) + 1;
                let places =
                    |size: usize| (size + 2 * conv.padding).checked_sub(reach).map_or(0, |n| n / conv.stride + 1);
                if !c.is_multiple_of(conv.groups) || !conv.filters.is_multiple_of(conv.groups) {
                    return Err(format!("{c} channels cannot become {} in {} equal groups", conv.filters, conv.groups));
                }
                (Takes::Convolution(conv.clone()), [conv.filters, places(h), places(w)])
            }
            &Layer::MaxPool { size, stride, padding } => {
                // Darknet has `padding` places more along each axis, of which the smaller half is in front.
                let before = padding / 2;
                let places = |n: usize| (n + padding).checked_sub(size).map_or(0, |n| n / stride + 1);
                let gives = [c, places(h), places(w)];
                let even = |n: usize| places(n).saturating_sub(1) * stride + size <= n + 2 * before;
                let takes = if even(h) && even(w) && before <= size / 2 {
                    Takes::MaxPool { size, stride, padding: before }
                } else if stride == 1 && padding == size - 1 {
                    Takes::SameMaxPool { size }
                } else {
                    return Err(format!(
                        "a window of {size} by {size} does not end with {h} by {w} pixels and stride {stride}"
                    ));
                };
                (takes, gives)
            }
            Layer::AvgPool => (Takes::AvgPool, [c, 1, 1]),
            &Layer::Upsample { stride } => (Takes::Upsample { stride }, [c, h * stride, w * stride]),
            &Layer::Shortcut { from, activation } => {
                let with = place(from)?;
                if shape(with) != taken {
                    return Err(format!("layer {with} gives {:?}, which cannot be added to {taken:?}", shape(with)));
                }
                (Takes::Sum { with, activation }, taken)
            }
            Layer::Route { layers: from } => {
                let from = from.iter().map(|&from| place(from)).collect::<Result<Vec<_>, _>>()?;
                let [mut channels, h, w] = shape(from[0]);
                for &other in &from[1..] {
                    let [c, y, x] = shape(other);
                    if [y, x] != [h, w] {
                        return Err(format!("layer {} gives {h} x {w} pixels, layer {other} {y} x {x}", from[0]));
                    }
                    channels += c;
                }
                (Takes::Join(from), [channels, h, w])
            }
            &Layer::ScaleChannels { from } => {
                let from = place(from)?;
                let gives = shape(from);
                (self.excitation(layers, at, from)?, gives)
            }
            &Layer::Dropout { probability } => (Takes::Dropout { probability }, taken),
            Layer::Yolo { classes, anchors, scale } => {
                if at == 0 {
                    return Err("`[yolo]` stands behind a convolution".into());
                }
                let wanted = anchors.len() * (5 + classes);
                if c != wanted {
                    let count = anchors.len();
                    return Err(format!("{count} boxes of {classes} classes are {wanted} channels, but {c} flow in"));
                }
                self.outputs.push(at - 1);
                (Takes::Yolo { classes: *classes, anchors: anchors.clone(), scale: *scale }, taken)
            }
        })
    }

    /// `avgpool`, two convolutions and `scale_channels` are one layer.
    fn excitation(&mut self, layers: &[Line], at: usize, from: usize) -> Result<Takes, String> {
        let plain = |conv: &Convolution, activation| {
            let Convolution { size: 1, stride: 1, padding: 0, groups: 1, normalized: false, .. } = conv else {
                return false;
            };
            conv.activation == activation
        };
        let before = at.checked_sub(3).map(|start| [start, start + 1, start + 2].map(|at| &layers[at].layer));
        if let Some([Layer::AvgPool, Layer::Convolutional(one), Layer::Convolutional(two)]) = before
            && plain(one, Activation::Relu)
            && plain(two, Activation::Logistic)
            && from + 4 == at
            && self.shapes[from][0] == two.filters
        {
            self.layers.truncate(self.layers.len() - 3);
            return Ok(Takes::Excitation { channels: two.filters, few: one.filters });
        }
        Err("channels are scaled by `[avgpool]` and two `[convolutional]` of size 1 right behind the layer they come from, the \
             first with `relu`, the second with `logistic`"
            .into())
    }

    /// Whose result a layer of the file gives.
    pub fn source(&self, place: usize) -> usize {
        self.sources[place]
    }

    /// The layers whose results are named by others.
    pub fn named(&self) -> Vec<usize> {
        let by = |part: &Part| match &part.takes {
            Takes::Sum { with, .. } => vec![*with],
            Takes::Join(from) if from.len() == 1 => from.clone(),
            Takes::Join(from) => from.iter().copied().filter(|&from| self.source(from) != self.before(part)).collect(),
            _ => Vec::new(),
        };
        let named = self.layers.iter().flat_map(by).chain(self.outputs.iter().copied());
        let mut named: Vec<_> = named.map(|place| self.source(place)).collect();
        named.sort_unstable();
        named.dedup();
        named
    }

    /// The layer whose result flows into a part.
    pub fn before(&self, part: &Part) -> usize {
        let first = if let Takes::Excitation { .. } = part.takes { part.at - 3 } else { part.at };
        first.checked_sub(1).map_or(usize::MAX, |before| self.source(before))
    }

    /// Every layer's result is used, and none inside of another.
    fn all_is_used(&self, layers: &[Line]) -> Result<(), Fault> {
        let named = self.named();
        for place in &named {
            if !self.layers.iter().any(|part| part.at == *place) {
                return Err((
                    layers[*place].line,
                    "what this gives is used elsewhere, but it is a part of `[scale_channels]`".into(),
                ));
            }
        }
        for (i, part) in self.layers.iter().enumerate() {
            let goes_on = self.layers.get(i + 1).is_some_and(|next| match &next.takes {
                Takes::Join(from) => from.iter().any(|&from| self.source(from) == self.source(part.at)),
                _ => true,
            });
            if !goes_on && !named.contains(&self.source(part.at)) {
                return Err((layers[part.at].line, "nothing uses what this layer gives".into()));
            }
        }
        Ok(())
    }
}
