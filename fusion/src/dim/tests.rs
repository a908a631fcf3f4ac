//! Each rule as a trait against the same rule as a function, over many sizes: where it holds, and what it gives.
//!
//! All of it is compared while the tests are compiled: there is nothing for a machine to run.

// What a rule answers is a constant here, and a mistake is as large as its numbers.
#![allow(clippy::assertions_on_constants, clippy::result_large_err)]

use core::marker::PhantomData;

use fusion_macros::{dim, shape};
use fusion_rules::{Dims, MAX_SIZE, Mistake, Padding as Pads, Size, Text, Window as Geometry, sizes};

use super::number::digits::{DimOf, ToDim};
use super::*;

/// What a rule of traits answers: `None` where it does not hold. An inherent const is there only if its bounds are met,
/// and comes before the one of a trait.
trait Otherwise {
    const SHAPE: Option<Dims> = None;
    const HOLDS: bool = false;
}

macro_rules! ask {
    ($ask:ident<$($p:ident),*> where [$($bound:tt)*] $(=> $out:ty)?) => {
        struct $ask<$($p),*>(PhantomData<($($p,)*)>);
        impl<$($p),*> Otherwise for $ask<$($p),*> {}
        #[allow(dead_code)]
        impl<$($p),*> $ask<$($p),*>
        where
            $($bound)*
        {
            const HOLDS: bool = true;
            $(const SHAPE: Option<Dims> = Some(dims::<$out>());)?
        }
    };
}

ask!(AskWindow<H, K, S, P, D> where [H: Window<K, S, P, D>] => (H::Out,));
ask!(AskFeatures<J, I> where [J: Features<I>]);
ask!(AskBroadcast<L, R> where [L: Broadcast<R>] => L::Joined);
ask!(AskSame<L, R> where [L: SameShape<R>] => L::Both);
ask!(AskMatMul<L, R> where [L: MatMul<R>] => L::Out);
ask!(AskStretch<L, R> where [L: BroadcastTo<R>]);
ask!(AskWiden<L, R> where [L: Widen<R>]);
ask!(AskReshape<L, R> where [L: Reshape<R>]);
ask!(AskFlat<S> where [S: Flat] => S::Out);
ask!(AskElements<S> where [S: Elements] => (S::Len,));
ask!(AskReduce<S, A> where [S: Reduce<A>] => S::Out);
ask!(AskKeep<S, A> where [S: Reduce<A>] => S::Keep);
ask!(AskSqueeze<S, A> where [S: Squeeze<A>] => S::Out);
ask!(AskUnsqueeze<S, A> where [S: Unsqueeze<A>] => S::Out);
ask!(AskSwap<S, A, B> where [S: Swap<A, B>] => S::Out);
ask!(AskPermute<S, A> where [S: Permute<A>] => S::Out);
ask!(AskDim<D> where [D: Dim]);

/// What the types and the function say of one case must be the same.
#[track_caller]
const fn agree(types: Option<Dims>, rule: Result<Dims, Mistake>, what: &str, of: Dims, with: Dims) {
    let same = match (types, rule) {
        (Some(types), Ok(rule)) => types.is(rule),
        (None, Err(_)) => true,
        _ => false,
    };
    if !same {
        Text::new().str(what).str(": the types and the function differ for ").dims(of).str(" ").dims(with).fail();
    }
}

/// As [`agree`], of a rule that gives nothing.
#[track_caller]
const fn agree_that(types: bool, rule: Result<Dims, Mistake>, what: &str, of: Dims, with: Dims) {
    agree(if types { Some(Dims::SCALAR) } else { None }, and(rule, Dims::SCALAR), what, of, with);
}

/// What else is to be said where a rule holds.
const fn and<T: Copy>(rule: Result<T, Mistake>, then: Dims) -> Result<Dims, Mistake> {
    match rule {
        Ok(_) => Ok(then),
        Err(mistake) => Err(mistake),
    }
}

/// Calls a macro with every choice of one from each list.
macro_rules! each {
    ($then:ident $done:tt []) => { $then! $done; };
    ($then:ident $done:tt [[$($x:tt)*] $($rest:tt)*]) => { each!(@all $then $done [$($x)*] [$($rest)*]); };
    (@all $then:ident $done:tt [$($x:tt)*] $rest:tt) => { $(each!(@one $then $done $x $rest);)* };
    (@one $then:ident [$($done:tt)*] $x:tt $rest:tt) => { each!($then [$($done)* $x] $rest); };
}

/// Calls a macro for each pair of a list, both ways round.
macro_rules! pairs {
    ($then:ident [$($x:tt)*]) => { each!($then [] [[$($x)*] [$($x)*]]); };
}

mod layers;
mod moves;
mod pick;

#[test]
fn numbers_up_to_999_go_to_binary_and_back() {
    fn check<const N: usize>()
    where
        Num<N>: Nat<Uint: ToDim<Dim = Num<N>>>,
    {
        assert_eq!(<<Num<N> as Nat>::Uint as typenum::Unsigned>::USIZE, N);
        assert_eq!((<Num<N> as Nat>::N, <Num<N> as Dim>::SIZE), (N, Some(N)));
    }
    macro_rules! check {
        ($a:tt $b:tt $c:tt) => {
            check::<{ 100 * $a + 10 * $b + $c }>()
        };
    }
    each!(check [] [[0 1 2 3 4 5 6 7 8 9] [0 1 5 9] [0 4 9]]);
}

#[test]
fn larger_numbers_go_to_binary_and_back() {
    fn check<D: Nat<Uint: ToDim<Dim = D>>>(n: usize) {
        assert_eq!(<D::Uint as typenum::Unsigned>::USIZE, n);
        assert_eq!((D::N, D::SIZE), (n, Some(n)));
        assert_eq!(size_of::<DimOf<D::Uint>>(), 0);
    }
    macro_rules! check {
        ($($n:literal)*) => { $(check::<dim!($n)>($n);)* };
    }
    check!(1000 1001 1010 1023 1024 1025 1999 2048 4096 9009 9090 9216 9999);
    check!(10000 10001 50257 65535 65536 99999 100000 100352 150528 262144 512000 999999);
    check!(1000000 1000001 1048576 3145728 9999999 10000000 16777216 33554432 99999999);
    check!(100000000 123456789 536870912 900000009 987654321 999999999);
}

#[test]
fn a_number_has_one_type() {
    const { assert!(AskDim::<Num<999>>::HOLDS && AskDim::<Big4<1, 0, 0, 0>>::HOLDS && !AskDim::<Dyn<str>>::HOLDS) };
    const { assert!(!AskDim::<Num<1000>>::HOLDS && !AskDim::<Num<1024>>::HOLDS && !AskDim::<Num<1048576>>::HOLDS) };
    const { assert!(!AskDim::<Big4<0, 9, 9, 9>>::HOLDS && !AskDim::<Big4<1, 10, 0, 0>>::HOLDS) };
    const { assert!(!AskDim::<Big6<1, 0, 0, 10, 0, 0>>::HOLDS && !AskDim::<usize>::HOLDS) };
}

#[test]
fn features_are_compared_as_numbers() {
    macro_rules! check {
        ($j:tt $i:tt) => {
            const _: () = {
                let (x, takes) = (Dims::new(&[2, $j]), Dims::new(&[$i]));
                let types = AskFeatures::<dim!($j), dim!($i)>::HOLDS;
                agree_that(types, and(fusion_rules::features(Size::Known($i), x), x), "features", x, takes);
            };
        };
    }
    each!(check [] [
        [0 1 784 999 1000 9216 50257 100352 1000000 16777216 999999999]
        [0 1 784 999 1000 9216 50257 100352 1000000 16777216 999999999]
    ]);
}

#[test]
fn windows() {
    macro_rules! check {
        ($h:tt $k:tt $s:tt $p:tt $d:tt) => {
            const _: () = {
                let types = AskWindow::<dim!($h), dim!($k), dim!($s), dim!($p), dim!($d)>::SHAPE;
                let window = Geometry { kernel: $k, stride: $s, padding: Pads::By($p), dilation: $d };
                let rule = match fusion_rules::window(Size::Known($h), window) {
                    Ok(places) => Ok(Dims::of(&[places])),
                    Err(mistake) => Err(mistake),
                };
                agree(types, rule, "window", Dims::new(&[$h]), Dims::new(&[$k, $s, $p, $d]));
            };
        };
    }
    each!(check [] [[1 5 28 113 1024 1000003] [1 2 7] [1 2 3 4 6 11] [0 3] [1]]);
    each!(check [] [[1 5 7 1025] [1 3] [2] [0 2] [2 3]]);
    each!(check [] [[28] [0 3] [0 1] [0] [0 1]]);
    assert_eq!(AskWindow::<Dyn, Num<3>, Num<2>, Num<0>, Num<1>>::SHAPE, Some(Dims::of(&sizes![Dyn])));
}

#[test]
fn two_shapes_that_meet() {
    macro_rules! check {
        ($l:tt $r:tt) => {
            const _: () = {
                type L = shape! $l;
                type R = shape! $r;
                let (l, r) = (dims::<L>(), dims::<R>());
                agree(AskBroadcast::<L, R>::SHAPE, fusion_rules::broadcast(l, r), "broadcast", l, r);
                agree(AskSame::<L, R>::SHAPE, fusion_rules::same_shape(l, r), "same shape", l, r);
                agree(AskMatMul::<L, R>::SHAPE, fusion_rules::matmul(l, r), "matmul", l, r);
                agree_that(AskStretch::<L, R>::HOLDS, fusion_rules::broadcast_to(l, r), "expand", l, r);
                agree_that(AskWiden::<L, R>::HOLDS, fusion_rules::widen(l, r), "widen", l, r);
            };
        };
    }
    pairs!(check [
        [] [0] [1] [3] [1000000] [Dyn] [1, 3] [3, 1] [Dyn, 3] [3, Dyn] [3, 1000]
        [1, 3, 3] [2, 3, 1000] [1, 5, 3, 3] [4, 1, 3, 3] [2, 2, 1, Dyn] [5, 2, 2, 3, 3] [6, 5, 2, 2, 3, 3]
    ]);
}

#[test]
fn named_sizes_of_the_run() {
    struct Batch;
    struct Time;
    type B = (Dyn<Batch>,);
    type T = (Dyn<Time>,);
    const { assert!(AskBroadcast::<B, B>::HOLDS && AskSame::<B, B>::HOLDS && AskWiden::<B, B>::HOLDS) };
    const { assert!(!AskBroadcast::<B, T>::HOLDS && !AskSame::<B, T>::HOLDS && !AskWiden::<B, T>::HOLDS) };
    fn gives<L: Broadcast<R, Joined = Out>, R, Out>() {}
    gives::<B, (Dyn,), B>();
    gives::<(Dyn,), B, B>();
    gives::<B, (Num<1>,), B>();
    gives::<(Num<1>,), B, B>();
    gives::<B, (Num<5>,), (Num<5>,)>();
    gives::<(Num<5>,), B, (Num<5>,)>();
}

#[test]
fn reshaping() {
    /// The function, and what the types ask besides: of known elements only one size can be inferred. With open ones
    /// they leave it to the run.
    const fn rule(x: Dims, to: Dims) -> Result<Dims, Mistake> {
        let (mut i, mut open) = (0, 0);
        while i < to.rank {
            open += to.d[i].is_dyn() as usize;
            i += 1;
        }
        match fusion_rules::reshape(x, to) {
            _ if open > 1 && !x.has_dyn() => Err(Mistake::ReshapeHoles { to }),
            Err(Mistake::ReshapeHoles { .. }) if x.has_dyn() => Ok(to),
            answer => answer,
        }
    }
    macro_rules! check {
        ($l:tt $r:tt) => {
            const _: () = {
                type L = shape! $l;
                type R = shape! $r;
                let (l, r) = (dims::<L>(), dims::<R>());
                agree_that(AskReshape::<L, R>::HOLDS, rule(l, r), "reshape", l, r);
            };
        };
    }
    pairs!(check [
        [] [1] [0] [2, 3] [3, 2] [Dyn] [Dyn, 4] [Dyn, 0] [Dyn, Dyn] [64, 12, 12] [9216] [9000]
        [Dyn, 96] [Dyn, 100] [50000, 50000] [1, 2, 1, 3, 1, 1]
    ]);
}

#[test]
fn flattening() {
    const fn elements(x: Dims) -> Result<Dims, Mistake> {
        match x.len() {
            Some(n) if n <= MAX_SIZE => Ok(Dims::new(&[n])),
            None if x.has_dyn() => Ok(Dims::of(&sizes![Dyn])),
            _ => Err(Mistake::TooManyDigits),
        }
    }
    macro_rules! check {
        ($a:tt $b:tt $c:tt) => {
            const _: () = {
                type S = shape![$a, $b, $c];
                let x = dims::<S>();
                agree(AskFlat::<S>::SHAPE, fusion_rules::flatten(x), "flatten", x, x);
                agree(AskElements::<S>::SHAPE, elements(x), "elements", x, x);
            };
        };
    }
    each!(check [] [[Dyn 3] [Dyn 0 7 64 999 31623] [Dyn 1 224 1024 31622 50257]]);
    const { assert!(!AskFlat::<()>::HOLDS && !AskFlat::<(Dyn,)>::HOLDS) };
    assert_eq!(AskElements::<()>::SHAPE, Some(Dims::new(&[1])));
}

/// A reduction of the axes at `axes`, and whether it keeps them.
const fn reduced(x: Dims, axes: &[isize], keep: bool) -> Result<Dims, Mistake> {
    match fusion_rules::axis_set(axes, x.rank) {
        Ok(set) if keep => Ok(fusion_rules::reduce_keep(x, set)),
        Ok(set) => Ok(fusion_rules::reduce(x, set)),
        Err(mistake) => Err(mistake),
    }
}

#[test]
fn one_axis() {
    macro_rules! check {
        ($s:tt $i:tt) => {
            const _: () = {
                type S = shape! $s;
                type A = Axis<$i>;
                let x = dims::<S>();
                agree(AskReduce::<S, A>::SHAPE, reduced(x, &[$i], false), "reduce", x, x);
                agree(AskKeep::<S, A>::SHAPE, reduced(x, &[$i], true), "keep", x, x);
                agree(AskSqueeze::<S, A>::SHAPE, fusion_rules::squeeze(x, $i), "squeeze", x, x);
                agree(AskUnsqueeze::<S, A>::SHAPE, fusion_rules::unsqueeze(x, $i), "unsqueeze", x, x);
            };
        };
    }
    each!(check [] [
        [[] [3] [1, 3] [Dyn, 1000] [2, 1, 4] [1, 2, 3, 4, 5] [1, 2, 3, 4, 5, 6]]
        [0 1 3 5 6 {-1} {-2} {-6} {-7}]
    ]);
}

#[test]
fn several_axes() {
    macro_rules! check {
        ($s:tt $i:tt $j:tt) => {
            const _: () = {
                type S = shape! $s;
                type A = (Axis<$i>, Axis<$j>);
                let x = dims::<S>();
                agree(AskReduce::<S, A>::SHAPE, reduced(x, &[$i, $j], false), "reduce", x, x);
                agree(AskKeep::<S, A>::SHAPE, reduced(x, &[$i, $j], true), "keep", x, x);
                agree(AskPermute::<S, A>::SHAPE, fusion_rules::permute(x, &[$i, $j]), "permute", x, x);
                agree(AskSwap::<S, Axis<$i>, Axis<$j>>::SHAPE, fusion_rules::swap(x, $i, $j), "swap", x, x);
            };
        };
    }
    each!(check [] [
        [[] [3] [1, 3] [2, Dyn, 4] [1, 2, 3, 4, 5, 6]]
        [0 1 5 {-1} {-2}]
        [0 1 5 {-1} {-2}]
    ]);
    macro_rules! order {
        ($i:tt $j:tt $k:tt) => {
            const _: () = {
                type S = (Num<2>, Dyn, Num<4>);
                type A = (Axis<$i>, Axis<$j>, Axis<$k>);
                let (x, y) = (dims::<S>(), dims::<(Num<2>, Dyn)>());
                agree(AskPermute::<S, A>::SHAPE, fusion_rules::permute(x, &[$i, $j, $k]), "permute", x, x);
                let types = AskPermute::<(Num<2>, Dyn), A>::SHAPE;
                agree(types, fusion_rules::permute(y, &[$i, $j, $k]), "permute", y, y);
            };
        };
    }
    each!(order [] [[0 1 2 {-1}] [0 1 2 {-1}] [0 1 2 {-1}]]);
}

#[test]
fn what_the_run_needs_of_axes() {
    type S = (Num<2>, Num<3>, Num<4>);
    assert_eq!(<S as Reduce<(Axis<2>, Axis<0>)>>::AXES, fusion_rules::axis_set(&[2, 0], 3).unwrap());
    assert_eq!(<S as Permute<(Axis<-1>, Axis<0>, Axis<1>)>>::ORDER, [2, 0, 1]);
    assert_eq!(<S as Swap<Axis<0>, Axis<-1>>>::AXES, (0, 2));
    assert_eq!((<S as HasAxis<Axis<-1>>>::INDEX, <S as Unsqueeze<Axis<-1>>>::INDEX), (2, 3));
    assert_eq!(<(Num<2>, Num<1>) as Squeeze<Axis<-1>>>::INDEX, 1);
}

#[test]
fn types_of_const_values() {
    const N: usize = 9216;
    const SHAPE: Dims = Dims::of(&sizes![Dyn, 3, N, 224]);
    fn same<T: 'static, U: 'static>() {
        assert_eq!(core::any::TypeId::of::<T>(), core::any::TypeId::of::<U>());
    }
    same::<crate::dim_of!(N), Big4<9, 2, 1, 6>>();
    same::<crate::dim_of!(N / 9216), Num<1>>();
    same::<crate::dim_of!(999_999_999), Big9<9, 9, 9, 9, 9, 9, 9, 9, 9>>();
    const SPELLED: consts::SpelledShape = consts::spelled_shape(SHAPE);
    same::<crate::spelled_dim!(SPELLED.c), Big4<9, 2, 1, 6>>();
    const OPEN: consts::Spelled = consts::spelled(Size::Dyn);
    same::<crate::spelled_dim!(OPEN), Dyn>();
    same::<shape![Dyn, { N }, 2 * N, N - 9000], shape![Dyn, 9216, 18432, 216]>();
    assert_eq!(<shape![Dyn, 3, 9216, 224] as consts::KnownShape>::DIMS, SHAPE);
}
