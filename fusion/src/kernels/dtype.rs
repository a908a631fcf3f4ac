//! The types of elements, and code that runs for each of them: the ground on which everything else stands.
//!
//! A new type is a row in this file's table and an arm of `any!` and, if it has arithmetic, of `float!`. Beyond that it
//! touches
//!
//! * `array/copy.rs`: how it is converted, a row and a column of `cast`'s table;
//! * `tensor/print.rs`: how it is written;
//! * `state/stored.rs` and `state/write.rs`: its bytes in a file, and its name among the types of safetensors;
//! * and with arithmetic `simd/float.rs` and a file of `simd/` for its vectors, `gemm/mod.rs` and `gemm/tile.rs` for its
//!   products, `ops/binary.rs` for operators with a number on the left.
//!
//! A type may be stored otherwise than it is computed with. That is decided by its vectors alone:
//! [`Vector::Elem`](crate::kernels::simd::Vector::Elem) is what memory holds, and what lanes hold is known to the vector's
//! own methods only. A vector of half-precision numbers is one of `f32` whose loads widen and whose stores round; no loop
//! above it changes.

use std::fmt;

/// Declares the types, in one table: tag, type, and what they are for.
macro_rules! dtypes {
    ($($(#[$doc:meta])* $tag:ident = $T:ident;)*) => {
        /// The type of an array's elements.
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
        #[non_exhaustive]
        #[repr(u8)]
        pub enum DType {
            $($(#[$doc])* $tag,)*
        }

        impl DType {
            /// All types.
            pub const ALL: &'static [Self] = &[$(Self::$tag),*];

            /// The size of one element in bytes.
            pub const fn size(self) -> usize {
                match self {
                    $(Self::$tag => size_of::<$T>(),)*
                }
            }

            /// The name of the type in Rust.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$tag => stringify!($T),)*
                }
            }
        }

        $(
            impl sealed::Sealed for $T {}
            impl Element for $T {
                const DTYPE: DType = DType::$tag;
            }
        )*
    };
}

dtypes! {
    /// 32-bit floating point; differentiable.
    F32 = f32;
    /// 64-bit floating point; differentiable.
    F64 = f64;
    /// Signed 64-bit integers: labels, indices.
    I64 = i64;
    /// Bytes: images.
    U8 = u8;
    /// Truth values: masks.
    Bool = bool;
}

impl DType {
    /// The type that stands for all of its size where elements are only moved.
    pub(crate) const fn bits(self) -> Self {
        match self.size() {
            1 => Self::U8,
            4 => Self::F32,
            _ => Self::I64,
        }
    }

    /// Has it arithmetic and gradients?
    pub const fn is_float(self) -> bool {
        matches!(self, Self::F32 | Self::F64)
    }
}

impl fmt::Display for DType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

mod sealed {
    pub trait Sealed: Sized {}
}

/// What a tensor may hold: `f32`, `f64`, `i64`, `u8` or `bool`.
pub trait Element:
    sealed::Sealed + Copy + Default + PartialEq + PartialOrd + fmt::Debug + fmt::Display + Send + Sync + 'static
{
    /// Its run-time tag.
    const DTYPE: DType;
}

/// A number that a tensor is added to, multiplied by and so on, whatever its type: every integer type, `f32` and `f64`.
///
/// On the right of an operator it need not be of the tensor's own element type. In generic code every
/// [`Float`](crate::tensor::Float) is one.
///
/// ```
/// use fusion::prelude::*;
///
/// let x = Tensor::from([1.0f32, 2.0]);
/// let (n, rate) = (2usize, 0.5f64);
/// assert_eq!((&x * rate / n + 1).to_vec(), [1.25, 1.5]);
///
/// fn halves<S: Shape, T: Float>(x: &Tensor<S, T>) -> Tensor<S, T> {
///     x * 0.5
/// }
/// assert_eq!(halves(&x).to_vec(), [0.5, 1.0]);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a number",
    label = "expected an integer, an `f32` or an `f64`"
)]
pub trait Scalar: Copy {
    /// The nearest `f64`.
    fn to_f64(self) -> f64;
}

macro_rules! scalar {
    ($($T:ty)*) => { $(
        impl Scalar for $T {
            #[inline(always)]
            fn to_f64(self) -> f64 {
                self as f64
            }
        }
    )* };
}
scalar!(f32 f64 i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize);

/// Runs `$body` with `$T` standing for the element type of `$dtype`.
macro_rules! any {
    (@with $T:ident = $t:ident, $body:expr) => {{
        type $T = $t;
        $body
    }};
    ($dtype:expr, $T:ident => $body:expr) => {
        match $dtype {
            $crate::kernels::DType::F32 => $crate::kernels::dtype::any!(@with $T = f32, $body),
            $crate::kernels::DType::F64 => $crate::kernels::dtype::any!(@with $T = f64, $body),
            $crate::kernels::DType::I64 => $crate::kernels::dtype::any!(@with $T = i64, $body),
            $crate::kernels::DType::U8 => $crate::kernels::dtype::any!(@with $T = u8, $body),
            $crate::kernels::DType::Bool => $crate::kernels::dtype::any!(@with $T = bool, $body),
        }
    };
}
pub(crate) use any;

/// Runs `$body` with `$T` standing for the type that [`Array::bits`](crate::kernels::Array::bits) has in place of `$dtype`: for
/// code that only moves elements, which is compiled for each size of them.
macro_rules! bits {
    ($dtype:expr, $T:ident => $body:expr) => {
        match $dtype.bits() {
            $crate::kernels::DType::U8 => $crate::kernels::dtype::any!(@with $T = u8, $body),
            $crate::kernels::DType::F32 => $crate::kernels::dtype::any!(@with $T = f32, $body),
            _ => $crate::kernels::dtype::any!(@with $T = i64, $body),
        }
    };
}
pub(crate) use bits;

/// As [`any!`] for a floating-point `$dtype`.
///
/// # Panics
/// If it is not one.
macro_rules! float {
    ($dtype:expr, $T:ident => $body:expr) => {
        match $dtype {
            $crate::kernels::DType::F32 => $crate::kernels::dtype::any!(@with $T = f32, $body),
            $crate::kernels::DType::F64 => $crate::kernels::dtype::any!(@with $T = f64, $body),
            other => panic!("{other} elements have no arithmetic: cast them to a float first"),
        }
    };
}
pub(crate) use float;
