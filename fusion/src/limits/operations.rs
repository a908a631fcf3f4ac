//! The operations of `ops`, and what makes tensors.

use super::{Case, Made, Sizes};
use crate::dim::{Axis, Dyn, Num};
use crate::kernels::{DType, elementwise};
use crate::ops::binary::{add, add_scalar, div, div_scalar, mul, mul_scalar, neg, rdiv_scalar, rsub_scalar, sub};
use crate::ops::conv::Window;
use crate::ops::fused::ops;
use crate::ops::matmul::Activation::Relu;
use crate::ops::{
    activation, cast, choice, compare, concat, conv, dropout, embedding, index, matmul, norm, order, pairs, pool,
    reduce, resize, scan, shape, signal, softmax, special, statistics, unary,
};
use crate::tensor::Tensor;

type Any = Tensor<(Dyn, Dyn, Dyn), f32>;

/// A tensor of three axes.
fn tensor(s: &Sizes, letters: &str) -> Any {
    Tensor::wrap(s.x(letters))
}

fn list(s: &Sizes, letters: &str) -> Vec<usize> {
    s.dims(letters).iter().collect()
}

fn made(tensor: crate::Result<Any>) -> Made {
    tensor.map(Tensor::into_value).into()
}

fn three() -> Window {
    Window { padding: [[1; 2]; 2], ..Window::square(2) }
}

/// Cases of functions of one input and of two, the latter with their fallible methods.
macro_rules! functions {
    ([$($file:ident: $($one:ident)*;)*] $($rest:tt)*) => { functions! { @
        [$($((concat!("ops/", stringify!($file), "::", stringify!($one)), |s| $file::$one(s.x("AB")).into()),)*)*] $($rest)*
    } };
    (@ [$($ones:tt)*] $($file:ident: $($two:ident $try_two:ident)*;)*) => { &[
        $($ones)*
        $($(
            (concat!("ops/", stringify!($file), "::", stringify!($two)), |s| $file::$two(s.x("A1"), &s.x("1B")).into()),
            (stringify!($try_two), |s| {
                tensor(s, "A1C").$try_two(&tensor(s, "1B1")).map(Tensor::into_value).into()
            }),
        )*)*
    ] };
}

pub(super) const FUNCTIONS: &[Case] = functions! {
    [unary: abs sign square sqrt rsqrt recip exp exp_m1 ln ln_1p log2 sin cos tan asin acos atan sinh cosh erf floor ceil trunc round;
    special: lgamma erfinv log_ndtr i0 i1 logit entr;]
    special: xlogy try_xlogy;
    pairs: maximum try_maximum minimum try_minimum atan2 try_atan2 hypot try_hypot fmod try_fmod remainder try_remainder
        pow try_pow;
    compare: eq try_eq ne try_ne lt try_lt le try_le gt try_gt ge try_ge;
};

pub(super) const CASES: &[Case] = &[
    ("ops/binary::add", |s| add(s.x("ABC1"), &s.x("1D")).into()),
    ("ops/binary::add", |s| add(s.x("A1"), &s.x("1B")).into()),
    ("ops/binary::sub", |s| sub(s.x("A1"), &s.x("1B")).into()),
    ("ops/binary::mul", |s| mul(s.x("A1C"), &s.x("1B1")).into()),
    ("ops/binary::div", |s| div(s.x("A"), &s.x("B1")).into()),
    ("ops/binary::neg", |s| neg(s.x("AB")).into()),
    ("ops/binary::add_scalar", |s| add_scalar(s.x("AB"), 1.0).into()),
    ("ops/binary::mul_scalar", |s| mul_scalar(s.x("AB"), 2.0).into()),
    ("ops/binary::rsub_scalar", |s| rsub_scalar(1.0, s.x("AB")).into()),
    ("ops/binary::div_scalar", |s| div_scalar(s.x("AB"), 2.0).into()),
    ("ops/binary::rdiv_scalar", |s| rdiv_scalar(1.0, s.x("AB")).into()),
    ("try_add", |s| made(tensor(s, "A1C").try_add(&tensor(s, "1B1")))),
    ("try_sub", |s| made(tensor(s, "A1C").try_sub(&tensor(s, "1B1")))),
    ("try_mul", |s| made(tensor(s, "A1C").try_mul(&tensor(s, "1B1")))),
    ("try_div", |s| made(tensor(s, "A1C").try_div(&tensor(s, "1B1")))),
    ("ops/cast::cast", |s| cast(s.x("AB"), DType::F64).into()),
    ("argmax", |s| Tensor::<(Dyn, Dyn)>::wrap(s.x("Ab")).argmax().into_value().into()),
    ("ops/concat::concat", |s| concat(&[s.x("AB"), s.x("AC"), s.x("AB")], 1).into()),
    ("ops/concat::concat", |s| concat(&vec![s.x("AB"); 9], 0).into()),
    ("concat", |s| tensor(s, "ABC").concat(&tensor(s, "ABC"), Axis::<1>).into_value().into()),
    ("ops/concat::slice", |s| concat::slice(s.x("AB"), 1, 0, s.dims("B").get(0) / 2).into()),
    ("ops/conv::conv2d", |s| conv::conv2d(s.x("ACHW"), &s.x("OC22"), Some(&s.x("O")), three()).into()),
    ("ops/conv::conv_transpose2d", |s| {
        conv::conv_transpose2d(s.x("ACHW"), &s.x("CO22"), Some(&s.x("O")), three(), [0; 2]).into()
    }),
    ("ops/conv::conv2d_weight", |s| {
        let window = Window::square(1);
        conv::conv2d_weight(s.x("ACHW"), &s.x("AOHW"), window).into()
    }),
    ("ops/dropout::dropout", |s| dropout(s.x("AB"), 0.5, 7).into()),
    ("ops/activation::relu", |s| activation::relu(s.x("AB")).into()),
    ("ops/activation::sigmoid", |s| activation::sigmoid(s.x("AB")).into()),
    ("ops/activation::tanh", |s| activation::tanh(s.x("AB")).into()),
    ("ops/unary::clamp", |s| unary::clamp(s.x("AB"), -0.5, 0.5).into()),
    ("ops/unary::nan_to_num", |s| unary::nan_to_num(s.x("AB"), 0.0, 1.0, -1.0).into()),
    ("ops/unary::pow", |s| unary::pow(s.x("AB"), 1.5).into()),
    ("ops/choice::choose", |s| choice::choose(s.x("A1"), &s.x("1B"), s.array("AB")).into()),
    ("try_where", |s| {
        let mask = Tensor::<(Dyn, Dyn), bool>::wrap(s.of("BC", |i| i % 2 == 0).into());
        made(tensor(s, "A1C").try_where(&mask, &tensor(s, "1B1")))
    }),
    ("ops/special::polygamma", |s| special::polygamma(s.x("AB"), 1).into()),
    ("ops/compare::is_nan", |s| compare::is_nan(s.x("AB")).into()),
    ("ops/compare::is_finite", |s| compare::is_finite(s.x("AB")).into()),
    ("truth values", |s| {
        let of = |letters: &str| Tensor::<(Dyn, Dyn, Dyn), bool>::wrap(s.of(letters, |i| i % 2 == 0).into());
        (of("A1C") & !of("1B1")).into_value().into()
    }),
    ("ops/activation::leaky_relu", |s| activation::leaky_relu(s.x("AB"), 0.1).into()),
    ("ops/activation::gelu", |s| activation::gelu(s.x("AB")).into()),
    ("ops/activation::silu", |s| activation::silu(s.x("AB")).into()),
    ("ops/activation::mish", |s| activation::mish(s.x("AB")).into()),
    ("ops/activation::hardswish", |s| activation::hardswish(s.x("AB")).into()),
    ("ops/activation::normal_cdf", |s| activation::normal_cdf(s.x("AB")).into()),
    ("ops/fused/ops::softplus", |s| ops::softplus(s.x("AB")).into()),
    ("ops/fused/ops::tanh_softplus", |s| ops::tanh_softplus(s.x("AB")).into()),
    ("ops/embedding::embedding", |s| embedding(&s.x("NF"), &s.zeros("AB")).into()),
    ("ops/embedding::try_embedding", |s| embedding::try_embedding(&s.x("NF"), &s.zeros("AB")).into()),
    ("ops/index::masked_fill", |s| index::masked_fill(s.x("ABC"), &s.of("BC", |i| i % 2 == 0), 1.0).into()),
    ("ops/index::select", |s| index::select(s.x("ABC"), 1, 0).into()),
    ("ops/index::unstack", |s| index::unstack(s.x("AbC"), 1).pop().map_or(Made::Nothing, Made::Value)),
    ("ops/index::unstack", |s| index::unstack(s.x("AB"), 1).pop().map_or(Made::Nothing, Made::Value)),
    ("ops/index::stack", |s| index::stack(&[s.x("AB"), s.x("AB")], 1).into()),
    ("select", |s| tensor(s, "ABC").try_select(Axis::<1>, 0).map(Tensor::into_value).into()),
    ("narrow", |s| made(tensor(s, "ABC").try_narrow::<Num<2>, _>(Axis::<1>, 0).map(|x| x.to_dynamic()))),
    ("slice", |s| made(tensor(s, "ABC").try_slice(Axis::<1>, ..2))),
    ("chunk", |s| {
        let [_, last] = tensor(s, "A4C").chunk(Axis::<1>);
        last.into_value().into()
    }),
    ("stack", |s| Tensor::stack([&tensor(s, "ABC"), &tensor(s, "ABC")], Axis::<1>).into_value().into()),
    ("concat_all", |s| Tensor::concat_all([&tensor(s, "ABC"), &tensor(s, "ADC")], Axis::<1>).into_value().into()),
    ("full_like", |s| Any::wrap(s.array("ABC").into()).full_like(1.0).into_value().into()),
    ("randn_like", |s| {
        let mut rng = <rand::rngs::StdRng as rand::SeedableRng>::seed_from_u64(0);
        Any::wrap(s.array("ABC").into()).randn_like(&mut rng).into_value().into()
    }),
    ("ops/matmul::matmul", |s| matmul(s.x("Ak"), s.x("kB")).into()),
    ("ops/matmul::matmul", |s| matmul(s.x("DAk"), s.x("kB")).into()),
    ("ops/matmul::matmul", |s| matmul(s.x("DAk"), s.x("DkB")).into()),
    ("ops/matmul::matmul", |s| matmul(s.x("k"), s.x("kB")).into()),
    ("ops/matmul::matmul", |s| matmul(s.x("Ak"), s.x("k")).into()),
    ("ops/matmul::matmul", |s| matmul(s.x("k"), s.x("k")).into()),
    ("try_matmul", |s| made(tensor(s, "DAk").try_matmul(&tensor(s, "DkB")))),
    ("ops/matmul::linear", |s| matmul::linear(s.x("DAk"), &s.x("Ok"), Some(&s.x("O")), Relu).into()),
    ("ops/norm/batch::batch_norm", |s| norm::batch_norm(s.x("ACB"), &s.x("C"), &s.x("C"), 1e-5).0.into()),
    ("ops/norm/batch::batch_norm_with", |s| {
        let (mean, variance) = (s.array("C").into(), s.array("C").into());
        norm::batch_norm_with(s.x("ACB"), &s.x("C"), &s.x("C"), &mean, &variance, 1e-5).into()
    }),
    ("ops/norm/batch::batch_norm_act", |s| {
        norm::batch_norm_act(s.x("ACB"), &s.x("C"), &s.x("C"), 1e-5, Some(s.x("ACB")), Relu).0.into()
    }),
    ("ops/norm/batch::batch_norm_with_act", |s| {
        let (mean, variance) = (s.array("C").into(), elementwise::square(s.array("C")).into());
        let (x, w, b, residual) = (s.x("ACB"), s.x("C"), s.x("C"), s.x("ACB"));
        norm::batch_norm_with_act(x, &w, &b, &mean, &variance, 1e-5, Some(residual), Relu).into()
    }),
    ("ops/norm::group_norm", |s| norm::group_norm(s.x("ACB"), &s.x("C"), &s.x("C"), 1, 1e-5).into()),
    ("ops/signal::with_height", |s| signal::with_height(s.x("ACL")).into()),
    ("ops/signal::without_height", |s| signal::without_height(s.x("AC1L")).into()),
    ("ops/norm::layer_norm", |s| norm::layer_norm(s.x("ABC"), &s.x("C"), &s.x("C"), 1e-5).into()),
    ("ops/pool::max_pool2d", |s| pool::max_pool2d(s.x("ACHW"), Window::square(1)).into()),
    ("ops/pool::avg_pool2d", |s| pool::avg_pool2d(s.x("ACHW"), three()).into()),
    ("ops/pool::adaptive_avg_pool2d", |s| pool::adaptive_avg_pool2d(s.x("ACHW"), [1, 2]).into()),
    ("ops/pool::adaptive_avg_pool2d", |s| pool::adaptive_avg_pool2d(s.x("ACHW"), [1, 1]).into()),
    ("ops/pool::adaptive_max_pool2d", |s| pool::adaptive_max_pool2d(s.x("ACHW"), [1, 2]).into()),
    ("ops/pool::adaptive_max_pool2d", |s| {
        pool::adaptive_max_pool2d(s.x("1122"), [s.dims("H").get(0), s.dims("W").get(0)]).into()
    }),
    ("ops/reduce::sum", |s| reduce::sum(&s.x("ABC"), 0b010, false).into()),
    ("ops/reduce::sum", |s| reduce::sum(&s.x("ABC"), 0b111, true).into()),
    ("ops/reduce::mean", |s| reduce::mean(&s.x("ABC"), 0b110, false).into()),
    ("ops/reduce::max", |s| reduce::max(&s.x("ABC"), 0b101, false).into()),
    ("ops/reduce::min", |s| reduce::min(&s.x("ABC"), 0b011, true).into()),
    ("ops/statistics::var", |s| statistics::var(&s.x("Abc"), 0b110, false, 1.0).into()),
    ("ops/statistics::std", |s| statistics::std(&s.x("abC"), 0b011, true, 0.0).into()),
    ("ops/statistics::norm", |s| statistics::norm(&s.x("aBc"), 0b101, false, 2.0).into()),
    ("ops/statistics::norm", |s| statistics::norm(&s.x("Ab"), 0b10, true, 3.0).into()),
    ("ops/statistics::norm", |s| statistics::norm(&s.x("Ab"), 0b10, false, 0.0).into()),
    ("ops/statistics::logsumexp", |s| statistics::logsumexp(&s.x("abC"), 0b011, false).into()),
    ("ops/statistics::prod", |s| statistics::prod(&s.x("aBc"), 0b101, false).into()),
    ("ops/statistics::count_nonzero", |s| statistics::count_nonzero(&s.x("ABc"), 0b100, false).into()),
    ("ops/statistics::all", |s| statistics::all(&s.x("AbC"), 0b010, true).into()),
    ("ops/statistics::any", |s| statistics::any(&s.x("aBC"), 0b001, false).into()),
    ("ops/scan::cumsum", |s| scan::cumsum(&s.x("AbC"), 1, false).into()),
    ("ops/scan::cumprod", |s| scan::cumprod(&s.x("ABc"), 2).into()),
    ("ops/scan::flip", |s| scan::flip(&s.x("aBc"), 0b101).into()),
    ("ops/order::first", |s| order::first(&s.x("abc"), 1, s.dims("b").get(0) / 2, true).0.into()),
    ("ops/order::kthvalue", |s| order::kthvalue(&s.x("abc"), 0, 2).0.into()),
    ("ops/order::median", |s| order::median(&s.x("abc"), 2).0.into()),
    ("ops/order::quantile", |s| order::quantile(&s.x("abc"), 1, 0.3).into()),
    ("ops/order::histogram", |s| order::histogram(&s.x("abc"), 3, -1.0, 1.0).into()),
    ("unique", |s| Any::wrap(s.array("abc").into()).unique().into_value().into()),
    ("argmax_over", |s| tensor(s, "Abc").argmax_over(Axis::<1>).into_value().into()),
    ("argmin_over", |s| tensor(s, "Abc").argmin_over(Axis::<-1>).into_value().into()),
    ("ops/resize::upsample_nearest2d", |s| {
        resize::upsample_nearest2d(s.x("ACHW"), [s.dims("V").get(0).max(1), s.dims("X").get(0).max(1)]).into()
    }),
    ("ops/resize::zero_pad2d", |s| resize::zero_pad2d(s.x("ACHW"), s.dims("V").get(0)).into()),
    ("ops/shape::expand", |s| shape::expand(s.x("A1"), &s.dims("BAC")).into()),
    ("ops/shape::sum_to", |s| shape::sum_to(s.x("BAC"), &s.dims("A1")).into()),
    ("ops/shape::channels_last", |s| shape::channels_last(s.x("ACHW")).into()),
    ("ops/shape::reshape", |s| shape::reshape(s.x("AB"), &s.dims("BA")).into()),
    ("flatten", |s| Tensor::<(Dyn, Dyn)>::wrap(s.x("AB")).flatten().into_value().into()),
    ("try_reshape", |s| Tensor::<(Dyn, Dyn)>::wrap(s.x("AB")).try_reshape::<(Dyn,)>().map(Tensor::into_value).into()),
    ("ops/shape::permute", |s| shape::permute(s.x("ABC"), &[2, 0, 1]).into()),
    ("ops/shape::swap", |s| shape::swap(s.x("ABC"), 0, 2).into()),
    ("ops/shape::transpose", |s| shape::transpose(s.x("ABC")).into()),
    ("ops/shape::squeeze", |s| shape::squeeze(s.x("A1B"), 1).into()),
    ("ops/shape::unsqueeze", |s| shape::unsqueeze(s.x("AB"), 1).into()),
    ("ops/softmax::softmax", |s| softmax(&s.x("ABC"), 1).into()),
    ("ops/softmax::log_softmax", |s| softmax::log_softmax(&s.x("ABC"), 2).into()),
    ("full_sized", |s| made(Any::full_sized(1.0, &list(s, "ABC")))),
    ("zeros_sized", |s| made(Any::zeros_sized(&list(s, "ABC")))),
    ("ones_sized", |s| made(Any::ones_sized(&list(s, "ABC")))),
    ("from_fn_sized", |s| made(Any::from_fn_sized(&list(s, "ABC"), |i| i as f32))),
    ("normal_sized", |s| {
        let mut rng = <rand::rngs::StdRng as rand::SeedableRng>::seed_from_u64(0);
        made(Any::normal_sized(0.0, 1.0, &list(s, "ABC"), &mut rng))
    }),
    ("from_vec_sized", |s| {
        let count = s.dims("ABC").try_count().unwrap_or(1).min(10_000);
        made(Any::from_vec_sized(vec![0.0; count], &list(s, "ABC")))
    }),
    ("view", |s| {
        let x = tensor(s, "ABC");
        let (view, sizes) = (x.as_ndarray(), list(s, "ABC"));
        assert_eq!(view.shape(), sizes);
        let turned = x.transpose(Axis::<0>, Axis::<2>);
        assert_eq!(turned.as_ndarray().len(), view.len());
        if x.num_elements() <= 10_000 {
            assert_eq!(x.to_ndarray().len(), x.num_elements());
        }
        ().into()
    }),
    ("to_vec", |s| {
        tensor(s, "ABC").to_vec();
        ().into()
    }),
    ("known sizes", |s| {
        type Large = (crate::dim_of!(999_999_999), crate::dim_of!(999));
        // Larger than memory, but not than the limit.
        if s.dims("A").get(0) > 2 { Tensor::<Large>::zeros().into_value().into() } else { ().into() }
    }),
    ("attention", |s| {
        let mut rng = <rand::rngs::StdRng as rand::SeedableRng>::seed_from_u64(0);
        let attention = crate::nn::MultiHeadAttention::<Num<4>, Num<2>>::init(&mut rng);
        let of = |letters: &str| Tensor::<(Dyn, Dyn, Num<4>)>::wrap(s.x(letters));
        attention.attend(of("Al4"), of("Ak4"), of("Ak4")).into_value().into()
    }),
];
