//! Every window with each set of instructions, each way and both layouts.

use super::{Case, NAMES, ORDERS, Results, Window, cases, close};
use crate::kernels::DType;
use crate::kernels::conv::{Ways, with_ways};
use crate::kernels::simd::isa;
use crate::kernels::testing::{floats, with_each_isa};
use std::cell::Cell;

/// The ways, each with how far a result may be from the exact one, as a part of its scale: a sum of rounded products, and what
/// Winograd's transforms add to it. One of them is what is chosen without being told.
const WAYS: [(Ways, f64); 2] = [(Ways::Direct, 1e-5), (Ways::Winograd, 1e-4)];

/// Those that differ for a window.
fn ways(window: &Window) -> &'static [(Ways, f64)] {
    let tiled = window.kernel == [3; 2] && window.stride == [1; 2] && window.dilation == [1; 2] && window.groups == 1;
    if tiled { &WAYS } else { &WAYS[..1] }
}

/// Holds a case to what the plain way gives in `f64`, with each set of instructions and each way; how many times that was done.
pub(super) fn hold(case: &Case, transposed: bool) -> usize {
    hold_with(case, transposed, ways(&case.window), Case::number)
}

/// As [`hold`], by these ways, of operands with these numbers.
fn hold_with(
    case: &Case,
    transposed: bool,
    ways: &[(Ways, f64)],
    number: impl Fn(usize, usize) -> f32 + Copy,
) -> usize {
    let Results(want) = case.results(transposed, DType::F64, &ORDERS[0], number);
    let (want, terms, runs) = (want.map(|array| floats(&array)), case.terms(transposed), Cell::new(0));
    with_each_isa(|| {
        for (order, &(ways, tolerance)) in ORDERS.iter().flat_map(|order| ways.iter().map(move |way| (order, way))) {
            let Results(got) = with_ways(ways, || case.results(transposed, DType::F32, order, number));
            for (i, got) in got.iter().enumerate() {
                close(got, &want[i], terms[i], tolerance, || {
                    let kind = if transposed { "transposed " } else { "" };
                    format!("{} of the {kind}{case:?} in the order {order:?} with {:?}, {ways:?}", NAMES[i], isa())
                });
            }
            runs.set(runs.get() + 1);
        }
    });
    runs.get()
}

/// Every fourth window from `part`, so that the harness runs four tests side by side; every fourth of these as a transposed
/// convolution, too.
fn quarter(part: usize) {
    let cases = cases::all();
    assert!(cases.len() >= 2000, "{} windows", cases.len());
    for (i, case) in cases.iter().skip(part).step_by(4).enumerate() {
        let runs = hold(case, false);
        assert!(runs >= ORDERS.len());
        if i % 4 == 0 {
            hold(case, true);
        }
    }
}

#[test]
fn first_quarter() {
    quarter(0);
}

#[test]
fn second_quarter() {
    quarter(1);
}

#[test]
fn third_quarter() {
    quarter(2);
}

#[test]
fn fourth_quarter() {
    quarter(3);
}

/// What is not finite comes through to what it is part of, and to nothing else: not by way of a zero with which a border or a rest
/// of channels is filled up. The plain way multiplies the border's zeros by the result's gradient, so under a padding that one is
/// finite here.
#[test]
fn not_a_number_comes_through() {
    let cases = cases::all();
    for (i, case) in cases.iter().enumerate().filter(|(i, _)| i % 9 == 0) {
        let [inputs, outputs] = case.channels;
        let [high, wide] = case.places().expect("room for the window");
        let pixels = case.images * inputs * case.image[0] * case.image[1];
        let places = case.images * outputs * high * wide;
        for (j, bad) in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY].into_iter().enumerate() {
            let (x, g) = ((i * 7 + j * 31) % pixels, (i * 5 + j * 17) % places);
            let padded = case.window.padding != [[0; 2]; 2];
            hold_with(case, false, &WAYS[..1], |operand, i| match (operand, i) {
                (0, i) if i == x => bad,
                (3, i) if i == g && !padded => bad,
                _ => Case::number(operand, i),
            });
        }
    }
}
