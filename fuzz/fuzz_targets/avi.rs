#![no_main]

use fusion_webcam::avi::Reader;
use std::io::Cursor;
use std::path::Path;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(reader) = Reader::new(Cursor::new(bytes), Path::new("video"), bytes.len() as u64) {
        let frames: usize = reader.map_while(Result::ok).map(|frame| frame.len()).sum();
        assert!(frames <= bytes.len());
    }
});
