//! What is too large to be a tensor.

use super::places::size_at;
use super::row::{Builtin, Divides, Work};
use crate::{Dims, Mistake, Size};

impl Builtin {
    /// The weight of a layer that takes so many features or channels, with no axes where it has none.
    pub(super) const fn weight_of(&self, takes: Size, args: &[Size]) -> Dims {
        let gives = size_at(args, self.places.output, 0, takes);
        let groups = match (self.divides, self.places.divisor) {
            (Divides::Channels, Some(divisor)) => args[divisor].or(1),
            _ => 1,
        };
        let mut weight = match self.work {
            Work::Dense => Dims::of(&[gives, share(takes, groups)]),
            Work::Spread => Dims::of(&[takes, share(gives, groups)]),
            Work::Table => Dims::of(&[args[0], args[1]]),
            Work::Attention => Dims::of(&[Size::Known(3), takes, takes]),
            Work::Free | Work::Affine | Work::Scale => return Dims::SCALAR,
        };
        let mut axis = 0;
        while axis < self.window_axes() {
            weight = weight.push(Size::Known(self.window(args, axis).kernel));
            axis += 1;
        }
        weight
    }

    /// Nothing, if a tensor can have as many elements as the layer's weight has and as it makes of one sample of `x`,
    /// as far as they are known.
    pub const fn possible(&self, args: &[Size], x: Dims) -> Result<(), Mistake> {
        let takes = if args.is_empty() { Size::Dyn } else { self.input(args, x) };
        let weight = self.weight_of(takes, args);
        if !weight.is_tensor() {
            return Err(Mistake::Weight { weight });
        }
        match self.output(args, x) {
            // Of what is too large already nothing more is said.
            Ok(y) if x.sample().is_tensor() && !y.sample().is_tensor() => Err(Mistake::Elements { shape: y }),
            _ => Ok(()),
        }
    }
}

/// The channels of one group.
const fn share(channels: Size, groups: usize) -> Size {
    match channels {
        Size::Known(channels) if groups > 0 => Size::Known(channels / groups),
        channels => channels,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Conv2d, Linear, Place, Upsample};
    use crate::{MAX_ELEMENTS, sizes};

    #[test]
    fn a_layer_is_made_of_tensors() {
        let x = Dims::of(&sizes![Dyn, 999_999_999]);
        assert_eq!(Linear.possible(&sizes![_, 4, 1], x), Ok(()));
        let weight = Dims::new(&[999_999_999, 1, 99_999, 99_999]);
        let args = sizes![1, 999_999_999, 99_999, 99_999, 1, 1, 50_000, 50_000, 1, 1, 1, 1];
        let image = Dims::of(&sizes![Dyn, 1, 9, 9]);
        let mistake = Conv2d.possible(&args, image).unwrap_err();
        assert_eq!(mistake, Mistake::Weight { weight });
        let place = Place {
            layer: "conv: Conv2d<..>",
            around: ("", ""),
            swapped: (Size::Dyn, ""),
            from: "",
            shown: image,
            names: &[],
        };
        assert_eq!(
            place.text(mistake).as_str(),
            format!(
                "`conv: Conv2d<..>` has a weight of [999999999, 1, 99999, 99999]: a tensor has at most {MAX_ELEMENTS} \
                 elements"
            )
        );
        let large = Dims::of(&sizes![Dyn, 9, 9999, 9999]);
        let mistake = Upsample.possible(&sizes![99_999], large).unwrap_err();
        assert_eq!(mistake, Mistake::Elements { shape: Dims::of(&sizes![Dyn, 9, 999_890_001, 999_890_001]) });
        assert!(place.text(mistake).as_str().starts_with("`conv: Conv2d<..>` gives [9, 999890001, 999890001]: "));
    }
}
