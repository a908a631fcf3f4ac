//! What a layer or a function that is generic over the batch, or over the shape, does without a bound beside `Dim`,
//! `Shape` and `Float`, and what it states where it does more.

#![allow(dead_code)]

use fusion::prelude::*;

fn a<B: Dim>(x: Tensor<shape![B, 48]>) -> Tensor<shape![B, 3, 4, 4]> {
    x.reshape()
}
fn b<B: Dim>(q: &Tensor<shape![B, 4, 16, 8]>) -> Tensor<shape![B, 4, 16, 16]> {
    q.matmul(&q.transpose(Axis::<2>, Axis::<3>))
}
fn c<S: Shape>(x: &Tensor<S>, y: &Tensor<S>) -> Tensor<S> {
    x + y
}
fn d<S: Shape>(x: &Tensor<S>, y: &Tensor<S>) -> Tensor<()> {
    x.mse_loss(y)
}
fn e<S: Shape, T: Float>(x: Tensor<S, T>) -> Tensor<S, T> {
    x * 2.0
}

// The same as parts of a network.
fn attend<B: Dim>(x: Tensor<shape![B, 4, 16, 8]>) -> Tensor<shape![B, 4, 16, 16]> {
    b(&x)
}

fn twice<S: Shape>(x: Tensor<S>) -> Tensor<S> {
    c(&x, &x)
}

fn less_its_loss<S: Shape>(x: Tensor<S>) -> Tensor<S> {
    &x - d(&x, &x)
}

fn heads<B: Dim>(x: Tensor<shape![B, 512]>) -> Tensor<shape![B, 4, 16, 8]> {
    x.reshape()
}

model! {
    pub Images: [784] -> [3, 4, 4] {
        fc: Linear<_, 48>, a, twice, less_its_loss, e,
    }
}

model! {
    pub Heads: [512] -> [4, 16, 16] { heads, attend }
}

// Around sizes that are in both shapes, in front of the others.
fn split<B: Dim, T: Dim>(x: &Tensor<(B, T, Num<48>)>) -> Tensor<shape![B, T, 3, 16]> {
    x.reshape()
}

fn merge<B: Dim, T: Dim>(x: &Tensor<shape![B, T, 3, 16]>) -> Tensor<shape![B, T, 48]> {
    x.reshape()
}

fn behind<B: Dim>(x: &Tensor<shape![2, B, 48]>) -> Tensor<shape![2, B, 6, 1, 8]> {
    x.reshape()
}

fn without_ones<B: Dim, C: Dim>(x: &Tensor<shape![B, C, 1, 1]>) -> Tensor<shape![B, C]> {
    x.reshape()
}

fn attention<B: Dim, H: Dim, T: Dim, D: Dim>(
    q: &Tensor<(B, H, T, D)>,
    k: &Tensor<(B, H, T, D)>,
    v: &Tensor<(B, H, T, D)>,
) -> Tensor<(B, H, T, D)> {
    q.matmul(&k.transpose(Axis::<-1>, Axis::<-2>)).softmax(Axis::<-1>).matmul(v)
}

// A batch of 1 stretches to any other, and a vector goes with every stack.
fn heads_of_matrices<B: Dim, H: Dim>(
    x: &Tensor<shape![B, 1, 16, 8]>,
    w: &Tensor<shape![H, 8, 4]>,
    v: &Tensor<shape![4]>,
) -> Tensor<shape![B, H, 16]> {
    let y: Tensor<shape![B, H, 16, 4]> = x.matmul(w);
    let _: Tensor<shape![B, H, 16, 4]> = x.matmul(&w.unsqueeze(Axis::<0>));
    let _: Tensor<shape![H, 8]> = v.matmul(&w.transpose(Axis::<1>, Axis::<2>));
    y.matmul(v)
}

fn broadcast<B: Dim, C: Dim, H: Dim, W: Dim>(
    x: &Tensor<(B, C, H, W)>,
    scale: &Tensor<shape![B, C, 1, 1]>,
    shift: &Tensor<shape![C, 1, 1]>,
) -> Tensor<(B, C, H, W)> {
    let mean = x.mean();
    scale * x + x * scale + shift + (shift * x - &mean) + (mean - x)
}

fn normalise<B: Dim, C: Dim>(x: &Tensor<(B, C)>) -> Tensor<(B, C)> {
    let centred = x - x.mean_keep(Axis::<-1>);
    let variance = centred.square().mean_keep(Axis::<-1>);
    centred / (variance + 1e-5).sqrt()
}

fn axes<B: Dim, C: Dim>(x: &Tensor<(B, C)>, y: &Tensor<(C,)>) -> Tensor<(C, B)> {
    let _: Tensor<(B, C)> = x.unsqueeze(Axis::<1>).squeeze(Axis::<1>);
    let _: Tensor<shape![3, C]> = y.expand();
    let _: Tensor<(Dyn, C)> = x.to_dynamic();
    let joined: Tensor<shape![8, C]> =
        Tensor::<shape![3, C]>::concat(&y.expand(), &y.expand::<shape![5, C]>(), Axis::<0>);
    let _: Tensor<(C,)> = joined.sum_over(Axis::<0>);
    x.permute((Axis::<1>, Axis::<0>))
}

// One bound for each thing that is not so for all.
fn log_softmax<S: HasAxis<Axis<-1>>>(x: &Tensor<S>) -> Tensor<S> {
    x.log_softmax(Axis::<-1>)
}

fn columns<S: Reduce<Axis<1>>>(x: &Tensor<S>) -> Tensor<S::Out> {
    x.sum_over(Axis::<1>)
}

fn side_by_side<B: Dim, C: Dim + Plus<D>, D: Dim>(x: &Tensor<(B, C)>, y: &Tensor<(B, D)>) -> Tensor<(B, C::Out)> {
    x.concat(y, Axis::<1>)
}

fn project<S: MatMul<R>, R>(x: &Tensor<S>, y: &Tensor<R>) -> Tensor<S::Out> {
    x.matmul(y)
}

fn scaled<S: Shape + Broadcast<R>, R: Shape>(x: &Tensor<S>, y: &Tensor<R>) -> Tensor<<S as Broadcast<R>>::Joined> {
    x * y
}

fn to_heads<B: Dim, T: Dim, E: Dim, H: Dim, D: Dim>(x: &Tensor<(B, T, E)>) -> Tensor<(B, T, H, D)>
where
    (B, T, E): Reshape<(B, T, H, D)>,
{
    x.reshape()
}

// What comes out of a window is its `Out`.
#[derive(Module)]
struct Block<I, O, K: Dim> {
    conv: Conv2d<I, O, K>,
}

impl<B: Dim, I: Dim, O: Dim, K: Nat, H: Dim + Window<K>, W: Dim + Window<K>> Forward<Tensor<(B, I, H, W)>>
    for Block<I, O, K>
{
    type Output = Tensor<(B, O, H::Out, W::Out)>;

    fn forward(&self, x: Tensor<(B, I, H, W)>) -> Self::Output {
        self.conv.forward(x).relu()
    }
}

// Bounds for the dimensions are enough.
#[derive(Module)]
struct Mlp<I, H, O> {
    fc1: Linear<I, H>,
    fc2: Linear<H, O>,
}

impl<B: Dim, I: Dim, H: Dim, O: Dim> Forward<Tensor<(B, I)>> for Mlp<I, H, O> {
    type Output = Tensor<(B, O)>;

    fn forward(&self, x: Tensor<(B, I)>) -> Self::Output {
        self.fc2.forward(self.fc1.forward(x).relu())
    }
}

// Of many elements as well.
fn large(x: &Tensor<shape![30_000, 10_000]>) -> Tensor<shape![10_000, 1, 10_000, 3]> {
    let _: Tensor<shape![Dyn, 999_999_999]> = Tensor::<shape![999, 1, 999_999_999]>::zeros().reshape();
    x.reshape()
}

struct Batch;

#[test]
fn main() {
    let y =
        heads_of_matrices(&Tensor::<shape![2, 1, 16, 8]>::ones(), &Tensor::<shape![3, 8, 4]>::ones(), &Tensor::ones());
    assert_eq!((y.shape().to_vec(), y.to_vec()[0]), (vec![2, 3, 16], 32.0));
    let known = Tensor::<shape![7, 48]>::zeros();
    let _: Tensor<shape![14, 24]> = known.reshape();
    let _: Tensor<shape![7, 3, 4, 4]> = a(known.clone());
    let open: Tensor<shape![Dyn, 48]> = known.reshape();
    let _: Tensor<shape![Dyn, 3, 4, 4]> = a(open.clone());
    let _: Tensor<shape![Dyn, 24]> = open.reshape();
    let _: Tensor<shape![14, 24]> = open.reshape();
    let named: Tensor<shape![Dyn<Batch>, 48]> = open.reshape();
    let _: Tensor<shape![Dyn<Batch>, 3, 4, 4]> = a(named);
    let x = Tensor::<shape![2, 5, 48]>::zeros();
    let _: Tensor<shape![2, 5, 6, 8]> = to_heads::<_, _, _, dim!(6), dim!(8)>(&x);
    let _: Tensor<shape![2, 5, 48]> = merge(&split(&x));
    let _: Tensor<shape![2, 5, 6, 1, 8]> = behind(&x);
    let _: Tensor<shape![2, 9]> = side_by_side(&Tensor::<shape![2, 4]>::zeros(), &Tensor::<shape![2, 5]>::zeros());
}
