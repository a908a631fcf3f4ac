//! The rules of elements that move.

use fusion_rules::Fill;

use super::layers::{dim_type, one, size};
use super::*;

ask!(AskFilled<H, E, M> where [H: Padded<E, M>] => (H::Out,));
ask!(AskRepeat<S, N> where [S: Repeat<N>] => S::Out);
ask!(AskSplit<S, L> where [S: Split<L>]);
ask!(AskUnflatten<S, A, L> where [S: UnflattenAxis<A, L>] => S::Out);
ask!(AskFlatten<S, A, B> where [S: FlattenAxes<A, B>] => S::Out);
ask!(AskMove<S, A, B> where [S: MoveAxis<A, B>] => S::Out);
ask!(AskScale<S, A, N> where [S: ScaleAxis<A, N>] => S::Out);
ask!(AskDiagonal<R, C, O> where [R: DiagonalOf<C, O>] => (R::Out,));
ask!(AskDiagonals<S, A, B> where [S: DiagonalAxes<A, B, Above<0>>] => S::Out);
ask!(AskUnfold<X, P> where [X: Unfold<P>] => X::Out);
ask!(AskFold<X, P, I> where [X: Fold<P, I>] => X::Out);

#[test]
fn ends_of_axes() {
    macro_rules! check {
        ($h:tt $begin:tt $end:tt) => {
            const _: () = {
                let (of, with) = (Dims::of(&[size!($h)]), Dims::new(&[$begin, $end]));
                macro_rules! mode {
                    ($mode:ty, $fill:ident) => {
                        let types = AskFilled::<dim_type!($h), Ends<$begin, $end>, $mode>::SHAPE;
                        agree(
                            types,
                            one(fusion_rules::filled(size!($h), [$begin, $end], Fill::$fill)),
                            stringify!($fill),
                            of,
                            with,
                        );
                    };
                }
                mode!(Constant<f32>, Constant);
                mode!(Reflect, Reflect);
                mode!(Circular, Circular);
                let types = AskFilled::<dim_type!($h), Ends<$begin, $end>, rule::Shrink>::SHAPE;
                agree(
                    types,
                    one(fusion_rules::filled(size!($h), [-$begin, -$end], Fill::Constant)),
                    "shrink",
                    of,
                    with,
                );
                // That an axis of 0 has nothing to replicate only the run says.
                if !size!($h).is_number(0) {
                    mode!(Replicate, Replicate);
                }
                assert!(AskFilled::<dim_type!($h), [isize; 2], Reflect>::HOLDS);
            };
        };
    }
    each!(check [] [[0 1 3 4 999 1000 1000003 Dyn] [0 1 3 4] [0 1 2 999]]);
}

#[test]
fn copies_and_parts() {
    macro_rules! repeat {
        ($a:tt $b:tt $n:tt) => {
            const _: () = {
                let (of, by) = (Dims::of(&[size!($a), size!($b)]), Dims::new(&[2, $n]));
                let types = AskRepeat::<(dim_type!($a), dim_type!($b)), shape![2, $n]>::SHAPE;
                agree(types, fusion_rules::repeat(of, by), "repeat", of, by);
                let types = AskRepeat::<(dim_type!($a), dim_type!($b)), shape![$n]>::SHAPE;
                agree(types, fusion_rules::repeat(of, Dims::new(&[$n])), "repeat", of, by);
                let types = AskScale::<(dim_type!($a), dim_type!($b)), Axis<1>, dim!($n)>::SHAPE;
                agree(types, fusion_rules::repeat(of, Dims::new(&[1, $n])), "scale", of, by);
            };
        };
    }
    each!(repeat [] [[1 3 Dyn] [1 999 1000 Dyn] [0 1 4 1000]]);
    macro_rules! split {
        ($s:tt $a:tt $b:tt) => {
            const _: () = {
                let (of, parts) = (Dims::of(&[size!($s)]), Dims::new(&[$a, $b]));
                let rule = and(fusion_rules::split(size!($s), &[$a, $b]), Dims::SCALAR);
                agree_that(AskSplit::<dim_type!($s), shape![$a, $b]>::HOLDS, rule, "split", of, parts);
                let rule = and(fusion_rules::split(size!($s), &[$a, $b, 1]), Dims::SCALAR);
                agree_that(AskSplit::<dim_type!($s), shape![$a, $b, 1]>::HOLDS, rule, "split", of, parts);
            };
        };
    }
    each!(split [] [[0 3 4 1000 1001 Dyn] [0 1 2 999] [0 1 2]]);
}

#[test]
fn axes_that_move() {
    macro_rules! axes {
        ($a:tt $b:tt) => {
            const _: () = {
                let (of, with) = (Dims::of(&sizes![Dyn, 3, 1000]), Dims::new(&[$a, $b]));
                type S = (Dyn, Num<3>, dim!(1000));
                let (a, b) = ($a, $b);
                let rule = if a > 2 || b > 2 { Some(Mistake::NoAxis { axis: 3, rank: 3 }) } else { None };
                let flat = match rule {
                    Some(e) => Err(e),
                    None => fusion_rules::flatten_axes(of, $a, $b),
                };
                agree(AskFlatten::<S, Axis<$a>, Axis<$b>>::SHAPE, flat, "flatten", of, with);
                let moved = match rule {
                    Some(e) => Err(e),
                    None => {
                        let mut order = [0isize; 3];
                        let (mut i, mut from) = (0, 0);
                        while i < 3 {
                            if i == b {
                                order[i] = a as isize;
                            } else {
                                if from == a {
                                    from += 1;
                                }
                                order[i] = from as isize;
                                from += 1;
                            }
                            i += 1;
                        }
                        fusion_rules::permute(of, &order)
                    }
                };
                agree(AskMove::<S, Axis<$a>, Axis<$b>>::SHAPE, moved, "move", of, with);
                assert!(AskDiagonals::<S, Axis<$a>, Axis<$b>>::HOLDS == (rule.is_none() && a != b));
            };
        };
    }
    pairs!(axes [0 1 2 3]);
    macro_rules! unflatten {
        ($n:tt $a:tt $b:tt) => {
            const _: () = {
                let (of, to) = (Dims::of(&[size!(Dyn), size!($n), size!(5)]), Dims::of(&[size!($a), size!($b)]));
                type S = (Dyn, dim_type!($n), Num<5>);
                let types = AskUnflatten::<S, Axis<1>, (dim_type!($a), dim_type!($b))>::SHAPE;
                // What the types leave open the numbers may know.
                let rule = match fusion_rules::unflatten_axis(of, 1, to) {
                    Ok(_) => Ok(Dims::of(&[size!(Dyn), size!($a), size!($b), size!(5)])),
                    Err(e) => Err(e),
                };
                agree(types, rule, "unflatten", of, to);
                assert!(!AskUnflatten::<S, Axis<1>, (dim_type!($a), dim_type!($b), Num<1>, Num<1>, Num<1>)>::HOLDS);
            };
        };
    }
    each!(unflatten [] [[6 1000 Dyn] [2 3 Dyn] [2 3 500]]);
}

#[test]
fn diagonals() {
    macro_rules! check {
        ($r:tt $c:tt $k:tt) => {
            const _: () = {
                let (of, with) = (Dims::of(&[size!($r), size!($c)]), Dims::new(&[$k]));
                let above = Ok(Dims::of(&[fusion_rules::diagonal(size!($r), size!($c), $k)]));
                agree(AskDiagonal::<dim_type!($r), dim_type!($c), Above<$k>>::SHAPE, above, "above", of, with);
                let below = Ok(Dims::of(&[fusion_rules::diagonal(size!($r), size!($c), -$k)]));
                agree(AskDiagonal::<dim_type!($r), dim_type!($c), Below<$k>>::SHAPE, below, "below", of, with);
            };
        };
    }
    each!(check [] [[0 1 4 1000 Dyn] [1 3 999 1024 Dyn] [0 1 3 5]]);
}

#[test]
fn patches() {
    macro_rules! check {
        ($h:tt $c:tt $k:tt) => {
            const _: () = {
                let of = Dims::of(&[size!(7), size!($c), size!($h), size!(6)]);
                type P = Patches<(dim!($k), Num<2>), Num<2>, (Num<1>, Num<0>)>;
                let high = Geometry { kernel: $k, stride: 2, padding: Pads::By(1), dilation: 1 };
                let rule = match fusion_rules::window(size!($h), high) {
                    Ok(Size::Known(high)) => Ok(Dims::of(&[size!(7), rows(size!($c), $k * 2), Size::Known(high * 3)])),
                    Ok(_) => Ok(Dims::of(&[size!(7), rows(size!($c), $k * 2), Size::Dyn])),
                    Err(e) => Err(e),
                };
                let types = AskUnfold::<(Num<7>, dim_type!($c), dim_type!($h), Num<6>), P>::SHAPE;
                agree(types, rule, "unfold", of, Dims::new(&[$k]));
            };
        };
    }
    const fn rows(channels: Size, under: usize) -> Size {
        match channels {
            Size::Known(n) => Size::Known(n * under),
            _ => Size::Dyn,
        }
    }
    each!(check [] [[1 4 9 Dyn] [1 3 Dyn] [1 3 7]]);
    macro_rules! fold {
        ($rows:tt $columns:tt) => {
            const _: () = {
                let of = Dims::of(&[size!(7), size!($rows), size!($columns)]);
                let types =
                    AskFold::<(Num<7>, dim_type!($rows), dim_type!($columns)), Patches<Num<2>>, shape![4, 3]>::SHAPE;
                let rule = match fusion_rules::folded(size!($rows), size!($columns), 4, 6) {
                    Ok(channels) => Ok(Dims::of(&[size!(7), channels, size!(4), size!(3)])),
                    Err(e) => Err(e),
                };
                agree(types, rule, "fold", of, Dims::SCALAR);
            };
        };
    }
    each!(fold [] [[0 4 6 12 1000 Dyn] [5 6 1000 Dyn]]);
}
