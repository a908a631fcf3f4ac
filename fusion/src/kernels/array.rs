//! `Array`: shared elements of one type with a shape and strides. No gradients yet; what the loops work on.

use super::layout::{Dims, is_dense};
use super::pool::Buffer;
use std::fmt;
use std::mem::MaybeUninit;

/// The type of an array's elements.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
#[repr(u8)]
pub enum DType {
    /// 32-bit floating point; differentiable.
    F32,
    /// 64-bit floating point; differentiable.
    F64,
    /// Signed 64-bit integers: labels, indices.
    I64,
    /// Bytes: images.
    U8,
    /// Truth values: masks.
    Bool,
}

impl DType {
    /// The size of one element in bytes.
    pub fn size(self) -> usize {
        match self {
            Self::F32 => 4,
            Self::F64 | Self::I64 => 8,
            Self::U8 | Self::Bool => 1,
        }
    }
}

impl fmt::Display for DType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::F32 => "f32",
            Self::F64 => "f64",
            Self::I64 => "i64",
            Self::U8 => "u8",
            Self::Bool => "bool",
        })
    }
}

mod sealed {
    pub trait Sealed {}
}

/// What a tensor may hold: `f32`, `f64`, `i64`, `u8` or `bool`.
pub trait Element:
    sealed::Sealed + Copy + Default + PartialEq + PartialOrd + fmt::Debug + fmt::Display + Send + Sync + 'static
{
    /// Its run-time tag.
    const DTYPE: DType;
}

macro_rules! elements {
    ($($t:ty = $tag:ident),*) => { $(
        impl sealed::Sealed for $t {}
        impl Element for $t { const DTYPE: DType = DType::$tag; }
    )* };
}
elements!(f32 = F32, f64 = F64, i64 = I64, u8 = U8, bool = Bool);

/// Runs `$body` with `$T` standing for the element type of a floating-point `$dtype`.
macro_rules! float {
    ($dtype:expr, $T:ident => $body:expr) => {
        match $dtype {
            $crate::kernels::DType::F32 => {
                type $T = f32;
                $body
            }
            $crate::kernels::DType::F64 => {
                type $T = f64;
                $body
            }
            other => panic!("{other} elements have no arithmetic: cast them to a float first"),
        }
    };
}
pub(crate) use float;

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
        if *strides == shape.row_major() {
            return Self::Contiguous;
        }
        if !is_dense(shape, strides) {
            return Self::Strided;
        }
        Self::of_dense(shape, strides)
    }

    /// As [`Order::of`], of strides known to be dense: in C order the axes longer than 1 have falling strides.
    fn of_dense(shape: &Dims, strides: &Dims) -> Self {
        let mut last = usize::MAX;
        let long = shape.iter().zip(strides.iter()).filter(|&(n, _)| n != 1);
        let falling = long.fold(true, |falls, (_, stride)| falls & (std::mem::replace(&mut last, stride) > stride));
        if falling || shape.count() == 0 { Self::Contiguous } else { Self::Dense }
    }
}

/// Elements of one type in shared memory, seen through a shape and strides.
///
/// Invariant: every element that shape, strides and offset reach lies inside the buffer and is initialised.
#[derive(Clone)]
pub struct Array {
    buffer: Buffer,
    offset: u32,
    /// The product of the shape.
    count: u32,
    dtype: DType,
    /// What shape and strides say, kept because every loop asks.
    order: Order,
    shape: Dims,
    strides: Dims,
}

impl Array {
    /// A new array in C order whose elements `fill` writes, all of them.
    ///
    /// # Safety
    /// `fill` must initialise the whole slice.
    pub(super) unsafe fn build<T: Element>(shape: Dims, fill: impl FnOnce(&mut [MaybeUninit<T>])) -> Self {
        // SAFETY: the caller's promise.
        unsafe { Self::build_like(shape, shape.row_major(), fill) }
    }

    /// As [`Array::build`], with dense `strides` in any order; `fill` sees the elements as they lie in memory.
    ///
    /// # Safety
    /// `fill` must initialise the whole slice.
    pub(super) unsafe fn build_like<T: Element>(
        shape: Dims,
        strides: Dims,
        fill: impl FnOnce(&mut [MaybeUninit<T>]),
    ) -> Self {
        debug_assert!(is_dense(&shape, &strides));
        let count = shape.count();
        let buffer = Buffer::uninit(count * size_of::<T>());
        // SAFETY: fresh, ours alone, aligned to 64 bytes and long enough.
        fill(unsafe { std::slice::from_raw_parts_mut(buffer.as_ptr().cast_mut().cast(), count) });
        let order = Order::of_dense(&shape, &strides);
        Self { buffer, offset: 0, count: count as u32, dtype: T::DTYPE, order, shape, strides }
    }

    /// As [`Array::build_like`], with the shape and strides of `like`, which is dense.
    ///
    /// # Safety
    /// `fill` must initialise the whole slice.
    pub(super) unsafe fn build_as<T: Element>(like: &Self, fill: impl FnOnce(&mut [MaybeUninit<T>])) -> Self {
        debug_assert!(like.is_dense());
        let Self { count, order, shape, strides, .. } = *like;
        let buffer = Buffer::uninit(count as usize * size_of::<T>());
        // SAFETY: fresh, ours alone, aligned to 64 bytes and long enough.
        fill(unsafe { std::slice::from_raw_parts_mut(buffer.as_ptr().cast_mut().cast(), count as usize) });
        Self { buffer, offset: 0, count, dtype: T::DTYPE, order, shape, strides }
    }

    /// A copy of `data` in C order; `shape` must hold as many elements.
    pub fn from_slice<T: Element>(data: &[T], shape: Dims) -> Self {
        assert_eq!(data.len(), shape.count(), "{} elements for a shape of {:?}", data.len(), shape);
        // SAFETY: the slices have one length, so every element is written.
        unsafe {
            Self::build(shape, |out| {
                out.write_copy_of_slice(data);
            })
        }
    }

    /// An array of one repeated value.
    pub fn full<T: Element>(value: T, shape: Dims) -> Self {
        // SAFETY: writes every element.
        unsafe {
            Self::build(shape, |out| {
                out.fill(MaybeUninit::new(value));
            })
        }
    }

    /// An array of one repeated value, of a floating-point type chosen at run time.
    pub fn full_float(dtype: DType, value: f64, shape: Dims) -> Self {
        float!(dtype, T => Self::full(value as T, shape))
    }

    /// Element `i` in C order is `f(i)`.
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
    pub fn count(&self) -> usize {
        self.count as usize
    }

    /// Are the elements one gapless stretch of memory, in any order of the axes?
    pub fn is_dense(&self) -> bool {
        self.order != Order::Strided
    }

    /// Are the elements one gapless stretch of memory in C order?
    pub fn is_contiguous(&self) -> bool {
        self.order == Order::Contiguous
    }

    /// The same elements under another shape and strides, `offset` elements further on.
    /// Panics if that would reach outside: the one place where views are made.
    pub fn view(&self, shape: Dims, strides: Dims, offset: usize) -> Self {
        let offset = self.offset as usize + offset;
        let count = shape.count();
        let last = shape.iter().zip(strides.iter()).map(|(n, s)| n.saturating_sub(1) * s).sum::<usize>();
        let end = if count == 0 { offset } else { offset + last + 1 };
        assert!(
            shape.rank() == strides.rank() && end * self.dtype.size() <= self.buffer.bytes(),
            "a view outside its tensor"
        );
        let count = u32::try_from(count).expect("a tensor of less than 2^32 elements");
        let order = Order::of(&shape, &strides);
        Self { buffer: self.buffer.clone(), offset: offset as u32, count, dtype: self.dtype, order, shape, strides }
    }

    /// The element at offset 0 of the view.
    pub(super) fn ptr<T: Element>(&self) -> *const T {
        assert_eq!(self.dtype, T::DTYPE);
        // SAFETY: the invariant keeps the offset inside the buffer (or one past an empty one).
        unsafe { self.buffer.as_ptr().cast::<T>().add(self.offset as usize) }
    }

    /// The elements as they lie in memory, if they are dense (in any order of the axes).
    pub fn dense<T: Element>(&self) -> Option<&[T]> {
        // SAFETY: dense, so the `count` elements from `ptr` on are just the reachable ones, all initialised.
        self.is_dense().then(|| unsafe { std::slice::from_raw_parts(self.ptr(), self.count()) })
    }

    /// The stretch of memory from the first to the last reachable element. In a view with gaps it also holds elements
    /// that are not this array's.
    pub fn elements<T: Element>(&self) -> &[T] {
        let last = self.shape.iter().zip(self.strides.iter()).map(|(n, s)| n.saturating_sub(1) * s).sum::<usize>();
        let len = if self.count() == 0 { 0 } else { last + 1 };
        // SAFETY: the invariant keeps offset + last inside the buffer. A buffer is initialised as a whole when it is
        // built, so the gaps are too.
        unsafe { std::slice::from_raw_parts(self.ptr(), len) }
    }

    /// The elements in C order, if they lie so.
    pub fn as_slice<T: Element>(&self) -> Option<&[T]> {
        if self.is_contiguous() { self.dense() } else { None }
    }

    /// The elements for writing, as they lie in memory, if they are dense and nobody else sees them.
    pub fn dense_mut<T: Element>(&mut self) -> Option<&mut [T]> {
        if self.buffer.is_unique() && self.is_dense() {
            // SAFETY: the only reference to the buffer is borrowed mutably; dense as in `dense`.
            Some(unsafe { std::slice::from_raw_parts_mut(self.ptr::<T>().cast_mut(), self.count()) })
        } else {
            None
        }
    }

    /// The elements for writing, as they lie in memory: in place if nobody else sees them, else of a dense copy.
    pub fn make_mut<T: Element>(&mut self) -> &mut [T] {
        if !(self.buffer.is_unique() && self.is_dense()) {
            *self = self.dense_copy();
        }
        self.dense_mut().expect("a fresh copy")
    }

    /// Do both show the same memory?
    pub fn shares_memory(&self, other: &Self) -> bool {
        self.buffer.same(&other.buffer)
    }

    /// Is this the only array on its memory?
    pub fn is_unique(&self) -> bool {
        self.buffer.is_unique()
    }

    /// The bytes of element `index` (one number for each axis).
    pub fn get<T: Element>(&self, index: &[usize]) -> Option<T> {
        let inside = index.len() == self.shape.rank() && index.iter().zip(self.shape.iter()).all(|(&i, n)| i < n);
        let at = || index.iter().zip(self.strides.iter()).map(|(&i, s)| i * s).sum();
        // SAFETY: each index lies inside its axis.
        inside.then(|| unsafe { *self.ptr::<T>().add(at()) })
    }

    /// The elements in C order.
    pub fn to_vec<T: Element>(&self) -> Vec<T> {
        self.contiguous().as_slice::<T>().expect("contiguous").to_vec()
    }

    /// This array in C order: itself where it lies so, else a copy.
    pub fn contiguous(&self) -> Self {
        if self.is_contiguous() {
            let mut same = self.clone();
            same.strides = self.shape.row_major();
            return same;
        }
        self.copy(self.shape.row_major())
    }

    /// A copy that keeps the order of the axes where it is dense, else in C order.
    pub fn dense_copy(&self) -> Self {
        self.copy(if self.is_dense() { self.strides } else { self.shape.row_major() })
    }

    /// A copy laid out with dense `strides`.
    fn copy(&self, strides: Dims) -> Self {
        use super::elementwise::copy;
        match self.dtype {
            DType::F32 => copy::<f32>(self, strides),
            DType::F64 => copy::<f64>(self, strides),
            DType::I64 => copy::<i64>(self, strides),
            DType::U8 => copy::<u8>(self, strides),
            DType::Bool => copy::<bool>(self, strides),
        }
    }

    /// The axes in `order`, a permutation of them.
    pub fn permute(&self, order: &[usize]) -> Self {
        assert!(
            order.len() == self.shape.rank() && (0..order.len()).all(|axis| order.contains(&axis)),
            "not an order of the axes"
        );
        self.reordered(self.shape.permuted(order), self.strides.permuted(order))
    }

    /// Axes `a` and `b` exchanged.
    pub fn swap(&self, a: usize, b: usize) -> Self {
        self.reordered(self.shape.swapped(a, b), self.strides.swapped(a, b))
    }

    /// The same elements with their axes in another order: inside, and as dense as they were.
    fn reordered(&self, shape: Dims, strides: Dims) -> Self {
        let order = if self.is_dense() { Order::of_dense(&shape, &strides) } else { Order::Strided };
        Self { buffer: self.buffer.clone(), order, shape, strides, ..*self }
    }

    /// Stretched to `shape` as NumPy broadcasts: right aligned, size 1 repeated. The caller has checked that it fits.
    pub fn expand(&self, shape: &Dims) -> Self {
        if self.shape == *shape {
            return self.clone();
        }
        let lead = shape.rank() - self.shape.rank();
        let mut strides = Dims::default();
        for (axis, n) in shape.iter().enumerate() {
            let repeated = axis < lead || (self.shape.get(axis - lead) == 1 && n != 1);
            assert!(repeated || self.shape.get(axis - lead) == n, "{:?} does not stretch to {shape:?}", self.shape);
            strides.push(if repeated { 0 } else { self.strides.get(axis - lead) });
        }
        self.view(*shape, strides, 0)
    }

    /// The same elements in C order under another shape of as many: a view where the memory allows, else of a copy.
    pub fn reshape(&self, shape: &Dims) -> Self {
        assert_eq!(self.count(), shape.count(), "{:?} does not reshape to {shape:?}", self.shape);
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
    fn empty_and_scalar() {
        let empty = Array::full(1u8, Dims::new(&[0, 3]));
        assert!(empty.permute(&[1, 0]).to_vec::<u8>().is_empty());
        let scalar = Array::full(7i64, Dims::new(&[]));
        assert_eq!(scalar.to_vec::<i64>(), [7]);
    }
}
