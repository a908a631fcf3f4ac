//! ZIP archives, as far as NumPy writes them: files that are stored or deflated, of any length, with checksums.
//!
//! Source: PKWARE, [.ZIP File Format Specification](https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT), 6.3.

use super::super::contents::most_of;
use flate2::Crc;
use flate2::read::DeflateDecoder;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::PathBuf;

/// Where an archive's bytes are.
#[derive(Debug)]
pub(super) enum Bytes {
    File(PathBuf),
    Memory(Vec<u8>),
}

/// A file in an archive.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub name: String,
    deflated: bool,
    crc: u32,
    packed: u64,
    size: u64,
    /// Of its own header, from the start of the archive.
    at: u64,
}

/// What went wrong: in the system, or with the archive.
#[derive(Debug)]
pub(super) enum Fault {
    System(io::Error),
    Archive(String),
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::System(error)
    }
}

type Result<T> = std::result::Result<T, Fault>;

fn fault<T>(problem: impl Into<String>) -> Result<T> {
    Err(Fault::Archive(problem.into()))
}

/// The longest comment of an archive, and its last record.
const TAIL: u64 = u16::MAX as u64 + END as u64;
const END: usize = 22;
/// The last record of a large archive, and what says where it is.
const LARGE_END: usize = 56;
const LOCATOR: usize = 20;
/// An entry of the list, and the header of a file, without their texts.
const LISTED: usize = 46;
const LOCAL: usize = 30;

/// The longest list of files, in bytes.
const LONGEST_LIST: u64 = 64 << 20;

fn u16_at(bytes: &[u8], at: usize) -> u64 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]]).into()
}

fn u32_at(bytes: &[u8], at: usize) -> u64 {
    u32::from_le_bytes(bytes[at..][..4].try_into().expect("four bytes")).into()
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(bytes[at..][..8].try_into().expect("eight bytes"))
}

impl Bytes {
    fn length(&self) -> Result<u64> {
        Ok(match self {
            Self::File(path) => std::fs::metadata(path)?.len(),
            Self::Memory(bytes) => bytes.len() as u64,
        })
    }

    /// A part of the archive, of which the caller knows that it is not longer than the archive.
    fn part(&self, at: u64, count: u64) -> Result<Vec<u8>> {
        let length = self.length()?;
        if at.checked_add(count).is_none_or(|end| end > length) {
            return fault(format!("names {count} bytes from byte {at} on, and has {length}"));
        }
        let mut part = Vec::new();
        if part.try_reserve_exact(count as usize).is_err() {
            return fault(format!("has a part of {count} bytes, for which there is no memory"));
        }
        match self {
            Self::File(path) => {
                let mut file = File::open(path)?;
                file.seek(SeekFrom::Start(at))?;
                file.take(count).read_to_end(&mut part)?;
            }
            Self::Memory(bytes) => part.extend_from_slice(&bytes[at as usize..][..count as usize]),
        }
        match part.len() as u64 == count {
            true => Ok(part),
            false => fault("became shorter while it was read"),
        }
    }

    /// The list of files, which stands at the end.
    pub fn entries(&self) -> Result<Vec<Entry>> {
        let length = self.length()?;
        let from = length.saturating_sub(TAIL);
        let tail = self.part(from, length - from)?;
        let found = tail
            .windows(END)
            .rposition(|record| record.starts_with(b"PK\x05\x06") && u16_at(record, 20) as usize + END <= tail.len());
        let Some(place) = found else { return fault("is no NPZ file: it has no list of files at its end") };
        let end = &tail[place..];
        let (mut count, mut size, mut at) = (u16_at(end, 10), u32_at(end, 12), u32_at(end, 16));
        if count == 0xffff || size == 0xffff_ffff || at == 0xffff_ffff {
            let Some(locator) = (from + place as u64).checked_sub(LOCATOR as u64) else {
                return fault("has no place for the list of a large archive");
            };
            let locator = self.part(locator, LOCATOR as u64)?;
            if !locator.starts_with(b"PK\x06\x07") {
                return fault("does not say where the list of a large archive is");
            }
            let large = self.part(u64_at(&locator, 8), LARGE_END as u64)?;
            if !large.starts_with(b"PK\x06\x06") {
                return fault("has no list of a large archive where it should be");
            }
            (count, size, at) = (u64_at(&large, 32), u64_at(&large, 40), u64_at(&large, 48));
        }
        if size > LONGEST_LIST {
            return fault(format!("has a list of files of {size} bytes, and {LONGEST_LIST} are the most"));
        }
        let list = self.part(at, size)?;
        let (mut entries, mut rest) = (Vec::new(), list.as_slice());
        for number in 0..count {
            let (entry, after) = listed(rest).ok_or_else(|| {
                Fault::Archive(format!("has a list of {count} files that is damaged at file {number}"))
            })?;
            entries.push(entry);
            rest = after;
        }
        Ok(entries)
    }

    /// What a file holds.
    pub fn unpack(&self, entry: &Entry) -> Result<Vec<u8>> {
        let &Entry { ref name, deflated, crc, packed, size, at } = entry;
        let most = if deflated { most_of(packed) } else { packed };
        if size > most || (!deflated && size != packed) {
            return fault(format!("says that `{name}` has {size} bytes, made of {packed}"));
        }
        let local = self.part(at, LOCAL as u64)?;
        if !local.starts_with(b"PK\x03\x04") {
            return fault(format!("has no file where `{name}` should be"));
        }
        let data = self.part(at + LOCAL as u64 + u16_at(&local, 26) + u16_at(&local, 28), packed)?;
        let data = match deflated {
            false => data,
            true => {
                let mut unpacked = Vec::new();
                let read = DeflateDecoder::new(data.as_slice()).take(size + 1).read_to_end(&mut unpacked);
                if let Err(error) = read {
                    return fault(format!("has a damaged file `{name}`: {error}"));
                }
                unpacked
            }
        };
        let mut sum = Crc::new();
        sum.update(&data);
        match data.len() as u64 == size && sum.sum() == crc {
            true => Ok(data),
            false => fault(format!("has a damaged file `{name}`: its length or its checksum is wrong")),
        }
    }
}

/// The first entry of a list, and what follows it.
fn listed(list: &[u8]) -> Option<(Entry, &[u8])> {
    let (fixed, rest) = list.split_at_checked(LISTED)?;
    let (name, rest) = rest.split_at_checked(u16_at(fixed, 28) as usize)?;
    let (extra, rest) = rest.split_at_checked(u16_at(fixed, 30) as usize)?;
    let (_, rest) = rest.split_at_checked(u16_at(fixed, 32) as usize)?;
    let encrypted = u16_at(fixed, 8) & 1 == 1;
    let deflated = match u16_at(fixed, 10) {
        0 => false,
        8 => true,
        _ => return None,
    };
    if !fixed.starts_with(b"PK\x01\x02") || encrypted {
        return None;
    }
    let (mut size, mut packed, mut at) = (u32_at(fixed, 24), u32_at(fixed, 20), u32_at(fixed, 42));
    // What does not fit into 32 bits stands in an extra field, in this order.
    let mut large = large(extra);
    for number in [&mut size, &mut packed, &mut at] {
        if *number == 0xffff_ffff {
            let (first, others) = large.split_at_checked(8)?;
            (*number, large) = (u64_at(first, 0), others);
        }
    }
    let name = String::from_utf8_lossy(name).into_owned();
    Some((Entry { name, deflated, crc: u32_at(fixed, 16) as u32, packed, size, at }, rest))
}

/// The extra field of large sizes; empty if there is none.
fn large(mut extra: &[u8]) -> &[u8] {
    while let Some((head, rest)) = extra.split_at_checked(4) {
        let Some((field, others)) = rest.split_at_checked(u16_at(head, 2) as usize) else { break };
        if u16_at(head, 0) == 1 {
            return field;
        }
        extra = others;
    }
    &[]
}

/// An archive of stored files; nothing if it would be too large for one.
pub(super) fn write(files: &[(String, Vec<u8>)]) -> Option<Vec<u8>> {
    let (mut archive, mut list) = (Vec::new(), Vec::new());
    for (name, data) in files {
        let mut crc = Crc::new();
        crc.update(data);
        let (at, size) = (u32::try_from(archive.len()).ok()?, u32::try_from(data.len()).ok()?);
        let length = u16::try_from(name.len()).ok()?;
        // Version 2.0, names in UTF-8, stored, the first day of DOS.
        let mut about = vec![20, 0, 0, 8, 0, 0, 0, 0, 33, 0];
        about.extend(crc.sum().to_le_bytes());
        about.extend(size.to_le_bytes());
        about.extend(size.to_le_bytes());
        about.extend(length.to_le_bytes());
        about.extend([0; 2]);
        archive.extend([b"PK\x03\x04", about.as_slice(), name.as_bytes(), data.as_slice()].concat());
        list.extend([b"PK\x01\x02\x14\x00", about.as_slice(), &[0; 10], &at.to_le_bytes(), name.as_bytes()].concat());
    }
    let (count, at) = (u16::try_from(files.len()).ok()?, u32::try_from(archive.len()).ok()?);
    let size = u32::try_from(list.len()).ok()?;
    archive.append(&mut list);
    archive.extend(b"PK\x05\x06\0\0\0\0");
    archive.extend([count.to_le_bytes(), count.to_le_bytes()].concat());
    archive.extend([size.to_le_bytes(), at.to_le_bytes()].concat());
    archive.extend([0; 2]);
    (u32::try_from(archive.len()).is_ok() && count < u16::MAX).then_some(archive)
}
