//! Where in a model a mistake is: the words around its sentence, and the way out.

use super::output::wants_flatten;
use super::row::Builtin;
use crate::{At, Dims, Mistake, Size, Text};

/// A layer in a model, and where its input comes from: the words of its sentences.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The layer as written, name included.
    pub layer: &'a str,
    /// What is written before and after its first argument: `Linear<` and `, 128>`.
    pub around: (&'a str, &'a str),
    /// What its second size is, and how it is written with the first two exchanged; [`Dyn`](Size::Dyn) and nothing
    /// where these are not both what flows in and what flows out.
    pub swapped: (Size, &'a str),
    /// The layer that shaped the input; nothing if none did.
    pub from: &'a str,
    /// The input as it was before a `Flatten` that shaped it; else the input.
    pub shown: Dims,
    /// The names of sizes that have one.
    pub names: &'a [&'a str],
}

impl<'a> Place<'a> {
    /// The sentence for a mistake here, and the way out where it is plain.
    pub const fn text(&self, mistake: Mistake) -> Text<'a> {
        let at = At::layer(self.layer, self.from).names(self.names);
        let at = match mistake {
            Mistake::Features { .. } => at.showing(self.shown.sample()),
            _ => at,
        };
        let text = mistake.text_at(at);
        match mistake {
            Mistake::Features { takes, input } => {
                if wants_flatten(takes, input) {
                    text.str("\na `Flatten` before it gives ").size(takes)
                } else {
                    self.advice(text, input.last())
                }
            }
            Mistake::Channels { takes, .. } if self.is_channels_last() && self.shown.d[3].is(takes) => self.first(text),
            Mistake::Channels { input, .. } => self.advice(text, input.d[1]),
            Mistake::Window { .. } if self.is_channels_last() => self.first(text),
            Mistake::TooManyDigits => at
                .text()
                .str("`")
                .str(self.layer)
                .str("` makes one size of ")
                .dims(self.shown.sample())
                .str(", and a size has at most nine digits"),
            Mistake::Groups { .. }
            | Mistake::Heads { .. }
            | Mistake::Pixels { .. }
            | Mistake::SameStride { .. }
            | Mistake::PoolPadding { .. }
            | Mistake::OutputPadding { .. } => at.text().str("`").str(self.layer).str("`: ").str(text.as_str()),
            _ => text,
        }
    }

    const fn advice<'n>(&self, text: Text<'n>, fits: Size) -> Text<'n> {
        let (before, after) = self.around;
        let (second, swapped) = self.swapped;
        if !swapped.is_empty() && second.is(fits) {
            let text = text.str("\nwrite `").str(swapped).str("`, with what flows in first, or `");
            return text.str(before).str("_").str(after).str("`");
        }
        text.str("\nwrite `").str(before).str("_").str(after).str("` or `").str(before).size(fits).str(after).str("`")
    }

    /// Whether the model's own input looks like an image with its channels at the end.
    const fn is_channels_last(&self) -> bool {
        let x = self.shown;
        self.from.is_empty() && x.rank == 4 && x.d[1].or(5) > 4 && x.d[2].or(5) > 4 && x.d[3].or(5) <= 4
    }

    /// The way out for an image with its channels at the end.
    const fn first<'n>(&self, text: Text<'n>) -> Text<'n> {
        let x = self.shown;
        text.str("\nan image is [channels, height, width]: write `").dims(Dims::of(&[x.d[3], x.d[1], x.d[2]])).str("`")
    }

    /// Panics with the sentence if the layer does not take `x`: in a constant, a compile error at the caller.
    #[track_caller]
    pub const fn check(&self, layer: &Builtin, args: &[Size], x: Dims) {
        if let Err(mistake) = layer.output(args, x) {
            self.text(mistake).fail()
        }
        if let Err(mistake) = layer.possible(args, x) {
            self.text(mistake).fail()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Conv2d, Linear};
    use crate::sizes;

    fn dims(sizes: &[Size]) -> Dims {
        Dims::of(sizes)
    }

    #[test]
    fn sentences_name_the_layer_and_the_way_out() {
        let place = Place {
            layer: "fc1: Linear<9000, 128>",
            around: ("Linear<", ", 128>"),
            swapped: (Size::Known(128), "Linear<128, 9000>"),
            from: "Flatten",
            shown: dims(&sizes![Dyn, 64, 12, 12]),
            names: &[],
        };
        let says = |place: &Place<'_>, args: &[Size], x: Dims| {
            let mistake = Linear.output(args, x).unwrap_err();
            place.text(mistake).as_str().to_owned()
        };
        assert_eq!(
            says(&place, &sizes![9000, 128], dims(&sizes![Dyn, 9216])),
            "`fc1: Linear<9000, 128>` takes 9000 features, but `Flatten` gives it 9216 ([64, 12, 12])\n\
             write `Linear<_, 128>` or `Linear<9216, 128>`"
        );
        assert_eq!(
            says(&place, &sizes![9000, 128], dims(&sizes![Dyn, 128])),
            "`fc1: Linear<9000, 128>` takes 9000 features, but `Flatten` gives it 128 ([64, 12, 12])\n\
             write `Linear<128, 9000>`, with what flows in first, or `Linear<_, 128>`"
        );
        let x = dims(&sizes![Dyn, 784]);
        let place = Place { from: "", shown: x, ..place };
        assert_eq!(
            says(&place, &sizes![9000, 128], x),
            "`fc1: Linear<9000, 128>` takes 9000 features, but the input has 784\n\
             write `Linear<_, 128>` or `Linear<784, 128>`"
        );
    }

    #[test]
    fn an_image_has_its_channels_in_front() {
        let x = dims(&sizes![Dyn, 28, 28, 1]);
        let place = Place {
            layer: "Conv2d<1, 8, 3>",
            around: ("", ""),
            swapped: (Size::Dyn, ""),
            from: "",
            shown: x,
            names: &[],
        };
        for args in [sizes![1, 8, 3, 3, 1, 1, 0, 0, 1, 1, 1, 1], sizes![28, 8, 3, 3, 1, 1, 0, 0, 1, 1, 1, 1]] {
            let text = place.text(Conv2d.output(&args, x).unwrap_err());
            assert!(text.as_str().ends_with("\nan image is [channels, height, width]: write `[1, 28, 28]`"), "{text}");
        }
    }
}
