#![no_main]

use flate2::{Compression, write::GzEncoder};
use std::io::Write;

// Whole gzip data with what is unlikely to be found by chance: a checksum that fits.
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(bytes).expect("memory");
    let mut packed = packed.finish().expect("memory");
    let _ = fusion::internals::files::idx(&packed);
    // Cut, and longer than it should be.
    packed.truncate(packed.len().saturating_sub(usize::from(bytes.first().copied().unwrap_or(0) % 16)));
    let _ = fusion::internals::files::idx(&packed);
    packed.extend_from_slice(bytes);
    let _ = fusion::internals::files::idx(&packed);
});
