#!/usr/bin/env python3
"""Measures how long Fusion takes to build and to test with nothing built, and prints a table.

    python3 tests/compile/build.py [--tests] [--target-dir FOLDER]

Times are by the clock and of the processor, best on two idle cores. The first line builds the dependencies of the
example alone, in the same run, since machines differ: the others are also told as so many times that. `--tests` adds
`cargo test --workspace`, which takes minutes. Builds go into a folder that is deleted before each line.
"""

import argparse
import os
import resource
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
KERNEL = ROOT / "fusion/src/kernels/reduce/mod.rs"
USER_MANIFEST = """[package]
name = "user"
version = "0.1.0"
edition = "2024"

[workspace]

[dependencies]
fusion = {{ path = "{root}/fusion" }}
"""
USER_PROGRAM = """use fusion::prelude::*;

model! { Net: [784] -> [10] { fc1: Linear<_, 128>, Relu, fc2: Linear<_, 10> } }

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    println!("{}", net.forward(Tensor::<shape![1, 784]>::ones()));
}
"""


def run(words, folder, target):
    """The seconds that a command takes, by the clock and of the processor."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    environment = os.environ | {"CARGO_TARGET_DIR": str(target)}
    subprocess.run(words, cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    seconds = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def dependencies():
    """What the digits example and the library depend on, as `name@version`, without the workspace's own."""
    found = set()
    for package in ["fusion", "fusion-macros", "fusion-rules", "fusion-examples"]:
        words = ["cargo", "tree", "-p", package, "--depth", "1", "--prefix", "none", "-e", "normal"]
        lines = subprocess.run(words, cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
        found |= {tuple(line.split()[:2]) for line in lines if "(/" not in line and line.strip()}
    return sorted(f"{name}@{version.removeprefix('v')}" for name, version in found)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tests", action="store_true")
    parser.add_argument("--target-dir", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        target = arguments.target_dir or Path(folder) / "target"
        user = Path(folder) / "user"
        (user / "src").mkdir(parents=True)
        (user / "Cargo.toml").write_text(USER_MANIFEST.format(root=ROOT))
        (user / "src/main.rs").write_text(USER_PROGRAM)
        shutil.copy(ROOT / "Cargo.lock", user / "Cargo.lock")

        alone = None

        def line(what, words, cwd=ROOT, fresh=True, limit=None):
            nonlocal alone
            if fresh:
                shutil.rmtree(target, ignore_errors=True)
            seconds, processor = run(words, cwd, target)
            alone = alone or seconds
            told = "" if limit is None else f"  (limit {limit})"
            print(f"{what:<58} {seconds:7.1f} s {processor:7.1f} s of the processor {seconds / alone:5.2f}{told}", flush=True)

        packages = [word for name in dependencies() for word in ("-p", name)]
        line("dependencies alone, --release", ["cargo", "build", "--release", *packages])
        digits = ["cargo", "run", "--release", "--example", "digits", "--", "--out", str(Path(folder) / "digits.safetensors")]
        line("cargo run --release --example digits", digits, limit="100 s")
        os.utime(KERNEL)
        line("cargo build --release -p fusion after a touched kernel", ["cargo", "build", "--release", "-p", "fusion"], fresh=False)
        line("cargo build of a program that depends on Fusion", ["cargo", "build"], user, limit="60 s")
        os.utime(KERNEL)
        line("the same after a touched kernel", ["cargo", "build"], user, fresh=False, limit="20 s")
        if arguments.tests:
            line("cargo test --workspace", ["cargo", "test", "--workspace"], limit="720 s of the processor")


if __name__ == "__main__":
    main()
