//! Elements that move, are copied or left out: counts that multiply.

use super::{Case, Made, Sizes};
use crate::dim::{Axis, Dyn, Ends, Reflect, Replicate};
use crate::kernels::{Array, Dims, array::spread, scan as kernel};
use crate::ops::conv::Window;
use crate::ops::{axes, pad, part, repeat, resize, scan, triangle};
use crate::tensor::Tensor;
use fusion_rules::Fill;

type Any = Tensor<(Dyn, Dyn, Dyn), f32>;

/// A size as a number, of at least 1.
fn times(s: &Sizes, letter: &str) -> usize {
    s.dims(letter).get(0).max(1)
}

/// A size as what an axis gets.
fn more(s: &Sizes, letter: &str) -> isize {
    s.dims(letter).get(0).try_into().unwrap_or(isize::MAX)
}

fn padded(s: &Sizes, letters: &str, fill: Fill) -> Made {
    pad::pad(s.x(letters), 1, [1, 0], fill, None).into()
}

pub(super) const CASES: &[Case] = &[
    ("kernels/array::spread", |s| {
        let x = s.array("ABC");
        let whole = *x.shape();
        let strides = whole.try_row_major().unwrap_or_default();
        if strides.rank() == 0 { ().into() } else { spread::spread(&x, whole, &strides, 0).into() }
    }),
    ("kernels/scan::logcumsumexp", |s| kernel::logcumsumexp(&s.array("AbC"), 1).into()),
    ("kernels/array::triangle", |s| spread::triangle(&s.array("ABC"), 1, false).into()),
    ("ops/axes::roll", |s| axes::roll(s.x("ABC"), 1, 1).into()),
    ("ops/axes::movedim", |s| axes::movedim(s.x("ABC"), 0, 2).into()),
    ("ops/pad::pad", |s| {
        let x = s.x("AB");
        let zero = Array::full_float(x.dtype(), 0.0, Dims::default());
        pad::pad(x, 1, [more(s, "C"), more(s, "D")], Fill::Constant, Some(&zero)).into()
    }),
    ("ops/pad::pad", |s| padded(s, "AbC", Fill::Reflect)),
    ("ops/pad::pad", |s| padded(s, "AbC", Fill::Replicate)),
    ("ops/pad::pad", |s| padded(s, "AbC", Fill::Circular)),
    ("try_pad", |s| {
        let x = Any::wrap(s.x("ABC"));
        x.try_pad((Axis::<0>, Axis::<1>), [more(s, "D"), 1], Replicate).map(Tensor::into_value).into()
    }),
    ("try_pad", |s| Any::wrap(s.x("ABC")).try_pad(Axis::<2>, Ends::<1, 1>, Reflect).map(Tensor::into_value).into()),
    ("try_shrink", |s| Any::wrap(s.x("ABC")).try_shrink(Axis::<2>, Ends::<1, 1>).map(Tensor::into_value).into()),
    ("ops/resize::pad2d", |s| resize::pad2d(s.x("AChW"), times(s, "V"), Fill::Replicate).into()),
    ("ops/part::slice_step", |s| {
        let size = s.dims("B").get(0);
        part::slice_step(s.x("AB"), 1, 0, size, times(s, "C")).into()
    }),
    ("ops/part::diagonal", |s| part::diagonal(s.x("aBc"), [0, 2], 1).into()),
    ("ops/part::diag", |s| part::diag(s.x("AB"), more(s, "C")).into()),
    ("ops/part::unfold", |s| part::unfold(s.x("AbHW"), Window { padding: [[1; 2]; 2], ..Window::square(2) }).into()),
    ("ops/part::fold", |s| {
        let window = Window::square(1);
        let image = [s.dims("H").get(0), s.dims("w").get(0)];
        let places = image[0].saturating_mul(image[1]);
        let columns = Array::full(0f32, Dims::default()).expand(&Dims::new(&[2, 3, places]));
        part::fold(columns.into(), image, window).into()
    }),
    ("ops/repeat::repeat", |s| repeat::repeat(s.x("ABC"), 1, times(s, "D")).into()),
    ("ops/repeat::repeat_interleave", |s| repeat::repeat_interleave(s.x("ABC"), 1, times(s, "D")).into()),
    ("ops/repeat::meshgrid", |s| {
        let [x, _, _] = repeat::meshgrid([s.x("A"), s.array("B").into(), s.array("C").into()]);
        x.into()
    }),
    ("ops/scan::logcumsumexp", |s| scan::logcumsumexp(&s.x("AbC"), 1).into()),
    ("ops/triangle::tril", |s| triangle::tril(&s.x("ABC"), 0).into()),
    ("ops/triangle::triu", |s| triangle::triu(&s.x("ABC"), 1).into()),
    ("median", |s| Any::wrap(s.x("abc")).median().into_value().into()),
    ("quantile", |s| Any::wrap(s.x("abc")).quantile(0.3).into_value().into()),
    ("flatten_axes", |s| Any::wrap(s.x("ABC")).flatten_axes(Axis::<0>, Axis::<1>).into_value().into()),
    ("try_unflatten", |s| {
        Any::wrap(s.x("A2C")).try_unflatten::<(Dyn, crate::dim::Num<2>), _>(Axis::<1>).map(Tensor::into_value).into()
    }),
    ("try_split", |s| {
        let parts = Any::wrap(s.x("A3C")).try_split::<(crate::dim::Num<1>, crate::dim::Num<2>), _>(Axis::<1>);
        parts.map(|(_, y)| y.into_value()).into()
    }),
];
