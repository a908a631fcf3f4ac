//! A network as a drawing.

mod dot;
mod layers;
mod svg;
#[cfg(test)]
mod tests;

pub use layers::NetworkLayer;

use crate::nn::module::Path;
use crate::nn::module::visit::{Argument, Layer, LayerKind};
use crate::nn::module::visit::{Part, Visit};
use std::collections::{HashMap, HashSet};

/// The layers of a network and how they are connected, to be drawn: as Graphviz text ([`Sketch::dot`], and `Display`)
/// or as a picture ([`Sketch::svg`]). `model!` gives every network a `sketch()`.
///
/// A layer that is itself made of layers is drawn open, with its own layers inside, where its type stands for the first
/// time. Later ones are single boxes, as in papers, which show a block once; [`Sketch::depth`] opens more or fewer.
///
/// ```
/// use fusion::prelude::*;
///
/// model! {
///     pub Block<C: Dim>: [C, H, W] -> [C, H, W] {
///         _ + { conv1: Conv2d<_, C, 3, padding = 1>, Relu, conv2: Conv2d<_, C, 3, padding = 1> },
///         Relu,
///     }
/// }
/// model! {
///     pub Net: [3, 32, 32] -> [10] {
///         conv: Conv2d<_, 16, 3>, Relu,
///         blocks: 4 * Block<16>,
///         GlobalAvgPool2d,
///         fc: Linear<_, 10>,
///     }
/// }
///
/// let sketch = Net::init(&mut StdRng::seed_from_u64(0)).sketch();
/// let text = sketch.dot();
/// assert!(text.starts_with("digraph \"Net\" {") && text.contains("4 x Block<16>"), "{text}");
/// assert_eq!(sketch.to_string(), text);
///
/// let picture = sketch.svg(); // std::fs::write("net.svg", picture)?
/// assert!(picture.starts_with("<svg ") && picture.contains(">conv1<"), "{picture}");
/// assert!(!sketch.depth(0).svg().contains(">conv1<"));
/// ```
#[derive(Clone, Debug)]
pub struct Sketch {
    name: String,
    input: Vec<usize>,
    depth: Option<usize>,
    items: Vec<Item>,
    /// What has been entered and not left, with what stood before it there.
    open: Vec<(Option<Holder>, Vec<Item>)>,
    /// The sizes of results that are taken up again, by their paths.
    kept: HashMap<String, Vec<usize>>,
}

/// A piece of a sequence.
#[derive(Clone, Debug)]
enum Item {
    Step(Step),
    Part(Holder, Vec<Item>),
    /// What has been computed so far is an output of the network, with this name.
    Output(String),
    /// What has been computed so far is taken up again, under this path.
    Keep(String),
    /// What was kept under this path, with its sizes.
    Tap(String, Vec<usize>),
}

/// What holds items. The items of a sum or a join are branches.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Holder {
    Group(String),
    Sum,
    Join,
    Branch,
}

/// A layer or a function.
#[derive(Clone, Debug)]
struct Step {
    path: String,
    /// Its field; empty if it has no name.
    name: String,
    /// How often it is repeated, each time with weights of its own.
    count: Option<usize>,
    /// The name of its type, and all of it without the count: `Conv2d`, `Conv2d<3, 64, 3>`.
    head: String,
    text: String,
    /// Its arguments in the words of papers: `3 → 64, 3 × 3`.
    words: String,
    /// Its arguments, all of them, with their names.
    arguments: Vec<(String, String)>,
    /// How many numbers it learns.
    parameters: usize,
    /// The sizes that go in and come out, without the batch; empty where they are not known.
    input: Vec<usize>,
    output: Vec<usize>,
    kind: Kind,
    /// Its own layers, to be shown inside it.
    inner: Vec<Item>,
}

/// What a box stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Layer(LayerKind),
    /// A layer that is made of layers.
    Block,
    Function,
}

impl Step {
    fn of(layer: &Layer<'_>) -> Self {
        let path = layer.path.to_string();
        let name = path.rsplit('.').next().filter(|name| name.parse::<usize>().is_err()).unwrap_or("").to_owned();
        let sizes = |sizes: &[usize]| sizes.get(1..).unwrap_or(&[]).to_vec();
        Self {
            name,
            count: layer.count,
            head: layer.name.rsplit("::").next().unwrap_or(layer.name).to_owned(),
            text: layer.type_text(),
            words: words(layer),
            arguments: layer.arguments.iter().map(|(name, is)| ((*name).to_owned(), is.to_string())).collect(),
            parameters: layer.module.all_parameters().iter().map(|value| value.array().count()).sum(),
            input: sizes(layer.input),
            output: sizes(layer.output),
            kind: Kind::Layer(layer.kind),
            path,
            inner: Vec::new(),
        }
    }

    fn function(name: &str, output: &[usize]) -> Self {
        Self {
            path: String::new(),
            name: String::new(),
            count: None,
            head: name.into(),
            text: name.into(),
            words: String::new(),
            arguments: Vec::new(),
            parameters: 0,
            input: Vec::new(),
            output: output.get(1..).unwrap_or(&[]).to_vec(),
            kind: Kind::Function,
            inner: Vec::new(),
        }
    }
}

/// A layer's arguments in the words of papers: `Conv2d<3, 64, 7, stride = 2>` as `3 → 64, 7 × 7, stride 2`.
fn words(layer: &Layer<'_>) -> String {
    let mut words: Vec<String> = Vec::new();
    for (name, argument, key) in layer.written() {
        let text = match argument {
            Argument::Sizes(sizes) if name == "kernel_size" => {
                sizes.iter().map(usize::to_string).collect::<Vec<_>>().join(" × ")
            }
            argument => argument.to_string(),
        };
        match (name, layer.argument("width")) {
            ("out_channels" | "out_features" | "embedding_dim", _) => {
                let takes = words.pop().unwrap_or_default();
                words.push(format!("{takes} → {text}"));
            }
            ("height", Some(width)) => words.push(format!("{text} × {width}")),
            ("scale_factor", _) => words.push(format!("× {text}")),
            ("width", _) | ("bias", _) => {}
            _ if key => words.push(format!("{name} {text}")),
            _ => words.push(text),
        }
    }
    words.join(", ")
}

/// `[64, 12, 12]` as `64 x 12 x 12`.
fn sizes_text(sizes: &[usize], times: &str) -> String {
    sizes.iter().map(usize::to_string).collect::<Vec<_>>().join(times)
}

impl Item {
    /// The sizes of what it gives for an input of these; empty if they are not known.
    fn after(&self, input: &[usize]) -> Vec<usize> {
        match self {
            Self::Step(step) => step.output.clone(),
            Self::Output(_) | Self::Keep(_) => input.to_vec(),
            Self::Tap(_, sizes) => sizes.clone(),
            Self::Part(Holder::Group(_) | Holder::Branch, items) => after(items, input),
            Self::Part(Holder::Sum, branches) => {
                branches.iter().map(|branch| branch.after(input)).find(|sizes| !sizes.is_empty()).unwrap_or_default()
            }
            Self::Part(Holder::Join, branches) => {
                let all: Vec<_> = branches.iter().map(|branch| branch.after(input)).collect();
                match all.iter().map(|sizes| sizes.first().copied()).collect::<Option<Vec<_>>>() {
                    Some(channels) => {
                        let mut sizes = all[0].clone();
                        sizes[0] = channels.iter().sum();
                        sizes
                    }
                    None => Vec::new(),
                }
            }
        }
    }

    /// What it is made of, without sizes and names.
    fn outline(&self, out: &mut String) {
        match self {
            Self::Step(step) => {
                out.push_str(&step.head);
                step.inner.iter().for_each(|item| item.outline(out));
            }
            Self::Part(holder, items) => {
                out.push(match holder {
                    Holder::Group(_) => '{',
                    Holder::Sum => '+',
                    Holder::Join => '|',
                    Holder::Branch => '_',
                });
                items.iter().for_each(|item| item.outline(out));
            }
            Self::Output(_) | Self::Keep(_) => {}
            Self::Tap(..) => out.push('@'),
        }
        out.push(';');
    }

    /// Empties blocks that are not to be drawn open: those below `depth`, or those like one that was `seen`.
    fn close(&mut self, depth: Option<usize>, seen: &mut HashSet<String>) {
        let mut outline = String::new();
        self.outline(&mut outline);
        match self {
            Self::Step(step) if step.inner.is_empty() => {}
            Self::Step(step) => {
                let open = match depth {
                    Some(levels) => levels > 0,
                    None => seen.insert(outline),
                };
                if !open {
                    step.inner.clear();
                }
                let depth = depth.map(|levels| levels.saturating_sub(1));
                step.inner.iter_mut().for_each(|item| item.close(depth, seen));
            }
            Self::Part(_, items) => items.iter_mut().for_each(|item| item.close(depth, seen)),
            Self::Output(_) | Self::Keep(_) | Self::Tap(..) => {}
        }
    }
}

/// The sizes of what a sequence gives.
fn after(items: &[Item], input: &[usize]) -> Vec<usize> {
    items.iter().fold(input.to_vec(), |sizes, item| item.after(&sizes))
}

impl Sketch {
    /// An empty drawing of a network that takes `input` (without the batch).
    pub fn new(name: &str, input: &[usize]) -> Self {
        Self {
            name: name.into(),
            input: input.into(),
            depth: None,
            items: Vec::new(),
            open: Vec::new(),
            kept: HashMap::new(),
        }
    }

    /// Draws blocks open down to this depth, each time they are used: at 0 every layer of the network itself is one
    /// box, at 1 the layers of its layers are shown too. Groups in braces are always open.
    pub fn depth(self, depth: usize) -> Self {
        Self { depth: Some(depth), ..self }
    }

    /// What is to be drawn.
    fn shown(&self) -> Vec<Item> {
        let (mut items, mut seen) = (self.items.clone(), HashSet::new());
        items.iter_mut().for_each(|item| item.close(self.depth, &mut seen));
        items
    }
}

impl Visit for Sketch {
    fn layer(&mut self, layer: Layer<'_>) {
        let mut step = Step::of(&layer);
        // Without the sizes of its input a block cannot say those of its layers.
        if !layer.input.is_empty() && layer.kind == LayerKind::Custom {
            let mut inner = Self::new(&step.text, &step.input);
            if layer.module.show(layer.path, layer.input, &mut inner) && !inner.items.is_empty() {
                (step.kind, step.inner) = (Kind::Block, inner.items);
            }
        }
        self.items.push(Item::Step(step));
    }

    fn function(&mut self, _: &Path<'_>, name: &str, output: &[usize]) {
        self.items.push(Item::Step(Step::function(name, output)));
    }

    fn enter(&mut self, part: Part<'_>) {
        let holder = match part {
            Part::Group(name) => Some(Holder::Group(name.into())),
            Part::Sum => Some(Holder::Sum),
            Part::Join => Some(Holder::Join),
            Part::Branch => Some(Holder::Branch),
            // The first of the layers stands for all; what shows them says how many they are.
            Part::Repeated(_) => None,
        };
        self.open.push((holder, std::mem::take(&mut self.items)));
    }

    fn leave(&mut self) {
        let (holder, before) = self.open.pop().expect("leaves what was entered");
        let items = std::mem::replace(&mut self.items, before);
        match holder {
            Some(holder) => self.items.push(Item::Part(holder, items)),
            None => self.items.extend(items),
        }
    }

    fn keep(&mut self, path: &Path<'_>) {
        let (input, open) = (&self.input, self.open.iter().flat_map(|(_, items)| items));
        let sizes = open.chain(&self.items).fold(input.clone(), |sizes, item| item.after(&sizes));
        self.kept.insert(path.to_string(), sizes);
        self.items.push(Item::Keep(path.to_string()));
    }

    fn tap(&mut self, path: &Path<'_>) {
        let path = path.to_string();
        let sizes = self.kept.get(&path).cloned().unwrap_or_default();
        self.items.push(Item::Tap(path, sizes));
    }

    fn output(&mut self, name: &str) {
        self.items.push(Item::Output(name.into()));
    }
}
