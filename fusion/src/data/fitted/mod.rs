//! What is learned from data before a network learns: numbers of categories, means and ranges of columns.

mod categories;
mod columns;
mod min_max;
mod standardize;

pub use categories::Categories;
pub use min_max::MinMax;
pub use standardize::Standardizer;
