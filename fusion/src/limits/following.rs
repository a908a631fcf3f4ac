//! Layers that do what follows them in their own pass.

use super::{Case, Sizes};
use crate::kernels::conv::{self as kernels, Sweep};
use crate::kernels::elementwise;
use crate::ops::activation::activated;
use crate::ops::conv::{self, Window};
use crate::ops::matmul::Activation::{LeakyRelu, Relu};

/// 3 by 3 with a padding of 1.
fn three() -> Window {
    Window { padding: [[1; 2]; 2], ..Window::square(3) }
}

fn sweep(s: &Sizes) -> Sweep {
    let size = s.dims("HW");
    let image = [size.get(0), size.get(1)];
    Sweep { window: three(), image, places: image }
}

pub(super) const CASES: &[Case] = &[
    ("kernels/elementwise::leaky_relu_grad", |s| {
        elementwise::leaky_relu_grad(s.array("A1"), &s.array("1B"), 0.1).into()
    }),
    ("kernels/conv::conv2d_act", |s| {
        kernels::conv2d_act(&s.array("ACHW"), &s.array("OC33"), None, Relu, &sweep(s)).into()
    }),
    ("kernels/conv::conv_transpose2d_act", |s| {
        kernels::conv_transpose2d_act(&s.array("ACHW"), &s.array("CO33"), Some(&s.array("O")), Relu, &sweep(s)).into()
    }),
    ("ops/activation::activated", |s| activated(s.x("AB"), LeakyRelu(0.1)).into()),
    ("ops/conv::conv2d_act", |s| conv::conv2d_act(s.x("ACHW"), &s.x("OC33"), Some(&s.x("O")), three(), Relu).into()),
    ("ops/conv::conv_transpose2d_act", |s| {
        let (x, w, b) = (s.x("ACHW"), s.x("CO33"), s.x("O"));
        conv::conv_transpose2d_act(x, &w, Some(&b), three(), [0; 2], LeakyRelu(0.1)).into()
    }),
];
