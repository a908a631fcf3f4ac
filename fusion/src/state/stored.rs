//! Elements as a file holds them: little-endian bytes.

use crate::kernels::dtype::any;
use crate::kernels::{Array, Element};

/// An element in a file.
pub(super) trait Stored: Element {
    /// Appends its bytes.
    fn push_le_bytes(self, bytes: &mut Vec<u8>);
    /// The element of these bytes; none if they are no value of this type.
    fn from_le_bytes(bytes: &[u8]) -> Option<Self>;
}

macro_rules! numbers {
    ($($T:ident),*) => { $(
        impl Stored for $T {
            fn push_le_bytes(self, bytes: &mut Vec<u8>) {
                bytes.extend_from_slice(&self.to_le_bytes());
            }
            fn from_le_bytes(bytes: &[u8]) -> Option<Self> {
                Some($T::from_le_bytes(bytes.try_into().ok()?))
            }
        }
    )* };
}
numbers!(f32, f64, i64, u8);

impl Stored for bool {
    fn push_le_bytes(self, bytes: &mut Vec<u8>) {
        bytes.push(u8::from(self));
    }
    fn from_le_bytes(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0] => Some(false),
            [1] => Some(true),
            _ => None,
        }
    }
}

/// The elements in C order.
pub(super) fn to_le_bytes(array: &Array) -> Vec<u8> {
    let array = array.contiguous();
    let mut bytes = Vec::with_capacity(array.count() * array.dtype().size());
    any!(array.dtype(), T => {
        array.as_slice::<T>().expect("contiguous").iter().for_each(|&x| x.push_le_bytes(&mut bytes));
    });
    bytes
}
