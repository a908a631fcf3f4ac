//! What is asked of a row: where its arguments stand, and which of its columns say what.

use super::row::{AxisRule, Builtin, Divides, Domain, Fuses, Gives, Keeps, Kind, LayerKind, Param, Places, Work};
use crate::{Dims, MAX_RANK, Padding, Size, Window};

impl Builtin {
    /// A row with nothing in it.
    pub(super) const BARE: Builtin = Builtin {
        name: "",
        kind: LayerKind::Custom,
        params: &[],
        takes: Domain::Any,
        gives: Gives::Same,
        divides: Divides::Nothing,
        work: Work::Free,
        keeps: Keeps::Usual,
        fuses: Fuses::Nothing,
        places: Places {
            output: None,
            kernel: None,
            stride: None,
            padding: None,
            dilation: None,
            output_padding: None,
            divisor: None,
            bias: None,
            affine: None,
            gives: [0; MAX_RANK],
        },
    };

    /// The row with the places of its arguments.
    pub(super) const fn placed(mut self) -> Builtin {
        let mut places = Places {
            output: None,
            kernel: self.place("kernel_size"),
            stride: self.place("stride"),
            padding: self.place("padding"),
            dilation: self.place("dilation"),
            output_padding: self.place("output_padding"),
            divisor: self.place_of_divisor(),
            bias: self.place("bias"),
            affine: self.place("affine"),
            gives: [0; MAX_RANK],
        };
        match self.gives {
            Gives::Last(name) | Gives::Push(name) => places.gives[0] = self.named(name),
            Gives::Axes(axes) => {
                let mut i = 0;
                while i < axes.len() {
                    if let AxisRule::Param(name)
                    | AxisRule::Scaled(name)
                    | AxisRule::Padded(name)
                    | AxisRule::Reflected(name)
                    | AxisRule::Shuffled(name) = axes[i]
                    {
                        places.gives[i] = self.named(name);
                    }
                    i += 1;
                }
            }
            Gives::Same | Gives::Flat => {}
        }
        if matches!(self.gives, Gives::Last(_)) || matches!(self.axis_rule(0), Some(AxisRule::Param(_))) {
            places.output = Some(places.gives[0]);
        }
        self.places = places;
        self
    }

    /// Where the argument stands that the row names; a row that names one that is not there does not compile.
    const fn named(&self, name: &str) -> usize {
        self.place(name).expect("an argument of the layer")
    }

    /// Where among the numbers of its type the argument with this name stands, the first of its sizes.
    pub const fn place(&self, name: &str) -> Option<usize> {
        let (mut i, mut at) = (0, 0);
        while i < self.params.len() {
            if equal(self.params[i].name, name) {
                return if self.params[i].kind.is_type() { Some(at) } else { None };
            }
            at += self.sizes_of(&self.params[i]);
            i += 1;
        }
        None
    }

    /// Where its [`Kind::Divisor`] stands.
    const fn place_of_divisor(&self) -> Option<usize> {
        let (mut i, mut at) = (0, 0);
        while i < self.params.len() {
            if matches!(self.params[i].kind, Kind::Divisor) {
                return Some(at);
            }
            at += self.sizes_of(&self.params[i]);
            i += 1;
        }
        None
    }

    /// How many sizes an argument is: one for each axis of the window, if it is part of one.
    pub const fn sizes_of(&self, param: &Param) -> usize {
        match self.takes {
            Domain::Channels(_, axes) if param.per_axis => axes,
            _ => param.kind.is_type() as usize,
        }
    }

    /// The rule of the axis at this place behind the batch, if the row has one of its own.
    pub(super) const fn axis_rule(&self, at: usize) -> Option<AxisRule> {
        match self.gives {
            Gives::Axes(axes) if at < axes.len() => Some(axes[at]),
            _ => None,
        }
    }

    /// Whether its first argument is the size of its input, which may be `_`.
    pub const fn infers(&self) -> bool {
        !self.params.is_empty() && matches!(self.params[0].kind, Kind::Input)
    }

    /// Whether its first two arguments are what flows in and what flows out.
    pub const fn is_between(&self) -> bool {
        self.infers() && matches!(self.places.output, Some(1))
    }

    /// Whether it takes channels with axes behind them, and nothing else.
    pub const fn takes_channels(&self) -> bool {
        matches!(self.takes, Domain::Channels(..))
    }

    /// Whether it takes every shape and gives it back.
    pub const fn keeps_any(&self) -> bool {
        matches!((self.takes, self.gives), (Domain::Any, Gives::Same))
    }

    /// Whether it takes every input of the size that is worked out for it.
    pub const fn always_fits(&self) -> bool {
        matches!(self.takes, Domain::Any | Domain::Features)
    }

    /// Whether the axis at this place of its output, behind the batch, is computed from the one there.
    pub const fn is_computed(&self, at: usize) -> bool {
        matches!(
            self.axis_rule(at),
            Some(
                AxisRule::Window
                    | AxisRule::Transposed
                    | AxisRule::Scaled(_)
                    | AxisRule::Padded(_)
                    | AxisRule::Reflected(_)
                    | AxisRule::Shuffled(_)
            )
        )
    }

    /// Whether the axis at this place behind the batch comes out as large as it goes in, whatever that is.
    pub const fn keeps(&self, args: &[Size], at: usize) -> bool {
        match self.axis_rule(at) {
            Some(AxisRule::Keep) => true,
            Some(AxisRule::Window) if at > 0 => {
                let Window { kernel, stride, padding, dilation } = self.window(args, at - 1);
                let whole = match padding {
                    Padding::Same => true,
                    Padding::By(padding) => kernel > 0 && padding * 2 == dilation * (kernel - 1),
                };
                stride == 1 && kernel > 0 && whole
            }
            Some(_) => false,
            None => matches!(self.gives, Gives::Same),
        }
    }

    /// Whether numbers must be known to say what it gives, or that it gives anything.
    pub const fn computes(&self) -> bool {
        let mut computed = matches!(self.gives, Gives::Flat) || matches!(self.takes, Domain::Vector);
        let mut at = 0;
        while at < MAX_RANK {
            computed |= self.is_computed(at);
            at += 1;
        }
        computed || !matches!(self.divides, Divides::Nothing)
    }

    /// The argument that divides something into equal parts, and that the layer's type cannot have where it does not.
    pub const fn divisor(&self) -> Option<usize> {
        self.places.divisor
    }

    /// Where the size stands that is given at this place behind the batch, if it is an argument.
    pub const fn argument_of(&self, at: usize) -> Option<usize> {
        match self.axis_rule(at) {
            Some(AxisRule::Param(_)) => Some(self.places.gives[at]),
            _ => None,
        }
    }

    /// Where the last size stands that it gives, if it is an argument.
    pub const fn last_argument(&self) -> Option<usize> {
        match self.gives {
            Gives::Last(_) | Gives::Push(_) => Some(self.places.gives[0]),
            Gives::Axes(axes) => self.argument_of(axes.len() - 1),
            Gives::Same | Gives::Flat => None,
        }
    }

    /// The tensors that it holds and that a model can give other starting values.
    pub const fn tensors(&self) -> &'static [&'static str] {
        match self.work {
            Work::Dense | Work::Spread | Work::Affine => &["weight", "bias"],
            Work::Table | Work::Scale => &["weight"],
            Work::Free | Work::Attention => &[],
        }
    }

    /// Whether its weight is meant where a model says how weights start: that of a normalisation is a scale.
    pub const fn has_plain_weight(&self) -> bool {
        !matches!(self.work, Work::Affine | Work::Scale)
    }

    /// Whether its window is part of its weight.
    pub const fn weighs_window(&self) -> bool {
        matches!(self.work, Work::Dense | Work::Spread) && self.places.kernel.is_some()
    }

    /// How many axes it takes, batch in front, if that is one number.
    pub const fn rank(&self) -> Option<usize> {
        match self.takes {
            Domain::Channels(from, to) if from == to => Some(2 + to),
            Domain::Sequence => Some(3),
            Domain::Vector => Some(2),
            _ => None,
        }
    }

    /// What stands in place of the number at this place of a window or a scale while it has no value: the one that
    /// changes nothing. `None` of what is part of neither.
    pub const fn harmless(&self, at: usize) -> Option<usize> {
        let Places { kernel, stride, padding, dilation, output_padding, .. } = self.places;
        if self.covers(kernel, at) || self.covers(stride, at) || self.covers(dilation, at) {
            return Some(1);
        }
        if self.covers(padding, at) || self.covers(output_padding, at) {
            return Some(0);
        }
        let mut i = 0;
        while i < MAX_RANK {
            if matches!(self.axis_rule(i), Some(AxisRule::Scaled(_))) && self.places.gives[i] == at {
                return Some(1);
            }
            i += 1;
        }
        None
    }

    /// Whether `at` is one of the places of the window's argument that begins there.
    const fn covers(&self, begin: Option<usize>, at: usize) -> bool {
        match begin {
            Some(begin) => at >= begin && at < begin + self.window_axes(),
            None => false,
        }
    }

    /// How many axes the window slides along.
    pub const fn window_axes(&self) -> usize {
        match self.takes {
            Domain::Channels(_, axes) => axes,
            _ => 0,
        }
    }

    /// The window along one of the axes behind the channels.
    pub const fn window(&self, args: &[Size], axis: usize) -> Window {
        let Places { kernel, stride, padding, dilation, .. } = self.places;
        Window {
            kernel: number_at(args, kernel, axis, 1),
            stride: number_at(args, stride, axis, 1),
            padding: match size_at(args, padding, axis, Size::Known(0)) {
                Size::Same => Padding::Same,
                size => Padding::By(size.or(0)),
            },
            dilation: number_at(args, dilation, axis, 1),
        }
    }

    /// How much longer a transposed window makes one of the axes behind the channels.
    pub(super) const fn output_padding(&self, args: &[Size], axis: usize) -> usize {
        number_at(args, self.places.output_padding, axis, 0)
    }

    /// The size of the input as it is written, or as it follows.
    pub(super) const fn input(&self, args: &[Size], x: Dims) -> Size {
        match args {
            [] => Size::Known(0),
            [Size::Hole, ..] => self.inferred(x),
            [takes, ..] => *takes,
        }
    }
}

/// The size for an axis, or what it is where there is none.
pub(super) const fn size_at(args: &[Size], place: Option<usize>, axis: usize, otherwise: Size) -> Size {
    match place {
        Some(place) => args[place + axis],
        None => otherwise,
    }
}

/// The number for an axis, or what it is where there is none.
pub(super) const fn number_at(args: &[Size], place: Option<usize>, axis: usize, otherwise: usize) -> usize {
    size_at(args, place, axis, Size::Dyn).or(otherwise)
}

/// Whether two texts are equal.
const fn equal(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut i = 0;
    while i < a.len() {
        if a[i] != b[i] {
            return false;
        }
        i += 1;
    }
    true
}
