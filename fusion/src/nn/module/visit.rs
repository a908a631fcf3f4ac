//! What a network shows of itself: its layers as data, what sort each is, and its arguments by name. Text is made of it,
//! and never read back.

use super::path::Path;
use crate::graph::Value;
use fusion_rules::Size;
use fusion_rules::model::{Builtin, Default, Kind, Param};
use std::fmt;

pub use fusion_rules::model::LayerKind;

/// A layer of a network, with what goes in and what comes out: sizes with the batch in front, empty where they are not
/// known. `Display` writes its type as `model!` is told of it: `Conv2d<3, 64, 3, stride = 2>`.
///
/// ```
/// use fusion::nn::{Argument, Layer, LayerKind, Path, Visit};
/// use fusion::prelude::*;
///
/// struct Strides(Vec<usize>);
///
/// impl Visit for Strides {
///     fn layer(&mut self, layer: Layer<'_>) {
///         if let (LayerKind::Convolution, Some(Argument::Sizes(sizes))) = (layer.kind, layer.argument("stride")) {
///             self.0.extend(sizes);
///         }
///     }
/// }
///
/// model! { Net: [3, 32, 32] -> [8, 8, 8] { Conv2d<_, 4, 3, stride = 2, padding = 1>, Relu, Conv2d<_, 8, 2, stride = 2> } }
///
/// let (net, mut strides) = (Net::init(&mut StdRng::seed_from_u64(0)), Strides(Vec::new()));
/// net.visit(&Path::root(), &[1, 3, 32, 32], &mut strides);
/// assert_eq!(strides.0, [2, 2, 2, 2]);
/// ```
#[non_exhaustive]
pub struct Layer<'a> {
    /// Where it is.
    pub path: &'a Path<'a>,
    /// The name of its type: `Conv2d`.
    pub name: &'a str,
    /// What sort of layer it is.
    pub kind: LayerKind,
    /// Its arguments in order, with the names that PyTorch has for them; those of a layer of the user's have none.
    pub arguments: &'a [(&'static str, Argument<'a>)],
    /// How often it stands there in a row, each time with parameters of its own.
    pub count: Option<usize>,
    /// The sizes of its input.
    pub input: &'a [usize],
    /// The sizes of its output.
    pub output: &'a [usize],
    /// The layer itself.
    pub module: &'a dyn Shown,
    pub(in crate::nn) row: Option<Row<'a>>,
    /// Makes a copy of a layer of the user's that is called like it; none if it cannot be copied.
    pub(in crate::nn) copy: Option<&'a dyn Fn() -> Option<Call>>,
}

/// A function of a tensor without its shape in its type: a layer or a function that says no more of itself.
pub type Call = Box<dyn Fn(Value) -> Value + Send + Sync>;

/// A row of the table, with the sizes that its functions take.
#[derive(Clone, Copy)]
pub(in crate::nn) struct Row<'a> {
    pub layer: &'static Builtin,
    pub sizes: &'a [Size],
}

/// An argument of a layer.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Argument<'a> {
    /// A size, or a number of parts.
    Size(usize),
    /// A size for each axis of a window.
    Sizes(&'a [usize]),
    /// A padding that keeps the size of the axes.
    SamePadding,
    /// Whether there is such a tensor.
    Flag(bool),
    /// A number.
    Number(f64),
    /// Of a layer of the user's: as it is written.
    Written(&'a str),
}

impl<'a> Layer<'a> {
    /// The argument with this name.
    pub fn argument(&self, name: &str) -> Option<Argument<'a>> {
        self.arguments.iter().find(|(known, _)| *known == name).map(|(_, argument)| *argument)
    }

    /// The arguments that are written: all but those that are as they are by default. Each with its name, and whether it
    /// is written with it.
    pub(in crate::nn) fn written(&self) -> impl Iterator<Item = (&'static str, Argument<'a>, bool)> {
        written(self.row.map(|row| row.layer), self.arguments)
    }

    /// Its type, without the count.
    pub(in crate::nn) fn type_text(&self) -> String {
        Written(self.name, self.row.map(|row| row.layer), self.arguments).to_string()
    }

    /// The same at another place, as many in a row.
    pub(super) fn repeated(self, path: &'a Path<'a>, count: usize, module: &'a dyn Shown) -> Layer<'a> {
        Layer { path, count: Some(count), module, ..self }
    }

    /// A layer of the user's, as it is written.
    #[doc(hidden)]
    pub fn custom(
        path: &'a Path<'a>,
        name: &'a str,
        arguments: &'a [(&'static str, Argument<'a>)],
        count: Option<usize>,
        [input, output]: [&'a [usize]; 2],
        module: &'a dyn Shown,
    ) -> Self {
        Self { path, name, kind: LayerKind::Custom, arguments, count, input, output, module, row: None, copy: None }
    }

    /// The same with what copies it.
    #[doc(hidden)]
    pub fn copied(self, copy: &'a dyn Fn() -> Option<Call>) -> Self {
        Self { copy: Some(copy), ..self }
    }
}

impl fmt::Display for Layer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(count) = self.count {
            write!(f, "{count} * ")?;
        }
        Written(self.name, self.row.map(|row| row.layer), self.arguments).fmt(f)
    }
}

impl fmt::Debug for Layer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {self} of {:?} -> {:?}", self.path, self.input, self.output)
    }
}

impl fmt::Display for Argument<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Size(size) => size.fmt(f),
            // Windows are square but for a few.
            Self::Sizes(sizes) if sizes.iter().all(|size| *size == sizes[0]) => sizes[0].fmt(f),
            Self::Sizes(sizes) => {
                let sizes: Vec<_> = sizes.iter().map(usize::to_string).collect();
                write!(f, "({})", sizes.join(", "))
            }
            Self::SamePadding => f.write_str("\"same\""),
            Self::Flag(flag) => flag.fmt(f),
            Self::Number(number) => write!(f, "{number:?}"),
            Self::Written(text) => f.write_str(text),
        }
    }
}

/// The arguments that are written; those of a row by name where they need not be written, and not at all where they are
/// as they are by default.
fn written<'a>(
    row: Option<&'static Builtin>,
    all: &'a [(&'static str, Argument<'a>)],
) -> impl Iterator<Item = (&'static str, Argument<'a>, bool)> {
    let params = row.into_iter().flat_map(|row| row.params).map(Some).chain(std::iter::repeat(None));
    let shown = move |((name, argument), param): (&(&'static str, Argument<'a>), Option<&'static Param>)| match param {
        Some(param) if param.kind != Kind::Probability && is_default(param.default, *argument, all) => None,
        Some(param) => {
            let key = param.default != Default::Required && param.kind != Kind::Probability;
            Some((*name, *argument, key))
        }
        None => Some((*name, *argument, false)),
    };
    all.iter().zip(params).filter_map(shown)
}

/// A type with its arguments.
pub(super) struct Written<'a>(pub &'a str, pub Option<&'static Builtin>, pub &'a [(&'static str, Argument<'a>)]);

impl fmt::Display for Written<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(name, row, arguments) = *self;
        f.write_str(name)?;
        let mut between = "<";
        for (name, argument, key) in written(row, arguments) {
            f.write_str(between)?;
            between = ", ";
            if key {
                write!(f, "{name} = ")?;
            }
            argument.fmt(f)?;
        }
        if between == "<" { Ok(()) } else { f.write_str(">") }
    }
}

/// Whether an argument is what it is when it is left out.
fn is_default(default: Default, argument: Argument<'_>, all: &[(&'static str, Argument<'_>)]) -> bool {
    match (default, argument) {
        (Default::Is(n), Argument::Size(size)) => n == size,
        (Default::Is(n), Argument::Sizes(sizes)) => sizes.iter().all(|size| *size == n),
        (Default::Is(n), Argument::Flag(flag)) => flag == (n == 1),
        (Default::Number(n), Argument::Number(number)) => n.to_bits() == number.to_bits(),
        (Default::Like(other), argument) => all.iter().any(|(name, like)| *name == other && *like == argument),
        _ => false,
    }
}

/// What holds several layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Part<'a> {
    /// A group with this name.
    Group(&'a str),
    /// Branches that are added.
    Sum,
    /// Branches that are joined along the channels.
    Join,
    /// One of the branches; of no layers if it is the identity.
    Branch,
    /// Layers of one type, so many in a row, of which the first is shown.
    Repeated(usize),
}

/// What is shown every layer of a network, in the order in which they are computed. See [`Module::visit`](super::Module::visit).
pub trait Visit {
    /// A layer.
    fn layer(&mut self, layer: Layer<'_>);

    /// A function, with its place and the sizes of what it gives.
    fn function(&mut self, path: &Path<'_>, name: &str, output: &[usize]) {
        let _ = (path, name, output);
    }

    /// As [`Visit::function`], with the function itself.
    #[doc(hidden)]
    fn called(&mut self, path: &Path<'_>, name: &str, output: &[usize], call: fn(Value) -> Value) {
        let _ = call;
        self.function(path, name, output);
    }

    /// As [`Visit::function`], of a layer that shows no layers of its own, with what computes it. It gives the sizes that it takes.
    #[doc(hidden)]
    fn computed(&mut self, path: &Path<'_>, name: &str, output: &[usize], call: Call) {
        let _ = call;
        self.function(path, name, output);
    }

    /// What has been computed so far is an output of the network, with this name.
    fn output(&mut self, name: &str) {
        let _ = name;
    }

    /// What has been computed so far is taken up again, under this path.
    fn keep(&mut self, path: &Path<'_>) {
        let _ = path;
    }

    /// What follows takes what was kept under this path.
    fn tap(&mut self, path: &Path<'_>) {
        let _ = path;
    }

    /// What follows stands in this, up to [`Visit::leave`].
    fn enter(&mut self, part: Part<'_>) {
        let _ = part;
    }

    /// Its end.
    fn leave(&mut self) {}
}

/// A module as a [`Visit`] has it: every [`Module`](super::Module) is one.
pub trait Shown {
    /// As [`Module::visit`](super::Module::visit).
    fn show(&self, path: &Path<'_>, input: &[usize], visit: &mut dyn Visit) -> bool;

    /// As [`Module::visit_all`](super::Module::visit_all).
    fn show_all(&self, path: &Path<'_>, input: &[usize], visit: &mut dyn Visit) -> bool;

    /// All its tensors, by their paths below it.
    fn tensors(&self) -> Vec<(String, Value)>;

    /// As [`Module::parameters`](super::Module::parameters).
    fn all_parameters(&self) -> Vec<Value>;
}
