//! Tensors in text, as NumPy 2 prints arrays.

use super::Tensor;
use crate::graph::Value;
use crate::kernels::dtype::any;
use crate::kernels::{Array, Element};
use std::fmt;

/// Tensors of more elements are summarised.
const THRESHOLD: usize = 1000;
/// How many entries a summary shows at each end of an axis.
const EDGE: usize = 3;
/// Rows are broken where they would become longer.
const LINE: usize = 75;
/// The most digits behind the point.
const PRECISION: usize = 8;

/// Prints the elements in nested brackets as NumPy does: with as few digits as tell them apart and at most 8 behind the
/// point, columns aligned, more than 1000 elements shortened in the middle; then shape and type. `{:.3}` asks for at
/// most 3 digits behind the point.
///
/// ```
/// use fusion::prelude::*;
///
/// let x = Tensor::<shape![2, 2]>::from([[1.0, 2.5], [-3.0, 5.1]]);
/// assert_eq!(x.to_string(), "[[ 1.   2.5]\n [-3.   5.1]]\nshape [2, 2], f32");
/// assert_eq!(format!("{:.3}", Tensor::from([2.0f32 / 3.0, 1.0])), "[0.667 1.   ]\nshape [2], f32");
/// ```
impl<S, T> fmt::Display for Tensor<S, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.value(), f)
    }
}

impl<S, T> fmt::Debug for Tensor<S, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.value(), f)
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (array, precision) = (self.array(), f.precision());
        let text = any!(array.dtype(), T => text::<T>(array, precision));
        write!(f, "{text}\nshape {:?}, {}", array.shape(), array.dtype())
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The elements in brackets.
fn text<T: Word>(array: &Array, precision: Option<usize>) -> String {
    if array.count() == 0 {
        return "[]".into();
    }
    let layout = Layout { array, summarised: array.count() > THRESHOLD };
    let mut shown = Vec::new();
    layout.shown::<T>(&mut Vec::new(), &mut shown);
    if array.shape().rank() == 0 {
        return match precision {
            Some(precision) => T::words(&shown, precision)[0].trim().into(),
            None => shown[0].alone(),
        };
    }
    let mut words = T::words(&shown, precision.unwrap_or(PRECISION)).into_iter();
    layout.axis(0, &mut words)
}

/// Which elements are shown, and how they stand.
struct Layout<'a> {
    array: &'a Array,
    summarised: bool,
}

impl Layout<'_> {
    /// The indices shown along an axis; `None` stands for the dots.
    fn indices(&self, axis: usize) -> impl Iterator<Item = Option<usize>> + use<> {
        let n = self.array.shape().get(axis);
        let short = self.summarised && n > 2 * EDGE;
        let (head, tail) = if short { (EDGE, n - EDGE) } else { (n, n) };
        (0..head).map(Some).chain(short.then_some(None)).chain((tail..n).map(Some))
    }

    /// The elements shown, in C order.
    fn shown<T: Element>(&self, index: &mut Vec<usize>, shown: &mut Vec<T>) {
        if index.len() == self.array.shape().rank() {
            return shown.extend(self.array.get::<T>(index));
        }
        for i in self.indices(index.len()).flatten() {
            index.push(i);
            self.shown(index, shown);
            index.pop();
        }
    }

    /// What stands in the brackets of one axis, from the words of the elements shown.
    fn axis(&self, axis: usize, words: &mut impl Iterator<Item = String>) -> String {
        let rank = self.array.shape().rank();
        let indent = " ".repeat(axis + 1);
        let mut text = String::from("[");
        if axis + 1 < rank {
            for (place, i) in self.indices(axis).enumerate() {
                if place > 0 {
                    text += &"\n".repeat(rank - axis - 1);
                    text += &indent;
                }
                text += &i.map_or_else(|| "...".into(), |_| self.axis(axis + 1, words));
            }
            return text + "]";
        }
        // Each bracket around takes one place of the line.
        let room = LINE - axis - 1;
        let mut line = axis + 1;
        for (place, i) in self.indices(axis).enumerate() {
            let word = i.map_or_else(|| "...".into(), |_| words.next().expect("a word for each element"));
            let length = word.chars().count();
            if place > 0 {
                line += 1;
                if line + length > room {
                    text.truncate(text.trim_end_matches(' ').len());
                    text += "\n";
                    text += &indent;
                    line = axis + 1;
                } else {
                    text += " ";
                }
            }
            text += &word;
            line += length;
        }
        text + "]"
    }
}

/// An element type that can be printed.
trait Word: Element {
    /// The words of the elements shown, all equally long; at most `precision` digits behind the point.
    fn words(shown: &[Self], precision: usize) -> Vec<String>;

    /// The only element of a tensor of rank 0.
    fn alone(self) -> String;
}

macro_rules! whole {
    ($($T:ty)*) => { $(
        impl Word for $T {
            fn words(shown: &[Self], _: usize) -> Vec<String> {
                let words: Vec<String> = shown.iter().map(Self::to_string).collect();
                let width = words.iter().map(String::len).max().unwrap_or(0);
                words.into_iter().map(|word| format!("{word:>width$}")).collect()
            }

            fn alone(self) -> String {
                self.to_string()
            }
        }
    )* };
}
whole!(i64 u8);

impl Word for bool {
    fn words(shown: &[Self], _: usize) -> Vec<String> {
        shown.iter().map(|&x| if x { " True" } else { "False" }.into()).collect()
    }

    fn alone(self) -> String {
        if self { "True" } else { "False" }.into()
    }
}

/// The digits of a number before and behind the point, and its exponent.
struct Digits {
    whole: String,
    fraction: String,
    exponent: i32,
}

impl Digits {
    /// Of Rust's text, without zeros at the end.
    fn of(text: &str) -> Self {
        let (digits, exponent) = text.split_once('e').unwrap_or((text, "0"));
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        Self {
            whole: whole.into(),
            fraction: fraction.trim_end_matches('0').into(),
            exponent: exponent.parse().expect("the exponent of a number"),
        }
    }

    /// The exponent with its sign and at least so many digits.
    fn exponent(&self, digits: usize) -> String {
        format!("e{}{:0digits$}", if self.exponent < 0 { '-' } else { '+' }, self.exponent.abs())
    }

    /// The longest of a part of each.
    fn longest(all: &[Option<Self>], part: impl Fn(&Self) -> usize) -> Option<usize> {
        all.iter().flatten().map(part).max()
    }
}

// From which size on numbers are written with an exponent: in a list, and alone.
macro_rules! float {
    ($T:ty, $largest:literal, $alone:literal) => {
        impl Word for $T {
            fn words(shown: &[Self], precision: usize) -> Vec<String> {
                let sizes = || shown.iter().map(|x| x.abs()).filter(|&x| x.is_finite() && x != 0.0);
                let (largest, smallest) = (sizes().fold(0.0, Self::max), sizes().fold(Self::INFINITY, Self::min));
                // The limits as numbers of this type: 0.0001f32 is not below 0.0001.
                let scientific =
                    largest > 0.0 && (largest >= $largest || smallest < 0.0001 || largest / smallest > 1000.0);
                // The shortest text that tells the number apart, or the nearest one of `precision` digits.
                let digits = |x: &Self| {
                    let shortest = Digits::of(&if scientific { format!("{x:e}") } else { x.to_string() });
                    match (shortest.fraction.len() > precision, scientific) {
                        (false, _) => shortest,
                        (true, false) => Digits::of(&format!("{x:.precision$}")),
                        (true, true) => Digits::of(&format!("{x:.precision$e}")),
                    }
                };
                let all: Vec<_> = shown.iter().map(|x| x.is_finite().then(|| digits(x))).collect();
                let mut before = Digits::longest(&all, |x| x.whole.len()).unwrap_or(0);
                let behind = Digits::longest(&all, |x| x.fraction.len()).unwrap_or(0);
                let exponent = Digits::longest(&all, |x| x.exponent(2).len() - 2).filter(|_| scientific);
                // The point, what is behind it, and the exponent with its `e` and sign.
                let rest = 1 + behind + exponent.map_or(0, |digits| digits + 2);
                for x in shown.iter().filter(|x| !x.is_finite()) {
                    before = before.max(x.alone().len().saturating_sub(rest));
                }
                let word = |(x, digits): (&Self, &Option<Digits>)| match (digits, exponent) {
                    (None, _) => format!("{:>width$}", x.alone(), width = before + rest),
                    (Some(x), None) => format!("{:>before$}.{:<behind$}", x.whole, x.fraction),
                    (Some(x), Some(n)) => format!("{:>before$}.{:0<behind$}{}", x.whole, x.fraction, x.exponent(n)),
                };
                shown.iter().zip(&all).map(word).collect()
            }

            fn alone(self) -> String {
                let size = f64::from(self).abs();
                if self.is_nan() {
                    "nan".into()
                } else if size.is_infinite() || size == 0.0 || (1e-4..$alone).contains(&size) {
                    let text = self.to_string();
                    if size.is_infinite() || text.contains('.') { text } else { text + ".0" }
                } else {
                    let digits = Digits::of(&format!("{self:e}"));
                    let point = if digits.fraction.is_empty() { "" } else { "." };
                    format!("{}{point}{}{}", digits.whole, digits.fraction, digits.exponent(2))
                }
            }
        }
    };
}
float!(f32, 1e6, 1e6);
float!(f64, 1e8, 1e16);
