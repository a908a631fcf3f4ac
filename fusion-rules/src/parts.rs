//! The parts of a model that are more than one layer: sums, joins and repeats, and what a model states of itself.

use crate::{Dims, MAX_RANK, Mistake, Size, Text, agree, join, plus, same_shape};

/// A branch of a sum or a join: what it ends with, as written, and what it gives.
#[derive(Clone, Copy, Debug)]
pub struct Branch<'a> {
    /// Its last layer; nothing for the identity.
    pub name: &'a str,
    /// Its result, batch in front.
    pub gives: Dims,
}

impl Branch<'_> {
    const fn text<'n>(&self, text: Text<'n>) -> Text<'n> {
        let text =
            if self.name.is_empty() { text.str("the identity `_`") } else { text.str("`").str(self.name).str("`") };
        text.str(" gives ").dims(self.gives.sample())
    }
}

/// How branches become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meet {
    /// They are added: `{ .. } + { .. }`.
    Sum,
    /// They are joined along the channels: `{ .. } | { .. }`.
    Join,
}

impl Meet {
    /// The shape of two branches together.
    pub const fn output(self, left: Dims, right: Dims) -> Result<Dims, Mistake> {
        match self {
            Meet::Sum => same_shape(left, right),
            Meet::Join => join(left, right),
        }
    }

    /// The shape of all branches together; a size in which they differ is not known.
    pub const fn recovered(self, branches: &[Branch<'_>]) -> Dims {
        let (mut all, mut i) = (branches[0].gives, 1);
        while i < branches.len() {
            let other = branches[i].gives;
            all = match self.output(all, other) {
                Ok(both) => both,
                Err(_) => self.unsure(all, other),
            };
            i += 1;
        }
        all
    }

    /// What two shapes that differ have in common.
    const fn unsure(self, left: Dims, right: Dims) -> Dims {
        let (mut all, mut i) = (left, 1);
        while i < left.rank {
            let channels = matches!(self, Meet::Join) && i == 1;
            all.d[i] = match plus(left.d[1], if right.rank > 1 { right.d[1] } else { Size::Known(0) }) {
                Ok(sum) if channels => sum,
                _ if i < right.rank && left.d[i].is(right.d[i]) => left.d[i],
                _ => Size::Dyn,
            };
            i += 1;
        }
        all
    }

    /// The sentence for the first branch that does not fit those in front of it, if there is one; `names` are those of
    /// sizes that have one.
    pub const fn mistake<'n>(self, branches: &[Branch<'_>], names: &'n [&'n str]) -> Option<Text<'n>> {
        let (mut all, mut i) = (branches[0].gives, 1);
        while i < branches.len() {
            match self.output(all, branches[i].gives) {
                Ok(both) => all = both,
                Err(Mistake::TooManyDigits) => return Some(Mistake::TooManyDigits.text()),
                Err(_) => return Some(self.text(&branches[0], &branches[i], names)),
            }
            i += 1;
        }
        None
    }

    const fn text<'n>(self, left: &Branch<'_>, right: &Branch<'_>, names: &'n [&'n str]) -> Text<'n> {
        let text = Text::naming(names).str(match self {
            Meet::Sum => "the branches of this sum differ: ",
            Meet::Join => "the branches of this join differ in more than their channels: ",
        });
        let text = right.text(left.text(text).str(", "));
        match self {
            Meet::Sum if left.name.is_empty() => shortcut(text, left.gives, right.gives),
            Meet::Sum if right.name.is_empty() => shortcut(text, right.gives, left.gives),
            _ if shrinks(left.gives, right.gives) || shrinks(right.gives, left.gives) => text.str(PADDING),
            _ => text,
        }
    }

    /// Panics with the sentence if the branches differ: in a constant, a compile error at the caller.
    #[track_caller]
    pub const fn check(self, branches: &[Branch<'_>]) {
        if let Some(text) = self.mistake(branches, &[]) {
            text.fail()
        }
    }
}

/// The way out where windows take the rim of an image away.
const PADDING: &str =
    "\na convolution without padding shrinks the image: `padding = 1` for a window of 3, or `padding = \"same\"`";

/// Whether `to` is `from` without a rim.
const fn shrinks(from: Dims, to: Dims) -> bool {
    if from.rank != 4 || to.rank != 4 {
        return false;
    }
    match (from.d[2].minus(to.d[2]), from.d[3].minus(to.d[3])) {
        (Some(h), Some(w)) => h == w && 0 < h && h % 2 == 0 && (h as usize) < from.d[2].or(usize::MAX) / 2,
        _ => false,
    }
}

/// The way out of a residual whose identity does not fit: a padding, another last layer, or a projection (He et al.
/// 2015), if there is one.
const fn shortcut(text: Text<'_>, identity: Dims, other: Dims) -> Text<'_> {
    if shrinks(identity, other) {
        return text.str(PADDING);
    }
    if identity.sample().has_dyn() || other.sample().has_dyn() || identity.rank != other.rank {
        return text;
    }
    if identity.rank > 1 && identity.rank < 4 && may_be_equal(identity.with_last(Size::Dyn), other.with_last(Size::Dyn))
    {
        let text = text.str("\nend with ").size(identity.last()).str(" features, or write `{ Linear<_, ");
        return text.size(other.last()).str("> }` in place of `_`");
    }
    if identity.rank != 4 {
        return text;
    }
    let mut stride = 1;
    while stride <= 4 {
        if strided(identity.d[2], stride).is(other.d[2]) && strided(identity.d[3], stride).is(other.d[3]) {
            let text = text.str("\nwrite `{ Conv2d<_, ").size(other.d[1]).str(", 1");
            let text = if stride == 1 { text } else { text.str(", stride = ").num(stride) };
            let text = text.str("> }` in place of `_`");
            return if stride == 1 { text.str(", or end with ").size(identity.d[1]).str(" channels") } else { text };
        }
        stride *= 2;
    }
    text
}

/// The places of a window of 1 along an axis.
const fn strided(size: Size, stride: usize) -> Size {
    match size {
        Size::Known(n) => Size::Known(n.saturating_sub(1) / stride + 1),
        size if stride == 1 => size,
        // Equal to no size of the other branch.
        _ => Size::Hole,
    }
}

/// The sentence for what is repeated and does not keep its shape; `names` are those of sizes that have one.
pub const fn repeat_text<'n>(layer: &str, takes: Dims, gives: Dims, names: &'n [&'n str]) -> Text<'n> {
    let text = Text::naming(names).str("`").str(layer).str("` repeats a layer that makes ").dims(gives.sample());
    text.str(" of ").dims(takes.sample()).str(": what is repeated must keep its shape")
}

/// Panics if what is repeated does not keep its shape: in a constant, a compile error at the caller.
#[track_caller]
pub const fn check_repeat(layer: &str, takes: Dims, gives: Dims) {
    if !may_be_equal(takes, gives) {
        repeat_text(layer, takes, gives, &[]).fail()
    }
}

/// The shape behind what is repeated: that which goes in, as [`check_repeat`] says where it is not kept. It asks for what
/// comes out all the same, so that after a mistake in the layer itself rustc is silent.
pub const fn repeated(takes: Dims, _gives: Dims) -> Dims {
    takes
}

/// Panics if a layer does not give what is stated behind it: in a constant, a compile error at the caller.
#[track_caller]
pub const fn check_stated(layer: &str, gives: Dims, states: Dims) {
    if !may_be_equal(gives, states) {
        stated_text(layer, gives, states, &[]).fail()
    }
}

/// The sentence for a layer that does not give what is stated behind it; `names` are those of sizes that have one.
pub const fn stated_text<'n>(layer: &str, gives: Dims, states: Dims, names: &'n [&'n str]) -> Text<'n> {
    let text = Text::naming(names).str("`").str(layer).str("` gives ").dims(gives.sample());
    text.str(", not ").dims(states.sample())
}

/// Whether two shapes are one, as far as is known. The batch, axis 0, is not looked at.
pub const fn may_be_equal(left: Dims, right: Dims) -> bool {
    let (mut same, mut i) = (left.rank == right.rank, 1);
    while i < MAX_RANK {
        same &= agree(left.d[i], right.d[i]).is_some();
        i += 1;
    }
    same
}

/// The sentence for a model that ends with another shape than it states; `from` shaped the last one, and `names` are
/// those of sizes that have one.
pub const fn output_text<'n>(from: &str, gives: Dims, states: Dims, names: &'n [&'n str]) -> Text<'n> {
    let text = Text::naming(names);
    let text = if from.is_empty() {
        text.str("the model gives what it takes, ")
    } else {
        text.str("the model ends with `").str(from).str("`, which gives ")
    };
    let text = text.dims(gives.sample()).str(", not ").dims(states.sample());
    let flat = gives.rank > states.rank && states.rank == 2 && gives.last().is(states.last());
    if flat { text.str("\na `Flatten` or a `GlobalAvgPool2d` is missing in front of it") } else { text }
}

/// Panics if the model does not end with the shape it states: in a constant, a compile error at the caller.
#[track_caller]
pub const fn check_output(from: &str, gives: Dims, states: Dims) {
    if !may_be_equal(gives, states) {
        output_text(from, gives, states, &[]).fail()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sizes;

    fn dims(sizes: &[Size]) -> Dims {
        Dims::of(sizes)
    }

    fn branch<'a>(name: &'a str, sizes: &[Size]) -> Branch<'a> {
        Branch { name, gives: dims(sizes) }
    }

    #[test]
    fn branches_meet() {
        let (a, b) = (branch("a", &sizes![Dyn, 3, 8, 8]), branch("b", &sizes![Dyn, 5, 8, 8]));
        assert_eq!(Meet::Sum.recovered(&[a, a]), a.gives);
        assert_eq!(Meet::Join.recovered(&[a, b, a]), dims(&sizes![Dyn, 11, 8, 8]));
        assert!(Meet::Sum.mistake(&[a, a], &[]).is_none() && Meet::Join.mistake(&[a, b], &[]).is_none());
        let identity = branch("", &sizes![Dyn, 3, 8, 8]);
        assert_eq!(Meet::Sum.recovered(&[identity, b]), dims(&sizes![Dyn, Dyn, 8, 8]));
        assert_eq!(Meet::Join.recovered(&[a, branch("c", &sizes![Dyn, 6, 4, 8])]), dims(&sizes![Dyn, 9, Dyn, 8]));
        let says =
            |meet: Meet, branches: &[Branch<'_>]| meet.mistake(branches, &[]).expect("a mistake").as_str().to_owned();
        assert_eq!(
            says(Meet::Sum, &[a, b]),
            "the branches of this sum differ: `a` gives [3, 8, 8], `b` gives [5, 8, 8]"
        );
        assert_eq!(
            says(Meet::Sum, &[identity, b]),
            "the branches of this sum differ: the identity `_` gives [3, 8, 8], `b` gives [5, 8, 8]\n\
             write `{ Conv2d<_, 5, 1> }` in place of `_`, or end with 3 channels"
        );
        let smaller = branch("d", &sizes![Dyn, 3, 6, 6]);
        assert!(says(Meet::Sum, &[identity, smaller]).ends_with(PADDING));
        let c = branch("c", &sizes![Dyn, 6, 4, 4]);
        assert!(says(Meet::Sum, &[c, identity]).ends_with("\nwrite `{ Conv2d<_, 6, 1, stride = 2> }` in place of `_`"));
        assert_eq!(
            says(Meet::Join, &[a, b, c]),
            "the branches of this join differ in more than their channels: `a` gives [3, 8, 8], `c` gives [6, 4, 4]"
        );
        let unknown = branch("d", &sizes![Dyn, 3, Dyn, Dyn]);
        assert!(Meet::Sum.mistake(&[a, unknown], &[]).is_none());
    }

    #[test]
    fn what_is_repeated_keeps_its_shape() {
        check_repeat("2 * Relu", dims(&sizes![Dyn, 4]), dims(&sizes![Dyn, 4]));
        assert_eq!(
            repeat_text("4 * Wide<64, 128>", dims(&sizes![Dyn, 64, 8, 8]), dims(&sizes![Dyn, 128, 8, 8]), &[]).as_str(),
            "`4 * Wide<64, 128>` repeats a layer that makes [128, 8, 8] of [64, 8, 8]: what is repeated must keep its \
             shape"
        );
        assert_eq!(
            output_text("fc2", dims(&sizes![Dyn, 9]), dims(&sizes![Dyn, 10]), &[]).as_str(),
            "the model ends with `fc2`, which gives [9], not [10]"
        );
        check_output("fc2", dims(&sizes![Dyn, 9]), dims(&sizes![Dyn, 9]));
        assert_eq!(
            stated_text("gate", dims(&sizes![Dyn, 4]), dims(&sizes![Dyn, 5]), &[]).as_str(),
            "`gate` gives [4], not [5]"
        );
    }

    #[test]
    #[should_panic = "the model gives what it takes, [9], not [9, 1]"]
    fn outputs_of_other_ranks_differ() {
        check_output("", dims(&sizes![Dyn, 9]), dims(&sizes![Dyn, 9, 1]));
    }
}
