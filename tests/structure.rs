//! The house held to its plan: no arrow runs back up the floors, no files stand in a circle, no file is too long, and
//! nothing stands twice. It reads the sources; `cargo test --test structure -- --nocapture` prints what it finds.
//!
//! An arrow runs from a file to each other one that has something it names, through whatever passes the name on. A line
//! that only passes a name on (`pub use`) is a line of a table of contents and no arrow, unless its file uses the name.
//! Tests are no part of the house.

mod structure {
    pub mod copies;
    pub mod graph;
    pub mod source;
}

use std::collections::BTreeMap;
use std::path::Path;
use structure::copies::copies;
use structure::graph::{Crate, circles};

/// The floors of each crate from the ground up, each with its files and folders; the longest that fits a file counts. A
/// file may name what is below it or on its own floor.
const FLOORS: [(&str, &[&str]); 5] = [
    (
        "fusion-rules",
        &[
            "numbers.rs size.rs text.rs dims.rs at.rs mistake.rs sizes.rs",
            "join.rs axes.rs layers.rs moves.rs windows.rs parts.rs",
            "model",
            "lib.rs",
        ],
    ),
    (
        "fusion-macros",
        &[
            "diagnostics.rs methods.rs tokens.rs",
            "init.rs sentences.rs size",
            "model/words.rs model/shape.rs model/ast.rs",
            "model/ir.rs",
            "model/parse",
            "model/check model/fuse.rs model/emit",
            "model/mod.rs",
            "derive einsum fused ix",
            "lib.rs",
        ],
    ),
    (
        "fusion",
        &[
            "dim",
            "kernels/dtype.rs",
            "kernels/memory kernels/simd kernels/parallel kernels/activation.rs",
            "kernels/array",
            "kernels/elementwise kernels/gemm kernels/images kernels/norm kernels/optim kernels/order kernels/reduce kernels/resize kernels/scan",
            "kernels/conv kernels/softmax",
            "kernels/arena.rs kernels/loss kernels/pooling kernels/mod.rs",
            "error.rs crc.rs picture.rs",
            "graph",
            "tensor",
            "ops grad.rs gradcheck.rs function.rs",
            "nn/init nn/rule.rs nn/module",
            "nn/inspect",
            "nn/macro_support",
            "nn/layers nn/loss",
            "nn",
            "state",
            "optim data models",
            "train vision",
            "log",
            "plot",
            "words.rs",
            "lib.rs",
        ],
    ),
    ("fusion-web", &["connections.rs fault.rs places.rs page.rs devtools.rs", "lib.rs"]),
    (
        "fusion-board",
        &["request.rs", "runs", "board.rs", "data diagnosis predictions", "network", "server", "lib.rs main.rs"],
    ),
];

/// Arrows that run back up: from, to, and why they may.
const BACK: &[(&str, &str, &str)] = &[];

/// Files that may stand in a circle, and why.
const CIRCLES: &[(&str, &str, &str)] = &[(
    "fusion",
    "dim/rules/join.rs dim/shape/mod.rs",
    "a shape keeps the rules that hold for all, and they give shapes",
)];

/// The longest that a file may be without its tests, in lines.
const LONGEST: usize = 500;

/// Longer ones, and why.
const LONG: &[(&str, &str)] = &[];

/// Files that may hold eight lines or more of each other, and why.
const COPIES: &[(&str, &str, &str)] = &[];

fn crates() -> [(&'static str, Crate); 5] {
    FLOORS.map(|(name, _)| (name, Crate::read(name, &Path::new("..").join(name).join("src"))))
}

/// Fails with everything that was found.
fn none(found: &[String]) {
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// The floor on which a file stands.
fn floor(floors: &[&str], file: &str) -> Option<usize> {
    let rooms = floors.iter().enumerate().flat_map(|(floor, rooms)| rooms.split(' ').map(move |room| (floor, room)));
    let fits = rooms.filter(|(_, room)| {
        file.strip_prefix(room).is_some_and(|rest| ["", "/"].contains(&&rest[..rest.len().min(1)]))
    });
    fits.max_by_key(|(_, room)| room.len()).map(|(floor, _)| floor)
}

#[test]
fn no_arrow_runs_back_up_the_floors() {
    let mut back = Vec::new();
    for ((name, house), (_, floors)) in crates().into_iter().zip(FLOORS) {
        let of = |file: &str| floor(floors, file).unwrap_or_else(|| panic!("{name}/{file} stands on no floor"));
        house.files.keys().for_each(|file| _ = of(file));
        let arrows = house.arrows();
        let mut excepted = 0;
        for ((from, to), path) in arrows.iter().filter(|((from, to), _)| of(from) < of(to)) {
            let (from, to) = (format!("{name}/{from}"), format!("{name}/{to}"));
            if BACK.iter().any(|(a, b, _)| from.starts_with(a) && to.starts_with(b)) {
                excepted += 1;
            } else {
                back.push(format!("{from} names {path} of {to}, on a floor above"));
            }
        }
        let files = house.files.len();
        println!("{name}: {files} files on {} floors, {} arrows, {excepted} of them back", floors.len(), arrows.len());
    }
    none(&back);
}

#[test]
fn no_files_stand_in_a_circle() {
    let mut found = Vec::new();
    for (name, house) in crates() {
        let arrows = house.arrows();
        let circles = circles(&arrows);
        println!("{name}: {} circles", circles.len());
        for circle in circles {
            let allowed = |(within, files, _): &&(&str, &str, &str)| {
                *within == name && circle.iter().all(|file| files.split(' ').any(|other| other == file))
            };
            if CIRCLES.iter().find(allowed).is_none() {
                let inside = arrows.iter().filter(|((from, to), _)| circle.contains(from) && circle.contains(to));
                let lines: Vec<String> = inside.map(|((a, b), path)| format!("    {a} names {path} of {b}")).collect();
                found.push(format!("{name} has a circle of {} files\n{}", circle.len(), lines.join("\n")));
            }
        }
    }
    none(&found);
}

#[test]
fn no_file_is_long() {
    let mut files: Vec<(usize, String)> = crates()
        .iter()
        .flat_map(|(name, house)| {
            house.files.iter().map(move |(file, source)| (source.lines.len(), format!("{name}/{file}")))
        })
        .collect();
    files.sort();
    println!("the longest: {:?}", &files[files.len() - 5..]);
    let long = files.iter().filter(|(lines, file)| *lines > LONGEST && !LONG.iter().any(|(other, _)| other == file));
    none(&long.map(|(lines, file)| format!("{file} has {lines} lines without its tests")).collect::<Vec<_>>());
}

#[test]
fn nothing_stands_twice() {
    let mut files = BTreeMap::new();
    for (name, house) in crates() {
        files.extend(house.files.into_iter().map(|(file, source)| (format!("{name}/{file}"), source.lines)));
    }
    let copies = copies(&files);
    println!("copies: {}", copies.len());
    let allowed = |a: &str, b: &str| COPIES.iter().any(|(one, two, _)| (a, b) == (one, two) || (b, a) == (one, two));
    let wrong = copies.iter().filter(|copy| !allowed(&copy.first.0, &copy.second.0));
    let line = |(file, line): &(String, usize)| format!("{file}:{line}");
    none(
        &wrong
            .map(|copy| format!("{} lines of {} stand in {} too", copy.lines, line(&copy.first), line(&copy.second)))
            .collect::<Vec<_>>(),
    );
}
