//! How records lie in a file: behind a line that says what the file is, each behind a header.
//!
//! A header is a mark, the length of the record and its checksum, and a checksum of these twelve bytes. So a length that is
//! damaged is not believed, the next header is found by its mark, and a record that is damaged costs no other.

use crate::crc::crc32;

/// The name of the file in a run's folder.
pub(super) const FILE: &str = "run.fusion";

/// With what a file begins.
pub(super) const MAGIC: &[u8; 13] = b"FUSION LOG 1\n";

/// The longest that a record may be, in bytes.
pub(super) const LONGEST: usize = 64 << 20;

/// The length of a header, in bytes.
pub(super) const HEADER: usize = 16;

/// With what a header begins: the first byte is in no text.
pub(super) const MARK: [u8; 4] = [0xF5, b'R', b'E', b'C'];

/// What a header says of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub length: usize,
    pub checksum: u32,
}

impl Header {
    /// That of the record which these bytes are, if it is not too long.
    pub fn of(record: &[u8]) -> Option<Self> {
        (record.len() <= LONGEST).then(|| Self { length: record.len(), checksum: crc32(0, record) })
    }

    pub fn to_bytes(self) -> [u8; HEADER] {
        let mut bytes = [0; HEADER];
        bytes[..4].copy_from_slice(&MARK);
        bytes[4..8].copy_from_slice(&(self.length as u32).to_le_bytes());
        bytes[8..12].copy_from_slice(&self.checksum.to_le_bytes());
        let own = crc32(0, &bytes[..12]);
        bytes[12..].copy_from_slice(&own.to_le_bytes());
        bytes
    }

    /// The header that these bytes are; none if they are no whole one.
    pub fn from_bytes(bytes: &[u8; HEADER]) -> Option<Self> {
        let number = |at: usize| u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        let is_whole = bytes[..4] == MARK && number(12) == crc32(0, &bytes[..12]);
        let header = Self { length: number(4) as usize, checksum: number(8) };
        (is_whole && header.length <= LONGEST).then_some(header)
    }
}

/// The file of a run with these records.
pub fn framed<'a>(records: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    for record in records {
        let header = Header::of(record).expect("a record that is not too long");
        bytes.extend_from_slice(&header.to_bytes());
        bytes.extend_from_slice(record);
    }
    bytes
}
