//! What the server tells of networks and predictions: of runs as trainings write them, and of such as nobody would.

mod common;

use common::trainings::{gradients, operations};
use common::{Running, coded};
use fusion::prelude::*;
use fusion::train::metrics::{Average, ClassScores, ConfusionMatrix};
use serde_json::{Value, json};

const EVIL: &str = "</script><img src=x onerror=alert(1)> \"'&/../\u{202e}\0";

model! { Block<C: Dim>: [C] -> [C] { fc: Linear<_, C>, Tanh } }
model! { Net: [4] -> [2] { fc1: Linear<_, 4>, Relu, more: 3 * Block<4>, out: Linear<_, 2> } }

fn list(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap_or_else(|| panic!("no list: {value}"))
}

#[test]
fn layers_with_their_figures() {
    let server = Running::new();
    let mut run = server.run("net");
    let mut net = Net::init(&mut StdRng::seed_from_u64(0));
    net.fc1.bias = Some(Tensor::from([-100.0, -100.0, -100.0, 100.0]).parameter());
    run.network(&net.sketch()).expect("room");
    for step in [0, 10, 20] {
        let x = Tensor::<shape![32, 4]>::ones().trace_with(Trace::training().keep_values());
        let loss = net.forward(x).square().mean();
        run.operations(step, &loss.explain(), &net).expect("room");
        let gradients = loss.backward();
        let mut report = gradients.explain(&net);
        Sgd::new(0.01).step(&mut net, gradients);
        report.measure(&net);
        run.gradients(step, &report).expect("room");
    }
    run.histogram(20, "fc1.weight", &Tensor::<shape![4]>::from([-1.0, 0.0, 0.0, 1.0])).expect("room");
    let answer = server.until("/api/network?run=net", |answer| {
        answer["parameters"][0]["steps"] == json!([0, 10, 20]) && answer["histograms"] == json!(["fc1.weight"])
    });
    let layers = list(&answer["layers"]);
    let find =
        |path: &str| layers.iter().find(|layer| layer["path"] == path).unwrap_or_else(|| panic!("no {path}: {answer}"));
    let paths = |layer: &Value, kind: &str, of: &str, name: &str| {
        let places = list(&layer[kind]).iter().map(|at| at.as_u64().expect("a place") as usize);
        places.map(|at| answer[of][at][name].as_str().expect("text").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(paths(find("fc1"), "owns", "parameters", "path"), ["fc1.weight", "fc1.bias"]);
    // Of three in a row the first is drawn, with what is told of all.
    let of_block = paths(find("more.0.fc"), "owns", "parameters", "path");
    assert_eq!((of_block.len(), &of_block[0], &of_block[5]), (6, &"more.0.fc.weight".into(), &"more.2.fc.bias".into()));
    // An activation shows what it does to the layer before it.
    let relu = layers.iter().find(|layer| layer["layer"] == "Relu").expect("one");
    for layer in [find("fc1"), relu] {
        assert_eq!(paths(layer, "does", "operations", "name"), ["linear relu"]);
    }
    assert_eq!(paths(find("more.0.fc"), "does", "operations", "layer"), ["more.0.fc", "more.1.fc", "more.2.fc"]);
    assert_eq!(answer["operations"][0]["dead"], json!([0.75, 0.75, 0.75]));
    let first = &answer["parameters"][0];
    assert_eq!((&first["dead"][0], &first["zeros"][2], &first["shape"]), (&json!(0.75), &json!(0.75), &json!([4, 4])));
    assert!(first["update"][0].as_f64().is_some_and(|update| update > 0.0 && update < 1.0), "{first}");
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
    for wrong in
        ["/api/graph?run=net&name=loss", "/api/graph?run=net&name=loss&at=0", "/api/graph?run=net&name=x&at=12"]
    {
        assert!(!server.json(wrong).0, "{wrong}");
    }
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
    let near = |value: &Value, wanted: f64| {
        assert!((value.as_f64().expect("a number") - wanted).abs() < 1e-12, "{value} {wanted}")
    };
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
    let area: f64 = roc
        .windows(2)
        .map(|pair| {
            let [a, b] = [&pair[0], &pair[1]].map(|point| [0, 1].map(|axis| point[axis].as_f64().expect("a number")));
            (b[0] - a[0]) * (a[1] + b[1]) / 2.0
        })
        .sum();
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
    for step in [0, u64::MAX / 2, u64::MAX] {
        let mut report = gradients(&[EVIL, EVIL, ""]);
        for row in &mut report.rows {
            (row.gradient.norm, row.update, row.gradient.nans) = (f64::NAN, Some(f64::INFINITY), usize::MAX);
            (row.shape, row.dead_rows, row.gradient.zeros) = (vec![usize::MAX, usize::MAX], usize::MAX, usize::MAX);
        }
        run.gradients(step, &report).expect("room");
        report.rows.clear();
        run.gradients(step, &report).expect("room");
        let (mut report, net) = operations();
        for row in &mut report.rows {
            (row.name, row.shape, row.saturated) = (EVIL, vec![usize::MAX; 5], Some(f64::NAN));
            row.dead_units = Some((usize::MAX, 1));
        }
        run.operations(step, &report, &net).expect("room");
    }
    run.histogram(1, EVIL, &Tensor::<shape![3]>::from([f32::NAN, f32::INFINITY, f32::MAX])).expect("room");
    run.confusion(1, EVIL, &ConfusionMatrix::named([EVIL, ""])).expect("room");
    let none = Tensor::<shape![Dyn, 3]>::zeros_sized(&[0, 3]).expect("room");
    let numbers =
        [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX, f32::MIN, 0.0, -0.0, 1.0, f32::NAN, 0.0, 0.0, 0.0];
    let scores = Tensor::<shape![4, 3]>::from_vec(numbers.to_vec()).expect("room");
    run.predictions(1, EVIL, &none, &Tensor::<shape![Dyn], i64>::from(Vec::new()), &[""; 3]).expect("room");
    run.predictions(2, EVIL, &scores, &Tensor::from([0, 1, 2, 2]), &[EVIL; 3]).expect("room");
    let answer = server.until("/api/predictions?run=strange", |answer| list(&answer["sets"]).len() == 2);
    let (is_well, told) = server.json("/api/network?run=strange");
    assert!(is_well && told["histograms"] == json!([EVIL]) && told["operations"][0]["name"] == EVIL, "{told}");
    assert!(told.get("svg").is_none(), "a drawing that a file brings with it goes nowhere");
    assert!(server.json("/api/diagnosis?run=strange").0);
    assert!(server.json(&format!("/api/histograms?run=strange&name={}", coded(EVIL))).0);
    for set in list(&answer["sets"]) {
        let name = coded(set["name"].as_str().expect("text"));
        for step in list(&set["steps"]) {
            let of = format!("run=strange&name={name}&at={}", step[1]);
            let (is_well, told) = server.json(&format!("/api/predictions/classes?{of}"));
            assert!(is_well && told["shown"].is_array(), "{told}");
            let has_scores = set["kind"] == "predictions";
            assert_eq!(server.json(&format!("/api/predictions/wrong?{of}&from=99")).0, has_scores);
            assert_eq!(server.json(&format!("/api/predictions/wrong?{of}&label=77")).0, has_scores);
            assert_eq!(server.json(&format!("/api/predictions/curves?{of}&class=0&class=2")).0, has_scores);
        }
    }
    for wrong in [
        "/api/network",
        "/api/network?run=none",
        "/api/diagnosis?run=none",
        "/api/histograms?run=strange",
        "/api/predictions",
        "/api/predictions/classes?run=strange&name=x&at=13",
        "/api/predictions/curves?run=strange&name=x&at=13&class=x",
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
    let classes: Vec<String> = (0..1000).map(|class| format!("class {class}")).collect();
    let labels = Tensor::<shape![Dyn], i64>::from((0..2000).map(|at| at % 1000).collect::<Vec<_>>());
    let scores: Vec<f32> = (0..2_000_000_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 16) as f32).collect();
    let scores = Tensor::<shape![Dyn, Dyn]>::from_vec_sized(scores, &[2000, 1000]).expect("room");
    run.predictions(1, "", &scores, &labels, &classes).expect("room");
    let paths: Vec<String> = (0..5000).map(|at| format!("layer{at}.weight")).collect();
    let report = gradients(&paths.iter().map(String::as_str).collect::<Vec<_>>());
    for step in 0..3 {
        run.gradients(step, &report).expect("room");
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
