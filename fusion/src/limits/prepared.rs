//! What a prepared network computes from one place of a memory to another.

use super::{Case, Sizes};
use crate::kernels::Array;
use crate::kernels::activation::Activation::Relu;
use crate::kernels::arena::{convolve, part, product};
use crate::kernels::conv::{Epilogue, Filter, Sweep, Window};
use crate::kernels::gemm::{self, Mat};

/// The elements of an array of zeros.
fn zeros(s: &Sizes, letters: &str) -> Array {
    Array::full(0f32, s.dims(letters))
}

fn elements(array: &Array) -> &[f32] {
    array.dense().expect("dense")
}

pub(super) const CASES: &[Case] = &[
    ("kernels/arena::part", |s| {
        let mut memory = zeros(s, "AB");
        let middle = memory.count() / 2;
        let (y, rest) = part(memory.make_mut::<f32>(), 0..middle);
        let x = rest.read(middle..middle + y.len());
        y.copy_from_slice(x);
        memory.into()
    }),
    ("kernels/arena::convolve", |s| {
        let (x, w, mut y) = (s.array("achw").channels_last(), s.array("oc11").contiguous(), zeros(s, "aohw"));
        let [outputs, inputs] = [0, 1].map(|axis| w.shape().get(axis));
        let image = [x.shape().get(2), x.shape().get(3)];
        let sweep = Sweep { window: Window::square(1), image, places: image };
        let filter = Filter::new(elements(&w), outputs, inputs, &sweep, 1);
        let epilogue = Epilogue { activation: Relu, ..Epilogue::default() };
        convolve(&filter, elements(&x), x.shape().get(0), &epilogue, y.make_mut());
        y.into()
    }),
    ("kernels/arena::product", |s| {
        let (a, b, mut y) = (s.array("ab").contiguous(), s.array("bc").contiguous(), zeros(s, "ac"));
        let [rows, inner, columns] = [a.shape().get(0), a.shape().get(1), b.shape().get(1)];
        let (a, b) =
            (Mat::new(elements(&a), rows, inner, inner, 1), Mat::new(elements(&b), inner, columns, columns, 1));
        product(a, b, gemm::Epilogue::default(), y.make_mut());
        y.into()
    }),
];
