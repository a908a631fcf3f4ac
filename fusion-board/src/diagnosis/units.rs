//! Units that do nothing: dead ones, and those that lie where their function is flat.

use super::finding::{Cause, Finding};
use super::history::{History, layer_of, tail};
use super::thresholds::{ALL_DEAD, DEAD, SATURATED_AT_FIRST, SATURATED_LATER, VALUES};
use super::words::{count, share};
use fusion::log::{OperationState, ParameterState};

/// The share of the units that are 0 throughout, if there are values enough to tell.
pub fn share_of_dead(row: &OperationState) -> Option<f64> {
    let (dead, all) = row.dead.filter(|(_, all)| *all > 0)?;
    let values: f64 = row.shape.iter().map(|size| *size as f64).product();
    (values / all as f64 >= VALUES).then(|| dead as f64 / all as f64)
}

/// The layer of an operation, or the operation itself where there is none.
fn place(row: &OperationState) -> String {
    match row.layer.as_str() {
        "" => format!("`{}` ({})", row.name, row.at),
        layer => format!("`{layer}`"),
    }
}

fn layers(row: &OperationState) -> Vec<String> {
    if row.layer.is_empty() { Vec::new() } else { vec![row.layer.clone()] }
}

/// Since when, in words, and the step.
fn since<T>(tail: &[(u64, &T)]) -> (String, u64) {
    let (first, last) = (tail[0].0, tail[tail.len() - 1].0);
    (format!("for {}", count(last.saturating_sub(first), "step")), first)
}

const OF_DEAD: [&str; 3] = [
    "Divide the learning rate by 10: a step that is too long pushes units to where they never come back from.",
    "Use `LeakyRelu`, `Gelu` or `Silu` in place of `Relu`: they let a little through below 0.",
    "Begin with biases at 0, He's weights, and inputs of mean 0 and deviation 1.",
];

/// ReLUs most of whose units are 0 for all samples.
pub fn dead(history: &History) -> Vec<Finding> {
    if history.operations.iter().all(|report| report.rows.iter().all(|row| row.dead.is_none())) {
        return without_gradient(history);
    }
    let mut found = Vec::<Finding>::new();
    for reports in history.operations() {
        let Some(tail) = tail(&reports, |row| share_of_dead(row).is_some_and(|share| share >= DEAD)) else { continue };
        let least = tail.iter().filter_map(|(_, row)| share_of_dead(row)).fold(1.0, f64::min);
        let ((since, step), row) = (since(tail), tail[0].1);
        // A layer may have several, of which one sentence says enough.
        if found.iter().all(|known| known.layers != layers(row) || known.layers.is_empty()) {
            let sentence =
                format!("{}: {} of its units have been 0 for all samples {since}.", place(row), share(least));
            found.push(Finding::new(Cause::DeadUnits, layers(row), step, sentence, &OF_DEAD));
        }
        // What comes behind has nothing to live on.
        if least >= ALL_DEAD {
            break;
        }
    }
    found
}

/// The same, as gradients show it: the weights of a unit that is 0 have no gradient.
fn without_gradient(history: &History) -> Vec<Finding> {
    let all = history.parameters();
    let is_zero = |row: &ParameterState| row.count > 0 && row.zeros == row.count;
    // Where nothing comes through, layers before and behind learn nothing either, but for the biases behind.
    let mut idle: Vec<&str> = Vec::new();
    for reports in &all {
        let layer = layer_of(&reports[0].1.path);
        let own: Vec<_> = all.iter().filter(|other| layer_of(&other[0].1.path) == layer).collect();
        if own.len() > 1 && own.iter().all(|reports| tail(reports, is_zero).is_some()) && idle.last() != Some(&layer) {
            idle.push(layer);
        }
    }
    let of_layers = all.iter().filter(|reports| is_of_units(history, reports[0].1));
    let mut found = Vec::new();
    for reports in of_layers {
        let layer = layer_of(&reports[0].1.path);
        let part = |row: &ParameterState| row.dead_rows as f64 / row.shape[0] as f64;
        let tail = match idle.last() {
            Some(last) if *last != layer => None,
            _ => tail(reports, |row| row.count > 0 && part(row) >= DEAD),
        };
        let Some(tail) = tail else { continue };
        let least = tail.iter().map(|(_, row)| part(row)).fold(1.0, f64::min);
        let (since, step) = since(tail);
        let sentence = format!(
            "`{layer}`: {} of its units have had no gradient {since}, as units that are 0 for all samples.",
            share(least)
        );
        found.push(Finding::new(Cause::DeadUnits, vec![layer.to_owned()], step, sentence, &OF_DEAD));
    }
    found
}

/// Is this the weight of a layer whose rows are units? Rows of an embedding, say, are what was not asked for. The network tells.
fn is_of_units(history: &History, row: &ParameterState) -> bool {
    let layer = layer_of(&row.path);
    let mut all = history.network.iter().flat_map(|network| &network.layers);
    row.shape.len() > 1
        && row.shape[0] > 0
        && all.any(|known| {
            let has_units =
                ["Linear", "Convolution"].contains(&known.kind.as_str()) && !known.layer.starts_with("ConvTranspose");
            has_units && known.path == layer
        })
}

/// Functions most of whose results lie where they are flat. The last one of a network may: it is sure of what it says.
pub fn saturated(history: &History) -> Vec<Finding> {
    let Some(last) = history.operations.last() else { return Vec::new() };
    let (first_layer, last_layer) = (layer_at(last.rows.iter()), layer_at(last.rows.iter().rev()));
    let mut found = Vec::<Finding>::new();
    for reports in history.operations() {
        let row = reports[0].1;
        let is_last = last_layer.is_some_and(|layer| layer == row.layer);
        if row.saturated.is_none()
            || is_last
            || found.iter().any(|known| !known.layers.is_empty() && known.layers == layers(row))
        {
            continue;
        }
        let over =
            |least: f64| tail(&reports, move |row: &OperationState| row.saturated.is_some_and(|share| share >= least));
        let always = over(SATURATED_AT_FIRST).filter(|tail| tail.len() == reports.len());
        let Some(tail) = always.or_else(|| over(SATURATED_LATER)) else { continue };
        let least = tail.iter().filter_map(|(_, row)| row.saturated).fold(1.0, f64::min);
        let (since, step) = since(tail);
        let is_first = first_layer.is_some_and(|layer| layer == row.layer);
        let (why, remedies) = match (always.is_some(), is_first) {
            (true, true) => (
                " from the start, as inputs that are too large make it",
                [
                    "Scale the inputs to mean 0 and deviation 1 (`Standardizer`), or pixels to 0 to 1.",
                    "Begin with smaller weights.",
                ],
            ),
            (true, false) => (
                " from the start",
                [
                    "Begin with smaller weights (Glorot's).",
                    "Put a norm (`BatchNorm`, `LayerNorm`) before it, or use ReLU in its place.",
                ],
            ),
            (false, _) => (
                "",
                [
                    "Divide the learning rate by 10, or let weights decay.",
                    "Put a norm (`BatchNorm`, `LayerNorm`) before it, or use ReLU in its place.",
                ],
            ),
        };
        let sentence = format!(
            "{}: its `{}` is saturated. {} of what it gives has lain where it is flat {since}{why}, so that next to no gradient \
             comes through.",
            place(row),
            row.name,
            share(least),
        );
        found.push(Finding::new(Cause::Saturated, layers(row), step, sentence, &remedies));
    }
    found
}

/// The first layer that has one.
fn layer_at<'a>(mut rows: impl Iterator<Item = &'a OperationState>) -> Option<&'a str> {
    rows.find(|row| !row.layer.is_empty()).map(|row| row.layer.as_str())
}
