//! Tables of comma-separated values: read, understood, prepared for a network.
//!
//! [`Csv`] reads a table, [`Preprocessor`] makes features of its columns, the same ones of every table.

mod apply;
mod column;
mod columns;
mod found;
mod guard;
mod options;
mod preprocessor;
mod records;
mod report;
mod saved;
mod table;
#[cfg(test)]
mod tests;

pub use column::Fill;
pub use options::CsvOptions;
pub use preprocessor::Preprocessor;
pub use table::Csv;
