//! The drawing as Graphviz text.

use super::{Holder, Item, Kind, Sketch, Step, sizes_text, svg};
use crate::graph::quoted;
use std::collections::HashMap;
use std::fmt::{self, Write};

/// The node that the next layer takes its input from, and the sizes that it gives where they are new.
#[derive(Clone)]
struct From {
    node: usize,
    sizes: Vec<usize>,
    label: String,
}

/// Nodes and clusters as they are met; edges come after them, for an edge would pull both its ends into the cluster in
/// which it stands.
#[derive(Default)]
struct Text {
    nodes: String,
    edges: String,
    ids: usize,
    indent: usize,
    /// Where results that are taken up again are from, by their paths.
    kept: HashMap<String, From>,
}

impl Text {
    fn id(&mut self) -> usize {
        self.ids += 1;
        self.ids - 1
    }

    fn line(&mut self, line: fmt::Arguments<'_>) {
        let indent = 2 + 2 * self.indent;
        writeln!(self.nodes, "{:indent$}{line}", "").expect("a string takes all");
    }

    fn node(&mut self, label: &str, style: &str) -> usize {
        let id = self.id();
        self.line(format_args!("\"n{id}\" [label={}{style}];", quoted(label)));
        id
    }

    fn edge(&mut self, from: &From, to: usize) {
        let label = match from.label.is_empty() {
            true => String::new(),
            false => format!(" [label={}]", quoted(&format!(" {} ", from.label))),
        };
        writeln!(self.edges, "  \"n{}\" -> \"n{to}\"{label};", from.node).expect("a string takes all");
    }

    /// A node for what takes the result of `from` and gives `sizes`.
    fn next(&mut self, from: &From, node: usize, sizes: Vec<usize>) -> From {
        self.edge(from, node);
        let label = if sizes == from.sizes { String::new() } else { sizes_text(&sizes, " x ") };
        From { node, sizes, label }
    }

    fn cluster(&mut self, label: &str, items: &[Item], from: From) -> From {
        let id = self.id();
        self.line(format_args!("subgraph \"cluster_{id}\" {{"));
        self.indent += 1;
        self.line(format_args!("label={};", quoted(label)));
        let end = self.sequence(items, from);
        self.indent -= 1;
        self.line(format_args!("}}"));
        end
    }

    fn sequence(&mut self, items: &[Item], from: From) -> From {
        items.iter().fold(from, |from, item| self.item(item, from))
    }

    fn item(&mut self, item: &Item, from: From) -> From {
        match item {
            Item::Step(step) if !step.inner.is_empty() => self.cluster(&title(step), &step.inner, from),
            Item::Step(step) => {
                let mut label = title(step);
                if !step.output.is_empty() {
                    label = format!("{label}\n{}", sizes_text(&step.output, " x "));
                }
                let node = self.node(&label, &style(step.kind));
                self.next(&from, node, step.output.clone())
            }
            Item::Part(Holder::Group(name), items) => self.cluster(name, items, from),
            Item::Part(Holder::Branch, items) => self.sequence(items, from),
            Item::Part(holder, branches) => {
                // The sizes that change before the fork stand on its first edge.
                let mut ends = Vec::new();
                for (i, branch) in branches.iter().enumerate() {
                    let label = if i == 0 { from.label.clone() } else { String::new() };
                    ends.push(self.item(branch, From { label, ..from.clone() }));
                }
                let sign = if *holder == Holder::Sum { "+" } else { "|" };
                let node = self.node(sign, ", shape=circle, style=solid, width=0.25, fixedsize=true");
                ends.iter().for_each(|end| self.edge(end, node));
                let sizes = item.after(&from.sizes);
                let label = if sizes == from.sizes { String::new() } else { sizes_text(&sizes, " x ") };
                From { node, sizes, label }
            }
            Item::Keep(path) => {
                self.kept.insert(path.clone(), from.clone());
                from
            }
            Item::Tap(path, _) => self.kept.get(path).cloned().unwrap_or(from),
            Item::Output(name) => {
                let node =
                    self.node(&format!("{name}\n{}", sizes_text(&from.sizes, " x ")), ", shape=plaintext, style=solid");
                self.edge(&from, node);
                from
            }
        }
    }
}

/// The lines of a layer: its name, its type.
fn title(step: &Step) -> String {
    let count = step.count.map_or(String::new(), |count| format!("{count} x "));
    let name = if step.name.is_empty() { String::new() } else { format!("{}\n", step.name) };
    format!("{name}{count}{}", step.text)
}

/// The colours are those of the picture.
fn style(kind: Kind) -> String {
    match (kind, svg::colours(kind).0) {
        (_, fill) if fill == svg::PLAIN.0 => String::new(),
        (Kind::Block, fill) => format!(", fillcolor=\"{fill}\", peripheries=2"),
        (_, fill) => format!(", fillcolor=\"{fill}\""),
    }
}

impl Sketch {
    /// The drawing in Graphviz's language, for `dot -Tsvg`: a box for each layer, with its name, its type and the sizes
    /// it gives, a circle where branches are added (`+`) or joined (`|`), a frame around groups and open blocks.
    pub fn dot(&self) -> String {
        let mut text = Text::default();
        let start = text.node(&format!("input\n{}", sizes_text(&self.input, " x ")), ", shape=plaintext, style=solid");
        let from = From { node: start, sizes: self.input.clone(), label: String::new() };
        let items = self.shown();
        let end = text.sequence(&items, from);
        if !matches!(items.last(), Some(Item::Output(_))) {
            text.item(&Item::Output("output".into()), end);
        }
        format!(
            "digraph {} {{\n  node [fontname=\"monospace\", fontsize=10, shape=box, style=filled, \
             fillcolor=\"#e4e8ed\"]; edge [fontname=\"monospace\", fontsize=9];\n  graph [fontname=\"monospace\", \
             fontsize=10, style=rounded, color=\"#8a95a3\"];\n{}{}}}\n",
            quoted(&self.name),
            text.nodes,
            text.edges
        )
    }
}

/// The text of [`Sketch::dot`].
impl fmt::Display for Sketch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.dot())
    }
}
