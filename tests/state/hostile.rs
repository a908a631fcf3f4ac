//! Files from anybody: an error, no panic, and no more memory than the file and the module have.

use crate::counting::asked;
use crate::{Net, file, header, net};
use fusion::prelude::*;

/// What reading may take beyond the file and the module: one buffer for elements, one for messages.
const CONSTANT: usize = 1 << 20;

/// Loads `bytes` into a net, which must stay as it is if that fails, and must not take more memory than it may.
fn load(net: &mut Net, bytes: &[u8]) -> Result<(), String> {
    let before = net.to_bytes().unwrap();
    let (result, asked) = asked(|| net.load_bytes(bytes).map_err(|error| error.to_string()));
    assert!(asked.largest <= bytes.len() + CONSTANT, "{asked:?} for {} bytes", bytes.len());
    assert!(asked.peak <= 2 * bytes.len() + CONSTANT, "{asked:?} for {} bytes", bytes.len());
    if result.is_err() {
        assert_eq!(net.to_bytes().unwrap(), before);
    }
    result
}

/// The error that `bytes` give.
fn error(bytes: &[u8]) -> String {
    load(&mut net(0), bytes).expect_err("a hostile file")
}

/// The contents of a good file with a part of its header replaced; the header may change its length.
fn with(from: &str, to: &str) -> Vec<u8> {
    let good = net(0).to_bytes().unwrap();
    let text = header(&good);
    assert!(text.contains(from), "{text}");
    let mut bytes = file(&text.replacen(from, to, 1), 0);
    bytes.extend_from_slice(&good[8 + text.len()..]);
    bytes
}

/// The contents of a file with one entry more, of `fields`.
fn with_entry(fields: &str) -> Vec<u8> {
    with(r#""fc1.bias":"#, &format!(r#""new":{{{fields}}},"fc1.bias":"#))
}

#[test]
fn a_good_file_is_good() {
    load(&mut net(1), &net(0).to_bytes().unwrap()).unwrap();
    load(&mut net(1), &with("pt", "tf")).unwrap();
}

#[test]
fn truncated_anywhere() {
    let good = net(0).to_bytes().unwrap();
    for end in 0..good.len() {
        error(&good[..end]);
    }
    assert_eq!(error(b""), "(bytes): a safetensors file has at least 8 bytes, this has 0");
    assert_eq!(error(&good[..good.len() - 1]), "(bytes): `fc2.weight` goes from byte 72 to 104 of 103 bytes of data");
}

#[test]
fn bytes_too_many() {
    let mut bytes = net(0).to_bytes().unwrap();
    bytes.push(0);
    assert_eq!(error(&bytes), "(bytes): its entries are 104 bytes long together, but there are 105 bytes of data");
}

#[test]
fn a_header_that_claims_terabytes() {
    for claim in [u64::MAX, u64::MAX - 7, 1 << 63, 1 << 42, 100_000_001, 1000] {
        let mut bytes = net(0).to_bytes().unwrap();
        bytes[..8].copy_from_slice(&claim.to_le_bytes());
        let error = error(&bytes);
        assert!(error.contains(&format!("it claims a header of {claim} bytes")), "{error}");
    }
}

#[test]
fn a_header_that_is_no_header() {
    for text in ["", " ", "null", "[]", "{", "{}x", "\"\"", "{\"a\":1}", "{\"a\":{}}", "{\"a\"}", "\u{feff}{}", "{{}}"]
    {
        error(&file(text, 0));
    }
    let deep = "{\"a\":".to_owned() + &"[".repeat(100_000);
    error(&file(&deep, 0));
    let mut bytes = net(0).to_bytes().unwrap();
    bytes[20] = 0xff;
    assert!(error(&bytes).contains("is not UTF-8"));
}

#[test]
fn ranges_that_overlap_or_lie_outside() {
    for (from, to, says) in [
        ("[0,16]", "[16,32]", "`fc1.bias` should begin at byte 0 of the data, but begins at 16"),
        ("[0,16]", "[88,104]", "`fc1.weight` should begin at byte 0 of the data, but begins at 16"),
        ("[0,16]", "[0,15]", "`fc1.bias` is f32 [4], but has 15 bytes"),
        ("[0,16]", "[16,0]", "`fc1.bias` goes from byte 16 to 0 of 104 bytes of data"),
        ("[0,16]", "[104,120]", "`fc1.bias` goes from byte 104 to 120 of 104 bytes of data"),
        ("[0,16]", "[18446744073709551600,16]", "goes from byte"),
        ("[0,16]", "[0,18446744073709551616]", "expected a number below 2^64"),
        ("[0,16]", "[-16,0]", "expected a whole number"),
        ("[0,16]", "[0,1.6e1]", "expected a whole number"),
        ("[0,16]", "[0]", "expected `,`"),
        ("[0,16]", "[]", "expected a whole number"),
        ("[0,16]", "null", "expected `[`"),
    ] {
        let error = error(&with(from, to));
        assert!(error.contains(says), "{to}: {error}");
    }
}

#[test]
fn shapes_and_element_types_that_lie() {
    for (from, to, says) in [
        ("[4,3]", "[3,4]", "`fc1.weight` should be f32 [4, 3], but is f32 [3, 4]"),
        ("[4,3]", "[12]", "should be f32 [4, 3], but is f32 [12]"),
        ("[4,3]", "[4,3,1]", "should be f32 [4, 3], but is f32 [4, 3, 1]"),
        ("[4,3]", "[4,4]", "`fc1.weight` is f32 [4, 4], but has 48 bytes"),
        ("[4,3]", "[4294967296,4294967296]", "more elements than can be counted"),
        ("[4,3]", "[4611686018427387904,4]", "more elements than can be counted"),
        ("[4,3]", "[4611686018427387907,1]", "but has 48 bytes"),
        ("[4,3]", "[0,4294967296]", "but has 48 bytes"),
        ("[4,3]", "[1,1,1,1,1,1,1,12]", "but is f32 [1, 1, 1, 1, 1, 1, 1, 12]"),
        ("[4,3]", "[1,1,1,1,1,1,1,1,12]", "but is f32 [1, 1, 1, 1, 1, 1, 1, 1, …] (9 axes)"),
        ("F32", "F64", "`fc1.bias` is f64 [4], but has 16 bytes"),
        ("F32", "BOOL", "`fc1.bias` is bool [4], but has 16 bytes"),
        ("F32", "U32", "`fc1.bias` should be f32 [4], but is `U32` [4]"),
        ("F32", "", "should be f32 [4], but is `` [4]"),
        ("F32", "f32", "should be f32 [4], but is `f32` [4]"),
        ("\"F32\"", "4", "expected `\"`"),
    ] {
        let error = error(&with(from, to));
        assert!(error.contains(says), "{to}: {error}");
    }
}

#[test]
fn names_that_come_twice() {
    let twice =
        with(r#""fc1.weight":{"#, r#""fc1.bias":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"fc1.weight":{"#);
    assert_eq!(error(&twice), "(bytes): it has two entries called `fc1.bias`");
    let escaped =
        with(r#""fc1.weight":{"#, r#""fc1\u002ebias":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"fc1.weight":{"#);
    assert_eq!(error(&escaped), "(bytes): it has two entries called `fc1.bias`");
    error(&with(r#""shape":[4]"#, r#""shape":[4],"shape":[4]"#));
    error(&with(r#""fc1.bias""#, r#""__metadata__":{},"fc1.bias""#));
}

#[test]
fn what_a_message_shows_is_harmless() {
    let name = "\\u001b[2J".to_owned() + &"x".repeat(1000);
    let error = error(&with("fc1.bias", &name));
    assert!(error.contains("`\\u{1b}[2Jxxx") && !error.contains('\u{1b}') && error.len() < 400, "{error}");
}

/// Files whose header, once parsed, would be many times larger than it is.
#[test]
fn headers_that_would_swell() {
    const MANY: usize = 300_000;
    let zeros = "0,".repeat(MANY);
    let huge_rank = with_entry(&format!(r#""dtype":"F32","shape":[{zeros}0],"data_offsets":[0,0]"#));
    assert!(error(&huge_rank).contains("(300001 axes)"));
    error(&with_entry(&format!(r#""a":[{}[]]"#, "[],".repeat(MANY))));
    error(&with_entry(&format!(r#""dtype":"{}""#, "\\n".repeat(MANY))));
    let texts: String = (0..MANY).map(|i| format!(r#""{i}":"","#)).collect();
    load(&mut net(0), &with(r#""format""#, &(texts + r#""format""#))).unwrap();
    let long = "\\u0061".repeat(MANY);
    load(&mut net(0), &with("pt", &long)).unwrap();
    let entries: String =
        (0..MANY).map(|i| format!(r#""{i}":{{"dtype":"U8","shape":[0],"data_offsets":[0,0]}},"#)).collect();
    let error = error(&with(r#""fc1.bias""#, &(entries + r#""fc1.bias""#)));
    assert!(error.ends_with("and 299000 more"), "{}", &error[error.len() - 100..]);
    assert!(error.len() < 100_000);
}

/// Knuth's linear congruential generator.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % n
    }
}

/// Thousands of files that somebody has changed a little.
#[test]
fn random_changes() {
    let good = net(0).to_bytes().unwrap();
    let (mut random, mut loaded) = (Random(3), 0);
    let tokens =
        ["0", "9", "\"", "{", "}", "[", "]", ",", ":", "\\", "\\u00", " ", "F64", "shape", "-", ".", "1e9", "é"];
    let mut net = net(1);
    for _ in 0..6000 {
        let mut bytes = good.clone();
        let head = 8 + header(&good).len();
        for _ in 0..=random.below(3) {
            let at = random.below(bytes.len().min(head + 8));
            match random.below(6) {
                0 => bytes[at] ^= 1 << random.below(8),
                1 => bytes.truncate(at.max(1)),
                2 => drop(bytes.remove(at)),
                3 => {
                    let token = tokens[random.below(tokens.len())];
                    bytes.splice(at..at, token.bytes());
                }
                4 => {
                    let token = tokens[random.below(tokens.len())];
                    let end = bytes.len().min(at + token.len());
                    bytes.splice(at..end, token.bytes());
                }
                _ => {
                    let end = bytes.len().min(at + random.below(40));
                    let copy = bytes[at..end].to_vec();
                    let to = random.below(bytes.len());
                    bytes.splice(to..to, copy);
                }
            }
            // Half of the time the length is put right, so that the header is looked at.
            if bytes.len() > head && random.below(2) == 0 {
                let len = bytes.len() - (good.len() - head) - 8;
                bytes[..8].copy_from_slice(&(len as u64).to_le_bytes());
            }
        }
        loaded += usize::from(load(&mut net, &bytes).is_ok());
    }
    // A changed element, white space or metadata: the file is still one.
    assert!((1..1500).contains(&loaded), "{loaded}");
}
