#!/usr/bin/env python3
"""Makes indexing.json: elements picked by indices and put back, in the format that make.py describes.

    venv/bin/python tests/goldens/indexing.py                    # beside this script; see make.py for the packages

Indices stand in "index", in C order, with their shape in "by"; a mask as numbers of 0 and 1. Of `at`, "form" is the index as
Python writes it, and `tests/parity/indexing.rs` has the same by `ix!`.
"""

import math
import sys

import torch

import make
from make import ANY, CASES, SHAPES, Input, case, write

make.RNG = make.Lcg(2718)


def indices(shape, below):
    return [make.RNG.below(below) for _ in range(math.prod(shape))]


def tensor(numbers, shape):
    return torch.tensor(numbers, dtype=torch.int64).reshape(shape)


def inputs(shape, expand):
    return Input(shape, ANY, expand=expand)


def axes():
    """Every axis of every shape that has axes, with the sizes that it has."""
    for shape, expand in SHAPES[1:] + [([4, 5], None), ([2, 0, 3], None)]:
        sizes = expand or shape
        for axis, n in enumerate(sizes):
            if n:
                yield shape, expand, sizes, axis, n


def gathers():
    for shape, expand, sizes, axis, n in axes():
        for by in (sizes, [max(size - 1, 0) for size in sizes]):
            by = [7 if i == axis else size for i, size in enumerate(by)]
            index = indices(by, n)
            of = tensor(index, by)
            case("gather", lambda x: torch.gather(x, axis, of), inputs(shape, expand), axis=axis, by=by, index=index)
            from_ = Input(by, ANY)
            case("scatter_add", lambda x, y: torch.scatter_add(x, axis, of, y), inputs(shape, expand), from_, axis=axis, by=by,
                 index=index)
        # PyTorch's gradient of `scatter` is right where each place is put once.
        by = [size if i == axis else max(size - 1, 0) for i, size in enumerate(sizes)]
        of = torch.stack([torch.tensor(make.RNG.shuffled(range(n))) for _ in range(math.prod(by) // n)], -1) if math.prod(by) else None
        if of is not None:
            of = of.reshape([n] + [size for i, size in enumerate(by) if i != axis]).movedim(0, axis)
            case("scatter", lambda x, y: torch.scatter(x, axis, of, y), inputs(shape, expand), Input(by, ANY), axis=axis, by=by,
                 index=of.flatten().tolist())
        # One index for the others, and others that are stretched.
        by = [5 if i == axis else 1 for i in range(len(sizes))]
        index = indices(by, n)
        case("take_along_axis", lambda x: torch.take_along_dim(x, tensor(index, by), axis), inputs(shape, expand), axis=axis,
             by=by, index=index)
        if 0 not in sizes:
            wide = [3 if size == 1 and i != axis else size for i, size in enumerate(sizes)]
            more = indices(wide, n)
            case("take_along_axis", lambda x: torch.take_along_dim(x, tensor(more, wide), axis), inputs(shape, expand), axis=axis,
                 by=wide, index=more)


def selections():
    for shape, expand, sizes, axis, n in axes():
        for count in 0, 1, 6:
            index = indices([count], n)
            of = tensor(index, [count])
            case("index_select", lambda x: torch.index_select(x, axis, of), inputs(shape, expand), axis=axis, by=[count],
                 index=index)
            part = [count if i == axis else size for i, size in enumerate(sizes)]
            case("index_add", lambda x, y: torch.index_add(x, axis, of, y), inputs(shape, expand), Input(part, ANY), axis=axis,
                 by=[count], index=index)
    for shape, expand in SHAPES:
        sizes = expand or shape
        for by in [], [4], [2, 3]:
            index = indices(by, math.prod(sizes))
            case("take", lambda x: torch.take(x, tensor(index, by)), inputs(shape, expand), by=by, index=index)
        for by in sizes, sizes[-1:]:
            mask = indices(by, 2)
            of = tensor(mask, by).bool()
            case("masked_select", lambda x: torch.masked_select(x, of), inputs(shape, expand), by=by, index=mask)


# Indices of tensors of three axes; `rows` is [[2, 0], [1, 1]], `mask` of the first axis, `both` of the first two.
FORMS = [
    "1", "-1", "1:", ":-1", "1:-1", "-2:", "0:2", ":, ::2", "1::2, 1", ":, :, -1", "..., 0", "0, ..., 1", "None, 1", ":, None, 1:, -1",
    "..., None", "rows", ":, rows", "..., rows", "1, rows", ":, 1, rows", "None, rows, :, -1", "mask", "mask, 1:", "both", "both, -1",
    "both, None", "0:0", "i, j:", "j:i",
]


def at():
    for shape, expand in ([3, 4, 2], None), ([4, 3, 3], None), ([3, 3, 5], None), ([5, 4, 2], None), ([3, 1, 4], [3, 4, 4]), ([4, 5, 3], None):
        sizes = expand or shape
        mask, both = indices(sizes[:1], 2), indices(sizes[:2], 2)
        names = {"rows": tensor([2, 0, 1, 1], [2, 2]), "mask": tensor(mask, sizes[:1]).bool(), "both": tensor(both, sizes[:2]).bool(),
                 "i": 2, "j": 1}
        for form in FORMS:
            if form in (":, rows", "0, ..., 1") and sizes[1] < 3 or form.endswith("..., rows") and sizes[2] < 3:
                continue
            if form == ":, 1, rows" and sizes[2] < 3:
                continue
            # One compiled function for each, so that the axes of indices stay in their place, as in two steps.
            def f(x, form=form):
                if form == ":, 1, rows":
                    return x[:, 1][:, names["rows"]]
                if form == "1, rows":
                    return x[1][names["rows"]]
                if form == "None, rows, :, -1":
                    return x[..., -1][None, names["rows"]]
                if form == "both, -1":
                    return x[..., -1][names["both"]]
                return eval(f"x[{form}]", {"x": x, **names})

            case("at", f, inputs(shape, expand), form=form, mask=mask, both=both)


def main():
    torch.set_num_threads(1)
    for family in gathers, selections, at:
        family()
    write("indexing.json", '"cases":[\n' + ",\n".join(CASES) + "\n]\n")
    print(f"{len(CASES)} cases")


if __name__ == "__main__":
    sys.exit(main())
