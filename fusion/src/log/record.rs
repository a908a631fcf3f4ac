//! What a log holds.

use super::codec::{Field, fields};
use crate::data;
use crate::graph::{Graph, GraphNode};
use crate::nn::NetworkLayer;

/// A record with its place in the run.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Entry {
    /// The step to which it belongs; 0 of settings and of the network.
    pub step: u64,
    /// When it was written, in seconds since the start of 1970.
    pub seconds: f64,
    /// Where it begins in the file, in bytes: [`Reader::at`](super::Reader::at) reads it again.
    pub at: u64,
    /// What it says.
    pub record: Record,
}

macro_rules! records {
    ($($(#[$about:meta])* $kind:literal $Kind:ident($Type:ty),)*) => {
        /// What is logged. Each kind is what the call of [`Run`](super::Run) with its name writes.
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum Record {
            $($(#[$about])* $Kind($Type),)*
        }

        impl Record {
            /// Appends the number of the kind, the step, the time, and the fields.
            pub(super) fn write(&self, step: u64, seconds: f64, to: &mut Vec<u8>) {
                match self {
                    $(Self::$Kind(fields) => {
                        to.push($kind);
                        step.write(to);
                        seconds.write(to);
                        fields.write(to);
                    })*
                }
            }

            /// Step, time and record, from all of these bytes.
            pub(super) fn read(bytes: &[u8]) -> Result<(u64, f64, Self), Unreadable> {
                let mut rest = bytes;
                let start = (|| Some((u8::read(&mut rest)?, u64::read(&mut rest)?, f64::read(&mut rest)?)))();
                let (kind, step, seconds) = start.ok_or(Unreadable::Damaged)?;
                let record = match kind {
                    $($kind => <$Type>::read(&mut rest).map(Self::$Kind),)*
                    _ => return Err(Unreadable::Unknown),
                };
                match record {
                    Some(record) if rest.is_empty() => Ok((step, seconds, record)),
                    _ => Err(Unreadable::Damaged),
                }
            }
        }
    };
}

/// Why a record cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// Its kind is one that a newer Fusion writes.
    Unknown,
    /// Its fields are not those of its kind.
    Damaged,
}

records! {
    /// What the run was told to do: hyperparameters by name, as text.
    1 Settings(Vec<(String, String)>),
    /// The network.
    2 Network(Network),
    /// Numbers by name.
    3 Scalars(Vec<(String, f64)>),
    /// How often elements are how large.
    4 Histogram(Histogram),
    /// An image.
    5 Image(NamedImage),
    /// A text.
    6 Text(Text),
    /// Which classes are taken for which.
    7 Confusion(Confusion),
    /// What the gradients of each parameter are like.
    8 Gradients(Vec<ParameterState>),
    /// What each operation of a recorded computation is like.
    9 Operations(Vec<OperationState>),
    /// A recorded computation.
    10 Graph(NamedGraph),
    /// What a classifier says of samples.
    11 Predictions(Predictions),
}

/// A network as a list and as a picture: [`Sketch::layers`](crate::nn::Sketch::layers), [`Sketch::svg`](crate::nn::Sketch::svg).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Network {
    /// Its layers.
    pub layers: Vec<NetworkLayer>,
    /// Its drawing.
    pub svg: String,
}
fields!(Network { layers: Vec<NetworkLayer>, svg: String }
    if |it| it.layers.iter().flat_map(|layer| &layer.inputs).all(|input| *input < it.layers.len()));
fields!(NetworkLayer {
    path: String,
    kind: String,
    layer: String,
    arguments: Vec<(String, String)>,
    count: usize,
    output: Vec<usize>,
    inputs: Vec<usize>,
    parameters: usize
});

/// How many elements of a tensor lie in each of some equal ranges.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Histogram {
    /// What it is of.
    pub name: String,
    /// The smallest finite element, where the first range begins; 0 if there is none.
    pub low: f64,
    /// The largest finite element, where the last range ends; 0 if there is none.
    pub high: f64,
    /// The number of elements in each range, which is one if all are equal, and none without finite elements.
    pub counts: Vec<u64>,
    /// The sum of the finite elements.
    pub sum: f64,
    /// The sum of their squares.
    pub squares: f64,
    /// The number of elements that are NaN.
    pub nans: u64,
    /// The number of elements that are infinite.
    pub infinite: u64,
}
fields!(Histogram {
    name: String,
    low: f64,
    high: f64,
    counts: Vec<u64>,
    sum: f64,
    squares: f64,
    nans: u64,
    infinite: u64
});

/// The most ranges of a histogram.
const RANGES: usize = 64;

impl Histogram {
    /// Counts these numbers.
    pub(super) fn of(name: &str, numbers: &[f64]) -> Self {
        let mut all = Self { name: name.to_owned(), ..Self::default() };
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for x in numbers.iter().copied().filter(|x| x.is_finite()) {
            (low, high) = (low.min(x), high.max(x));
            all.sum += x;
            all.squares += x * x;
        }
        let is_any = low <= high;
        if is_any {
            (all.low, all.high) = (low, high);
        }
        let ranges = if low < high { RANGES } else { 1 };
        let counted = data::Histogram::within(numbers, all.low, all.high, ranges);
        (all.nans, all.infinite) = (counted.nans, counted.infinite);
        if is_any {
            all.counts = counted.counts;
        }
        all
    }
}

/// An image.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct NamedImage {
    /// Its name.
    pub name: String,
    /// Its pixels.
    pub picture: Picture,
}
fields!(NamedImage { name: String, picture: Picture });

/// The pixels of an image.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Picture {
    /// 1 if it is grey, 3 if it is red, green and blue.
    pub channels: u8,
    /// Rows.
    pub height: u32,
    /// Columns.
    pub width: u32,
    /// Its planes one behind the other, each row by row: as many bytes as `channels · height · width`.
    pub pixels: Vec<u8>,
}

fields!(Picture { channels: u8, height: u32, width: u32, pixels: Vec<u8> }
    if |it| [1, 3].contains(&it.channels) && it.places() == Some(it.pixels.len() as u64));

impl Picture {
    /// The picture as a PNG file.
    ///
    /// # Errors
    /// [`Error::Argument`](crate::Error::Argument) if it has no pixels, or another number of channels.
    ///
    /// ```
    /// use fusion::log::{Reader, Record, Run};
    /// use fusion::prelude::*;
    ///
    /// # let folder = tempfile::tempdir()?;
    /// # let folder = folder.path();
    /// Run::create(folder)?.image(0, "first", &Tensor::<shape![1, 2, 2], u8>::from([[[0, 255], [255, 0]]]))?;
    /// let Record::Image(found) = Reader::open(folder)?.next().unwrap()?.record else { panic!() };
    /// assert!(found.picture.png()?.starts_with(b"\x89PNG"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(any(feature = "files", feature = "tensorboard"))]
    pub fn png(&self) -> crate::Result<Vec<u8>> {
        let [planes, rows, columns] = [usize::from(self.channels), self.height as usize, self.width as usize];
        let plane = rows * columns;
        let samples: Vec<u8> =
            (0..plane).flat_map(|at| (0..planes).map(move |channel| self.pixels[channel * plane + at])).collect();
        crate::picture::png([planes, rows, columns], &samples)
    }

    /// How many pixels of how many channels its sizes say.
    fn places(&self) -> Option<u64> {
        u64::from(self.height).checked_mul(self.width.into())?.checked_mul(self.channels.into())
    }
}

/// A text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Text {
    /// Its name.
    pub name: String,
    /// What it says.
    pub text: String,
}
fields!(Text { name: String, text: String });

/// How often each class is taken for each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Confusion {
    /// Its name.
    pub name: String,
    /// The names of the classes.
    pub classes: Vec<String>,
    /// A row for each class, with how often it is taken for each: as many numbers as the square of that of the classes.
    pub counts: Vec<u64>,
}

fields!(Confusion { name: String, classes: Vec<String>, counts: Vec<u64> }
    if |it| it.classes.len().checked_mul(it.classes.len()) == Some(it.counts.len()));

/// What the gradient of a parameter is like: a row of a [`GradientReport`](crate::nn::GradientReport).
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct ParameterState {
    /// The path of the parameter.
    pub path: String,
    /// Its sizes.
    pub shape: Vec<usize>,
    /// The Euclidean norm of its gradient.
    pub norm: f64,
    /// The largest absolute value of an element of that.
    pub largest: f64,
    /// How many elements there are; 0 if there is no gradient.
    pub count: u64,
    /// How many of them are 0.
    pub zeros: u64,
    /// How many are NaN.
    pub nans: u64,
    /// How many are infinite.
    pub infinite: u64,
    /// How many rows along the first axis have a gradient of 0.
    pub dead_rows: u64,
    /// The norm of the parameter.
    pub weight_norm: f64,
    /// The norm of a step as a multiple of the parameter's, if it was measured.
    pub update: Option<f64>,
    /// What is wrong, in a word or two; empty if nothing is.
    pub verdict: String,
}
fields!(ParameterState {
    path: String,
    shape: Vec<usize>,
    norm: f64,
    largest: f64,
    count: u64,
    zeros: u64,
    nans: u64,
    infinite: u64,
    dead_rows: u64,
    weight_norm: f64,
    update: Option<f64>,
    verdict: String
});

/// What an operation is like: a row of an [`OperationReport`](crate::nn::OperationReport).
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct OperationState {
    /// Its name.
    pub name: String,
    /// The path of the layer that it computes, whose parameters it takes; of one without parameters, such as an activation,
    /// the layer whose result it goes on from. Empty if there is none.
    pub layer: String,
    /// Where the program called it: the file and the line.
    pub at: String,
    /// The sizes of its result.
    pub shape: Vec<usize>,
    /// The share of the elements of its result at which the function is flat, of functions such as `tanh`.
    pub saturated: Option<f64>,
    /// How many units let nothing through for no sample, and how many there are, of functions such as `relu`.
    pub dead: Option<(u64, u64)>,
    /// The Euclidean norm of the gradient that reaches it.
    pub norm: f64,
    /// What is wrong, in a word or two; empty if nothing is.
    pub verdict: String,
}
fields!(OperationState {
    name: String,
    layer: String,
    at: String,
    shape: Vec<usize>,
    saturated: Option<f64>,
    dead: Option<(u64, u64)>,
    norm: f64,
    verdict: String
});

/// A recorded computation with a name.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct NamedGraph {
    /// Its name.
    pub name: String,
    /// Its operations.
    pub nodes: Vec<GraphNode>,
    /// From where to where values flow, by the nodes' numbers.
    pub edges: Vec<(u64, u64)>,
}
fields!(GraphNode {
    id: u64,
    label: String,
    shape: Option<Vec<usize>>,
    value: String,
    gradient: String,
    is_leaf: bool
});

impl NamedGraph {
    pub(super) fn of(name: &str, graph: Graph) -> Self {
        Self { name: name.to_owned(), nodes: graph.nodes, edges: graph.edges }
    }
}

fields!(NamedGraph { name: String, nodes: Vec<GraphNode>, edges: Vec<(u64, u64)> }
    if |it| it.nodes.iter().zip(0..).all(|(node, at)| node.id == at)
        && it.edges.iter().all(|(from, to)| *from.max(to) < it.nodes.len() as u64));

/// What a classifier says of samples.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Predictions {
    /// The name of the set of samples.
    pub name: String,
    /// The names of the classes.
    pub classes: Vec<String>,
    /// A score for each class, sample by sample.
    pub scores: Vec<f32>,
    /// The class of each sample.
    pub labels: Vec<u32>,
    /// Images of samples whose largest score is not at their class, with the numbers of the samples.
    pub images: Vec<(u32, Picture)>,
}

fields!(Predictions {
    name: String,
    classes: Vec<String>,
    scores: Vec<f32>,
    labels: Vec<u32>,
    images: Vec<(u32, Picture)>
} if |it| it.labels.len().checked_mul(it.classes.len()) == Some(it.scores.len())
    && it.labels.iter().all(|label| (*label as usize) < it.classes.len())
    && it.images.iter().all(|(sample, _)| (*sample as usize) < it.labels.len()));
