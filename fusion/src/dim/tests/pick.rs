//! The rules of indices.

use super::layers::{dim_type, size};
use super::*;

ask!(AskGather<S, A, I> where [S: Gather<A, I>]);
ask!(AskIndex<S, I> where [S: HasIndex<I>]);
ask!(AskFromEnd<S, I> where [S: HasIndexFromEnd<I>]);
ask!(AskRange<S, K> where [S: HasRange<K>]);
ask!(AskLeaves<S, K, Up, Step> where [S: LeavesOut<K, Up, Step>] => (S::Out,));

/// What a comparison of numbers says, in the form of a rule.
const fn so(holds: bool, gives: Dims) -> Result<Dims, Mistake> {
    if holds { Ok(gives) } else { Err(Mistake::Zero) }
}

#[test]
fn numbers_and_ranges() {
    macro_rules! check {
        ($s:tt $k:tt) => {
            const _: () = {
                type S = dim_type!($s);
                let (s, k) = (Dims::of(&[size!($s)]), Dims::new(&[$k]));
                const K: usize = $k;
                let (below, enough) = match size!($s) {
                    Size::Known(size) => (K < size, size >= K),
                    _ => (true, true),
                };
                agree_that(AskIndex::<S, dim!($k)>::HOLDS, so(below, s), "index", s, k);
                agree_that(AskFromEnd::<S, dim!($k)>::HOLDS, so(enough, s), "index from the end", s, k);
                agree_that(AskRange::<S, dim!($k)>::HOLDS, so(enough, s), "range", s, k);
            };
        };
    }
    each!(check [] [[0 1 4 1000 1000000 Dyn] [0 1 3 4 999 1000 1000000]]);
    macro_rules! leaves {
        ($s:tt $k:tt $step:tt) => {
            const _: () = {
                const K: usize = $k;
                let (s, k) = (Dims::of(&[size!($s)]), Dims::new(&[$k, $step]));
                let rule = match size!($s) {
                    Size::Known(size) if size < K => Err(Mistake::Zero),
                    Size::Known(size) => Ok(Dims::new(&[(size - K).div_ceil($step)])),
                    open => Ok(Dims::of(&[open])),
                };
                type Asked = AskLeaves<dim_type!($s), dim!($k), dim!($step - 1), dim!($step)>;
                agree(Asked::SHAPE, rule, "left out", s, k);
            };
        };
    }
    each!(leaves [] [[0 4 5 1000 Dyn] [0 3 4 999] [1 2 3 1000]]);
}

#[test]
fn tensors_of_indices() {
    macro_rules! check {
        ($s:tt $i:tt) => {
            const _: () = {
                type S = shape! $s;
                type I = shape! $i;
                let (s, i) = (dims::<S>(), dims::<I>());
                const fn rule(s: Dims, axis: isize, i: Dims) -> Result<Dims, Mistake> {
                    match fusion_rules::axis(axis, s.rank) {
                        Ok(axis) => fusion_rules::gather(s, axis, i),
                        Err(mistake) => Err(mistake),
                    }
                }
                agree_that(AskGather::<S, Axis<0>, I>::HOLDS, rule(s, 0, i), "gather", s, i);
                agree_that(AskGather::<S, Axis<-1>, I>::HOLDS, rule(s, -1, i), "gather", s, i);
            };
        };
    }
    pairs!(check [[] [3] [2] [Dyn] [2, 3] [3, 3] [2, 1024] [1024, 3] [Dyn, 3] [2, Dyn] [0, 3] [2, 3, 4] [2, 2, Dyn] [3, 3, 4]]);
}
