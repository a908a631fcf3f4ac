//! A folder of images whose classes are its folders.

use super::super::Images;
use super::{fit::fit, pixels};
use crate::data::{Dataset, Source};
use crate::dim::{Dyn, Nat, Num};
use crate::kernels::{Array, DType, Dims};
use crate::tensor::Tensor;
use crate::{Error, Result};
use std::fs;
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

/// Folders in folders are searched to this depth.
const DEPTH: usize = 32;

/// Images in folders, each folder a class: `cats/tom.png`, `dogs/old/rex.jpg`. Images are read when they are asked for, and
/// all come as `H` rows of `W` pixels of red, green and blue.
///
/// Classes are the folder's folders in the order of their names, and images lie in them to any depth; files count whose
/// names end in `.png`, `.jpg` or `.jpeg`. An image of another size is resized until it covers `H` x `W`, and its middle is
/// taken: torchvision's `Resize` (of the shorter side; bilinear, antialiased) and `CenterCrop`. See
/// [`read_image`](super::read_image) for what becomes of grey, palettes and transparency.
///
/// A [`Dataset`] is made of it by [`ImageFolder::load`]; as a [`Source`] it needs no memory but for one batch. PyTorch:
/// `torchvision.datasets.ImageFolder`.
///
/// ```
/// use fusion::data::{ImageFolder, Source, write_png};
/// use fusion::prelude::*;
///
/// let folder = tempfile::tempdir()?;
/// for (name, shade) in [("dark", 10), ("light", 240)] {
///     std::fs::create_dir(folder.path().join(name))?;
///     let image = Tensor::<shape![1, 40, 60], u8>::full(shade);
///     write_png(folder.path().join(name).join("first.png"), &image)?;
/// }
/// let images = ImageFolder::<dim!(32), dim!(32)>::open(folder.path())?;
/// assert_eq!(images.classes(), ["dark", "light"]);
/// let (x, y): (Tensor<shape![Dyn, 3, 32, 32], u8>, Tensor<shape![Dyn], i64>) = images.batch(&[1, 0])?;
/// assert_eq!((x.get(&[0, 0, 0, 0]), y.to_vec()), (Some(240), vec![1, 0]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct ImageFolder<H, W> {
    classes: Vec<String>,
    files: Vec<PathBuf>,
    labels: Vec<i64>,
    size: PhantomData<fn() -> (H, W)>,
}

impl<H: Nat, W: Nat> ImageFolder<H, W> {
    /// Looks which images there are. None is read yet.
    ///
    /// # Errors
    /// [`Error::File`](crate::Error::File) if a folder cannot be read; [`Error::Format`](crate::Error::Format) if there is no
    /// folder in it, or one that has no image.
    pub fn open(folder: impl AsRef<Path>) -> Result<Self> {
        let (classes, files, labels) = search(folder.as_ref())?;
        Ok(Self { classes, files, labels, size: PhantomData })
    }

    /// The names of the classes: a label is a place in this list.
    pub fn classes(&self) -> &[String] {
        &self.classes
    }

    /// The images' files, class after class, each in the order of their names.
    pub fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// The class of each image.
    pub fn labels(&self) -> &[i64] {
        &self.labels
    }

    /// Reads all images into memory.
    ///
    /// # Errors
    /// If one cannot be read: its file and what is wrong with it.
    pub fn load(&self) -> Result<Images<Num<3>, H, W>> {
        let (x, y) = self.batch(&Vec::from_iter(0..self.files.len()))?;
        Ok(Dataset::new(x, y)?.with_target_names(&self.classes))
    }
}

impl<H: Nat, W: Nat> Source for ImageFolder<H, W> {
    type Batch = (Tensor<(Dyn, Num<3>, H, W), u8>, Tensor<(Dyn,), i64>);

    fn num_samples(&self) -> usize {
        self.files.len()
    }

    fn batch(&self, samples: &[usize]) -> Result<Self::Batch> {
        let images = read(&self.files, samples, H::N, W::N)?;
        let labels: Vec<i64> = samples.iter().map(|&sample| self.labels[sample]).collect();
        Ok((Tensor::wrap(images.into()), Tensor::from(labels)))
    }
}

/// The images with these numbers, fitted into one size.
#[track_caller]
fn read(files: &[PathBuf], samples: &[usize], height: usize, width: usize) -> Result<Array> {
    let shape = Dims::try_new(&[samples.len(), 3, height, width])?;
    Array::room(&shape, DType::U8)?;
    let mut images = vec![0; shape.count()];
    for (&sample, planes) in samples.iter().zip(images.chunks_exact_mut((3 * height * width).max(1))) {
        let Some(file) = files.get(sample) else { panic!("there is no image {sample} among {}", files.len()) };
        fit(&pixels(file)?, height, width, planes);
    }
    Ok(Array::from_slice(&images, shape))
}

/// Classes, files and labels.
fn search(folder: &Path) -> Result<(Vec<String>, Vec<PathBuf>, Vec<i64>)> {
    let (mut classes, mut files, mut labels) = (Vec::new(), Vec::new(), Vec::new());
    for class in list(folder)? {
        if !is_folder(&class)? {
            continue;
        }
        let images = find_images(&class)?;
        if images.is_empty() {
            return Err(Error::format(
                &class,
                "a folder is a class, and this one has no image: no .png, .jpg or .jpeg",
            ));
        }
        files.extend(images);
        labels.resize(files.len(), classes.len() as i64);
        classes.push(class.file_name().unwrap_or_default().to_string_lossy().into_owned());
    }
    match classes.is_empty() {
        true => Err(Error::format(folder, "has no folder in it: each class of images is one")),
        false => Ok((classes, files, labels)),
    }
}

/// The images below a folder, to any depth, by name: files that end in `.png`, `.jpg` or `.jpeg`, in small letters or large ones.
///
/// # Errors
/// [`Error::File`](crate::Error::File) if a folder cannot be read, [`Error::Format`](crate::Error::Format) if folders lie so deep in
/// each other that a link must lead back to one above.
///
/// ```
/// use fusion::data::find_images;
///
/// let folder = tempfile::tempdir()?;
/// std::fs::create_dir(folder.path().join("cats"))?;
/// for name in ["b.png", "notes.txt", "cats/a.JPG"] {
///     std::fs::write(folder.path().join(name), "")?;
/// }
/// let found = find_images(folder.path())?;
/// assert_eq!(found, [folder.path().join("b.png"), folder.path().join("cats/a.JPG")]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn find_images(folder: impl AsRef<Path>) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    find(folder.as_ref(), DEPTH, &mut files)?;
    Ok(files)
}

/// Adds the images below a folder.
fn find(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) -> Result<()> {
    if depth == 0 {
        return Err(Error::format(
            folder,
            format_args!("lies {DEPTH} folders deep, or a link leads back to one above"),
        ));
    }
    for path in list(folder)? {
        if is_folder(&path)? {
            find(&path, depth - 1, files)?;
        } else if is_image(&path) {
            files.push(path);
        }
    }
    Ok(())
}

fn is_image(path: &Path) -> bool {
    let ending = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    ["png", "jpg", "jpeg"].contains(&ending.as_str())
}

fn is_folder(path: &Path) -> Result<bool> {
    fs::metadata(path).map(|about| about.is_dir()).map_err(|source| Error::file(path, source))
}

/// What a folder holds, by name.
fn list(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).and_then(|entries| entries.collect::<std::io::Result<Vec<_>>>());
    let mut paths: Vec<PathBuf> =
        entries.map_err(|source| Error::file(folder, source))?.iter().map(fs::DirEntry::path).collect();
    paths.sort_unstable();
    Ok(paths)
}
