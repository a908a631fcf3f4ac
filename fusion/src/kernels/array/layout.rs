//! Shapes and strides at run time.

use std::fmt;

/// The largest rank of a tensor.
pub const MAX_RANK: usize = 6;

pub use fusion_rules::MAX_ELEMENTS;

/// Up to six sizes or strides, held inline. Sizes become a shape where their [`count`](Dims::count) is taken: the one
/// place that compares their product with the limit, and every array is made through it.
///
/// Numbers are 32 bits wide: what small tensors cost is the moving of their arrays. This is the one shape of the run;
/// what the shape rules work on (`fusion_rules::Dims`, which knows sizes that are not settled and is computed with at compile
/// time) comes of it in `Dims::sizes` and nowhere else.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Dims {
    numbers: [u32; MAX_RANK],
    rank: u8,
}

/// Why there can be no tensor of some sizes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NoRoom {
    /// They make more than [`MAX_ELEMENTS`] elements.
    Count(fusion_rules::Dims),
    /// One of them, or of their strides in C order, has more than 32 bits.
    Step(fusion_rules::Dims),
    /// The system has no memory for them.
    Memory {
        /// The sizes.
        shape: Dims,
        /// How many bytes they take.
        bytes: usize,
    },
}

impl fmt::Display for NoRoom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(shape) => {
                write!(f, "the sizes {shape} make more than {MAX_ELEMENTS} elements, the most that a tensor can have")
            }
            Self::Step(shape) => {
                write!(
                    f,
                    "the sizes {shape} put more than {} elements along an axis or into one step of it, the most that a \
                    tensor can have there",
                    u32::MAX
                )
            }
            Self::Memory { shape, bytes } => {
                write!(f, "a tensor of the sizes {shape:?} takes {bytes} bytes, and the system does not have them")
            }
        }
    }
}

impl Dims {
    /// From a list of at most six numbers.
    ///
    /// # Panics
    /// If there are more, or one has more than 32 bits.
    #[track_caller]
    pub fn new(list: &[usize]) -> Self {
        match Self::try_new(list) {
            Ok(dims) => dims,
            Err(problem) => panic!("{problem}"),
        }
    }

    /// From a list of numbers, unless one has more than 32 bits.
    ///
    /// # Panics
    /// If there are more than six.
    #[track_caller]
    pub fn try_new(list: &[usize]) -> Result<Self, NoRoom> {
        assert!(list.len() <= MAX_RANK, "a tensor has at most {MAX_RANK} axes, not {}: {list:?}", list.len());
        let mut dims = Self::default();
        for &n in list {
            let Ok(number) = u32::try_from(n) else {
                let sizes = fusion_rules::Dims::new(list);
                return Err(if n > MAX_ELEMENTS { NoRoom::Count(sizes) } else { NoRoom::Step(sizes) });
            };
            dims.numbers[dims.rank()] = number;
            dims.rank += 1;
        }
        Ok(dims)
    }

    /// Appends a number.
    ///
    /// # Panics
    /// If there are six already, or it has more than 32 bits.
    #[track_caller]
    pub fn push(&mut self, n: usize) {
        assert!(self.rank() < MAX_RANK, "a tensor has at most {MAX_RANK} axes: no room behind {self:?} for {n}");
        self.rank += 1;
        self.set(self.rank() - 1, n);
    }

    /// How many axes.
    pub fn rank(&self) -> usize {
        self.rank as usize
    }

    /// The number of `axis`.
    ///
    /// # Panics
    /// If there is no such axis.
    #[track_caller]
    pub fn get(&self, axis: usize) -> usize {
        assert!(axis < self.rank(), "there is no axis {axis} in {self:?}");
        self.numbers[axis] as usize
    }

    /// Replaces the number of `axis`.
    ///
    /// # Panics
    /// If there is no such axis, or the number has more than 32 bits.
    #[track_caller]
    pub fn set(&mut self, axis: usize, n: usize) {
        assert!(axis < self.rank(), "there is no axis {axis} in {self:?}");
        match u32::try_from(n) {
            Ok(n) => self.numbers[axis] = n,
            Err(_) => too_long(n),
        }
    }

    /// The numbers in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = usize> + ExactSizeIterator + '_ {
        self.numbers[..self.rank()].iter().map(|&n| n as usize)
    }

    /// The product of all: the number of elements of this shape.
    ///
    /// # Panics
    /// If that is above [`MAX_ELEMENTS`]: see [`try_count`](Dims::try_count).
    #[track_caller]
    pub fn count(&self) -> usize {
        match self.try_count() {
            Ok(count) => count,
            Err(problem) => panic!("{problem}"),
        }
    }

    /// The product of all, unless that is above [`MAX_ELEMENTS`]. Sizes of 0 do not excuse the others: then the product
    /// of any of the sizes can be taken unchecked.
    pub fn try_count(&self) -> Result<usize, NoRoom> {
        let (mut product, mut empty) = (1usize, false);
        for n in self.iter() {
            empty |= n == 0;
            product = match product.checked_mul(n.max(1)) {
                Some(product) if product <= MAX_ELEMENTS => product,
                _ => return Err(NoRoom::Count(self.sizes())),
            };
        }
        Ok(if empty { 0 } else { product })
    }

    /// The product of all, of an array's shape, whose product was checked when the array was made.
    #[inline]
    pub(in crate::kernels) fn known_count(&self) -> usize {
        let mut product = 1;
        for axis in 0..self.rank() {
            product *= self.numbers[axis] as usize;
        }
        product
    }

    /// The numbers as the shape rules take them.
    pub(crate) fn sizes(&self) -> fusion_rules::Dims {
        let mut sizes = fusion_rules::Dims::SCALAR;
        sizes.rank = self.rank();
        for (to, from) in sizes.d.iter_mut().zip(self.iter()) {
            *to = fusion_rules::Size::Known(from);
        }
        sizes
    }

    /// The shape of these sizes, which the run knows.
    ///
    /// # Panics
    /// If one is not known, or has more than 32 bits.
    #[track_caller]
    pub(crate) fn of_sizes(sizes: fusion_rules::Dims) -> Self {
        match Self::try_of_sizes(sizes) {
            Ok(dims) => dims,
            Err(problem) => panic!("{problem}"),
        }
    }

    /// As [`of_sizes`](Dims::of_sizes), or an error for one that has more than 32 bits.
    #[track_caller]
    pub(crate) fn try_of_sizes(sizes: fusion_rules::Dims) -> Result<Self, NoRoom> {
        let (mut numbers, rank) = ([0; MAX_RANK], sizes.rank);
        for (number, size) in numbers.iter_mut().zip(sizes.as_slice()) {
            *number = size.number().expect("a size of the run");
        }
        Self::try_new(&numbers[..rank])
    }

    /// The last number, 1 where there is none.
    pub fn last(&self) -> usize {
        self.iter().next_back().unwrap_or(1)
    }

    /// The strides of this shape when its last axis is contiguous (C order).
    ///
    /// # Panics
    /// If one has more than 32 bits: see [`try_row_major`](Dims::try_row_major).
    #[track_caller]
    #[inline]
    pub fn row_major(&self) -> Self {
        let (strides, fit) = self.steps();
        if fit || self.has_strides().is_ok() { strides } else { too_deep(self) }
    }

    /// The strides of this shape in C order, unless one has more than 32 bits. Where there are no elements, strides that
    /// long are cut off: nobody steps along them.
    #[inline]
    pub fn try_row_major(&self) -> Option<Self> {
        let (strides, fit) = self.steps();
        (fit || self.has_strides().is_ok()).then_some(strides)
    }

    /// The strides of this shape, of rank 2 or more, when the channels (axis 1) are contiguous and the other axes lie in their
    /// order: images `[N, C, H, W]` pixel by pixel.
    ///
    /// # Panics
    /// As [`row_major`](Dims::row_major).
    #[track_caller]
    pub fn channels_last(&self) -> Self {
        let mut shape = self.without(1);
        shape.push(self.get(1));
        let last = shape.row_major();
        let mut strides = Self::default();
        for axis in 0..self.rank() {
            strides.push(match axis {
                0 => last.get(0),
                1 => 1,
                axis => last.get(axis - 1),
            });
        }
        strides
    }

    /// The strides in C order, and whether all fit into 32 bits; the others are cut off.
    #[inline]
    fn steps(&self) -> (Self, bool) {
        let (mut strides, mut step, mut fit) = (*self, 1u64, true);
        for axis in (0..self.rank()).rev() {
            let n = self.numbers[axis];
            fit &= step <= u64::from(u32::MAX) || n == 1; // nobody steps along an axis of size 1
            strides.numbers[axis] = step.min(u64::from(u32::MAX)) as u32;
            step = step.saturating_mul(u64::from(n.max(1)));
        }
        (strides, fit)
    }

    /// Sorts axes by these strides, the largest first: the order in which an array has them in memory. Axes of equal strides
    /// stay as they stand.
    pub fn sort_axes(&self, axes: &mut [usize]) {
        // By insertion: there are six at most, and a general sort would be compiled for each caller.
        for end in 1..axes.len() {
            let mut at = end;
            while at > 0 && self.get(axes[at - 1]) < self.get(axes[at]) {
                axes.swap(at - 1, at);
                at -= 1;
            }
        }
    }

    /// Whether an array of this shape in C order can be.
    pub fn has_strides(&self) -> Result<(), NoRoom> {
        if self.steps().1 || self.iter().any(|n| n == 0) {
            return Ok(());
        }
        Err(self.try_count().err().unwrap_or(NoRoom::Step(self.sizes())))
    }

    /// The axes in `order`.
    pub fn permuted(&self, order: &[usize]) -> Self {
        let mut dims = Self::default();
        for &axis in order {
            dims.push(self.get(axis));
        }
        dims
    }

    /// Axes `a` and `b` exchanged.
    ///
    /// # Panics
    /// If there are no such axes.
    #[track_caller]
    pub fn swapped(mut self, a: usize, b: usize) -> Self {
        assert!(a.max(b) < self.rank(), "there are no axes {a} and {b} in {self:?}");
        self.numbers.swap(a, b);
        self
    }

    /// Without `axis`.
    pub fn without(&self, axis: usize) -> Self {
        let mut dims = Self::default();
        for (i, n) in self.iter().enumerate() {
            if i != axis {
                dims.push(n);
            }
        }
        dims
    }

    /// With `n` put in before `axis`, or behind all.
    ///
    /// # Panics
    /// If there is no such place, or there are six already.
    #[track_caller]
    pub fn with(&self, axis: usize, n: usize) -> Self {
        assert!(axis <= self.rank(), "there is no place {axis} in {self:?}");
        let mut dims = Self::default();
        for i in 0..=self.rank() {
            if i == axis {
                dims.push(n);
            }
            if i < self.rank() {
                dims.push(self.get(i));
            }
        }
        dims
    }
}

/// The panic about a shape whose strides have more than 32 bits.
#[cold]
#[track_caller]
fn too_deep(shape: &Dims) -> ! {
    match shape.has_strides() {
        Err(problem) => panic!("{problem}"),
        Ok(()) => unreachable!("asked before"),
    }
}

/// The panic about a number of more than 32 bits.
#[cold]
#[track_caller]
fn too_long(n: usize) -> ! {
    let sizes = fusion_rules::Dims::new(&[n]);
    panic!("{}", if n > MAX_ELEMENTS { NoRoom::Count(sizes) } else { NoRoom::Step(sizes) })
}

impl fmt::Debug for Dims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl PartialEq<[usize]> for Dims {
    fn eq(&self, other: &[usize]) -> bool {
        self.iter().eq(other.iter().copied())
    }
}

/// Is a tensor of this shape and these strides one gapless stretch of memory, in any order of its axes?
pub fn is_dense(shape: &Dims, strides: &Dims) -> bool {
    if shape.try_row_major() == Some(*strides) {
        return true;
    }
    if shape.rank() != strides.rank() {
        return false;
    }
    let mut axes = [(0, 0); MAX_RANK];
    let mut rank = 0;
    for (n, stride) in shape.iter().zip(strides.iter()) {
        if n != 1 {
            axes[rank] = (stride, n);
            rank += 1;
        }
    }
    axes[..rank].sort_unstable();
    let mut expect = 1;
    shape.count() == 0
        || axes[..rank].iter().all(|&(stride, n)| {
            let fits = stride == expect;
            expect *= n;
            fits
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dims(list: &[usize]) -> Dims {
        Dims::new(list)
    }

    /// The longest axis.
    const LONG: usize = u32::MAX as usize;

    #[test]
    fn products_are_checked() {
        assert_eq!((dims(&[]).try_count(), dims(&[2, 0, 3]).try_count()), (Ok(1), Ok(0)));
        assert_eq!(dims(&[257, MAX_ELEMENTS / 257]).try_count(), Ok(MAX_ELEMENTS / 257 * 257));
        for large in [&[65536; 4][..], &[0, LONG, 1 << 9], &[1 << 20, 1 << 20], &[1 << 31, 1 << 9]] {
            assert_eq!(dims(large).try_count(), Err(NoRoom::Count(fusion_rules::Dims::new(large))));
            assert!(std::panic::catch_unwind(|| dims(large).count()).is_err());
        }
        for large in [MAX_ELEMENTS + 1, usize::MAX, 1 << 63] {
            assert_eq!(Dims::try_new(&[2, large]), Err(NoRoom::Count(fusion_rules::Dims::new(&[2, large]))));
            assert!(std::panic::catch_unwind(|| dims(&[large])).is_err());
            assert!(std::panic::catch_unwind(|| dims(&[2]).with(0, large)).is_err());
        }
        for n in [0, 1, LONG] {
            assert_eq!((dims(&[3, n]).get(1), dims(&[n, 3]).swapped(0, 1).get(1)), (n, n));
        }
        let long = fusion_rules::Dims::new(&[2, LONG + 1]);
        assert_eq!(Dims::try_new(&[2, LONG + 1]), Err(NoRoom::Step(long)));
        assert!(NoRoom::Step(long).to_string().contains("the sizes [2, 4294967296] put more than 4294967295 elements"));
        // Strides may be longer than sizes.
        let deep = [2, 65536, 65536];
        assert_eq!(dims(&deep).has_strides(), Err(NoRoom::Step(fusion_rules::Dims::new(&deep))));
        assert_eq!(dims(&deep).try_row_major(), None);
        assert_eq!(dims(&[0, 65536, 65536]).row_major(), dims(&[LONG, 65536, 1]));
        assert_eq!(dims(&[1, 1, 65536, 65536]).row_major(), dims(&[LONG, LONG, 65536, 1]));
        assert_eq!(dims(&[2, 1, 65536, 65536]).try_row_major(), None);
        assert_eq!(dims(&[2, 65536, 65535]).row_major(), dims(&[65536 * 65535, 65535, 1]));
        assert!(is_dense(&dims(&deep), &dims(&[1, 131_072, 2])));
        let said = NoRoom::Count(fusion_rules::Dims::new(&[65536; 4])).to_string();
        assert!(said.contains("[65536, 65536, 65536, 65536]"));
    }

    #[test]
    fn axes_that_are_not_there() {
        let shape = dims(&[2, 3]);
        assert!(std::panic::catch_unwind(|| dims(&[1; 7])).is_err());
        assert!(std::panic::catch_unwind(|| shape.get(2)).is_err());
        assert!(std::panic::catch_unwind(|| shape.swapped(0, 2)).is_err());
        assert!(std::panic::catch_unwind(|| shape.with(3, 1)).is_err());
        assert!(std::panic::catch_unwind(|| dims(&[1; 6]).with(0, 1)).is_err());
    }

    #[test]
    fn dense_in_any_order() {
        assert!(is_dense(&dims(&[2, 3, 4]), &dims(&[12, 4, 1])));
        assert!(is_dense(&dims(&[2, 3, 4]), &dims(&[1, 8, 2])));
        assert!(is_dense(&dims(&[2, 1, 4]), &dims(&[4, 77, 1])));
        assert!(!is_dense(&dims(&[2, 3]), &dims(&[0, 1])));
        assert!(!is_dense(&dims(&[2, 3]), &dims(&[6, 2])));
        assert!(is_dense(&dims(&[]), &dims(&[])) && is_dense(&dims(&[0, 3]), &dims(&[9, 9])));
    }
}
