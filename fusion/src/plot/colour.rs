//! Colours: of series and classes, of numbers, of pixels.

use plotters::style::RGBColor;

pub(super) type Rgb = [u8; 3];

pub(super) const WHITE: Rgb = [255, 255, 255];
/// Titles and names.
pub(super) const INK: Rgb = [34, 38, 46];
/// Ticks' numbers.
pub(super) const SOFT: Rgb = [84, 90, 100];
/// The lines of axes.
pub(super) const AXIS: Rgb = [138, 144, 153];
/// The lines of the grid.
pub(super) const GRID: Rgb = [230, 232, 236];
/// Where there is no number: NaN in a heat map, say.
pub(super) const NOTHING: Rgb = [214, 214, 214];

/// The colours of series and classes, one after the other.
const SERIES: [Rgb; 10] = [
    [31, 111, 180],
    [230, 113, 44],
    [38, 152, 104],
    [178, 70, 152],
    [80, 178, 214],
    [214, 160, 0],
    [118, 92, 194],
    [192, 52, 44],
    [104, 108, 116],
    [138, 104, 46],
];

/// From a little to much.
const AMOUNT: [Rgb; 5] = [[246, 249, 254], [190, 213, 237], [107, 163, 212], [40, 104, 172], [12, 48, 104]];

/// From below zero to above it.
const SIGNED: [Rgb; 5] = [[24, 84, 156], [132, 178, 220], [250, 250, 250], [236, 150, 130], [170, 34, 44]];

pub(super) fn series(index: usize) -> Rgb {
    SERIES[index % SERIES.len()]
}

pub(super) fn plain([r, g, b]: Rgb) -> RGBColor {
    RGBColor(r, g, b)
}

/// From `a` (0) to `b` (1).
pub(super) fn mix(a: Rgb, b: Rgb, t: f64) -> Rgb {
    std::array::from_fn(|i| (f64::from(a[i]) + (f64::from(b[i]) - f64::from(a[i])) * t).round() as u8)
}

/// The colour that dark text can stand on, or not.
pub(super) fn is_dark([r, g, b]: Rgb) -> bool {
    299 * u32::from(r) + 587 * u32::from(g) + 114 * u32::from(b) < 140_000
}

/// How numbers from `low` to `high` become colours.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    pub(super) low: f64,
    pub(super) high: f64,
    kind: Kind,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Amount,
    Signed,
    Grey,
}

impl Scale {
    /// Of numbers within these bounds: with zero in the middle if some are below it and some above.
    pub(super) fn new((low, high): (f64, f64)) -> Self {
        if low < 0.0 && high > 0.0 { Self::signed((low, high)) } else { Self { low, high, kind: Kind::Amount } }
    }

    /// With zero in the middle.
    pub(super) fn signed((low, high): (f64, f64)) -> Self {
        let most = low.abs().max(high.abs());
        Self { low: -most, high: most, kind: Kind::Signed }
    }

    /// From black to white.
    pub(super) fn grey((low, high): (f64, f64)) -> Self {
        Self { low, high, kind: Kind::Grey }
    }

    /// Where a number stands from 0 to 1; in the middle, if all are one.
    pub(super) fn share(&self, x: f64) -> f64 {
        if self.high > self.low { ((x - self.low) / (self.high - self.low)).clamp(0.0, 1.0) } else { 0.5 }
    }

    pub(super) fn colour(&self, x: f64) -> Rgb {
        if !super::points::drawable(x) {
            return NOTHING;
        }
        let t = self.share(x);
        let stops = match self.kind {
            Kind::Amount => &AMOUNT,
            Kind::Signed => &SIGNED,
            Kind::Grey => return mix([0; 3], WHITE, t),
        };
        let at = t * (stops.len() - 1) as f64;
        let first = (at as usize).min(stops.len() - 2);
        mix(stops[first], stops[first + 1], at - first as f64)
    }
}

/// Pixels, row by row from the top.
#[derive(Clone, Debug)]
pub(super) struct Picture {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) pixels: Vec<Rgb>,
}

impl Picture {
    pub(super) fn new(width: usize, height: usize, pixels: impl Iterator<Item = Rgb>) -> Self {
        let pixels: Vec<Rgb> = pixels.collect();
        assert_eq!(pixels.len(), width * height, "a colour for each pixel");
        Self { width, height, pixels }
    }
}
