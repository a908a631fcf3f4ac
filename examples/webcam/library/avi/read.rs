//! Reads an AVI file, frame by frame.

use crate::picture::MOST_BYTES;
use crate::{Fault, Result};
use std::fmt;
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// Lists lie in lists to this depth.
const DEPTH: usize = 4;
/// The longest header of a stream that is read; what is longer is no such header.
const LONGEST_HEADER: u32 = 4096;

/// The frames of an AVI file of JPEG images ("MJPEG"), in order. It is an iterator, and holds one frame at a time.
pub struct Reader<R = BufReader<File>> {
    file: R,
    path: PathBuf,
    /// The place in the file.
    at: u64,
    /// Where each list that is open ends, the outermost first.
    ends: Vec<u64>,
    /// The stream of the video, by its place among streams.
    stream: u8,
    /// The time from one frame to the next, in seconds.
    step: f64,
    failed: bool,
}

/// A name of four bytes and a length: what each part of a file begins with.
struct Chunk {
    name: [u8; 4],
    length: u32,
    at: u64,
}

impl Reader {
    /// Opens a file and reads as far as its first frame.
    ///
    /// # Errors
    /// A file that cannot be read, is no AVI file, or has no stream of JPEG images.
    pub fn open(path: &Path) -> Result<Self> {
        let failed = |error| Fault::file(path, error);
        let file = File::open(path).map_err(failed)?;
        let length = file.metadata().map_err(failed)?.len();
        Self::new(BufReader::new(file), path, length)
    }
}

impl<R: Read + Seek> Reader<R> {
    /// Reads from `file`, which errors call `path`, with so many bytes.
    ///
    /// # Errors
    /// As [`Reader::open`].
    pub fn new(file: R, path: &Path, length: u64) -> Result<Self> {
        let mut reader =
            Self { file, path: path.to_owned(), at: 0, ends: vec![length], stream: 0, step: 0.0, failed: false };
        reader.begin()?;
        Ok(reader)
    }

    /// Frames of a second.
    pub fn rate(&self) -> f64 {
        1.0 / self.step
    }

    /// Reads up to the list of frames.
    fn begin(&mut self) -> Result<()> {
        let Some(riff) = self.chunk()? else { return Err(self.fault(0, "is empty, and no AVI file")) };
        if riff.name != *b"RIFF" {
            return Err(self.fault(0, format_args!("begins with {}, and an AVI file with `RIFF`", said(riff.name))));
        }
        let kind = self.enter(&riff)?;
        if kind != *b"AVI " {
            return Err(self.fault(8, format_args!("is a RIFF file of kind {}, and should be of `AVI `", said(kind))));
        }
        let (mut streams, mut video) = (0, None);
        loop {
            let Some(chunk) = self.chunk()? else {
                let problem = "has no list of frames, `movi`";
                return Err(self.fault(self.at, problem));
            };
            match &chunk.name {
                b"LIST" => match &self.enter(&chunk)? {
                    b"movi" => break,
                    b"hdrl" | b"strl" => {}
                    _ => self.leave()?,
                },
                b"strh" => {
                    let header = self.header(&chunk, 28)?;
                    if header.starts_with(b"vids") && video.is_none() {
                        let number = |at: usize| u32::from_le_bytes([0, 1, 2, 3].map(|byte| header[at + byte]));
                        let codec = [4, 5, 6, 7].map(|at| header[at]);
                        if !codec.eq_ignore_ascii_case(b"MJPG") {
                            return Err(self.fault(
                                chunk.at,
                                format_args!("has a video in {}, and JPEG images (`MJPG`) are read", said(codec)),
                            ));
                        }
                        let (scale, rate) = (number(20), number(24));
                        if scale == 0 || rate == 0 {
                            return Err(self.fault(chunk.at, format_args!("has {rate} / {scale} frames of a second")));
                        }
                        self.step = f64::from(scale) / f64::from(rate);
                        video = Some(streams);
                    }
                    streams = u8::saturating_add(streams, 1);
                }
                _ => self.skip(&chunk)?,
            }
        }
        self.stream = video.ok_or_else(|| self.fault(self.at, "has no stream of JPEG images before its frames"))?;
        Ok(())
    }

    /// The next frame with bytes; none at the end of the list.
    fn frame(&mut self) -> Result<Option<Vec<u8>>> {
        while let Some(chunk) = self.chunk()? {
            // Behind the first part of a long file is another one, `AVIX`, with a list of its own.
            if matches!(&chunk.name, b"LIST" | b"RIFF") {
                match &self.enter(&chunk)? {
                    b"rec " | b"movi" | b"AVIX" => {}
                    _ => self.leave()?,
                }
                continue;
            }
            // `00dc`: the number of the stream by two digits, and compressed or plain images.
            let [tens, ones, kind @ ..] = chunk.name;
            let number = tens.wrapping_sub(b'0').saturating_mul(10).saturating_add(ones.wrapping_sub(b'0'));
            if number != self.stream || !matches!(&kind, b"dc" | b"db") || chunk.length == 0 {
                self.skip(&chunk)?;
                continue;
            }
            if chunk.length as usize > MOST_BYTES {
                let problem = format_args!("a frame has {} bytes, and may have {MOST_BYTES}", chunk.length);
                return Err(self.fault(chunk.at, problem));
            }
            let mut bytes = vec![0; chunk.length as usize];
            self.read(&mut bytes)?;
            self.pad(&chunk)?;
            return Ok(Some(bytes));
        }
        Ok(None)
    }

    /// The head of the next part; none at the end of what is open, when only the file is left.
    fn chunk(&mut self) -> Result<Option<Chunk>> {
        // Lists that are read to their ends are left.
        while self.ends.last().is_some_and(|end| self.at + 8 > *end) {
            if self.ends.len() == 1 {
                return Ok(None);
            }
            self.leave()?;
        }
        let (at, mut head) = (self.at, [0; 8]);
        self.read(&mut head)?;
        let [a, b, c, d, length @ ..] = head;
        let (name, length) = ([a, b, c, d], u32::from_le_bytes(length));
        let end = *self.ends.last().expect("the file's");
        if u64::from(length) > end - self.at {
            let problem =
                format_args!("{} says it has {length} bytes, of which {} are there", said(name), end - self.at);
            return Err(self.fault(at, problem));
        }
        Ok(Some(Chunk { name, length, at }))
    }

    /// Opens a list, and gives its kind.
    fn enter(&mut self, list: &Chunk) -> Result<[u8; 4]> {
        if list.length < 4 {
            return Err(self.fault(list.at, format_args!("a list has {} bytes, and no kind", list.length)));
        }
        if self.ends.len() > DEPTH {
            return Err(self.fault(list.at, format_args!("lists lie in lists deeper than {DEPTH}")));
        }
        self.ends.push(self.at + u64::from(list.length));
        let mut kind = [0; 4];
        self.read(&mut kind)?;
        Ok(kind)
    }

    /// Goes to the end of the list that was opened last.
    fn leave(&mut self) -> Result<()> {
        let end = self.ends.pop().expect("a list is open");
        self.seek((end + (end & 1)).min(*self.ends.last().expect("the file's")))
    }

    /// The bytes of a header, at least so many.
    fn header(&mut self, chunk: &Chunk, least: u32) -> Result<Vec<u8>> {
        if !(least..=LONGEST_HEADER).contains(&chunk.length) {
            let problem = format_args!("the header {} has {} bytes", said(chunk.name), chunk.length);
            return Err(self.fault(chunk.at, problem));
        }
        let mut bytes = vec![0; chunk.length as usize];
        self.read(&mut bytes)?;
        self.pad(chunk)?;
        Ok(bytes)
    }

    fn skip(&mut self, chunk: &Chunk) -> Result<()> {
        self.seek(self.at + u64::from(chunk.length))?;
        self.pad(chunk)
    }

    /// Parts begin at even places.
    fn pad(&mut self, chunk: &Chunk) -> Result<()> {
        let end = *self.ends.last().expect("the file's");
        if chunk.length % 2 == 1 && self.at < end { self.seek(self.at + 1) } else { Ok(()) }
    }

    fn seek(&mut self, at: u64) -> Result<()> {
        self.file.seek(SeekFrom::Start(at)).map_err(|error| self.fault(at, error))?;
        self.at = at;
        Ok(())
    }

    fn read(&mut self, bytes: &mut [u8]) -> Result<()> {
        self.file.read_exact(bytes).map_err(|error| self.fault(self.at, error))?;
        self.at += bytes.len() as u64;
        Ok(())
    }

    fn fault(&self, at: u64, problem: impl fmt::Display) -> Fault {
        Fault::file(&self.path, format_args!("byte {at}: {problem}"))
    }
}

impl<R: Read + Seek> Iterator for Reader<R> {
    type Item = Result<Vec<u8>>;

    /// The next frame. After an error there is none.
    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let frame = self.frame();
        self.failed = !matches!(frame, Ok(Some(_)));
        frame.transpose()
    }
}

impl<R> fmt::Debug for Reader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader").field("path", &self.path).field("at", &self.at).finish_non_exhaustive()
    }
}

/// A name, readable whatever its bytes.
fn said(name: [u8; 4]) -> String {
    format!("`{}`", name.escape_ascii())
}
