//! What the convolution and the gradient by its weights have in common.

/// Elements between planes of scratch: they keep distances off powers of two, at which lines of a cache drive each other
/// out.
pub const OFF: usize = 16;
/// Bytes of the scratch for a block of tiles: half of a small second cache. From half to twice of it
/// times differ by a few percent, but by 10 with 16 channels, where more is worse.
pub const BLOCK: usize = 256 << 10;
/// Multiplications that are worth a thread.
pub const WORTH: usize = 1 << 20;

/// `$run` with `$S` as the vectors of `$isa`.
macro_rules! for_isa {
    ($isa:expr, $S:ident => $run:expr) => {
        match $isa {
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512 => {
                type $S = simd::F32x16;
                $run
            }
            #[cfg(target_arch = "x86_64")]
            Isa::Avx2 => {
                type $S = simd::F32x8;
                $run
            }
            _ => {
                type $S = simd::Portable<f32, 4>;
                $run
            }
        }
    };
}
pub(super) use for_isa;
