//! Where frames are from.

use crate::avi;
use crate::picture::MOST_BYTES;
use crate::{Fault, Result};
use fusion::data::{find_images, read_bytes};
use std::fs;
use std::path::{Path, PathBuf};

/// A frame as it comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// What it is called: an image's file name without its ending, with the folders between it and the one that was opened, or a
    /// number of five digits.
    pub name: String,
    /// The contents of an image file: JPEG, or PNG where it is a file.
    pub bytes: Vec<u8>,
}

/// Frames one after another; after an error there may be more.
pub type Frames = Box<dyn Iterator<Item = Result<Frame>>>;

/// A video and how many frames it has in a second, where that is known.
pub struct Input {
    /// The frames.
    pub frames: Frames,
    /// Frames of a second.
    pub rate: Option<f64>,
}

/// Opens what a path names: an AVI file of JPEG images, an image, a folder of images, or a camera (`/dev/video0`).
///
/// # Errors
/// What cannot be opened, or is nothing of these.
pub fn open(path: &Path) -> Result<Input> {
    if path.starts_with("/dev") {
        return camera(path);
    }
    if fs::metadata(path).map_err(|error| Fault::file(path, error))?.is_dir() {
        let files = find_images(path)?;
        if files.is_empty() {
            return Err(Fault::file(path, "has no image in it: no .jpg, .jpeg or .png"));
        }
        let folder = path.to_owned();
        let frame = move |file: PathBuf| image(&file, file.strip_prefix(&folder).unwrap_or(&file));
        return Ok(Input { frames: Box::new(files.into_iter().map(frame)), rate: None });
    }
    if ends(path, &["avi"]) {
        let reader = avi::Reader::open(path)?;
        let rate = Some(reader.rate());
        return Ok(Input { frames: Box::new(numbered(reader)), rate });
    }
    if ends(path, &["jpg", "jpeg", "png"]) {
        let frame = image(path, Path::new(path.file_name().unwrap_or_default()));
        return Ok(Input { frames: Box::new(std::iter::once(frame)), rate: None });
    }
    Err(Fault::file(path, "is no folder and ends in none of .avi, .jpg, .jpeg and .png"))
}

/// Frames by their numbers.
fn numbered(frames: impl Iterator<Item = Result<Vec<u8>>>) -> impl Iterator<Item = Result<Frame>> {
    frames.enumerate().map(|(number, bytes)| Ok(Frame { name: format!("{number:05}"), bytes: bytes? }))
}

fn ends(path: &Path, endings: &[&str]) -> bool {
    let ending = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    endings.contains(&ending.as_str())
}

fn image(path: &Path, name: &Path) -> Result<Frame> {
    let bytes = read_bytes(path, 16 * MOST_BYTES as u64)?;
    Ok(Frame { name: name.with_extension("").to_string_lossy().into_owned(), bytes })
}

#[cfg(not(feature = "v4l2"))]
fn camera(path: &Path) -> Result<Input> {
    Err(Fault::file(path, "cameras are read by a program that was built with `--features v4l2`"))
}

#[cfg(feature = "v4l2")]
fn camera(path: &Path) -> Result<Input> {
    let (frames, rate) = crate::camera::frames(path)?;
    Ok(Input { frames: Box::new(numbered(frames)), rate })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_and_files() {
        let folder = tempfile::tempdir().expect("a folder");
        let put = |name: &str| fs::write(folder.path().join(name), name).expect("a file");
        let says = |path: &Path| open(path).err().expect("no input").to_string();
        assert!(says(folder.path()).ends_with("has no image in it: no .jpg, .jpeg or .png"));
        fs::create_dir(folder.path().join("more")).expect("a folder");
        ["b.JPG", "a.png", "c.txt", "more/a.jpg"].into_iter().for_each(put);
        let names: Vec<String> =
            open(folder.path()).expect("a folder").frames.map(|frame| frame.expect("a file").name).collect();
        assert_eq!(names, ["a", "b", "more/a"]);
        let one: Vec<_> = open(&folder.path().join("b.JPG")).expect("an image").frames.collect();
        assert_eq!(one, [Ok(Frame { name: "b".to_owned(), bytes: b"b.JPG".to_vec() })]);
        assert!(
            says(&folder.path().join("c.txt")).ends_with("is no folder and ends in none of .avi, .jpg, .jpeg and .png")
        );
        assert!(says(&folder.path().join("no.avi")).contains("no.avi: No such file"));
        if !cfg!(feature = "v4l2") {
            assert!(says(Path::new("/dev/video0")).contains("--features v4l2"));
        }
    }
}
