//! Faces on a web cam: found by a network, followed from frame to frame, and shown in a browser. What the example `webcam` is made
//! of.
//!
//! | from | to |
//! | --- | --- |
//! | [`input::open`]: a video, images, a camera | frames |
//! | [`Detector`]: a network of `fusion::models` made ready to run | faces with numbers, and how long it took |
//! | [`Outputs`] | PNG images, JSON lines, a video |
//! | [`Measures`] | how well faces are found and followed |
//! | [`server`] | a page that shows the camera of a browser, with boxes |

pub mod avi;
#[cfg(feature = "v4l2")]
pub mod camera;
mod detector;
pub mod input;
mod measure;
mod output;
mod picture;
pub mod server;

pub use detector::{Detector, Found, Model, Times};
pub use fusion_web::{Fault, Result};
pub use measure::{Known, Measures, SAME};
pub use output::{Face, Outputs, drawn, faces, jpeg};
pub use picture::{MOST_BYTES, MOST_PIXELS, MOST_SIDE, Picture, picture, size};
