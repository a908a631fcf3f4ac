//! Every operation of `goldens/ops.json` as a call of Fusion's typed methods; those of `goldens/layers.json` and
//! `goldens/elements.json` are in `layers.rs` and `elements.rs`.
//!
//! The sizes of a case are known at run time only, so shapes are made of `Dyn`. Where a rule wants
//! a size 1 it is `Num<1>`; where it wants sizes (`reshape`) or axes (`sum_over`) there is an entry
//! for each that occurs.

use crate::{elements, further, layers, losses, products, reductions};
use fusion::Value;
use fusion::prelude::*;
use serde_json::Value as Json;
use std::cell::RefCell;

type One = Num<1>;
type S0 = ();
type S1 = (Dyn,);
type S2 = (Dyn, Dyn);
type S3 = (Dyn, Dyn, Dyn);
type S4 = (Dyn, Dyn, Dyn, Dyn);

/// `$body` with `$S` standing for the shape of `$rank` sizes that the run decides.
macro_rules! by_rank {
    ($rank:expr, $S:ident => $body:expr) => {
        by_rank! {
            @ $rank, $S => $body;
            0 (), 1 (Dyn,), 2 (Dyn, Dyn), 3 (Dyn, Dyn, Dyn), 4 (Dyn, Dyn, Dyn, Dyn)
        }
    };
    (@ $rank:expr, $S:ident => $body:expr; $($n:literal $shape:ty),*) => {
        match $rank {
            $($n => {
                type $S = $shape;
                $body
            })*
            rank => unreachable!("no case has rank {rank}"),
        }
    };
}
pub(crate) use by_rank;

/// An operation's inputs, each to be taken once (so that the operation may be its last owner), and
/// its parameters.
pub struct Inputs<'a> {
    list: RefCell<Vec<Option<Value>>>,
    shapes: Vec<Vec<usize>>,
    params: &'a Json,
    borrowed: [bool; 2],
}

impl<'a> Inputs<'a> {
    /// Of a case with these parameters. An operation that takes a tensor or a reference to one gets
    /// a reference to input `i` if `borrowed[i]`.
    pub fn new(list: Vec<Value>, params: &'a Json, borrowed: [bool; 2]) -> Self {
        let shapes = list.iter().map(|x| x.shape().iter().collect()).collect();
        Self { list: RefCell::new(list.into_iter().map(Some).collect()), shapes, params, borrowed }
    }

    /// Input `i` as a tensor of shape `S`.
    fn take<S: Shape, T: Float>(&self, i: usize) -> Tensor<S, T> {
        Tensor::from_value(self.value(i)).expect("the shape of this entry")
    }

    /// Input `i` without a type.
    pub fn value(&self, i: usize) -> Value {
        self.list.borrow_mut()[i].take().expect("each input is taken once")
    }

    /// How many inputs there are.
    pub fn count(&self) -> usize {
        self.shapes.len()
    }

    /// What the operation is given besides tensors.
    pub fn params(&self) -> &'a Json {
        self.params
    }

    fn rank(&self, i: usize) -> usize {
        self.shapes[i].len()
    }

    /// The shape of input `i`, with `1` for a size that may stretch or vanish and `n` for others.
    fn pattern(&self, i: usize) -> String {
        self.shapes[i].iter().map(|&size| if size == 1 { '1' } else { 'n' }).collect()
    }

    /// A number among the parameters, or the name of one.
    pub fn number(&self, name: &str) -> f64 {
        crate::golden::number(&self.params[name])
    }

    /// A list of axes, sizes or labels; none where the operation is over all axes.
    fn list(&self, name: &str) -> Option<Vec<i64>> {
        let number = |n: &Json| n.as_i64().expect("a whole number");
        self.params[name].as_array().map(|list| list.iter().map(number).collect())
    }
}

/// The result of `op`. Panics if this table has no entry for it and these shapes.
pub fn apply<T: Scalars>(op: &str, inputs: &Inputs<'_>) -> Value {
    if let Some(y) = elements::apply::<T>(op, inputs) {
        return y;
    }
    match op {
        _ if losses::is_one(op) => losses::apply::<T>(op, inputs),
        _ if further::is_one(op) => further::apply::<T>(op, inputs),
        _ if products::is_one(op) => products::apply(op, inputs),
        _ if reductions::is_one(op) => reductions::apply::<T>(op, inputs),
        _ if layers::OPERATIONS.contains(&op) => layers::apply(op, inputs),
        "add" | "sub" | "mul" | "div" => arithmetic::<T>(op, inputs),
        "matmul" => matmul::<T>(inputs),
        "linear" | "linear_relu" => linear::<T>(op, inputs),
        "sum" | "mean" | "max" | "min" => reduction::<T>(op, inputs),
        "softmax" | "log_softmax" => softmax::<T>(op, inputs),
        "reshape" | "expand" => sized::<T>(op, inputs),
        "flatten_batch" | "t" | "transpose" | "permute" | "squeeze" | "unsqueeze" => axes::<T>(op, inputs),
        "cross_entropy" => {
            let labels: Tensor<S1, i64> = inputs.list("labels").expect("labels").into();
            inputs.take::<S2, T>(0).cross_entropy(&labels).into_value()
        }
        "bce_with_logits" => by_rank!(inputs.rank(0), S => {
            inputs.take::<S, T>(0).bce_with_logits(&inputs.take::<S, T>(1)).into_value()
        }),
        "mse_loss" => by_rank!(inputs.rank(0), S => {
            inputs.take::<S, T>(0).mse_loss(&inputs.take::<S, T>(1)).into_value()
        }),
        "flatten" => by_rank!(inputs.rank(0), S => inputs.take::<S, T>(0).flatten().into_value()),
        _ => by_rank!(inputs.rank(0), S => elementwise(op, inputs.take::<S, T>(0), inputs)),
    }
}

/// A type whose numbers stand beside tensors in operators: on the left, too, which no bound on a
/// type parameter can say.
pub trait Scalars: Float {
    /// `x + s`, or what else `op` says.
    fn with_scalar<S: Shape>(op: &str, x: Tensor<S, Self>, s: Self, borrowed: bool) -> Tensor<S, Self>;
}

macro_rules! scalars {
    ($($T:ty)*) => { $(
        impl Scalars for $T {
            fn with_scalar<S: Shape>(
                op: &str,
                x: Tensor<S, $T>,
                s: $T,
                borrowed: bool,
            ) -> Tensor<S, $T> {
                match (op, borrowed) {
                    ("x+s", false) => x + s,
                    ("x+s", true) => &x + s,
                    ("s+x", false) => s + x,
                    ("s+x", true) => s + &x,
                    ("x-s", false) => x - s,
                    ("x-s", true) => &x - s,
                    ("s-x", false) => s - x,
                    ("s-x", true) => s - &x,
                    ("x*s", false) => x * s,
                    ("x*s", true) => &x * s,
                    ("s*x", false) => s * x,
                    ("s*x", true) => s * &x,
                    ("x/s", false) => x / s,
                    ("x/s", true) => &x / s,
                    ("s/x", false) => s / x,
                    ("s/x", true) => s / &x,
                    _ => unreachable!("no entry for {op}"),
                }
            }
        }
    )* };
}
scalars!(f32 f64);

fn elementwise<S: Shape, T: Scalars>(op: &str, x: Tensor<S, T>, inputs: &Inputs<'_>) -> Value {
    let y = match op {
        "neg" if inputs.borrowed[0] => -&x,
        "neg" => -x,
        "relu" => x.relu(),
        "sigmoid" => x.sigmoid(),
        "tanh" => x.tanh(),
        "exp" => x.exp(),
        "ln" => x.ln(),
        "sin" => x.sin(),
        "sqrt" => x.sqrt(),
        "square" => x.square(),
        "gelu" => x.gelu(),
        "silu" => x.silu(),
        "mish" => x.mish(),
        "hardswish" => x.hardswish(),
        "pow" => x.pow(inputs.number("exponent")),
        "diamond" => {
            let product = by_rank!(S::RANK, R => {
                let x = Tensor::<R, T>::from_value(x.value().clone()).expect("its own rank");
                (&x.tanh() * &x + x).into_value()
            });
            return product;
        }
        _ => T::with_scalar(op, x, T::from_f64(inputs.number("scalar")), inputs.borrowed[0]),
    };
    y.into_value()
}

fn arithmetic<T: Scalars>(op: &str, inputs: &Inputs<'_>) -> Value {
    macro_rules! operators {
        ($x:ident $y:ident $($name:literal $sign:tt)*) => {
            match (op, inputs.borrowed) {
                $(
                    ($name, [false, false]) => ($x $sign $y).into_value(),
                    ($name, [false, true]) => ($x $sign &$y).into_value(),
                    ($name, [true, false]) => (&$x $sign $y).into_value(),
                    ($name, [true, true]) => (&$x $sign &$y).into_value(),
                )*
                _ => unreachable!("no entry for {op}"),
            }
        };
    }
    macro_rules! shapes {
        ($($left:literal $L:ty, $right:literal $R:ty;)*) => {
            match (&*inputs.pattern(0), &*inputs.pattern(1)) {
                $(($left, $right) => {
                    let (x, y) = (inputs.take::<$L, T>(0), inputs.take::<$R, T>(1));
                    operators!(x y "add" + "sub" - "mul" * "div" /)
                })*
                other => unreachable!("no entry for {op} of {other:?}"),
            }
        };
    }
    shapes! {
        "" S0, "" S0;
        "1" (One,), "1" (One,);
        "n" S1, "n" S1;
        "nn" S2, "nn" S2;
        "nnn" S3, "nnn" S3;
        "nn" S2, "n" S1;
        "n" S1, "nn" S2;
        "n1" (Dyn, One), "1n" (One, Dyn);
        "1n" (One, Dyn), "n1" (Dyn, One);
        "nn" S2, "" S0;
        "" S0, "nn" S2;
        "1" (One,), "nn" S2;
        "nnn" S3, "n1" (Dyn, One);
        "1n" (One, Dyn), "nnn" S3;
        "n1n1" (Dyn, One, Dyn, One), "n1n" (Dyn, One, Dyn);
        "nnnn" S4, "1n11" (One, Dyn, One, One);
    }
}

fn matmul<T: Float>(inputs: &Inputs<'_>) -> Value {
    macro_rules! ranks {
        ($($left:literal $L:ty, $right:literal $R:ty;)*) => {
            match (inputs.rank(0), inputs.rank(1)) {
                $(($left, $right) => {
                    let (x, y) = (inputs.take::<$L, T>(0), inputs.take::<$R, T>(1));
                    x.matmul(&y).into_value()
                })*
                ranks => unreachable!("no entry for matmul of ranks {ranks:?}"),
            }
        };
    }
    ranks! {
        1 S1, 1 S1;
        1 S1, 2 S2;
        2 S2, 1 S1;
        2 S2, 2 S2;
        3 S3, 2 S2;
        4 S4, 2 S2;
        3 S3, 3 S3;
        4 S4, 4 S4;
    }
}

fn linear<T: Float>(op: &str, inputs: &Inputs<'_>) -> Value {
    type In = dim!(7);
    let layer = Linear::<In, dim!(5), true, T> { weight: inputs.take(1), bias: Some(inputs.take(2)) };
    macro_rules! ranks {
        ($($rank:literal $S:ty),*) => {
            match (inputs.rank(0), op) {
                $(
                    ($rank, "linear") => layer.forward(inputs.take::<$S, T>(0)).into_value(),
                    ($rank, _) => layer.forward_relu(inputs.take::<$S, T>(0)).into_value(),
                )*
                (rank, _) => unreachable!("no entry for {op} of rank {rank}"),
            }
        };
    }
    ranks!(2(Dyn, In), 3(Dyn, Dyn, In), 4(Dyn, Dyn, Dyn, In))
}

/// The axes of a list: one, or a tuple of several.
macro_rules! axes {
    ($a:literal) => { Axis::<$a> };
    ($($a:literal),+) => { ($(Axis::<$a>),+) };
}

/// One entry for each shape and list of axes: `shape: [axes] [axes] ..`. `$x` and `$axes` stand
/// for them in `$body`.
macro_rules! by_axes {
    ($inputs:ident, $T:ident, |$x:ident, $axes:ident| $body:expr;
     $($S:ty: $([$($a:literal),+])+;)*) => {{
        let (rank, list) = ($inputs.rank(0), $inputs.list("axes").expect("axes"));
        $($(
            if rank == <$S as Shape>::RANK && list == [$($a),+] {
                let ($x, $axes) = ($inputs.take::<$S, $T>(0), axes!($($a),+));
                return $body.into_value();
            }
        )+)*
        unreachable!("no entry for rank {rank} and axes {list:?}")
    }};
}

fn reduction<T: Float>(op: &str, inputs: &Inputs<'_>) -> Value {
    let keep = inputs.params["keep"] == Json::Bool(true);
    if inputs.list("axes").is_none() {
        return by_rank!(inputs.rank(0), S => {
            let x = inputs.take::<S, T>(0);
            match op {
                "sum" => x.sum(),
                "mean" => x.mean(),
                "max" => x.max(),
                _ => x.min(),
            }
            .into_value()
        });
    }
    macro_rules! reductions {
        ($($rows:tt)*) => {
            match (op, keep) {
                ("sum", false) => by_axes!(inputs, T, |x, axes| x.sum_over(axes); $($rows)*),
                ("sum", true) => by_axes!(inputs, T, |x, axes| x.sum_keep(axes); $($rows)*),
                ("mean", false) => by_axes!(inputs, T, |x, axes| x.mean_over(axes); $($rows)*),
                ("mean", true) => by_axes!(inputs, T, |x, axes| x.mean_keep(axes); $($rows)*),
                ("max", false) => by_axes!(inputs, T, |x, axes| x.max_over(axes); $($rows)*),
                ("max", true) => by_axes!(inputs, T, |x, axes| x.max_keep(axes); $($rows)*),
                (_, false) => by_axes!(inputs, T, |x, axes| x.min_over(axes); $($rows)*),
                (_, true) => by_axes!(inputs, T, |x, axes| x.min_keep(axes); $($rows)*),
            }
        };
    }
    reductions! {
        S1: [0];
        S2: [0] [1] [-1] [0, 1];
        S3: [0] [1] [-1] [0, 1] [0, 2] [1, 2] [0, 1, 2];
        S4: [1] [2, 3] [0, 2, 3];
    }
}

fn softmax<T: Float>(op: &str, inputs: &Inputs<'_>) -> Value {
    macro_rules! softmaxes {
        ($($rows:tt)*) => {
            match op {
                "softmax" => by_axes!(inputs, T, |x, axis| x.softmax(axis); $($rows)*),
                _ => by_axes!(inputs, T, |x, axis| x.log_softmax(axis); $($rows)*),
            }
        };
    }
    softmaxes! {
        S1: [0];
        S2: [0] [-1];
        S3: [0] [1] [-1];
        S4: [1];
    }
}

/// Operations whose result has sizes in its type.
fn sized<T: Float>(op: &str, inputs: &Inputs<'_>) -> Value {
    let (from, to) = (&inputs.shapes[0], inputs.list("to").expect("sizes"));
    macro_rules! shapes {
        ($method:ident; $([$($from:literal),*] $S:ty => [$($to:literal),*];)*) => {{
            $(
                if *from == [$($from),*] as [usize; _] && to == [$($to),*] as [i64; _] {
                    return inputs.take::<$S, T>(0).$method::<shape![$($to),*]>().into_value();
                }
            )*
            unreachable!("no entry for {op} of {from:?} to {to:?}")
        }};
    }
    match op {
        "reshape" => shapes! { reshape;
            [6] S1 => [2, 3];
            [2, 3] shape![2, 3] => [3, 2];
            [2, 3, 4] shape![2, 3, 4] => [4, 6];
            [2, 3, 4] S3 => [24];
            [2, 3, 4] shape![2, Dyn, 4] => [3, 2, 2, 2];
            [1] S1 => [];
            [] S0 => [1, 1];
            [5, 1] shape![5, 1] => [1, 5];
            [3, 4] S2 => [2, 6];
        },
        _ => shapes! { expand;
            [1] shape![1] => [4];
            [3, 1] shape![3, 1] => [3, 4];
            [1, 5] shape![1, Dyn] => [2, 5];
            [1, 1] shape![1, 1] => [3, 7];
            [] S0 => [2, 3];
            [5] S1 => [3, 5];
            [2, 1, 3] shape![Dyn, 1, Dyn] => [2, 4, 3];
            [1, 3] shape![1, 3] => [2, 4, 3];
        },
    }
}

/// Operations that move axes, add one or take one away.
fn axes<T: Float>(op: &str, inputs: &Inputs<'_>) -> Value {
    match op {
        "t" => inputs.take::<S2, T>(0).t().into_value(),
        "transpose" => by_axes!(inputs, T, |x, pair| x.transpose(pair.0, pair.1);
            S2: [0, 1];
            S3: [0, 2] [-1, -2] [0, 1];
            S4: [1, 3];
        ),
        "permute" if inputs.rank(0) == 1 => inputs.take::<S1, T>(0).permute((Axis::<0>,)).into_value(),
        "permute" => by_axes!(inputs, T, |x, order| x.permute(order);
            S2: [1, 0];
            S3: [2, 0, 1] [1, 0, 2];
            S4: [0, 2, 3, 1] [0, 3, 1, 2] [3, 1, 0, 2];
        ),
        "squeeze" => match (&*inputs.pattern(0), &*inputs.list("axes").expect("an axis")) {
            ("1", [0]) => inputs.take::<(One,), T>(0).squeeze(Axis::<0>).into_value(),
            ("1n", [0]) => inputs.take::<(One, Dyn), T>(0).squeeze(Axis::<0>).into_value(),
            ("n1", [-1]) => inputs.take::<(Dyn, One), T>(0).squeeze(Axis::<-1>).into_value(),
            ("n1n", [1]) => inputs.take::<(Dyn, One, Dyn), T>(0).squeeze(Axis::<1>).into_value(),
            ("nnn1", [3]) => inputs.take::<(Dyn, Dyn, Dyn, One), T>(0).squeeze(Axis::<3>).into_value(),
            other => unreachable!("no entry for squeeze of {other:?}"),
        },
        "unsqueeze" => by_axes!(inputs, T, |x, at| x.unsqueeze(at);
            S0: [0];
            S1: [0] [-1];
            S2: [1];
            S3: [3];
        ),
        _ => match inputs.rank(0) {
            2 => Flatten.forward(inputs.take::<S2, T>(0)).into_value(),
            3 => Flatten.forward(inputs.take::<S3, T>(0)).into_value(),
            _ => Flatten.forward(inputs.take::<S4, T>(0)).into_value(),
        },
    }
}
