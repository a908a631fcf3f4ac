//! Matrix products in builds without optimisation.
//!
//! There every intrinsic is a call that passes its vectors through memory, and a product takes a hundred times as long. So
//! the innermost loop of products, which takes most of the time of training, is there a block of machine code.

/// Defines a vector's `product_rows`: four rows of two vectors at a time, then single rows. `$p` is the registers' letter,
/// `$w` a vector's bytes, `$load`, `$broadcast` and `$fma` are the instructions.
macro_rules! product_rows {
    ($T:ident: $p:literal, $w:literal, $load:literal, $broadcast:literal, $fma:literal) => {
        unsafe fn product_rows(
            [rows, vectors, k]: [usize; 3],
            (mut a, a_row, a_col): (*const $T, usize, usize),
            (b, b_row): (*const $T, usize),
            acc: *mut Self,
        ) -> bool {
            /// The text of an instruction on registers.
            macro_rules! text {
                (load $reg:literal, $at:literal) => { concat!($load, " ", $p, "mm", $reg, ", [", $at, "]") };
                (store $reg:literal, $at:literal) => { concat!($load, " [", $at, "], ", $p, "mm", $reg) };
                (broadcast $at:literal) => { concat!($broadcast, " ", $p, "mm10, [", $at, "]") };
                (fma $reg:literal, $by:literal) => { concat!($fma, " ", $p, "mm", $reg, ", ", $p, "mm10, ", $p, "mm", $by) };
            }
            let (size, mut acc) = (size_of::<$T>(), acc);
            if k == 0 {
                return true;
            }
            let mut left = rows;
            while left > 0 {
                let count = if left >= 4 && vectors == 2 { 4 } else { 1 };
                // SAFETY: the machine has the instructions and the operands are there, as the caller promises. The code
                // reads `k` elements from each of `count` rows of A and `k` rows of B, and reads and writes `count` rows
                // of `vectors` accumulators.
                unsafe {
                    if count == 4 {
                        std::arch::asm!(
                            text!(load 0, "{c}"), text!(load 1, "{c} + {w}"),
                            text!(load 2, "{c} + 2 * {w}"), text!(load 3, "{c} + 3 * {w}"),
                            text!(load 4, "{c} + 4 * {w}"), text!(load 5, "{c} + 5 * {w}"),
                            text!(load 6, "{c} + 6 * {w}"), text!(load 7, "{c} + 7 * {w}"),
                            "2:",
                            text!(load 8, "{b}"), text!(load 9, "{b} + {w}"),
                            text!(broadcast "{a}"), text!(fma 0, 8), text!(fma 1, 9),
                            text!(broadcast "{a} + {r}"), text!(fma 2, 8), text!(fma 3, 9),
                            text!(broadcast "{a} + 2 * {r}"), text!(fma 4, 8), text!(fma 5, 9),
                            text!(broadcast "{a} + {r3}"), text!(fma 6, 8), text!(fma 7, 9),
                            "add {a}, {a_col}", "add {b}, {b_row}", "dec {k}", "jnz 2b",
                            text!(store 0, "{c}"), text!(store 1, "{c} + {w}"),
                            text!(store 2, "{c} + 2 * {w}"), text!(store 3, "{c} + 3 * {w}"),
                            text!(store 4, "{c} + 4 * {w}"), text!(store 5, "{c} + 5 * {w}"),
                            text!(store 6, "{c} + 6 * {w}"), text!(store 7, "{c} + 7 * {w}"),
                            a = inout(reg) a => _, b = inout(reg) b => _, k = inout(reg) k => _, c = in(reg) acc,
                            r = in(reg) a_row * size, r3 = in(reg) 3 * a_row * size,
                            a_col = in(reg) a_col * size, b_row = in(reg) b_row * size, w = const $w,
                            out("xmm0") _, out("xmm1") _, out("xmm2") _, out("xmm3") _, out("xmm4") _, out("xmm5") _,
                            out("xmm6") _, out("xmm7") _, out("xmm8") _, out("xmm9") _, out("xmm10") _,
                            options(nostack),
                        );
                    } else if vectors == 2 {
                        std::arch::asm!(
                            text!(load 0, "{c}"), text!(load 1, "{c} + {w}"),
                            "2:",
                            text!(load 8, "{b}"), text!(load 9, "{b} + {w}"),
                            text!(broadcast "{a}"), text!(fma 0, 8), text!(fma 1, 9),
                            "add {a}, {a_col}", "add {b}, {b_row}", "dec {k}", "jnz 2b",
                            text!(store 0, "{c}"), text!(store 1, "{c} + {w}"),
                            a = inout(reg) a => _, b = inout(reg) b => _, k = inout(reg) k => _, c = in(reg) acc,
                            a_col = in(reg) a_col * size, b_row = in(reg) b_row * size, w = const $w,
                            out("xmm0") _, out("xmm1") _, out("xmm8") _, out("xmm9") _, out("xmm10") _,
                            options(nostack),
                        );
                    } else if vectors == 1 {
                        std::arch::asm!(
                            text!(load 0, "{c}"),
                            "2:",
                            text!(load 8, "{b}"), text!(broadcast "{a}"), text!(fma 0, 8),
                            "add {a}, {a_col}", "add {b}, {b_row}", "dec {k}", "jnz 2b",
                            text!(store 0, "{c}"),
                            a = inout(reg) a => _, b = inout(reg) b => _, k = inout(reg) k => _, c = in(reg) acc,
                            a_col = in(reg) a_col * size, b_row = in(reg) b_row * size,
                            out("xmm0") _, out("xmm8") _, out("xmm10") _,
                            options(nostack),
                        );
                    } else {
                        return false;
                    }
                }
                a = a.wrapping_add(count * a_row);
                acc = acc.wrapping_add(count * vectors);
                left -= count;
            }
            true
        }
    };
}
pub(super) use product_rows;
