#!/usr/bin/env python3
"""Makes movement.json: elements that move, are copied or left out, in the format that make.py describes.

    venv/bin/python tests/goldens/movement.py                    # beside this script; see make.py for the packages
"""

import math
import sys

import torch
import torch.nn.functional as F

import make
from make import ANY, CASES, Input, case, distinct, write

make.RNG = make.Lcg(1687)

INF, NAN = math.inf, math.nan
# Odd sizes of each rank, an axis of 1, nothing at all, and a stretched view.
SHAPES = [
    ([1], None), ([7], None), ([3, 5], None), ([2, 3, 4], None), ([2, 1, 3, 3], None), ([0, 3], None), ([3, 1], [3, 4]),
]


def each(f):
    """Calls `f` with each shape and each of its axes, and what makes the operand."""
    for shape, expand in SHAPES:
        for axis, size in enumerate(expand or shape):
            f(lambda: Input(shape, ANY, expand=expand), axis, size, len(expand or shape))


def one(axis, rank, ends):
    """PyTorch's list of paddings, from the last axis on, of one axis alone. Where it pads several they start with the last."""
    return [0, 0] * (rank - 1 - axis) + list(ends)


def padded(x, axis, ends, fill, value):
    if fill == "constant":
        return F.pad(x, one(axis, x.dim(), ends), value=value)
    # Those of images want a batch, channels and as many axes as are padded: the axis becomes the last of three.
    y = F.pad(x.movedim(axis, -1).reshape(1, -1, x.shape[axis]), list(ends), mode=fill)
    rest = [n for i, n in enumerate(x.shape) if i != axis]
    return y.reshape(*rest, y.shape[-1]).movedim(-1, axis)


def pads():
    def add(x, axis, size, rank):
        for ends in (1, 2), (0, 3), (-1, 1), (2, -1), (-1, 0):
            for fill in "constant", "reflect", "replicate", "circular":
                kept = size + min(ends[0], 0) + min(ends[1], 0)
                most = max(*ends, 0)
                fits = dict(constant=kept >= 0, reflect=kept > most, replicate=kept > 0, circular=kept >= max(most, 1))
                # PyTorch pads no empty tensor in these ways.
                if fits[fill] and (fill == "constant" or math.prod(x().expand or x().shape) > 0):
                    case("pad", lambda x: padded(x, axis, ends, fill, 0.75), x(), axis=axis, ends=list(ends), fill=fill, value=0.75)
    each(add)
    special = Input([4], [INF, NAN, -INF, 1.0])
    for fill in "constant", "reflect", "replicate", "circular":
        case("pad", lambda x: padded(x, 0, (2, 3), fill, -INF), special, kinks=True, axis=0, ends=[2, 3], fill=fill, value="-inf")


def rolls():
    def add(x, axis, size, rank):
        for shift in 1, -2, 2 * size + 1:
            case("roll", lambda x: torch.roll(x, shift, axis), x(), axis=axis, shift=shift)
    each(add)


def copies():
    def add(x, axis, size, rank):
        for times in 1, 2, 3:
            counts = [times if i == axis else 1 for i in range(rank)]
            case("repeat", lambda x: x.repeat(counts), x(), axis=axis, times=times)
            case("repeat_interleave", lambda x: x.repeat_interleave(times, axis), x(), axis=axis, times=times)
    each(add)
    for sizes in (2, 3), (1, 5), (4, 1), (2, 3, 4), (3, 1, 2), (0, 2):
        for which in range(len(sizes)):
            case("meshgrid", lambda *xs: torch.meshgrid(*xs, indexing="ij")[which] * 1.0, *[Input([n], ANY, wants=i == which) for i, n in enumerate(sizes)],
                 which=which)


def matrices():
    for shape, expand in ([3, 3], None), ([2, 5], None), ([5, 2], None), ([2, 3, 4], None), ([2, 1, 3, 3], None), ([1, 1], None), \
            ([3, 1], [3, 4]), ([0, 3], None):
        for offset in 0, 1, -2, 9, -9:
            case("tril", lambda x: torch.tril(x, offset), Input(shape, ANY, expand=expand), offset=offset)
            case("triu", lambda x: torch.triu(x, offset), Input(shape, ANY, expand=expand), offset=offset)
            for a, b in (0, 1), (1, 0), (-1, -2):
                rank = len(shape)
                axes = [a % rank, b % rank]
                case("diagonal", lambda x: torch.diagonal(x, offset, *axes), Input(shape, ANY, expand=expand), axes=axes, offset=offset)
    case("diagonal", lambda x: torch.diagonal(x, 1, 3, 1), Input([2, 4, 3, 3], ANY), axes=[3, 1], offset=1)
    for shape, expand in ([1], None), ([5], None), ([2, 3], None), ([0], None), ([2, 3, 2], None), ([3, 1], [3, 4]):
        for offset in 0, 2, -1:
            case("diag", lambda x: torch.diag_embed(x, offset), Input(shape, ANY, expand=expand), offset=offset)


WINDOWS = [
    dict(kernel=[2, 2]), dict(kernel=[3, 1], padding=[1, 0]), dict(kernel=[1, 2], stride=[2, 3]), dict(kernel=[2, 2], dilation=[2, 1]),
    dict(kernel=[3, 2], stride=[2, 1], padding=[2, 1], dilation=[1, 2]), dict(kernel=[1, 1]), dict(kernel=[2, 3], stride=[5, 5], padding=[1, 1]),
]


def windows():
    for window in WINDOWS:
        window = dict(stride=[1, 1], padding=[0, 0], dilation=[1, 1]) | window
        numbers = [window["kernel"], window["dilation"], window["padding"], window["stride"]]
        for shape in [1, 1, 3, 3], [2, 3, 5, 4], [1, 2, 4, 7], [1, 1, 4, 4], [3, 1, 3, 5], [1, 2, 3, 4]:
            columns = F.unfold(torch.zeros(shape), *numbers).shape
            case("unfold", lambda x: F.unfold(x, *numbers), Input(shape, ANY), **window)
            case("fold", lambda x: F.fold(x, shape[2:], *numbers), Input(list(columns), ANY), image=shape[2:], **window)


def parts():
    def add(x, axis, size, rank):
        for start, end, step in (0, size, 2), (1, size, 3), (min(2, size), size, 1), (0, max(size - 1, 0), 2), (size, size, 2), (0, size, 100):
            if start <= end:
                index = tuple(slice(start, end, step) if i == axis else slice(None) for i in range(rank))
                case("slice_step", lambda x: x[index], x(), axis=axis, start=start, end=end, step=step)
        for to in range(rank):
            case("movedim", lambda x: torch.movedim(x, axis, to), x(), axis=axis, to=to)
    each(add)


def logarithms():
    def add(x, axis, size, rank):
        case("logcumsumexp", lambda x: torch.logcumsumexp(x, axis), x(), axis=axis)
    each(add)
    for values in [0.0, 90.0, -90.0, 89.0, 90.0], [-90.0, -90.0, -89.0, -90.0, 0.0]:
        case("logcumsumexp", lambda x: torch.logcumsumexp(x, 0), Input([5], values), axis=0)
    # PyTorch's gradient of a start of -inf is NaN, and here 0.
    case("logcumsumexp", lambda x: torch.logcumsumexp(x, 0), Input([7], [-INF, -INF, 1.0, INF, 2.0, NAN, INF], wants=False), kinks=True, axis=0)


def orders():
    for shape in [1], [8], [3, 5], [2, 3, 4], [2, 1, 3, 3], [19]:
        case("median_of_all", torch.median, Input(shape, distinct))
        for q in 0.0, 0.3, 0.75, 1.0:
            case("quantile_of_all", lambda x: torch.quantile(x, q), Input(shape, distinct), q=q)
    case("median_of_all", torch.median, Input([3], [1.0, NAN, 2.0], wants=False), kinks=True)
    case("quantile_of_all", lambda x: torch.quantile(x, 0.5), Input([3], [1.0, NAN, 2.0], wants=False), kinks=True, q=0.5)


def main():
    torch.set_num_threads(1)
    for family in pads, rolls, copies, matrices, windows, parts, logarithms, orders:
        family()
    write("movement.json", '"cases":[\n' + ",\n".join(CASES) + "\n]\n")
    print(f"{len(CASES)} cases")


if __name__ == "__main__":
    sys.exit(main())
