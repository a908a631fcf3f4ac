//! What figures are made of: numbers and pairs of them.

/// A number that can be drawn. `None` is none, as NaN is: a line has a gap there.
///
/// ```
/// use fusion::plot::Coordinate;
///
/// assert_eq!((3_u8.coordinate(), Some(0.5_f32).coordinate()), (3.0, 0.5));
/// assert!(None::<f64>.coordinate().is_nan());
/// ```
pub trait Coordinate {
    /// It as `f64`.
    fn coordinate(&self) -> f64;
}

/// A point of a figure: a pair, or a number, whose other coordinate is its place in the list, from 0 on.
///
/// ```
/// use fusion::plot::Point;
///
/// assert_eq!((0.25, 4).point(7), (0.25, 4.0));
/// assert_eq!([1.0, 2.0].point(7), (1.0, 2.0));
/// assert_eq!(0.5.point(7), (7.0, 0.5));
/// ```
pub trait Point {
    /// Its two coordinates; `index` is its place in the list.
    fn point(&self, index: usize) -> (f64, f64);
}

macro_rules! numbers {
    ($($T:ty)*) => { $(
        impl Coordinate for $T {
            fn coordinate(&self) -> f64 {
                *self as f64
            }
        }

        impl Point for $T {
            fn point(&self, index: usize) -> (f64, f64) {
                (index as f64, *self as f64)
            }
        }
    )* };
}
numbers! { f32 f64 i8 i16 i32 i64 isize u8 u16 u32 u64 usize }

impl<C: Coordinate> Coordinate for Option<C> {
    fn coordinate(&self) -> f64 {
        self.as_ref().map_or(f64::NAN, C::coordinate)
    }
}

impl<C: Coordinate + ?Sized> Coordinate for &C {
    fn coordinate(&self) -> f64 {
        (**self).coordinate()
    }
}

impl<C: Coordinate> Point for Option<C> {
    fn point(&self, index: usize) -> (f64, f64) {
        (index as f64, self.coordinate())
    }
}

impl<P: Point + ?Sized> Point for &P {
    fn point(&self, index: usize) -> (f64, f64) {
        (**self).point(index)
    }
}

impl<X: Coordinate, Y: Coordinate> Point for (X, Y) {
    fn point(&self, _: usize) -> (f64, f64) {
        (self.0.coordinate(), self.1.coordinate())
    }
}

impl<C: Coordinate> Point for [C; 2] {
    fn point(&self, _: usize) -> (f64, f64) {
        (self[0].coordinate(), self[1].coordinate())
    }
}

/// Numbers of a larger size count as infinite, so that differences of two stay finite.
const LARGEST: f64 = 1e300;

/// Whether a number has a place in a figure.
pub(super) fn drawable(x: f64) -> bool {
    x.abs() <= LARGEST
}

pub(super) fn numbers(values: impl IntoIterator<Item = impl Coordinate>) -> Vec<f64> {
    values.into_iter().map(|value| value.coordinate()).collect()
}

pub(super) fn points(points: impl IntoIterator<Item = impl Point>) -> Vec<(f64, f64)> {
    points.into_iter().enumerate().map(|(index, point)| point.point(index)).collect()
}

/// The least and the greatest of those numbers that have a place in a figure.
pub(super) fn extent(numbers: impl IntoIterator<Item = f64>) -> Option<(f64, f64)> {
    let join = |found: Option<(f64, f64)>, x: f64| {
        let (low, high) = found.unwrap_or((x, x));
        Some((low.min(x), high.max(x)))
    };
    numbers.into_iter().filter(|&x| drawable(x)).fold(None, join)
}
