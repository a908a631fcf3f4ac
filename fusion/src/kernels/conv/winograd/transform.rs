//! The three transforms along one axis, for any points 0, +-p, .., infinity.
//!
//! `m` outputs of a filter of 3 need `a = m + 2` products: the filter and the input are taken as polynomials, evaluated at
//! `a` points, multiplied, and the output is the product's transpose. `K` pairs of points make `m = 2 K`. As the points
//! lie symmetrically, both of a pair share what is even and what is odd in them, and the transform of six inputs takes
//! 12 operations whatever the points are: so they are those that round least. The textbook's 1 and 2 make the error of
//! `m = 4` four times as large as 0.625 and 1.5.

use crate::kernels::simd::Vector;

/// What the transforms of `K` pairs of points multiply with.
pub struct Points<const K: usize> {
    /// The positive point of each pair.
    at: [f32; K],
    /// Coefficients of the even powers in the product over all pairs of `x^2 - p^2`.
    all: [f32; 3],
    /// As `all`, without pair `k`.
    others: [[f32; 3]; K],
    /// The powers of each point.
    powers: [[f32; 4]; K],
    /// What the filter is scaled by: at 0, and at each pair.
    zero: f32,
    scale: [f32; K],
}

impl<const K: usize> Points<K> {
    /// The points for `2 K` outputs.
    pub const BEST: Self = Self::new(if K == 1 { [1.0, 0.0] } else { [0.625, 1.5] });

    const fn new(points: [f64; 2]) -> Self {
        let mut new = Self {
            at: [0.0; K],
            all: [0.0; 3],
            others: [[0.0; 3]; K],
            powers: [[0.0; 4]; K],
            zero: 0.0,
            scale: [0.0; K],
        };
        // Round K is the product over all pairs, round k that without pair k.
        let mut round = 0;
        while round <= K {
            let mut product = [1.0, 0.0, 0.0];
            let mut k = 0;
            while k < K {
                if k != round {
                    let square = points[k] * points[k];
                    product =
                        [-square * product[0], product[0] - square * product[1], product[1] - square * product[2]];
                }
                k += 1;
            }
            let rounded = [product[0] as f32, product[1] as f32, product[2] as f32];
            if round == K {
                new.all = rounded;
                new.zero = (1.0 / product[0]) as f32;
            } else {
                let p = points[round];
                let square = p * p;
                new.at[round] = p as f32;
                new.others[round] = rounded;
                new.powers[round] = [1.0, p as f32, square as f32, (square * p) as f32];
                let value = product[0] + square * (product[1] + square * product[2]);
                new.scale[round] = (1.0 / (2.0 * square * value)) as f32;
            }
            round += 1;
        }
        new
    }

    /// Of an input.
    #[inline(always)]
    pub fn input<S: Vector<Elem = f32>, const A: usize>(&self, d: [S; A]) -> [S; A] {
        let splat = |x: f32| d[0].splat_like(x);
        let mut to = d;
        let (mut even, mut odd) = (d[2 * K], d[2 * K + 1]);
        for j in 0..K {
            even = splat(self.all[j]).mul_add(d[2 * j], even);
            odd = splat(self.all[j]).mul_add(d[2 * j + 1], odd);
        }
        to[0] = even;
        to[A - 1] = odd;
        for k in 0..K {
            let (mut even, mut odd) = (d[2 * K], d[2 * K - 1]);
            for j in 0..K - 1 {
                even = splat(self.others[k][j]).mul_add(d[2 * j + 2], even);
                odd = splat(self.others[k][j]).mul_add(d[2 * j + 1], odd);
            }
            to[1 + 2 * k] = splat(self.at[k]).mul_add(odd, even);
            to[2 + 2 * k] = splat(-self.at[k]).mul_add(odd, even);
        }
        to
    }

    /// Of products, to `M` outputs: all `2 K`, or fewer of them for a longer filter. `last` is that with the product at
    /// infinity.
    #[inline(always)]
    pub fn output<S: Vector<Elem = f32>, const A: usize, const M: usize>(&self, m: [S; A]) -> [S; M] {
        let splat = |x: f32| m[0].splat_like(x);
        let mut to = [m[0]; M];
        for i in 0..M {
            for k in 0..K {
                let (plus, minus) = (m[1 + 2 * k], m[2 + 2 * k]);
                let both = if i % 2 == 0 { plus + minus } else { plus - minus };
                to[i] = match (i, k) {
                    (0, _) => to[0] + both,
                    (_, 0) => splat(self.powers[0][i]) * both,
                    _ => splat(self.powers[k][i]).mul_add(both, to[i]),
                };
            }
        }
        to[M - 1] = to[M - 1] + m[A - 1];
        to
    }

    /// Of a filter of `R` taps, 3 or 4.
    #[inline(always)]
    pub fn filter<S: Vector<Elem = f32>, const A: usize, const R: usize>(&self, g: [S; R]) -> [S; A] {
        let splat = |x: f32| g[0].splat_like(x);
        let mut to = [g[R - 1]; A];
        to[0] = splat(self.zero) * g[0];
        for k in 0..K {
            let square = splat(self.powers[k][2]);
            let even = splat(self.scale[k]) * square.mul_add(g[2], g[0]);
            let odd = if R == 4 { square.mul_add(g[R - 1], g[1]) } else { g[1] };
            let odd = splat(self.scale[k] * self.at[k]) * odd;
            to[1 + 2 * k] = even + odd;
            to[2 + 2 * k] = even - odd;
        }
        to
    }
}
