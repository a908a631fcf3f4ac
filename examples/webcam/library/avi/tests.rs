use super::{Reader, Writer};
use std::io::Cursor;
use std::path::Path;

fn video(frames: &[&[u8]]) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("video.avi");
    let mut writer = Writer::create(&path, [32, 16], 29.97).expect("a file");
    frames.iter().for_each(|frame| writer.add(frame).expect("a frame"));
    writer.finish().expect("an end");
    std::fs::read(path).expect("the file")
}

fn read(bytes: &[u8]) -> crate::Result<Vec<Vec<u8>>> {
    Reader::new(Cursor::new(bytes), Path::new("video.avi"), bytes.len() as u64)?.collect()
}

#[test]
fn what_is_written_is_read() {
    let bytes = video(&[b"one", b"four", b"sixsix", b"x"]);
    assert_eq!(read(&bytes).expect("frames"), [&b"one"[..], b"four", b"sixsix", b"x"]);
    let reader = Reader::new(Cursor::new(&bytes), Path::new("video.avi"), bytes.len() as u64).expect("a video");
    assert!((reader.rate() - 29.97).abs() < 1e-9);
    assert_eq!(read(&video(&[])).expect("no frames"), [[0_u8; 0]; 0]);
    // Every length says how much follows.
    let length = |at: usize| u32::from_le_bytes([0, 1, 2, 3].map(|i| bytes[at + i])) as usize;
    assert_eq!(length(4), bytes.len() - 8);
    let movi = bytes.windows(4).position(|name| name == b"movi").expect("a list");
    assert_eq!(&bytes[movi + length(movi - 4)..][..4], b"idx1");
    let (first, place) = (movi + length(movi - 4) + 8, length(movi + length(movi - 4) + 16));
    assert_eq!(&bytes[first..first + 4], b"00dc");
    assert_eq!(&bytes[movi + place..][..4], b"00dc", "an index counts from the kind of the list");
}

#[test]
fn a_damaged_file_is_an_error_that_says_where() {
    let whole = video(&[b"one", b"four"]);
    let says = |bytes: &[u8]| read(bytes).expect_err("a damaged file").to_string();
    assert_eq!(says(b""), "video.avi: byte 0: is empty, and no AVI file");
    assert_eq!(
        says(b"PK\x03\x04\x01\0\0\0a"),
        "video.avi: byte 0: begins with `PK\\x03\\x04`, and an AVI file with `RIFF`"
    );
    let with = |at: usize, bytes: &[u8]| {
        let mut file = whole.clone();
        file[at..at + bytes.len()].copy_from_slice(bytes);
        says(&file)
    };
    assert_eq!(with(8, b"WAVE"), "video.avi: byte 8: is a RIFF file of kind `WAVE`, and should be of `AVI `");
    assert_eq!(with(112, b"H264"), "video.avi: byte 100: has a video in `H264`, and JPEG images (`MJPG`) are read");
    assert_eq!(with(128, &[0; 4]), "video.avi: byte 100: has 29970 / 0 frames of a second");
    assert_eq!(with(108, b"auds"), "video.avi: byte 224: has no stream of JPEG images before its frames");
    assert_eq!(
        with(16, &[255; 4]),
        format!("video.avi: byte 12: `LIST` says it has 4294967295 bytes, of which {} are there", whole.len() - 20)
    );
    // Whatever is missing or changed: frames or an error, and an end.
    for end in 0..whole.len() {
        says(&whole[..end]);
    }
    for at in 0..whole.len() {
        for value in [0, 1, 127, 255] {
            let mut file = whole.clone();
            file[at] = value;
            let _ = read(&file);
        }
    }
}
