//! Files from where they are published.

mod http;
#[cfg(test)]
mod tests;
use super::published::{Published, Set};
use super::tar;
use crate::{Error, Result};
use md5::{Digest, Md5};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// How often a server is asked to go on where a transfer broke, as long as something comes each time.
const ATTEMPTS: usize = 20;

/// Fetches a file from the first of these addresses that has it, unless it is there. `bytes` is its length and `md5` its
/// checksum, as 32 hexadecimal digits.
///
/// What arrives is kept beside the file's place, under its name with `.part`, and becomes the file when length and checksum
/// are right. If the transfer breaks, or the program ends, the next attempt goes on from there. Data that is not what it
/// should be is thrown away, and the next address is asked.
///
/// # Errors
/// [`Error::File`](crate::Error::File) if it cannot be had or written; it says what each address answered, and which file
/// belongs where.
pub fn download(path: impl AsRef<Path>, addresses: &[impl AsRef<str>], bytes: u64, md5: &str) -> Result<()> {
    let addresses: Vec<&str> = addresses.iter().map(AsRef::as_ref).collect();
    fetch(path.as_ref(), &addresses, bytes, md5)
}

fn fetch(path: &Path, addresses: &[&str], bytes: u64, md5: &str) -> Result<()> {
    if path.exists() {
        return match problem(path, bytes, md5)? {
            None => Ok(()),
            Some(problem) => {
                Err(Error::format(path, format_args!("{problem}; remove the file to have it fetched again")))
            }
        };
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|source| Error::file(folder, source))?;
    }
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    let mut answers = Vec::new();
    for address in addresses {
        match from(address, &part, bytes, md5)? {
            None => return fs::rename(&part, path).map_err(|source| Error::file(path, source)),
            Some(answer) => answers.push(format!("{address}: {answer}")),
        }
    }
    let answers = answers.join("; ");
    let problem = format!("cannot be downloaded ({answers}). By hand, put a file of {bytes} bytes and md5 {md5} there");
    Err(Error::file(path, io::Error::other(problem)))
}

/// Completes `part` from this address; if that does not succeed, why.
fn from(address: &str, part: &Path, bytes: u64, md5: &str) -> Result<Option<String>> {
    // What an earlier run left may be of no use. Then it is fetched once more, from its start.
    let mut resumed = length(part) > 0;
    let mut answer = None;
    for _ in 0..ATTEMPTS {
        let before = length(part);
        if before < bytes {
            answer = http::append(address, part, bytes).map_err(|source| Error::file(part, source))?;
        }
        let after = length(part);
        if after == bytes {
            match problem(part, bytes, md5)? {
                None => return Ok(None),
                Some(problem) => answer = Some(problem),
            }
        } else if after < bytes {
            match after > before {
                true => continue,
                false => return Ok(Some(answer.unwrap_or_else(|| format!("ended after {after} of {bytes} bytes")))),
            }
        }
        fs::remove_file(part).map_err(|source| Error::file(part, source))?;
        if !resumed {
            return Ok(Some(answer.unwrap_or_else(|| format!("gave more than the {bytes} bytes that it should be"))));
        }
        resumed = false;
    }
    Ok(Some(answer.unwrap_or_else(|| "broke off again and again".to_owned())))
}

fn length(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |about| about.len())
}

/// Why this is not the file that it should be.
fn problem(path: &Path, bytes: u64, md5: &str) -> Result<Option<String>> {
    if length(path) != bytes {
        return Ok(Some(format!("has {} bytes, and should have {bytes}", length(path))));
    }
    let sum = || -> io::Result<String> {
        let (mut file, mut sum, mut chunk) = (File::open(path)?, Md5::new(), vec![0; 1 << 16]);
        loop {
            match file.read(&mut chunk)? {
                0 => break,
                count => sum.update(&chunk[..count]),
            }
        }
        Ok(sum.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
    };
    let sum = sum().map_err(|source| Error::file(path, source))?;
    Ok((sum != md5).then(|| format!("its md5 is {sum}, and should be {md5}")))
}

impl Set {
    /// Puts the published files into `folder`, where they are looked for first, as far as they are missing.
    pub fn download(&self, folder: &Path) -> Result<()> {
        let place = folder.join(self.folders[0]);
        for file in self.published {
            match file.name.strip_suffix(".tar.gz") {
                Some(_) => self.archive(folder, &place, file)?,
                None => self.file(folder, &place, file)?,
            }
        }
        Ok(())
    }

    fn addresses(&self, file: &Published) -> Vec<String> {
        self.mirrors.iter().map(|mirror| format!("{mirror}/{}", file.name)).collect()
    }

    fn file(&self, folder: &Path, place: &Path, file: &Published) -> Result<()> {
        let name = file.name.trim_end_matches(".gz");
        let known = self.folder(folder).unwrap_or_else(|_| place.to_owned());
        match self.find(&known, name) {
            Ok(_) => Ok(()),
            Err(_) => download(place.join(file.name), &self.addresses(file), file.bytes, file.md5),
        }
    }

    /// The archive goes when its files are there.
    fn archive(&self, folder: &Path, place: &Path, file: &Published) -> Result<()> {
        let archive = folder.join(file.name);
        if !archive.exists() && self.folder(folder).is_ok() {
            return Ok(());
        }
        download(&archive, &self.addresses(file), file.bytes, file.md5)?;
        tar::unpack(&archive, place)?;
        fs::remove_file(&archive).map_err(|source| Error::file(&archive, source))
    }
}
