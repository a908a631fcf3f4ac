//! Numbers and arrays on either side of an operator, with known and with free shapes and element types.

use fusion::prelude::*;
use fusion::tensor::Scalar;

fn free<S: Shape, T: Float>(x: Tensor<S, T>) -> Tensor<S, T> {
    let y = &x * 2.0 / 4 + 1u8 - 0.5f32;
    let y = y * T::from_f64(3.0);
    -(y / x.num_elements() as f64)
}

/// A whole number on the left, too, whatever the type of the elements; of a number with a point the type is that of the tensor.
fn reversed<S: Shape, T: Float>(x: &Tensor<S, T>) -> Tensor<S, T> {
    (1 - x * 2).exp() * (2 * x) / (1 / (x.clone() + 3))
}

fn shifted<B: Dim, C: Dim>(x: &Tensor<(B, C)>) -> Tensor<(B, C)> {
    [0.5] + (x - [[1.0]]) * [2.0]
}

fn scaled<S, T: Float, N: Scalar>(x: &Tensor<S, T>, by: N) -> Tensor<S, T> {
    x * by
}

/// A bound on the shape must not lead rustc to take a number for a tensor.
fn added<S: Shape>(x: &Tensor<S>, y: &Tensor<S>) -> Tensor<S> {
    (x + y) * 2.0 + (2.0 * x - 1)
}

#[test]
fn main() {
    let x = Tensor::<shape![2]>::from([1.0, 2.0]);
    // Nothing needs an annotation.
    assert_eq!((&x * 2.0).sum().item(), 6.0);
    assert_eq!((x.clone() * 2).square().mean().item(), 10.0);
    assert_eq!((&x / x.num_elements() as f64).to_vec(), [0.5, 1.0]);
    assert_eq!((&x - 1usize + 1i64 + 0.5f64).to_vec(), [1.5, 2.5]);
    assert_eq!((1.0 - &x * -1).to_vec(), [2.0, 3.0]);
    let loss = x.sum() * 0.5f64;
    assert_eq!(loss.item(), 1.5);
    let y: Tensor<shape![2]> = &x * &x + x.mean() * x.clone();
    assert_eq!(y.to_vec(), [2.5, 7.0]);

    assert_eq!(((2 - &x).relu() + 3 * x.clone()).to_vec(), [4.0, 6.0]);
    assert_eq!(reversed(&Tensor::<shape![1], f64>::from([0.5])).to_vec(), [3.5]);
    // Arrays have their shape by themselves.
    let y: Tensor<shape![2]> = &x + [10.0, 20.0];
    assert_eq!(y.to_vec(), [11.0, 22.0]);
    let y: Tensor<shape![3, 2]> = [[1.0], [2.0], [3.0]] * &x;
    assert_eq!(y.to_vec(), [1.0, 2.0, 2.0, 4.0, 3.0, 6.0]);
    assert_eq!(shifted(&Tensor::from([[1.0, 2.0]])).to_vec(), [0.5, 2.5]);
    assert_eq!(x.maximum([1.5, 1.5]).pow([1.0, 2.0]).where_(&x.gt(1), [7.0, 8.0]).to_vec(), [7.0, 4.0]);

    assert_eq!(free(x.clone()).to_vec(), [-1.5, -2.25]);
    assert_eq!(free(x.cast::<f64>()).to_vec(), [-1.5, -2.25]);
    assert_eq!(scaled(&x, 3i32).to_vec(), [3.0, 6.0]);
    assert_eq!(added(&x, &x).to_vec(), [5.0, 11.0]);
}
