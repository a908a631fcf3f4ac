//! `cargo bench -p fusion-benches --bench reduce`: sums, extremes and softmax over all elements, along rows and along columns.

use divan::Bencher;
use divan::counter::ItemsCount;
use fusion::prelude::*;
use std::hint::black_box;

type Matrix = Tensor<shape![Dyn, Dyn]>;

fn main() {
    fusion::set_num_threads(1);
    divan::main();
}

/// Numbers between 0 and 1.
fn matrix(rows: usize, columns: usize) -> Matrix {
    Tensor::from_fn_sized(&[rows, columns], |i| (i * 7 % 101) as f32 / 101.0).expect("a matrix")
}

/// Times `call` on a matrix.
fn time<R>(bencher: Bencher<'_, '_>, (rows, columns): (usize, usize), call: impl Fn(&Matrix) -> R) {
    let x = matrix(rows, columns);
    bencher.counter(ItemsCount::new(rows * columns)).bench_local(|| drop(black_box(call(&x))));
}

const SIZES: [(usize, usize); 6] = [(10, 10), (64, 10), (64, 128), (333_000, 3), (62_500, 16), (1000, 1000)];

#[divan::bench(args = SIZES)]
fn sum(bencher: Bencher<'_, '_>, sizes: (usize, usize)) {
    time(bencher, sizes, Tensor::sum);
}

#[divan::bench(args = SIZES)]
fn sum_of_rows(bencher: Bencher<'_, '_>, sizes: (usize, usize)) {
    time(bencher, sizes, |x| x.sum_over(Axis::<1>));
}

#[divan::bench(args = SIZES)]
fn sum_of_columns(bencher: Bencher<'_, '_>, sizes: (usize, usize)) {
    time(bencher, sizes, |x| x.sum_over(Axis::<0>));
}

#[divan::bench(args = SIZES)]
fn sum_of_columns_of_the_transpose(bencher: Bencher<'_, '_>, sizes: (usize, usize)) {
    time(bencher, sizes, |x| x.t().sum_over(Axis::<0>));
}

#[divan::bench(args = SIZES)]
fn max_of_rows(bencher: Bencher<'_, '_>, sizes: (usize, usize)) {
    time(bencher, sizes, |x| x.max_over(Axis::<1>));
}

#[divan::bench(args = SIZES)]
fn max_of_columns(bencher: Bencher<'_, '_>, sizes: (usize, usize)) {
    time(bencher, sizes, |x| x.max_over(Axis::<0>));
}

#[divan::bench(args = SIZES)]
fn softmax_of_rows(bencher: Bencher<'_, '_>, sizes: (usize, usize)) {
    time(bencher, sizes, |x| x.softmax(Axis::<1>));
}

#[divan::bench(args = SIZES)]
fn softmax_of_columns(bencher: Bencher<'_, '_>, sizes: (usize, usize)) {
    time(bencher, sizes, |x| x.softmax(Axis::<0>));
}
