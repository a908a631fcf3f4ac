//! How a model is shown by `Debug`.

use std::fmt;

/// A layer of a model as it is shown. Plain data, so that rustc has little to check where a model lists its layers.
pub enum Shown<'a> {
    /// One that shows itself.
    Layer(&'a dyn fmt::Debug),
    /// As many in a row.
    Repeated(usize, &'a dyn fmt::Debug),
    /// As it is written, so often.
    Written(usize, &'static str),
}

impl fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Layer(layer) => layer.fmt(f),
            Self::Repeated(count, layer) => {
                write!(f, "{count} * ")?;
                layer.fmt(f)
            }
            Self::Written(1, text) => f.write_str(text),
            Self::Written(count, text) => write!(f, "{count} * {text}"),
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
