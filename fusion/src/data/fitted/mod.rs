//! What is learned from data before a network learns: numbers of categories, ranges.

mod categories;
mod min_max;

pub use categories::Categories;
pub use min_max::MinMax;
