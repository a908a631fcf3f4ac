//! The types of elements.

use std::fmt;

/// The type of an array's elements.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
#[repr(u8)]
pub enum DType {
    /// 32-bit floating point; differentiable.
    F32,
    /// 64-bit floating point; differentiable.
    F64,
    /// Signed 64-bit integers: labels, indices.
    I64,
    /// Bytes: images.
    U8,
    /// Mask values: masks.
    Bool,
}

impl DType {
    /// The size of one element in bytes.
    pub fn size(self) -> usize {
        match self {
            Self::F32 => 4,
            Self::F64 | Self::I64 => 8,
            Self::U8 | Self::Bool => 1,
        }
    }
}

impl fmt::Display for DType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::F32 => "f32",
            Self::F64 => "f64",
            Self::I64 => "i64",
            Self::U8 => "u8",
            Self::Bool => "bool",
        })
    }
}

mod sealed {
    pub trait Sealed {}
}

/// What a tensor may hold: `f32`, `f64`, `i64`, `u8` or `bool`.
pub trait Element:
    sealed::Sealed + Copy + Default + PartialEq + PartialOrd + fmt::Debug + fmt::Display + Send + Sync + 'static
{
    /// Its run-time tag.
    const DTYPE: DType;
}

macro_rules! elements {
    ($($t:ty = $tag:ident),*) => { $(
        impl sealed::Sealed for $t {}
        impl Element for $t { const DTYPE: DType = DType::$tag; }
    )* };
}
elements!(f32 = F32, f64 = F64, i64 = I64, u8 = U8, bool = Bool);

/// Runs `$body` with `$T` standing for the element type of a floating-point `$dtype`.
macro_rules! float {
    ($dtype:expr, $T:ident => $body:expr) => {
        match $dtype {
            $crate::kernels::DType::F32 => {
                type $T = f32;
                $body
            }
            $crate::kernels::DType::F64 => {
                type $T = f64;
                $body
            }
            other => panic!("{other} elements have no arithmetic: cast them to a float first"),
        }
    };
}
pub(crate) use float;
