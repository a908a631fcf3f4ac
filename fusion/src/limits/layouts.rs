//! Images that are turned from one layout to another while a net trains: what the layers leave channels-last stays so.

use crate::graph::Value;
use crate::kernels::array::copy::turned;
use crate::kernels::testing::noise;
use crate::kernels::{Array, DType, Dims};
use crate::ops::conv::Window;
use crate::ops::matmul::Activation::{Identity, Relu};
use crate::ops::norm::{batch_norm_act, group_norm, instance_norm};
use crate::ops::{activation, concat, conv2d, matmul, pool, reshape, resize, upsample};

/// Small numbers, as a parameter.
fn weight(shape: &[usize]) -> Value {
    Value::from(Array::from_fn(Dims::new(shape), |i| noise(i) as f32 / 4.0)).into_parameter()
}

/// Images in C order.
fn images(shape: &[usize]) -> Value {
    Value::from(Array::from_fn(Dims::new(shape), |i| noise(i + 77) as f32)).trace()
}

fn three(stride: usize) -> Window {
    Window { stride: [stride; 2], padding: [[1; 2]; 2], ..Window::square(3) }
}

/// How many arrays change their layout in a step of training with the net `f` on these images.
fn turns(x: &[usize], f: impl Fn(Value) -> Value) -> usize {
    let x = images(x);
    let before = turned();
    let y = f(x);
    let seed = Array::full_float(DType::F32, 1.0, *y.shape());
    drop(y.backward(seed.into()));
    turned() - before
}

/// A convolution, its norm, what is added, and the activation.
fn block(x: Value, outputs: usize, window: Window, residual: Option<Value>, relu: bool) -> Value {
    let w = weight(&[outputs, x.shape().get(1), window.kernel[0], window.kernel[0]]);
    let y = conv2d(x, &w, None, window);
    let then = if relu { Relu } else { Identity };
    batch_norm_act(y, &weight(&[outputs]), &weight(&[outputs]), 1e-5, residual, then).0
}

/// The net of He et al. for CIFAR with convolutions as shortcuts: the images are turned once, and nothing else ever.
#[test]
fn a_residual_net_turns_its_images_once() {
    let net = |x: Value| {
        let mut x = block(x, 16, three(1), None, true);
        for (stage, channels) in [16, 32, 64].into_iter().enumerate() {
            for unit in 0..3 {
                let stride = if stage > 0 && unit == 0 { 2 } else { 1 };
                let shortcut = match stride {
                    1 => x.clone(),
                    _ => block(x.clone(), channels, Window { stride: [2; 2], ..Window::square(1) }, None, false),
                };
                let y = block(x, channels, three(stride), None, true);
                x = block(y, channels, three(1), Some(shortcut), true);
            }
        }
        let x = pool::adaptive_avg_pool2d(x, [1, 1]);
        let flat = Dims::new(&[x.shape().get(0), 64]);
        matmul::linear(reshape(x, &flat), &weight(&[10, 64]), Some(&weight(&[10])), Identity)
    };
    assert_eq!(turns(&[2, 3, 16, 16], net), 1);
}

/// Once the images, once what is flattened, and once its gradient.
#[test]
fn a_flattened_image_is_turned_there_and_back() {
    let net = |x: Value| {
        let x = activation::relu(conv2d(x, &weight(&[6, 1, 5, 5]), Some(&weight(&[6])), Window::square(5)));
        let x = pool::max_pool2d(x, Window { stride: [2; 2], ..Window::square(2) });
        let x = activation::relu(conv2d(x, &weight(&[16, 6, 5, 5]), Some(&weight(&[16])), Window::square(5)));
        let x = pool::max_pool2d(x, Window { stride: [2; 2], ..Window::square(2) });
        let flat = Dims::new(&[2, 256]);
        matmul::linear(reshape(x, &flat), &weight(&[10, 256]), Some(&weight(&[10])), Identity)
    };
    // An image of one channel lies both ways.
    assert_eq!(turns(&[2, 1, 28, 28], net), 2);
}

/// Joined channels, padding, and images made larger.
#[test]
fn what_is_between_convolutions_keeps_the_layout() {
    let net = |x: Value| {
        let x = conv2d(x, &weight(&[8, 3, 3, 3]), None, three(1));
        let half = pool::avg_pool2d(x.clone(), Window { stride: [2; 2], ..Window::square(2) });
        let near = resize::upsample_nearest2d(half.clone(), [2, 2]);
        let smooth = upsample::upsample_bilinear2d(half, [2, 2], false);
        let all = concat(&[x, near, smooth], 1);
        assert!(all.array().is_only_channels_last());
        conv2d(activation::leaky_relu(all, 0.1), &weight(&[4, 24, 3, 3]), None, three(1))
    };
    // The images, and the gradient that the test gives.
    assert_eq!(turns(&[2, 3, 8, 8], net), 2);
}

/// Group norm and instance norm between convolutions.
#[test]
fn norms_of_an_image_keep_the_layout() {
    let norms: [fn(Value) -> Value; 4] = [
        |x| group_norm(x, &weight(&[6]), &weight(&[6]), 3, 1e-5),
        |x| group_norm(x, &weight(&[6]), &weight(&[6]), 1, 1e-5),
        |x| instance_norm(x, Some(&weight(&[6])), Some(&weight(&[6])), 1e-5),
        |x| instance_norm(x, None, None, 1e-5),
    ];
    for norm in norms {
        let net = |x: Value| {
            let x = activation::relu(norm(conv2d(x, &weight(&[6, 3, 3, 3]), None, three(1))));
            assert!(x.array().is_only_channels_last());
            conv2d(x, &weight(&[4, 6, 3, 3]), None, three(1))
        };
        // The images, and the gradient that the test gives.
        assert_eq!(turns(&[2, 3, 8, 8], net), 2);
    }
}
