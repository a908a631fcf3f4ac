//! Where a mistake was made, as sentences say it.

use crate::{Dims, MAX_ELEMENTS, Text};

/// Where a layer's mistake was made: the words that stand for the layer and for what its input comes from.
#[derive(Clone, Copy, Debug)]
pub struct At<'a> {
    layer: &'a str,
    from: &'a str,
    shown: Option<Dims>,
    names: &'a [&'a str],
}

impl<'a> At<'a> {
    /// Nowhere in particular: "this layer", "its input".
    pub const HERE: At<'static> = At { layer: "", from: "", shown: None, names: &[] };

    /// In a model: `layer` as it is written there, `from` the layer that gives it its input, or nothing if that is the
    /// model's own.
    ///
    /// Shapes are then shown without axis 0, the batch.
    pub const fn layer(layer: &'a str, from: &'a str) -> At<'a> {
        At { layer, from, shown: None, names: &[] }
    }

    /// Shows this shape in parentheses in place of the input's own: what came before a `Flatten`, say.
    pub const fn showing(mut self, shape: Dims) -> At<'a> {
        self.shown = Some(shape);
        self
    }

    /// Calls sizes that have a name by these.
    pub const fn names(mut self, names: &'a [&'a str]) -> At<'a> {
        self.names = names;
        self
    }

    /// The beginning of a sentence.
    pub(crate) const fn text(&self) -> Text<'a> {
        Text::naming(self.names)
    }

    pub(crate) const fn is_here(&self) -> bool {
        self.layer.is_empty()
    }

    /// "this layer", or its name.
    pub(crate) const fn subject<'n>(&self, text: Text<'n>) -> Text<'n> {
        if self.is_here() { text.str("this layer") } else { text.str("`").str(self.layer).str("`") }
    }

    /// "but its input has", "but the input has", or "but `Flatten` gives it".
    pub(crate) const fn but<'n>(&self, text: Text<'n>) -> Text<'n> {
        if self.is_here() {
            text.str(", but its input has ")
        } else if self.from.is_empty() {
            text.str(", but the input has ")
        } else {
            text.str(", but `").str(self.from).str("` gives it ")
        }
    }

    /// The input, as this place shows shapes.
    pub(crate) const fn shape<'n>(&self, text: Text<'n>, input: Dims) -> Text<'n> {
        match self.shown {
            Some(shape) => text.dims(shape),
            None if self.is_here() => text.dims(input),
            None => text.dims(input.sample()),
        }
    }

    /// Any shape, as this place shows shapes.
    pub(crate) const fn sizes<'n>(&self, text: Text<'n>, shape: Dims) -> Text<'n> {
        text.dims(if self.is_here() { shape } else { shape.sample() })
    }

    /// The sentence for a tensor that cannot be; `gives` is what is done with it here.
    pub const fn too_large(&self, gives: &str, shape: Dims) -> Text<'a> {
        let text = self.text();
        most(if self.is_here() {
            text.dims(shape)
        } else {
            self.sizes(self.subject(text).str(" ").str(gives).str(" "), shape)
        })
    }

    /// Behind a size: where it comes from and goes to.
    pub(crate) const fn whence<'n>(&self, text: Text<'n>) -> Text<'n> {
        if self.is_here() {
            text
        } else if self.from.is_empty() {
            text.str(", which goes into `").str(self.layer).str("`")
        } else {
            text.str(", which `").str(self.from).str("` gives `").str(self.layer).str("`")
        }
    }

    /// The input in parentheses, where a model shows it and it is more than one size.
    pub(crate) const fn aside<'n>(&self, text: Text<'n>, input: Dims) -> Text<'n> {
        let axes = match self.shown {
            Some(shape) => shape.rank,
            None => input.sample().rank,
        };
        if self.is_here() || axes < 2 { text } else { self.shape(text.str(" ("), input).str(")") }
    }
}

/// The limit, behind a shape that is above it.
pub(crate) const fn most(text: Text<'_>) -> Text<'_> {
    text.str(": a tensor has at most ").num(MAX_ELEMENTS).str(" elements")
}
