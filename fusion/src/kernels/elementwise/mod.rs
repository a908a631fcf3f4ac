//! Element-wise operations on floats. An operand given by value is written in place where nobody else sees it; a result
//! keeps the order of the axes of its first operand that is dense and as large (else C order).
//!
//! What is computed stands apart from how one walks. A [`Function`] is a formula on vectors ([`Elementwise`]), compiled
//! into one loop over contiguous elements for each element type and instruction set, behind a pointer. The walk that
//! brings operands of any layout to it is compiled once: long rows go to the loop as they lie, an element that repeats as
//! one vector of it, all else through tiles that stay in the nearest cache.

mod binary;
mod dropout;
mod function;
pub mod lanes;
mod special;
mod tiles;
mod unary;
mod walk;

pub use super::array::copy::{cast, copy};
pub use binary::*;
pub use dropout::dropout;
pub use function::{Elementwise, Function};
pub use special::*;
pub use unary::*;
pub use walk::{apply, apply_several, apply_to};

/// Declares element-wise functions: of operands, the first of which is taken by value, and, behind a semicolon, of numbers
/// that are the same for all elements. Formulas are on vectors of the type `V`.
macro_rules! functions {
    ($($(#[$doc:meta])* $name:ident($x:ident $(, $y:ident)* $(; $($s:ident),+)?) = $e:expr;)*) => { $(
        $(#[$doc])*
        #[track_caller]
        pub fn $name($x: $crate::kernels::Array $(, $y: &$crate::kernels::Array)* $($(, $s: f64)+)?) -> $crate::kernels::Array {
            const OPERANDS: usize = [stringify!($x) $(, stringify!($y))*].len();
            const NUMBERS: usize = <[&str]>::len(&[$($(stringify!($s)),+)?]);
            struct Formula;
            impl $crate::kernels::elementwise::Elementwise<OPERANDS, NUMBERS> for Formula {
                #[inline(always)]
                fn map<V: $crate::kernels::simd::Vector>([$x $(, $y)*]: [V; OPERANDS], [$($($s),+)?]: [V; NUMBERS]) -> [V; 1] {
                    [$e]
                }
            }
            static FUNCTION: $crate::kernels::elementwise::Function =
                $crate::kernels::elementwise::Function::new::<Formula, OPERANDS, NUMBERS, 1>();
            $crate::kernels::elementwise::apply(&FUNCTION, $x, &[$($y),*], &[$($($s),+)?])
        }
    )* };
}
pub(in crate::kernels) use functions;

#[cfg(test)]
mod tests;
