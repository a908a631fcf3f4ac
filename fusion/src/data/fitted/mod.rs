//! What is learned from data before a network learns: numbers of categories, means, ranges and directions of columns.

mod categories;
mod columns;
mod eigen;
mod min_max;
mod pca;
mod standardize;

pub use categories::Categories;
pub use min_max::MinMax;
pub use pca::Pca;
pub use standardize::Standardizer;
