#![no_main]

use fusion::data::csv::Csv;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(table) = Csv::from_bytes(bytes) {
        let _ = table.to_string();
        let _ = table.describe().to_string();
    }
});
