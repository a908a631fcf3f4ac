//! Windows of 1x1 without a border: the product of two matrices, the gradients of all places and the inputs there.

use super::super::sweep::Sweep;
use super::sums::room;
use crate::kernels::gemm::{Epilogue, Mat, gemm};
use crate::kernels::parallel::{self, Apart};
use std::mem::MaybeUninit;

/// Outputs that a thread takes, at least, and below how many products it is not worth waking.
const OUTPUTS: usize = 16;
const SMALL: usize = 1 << 20;

/// Places whose sums are added up at once: so errors do not grow with the number of all.
const PLACES: usize = 2 << 10;

/// Is it such a window?
pub fn fits(s: &Sweep) -> bool {
    let whole = |axis: usize| {
        let inside = s.inside(axis, 0);
        (inside.from, inside.to) == (0, s.places[axis]) && s.window.padding[axis][0] == 0
    };
    s.window.kernel == [1; 2] && s.window.groups == 1 && whole(0) && whole(1)
}

/// [`weight`](super::weight) of such a window. The lengths must fit, and not be 0.
pub fn weight(x: &[f32], dy: &[f32], [images, inputs, outputs]: [usize; 3], s: &Sweep, dw: &mut [MaybeUninit<f32>]) {
    let count = images * s.places[0] * s.places[1];
    if s.is_identity() {
        return product(x, dy, [count, inputs, outputs], dw);
    }
    let memory = room(count * inputs);
    // SAFETY: the room is this long, and nobody else's; it is uninitialised as its type says.
    let under = unsafe { std::slice::from_raw_parts_mut(memory.as_ptr().cast_mut().cast(), count * inputs) };
    let [high, wide] = s.image;
    let mut to: &mut [MaybeUninit<f32>] = under;
    for image in 0..images {
        for row in 0..s.places[0] {
            let row = (image * high + row * s.window.stride[0]) * wide;
            for col in 0..s.places[1] {
                let (pixel, rest) = to.split_at_mut(inputs);
                pixel.write_copy_of_slice(&x[(row + col * s.window.stride[1]) * inputs..][..inputs]);
                to = rest;
            }
        }
    }
    // SAFETY: each place's pixel was written.
    let under = unsafe { std::slice::from_raw_parts(memory.as_ptr().cast(), count * inputs) };
    product(under, dy, [count, inputs, outputs], dw);
}

/// The product of the transpose of `dy`, `[count, outputs]`, with `x`, `[count, inputs]`.
fn product(x: &[f32], dy: &[f32], [count, inputs, outputs]: [usize; 3], dw: &mut [MaybeUninit<f32>]) {
    let to = Apart::new(dw.as_mut_ptr().cast::<f32>());
    let blocks = outputs.div_ceil(OUTPUTS);
    let least = SMALL.div_ceil(count.saturating_mul(inputs * OUTPUTS));
    parallel::split(blocks, least, |_, blocks| {
        let (first, end) = (blocks.start * OUTPUTS, outputs.min(blocks.end * OUTPUTS));
        // SAFETY: no two threads have an output in common; the weights of these are side by side.
        let to = unsafe { std::slice::from_raw_parts_mut(to.at(first * inputs).cast(), (end - first) * inputs) };
        let part = |from: usize, to: &mut [MaybeUninit<f32>]| {
            let count = PLACES.min(count - from);
            let dy = Mat::new(&dy[from * outputs + first..], count, end - first, outputs, 1);
            gemm(dy.t(), Mat::new(&x[from * inputs..], count, inputs, inputs, 1), to, Epilogue::default());
        };
        part(0, to);
        if count <= PLACES {
            return;
        }
        let memory = room(to.len());
        // SAFETY: the room is this long, and nobody else's; it is uninitialised as its type says. The first part has written all
        // of `to`, and each other one writes all of `more`.
        unsafe {
            let more: &mut [MaybeUninit<f32>] =
                std::slice::from_raw_parts_mut(memory.as_ptr().cast_mut().cast(), to.len());
            for from in (PLACES..count).step_by(PLACES) {
                part(from, more);
                for (sum, more) in to.iter_mut().zip(&*more) {
                    sum.write(sum.assume_init() + more.assume_init());
                }
            }
        }
    });
}
