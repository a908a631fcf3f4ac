//! Writes an AVI file, frame by frame.

use crate::{Fault, Result};
use std::fs::File;
use std::io::{BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// The longest file: lengths are whole numbers of 32 bits, and some players read a sign into them.
const LONGEST: u64 = (1 << 31) - (1 << 20);
/// The file has an index.
const HAS_INDEX: u32 = 0x10;
/// A frame that needs no other.
const KEY: u32 = 0x10;
/// Where the list of frames begins to count: after the headers below and the name and length of the list.
const MOVI: u32 = 220;

/// Writes JPEG images as a video. [`Writer::finish`] makes the file whole; without it no player knows how long it is.
#[derive(Debug)]
pub struct Writer {
    file: BufWriter<File>,
    path: PathBuf,
    /// The length of each frame.
    frames: Vec<u32>,
    /// Bytes so far.
    length: u64,
}

/// Little-endian numbers and names, one after another.
#[derive(Default)]
struct Bytes(Vec<u8>);

impl Bytes {
    fn name(mut self, name: &[u8; 4]) -> Self {
        self.0.extend(name);
        self
    }

    fn numbers<const N: usize>(mut self, numbers: [u32; N]) -> Self {
        numbers.iter().for_each(|number| self.0.extend(number.to_le_bytes()));
        self
    }
}

impl Writer {
    /// Begins a file of images of this width and height, so many in a second.
    ///
    /// # Errors
    /// If it cannot be written, or the number of frames in a second is not above 0.
    pub fn create(path: &Path, [width, height]: [usize; 2], rate: f64) -> Result<Self> {
        if !(0.01..=1000.0).contains(&rate) {
            return Err(Fault::file(path, format_args!("a video has 0.01 to 1000 frames of a second, and not {rate}")));
        }
        let failed = |error| Fault::file(path, error);
        let file = BufWriter::new(File::create(path).map_err(failed)?);
        let mut writer = Self { file, path: path.to_owned(), frames: Vec::new(), length: 0 };
        let (width, height) = (width as u32, height as u32);
        let (scale, rate) = (1000, (rate * 1000.0).round() as u32);
        // The lengths and numbers of frames that are 0 here are put in by `finish`.
        let head = Bytes::default()
            .name(b"RIFF")
            .numbers([0])
            .name(b"AVI ")
            .name(b"LIST")
            .numbers([192])
            .name(b"hdrl")
            .name(b"avih")
            .numbers([56, 1_000_000_000 / rate, 0, 0, HAS_INDEX, 0, 0, 1, 0, width, height, 0, 0, 0, 0])
            .name(b"LIST")
            .numbers([116])
            .name(b"strl")
            .name(b"strh")
            .numbers([56])
            .name(b"vids")
            .name(b"MJPG")
            .numbers([0, 0, 0, scale, rate, 0, 0, 0, u32::MAX, 0, 0, width | height << 16])
            .name(b"strf")
            .numbers([40, 40, width, height, 1 | 24 << 16])
            .name(b"MJPG")
            .numbers([width.saturating_mul(height).saturating_mul(3), 0, 0, 0, 0])
            .name(b"LIST")
            .numbers([0])
            .name(b"movi");
        writer.write(&head.0)?;
        Ok(writer)
    }

    /// Adds a JPEG image.
    ///
    /// # Errors
    /// If it cannot be written, or the file would be longer than 2 GB.
    pub fn add(&mut self, jpeg: &[u8]) -> Result<()> {
        if self.length + (jpeg.len() + 16 * (self.frames.len() + 2)) as u64 > LONGEST {
            return Err(Fault::file(&self.path, "an AVI file of one part holds 2 GB, and the video is longer"));
        }
        let length = jpeg.len() as u32;
        self.write(&Bytes::default().name(b"00dc").numbers([length]).0)?;
        self.write(jpeg)?;
        if !length.is_multiple_of(2) {
            self.write(&[0])?;
        }
        self.frames.push(length);
        Ok(())
    }

    /// Writes the index and the lengths.
    ///
    /// # Errors
    /// If they cannot be written.
    pub fn finish(mut self) -> Result<()> {
        let (end, count) = (self.length as u32, self.frames.len() as u32);
        let mut index = Bytes::default().name(b"idx1").numbers([16 * count]);
        let mut at = 4;
        for &length in &self.frames {
            index = index.name(b"00dc").numbers([KEY, at, length]);
            at += 8 + length.next_multiple_of(2);
        }
        self.write(&index.0)?;
        let largest = self.frames.iter().copied().max().unwrap_or_default();
        let whole = self.length as u32;
        let places = [(4, whole - 8), (48, count), (60, largest), (140, count), (144, largest), (MOVI - 4, end - MOVI)];
        for (place, number) in places {
            let put = self
                .file
                .seek(SeekFrom::Start(place.into()))
                .and_then(|_| self.file.write_all(&u32::to_le_bytes(number)));
            put.map_err(|error| Fault::file(&self.path, error))?;
        }
        self.file.flush().map_err(|error| Fault::file(&self.path, error))
    }

    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.file.write_all(bytes).map_err(|error| Fault::file(&self.path, error))?;
        self.length += bytes.len() as u64;
        Ok(())
    }
}
