//! Data sets that lie in files, for the examples that need them.

use clap::Parser;
use std::path::PathBuf;

/// An example that learns from data in files.
#[derive(Parser)]
pub struct Folder {
    /// The folder in which the data sets lie, each in a folder of its own.
    #[arg(long = "data", env = "FUSION_DATA", default_value = "data")]
    pub path: PathBuf,
}
