//! What a file holds, read from its start to its end: plain, or unpacked from gzip.

use crate::dim::Shape;
use crate::kernels::{Array, Element};
use crate::tensor::Tensor;
use crate::{Error, Result};
use flate2::bufread::MultiGzDecoder;
use std::fmt::Display;
use std::fs::File;
use std::io::{self, BufRead, BufReader, ErrorKind, Read};
use std::path::Path;

/// What gzip begins with.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// A packed file gives no more than this many times its own size, or [`SMALL`]. Images of digits give five times as much.
const MOST: u64 = 200;

/// So much any packed file may give.
const SMALL: u64 = 64 << 20;

/// How much packed data of this length may give.
pub(super) fn most_of(packed: u64) -> u64 {
    packed.saturating_mul(MOST).max(SMALL)
}

/// The rest of a file's contents, and where it begins.
pub(super) struct Contents<'a> {
    path: &'a Path,
    reader: Box<dyn BufRead + 'a>,
    packed: bool,
    /// How many bytes were read so far, unpacked.
    at: u64,
    /// No more than this can come from the start on.
    most: u64,
}

impl<'a> Contents<'a> {
    /// Of the file at `path`. Whether it is packed is seen by its first bytes, whatever its name.
    pub fn open(path: &'a Path) -> Result<Self> {
        let (file, length) = Self::file(path)?;
        Self::new(path, file, length)
    }

    /// As [`Contents::open`], of a file that is taken as it is.
    pub fn plain(path: &'a Path) -> Result<Self> {
        let (file, length) = Self::file(path)?;
        Ok(Self { path, reader: Box::new(file), packed: false, at: 0, most: length })
    }

    /// As [`Contents::plain`], of a file that lies in memory.
    pub fn of_plain_bytes(path: &'a Path, bytes: &'a [u8]) -> Self {
        Self { path, reader: Box::new(bytes), packed: false, at: 0, most: bytes.len() as u64 }
    }

    fn file(path: &Path) -> Result<(BufReader<File>, u64)> {
        let open = || -> io::Result<(File, u64)> {
            let file = File::open(path)?;
            let about = file.metadata()?;
            // What a pipe will give nobody knows.
            let length = if about.is_file() { about.len() } else { u64::MAX };
            Ok((file, length))
        };
        let (file, length) = open().map_err(|source| Error::file(path, source))?;
        Ok((BufReader::new(file), length))
    }

    /// Of a file that lies in memory; `path` is what messages call it.
    pub fn of_bytes(path: &'a Path, bytes: &'a [u8]) -> Result<Self> {
        Self::new(path, bytes, bytes.len() as u64)
    }

    fn new(path: &'a Path, mut plain: impl BufRead + 'a, length: u64) -> Result<Self> {
        let start = plain.fill_buf().map_err(|source| Error::file(path, source))?;
        let packed = start.starts_with(&GZIP);
        let reader: Box<dyn BufRead> = match packed {
            true => Box::new(BufReader::new(MultiGzDecoder::new(plain))),
            false => Box::new(plain),
        };
        let most = if packed { most_of(length) } else { length };
        Ok(Self { path, reader, packed, at: 0, most })
    }

    /// An error about this file.
    pub fn wrong(&self, problem: impl Display) -> Error {
        Error::format(self.path, problem)
    }

    /// What is read next, of a size that is part of the format. `what` is what it is part of.
    pub fn array<const N: usize>(&mut self, what: &str) -> Result<[u8; N]> {
        let mut bytes = [0; N];
        self.fill(&mut bytes, what)?;
        Ok(bytes)
    }

    /// Reads so many bytes as `bytes` has.
    pub fn fill(&mut self, bytes: &mut [u8], what: &str) -> Result<()> {
        let mut filled = 0;
        while filled < bytes.len() {
            match self.reader.read(&mut bytes[filled..]) {
                Ok(0) => return Err(self.ends(bytes.len() - filled, what)),
                Ok(count) => {
                    filled += count;
                    self.at += count as u64;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(self.unreadable(error)),
            }
        }
        Ok(())
    }

    /// The next `count` bytes, where `count` comes from the file itself. Memory is taken for what is there, not for what is
    /// claimed.
    pub fn bytes(&mut self, count: u64, what: &str) -> Result<Vec<u8>> {
        self.room(count, what)?;
        let mut bytes = Vec::new();
        let mut taken = 0;
        while taken < count {
            // What is in a plain file is there; what is in a packed one shows.
            let next = if self.packed { (count - taken).min((1 << 20) + taken) } else { count };
            let end = usize::try_from(taken + next).map_err(|_| self.no_memory(count, what))?;
            bytes.try_reserve_exact(end - bytes.len()).map_err(|_| self.no_memory(count, what))?;
            bytes.resize(end, 0);
            self.fill(&mut bytes[taken as usize..], what)?;
            taken += next;
        }
        Ok(bytes)
    }

    /// All that is left, at most `longest` bytes.
    pub fn all(&mut self, longest: u64, what: &str) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let known = if self.packed { 0 } else { self.most.min(longest) };
        bytes.try_reserve_exact(known as usize).map_err(|_| self.no_memory(known, what))?;
        let read = self.reader.by_ref().take(longest.saturating_add(1)).read_to_end(&mut bytes);
        read.map_err(|error| self.unreadable(error))?;
        self.at += bytes.len() as u64;
        match bytes.len() as u64 > longest {
            true => Err(self.wrong(format_args!("is longer than the {longest} bytes that {what} may have"))),
            false => Ok(bytes),
        }
    }

    /// Can so many more bytes come?
    pub fn room(&self, count: u64, what: &str) -> Result<()> {
        if count <= self.most.saturating_sub(self.at) {
            return Ok(());
        }
        Err(self.wrong(match self.packed {
            true => {
                format!("{what} would be {count} bytes, and a packed file of this size gives at most {}", self.most)
            }
            false => format!("{what} would be {count} bytes from byte {} on, but the file has {}", self.at, self.most),
        }))
    }

    /// Fails unless everything was read. In a packed file this compares the checksum too.
    pub fn end(&mut self, what: &str) -> Result<()> {
        loop {
            match self.reader.fill_buf() {
                Ok([]) => return Ok(()),
                Ok(_) => break Err(self.wrong(format_args!("goes on after byte {}, where {what} ends", self.at))),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => break Err(self.unreadable(error)),
            }
        }
    }

    fn ends(&self, missing: usize, what: &str) -> Error {
        self.wrong(format_args!("ends after byte {}, in {what}: {missing} bytes are missing", self.at))
    }

    fn no_memory(&self, count: u64, what: &str) -> Error {
        Error::TooLarge { problem: format!("{}: no memory for {what} of {count} bytes", self.path.display()) }
    }

    /// Damage that the unpacking found is about the contents; everything else is the system's.
    fn unreadable(&self, error: io::Error) -> Error {
        let damaged =
            matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::InvalidData | ErrorKind::UnexpectedEof);
        match self.packed && damaged {
            true => {
                self.wrong(format_args!("its gzip data is damaged after byte {} of what it gives: {error}", self.at))
            }
            false => Error::file(self.path, error),
        }
    }
}

/// What a file holds, if it is no longer than `most` bytes: no file takes more memory than a program means to give it.
///
/// # Errors
/// [`Error::File`](crate::Error::File) if it cannot be read, [`Error::Format`](crate::Error::Format) if it is longer.
///
/// ```
/// use fusion::data::read_bytes;
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("five");
/// std::fs::write(&path, "bytes")?;
/// assert_eq!(read_bytes(&path, 5)?, b"bytes");
/// assert!(read_bytes(&path, 4).unwrap_err().to_string().ends_with("is longer than the 4 bytes that it may have"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn read_bytes(path: impl AsRef<Path>, most: u64) -> Result<Vec<u8>> {
    Contents::plain(path.as_ref())?.all(most, "it")
}

/// The elements that a file holds, under the shape that the program expects.
pub(super) fn typed<S: Shape, T: Element>(path: &Path, array: Array) -> Result<Tensor<S, T>> {
    Tensor::from_value(array.into()).map_err(|error| Error::format(path, error))
}
