//! The learning rates of schedules, step by step.

use crate::golden::{json, numbers, sizes};
use fusion::prelude::*;
use schedule::{Anneal, Mode, ThresholdMode};
use serde_json::Value as Json;

const BASE: f64 = 0.1;

/// Sets what is in a run's arguments: `set!(schedule, params; gamma: number)`.
macro_rules! set {
    ($schedule:expr, $params:expr; $($name:ident: $as:ident),*) => {{
        let mut made = $schedule;
        for (name, value) in $params.as_object().expect("arguments") {
            $(
                if name.eq_ignore_ascii_case(stringify!($name)) {
                    made = made.$name($as(value));
                }
            )*
        }
        made
    }};
}

fn number(x: &Json) -> f64 {
    x.as_f64().expect("a number")
}

fn count(x: &Json) -> usize {
    x.as_u64().expect("a count") as usize
}

fn is(x: &Json) -> bool {
    x.as_bool().expect("yes or no")
}

fn anneal(x: &Json) -> Anneal {
    if x == "linear" { Anneal::Linear } else { Anneal::Cos }
}

fn mode(x: &Json) -> Mode {
    if x == "max" { Mode::Max } else { Mode::Min }
}

fn threshold_mode(x: &Json) -> ThresholdMode {
    if x == "abs" { ThresholdMode::Abs } else { ThresholdMode::Rel }
}

fn made(run: &Json) -> Box<dyn Schedule> {
    let params = &run["params"];
    let total = params.get("total_iters").map_or(5, count);
    match run["op"].as_str().expect("a name") {
        "ConstantLR" => Box::new(set!(schedule::Constant::new(BASE, total), params; factor: number)),
        "LinearLR" => {
            Box::new(set!(schedule::Linear::new(BASE, total), params; start_factor: number, end_factor: number))
        }
        "StepLR" => Box::new(set!(schedule::Step::new(BASE, count(&params["step_size"])), params; gamma: number)),
        "MultiStepLR" => {
            Box::new(set!(schedule::MultiStep::new(BASE, sizes(&params["milestones"])), params; gamma: number))
        }
        "ExponentialLR" => Box::new(schedule::Exponential::new(BASE, number(&params["gamma"]))),
        "PolynomialLR" => Box::new(set!(schedule::Polynomial::new(BASE, total), params; power: number)),
        "CosineAnnealingLR" => {
            Box::new(set!(schedule::CosineAnnealing::new(BASE, count(&params["T_max"])), params; eta_min: number))
        }
        "CosineAnnealingWarmRestarts" => Box::new(set!(
            schedule::CosineAnnealingWarmRestarts::new(BASE, count(&params["T_0"])), params;
            t_mult: count, eta_min: number
        )),
        "OneCycleLR" => Box::new(set!(
            schedule::OneCycle::new(number(&params["max_lr"]), count(&params["total_steps"])), params;
            pct_start: number, anneal_strategy: anneal, div_factor: number, final_div_factor: number, three_phase: is
        )),
        other => panic!("{other} is new"),
    }
}

fn hold(run: &Json, rate: impl FnMut(usize) -> f64) {
    let want: Vec<f64> = numbers(&run["rates"]);
    assert!(want.len() >= 50);
    let found: Vec<f64> = (0..want.len()).map(rate).collect();
    for (step, (found, want)) in found.iter().zip(&want).enumerate() {
        let what = (&run["op"], &run["params"], &run["first"], &run["next"]);
        assert!((found - want).abs() <= 1e-13 * BASE, "{what:?}, step {step}: {found} instead of {want}");
    }
}

#[test]
fn schedules_have_pytorchs_rates() {
    let file = json("schedules.json");
    let mut held = 0;
    for run in file["runs"].as_array().expect("runs") {
        held += 1;
        if run.get("first").is_some() {
            let chain = made(&run["first"]).then(count(&run["milestone"]), made(&run["next"]));
            hold(run, |step| chain.rate(step));
            let first = &run["first"];
            if first["op"] == "LinearLR" {
                let start = number(&first["params"]["start_factor"]);
                let warm = made(&run["next"]).linear_warmup(count(&run["milestone"]), start);
                hold(run, |step| warm.rate(step));
            }
        } else if run["op"] == "ReduceLROnPlateau" {
            let params = &run["params"];
            let mut plateau = set!(
                schedule::Plateau::new(BASE), params;
                mode: mode, factor: number, patience: count, threshold: number, threshold_mode: threshold_mode,
                cooldown: count, min_lr: number, eps: number
            );
            let metrics: Vec<f64> = numbers(&run["metrics"]);
            // Saved and loaded between any two steps, it goes on.
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("plateau");
            hold(run, |step| {
                plateau.save(&path).unwrap();
                plateau = schedule::Plateau::load(&path).unwrap();
                plateau.step(metrics[step])
            });
        } else {
            let schedule = made(run);
            hold(run, |step| schedule.rate(step));
        }
    }
    assert_eq!(held, 31);
}

#[test]
fn a_file_that_is_no_plateau_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plateau");
    Linear::<dim!(2), dim!(2)>::init(&mut StdRng::seed_from_u64(0)).save(&path).unwrap();
    let error = schedule::Plateau::load(&path).unwrap_err().to_string();
    assert!(error.contains("its metadata has no `schedule`: no schedule wrote it"), "{error}");
}

/// After its last step, and with as few steps as can be, a schedule still has a rate.
#[test]
fn the_ends_of_schedules() {
    let cycle = schedule::OneCycle::new(0.1, 10);
    assert_eq!(cycle.rate(9), cycle.rate(usize::MAX));
    for total in 1..6 {
        for pct in [0.0, 0.25, 0.5, 1.0] {
            for phases in [false, true] {
                let cycle = schedule::OneCycle::new(0.1, total).pct_start(pct).three_phase(phases);
                assert!((0..8).all(|step| (0.0..=0.1).contains(&cycle.rate(step))), "{cycle:?}");
            }
        }
    }
    assert!(schedule::CosineAnnealingWarmRestarts::new(0.1, 1).t_mult(3).rate(usize::MAX).is_finite());
    assert_eq!(0.1.cosine_warmup(0, 0.5).rate(0), 0.1);
    assert_eq!(schedule::Polynomial::new(0.1, 5).power(0.0).rate(9), 0.1);
}
