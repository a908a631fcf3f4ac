//! What is generic over sizes, by value; and sizes that have a name, when the program runs.

use fusion::prelude::*;
use std::panic::{AssertUnwindSafe, catch_unwind};

struct Batch;
struct Time;

type Rows = Tensor<shape![Dyn<Batch>, 3]>;

fn rows(n: usize) -> Rows {
    Tensor::from_fn_sized(&[n, 3], |i| i as f32).expect("sizes that fit")
}

/// What a panic says.
fn panic_of<R>(f: impl FnOnce() -> R) -> String {
    let Err(payload) = catch_unwind(AssertUnwindSafe(f)) else { panic!("no panic") };
    payload.downcast_ref::<String>().expect("a sentence").clone()
}

#[test]
fn sizes_of_one_name_are_equal() {
    let (one, five) = (rows(1), rows(5));
    let sentence = "sizes of one name are equal, but [1, 3] and [5, 3] have 1 and 5 under one name";
    assert_eq!(panic_of(|| &one + &five), sentence);
    assert_eq!(panic_of(|| one.clone() * five.clone()), sentence);
    assert_eq!(one.try_sub(&five).expect_err("an error").to_string(), sentence);
    // Aligned at the end, and of one name: the axis in front does not matter.
    let stack = Tensor::<shape![2, Dyn<Batch>, 3]>::zeros_sized(&[2, 5, 3]).expect("sizes that fit");
    assert!(panic_of(|| &stack - &one).contains("have 5 and 1 under one name"));
    assert_eq!((&stack + &five).shape(), [2, 5, 3]);
    // A 1 that the compiler knows, and a `Dyn` without a name, stretch as ever.
    assert_eq!((Tensor::<shape![1, 3]>::ones() + &five).shape(), [5, 3]);
    assert_eq!((&one.to_dynamic::<shape![Dyn, 3]>() + &five).shape(), [5, 3]);
    assert_eq!((&five + &five).to_vec()[14], 28.0);
}

#[test]
fn a_reshape_keeps_a_size_that_has_a_name() {
    let x = Tensor::<shape![Dyn<Batch>, 28, 28]>::zeros_sized(&[25, 28, 28]).expect("sizes that fit");
    assert_eq!(x.reshape::<shape![Dyn<Batch>, 784]>().shape(), [25, 784]);
    assert_eq!(x.reshape::<shape![Dyn<Batch>, Dyn, 7]>().shape(), [25, 112, 7]);
    // Without the name it is worked out.
    assert_eq!(x.reshape::<shape![Dyn, 700]>().shape(), [28, 700]);
    // Two names, and wherever they stand.
    let films = Tensor::<shape![Dyn<Batch>, Dyn<Time>, 6]>::zeros_sized(&[2, 5, 6]).expect("sizes that fit");
    assert_eq!(films.reshape::<shape![Dyn<Batch>, Dyn<Time>, 2, 3]>().shape(), [2, 5, 2, 3]);
    assert_eq!(films.reshape::<shape![Dyn<Batch>, 3, Dyn<Time>, 2]>().shape(), [2, 3, 5, 2]);
    // What the compiler cannot see is seen when it runs: twice as many rows are not the batch.
    let doubled = Tensor::<shape![Dyn<Batch>, Dyn]>::zeros_sized(&[3, 4]).expect("sizes that fit");
    assert!(doubled.try_reshape::<shape![2, Dyn<Batch>, 1]>().is_err());
    assert_eq!(doubled.reshape::<shape![2, Dyn<Batch>, 2]>().shape(), [2, 3, 2]);
}

/// What is known of every size is enough.
fn rearranged<B: Dim, T: Dim>(x: &Tensor<shape![B, T, 12]>) -> Tensor<shape![B, 3, T, 4]> {
    x.reshape::<shape![B, T, 3, 4]>().transpose(Axis::<1>, Axis::<2>)
}

#[test]
fn a_generic_reshape_is_the_same_for_known_and_open_sizes() {
    let x = Tensor::<shape![2, 5, 12]>::from_fn(|i| i as f32);
    let known = rearranged(&x).to_vec();
    assert_eq!(known[4], 12.0);
    assert_eq!(rearranged(&x.to_dynamic::<shape![Dyn, 5, 12]>()).to_vec(), known);
    assert_eq!(rearranged(&x.to_dynamic::<shape![2, Dyn, 12]>()).to_vec(), known);
    assert_eq!(rearranged(&x.to_dynamic::<shape![Dyn, Dyn, 12]>()).to_vec(), known);
    assert_eq!(rearranged(&x.to_dynamic::<shape![Dyn<Batch>, Dyn<Time>, 12]>()).to_vec(), known);
    assert_eq!(rearranged(&x.to_dynamic::<shape![Dyn<Batch>, Dyn, 12]>()).to_vec(), known);
}

/// `[B, C]` with mean 0 and variance 1 in each row, and the product of each row with each.
fn gram<B: Dim, C: Dim, T: Float>(x: &Tensor<(B, C), T>) -> Tensor<(B, B), T> {
    let centred = x - x.mean_keep(Axis::<-1>);
    let scaled = &centred / centred.square().mean_keep(Axis::<-1>).sqrt();
    scaled.matmul(&scaled.t()) / x.shape()[1]
}

#[test]
fn generic_arithmetic_is_numpys() {
    let x = Tensor::<shape![2, 3], f64>::from([[1.0, 2.0, 3.0], [1.0, 0.0, 5.0]]);
    let expected = [1.0, 0.755929, 0.755929, 1.0]; // numpy.corrcoef
    for (y, expected) in gram(&x).to_vec().into_iter().zip(expected) {
        assert!((y - expected).abs() < 1e-6, "{y} and {expected}");
    }
    assert_eq!(gram(&x.to_dynamic::<shape![Dyn, Dyn]>()).to_vec(), gram(&x).to_vec());
}
