//! Windows that are not square.

use crate::dim::number::size::Dim;
use crate::dim::rules::padding::Same;

/// The size of a window, a stride, a padding or a dilation over an image: one size for both axes, or a pair.
///
/// ```
/// use fusion::dim::{Num, Sides};
///
/// fn sides<K: Sides<Height = H, Width = W>, H, W>() {}
/// sides::<Num<3>, Num<3>, Num<3>>();
/// sides::<(Num<1>, Num<7>), Num<1>, Num<7>>();
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither a size nor a pair of sizes",
    label = "not a size of a window",
    note = "the size of a window over an image is a `dim!(3)`, or a pair: `(dim!(1), dim!(7))`"
)]
pub trait Sides {
    /// The size along the height.
    type Height;
    /// The size along the width.
    type Width;
}

#[diagnostic::do_not_recommend]
impl<D: Dim> Sides for D {
    type Height = D;
    type Width = D;
}

#[diagnostic::do_not_recommend]
impl Sides for Same {
    type Height = Same;
    type Width = Same;
}

#[diagnostic::do_not_recommend]
impl<H, W> Sides for (H, W) {
    type Height = H;
    type Width = W;
}
