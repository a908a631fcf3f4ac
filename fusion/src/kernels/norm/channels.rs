//! Norms of pixels: the channels of a pixel lie side by side in memory, so that each lane is a channel.
//!
//! Elements are walked in periods: one pixel, or several where a pixel has few channels or no whole number of vectors. What
//! belongs to a channel stands in arrays as long as a period, in which it is repeated for each of the pixels, and which end
//! with a whole vector.

use crate::kernels::activation::Activation;
use crate::kernels::simd::{Float, Kernel, MAX_LANES, Vector};

/// How many periods share what is loaded of a channel.
const ROWS: usize = 4;

/// After how many such groups sums go on in `f64`.
const PART: usize = 8;

/// The longest period of several pixels.
const LONGEST: usize = 1024;

/// `count` elements in periods of `width`, of which the last may be shorter.
#[derive(Clone, Copy, Debug)]
pub struct Pixels {
    /// The elements of a period.
    pub width: usize,
    /// All elements.
    pub count: usize,
}

impl Pixels {
    /// `count` elements in pixels of `channels`, of which there is at least one.
    pub fn new(channels: usize, count: usize) -> Self {
        let common = 1 << channels.trailing_zeros().min(MAX_LANES.trailing_zeros());
        let whole = channels * (MAX_LANES / common);
        let width = if whole <= LONGEST { whole * (4 * MAX_LANES).div_ceil(whole) } else { channels };
        // Where there are fewer pixels, what belongs to channels is repeated for no more.
        Self { width: width.min(count.max(channels)), count }
    }

    /// The elements of the periods that are worked on together.
    pub fn group(&self) -> usize {
        ROWS * self.width
    }

    /// How long arrays of what belongs to channels are.
    pub fn room(&self) -> usize {
        self.width.next_multiple_of(MAX_LANES)
    }
}

/// What belongs to channels, each [`Pixels::room`] long: an element less `origin`, times `scale`, plus `shift` is normalised.
#[derive(Clone, Copy, Debug)]
pub struct Numbers<T> {
    /// A number near the mean.
    pub origin: *const T,
    /// The weight over the deviation.
    pub scale: *const T,
    /// The bias, and what brings the mean to 0.
    pub shift: *const T,
}

/// What is done at some columns of some periods.
trait Step<T: Float> {
    /// The vectors from column `at` on of `R` periods, of which the first begins at element `start`; of the vector only the
    /// `lanes`, if they are given.
    ///
    /// # Safety
    /// These elements must be there, and the machine must have the instructions of `V`.
    unsafe fn columns<V: Vector<Elem = T>, const R: usize>(&self, start: usize, at: usize, lanes: Option<V::Tail>);

    /// Comes after each [`PART`] groups and after all.
    ///
    /// # Safety
    /// As for [`columns`](Step::columns).
    #[inline(always)]
    unsafe fn rest(&self) {}
}

/// Takes the step at all elements, from the last to the first if `backwards`: what has just been read from the first to the
/// last is in the cache there.
///
/// # Safety
/// All elements must be there, and the machine must have the instructions of `V`.
#[inline(always)]
unsafe fn walk<V: Vector, S: Step<V::Elem>>(step: &S, pixels: Pixels, backwards: bool) {
    let Pixels { width, count } = pixels;
    let groups = count / pixels.group();
    // SAFETY: periods and what is left of the last one are elements that are there, as the caller promises.
    unsafe {
        let mut start = groups * pixels.group();
        while start < count {
            period::<V, S, 1>(step, start, width.min(count - start));
            start += width;
        }
        for done in 0..groups {
            let group = if backwards { groups - 1 - done } else { done };
            period::<V, S, ROWS>(step, group * pixels.group(), width);
            if done % PART == PART - 1 {
                step.rest();
            }
        }
        step.rest();
    }
}

/// Takes the step at the first `n` columns of `R` periods.
///
/// # Safety
/// As for [`walk`].
#[inline(always)]
unsafe fn period<V: Vector, S: Step<V::Elem>, const R: usize>(step: &S, start: usize, n: usize) {
    let mut at = 0;
    // SAFETY: no column is beyond `n`.
    unsafe {
        // Single periods are few, and not worth code of their own for whole vectors.
        while R > 1 && at + V::LANES <= n {
            step.columns::<V, R>(start, at, None);
            at += V::LANES;
        }
        while at < n {
            step.columns::<V, R>(start, at, Some(V::tail(n - at)));
            at += V::LANES;
        }
    }
}

/// # Safety
/// The lanes must be there, and the machine must have the instructions of `V`.
#[inline(always)]
unsafe fn read<V: Vector>(from: *const V::Elem, lanes: Option<V::Tail>) -> V {
    // SAFETY: the caller's promise.
    unsafe {
        match lanes {
            None => V::load(from),
            Some(tail) => V::load_tail(from, tail),
        }
    }
}

/// # Safety
/// The lanes must be there.
#[inline(always)]
unsafe fn write<V: Vector>(x: V, to: *mut V::Elem, lanes: Option<V::Tail>) {
    // SAFETY: the caller's promise.
    unsafe {
        match lanes {
            None => x.store(to),
            Some(tail) => x.store_tail(to, tail),
        }
    }
}

/// Two sums of each column: in the elements' type, and from time to time in `f64`.
#[derive(Clone, Copy, Debug)]
pub struct Totals<T> {
    /// Zeros, twice as many as a period has [room](Pixels::room).
    pub part: *mut T,
    /// As many, to which the sums are added.
    pub total: *mut f64,
}

impl<T: Float> Totals<T> {
    /// Adds to the sums of the columns from `at` on.
    ///
    /// # Safety
    /// The columns must be there.
    #[inline(always)]
    unsafe fn add<V: Vector<Elem = T>>(&self, [one, two]: [V; 2], at: usize, room: usize) {
        // SAFETY: the caller's promise.
        unsafe {
            let (p, q) = (self.part.add(at), self.part.add(room + at));
            (V::load(p) + one).store(p);
            (V::load(q) + two).store(q);
        }
    }

    /// Goes on in `f64`.
    ///
    /// # Safety
    /// The sums must be there.
    #[inline(always)]
    unsafe fn go_on(&self, room: usize) {
        for i in 0..2 * room {
            // SAFETY: the caller's promise.
            unsafe {
                *self.total.add(i) += (*self.part.add(i)).to_f64();
                *self.part.add(i) = T::ZERO;
            }
        }
    }
}

/// The sums of the deviations from `origin`, and of their squares.
pub struct Sums<T> {
    pub x: *const T,
    pub origin: *const T,
    pub totals: Totals<T>,
    pub pixels: Pixels,
}

impl<T: Float> Step<T> for Sums<T> {
    #[inline(always)]
    unsafe fn columns<V: Vector<Elem = T>, const R: usize>(&self, start: usize, at: usize, lanes: Option<V::Tail>) {
        // SAFETY: the caller's promise.
        unsafe {
            let origin = read::<V>(self.origin.add(at), lanes);
            let mut sums = [V::zero(); 2];
            for row in 0..R {
                let from = read::<V>(self.x.add(start + row * self.pixels.width + at), lanes) - origin;
                sums = [sums[0] + from, from.mul_add(from, sums[1])];
            }
            self.totals.add(sums, at, self.pixels.room());
        }
    }

    #[inline(always)]
    unsafe fn rest(&self) {
        // SAFETY: the caller's promise.
        unsafe { self.totals.go_on(self.pixels.room()) };
    }
}

/// `activation((x - origin) * scale + shift + residual)`.
pub struct Apply<T> {
    pub x: *const T,
    /// May be `x`.
    pub y: *mut T,
    /// Null if there is none.
    pub residual: *const T,
    pub numbers: Numbers<T>,
    pub activation: Activation,
    pub pixels: Pixels,
}

impl<T: Float> Step<T> for Apply<T> {
    #[inline(always)]
    unsafe fn columns<V: Vector<Elem = T>, const R: usize>(&self, start: usize, at: usize, lanes: Option<V::Tail>) {
        let Numbers { origin, scale, shift } = self.numbers;
        // SAFETY: the caller's promise; a vector is written after it is read.
        unsafe {
            let (origin, scale, shift) = (V::load(origin.add(at)), V::load(scale.add(at)), V::load(shift.add(at)));
            for row in 0..R {
                let place = start + row * self.pixels.width + at;
                let mut y = (read::<V>(self.x.add(place), lanes) - origin).mul_add(scale, shift);
                if !self.residual.is_null() {
                    y = y + read::<V>(self.residual.add(place), lanes);
                }
                write(self.activation.of(y), self.y.add(place), lanes);
            }
        }
    }
}

/// Where the gradient of what the activation is applied to comes from.
#[derive(Clone, Copy, Debug)]
pub struct Incoming<T> {
    /// The gradient of the result.
    pub g: *const T,
    pub x: *const T,
    /// The result; null where it follows from `x`.
    pub y: *const T,
    pub numbers: Numbers<T>,
    pub activation: Activation,
}

impl<T: Float> Incoming<T> {
    /// The gradient behind the activation at `place`, and how far `x` is from its origin.
    ///
    /// # Safety
    /// The elements must be there, and the machine must have the instructions of `V`.
    #[inline(always)]
    unsafe fn at<V: Vector<Elem = T>>(
        &self,
        place: usize,
        lanes: Option<V::Tail>,
        [origin, scale, shift]: [V; 3],
    ) -> [V; 2] {
        // SAFETY: the caller's promise.
        unsafe {
            let from = read::<V>(self.x.add(place), lanes) - origin;
            let mut g = read::<V>(self.g.add(place), lanes);
            if self.activation != Activation::Identity {
                let y = if self.y.is_null() { from.mul_add(scale, shift) } else { read::<V>(self.y.add(place), lanes) };
                g = self.activation.gradient(g, y);
            }
            [g, from]
        }
    }

    /// Origin, scale and shift of the columns from `at` on.
    ///
    /// # Safety
    /// As for [`at`](Incoming::at).
    #[inline(always)]
    unsafe fn numbers<V: Vector<Elem = T>>(&self, at: usize, lanes: Option<V::Tail>) -> [V; 3] {
        let Numbers { origin, scale, shift } = self.numbers;
        // SAFETY: the caller's promise.
        unsafe { [read(origin.add(at), lanes), read(scale.add(at), lanes), read(shift.add(at), lanes)] }
    }
}

/// The sums of the gradients behind the activation, and of these times the deviations from the origin.
pub struct Gather<T> {
    pub incoming: Incoming<T>,
    /// Where the gradients behind the activation go, which may be where they come from; null if they are not kept.
    pub kept: *mut T,
    pub totals: Totals<T>,
    pub pixels: Pixels,
}

impl<T: Float> Step<T> for Gather<T> {
    #[inline(always)]
    unsafe fn columns<V: Vector<Elem = T>, const R: usize>(&self, start: usize, at: usize, lanes: Option<V::Tail>) {
        // SAFETY: the caller's promise; a vector is written after it is read.
        unsafe {
            let numbers = self.incoming.numbers::<V>(at, lanes);
            let mut sums = [V::zero(); 2];
            for row in 0..R {
                let place = start + row * self.pixels.width + at;
                let [g, from] = self.incoming.at::<V>(place, lanes, numbers);
                if !self.kept.is_null() {
                    write(g, self.kept.add(place), lanes);
                }
                sums = [sums[0] + g, g.mul_add(from, sums[1])];
            }
            self.totals.add(sums, at, self.pixels.room());
        }
    }

    #[inline(always)]
    unsafe fn rest(&self) {
        // SAFETY: the caller's promise.
        unsafe { self.totals.go_on(self.pixels.room()) };
    }
}

/// The gradient by `x`: that behind the activation times `scale`, plus the deviation times `along`, plus `straight`.
pub struct Spread<T> {
    pub incoming: Incoming<T>,
    pub along: *const T,
    pub straight: *const T,
    /// May be where the gradients come from.
    pub dx: *mut T,
    pub pixels: Pixels,
}

impl<T: Float> Step<T> for Spread<T> {
    #[inline(always)]
    unsafe fn columns<V: Vector<Elem = T>, const R: usize>(&self, start: usize, at: usize, lanes: Option<V::Tail>) {
        // SAFETY: the caller's promise; a vector is written after it is read.
        unsafe {
            let numbers = self.incoming.numbers::<V>(at, lanes);
            let (along, straight) = (V::load(self.along.add(at)), V::load(self.straight.add(at)));
            for row in 0..R {
                let place = start + row * self.pixels.width + at;
                let [g, from] = self.incoming.at::<V>(place, lanes, numbers);
                write(g.mul_add(numbers[1], from.mul_add(along, straight)), self.dx.add(place), lanes);
            }
        }
    }
}

/// Compiles a walk for each set of instructions.
macro_rules! kernels {
    ($($name:ident $backwards:literal)*) => { $(
        impl<T: Float> Kernel<T> for $name<T> {
            type Output = ();

            #[inline(always)]
            unsafe fn run<V: Vector<Elem = T>>(self) {
                // SAFETY: who makes the step has the elements; the machine has the instructions.
                unsafe { walk::<V, Self>(&self, self.pixels, $backwards) };
            }
        }
    )* };
}
kernels!(Sums false Apply true Gather false Spread true);
