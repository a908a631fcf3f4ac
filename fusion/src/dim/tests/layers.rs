//! The rules of layers of images and sequences.

use super::*;

ask!(AskTransposed<H, K, S, P, OP, D> where [H: TransposedWindow<K, S, P, OP, D>] => (H::Out,));
ask!(AskPool<P, K> where [P: PoolPadding<K>]);
ask!(AskScaled<H, F> where [H: Scaled<F>] => (H::Out,));
ask!(AskShuffled<C, R> where [C: Shuffled<R>] => (C::Out,));
ask!(AskAtLeast<S, K> where [S: AtLeast<K>]);
ask!(AskPlus<L, R> where [L: Plus<R>] => (L::Out,));
ask!(AskPadded<H, P> where [H: Plus<P, Out: Plus<P>>] => (<H::Out as Plus<P>>::Out,));
ask!(AskDivided<C, G> where [C: DividedBy<G>]);
ask!(AskHeads<E, H> where [E: Heads<H>]);
ask!(AskPositive<N> where [N: Positive]);
ask!(AskConcat<L, A, R> where [L: Concat<A, R>] => L::Out);
ask!(AskJoin<L, R> where [L: Join<R>] => L::Out);
ask!(AskIndices<S> where [S: Indices, S::With<Num<9>>: Shape] => S::With<Num<9>>);

/// A size as a number and as a type.
macro_rules! size {
    (Dyn) => {
        Size::Dyn
    };
    ($n:tt) => {
        Size::Known($n)
    };
}
macro_rules! dim_type {
    (Dyn) => {
        Dyn
    };
    ($n:tt) => {
        dim!($n)
    };
}
pub(super) use {dim_type, size};

pub(super) const fn one(size: Result<Size, Mistake>) -> Result<Dims, Mistake> {
    match size {
        Ok(size) => Ok(Dims::of(&[size])),
        Err(mistake) => Err(mistake),
    }
}

#[test]
fn windows_that_keep_the_size() {
    macro_rules! check {
        ($h:tt $k:tt $s:tt $d:tt) => {
            const _: () = {
                let types = AskWindow::<dim_type!($h), dim!($k), dim!($s), Same, dim!($d)>::SHAPE;
                let window = Geometry { kernel: $k, stride: $s, padding: Pads::Same, dilation: $d };
                let rule = one(fusion_rules::window(size!($h), window));
                agree(types, rule, "window", Dims::of(&[size!($h)]), Dims::new(&[$k, $s, $d]));
            };
        };
    }
    each!(check [] [[1 1000003 Dyn] [0 4] [0 1 2] [0 1 3]]);
    macro_rules! open {
        ($k:tt $s:tt $d:tt) => {
            const _: () = {
                let types = AskWindow::<Dyn, dim!($k), dim!($s), Num<0>, dim!($d)>::SHAPE;
                let window = Geometry { kernel: $k, stride: $s, padding: Pads::By(0), dilation: $d };
                let rule = one(fusion_rules::window(Size::Dyn, window));
                agree(types, rule, "window", Dims::SCALAR, Dims::SCALAR);
            };
        };
    }
    each!(open [] [[0 3] [0 2] [0 2]]);
    // In generic code too, and whatever it is named.
    fn keeps<H: Window<Num<5>, Num<1>, Same, Num<1>, Out = H>>() {}
    fn any<H: Dim>() {
        keeps::<H>();
    }
    any::<Num<7>>();
}

#[test]
fn transposed_windows() {
    macro_rules! check {
        ($h:tt $k:tt $s:tt $p:tt $op:tt $d:tt) => {
            const _: () = {
                let types = AskTransposed::<dim_type!($h), dim!($k), dim!($s), dim!($p), dim!($op), dim!($d)>::SHAPE;
                let window = Geometry { kernel: $k, stride: $s, padding: Pads::By($p), dilation: $d };
                let rule = one(fusion_rules::transposed_window(size!($h), window, $op));
                agree(types, rule, "transposed window", Dims::of(&[size!($h)]), Dims::new(&[$k, $s, $p, $op, $d]));
            };
        };
    }
    each!(check [] [[0 1 2 28 500000000] [1 4] [1 2 3] [0 2] [0 1] [1]]);
    each!(check [] [[1 Dyn] [0 3] [0 2] [1] [0 2] [0 3]]);
}

#[test]
fn paddings_of_pooling() {
    macro_rules! check {
        ($p:tt $k:tt) => {
            const _: () = {
                let rule = and(fusion_rules::pool_padding($k, Pads::By($p)), Dims::SCALAR);
                agree_that(AskPool::<dim!($p), dim!($k)>::HOLDS, rule, "pool", Dims::new(&[$p]), Dims::new(&[$k]));
            };
        };
    }
    each!(check [] [[0 1 2 3 10] [0 1 2 3 4 7 21]]);
    const { assert!(!AskPool::<Same, Num<3>>::HOLDS && fusion_rules::pool_padding(3, Pads::Same).is_err()) };
}

#[test]
fn sums_and_products_of_sizes() {
    macro_rules! check {
        ($a:tt $b:tt) => {
            const _: () = {
                type A = dim_type!($a);
                type B = dim_type!($b);
                let (a, b) = (Dims::of(&[size!($a)]), Dims::of(&[size!($b)]));
                agree(AskPlus::<A, B>::SHAPE, one(fusion_rules::plus(size!($a), size!($b))), "plus", a, b);
                if let Size::Known(times) = size!($b) {
                    agree(AskPadded::<A, B>::SHAPE, one(fusion_rules::padded(size!($a), times)), "padded", a, b);
                    agree(AskScaled::<A, B>::SHAPE, one(fusion_rules::scaled(size!($a), times)), "scaled", a, b);
                }
            };
        };
    }
    pairs!(check [0 1 3 999 1000 333333334 999999999 Dyn]);
    const { assert!(AskPositive::<Num<1>>::HOLDS && AskPositive::<Big4<1, 0, 0, 0>>::HOLDS) };
    const { assert!(!AskPositive::<Num<0>>::HOLDS && !AskPositive::<Dyn>::HOLDS) };
}

#[test]
fn equal_parts() {
    macro_rules! check {
        ($c:tt $g:tt) => {
            const _: () = {
                type C = dim_type!($c);
                type G = dim!($g);
                let (c, g) = (Dims::of(&[size!($c)]), Dims::new(&[$g]));
                agree_that(
                    AskDivided::<C, G>::HOLDS,
                    and(fusion_rules::groups(size!($c), Size::Dyn, $g), c),
                    "groups",
                    c,
                    g,
                );
                agree_that(AskHeads::<C, G>::HOLDS, and(fusion_rules::heads(size!($c), $g), c), "heads", c, g);
            };
        };
    }
    each!(check [] [[0 1 64 96 1000 1000000 Dyn] [0 1 2 3 32 1000]]);
    macro_rules! shuffled {
        ($c:tt $r:tt) => {
            const _: () = {
                let rule = one(fusion_rules::shuffled(size!($c), $r));
                agree(AskShuffled::<dim_type!($c), dim!($r)>::SHAPE, rule, "pixels", Dims::SCALAR, Dims::SCALAR);
            };
        };
    }
    each!(shuffled [] [[0 1 4 12 18 64 1000 1024 1000000 Dyn] [1 2 3 4 32]]);
    macro_rules! largest {
        ($s:tt $k:tt) => {
            const _: () = {
                let (s, k) = (Dims::of(&[size!($s)]), Dims::new(&[$k]));
                let rule = and(fusion_rules::at_least(size!($s), $k), s);
                agree_that(AskAtLeast::<dim_type!($s), dim!($k)>::HOLDS, rule, "largest", s, k);
            };
        };
    }
    each!(largest [] [[0 1 4 999 1000 1024 1000000 Dyn] [0 1 4 5 999 1000 1025]]);
    fn of<G: Groups<Of<Num<64>> = Of>, Of>() {}
    of::<Num<1>, Num<64>>();
    of::<Num<2>, Dyn>();
    of::<Big4<1, 0, 2, 4>, Dyn>();
}

#[test]
fn tensors_one_behind_the_other() {
    /// The axis counted from the front.
    const fn concat(l: Dims, r: Dims, axis: isize) -> Result<Dims, Mistake> {
        match (fusion_rules::axis(axis, l.rank), fusion_rules::axis(axis, r.rank)) {
            (Ok(axis), Ok(_)) => fusion_rules::concat(l, r, axis),
            (Err(mistake), _) | (_, Err(mistake)) => Err(mistake),
        }
    }
    macro_rules! check {
        ($l:tt $r:tt) => {
            const _: () = {
                type L = shape! $l;
                type R = shape! $r;
                let (l, r) = (dims::<L>(), dims::<R>());
                agree(AskJoin::<L, R>::SHAPE, fusion_rules::join(l, r), "join", l, r);
                agree(AskConcat::<L, Axis<0>, R>::SHAPE, concat(l, r, 0), "concat", l, r);
                agree(AskConcat::<L, Axis<-1>, R>::SHAPE, concat(l, r, -1), "concat", l, r);
            };
        };
    }
    pairs!(check [
        [] [3] [2, 3] [Dyn, 3] [2, Dyn] [2, 999999999] [2, 3, 4] [2, 5, Dyn] [2, 3, 4, 4] [2, 3, 4, 4, 5, 6]
    ]);
    assert_eq!(<(Num<2>, Num<3>) as Concat<Axis<-1>, (Num<2>, Dyn)>>::INDEX, 1);
}

#[test]
fn one_axis_more() {
    macro_rules! check {
        ($s:tt) => {
            const _: () = {
                type S = shape! $s;
                let x = dims::<S>();
                agree(AskIndices::<S>::SHAPE, fusion_rules::embedding(Size::Known(9), x), "embedding", x, x);
            };
        };
    }
    each!(check [] [[[] [3] [Dyn, 3] [1, 2, 3, 4, 5] [1, 2, 3, 4, 5, 6]]]);
}
