//! What the server tells of networks and predictions: of runs as trainings write them, and of such as nobody would.

mod common;

use common::{Running, coded};
use fusion::log::{
    Confusion, GraphNode, Histogram, NamedGraph, Network, NetworkLayer, OperationState, ParameterState, Predictions, Record,
};
use fusion::prelude::*;
use fusion::train::metrics::{Average, ClassScores, ConfusionMatrix};
use serde_json::{Value, json};

const EVIL: &str = "</script><img src=x onerror=alert(1)> \"'&/../\u{202e}\0";

fn layer(path: &str, kind: &str, inputs: Vec<usize>, parameters: usize, count: usize) -> NetworkLayer {
    let mut layer = NetworkLayer::default();
    (layer.path, layer.kind, layer.layer) = (path.into(), kind.into(), kind.into());
    (layer.inputs, layer.parameters, layer.count) = (inputs, parameters, count);
    layer
}

fn parameter(path: &str) -> ParameterState {
    let mut row = ParameterState::default();
    (row.path, row.shape, row.count) = (path.to_owned(), vec![3, 4], 12);
    (row.norm, row.weight_norm, row.update, row.zeros) = (0.5, 2.0, Some(1e-3), 3);
    row
}

fn list(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap_or_else(|| panic!("no list: {value}"))
}

#[test]
fn layers_with_their_figures() {
    let server = Running::new();
    let mut run = server.run("net");
    let mut network = Network::default();
    network.layers = vec![
        layer("", "Input", vec![], 0, 1),
        layer("fc1", "Linear", vec![0], 12, 1),
        layer("1", "Activation", vec![1], 0, 1),
        layer("more.0.fc", "Linear", vec![2], 36, 3),
        layer("10", "Linear", vec![3], 12, 1),
    ];
    run.write(0, &Record::Network(network)).expect("room");
    let paths = ["fc1.weight", "more.0.fc.weight", "more.2.fc.weight", "10.weight", "elsewhere"];
    for step in [0, 10, 20] {
        run.write(step, &Record::Gradients(paths.map(parameter).to_vec())).expect("room");
        let mut relu = OperationState::default();
        (relu.name, relu.layer, relu.shape, relu.dead) = ("relu".into(), "fc1".into(), vec![64, 3], Some((step / 10, 3)));
        run.write(step, &Record::Operations(vec![relu])).expect("room");
    }
    run.histogram(20, "fc1.weight", &Tensor::<shape![4]>::from([-1.0, 0.0, 0.0, 1.0])).expect("room");
    let answer = server.until("/api/network?run=net", |answer| {
        answer["parameters"][0]["steps"] == json!([0, 10, 20]) && answer["histograms"] == json!(["fc1.weight"])
    });
    let owns: Vec<&Value> = list(&answer["layers"]).iter().map(|layer| &layer["owns"]).collect();
    assert_eq!(owns, [&json!([]), &json!([0]), &json!([]), &json!([1, 2]), &json!([3])]);
    let does: Vec<&Value> = list(&answer["layers"]).iter().map(|layer| &layer["does"]).collect();
    assert_eq!(does[..3], [&json!([]), &json!([0]), &json!([0])], "an activation shows what it does");
    assert_eq!(answer["operations"][0]["dead"], json!([0.0, 1.0 / 3.0, 2.0 / 3.0]));
    let first = &answer["parameters"][0];
    assert_eq!((&first["zeros"][0], &first["update"][2], &first["gradient"][1]), (&json!(0.25), &json!(1e-3), &json!(0.5)));
    let (_, heights) = server.json("/api/histograms?run=net&name=fc1.weight");
    let shares: f64 = list(&heights["shares"][0]).iter().map(|share| share.as_f64().expect("a share")).sum();
    assert!((shares - 1.0).abs() < 1e-9 && heights["low"] == -1.0 && heights["means"] == json!([0.0]), "{heights}");
    let (_, none) = server.json("/api/histograms?run=net&name=none");
    assert_eq!(none["steps"], json!([]));
}

#[test]
fn graphs_of_losses() {
    let server = Running::new();
    let mut run = server.run("net");
    let net = Linear::<dim!(3), dim!(2)>::init(&mut StdRng::seed_from_u64(0));
    let x = Tensor::<shape![1, 3]>::ones().trace_with(Trace::training().keep_values());
    let loss = net.forward(x).square().mean();
    run.graph(5, "loss", &loss.dot().names_of(&net).gradients()).expect("a graph");
    let answer = server.until("/api/network?run=net", |answer| answer["graphs"] != json!([]));
    let (name, at) = (&answer["graphs"][0]["name"], &answer["graphs"][0]["steps"][0][1]);
    assert_eq!((name, &answer["graphs"][0]["steps"][0][0]), (&json!("loss"), &json!(5)));
    let (is_well, graph) = server.json(&format!("/api/graph?run=net&name=loss&at={at}"));
    let labels: Vec<_> = list(&graph["nodes"]).iter().map(|node| node["label"].as_str().expect("text")).collect();
    assert!(is_well && labels.contains(&"weight") && labels.contains(&"linear"), "{labels:?}");
    let of_loss = &list(&graph["nodes"])[labels.iter().position(|label| *label == "mean").expect("a mean")];
    let value: f64 = of_loss["value"].as_str().expect("text").parse().expect("a number");
    assert!((value - f64::from(loss.item())).abs() < 1e-3 && of_loss["gradient"] == "1", "{of_loss}");
    for wrong in ["/api/graph?run=net&name=loss", "/api/graph?run=net&name=loss&at=0", "/api/graph?run=net&name=x&at=12"] {
        assert!(!server.json(wrong).0, "{wrong}");
    }
    // One that is too large to be drawn says so.
    let mut large = NamedGraph::default();
    large.name = "large".into();
    let node = |id| {
        let mut node = GraphNode::default();
        node.id = id;
        node
    };
    large.nodes = (0..5000).map(node).collect();
    run.write(6, &Record::Graph(large)).expect("room");
    let answer = server.until("/api/network?run=net", |answer| list(&answer["graphs"]).len() == 2);
    let at = &answer["graphs"][0]["steps"][0][1];
    let (is_well, answer) = server.json(&format!("/api/graph?run=net&name=large&at={at}"));
    assert!(!is_well && answer["error"].as_str().is_some_and(|text| text.contains("5000 nodes")), "{answer}");
}

/// Scores of samples of three classes, some of them right.
fn scores() -> (Tensor<shape![200, 3]>, Vec<i64>) {
    let labels: Vec<i64> = (0..200).map(|at| (at * 7 % 3) as i64).collect();
    let of = labels.clone();
    let score = move |at: usize| {
        let own = if of[at / 3] == (at % 3) as i64 { 1.2 } else { 0.0 };
        own + ((at * 7919 % 1000) as f32 / 500.0) + (at / 3 % 5) as f32
    };
    (Tensor::from_fn(score), labels)
}

#[test]
fn figures_agree_with_those_of_the_library() {
    let server = Running::new();
    let mut run = server.run("net");
    let (scores, labels) = scores();
    let labels = Tensor::<shape![200], i64>::from_vec(labels).expect("labels");
    let images = Tensor::<shape![200, 1, 2, 2]>::full(0.5);
    run.predictions_of(3, "test", &images, &scores, &labels, &["cat", "dog", "a/b \"c\""]).expect("room");
    let answer = server.until("/api/predictions?run=net", |answer| answer["sets"] != json!([]));
    let at = &answer["sets"][0]["steps"][0][1];
    let of = format!("run=net&name=test&at={at}");
    let (_, told) = server.json(&format!("/api/predictions/classes?{of}"));
    let mut matrix = ConfusionMatrix::new(3);
    matrix.update(&scores, &labels);
    let mut all = ClassScores::new();
    all.update(&scores.softmax(Axis::<1>), &labels);
    let near = |value: &Value, wanted: f64| assert!((value.as_f64().expect("a number") - wanted).abs() < 1e-12, "{value} {wanted}");
    near(&told["accuracy"], matrix.accuracy());
    near(&told["average"]["f1"], matrix.average(Average::Macro).f1);
    near(&told["average"]["roc_auc"], all.roc_auc(Average::Macro));
    near(&told["average"]["average_precision"], all.average_precision(Average::Macro));
    assert!(told["by_softmax"] == true && told["samples"] == 200 && told["shown"][2]["name"] == "a/b \"c\"");
    for class in 0..3 {
        near(&told["shown"][class]["recall"], matrix.class(class).recall);
        near(&told["shown"][class]["roc_auc"], all.roc_auc_by_class()[class]);
        near(&told["shown"][class]["average_precision"], all.average_precision_by_class()[class]);
        for guess in 0..3 {
            assert_eq!(told["matrix"][class][guess], matrix.count(class, guess));
        }
    }
    let (_, drawn) = server.json(&format!("/api/predictions/curves?{of}&class=1&class=99"));
    let curves = list(&drawn["curves"]);
    let roc = list(&curves[0]["roc"]);
    let area: f64 = roc.windows(2).map(|pair| {
        let [a, b] = [&pair[0], &pair[1]].map(|point| [0, 1].map(|axis| point[axis].as_f64().expect("a number")));
        (b[0] - a[0]) * (a[1] + b[1]) / 2.0
    }).sum();
    assert!(curves.len() == 1 && (area - all.roc_auc_by_class()[1]).abs() < 1e-9, "{area}");
    // What is wrong, and of these one cell of the matrix.
    let (_, wrong) = server.json(&format!("/api/predictions/wrong?{of}"));
    let count = matrix.total() - (0..3).map(|class| matrix.count(class, class)).sum::<u64>();
    assert!(wrong["count"] == count && count > 10);
    let sample = &wrong["samples"][0];
    let number = sample["sample"].as_u64().expect("a number") as usize;
    assert_ne!(sample["label"], sample["guess"]);
    assert_eq!((&sample["pixels"]["width"], &sample["pixels"]["data"]), (&json!(2), &json!("gICAgA==")));
    let guess = scores.argmax().to_vec()[number] as usize;
    assert_eq!(sample["guess"], ["cat", "dog", "a/b \"c\""][guess]);
    let (_, some) = server.json(&format!("/api/predictions/wrong?{of}&label=0&guess=1"));
    assert_eq!(some["count"], matrix.count(0, 1));
    let (_, rest) = server.json(&format!("/api/predictions/wrong?{of}&from={}", count - 1));
    assert_eq!((list(&rest["samples"]).len(), &rest["count"]), (1, &json!(count)));
}

#[test]
fn names_and_numbers_that_nobody_would_write() {
    let server = Running::new();
    let mut run = server.run("strange");
    let mut row = parameter(EVIL);
    (row.norm, row.update, row.nans, row.verdict) = (f64::NAN, Some(f64::INFINITY), u64::MAX, EVIL.into());
    (row.shape, row.dead_rows, row.zeros) = (vec![usize::MAX, usize::MAX], u64::MAX, u64::MAX);
    let mut operation = OperationState::default();
    (operation.name, operation.layer, operation.saturated) = (EVIL.into(), EVIL.into(), Some(f64::NAN));
    (operation.shape, operation.dead) = (vec![usize::MAX; 5], Some((u64::MAX, 1)));
    let mut network = Network::default();
    // A layer that takes its own result, and one that comes later.
    network.layers = vec![layer(EVIL, EVIL, vec![0, 1], usize::MAX, usize::MAX), layer("", "Activation", vec![1], 0, 0)];
    network.svg = format!("<svg><script>alert(1)</script>{EVIL}</svg>");
    run.write(u64::MAX, &Record::Network(network)).expect("room");
    for step in [0, u64::MAX / 2, u64::MAX] {
        run.write(step, &Record::Gradients(vec![row.clone(), row.clone()])).expect("room");
        run.write(step, &Record::Operations(vec![operation.clone(); 3])).expect("room");
        run.write(step, &Record::Gradients(Vec::new())).expect("room");
    }
    let mut histogram = Histogram::default();
    (histogram.name, histogram.low, histogram.high, histogram.counts) = (EVIL.into(), f64::NAN, f64::NEG_INFINITY, vec![u64::MAX; 9]);
    (histogram.sum, histogram.nans) = (f64::INFINITY, u64::MAX);
    run.write(1, &Record::Histogram(histogram)).expect("room");
    let mut confusion = Confusion::default();
    (confusion.name, confusion.classes, confusion.counts) = (EVIL.into(), vec![EVIL.into(), String::new()], vec![u64::MAX; 4]);
    run.write(1, &Record::Confusion(confusion)).expect("room");
    run.write(2, &Record::Confusion(Confusion::default())).expect("room");
    let mut predictions = Predictions::default();
    predictions.name = EVIL.into();
    run.write(1, &Record::Predictions(predictions.clone())).expect("room");
    (predictions.classes, predictions.labels) = (vec![EVIL.into(); 3], vec![0, 1, 2, 2]);
    predictions.scores = vec![f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX, f32::MIN, 0.0, -0.0, 1.0, f32::NAN, 0.0, 0.0, 0.0];
    run.write(2, &Record::Predictions(predictions)).expect("room");
    let answer = server.until("/api/predictions?run=strange", |answer| list(&answer["sets"]).len() == 3);
    let (is_well, told) = server.json("/api/network?run=strange");
    assert!(is_well && told["layers"][0]["path"] == EVIL && told["histograms"] == json!([EVIL]));
    assert!(told.get("svg").is_none(), "a drawing that a file brings with it goes nowhere");
    assert!(server.json("/api/diagnosis?run=strange").0);
    assert!(server.json(&format!("/api/histograms?run=strange&name={}", coded(EVIL))).0);
    for set in list(&answer["sets"]) {
        let name = coded(set["name"].as_str().expect("text"));
        for step in list(&set["steps"]) {
            let of = format!("run=strange&name={name}&at={}", step[1]);
            let (is_well, told) = server.json(&format!("/api/predictions/classes?{of}"));
            // Counts whose sum is no number are the one thing that is refused.
            assert_eq!(is_well, told["error"].is_null() && !told["shown"].is_null(), "{told}");
            assert!(is_well || told["error"].as_str().is_some_and(|text| text.contains("too large to be added up")), "{told}");
            let has_scores = set["kind"] == "predictions";
            assert_eq!(server.json(&format!("/api/predictions/wrong?{of}&from=99")).0, has_scores);
            assert_eq!(server.json(&format!("/api/predictions/wrong?{of}&label=77")).0, has_scores);
            assert_eq!(server.json(&format!("/api/predictions/curves?{of}&class=0&class=2")).0, has_scores);
        }
    }
    for wrong in [
        "/api/network", "/api/network?run=none", "/api/diagnosis?run=none", "/api/histograms?run=strange", "/api/predictions",
        "/api/predictions/classes?run=strange&name=x&at=13", "/api/predictions/curves?run=strange&name=x&at=13&class=x",
    ] {
        let (is_well, answer) = server.json(wrong);
        assert!(!is_well && answer["error"].is_string(), "{wrong}: {answer}");
    }
    let many = "&class=1".repeat(17);
    assert!(!server.json(&format!("/api/predictions/curves?run=strange&name=x&at=13{many}")).0);
}

/// Of many classes, samples and parameters the answer is a part, and comes soon.
#[test]
fn records_that_are_huge() {
    let server = Running::new();
    let mut run = server.run("huge");
    let mut predictions = Predictions::default();
    predictions.classes = (0..1000).map(|class| format!("class {class}")).collect();
    predictions.labels = (0..2000).map(|at| at % 1000).collect();
    predictions.scores = (0..2_000_000_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 16) as f32).collect();
    run.write(1, &Record::Predictions(predictions)).expect("room");
    let rows: Vec<ParameterState> = (0..5000).map(|at| parameter(&format!("layer{at}.weight"))).collect();
    for step in 0..3 {
        run.write(step, &Record::Gradients(rows.clone())).expect("room");
    }
    let answer = server.until("/api/predictions?run=huge", |answer| answer["sets"] != json!([]));
    let at = &answer["sets"][0]["steps"][0][1];
    let (_, told) = server.json(&format!("/api/predictions/classes?run=huge&name=&at={at}"));
    assert_eq!((list(&told["shown"]).len(), list(&told["matrix"]).len(), &told["classes"]), (64, 64, &json!(1000)));
    assert!(told["average"]["roc_auc"].is_null() && told["shown"][0]["roc_auc"].is_number());
    let (_, wrong) = server.json(&format!("/api/predictions/wrong?run=huge&name=&at={at}"));
    assert!(list(&wrong["samples"]).len() == 32 && wrong["count"].as_u64() > Some(1000));
    let whole = |answer: &Value| answer["parameters"][0]["steps"] == json!([0, 1, 2]);
    let told = server.until("/api/network?run=huge", whole);
    assert_eq!((list(&told["parameters"]).len(), &told["left_out"]), (2000, &json!(3000)));
}
