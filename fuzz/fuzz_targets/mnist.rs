#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = fusion::internals::files::mnist_labels(bytes);
    let count = usize::from(bytes.first().copied().unwrap_or(0));
    let _ = fusion::internals::files::mnist_images(bytes, count);
});
