//! `cargo bench -p fusion-benches --bench elementwise`: functions of one and of two tensors, over few elements (what a call costs) and many
//! (what memory gives), with operands broadcast along rows and columns and laid in other orders.

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

/// Times `call`, whose result has `n` elements.
fn time(bencher: Bencher<'_, '_>, n: usize, mut call: impl FnMut() -> Matrix) {
    bencher.counter(ItemsCount::new(n)).bench_local(|| drop(black_box(call())));
}

const SIZES: [usize; 3] = [100, 10_000, 16_000_000];

#[divan::bench(args = SIZES)]
fn relu(bencher: Bencher<'_, '_>, n: usize) {
    let x = matrix(1, n);
    time(bencher, n, || x.relu());
}

#[divan::bench(args = SIZES)]
fn exp(bencher: Bencher<'_, '_>, n: usize) {
    let x = matrix(1, n);
    time(bencher, n, || x.exp());
}

#[divan::bench(args = SIZES)]
fn gelu(bencher: Bencher<'_, '_>, n: usize) {
    let x = matrix(1, n);
    time(bencher, n, || x.gelu());
}

#[divan::bench(args = SIZES)]
fn add(bencher: Bencher<'_, '_>, n: usize) {
    let (x, y) = (matrix(1, n), matrix(1, n));
    time(bencher, n, || &x + &y);
}

#[divan::bench(args = SIZES)]
fn add_in_place(bencher: Bencher<'_, '_>, n: usize) {
    let (mut x, y) = (Some(matrix(1, n)), matrix(1, n));
    bencher.counter(ItemsCount::new(n)).bench_local(|| x = x.take().map(|x| x + &y));
}

#[divan::bench(args = SIZES)]
fn add_number(bencher: Bencher<'_, '_>, n: usize) {
    let x = matrix(1, n);
    time(bencher, n, || &x + 1.0);
}

/// The rows and columns of the broadcast operands.
const BROADCAST: [(usize, usize); 6] = [(32, 3), (8, 16), (10, 1000), (333_000, 3), (62_500, 16), (1000, 1000)];

#[divan::bench(args = BROADCAST)]
fn add_a_row(bencher: Bencher<'_, '_>, (rows, columns): (usize, usize)) {
    let (x, y) = (matrix(rows, columns), matrix(1, columns));
    time(bencher, rows * columns, || &x + &y);
}

#[divan::bench(args = BROADCAST)]
fn add_a_column(bencher: Bencher<'_, '_>, (rows, columns): (usize, usize)) {
    let (x, y) = (matrix(rows, columns), matrix(rows, 1));
    time(bencher, rows * columns, || &x + &y);
}

#[divan::bench(args = BROADCAST)]
fn row_minus_column(bencher: Bencher<'_, '_>, (rows, columns): (usize, usize)) {
    let (x, y) = (matrix(1, columns), matrix(rows, 1));
    time(bencher, rows * columns, || &x - &y);
}

#[divan::bench(args = BROADCAST)]
fn add_the_transpose(bencher: Bencher<'_, '_>, (rows, columns): (usize, usize)) {
    let (x, y) = (matrix(rows, columns), matrix(columns, rows));
    time(bencher, rows * columns, || &x + y.t());
}
