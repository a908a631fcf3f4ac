#!/usr/bin/env python3
"""Makes prints.json: what NumPy prints, which tests/prints.rs holds Fusion against.

    python3 -m venv venv && venv/bin/pip install numpy
    venv/bin/python tests/goldens/prints.py

"made_with" tells the version of NumPy. A case has the element type ("dtype"), the shape, the elements in C order
("values", again and again until it is full; floats as text), the precision if it is not the usual one, and NumPy's
text.
"""

import json
import math
import pathlib

import numpy as np

cases = []


def case(values, shape, dtype, precision=None):
    values = np.array(values, dtype=dtype)
    array = np.resize(values, shape)
    with np.errstate(all="ignore"):
        text = str(array) if precision is None else np.array2string(array, precision=precision)
    flat = [x.item() for x in values]
    plain = [str(x) if isinstance(x, float) else x for x in flat]
    name = {"float32": "f32", "float64": "f64", "int64": "i64", "uint8": "u8", "bool": "bool"}[array.dtype.name]
    cases.append({"dtype": name, "shape": list(shape), "values": plain, "precision": precision, "text": text})


class Generator:
    """Numbers that need no version of anything to come again: a linear congruential generator."""

    def __init__(self):
        self.state = 1

    def below(self, n):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 33) % n

    def number(self, kind):
        digits = self.below(10**6) / 10**6
        sign = 1 if self.below(3) else -1
        if kind == "even":
            return sign * digits
        if kind == "short":
            return sign * self.below(1000) / 100
        if kind == "whole":
            return float(sign * self.below(1000))
        if kind == "wide":
            return sign * digits * 10.0 ** (self.below(12) - 6)
        if kind == "extreme":
            return sign * digits * 10.0 ** (self.below(60) - 30)
        if kind == "odd":
            return [math.nan, math.inf, -math.inf, 0.0, -0.0, sign * digits][self.below(6)]
        raise ValueError(kind)


# A prime number of values, repeated in larger arrays: their rows differ.
MOST = 97
random = Generator()
shapes = [(1,), (2,), (5,), (12,), (40,), (0,), (3, 4), (1, 1), (2, 0), (2, 30), (2, 3, 4), (2, 1, 3, 2)]
shapes += [(1, 2, 1, 2, 2), (2, 1, 1, 2, 1, 3), (1000,), (1001,), (7, 200), (40, 40), (2, 9, 80), (6, 6, 30)]
shapes += [(4, 300, 1), (11, 11, 3, 4)]
kinds = ["even", "short", "whole", "wide", "extreme", "odd"]
for shape in shapes:
    count = math.prod(shape)
    for dtype in ["float32", "float64"]:
        for kind in kinds[:: 1 if count < 100 else 3]:
            values = [random.number(kind) for _ in range(min(count, MOST))]
            case(values, shape, dtype)
            if 0 < count <= 60:
                case(values, shape, dtype, precision=random.below(5))
    case([random.below(2000) - 1000 for _ in range(min(count, MOST))], shape, "int64")
    case([random.below(256) for _ in range(min(count, MOST))], shape, "uint8")
    case([random.below(2) == 1 for _ in range(min(count, MOST))], shape, "bool")
for dtype in ["float32", "float64"]:
    alone = [0.0, -0.0, 1.0, 1.5, 1 / 3, 0.0001, 0.00012, 9.9e-5, 1e15, 1e16, 1.5e20, -2.5e-7, 1e-30, 999999, 1e6, 1e7]
    for x in alone + [math.nan, math.inf, -math.inf, 16777216.0, 5.1]:
        case([x], (), dtype)
        case([x], (1,), dtype)
        case([x, 1.0], (2,), dtype)
    # The limits between the two notations.
    for pair in [(1, 1000), (1, 1000.5), (1, 1001), (999999, 1e3), (1e6, 1e6), (99999999, 1e6), (1e8, 1e8)]:
        case(pair, (2,), dtype)
    case((0.0001, 0.01), (2,), dtype)
    for pair in [(5.1, 1.58393335), (0.1 + 0.2, 3.0), (1e-5, 0), (math.nan, 1), (-math.inf, 10.5)]:
        case(pair, (2,), dtype)
    case((1e100 if dtype == "float64" else 1e30, 1), (2,), dtype)
    case([0.5, 1.5, 2.5, 0.125, 0.25], (5,), dtype, precision=0)
    case([0.5, 1.5, 2.5, 0.125, 0.375], (5,), dtype, precision=2)
case([-(2**63), 2**63 - 1], (2,), "int64")
case([7], (), "int64")
case([7], (), "uint8")
case([True], (), "bool")

path = pathlib.Path(__file__).with_name("prints.json")
rows = ",\n".join(json.dumps(case) for case in cases)
path.write_text('{"made_with": "NumPy %s", "cases": [\n%s\n]}\n' % (np.__version__, rows))
print(len(cases), "cases,", path.stat().st_size, "bytes")
