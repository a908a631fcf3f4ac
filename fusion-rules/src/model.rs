//! The layers that `model!` knows: how each is written, and what it makes of its input.
//!
//! A layer is one entry in [`BUILTINS`]. The macro works with numbers as far as it has them; where a size is known only
//! to const evaluation it writes a call of the same function, so both say the same sentence.

use crate::{At, DYN, Dims, MAX_RANK, MAX_SIZE, Mistake, Text, flatten, linear};

/// The argument `_`: whatever fits.
pub const HOLE: usize = DYN - 1;

/// A layer that is known by name.
#[derive(Debug)]
pub struct Builtin {
    /// Its name, in the language and in `fusion::nn`.
    pub name: &'static str,
    /// Its arguments, in order.
    pub params: &'static [Param],
    /// How its output follows from its input.
    pub rule: Rule,
    /// A layer that it can take into its own pass when it comes right after, and the method that does both.
    pub fuses: Option<(&'static str, &'static str)>,
}

/// An argument of a layer.
#[derive(Debug)]
pub struct Param {
    /// Its name, for messages and as a keyword.
    pub name: &'static str,
    /// What it is.
    pub kind: Kind,
}

/// What an argument is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A size that is part of the layer's type and may be `_`: it follows from the input.
    Input,
    /// A size that is part of the layer's type.
    Size,
    /// A probability, with the value that it has when it is left out. The layer is made by `new`.
    Probability,
}

/// How a layer's output follows from its input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// It has the input's shape.
    Same,
    /// The last axis becomes another.
    Linear,
    /// All axes behind the batch become one.
    Flatten,
}

const fn plain(name: &'static str, rule: Rule) -> Builtin {
    Builtin { name, params: &[], rule, fuses: None }
}

const fn param(name: &'static str, kind: Kind) -> Param {
    Param { name, kind }
}

/// Every layer that `model!` knows by name.
pub const BUILTINS: &[Builtin] = &[
    Builtin {
        name: "Linear",
        params: &[param("in", Kind::Input), param("out", Kind::Size)],
        rule: Rule::Linear,
        fuses: Some(("Relu", "forward_relu")),
    },
    plain("Relu", Rule::Same),
    plain("Sigmoid", Rule::Same),
    plain("Tanh", Rule::Same),
    Builtin { name: "Dropout", params: &[param("p", Kind::Probability)], rule: Rule::Same, fuses: None },
    plain("Flatten", Rule::Flatten),
];

impl Rule {
    /// What the layer makes of `x`, batch in front. `args` are its sizes in the order of its parameters.
    pub const fn output(self, args: &[usize], x: Dims) -> Result<Dims, Mistake> {
        match self {
            Rule::Same => Ok(x),
            Rule::Linear => {
                let takes = if args[0] == HOLE { x.last() } else { args[0] };
                linear(takes, args[1], x)
            }
            Rule::Flatten => flatten(x),
        }
    }

    /// What the `_` among the layer's sizes stands for.
    pub const fn inferred(self, x: Dims) -> usize {
        match self {
            Rule::Same | Rule::Linear | Rule::Flatten => x.last(),
        }
    }

    /// Whether a `Flatten` in front is all that is missing.
    const fn wants_flatten(self, args: &[usize], x: Dims) -> bool {
        match (self, flatten(x)) {
            (Rule::Linear, Ok(flat)) => x.rank > 2 && args[0] != x.last() && args[0] == flat.last(),
            _ => false,
        }
    }

    /// The size of the input with which a check goes on: the one that is inferred, unless a `Flatten` is missing.
    pub const fn healed_input(self, args: &[usize], x: Dims) -> usize {
        if self.wants_flatten(args, x) { args[0] } else { self.inferred(x) }
    }

    /// What the layer would make if it fitted: with this a check goes on after a mistake.
    pub const fn healed(self, args: &[usize], x: Dims) -> Dims {
        match (self, self.output(args, x)) {
            (_, Ok(y)) => y,
            (Rule::Linear, Err(_)) if self.wants_flatten(args, x) => Dims::new(&[x.d[0], args[1]]),
            (Rule::Linear, Err(_)) if x.rank > 0 => x.with_last(args[1]),
            (Rule::Flatten, Err(_)) if x.rank > 0 => Dims::new(&[x.d[0], 1]),
            (_, Err(_)) => x,
        }
    }
}

/// A layer in a model, and where its input comes from: the words of its sentences.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The layer as written, name included.
    pub layer: &'a str,
    /// What is written before and after its first argument: `Linear<` and `, 128>`.
    pub around: (&'a str, &'a str),
    /// The layer that shaped the input; nothing if none did.
    pub from: &'a str,
    /// The input as it was before a `Flatten` that shaped it; else the input.
    pub shown: Dims,
}

impl Place<'_> {
    /// The sentence for a mistake here, and the way out where it is plain.
    pub const fn text(&self, mistake: Mistake) -> Text {
        let at = At::layer(self.layer, self.from).showing(self.shown.sample());
        let text = mistake.text_at(at);
        match mistake {
            Mistake::Features { takes, input } => {
                if Rule::Linear.wants_flatten(&[takes], input) {
                    text.str("\na `Flatten` before it gives ").num(takes)
                } else {
                    self.advice(text, input.last())
                }
            }
            Mistake::Channels { input, .. } => self.advice(text, input.d[1]),
            Mistake::TooManyDigits => Text::new()
                .str("`")
                .str(self.layer)
                .str("` makes one size of ")
                .dims(self.shown.sample())
                .str(", and a size has at most nine digits"),
            _ => text,
        }
    }

    const fn advice(&self, text: Text, fits: usize) -> Text {
        let (before, after) = self.around;
        text.str("\nwrite `").str(before).str("_").str(after).str("` or `").str(before).num(fits).str(after).str("`")
    }

    /// Panics with the sentence if the layer does not take `x`: in a constant, a compile error at the caller.
    #[track_caller]
    pub const fn check(&self, rule: Rule, args: &[usize], x: Dims) {
        if let Err(mistake) = rule.output(args, x) {
            self.text(mistake).fail()
        }
    }
}

/// The sentence for a model that ends with another shape than it states; `from` shaped the last one.
pub const fn output_text(from: &str, gives: Dims, states: Dims) -> Text {
    let text = if from.is_empty() {
        Text::new().str("the model gives what it takes, ")
    } else {
        Text::new().str("the model ends with `").str(from).str("`, which gives ")
    };
    text.dims(gives.sample()).str(", not ").dims(states.sample())
}

/// Panics if the model does not end with the shape it states: in a constant, a compile error at the caller.
#[track_caller]
pub const fn check_output(from: &str, gives: Dims, states: Dims) {
    let (mut same, mut i) = (gives.rank == states.rank, 1);
    while i < MAX_RANK {
        same &= gives.d[i] == states.d[i];
        i += 1;
    }
    if !same {
        output_text(from, gives, states).fail()
    }
}

/// `n`, if it is a size; else 1, with which a check goes on.
pub const fn healed_size(n: usize) -> usize {
    if n == 0 || n > MAX_SIZE { 1 } else { n }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dims(sizes: &[usize]) -> Dims {
        Dims::new(sizes)
    }

    #[test]
    fn layers_infer_their_input() {
        let x = dims(&[DYN, 64, 12, 12]);
        assert_eq!((Rule::Linear.inferred(x), Rule::Linear.output(&[HOLE, 10], x)), (12, Ok(dims(&[DYN, 64, 12, 10]))));
        assert_eq!(Rule::Flatten.output(&[], x), Ok(dims(&[DYN, 9216])));
        assert_eq!(Rule::Same.output(&[], x), Ok(x));
    }

    #[test]
    fn a_check_goes_on_with_what_fits() {
        let x = dims(&[DYN, 784]);
        assert!(Rule::Linear.output(&[785, 10], x).is_err());
        assert_eq!(
            (Rule::Linear.healed_input(&[785, 10], x), Rule::Linear.healed(&[785, 10], x)),
            (784, dims(&[DYN, 10]))
        );
        // What was forgotten is a `Flatten`: the layer means what it says.
        let x = dims(&[DYN, 28, 28]);
        assert_eq!(
            (Rule::Linear.healed_input(&[784, 10], x), Rule::Linear.healed(&[784, 10], x)),
            (784, dims(&[DYN, 10]))
        );
        let x = dims(&[DYN, MAX_SIZE, 2]);
        assert_eq!(Rule::Flatten.healed(&[], x), dims(&[DYN, 1]));
        assert_eq!((healed_size(0), healed_size(DYN), healed_size(7)), (1, 1, 7));
    }

    #[test]
    fn sentences_name_the_layer_and_the_way_out() {
        let place = Place {
            layer: "fc1: Linear<9000, 128>",
            around: ("Linear<", ", 128>"),
            from: "Flatten",
            shown: dims(&[DYN, 64, 12, 12]),
        };
        let says = |place: &Place<'_>, args: &[usize], x: Dims| {
            let mistake = Rule::Linear.output(args, x).unwrap_err();
            place.text(mistake).as_str().to_owned()
        };
        assert_eq!(
            says(&place, &[9000, 128], dims(&[DYN, 9216])),
            "`fc1: Linear<9000, 128>` takes 9000 features, but `Flatten` gives it 9216 ([64, 12, 12])\n\
             write `Linear<_, 128>` or `Linear<9216, 128>`"
        );
        let x = dims(&[DYN, 784]);
        let place = Place { from: "", shown: x, ..place };
        assert_eq!(
            says(&place, &[9000, 128], x),
            "`fc1: Linear<9000, 128>` takes 9000 features, but the input has 784\n\
             write `Linear<_, 128>` or `Linear<784, 128>`"
        );
        assert_eq!(
            output_text("fc2", dims(&[DYN, 9]), dims(&[DYN, 10])).as_str(),
            "the model ends with `fc2`, which gives [9], not [10]"
        );
        check_output("fc2", dims(&[DYN, 9]), dims(&[DYN, 9]));
    }

    #[test]
    #[should_panic = "the model gives what it takes, [9], not [9, 1]"]
    fn outputs_of_other_ranks_differ() {
        check_output("", dims(&[DYN, 9]), dims(&[DYN, 9, 1]));
    }
}
