#!/usr/bin/env python3
"""Packs scikit-learn's toy data sets into the `.cols` files beside this script, which `format.rs` reads.

    python3 pack.py            takes the sets from the installed scikit-learn (written with 1.9.1)
    python3 pack.py FOLDER     takes iris.csv, wine.csv, breast_cancer.csv, digits.csv and diabetes_raw.csv from FOLDER:
                               a header line, decimals, `target` (and `target_name` for classes) in the last columns

Both ways give the same bytes, and so does every run.

A `.cols` file is a text header and a stream of bits:

    rows 150
    classes setosa,versicolor,virginica         only where the target is a class
    6 1 43 sepal length (cm)                    a line for each column: bits, decimals, lowest, name
    ...                                         the target is the last column
                                                an empty line ends the header
    the columns one after the other, each from a fresh byte on

A value is (lowest + code) / 10^decimals, its code `bits` wide, lower bits first. All numbers of these sets are decimals
of a few digits, so that this division gives back the very double that was packed: the script checks each of them.
"""

import csv
import sys
from decimal import Decimal
from pathlib import Path

SETS = ["iris", "wine", "breast_cancer", "digits", "diabetes"]


def from_folder(folder, name):
    """Column names, rows of decimal texts (target last), class names."""
    file = folder / ("diabetes_raw.csv" if name == "diabetes" else f"{name}.csv")
    with open(file, newline="") as lines:
        header, *rows = csv.reader(lines)
    if header[-1] != "target_name":
        return header, rows, []
    classes = dict(sorted((int(row[-2]), row[-1]) for row in rows))
    return header[:-1], [row[:-1] for row in rows], list(classes.values())


def from_sklearn(name):
    """The same from scikit-learn itself."""
    from sklearn import datasets

    data = datasets.load_diabetes(scaled=False) if name == "diabetes" else getattr(datasets, f"load_{name}")()
    rows = [[repr(float(x)) for x in row] + [repr(float(y))] for row, y in zip(data.data, data.target)]
    classes = [str(name) for name in data.get("target_names", [])]
    return [*map(str, data.feature_names), "target"], rows, classes


def column(texts):
    """Bits, decimals and lowest value of a column, and its bytes."""
    numbers = [Decimal(text) for text in texts]
    decimals = max(0, *(-number.normalize().as_tuple().exponent for number in numbers))
    scaled = [int(number.scaleb(decimals)) for number in numbers]
    lowest = min(scaled)
    bits = (max(scaled) - lowest).bit_length()
    stream = 0
    for place, (text, number) in enumerate(zip(texts, scaled)):
        assert float(number) / 10.0**decimals == float(text) and abs(number) < 2**53, text
        stream |= (number - lowest) << (place * bits)
    return bits, decimals, lowest, stream.to_bytes((bits * len(texts) + 7) // 8, "little")


def pack(names, rows, classes):
    header, body = [f"rows {len(rows)}"], b""
    if classes:
        header.append("classes " + ",".join(classes))
    for name, texts in zip(names, zip(*rows)):
        bits, decimals, lowest, stream = column(texts)
        header.append(f"{bits} {decimals} {lowest} {name}")
        body += stream
    return ("\n".join(header) + "\n\n").encode() + body


def main():
    for name in SETS:
        table = from_folder(Path(sys.argv[1]), name) if len(sys.argv) > 1 else from_sklearn(name)
        packed = pack(*table)
        Path(__file__).with_name(f"{name}.cols").write_bytes(packed)
        print(f"{name}.cols: {len(table[1])} rows, {len(packed)} bytes")


main()
