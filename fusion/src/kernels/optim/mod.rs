//! One pass over a parameter, its gradient and what an optimizer keeps for it, in place.

use crate::kernels::array::Array;
use crate::kernels::array::copy::copy;
use crate::kernels::dtype::float;
use crate::kernels::parallel::{self, Across, ELEMENTS};
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
        let (of, g) = (of.map(|x| x.make_mut::<T>()), g.dense::<T>().expect("dense"));
        let n = of.iter().map(|x| x.len()).fold(g.len(), usize::min);
        // SAFETY: each range is of elements of its own.
        let pass = unsafe { Across::new(Pass { n, of: of.map(|x| x.as_mut_ptr()), g: g.as_ptr(), numbers, formula }) };
        parallel::split_flat(n, ELEMENTS, |range| {
            let Pass { of, g, numbers, formula, .. } = *pass.get();
            let (of, g) = (of.map(|p| p.wrapping_add(range.start)), g.wrapping_add(range.start));
            dispatch(Pass { n: range.len(), of, g, numbers, formula });
        });
    });
}

/// `n` elements of each array.
#[derive(Clone, Copy)]
struct Pass<T, U, const N: usize, const K: usize> {
    n: usize,
    of: [*mut T; K],
    g: *const T,
    numbers: [f64; N],
    formula: U,
}

impl<T: Float, U: Update<N, K>, const N: usize, const K: usize> Kernel<T> for Pass<T, U, N, K> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Vector<Elem = T>>(self) {
        let Self { n, of: p, g, numbers, formula } = self;
        let mut at = 0;
        // SAFETY: the caller promises the instructions; all pointers are to `n` elements, and the mask covers what is left.
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
