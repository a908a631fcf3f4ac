//! Which way a convolution is computed.

use super::sweep::Sweep;
use super::winograd::{Tile, is_for, multiplied};
use crate::kernels::simd::{Isa, isa};
use std::sync::atomic::{AtomicU8, Ordering};

/// A way to compute a convolution.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Way {
    /// Each sum as it stands.
    Direct,
    /// By transformed tiles.
    Winograd(Tile),
    /// A window for each channel.
    Depthwise,
    /// The products of all places with all weights, each added to where it belongs.
    Folded,
}

/// Which ways may be taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ways {
    /// All: the fastest is.
    Any,
    /// Those that compute each sum as it stands.
    Direct,
    /// Winograd's wherever the window allows it.
    Winograd,
}

impl Ways {
    const ALL: [Self; 3] = [Self::Any, Self::Direct, Self::Winograd];

    /// What `FUSION_CONV` calls it.
    fn name(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Direct => "direct",
            Self::Winograd => "winograd",
        }
    }
}

/// Nobody has asked yet.
const UNKNOWN: u8 = u8::MAX;
/// The place in [`Ways::ALL`].
static WAYS: AtomicU8 = AtomicU8::new(UNKNOWN);

#[cfg(test)]
thread_local! {
    static TRIED: std::cell::Cell<Option<Ways>> = const { std::cell::Cell::new(None) };
}

/// Runs `test` with no other ways than these on its thread.
#[cfg(test)]
pub fn with_ways<R>(ways: Ways, test: impl FnOnce() -> R) -> R {
    TRIED.set(Some(ways));
    let result = test();
    TRIED.set(None);
    result
}

/// Which ways may be taken: what [`set_direct_convolutions`] said, else what the environment's `FUSION_CONV` says.
pub fn ways() -> Ways {
    #[cfg(test)]
    if let Some(ways) = TRIED.get() {
        return ways;
    }
    match WAYS.load(Ordering::Relaxed) {
        UNKNOWN => {
            let ways = named(std::env::var("FUSION_CONV").ok().as_deref());
            WAYS.store(ways as u8, Ordering::Relaxed);
            ways
        }
        known => Ways::ALL[usize::from(known)],
    }
}

/// The ways of that name, any without one.
fn named(name: Option<&str>) -> Ways {
    let Some(name) = name else { return Ways::Any };
    let ways = Ways::ALL.into_iter().find(|ways| ways.name() == name);
    ways.unwrap_or_else(|| panic!("FUSION_CONV is any, direct or winograd, not {name:?}"))
}

/// Turns the fast way off with which `f32` convolutions with windows of 3x3 are computed where it pays, or on again.
///
/// It is Winograd's: it takes a half to a quarter of the multiplications, and sums differ from those taken one by one, in the
/// last digits. The largest error of a result, in units of the root mean square of all results, with 16 to 512 channels:
///
/// | inputs | each sum by itself | this way |
/// | --- | --- | --- |
/// | normal, or normal after ReLU | 1.1e-5 | 2.2e-5 |
/// | heavy-tailed, as gradients are | 3.7e-5 | 6.8e-5 |
///
/// An input that is infinite or NaN makes all results NaN that share a tile of 4x4 with one that it reaches. Where either
/// matters, call this before the first convolution, or set the environment's `FUSION_CONV` to `direct`. PyTorch leaves the
/// choice to its libraries.
///
/// ```
/// fusion::set_direct_convolutions(true);
/// ```
pub fn set_direct_convolutions(on: bool) {
    let ways = if on { Ways::Direct } else { Ways::Any };
    WAYS.store(ways as u8, Ordering::Relaxed);
}

/// How much of the machine's multiplications the loops of products reach: both kinds about the same.
const SHARE: f64 = 0.85;
/// As [`SHARE`], of direct sums for a single vector of AVX-512: each multiplication has a load of its own there, and loads are
/// what it waits for.
const SHARE_OF_ONE: f64 = 0.65;
/// What both transforms of a tile cost for a point and a channel, in multiplications: loads and stores, mostly. 9 to 20 were
/// measured.
const TRANSFORM: f64 = 20.0;
/// As [`SHARE`], of the sums over tiles.
const GRADIENT_SHARE: f64 = 0.75;
/// What it costs that a sum over tiles is made and read again, in multiplications: in the third cache, and in memory, where
/// those of more than so many pairs of channels lie.
const SUM: [f64; 2] = [35.0, 85.0];
const MANY_PAIRS: usize = 1 << 16;
/// Up to so many weights lie in the second cache, with others from memory: that makes a difference where the multiplications
/// themselves are fast.
const NEAR: f64 = (1 << 18) as f64;

/// How many times as many multiplications the direct way may take as [`Way::Folded`].
const MANY_ZEROS: usize = 4;

/// Would each element of the transposed image be a sum over mostly zeros around the few places, as under a window as large as
/// the image?
fn is_mostly_zeros(s: &Sweep) -> bool {
    let taken = s.places.iter().chain(&s.window.stride).fold(MANY_ZEROS, |all, &n| all.saturating_mul(n));
    s.image[0].saturating_mul(s.image[1]) > taken
}

/// The way for a convolution of `images` images over `s`, from `inputs` to `outputs` channels, whose weights are used
/// more often than once; or for its transpose, where the first are those of the images that it takes.
///
/// The time of each way is estimated, in multiplications: those of its products, its transforms, and the weights' way from
/// where they lie, during which products go on. What was measured agrees in its order, for batches of 1 to 128, 7x7 to 208x208
/// places and 16 to 1024 channels, on a machine with AVX2 and on one with AVX-512: most go to tiles of 4x4; few places with
/// many channels to 2x2, and 7x7 with 512 channels, one image, to the direct way with AVX-512.
pub fn way(s: &Sweep, inputs: usize, outputs: usize, images: usize, transposed: bool) -> Way {
    if s.window.is_depthwise(inputs, outputs) {
        return Way::Depthwise;
    }
    if transposed && is_mostly_zeros(s) {
        return Way::Folded;
    }
    let allowed = ways();
    if allowed == Ways::Direct || !is_for(s) {
        return Way::Direct;
    }
    let lanes = lanes();
    let places = if transposed { s.image } else { s.places };
    let pairs = inputs as f64 * outputs as f64;
    let direct = 9.0 * (images * places[0] * places[1]) as f64 * pairs;
    let share = if isa() == Isa::Avx512 && outputs <= lanes { SHARE_OF_ONE } else { SHARE };
    let direct = (direct / share).max(fetched(9.0 * pairs));
    // Here channels and outputs come in whole vectors.
    let (inputs, transformed) = (inputs.next_multiple_of(lanes), outputs.next_multiple_of(lanes));
    let outputs = multiplied(outputs);
    let tiled = |tile: Tile| {
        let tiles = images * places[0].div_ceil(tile.side()) * places[1].div_ceil(tile.side());
        let (tiles, points, pairs) = (tiles as f64, tile.points() as f64, inputs as f64 * outputs as f64);
        let products = (tiles * points * pairs / SHARE).max(fetched(points * pairs));
        products + tiles * points * TRANSFORM * (inputs + transformed) as f64
    };
    let (two, four) = (tiled(Tile::Two), tiled(Tile::Four));
    let tile = if four <= two { Tile::Four } else { Tile::Two };
    if allowed == Ways::Winograd || two.min(four) < direct { Way::Winograd(tile) } else { Way::Direct }
}

/// The way for the gradient by the weights of a convolution of `images` images over `s`.
///
/// Tiles of 4x4 are estimated as in [`way`]; here all sums, 36 for each pair of channels, come and go with each block of
/// tiles, which is much against the products of few. 8 images of 7x7 with 512 channels go the direct way (where both take
/// about as long), 8 of 14x14 with 256 do not.
pub fn weight_way(s: &Sweep, inputs: usize, outputs: usize, images: usize) -> Way {
    if s.window.is_depthwise(inputs, outputs) {
        return Way::Depthwise;
    }
    let allowed = ways();
    if allowed == Ways::Direct || !is_for(s) {
        return Way::Direct;
    }
    let lanes = lanes();
    let direct = 9.0 * (images * s.places[0] * s.places[1]) as f64 * (inputs * outputs) as f64 / SHARE;
    let tile = Tile::Four;
    let tiles = images * s.places[0].div_ceil(tile.side()) * s.places[1].div_ceil(tile.side());
    let (tiles, points) = (tiles as f64, tile.points() as f64);
    let (inputs, outputs) = (inputs.next_multiple_of(lanes), multiplied(outputs));
    let pairs = inputs as f64 * outputs as f64;
    let sum = SUM[usize::from(inputs * outputs > MANY_PAIRS)];
    let tiled =
        (tiles / GRADIENT_SHARE + sum) * points * pairs + tiles * points * TRANSFORM * (inputs + outputs) as f64;
    if allowed == Ways::Winograd || tiled < direct { Way::Winograd(tile) } else { Way::Direct }
}

/// How many multiplications take as long as so many weights need to come from where they lie.
fn fetched(weights: f64) -> f64 {
    let each = match isa() {
        Isa::Avx512 if weights <= NEAR => 16.0,
        Isa::Avx512 => 40.0,
        Isa::Avx2 => 10.0,
        Isa::Portable => 5.0,
    };
    weights * each
}

/// Elements of a vector here.
fn lanes() -> usize {
    match isa() {
        Isa::Avx512 => 16,
        Isa::Avx2 => 8,
        Isa::Portable => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::conv::sweep::Window;

    /// A window of 3x3 over a square, with as many places.
    fn same(size: usize) -> Sweep {
        let window = Window { padding: [[1; 2]; 2], ..Window::square(3) };
        Sweep { window, image: [size; 2], places: [size; 2] }
    }

    fn chosen(size: usize, [inputs, outputs]: [usize; 2], images: usize) -> Way {
        with_ways(Ways::Any, || way(&same(size), inputs, outputs, images, false))
    }

    #[test]
    fn the_fastest_that_was_measured() {
        let (two, four) = (Way::Winograd(Tile::Two), Way::Winograd(Tile::Four));
        for (size, channels, images, best) in [
            (32, [16, 16], 128, four),
            (16, [32, 32], 128, four),
            (8, [64, 64], 128, four),
            (56, [64, 64], 1, four),
            (28, [128, 128], 8, four),
            (14, [256, 256], 8, four),
            (7, [512, 512], 8, four),
            (26, [256, 512], 1, four),
            (32, [3, 16], 128, Way::Direct),
            (1, [64, 64], 1, Way::Direct),
        ] {
            if isa() != Isa::Portable {
                assert_eq!(chosen(size, channels, images), best, "{size} {channels:?} {images}");
            }
        }
        let few = chosen(7, [512, 512], 1);
        match isa() {
            Isa::Avx2 => assert_eq!(few, two),
            Isa::Avx512 => assert_eq!(few, Way::Direct),
            Isa::Portable => {}
        }
        // As few places whose weights stay in the second cache.
        if isa() == Isa::Avx512 {
            assert_eq!(chosen(8, [64, 64], 1), two);
        }
    }

    #[test]
    fn the_fastest_gradient_that_was_measured() {
        let four = Way::Winograd(Tile::Four);
        for (size, channels, images, best) in [
            (32, [16, 16], 128, four),
            (8, [64, 64], 128, four),
            (56, [64, 64], 1, four),
            (14, [256, 256], 8, four),
            (26, [256, 512], 1, four),
            (7, [512, 512], 1, Way::Direct),
            (13, [512, 1024], 1, Way::Direct),
            (32, [3, 16], 128, Way::Direct),
        ] {
            if isa() == Isa::Avx2 {
                let got = with_ways(Ways::Any, || weight_way(&same(size), channels[0], channels[1], images));
                assert_eq!(got, best, "{size} {channels:?} {images}");
            }
        }
    }

    #[test]
    fn what_the_environment_says() {
        assert_eq!(named(None), Ways::Any);
        for ways in Ways::ALL {
            assert_eq!(named(Some(ways.name())), ways);
            assert_eq!(Ways::ALL[ways as usize], ways);
        }
        let message = std::panic::catch_unwind(|| named(Some("fast"))).unwrap_err();
        assert!(message.downcast_ref::<String>().unwrap().contains("not \"fast\""));
    }

    #[test]
    fn windows_as_large_as_the_image_are_folded() {
        let s = Sweep { window: Window::square(7), image: [7; 2], places: [1; 2] };
        assert_eq!(way(&s, 64, 64, 8, true), Way::Folded);
        assert_eq!(way(&s, 64, 64, 8, false), Way::Direct);
        let two = Window { stride: [2; 2], padding: [[1; 2]; 2], ..Window::square(4) };
        let s = Sweep { window: two, image: [8; 2], places: [4; 2] };
        assert_eq!(way(&s, 64, 64, 8, true), Way::Direct);
    }

    #[test]
    fn other_windows_are_not_tiled() {
        let square = Window::square(3);
        for window in [
            Window { stride: [1, 2], ..square },
            Window { dilation: [2, 1], ..square },
            Window { groups: 2, ..square },
            Window::square(5),
        ] {
            let s = Sweep { window, image: [12; 2], places: [4; 2] };
            with_ways(Ways::Winograd, || {
                assert_eq!(way(&s, 64, 64, 8, false), Way::Direct);
                assert_eq!(weight_way(&s, 64, 64, 8), Way::Direct);
            });
        }
    }
}
