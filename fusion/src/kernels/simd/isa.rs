//! Which instructions this machine has.

/// The sets of instructions that have code of their own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Isa {
    /// Whatever the compiler makes of arrays.
    Portable,
    /// AVX2 and FMA.
    Avx2,
    /// AVX-512 F.
    Avx512,
}

/// The best set of instructions that this machine has.
#[inline]
pub fn isa() -> Isa {
    #[cfg(test)]
    if let Some(isa) = crate::kernels::testing::chosen_isa() {
        return isa;
    }
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
        return if is_x86_feature_detected!("avx512f") { Isa::Avx512 } else { Isa::Avx2 };
    }
    Isa::Portable
}
