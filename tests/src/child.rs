//! A test that runs another, an ignored one, in a process of its own, and kills it at any moment.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Where the child works.
const FOLDER: &str = "FUSION_CHILD_FOLDER";

/// How often a short form kills.
const KILLS: usize = 8;

/// How often to kill: as `FUSION_KILLS` says, a few times without it.
pub fn kills() -> usize {
    std::env::var("FUSION_KILLS").map_or(KILLS, |kills| kills.parse().expect("a number of kills"))
}

/// Lets the ignored test `test` of this program work in `folder`.
pub fn start(test: &str, folder: &Path) -> Child {
    let program = std::env::current_exe().expect("this program");
    working_in(&mut Command::new(program), test, folder).spawn().expect("a process")
}

/// The arguments and the environment with which this program runs `test` in `folder`.
pub fn working_in<'c>(command: &'c mut Command, test: &str, folder: &Path) -> &'c mut Command {
    command.args(["--exact", test, "--ignored"]).env(FOLDER, folder).stdout(Stdio::null())
}

/// The folder in which this process works, if it is a child.
pub fn folder() -> Option<PathBuf> {
    std::env::var_os(FOLDER).map(PathBuf::from)
}

/// Ends a child wherever it is.
pub fn kill(child: &mut Child) {
    child.kill().expect("a child that can be killed");
    child.wait().expect("a child that has ended");
}
