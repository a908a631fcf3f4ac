//! How a model is shown by `Debug`.

use std::fmt;

/// A layer of a model as it is shown. Plain data, so that rustc has little to check where a model lists its layers.
pub enum Shown<'a> {
    /// As it is written.
    Text(&'static str),
    /// As it is written, with these sizes in place of `{}`.
    Sized(&'static str, &'a [usize]),
    /// Layers of their own.
    Group(&'a dyn fmt::Debug),
}

impl fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Sized(text, sizes) => {
                let mut sizes = sizes.iter();
                for (at, part) in text.split("{}").enumerate() {
                    if at > 0 {
                        match sizes.next() {
                            Some(size) => write!(f, "{size}")?,
                            None => f.write_str("{}")?,
                        }
                    }
                    f.write_str(part)?;
                }
                Ok(())
            }
            Self::Group(layers) => layers.fmt(f),
        }
    }
}

/// A model as it is shown: its layers with their names.
pub fn show_layers(f: &mut fmt::Formatter<'_>, name: &str, layers: &[(&str, Shown<'_>)]) -> fmt::Result {
    let mut all = f.debug_struct(name);
    layers.iter().for_each(|(name, layer)| {
        all.field(name, layer);
    });
    all.finish()
}
