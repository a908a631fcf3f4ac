//! The kernels, which are public and safe.

use super::{Case, Made, Sizes};
use crate::kernels::activation::Activation;
use crate::kernels::conv::{self, Sweep, Window};
use crate::kernels::gemm::{Bias, Epilogue};
use crate::kernels::optim::Update;
use crate::kernels::pooling::{self, Regions};
use crate::kernels::simd::Vector;
use crate::kernels::{
    Array, DType,
    array::{concat, gather},
    elementwise,
    gemm::matmul,
    optim, order, reduce, scan, softmax,
};

/// A formula of an optimizer.
#[derive(Clone, Copy)]
struct Average;

impl Update<1, 2> for Average {
    #[inline(always)]
    fn next<V: Vector>(self, [rate]: [V; 1], [p, kept]: [V; 2], g: V) -> [V; 2] {
        let kept = rate.mul_add(g - kept, kept);
        [p - kept, kept]
    }
}

fn sweep(s: &Sizes, letters: &str) -> Sweep {
    let image = s.dims(letters);
    let image = [image.get(0), image.get(1)];
    Sweep { window: Window::square(1), image, places: image }
}

fn regions(s: &Sizes) -> Regions {
    Regions::under(sweep(s, "HW"))
}

/// What is made of images that lie channels-last and their regions.
fn pooled(s: &Sizes, f: impl Fn(&Array, &Regions) -> Array) -> Made {
    let (x, regions) = (s.array("ACHW").channels_last(), regions(s));
    if pooling::has_taps(&x, &regions) { f(&x, &regions).into() } else { Made::Nothing }
}

/// Cases of the element-wise kernels of one operand, and of two.
macro_rules! elementwise {
    ($($one:ident)*; $($number:ident)*; $($two:ident)*) => { &[
        $((concat!("kernels/elementwise::", stringify!($one)), |s| elementwise::$one(s.array("AB")).into()),)*
        $((concat!("kernels/elementwise::", stringify!($number)), |s| elementwise::$number(s.array("AB"), 0.5).into()),)*
        $((concat!("kernels/elementwise::", stringify!($two)), |s| elementwise::$two(s.array("A1C"), &s.array("1B1")).into()),)*
    ] };
}

const ELEMENTWISE: &[Case] = elementwise! {
    neg exp ln sin cos sqrt square recip one cube exp_m1 ln_1p log2 tan asin acos
    atan sinh cosh erf abs sign floor ceil trunc round rsqrt finite_mask nan_mask lgamma i0 i1 erfinv log_ndtr normal_hazard;
    add_scalar mul_scalar rsub_scalar div_scalar rdiv_scalar powf pow_scalar polygamma;
    add sub mul div eq_mask relu_grad lt_mask le_mask maximum minimum
    atan2 hypot pow fmod remainder xlogy
};

const OTHERS: &[Case] = &[
    ("kernels/array::from_slice", |s| Array::from_slice(&[1f32; 8], s.dims("ABC")).into()),
    ("kernels/array::full", |s| Array::full(1f32, s.dims("ABCD")).into()),
    ("kernels/array::full_float", |s| Array::full_float(DType::F64, 1.0, s.dims("ABCD")).into()),
    ("kernels/array::from_fn", |s| Array::from_fn(s.dims("ABCD"), |i| i as i64).into()),
    ("kernels/array::view", |s| s.array("3").view(s.dims("ABCD"), s.dims("0000"), 2).into()),
    ("kernels/array::view", |s| {
        let whole = s.array("AB");
        whole.view(*whole.shape(), *whole.strides(), 0).into()
    }),
    ("kernels/array::contiguous", |s| s.array("ABC").contiguous().into()),
    ("kernels/array::dense_copy", |s| s.array("ABC").dense_copy().into()),
    ("kernels/array::permute", |s| s.array("ABC").permute(&[2, 0, 1]).into()),
    ("kernels/array::swap", |s| s.array("ABC").swap(0, 2).into()),
    ("kernels/array::expand", |s| s.array("1").expand(&s.dims("ABCD")).into()),
    ("kernels/array::reshape", |s| s.array("AB").reshape(&s.dims("BA")).into()),
    ("kernels/array::make_mut", |s| {
        s.array("AB").make_mut::<f32>();
        ().into()
    }),
    ("kernels/array::concat", |s| concat::concat([&s.array("AB"), &s.array("AC")], 1).into()),
    ("kernels/conv::conv2d", |s| conv::conv2d(&s.array("ACHW"), &s.array("OC11"), None, &sweep(s, "HW")).into()),
    ("kernels/conv::conv_transpose2d", |s| {
        conv::conv_transpose2d(&s.array("ACHW"), &s.array("CO11"), Some(&s.array("O")), &sweep(s, "HW")).into()
    }),
    ("kernels/conv::conv2d_weight", |s| {
        conv::conv2d_weight(&s.array("ACHW"), &s.array("AOHW"), &sweep(s, "HW")).into()
    }),
    ("kernels/array::copy", |s| elementwise::copy(&s.array("AB"), s.dims("AB").row_major()).into()),
    ("kernels/array::cast", |s| elementwise::cast(&s.array("AB"), DType::U8).into()),
    ("kernels/elementwise::clamp", |s| elementwise::clamp(s.array("AB"), -0.5, 0.5).into()),
    ("kernels/elementwise::clamp_grad", |s| elementwise::clamp_grad(s.array("A1"), &s.array("1B"), -0.5, 0.5).into()),
    ("kernels/elementwise::nan_to_num", |s| elementwise::nan_to_num(s.array("AB"), 0.0, 1.0, -1.0).into()),
    ("kernels/elementwise::share", |s| elementwise::share(s.array("AB"), &s.array("A1"), &s.array("1B")).into()),
    ("kernels/elementwise::choose", |s| elementwise::choose(s.array("A1"), &s.array("1B"), &s.array("AB")).into()),
    ("kernels/elementwise::add_assign", |s| {
        let mut sum = s.array("A1C");
        elementwise::add_assign(&mut sum, &s.array("1B1"));
        sum.into()
    }),
    ("kernels/elementwise::dropout", |s| elementwise::dropout(s.array("AB"), 0.5, 7).into()),
    ("kernels/array::rows", |s| gather::rows(&s.array("AB"), &vec![0; s.dims("A").get(0).min(3)]).into()),
    ("kernels/array::outside", |s| {
        gather::outside(&s.zeros("AB"), s.dims("N").get(0));
        ().into()
    }),
    ("kernels/gemm::matmul", |s| matmul::matmul(&s.array("DAk"), &s.array("DkB"), Epilogue::default()).into()),
    ("kernels/gemm::matmul", |s| {
        let bias = s.array("B");
        let epilogue = Epilogue { bias: Some(Bias::PerColumn(&bias)), activation: Activation::Relu };
        matmul::matmul(&s.array("Ak"), &s.array("Bk").swap(0, 1), epilogue).into()
    }),
    ("kernels/optim::update", |s| {
        let (mut p, mut kept) = (s.array("AB"), s.array("AB"));
        optim::update([&mut p, &mut kept], &s.array("AB"), [0.1], Average);
        p.into()
    }),
    ("kernels/pooling::argmax", |s| pooling::argmax(&s.array("ACHW"), &regions(s)).into()),
    ("kernels/pooling::take", |s| pooling::take(&s.array("ACHW"), &s.zeros("ACHW"), 0.0).into()),
    ("kernels/pooling::put", |s| pooling::put(&s.array("ACHW"), &s.zeros("ACHW"), &s.dims("ACHW")).into()),
    ("kernels/pooling::mean", |s| pooling::mean(&s.array("ACHW"), &regions(s)).into()),
    ("kernels/pooling::spread", |s| pooling::spread(&s.array("ACHW"), &regions(s), false).into()),
    ("kernels/pooling::has_taps", |s| pooled(s, |x, _| x.clone())),
    ("kernels/pooling::largest", |s| pooled(s, |x, regions| pooling::largest(x, regions, true).0)),
    ("kernels/pooling::take_taps", |s| {
        pooled(s, |x, regions| {
            let (y, taps) = pooling::largest(x, regions, true);
            let taps = taps.expect("it is kept");
            assert_eq!(y.to_vec::<f32>(), pooling::take_taps(x, &taps, regions, 0.0).to_vec::<f32>());
            y
        })
    }),
    ("kernels/pooling::put_taps", |s| {
        pooled(s, |x, regions| {
            let (y, taps) = pooling::largest(x, regions, true);
            pooling::put_taps(&y, &taps.expect("it is kept"), regions)
        })
    }),
    ("kernels/reduce::sum", |s| reduce::sum(&s.array("ABC"), 0b101, false).into()),
    ("kernels/reduce::mean", |s| reduce::mean(&s.array("ABC"), 0b110, false).into()),
    ("kernels/reduce::max", |s| reduce::max(&s.array("ABC"), 0b010, true).into()),
    ("kernels/reduce::min", |s| reduce::min(&s.array("ABC"), 0b001, false).into()),
    ("kernels/reduce::sum_to", |s| reduce::sum_to(&s.array("BAC"), &s.dims("A1")).into()),
    ("kernels/reduce::sum_squares", |s| {
        reduce::sum_squares(&s.array("AB"));
        ().into()
    }),
    ("kernels/reduce::argmax", |s| reduce::argmax(&s.array("bA"), 0).into()),
    ("kernels/scan::cumsum", |s| scan::cumsum(&s.array("aB"), 0, true).into()),
    ("kernels/scan::cumprod", |s| scan::cumprod(&s.array("Ab"), 1).into()),
    ("kernels/scan::recurrence", |s| scan::recurrence(&s.array("AbC"), &s.array("AbC"), 1, false).into()),
    ("kernels/order::first", |s| order::first(&s.array("ab"), s.dims("b").get(0) / 2, false).into()),
    ("kernels/softmax::softmax", |s| softmax::softmax(&s.array("ABC"), 1).into()),
    ("kernels/softmax::log_softmax", |s| softmax::log_softmax(&s.array("ABC"), 2).into()),
    ("kernels/softmax::softmax_grad", |s| softmax::softmax_grad(&s.array("AB"), &s.array("AB"), 0).into()),
    ("kernels/softmax::log_softmax_grad", |s| softmax::log_softmax_grad(&s.array("AB"), &s.array("AB"), 1).into()),
];

pub(super) fn cases() -> Vec<Case> {
    [ELEMENTWISE, OTHERS].concat()
}
