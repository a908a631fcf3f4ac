//! `Array`: shared elements of one type with a shape and strides. No gradients yet; what the loops work on.

use crate::kernels::array::layout::{Dims, NoRoom, is_dense};
use crate::kernels::dtype::{DType, Element, float};
use crate::kernels::memory::Buffer;
use crate::kernels::parallel::{self, BYTES};
use crate::kernels::simd::Float;
use std::fmt;
use std::mem::MaybeUninit;

pub mod along;
mod bits;
pub mod concat;
pub(crate) mod copy;
pub mod gather;
pub mod layout;
pub mod spread;
pub(in crate::kernels) mod walk;

/// How an array's elements lie.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    /// Gapless, the last axis fastest (C order).
    Contiguous,
    /// Gapless, the axes in another order.
    Dense,
    /// With gaps or repetitions.
    Strided,
}

impl Order {
    fn of(shape: &Dims, strides: &Dims) -> Self {
        if shape.try_row_major() == Some(*strides) {
            return Self::Contiguous;
        }
        if !is_dense(shape, strides) {
            return Self::Strided;
        }
        Self::of_dense(shape, strides)
    }

    /// As [`Order::of`], of strides known to be dense: in C order the axes longer than 1 have falling strides.
    #[inline]
    fn of_dense(shape: &Dims, strides: &Dims) -> Self {
        let (mut last, mut falling, mut empty) = (usize::MAX, true, false);
        for (n, stride) in shape.iter().zip(strides.iter()) {
            empty |= n == 0;
            if n != 1 {
                falling &= last > stride;
                last = stride;
            }
        }
        if falling || empty { Self::Contiguous } else { Self::Dense }
    }
}

/// Elements of one type in shared memory, seen through a shape and strides.
///
/// Invariant: the sizes have a count, and every element that shape, strides and offset reach lies inside the buffer and is
/// initialised. So no sum of products of indices and strides overflows; a stride along an axis of size 1 may be any number.
#[derive(Clone)]
pub struct Array {
    buffer: Buffer,
    offset: usize,
    dtype: DType,
    /// What shape and strides say, kept because every loop asks.
    order: Order,
    shape: Dims,
    strides: Dims,
}

/// From this size on a failure to find memory is looked for before it happens, where that can be told as an error.
const LARGE: usize = 1 << 30;

impl Array {
    /// Is there room for a new array of this shape? Then making one does not panic, unless others take the memory first.
    pub fn room(shape: &Dims, dtype: DType) -> Result<(), NoRoom> {
        shape.has_strides()?;
        let bytes = shape.try_count()? * dtype.size();
        if bytes >= LARGE && !Buffer::fits(bytes) {
            return Err(NoRoom::Memory { shape: *shape, bytes });
        }
        Ok(())
    }

    /// A new array in C order whose elements `fill` writes, all of them.
    ///
    /// # Safety
    /// `fill` must initialise the whole slice.
    #[track_caller]
    pub(in crate::kernels) unsafe fn build<T: Element>(shape: Dims, fill: impl FnOnce(&mut [MaybeUninit<T>])) -> Self {
        let (count, strides) = (shape.count(), shape.row_major());
        // SAFETY: `count` is the shape's, the strides are dense, and `fill` initialises the whole slice, as the caller
        // promises.
        unsafe { Self::filled(count, Order::Contiguous, shape, strides, fill) }
    }

    /// As [`Array::build`], with dense `strides` in any order; `fill` sees the elements as they lie in memory. Every new
    /// array is made here or in [`Array::build_as`].
    ///
    /// # Panics
    /// If the shape has too many elements, or the system has no memory for them.
    ///
    /// # Safety
    /// `fill` must initialise the whole slice.
    #[track_caller]
    pub(in crate::kernels) unsafe fn build_like<T: Element>(
        shape: Dims,
        strides: Dims,
        fill: impl FnOnce(&mut [MaybeUninit<T>]),
    ) -> Self {
        let count = shape.count();
        debug_assert!(is_dense(&shape, &strides));
        let order = Order::of_dense(&shape, &strides);
        // SAFETY: `count` is the shape's, and `fill` initialises the whole slice, as the caller promises.
        unsafe { Self::filled(count, order, shape, strides, fill) }
    }

    /// As [`Array::build_like`], with the shape and strides of `like`, which is dense.
    ///
    /// # Safety
    /// `fill` must initialise the whole slice.
    #[track_caller]
    pub(in crate::kernels) unsafe fn build_as<T: Element>(
        like: &Self,
        fill: impl FnOnce(&mut [MaybeUninit<T>]),
    ) -> Self {
        debug_assert!(like.is_dense());
        let Self { order, shape, strides, .. } = *like;
        let count = like.count();
        // SAFETY: an array's count is its shape's, and `fill` initialises the whole slice, as the caller promises.
        unsafe { Self::filled(count, order, shape, strides, fill) }
    }

    /// A new array whose elements `fill` writes.
    ///
    /// # Safety
    /// `count` must be the count of `shape`, `strides` dense, and `fill` must initialise the whole slice.
    #[track_caller]
    #[inline]
    unsafe fn filled<T: Element>(
        count: usize,
        order: Order,
        shape: Dims,
        strides: Dims,
        fill: impl FnOnce(&mut [MaybeUninit<T>]),
    ) -> Self {
        let new = Self::uninit(T::DTYPE, count, order, shape, strides);
        // SAFETY: the buffer is fresh, ours alone, aligned to 64 bytes and holds `count` elements; uninitialised ones
        // are what `MaybeUninit` stands for.
        fill(unsafe { std::slice::from_raw_parts_mut(new.buffer.as_ptr().cast_mut().cast(), count) });
        new
    }

    /// A new array whose elements are still to be written; `count` is that of `shape`.
    #[track_caller]
    fn uninit(dtype: DType, count: usize, order: Order, shape: Dims, strides: Dims) -> Self {
        // No overflow: a count is at most `MAX_ELEMENTS`.
        let bytes = count * dtype.size();
        let Some(buffer) = Buffer::uninit(bytes) else { panic!("{}", NoRoom::Memory { shape, bytes }) };
        Self { buffer, offset: 0, dtype, order, shape, strides }
    }

    /// As [`Array::build_like`], of elements whose type is known at run time.
    ///
    /// # Safety
    /// `fill` must initialise all elements from the pointer on.
    #[track_caller]
    pub(in crate::kernels) unsafe fn build_bytes(
        dtype: DType,
        shape: Dims,
        strides: Dims,
        fill: impl FnOnce(*mut u8),
    ) -> Self {
        debug_assert!(is_dense(&shape, &strides));
        let new = Self::uninit(dtype, shape.count(), Order::of_dense(&shape, &strides), shape, strides);
        fill(new.buffer.as_ptr().cast_mut());
        new
    }

    /// As [`Array::build_as`], of elements whose type is that of `like`.
    ///
    /// # Safety
    /// `fill` must initialise all elements from the pointer on.
    #[track_caller]
    pub(in crate::kernels) unsafe fn build_bytes_as(like: &Self, fill: impl FnOnce(*mut u8)) -> Self {
        debug_assert!(like.is_dense());
        let new = Self::uninit(like.dtype, like.count(), like.order, like.shape, like.strides);
        fill(new.buffer.as_ptr().cast_mut());
        new
    }

    /// A copy of `data` in C order; `shape` must hold as many elements.
    #[track_caller]
    pub fn from_slice<T: Element>(data: &[T], shape: Dims) -> Self {
        assert!(data.len() == shape.count(), "{} elements do not fill the shape {shape:?}", data.len());
        // SAFETY: `data` is as long as the new slice, so every element is written.
        unsafe {
            Self::build(shape, |out| {
                parallel::split_mut(out, BYTES / size_of::<T>(), |start, out| {
                    out.write_copy_of_slice(&data[start..][..out.len()]);
                });
            })
        }
    }

    /// An array of one repeated value.
    #[track_caller]
    pub fn full<T: Element>(value: T, shape: Dims) -> Self {
        // SAFETY: writes every element.
        unsafe {
            Self::build(shape, |out| {
                parallel::split_mut(out, BYTES / size_of::<T>(), |_, out| out.fill(MaybeUninit::new(value)));
            })
        }
    }

    /// An array of one repeated value, of a floating-point type chosen at run time.
    #[track_caller]
    pub fn full_float(dtype: DType, value: f64, shape: Dims) -> Self {
        float!(dtype, T => Self::full(<T as Float>::from_f64(value), shape))
    }

    /// Element `i` in C order is `f(i)`.
    #[track_caller]
    pub fn from_fn<T: Element>(shape: Dims, mut f: impl FnMut(usize) -> T) -> Self {
        // SAFETY: writes every element.
        unsafe {
            Self::build(shape, |out| {
                out.iter_mut().enumerate().for_each(|(i, o)| {
                    o.write(f(i));
                })
            })
        }
    }

    /// The type of the elements.
    pub fn dtype(&self) -> DType {
        self.dtype
    }

    /// The sizes.
    pub fn shape(&self) -> &Dims {
        &self.shape
    }

    /// How far apart neighbours along each axis lie, in elements.
    pub fn strides(&self) -> &Dims {
        &self.strides
    }

    /// How many elements.
    #[inline]
    pub fn count(&self) -> usize {
        self.shape.known_count()
    }

    /// Are the elements one gapless stretch of memory, in any order of the axes?
    pub fn is_dense(&self) -> bool {
        self.order != Order::Strided
    }

    /// Are the elements one gapless stretch of memory in C order?
    pub fn is_contiguous(&self) -> bool {
        self.order == Order::Contiguous
    }

    /// The same elements under another shape and strides, `offset` elements further on: the one place where views are
    /// made. A view of nothing lies in C order, whatever `strides` says.
    ///
    /// # Panics
    /// If that would reach outside, or the shape has too many elements.
    #[track_caller]
    pub fn view(&self, shape: Dims, strides: Dims, offset: usize) -> Self {
        let count = shape.count();
        let mut strides = if count == 0 { shape.row_major() } else { strides };
        let room = self.buffer.bytes() / self.dtype.size();
        for axis in 0..shape.rank().min(strides.rank()) {
            // An axis of size 1 is never stepped along, but loops multiply its stride all the same. It may be any: the
            // result of an operation keeps the strides of its operand, which may have been a row of something larger.
            if shape.get(axis) == 1 {
                strides.set(axis, strides.get(axis).min(room.max(1)));
            }
        }
        let inside = || {
            let mut end = self.offset.checked_add(offset)?;
            if count > 0 {
                for (n, stride) in shape.iter().zip(strides.iter()) {
                    end = end.checked_add((n - 1).checked_mul(stride)?)?;
                }
                end = end.checked_add(1)?;
            }
            Some(end <= room)
        };
        assert!(
            shape.rank() == strides.rank() && inside() == Some(true),
            "a view outside its tensor: the sizes {shape:?} with the strides {strides:?} from element {offset} on, of {self:?}"
        );
        let order = Order::of(&shape, &strides);
        let (buffer, offset) = (self.buffer.clone(), self.offset + offset);
        Self { buffer, offset, dtype: self.dtype, order, shape, strides }
    }

    /// The element at offset 0 of the view.
    #[track_caller]
    pub(in crate::kernels) fn ptr<T: Element>(&self) -> *const T {
        assert!(self.dtype == T::DTYPE, "elements of type {}, not {}", self.dtype, T::DTYPE);
        self.start().cast()
    }

    /// Where the element at offset 0 of the view lies.
    pub(in crate::kernels) fn start(&self) -> *const u8 {
        // SAFETY: the invariant keeps the offset inside the buffer (or one past its end, where there are no elements).
        unsafe { self.buffer.as_ptr().add(self.offset * self.dtype.size()) }
    }

    /// The elements as they lie in memory, if they are dense (in any order of the axes).
    #[track_caller]
    pub fn dense<T: Element>(&self) -> Option<&[T]> {
        // SAFETY: dense, so the `count` elements from `ptr` on are just the reachable ones, all inside and initialised;
        // the slice keeps the array borrowed, and who writes needs it mutably.
        self.is_dense().then(|| unsafe { std::slice::from_raw_parts(self.ptr(), self.count()) })
    }

    /// The stretch of memory from the first to the last reachable element. In a view with gaps it also holds elements
    /// that are not this array's.
    #[track_caller]
    #[inline]
    pub fn elements<T: Element>(&self) -> &[T] {
        let last = || self.shape.iter().zip(self.strides.iter()).map(|(n, s)| (n - 1) * s).sum::<usize>();
        let len = if self.count() == 0 { 0 } else { last() + 1 };
        // SAFETY: the invariant keeps offset + last inside the buffer, and that sum from overflowing. A buffer is
        // initialised as a whole when it is built, so the gaps are too.
        unsafe { std::slice::from_raw_parts(self.ptr(), len) }
    }

    /// The elements in C order, if they lie so.
    #[track_caller]
    pub fn as_slice<T: Element>(&self) -> Option<&[T]> {
        if self.is_contiguous() { self.dense() } else { None }
    }

    /// The elements for writing, as they lie in memory, if they are dense and nobody else sees them.
    #[track_caller]
    pub fn dense_mut<T: Element>(&mut self) -> Option<&mut [T]> {
        if self.buffer.is_unique() && self.is_dense() {
            // SAFETY: the only reference to the buffer is borrowed mutably, so nobody else reads or writes; dense, so
            // the `count` elements from `ptr` on are just the reachable ones, all inside and initialised.
            Some(unsafe { std::slice::from_raw_parts_mut(self.ptr::<T>().cast_mut(), self.count()) })
        } else {
            None
        }
    }

    /// As [`Array::dense_mut`], of elements of any type: where they start.
    pub(in crate::kernels) fn dense_start_mut(&mut self) -> Option<*mut u8> {
        (self.buffer.is_unique() && self.is_dense()).then(|| self.start().cast_mut())
    }

    /// The elements for writing, as they lie in memory: in place if nobody else sees them, else of a dense copy.
    #[track_caller]
    pub fn make_mut<T: Element>(&mut self) -> &mut [T] {
        if !(self.buffer.is_unique() && self.is_dense()) {
            *self = self.dense_copy();
        }
        self.dense_mut().expect("a fresh copy")
    }

    /// Do both show the same memory?
    #[cfg(test)]
    pub fn shares_memory(&self, other: &Self) -> bool {
        self.buffer.same(&other.buffer)
    }

    /// Is this the only array on its memory?
    #[cfg(test)]
    pub fn is_unique(&self) -> bool {
        self.buffer.is_unique()
    }

    /// The element at `index` (one number for each axis); none outside.
    #[track_caller]
    pub fn get<T: Element>(&self, index: &[usize]) -> Option<T> {
        let inside = index.len() == self.shape.rank() && index.iter().zip(self.shape.iter()).all(|(&i, n)| i < n);
        let at = || index.iter().zip(self.strides.iter()).map(|(&i, s)| i * s).sum();
        // SAFETY: each index lies inside its axis, and the invariant keeps what such indices reach inside the buffer.
        inside.then(|| unsafe { *self.ptr::<T>().add(at()) })
    }

    /// The elements in C order.
    #[track_caller]
    pub fn to_vec<T: Element>(&self) -> Vec<T> {
        self.contiguous().as_slice::<T>().expect("contiguous").to_vec()
    }

    /// This array in C order: itself where it lies so, else a copy.
    #[track_caller]
    pub fn contiguous(&self) -> Self {
        if self.is_contiguous() {
            let mut same = self.clone();
            same.strides = self.shape.row_major();
            return same;
        }
        self.copy(self.shape.row_major())
    }

    /// This array, of rank 2 or more, with its channels (axis 1) contiguous and the other axes in their order: itself where it
    /// lies so, else a copy.
    #[track_caller]
    pub fn channels_last(&self) -> Self {
        let strides = self.shape.channels_last();
        if self.is_channels_last() {
            let mut same = self.clone();
            same.strides = strides;
            same.order = Order::of_dense(&same.shape, &strides);
            return same;
        }
        self.copy(strides)
    }

    /// Do the elements lie as [`Array::channels_last`] gives them?
    pub fn is_channels_last(&self) -> bool {
        let strides = self.shape.channels_last();
        // Nobody steps along an axis of size 1.
        self.is_dense()
            && (0..self.shape.rank())
                .all(|axis| self.shape.get(axis) == 1 || self.strides.get(axis) == strides.get(axis))
    }

    /// Do the elements, of rank 3 or more, lie as [`Array::channels_last`] gives them, and not in C order too?
    pub fn is_only_channels_last(&self) -> bool {
        self.order == Order::Dense && self.shape.rank() > 2 && self.is_channels_last()
    }

    /// A copy that keeps the order of the axes where it is dense, else in C order.
    #[track_caller]
    pub fn dense_copy(&self) -> Self {
        self.copy(if self.is_dense() { self.strides } else { self.shape.row_major() })
    }

    /// The axes in `order`, a permutation of them.
    #[track_caller]
    pub fn permute(&self, order: &[usize]) -> Self {
        assert!(
            order.len() == self.shape.rank() && (0..order.len()).all(|axis| order.contains(&axis)),
            "not an order of the axes"
        );
        self.reordered(self.shape.permuted(order), self.strides.permuted(order))
    }

    /// Axes `a` and `b` exchanged.
    #[track_caller]
    pub fn swap(&self, a: usize, b: usize) -> Self {
        self.reordered(self.shape.swapped(a, b), self.strides.swapped(a, b))
    }

    /// The same elements with their axes in another order: inside, and as dense as they were.
    #[track_caller]
    fn reordered(&self, shape: Dims, strides: Dims) -> Self {
        let order = if self.is_dense() { Order::of_dense(&shape, &strides) } else { Order::Strided };
        Self { buffer: self.buffer.clone(), order, shape, strides, ..*self }
    }

    /// Stretched to `shape` as NumPy broadcasts: right aligned, size 1 repeated.
    ///
    /// # Panics
    /// If it does not fit, or the shape has too many elements.
    #[track_caller]
    pub fn expand(&self, shape: &Dims) -> Self {
        if self.shape == *shape {
            return self.clone();
        }
        let Some(lead) = shape.rank().checked_sub(self.shape.rank()) else {
            panic!("{:?} does not stretch to {shape:?}", self.shape);
        };
        let mut strides = Dims::default();
        for (axis, n) in shape.iter().enumerate() {
            let repeated = axis < lead || (self.shape.get(axis - lead) == 1 && n != 1);
            assert!(repeated || self.shape.get(axis - lead) == n, "{:?} does not stretch to {shape:?}", self.shape);
            strides.push(if repeated { 0 } else { self.strides.get(axis - lead) });
        }
        self.view(*shape, strides, 0)
    }

    /// The same elements in C order under another shape of as many: a view where the memory allows, else of a copy.
    #[track_caller]
    pub fn reshape(&self, shape: &Dims) -> Self {
        assert!(self.count() == shape.count(), "{:?} does not reshape to {shape:?}", self.shape);
        let flat = self.contiguous();
        flat.view(*shape, shape.row_major(), 0)
    }
}

impl fmt::Debug for Array {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Array({}, {:?}, strides {:?})", self.dtype, self.shape, self.strides)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn views_share_and_stay_inside() {
        let a = Array::from_fn(Dims::new(&[2, 3]), |i| i as f32);
        let t = a.permute(&[1, 0]);
        assert!(t.shares_memory(&a) && t.is_dense() && !t.is_contiguous());
        assert_eq!(t.to_vec::<f32>(), [0.0, 3.0, 1.0, 4.0, 2.0, 5.0]);
        assert_eq!(t.get::<f32>(&[2, 1]), Some(5.0));
        assert_eq!(t.get::<f32>(&[3, 0]), None);
        assert_eq!(a.view(Dims::new(&[2]), Dims::new(&[3]), 2).to_vec::<f32>(), [2.0, 5.0]);
        assert_eq!(a.reshape(&Dims::new(&[3, 2])).get::<f32>(&[2, 0]), Some(4.0));
        assert_eq!(a.expand(&Dims::new(&[2, 2, 3])).to_vec::<f32>()[6..], [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
    }

    #[test]
    #[should_panic(expected = "a view outside its tensor")]
    fn a_view_outside_is_refused() {
        Array::full(0.0f32, Dims::new(&[4])).view(Dims::new(&[2, 2]), Dims::new(&[3, 1]), 1);
    }

    #[test]
    fn writing_never_changes_a_clone() {
        let mut a = Array::full(1.0f64, Dims::new(&[3]));
        let b = a.clone();
        a.make_mut::<f64>()[0] = 9.0;
        assert_eq!((a.to_vec::<f64>()[0], b.to_vec::<f64>()[0]), (9.0, 1.0));
        let at = a.ptr::<f64>();
        a.make_mut::<f64>()[1] = 8.0;
        assert_eq!(a.ptr::<f64>(), at);
    }

    #[test]
    fn channels_last() {
        let c_order = Array::from_fn(Dims::new(&[2, 3, 2, 2]), |i| i as f32);
        let last = c_order.channels_last();
        assert!(last.is_channels_last() && !last.is_contiguous() && !c_order.is_channels_last());
        assert_eq!(last.dense::<f32>().unwrap()[..6], [0.0, 4.0, 8.0, 1.0, 5.0, 9.0]);
        assert_eq!(last.to_vec::<f32>(), c_order.to_vec::<f32>());
        assert!(last.channels_last().shares_memory(&last));
        // One channel, or one pixel, lies both ways.
        for shape in [&[2, 1, 3, 2][..], &[2, 5, 1, 1], &[4, 3], &[0, 3, 2, 2]] {
            let x = Array::full(1f32, Dims::new(shape));
            let y = x.channels_last();
            assert!(y.is_channels_last() && y.is_contiguous() && (x.count() == 0 || y.shares_memory(&x)));
        }
    }

    #[test]
    fn empty_and_scalar() {
        let empty = Array::full(1u8, Dims::new(&[0, 3]));
        assert!(empty.permute(&[1, 0]).to_vec::<u8>().is_empty());
        let scalar = Array::full(7i64, Dims::new(&[]));
        assert_eq!(scalar.to_vec::<i64>(), [7]);
    }
}
