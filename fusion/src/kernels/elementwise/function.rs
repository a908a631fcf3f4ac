//! What is computed: functions of elements, each compiled into one loop for each element type and instruction set.

use crate::kernels::DType;
use crate::kernels::simd::{Float, MAX_LANES, Routine, Table, Vector};
use std::marker::PhantomData;
use std::mem::MaybeUninit;

/// The largest number of operands of an element-wise function: eight, and the gradient that comes in.
pub const MAX_OPERANDS: usize = 9;

/// The largest number of its results.
pub const MAX_RESULTS: usize = 8;

/// A function of `N` elements and `S` numbers with `M` results, on vectors of elements: what is computed, apart from how
/// one walks.
pub trait Elementwise<const N: usize, const S: usize, const M: usize = 1> {
    /// Its values. All that it calls must be `#[inline(always)]`.
    fn map<V: Vector>(x: [V; N], s: [V; S]) -> [V; M];
}

/// An operand of a loop.
#[derive(Clone, Copy)]
pub struct Operand {
    /// Where its elements start.
    pub start: *const u8,
    /// 1 where the elements lie one behind the other, 0 where one is taken over and over; that only beside other operands.
    pub step: usize,
}

/// What a loop is told.
pub struct Run {
    /// Where each of the results goes: to new memory, or one of them to that of the first operand; nowhere if it is null.
    pub out: *const *mut u8,
    /// The operands.
    pub operands: *const Operand,
    /// The numbers that are the same for all elements.
    pub numbers: *const f64,
    /// How many elements.
    pub n: usize,
}

/// A loop over contiguous elements.
///
/// # Safety
/// It must be called with as many operands and numbers as its function takes, and as many places of results as it has, valid
/// for its number of elements.
pub type Loop = unsafe fn(&Run);

/// A function's loops.
pub struct Function {
    operands: usize,
    numbers: usize,
    results: usize,
    loops: Table<Run, ()>,
}

impl Function {
    /// The loops of `F`.
    pub const fn new<F: Elementwise<N, S, M>, const N: usize, const S: usize, const M: usize>() -> Self {
        assert!(0 < N && N <= MAX_OPERANDS, "an element-wise function takes one to nine operands");
        assert!(0 < M && M <= MAX_RESULTS, "an element-wise function has one to eight results");
        Self { operands: N, numbers: S, results: M, loops: Table::of::<Flat<F, N, S, M>>() }
    }

    /// How many results it has.
    pub fn results(&self) -> usize {
        self.results
    }

    /// The loop over elements of a floating-point type.
    #[track_caller]
    #[inline]
    pub fn of(&self, dtype: DType, operands: usize, numbers: usize) -> Loop {
        assert!(operands == self.operands && numbers == self.numbers, "a function of other operands");
        self.loops.best(dtype)
    }
}

/// Room for a vector of one element, aligned so that loading it over and over crosses no cache line.
#[repr(align(64))]
struct Lanes<T>(MaybeUninit<[T; MAX_LANES]>);

/// The loop of `F` over contiguous elements.
struct Flat<F, const N: usize, const S: usize, const M: usize>(PhantomData<F>);

impl<T: Float, F, const N: usize, const S: usize, const M: usize> Routine<T> for Flat<F, N, S, M>
where
    F: Elementwise<N, S, M>,
{
    type Args = Run;
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Vector<Elem = T>>(run: &Run) {
        let n = run.n;
        // SAFETY: there are `N` operands, `S` numbers and `M` places, valid for `n` elements, and each element is read before
        // its result is written, as the caller promises; the mask covers what is left. The machine has the instructions.
        unsafe {
            let mut numbers = [V::zero(); S];
            for k in 0..S {
                numbers[k] = V::splat(T::from_f64(*run.numbers.add(k)));
            }
            let (mut at, mut from, mut step) = (0, [std::ptr::null::<T>(); N], [V::LANES; N]);
            let mut repeated = [const { Lanes::<T>(MaybeUninit::uninit()) }; N];
            for k in 0..N {
                let operand = &*run.operands.add(k);
                from[k] = operand.start.cast();
                // A function of one element has no other operand beside which that could be repeated.
                if N > 1 && operand.step == 0 {
                    let lanes = repeated[k].0.as_mut_ptr().cast();
                    V::splat(*from[k]).store(lanes);
                    (from[k], step[k]) = (lanes.cast_const(), 0);
                }
            }
            let (mut out, mut next) = ([std::ptr::null_mut::<T>(); M], [V::LANES; M]);
            let mut unwanted = Lanes::<T>(MaybeUninit::uninit());
            for k in 0..M {
                out[k] = (*run.out.add(k)).cast();
                // An only result is wanted.
                if M > 1 && out[k].is_null() {
                    (out[k], next[k]) = (unwanted.0.as_mut_ptr().cast(), 0);
                }
            }
            // What is left at the end goes through vectors in memory, so that the function stands here only once: it is most of
            // what is compiled.
            let mut last_in = [const { Lanes::<T>(MaybeUninit::uninit()) }; N];
            let mut last_out = [const { Lanes::<T>(MaybeUninit::uninit()) }; M];
            let (mut end, mut place) = (n, out);
            let mut x = [V::zero(); N];
            loop {
                while at + V::LANES <= end {
                    for k in 0..N {
                        x[k] = V::load(from[k]);
                        from[k] = from[k].wrapping_add(step[k]);
                    }
                    let y = F::map(x, numbers);
                    for k in 0..M {
                        y[k].store(out[k]);
                        out[k] = out[k].wrapping_add(next[k]);
                    }
                    at += V::LANES;
                }
                if at >= n {
                    break;
                }
                let tail = V::tail(n - at);
                for k in 0..N {
                    let lanes = last_in[k].0.as_mut_ptr().cast();
                    V::load_tail(from[k], tail).store(lanes);
                    from[k] = lanes.cast_const();
                }
                for k in 0..M {
                    place[k] = out[k];
                    out[k] = last_out[k].0.as_mut_ptr().cast();
                }
                end = at + V::LANES;
            }
            if end > n {
                let tail = V::tail(V::LANES - (end - n));
                for k in 0..M {
                    V::load(last_out[k].0.as_ptr().cast()).store_tail(place[k], tail);
                }
            }
        }
    }
}
