//! Signals, `[N, C, L]`, as images with a height of 1: what slides over one axis slides over two.

use super::conv::Window;
use super::shape::reshape;
use crate::graph::Value;
use crate::kernels::Dims;

/// `[N, C, L]` as `[N, C, 1, L]`.
#[track_caller]
pub fn with_height(x: Value) -> Value {
    let shape = *x.shape();
    assert!(shape.rank() == 3, "a signal is [batch, channels, length], not {shape:?}");
    reshape(x, &Dims::new(&[shape.get(0), shape.get(1), 1, shape.get(2)]))
}

/// `[N, C, 1, L]` as `[N, C, L]`.
#[track_caller]
pub fn without_height(x: Value) -> Value {
    let shape = *x.shape();
    reshape(x, &Dims::new(&[shape.get(0), shape.get(1), shape.get(3)]))
}

/// The window over such an image.
pub(crate) fn window(window: fusion_rules::Window, groups: usize) -> Window {
    Window {
        kernel: [1, window.kernel],
        stride: [1, window.stride],
        padding: [[0; 2], window.pads()],
        dilation: [1, window.dilation],
        groups,
    }
}
