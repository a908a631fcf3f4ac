//! Elements of any type as whole numbers of their size, for code that only moves them.

use super::Array;
use crate::kernels::dtype::DType;

impl Array {
    /// Its elements as those of [`DType::bits`], for code that only moves them.
    pub(in crate::kernels) fn bits(mut self) -> Self {
        self.dtype = self.dtype.bits();
        self
    }

    /// The way back from [`bits`](Self::bits).
    ///
    /// # Safety
    /// Each element must be the bits of a `dtype`.
    pub(in crate::kernels) unsafe fn of_bits(mut self, dtype: DType) -> Self {
        assert!(self.dtype == dtype.bits(), "{dtype} elements are no {}", self.dtype);
        self.dtype = dtype;
        self
    }
}
