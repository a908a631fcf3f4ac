//! What goes wrong with steps and gradients.

use super::finding::{Cause, Finding};
use super::history::{History, Report, layer_of, tail};
use super::loss::{Loss, classes_of_guessing};
use super::thresholds::{EXPLODED, LARGE_UPDATE, REPLACING_UPDATE, REPORTS, SMALL_UPDATE, VANISHED};
use super::words::{count, names, number, share};
use fusion::log::ParameterState;

/// A weight, of which figures say more than of a bias: that begins at 0, and has no gradient in front of a norm.
fn is_weight(row: &ParameterState) -> bool {
    row.shape.len() > 1
}

/// The size of the elements of a gradient that are not 0.
fn size(row: &ParameterState) -> f64 {
    row.norm / (row.count.saturating_sub(row.zeros).max(1) as f64).sqrt()
}

fn is_finite(row: &ParameterState) -> bool {
    row.nans == 0 && row.infinite == 0 && row.norm.is_finite()
}

/// Without repeating one.
fn layers<'a>(paths: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for layer in paths.map(layer_of) {
        if all.iter().all(|known| known != layer) {
            all.push(layer.to_owned());
        }
    }
    all
}

/// The usual change of weights in the report where it was the largest: the median of all weights, of which one may begin at 0.
/// The change, the step, and the path of the weight that changed most.
fn largest_update(history: &History) -> Option<(f64, u64, &str)> {
    let of_report = |report: &Report<ParameterState>| {
        let is_small = !report.rows.iter().any(is_weight);
        let weights = report.rows.iter().filter(|row| is_small || is_weight(row));
        let mut updates: Vec<(f64, usize)> = weights
            .enumerate()
            .filter_map(|(at, row)| Some((row.update.filter(|update| update.is_finite())?, at)))
            .collect();
        updates.sort_by(|(a, _), (b, _)| a.total_cmp(b));
        Some((updates.get(updates.len() / 2)?.0, updates.last()?.1))
    };
    let all = history.gradients.iter().filter_map(|report| Some((report, of_report(report)?)));
    let (report, (update, at)) = all.max_by(|(_, (a, _)), (_, (b, _))| a.total_cmp(b))?;
    let is_small = !report.rows.iter().any(is_weight);
    let row = report.rows.iter().filter(|row| is_small || is_weight(row)).nth(at)?;
    Some((update, report.step, &row.path))
}

/// Steps that are far too long: they replace weights, and the loss gets nowhere.
pub fn learning_rate(history: &History, loss: Option<Loss>) -> Option<Finding> {
    let (update, step, path) = largest_update(history)?;
    let is_bad = match loss {
        Some(loss) => update > LARGE_UPDATE && (loss.is_poor() || loss.has_leapt()),
        None => update > REPLACING_UPDATE,
    };
    if !is_bad {
        return None;
    }
    let loss = match loss {
        None => String::new(),
        Some(loss) if loss.broken.is_some() => {
            let step = loss.broken.unwrap_or_default();
            format!(", and from step {step} on the loss is no number")
        }
        Some(loss) if loss.has_grown() || loss.has_leapt() => {
            format!(", and the loss went from {} up to {}", number(loss.begin), number(loss.highest))
        }
        Some(loss) => format!(", and the loss, {} at first, is at {}", number(loss.begin), number(loss.last)),
    };
    let rate = history.rate.as_ref().map_or_else(String::new, |rate| format!(" ({rate})"));
    let sentence = format!(
        "The learning rate{rate} is far too high: at step {step} a single step changed weights by {} of their size, where 0.1% is \
         usual{loss}.",
        share(update),
    );
    let remedies = [
        "Divide the learning rate by 10, and again, until the loss falls from the first steps on.",
        "Let the rate rise slowly from 0 over the first hundred steps or so (a warm-up).",
    ];
    Some(Finding::new(Cause::LearningRate, vec![layer_of(path).to_owned()], step, sentence, &remedies))
}

/// A loss or a gradient that is NaN or infinite, up to the end.
pub fn not_finite(history: &History, loss: Option<Loss>) -> Option<Finding> {
    let is_sound = |rows: &[ParameterState]| rows.iter().all(is_finite);
    let bad = history.gradients.iter().rposition(|report| is_sound(&report.rows)).map_or(0, |last| last + 1);
    let bad = history.gradients.get(bad);
    let loss_since = loss.and_then(|loss| loss.broken);
    let since = match (loss_since, bad.map(|report| report.step)) {
        (Some(a), Some(b)) => a.min(b),
        (a, b) => a.or(b)?,
    };
    // The operation that came first says where it began, the gradients, if only some are so, how far it has come.
    let odd = history.operations.iter().flat_map(|report| &report.rows).find(|row| row.verdict.contains("NaN"));
    let mut seen = bad.map_or_else(Vec::new, |report| {
        layers(report.rows.iter().filter(|row| !is_finite(row)).map(|row| row.path.as_str()))
    });
    let place = match odd {
        Some(row) if !row.layer.is_empty() => {
            seen = vec![row.layer.clone()];
            format!(" The first operation that gives such numbers is `{}` of `{}` ({}).", row.name, row.layer, row.at)
        }
        Some(row) => format!(" The first operation that gives such numbers is `{}` ({}).", row.name, row.at),
        None => String::new(),
    };
    let what = if loss_since.is_some() { "The loss is" } else { "Gradients are" };
    let sentence = format!("{what} NaN or infinite from step {since} on.{place}");
    let remedies = [
        "Train with a smaller learning rate, and cut gradients that are too long: `grads.clip_norm(1.0)`.",
        "Look for NaN in the data, and for a logarithm, a root or a division of 0 in the loss.",
        "`Trace::training().detect_anomalies()` stops at the operation where it begins and names it.",
    ];
    Some(Finding::new(Cause::NotFinite, seen, since, sentence, &remedies))
}

/// A loss that grows, of which no update tells why.
pub fn loss_grows(loss: Option<Loss>) -> Option<Finding> {
    let loss = loss.filter(Loss::has_grown)?;
    let sentence = format!("The loss grows: {} at first, it is at {}.", number(loss.first), number(loss.last));
    let remedies = [
        "Divide the learning rate by 10.",
        "Look at the sign of the loss: what is to become large, such as a likelihood, is negated.",
    ];
    Some(Finding::new(Cause::LossGrows, Vec::new(), 0, sentence, &remedies))
}

/// Parameters that stay as they are in all reports, while others learn: no gradient reaches them, or the optimizer leaves them.
pub fn frozen(history: &History) -> Vec<Finding> {
    let all = history.parameters();
    let whole: Vec<_> = all.iter().filter(|reports| reports.len() >= REPORTS.max(history.gradients.len())).collect();
    let learns = |reports: &&Vec<(u64, &ParameterState)>| {
        reports.iter().any(|(_, row)| row.update.map_or(row.count > row.zeros, |update| update > 0.0))
    };
    if !whole.iter().any(learns) {
        return Vec::new();
    }
    let no_gradient = |(_, row): &(u64, &ParameterState)| row.count == 0 && row.shape.iter().all(|size| *size > 0);
    let stays = |(_, row): &(u64, &ParameterState)| row.update == Some(0.0);
    let has_gradient = |(_, row): &(u64, &ParameterState)| row.count > row.zeros && is_finite(row);
    let mut found = Vec::new();
    let of = |is_so: &dyn Fn(&[(u64, &ParameterState)]) -> bool| {
        let rows: Vec<&ParameterState> =
            whole.iter().filter(|reports| is_so(reports)).map(|reports| reports[0].1).collect();
        layers(rows.iter().map(|row| row.path.as_str()))
    };
    let since = history.gradients.first().map_or(0, |first| first.step);
    let steps = history.gradients.last().map_or(0, |last| last.step.saturating_sub(since));
    let over = format!("over {} reports, {}", history.gradients.len(), count(steps, "step"));
    let cut = of(&|reports| reports.iter().all(no_gradient));
    if !cut.is_empty() {
        let sentence = format!("{} {} not learn: no gradient comes to {} ({over}).", names(&cut), does(&cut), it(&cut));
        let remedies = [
            "Look for a `detach()`, or for a step by way of numbers (`item`, `to_vec`), between the layer and the loss.",
            "Look whether the loss depends on what the layer gives.",
        ];
        found.push(Finding::new(Cause::Frozen, cut, since, sentence, &remedies));
    }
    let left = of(&|reports| reports.iter().all(stays) && reports.iter().any(has_gradient));
    if !left.is_empty() {
        let sentence = format!(
            "{} {} not learn: gradients come, but no step has changed {} ({over}).",
            names(&left),
            does(&left),
            it(&left)
        );
        let remedies = [
            "Look at the optimizer's groups: one that is `frozen()`, or has a learning rate of 0, holds the layer.",
            "Look whether the optimizer's step gets the whole network.",
        ];
        found.push(Finding::new(Cause::Frozen, left, since, sentence, &remedies));
    }
    found
}

fn does(layers: &[String]) -> &'static str {
    if layers.len() == 1 { "does" } else { "do" }
}

fn it(layers: &[String]) -> &'static str {
    if layers.len() == 1 { "it" } else { "them" }
}

/// Layers that were frozen by a word in the program.
pub fn declared(history: &History) -> Option<Finding> {
    let kinds = ["Linear", "Convolution", "Embedding"];
    let all = history.network.iter().flat_map(|network| &network.layers);
    let frozen: Vec<String> = all
        .filter(|layer| kinds.contains(&layer.kind.as_str()) && layer.parameters == 0)
        .map(|layer| layer.path.clone())
        .collect();
    if frozen.is_empty() {
        return None;
    }
    let verb = if frozen.len() == 1 { "is" } else { "are" };
    let sentence = format!("{} {verb} frozen, as the program says.", names(&frozen));
    let remedies = ["In fine-tuning this is meant. If it is not, `unfreeze` lets the layer learn again."];
    Some(Finding::new(Cause::Declared, frozen, 0, sentence, &remedies))
}

/// Weights whose gradient is next to nothing beside that of others.
pub fn vanishing(history: &History) -> Option<Finding> {
    let mut found: Vec<(&ParameterState, u64, f64)> = Vec::new();
    let largest: Vec<(u64, f64)> = history
        .gradients
        .iter()
        .map(|report| {
            let sizes = report.rows.iter().filter(|row| is_weight(row) && is_finite(row)).map(size);
            (report.step, sizes.fold(0.0, f64::max))
        })
        .collect();
    let of_step = |step| largest.iter().find(|(other, _)| *other == step).map_or(0.0, |(_, size)| *size);
    for reports in history.parameters() {
        let ratio = |step: u64, row: &ParameterState| size(row) / of_step(step);
        let start = reports.iter().rposition(|(step, row)| {
            let is_idle = row.update.is_none_or(|update| update < SMALL_UPDATE);
            let is_so = is_weight(row) && row.norm > 0.0 && is_idle && ratio(*step, row) < VANISHED;
            !is_so
        });
        let tail = &reports[start.map_or(0, |last| last + 1)..];
        if let (true, Some((step, row)), Some((begin, _))) = (tail.len() >= REPORTS, tail.last(), tail.first()) {
            found.push((row, *begin, ratio(*step, row)));
        }
    }
    let since = found.iter().map(|(_, since, _)| *since).min()?;
    let least = found.iter().map(|(.., ratio)| *ratio).fold(f64::INFINITY, f64::min);
    let paths = layers(found.iter().map(|(row, ..)| row.path.as_str()));
    let sentence = format!(
        "Gradients vanish on their way back: at {} they have been up to {} times smaller than at the weight with the largest, \
         since step {since}.",
        names(&paths),
        number(1.0 / least),
    );
    let remedies = [
        "Use ReLU, GELU or SiLU in place of `tanh` and `sigmoid`.",
        "Put a norm (`BatchNorm`, `LayerNorm`) between layers, or a way around them (`_ + { .. }`).",
        "Start with larger weights (He's for ReLU, Glorot's for `tanh`).",
    ];
    Some(Finding::new(Cause::Vanishing, paths, since, sentence, &remedies))
}

/// Gradients that would replace weights, in a training that gets nowhere.
pub fn exploding(history: &History, loss: Option<Loss>) -> Option<Finding> {
    if !loss.is_none_or(|loss| loss.is_poor()) {
        return None;
    }
    let is_so = |row: &ParameterState| is_weight(row) && row.weight_norm > 0.0 && row.norm > EXPLODED * row.weight_norm;
    let all = history.parameters();
    let found: Vec<_> = all.iter().filter_map(|reports| tail(reports, is_so)).collect();
    let since = found.iter().map(|tail| tail[0].0).min()?;
    let most =
        found.iter().filter_map(|tail| tail.last()).map(|(_, row)| row.norm / row.weight_norm).fold(0.0, f64::max);
    let paths = layers(found.iter().map(|tail| tail[0].1.path.as_str()));
    let sentence = format!(
        "Gradients explode: at {} they have been up to {} times as large as the weights, since step {since}.",
        names(&paths),
        number(most),
    );
    let remedies = [
        "Cut gradients that are too long before the step: `grads.clip_norm(1.0)`.",
        "Scale inputs and targets to about 1, and start with smaller weights.",
        "Put a norm (`BatchNorm`, `LayerNorm`) between layers.",
    ];
    Some(Finding::new(Cause::Exploding, paths, since, sentence, &remedies))
}

/// A loss that is where it was, for which nothing else is the reason.
pub fn stands(loss: Option<Loss>) -> Option<Finding> {
    let loss = loss.filter(Loss::stands)?;
    let guessing = classes_of_guessing(loss.last);
    let guessing =
        guessing.map_or_else(String::new, |classes| format!(", about as good as guessing among {classes} classes"));
    let sentence = format!("The loss has stood at {} for {}{guessing}.", number(loss.last), count(loss.steps, "step"));
    let remedies = [
        "Try learning rates ten times as high and ten times as low.",
        "Let the network learn a single batch by heart. If it cannot, data and labels do not belong together, or a part of the \
         computation is not learned.",
    ];
    Some(Finding::new(Cause::Stands, Vec::new(), 0, sentence, &remedies))
}
