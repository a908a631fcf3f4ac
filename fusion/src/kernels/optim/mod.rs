//! One pass over a parameter, its gradient and what an optimizer keeps for it, in place.

use crate::kernels::array::Array;
use crate::kernels::array::copy::copy;
use crate::kernels::dtype::float;
use crate::kernels::simd::{Float, Kernel, Vector, dispatch};

/// An optimizer's formula for one element: from `K` numbers, the parameter first, and the gradient to their next values.
pub trait Update<const N: usize, const K: usize>: Copy {
    /// The next values of `x`, with `N` numbers that are the same for all elements. Must be `#[inline(always)]`.
    fn next<V: Vector>(self, numbers: [V; N], x: [V; K], gradient: V) -> [V; K];
}

/// Updates the elements of `K` arrays, the parameter first, by the gradient `g`. All have one shape; where the others lie
/// in another order than the parameter, they are laid out as it is.
#[track_caller]
pub fn update<const N: usize, const K: usize>(
    mut of: [&mut Array; K],
    g: &Array,
    numbers: [f64; N],
    formula: impl Update<N, K>,
) {
    float!(of[0].dtype(), T => {
        of[0].make_mut::<T>();
        let (p, kept) = of.split_first_mut().expect("a parameter");
        let is_laid_out = |x: &Array| {
            assert_eq!(x.shape(), p.shape(), "a parameter and what belongs to it have one shape");
            x.strides() == p.strides()
        };
        for x in kept.iter_mut().filter(|x| !is_laid_out(x)) {
            **x = copy(x, *p.strides());
        }
        let g = if is_laid_out(g) { g.clone() } else { copy(g, *p.strides()) };
        dispatch(Pass { of: of.map(|x| x.make_mut::<T>()), g: g.dense::<T>().expect("dense"), numbers, formula });
    });
}

struct Pass<'a, T, U, const N: usize, const K: usize> {
    of: [&'a mut [T]; K],
    g: &'a [T],
    numbers: [f64; N],
    formula: U,
}

impl<T: Float, U: Update<N, K>, const N: usize, const K: usize> Kernel<T> for Pass<'_, T, U, N, K> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Vector<Elem = T>>(self) {
        let Self { of: mut x, g, numbers, formula } = self;
        let n = x.iter().map(|x| x.len()).fold(g.len(), usize::min);
        let p: [*mut T; K] = std::array::from_fn(|k| x[k].as_mut_ptr());
        let g = g.as_ptr();
        let mut at = 0;
        // SAFETY: the caller promises the instructions; all slices hold `n` elements, and the mask covers what is left.
        unsafe {
            let mut all = [V::zero(); N];
            for k in 0..N {
                all[k] = V::splat(T::from_f64(numbers[k]));
            }
            while at + V::LANES <= n {
                let mut x = [V::zero(); K];
                for k in 0..K {
                    x[k] = V::load(p[k].add(at));
                }
                let x = formula.next(all, x, V::load(g.add(at)));
                for k in 0..K {
                    x[k].store(p[k].add(at));
                }
                at += V::LANES;
            }
            if at < n {
                let mask = V::tail(n - at);
                let mut x = [V::zero(); K];
                for k in 0..K {
                    x[k] = V::load_tail(p[k].add(at), mask);
                }
                let x = formula.next(all, x, V::load_tail(g.add(at), mask));
                for k in 0..K {
                    x[k].store_tail(p[k].add(at), mask);
                }
            }
        }
    }
}
