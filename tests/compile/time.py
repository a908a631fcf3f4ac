#!/usr/bin/env python3
"""Measures how long programs that use Fusion take to compile, and prints a table.

    python3 tests/compile/time.py [--rounds 5]

Each time is that of one command on one changed file, with the library built and CARGO_INCREMENTAL=0: the median of
several rounds. An empty program is measured beside them, so that what is cargo's and rustc's own can be told.
"""

import argparse
import os
import statistics
import subprocess
import time
from pathlib import Path

HERE = Path(__file__).parent
PROGRAMS = [
    # example, command, limit in seconds
    ("empty", "check", None),
    ("resnet50", "check", 1.0),
    ("deep200", "check", 2.0),
    ("resnet50", "build --release", 10.0),
]


def once(example, command):
    """The seconds that `command` takes after a real edit of the example."""
    path = HERE / f"{example}.rs"
    source = path.read_text()
    try:
        path.write_text(f"{source}\n// {time.time_ns()}\n")
        start = time.perf_counter()
        words = ["cargo", *command.split(), "--quiet", "-p", "fusion-tests", "--example", example]
        subprocess.run(words, check=True, env=os.environ | {"CARGO_INCREMENTAL": "0"}, cwd=HERE)
        return time.perf_counter() - start
    finally:
        path.write_text(source)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    failed = False
    for example, command, limit in PROGRAMS:
        once(example, command)  # builds the library
        median = statistics.median(once(example, command) for _ in range(rounds))
        verdict = "" if limit is None else f"  (limit {limit:g} s)"
        failed |= limit is not None and median > limit
        print(f"cargo {command:<16} {example:<9} {median:6.2f} s{verdict}", flush=True)
    raise SystemExit(failed)


if __name__ == "__main__":
    main()
