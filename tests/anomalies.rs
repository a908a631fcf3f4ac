//! Where a number that is none comes from: the operation, and the line of this file that called it.

use fusion::prelude::*;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The sentence with which `f` panics.
#[track_caller]
fn panics<R>(f: impl FnOnce() -> R) -> String {
    match catch_unwind(AssertUnwindSafe(f)) {
        Ok(_) => panic!("no panic"),
        Err(payload) => *payload.downcast::<String>().expect("a sentence"),
    }
}

fn hunted<S: Shape, T: Float>(x: &Tensor<S, T>) -> Tensor<S, T> {
    x.watch_with(Trace::training().detect_anomalies())
}

/// Fails unless `text` names this line, counted from `line`.
#[track_caller]
fn names_line(text: &str, line: u32) {
    assert!(text.contains(&format!("anomalies.rs:{line}:")), "not line {line}: {text}");
}

fused! {
    /// `1 / x`
    fn inverse(x) = 1 / x;
}

model! { Net: [2] -> [2] {
    fc1: Linear<_, 2>,
    fc2: Linear<_, 2>, Tanh,
} }
/// The line of `fc2`.
const FC2: u32 = line!() - 3;

#[test]
fn forward() {
    let x = Tensor::<shape![3]>::from([1.0, 0.0, -2.0]);
    let text = panics(|| hunted(&x).abs().ln());
    names_line(&text, line!() - 1);
    assert!(
        text.starts_with(
            "`ln` makes an infinite number in 1 of 3 elements of [3] of inputs that have no such number: it is called at "
        ),
        "{text}"
    );
    let text = panics(|| hunted(&x).ln());
    assert!(text.contains("makes NaN in 1 and an infinite number in 1 of 3 elements"), "{text}");
    // Operators, with what is not traced.
    let text = panics(|| &hunted(&x.ones_like()) / &x);
    names_line(&text, line!() - 1);
    assert!(text.starts_with("`div` makes an infinite number"), "{text}");
    assert!(text.contains("of traced inputs that have no such number, and of a parameter or a constant"), "{text}");
    let text = panics(|| (hunted(&x) * 1e30) * 1e30);
    names_line(&text, line!() - 1);
    // A function of the program's own.
    let text = panics(|| inverse(&hunted(&x)));
    names_line(&text, line!() - 1);
    assert!(text.starts_with("`inverse` makes"), "{text}");
    let text = panics(|| fusion::record("mine", &hunted(&x), x.ln(), |g, _, _| g));
    names_line(&text, line!() - 1);
    // What the trace begins with.
    let text = panics(|| hunted(&x.ln()));
    assert_eq!(text, "`watch` of a tensor of [3] that has NaN in 1 and an infinite number in 1 of 3 elements already");
}

#[test]
fn the_layer_of_a_model() {
    let mut net = Net::init(&mut StdRng::seed_from_u64(0));
    net.fc2.bias = Some(Tensor::full(f32::NAN).parameter());
    let x = Tensor::<shape![4, 2]>::ones();
    let text = panics(|| net.forward(hunted(&x)));
    names_line(&text, FC2);
    assert!(text.starts_with("`linear` makes NaN in 8 of 8 elements of [4, 2] of traced inputs"), "{text}");
}

#[test]
fn backward() {
    let x = Tensor::<shape![2]>::from([4.0, 0.0]);
    let y = hunted(&x).sqrt();
    let line = line!() - 1;
    let text = panics(|| y.sum().backward());
    names_line(&text, line);
    assert!(
        text.starts_with(
            "the gradient of `sqrt` has an infinite number in 1 of 2 elements of [2], of an incoming gradient that has no \
             such number: the operation is called at "
        ),
        "{text}"
    );
    // The same in a pass that is recorded, where the rule's operations are looked at.
    let y = hunted(&x).sqrt();
    let line = line!() - 1;
    let text = panics(|| y.sum().backward_with(Tensor::from(1.0).trace()));
    names_line(&text, line);
    // Two gradients that only their sum makes infinite.
    let x = hunted(&Tensor::<shape![1]>::from([1.0]));
    let h = &x * 1e-38;
    let line = line!() - 1;
    let text = panics(|| ((&h * 2e38 + &h * 2e38) * 0.01 * 100.0).sum().backward());
    names_line(&text, line);
    assert!(text.starts_with("the gradient that reaches `mul scalar`, the seed or a sum of several,"), "{text}");
    let text = panics(|| (&x * 2.0).backward_with(Tensor::from([f32::NAN])));
    assert!(text.contains("the seed or a sum of several, has NaN in 1 of 1 element of [1]"), "{text}");
}

#[test]
fn in_a_checkpoint() {
    let x = Tensor::<shape![2]>::from([4.0, 0.0]);
    let part = |x: &Tensor<shape![2]>| {
        fusion::checkpoint(&(), hunted(x), |(), x| {
            x.sqrt() // here
        })
    };
    let line = line!() - 3;
    let text = panics(|| part(&x).sum().backward());
    names_line(&text, line);
    assert!(text.starts_with("the gradient of `sqrt`"), "{text}");
    let text = panics(|| part(&-x));
    names_line(&text, line);
}

#[test]
fn nan_alone_or_nothing() {
    let x = Tensor::<shape![3]>::from([1.0, 0.0, -2.0]);
    let hidden = Tensor::<shape![3], bool>::from([false, true, true]);
    let masked = |trace: Trace| x.watch_with(trace).masked_fill(&hidden, f64::NEG_INFINITY).softmax(Axis::<0>).sum();
    let _ = masked(Trace::training().detect_nan()).backward();
    assert!(
        panics(|| masked(Trace::training().detect_anomalies())).starts_with("`masked_fill` makes an infinite number")
    );
    let text = panics(|| x.watch_with(Trace::evaluation().detect_nan()).ln());
    assert!(text.contains("NaN in 1 of 3 elements of [3] of inputs that have no NaN"), "{text}");
    let y = x.watch().ln();
    assert!(y.to_vec()[2].is_nan());
    // Where traces meet, the one that looks goes on looking.
    let text = panics(|| (x.watch() + hunted(&x.zeros_like())).ln());
    assert!(text.starts_with("`ln` makes NaN"), "{text}");
}
