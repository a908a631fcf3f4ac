//! Elements picked by indices.

use super::{Case, Sizes};
use crate::dim::{Axis, Dyn, Num};
use crate::kernels::array::along;
use crate::ops::index::{gather, scatter};
use crate::tensor::Tensor;
use crate::{ix, shape};

type Any = Tensor<(Dyn, Dyn, Dyn), f32>;

fn tensor(s: &Sizes, letters: &str) -> Any {
    Tensor::wrap(s.x(letters))
}

fn truths(s: &Sizes, letters: &str) -> crate::kernels::Array {
    s.of(letters, |i| i % 2 == 0)
}

pub(super) const CASES: &[Case] = &[
    ("kernels/array::gather", |s| along::gather(&s.array("AnC"), 1, &s.zeros("AbC")).into()),
    ("kernels/array::scatter", |s| along::scatter(s.array("AnC"), 1, &s.zeros("AbC"), &s.array("AbC")).into()),
    ("kernels/array::scatter_add", |s| along::scatter_add(s.array("AnC"), 1, &s.zeros("AbC"), &s.array("AbC")).into()),
    ("kernels/array::put_view", |s| {
        let whole = s.dims("AB");
        along::put_view(&s.array("AB"), &whole, &whole.row_major(), 0).into()
    }),
    ("kernels/array::picks", |s| along::picks(&s.array("AnC"), 1, &s.zeros("BD")).into()),
    ("kernels/array::add_picks", |s| along::add_picks(&s.array("ABC"), 1, &s.zeros("B"), s.dims("n").get(0)).into()),
    ("kernels/array::places", |s| along::places(&truths(s, "AB")).into()),
    ("ops/index/gather::gather", |s| gather::gather(&s.x("AnC"), 1, &s.zeros("AbC")).into()),
    ("ops/index/gather::take_along_axis", |s| gather::take_along_axis(&s.x("An1"), 1, &s.zeros("1bC")).into()),
    ("ops/index/gather::index_select", |s| gather::index_select(&s.x("AnC"), 1, &s.zeros("BD")).into()),
    ("ops/index/scatter::index_add", |s| scatter::index_add(&s.x("AnC"), 1, &s.zeros("B"), &s.x("ABC")).into()),
    ("ops/index/scatter::scatter_add", |s| scatter::scatter_add(s.x("AnC"), 1, &s.zeros("AbC"), &s.x("AbC")).into()),
    ("ops/index/scatter::scatter", |s| scatter::scatter(s.x("AnC"), 1, &s.zeros("AbC"), &s.x("AbC")).into()),
    ("ops/index/gather::one_hot", |s| gather::one_hot(&s.zeros("AB"), s.dims("C").get(0)).into()),
    ("ops/index/gather::masked_select", |s| gather::masked_select(&s.x("AbC"), &truths(s, "bC")).into()),
    ("ops/index/gather::take_flat", |s| gather::take_flat(&s.x("An"), &s.zeros("BC")).into()),
    ("at", |s| tensor(s, "ABC").try_at(ix![1.., new, ..;2, ..-1]).map(Tensor::into_value).into()),
    ("at", |s| tensor(s, "ABC").try_at(ix![..., 0, -1]).map(Tensor::into_value).into()),
    ("at", |s| {
        let rows = Tensor::<(Dyn, Num<2>), i64>::wrap(s.zeros("D2").into());
        tensor(s, "ABC").try_at(ix![1.., &rows]).map(Tensor::into_value).into()
    }),
    ("at", |s| {
        let mask = Tensor::<shape![Dyn, Dyn], bool>::wrap(truths(s, "aB").into());
        tensor(s, "aBC").try_at(ix![&mask, new]).map(Tensor::into_value).into()
    }),
    ("rows", |s| tensor(s, "aBC").rows().last().map_or(super::Made::Nothing, |row| row.into_value().into())),
    ("gather", |s| {
        let index = Tensor::<(Dyn, Dyn, Dyn), i64>::wrap(s.zeros("AbC").into());
        tensor(s, "AnC").try_gather(Axis::<1>, &index).map(Tensor::into_value).into()
    }),
];
