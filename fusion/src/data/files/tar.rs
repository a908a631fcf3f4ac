//! TAR archives, as far as data sets are published in them: plain files.
//!
//! Source: POSIX.1-1988, the `ustar` interchange format.

use super::contents::Contents;
use crate::Result;

const BLOCK: usize = 512;

/// Calls `each` with the name and the contents of each file that lies in a folder called `folder` of the archive. Folders,
/// links and whatever else an archive may hold are passed over.
pub(super) fn files(
    contents: &mut Contents<'_>,
    folder: &str,
    mut each: impl FnMut(&str, &[u8]) -> Result<()>,
) -> Result<()> {
    let mut number = 0;
    loop {
        let block = contents.array::<BLOCK>("the header of a file in the archive")?;
        if block.iter().all(|&byte| byte == 0) {
            return Ok(());
        }
        let sum: u32 = block.iter().map(|&byte| u32::from(byte)).sum();
        // The sum itself counts as blanks.
        let sum = sum - block[148..156].iter().map(|&byte| u32::from(byte)).sum::<u32>() + 8 * 32;
        if octal(&block[148..156]) != Some(sum.into()) {
            return Err(contents.wrong(format_args!("file {number} of the archive has a header with a wrong checksum")));
        }
        let Some(size) = octal(&block[124..136]) else {
            return Err(contents.wrong(format_args!("file {number} of the archive has no size")));
        };
        let name = text(&block[..100]);
        let data = contents.bytes(size, &format!("file {number} of the archive"))?;
        contents.bytes(size.next_multiple_of(BLOCK as u64) - size, "the archive")?;
        let plain = matches!(block[156], b'0' | 0);
        let inside =
            name.strip_prefix("./").unwrap_or(&name).strip_prefix(folder).and_then(|rest| rest.strip_prefix('/'));
        if let Some(name) = inside.filter(|name| plain && is_name(name)) {
            each(name, &data)?;
        }
        number += 1;
    }
}

/// Can it be the name of a file, and of nothing elsewhere?
fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.starts_with('.') && name.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
}

/// Up to the first zero.
fn text(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|&byte| byte == 0).unwrap_or(bytes.len());
    String::from_utf8_lossy(&bytes[..end]).into_owned()
}

fn octal(bytes: &[u8]) -> Option<u64> {
    u64::from_str_radix(text(bytes).trim_matches(' '), 8).ok()
}

/// Puts the files of an archive's folder into the folder at `place`, which has the same name.
#[cfg(feature = "download")]
pub(super) fn unpack(archive: &std::path::Path, place: &std::path::Path) -> Result<()> {
    use crate::{Error, state::write_whole};
    std::fs::create_dir_all(place).map_err(|source| Error::file(place, source))?;
    let folder = place.file_name().unwrap_or_default().to_string_lossy();
    let mut count = 0;
    files(&mut Contents::open(archive)?, &folder, |name, data| {
        count += 1;
        write_whole(&place.join(name), data)
    })?;
    match count {
        0 => Err(Error::format(archive, format_args!("has no files in a folder `{folder}`"))),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    /// A file's header and contents.
    fn entry(name: &str, kind: u8, data: &[u8]) -> Vec<u8> {
        let mut block = vec![0; BLOCK];
        block[..name.len()].copy_from_slice(name.as_bytes());
        block[124..136].copy_from_slice(format!("{:011o}\0", data.len()).as_bytes());
        block[148..156].fill(b' ');
        block[156] = kind;
        let sum: u32 = block.iter().map(|&byte| u32::from(byte)).sum();
        block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        block.extend(data);
        block.resize(block.len().next_multiple_of(BLOCK), 0);
        block
    }

    fn names(archive: &[u8]) -> Result<Vec<String>> {
        let mut names = Vec::new();
        let mut contents = Contents::of_bytes(Path::new("x.tar"), archive)?;
        files(&mut contents, "set", |name, data| {
            names.push(format!("{name} {}", data.len()));
            Ok(())
        })?;
        Ok(names)
    }

    #[test]
    fn only_plain_files_of_the_folder() {
        let entries = [
            entry("set/", b'5', b""),
            entry("set/a.bin", b'0', &[1; 513]),
            entry("./set/b.txt", 0, b"text"),
            entry("set/../../c", b'0', b"elsewhere"),
            entry("set/deep/d", b'0', b""),
            entry("/set/e", b'0', b""),
            entry("set/link", b'2', b""),
            entry("set/.f", b'0', b""),
            entry("other/g", b'0', b"of no use"),
            vec![0; 2 * BLOCK],
        ];
        let archive = entries.concat();
        assert_eq!(names(&archive).unwrap(), ["a.bin 513", "b.txt 4"]);
        // Until the first block of zeros nothing may be missing.
        for length in (0..archive.len() - 2 * BLOCK).step_by(100) {
            let said = names(&archive[..length]).unwrap_err().to_string();
            assert!(said.starts_with("x.tar: "), "{said}");
        }
        let mut wrong = archive.clone();
        wrong[3 * BLOCK] ^= 1;
        assert!(names(&wrong).is_ok() || names(&wrong).unwrap_err().to_string().contains("wrong checksum"));
        wrong[BLOCK + 130] ^= 1;
        assert_eq!(
            names(&wrong).unwrap_err().to_string(),
            "x.tar: file 1 of the archive has a header with a wrong checksum"
        );
    }
}
