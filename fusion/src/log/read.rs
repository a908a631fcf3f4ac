//! Reading a log, also while it grows.

use super::frame::{FILE, HEADER, Header, MAGIC, MARK};
use super::record::{Entry, Record, Unreadable};
use crate::crc::crc32;
use crate::{Error, Result};
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// Reads the records of a run in their order, those of a run that goes on too: once there are no more, it can be asked again.
///
/// ```
/// use fusion::log::{Reader, Record, Run};
///
/// # let home = tempfile::tempdir()?;
/// # let folder = home.path().join("digits");
/// let mut run = Run::create(&folder)?; // "runs/digits"
/// run.scalar(1, "loss", 0.5)?;
/// let mut reader = Reader::open(&folder)?;
/// let first = reader.next().unwrap()?;
/// assert_eq!((first.step, &first.record), (1, &Record::Scalars(vec![("loss".into(), 0.5)])));
/// assert!(reader.next().is_none());
/// run.scalar(2, "loss", 0.25)?;
/// assert_eq!(reader.next().unwrap()?.step, 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// What is damaged is passed over and [counted](Reader::damaged), and costs no record beside it. A record that is not whole yet
/// is none yet: [`Reader::rest`] says how many bytes wait. So whatever a file holds, reading it takes no more memory than a few
/// times its longest record, which has at most 64 MiB, and ends.
///
/// An item is an error if the file cannot be read ([`Error::File`]), or is no log, or one of a newer version, or shorter than it
/// was, since its run was started anew ([`Error::Format`]). After an error comes the end, so that a loop over the records ends.
#[derive(Debug)]
pub struct Reader<R = File> {
    source: BufReader<R>,
    path: PathBuf,
    /// Up to where the file is read: where the next record begins, or what is there in its place.
    position: u64,
    /// Does `source` stand there?
    stands: bool,
    /// The bytes of a record.
    record: Vec<u8>,
    /// Where the search for the next header ends, if there is no header at `position` and none was found up to there.
    searched: Option<u64>,
    damaged: u64,
    unknown: u64,
    rest: u64,
    failed: bool,
}

impl Reader {
    /// The log of a run, by its folder or by the file in it.
    ///
    /// # Errors
    /// [`Error::File`] if it cannot be opened.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let mut path = path.as_ref().to_owned();
        if path.is_dir() {
            path.push(FILE);
        }
        let file = File::open(&path).map_err(|source| Error::file(&path, source))?;
        Ok(Self::new(file, path))
    }
}

impl<R: Read + Seek> Reader<R> {
    /// The log that `source` has, from its first byte on. Errors call it `name`.
    pub fn new(source: R, name: impl Into<PathBuf>) -> Self {
        Self {
            source: BufReader::new(source),
            path: name.into(),
            position: 0,
            stands: false,
            record: Vec::new(),
            searched: None,
            damaged: 0,
            unknown: 0,
            rest: 0,
            failed: false,
        }
    }

    /// The same, from the record on that begins at this byte: an [`Entry::at`] or [`Reader::position`] of before.
    #[must_use]
    pub fn at(self, position: u64) -> Self {
        Self { position, stands: false, searched: None, ..self }
    }

    /// Up to which byte the file is read. A reader that begins [there](Reader::at) goes on as this one does.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// How many places were damaged so far: records whose checksum is another, and stretches without a record.
    pub fn damaged(&self) -> u64 {
        self.damaged
    }

    /// How many records so far are of a kind that this version does not know: a newer Fusion wrote them.
    pub fn unknown(&self) -> u64 {
        self.unknown
    }

    /// How many bytes there are behind the last whole record, as of the last time that there was none: of a record that is
    /// being written, or that a killed process left.
    pub fn rest(&self) -> u64 {
        self.rest
    }

    /// Reads the next record whose checksum fits into `self.record`. Where it begins; none if there is none yet.
    pub(super) fn advance(&mut self) -> Result<Option<u64>> {
        let advanced = self.try_advance();
        self.stands = matches!(advanced, Ok(Ok(Some(_))));
        if let Ok(Ok(None)) = advanced {
            let length = self.source.seek(SeekFrom::End(0)).map_err(|source| Error::file(&self.path, source))?;
            if length < self.position {
                return Err(Error::format(&self.path, "it is shorter than it was: its run was started anew"));
            }
            self.rest = length - self.position;
        }
        match advanced {
            Ok(Ok(found)) => Ok(found),
            Ok(Err(problem)) => Err(Error::format(&self.path, problem)),
            Err(source) => Err(Error::file(&self.path, source)),
        }
    }

    /// The inner error is a sentence about a file that is no log.
    fn try_advance(&mut self) -> io::Result<Result<Option<u64>, &'static str>> {
        if !self.stands {
            self.source.seek(SeekFrom::Start(self.position))?;
        }
        if self.position == 0 {
            match self.begin()? {
                Ok(true) => {}
                Ok(false) => return Ok(Ok(None)),
                Err(problem) => return Ok(Err(problem)),
            }
        }
        let mut header = [0; HEADER];
        loop {
            let found = read_up_to(&mut self.source, &mut header)?;
            if found < HEADER {
                return Ok(Ok(None));
            }
            let Some(about) = Header::from_bytes(&header) else {
                if !self.search()? {
                    return Ok(Ok(None));
                }
                continue;
            };
            self.searched = None;
            self.record.clear();
            (&mut self.source).take(about.length as u64).read_to_end(&mut self.record)?;
            if self.record.len() < about.length {
                return Ok(Ok(None));
            }
            let at = self.position;
            self.position += (HEADER + about.length) as u64;
            if crc32(0, &self.record) == about.checksum {
                return Ok(Ok(Some(at)));
            }
            self.damaged += 1;
        }
    }

    /// Reads the first line. Whether it is whole.
    fn begin(&mut self) -> io::Result<Result<bool, &'static str>> {
        let mut line = [0; MAGIC.len()];
        let found = read_up_to(&mut self.source, &mut line)?;
        let version = MAGIC.len() - 2;
        if line[..found.min(version)] != MAGIC[..found.min(version)] {
            return Ok(Err("it does not begin with `FUSION LOG`: it is no log of a run"));
        }
        if line[..found] != MAGIC[..found] {
            return Ok(Err("it is a log of another version, which a newer Fusion wrote: this one reads version 1"));
        }
        if found == MAGIC.len() {
            self.position = found as u64;
        }
        Ok(Ok(found == MAGIC.len()))
    }

    /// Goes on to the next header, from a place where there is none. Whether there is one.
    fn search(&mut self) -> io::Result<bool> {
        let end = self.source.seek(SeekFrom::End(0))?;
        if self.searched.is_none() {
            self.damaged += 1;
        } else if self.searched == Some(end) {
            return Ok(false);
        }
        let mut start = self.position + 1;
        self.source.seek(SeekFrom::Start(start))?;
        let (mut part, mut kept) = (vec![0; 1 << 16], 0);
        loop {
            let found = kept + read_up_to(&mut self.source, &mut part[kept..])?;
            for (at, window) in part[..found].windows(HEADER).enumerate() {
                let header = window.first_chunk().filter(|_| window.starts_with(&MARK));
                if header.and_then(Header::from_bytes).is_some() {
                    self.position = start + at as u64;
                    self.searched = None;
                    self.source.seek(SeekFrom::Start(self.position))?;
                    return Ok(true);
                }
            }
            if found < part.len() {
                self.searched = Some(end);
                return Ok(false);
            }
            // A header may lie across two parts.
            kept = HEADER - 1;
            part.copy_within(found - kept.., 0);
            start += (found - kept) as u64;
        }
    }

    fn read(&mut self) -> Result<Option<Entry>> {
        while let Some(at) = self.advance()? {
            match Record::read(&self.record) {
                Ok((step, seconds, record)) => return Ok(Some(Entry { step, seconds, at, record })),
                Err(Unreadable::Unknown) => self.unknown += 1,
                Err(Unreadable::Damaged) => self.damaged += 1,
            }
        }
        Ok(None)
    }
}

/// Reads until `bytes` is full or there is no more. How many bytes that are.
fn read_up_to(source: &mut impl Read, bytes: &mut [u8]) -> io::Result<usize> {
    let mut found = 0;
    while found < bytes.len() {
        match source.read(&mut bytes[found..]) {
            Ok(0) => break,
            Ok(more) => found += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}

impl<R: Read + Seek> Iterator for Reader<R> {
    type Item = Result<Entry>;

    fn next(&mut self) -> Option<Self::Item> {
        if std::mem::take(&mut self.failed) {
            return None;
        }
        let found = self.read();
        self.failed = found.is_err();
        found.transpose()
    }
}
