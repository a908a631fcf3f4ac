//! Each reader on the contents of a file that lies in memory: what fuzzing calls.

use super::{coco, yolo};
use crate::Result;
use std::path::Path;

/// What messages call the file.
fn path() -> &'static Path {
    Path::new("file")
}

/// Boxes in COCO's JSON.
pub fn coco(bytes: &[u8]) -> Result<()> {
    coco::parsed(path(), bytes, path()).map(drop)
}

/// Boxes of three classes in a text beside an image.
pub fn yolo(bytes: &[u8]) -> Result<()> {
    yolo::objects(path(), bytes, 3).map(drop)
}
