//! Prints the `model!` that a `.cfg` of Darknet describes, a program's text that compiles as it is.
//!
//!     cargo run --release --example darknet -- yolov3-tiny.cfg
//!     cargo run --release --example darknet -- yolov3-tiny.cfg --name Tiny > src/tiny.rs
//!
//! `fusion::models::darknet::load` reads the `.weights` of the same network into it.

use clap::Parser;
use fusion::models::darknet::Cfg;
use std::path::PathBuf;

/// Prints the `model!` that a `.cfg` of Darknet describes.
#[derive(Parser)]
struct Args {
    /// The description.
    cfg: PathBuf,
    /// What the network is called; by default as the file.
    #[arg(long)]
    name: Option<String>,
}

/// `yolov3-tiny.cfg` as a type is called: `Yolov3Tiny`.
fn type_name(path: &std::path::Path) -> String {
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let words = stem.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let name: String = words.map(|word| word[..1].to_ascii_uppercase() + &word[1..]).collect();
    if name.starts_with(|c: char| c.is_ascii_uppercase()) { name } else { format!("Net{name}") }
}

fn main() -> fusion::Result<()> {
    let args = Args::parse();
    let name = args.name.unwrap_or_else(|| type_name(&args.cfg));
    print!("{}", Cfg::open(&args.cfg)?.model(&name));
    Ok(())
}
