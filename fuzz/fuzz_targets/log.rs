#![no_main]

use fusion::internals::log::framed;
use fusion::log::Reader;
use std::io::Cursor;

// As a file, and as a record with a checksum that fits, between damage.
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    read(bytes);
    let whole = framed([bytes]);
    read(&whole);
    read(&[&whole, bytes, &whole[whole.len() - bytes.len()..]].concat());
});

fn read(bytes: &[u8]) {
    let mut reader = Reader::new(Cursor::new(bytes), "log");
    let mut last = None;
    for entry in reader.by_ref().map_while(Result::ok) {
        assert!(last < Some(entry.at));
        last = Some(entry.at);
        // Each can be read by itself.
        let again = Reader::new(Cursor::new(bytes), "log").at(entry.at).next();
        assert!(again.is_some_and(|again| again.is_ok_and(|again| again.at == entry.at)));
    }
    // At the end there is no more, however often it is asked for.
    let damaged = reader.damaged();
    assert!(!matches!(reader.next(), Some(Ok(_))) && reader.damaged() == damaged && reader.position() <= bytes.len() as u64);
}
