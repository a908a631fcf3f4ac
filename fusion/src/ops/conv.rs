//! Convolutions of images.
//!
//! Three operations, each linear in either of its two inputs, and each one's gradients are the other two: the
//! convolution, the transposed convolution, and the sum over all places that makes the weights' gradient.

use super::reduce::sum;
use crate::graph::{Context, Value, record};
use crate::kernels::Array;
use crate::kernels::conv::{self as kernel, Sweep};

pub use crate::kernels::conv::Window;

/// How many places `window` takes in an image of this height and width. Panics with the rule's sentence if it is
/// larger than the padded image.
pub(super) fn places(window: &Window, image: [usize; 2]) -> [usize; 2] {
    std::array::from_fn(|axis| {
        let [before, after] = window.padding[axis];
        // The sentence speaks of one padding for both ends; where they differ it counts as part of the image.
        let (size, padding) = match before == after {
            true => (image[axis], before),
            false => (image[axis] + before + after, 0),
        };
        let (kernel, stride, dilation) = (window.kernel[axis], window.stride[axis], window.dilation[axis]);
        super::or_panic(fusion_rules::window(size, kernel, stride, padding, dilation))
    })
}

/// Height and width of `[N, C, H, W]`.
pub(super) fn height_width(x: &Value) -> [usize; 2] {
    super::or_panic(fusion_rules::image(super::sizes(x.shape())));
    [x.shape().get(2), x.shape().get(3)]
}

/// Weights are `[O, I, KH, KW]` with the window's own height and width, the first axis in whole groups, and there is one
/// number of the bias for each of `outputs`.
fn check(name: &str, w: &Value, bias: Option<&Value>, outputs: usize, window: &Window) {
    let shape = w.shape();
    let [high, wide] = window.kernel;
    assert!(
        shape.rank() == 4 && shape.get(2) == high && shape.get(3) == wide,
        "{name}: weights of {shape:?} for a window of {high} x {wide}"
    );
    let groups = window.groups;
    assert!(
        groups > 0 && shape.get(0).is_multiple_of(groups),
        "{name}: {} channels do not split into {groups} groups",
        shape.get(0)
    );
    if let Some(bias) = bias {
        assert!(*bias.shape() == [outputs][..], "{name}: a bias of {:?} for {outputs} channels", bias.shape());
    }
}

/// The convolution (cross-correlation) of images `x` `[N, I, H, W]` with `w` `[O, I / groups, KH, KW]`, plus `bias` `[O]`:
/// `[N, O, H', W']`. PyTorch's `conv2d`.
pub fn conv2d(x: Value, w: &Value, bias: Option<&Value>, window: Window) -> Value {
    let image = height_width(&x);
    check("conv2d", w, bias, w.shape().get(0), &window);
    super::or_panic(fusion_rules::channels(w.shape().get(1) * window.groups, super::sizes(x.shape())));
    convolve(x, w, bias, Sweep { window, image, places: places(&window, image) })
}

/// The transposed convolution of images `x` `[N, I, H, W]` with `w` `[I, O / groups, KH, KW]`, plus `bias` `[O]`:
/// `[N, O, H', W']`, of which [`conv2d`] with the same window would make images as large as `x`. As several sizes may,
/// `output_padding` says by how much the height and the width exceed the smallest. PyTorch's `conv_transpose2d`.
pub fn conv_transpose2d(
    x: Value,
    w: &Value,
    bias: Option<&Value>,
    window: Window,
    output_padding: [usize; 2],
) -> Value {
    let places = height_width(&x);
    check("conv_transpose2d", w, bias, w.shape().get(1) * window.groups, &window);
    super::or_panic(fusion_rules::channels(w.shape().get(0), super::sizes(x.shape())));
    let image = std::array::from_fn(|axis| {
        let (stride, dilation, [before, after]) = (window.stride[axis], window.dilation[axis], window.padding[axis]);
        let more = output_padding[axis];
        assert!(
            more < stride.max(dilation),
            "conv_transpose2d: an output padding of {more} must be smaller than the stride of {stride} or the dilation of \
             {dilation}"
        );
        // No places reach over nothing.
        let reach = places[axis].saturating_sub(1) * stride + dilation * (window.kernel[axis] - 1) + 1 + more;
        reach.checked_sub(before + after).unwrap_or_else(|| {
            panic!("conv_transpose2d: a padding of {} leaves nothing of a result of {reach}", before + after)
        })
    });
    transposed(x, w, bias, Sweep { window, image, places })
}

/// The gradient of [`conv2d`] by its weights: `x` `[N, I, H, W]` and the gradient of the result `[N, O, H', W']` to
/// `[O, I / groups, KH, KW]`.
pub fn conv2d_weight(x: Value, y: &Value, window: Window) -> Value {
    let (image, places) = (height_width(&x), height_width(y));
    let (xs, ys) = (x.shape(), y.shape());
    assert!(
        xs.get(0) == ys.get(0) && [xs, ys].iter().all(|shape| shape.get(1).is_multiple_of(window.groups)),
        "conv2d_weight: images of {xs:?} and gradients of {ys:?} in {} groups",
        window.groups
    );
    weight(x, y, Sweep { window, image, places })
}

/// The bias's gradient: one number for each channel.
fn channels(g: &Value) -> Value {
    sum(g, 0b1101, false)
}

/// Records one of the two convolutions, which differ in nothing else: their gradients by the input and by the weights.
fn recorded(
    name: &'static str,
    [x, w]: [&Value; 2],
    bias: Option<&Value>,
    y: Array,
    rule: impl Fn(Value, [Option<Value>; 2]) -> [Option<Value>; 2] + Send + Sync + Copy + 'static,
) -> Value {
    let gradients = || {
        let (x, w) = (x.array().clone(), w.array().clone());
        move |g: Value, cx: &Context<'_>| {
            rule(g, [cx.wants(1).then(|| cx.input(0, &x)), cx.wants(0).then(|| cx.input(1, &w))])
        }
    };
    match bias {
        Some(bias) => record(name, [x.link(), w.link(), bias.link()], y, |_| {
            let rule = gradients();
            move |g, cx| {
                let bias = cx.wants(2).then(|| channels(&g));
                let [x, w] = rule(g, cx);
                [x, w, bias]
            }
        }),
        None => record(name, [x.link(), w.link()], y, |_| gradients()),
    }
}

fn convolve(x: Value, w: &Value, bias: Option<&Value>, s: Sweep) -> Value {
    let y = kernel::conv2d(x.array(), w.array(), bias.map(Value::array), &s);
    recorded("conv2d", [&x, w], bias, y, move |g, [x, w]| {
        let dw = x.map(|x| weight(x, &g, s));
        [w.map(|w| transposed(g, &w, None, s)), dw]
    })
}

fn transposed(y: Value, w: &Value, bias: Option<&Value>, s: Sweep) -> Value {
    let x = kernel::conv_transpose2d(y.array(), w.array(), bias.map(Value::array), &s);
    recorded("conv_transpose2d", [&y, w], bias, x, move |g, [y, w]| {
        let dw = y.map(|y| weight(g.clone(), &y, s));
        [w.map(|w| convolve(g, &w, None, s)), dw]
    })
}

fn weight(x: Value, y: &Value, s: Sweep) -> Value {
    let w = kernel::conv2d_weight(x.array(), y.array(), &s);
    recorded("conv2d_weight", [&x, y], None, w, move |g, [x, y]| {
        let dy = x.map(|x| convolve(x, &g, None, s));
        [y.map(|y| transposed(y, &g, None, s)), dy]
    })
}
