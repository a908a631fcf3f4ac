//! Eigenvalues of symmetric matrices.

/// Sweeps over all pairs; after six to ten nothing changes any more.
const SWEEPS: usize = 50;

/// The eigenvalues of a symmetric `n` x `n` matrix, the largest first, and a unit vector for each, as rows.
///
/// Jacobi's method: each pair of rows and columns is turned so that what stands between them becomes 0, again and again, until
/// nothing is left beside the diagonal. It takes some `50 n³` multiplications, and gives small eigenvalues as well as large ones.
///
/// Source: G. Golub and C. Van Loan (2013), Matrix Computations, 8.5.
pub(super) fn eigen(mut a: Vec<f64>, n: usize) -> Vec<(f64, Vec<f64>)> {
    let mut vectors: Vec<Vec<f64>> = (0..n).map(|i| (0..n).map(|j| f64::from(u8::from(i == j))).collect()).collect();
    for _ in 0..SWEEPS {
        let mut turned = false;
        for p in 0..n {
            for q in p + 1..n {
                let (pp, qq, pq) = (a[p * n + p], a[q * n + q], a[p * n + q]);
                // A smaller one changes neither of its two diagonal elements.
                if pq.abs() <= f64::EPSILON * 0.25 * (pp.abs().min(qq.abs())) || !pq.is_normal() {
                    continue;
                }
                turned = true;
                let half = (qq - pp) / (2.0 * pq);
                let tangent = half.signum() / (half.abs() + half.hypot(1.0));
                let cosine = 1.0 / tangent.hypot(1.0);
                let sine = tangent * cosine;
                let turn = |x: &mut f64, y: &mut f64| (*x, *y) = (cosine * *x - sine * *y, sine * *x + cosine * *y);
                let (upper, lower) = a.split_at_mut(q * n);
                upper[p * n..][..n].iter_mut().zip(&mut lower[..n]).for_each(|(x, y)| turn(x, y));
                for row in a.chunks_exact_mut(n) {
                    let (before, behind) = row.split_at_mut(q);
                    turn(&mut before[p], &mut behind[0]);
                }
                (a[p * n + q], a[q * n + p]) = (0.0, 0.0);
                let (upper, lower) = vectors.split_at_mut(q);
                upper[p].iter_mut().zip(&mut lower[0]).for_each(|(x, y)| turn(x, y));
            }
        }
        if !turned {
            break;
        }
    }
    let mut pairs: Vec<(f64, Vec<f64>)> = (0..n).map(|i| a[i * n + i]).zip(vectors).collect();
    pairs.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt, SeedableRng, rngs::StdRng};

    #[test]
    fn vectors_of_random_matrices() {
        let mut rng = StdRng::seed_from_u64(0);
        for n in [0, 1, 2, 3, 10, 40] {
            let mut matrix = vec![0.0; n * n];
            for i in 0..n {
                for j in 0..=i {
                    let x = rng.random::<f64>() - 0.5;
                    (matrix[i * n + j], matrix[j * n + i]) = (x, x);
                }
            }
            let pairs = eigen(matrix.clone(), n);
            for (i, (value, vector)) in pairs.iter().enumerate() {
                for (row, x) in matrix.chunks(n).zip(vector) {
                    let product: f64 = row.iter().zip(vector).map(|(a, b)| a * b).sum();
                    assert!((product - value * x).abs() < 1e-13);
                }
                for (j, (_, other)) in pairs.iter().enumerate() {
                    let product: f64 = vector.iter().zip(other).map(|(a, b)| a * b).sum();
                    assert!((product - f64::from(u8::from(i == j))).abs() < 1e-13);
                }
                assert!(i == 0 || pairs[i - 1].0 >= *value);
            }
        }
    }

    #[test]
    fn small_eigenvalues_beside_large_ones() {
        let pairs = eigen(vec![1e10, 1.0, 1.0, 1e-8], 2);
        assert_eq!(pairs[0].0, 1e10);
        assert!((pairs[1].0 / (1e-8 - 1e-10) - 1.0).abs() < 1e-12, "{}", pairs[1].0);
        let zero = eigen(vec![0.0; 9], 3);
        assert!(zero.iter().all(|(value, _)| *value == 0.0));
        // What is no number ends too.
        eigen(vec![f64::NAN; 9], 3);
        eigen(vec![f64::MAX; 9], 3);
    }
}
