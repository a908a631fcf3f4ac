//! Figures of layers over time.

use crate::diagnosis::{History, share_of_dead};
use crate::runs::Number;
use fusion::log::{NetworkLayer, OperationState, ParameterState};
use serde::Serialize;
use std::collections::HashMap;

/// The most rows that are told, and the most figures of a kind.
const ROWS: usize = 2000;

/// A network with all that is known of it.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Drawn {
    /// The layers, in the order in which they are computed.
    pub layers: Vec<Layer>,
    /// What parameters are like.
    pub parameters: Vec<Parameter>,
    /// What operations are like, of those that a page colours by: that can be dead or saturated.
    pub operations: Vec<Operation>,
    /// Rows that are left out, as there are too many.
    pub left_out: usize,
}

/// A layer.
#[derive(Clone, Debug, Serialize)]
pub struct Layer {
    /// Its path; empty for what is no layer.
    pub path: String,
    /// Its type.
    pub layer: String,
    /// What sort of layer it is.
    pub kind: String,
    /// The places of what it takes.
    pub inputs: Vec<usize>,
    /// The sizes of its result.
    pub output: Vec<usize>,
    /// Its arguments.
    pub arguments: Vec<(String, String)>,
    /// How many numbers it learns.
    pub parameters: usize,
    /// How often it stands there in a row.
    pub count: usize,
    /// The places of its parameters in the list of these, of all that stand in a row.
    pub owns: Vec<usize>,
    /// The places of its operations in the list of these; an activation has those of the layer before it.
    pub does: Vec<usize>,
}

/// A parameter over time: lists of as many figures as there are steps.
#[derive(Clone, Debug, Serialize)]
pub struct Parameter {
    /// Its path.
    pub path: String,
    /// Its sizes.
    pub shape: Vec<usize>,
    /// The steps of the reports.
    pub steps: Vec<u64>,
    /// The norm of its gradient.
    pub gradient: Vec<Number>,
    /// Its own norm.
    pub weight: Vec<Number>,
    /// The norm of a step as a multiple of its own; NaN where it was not measured.
    pub update: Vec<Number>,
    /// The share of the elements of its gradient that are 0.
    pub zeros: Vec<Number>,
    /// The share of its rows that have a gradient of 0; NaN of a vector.
    pub dead: Vec<Number>,
    /// What is wrong in the last report, in a word or two.
    pub verdict: String,
}

/// An operation over time.
#[derive(Clone, Debug, Serialize)]
pub struct Operation {
    /// Its name.
    pub name: String,
    /// The layer that it belongs to.
    pub layer: String,
    /// Where the program called it.
    pub at: String,
    /// The sizes of its result.
    pub shape: Vec<usize>,
    /// The steps of the reports.
    pub steps: Vec<u64>,
    /// The share of units that are 0 throughout; NaN of what has none.
    pub dead: Vec<Number>,
    /// The share of its results at which it is flat; NaN of what is nowhere flat.
    pub saturated: Vec<Number>,
    /// What is wrong in the last report, in a word or two.
    pub verdict: String,
}

fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { f64::NAN } else { part as f64 / whole as f64 }
}

fn parameter(reports: &[(u64, &ParameterState)]) -> Parameter {
    let last = reports[reports.len() - 1].1;
    let each = |f: &dyn Fn(&ParameterState) -> f64| reports.iter().map(|(_, row)| Number(f(row))).collect();
    let rows = |row: &ParameterState| row.shape.first().filter(|_| row.shape.len() > 1).map_or(0, |rows| *rows as u64);
    Parameter {
        path: last.path.clone(),
        shape: last.shape.clone(),
        steps: reports.iter().map(|(step, _)| *step).collect(),
        // Without a gradient there is none, not one of 0.
        gradient: each(&|row| if row.count == 0 { f64::NAN } else { row.norm }),
        weight: each(&|row| row.weight_norm),
        update: each(&|row| row.update.unwrap_or(f64::NAN)),
        zeros: each(&|row| share(row.zeros, row.count)),
        dead: each(&|row| if row.count == 0 { f64::NAN } else { share(row.dead_rows, rows(row)) }),
        verdict: last.verdict.clone(),
    }
}

fn operation(reports: &[(u64, &OperationState)]) -> Operation {
    let last = reports[reports.len() - 1].1;
    Operation {
        name: last.name.clone(),
        layer: last.layer.clone(),
        at: last.at.clone(),
        shape: last.shape.clone(),
        steps: reports.iter().map(|(step, _)| *step).collect(),
        dead: reports.iter().map(|(_, row)| Number(share_of_dead(row).unwrap_or(f64::NAN))).collect(),
        saturated: reports.iter().map(|(_, row)| Number(row.saturated.unwrap_or(f64::NAN))).collect(),
        verdict: last.verdict.clone(),
    }
}

/// The layer that is drawn for one of several in a row, which is the first: a number in its path is 0 then, or all are.
fn first_of_a_row(path: &str, rows: &HashMap<&str, usize>) -> Option<usize> {
    let parts: Vec<&str> = path.split('.').collect();
    let is_number = |at: &usize| parts[*at].parse::<u32>().is_ok();
    let numbers: Vec<usize> = (0..parts.len()).filter(is_number).take(16).collect();
    let without = |gone: &[usize]| {
        let own: Vec<&str> =
            parts.iter().enumerate().map(|(at, part)| if gone.contains(&at) { "0" } else { part }).collect();
        rows.get(own.join(".").as_str()).copied()
    };
    numbers.iter().find_map(|&at| without(&[at])).or_else(|| without(&numbers))
}

/// The layer to which a path of a parameter or of an operation's layer leads: the longest that it begins with.
fn find(path: &str, layers: &HashMap<&str, usize>, rows: &HashMap<&str, usize>) -> Option<usize> {
    let mut rest = path;
    loop {
        if let Some(&at) = layers.get(rest) {
            return Some(at);
        }
        if let Some(at) = first_of_a_row(rest, rows) {
            return Some(at);
        }
        rest = rest.rsplit_once('.')?.0;
    }
}

/// The network of a run with its figures. Without a network its parameters are all there is.
pub fn figures(history: &History) -> Drawn {
    let all = history.parameters();
    let operations = history.operations();
    let shown: Vec<_> = operations
        .iter()
        .filter(|reports| {
            let last = reports[reports.len() - 1].1;
            last.dead.is_some() || last.saturated.is_some()
        })
        .collect();
    let known = history.network.iter().flat_map(|network| &network.layers);
    let left_out = [all.len(), shown.len(), known.clone().count()].iter().map(|count| count.saturating_sub(ROWS)).sum();
    let mut drawn = Drawn {
        layers: known.take(ROWS).map(layer).collect(),
        parameters: all.iter().take(ROWS).map(|reports| parameter(reports)).collect(),
        operations: shown.iter().take(ROWS).map(|reports| operation(reports)).collect(),
        left_out,
    };
    let paths: Vec<(String, bool)> = drawn.layers.iter().map(|layer| (layer.path.clone(), layer.count > 1)).collect();
    let named = |in_a_row: bool| {
        let own = paths.iter().enumerate().filter(move |(_, (path, is))| !path.is_empty() && (*is || !in_a_row));
        own.map(|(at, (path, _))| (path.as_str(), at)).rev().collect::<HashMap<_, _>>()
    };
    let (layers, rows) = (named(false), named(true));
    for (place, parameter) in drawn.parameters.iter().enumerate() {
        if let Some(at) = find(&parameter.path, &layers, &rows) {
            drawn.layers[at].owns.push(place);
        }
    }
    for (place, operation) in drawn.operations.iter().enumerate() {
        if let Some(at) = find(&operation.layer, &layers, &rows) {
            drawn.layers[at].does.push(place);
        }
    }
    // An activation shows what it does to the layer before it.
    for at in 0..drawn.layers.len() {
        let before =
            drawn.layers[at].inputs.first().filter(|&&before| before < at && drawn.layers[at].inputs.len() == 1);
        if let (Some(&before), "Activation") = (before, drawn.layers[at].kind.as_str()) {
            drawn.layers[at].does = drawn.layers[before].does.clone();
        }
    }
    drawn
}

fn layer(layer: &NetworkLayer) -> Layer {
    Layer {
        path: layer.path.clone(),
        layer: layer.layer.clone(),
        kind: layer.kind.clone(),
        inputs: layer.inputs.iter().copied().filter(|input| *input < ROWS).collect(),
        output: layer.output.clone(),
        arguments: layer.arguments.clone(),
        parameters: layer.parameters,
        count: layer.count,
        owns: Vec::new(),
        does: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnosis::Report;
    use fusion::log::Network;

    /// From a file that nobody's network wrote.
    #[test]
    fn layers_that_make_no_sense() {
        let mut network = Network::default();
        for inputs in [vec![0, 1], vec![2], vec![1], vec![], vec![0, 5000]] {
            let mut layer = NetworkLayer::default();
            (layer.path, layer.kind) = ("<script>".into(), "Activation".into());
            (layer.inputs, layer.count, layer.parameters) = (inputs, usize::MAX, usize::MAX);
            network.layers.push(layer);
        }
        network.svg = "<script>alert(1)</script>".into();
        let mut row = ParameterState::default();
        (row.path, row.shape, row.norm) = ("<script>.weight".into(), vec![usize::MAX, 0], f64::NAN);
        (row.count, row.zeros, row.dead_rows) = (1, u64::MAX, u64::MAX);
        let gradients = vec![Report { step: u64::MAX, rows: vec![row.clone(), row] }];
        let drawn = figures(&History { network: Some(network), gradients, ..History::default() });
        let json = serde_json::to_string(&drawn).expect("JSON");
        assert!(!json.contains("alert"), "a drawing that a file brings with it goes nowhere");
        assert_eq!(
            (drawn.layers.len(), drawn.parameters.len(), drawn.layers[4].inputs.as_slice()),
            (5, 1, [0].as_slice())
        );
        assert_eq!(drawn.layers[0].owns, [0]);
    }

    #[test]
    fn paths_of_layers_in_a_row() {
        let layers = HashMap::from([("a.0.fc", 1), ("fc", 2), ("a.0.b.0.c", 3), ("5", 4)]);
        let rows = HashMap::from([("a.0.fc", 1), ("a.0.b.0.c", 3)]);
        let of = |path| find(path, &layers, &rows);
        assert_eq!([of("a.0.fc.weight"), of("a.7.fc.bias"), of("a.7.fc")], [Some(1); 3]);
        assert_eq!([of("a.2.b.0.c.weight"), of("a.0.b.2.c.weight"), of("a.2.b.2.c.weight")], [Some(3); 3]);
        assert_eq!(
            [of("fc.gate.weight"), of("5.weight"), of("6.weight"), of(""), of("fc2.weight")],
            [Some(2), Some(4), None, None, None]
        );
    }
}
