//! What is too large to be a tensor.

use crate::model::{HOLE, Rule};
use crate::{DYN, Dims, Mistake};

impl Rule {
    /// The largest tensor that the layer holds; `None` if it holds none, or one as small as its input.
    const fn weight(self, args: &[usize], x: Dims) -> Option<Dims> {
        let takes = match args {
            [] => DYN,
            [HOLE, ..] => self.inferred(x),
            [takes, ..] => *takes,
        };
        match self {
            Rule::Linear => Some(Dims::new(&[args[1], takes])),
            Rule::Conv2d => Some(Dims::new(&[args[1], share(takes, args[6]), args[2], args[2]])),
            Rule::ConvTranspose2d => Some(Dims::new(&[takes, share(args[1], args[6]), args[2], args[2]])),
            Rule::Embedding => Some(Dims::new(&[args[0], args[1]])),
            Rule::Attention => Some(Dims::new(&[3, takes, takes])),
            _ => None,
        }
    }

    /// Nothing, if a tensor can have as many elements as the layer's weight has and as it makes of one sample of `x`,
    /// as far as they are known.
    pub const fn possible(self, args: &[usize], x: Dims) -> Result<(), Mistake> {
        match self.weight(args, x) {
            Some(weight) if !weight.is_tensor() => return Err(Mistake::Weight { weight }),
            _ => {}
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
    use crate::model::Place;

    #[test]
    fn a_layer_is_made_of_tensors() {
        let x = Dims::new(&[DYN, 999_999_999]);
        assert_eq!(Rule::Linear.possible(&[HOLE, 4], x), Ok(()));
        let weight = Dims::new(&[999_999_999, 1, 99_999, 99_999]);
        let args = [1, 999_999_999, 99_999, 1, 50_000, 1, 1, 1];
        let image = Dims::new(&[DYN, 1, 9, 9]);
        let mistake = Rule::Conv2d.possible(&args, image).unwrap_err();
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
        let mistake = Rule::Upsample.possible(&[99_999], large).unwrap_err();
        assert_eq!(mistake, Mistake::Elements { shape: Dims::new(&[DYN, 9, 999_890_001, 999_890_001]) });
        assert!(place.text(mistake).as_str().starts_with("`conv: Conv2d<..>` gives [9, 999890001, 999890001]: "));
    }
}
