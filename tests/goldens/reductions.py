#!/usr/bin/env python3
"""Makes reductions.json: reductions, scans and orders along axes, in the format that make.py describes.

    venv/bin/python tests/goldens/reductions.py                  # beside this script; see make.py for the packages

Whole numbers and truth values stand there as numbers of the case's type, of inputs that want no gradient.
"""

import math
import sys

import torch

import make
from make import ANY, CASES, Input, case, distinct, signed, ties, write

make.RNG = make.Lcg(1901)

INF, NAN = math.inf, math.nan
# Shapes and the axes of each that are reduced.
OVER = [
    ([1], [0]), ([19], [0]), ([3, 5], [0]), ([3, 5], [1]), ([2, 3, 4], [0, 2]), ([2, 3, 4], [1]), ([2, 1, 3, 3], [1, 2, 3]),
    ([2, 2, 3, 2], [0, 1, 2, 3]),
]
# Rows with the numbers that have a choice of their own.
ROWS = [
    [0.0, 0.0, 0.0, 0.0], [-INF, -INF, -INF, -INF], [-INF, 1.0, -2.0, 0.0], [NAN, 1.0, 2.0, 3.0], [3.0, -3.0, 3.0, 0.0],
    [0.0, 2.0, 3.0, 4.0], [0.0, 2.0, 0.0, 4.0], [1000.0, 1000.0, -1000.0, 0.0], [2.0, 2.0, 2.0, 2.0],
]


def rows(*left_out, wants=True):
    """Beside others a row with NaN, without which a case with kinks counts as linear."""
    chosen = [row for i, row in enumerate(ROWS) if i not in left_out]
    return Input([len(chosen), 4], sum(chosen, []), wants=wants)


def over(op, f, values, special, more_than_one=False, **params):
    for shape, axes in OVER:
        for keep in False, True:
            if more_than_one and math.prod(shape) == 1:
                continue
            case(op, lambda x: f(x, axes, keep), Input(shape, values), axes=axes, keep=keep, **params)
    case(op, lambda x: f(x, [0], False), Input([3, 1], values, expand=[3, 4]), axes=[0], keep=False, **params)
    if special is not None:
        case(op, lambda x: f(x, [1], False), special, kinks=True, axes=[1], keep=False, **params)


def product(x, axes, keep):
    for axis in sorted(axes, reverse=True):
        x = x.prod(axis, keep)
    return x


def statistics():
    for correction in 0.0, 1.0:
        over("var", lambda x, axes, keep: torch.var(x, axes, correction=correction, keepdim=keep), ANY, rows(), True,
             correction=correction)
        over("std", lambda x, axes, keep: torch.std(x, axes, correction=correction, keepdim=keep), ANY, rows(), True,
             correction=correction)
    for p in 1.0, 2.0, 3.0, 2.5, 0.5, INF, -INF:
        values = distinct if math.isinf(p) else signed(0.25, 2.5)
        # PyTorch's gradients of rows that hold infinities and zeros have choices of their own for other powers.
        special = {1.0: rows(1, 2), 2.0: rows(1, 2), INF: rows(1, 2, 3)}.get(p)
        name = p if math.isfinite(p) else str(p)
        over("norm", lambda x, axes, keep: torch.linalg.vector_norm(x, p, axes, keep), values, special, p=name)
    over("logsumexp", torch.logsumexp, ANY, rows(1))
    # PyTorch's gradient of a row of -inf is NaN, and here 0.
    infinite = Input([2, 3], [-INF, -INF, -INF, NAN, 0.0, 0.0], wants=False)
    case("logsumexp", lambda x: torch.logsumexp(x, [1]), infinite, kinks=True, axes=[1], keep=False)
    over("prod", product, ANY, rows(1, 2))
    large = [1e6 + i for i in range(7)]
    case("var", lambda x: torch.var(x, [0], correction=1.0), Input([7], large), axes=[0], keep=False, correction=1.0)


def scans():
    for shape, expand in make.SHAPES[1:]:
        for axis in range(len(shape)):
            case("cumsum", lambda x: torch.cumsum(x, axis), Input(shape, ANY, expand=expand), axis=axis)
            case("cumprod", lambda x: torch.cumprod(x, axis), Input(shape, ANY, expand=expand), axis=axis)
            case("flip", lambda x: torch.flip(x, [axis]), Input(shape, ANY, expand=expand), axes=[axis], keep=False)
    case("flip", lambda x: torch.flip(x, [0, 2]), Input([2, 3, 4], ANY), axes=[0, 2], keep=False)
    zeros = [2.0, 0.0, 3.0, -1.0, 0.0, 5.0, 0.0, 4.0]
    case("cumprod", lambda x: torch.cumprod(x, 0), Input([8], zeros), axis=0)
    case("cumprod", lambda x: torch.cumprod(x, 1), Input([2, 4], zeros), axis=1)
    case("cumsum", lambda x: torch.cumsum(x, 0), Input([5], [1.0, INF, 2.0, NAN, 3.0]), kinks=True, axis=0)


def orders():
    def largest(x, k, axis):
        return torch.topk(x, k, axis)[0]

    for shape, expand in make.SHAPES[1:]:
        for axis, n in enumerate(expand or shape):
            def x():
                return Input(shape, distinct, expand=expand)

            # Where elements are equal, PyTorch's sort need not be stable, and a gradient is not differences'.
            if expand is None:
                for descending in False, True:
                    case("sort", lambda x: torch.sort(x, dim=axis, descending=descending, stable=True)[0], x(), axis=axis,
                         count=n, descending=descending)
            for k in {1, (n + 1) // 2}:
                if expand is None:
                    case("sort", lambda x: largest(x, k, axis), x(), axis=axis, count=k, descending=True)
                    case("kthvalue", lambda x: torch.kthvalue(x, k, axis)[0], x(), axis=axis, k=k)
            if expand is None:
                case("median", lambda x: torch.median(x, axis)[0], x(), axis=axis)
                for q in 0.25, 0.8, 1.0:
                    case("quantile", lambda x: torch.quantile(x, q, axis), x(), axis=axis, q=q)
    for shape in [19], [3, 5], [2, 3, 4]:
        for axis in range(len(shape)):
            for descending in False, True:
                case("argsort", lambda x: torch.argsort(x, dim=axis, descending=descending, stable=True).to(x.dtype),
                     Input(shape, ties, wants=False), kinks=True, axis=axis, descending=descending)
    for descending in False, True:
        special = [1.0, NAN, -INF, 0.0, INF, -0.0, NAN, 1.0]
        case("argsort", lambda x: torch.argsort(x, dim=0, descending=descending, stable=True).to(x.dtype),
             Input([8], special, wants=False), kinks=True, axis=0, descending=descending)
        case("sort", lambda x: torch.sort(x, dim=0, descending=descending, stable=True)[0], Input([8], special), kinks=True, axis=0,
             count=8, descending=descending)
    for op, f in ("median", lambda x: torch.median(x, 1)[0]), ("quantile", lambda x: torch.quantile(x, 0.3, 1)):
        case(op, f, Input([2, 3], [1.0, NAN, 2.0, 3.0, 1.0, 2.0], wants=False), kinks=True, axis=1, q=0.3)


def whole():
    """Results without a gradient."""
    def data(shape):
        return Input(shape, ties, wants=False)

    def add(op, f, shape, **params):
        case(op, lambda x: f(x).to(x.dtype), data(shape), kinks=True, **params)

    for shape, axes in OVER:
        for op, f in ("all", torch.all), ("any", torch.any):
            add(op, lambda x: f(x, tuple(axes)), shape, axes=axes, keep=False)
        add("count_nonzero", lambda x: torch.count_nonzero(x, axes), shape, axes=axes, keep=False)
        add("norm", lambda x: torch.linalg.vector_norm(x, 0, axes), shape, axes=axes, keep=False, p=0.0)
        axis = axes[0]
        add("argmax", lambda x: torch.argmax(x, axis), shape, axis=axis)
        add("argmin", lambda x: torch.argmin(x, axis), shape, axis=axis)


def histograms():
    # Of infinities and numbers outside; PyTorch counts NaN nowhere, too.
    special = [-1.0, -0.75, 0.0, 0.5, 1.0, 1.25, INF, -INF, NAN, 0.25]
    for shape, values in ([19], ANY), ([2, 3, 4], ANY), ([0, 3], ANY), ([10], special):
        for bins in 1, 4, 7:
            case("histogram", lambda x: torch.histc(x, bins, -1.0, 1.0), Input(shape, values, wants=False), kinks=True,
                 bins=bins)


def main():
    torch.set_num_threads(1)
    for family in statistics, scans, orders, whole, histograms:
        family()
    write("reductions.json", '"cases":[\n' + ",\n".join(CASES) + "\n]\n")
    print(f"{len(CASES)} cases")


if __name__ == "__main__":
    sys.exit(main())
