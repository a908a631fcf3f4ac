use super::frame::Frame;
use super::{Tile, Winograd, gradient, weight_gradient};
use crate::kernels::DType;
use crate::kernels::activation::Activation;
use crate::kernels::array::Array;
use crate::kernels::array::copy::cast;
use crate::kernels::array::layout::Dims;
use crate::kernels::conv::epilogue::Epilogue;
use crate::kernels::conv::plain;
use crate::kernels::conv::sweep::{Sweep, Window};
use crate::kernels::parallel::{num_threads, set_num_threads};
use crate::kernels::simd::{Isa, Portable, isa};
use crate::kernels::testing::{dims, noise, with_each_isa};
use std::mem::MaybeUninit;

/// Vectors for which tiles are as large as those of AVX-512.
type Large = Portable<f32, 16>;

/// A convolution to try.
#[derive(Clone, Copy, Debug)]
struct Case {
    images: usize,
    image: [usize; 2],
    inputs: usize,
    outputs: usize,
    padding: [[usize; 2]; 2],
    turned: bool,
    tile: Tile,
    bias: bool,
    residual: bool,
    activation: Activation,
}

impl Case {
    /// Some case or other, with sizes up to those.
    fn any(seed: usize, largest_image: usize, most_channels: usize) -> Self {
        let up_to = |k: usize, n: usize| ((noise(seed * 16 + k) + 1.0) / 2.0 * n as f64) as usize;
        let padding = [[up_to(0, 3), up_to(1, 3)], [up_to(2, 3), up_to(3, 3)]];
        let room = |axis: usize| 3usize.saturating_sub(padding[axis][0] + padding[axis][1]).max(1);
        Self {
            images: up_to(4, 6),
            image: [room(0) + up_to(5, largest_image), room(1) + up_to(6, largest_image)],
            inputs: 1 + up_to(7, most_channels),
            outputs: 1 + up_to(8, most_channels),
            padding,
            turned: seed % 2 == 1,
            tile: if (seed / 2).is_multiple_of(2) { Tile::Two } else { Tile::Four },
            bias: up_to(9, 2) == 1,
            residual: up_to(10, 2) == 1,
            activation: [Activation::Identity, Activation::Relu, Activation::LeakyRelu(0.1)][up_to(11, 3)],
        }
    }

    fn sweep(&self) -> Sweep {
        let window = Window { padding: self.padding, ..Window::square(3) };
        let places = [0, 1].map(|axis| self.image[axis] + self.padding[axis][0] + self.padding[axis][1] - 2);
        Sweep { window, image: self.image, places }
    }

    /// The shapes of what it takes, and of what it gives.
    fn shapes(&self) -> [Dims; 2] {
        let s = self.sweep();
        let shape = |channels, [height, width]: [usize; 2]| dims(&[self.images, channels, height, width]);
        let shapes = [shape(self.inputs, s.image), shape(self.outputs, s.places)];
        if self.turned { [shapes[1], shapes[0]] } else { shapes }
    }

    /// The largest error on `make`'s input, in units of the root mean square of the sums, and what came out.
    fn error(&self, make: impl Fn(usize) -> f64, convolve: impl Fn(&Self, &[&[f32]; 4]) -> Vec<f32>) -> f64 {
        let s = self.sweep();
        let [takes, gives] = self.shapes();
        // In f64, but no more than an f32 has.
        let number = |i: usize| f64::from(make(i) as f32);
        let x = Array::from_fn(takes, number);
        let w = Array::from_fn(dims(&[self.outputs, self.inputs, 3, 3]), |i| f64::from(noise(i + 77) as f32));
        let bias = Array::from_fn(dims(&[gives.get(1)]), |i| f64::from(noise(i + 5000) as f32));
        let residual = Array::from_fn(gives, |i| f64::from(noise(i + 9000) as f32));
        let sums = match self.turned {
            false => plain::conv2d(&x, &w, None, &s),
            true => plain::conv_transpose2d(&x, &w, None, &s),
        };
        let single = |a: &Array| cast(a, DType::F32);
        let [x, residual] = [&x, &residual].map(|a| single(a).channels_last());
        let (w, bias) = (single(&w), single(&bias));
        let slices = [&x, &w, &bias, &residual].map(|a| a.dense::<f32>().expect("dense"));
        let got = convolve(self, &slices);
        let sums = sums.channels_last();
        let sums = sums.dense::<f64>().expect("dense");
        let scale = (sums.iter().map(|y| y * y).sum::<f64>() / sums.len().max(1) as f64).sqrt();
        let mut largest = 0f64;
        for (i, (&got, &sum)) in got.iter().zip(sums).enumerate() {
            let bias = if self.bias { f64::from(slices[2][i % gives.get(1)]) } else { 0.0 };
            let residual = if self.residual { f64::from(slices[3][i]) } else { 0.0 };
            let want = self.activation.of_one(sum + bias + residual);
            let error = (f64::from(got) - want).abs() / scale.max(1e-6);
            assert!(error <= 1e-4, "{self:?}: element {i} is {got}, not {want}");
            largest = largest.max(error);
        }
        largest
    }

    fn epilogue<'a>(&self, [_, _, bias, residual]: &[&'a [f32]; 4]) -> Epilogue<'a> {
        Epilogue {
            bias: self.bias.then_some(*bias),
            residual: self.residual.then_some(*residual),
            activation: self.activation,
        }
    }

    /// By the code of this machine.
    fn here(&self, slices: &[&[f32]; 4]) -> Vec<f32> {
        let [x, w, ..] = slices;
        let filter = Winograd::new(w, self.outputs, self.inputs, self.turned, &self.sweep(), self.tile);
        let mut y = vec![MaybeUninit::new(f32::NAN); self.shapes()[1].count()];
        filter.run(x, self.images, &self.epilogue(slices), &mut y);
        // SAFETY: all was initialised.
        y.into_iter().map(|y| unsafe { y.assume_init() }).collect()
    }

    /// With large tiles.
    fn large(&self, slices: &[&[f32]; 4]) -> Vec<f32> {
        let [x, w, ..] = slices;
        let frame = Frame::new(&self.sweep(), self.turned, self.tile.side());
        let sizes = [self.outputs, self.inputs];
        let filter = Winograd::transform::<Large>(w, sizes, self.turned, frame, self.tile, Isa::Portable);
        let mut y = vec![MaybeUninit::new(f32::NAN); self.shapes()[1].count()];
        let epilogue = self.epilogue(slices);
        // SAFETY: arrays need no instructions, and `error` makes slices of the case's lengths.
        unsafe {
            filter.work(x, self.images, &epilogue, &mut y).run::<Large>();
            y.into_iter().map(|y| y.assume_init()).collect()
        }
    }
}

/// A number with a heavy tail, as gradients are.
fn heavy(i: usize) -> f64 {
    noise(i) * (6.0 * noise(i + 100_000)).exp()
}

#[test]
fn as_the_plain_way_in_f64() {
    with_each_isa(|| {
        let (count, size, channels) = if isa() == Isa::Portable { (24, 6, 24) } else { (100, 20, 70) };
        for seed in 0..count {
            let make = [noise, |i| noise(i).max(0.0), heavy][seed % 3];
            Case::any(seed, size, channels).error(make, Case::here);
        }
    });
    for seed in 0..24 {
        Case::any(seed, 10, 40).error(noise, Case::large);
    }
}

/// The largest error of a gradient by the weights, in units of their root mean square.
fn gradient_error(case: &Case, make: impl Fn(usize) -> f64, large: bool) -> f64 {
    let (case, s) = (Case { turned: false, ..*case }, case.sweep());
    let [takes, gives] = case.shapes();
    let x = Array::from_fn(takes, |i| f64::from(noise(i) as f32));
    let y = Array::from_fn(gives, |i| f64::from(make(i + 31) as f32));
    let want = plain::conv2d_weight(&x, &y, &s);
    let [x, y] = [x, y].map(|a| cast(&a, DType::F32).channels_last());
    let [x, y] = [&x, &y].map(|a| a.dense::<f32>().expect("dense"));
    let mut got = vec![MaybeUninit::new(f32::NAN); want.count()];
    let sizes = [case.outputs, case.inputs];
    if large && case.images > 0 {
        // SAFETY: arrays need no instructions, and the lengths are those of the case.
        unsafe { gradient::run::<Large>(x, y, sizes, &s, case.images, &mut got) };
    } else {
        weight_gradient(x, y, sizes, &s, case.images, &mut got);
    }
    let want = want.dense::<f64>().expect("dense");
    let scale = (want.iter().map(|w| w * w).sum::<f64>() / want.len() as f64).sqrt();
    let mut largest = 0f64;
    for (i, (got, &want)) in got.into_iter().zip(want).enumerate() {
        // SAFETY: all was initialised.
        let error = (f64::from(unsafe { got.assume_init() }) - want).abs() / scale.max(1e-6);
        assert!(error <= 1e-4, "{case:?}: weight {i} is off by {error}");
        largest = largest.max(error);
    }
    largest
}

#[test]
fn gradients_as_the_plain_way_in_f64() {
    with_each_isa(|| {
        let (count, size, channels) = if isa() == Isa::Portable { (16, 6, 24) } else { (60, 20, 50) };
        for seed in 0..count {
            let make = [noise, |i| noise(i).max(0.0), heavy][seed % 3];
            gradient_error(&Case::any(seed, size, channels), make, false);
        }
    });
    for seed in 0..16 {
        gradient_error(&Case::any(seed, 10, 40), noise, true);
    }
}

/// Several blocks of tiles, for each thread.
#[test]
fn gradients_of_many_tiles_by_several_threads() {
    let before = num_threads();
    let case = Case { images: 3, image: [40, 45], inputs: 20, outputs: 36, padding: [[1; 2]; 2], ..Case::any(0, 1, 1) };
    for threads in [1, 3] {
        set_num_threads(threads);
        assert!(gradient_error(&case, noise, false) < 1e-5);
    }
    set_num_threads(before);
}

#[test]
fn errors_are_those_of_the_documentation() {
    let case = Case {
        images: 1,
        image: [13, 14],
        inputs: 256,
        outputs: 32,
        padding: [[1; 2]; 2],
        turned: false,
        tile: Tile::Four,
        bias: false,
        residual: false,
        activation: Activation::Identity,
    };
    let two = Case { tile: Tile::Two, ..case };
    let after_relu = |i: usize| noise(i).max(0.0);
    for (make, four_at_most, two_at_most) in
        [(noise as fn(usize) -> f64, 2e-5, 5e-6), (after_relu, 2e-5, 5e-6), (heavy, 7e-5, 2e-5)]
    {
        assert!(case.error(make, Case::here) <= four_at_most);
        assert!(two.error(make, Case::here) <= two_at_most);
    }
}

/// Few tiles with many outputs: the threads share the tiles. Many tiles: each has its own.
#[test]
fn by_several_threads_as_by_one() {
    let few = Case {
        images: 1,
        image: [6, 7],
        inputs: 200,
        outputs: 250,
        padding: [[1; 2]; 2],
        turned: false,
        tile: Tile::Four,
        bias: true,
        residual: false,
        activation: Activation::Relu,
    };
    let many = Case { images: 3, image: [37, 30], inputs: 24, outputs: 40, ..few };
    let before = num_threads();
    for case in [few, many] {
        let results = [1, 4].map(|threads| {
            let all = std::cell::RefCell::new(Vec::new());
            set_num_threads(threads);
            case.error(noise, |case, slices| {
                let y = case.here(slices);
                all.replace(y.clone());
                y
            });
            all.into_inner()
        });
        assert!(results[0] == results[1]);
    }
    set_num_threads(before);
}

#[test]
fn what_is_not_finite_stays_so_and_spreads_over_its_tile_only() {
    let case = Case { images: 1, image: [12, 12], padding: [[1; 2]; 2], ..Case::any(0, 1, 9) };
    let case = Case { turned: false, bias: false, residual: false, activation: Activation::Relu, ..case };
    for tile in [Tile::Two, Tile::Four] {
        for bad in [f32::NAN, f32::INFINITY] {
            let (c, o) = (case.inputs, case.outputs);
            let mut x = vec![1.0; 144 * c];
            x[(5 * 12 + 6) * c] = bad;
            let w = vec![0.5; o * c * 9];
            let y = Case { tile, ..case }.here(&[&x, &w, &[], &[]]);
            for (i, y) in y.iter().enumerate() {
                let (row, col) = (i / o / 12, i / o % 12);
                let reached = row.abs_diff(5) <= 1 && col.abs_diff(6) <= 1;
                let side = tile.side();
                let near = |at: usize, of: usize| (of - 1..=of + 1).any(|place| place / side == at / side);
                let shares = near(row, 5) && near(col, 6);
                assert!(!reached || !y.is_finite(), "{row} {col} is {y}");
                assert!(shares || y.is_finite(), "{row} {col} is {y}");
            }
        }
    }
}

#[test]
fn wrong_lengths_and_windows_are_told() {
    let s = Case::any(0, 4, 4).sweep();
    let told = |f: &dyn Fn()| {
        let payload = std::panic::catch_unwind(std::panic::AssertUnwindSafe(f)).expect_err("a panic");
        payload.downcast::<String>().expect("a sentence")
    };
    assert!(told(&|| drop(Winograd::new(&[0.0; 8], 1, 1, false, &s, Tile::Two))).contains("weights"));
    let window = Window { stride: [2; 2], ..s.window };
    let strided = Sweep { window, ..s };
    assert!(told(&|| drop(Winograd::new(&[0.0; 9], 1, 1, false, &strided, Tile::Two))).contains("moves by 1"));
    let filter = Winograd::new(&[0.0; 9], 1, 1, false, &s, Tile::Four);
    let x = vec![0.0; s.image[0] * s.image[1]];
    let mut y = vec![MaybeUninit::new(0.0); s.places[0] * s.places[1]];
    let short = std::cell::RefCell::new(&mut y[..]);
    assert!(told(&|| filter.run(&x[1..], 1, &Epilogue::default(), &mut short.borrow_mut())).contains("images"));
    let bias = Epilogue { bias: Some(&[]), ..Epilogue::default() };
    assert!(told(&|| filter.run(&x, 1, &bias, &mut short.borrow_mut())).contains("bias"));
}
