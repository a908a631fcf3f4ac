//! The diagnosis of real trainings: each mistake gets its sentence, a training that goes well none.

mod common;

use common::Running;
use common::trainings::{Mistake, Plan, train};
use serde_json::Value;

const SEEDS: [u64; 3] = [0, 1, 2];

/// What the board finds wrong with a training.
fn findings(mistake: Mistake, seed: u64, steps: u64) -> Vec<Value> {
    let server = Running::new();
    let plan = Plan { mistake, seed, steps, every: 4, full: false };
    train(&mut server.run("digits"), plan).expect("a training");
    let whole = |answer: &Value| answer["gradients"].as_u64() == Some(steps.div_ceil(4).min(64));
    let answer = server.until("/api/diagnosis?run=digits", whole);
    assert_eq!((&answer["loss"], &answer["operations"]), (&"loss".into(), &answer["gradients"]), "{answer}");
    answer["findings"].as_array().expect("a list").clone()
}

/// There is one thing wrong: this, at these layers.
#[track_caller]
fn is(found: &[Value], cause: &str, layers: &[&str], part: &str) {
    assert_eq!(found.len(), 1, "{found:#?}");
    let (finding, sentence) = (&found[0], found[0]["sentence"].as_str().expect("a sentence"));
    assert!(finding["cause"] == cause && sentence.contains(part) && finding["is_problem"] == true, "{finding:#}");
    if !layers.is_empty() {
        assert_eq!(finding["layers"], serde_json::json!(layers), "{finding:#}");
        assert!(layers.iter().all(|layer| sentence.contains(&format!("`{layer}`"))), "{sentence}");
    }
    let remedies = finding["remedies"].as_array().expect("a list");
    assert!(
        !remedies.is_empty() && remedies.iter().all(|remedy| remedy.as_str().is_some_and(|text| text.ends_with('.')))
    );
    println!("{sentence}");
}

#[test]
fn a_learning_rate_100_times_too_high() {
    for seed in SEEDS {
        is(&findings(Mistake::Rate, seed, 60), "learning_rate", &[], "learning rate (0.3) is far too high");
        is(&findings(Mistake::RateOfSgd, seed, 60), "learning_rate", &[], "learning rate (20) is far too high");
    }
}

#[test]
fn tanh_saturated_by_unscaled_inputs() {
    for seed in SEEDS {
        is(&findings(Mistake::Unscaled, seed, 40), "saturated", &["fc1"], "inputs that are too large");
    }
}

#[test]
fn dead_relus() {
    for seed in SEEDS {
        let said = "100% of its units have been 0 for all samples for 36 steps";
        is(&findings(Mistake::Dead, seed, 40), "dead_units", &["fc2"], said);
        is(&findings(Mistake::DeadChannels, seed, 40), "dead_units", &["norm2"], said);
    }
}

#[test]
fn a_layer_frozen_by_mistake() {
    for seed in SEEDS {
        is(&findings(Mistake::Cut, seed, 40), "frozen", &["fc1"], "no gradient comes to it");
        is(&findings(Mistake::LeftOut, seed, 40), "frozen", &["fc2"], "no step has changed it");
    }
}

#[test]
fn trainings_that_go_well() {
    let go = |mistake, seed, steps| {
        let found = findings(mistake, seed, steps);
        assert!(found.is_empty(), "{mistake:?}, seed {seed}: {found:#?}");
    };
    for (seed, steps) in [(0, 240), (1, 60), (2, 12), (3, 60), (4, 4)] {
        go(Mistake::Nothing, seed, steps);
        go(Mistake::NothingOfTanh, seed, steps);
    }
    for seed in SEEDS {
        go(Mistake::NothingOfSgd, seed, 60);
        go(Mistake::NothingOfSigmoid, seed, 60);
        go(Mistake::NothingOfConvs, seed, 20);
    }
}
