//! Tensors in text, as NumPy prints them.

use super::Tensor;
use crate::graph::Value;
use crate::kernels::{Array, DType, Element};
use std::fmt;

/// Tensors of more elements are summarised.
const THRESHOLD: usize = 1000;
/// How many entries a summary shows at each end of an axis.
const EDGE: usize = 3;

/// Prints the elements in nested brackets, columns aligned, long axes shortened in the middle; then shape and type.
///
/// ```
/// use fusion::prelude::*;
///
/// let x = Tensor::<shape![2, 2]>::from([[1.0, 2.5], [-3.0, 4.0]]);
/// assert_eq!(x.to_string(), "[[ 1.   2.5]\n [-3.   4. ]]\nshape [2, 2], f32");
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
        let array = self.array();
        let text: &dyn fmt::Display = match array.dtype() {
            DType::F32 => &Text::<f32>::new(array),
            DType::F64 => &Text::<f64>::new(array),
            DType::I64 => &Text::<i64>::new(array),
            DType::U8 => &Text::<u8>::new(array),
            DType::Bool => &Text::<bool>::new(array),
        };
        write!(f, "{text}\nshape {:?}, {}", array.shape(), array.dtype())
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<T: Element> fmt::Display for Text<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.axis(f, &mut Vec::new())
    }
}

struct Text<'a, T> {
    array: &'a Array,
    summarised: bool,
    style: Style,
    width: usize,
    element: std::marker::PhantomData<T>,
}

/// How the numbers of a tensor are written, all alike.
#[derive(Clone, Copy)]
enum Style {
    /// Integers and truth values.
    Plain,
    /// This many digits before the point are dropped in favour of at most 8 behind it, padded with blanks.
    Fixed { decimals: usize },
    /// Very large, very small or very different numbers.
    Scientific { decimals: usize },
}

impl<'a, T: Element> Text<'a, T> {
    fn new(array: &'a Array) -> Self {
        let mut text = Self {
            array,
            summarised: array.count() > THRESHOLD,
            style: Style::Plain,
            width: 0,
            element: std::marker::PhantomData,
        };
        let mut shown = Vec::new();
        text.collect(&mut Vec::new(), &mut shown);
        if matches!(array.dtype(), DType::F32 | DType::F64) {
            text.style = style(&shown);
        }
        text.width = shown.iter().map(|x| text.write(x).chars().count()).max().unwrap_or(0);
        text
    }

    /// The indices shown along an axis of `n`; `None` stands for the dots.
    fn indices(&self, n: usize) -> impl Iterator<Item = Option<usize>> + use<T> {
        let short = self.summarised && n > 2 * EDGE;
        let (head, tail) = if short { (EDGE, n - EDGE) } else { (n, n) };
        (0..head).map(Some).chain(short.then_some(None)).chain((tail..n).map(Some))
    }

    fn collect(&self, index: &mut Vec<usize>, shown: &mut Vec<T>) {
        if index.len() == self.array.shape().rank() {
            return shown.extend(self.array.get::<T>(index));
        }
        for i in self.indices(self.array.shape().get(index.len())).flatten() {
            index.push(i);
            self.collect(index, shown);
            index.pop();
        }
    }

    fn axis(&self, f: &mut fmt::Formatter<'_>, index: &mut Vec<usize>) -> fmt::Result {
        let rank = self.array.shape().rank();
        let depth = index.len();
        if depth == rank {
            let element = self.array.get::<T>(index).expect("inside");
            let width = if rank == 0 { 0 } else { self.width };
            let text = self.write(&element);
            return if rank == 0 { f.write_str(text.trim_end()) } else { write!(f, "{text:>width$}") };
        }
        f.write_str("[")?;
        for (place, i) in self.indices(self.array.shape().get(depth)).enumerate() {
            if place > 0 {
                let gap = rank - depth - 1;
                if gap == 0 {
                    f.write_str(" ")?;
                } else {
                    write!(f, "{}{}", "\n".repeat(gap), " ".repeat(depth + 1))?;
                }
            }
            match i {
                None => f.write_str("...")?,
                Some(i) => {
                    index.push(i);
                    self.axis(f, index)?;
                    index.pop();
                }
            }
        }
        f.write_str("]")
    }

    fn write(&self, element: &T) -> String {
        let text = element.to_string();
        if text == "NaN" {
            return "nan".into();
        }
        match self.style {
            Style::Plain => text,
            Style::Fixed { decimals } => {
                let text = format!("{element:.decimals$}");
                if !text.contains('.') {
                    // inf and NaN, or no decimals at all
                    return if text.ends_with(|c: char| c.is_ascii_digit()) { text + "." } else { text };
                }
                let short = text.trim_end_matches('0');
                format!("{short:<width$}", width = text.len())
            }
            Style::Scientific { decimals } => match number(element) {
                x if x.is_finite() => {
                    let text = format!("{x:.decimals$e}");
                    let (digits, exponent) = text.split_once('e').expect("an exponent");
                    let exponent: i32 = exponent.parse().expect("a number");
                    let sign = if exponent < 0 { '-' } else { '+' };
                    let point = if digits.contains('.') { "" } else { "." };
                    format!("{digits}{point}e{sign}{:02}", exponent.abs())
                }
                _ => text,
            },
        }
    }
}

/// An element as `f64`, by way of its text: exact enough to choose a style by.
fn number<T: Element>(element: &T) -> f64 {
    element.to_string().parse().unwrap_or(f64::NAN)
}

/// The decimals that the shortest text of `x` at precision 8 needs.
fn decimals(x: f64) -> usize {
    let text = format!("{x:.8}");
    text.trim_end_matches('0').split_once('.').map_or(0, |(_, behind)| behind.len())
}

fn style<T: Element>(shown: &[T]) -> Style {
    let numbers: Vec<f64> = shown.iter().map(number).filter(|x| x.is_finite()).collect();
    let sizes = || numbers.iter().map(|x| x.abs()).filter(|&x| x != 0.0);
    let (largest, smallest) = (sizes().fold(0.0, f64::max), sizes().fold(f64::INFINITY, f64::min));
    if largest > 0.0 && (largest >= 1e8 || smallest < 1e-4 || largest / smallest > 1e3 && largest >= 1e6) {
        let behind = |x: f64| {
            let text = format!("{x:.8e}");
            let digits = text.split_once('e').map_or("", |(digits, _)| digits);
            digits.trim_end_matches('0').split_once('.').map_or(0, |(_, behind)| behind.len())
        };
        return Style::Scientific { decimals: numbers.iter().map(|&x| behind(x)).max().unwrap_or(0) };
    }
    Style::Fixed { decimals: numbers.iter().map(|&x| decimals(x)).max().unwrap_or(0) }
}

#[cfg(test)]
mod tests {
    use crate::prelude::*;

    /// What NumPy 2 prints for the same arrays, below it shape and type.
    #[test]
    fn tensors_print_as_numpy_prints_arrays() {
        let line = |text: &str| text.lines().next().unwrap().to_string();
        assert_eq!(Tensor::<(), f32>::from(1.5).to_string(), "1.5\nshape [], f32");
        assert_eq!(line(&Tensor::from([1.0f32, 10.0, 0.25]).to_string()), "[ 1.   10.    0.25]");
        assert_eq!(line(&Tensor::from([0.1f32, 1.0 / 3.0]).to_string()), "[0.1        0.33333334]");
        assert_eq!(line(&Tensor::from([1i64, -20]).to_string()), "[  1 -20]");
        assert_eq!(line(&Tensor::from([true, false]).to_string()), "[ true false]");
        assert_eq!(line(&Tensor::from([1e10f64, 1.0]).to_string()), "[1.e+10 1.e+00]");
        assert_eq!(line(&Tensor::from([1.5e-5f64, 2.0]).to_string()), "[1.5e-05 2.0e+00]");
        assert_eq!(line(&Tensor::from([f64::NAN, f64::INFINITY, 1.0]).to_string()), "[nan inf  1.]");
        assert_eq!(Tensor::from([[[1u8, 2]], [[3, 4]]]).to_string(), "[[[1 2]]\n\n [[3 4]]]\nshape [2, 1, 2], u8");
    }

    #[test]
    fn long_tensors_are_summarised() {
        let x = Tensor::<shape![dim!(1001)]>::arange();
        assert_eq!(x.to_string(), "[   0.    1.    2. ...  998.  999. 1000.]\nshape [1001], f32");
        let x = Tensor::<shape![40, 40]>::zeros();
        assert_eq!(x.to_string().lines().count(), 8);
        assert_eq!(Tensor::<shape![0, 3]>::zeros().to_string(), "[]\nshape [0, 3], f32");
    }
}
