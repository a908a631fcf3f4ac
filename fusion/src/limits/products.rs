//! Products whose batches broadcast, sums of products by letters, and what is drawn.

use super::{Case, Made, Sizes};
use crate::graph::Value;
use crate::ops::matmul::{matmul, outer};
use crate::ops::{einsum, sampling};
use crate::tensor::Tensor;
use rand::SeedableRng;
use rand::rngs::StdRng;

/// A sum of products of operands with these axes; the same letter is the same size.
fn sum(s: &Sizes, terms: &[&str], result: &str) -> Made {
    let values: Vec<Value> = terms.iter().map(|term| s.x(term)).collect();
    einsum::try_einsum(&values.iter().zip(terms.iter().copied()).collect::<Vec<_>>(), result).into()
}

/// Numbers in 0..1.
fn uniform() -> impl FnMut() -> f64 {
    let mut i = 0u32;
    move || {
        i = i.wrapping_mul(747_796_405).wrapping_add(1);
        f64::from(i) / 4_294_967_296.0
    }
}

pub(super) const CASES: &[Case] = &[
    ("ops/matmul::matmul", |s| matmul(s.x("D1Ak"), s.x("EkB")).into()),
    ("ops/matmul::matmul", |s| matmul(s.x("Ak"), s.x("DkB")).into()),
    ("ops/matmul::matmul", |s| matmul(s.x("k"), s.x("DkB")).into()),
    ("ops/matmul::matmul", |s| matmul(s.x("DAk"), s.x("k")).into()),
    ("ops/matmul::outer", |s| outer(s.x("A"), s.x("B")).into()),
    ("try_inner", |s| {
        let (x, y) =
            (Tensor::<(crate::dim::Dyn,), f32>::wrap(s.x("k")), Tensor::<(crate::dim::Dyn,), f32>::wrap(s.x("k")));
        x.try_inner(&y).map(Tensor::into_value).into()
    }),
    ("ops/einsum::einsum", |s| einsum::einsum(&[(&s.x("Ak"), "Ak"), (&s.x("kB"), "kB")], "AB").into()),
    ("ops/einsum::try_einsum", |s| sum(s, &["DAk", "DkB"], "DAB")),
    ("ops/einsum::try_einsum", |s| sum(s, &["AkD", "DkB"], "BA")),
    ("ops/einsum::try_einsum", |s| sum(s, &["A", "B", "D"], "ADB")),
    ("ops/einsum::try_einsum", |s| sum(s, &["aa", "ab"], "b")),
    ("ops/einsum::try_einsum", |s| sum(s, &["ab", "ab"], "a")),
    ("ops/einsum::typed", |s| Tensor::into_value(einsum::typed::<(), f32>(s.x("A"))).into()),
    ("ops/einsum::operand", |s| {
        let x = Tensor::<(crate::dim::Dyn,), f32>::wrap(s.x("A"));
        einsum::operand(&x).clone().into()
    }),
    ("ops/sampling::multinomial", |s| sampling::multinomial(&s.of("Aab", |_| 0.5f32), 2, true, &mut uniform()).into()),
    ("ops/sampling::multinomial", |s| {
        let draws = s.dims("C").get(0);
        sampling::multinomial(&s.of("a2", |_| 0.5f32), draws, true, &mut uniform()).into()
    }),
    ("ops/sampling::multinomial", |s| sampling::multinomial(&s.of("Aa2", |_| 0.5f32), 2, false, &mut uniform()).into()),
    ("ops/sampling::categorical", |s| sampling::categorical(&s.of("Aab", |_| 0.5f32), &mut uniform()).into()),
    ("ops/sampling::bernoulli", |s| sampling::bernoulli(&s.of("Aab", |_| 0.5f32), &mut uniform()).into()),
    ("randint_sized", |s| {
        let sizes: Vec<usize> = s.dims("ABC").iter().collect();
        let rng = &mut StdRng::seed_from_u64(0);
        Tensor::<(crate::dim::Dyn, crate::dim::Dyn, crate::dim::Dyn), i64>::randint_sized(0, 9, &sizes, rng)
            .map(Tensor::into_value)
            .into()
    }),
    ("randperm_sized", |s| {
        let n = s.dims("A").get(0);
        Tensor::randperm_sized(n, &mut StdRng::seed_from_u64(0)).map(Tensor::into_value).into()
    }),
];
