//! Logs that are written, cut anywhere, and read.

use super::*;
use std::fs;

const VALUES: [f64; 8] =
    [0.1 + 0.2, -0.0, 1e300, f64::MIN_POSITIVE / 4.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 7.0];

fn write(path: &Path) -> String {
    let mut log = Log::create(path).unwrap();
    for (epoch, value) in VALUES.into_iter().enumerate() {
        log.write(epoch, &[("loss", value), ("a \"name\", of Ünits\\", -value)]).unwrap();
    }
    fs::read_to_string(path).unwrap()
}

fn same(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan())
}

#[test]
fn what_is_written_is_read_to_the_last_bit() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["run.jsonl", "run.csv", "run"] {
        let path = folder.path().join(name);
        write(&path);
        let read = Log::read(&path).unwrap();
        assert_eq!((read.records.len(), &read.damaged), (VALUES.len(), &None));
        for (epoch, (record, value)) in read.records.iter().zip(VALUES).enumerate() {
            assert_eq!((record.epoch, record.values[0].0.as_str()), (epoch, "loss"));
            assert!(same(record.values[0].1, value), "{record:?}");
            assert!(same(record.get("a \"name\", of Ünits\\").unwrap(), -value), "{record:?}");
        }
    }
    // Other readers of JSON take it.
    for line in fs::read_to_string(folder.path().join("run.jsonl")).unwrap().lines() {
        serde_json::from_str::<serde_json::Value>(line).unwrap();
    }
}

#[test]
fn cut_anywhere_it_loses_the_last_record_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["run.jsonl", "run.csv"] {
        let path = folder.path().join(name);
        let text = write(&path);
        let head = usize::from(name.ends_with("csv"));
        for end in 0..=text.len() {
            fs::write(&path, &text.as_bytes()[..end]).unwrap();
            let whole = text.as_bytes()[..end].iter().filter(|byte| **byte == b'\n').count();
            let cut = end > 0 && text.as_bytes()[end - 1] != b'\n';
            let read = Log::read(&path).unwrap();
            assert_eq!(
                (read.records.len(), read.damaged.is_some()),
                (whole.saturating_sub(head), cut),
                "{name}, {end}"
            );
            let mut log = Log::append(&path).unwrap();
            log.write(99, &[("loss", 1.5), ("a \"name\", of Ünits\\", 2.5)]).unwrap();
            let again = Log::read(&path).unwrap();
            assert_eq!(again.records.len(), read.records.len() + 1);
            let last = again.records.last().unwrap();
            assert_eq!((last.epoch, last.get("loss"), again.damaged), (99, Some(1.5), None));
        }
    }
}

#[test]
fn what_is_damaged_is_told_by_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let told = |name: &str, text: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        Log::read(&path).map_err(|error| error.to_string().rsplit_once(": ").unwrap().1.to_owned())
    };
    let damaged = |name: &str, text: &str| told(name, text.as_bytes()).unwrap().damaged.unwrap();
    assert_eq!(damaged("a.jsonl", "{\"epoch\":1}\n{\"epoch\":2"), "line 2 has no end");
    assert_eq!(damaged("a.jsonl", "{\"epoch\":1}\n\0\0\0\n"), "line 2 should be an object, from { to }");
    assert_eq!(damaged("a.jsonl", "{\"loss\":1}\n"), "line 1 has no \"epoch\"");
    assert_eq!(
        damaged("a.jsonl", "{\"epoch\":1,\"loss\":[2]}\n"),
        "line 1 should have a number as \"loss\", not \"[2]\""
    );
    assert_eq!(damaged("a.jsonl", "{\"epoch\":1,\"a\":1,\"a\":2}\n"), "line 1 has \"a\" twice");
    assert_eq!(damaged("a.jsonl", "{\"epoch\":1,}\n"), "line 1 has \",\" where another number or the end should be");
    assert_eq!(damaged("a.csv", "epoch,loss\n1,2\n2\n"), "line 3 should have 2 cells, but has 1");
    assert_eq!(damaged("a.csv", "epoch,loss\n1,\n"), "line 2 has \"\" in its cell 2, which is no number");
    assert_eq!(damaged("a.csv", "loss\n"), "line 1 should begin with `epoch`");
    assert_eq!(damaged("a.csv", "epoch,\"loss\n"), "line 1 has a name whose quotes do not end");
    let error = told("a.jsonl", b"{\"epoch\":1}\n{\"epoch\":}\n{\"epoch\":3}\n").unwrap_err();
    assert_eq!(error, "line 2 should have a whole number as \"epoch\", not \"\"");
    assert_eq!(told("a.jsonl", b"\xff\n{}\n").unwrap_err(), "line 1 is no UTF-8 from its byte 1 on");
    let long = [vec![b'x'; 2 << 20], b"\n{\"epoch\":1}\n".to_vec()].concat();
    assert_eq!(told("a.jsonl", &long).unwrap_err(), "line 1 has more than 1048576 bytes");
    assert!(matches!(Log::read(folder.path().join("none")), Err(Error::File { .. })));
    assert!(matches!(Log::create(folder.path().join("none/run.jsonl")), Err(Error::File { .. })));
}

#[test]
fn what_is_no_record_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = Log::create(folder.path().join("run.csv")).unwrap();
    let twice = log.write(1, &[("loss", 1.0), ("loss", 2.0)]).unwrap_err().to_string();
    assert_eq!(twice, "a record has `loss` once, and this one has it twice");
    assert!(log.write(1, &[("epoch", 1.0)]).is_err());
    assert!(log.write(1, &[("two\nlines", 1.0)]).is_err());
    log.write(1, &[("loss", 1.0)]).unwrap();
    let mut log = Log::append(folder.path().join("run.csv")).unwrap();
    let other = log.write(2, &[("accuracy", 1.0)]).unwrap_err().to_string();
    assert!(other.ends_with("run.csv are loss, not accuracy"), "{other}");
    log.write(2, &[("loss", 0.5)]).unwrap();
    let read = Log::read(folder.path().join("run.csv")).unwrap();
    assert_eq!((read.records.len(), read.records[1].get("loss")), (2, Some(0.5)));
}
