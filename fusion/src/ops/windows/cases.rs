//! Which windows are tried: those that networks have, those around the edges of tiles and vectors, and random ones.

use super::Case;
use crate::ops::conv::Window;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// The most multiplications of one product, so that all are done in seconds.
const MOST: usize = 120_000;

/// `padding` on all four sides, and a stride in both directions.
fn square(kernel: usize, stride: usize, padding: usize) -> Window {
    Window { padding: [[padding; 2]; 2], stride: [stride; 2], ..Window::square(kernel) }
}

/// Layers of the known networks over parts of their images: kernel, stride, padding, channels, image.
const KNOWN: [([usize; 3], [usize; 2], [usize; 2]); 20] = [
    ([7, 2, 3], [3, 64], [17, 18]),  // ResNet's first
    ([11, 4, 2], [3, 64], [31, 27]), // AlexNet's first
    ([11, 4, 2], [3, 9], [35, 36]),
    ([5, 1, 2], [64, 10], [5, 6]), // AlexNet's second
    ([5, 1, 2], [1, 6], [14, 13]), // LeNet-5's
    ([5, 1, 0], [6, 16], [9, 10]),
    ([3, 1, 0], [1, 32], [12, 13]), // LeNet's
    ([3, 1, 0], [32, 64], [4, 5]),
    ([3, 1, 1], [3, 16], [16, 15]), // ResNet-20's
    ([3, 1, 1], [16, 16], [9, 8]),
    ([3, 2, 1], [16, 32], [9, 8]),
    ([1, 2, 0], [16, 32], [9, 8]),
    ([3, 1, 1], [64, 64], [2, 1]), // the last of larger ones
    ([3, 1, 1], [70, 67], [1, 2]),
    ([3, 2, 1], [64, 64], [3, 2]),
    ([3, 2, 1], [3, 32], [13, 14]), // MobileNet's first
    ([1, 1, 0], [70, 70], [4, 5]),
    ([1, 1, 0], [64, 33], [7, 1]),
    ([1, 1, 0], [3, 64], [9, 9]),
    ([3, 1, 1], [64, 3], [7, 6]), // a head
];

/// All that are tried.
pub(super) fn all() -> Vec<Case> {
    let mut cases = Vec::new();
    // Around the edges of tiles: every size of image up to the second tile, and of channels around those of vectors.
    for (high, wide) in (1..=9).flat_map(|high| (1..=9).map(move |wide| (high, wide))) {
        for (padding, stride) in [(1, 1), (1, 2), (2, 1), (0, 1)] {
            let window = square(3, stride, padding);
            cases.push(Case { window, images: 1 + (high + wide) % 2, channels: [5, 7], image: [high, wide] });
        }
        let window = square(1, 1 + high % 2, 0);
        cases.push(Case { window, images: 1, channels: [wide, 2 * high], image: [high, wide] });
    }
    for channels in 1..=70 {
        let around = [channels, 1 + channels * 29 % 70];
        for image in [[4, 5], [3, 1]] {
            cases.push(Case { window: square(3, 1, 1), images: 1, channels: around, image });
            cases.push(Case { window: square(1, 1, 0), images: 2, channels: around, image });
            cases.push(Case { window: square(3, 2, 1), images: 1, channels: around, image });
            let depthwise = Window { groups: channels, ..square(3, 1 + channels % 2, 1) };
            cases.push(Case { window: depthwise, images: 2, channels: [channels; 2], image });
        }
    }
    // The last group of tiles of a long row, and rows that no tile divides.
    for wide in 20..=70 {
        cases.push(Case { window: square(3, 1, 1), images: 1, channels: [3, 8], image: [2, wide] });
        cases.push(Case { window: square(3, 2, 1), images: 1, channels: [4, 9], image: [3, wide] });
        cases.push(Case { window: square(1, 1, 0), images: 1, channels: [17, 6], image: [1, wide] });
    }
    let mut rng = StdRng::seed_from_u64(11);
    cases.extend((0..1400).map(|_| any(&mut rng)));
    cases.retain(|case| case.work().is_some_and(|work| work <= 4 * MOST));
    for ([kernel, stride, padding], channels, image) in KNOWN {
        let window = square(kernel, stride, padding);
        cases.extend([1, 2].map(|images| Case { window, images, channels, image }));
    }
    cases
}

/// A random one.
fn any(rng: &mut StdRng) -> Case {
    loop {
        let square_kernel = [1, 2, 3, 3, 3, 4, 5, 7][rng.random_range(0..8)];
        let kernel = match rng.random_range(0..4) {
            0 => [rng.random_range(1..=6), rng.random_range(1..=6)],
            _ => [square_kernel; 2],
        };
        let pair = |rng: &mut StdRng, most: usize| match rng.random_range(0..5) {
            0 => [rng.random_range(1..=most), rng.random_range(1..=most)],
            1 | 2 => [rng.random_range(1..=most); 2],
            _ => [1; 2],
        };
        let (stride, dilation) = (pair(rng, 4), pair(rng, 3));
        let padding = match rng.random_range(0..4) {
            0 => [[0; 2]; 2],
            // As large as the image was.
            1 | 2 => [0, 1].map(|axis| [dilation[axis] * (kernel[axis] - 1) / 2; 2]),
            // Also more than the window reaches.
            _ => [0, 1].map(|axis| [0, 1].map(|_| rng.random_range(0..=dilation[axis] * kernel[axis]))),
        };
        let (groups, channels) = match rng.random_range(0..10) {
            // Each channel for itself.
            0 | 1 => {
                let channels = rng.random_range(1..=70);
                (channels, [channels, channels * rng.random_range(1..=2)])
            }
            2..5 => {
                let groups = rng.random_range(2..=6);
                (groups, [groups * rng.random_range(1..=12), groups * rng.random_range(1..=12)])
            }
            _ => (1, [rng.random_range(1..=70), rng.random_range(1..=70)]),
        };
        let image = [rng.random_range(1..=17), rng.random_range(1..=21)];
        let window = Window { kernel, stride, padding, dilation, groups };
        let case = Case { window, images: rng.random_range(1..=3), channels, image };
        if case.work().is_some_and(|work| work <= MOST) {
            return case;
        }
    }
}
