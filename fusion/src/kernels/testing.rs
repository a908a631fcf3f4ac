//! Arrays for tests: the same elements in many layouts.

use crate::kernels::array::Array;
use crate::kernels::array::layout::{Dims, MAX_RANK};
use crate::kernels::dtype::Element;
use crate::kernels::simd::{Float, Isa, Kernel, isa};

/// Lengths around the boundaries of chunks and blocks.
pub const LENGTHS: [usize; 10] = [0, 1, 3, 15, 16, 17, 63, 64, 100, 1000];

/// Sizes as a `Dims`.
pub fn dims(list: &[usize]) -> Dims {
    Dims::new(list)
}

/// An array whose element `i` in C order is `f(i)`, with the axes in memory in `order`, outermost first.
pub fn laid<T: Element>(shape: &[usize], order: &[usize], f: impl Fn(usize) -> T) -> Array {
    let (shape, c) = (dims(shape), dims(shape).row_major());
    let mut back = [0; MAX_RANK];
    for (to, &from) in order.iter().enumerate() {
        back[from] = to;
    }
    let inner = shape.permuted(order);
    let at = |mut i: usize| {
        let mut index = 0;
        for &axis in order.iter().rev() {
            index += i % shape.get(axis) * c.get(axis);
            i /= shape.get(axis);
        }
        index
    };
    Array::from_fn(inner, |i| f(at(i))).permute(&back[..order.len()])
}

/// As [`laid`] in C order, but a view with gaps into a larger array, off any alignment.
pub fn sliced<T: Element>(shape: &[usize], junk: T, f: impl Fn(usize) -> T) -> Array {
    let Some((&last, lead)) = shape.split_last() else {
        return Array::from_slice(&[junk, f(0)], dims(&[2])).view(dims(&[]), dims(&[]), 1);
    };
    let wide = last + 3;
    let large = dims(&[lead, &[wide]].concat());
    let inside = |i: usize| if (1..=last).contains(&(i % wide)) { f(i / wide * last + i % wide - 1) } else { junk };
    Array::from_fn(large, inside).view(dims(shape), large.row_major(), usize::from(large.count() > 0))
}

/// Arrays of the same elements: in C order, with the axes reversed, rotated, in a view with gaps, and with the axes
/// reversed in every second element of a larger array.
pub fn layouts<T: Element>(shape: &[usize], junk: T, f: impl Fn(usize) -> T) -> Vec<Array> {
    let order: Vec<usize> = (0..shape.len()).collect();
    let mut reversed = order.clone();
    reversed.reverse();
    let mut rotated = order.clone();
    rotated.rotate_left(usize::from(!order.is_empty()));
    let mut all =
        vec![laid(shape, &order, &f), laid(shape, &reversed, &f), laid(shape, &rotated, &f), sliced(shape, junk, &f)];
    if dims(shape).count() > 0 {
        let whole = laid(shape, &reversed, &f);
        let flat = whole.dense::<T>().expect("dense");
        let spread = Array::from_fn(dims(&[2 * flat.len()]), |i| if i % 2 == 1 { flat[i / 2] } else { junk });
        let strides = dims(&whole.strides().iter().map(|s| 2 * s).collect::<Vec<_>>());
        all.push(spread.view(dims(shape), strides, 1));
    }
    all
}

/// Shapes of every rank around the boundaries, and with axes of size 1 and 0.
pub fn shapes() -> Vec<Vec<usize>> {
    let mut all: Vec<Vec<usize>> = LENGTHS.iter().map(|&n| vec![n]).collect();
    let more: [&[usize]; 13] = [
        &[],
        &[2, 3],
        &[100, 16],
        &[7, 65],
        &[33, 17],
        &[5, 1],
        &[1, 40],
        &[2, 3, 4],
        &[4, 1, 19],
        &[3, 0, 2],
        &[2, 5, 4, 3],
        &[2, 3, 1, 2, 18],
        &[2, 1, 3, 2, 2, 3],
    ];
    all.extend(more.iter().map(|shape| shape.to_vec()));
    all
}

/// A number between -1 and 1 for each index, without a visible pattern; the same on every run.
pub fn noise(i: usize) -> f64 {
    let z = (i as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 31)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (z >> 11) as f64 / (1u64 << 52) as f64 - 1.0
}

/// Panics unless `got` is within `tolerance` of `want`, relative above 1 and absolute below; NaN equals NaN.
#[track_caller]
pub fn close(got: f64, want: f64, tolerance: f64) {
    let same = got == want || (got.is_nan() && want.is_nan());
    assert!(same || (got - want).abs() <= tolerance * want.abs().max(1.0), "{got} is not {want}");
}

/// The elements of a float array as `f64`, in C order.
pub fn floats(a: &Array) -> Vec<f64> {
    match a.dtype() {
        crate::kernels::DType::F32 => a.to_vec::<f32>().into_iter().map(f64::from).collect(),
        _ => a.to_vec(),
    }
}

/// What `kernel` gives on each kind of vector that this machine has.
pub fn on_each<T: Float, K: Kernel<T> + Clone>(kernel: &K) -> Vec<K::Output> {
    T::on_each(kernel)
}

thread_local! {
    static CHOSEN: std::cell::Cell<Option<Isa>> = const { std::cell::Cell::new(None) };
}

/// The instruction set that [`with_each_isa`] tries on this thread.
pub fn chosen_isa() -> Option<Isa> {
    CHOSEN.get()
}

thread_local! {
    static THREADS: std::cell::Cell<Option<usize>> = const { std::cell::Cell::new(None) };
}

/// The number of threads that [`with_threads`] tries on this thread.
pub fn chosen_threads() -> Option<usize> {
    THREADS.get()
}

/// Runs `test` with this number of threads.
pub fn with_threads<R>(n: usize, test: impl FnOnce() -> R) -> R {
    let before = THREADS.replace(Some(n));
    let result = test();
    THREADS.set(before);
    result
}

/// What is chosen on this thread is chosen for `part`, wherever it runs.
pub fn as_chosen_here(part: impl Fn(usize) + Sync) -> impl Fn(usize) + Sync {
    let chosen = (CHOSEN.get(), THREADS.get());
    move |number| {
        let before = (CHOSEN.replace(chosen.0), THREADS.replace(chosen.1));
        part(number);
        CHOSEN.set(before.0);
        THREADS.set(before.1);
    }
}

/// Runs `test` with the code of each instruction set that this machine has.
pub fn with_each_isa(test: impl Fn()) {
    let best = isa();
    for isa in [Isa::Portable, Isa::Avx2, Isa::Avx512] {
        CHOSEN.set(Some(isa));
        test();
        if isa == best {
            break;
        }
    }
    CHOSEN.set(None);
}
