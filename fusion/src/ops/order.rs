//! Elements in order along an axis: sorted, the largest, the middle ones. Values have the gradient of the places they come
//! from; places are whole numbers and have none.

use super::binary::{add, mul_scalar, sub};
use super::concat::slice;
use super::pool::take;
use super::shape::{reshape, squeeze, swap};
use crate::dim::rule::{AnAxis, Said};
use crate::dim::{AtLeast, Dyn, HasAxis, Nat, Positive};
use crate::graph::{Link, Value};
use crate::kernels::{Array, DType, Dims, Element, elementwise, order as kernel, reduce};
use crate::tensor::{Float, Scalar, Tensor};
use crate::{Error, Result};
use fusion_rules::Size;

/// The elements of `x` at the places along `axis` that `places` finds in rows `[.., 1, 1, n]`, and these places.
#[track_caller]
fn chosen(name: &'static str, x: &Value, axis: usize, places: impl FnOnce(&Array) -> Array) -> (Value, Value) {
    let (shape, last) = (*x.shape(), x.shape().rank() - 1);
    let turned = if axis == last { x.clone() } else { swap(x.clone(), axis, last) };
    let rows = reshape(turned, &Dims::new(&[shape.without(axis).count(), 1, 1, shape.get(axis)]));
    let back = |y: Value| {
        let mut shape = shape;
        shape.set(axis, y.shape().last());
        let y = reshape(y, &shape.swapped(axis, last));
        if axis == last { y } else { swap(y, axis, last) }
    };
    let places = places(rows.array());
    (back(take([name, "put"], rows, places.clone(), 0.0)), back(places.into()))
}

/// The first `count` elements along `axis` in rising order, or in falling order, and their places; equal ones stay in their
/// order, and NaN is larger than all numbers.
#[track_caller]
pub fn first(x: &Value, axis: usize, count: usize, descending: bool) -> (Value, Value) {
    chosen("sort", x, axis, |rows| kernel::first(rows, count, descending))
}

/// Places in rows: for each row those with the numbers `which` in rising order, and of rows with NaN always the first NaN if
/// `nan`.
#[track_caller]
fn ranked<const N: usize>(rows: &Array, which: [usize; N], nan: bool) -> Array {
    let count = which.iter().max().map_or(0, |last| last + 1);
    let order = kernel::first(rows, count, false).to_vec::<i64>();
    let has_nan = |rows: &Array| {
        elementwise::cast(&reduce::max(&elementwise::nan_mask(rows.clone()), 0b1000, false), DType::Bool)
    };
    let first_nan =
        (nan && rows.count() > 0).then(|| (has_nan(rows).to_vec::<bool>(), reduce::argmax(rows, 3).to_vec::<i64>()));
    Array::from_fn(Dims::new(&[rows.shape().get(0), 1, 1, N]), |i| match &first_nan {
        Some((has, place)) if has[i / N] => place[i / N],
        _ => order[i / N * count + which[i % N]],
    })
}

/// Is there an element number `k`, counted from 1, along `axis`?
#[track_caller]
fn check(name: &str, x: &Value, axis: usize, k: usize) {
    let shape = x.shape();
    assert!(
        (1..=shape.get(axis)).contains(&k),
        "{name}: axis {axis} of {shape:?} has no element number {k}, counted from 1"
    );
}

/// Element `k` along `axis` in rising order, counted from 1, and its place.
#[track_caller]
pub fn kthvalue(x: &Value, axis: usize, k: usize) -> (Value, Value) {
    check("kthvalue", x, axis, k);
    let (values, places) = chosen("kthvalue", x, axis, |rows| ranked(rows, [k - 1], false));
    (squeeze(values, axis), squeeze(places, axis))
}

/// The middle element along `axis`, the lower of two, and its place; NaN where there is one.
#[track_caller]
pub fn median(x: &Value, axis: usize) -> (Value, Value) {
    check("median", x, axis, 1);
    let middle = (x.shape().get(axis) - 1) / 2;
    let (values, places) = chosen("median", x, axis, |rows| ranked(rows, [middle], true));
    (squeeze(values, axis), squeeze(places, axis))
}

/// The number below which the share `q` of the elements along `axis` lies, on the line between two neighbours; NaN where there
/// is one.
#[track_caller]
pub fn quantile(x: &Value, axis: usize, q: f64) -> Value {
    assert!((0.0..=1.0).contains(&q), "quantile: a share is a number from 0 to 1, but it is {q}");
    check("quantile", x, axis, 1);
    let rank = q * (x.shape().get(axis) - 1) as f64;
    let (below, above, share) = (rank.floor() as usize, rank.ceil() as usize, rank.fract());
    let (both, _) = chosen("quantile", x, axis, |rows| ranked(rows, [below, above], true));
    let [below, above] = [0, 1].map(|i| squeeze(slice(both.clone(), axis, i, i + 1), axis));
    if share == 0.0 {
        return below;
    }
    let distance = sub(above.clone(), &below);
    // From the nearer of the two, as PyTorch does.
    if share < 0.5 { add(below, &mul_scalar(distance, share)) } else { sub(above, &mul_scalar(distance, 1.0 - share)) }
}

/// How many elements lie in each of `bins` equal parts of the numbers from `low` to `high`, of which the last has `high` as well;
/// what lies outside, and NaN, is not counted.
#[track_caller]
pub fn histogram(x: &Value, bins: usize, low: f64, high: f64) -> Value {
    let wide = low < high && low.is_finite() && high.is_finite();
    assert!(wide, "histogram: the bounds are finite numbers, the lower first, but they are {low} and {high}");
    let mut counts = vec![0i64; bins];
    for x in elementwise::cast(x.array(), DType::F64).to_vec::<f64>() {
        if (low..=high).contains(&x) {
            counts[((x - low) / (high - low) * bins as f64).min((bins - 1) as f64) as usize] += 1;
        }
    }
    Array::from_slice(&counts, Dims::new(&[bins])).into()
}

type Ordered<S, T> = (Tensor<S, T>, Tensor<S, i64>);

fn typed<S, T: Float>((values, places): (Value, Value)) -> Ordered<S, T> {
    (Tensor::wrap(values), Tensor::wrap(places))
}

/// Methods that sort. A line says of each its names, those for places alone, PyTorch's, the order, and an example.
macro_rules! sorts {
    ($($(#[$doc:meta])* $name:ident $places:ident $torch:literal $torch_places:literal $descending:literal
        $values:tt $order:tt;)*) => { impl<S, T: Float> Tensor<S, T> { $(
        $(#[$doc])*
        #[doc = concat!(
            "\n\nPyTorch's `", $torch, "`, always stable.\n\n```\nuse fusion::prelude::*;\n\nlet x = Tensor::from([2.0, f64::NAN, 1.0, 2.0]);\n",
            "let (values, places) = x.", stringify!($name), "(Axis::<0>);\nassert_eq!(places.to_vec(), ", stringify!($order),
            ");\nassert_eq!(values.nan_to_num(9.0, None, None).to_vec(), ", stringify!($values), ");\n```"
        )]
        #[track_caller]
        pub fn $name<A>(&self, _axis: A) -> (Self, Tensor<S, i64>)
        where
            S: Said<AnAxis, A> + HasAxis<A>,
        {
            let x = self.value();
            typed(first(x, S::INDEX, x.shape().get(S::INDEX), $descending))
        }

        #[doc = concat!(
            "The places of the elements in the order of [`Tensor::", stringify!($name), "`]. PyTorch's `", $torch_places,
            "`.\n\n```\nuse fusion::prelude::*;\n\nlet x = Tensor::from([2.0, f64::NAN, 1.0, 2.0]);\nassert_eq!(x.", stringify!($places),
            "(Axis::<0>).to_vec(), ", stringify!($order), ");\n```"
        )]
        #[track_caller]
        pub fn $places<A>(&self, _axis: A) -> Tensor<S, i64>
        where
            S: Said<AnAxis, A> + HasAxis<A>,
        {
            let x = self.value().detach();
            Tensor::wrap(first(&x, S::INDEX, x.shape().get(S::INDEX), $descending).1)
        }
    )* } };
}
sorts! {
    /// The elements along an axis in rising order, and the places they come from. Equal ones stay in their order; NaN is last.
    sort argsort "sort" "argsort" false [1.0, 2.0, 2.0, 9.0] [2, 0, 3, 1];
    /// The elements along an axis in falling order, and the places they come from. Equal ones stay in their order; NaN is first.
    sort_descending argsort_descending "sort(descending=True)" "argsort(descending=True)" true [9.0, 2.0, 2.0, 1.0] [1, 0, 3, 2];
}

impl<S, T: Float> Tensor<S, T> {
    /// The `K` largest elements along an axis in falling order, and the places they come from: `x.topk::<dim!(2), _>(Axis::<1>)`.
    /// NaN is the largest; of equal ones the first come first. The smallest are the largest of `-x`. PyTorch's `topk`.
    ///
    /// # Panics
    ///
    /// If a size known at run time is less than `K`. [`Tensor::try_topk`] gives an error instead.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let x = Tensor::from([[1.0, 5.0, 2.0], [4.0, 3.0, 4.0]]);
    /// let (values, places) = x.topk::<dim!(2), _>(Axis::<1>);
    /// assert_eq!((values.to_vec(), places.to_vec()), (vec![5.0, 2.0, 4.0, 4.0], vec![1, 2, 0, 2]));
    /// ```
    #[track_caller]
    pub fn topk<K: Nat, A>(&self, axis: A) -> Ordered<S::With<K>, T>
    where
        S: Said<AnAxis, A> + HasAxis<A, Size: AtLeast<K>>,
    {
        super::or_panic(self.try_topk(axis))
    }

    /// As [`Tensor::topk`], or an error if a size known at run time is less than `K`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let x: Tensor<shape![Dyn]> = Tensor::from(vec![1.0, 5.0, 2.0]);
    /// let error = x.try_topk::<dim!(4), _>(Axis::<0>).unwrap_err();
    /// assert_eq!(error.to_string(), "an axis of 3 has fewer than 4 elements");
    /// ```
    #[track_caller]
    pub fn try_topk<K: Nat, A>(&self, _axis: A) -> Result<Ordered<S::With<K>, T>>
    where
        S: Said<AnAxis, A> + HasAxis<A, Size: AtLeast<K>>,
    {
        let x = self.value();
        fusion_rules::at_least(Size::Known(x.shape().get(S::INDEX)), K::N).map_err(Error::from)?;
        Ok(typed(first(x, S::INDEX, K::N, true)))
    }

    /// The element with the number `k`, counted from 1, along an axis in rising order, and the place it comes from. NaN is the
    /// largest. PyTorch's `kthvalue`.
    ///
    /// # Panics
    ///
    /// If there is no such element.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let (values, places) = Tensor::from([[1.0, 5.0, 2.0], [4.0, 3.0, 4.0]]).kthvalue(Axis::<1>, 2);
    /// assert_eq!((values.to_vec(), places.to_vec()), (vec![2.0, 4.0], vec![2, 0]));
    /// ```
    #[track_caller]
    pub fn kthvalue<A>(&self, _axis: A, k: usize) -> Ordered<S::Without, T>
    where
        S: Said<AnAxis, A> + HasAxis<A>,
    {
        typed(kthvalue(self.value(), S::INDEX, k))
    }

    /// The middle element along an axis, the lower of two, and the place it comes from; NaN where there is one. The mean of the
    /// two is [`Tensor::quantile_over`] of 0.5. PyTorch's `median`.
    ///
    /// # Panics
    ///
    /// If the axis is empty.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let (values, places) = Tensor::from([[1.0, 5.0], [4.0, 3.0], [2.0, 4.0]]).median_over(Axis::<0>);
    /// assert_eq!((values.to_vec(), places.to_vec()), (vec![2.0, 4.0], vec![2, 2]));
    /// ```
    #[doc(alias = "median")]
    #[track_caller]
    pub fn median_over<A>(&self, _axis: A) -> Ordered<S::Without, T>
    where
        S: Said<AnAxis, A> + HasAxis<A>,
    {
        typed(median(self.value(), S::INDEX))
    }

    /// The number below which the share `q` of the elements along an axis lies, on the straight line between the two neighbours
    /// of that rank, which share the gradient; NaN where there is one. PyTorch's `quantile`.
    ///
    /// # Panics
    ///
    /// If the axis is empty, or `q` is not from 0 to 1.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let x = Tensor::from([[1.0, 5.0, 2.0], [4.0, 3.0, 8.0]]);
    /// assert_eq!(x.quantile_over(Axis::<1>, 0.75).to_vec(), [3.5, 6.0]);
    /// ```
    #[doc(alias = "quantile")]
    #[doc(alias = "percentile")]
    #[track_caller]
    pub fn quantile_over<A>(&self, _axis: A, q: impl Scalar) -> Tensor<S::Without, T>
    where
        S: Said<AnAxis, A> + HasAxis<A>,
    {
        Tensor::wrap(quantile(self.value(), S::INDEX, q.to_f64()))
    }
}

impl<S, T: Float> Tensor<S, T> {
    /// The middle element of all, the lower of two; NaN where there is one. PyTorch's `median`.
    ///
    /// # Panics
    ///
    /// If there is none.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// assert_eq!(Tensor::from([[1.0, 5.0], [4.0, 3.0]]).median().item(), 3.0);
    /// ```
    #[track_caller]
    pub fn median(&self) -> Tensor<(), T> {
        Tensor::wrap(median(&flat(self.value()), 0).0)
    }

    /// The number below which the share `q` of all elements lies, as [`Tensor::quantile_over`] says it. PyTorch's `quantile`.
    ///
    /// # Panics
    ///
    /// If there are no elements, or `q` is not from 0 to 1.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// assert_eq!(Tensor::from([[1.0, 5.0], [4.0, 3.0]]).quantile(0.5).item(), 3.5);
    /// ```
    #[doc(alias = "percentile")]
    #[track_caller]
    pub fn quantile(&self, q: impl Scalar) -> Tensor<(), T> {
        Tensor::wrap(quantile(&flat(self.value()), 0, q.to_f64()))
    }
}

/// All elements in one axis.
#[track_caller]
fn flat(x: &Value) -> Value {
    reshape(x.clone(), &Dims::new(&[x.array().count()]))
}

impl<S, T: Element> Tensor<S, T> {
    /// How many elements lie in each of `N` equal parts of the numbers from `low` to `high`:
    /// `x.histogram::<dim!(10)>(0, 1)`. The last part has `high` as well; what lies outside, and NaN, is not counted. PyTorch's
    /// `histc`.
    ///
    /// # Panics
    ///
    /// If the bounds are no finite numbers, the lower first.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let x = Tensor::from([0.0, 0.9, 1.0, 3.0, 4.0, 5.0]);
    /// assert_eq!(x.histogram::<dim!(4)>(0, 4).to_vec(), [2, 1, 0, 2]);
    /// ```
    #[doc(alias = "histc")]
    #[doc(alias = "bincount")]
    #[track_caller]
    pub fn histogram<N: Positive>(&self, low: impl Scalar, high: impl Scalar) -> Tensor<(N,), i64> {
        Tensor::wrap(histogram(self.value(), N::N, low.to_f64(), high.to_f64()))
    }

    /// The different elements in rising order; each NaN is one of its own, and last. PyTorch's `unique`.
    ///
    /// # Panics
    ///
    /// If the tensor is traced, a parameter, or computed from one: there is no gradient. Call `detach()` first.
    ///
    /// ```
    /// assert_eq!(fusion::Tensor::from([3i64, 1, 3, 2]).unique().to_vec(), [1, 2, 3]);
    /// ```
    #[track_caller]
    pub fn unique(&self) -> Tensor<(Dyn,), T> {
        let x = self.value();
        assert!(matches!(x.link(), Link::None | Link::Frozen(_)), "unique has no gradient: call detach() first");
        let mut all = x.array().to_vec::<T>();
        let is_nan = |x: &T| x.partial_cmp(x).is_none();
        all.sort_unstable_by(|a, b| a.partial_cmp(b).unwrap_or_else(|| is_nan(a).cmp(&is_nan(b))));
        all.dedup();
        Tensor::wrap(Array::from_slice(&all, Dims::new(&[all.len()])).into())
    }
}

#[cfg(test)]
mod tests {
    use super::super::binary::{add_scalar, mul};
    use super::super::derivatives::{distinct, first_and_second};
    use super::*;

    #[test]
    fn gradients() {
        let x = [distinct(1, &[3, 4, 2])];
        let square = |x: &Value| mul(add_scalar(x.clone(), 4.0), &add_scalar(x.clone(), 4.0));
        for axis in 0..3 {
            let n = x[0].shape().get(axis);
            for descending in [false, true] {
                first_and_second(&x, |x| first(&square(&x[0]), axis, n, descending).0);
                first_and_second(&x, |x| first(&x[0], axis, n / 2, descending).0);
            }
            first_and_second(&x, |x| kthvalue(&x[0], axis, 2).0);
            first_and_second(&x, |x| median(&x[0], axis).0);
            for q in [0.0, 0.3, 0.8, 1.0] {
                first_and_second(&x, |x| quantile(&x[0], axis, q));
            }
        }
    }

    #[test]
    fn nan_is_the_largest_and_no_median() {
        let x = Tensor::from([[1.0, f64::NAN, 0.0], [3.0, 2.0, 1.0]]);
        let (values, places) = x.median_over(crate::dim::Axis::<1>);
        assert!(values.to_vec()[0].is_nan() && values.to_vec()[1] == 2.0);
        assert_eq!(places.to_vec(), [1, 1]);
        assert_eq!(x.kthvalue(crate::dim::Axis::<1>, 2).0.to_vec(), [1.0, 2.0]);
        assert!(x.quantile_over(crate::dim::Axis::<1>, 0).to_vec()[0].is_nan());
        let all = Tensor::from([f64::NAN, 2.0, -0.0, 0.0, f64::NAN, 2.0]).unique().to_vec();
        assert!(all.len() == 4 && all[..2] == [0.0, 2.0] && all[2].is_nan());
    }

    #[test]
    #[should_panic(expected = "unique has no gradient: call detach() first")]
    fn different_elements_of_a_parameter_are_refused() {
        let _ = Tensor::from([1.0, 2.0]).parameter().unique();
    }

    #[test]
    #[should_panic(expected = "histogram: the bounds are finite numbers, the lower first, but they are 1 and 1")]
    fn a_histogram_of_no_width_is_refused() {
        histogram(&distinct(1, &[3]), 2, 1.0, 1.0);
    }

    #[test]
    #[should_panic(expected = "median: axis 1 of [2, 0] has no element number 1, counted from 1")]
    fn there_is_no_median_of_nothing() {
        median(&Array::full(0f32, Dims::new(&[2, 0])).into(), 1);
    }
}
