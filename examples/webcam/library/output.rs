//! What is made of frames in which faces were found.

use crate::avi;
use crate::detector::Found;
use crate::picture::Picture;
use crate::{Fault, Result};
use fusion::data::write_png;
use fusion::vision::{Canvas, colour};
use jpeg_encoder::{ColorType, Encoder};
use serde::Serialize;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// The quality of the images of a video, from 1 to 100.
const QUALITY: u8 = 90;

/// A face that is followed, as it is told.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Face {
    /// Its number.
    pub id: u64,
    /// Left, upper, right and lower edge, in pixels of the frame.
    #[serde(rename = "box")]
    pub bbox: [f32; 4],
    /// How sure the network is.
    pub score: f32,
}

/// The faces of a frame.
pub fn faces(found: &Found) -> Vec<Face> {
    let tell = |track: &fusion::vision::Track| {
        let bbox = track.bbox;
        Face { id: track.id, bbox: [bbox.x1, bbox.y1, bbox.x2, bbox.y2], score: track.score }
    };
    found.tracks.iter().map(tell).collect()
}

/// The frame with a box and the number of each face.
pub fn drawn(image: &Picture, found: &Found) -> Picture {
    let mut canvas = Canvas::new(image);
    for track in &found.tracks {
        canvas.labelled(track.bbox, &format!("{} {:.2}", track.id, track.score), colour(track.id), 2);
    }
    canvas.into_image()
}

/// A picture as a JPEG image.
///
/// # Errors
/// If it has more than 65,535 pixels on a side.
pub fn jpeg(image: &Picture) -> Result<Vec<u8>> {
    let [height, width] = [image.shape()[1], image.shape()[2]];
    let side =
        |n: usize| u16::try_from(n).map_err(|_| Fault::new(format_args!("no JPEG image is {n} pixels wide or high")));
    let (width, height) = (side(width)?, side(height)?);
    let planes = image.to_vec();
    let count = planes.len() / 3;
    let pixels: Vec<u8> = (0..count).flat_map(|pixel| [0, 1, 2].map(|plane| planes[plane * count + pixel])).collect();
    let mut bytes = Vec::new();
    let encoded = Encoder::new(&mut bytes, QUALITY).encode(&pixels, width, height, ColorType::Rgb);
    encoded.map_err(|error| Fault::new(format_args!("the frame is no JPEG image: {error}")))?;
    Ok(bytes)
}

/// Where to write what.
#[derive(Debug, Default)]
pub struct Outputs {
    png: Option<PathBuf>,
    lines: Option<(PathBuf, BufWriter<File>)>,
    video: Video,
}

/// A video begins when the size of its frames is known.
#[derive(Debug, Default)]
enum Video {
    #[default]
    None,
    Planned(PathBuf, f64),
    Open(avi::Writer, [usize; 2]),
}

/// A line of JSON.
#[derive(Serialize)]
struct Line<'a> {
    frame: &'a str,
    width: usize,
    height: usize,
    faces: Vec<Face>,
    ms: crate::detector::Times,
}

/// Makes a folder, unless it is there.
fn make(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).map_err(|error| Fault::file(folder, error))
}

impl Outputs {
    /// A folder of PNG images, a file of JSON lines, and a video of so many frames in a second; each where it is asked for.
    ///
    /// # Errors
    /// What cannot be made.
    pub fn new(png: Option<&Path>, lines: Option<&Path>, video: Option<&Path>, rate: f64) -> Result<Self> {
        png.map_or(Ok(()), make)?;
        let create = |path: &Path| match File::create(path) {
            Ok(file) => Ok((path.to_owned(), BufWriter::new(file))),
            Err(error) => Err(Fault::file(path, error)),
        };
        let video = video.map_or(Video::None, |path| Video::Planned(path.to_owned(), rate));
        Ok(Self { png: png.map(Path::to_owned), lines: lines.map(create).transpose()?, video })
    }

    /// Adds a frame.
    ///
    /// # Errors
    /// What cannot be written; frames of a video that have different sizes.
    pub fn add(&mut self, name: &str, image: &Picture, found: &Found) -> Result<()> {
        if let Some((path, file)) = &mut self.lines {
            let line =
                Line { frame: name, width: found.size[0], height: found.size[1], faces: faces(found), ms: found.times };
            let written = serde_json::to_writer(&mut *file, &line).map_err(std::io::Error::from);
            written.and_then(|()| file.write_all(b"\n")).map_err(|error| Fault::file(path, error))?;
        }
        if self.png.is_none() && matches!(self.video, Video::None) {
            return Ok(());
        }
        let drawn = drawn(image, found);
        if let Some(folder) = &self.png {
            let file = folder.join(format!("{name}.png"));
            file.parent().map_or(Ok(()), make)?;
            write_png(file, &drawn)?;
        }
        if let Video::Planned(path, rate) = &self.video {
            self.video = Video::Open(avi::Writer::create(path, found.size, *rate)?, found.size);
        }
        if let Video::Open(writer, size) = &mut self.video {
            if *size != found.size {
                let ([width, height], [w, h]) = (*size, found.size);
                return Err(Fault::new(format_args!(
                    "frame {name} has {w} x {h} pixels, and the video {width} x {height}"
                )));
            }
            writer.add(&jpeg(&drawn)?)?;
        }
        Ok(())
    }

    /// Makes files whole.
    ///
    /// # Errors
    /// What cannot be written.
    pub fn finish(self) -> Result<()> {
        if let Some((path, mut file)) = self.lines {
            file.flush().map_err(|error| Fault::file(&path, error))?;
        }
        match self.video {
            Video::Open(writer, _) => writer.finish(),
            _ => Ok(()),
        }
    }
}
