//! What generic code may do without a bound beside `Dim`, what it states where it does more, and what shapes come out.

use fusion::dim::{Elements, Reduce, Window};
use fusion::prelude::*;

struct Batch;

const HIDDEN: usize = 4096;

// One bound for each operation that depends on more.
fn swish<S: Shape>(x: Tensor<S>) -> Tensor<S> {
    x.sigmoid() * x
}

fn centred<S: Shape>(x: &Tensor<S>) -> Tensor<S> {
    x - &x.mean()
}

fn linear<B: Dim, I: Dim, O: Dim>(x: &Tensor<(B, I)>, w: &Tensor<(I, O)>, b: &Tensor<(O,)>) -> Tensor<(B, O)> {
    let y = x.matmul(w) + b;
    let mean: Tensor<(B, Num<1>)> = y.mean_keep(Axis::<-1>);
    let y = &y - &mean;
    let _: Tensor<(O,)> = y.sum_over(Axis::<0>);
    let _: Tensor<(Dyn, O)> = y.to_dynamic();
    let _: Tensor<(O, B)> = y.clone().permute((Axis::<1>, Axis::<0>));
    let _: Tensor<(O, B)> = y.clone().transpose(Axis::<0>, Axis::<1>);
    let _: Tensor<(B, Num<1>, O)> = y.clone().unsqueeze(Axis::<1>);
    let _ = y.mse_loss(&y);
    &y * &y
}

fn columns<S: Shape + Reduce<Axis<1>>>(x: &Tensor<S>) -> Tensor<S::Out> {
    x.sum_over(Axis::<1>)
}

fn flat<S: Shape + Elements>(x: Tensor<S>) -> Tensor<(S::Len,)> {
    x.flatten()
}

fn gives<H: Window<K, S, P, Out = Out>, K, S, P, Out>() {}

fn open(x: Tensor<shape![Dyn, 784]>, named: Tensor<shape![Dyn<Batch>, 10]>) {
    let w = Tensor::<shape![784, 10]>::zeros();
    let b = Tensor::<shape![10]>::zeros();
    let y: Tensor<shape![Dyn, 10]> = linear(&x, &w, &b);
    let _: Tensor<shape![Dyn<Batch>, 10]> = &named + &y;
    let _: Tensor<shape![Dyn<Batch>, 10]> = &named + &b;
    let _: Tensor<shape![5, 10]> = &named + &Tensor::<shape![5, 10]>::zeros();
    let _: Tensor<shape![Dyn, 28, 28]> = x.reshape();
}

#[test]
fn main() {
    let _: fn(Tensor<shape![Dyn, 784]>, Tensor<shape![Dyn<Batch>, 10]>) = open;
    let x = swish(centred(&Tensor::<shape![64, 12, 12]>::zeros()));
    let _: Tensor<shape![64, 12]> = columns(&x);
    let _: Tensor<shape![96, 96]> = x.clone().reshape();
    let _: Tensor<shape![Dyn, 12]> = x.clone().reshape();
    let _: Tensor<shape![64 * 12 * 12]> = flat(x);
    let _: Tensor<shape![4096, 2048]> = Tensor::<shape![{ HIDDEN }, HIDDEN / 2]>::zeros();
    let _: Tensor<shape![2, 1, 3]> = Tensor::<shape![2, 3]>::zeros().unsqueeze(Axis::<-2>);
    let _: Tensor<shape![2, 3]> = Tensor::<shape![3]>::zeros().expand();
    let _: Tensor<shape![4, 2, 3]> = Tensor::<shape![2, 3, 4]>::zeros().permute((Axis::<-1>, Axis::<0>, Axis::<1>));
    gives::<dim!(224), dim!(7), dim!(2), dim!(3), dim!(112)>();
    gives::<dim!(1_000_003), dim!(3), dim!(3), dim!(0), dim!(333_334)>();
}
