//! What is too large to be a tensor.

use super::places::at;
use super::row::{Builtin, Divides, Work};
use crate::{DYN, Dims, Mistake};

impl Builtin {
    /// The weight of a layer that takes so many features or channels, with no axes where it has none.
    pub(super) const fn weight_of(&self, takes: usize, args: &[usize]) -> Dims {
        let gives = at(args, self.places.output, 0, takes);
        let groups = match self.divides {
            Divides::Channels => at(args, self.places.divisor, 0, 1),
            _ => 1,
        };
        let mut weight = match self.work {
            Work::Dense => Dims::new(&[gives, share(takes, groups)]),
            Work::Spread => Dims::new(&[takes, share(gives, groups)]),
            Work::Table => Dims::new(&[args[0], args[1]]),
            Work::Attention => Dims::new(&[3, takes, takes]),
            Work::Free | Work::Affine => return Dims::SCALAR,
        };
        let mut axis = 0;
        while axis < self.window_axes() {
            weight = weight.push(self.window(args, axis).kernel);
            axis += 1;
        }
        weight
    }

    /// Nothing, if a tensor can have as many elements as the layer's weight has and as it makes of one sample of `x`,
    /// as far as they are known.
    pub const fn possible(&self, args: &[usize], x: Dims) -> Result<(), Mistake> {
        let takes = if args.is_empty() { DYN } else { self.input(args, x) };
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
const fn share(channels: usize, groups: usize) -> usize {
    if channels == DYN || groups == 0 { channels } else { channels / groups }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MAX_ELEMENTS;
    use crate::model::{Conv2d, HOLE, Linear, Place, Upsample};

    #[test]
    fn a_layer_is_made_of_tensors() {
        let x = Dims::new(&[DYN, 999_999_999]);
        assert_eq!(Linear.possible(&[HOLE, 4, 1], x), Ok(()));
        let weight = Dims::new(&[999_999_999, 1, 99_999, 99_999]);
        let args = [1, 999_999_999, 99_999, 99_999, 1, 1, 50_000, 50_000, 1, 1, 1, 1];
        let image = Dims::new(&[DYN, 1, 9, 9]);
        let mistake = Conv2d.possible(&args, image).unwrap_err();
        assert_eq!(mistake, Mistake::Weight { weight });
        let place = Place { layer: "conv: Conv2d<..>", around: ("", ""), swapped: (DYN, ""), from: "", shown: image };
        assert_eq!(
            place.text(mistake).as_str(),
            format!(
                "`conv: Conv2d<..>` has a weight of [999999999, 1, 99999, 99999]: a tensor has at most {MAX_ELEMENTS} \
                 elements"
            )
        );
        let large = Dims::new(&[DYN, 9, 9999, 9999]);
        let mistake = Upsample.possible(&[99_999], large).unwrap_err();
        assert_eq!(mistake, Mistake::Elements { shape: Dims::new(&[DYN, 9, 999_890_001, 999_890_001]) });
        assert!(place.text(mistake).as_str().starts_with("`conv: Conv2d<..>` gives [9, 999890001, 999890001]: "));
    }
}
