//! Operations against ndarray and plain loops, over random shapes, strides and broadcasts: tensors that lie in memory in any
//! order of their axes, are cut out of larger ones, stretched, and turned round.
//!
//! `FUSION_CASES=20 cargo test --release -p fusion-tests --test properties` tries twenty times as many.

#[path = "properties/arrays.rs"]
mod arrays;
#[path = "properties/elements.rs"]
mod elements;
#[path = "properties/lines.rs"]
mod lines;
#[path = "properties/moves.rs"]
mod moves;
#[path = "properties/windows.rs"]
mod windows;

use arrays::{Draw, Number, source};
use fusion::prelude::*;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};

/// What a case of a family finds.
type Outcome = Result<(), String>;

/// An element type that operations compute in, and how far from `f64` they may be.
trait Real: Number + Float {
    const SHARE: f64;
}
impl Real for f32 {
    const SHARE: f64 = 2e-5;
}
impl Real for f64 {
    const SHARE: f64 = 1e-11;
}

/// One test for each family: its name, how many cases it tries, and what checks one, in `f32` or in `f64`.
macro_rules! families {
    ($($name:ident $cases:literal $check:path;)*) => {
        const ALL: u32 = 0 $(+ $cases)*;
        $(
            #[test]
            fn $name() {
                run($cases, |draw| match draw.below(2) {
                    0 => $check(draw, std::marker::PhantomData::<f32>),
                    _ => $check(draw, std::marker::PhantomData::<f64>),
                });
            }
        )*
    };
}
families! {
    functions_of_one_element 1500 elements::unary;
    functions_of_two_elements 2500 elements::binary;
    choices 800 elements::choices;
    reductions 2000 lines::reductions;
    running_sums 600 lines::scans;
    orders 1200 lines::orders;
    softmaxes 500 lines::softmaxes;
    movements_in_a_row 2000 moves::movements;
    joins 700 moves::joins;
    rows_by_index 400 moves::rows;
    products 1200 moves::products;
    convolutions 400 windows::convolutions;
    transposed_convolutions 300 windows::transposed;
    pools 500 windows::pools;
}
const _: () = assert!(ALL >= 10_000);

/// Draws the same cases each time.
fn runner(cases: u32) -> TestRunner {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

fn run(cases: u32, check: impl Fn(&mut Draw) -> Outcome) {
    let times = std::env::var("FUSION_CASES").map_or(1, |n| n.parse().expect("how many times as many cases"));
    let result =
        runner(cases * times).run(&source(), |source| check(&mut Draw::new(source)).map_err(TestCaseError::fail));
    if let Err(problem) = result {
        panic!("{problem}");
    }
}

/// These tests can fail, and do not try the same simple tensors again and again.
#[test]
fn what_is_drawn() {
    let (mut empty, mut scattered, mut alone) = (0, 0, 0);
    let (mut runner, counts) = (runner(1), 500);
    for _ in 0..counts {
        let mut draw = Draw::new(source().new_tree(&mut runner).expect("a source").current());
        let sizes = draw.sizes.clone();
        let x = draw.tensor::<f32>(&sizes, arrays::Values::Any);
        empty += u32::from(x.array.is_empty());
        scattered += u32::from(!x.value.array().is_contiguous());
        alone += u32::from(x.array.len() == 1);
        arrays::equal::<f32>("itself", &x.value, &x.numbers(), 0.0).expect("equal");
        let mut wrong = x.numbers();
        if let Some(last) = wrong.iter_mut().last() {
            *last += 1e-3;
            assert!(arrays::equal::<f32>("another", &x.value, &wrong, f32::SHARE).is_err(), "{sizes:?}");
        }
    }
    println!("of {counts}: {empty} empty, {alone} of one element, {scattered} not in C order");
    assert!(5 * empty < counts && 3 * alone < counts && 3 * scattered > counts);
}
