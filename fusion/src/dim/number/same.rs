//! The padding that keeps a size.

/// The padding of a convolution that keeps the height and the width, for stride 1: PyTorch's `padding='same'`. Where
/// it is odd, the end of an axis has one more than its begin.
///
/// ```
/// use fusion::dim::{Num, Same, Window};
///
/// fn gives<H: Window<K, S, P, Out = Out>, K, S, P, Out>() {}
/// gives::<Num<28>, Num<5>, Num<1>, Same, Num<28>>();
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Same;
