//! Images with boxes from folders, and what is done to both before a network learns from them.

mod augment;
mod coco;
mod csv;
pub mod memory;
mod sample;
mod yolo;

pub use augment::{Mosaic, RandomFlip, RandomScaleShift};

use super::{BBox, Labelled, Letterbox};
use crate::Result;
use crate::data::{Dataset, Source, read_image};
use crate::dim::{Dyn, Nat, Num};
use crate::kernels::{Array, DType, Dims};
use crate::tensor::Tensor;
use sample::Sample;
use std::fmt;
use std::path::Path;

/// Images of bytes `[B, 3, H, W]`, and for each the objects in it, in pixels.
pub type BoxedImages<B, H, W> = (Tensor<(B, Num<3>, H, W), u8>, Vec<Vec<Labelled>>);

/// Images in a folder with the objects in them. Images are read when they are asked for, and all come as `H` x `W` in a
/// [`Letterbox`], with their boxes.
///
/// As a [`Source`] it needs no memory but for one batch; [`DataLoader`](crate::data::DataLoader) serves it, with
/// [`Mosaic`], [`RandomScaleShift`], [`RandomFlip`] and [`ColorJitter`](crate::data::transforms::ColorJitter) as
/// transforms. Boxes are cut off at the edges of their image.
///
/// ```
/// use fusion::data::{DataLoader, write_png};
/// use fusion::prelude::*;
/// use fusion::vision::{BBox, DetectionFolder};
///
/// let folder = tempfile::tempdir()?;
/// std::fs::create_dir(folder.path().join("images"))?;
/// write_png(folder.path().join("images/a.png"), &Tensor::<shape![3, 40, 80], u8>::zeros())?;
/// std::fs::write(folder.path().join("annotations.csv"), "image,x,y,w,h\na.png,10,20,30,10\n")?;
///
/// let faces = DetectionFolder::<dim!(32), dim!(32)>::from_csv(folder.path(), None)?;
/// for batch in DataLoader::new(faces, 8).epoch(0) {
///     let (x, objects) = batch?;
///     let _: &Tensor<shape![Dyn, 3, 32, 32], u8> = &x;
///     assert_eq!(objects[0][0].bbox, BBox::new(4.0, 16.0, 16.0, 20.0));
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct DetectionFolder<H, W> {
    classes: Vec<String>,
    samples: Vec<Sample>,
    /// Are boxes parts of the width and the height, and not pixels?
    relative: bool,
    letterbox: Letterbox<H, W>,
}

impl<H: Nat, W: Nat> DetectionFolder<H, W> {
    /// Boxes as a table: `annotations.csv` in the folder, with the columns `image`, `x`, `y`, `w` and `h`, in pixels
    /// from the upper left corner on, and the name of a `class` where there is more than one. Images lie in the folder
    /// `images` beside it.
    ///
    /// If there is an `images.csv`, its column `image` says which images there are, also those without objects; its
    /// column `split` says which of them are meant by `split`, such as `Some("train")`. The classes are in the order of
    /// their names, those of all splits.
    ///
    /// # Errors
    /// [`Error::File`](crate::Error::File) if a table cannot be read; [`Error::Format`](crate::Error::Format) with the
    /// line if it says something else.
    pub fn from_csv(folder: impl AsRef<Path>, split: Option<&str>) -> Result<Self> {
        let (classes, samples) = csv::read(folder.as_ref(), split)?;
        Ok(Self { classes, samples, relative: false, letterbox: Letterbox::new() })
    }

    /// Boxes as Darknet and YOLO have them: beside each image of the folder `images`, to any depth, a text file of the
    /// same name in the folder `labels`, with a line `class x y w h` for each object: the number of its class, the
    /// centre and the size, as parts of the width and the height. An image without a file has no objects.
    ///
    /// # Errors
    /// [`Error::File`](crate::Error::File) if a folder or a file cannot be read;
    /// [`Error::Format`](crate::Error::Format) with the line if it says something else.
    pub fn from_yolo(
        images: impl AsRef<Path>,
        labels: impl AsRef<Path>,
        classes: impl IntoIterator<Item = impl Into<String>>,
    ) -> Result<Self> {
        let classes: Vec<String> = classes.into_iter().map(Into::into).collect();
        let samples = yolo::read(images.as_ref(), labels.as_ref(), classes.len())?;
        Ok(Self { classes, samples, relative: true, letterbox: Letterbox::new() })
    }

    /// Boxes as COCO has them: a JSON file with the lists `images` (`id`, `file_name`), `categories` (`id`, `name`) and
    /// `annotations` (`image_id`, `category_id`, `bbox`), and the folder of the images. The classes are in the order of
    /// their ids. Boxes around crowds (`iscrowd`) are left out.
    ///
    /// # Errors
    /// [`Error::File`](crate::Error::File) if the file cannot be read; [`Error::Format`](crate::Error::Format) with the
    /// entry if it says something else.
    pub fn from_coco(annotations: impl AsRef<Path>, images: impl AsRef<Path>) -> Result<Self> {
        let (classes, samples) = coco::read(annotations.as_ref(), images.as_ref())?;
        Ok(Self { classes, samples, relative: false, letterbox: Letterbox::new() })
    }

    /// With another way to bring images to one size.
    #[must_use]
    pub fn letterbox(self, letterbox: Letterbox<H, W>) -> Self {
        Self { letterbox, ..self }
    }

    /// The names of the classes: the number of a class is a place in this list.
    pub fn classes(&self) -> &[String] {
        &self.classes
    }

    /// The file of each image.
    pub fn files(&self) -> impl ExactSizeIterator<Item = &Path> {
        self.samples.iter().map(|sample| &*sample.file)
    }

    /// How many objects there are in all images.
    pub fn num_objects(&self) -> usize {
        self.samples.iter().map(|sample| sample.objects.len()).sum()
    }

    /// Reads all images into memory.
    ///
    /// # Errors
    /// If one cannot be read: its file and what is wrong with it.
    pub fn load(&self) -> Result<Dataset<Tensor<(Dyn, Num<3>, H, W), u8>, Vec<Vec<Labelled>>>> {
        let (x, y) = self.batch(&Vec::from_iter(0..self.samples.len()))?;
        Ok(Dataset::new(x, y)?.with_target_names(&self.classes))
    }

    /// Draws an image into a canvas, and says what is in it there.
    fn read(&self, sample: &Sample, canvas: &mut [u8]) -> Result<Vec<Labelled>> {
        let image = read_image(&sample.file)?;
        let [width, height] = [image.shape()[2] as f32, image.shape()[1] as f32];
        let placement = self.letterbox.draw(image.value().array(), canvas);
        let (w, h) = if self.relative { (width, height) } else { (1.0, 1.0) };
        let place = |object: &Labelled| {
            let BBox { x1, y1, x2, y2 } = object.bbox;
            let bbox = BBox::new(x1 * w, y1 * h, x2 * w, y2 * h).clip(width, height);
            Labelled { bbox: placement.to_canvas(bbox), class: object.class }
        };
        Ok(sample.objects.iter().map(place).filter(|object| object.bbox.is_valid()).collect())
    }
}

impl<H: Nat, W: Nat> fmt::Debug for DetectionFolder<H, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (images, objects) = (self.samples.len(), self.num_objects());
        let mut shown = f.debug_struct("DetectionFolder");
        shown.field("images", &images).field("objects", &objects).field("classes", &self.classes);
        shown.field("letterbox", &self.letterbox).finish()
    }
}

impl<H: Nat, W: Nat> Source for DetectionFolder<H, W> {
    type Batch = BoxedImages<Dyn, H, W>;

    fn num_samples(&self) -> usize {
        self.samples.len()
    }

    fn batch(&self, samples: &[usize]) -> Result<Self::Batch> {
        let shape = Dims::try_new(&[samples.len(), 3, H::N, W::N])?;
        Array::room(&shape, DType::U8)?;
        let mut images = Array::full(0u8, shape);
        let mut canvases = images.make_mut::<u8>().chunks_exact_mut((3 * H::N * W::N).max(1));
        let mut objects = Vec::with_capacity(samples.len());
        for &sample in samples {
            let Some(found) = self.samples.get(sample) else {
                panic!("there is no image {sample} among {}", self.samples.len());
            };
            objects.push(self.read(found, canvases.next().unwrap_or_default())?);
        }
        Ok((Tensor::wrap(images.into()), objects))
    }
}
