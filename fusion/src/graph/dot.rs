//! The recorded computation as a graph, and as Graphviz.

use super::value::{Link, Node, Value};
use crate::kernels::Array;
use std::collections::HashMap;
use std::fmt;

/// The recorded computation behind a value, drawn in Graphviz's language: ellipses are operations, boxes parameters
/// and watched inputs. Its `Display` is the `.dot` file's text.
///
/// ```
/// use fusion::prelude::*;
///
/// let w = Tensor::<shape![2]>::from([3.0, 4.0]).parameter();
/// let loss = w.trace().square().sum();
/// let text = loss.dot().name(&w, "w").to_string();
/// assert!(text.starts_with("digraph") && text.contains("square") && text.contains("w [2]"));
/// // Values and gradients too, as in micrograd's pictures; values need a trace that keeps them.
/// let loss = w.trace_with(Trace::training().keep_values()).square().sum();
/// let text = loss.dot().gradients().to_string();
/// assert!(text.contains("value 25") && text.contains("gradient [6, 8]"), "{text}");
/// ```
#[derive(Debug)]
pub struct Dot<'a> {
    root: &'a Value,
    names: HashMap<u64, (String, Array)>,
    gradients: bool,
}

/// A text as a quoted string of Graphviz's language.
pub(crate) fn quoted(text: &str) -> String {
    format!("\"{}\"", escaped(text))
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

impl Value {
    /// The computation behind this value as a drawing.
    pub fn dot(&self) -> Dot<'_> {
        Dot { root: self, names: HashMap::new(), gradients: false }
    }
}

/// At most this many elements are written out in a node.
const SHOWN: usize = 6;

fn summary(array: &Array) -> String {
    let elements: Vec<String> =
        match crate::kernels::elementwise::cast(array, crate::kernels::DType::F64).to_vec::<f64>() {
            all if all.len() <= SHOWN => all,
            mut all => all.drain(..SHOWN).collect(),
        }
        .into_iter()
        .map(|x| format!("{}", (x * 1e4).round() / 1e4))
        .collect();
    match (array.shape().rank(), array.count()) {
        (0, _) => elements[0].clone(),
        (_, n) if n > SHOWN => format!("[{}, …]", elements.join(", ")),
        _ => format!("[{}]", elements.join(", ")),
    }
}

impl Dot<'_> {
    /// Labels a parameter or watched input.
    pub fn label(mut self, value: &Value, name: impl Into<String>) -> Self {
        if let Some(id) = value.link().id() {
            self.names.insert(id, (name.into(), value.array().clone()));
        }
        self
    }

    /// Writes gradients into the nodes too: runs a backward pass, of which nothing else is kept.
    pub fn gradients(self) -> Self {
        Self { gradients: true, ..self }
    }
}

/// A recorded computation as data: what [`Dot::graph`] gives.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Graph {
    /// The operations, the last of them first, and what they take: parameters, watched inputs, data.
    pub nodes: Vec<GraphNode>,
    /// From where to where values flow, by the nodes' numbers; twice, where an operation takes a value twice.
    pub edges: Vec<(u64, u64)>,
}

/// An operation, or what one takes.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct GraphNode {
    /// Its number: its place among the nodes, from 0.
    pub id: u64,
    /// The operation's name, or that of a parameter or watched input; `data` for other tensors.
    pub label: String,
    /// The sizes; none of data and of what has no name.
    pub shape: Option<Vec<usize>>,
    /// The first elements, as text; empty if they are not kept.
    pub value: String,
    /// The first elements of the gradient, as text; empty without one.
    pub gradient: String,
    /// Is it a parameter or a watched input?
    pub is_leaf: bool,
}

impl GraphNode {
    /// The letter before its number, and its form: an operation, a parameter, data.
    fn mark(&self) -> (char, &'static str) {
        match (self.is_leaf, &self.shape) {
            (true, _) => ('p', ", shape=box"),
            (false, None) => ('d', ", shape=plaintext"),
            (false, Some(_)) => ('n', ""),
        }
    }
}

impl Graph {
    fn add(&mut self, node: GraphNode) -> u64 {
        let id = self.nodes.len() as u64;
        self.nodes.push(GraphNode { id, ..node });
        id
    }
}

impl Dot<'_> {
    /// The same computation as data.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let w = Tensor::<shape![2]>::from([3.0, 4.0]).parameter();
    /// let loss = w.trace_with(Trace::training().keep_values()).square().sum();
    /// let graph = loss.dot().name(&w, "w").gradients().graph();
    /// let [sum, square, leaf] = &graph.nodes[..] else { panic!() };
    /// assert_eq!((sum.value.as_str(), square.label.as_str()), ("25", "square"));
    /// assert_eq!((leaf.label.as_str(), leaf.gradient.as_str(), leaf.is_leaf), ("w", "[6, 8]", true));
    /// assert_eq!(graph.edges, [(1, 0), (2, 1)]);
    /// ```
    pub fn graph(&self) -> Graph {
        let (mut of_nodes, mut of_leaves) = (HashMap::new(), None);
        if self.gradients && self.root.link().wants_gradient() {
            let seed = Array::full_float(self.root.dtype(), 1.0, *self.root.shape());
            let leaves = self.root.clone().backward_seeing(seed.into(), 0, &mut |node, gradient| {
                of_nodes.insert(node.id(), summary(gradient.array()));
            });
            of_leaves = Some(leaves);
        }
        let operation = |node: &dyn Node| GraphNode {
            label: node.name().to_owned(),
            shape: Some(node.shape().iter().collect()),
            value: node.value().map(summary).unwrap_or_default(),
            gradient: of_nodes.get(&node.id()).cloned().unwrap_or_default(),
            ..GraphNode::default()
        };
        let leaf = |id: u64, link: &Link| {
            let gradient = of_leaves.as_ref().and_then(|leaves| leaves.get_value(link));
            let named = self.names.get(&id);
            GraphNode {
                label: named.map_or_else(|| format!("parameter {id}"), |(name, _)| name.clone()),
                shape: named.map(|(_, array)| array.shape().iter().collect()),
                value: named.map(|(_, array)| summary(array)).unwrap_or_default(),
                gradient: gradient.map(|gradient| summary(gradient.array())).unwrap_or_default(),
                is_leaf: true,
                ..GraphNode::default()
            }
        };
        let (mut graph, mut places, mut waiting) = (Graph::default(), HashMap::new(), Vec::<&dyn Node>::new());
        if let Link::Node(node) = self.root.link() {
            places.insert(node.id(), graph.add(operation(&**node)));
            waiting.push(&**node);
        }
        while let Some(node) = waiting.pop() {
            for input in node.inputs() {
                let from = match input {
                    Link::Node(from) => *places.entry(from.id()).or_insert_with(|| {
                        waiting.push(&**from);
                        graph.add(operation(&**from))
                    }),
                    Link::Parameter(id) | Link::Leaf(id, _) => {
                        *places.entry(*id).or_insert_with(|| graph.add(leaf(*id, input)))
                    }
                    Link::Traced(_) => graph.add(GraphNode { label: "data".to_owned(), ..GraphNode::default() }),
                    Link::None | Link::Frozen(_) | Link::Inference => continue,
                };
                graph.edges.push((from, places[&node.id()]));
            }
        }
        graph
    }
}

impl fmt::Display for Dot<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let graph = self.graph();
        writeln!(f, "digraph {{")?;
        writeln!(f, "  rankdir=LR; node [fontname=\"monospace\", fontsize=10];")?;
        for node in &graph.nodes {
            let mut label = node.label.clone();
            let shape = node.shape.iter().map(|shape| format!(" {shape:?}"));
            let rest = [("value", &node.value), ("gradient", &node.gradient)].into_iter();
            let rest = rest.filter(|(_, text)| !text.is_empty()).map(|(name, text)| format!("\n{name} {text}"));
            label.extend(shape.chain(rest));
            let (mark, form) = node.mark();
            writeln!(f, "  {mark}{} [label={}{form}];", node.id, quoted(&label))?;
        }
        let mark = |id: u64| graph.nodes[id as usize].mark().0;
        graph.edges.iter().try_for_each(|&(from, to)| writeln!(f, "  {}{from} -> {}{to};", mark(from), mark(to)))?;
        writeln!(f, "}}")
    }
}
