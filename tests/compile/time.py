#!/usr/bin/env python3
"""Measures how long programs that use Fusion take to compile, and prints a table.

    python3 tests/compile/time.py [--rounds 5] [--base PATH]

Each time is that of one command on one changed file, with the library built and CARGO_INCREMENTAL=0: the median of
several rounds. An empty program is measured beside them, so that what is cargo's and rustc's own can be told.

With `--base`, another checkout is measured beside this one, round by round in turn, and a column says how many times as
long this one takes. To compare with an older commit:

    git worktree add /tmp/base COMMIT
    python3 tests/compile/time.py --base /tmp/base
"""

import argparse
import os
import statistics
import subprocess
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROGRAMS = [
    # example, command, limit in seconds
    ("empty", "check", None),
    ("resnet50", "check", 1.0),
    ("deep200", "check", 2.0),
    ("resnet50", "build --release", 10.0),
]


def once(folder, example, command):
    """The seconds that `command` takes after a real edit of the example: on the clock, and of the processor."""
    path = folder / f"{example}.rs"
    source = path.read_text()
    try:
        path.write_text(f"{source}\n// {time.time_ns()}\n")
        start, before = time.perf_counter(), os.times()
        words = ["cargo", *command.split(), "--quiet", "-p", "fusion-tests", "--example", example]
        subprocess.run(words, check=True, env=os.environ | {"CARGO_INCREMENTAL": "0"}, cwd=folder)
        after = os.times()
        used = (after.children_user - before.children_user) + (after.children_system - before.children_system)
        return time.perf_counter() - start, used
    finally:
        path.write_text(source)


def measure(folders, example, command, rounds):
    """The median times in each folder, measured in turn."""
    for folder in folders:
        once(folder, example, command)  # builds the library
    times = {folder: [] for folder in folders}
    for _ in range(rounds):
        for folder in folders:
            times[folder].append(once(folder, example, command))
    return [[statistics.median(column) for column in zip(*times[folder])] for folder in folders]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--base", type=Path, help="the root of another checkout to compare with")
    arguments = parser.parse_args()
    folders = [HERE]
    if arguments.base:
        folders.append(arguments.base.resolve() / "tests" / "compile")
    failed = False
    for example, command, limit in PROGRAMS:
        (wall, used), *base = measure(folders, example, command, arguments.rounds)
        verdict = "" if limit is None else f"  (limit {limit:g} s)"
        failed |= limit is not None and wall > limit
        for base_wall, base_used in base:
            verdict += f"  {wall / base_wall:.2f} of the base's {base_wall:.2f} s,"
            verdict += f" {used / base_used:.2f} of its {base_used:.2f} s of processor time"
        print(f"cargo {command:<16} {example:<9} {wall:6.2f} s{verdict}", flush=True)
    raise SystemExit(failed)


if __name__ == "__main__":
    main()
