//! A network as a table: what each layer makes, holds and costs.

use crate::graph::Value;
use crate::nn::module::Path;
use crate::nn::module::visit::{Layer, Visit};
use std::collections::HashSet;
use std::fmt;

/// The layers of a model with their output shapes, parameters and multiply-adds, for one sample. Shown by `Display`,
/// like torchinfo's table.
#[derive(Clone, Debug)]
pub struct Summary {
    name: String,
    input: Vec<usize>,
    rows: Vec<Row>,
    /// The parameters of all rows: one that several layers share counts once.
    seen: HashSet<u64>,
    parameters: usize,
}

/// One layer of a [`Summary`], or a function between layers, which counts no multiply-adds.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Row {
    /// Its field.
    pub name: String,
    /// Its type, as written.
    pub layer: String,
    /// The sizes of its result without the batch.
    pub output: Vec<usize>,
    /// How many numbers it learns.
    pub parameters: usize,
    /// Multiply-adds for one sample; `None` if the layer does not say.
    pub multiply_adds: Option<u64>,
}

impl Summary {
    /// An empty table for a model that takes `input` (without the batch).
    pub fn new(name: &str, input: &[usize]) -> Self {
        Self { name: name.into(), input: input.into(), rows: Vec::new(), seen: HashSet::new(), parameters: 0 }
    }

    /// The layers in order.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// All that it learns. What several layers share counts once.
    pub fn parameters(&self) -> usize {
        self.parameters
    }

    /// Multiply-adds for one sample, of the layers that say.
    pub fn multiply_adds(&self) -> u64 {
        self.rows.iter().filter_map(|row| row.multiply_adds).sum()
    }
}

impl Visit for Summary {
    fn layer(&mut self, layer: Layer<'_>) {
        let parameters = layer.module.held();
        let count = |value: &Value| value.array().count();
        self.parameters += parameters
            .iter()
            .filter(|value| value.link().id().is_none_or(|id| self.seen.insert(id)))
            .map(count)
            .sum::<usize>();
        self.rows.push(Row {
            name: layer.path.to_string(),
            layer: layer.to_string(),
            output: layer.output.get(1..).unwrap_or(&[]).into(),
            parameters: parameters.iter().map(count).sum(),
            multiply_adds: layer.multiply_adds(),
        });
    }

    fn function(&mut self, path: &Path<'_>, name: &str, output: &[usize]) {
        self.rows.push(Row {
            name: path.to_string(),
            layer: name.into(),
            output: output.get(1..).unwrap_or(&[]).into(),
            parameters: 0,
            multiply_adds: Some(0),
        });
    }
}

/// `1234567` as `1,234,567`.
fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head = ["layer", "", "output", "parameters", "multiply-adds"].map(String::from);
        let mut lines =
            vec![head, [self.name.clone(), "input".into(), format!("{:?}", self.input), String::new(), String::new()]];
        lines.extend(self.rows.iter().map(|row| {
            let cost = row.multiply_adds.map_or("?".into(), grouped);
            [row.name.clone(), row.layer.clone(), format!("{:?}", row.output), grouped(row.parameters as u64), cost]
        }));
        let unknown = if self.rows.iter().any(|row| row.multiply_adds.is_none()) { "+" } else { "" };
        let total = grouped(self.multiply_adds()) + unknown;
        lines.push(["total".into(), String::new(), String::new(), grouped(self.parameters() as u64), total]);
        let width: [usize; 5] =
            std::array::from_fn(|i| lines.iter().map(|line| line[i].chars().count()).max().unwrap_or(0));
        let rule = "─".repeat(width.iter().sum::<usize>() + 8);
        for (i, [name, layer, output, parameters, cost]) in lines.iter().enumerate() {
            let [a, b, c, d, e] = width;
            let line = format!("{name:<a$}  {layer:<b$}  {output:<c$}  {parameters:>d$}  {cost:>e$}");
            writeln!(f, "{}", line.trim_end())?;
            if i == 0 || i + 2 == lines.len() {
                writeln!(f, "{rule}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::prelude::*;

    fn halve<S: Shape>(x: Tensor<S>) -> Tensor<S> {
        x * 0.5
    }

    model! { Net: [4] -> [2] { Linear<_, 3>, halve, Linear<_, 2> } }

    #[test]
    fn a_function_has_a_row() {
        let summary = Net::init(&mut StdRng::seed_from_u64(0)).summary();
        let rows: Vec<_> = summary.rows().iter().map(|row| (row.name.as_str(), row.layer.as_str())).collect();
        assert_eq!(rows, [("0", "Linear<4, 3>"), ("1", "halve"), ("2", "Linear<3, 2>")]);
        assert_eq!((&summary.rows()[1].output[..], summary.rows()[1].parameters), (&[3][..], 0));
    }
}
