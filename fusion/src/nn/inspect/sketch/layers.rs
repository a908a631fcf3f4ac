//! The drawing as data.

use super::{Holder, Item, Kind, Sketch, Step};
use std::collections::HashMap;

/// A layer of a [`Sketch`], or what is drawn beside layers: the input, meeting points of branches, functions, outputs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct NetworkLayer {
    /// Where it is: `blocks.0.conv1`. Empty for what is no layer; of an output its name.
    pub path: String,
    /// What sort of layer it is, as [`LayerKind`](crate::nn::LayerKind) calls it; `Input`, `Output`, `Function`, `Sum`, `Join`.
    pub kind: String,
    /// Its type, as written: `Conv2d<3, 64, 3>`; of a function its name.
    pub layer: String,
    /// Its arguments in order, by their names, those that are as by default too.
    pub arguments: Vec<(String, String)>,
    /// How often it stands there in a row, each time with parameters of its own.
    pub count: usize,
    /// The sizes of its result without the batch; empty if they are not known.
    pub output: Vec<usize>,
    /// The places in the list of those whose results it takes.
    pub inputs: Vec<usize>,
    /// How many numbers it learns, all `count` together.
    pub parameters: usize,
}

/// The list as far as it is made.
struct List {
    layers: Vec<NetworkLayer>,
    /// How often the layer stands in a row whose layers are being added: the first of them is shown.
    times: usize,
    /// Where results that are taken up again are from, by their paths.
    kept: HashMap<String, usize>,
}

impl List {
    fn add(&mut self, kind: &str, layer: NetworkLayer) -> usize {
        let (count, parameters) = (self.times * layer.count.max(1), self.times * layer.parameters);
        self.layers.push(NetworkLayer { kind: kind.to_owned(), count, parameters, ..layer });
        self.layers.len() - 1
    }

    /// Adds what takes the result of `from`. Where its own result is from.
    fn item(&mut self, item: &Item, from: usize) -> usize {
        match item {
            Item::Step(step) if !step.inner.is_empty() => {
                let times = self.times;
                self.times *= step.count.unwrap_or(1);
                let end = self.sequence(&step.inner, from);
                self.times = times;
                end
            }
            Item::Step(step) => {
                let kind = match step.kind {
                    Kind::Layer(kind) => format!("{kind:?}"),
                    Kind::Block => "Custom".to_owned(),
                    Kind::Function => "Function".to_owned(),
                };
                self.add(&kind, of(step, from))
            }
            Item::Part(Holder::Group(_) | Holder::Branch, items) => self.sequence(items, from),
            Item::Part(holder, branches) => {
                let inputs = branches.iter().map(|branch| self.item(branch, from)).collect();
                let output = item.after(&self.layers[from].output);
                let kind = if *holder == Holder::Sum { "Sum" } else { "Join" };
                self.add(kind, NetworkLayer { inputs, output, ..NetworkLayer::default() })
            }
            Item::Keep(path) => {
                self.kept.insert(path.clone(), from);
                from
            }
            Item::Tap(path, _) => self.kept.get(path).copied().unwrap_or(from),
            Item::Output(name) => {
                let output = self.layers[from].output.clone();
                let layer = NetworkLayer { path: name.clone(), output, inputs: vec![from], ..NetworkLayer::default() };
                self.add("Output", layer);
                from
            }
        }
    }

    fn sequence(&mut self, items: &[Item], from: usize) -> usize {
        items.iter().fold(from, |from, item| self.item(item, from))
    }
}

fn of(step: &Step, from: usize) -> NetworkLayer {
    NetworkLayer {
        path: step.path.clone(),
        kind: String::new(),
        layer: step.text.clone(),
        arguments: step.arguments.clone(),
        count: step.count.unwrap_or(1),
        output: step.output.clone(),
        inputs: vec![from],
        parameters: step.parameters,
    }
}

impl Sketch {
    /// What is drawn as a list, in the order in which it is computed: the input first, then each layer, those inside of layers
    /// too, however deep, and each meeting point of branches.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// model! { Net: [4] -> [2] { fc1: Linear<_, 4>, _ + { Relu }, fc2: Linear<_, 2> } }
    ///
    /// let layers = Net::init(&mut StdRng::seed_from_u64(0)).sketch().layers();
    /// let inputs: Vec<_> = layers.iter().map(|layer| layer.inputs.clone()).collect();
    /// assert_eq!(inputs, [vec![], vec![0], vec![1], vec![1, 2], vec![3], vec![4]]); // input, fc1, Relu, +, fc2, output
    /// assert_eq!((layers[1].layer.as_str(), layers[1].parameters), ("Linear<4, 4>", 20));
    /// assert_eq!((layers[3].kind.as_str(), &layers[4].arguments[0]), ("Sum", &("in_features".into(), "4".into())));
    /// ```
    pub fn layers(&self) -> Vec<NetworkLayer> {
        let mut list = List { layers: Vec::new(), times: 1, kept: HashMap::new() };
        let input = list.add("Input", NetworkLayer { output: self.input.clone(), ..NetworkLayer::default() });
        let end = list.sequence(&self.items, input);
        if !matches!(self.items.last(), Some(Item::Output(_))) {
            list.item(&Item::Output(String::new()), end);
        }
        list.layers
    }
}
