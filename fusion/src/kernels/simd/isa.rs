//! Which instructions the kernels use.

use std::sync::atomic::{AtomicU8, Ordering};

/// The sets of instructions that have code of their own, the lesser first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Isa {
    /// Whatever the compiler makes of arrays.
    Portable,
    /// AVX2 and FMA.
    Avx2,
    /// AVX-512 F.
    Avx512,
}

/// The number of the set in use and one more, 0 until somebody has asked.
static IN_USE: AtomicU8 = AtomicU8::new(0);

/// The set of instructions in use: the best that this machine has, or a lesser one that the environment variable `FUSION_ISA` names
/// (`avx512`, `avx2` or `portable`), which is read once.
#[inline]
pub fn isa() -> Isa {
    #[cfg(test)]
    if let Some(isa) = crate::kernels::testing::chosen_isa() {
        return isa;
    }
    match IN_USE.load(Ordering::Relaxed) {
        1 => Isa::Portable,
        2 => Isa::Avx2,
        3 => Isa::Avx512,
        _ => choose(),
    }
}

#[cold]
fn choose() -> Isa {
    let isa = named(std::env::var_os("FUSION_ISA").as_deref().map(|name| name.to_string_lossy()).as_deref(), best());
    IN_USE.store(isa as u8 + 1, Ordering::Relaxed);
    isa
}

/// The best set of instructions that this machine has.
fn best() -> Isa {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
        return if is_x86_feature_detected!("avx512f") { Isa::Avx512 } else { Isa::Avx2 };
    }
    Isa::Portable
}

/// The set of this name, at most `best`; without a name that.
///
/// # Panics
/// If no set has that name.
fn named(name: Option<&str>, best: Isa) -> Isa {
    let wanted = match name {
        None | Some("") => best,
        Some("portable") => Isa::Portable,
        Some("avx2") => Isa::Avx2,
        Some("avx512") => Isa::Avx512,
        Some(name) => panic!("FUSION_ISA is `{name}`: write `avx512`, `avx2` or `portable`"),
    };
    wanted.min(best)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_asks_for_no_more_than_there_is() {
        for best in [Isa::Portable, Isa::Avx2, Isa::Avx512] {
            assert_eq!((named(None, best), named(Some(""), best)), (best, best));
            assert_eq!(named(Some("portable"), best), Isa::Portable);
            assert_eq!(named(Some("avx2"), best), Isa::Avx2.min(best));
            assert_eq!(named(Some("avx512"), best), best);
        }
    }

    #[test]
    #[should_panic(expected = "FUSION_ISA is `sse`: write `avx512`, `avx2` or `portable`")]
    fn other_names_are_refused() {
        named(Some("sse"), Isa::Avx2);
    }

    /// This test again in a process of its own, in which the variable is set.
    #[test]
    fn the_variable_is_read() {
        const AGAIN: &str = "FUSION_TEST_AGAIN";
        if std::env::var_os(AGAIN).is_some() {
            assert_eq!([isa(), isa()], [Isa::Portable; 2]);
            return;
        }
        assert!(isa() <= best());
        let mut again = std::process::Command::new(std::env::current_exe().expect("this program"));
        again.args(["--exact", "kernels::simd::isa::tests::the_variable_is_read"]);
        again.env(AGAIN, "1").env("FUSION_ISA", "portable");
        let output = again.output().expect("this program runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    }
}
