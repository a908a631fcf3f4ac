//! A camera of this machine, by Video4Linux: Linux' interface.

use crate::{Fault, Result};
use std::path::Path;
use v4l::buffer::Type;
use v4l::io::mmap::Stream;
use v4l::io::traits::CaptureStream;
use v4l::video::Capture;
use v4l::{Device, FourCC};

/// How many images the driver may have ready.
const BUFFERS: u32 = 2;
/// The size that is asked for; a driver gives the nearest one that it has.
const SIZE: [u32; 2] = [640, 480];

/// The JPEG images of a camera, without end, and how many it gives in a second, if the driver says so.
///
/// # Errors
/// A camera that cannot be opened or gives no JPEG images.
pub fn frames(path: &Path) -> Result<(impl Iterator<Item = Result<Vec<u8>>> + use<>, Option<f64>)> {
    let failed = |error: std::io::Error| Fault::file(path, error);
    let device = Device::with_path(path).map_err(failed)?;
    let mut format = device.format().map_err(failed)?;
    (format.width, format.height, format.fourcc) = (SIZE[0], SIZE[1], FourCC::new(b"MJPG"));
    let format = device.set_format(&format).map_err(failed)?;
    if ![*b"MJPG", *b"JPEG"].contains(&format.fourcc.repr) {
        return Err(Fault::file(
            path,
            format_args!("the camera gives {}, and JPEG images (`MJPG`) are read", format.fourcc),
        ));
    }
    let interval = device.params().ok().map(|params| params.interval);
    let rate =
        interval.filter(|step| step.numerator > 0).map(|step| f64::from(step.denominator) / f64::from(step.numerator));
    let mut stream = Stream::with_buffers(&device, Type::VideoCapture, BUFFERS).map_err(failed)?;
    let path = path.to_owned();
    let frames = std::iter::repeat_with(move || match stream.next() {
        // The buffer has room for the largest image; the driver says how much of it is one.
        Ok((bytes, about)) => Ok(bytes.get(..about.bytesused as usize).unwrap_or(bytes).to_vec()),
        Err(error) => Err(Fault::file(&path, error)),
    });
    Ok((frames, rate))
}
