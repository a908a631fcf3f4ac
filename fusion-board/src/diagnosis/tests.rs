//! What is wrong, of reports that are made up.

use super::*;
use fusion::log::{Network, NetworkLayer, OperationState, ParameterState};

/// A row in which some fields are others.
macro_rules! with {
    ($row:expr; $($field:ident: $value:expr),+) => {{
        let mut row = $row;
        $(row.$field = $value;)+
        row
    }};
}

fn weight(path: &str) -> ParameterState {
    let mut row = ParameterState::default();
    (row.path, row.shape) = (path.to_owned(), vec![8, 4]);
    (row.norm, row.count, row.weight_norm, row.update) = (0.5, 32, 2.0, Some(1e-3));
    row
}

fn operation(name: &str, layer: &str) -> OperationState {
    let mut row = OperationState::default();
    (row.name, row.layer, row.at, row.shape) =
        (name.to_owned(), layer.to_owned(), "main.rs:7".to_owned(), vec![32, 10]);
    row
}

/// A history of four reports, at steps 0 to 300, with a loss that falls.
fn history(gradients: impl Fn(u64) -> Vec<ParameterState>, operations: impl Fn(u64) -> Vec<OperationState>) -> History {
    let reports = (0..4).map(|at| at * 100);
    History {
        gradients: reports.clone().map(|step| Report { step, rows: gradients(step) }).collect(),
        operations: reports.map(|step| Report { step, rows: operations(step) }).collect(),
        loss: (0..31).map(|at| (at * 10, 2.3 / (1.0 + at as f64))).collect(),
        ..History::default()
    }
}

fn standing(mut history: History) -> History {
    history.loss.iter_mut().for_each(|(_, value)| *value = 2.302);
    history
}

/// The causes with their layers.
fn found(history: &History) -> Vec<(Cause, String)> {
    diagnose(history).into_iter().map(|finding| (finding.cause, finding.layers.join(" "))).collect()
}

fn dead(dead: u64) -> OperationState {
    with!(operation("relu", "fc2"); dead: Some((dead, 10)))
}

#[test]
fn nothing_is_known() {
    assert_eq!(diagnose(&History::default()), []);
    assert_eq!(found(&history(|_| vec![weight("fc1.weight"), weight("fc2.weight")], |_| Vec::new())), []);
}

#[test]
fn units_that_are_dead() {
    // Since when, and how many at least.
    let some = history(|_| Vec::new(), |step| vec![dead([1, 7, 6, 8][step as usize / 100])]);
    let all = diagnose(&some);
    assert_eq!((all.len(), all[0].cause, all[0].since), (1, Cause::DeadUnits, 100));
    assert_eq!(all[0].sentence, "`fc2`: 60% of its units have been 0 for all samples for 200 steps.");
    // Some are usual, others came back, and of one sample nothing can be told.
    assert_eq!(found(&history(|_| Vec::new(), |_| vec![dead(4)])), []);
    assert_eq!(found(&history(|_| Vec::new(), |step| vec![dead(if step == 300 { 3 } else { 9 })])), []);
    assert_eq!(found(&history(|_| Vec::new(), |_| vec![with!(dead(9); shape: vec![1, 10])])), []);
    // Behind a layer that gives nothing, units are constant, and some are 0.
    let behind = with!(dead(6); layer: "fc3".into());
    assert_eq!(found(&history(|_| Vec::new(), |_| vec![dead(10), behind.clone()])), [(Cause::DeadUnits, "fc2".into())]);
    assert_eq!(found(&history(|_| Vec::new(), |_| vec![dead(6), behind.clone()])).len(), 2);
    // Without a layer the operation is named.
    let nameless = history(|_| Vec::new(), |_| vec![with!(dead(9); layer: String::new())]);
    assert!(diagnose(&nameless)[0].sentence.starts_with("`relu` (main.rs:7): 90%"));
}

fn layer(path: &str, kind: &str, parameters: usize) -> NetworkLayer {
    with!(NetworkLayer::default(); path: path.into(), kind: kind.into(), layer: kind.into(), count: 1, parameters: parameters)
}

fn network(layers: Vec<NetworkLayer>) -> Option<Network> {
    let mut network = Network::default();
    network.layers = layers;
    Some(network)
}

#[test]
fn dead_units_by_their_gradients() {
    let zero = |path: &str| with!(weight(path); norm: 0.0, zeros: 32, dead_rows: 8);
    let bias = |row: ParameterState| with!(row.clone(); path: row.path.replace("weight", "bias"), shape: vec![8]);
    let rows = |_| {
        let some = with!(weight("fc1.weight"); dead_rows: 5, zeros: 20);
        vec![some, weight("fc2.weight"), with!(weight("words.weight"); dead_rows: 7, zeros: 28)]
    };
    let known =
        || network(vec![layer("fc1", "Linear", 40), layer("fc2", "Linear", 40), layer("words", "Embedding", 32)]);
    let some = History { network: known(), ..history(rows, |_| Vec::new()) };
    assert_eq!(found(&some), [(Cause::DeadUnits, "fc1".into())]);
    // Who is dead is the last layer of which nothing learns.
    let rows = |_| {
        vec![
            zero("fc1.weight"),
            bias(zero("fc1.bias")),
            zero("fc2.weight"),
            bias(weight("fc2.bias")),
            bias(weight("fc3.bias")),
        ]
    };
    let all = History { network: known(), ..history(rows, |_| Vec::new()) };
    assert_eq!(found(&all), [(Cause::DeadUnits, "fc1".into())]);
}

#[test]
fn functions_that_are_flat() {
    let flat = |share, layer: &str| with!(operation("tanh", layer); saturated: Some(share));
    let behind = || operation("linear", "out");
    let of = |shares: [f64; 4], layer: &'static str| {
        history(
            |_| Vec::new(),
            move |step| vec![operation("linear", "fc1"), flat(shares[step as usize / 100], layer), behind()],
        )
    };
    let first = diagnose(&of([0.5; 4], "fc1"));
    assert!(first.len() == 1 && first[0].sentence.contains("inputs that are too large"), "{first:?}");
    let inner = diagnose(&of([0.5; 4], "fc2"));
    assert!(inner.len() == 1 && inner[0].remedies[0].contains("smaller weights"), "{inner:?}");
    let later = diagnose(&of([0.0, 0.95, 0.92, 0.99], "fc2"));
    assert!(later.len() == 1 && later[0].since == 100 && later[0].sentence.contains("92%"), "{later:?}");
    assert_eq!(found(&of([0.0, 0.5, 0.6, 0.7], "fc2")), [], "units learn to be sure");
    // What a network ends with may be sure, too.
    assert_eq!(found(&of([0.99; 4], "out")), []);
}

#[test]
fn steps_that_are_too_long() {
    let rows = |step: u64| {
        let update = if step == 0 { 0.9 } else { 0.05 };
        vec![with!(weight("fc1.weight"); update: Some(update)), with!(weight("fc2.weight"); update: Some(update / 2.0))]
    };
    let stands = standing(history(rows, |_| vec![dead(10)]));
    assert_eq!(found(&stands), [(Cause::LearningRate, "fc1".into())], "of that units die");
    assert_eq!(found(&history(rows, |_| Vec::new())), [], "the loss falls all the same");
    let unknown = History { loss: Vec::new(), ..history(rows, |_| Vec::new()) };
    assert_eq!(found(&unknown), [], "it could be good");
    let broken = |_| vec![with!(weight("fc1.weight"); update: Some(f64::NAN), nans: 32, norm: f64::NAN)];
    let mut broken = history(|step| if step == 0 { rows(0) } else { broken(step) }, |_| Vec::new());
    broken.loss.iter_mut().skip(5).for_each(|(_, value)| *value = f64::NAN);
    let all = diagnose(&broken);
    assert!(
        all.len() == 1 && all[0].cause == Cause::LearningRate && all[0].sentence.contains("from step 50 on"),
        "{all:?}"
    );
}

#[test]
fn numbers_that_are_none() {
    let rows = |step: u64| vec![weight("fc1.weight"), with!(weight("fc2.weight"); nans: step / 200)];
    assert_eq!(found(&history(rows, |_| Vec::new())), [(Cause::NotFinite, "fc2".into())]);
    let odd = |step: u64| {
        let verdict = if step > 100 { "NaN or infinite" } else { "" };
        vec![operation("linear", "fc1"), with!(operation("ln", "fc1"); verdict: verdict.into())]
    };
    let all = diagnose(&history(rows, odd));
    assert!(all[0].layers == ["fc1"] && all[0].sentence.contains("`ln` of `fc1` (main.rs:7)"), "{all:?}");
    // One batch of many is no matter.
    let once = |step: u64| vec![with!(weight("fc1.weight"); nans: u64::from(step == 100))];
    assert_eq!(found(&history(once, |_| Vec::new())), []);
}

#[test]
fn gradients_that_vanish_or_explode() {
    let sizes = |first: f64, last: f64, update: f64| {
        move |_| {
            let row = |path: &str, norm| with!(weight(path); norm: norm, update: Some(update));
            vec![row("fc1.weight", first), row("fc2.weight", 0.5), row("fc8.weight", last)]
        }
    };
    let of = |rows: &dyn Fn(u64) -> Vec<ParameterState>| found(&standing(history(rows, |_| Vec::new())));
    assert_eq!(of(&sizes(1e-6, 0.5, 1e-8)), [(Cause::Vanishing, "fc1".into())]);
    assert_eq!(of(&sizes(1e-6, 0.5, 1e-3))[0].0, Cause::Stands, "the optimizer scales it");
    assert_eq!(of(&sizes(0.5, 5e3, 1e-3)), [(Cause::Exploding, "fc8".into())]);
    assert_eq!(found(&history(sizes(0.5, 5e3, 1e-3), |_| Vec::new())), [], "the loss falls all the same");
    // A bias before a batch norm has no gradient.
    let bias = |_| vec![weight("fc1.weight"), with!(weight("fc1.bias"); shape: vec![8], norm: 1e-9, update: Some(0.0))];
    assert!(found(&history(bias, |_| Vec::new())).iter().all(|(cause, _)| *cause != Cause::Vanishing));
}

#[test]
fn layers_that_do_not_learn() {
    let none = |path: &str| with!(weight(path); count: 0, norm: 0.0, update: Some(0.0));
    let still = |path: &str| with!(weight(path); update: Some(0.0));
    let rows = |_| vec![none("a.weight"), none("a.bias"), none("b.weight"), still("c.weight"), weight("d.weight")];
    let all = diagnose(&history(rows, |_| Vec::new()));
    assert_eq!(all.iter().map(|finding| finding.layers.join(" ")).collect::<Vec<_>>(), ["a b", "c"]);
    assert!(
        all[0].sentence.starts_with("`a` and `b` do not learn: no gradient comes to them (over 4 reports, 300 steps)")
    );
    // Where nothing learns nothing is left behind, and who learned once does so.
    assert_eq!(found(&history(|_| vec![still("a.weight"), still("b.weight")], |_| Vec::new())), []);
    let late = |step| vec![if step > 200 { weight("a.weight") } else { still("a.weight") }, weight("b.weight")];
    assert_eq!(found(&history(late, |_| Vec::new())), []);
    // A word in the program is no mistake, but told.
    let known = network(vec![layer("body", "Linear", 0), layer("act", "Activation", 0), layer("head", "Linear", 9)]);
    let declared = History { network: known, ..history(|_| vec![weight("head.weight")], |_| Vec::new()) };
    assert_eq!(found(&declared), [(Cause::Declared, "body".into())]);
    assert!(!Cause::Declared.is_problem());
}

#[test]
fn losses_that_go_nowhere() {
    let rows = |_| vec![weight("a.weight"), weight("b.weight")];
    let all = diagnose(&standing(history(rows, |_| Vec::new())));
    assert_eq!((all.len(), all[0].cause), (1, Cause::Stands));
    assert!(
        all[0].sentence.contains("stood at 2.30 for 300 steps, about as good as guessing among 10 classes"),
        "{all:?}"
    );
    let mut grows = history(rows, |_| Vec::new());
    grows.loss.iter_mut().for_each(|(step, value)| *value = 1.0 + *step as f64);
    assert_eq!(found(&grows), [(Cause::LossGrows, String::new())]);
}

/// Whatever a file holds, there is an answer.
#[test]
fn figures_that_make_no_sense() {
    let odd = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1.0, 0.0, f64::MAX];
    for (at, &value) in odd.iter().enumerate() {
        let rows = |step: u64| {
            let mut row = with!(weight("<script>"); norm: value, weight_norm: value, update: Some(value));
            (row.count, row.zeros, row.nans, row.dead_rows) =
                (u64::MAX * (step % 2), u64::MAX, at as u64 / 3, u64::MAX);
            row.shape = if at % 2 == 0 { Vec::new() } else { vec![usize::MAX, usize::MAX, 0] };
            vec![row.clone(), row, weight(""), ParameterState::default()]
        };
        let operations = |_| {
            let mut row = with!(operation("", ""); saturated: Some(value), dead: Some((u64::MAX, at as u64)));
            row.shape = vec![usize::MAX; at];
            vec![row.clone(), row]
        };
        let mut history = history(rows, operations);
        history.network = network(vec![layer("", "Linear", 0), layer("<script>", "Linear", 0)]);
        history.loss = vec![(u64::MAX, value), (0, -value), (7, 1.0)];
        for finding in diagnose(&history) {
            assert!(finding.sentence.ends_with('.'), "{finding:?}");
        }
    }
}
