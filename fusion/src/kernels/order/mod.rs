//! Which elements of a row come first: rows are ordered as numbers that hold an element and its place.

use crate::kernels::array::Array;
use crate::kernels::array::layout::Dims;
use crate::kernels::dtype::DType;
use crate::kernels::simd::Float;

/// The places of the first `count` elements of each row of `a` (its last axis), rising or, if `descending`, falling; equal ones
/// in the order of their places. NaN is larger than all numbers: `i64`, with `count` as the last axis.
///
/// # Panics
/// If a row has fewer, or more than 2^32.
#[track_caller]
pub fn first(a: &Array, count: usize, descending: bool) -> Array {
    let n = a.shape().last();
    assert!(count <= n && n as u64 <= 1 << 32, "the first {count} of rows of {n} elements");
    let last = a.shape().rank() - 1;
    let mut shape = *a.shape();
    shape.set(last, count);
    let a = a.contiguous();
    match a.dtype() {
        DType::F32 => places(a.as_slice::<f32>().expect("contiguous"), n, count, descending, shape, |x, place| {
            let bits = (x + 0.0).to_bits();
            // Without their sign the bits of floats rise with them.
            let rising = bits ^ if bits >> 31 == 1 { u32::MAX } else { 1 << 31 };
            let rising = if x.is_nan() { u32::MAX } else { rising };
            u64::from(if descending { !rising } else { rising }) << 32 | u64::from(place)
        }),
        DType::F64 => places(a.as_slice::<f64>().expect("contiguous"), n, count, descending, shape, |x, place| {
            let bits = (x + 0.0).to_bits();
            let rising = bits ^ if bits >> 63 == 1 { u64::MAX } else { 1 << 63 };
            let rising = if x.is_nan() { u64::MAX } else { rising };
            u128::from(if descending { !rising } else { rising }) << 32 | u128::from(place)
        }),
        other => panic!("{other} elements have no order: cast them to a float first"),
    }
}

/// The places of the `count` least keys of each row, in order. A key's low 32 bits are its place.
#[track_caller]
fn places<T: Float, K: Ord + Copy + Low>(
    all: &[T],
    n: usize,
    count: usize,
    descending: bool,
    shape: Dims,
    key: impl Fn(T, u32) -> K + Copy,
) -> Array {
    let mut keys = Vec::with_capacity(n);
    let mut found = Vec::with_capacity(shape.count());
    if count > 0 {
        for row in all.chunks_exact(n) {
            keys.clear();
            if count < n / 4 {
                least(row, count, descending, key, &mut keys);
            } else {
                keys.extend(row.iter().zip(0..).map(|(&x, place)| key(x, place)));
                if count < n {
                    keys.select_nth_unstable(count - 1);
                }
            }
            // No two keys are equal, so this is stable.
            keys[..count].sort_unstable();
            found.extend(keys[..count].iter().map(|key| key.low()));
        }
    }
    Array::from_slice(&found, shape)
}

/// How many elements are looked at together.
const TOGETHER: usize = 16;

/// The `count` least keys of a row of more elements, in the front of `kept`. Most elements are not among the first that were
/// found so far, which a comparison of floats tells of many at once.
fn least<T: Float, K: Ord + Copy + Low>(
    row: &[T],
    count: usize,
    descending: bool,
    key: impl Fn(T, u32) -> K,
    kept: &mut Vec<K>,
) {
    let room = (2 * count).max(64);
    let mut last: Option<(K, T)> = None;
    for (part, from) in row.chunks(TOGETHER).zip((0..).step_by(TOGETHER)) {
        // Of NaN neither holds.
        let none = last.is_some_and(|(_, last)| {
            if descending {
                part.iter().fold(true, |all, &x| all & (x < last))
            } else {
                part.iter().fold(true, |all, &x| all & (x > last))
            }
        });
        if none {
            continue;
        }
        for (&x, place) in part.iter().zip(from..) {
            let key = key(x, place);
            if last.is_none_or(|(last, _)| key < last) {
                kept.push(key);
            }
            if kept.len() == room {
                let key = *kept.select_nth_unstable(count - 1).1;
                kept.truncate(count);
                last = Some((key, row[key.low() as usize]));
            }
        }
    }
    kept.select_nth_unstable(count - 1);
}

/// A key of an element and its place.
trait Low {
    /// The place.
    fn low(self) -> i64;
}
impl Low for u64 {
    fn low(self) -> i64 {
        i64::from(self as u32)
    }
}
impl Low for u128 {
    fn low(self) -> i64 {
        i64::from(self as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::elementwise::cast;
    use crate::kernels::testing::noise;

    #[test]
    fn against_a_stable_sort() {
        let (inf, nan) = (f64::INFINITY, f64::NAN);
        let special = [nan, 0.0, -inf, -0.0, inf, 1.0, -nan, -1.0, 1e-310, -1e-310, 0.0, inf];
        let many: Vec<f64> = (0..500).map(|i| (noise(i) * 40.0).round()).collect();
        for row in [&special[..], &many] {
            let a = Array::from_slice(row, Dims::new(&[row.len()]));
            for descending in [false, true] {
                let mut want: Vec<i64> = (0..row.len() as i64).collect();
                let of = |place: i64| row[place as usize];
                let order = |a: &i64, b: &i64| {
                    let (a, b) = (of(*a), of(*b));
                    a.partial_cmp(&b).unwrap_or_else(|| a.is_nan().cmp(&b.is_nan()))
                };
                want.sort_by(|a, b| if descending { order(b, a) } else { order(a, b) });
                for count in [0, 1, row.len() / 5, row.len() / 2, row.len()] {
                    assert_eq!(first(&a, count, descending).to_vec::<i64>(), want[..count]);
                    if row.len() == 500 {
                        assert_eq!(first(&cast(&a, DType::F32), count, descending).to_vec::<i64>(), want[..count]);
                    }
                }
            }
        }
        let single = cast(&Array::from_slice(&special, Dims::new(&[12])), DType::F32);
        assert_eq!(first(&single, 12, false).to_vec::<i64>(), [2, 7, 1, 3, 8, 9, 10, 5, 4, 11, 0, 6]);
    }

    #[test]
    fn rows_in_any_layout() {
        let a = Array::from_fn(Dims::new(&[3, 4]), noise);
        let turned = a.contiguous().swap(0, 1).contiguous().swap(0, 1);
        assert_eq!(first(&turned, 2, true).to_vec::<i64>(), first(&a, 2, true).to_vec::<i64>());
        assert_eq!(*first(&Array::full(0f32, Dims::new(&[2, 0])), 0, true).shape(), [2, 0][..]);
    }
}
