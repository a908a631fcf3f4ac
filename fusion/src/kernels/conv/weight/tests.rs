use super::super::{plain, sweep::Window};
use super::*;
use crate::kernels::Array;
use crate::kernels::testing::{dims, noise};

/// A number below `n` for each `i`.
fn pick(i: usize, n: usize) -> usize {
    ((noise(i) + 1.0) / 2.0 * n as f64) as usize
}

/// A window over an image, the channels in and out and the number of images, all kinds of them.
fn case(i: usize) -> (Sweep, [usize; 3]) {
    let mut at = i * 100;
    let mut pick = |n: usize| {
        at += 1;
        pick(at, n)
    };
    let mut each = |n: usize| [pick(n), pick(n)];
    let kernel = if i.is_multiple_of(13) {
        [1; 2]
    } else if i.is_multiple_of(3) {
        [3; 2]
    } else {
        each(7).map(|n| n + 1)
    };
    let stride = if i.is_multiple_of(2) { [1; 2] } else { each(4).map(|n| n + 1) };
    let dilation = if i.is_multiple_of(5) { each(3).map(|n| n + 1) } else { [1; 2] };
    let padding = if i.is_multiple_of(26) { [[0; 2]; 2] } else { [each(4), each(4)] };
    let mut image = each(17).map(|n| n + 1);
    if i.is_multiple_of(11) {
        image = [2, 200 + image[1]];
    }
    let groups = if i.is_multiple_of(4) { pick(5) + 1 } else { 1 };
    let most = if i.is_multiple_of(7) { 70 } else { 20 };
    let channels = [pick(most), pick(most)].map(|n| (n / groups + 1) * groups);
    let window = Window { kernel, stride, padding, dilation, groups };
    let places = std::array::from_fn(|axis| {
        let [before, after] = padding[axis];
        let room = image[axis] + before + after;
        room.checked_sub(dilation[axis] * (kernel[axis] - 1) + 1).map_or(0, |free| free / stride[axis] + 1)
    });
    (Sweep { window, image, places }, [pick(4), channels[0], channels[1]])
}

fn with<S: Vector<Elem = f32>>(x: &[f32], dy: &[f32], sizes: [usize; 3], s: &Sweep, count: usize) -> Vec<f32> {
    let mut dw = vec![MaybeUninit::new(f32::NAN); count];
    weight_by::<S>(x, dy, sizes, s, 1, &mut dw);
    // SAFETY: all were written when they were made.
    dw.into_iter().map(|w| unsafe { w.assume_init() }).collect()
}

/// What each kind of vectors gives, and the tiles of the widest on any machine.
fn on_each(x: &[f32], dy: &[f32], sizes: [usize; 3], s: &Sweep, count: usize) -> Vec<Vec<f32>> {
    let tiled = count > 0 && !x.is_empty() && !dy.is_empty();
    let mut all = vec![];
    if tiled {
        all.extend([
            with::<simd::Portable<f32, 4>>(x, dy, sizes, s, count),
            with::<simd::Portable<f32, 16>>(x, dy, sizes, s, count),
        ]);
    }
    #[cfg(target_arch = "x86_64")]
    if tiled && simd::isa() != Isa::Portable {
        all.push(with::<simd::F32x8>(x, dy, sizes, s, count));
    }
    #[cfg(target_arch = "x86_64")]
    if tiled && simd::isa() == Isa::Avx512 {
        all.push(with::<simd::F32x16>(x, dy, sizes, s, count));
    }
    // As it is chosen for this machine.
    let mut dw = vec![MaybeUninit::new(f32::NAN); count];
    weight(x, dy, sizes[0], sizes[1], sizes[2], s, &mut dw);
    // SAFETY: all were written when they were made.
    all.push(dw.into_iter().map(|w| unsafe { w.assume_init() }).collect());
    all
}

/// The plain way in `f64`; elements of images are given as they lie, channels-last.
fn plainly(x: &[f32], dy: &[f32], [images, inputs, outputs]: [usize; 3], s: &Sweep) -> Vec<f64> {
    let array = |elements: &[f32], channels: usize, [high, wide]: [usize; 2]| {
        Array::from_fn(dims(&[images, high, wide, channels]), |i| f64::from(elements[i])).permute(&[0, 3, 1, 2])
    };
    plain::conv2d_weight(&array(x, inputs, s.image), &array(dy, outputs, s.places), s).to_vec()
}

fn elements(count: usize, from: usize) -> Vec<f32> {
    (from..from + count).map(|i| noise(i) as f32).collect()
}

fn check(s: &Sweep, sizes: [usize; 3]) {
    let [images, inputs, outputs] = sizes;
    let x = elements(images * inputs * s.image[0] * s.image[1], 0);
    let dy = elements(images * outputs * s.places[0] * s.places[1], 9_000_000);
    let want = plainly(&x, &dy, sizes, s);
    let scale = ((images * s.places[0] * s.places[1]) as f64).sqrt().max(1.0);
    for (way, got) in on_each(&x, &dy, sizes, s, want.len()).iter().enumerate() {
        for (i, (&got, &want)) in got.iter().zip(&want).enumerate() {
            let right = (f64::from(got) - want).abs() <= 2e-6 * scale;
            assert!(right, "way {way} of {sizes:?} under {s:?}: weight {i} is {got}, not {want}");
        }
    }
}

#[test]
fn as_the_plain_way_for_all_kinds_of_windows() {
    let mut some = 0;
    for i in 0..400 {
        let (s, sizes) = case(i);
        check(&s, sizes);
        some += usize::from(sizes[0] * s.places[0] * s.places[1] > 0);
    }
    assert!(some > 200, "only {some} cases have places");
}

#[test]
fn blocks_and_strips_of_all_sizes() {
    let sweep = |kernel: usize, [high, wide]: [usize; 2], padding: usize, groups: usize| {
        let window = Window { groups, padding: [[padding; 2]; 2], ..Window::square(kernel) };
        let places = [high, wide].map(|n| n + 2 * padding + 1 - kernel);
        Sweep { window, image: [high, wide], places }
    };
    check(&sweep(3, [4, 5], 1, 1), [60, 40, 72]);
    check(&sweep(1, [3, 3], 0, 1), [30, 70, 33]);
    check(&sweep(3, [40, 21], 1, 1), [9, 4, 3]);
    check(&sweep(5, [3, 450], 2, 1), [1, 3, 17]);
    check(&sweep(3, [6, 6], 1, 40), [2, 80, 40]);
    check(&sweep(101, [1, 1], 50, 1), [1, 1, 2]);
}

#[test]
fn no_images_and_no_places() {
    let s = Sweep { window: Window::square(3), image: [2, 5], places: [0, 3] };
    for images in [0, 2] {
        let x = elements(images * 4 * 10, 0);
        for got in on_each(&x, &[], [images, 4, 6], &s, 6 * 4 * 9) {
            assert!(got.iter().all(|&w| w == 0.0));
        }
    }
}

/// Many strips of ones add up to a number that a single chain of sums would miss.
#[test]
fn long_sums_stay_exact() {
    let s = Sweep { window: Window::square(1), image: [64, 64], places: [64, 64] };
    let images = 40;
    let (x, dy) = (vec![0.1f32; images * 64 * 64], vec![1f32; images * 64 * 64]);
    let want = f64::from(0.1f32) * (images * 64 * 64) as f64;
    for got in on_each(&x, &dy, [images, 1, 1], &s, 1) {
        let error = (f64::from(got[0]) - want).abs() / want;
        assert!(error < 1e-5, "{} is not {want}: {error:e}", got[0]);
    }
}

#[test]
fn parts_for_threads_change_little_and_nothing_by_chance() {
    let s = Sweep { window: Window::square(3), image: [20, 20], places: [18, 18] };
    let (x, dy) = (elements(8 * 20 * 20 * 8, 0), elements(8 * 18 * 18 * 16, 1));
    let run = |threads| {
        let mut dw = vec![MaybeUninit::new(f32::NAN); 16 * 8 * 9];
        weight_by::<simd::Portable<f32, 4>>(&x, &dy, [8, 8, 16], &s, threads, &mut dw);
        // SAFETY: all were written when they were made.
        dw.into_iter().map(|w| unsafe { w.assume_init() }).collect::<Vec<f32>>()
    };
    let (one, three) = (run(1), run(3));
    assert_ne!(one, three);
    assert_eq!(three, run(3));
    assert!(one.iter().zip(&three).all(|(a, b)| (a - b).abs() < 1e-4));
}
