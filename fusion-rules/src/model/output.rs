//! What a layer gives: its row, read by one interpreter.

use super::places::size_at;
use super::row::{AxisRule, Builtin, Divides, Domain, Gives};
use crate::{
    Dims, MAX_RANK, Mistake, Size, channels, embedding, features, flatten, groups, heads, padded, pool_padding,
    reflected, scaled, sequence, shuffled, spatial, transposed_window, unflatten, window,
};

impl Builtin {
    /// What the layer makes of `x`, batch in front. `args` are those of its type, in order.
    pub const fn output(&self, args: &[Size], x: Dims) -> Result<Dims, Mistake> {
        if let Err(e) = self.divides(args, x) {
            return Err(e);
        }
        if let Err(e) = self.pools(args) {
            return Err(e);
        }
        match self.accepts(args, x) {
            Ok(()) => self.shape(args, x),
            Err(e) => Err(e),
        }
    }

    /// Whether what must come out even does.
    const fn divides(&self, args: &[Size], x: Dims) -> Result<(), Mistake> {
        let Some(divisor) = self.places.divisor else { return Ok(()) };
        let takes = self.input(args, x);
        match self.divides {
            Divides::Nothing => Ok(()),
            Divides::Channels => groups(takes, size_at(args, self.places.output, 0, takes), args[divisor].or(1)),
            Divides::Features => only(heads(takes, args[divisor].or(1))),
        }
    }

    /// Whether the window of a pooling layer, which has no weights, may have its padding.
    const fn pools(&self, args: &[Size]) -> Result<(), Mistake> {
        let mut axis = 0;
        while axis < self.window_axes() {
            if !self.infers() && matches!(self.axis_rule(axis + 1), Some(AxisRule::Window)) {
                let window = self.window(args, axis);
                if let Err(e) = window.check() {
                    return Err(e);
                }
                if let Err(e) = pool_padding(window.kernel, window.padding) {
                    return Err(e);
                }
            }
            axis += 1;
        }
        Ok(())
    }

    /// Whether the input has the axes, and the size, that it takes.
    const fn accepts(&self, args: &[Size], x: Dims) -> Result<(), Mistake> {
        let takes = self.input(args, x);
        match self.takes {
            Domain::Any | Domain::Indices | Domain::Vector => Ok(()),
            Domain::Features => only(features(takes, x)),
            Domain::Channels(from, to) => match spatial(x, from, to) {
                Ok(_) if self.infers() => only(channels(takes, x)),
                Ok(_) => Ok(()),
                Err(e) => Err(e),
            },
            Domain::Sequence => match sequence(x) {
                Ok(_) => only(features(takes, x)),
                Err(e) => Err(e),
            },
        }
    }

    /// The shape of what it makes of an input that it accepts.
    const fn shape(&self, args: &[Size], x: Dims) -> Result<Dims, Mistake> {
        match self.gives {
            Gives::Same => Ok(x),
            Gives::Last(_) => Ok(x.with_last(args[self.places.gives[0]])),
            Gives::Push(_) => embedding(args[self.places.gives[0]], x),
            Gives::Flat => flatten(x),
            Gives::Axes(axes) => {
                let mut y = Dims::of(&[if x.rank == 0 { Size::Dyn } else { x.d[0] }]);
                let mut i = 0;
                while i < axes.len() {
                    match self.axis(args, x, i) {
                        Ok(size) => y = y.push(size),
                        Err(e) => return Err(e),
                    }
                    i += 1;
                }
                if matches!(self.takes, Domain::Vector) { unflatten(y.sample(), x) } else { Ok(y) }
            }
        }
    }

    /// The size at this place behind the batch.
    const fn axis(&self, args: &[Size], x: Dims, i: usize) -> Result<Size, Mistake> {
        match self.axis_rule(i) {
            Some(AxisRule::Param(_)) => Ok(args[self.places.gives[i]]),
            Some(AxisRule::Window) => window(x.d[i + 1], self.window(args, i - 1)),
            Some(AxisRule::Transposed) => {
                transposed_window(x.d[i + 1], self.window(args, i - 1), self.output_padding(args, i - 1))
            }
            Some(AxisRule::Scaled(_)) => scaled(x.d[i + 1], args[self.places.gives[i]].or(1)),
            Some(AxisRule::Padded(_)) => padded(x.d[i + 1], args[self.places.gives[i]].or(0)),
            Some(AxisRule::Reflected(_)) => reflected(x.d[i + 1], args[self.places.gives[i]].or(0)),
            Some(AxisRule::Shuffled(_)) => shuffled(x.d[i + 1], args[self.places.gives[i]].or(1)),
            Some(AxisRule::Keep) | None => Ok(x.d[i + 1]),
        }
    }

    /// What the `_` among the layer's sizes stands for.
    pub const fn inferred(&self, x: Dims) -> Size {
        match self.takes {
            Domain::Channels(..) => channels_of(x),
            _ => x.last(),
        }
    }

    /// What is wrong with an input of so many axes of which nothing more is known; `None` if it may fit.
    pub const fn refuses_rank(&self, args: &[Size], x: Dims) -> Option<Mistake> {
        let result = match self.takes {
            Domain::Channels(from, to) => spatial(x, from, to),
            Domain::Sequence => sequence(x),
            Domain::Vector if x.rank != 2 => self.shape(args, x),
            _ => return None,
        };
        match result {
            Ok(_) => None,
            Err(mistake) => Some(mistake),
        }
    }

    /// The size of the input with which a check goes on: the one that is inferred, unless a `Flatten` is missing.
    pub const fn recovered_input(&self, args: &[Size], x: Dims) -> Size {
        let fits = self.inferred(x);
        let flattens = matches!(self.gives, Gives::Last(_)) && wants_flatten(args[0], x);
        match args[0] {
            _ if !flattens && !fits.is_dyn() => fits,
            Size::Hole => Size::Known(1),
            takes => takes,
        }
    }

    /// The [`Builtin::divisor`] with which a check goes on: 1 where it does not divide.
    pub const fn recovered_divisor(&self, args: &[Size], x: Dims) -> Size {
        match (self.places.divisor, self.divides(args, x)) {
            (Some(at), Ok(())) => args[at],
            _ => Size::Known(1),
        }
    }

    /// Whether the layer takes `x` as far as its type is concerned, with what is inferred in place of its input's size.
    pub const fn fits(&self, args: &[Size], x: Dims) -> bool {
        matches!(self.output(args, x), Ok(_) | Err(Mistake::Features { .. } | Mistake::Channels { .. }))
    }

    /// What the layer would make if it fitted: with this a check goes on after a mistake. What cannot be known then is
    /// [`Dyn`](Size::Dyn).
    pub const fn recovered(&self, args: &[Size], x: Dims) -> Dims {
        if let Ok(y) = self.output(args, x) {
            return y;
        }
        let batch = if x.rank == 0 { Size::Dyn } else { x.d[0] };
        match self.gives {
            Gives::Last(_) if wants_flatten(args[0], x) => Dims::of(&[batch, args[self.places.gives[0]]]),
            Gives::Last(_) if x.rank > 0 => x.with_last(args[self.places.gives[0]]),
            Gives::Push(_) if x.rank > 0 && x.rank < MAX_RANK => x.push(args[self.places.gives[0]]),
            Gives::Flat => Dims::of(&[batch, if x.rank < 2 { x.last() } else { Size::Dyn }]),
            Gives::Axes(axes) => {
                // Without the groups, and with the channels that fit, only a window may be left that does not.
                if let (true, None, Ok(y)) = (self.infers(), self.refuses_rank(args, x), self.shape(args, x)) {
                    return y;
                }
                let mut y = Dims::of(&[batch]);
                let mut i = 0;
                while i < axes.len() {
                    y = y.push(match axes[i] {
                        AxisRule::Param(_) => args[self.places.gives[i]],
                        AxisRule::Keep if i == 0 => channels_of(x),
                        _ => Size::Dyn,
                    });
                    i += 1;
                }
                y
            }
            _ => x,
        }
    }
}

/// Whether a `Flatten` in front is all that a layer of `takes` features is missing.
pub(super) const fn wants_flatten(takes: Size, x: Dims) -> bool {
    match flatten(x) {
        Ok(flat) => x.rank > 2 && !takes.is_dyn() && !takes.is(x.last()) && takes.is(flat.last()),
        Err(_) => false,
    }
}

/// Whether a rule holds.
const fn only(rule: Result<Size, Mistake>) -> Result<(), Mistake> {
    match rule {
        Ok(_) => Ok(()),
        Err(e) => Err(e),
    }
}

/// The channels of a batch; of a shape without, nothing known.
const fn channels_of(x: Dims) -> Size {
    if x.rank > 1 { x.d[1] } else { Size::Dyn }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Conv2d, Flatten, LayerNorm, Linear, MaxPool2d, Relu, recovered_size};
    use crate::{MAX_SIZE, sizes};

    fn dims(sizes: &[Size]) -> Dims {
        Dims::of(sizes)
    }

    #[test]
    fn layers_infer_their_input() {
        let x = dims(&sizes![Dyn, 64, 12, 12]);
        assert_eq!(
            (Linear.inferred(x), Linear.output(&sizes![_, 10, 1], x)),
            (Size::Known(12), Ok(dims(&sizes![Dyn, 64, 12, 10])))
        );
        assert_eq!(Flatten.output(&[], x), Ok(dims(&sizes![Dyn, 9216])));
        assert_eq!(Relu.output(&[], x), Ok(x));
        assert_eq!(LayerNorm.output(&sizes![7], x), Err(Mistake::Features { takes: Size::Known(7), input: x }));
    }

    #[test]
    fn a_check_goes_on_with_what_fits() {
        let x = dims(&sizes![Dyn, 784]);
        assert!(Linear.output(&sizes![785, 10, 1], x).is_err());
        assert_eq!(
            (Linear.recovered_input(&sizes![785, 10], x), Linear.recovered(&sizes![785, 10], x)),
            (Size::Known(784), dims(&sizes![Dyn, 10]))
        );
        // What was forgotten is a `Flatten`: the layer means what it says.
        let x = dims(&sizes![Dyn, 28, 28]);
        assert_eq!(
            (Linear.recovered_input(&sizes![784, 10], x), Linear.recovered(&sizes![784, 10], x)),
            (Size::Known(784), dims(&sizes![Dyn, 10]))
        );
        let x = dims(&sizes![Dyn, MAX_SIZE, 2]);
        assert_eq!(Flatten.recovered(&[], x), dims(&sizes![Dyn, Dyn]));
        assert_eq!((recovered_size(0), recovered_size(MAX_SIZE + 1), recovered_size(7)), (1, 1, 7));
    }

    #[test]
    fn convolutions() {
        let x = dims(&sizes![Dyn, 4, 32, 30]);
        let conv = |takes, gives, [k, s, p, d]: [Size; 4], groups| {
            let [takes, gives, groups, bias] = sizes![takes, gives, groups, 1];
            Conv2d.output(&[takes, gives, k, k, s, s, p, p, d, d, groups, bias], x)
        };
        assert_eq!(conv(4, 8, sizes![3, 2, 1, 1], 4), Ok(dims(&sizes![Dyn, 8, 16, 15])));
        assert_eq!(conv(4, 8, sizes![5, 1, Same, 2], 1), Ok(dims(&sizes![Dyn, 8, 32, 30])));
        assert_eq!(conv(5, 8, sizes![3, 2, 1, 1], 1), Err(Mistake::Channels { takes: Size::Known(5), input: x }));
        assert_eq!(conv(4, 8, sizes![3, 2, 1, 1], 3), Err(Mistake::Groups { groups: 3, channels: 4 }));
        assert_eq!(conv(4, 9, sizes![3, 2, 1, 1], 4), Err(Mistake::Groups { groups: 4, channels: 9 }));
        assert_eq!(conv(4, 8, sizes![3, 2, 1, 1], 0), Err(Mistake::AtLeastOne { what: "group" }));
        // Height and width each have a window of their own.
        assert_eq!(Conv2d.output(&sizes![_, 8, 1, 7, 2, 1, 0, 3, 1, 1, 1, 1], x), Ok(dims(&sizes![Dyn, 8, 16, 30])));
        assert!(Conv2d.output(&sizes![4, 8, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1], dims(&sizes![4, 8, 8])).is_err());
    }

    #[test]
    fn what_is_kept_is_kept_whatever_it_is() {
        for (layer, args) in [
            (Conv2d, &sizes![_, 8, 3, 7, 1, 1, 1, 3, 1, 1, 1, 1][..]),
            (Conv2d, &sizes![_, 8, 3, 3, 1, 2, Same, 0, 2, 1, 1, 1]),
            (MaxPool2d, &sizes![3, 2, 1, 2, 1, 0, 1, 1]),
        ] {
            for n in [9, 64, 1001] {
                let y = layer.output(args, dims(&sizes![Dyn, 8, n, n])).expect("it fits");
                let kept = |at: usize| layer.keeps(args, at);
                assert_eq!((kept(1), kept(2)), (y.d[2].is_number(n), y.d[3].is_number(n)), "{} of {n}", layer.name);
                assert_eq!(kept(0), layer.argument_of(0).is_none());
            }
        }
        assert!(Relu.keeps(&[], 0) && LayerNorm.keeps(&sizes![_], 3) && !Linear.keeps(&sizes![_, 8, 1], 0));
    }

    #[test]
    fn pooling() {
        let x = dims(&sizes![Dyn, 64, 13, Dyn]);
        let pool = |[k, s, p, d]: [Size; 4], x| MaxPool2d.output(&[k, k, s, s, p, p, d, d], x);
        assert_eq!(pool(sizes![3, 2, 1, 1], x), Ok(dims(&sizes![Dyn, 64, 7, Dyn])));
        assert_eq!(pool(sizes![3, 2, 2, 1], x), Err(Mistake::PoolPadding { kernel: 3, padding: 2 }));
        assert_eq!(pool(sizes![3, 1, Same, 1], x), Err(Mistake::NoSame));
        assert_eq!(pool(sizes![0, 1, 0, 1], x), Err(Mistake::ZeroWindow));
        assert!(pool(sizes![14, 1, 0, 1], x).is_err() && pool(sizes![2, 2, 0, 1], dims(&sizes![64, 13, 13])).is_err());
    }
}
