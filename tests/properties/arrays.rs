//! Tensors drawn together with the ndarray arrays that they must equal, and what ndarray makes of those.

use fusion::Element;
use fusion::internals::graph::Value;
use fusion::internals::kernels::{Array, Dims};
use fusion::internals::ops::scan::flip;
use fusion::internals::ops::shape::{expand, permute};
use fusion::internals::ops::slice;
use fusion::ndarray::{ArrayD, Axis, IxDyn, Slice};
use fusion::prelude::*;
use proptest::prelude::*;
use std::fmt::Debug;

/// `$body` with `$S` standing for the shape of `$rank` sizes that the run decides.
macro_rules! by_rank {
    ($rank:expr, $S:ident => $body:expr) => {
        by_rank! {
            @ $rank, $S => $body;
            0 (), 1 (Dyn,), 2 (Dyn, Dyn), 3 (Dyn, Dyn, Dyn), 4 (Dyn, Dyn, Dyn, Dyn), 5 (Dyn, Dyn, Dyn, Dyn, Dyn),
            6 (Dyn, Dyn, Dyn, Dyn, Dyn, Dyn)
        }
    };
    (@ $rank:expr, $S:ident => $body:expr; $($n:literal $shape:ty),*) => {
        match $rank {
            $($n => {
                type $S = $shape;
                $body
            })*
            rank => unreachable!("no tensor has {rank} axes"),
        }
    };
}

/// The most elements that a drawn tensor has, about.
const MOST: usize = 2000;

/// What a case is made of: sizes, decisions, of which 0 is the simplest, and a seed of elements.
#[derive(Clone, Debug)]
pub struct Source {
    sizes: Vec<usize>,
    decisions: Vec<u8>,
    seed: u64,
}

pub fn source() -> impl Strategy<Value = Source> {
    let size = prop_oneof![12 => 1..=5usize, 1 => Just(0), 1 => 6..=40usize];
    let sizes = proptest::collection::vec(size, 0..=5).prop_map(|mut sizes| {
        while sizes.iter().product::<usize>() > MOST {
            *sizes.iter_mut().max().expect("a size") /= 2;
        }
        sizes
    });
    (sizes, proptest::collection::vec(any::<u8>(), 40), any::<u64>()).prop_map(|(sizes, decisions, seed)| Source {
        sizes,
        decisions,
        seed,
    })
}

/// Which elements are drawn.
#[derive(Clone, Copy, PartialEq)]
pub enum Values {
    /// Multiples of 1/8 from -4 to 4.
    Any,
    /// Those and zeros of either sign, infinities and NaN.
    Special,
    /// Those and numbers whose squares have no place in `f32`.
    Far,
    /// Mostly ones of either sign, a 0 here and there: products of them are exact.
    Ones,
}

/// An element type, by way of `f64`.
pub trait Number: Element + Debug {
    fn of(x: f64) -> Self;
    fn as_f64(self) -> f64;
}

macro_rules! numbers {
    ($($T:ty: $of:expr, $as:expr;)*) => { $(
        impl Number for $T {
            fn of(x: f64) -> Self {
                $of(x)
            }
            fn as_f64(self) -> f64 {
                $as(self)
            }
        }
    )* };
}
numbers! {
    f32: |x| x as f32, f64::from;
    f64: |x| x, |x| x;
    i64: |x| (8.0 * x) as i64, |x: i64| x as f64;
    u8: |x| (8.0 * x) as i64 as u8, f64::from;
    bool: |x| x > 0.0, |x: bool| f64::from(u8::from(x));
}

/// Draws one case.
pub struct Draw {
    /// Sizes for its first tensor.
    pub sizes: Vec<usize>,
    decisions: std::vec::IntoIter<u8>,
    state: u64,
}

/// A tensor and the array that it must equal.
#[derive(Clone)]
pub struct Both<T> {
    pub value: Value,
    pub array: ArrayD<T>,
}

impl<T: Number> Both<T> {
    /// The array in `f64`.
    pub fn numbers(&self) -> ArrayD<f64> {
        self.array.mapv(Number::as_f64)
    }
}

impl Draw {
    pub fn new(source: Source) -> Self {
        Self { sizes: source.sizes, decisions: source.decisions.into_iter(), state: source.seed }
    }

    /// A decision: a number below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        usize::from(self.decisions.next().unwrap_or(0)) % n
    }

    /// One of these.
    pub fn one_of<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        let at = self.random(list.len());
        &list[at]
    }

    /// A number below `n` that is no simpler where it is 0.
    pub fn random(&mut self, n: usize) -> usize {
        self.state = self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.state >> 33) as usize % n
    }

    fn element(&mut self, values: Values) -> f64 {
        let number = (self.random(65) as f64 - 32.0) / 8.0;
        match (values, self.random(40)) {
            (Values::Special | Values::Far, at @ 0..=4) => [0.0, -0.0, f64::INFINITY, f64::NEG_INFINITY, f64::NAN][at],
            (Values::Far, at @ 5..=8) => [1e30, -1e30, 1e-30, 90.0][at - 5],
            (Values::Ones, 0) => 0.0,
            (Values::Ones, at) => [1.0, -1.0][at % 2],
            _ => number,
        }
    }

    /// A tensor of these sizes, lying in memory in any order of its axes, cut out of a larger one, stretched or turned
    /// round.
    pub fn tensor<T: Number>(&mut self, sizes: &[usize], values: Values) -> Both<T> {
        let mut order: Vec<usize> = (0..sizes.len()).collect();
        for i in 1..sizes.len() {
            let other = i - self.below(i + 1);
            order.swap(i, other);
        }
        // How each axis, in memory's order, comes to its size.
        let ways: Vec<usize> = order.iter().map(|_| self.below(6)).collect();
        let size = |(&axis, &way): (&usize, &usize)| match way {
            3 => sizes[axis] + 3,
            5 => 1,
            _ => sizes[axis],
        };
        let memory: Vec<usize> = order.iter().zip(&ways).map(size).collect();
        let elements: Vec<T> = (0..memory.iter().product()).map(|_| T::of(self.element(values))).collect();

        let mut value = Value::from(Array::from_slice(&elements, Dims::new(&memory)));
        let mut array = ArrayD::from_shape_vec(IxDyn(&memory), elements).expect("as many");
        for (place, (&axis, &way)) in order.iter().zip(&ways).enumerate() {
            match way {
                3 => {
                    value = slice(value, place, 2, 2 + sizes[axis]);
                    array.slice_axis_inplace(Axis(place), Slice::from(2..2 + sizes[axis]));
                }
                4 => {
                    value = flip(&value, 1 << place);
                    array.invert_axis(Axis(place));
                }
                5 => {
                    let mut wide: Vec<usize> = value.shape().iter().collect();
                    wide[place] = sizes[axis];
                    value = expand(value, &Dims::new(&wide));
                    array = array.broadcast(IxDyn(&wide)).expect("of 1").to_owned();
                }
                _ => {}
            }
        }
        let mut back = vec![0; order.len()];
        order.iter().enumerate().for_each(|(place, &axis)| back[axis] = place);
        Both { value: permute(value, &back), array: array.permuted_axes(IxDyn(&back)) }
    }

    /// Sizes that broadcast to `sizes`: some axes in front gone, some of size 1.
    pub fn broadcast(&mut self, sizes: &[usize]) -> Vec<usize> {
        let gone = if self.below(3) == 2 { self.below(sizes.len() + 1) } else { 0 };
        sizes[gone..].iter().map(|&size| if self.below(4) == 3 { 1 } else { size }).collect()
    }

    /// An axis of a tensor that has one.
    pub fn axis(&mut self, rank: usize) -> usize {
        self.below(rank)
    }

    /// A set of axes.
    pub fn axes(&mut self, rank: usize) -> u8 {
        (0..rank).fold(0, |axes, axis| axes | u8::from(self.below(2) == 1) << axis)
    }
}

/// Is the tensor equal to the array? To this share of an element, or of 1 where that is more; NaN is NaN.
pub fn equal<T: Number>(what: &str, found: &Value, want: &ArrayD<f64>, share: f64) -> Result<(), String> {
    by_rank!(found.shape().rank(), S => {
        let tensor = Tensor::<S, T>::from_value(found.clone()).map_err(|error| format!("{what}: {error}"))?;
        let found = tensor.as_ndarray();
        if found.shape() != want.shape() {
            return Err(format!("{what}: the shape is {:?} instead of {:?}", found.shape(), want.shape()));
        }
        for (place, &found) in found.indexed_iter() {
            let (x, y) = (found.as_f64(), want[&place]);
            let y = if share > 0.0 { T::of(y).as_f64() } else { y };
            let close = (x - y).abs() <= share * y.abs().max(1.0) && y.is_finite();
            if x != y && !(x.is_nan() && y.is_nan()) && !close {
                return Err(format!("{what}: {x:?} instead of {y:?} at {place:?} of {:?}", want.shape()));
            }
        }
    });
    Ok(())
}

/// What `f` makes of the elements along some axes; these stay with size 1, or go.
pub fn over(x: &ArrayD<f64>, axes: u8, keep: bool, f: impl Fn(&[f64]) -> f64) -> ArrayD<f64> {
    let (gone, stay): (Vec<usize>, Vec<usize>) = (0..x.ndim()).partition(|axis| axes >> axis & 1 == 1);
    let each: usize = gone.iter().map(|&axis| x.shape()[axis]).product();
    let count: usize = stay.iter().map(|&axis| x.shape()[axis]).product();
    let shape: Vec<usize> = if keep {
        (0..x.ndim()).map(|axis| if axes >> axis & 1 == 1 { 1 } else { x.shape()[axis] }).collect()
    } else {
        stay.iter().map(|&axis| x.shape()[axis]).collect()
    };
    let moved: Vec<f64> = x.view().permuted_axes(IxDyn(&[stay, gone].concat())).iter().copied().collect();
    let values = (0..count).map(|i| f(&moved[i * each..(i + 1) * each])).collect();
    ArrayD::from_shape_vec(IxDyn(&shape), values).expect("one for each")
}

/// What `f` makes of the elements along an axis, `length` of them.
pub fn along(x: &ArrayD<f64>, axis: usize, length: usize, f: impl Fn(&[f64]) -> Vec<f64>) -> ArrayD<f64> {
    let mut shape = x.shape().to_vec();
    shape[axis] = length;
    let mut y = ArrayD::zeros(IxDyn(&shape));
    for (mut to, from) in y.lanes_mut(Axis(axis)).into_iter().zip(x.lanes(Axis(axis))) {
        to.iter_mut().zip(f(&from.to_vec())).for_each(|(to, value)| *to = value);
    }
    y
}
