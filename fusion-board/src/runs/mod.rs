//! Runs in a folder: found, read while they grow, and kept in bounded memory.
//!
//! A run's file is read from its start to its end once, and from there on when it has grown. What is kept of it: each curve as a
//! bounded number of [`Bucket`]s, and of everything else where it lies in the file, so that it is read when it is asked for.

mod curve;
mod folder;
mod places;
mod reading;
mod run;

pub use curve::{Along, Bucket, Curve, Number, Point, thinned};
pub use folder::{Found, Log, find};
pub use places::{Kind, Place};
pub use run::{About, Drawn, Run, Summary, Wanted, Whole};
