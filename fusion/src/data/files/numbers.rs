//! Numbers as files write them, and what becomes of them.
//!
//! A number becomes the element that equals it. Of floating-point elements the nearest will do; a whole element must be the
//! number itself, and there is an error where there is none.

use crate::kernels::dtype::any;
use crate::kernels::{Array, DType, Dims, Element};

/// A type of numbers in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Bool,
    U8,
    I8,
    U16,
    I16,
    U32,
    I32,
    U64,
    I64,
    F16,
    F32,
    F64,
}

/// A number that a file holds, exactly.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Number {
    Whole(i128),
    Float(f64),
}

impl Kind {
    /// The size of one in bytes.
    pub fn size(self) -> usize {
        match self {
            Self::Bool | Self::U8 | Self::I8 => 1,
            Self::U16 | Self::I16 | Self::F16 => 2,
            Self::U32 | Self::I32 | Self::F32 => 4,
            Self::U64 | Self::I64 | Self::F64 => 8,
        }
    }

    /// The number of these bytes, the least significant first; nothing if they are none.
    fn number(self, bytes: [u8; 8]) -> Option<Number> {
        let [a, b, c, d, ..] = bytes;
        Some(match self {
            Self::Bool if a > 1 => return None,
            Self::Bool | Self::U8 => Number::Whole(a.into()),
            Self::I8 => Number::Whole((a as i8).into()),
            Self::U16 => Number::Whole(u16::from_le_bytes([a, b]).into()),
            Self::I16 => Number::Whole(i16::from_le_bytes([a, b]).into()),
            Self::U32 => Number::Whole(u32::from_le_bytes([a, b, c, d]).into()),
            Self::I32 => Number::Whole(i32::from_le_bytes([a, b, c, d]).into()),
            Self::U64 => Number::Whole(u64::from_le_bytes(bytes).into()),
            Self::I64 => Number::Whole(i64::from_le_bytes(bytes).into()),
            Self::F16 => Number::Float(half(u16::from_le_bytes([a, b]))),
            Self::F32 => Number::Float(f32::from_le_bytes([a, b, c, d]).into()),
            Self::F64 => Number::Float(f64::from_le_bytes(bytes)),
        })
    }
}

/// The value of a half-precision number (IEEE 754 binary16).
fn half(bits: u16) -> f64 {
    let sign = if bits >> 15 == 1 { -1.0 } else { 1.0 };
    let (exponent, fraction) = (i32::from(bits >> 10 & 31), f64::from(bits & 1023));
    sign * match exponent {
        0 => fraction * 2f64.powi(-24),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (1024.0 + fraction) * 2f64.powi(exponent - 25),
    }
}

/// Elements that numbers become.
trait Of: Element {
    fn of(number: Number) -> Option<Self>;
}

macro_rules! floats {
    ($($T:ident)*) => { $(
        impl Of for $T {
            fn of(number: Number) -> Option<Self> {
                Some(match number {
                    Number::Whole(n) => n as $T,
                    Number::Float(x) => x as $T,
                })
            }
        }
    )* };
}
floats!(f32 f64);

/// The whole number that this is.
fn whole(number: Number) -> Option<i128> {
    match number {
        Number::Whole(n) => Some(n),
        Number::Float(x) => (x.fract() == 0.0 && x.abs() < 2f64.powi(64)).then_some(x as i128),
    }
}

impl Of for i64 {
    fn of(number: Number) -> Option<Self> {
        whole(number)?.try_into().ok()
    }
}

impl Of for u8 {
    fn of(number: Number) -> Option<Self> {
        whole(number)?.try_into().ok()
    }
}

impl Of for bool {
    fn of(number: Number) -> Option<Self> {
        match whole(number)? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}

/// The numbers of `kind` that these bytes are, as elements of type `to` in C order; there are as many as the sizes say.
/// `big_endian`: the most significant byte comes first. The problem is which one has no such element, and why.
pub(super) fn elements(
    bytes: &[u8],
    kind: Kind,
    big_endian: bool,
    to: DType,
    sizes: &[usize],
) -> Result<Array, String> {
    let shape = Dims::try_new(sizes).map_err(|problem| problem.to_string())?;
    Array::room(&shape, to).map_err(|problem| problem.to_string())?;
    if (kind, to) == (Kind::U8, DType::U8) {
        return Ok(Array::from_slice(bytes, shape));
    }
    any!(to, T => {
        let mut problem = None;
        let array = Array::from_fn(shape, |i| {
            let mut one = [0; 8];
            let part = &mut one[..kind.size()];
            part.copy_from_slice(&bytes[i * kind.size()..][..kind.size()]);
            if big_endian {
                part.reverse();
            }
            kind.number(one).and_then(T::of).unwrap_or_else(|| {
                problem.get_or_insert((i, one));
                T::default()
            })
        });
        match problem {
            None => Ok(array),
            Some((i, one)) => Err(refused(i, kind.number(one), to)),
        }
    })
}

fn refused(element: usize, number: Option<Number>, to: DType) -> String {
    match number {
        None => format!("element {element} is a byte that is neither 0 nor 1, and no truth value"),
        Some(Number::Whole(n)) => format!("element {element} is {n}, which no {to} is"),
        Some(Number::Float(x)) => format!("element {element} is {x}, which no {to} is"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<T: Element>(bytes: &[u8], kind: Kind, big_endian: bool) -> Result<Vec<T>, String> {
        elements(bytes, kind, big_endian, T::DTYPE, &[bytes.len() / kind.size()]).map(|array| array.to_vec())
    }

    #[test]
    fn kinds_orders_and_types() {
        assert_eq!(read::<i64>(&[0xff, 0xfe, 0, 7], Kind::I16, true), Ok(vec![-2, 7]));
        assert_eq!(read::<f32>(&[0xfe, 0xff, 7, 0], Kind::I16, false), Ok(vec![-2.0, 7.0]));
        assert_eq!(read::<f64>(&1.1f64.to_be_bytes(), Kind::F64, true), Ok(vec![1.1]));
        assert_eq!(read::<f32>(&1.1f64.to_le_bytes(), Kind::F64, false), Ok(vec![1.1]));
        assert_eq!(read::<u8>(&[1, 2, 3], Kind::U8, false), Ok(vec![1, 2, 3]));
        assert_eq!(
            read::<bool>(&3.0f32.to_le_bytes(), Kind::F32, false).unwrap_err(),
            "element 0 is 3, which no bool is"
        );
        assert_eq!(read::<u8>(&[0, 0, 1, 0], Kind::U16, true).unwrap_err(), "element 1 is 256, which no u8 is");
        assert_eq!(
            read::<i64>(&u64::MAX.to_le_bytes(), Kind::U64, false).unwrap_err().split(' ').next_back(),
            Some("is")
        );
        assert_eq!(
            read::<i64>(&2.5f64.to_le_bytes(), Kind::F64, false).unwrap_err(),
            "element 0 is 2.5, which no i64 is"
        );
        assert!(read::<bool>(&[0, 1, 2], Kind::Bool, false).unwrap_err().starts_with("element 2 is a byte"));
        assert!(read::<i64>(&f64::NAN.to_le_bytes(), Kind::F64, false).is_err());
        assert!(read::<f32>(&[], Kind::F32, true).unwrap().is_empty());
    }

    #[test]
    fn half_precision() {
        let of = |bits: u16| read::<f32>(&bits.to_le_bytes(), Kind::F16, false).unwrap()[0];
        assert_eq!([0x3c00, 0xc000, 0x0001, 0x7bff, 0x7c00].map(of), [1.0, -2.0, 5.9604645e-8, 65504.0, f32::INFINITY]);
        assert!(of(0x7e01).is_nan() && of(0x8000).is_sign_negative());
    }
}
