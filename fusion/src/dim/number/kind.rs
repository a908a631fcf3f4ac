//! Marker types by which a rule tells cases apart: a size is 0, 1 or more; a window fits or is larger.

/// The kind of 0.
pub struct Zero;
/// The kind of 1.
pub struct One;
/// The kind of every other size.
pub struct Many;

/// The window fits.
pub struct Fitting;
/// The window is larger than the padded axis.
pub struct Larger;
