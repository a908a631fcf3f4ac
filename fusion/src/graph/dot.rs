//! The recorded computation as Graphviz.

use super::value::{Link, Node, Value};
use crate::kernels::Array;
use std::collections::{BTreeMap, HashMap};
use std::fmt::{self, Write};

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

impl fmt::Display for Dot<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut of_nodes, mut of_leaves) = (HashMap::new(), None);
        if self.gradients && self.root.link().wants_gradient() {
            let seed = Array::full_float(self.root.dtype(), 1.0, *self.root.shape());
            let leaves = self.root.clone().backward_seeing(seed.into(), 0, &mut |node, gradient| {
                of_nodes.insert(node.id(), summary(gradient.array()));
            });
            of_leaves = Some(leaves);
        }
        writeln!(f, "digraph {{")?;
        writeln!(f, "  rankdir=LR; node [fontname=\"monospace\", fontsize=10];")?;
        let mut leaves = BTreeMap::new();
        let mut seen = HashMap::new();
        let mut waiting: Vec<&dyn Node> = Vec::new();
        if let Link::Node(node) = self.root.link() {
            waiting.push(&**node);
        }
        while let Some(node) = waiting.pop() {
            if seen.insert(node.id(), ()).is_some() {
                continue;
            }
            let mut label = format!("{} {:?}", node.name(), node.shape());
            if let Some(value) = node.value() {
                write!(label, "\\nvalue {}", summary(value))?;
            }
            if let Some(gradient) = of_nodes.get(&node.id()) {
                write!(label, "\\ngradient {gradient}")?;
            }
            writeln!(f, "  n{} [label=\"{label}\"];", node.id())?;
            for (i, input) in node.inputs().iter().enumerate() {
                match input {
                    Link::Node(from) => {
                        writeln!(f, "  n{} -> n{};", from.id(), node.id())?;
                        waiting.push(&**from);
                    }
                    Link::Parameter(id) | Link::Leaf(id, _) => {
                        writeln!(f, "  p{id} -> n{};", node.id())?;
                        leaves.insert(*id, input);
                    }
                    Link::Traced(_) => {
                        writeln!(f, "  d{}_{i} [label=\"data\", shape=plaintext];", node.id())?;
                        writeln!(f, "  d{}_{i} -> n{};", node.id(), node.id())?;
                    }
                    Link::None | Link::Frozen(_) | Link::Inference => {}
                }
            }
        }
        for (id, link) in leaves {
            let mut label = match self.names.get(&id) {
                Some((name, array)) => {
                    format!("{} {:?}\\nvalue {}", escaped(name), array.shape(), summary(array))
                }
                None => format!("parameter {id}"),
            };
            if let Some(gradient) = of_leaves.as_ref().and_then(|leaves| leaves.get_value(link)) {
                write!(label, "\\ngradient {}", summary(gradient.array()))?;
            }
            writeln!(f, "  p{id} [label=\"{label}\", shape=box];")?;
        }
        writeln!(f, "}}")
    }
}
