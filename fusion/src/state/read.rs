//! Reading a safetensors file: everything is checked before anything is read.

use super::header::{self, Entry};
use super::problems::{Name, Problems};
use super::stored::{Stored, to_le_bytes};
use crate::kernels::dtype::any;
use crate::kernels::{Array, DType, Dims};
use crate::{Error, Result};
use std::borrow::Cow;
use std::fmt;
use std::fs;
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// The name that errors give to contents that are in no file.
pub(super) const BYTES: &str = "(bytes)";

/// The format's own limit to the length of a header.
const LONGEST_HEADER: u64 = 100_000_000;

/// The number of bytes that say how long the header is.
const LENGTH: u64 = 8;

/// The bytes that are read at once.
const PART: usize = 1 << 16;

/// A tensor that a file should hold, or may hold.
pub(crate) struct Wanted {
    pub(crate) name: String,
    pub(crate) dtype: DType,
    pub(crate) shape: Dims,
    pub(crate) required: bool,
    /// The first of those with which it is one parameter: it is there where one of them is.
    pub(crate) tied: Option<usize>,
}

/// A file whose header has been read and compared with the wanted tensors.
pub(crate) struct Checkpoint<R> {
    source: R,
    path: PathBuf,
    wanted: Vec<Wanted>,
    /// Where each wanted tensor lies in the data, and how long the data is.
    found: Vec<Option<[u64; 2]>>,
    data_len: u64,
    header_len: u64,
    about: Option<String>,
    problems: Problems,
    how: How,
    /// The other entries of a file that may hold more than is wanted: their names, and where they lie.
    others: Vec<(String, [u64; 2])>,
    /// The entries that are left out since they are of another shape or type.
    mismatched: Vec<(Mismatched, [u64; 2])>,
}

/// What a file may hold beside what is wanted, and what its entries are called here.
#[derive(Default)]
pub(crate) struct How {
    /// Everything else that the file has is ignored, but for what begins with this; nothing is, if it is none.
    pub(crate) ignores_all_but: Option<String>,
    /// All else is ignored.
    pub(crate) ignores_others: bool,
    /// A wanted entry of another shape or type is left out.
    pub(crate) leaves_mismatched: bool,
    /// Entries that begin with the first are looked at as if they began with the second, in the order of the list.
    pub(crate) renames: Vec<(String, String)>,
}

impl How {
    /// Whether an entry that is not wanted may be there.
    fn ignores(&self, name: &str) -> bool {
        self.ignores_others || self.ignores_all_but.as_ref().is_some_and(|part| !name.starts_with(&**part))
    }

    /// What the entry `name` is called here.
    fn renamed<'n>(&self, name: &'n str) -> Cow<'n, str> {
        self.renames.iter().fold(Cow::Borrowed(name), |name, (from, to)| match name.strip_prefix(&**from) {
            Some(rest) => Cow::Owned(format!("{to}{rest}")),
            None => name,
        })
    }
}

/// An entry of another shape or type than the tensor of its name. Printed, it is a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Mismatched {
    /// The module's tensor.
    pub name: String,
    /// Its element type and sizes: `f32 [10, 512]`.
    pub expected: String,
    /// Those in the file.
    pub found: String,
}

impl fmt::Display for Mismatched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is {}, but {} in the file", Name(&self.name), self.expected, self.found)
    }
}

impl Checkpoint<fs::File> {
    /// Reads the header of the file at `path`, and from the texts about the whole file the one called `key`.
    pub(crate) fn open(path: &Path, wanted: Vec<Wanted>, key: &str) -> Result<Self> {
        Self::open_as(path, wanted, key, How::default())
    }

    /// As [`Checkpoint::open`], for a file that may hold more than what is wanted, under other names.
    pub(crate) fn open_as(path: &Path, wanted: Vec<Wanted>, key: &str, how: How) -> Result<Self> {
        let (file, len) = open(path)?;
        Self::new(file, len, path.to_owned(), wanted, key, how)
    }
}

/// The file at `path`, and how long it is.
pub(crate) fn open(path: &Path) -> Result<(fs::File, u64)> {
    let failed = |source| Error::file(path, source);
    // Opening a pipe would wait for a writer; a device has no end.
    if !fs::metadata(path).map_err(failed)?.is_file() {
        return Err(failed(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file")));
    }
    let file = fs::File::open(path).map_err(failed)?;
    let len = file.metadata().map_err(failed)?.len();
    Ok((file, len))
}

impl<'a> Checkpoint<Cursor<&'a [u8]>> {
    /// As [`Checkpoint::open`], for a file's contents in memory.
    pub(crate) fn of_bytes(bytes: &'a [u8], wanted: Vec<Wanted>) -> Result<Self> {
        Self::new(Cursor::new(bytes), bytes.len() as u64, BYTES.into(), wanted, "", How::default())
    }
}

impl<R: Read + Seek> Checkpoint<R> {
    /// Reads the header of a file of `len` bytes, which errors call `path`.
    pub(crate) fn new(
        mut source: R,
        len: u64,
        path: PathBuf,
        wanted: Vec<Wanted>,
        key: &str,
        how: How,
    ) -> Result<Self> {
        let header = match source.rewind().and_then(|()| read_header(&mut source, len)) {
            Ok(Ok(header)) => header,
            Ok(Err(problem)) => return Err(Error::Format { path, problem }),
            Err(source) => return Err(Error::File { path, source }),
        };
        let mut file = Self {
            source,
            path,
            found: vec![None; wanted.len()],
            wanted,
            data_len: len - LENGTH - header.len() as u64,
            header_len: header.len() as u64,
            about: None,
            problems: Problems::default(),
            how,
            others: Vec::new(),
            mismatched: Vec::new(),
        };
        match file.compare(&header, key) {
            Ok(()) => Ok(file),
            Err(problem) => Err(Error::Format { path: file.path, problem }),
        }
    }

    /// Reads the header once. Unwanted entries are not kept, or take less memory than in the file, so memory is bounded
    /// by the file and by what is wanted. The error is a sentence about a damaged file.
    fn compare(&mut self, header: &[u8], key: &str) -> Result<(), String> {
        let Self { wanted, found, data_len, about, problems, how, others, mismatched, .. } = self;
        let mut order: Vec<usize> = (0..wanted.len()).collect();
        order.sort_unstable_by(|&a, &b| wanted[a].name.cmp(&wanted[b].name));
        for pair in order.windows(2).filter(|pair| wanted[pair[0]].name == wanted[pair[1]].name) {
            problems.add(|| format!("two of the module's tensors are called {}", Name(&wanted[pair[0]].name)));
        }
        let mut covered = 0u64;
        let mut misfits = vec![None; wanted.len()];
        let mut unexpected = Problems::default();
        let entry = |entry: Entry<'_>| {
            let count = check(&entry, *data_len)?;
            covered = covered.saturating_add(count);
            let here = how.renamed(&entry.name);
            let Ok(at) = order.binary_search_by(|&i| (*wanted[i].name).cmp(&here)) else {
                if !how.ignores(&here) {
                    unexpected.unexpected(&entry.name, Found(&entry));
                }
                if how.ignores_others || how.ignores_all_but.is_some() {
                    others.push((entry.name.into_owned(), entry.bytes));
                }
                return Ok(());
            };
            let (at, want) = (order[at], &wanted[order[at]]);
            if found[at].replace(entry.bytes).is_some() {
                return Err(match here == entry.name {
                    true => format!("it has two entries called {}", Name(&here)),
                    false => format!("two of its entries are called {} here", Name(&here)),
                });
            }
            if tag(&entry.dtype) != Some(want.dtype) || !entry.shape.is(want.shape.iter()) {
                misfits[at] = Some(Found(&entry).to_string());
            }
            Ok(())
        };
        header::read(header, entry, |name, text| {
            if name == key {
                *about = Some(text.into_owned());
            }
        })?;
        if covered != *data_len {
            return Err(format!(
                "its entries are {covered} bytes long together, but there are {data_len} bytes of data"
            ));
        }
        let first = |at: usize| wanted[at].tied.unwrap_or(at);
        let mut there: Vec<bool> = vec![false; wanted.len()];
        (0..wanted.len()).filter(|&at| found[at].is_some()).for_each(|at| there[first(at)] = true);
        for (at, (want, misfit)) in wanted.iter().zip(misfits).enumerate() {
            let expected = || format!("{} {:?}", want.dtype, want.shape);
            match misfit {
                Some(misfit) if how.leaves_mismatched => {
                    let bytes = found[at].take().expect("it was found");
                    mismatched
                        .push((Mismatched { name: want.name.clone(), expected: expected(), found: misfit }, bytes));
                }
                Some(misfit) => problems.mismatched(&want.name, expected(), misfit),
                None if !there[first(at)] && want.required => problems.missing(&want.name, expected()),
                None => {}
            }
        }
        problems.append(unexpected);
        problems.may_be(others.iter().map(|(name, _)| &**name));
        Ok(())
    }

    /// The text about the whole file that was asked for.
    pub(crate) fn about(&self) -> Option<&str> {
        self.about.as_deref()
    }

    /// Which of the wanted tensors are there, in the order in which they were asked for.
    pub(crate) fn is_there(&self) -> impl Iterator<Item = (&Wanted, bool)> {
        self.wanted.iter().zip(self.found.iter().map(Option::is_some))
    }

    /// The names of what else is in the file.
    pub(crate) fn others(&self) -> Vec<String> {
        self.others.iter().map(|(name, _)| name.clone()).collect()
    }

    /// The entries that were left out, since they are of another shape or type.
    pub(crate) fn mismatched(&self) -> Vec<Mismatched> {
        self.mismatched.iter().map(|(entry, _)| entry.clone()).collect()
    }

    /// Notes what else does not fit.
    pub(crate) fn problem(&mut self, line: String) {
        self.problems.add(|| line);
    }

    /// Reads the wanted tensors that are there, unless something does not fit.
    pub(crate) fn read(mut self) -> Result<Vec<Option<Array>>> {
        std::mem::take(&mut self.problems).check(&self.path)?;
        let format = |problem| Error::format(&self.path, problem);
        self.check_no_overlap().map_err(format)?;
        let mut source = self.source;
        let mut part = vec![0; PART];
        let mut arrays = Vec::with_capacity(self.wanted.len());
        for (want, found) in self.wanted.iter().zip(&self.found) {
            let Some([begin, _]) = *found else {
                arrays.push(None);
                continue;
            };
            let read = source
                .seek(SeekFrom::Start(LENGTH + self.header_len + begin))
                .and_then(|_| read_array(&mut source, want, &mut part));
            match read {
                Ok(Some(array)) => arrays.push(Some(array)),
                Ok(None) => {
                    return Err(format(format!("{} has a byte that is neither 0 nor 1", Name(&want.name))));
                }
                Err(source) => {
                    return Err(Error::File { path: self.path, source });
                }
            }
        }
        let mut problems = Problems::default();
        let tied = || self.wanted.iter().enumerate().filter_map(|(at, want)| Some((at, want.tied?)));
        for (at, first) in tied().filter(|&(_, first)| arrays[first].is_none()).collect::<Vec<_>>() {
            arrays[first] = arrays[first].take().or_else(|| arrays[at].clone());
        }
        for (at, first) in tied() {
            if let (Some(one), Some(two)) = (&arrays[first], &arrays[at])
                && to_le_bytes(one) != to_le_bytes(two)
            {
                let [one, two] = [first, at].map(|at| Name(&self.wanted[at].name));
                problems.add(|| format!("{one} and {two} are one parameter here, but the file has two values for it"));
            }
            arrays[at] = arrays[first].clone();
        }
        problems.check(&self.path)?;
        Ok(arrays)
    }

    /// Every entry of the file is known now, and together they are as long as the data: if each begins where another
    /// ends, they cover it.
    fn check_no_overlap(&self) -> Result<(), String> {
        let found = self.found.iter().zip(&self.wanted).filter_map(|(at, want)| Some(((*at)?, &*want.name)));
        let others = self.others.iter().map(|(name, at)| (*at, &**name));
        let left = self.mismatched.iter().map(|(entry, at)| (*at, &*entry.name));
        let mut all: Vec<([u64; 2], &str)> = found.chain(others).chain(left).collect();
        all.sort_unstable();
        let mut end = 0;
        for ([begin, next], name) in all {
            if begin != end {
                let name = Name(name);
                return Err(format!("{name} should begin at byte {end} of the data, but begins at {begin}"));
            }
            end = next;
        }
        Ok(())
    }
}

/// The header's bytes. The inner error is a sentence about the file.
fn read_header(source: &mut impl Read, len: u64) -> io::Result<Result<Vec<u8>, String>> {
    if len < LENGTH {
        return Ok(Err(format!("a safetensors file has at least 8 bytes, this has {len}")));
    }
    let mut length = [0; LENGTH as usize];
    source.read_exact(&mut length)?;
    let length = u64::from_le_bytes(length);
    if length > LONGEST_HEADER {
        return Ok(Err(format!("it claims a header of {length} bytes, the format allows {LONGEST_HEADER}")));
    }
    if length > len - LENGTH {
        return Ok(Err(format!("it claims a header of {length} bytes, but is {len} bytes long")));
    }
    let mut header = vec![0; length as usize];
    source.read_exact(&mut header)?;
    Ok(Ok(header))
}

/// The tag of the element types that a tensor may have, as files name them.
fn tag(name: &str) -> Option<DType> {
    DType::ALL.iter().copied().find(|dtype| name == dtype.name().to_uppercase())
}

/// An entry as a message shows it.
struct Found<'a, 'h>(&'a Entry<'h>);

impl fmt::Display for Found<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match tag(&self.0.dtype) {
            Some(dtype) => write!(f, "{dtype} {}", self.0.shape),
            None => write!(f, "{} {}", Name(&self.0.dtype), self.0.shape),
        }
    }
}

/// How many bytes an entry has, if its places are right and, for an element type that is known, its size.
fn check(entry: &Entry<'_>, data_len: u64) -> Result<u64, String> {
    let (name, [begin, end]) = (Name(&entry.name), entry.bytes);
    if begin > end || end > data_len {
        return Err(format!("{name} goes from byte {begin} to {end} of {data_len} bytes of data"));
    }
    let Some(count) = entry.shape.count() else {
        return Err(format!("{name} claims the shape {}, more elements than can be counted", entry.shape));
    };
    let right = |dtype: DType| count.checked_mul(dtype.size() as u64) == Some(end - begin);
    if !tag(&entry.dtype).is_none_or(right) {
        return Err(format!("{name} is {}, but has {} bytes", Found(entry), end - begin));
    }
    Ok(end - begin)
}

/// Reads one tensor; `None` if a truth value is neither 0 nor 1.
fn read_array(source: &mut impl Read, want: &Wanted, part: &mut [u8]) -> io::Result<Option<Array>> {
    any!(want.dtype, T => elements::<T>(source, want.shape, part))
}

fn elements<T: Stored>(source: &mut impl Read, shape: Dims, part: &mut [u8]) -> io::Result<Option<Array>> {
    let mut array = Array::full(T::default(), shape);
    for elements in array.make_mut::<T>().chunks_mut(PART / size_of::<T>()) {
        let bytes = &mut part[..size_of_val(elements)];
        source.read_exact(bytes)?;
        for (to, from) in elements.iter_mut().zip(bytes.chunks_exact(size_of::<T>())) {
            let Some(element) = T::from_le_bytes(from) else {
                return Ok(None);
            };
            *to = element;
        }
    }
    Ok(Some(array))
}

/// An array in C order, laid out as `like` is if that is dense: a channels-last weight stays one.
pub(super) fn laid_out_like(array: Array, like: &Array) -> Array {
    if !like.is_dense() || like.is_contiguous() {
        return array;
    }
    let mut order: Vec<usize> = (0..like.shape().rank()).collect();
    like.strides().sort_axes(&mut order);
    let mut back = order.clone();
    order.iter().enumerate().for_each(|(to, &from)| back[from] = to);
    array.permute(&order).contiguous().permute(&back)
}
