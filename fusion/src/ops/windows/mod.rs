//! Tests: convolutions and all their gradients in `f32` over a few thousand windows, with each set of instructions and each way of
//! convolving, of images that lie in C order and channels-last, held to the plain way in `f64`.

mod bad;
mod cases;
mod grid;

use super::conv::{Window, conv_transpose2d, conv2d};
use crate::graph::Value;
use crate::kernels::testing::{floats, laid, noise};
use crate::kernels::{Array, DType};

/// One convolution: a window, and what it goes over.
#[derive(Clone, Copy, Debug)]
struct Case {
    window: Window,
    images: usize,
    /// Channels in and out.
    channels: [usize; 2],
    /// Height and width.
    image: [usize; 2],
}

/// In which order the axes of images lie.
const ORDERS: [[usize; 4]; 2] = [[0, 1, 2, 3], [0, 2, 3, 1]];

/// What a case gives: the result, and the gradients by the images, the weights and the bias, for a gradient of the result without a
/// visible pattern.
struct Results([Array; 4]);

const NAMES: [&str; 4] = ["the result", "the images' gradient", "the weights' gradient", "the bias's gradient"];

impl Case {
    /// How many places the window takes; `None` if it is larger than the image with its padding.
    fn places(&self) -> Option<[usize; 2]> {
        let Window { kernel, stride, padding, dilation, .. } = self.window;
        let along = |axis: usize| {
            let [before, after] = padding[axis];
            let free = (self.image[axis] + before + after).checked_sub(dilation[axis] * (kernel[axis] - 1) + 1)?;
            Some(free / stride[axis] + 1)
        };
        Some([along(0)?, along(1)?])
    }

    /// The multiplications of one of the three products.
    fn work(&self) -> Option<usize> {
        let [high, wide] = self.places()?;
        let [inputs, outputs] = self.channels;
        let depth = inputs / self.window.groups * self.window.kernel[0] * self.window.kernel[1];
        Some(self.images * high * wide * outputs * depth)
    }

    /// Element `i` of operand `operand`, a number of 24 bits.
    fn number(operand: usize, i: usize) -> f32 {
        noise(i + 100_000 * operand) as f32
    }

    /// The results in `dtype`, of operands with `number`s, the images and the gradient with their axes in `order`: those of the
    /// convolution, or of the transposed one, which goes from the convolved images to images.
    fn results(
        &self,
        transposed: bool,
        dtype: DType,
        order: &[usize; 4],
        number: impl Fn(usize, usize) -> f32,
    ) -> Results {
        let [inputs, outputs] = self.channels;
        let places = self.places().expect("room for the window");
        let images = |channels: usize, [high, wide]: [usize; 2]| [self.images, channels, high, wide];
        let (image, convolved) = (images(inputs, self.image), images(outputs, places));
        let (takes, gives) = if transposed { (convolved, image) } else { (image, convolved) };
        let make = |operand: usize, shape: &[usize], order: &[usize]| -> Value {
            match dtype {
                DType::F32 => laid(shape, order, |i| number(operand, i)).into(),
                _ => laid(shape, order, |i| f64::from(number(operand, i))).into(),
            }
        };
        let Window { kernel, groups, .. } = self.window;
        let x = make(0, &takes, order).watch();
        let w = make(1, &[outputs, inputs / groups, kernel[0], kernel[1]], &[0, 1, 2, 3]).watch();
        let bias = make(2, &[gives[1]], &[0]).watch();
        let y = match transposed {
            true => conv_transpose2d(x.clone(), &w, Some(&bias), self.window, self.left_over(places)),
            false => conv2d(x.clone(), &w, Some(&bias), self.window),
        };
        assert_eq!(*y.shape(), gives[..], "{self:?}");
        let result = y.array().clone();
        let grads = y.backward(make(3, &gives, order));
        let gradient = |of: &Value| {
            let gradient = grads.get_value(of.link()).unwrap_or_else(|| panic!("a gradient of {self:?}"));
            assert_eq!(gradient.shape(), of.shape(), "{self:?}");
            gradient.array().clone()
        };
        Results([result, gradient(&x), gradient(&w), gradient(&bias)])
    }

    /// By how much the image exceeds the smallest on which the window takes as many places.
    fn left_over(&self, places: [usize; 2]) -> [usize; 2] {
        let Window { kernel, stride, padding, dilation, .. } = self.window;
        [0, 1].map(|axis| {
            let reach = (places[axis] - 1) * stride[axis] + dilation[axis] * (kernel[axis] - 1) + 1;
            self.image[axis] + padding[axis][0] + padding[axis][1] - reach
        })
    }

    /// How many products are summed for one element of each result.
    fn terms(&self, transposed: bool) -> [usize; 4] {
        let ([inputs, outputs], groups) = (self.channels, self.window.groups);
        let [high, wide] = self.places().expect("room for the window");
        let taps = self.window.kernel[0] * self.window.kernel[1];
        let (places, pixels) = (self.images * high * wide, self.images * self.image[0] * self.image[1]);
        let (of_inputs, of_outputs) = (inputs / groups * taps, outputs / groups * taps);
        match transposed {
            true => [of_outputs, of_inputs, places, pixels],
            false => [of_inputs, of_outputs, places, places],
        }
    }
}

/// Panics unless `got` is within `tolerance` of `want` by the scale of the result: its largest element, or what a sum of so many
/// products of numbers between -1 and 1 is like, whichever is larger. What is not finite stays what it is.
#[track_caller]
fn close(got: &Array, want: &[f64], terms: usize, tolerance: f64, what: impl Fn() -> String) {
    let finite = want.iter().filter(|x| x.is_finite());
    let largest = finite.fold(0.0, |most: f64, x| most.max(x.abs()));
    let scale = largest.max((terms as f64).sqrt() / 3.0);
    for (i, (got, &want)) in floats(got).into_iter().zip(want).enumerate() {
        let same = got == want || (got.is_nan() && want.is_nan());
        assert!(
            same || (got - want).abs() <= tolerance * scale,
            "{}: element {i} is {got}, not {want}, at a scale of {scale}",
            what()
        );
    }
}
