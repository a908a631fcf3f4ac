//! Parts of a tensor that a view with other strides can show: each second or third element of an axis, diagonals, windows. Nothing is copied;
//! the gradient is laid where the view finds its elements.

use super::concat::slice;
use super::conv::{Window, height_width, places};
use super::pad::pad_zeros;
use super::shape::reshape;
use crate::dim::{Above, DiagonalAxes, DiagonalPlace, Dim, Dyn, Fold, HasAxis, OnDiagonal, Shape, Unfold};
use crate::graph::{Value, record};
use crate::kernels::conv::Sweep;
use crate::kernels::{Dims, Element, array::spread as kernel};
use crate::tensor::{Float, Tensor};
use crate::{Error, Result};
use std::ops::RangeBounds;

/// Which part.
#[derive(Clone, Copy, Debug)]
enum Part {
    /// Of an axis `n` elements from `from` on, `step` apart.
    Every { axis: usize, from: usize, n: usize, step: usize },
    /// Those whose index along the second axis is `offset` larger than that along the first, `n` of them, in a new last axis.
    Diagonal { axes: [usize; 2], offset: isize, n: usize },
    /// The elements of images under a window: `[N, C, H, W]` as `[N, C, KH, KW, H', W']`.
    Windows(Sweep),
}

impl Part {
    /// Shape, strides and first element of the view of a whole of this shape and these strides.
    #[track_caller]
    fn view(&self, shape: &Dims, strides: &Dims) -> (Dims, Dims, usize) {
        let (mut sizes, mut steps) = (*shape, *strides);
        let first = match *self {
            Self::Every { axis, from, n, step } => {
                sizes.set(axis, n);
                // Along one element nobody steps, and the product may be large.
                steps.set(axis, if n > 1 { strides.get(axis) * step } else { 1 });
                from * strides.get(axis)
            }
            Self::Diagonal { axes: [a, b], offset, n } => {
                let (first, last) = (a.min(b), a.max(b));
                (sizes, steps) = (shape.without(last).without(first), strides.without(last).without(first));
                sizes.push(n);
                steps.push(if n > 1 { strides.get(a) + strides.get(b) } else { 1 });
                let (right, down) = (offset.max(0) as usize, offset.min(0).unsigned_abs());
                if n > 0 { right * strides.get(b) + down * strides.get(a) } else { 0 }
            }
            Self::Windows(Sweep { window, places, .. }) => {
                let [down, across] = [2, 3].map(|axis| strides.get(axis));
                let Window { kernel, stride, dilation, .. } = window;
                let step = |n: usize, step: usize, by: usize| if n > 1 { step * by } else { 1 };
                let of = |axis: usize| [shape.get(axis), strides.get(axis)];
                let axes = [
                    of(0),
                    of(1),
                    [kernel[0], step(kernel[0], down, dilation[0])],
                    [kernel[1], step(kernel[1], across, dilation[1])],
                    [places[0], step(places[0], down, stride[0])],
                    [places[1], step(places[1], across, stride[1])],
                ];
                (sizes, steps) = (Dims::new(&axes.map(|[n, _]| n)), Dims::new(&axes.map(|[_, step]| step)));
                0
            }
        };
        // A view of nothing has no first element.
        let nothing = sizes.iter().any(|n| n == 0);
        (sizes, steps, if nothing { 0 } else { first })
    }
}

/// What an operation and its gradient are called.
type Names = [&'static str; 2];

#[track_caller]
fn shown(names: Names, x: Value, part: Part) -> Value {
    let whole = *x.shape();
    let (shape, strides, first) = part.view(&whole, x.array().strides());
    let view = x.array().view(shape, strides, first);
    record(names[0], [x.link()], view, |_| move |g, _| [Some(laid(names, g, part, whole))])
}

/// Zeros of the shape `whole` with `x` in place of this part: the adjoint of [`shown`].
#[track_caller]
fn laid(names: Names, x: Value, part: Part, whole: Dims) -> Value {
    let (shape, strides, first) = part.view(&whole, &whole.row_major());
    assert!(*x.shape() == shape, "{}: {:?} in place of {shape:?}", names[1], x.shape());
    let y = kernel::spread(x.array(), whole, &strides, first);
    record(names[1], [x.link()], y, |_| move |g, _| [Some(shown(names, g, part))])
}

/// The elements `from..to` along `axis`, every `step`th of them, the first included; without a copy. NumPy's `x[from:to:step]`.
#[track_caller]
pub fn slice_step(x: Value, axis: usize, from: usize, to: usize, step: usize) -> Value {
    assert!(step > 0, "slice_step: a step of 0 stays where it is");
    let whole = x.shape();
    assert!(
        axis < whole.rank() && from <= to && to <= whole.get(axis),
        "there is no slice {from}..{to} of axis {axis} of {whole:?}"
    );
    if step == 1 {
        return slice(x, axis, from, to);
    }
    let n = (to - from).div_ceil(step);
    shown(["slice_step", "slice_step grad"], x, Part::Every { axis, from, n, step })
}

/// How many elements the diagonal of a matrix has that lies `offset` columns to the right of the main one.
fn length([rows, columns]: [usize; 2], offset: isize) -> usize {
    let [down, right] = [offset.min(0).unsigned_abs(), offset.max(0).unsigned_abs()];
    rows.saturating_sub(down).min(columns.saturating_sub(right))
}

const DIAGONAL: Names = ["diagonal", "diag"];

/// The elements of each matrix of the axes `a` and `b` on the diagonal that lies `offset` columns to the right of the main one, in
/// a new last axis; without a copy. PyTorch's `diagonal`.
#[track_caller]
pub fn diagonal(x: Value, [a, b]: [usize; 2], offset: isize) -> Value {
    let shape = x.shape();
    assert!(a != b && a.max(b) < shape.rank(), "diagonal: there are no matrices of the axes {a} and {b} in {shape:?}");
    let n = length([shape.get(a), shape.get(b)], offset);
    shown(DIAGONAL, x, Part::Diagonal { axes: [a, b], offset, n })
}

/// Square matrices of zeros with the last axis of `x` on the diagonal that lies `offset` columns to the right of the main one.
/// PyTorch's `diag_embed`.
#[track_caller]
pub fn diag(x: Value, offset: isize) -> Value {
    let shape = *x.shape();
    assert!(shape.rank() > 0, "diag: a single number is no diagonal");
    let (n, rank) = (shape.last(), shape.rank());
    let side = n.saturating_add(offset.unsigned_abs());
    let mut whole = shape;
    whole.set(rank - 1, side);
    whole.push(side);
    laid(DIAGONAL, x, Part::Diagonal { axes: [rank - 1, rank], offset, n }, whole)
}

const WINDOWS: Names = ["unfold", "fold"];

/// What lies under the window, in columns: `[N, C, H, W]` to `[N, C * KH * KW, H' * W']`, a column for each place, padding as
/// zeros. PyTorch's `unfold`.
#[track_caller]
pub fn unfold(x: Value, window: Window) -> Value {
    let (inside, places) = (padded(&window, height_width(&x)), places(&window, height_width(&x)));
    let x = window.padding.into_iter().zip([2, 3]).fold(x, |x, (ends, axis)| pad_zeros(x, axis, ends));
    let windows = shown(WINDOWS, x, Part::Windows(Sweep { window, image: inside, places }));
    let [n, c] = [0, 1].map(|axis| windows.shape().get(axis));
    let [rows, columns] = [window.kernel, places].map(|[a, b]| a * b);
    reshape(windows, &Dims::new(&[n, c * rows, columns]))
}

/// Images of this height and width, to which each column is added where [`unfold`] with the same window takes it from:
/// `[N, C * KH * KW, H' * W']` to `[N, C, H, W]`. PyTorch's `fold`.
#[track_caller]
pub fn fold(x: Value, image: [usize; 2], window: Window) -> Value {
    let (inside, places) = (padded(&window, image), places(&window, image));
    let [rows, columns] = [window.kernel, places].map(|[a, b]| a.saturating_mul(b));
    let shape = *x.shape();
    assert!(
        shape.rank() == 3 && shape.get(1).is_multiple_of(rows) && shape.get(2) == columns,
        "fold: columns of {rows} elements under the window for each channel, at {columns} places, do not have the shape {shape:?}"
    );
    let (n, c) = (shape.get(0), shape.get(1) / rows);
    let [[high, wide], [down, across]] = [window.kernel, places];
    let x = reshape(x, &Dims::new(&[n, c, high, wide, down, across]));
    let whole = Dims::new(&[n, c, inside[0], inside[1]]);
    let y = laid(WINDOWS, x, Part::Windows(Sweep { window, image: inside, places }), whole);
    (0..2).fold(y, |y, axis| {
        let before = window.padding[axis][0];
        slice(y, axis + 2, before, before + image[axis])
    })
}

/// Height and width with their padding.
fn padded(window: &Window, image: [usize; 2]) -> [usize; 2] {
    std::array::from_fn(|axis| {
        window.padding[axis].into_iter().fold(image[axis], |size, padding| size.saturating_add(padding))
    })
}

impl<S: Shape, T: Element> Tensor<S, T> {
    /// The parts in `range` along an axis, every `step`th of them, the first included; without a copy. Their number is known at run
    /// time. NumPy's `x[:, 1::2]`.
    ///
    /// # Panics
    ///
    /// If the range is not inside, or the step is 0. [`Tensor::try_slice_step`] gives an error instead.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let x = Tensor::from([[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]]);
    /// let odd: Tensor<shape![2, Dyn]> = x.slice_step(Axis::<1>, 1.., 2);
    /// assert_eq!(odd.to_vec(), [2.0, 4.0, 6.0, 8.0]);
    /// ```
    #[track_caller]
    pub fn slice_step<A>(&self, axis: A, range: impl RangeBounds<usize>, step: usize) -> Tensor<S::With<Dyn>, T>
    where
        S: HasAxis<A>,
    {
        super::or_panic(self.try_slice_step(axis, range, step))
    }

    /// As [`Tensor::slice_step`], or an error if the range is not inside or the step is 0.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let x = Tensor::<shape![2, 3]>::zeros();
    /// let error = x.try_slice_step(Axis::<1>, 1..4, 2).unwrap_err();
    /// assert_eq!(error.to_string(), "slice_step: there is no 1..4 along axis 1 of [2, 3], which has 0..3");
    /// let error = x.try_slice_step(Axis::<1>, 1.., 0).unwrap_err();
    /// assert_eq!(error.to_string(), "slice_step: a step is at least 1, but it is 0");
    /// ```
    #[track_caller]
    pub fn try_slice_step<A>(
        &self,
        _axis: A,
        range: impl RangeBounds<usize>,
        step: usize,
    ) -> Result<Tensor<S::With<Dyn>, T>>
    where
        S: HasAxis<A>,
    {
        let (from, to) = super::index::ends("slice_step", self.value(), S::INDEX, range)?;
        if step == 0 {
            return Err(Error::argument("step", "slice_step: a step is at least 1, but it is 0"));
        }
        Ok(Tensor::wrap(slice_step(self.value().clone(), S::INDEX, from, to, step)))
    }

    /// The elements of each matrix of two axes whose index along both is equal, in a new last axis; without a copy. PyTorch's
    /// `diagonal`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let x = Tensor::from([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
    /// let y: Tensor<shape![2]> = x.diagonal(Axis::<0>, Axis::<1>);
    /// assert_eq!(y.to_vec(), [1.0, 5.0]);
    /// ```
    #[track_caller]
    pub fn diagonal<A, B>(&self, rows: A, columns: B) -> Tensor<S::Out, T>
    where
        S: DiagonalAxes<A, B, Above<0>>,
    {
        self.diagonal_at(rows, columns, Above)
    }

    /// As [`Tensor::diagonal`], of the diagonal `Above::<1>` or `Below::<1>` the main one, or of that which a number of the run says:
    /// how many columns it lies to the right. PyTorch's `diagonal(offset=1)`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let x = Tensor::from([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
    /// let y: Tensor<shape![1]> = x.diagonal_at(Axis::<0>, Axis::<1>, Above::<2>);
    /// assert_eq!(y.to_vec(), [3.0]);
    /// let y: Tensor<shape![Dyn]> = x.diagonal_at(Axis::<0>, Axis::<1>, -1);
    /// assert_eq!(y.to_vec(), [4.0]);
    /// ```
    #[track_caller]
    pub fn diagonal_at<A, B, O>(&self, _rows: A, _columns: B, place: O) -> Tensor<S::Out, T>
    where
        S: DiagonalAxes<A, B, O>,
    {
        Tensor::wrap(diagonal(self.value().clone(), S::AXES, S::offset(place)))
    }

    /// What lies under a window over images, in columns, one for each place: `[B, C, H, W]` to `[B, C * KH * KW, H' * W']`, padding
    /// as zeros. The window is a [`Patches`](crate::dim::Patches): its size, stride, padding and dilation. PyTorch's `nn.Unfold`.
    ///
    /// # Panics
    ///
    /// If a size known at run time is smaller than the window.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let images = Tensor::<shape![2, 3, 8, 8]>::zeros();
    /// let columns: Tensor<shape![2, 48, 4]> = images.unfold::<Patches<dim!(4), dim!(4)>>();
    /// let again: Tensor<shape![2, 3, 8, 8]> = columns.fold::<Patches<dim!(4), dim!(4)>, shape![8, 8]>();
    /// ```
    #[doc(alias = "im2col")]
    #[track_caller]
    pub fn unfold<P>(&self) -> Tensor<S::Out, T>
    where
        S: Unfold<P>,
    {
        Tensor::wrap(unfold(self.value().clone(), window(S::WINDOW)))
    }
}

impl<S: Shape, T: Float> Tensor<S, T> {
    /// Images of a height and a width, to which each column is added where [`Tensor::unfold`] with the same window takes it from:
    /// `[B, C * KH * KW, H' * W']` to `[B, C, H, W]`. PyTorch's `nn.Fold`.
    ///
    /// # Panics
    ///
    /// If sizes known at run time are not those of such columns.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// // The middle one of three pixels is under both places of a window of two.
    /// let columns = Tensor::<shape![1, 2, 2]>::ones();
    /// let images: Tensor<shape![1, 1, 1, 3]> = columns.fold::<Patches<(dim!(1), dim!(2))>, shape![1, 3]>();
    /// assert_eq!(images.to_vec(), [1.0, 2.0, 1.0]);
    /// ```
    #[doc(alias = "col2im")]
    #[track_caller]
    pub fn fold<P, I>(&self) -> Tensor<S::Out, T>
    where
        S: Fold<P, I>,
    {
        Tensor::wrap(fold(self.value().clone(), S::IMAGE, window(S::WINDOW)))
    }
}

/// The window of these numbers.
fn window(sides: [fusion_rules::Window; 2]) -> Window {
    Window {
        kernel: sides.map(|side| side.kernel),
        stride: sides.map(|side| side.stride),
        padding: sides.map(fusion_rules::Window::pads),
        dilation: sides.map(|side| side.dilation),
        groups: 1,
    }
}

impl<N: Dim, T: Element> Tensor<(N,), T> {
    /// A square matrix of zeros with this vector on its diagonal. PyTorch's `diag`, `diag_embed`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let y: Tensor<shape![2, 2]> = Tensor::from([3.0, 4.0]).diag();
    /// assert_eq!(y.to_vec(), [3.0, 0.0, 0.0, 4.0]);
    /// ```
    #[doc(alias = "diag_embed")]
    #[track_caller]
    pub fn diag(&self) -> Tensor<(N, N), T> {
        Tensor::wrap(diag(self.value().clone(), 0))
    }

    /// As [`Tensor::diag`], on the diagonal `Above::<1>` or `Below::<1>` the main one, or on that which a number of the run says.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let y: Tensor<shape![2, 2]> = Tensor::from([3.0]).diag_at(Below::<1>);
    /// assert_eq!(y.to_vec(), [0.0, 0.0, 3.0, 0.0]);
    /// ```
    #[track_caller]
    pub fn diag_at<O: DiagonalPlace>(&self, place: O) -> Tensor<(N::Out, N::Out), T>
    where
        N: OnDiagonal<O>,
    {
        Tensor::wrap(diag(self.value().clone(), place.offset()))
    }
}

#[cfg(test)]
mod tests {
    use super::super::binary::mul;
    use super::super::derivatives::{any, first_and_second};
    use super::*;
    use crate::kernels::Array;

    #[test]
    fn gradients() {
        let square = |y: Value| mul(y.clone(), &y);
        let x = [any(1, &[2, 5, 3])];
        for (axis, from, to, step) in
            [(1, 0, 5, 2), (1, 1, 5, 3), (1, 4, 5, 9), (0, 0, 2, 2), (2, 1, 1, 2), (2, 0, 3, 1)]
        {
            first_and_second(&x, |x| square(slice_step(x[0].clone(), axis, from, to, step)));
        }
        for (axes, offset) in [([0, 1], 0), ([1, 0], 1), ([1, 2], -2), ([2, 0], 2), ([0, 2], 7), ([2, 1], -3)] {
            first_and_second(&x, |x| square(diagonal(x[0].clone(), axes, offset)));
        }
        for offset in [0, 2, -1] {
            first_and_second(&[any(2, &[2, 3])], |x| square(diag(x[0].clone(), offset)));
        }
        let three = Window { padding: [[1, 1], [0, 1]], dilation: [2, 1], stride: [1, 2], ..Window::square(2) };
        for window in [Window::square(2), three, Window { stride: [3, 3], ..Window::square(1) }] {
            first_and_second(&[any(3, &[2, 2, 4, 3])], |x| square(unfold(x[0].clone(), window)));
            let columns = unfold(any(3, &[2, 2, 4, 3]), window);
            first_and_second(&[columns], |x| square(fold(x[0].clone(), [4, 3], window)));
        }
    }

    #[test]
    fn of_any_type_and_of_views() {
        let x = Value::from(Array::from_fn(Dims::new(&[4, 6]), |i| i as u8)).clone();
        let y = slice_step(slice_step(x.clone(), 1, 1, 6, 2), 0, 0, 4, 3);
        assert_eq!(y.array().to_vec::<u8>(), [1, 3, 5, 19, 21, 23]);
        assert!(y.array().shares_memory(x.array()));
        assert_eq!(diagonal(y, [0, 1], 1).array().to_vec::<u8>(), [3, 23]);
        assert_eq!(diagonal(x.clone(), [1, 0], 3).array().to_vec::<u8>(), [18]);
        let mask = Value::from(Array::full(true, Dims::new(&[2])));
        assert_eq!(
            diag(mask, -1).array().to_vec::<bool>(),
            [false, false, false, true, false, false, false, true, false]
        );
    }

    #[test]
    fn of_nothing() {
        let x = any(1, &[0, 3]);
        assert_eq!(*slice_step(x.clone(), 1, 0, 3, 2).shape(), [0, 2][..]);
        assert_eq!(*slice_step(x.clone(), 1, 3, 3, 2).shape(), [0, 0][..]);
        assert_eq!(*diagonal(x.clone(), [0, 1], 0).shape(), [0][..]);
        assert_eq!(*diag(x, 2).shape(), [0, 5, 5][..]);
        assert_eq!(diag(any(1, &[0]), 1).array().to_vec::<f64>(), [0.0]);
        assert_eq!(*unfold(any(1, &[0, 2, 3, 3]), Window::square(2)).shape(), [0, 8, 4][..]);
    }

    #[test]
    #[should_panic(expected = "there is no slice 1..5 of axis 1 of [2, 3]")]
    fn outside_is_refused() {
        slice_step(any(1, &[2, 3]), 1, 1, 5, 2);
    }

    #[test]
    #[should_panic(
        expected = "fold: columns of 4 elements under the window for each channel, at 4 places, do not have the shape [1, 6, 4]"
    )]
    fn other_columns_are_refused() {
        fold(any(1, &[1, 6, 4]), [3, 3], Window::square(2));
    }
}
