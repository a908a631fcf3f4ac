//! What a sentence is asked of besides sizes: whether they are 0, 1 or more, and whether one fits the other.

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
