//! Videos of JPEG images in AVI files (Microsoft, [AVI RIFF File Reference](https://learn.microsoft.com/en-us/windows/win32/directshow/avi-riff-file-reference)).

mod read;
mod write;

pub use read::Reader;
pub use write::Writer;

#[cfg(test)]
mod tests;
