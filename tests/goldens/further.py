#!/usr/bin/env python3
"""Makes further.json: comparisons, truth values, choices and parts, in the format that make.py describes; and more shapes
for operations of the other files, which had fewer than six.

    venv/bin/python tests/goldens/further.py                     # beside this script; see make.py for the packages

Whole numbers and truth values stand there as numbers of the case's type, of inputs that want no gradient.
"""

import math
import sys

import torch
import torch.nn.functional as F

import make
from layers import window
from make import ANY, CASES, PAIRS, SHAPES, Input, case, distinct, signed, ties, write

make.RNG = make.Lcg(2026)

INF, NAN = math.inf, math.nan
SPECIAL = [0.0, -0.0, INF, -INF, NAN, 1.0, -1.0, 0.5]


def mask(shape):
    return [make.RNG.below(2) for _ in range(math.prod(shape))]


def truth(op, f, *inputs, **params):
    """A result without a gradient."""
    case(op, lambda *x: f(*x).to(x[0].dtype), *inputs, kinks=True, **params)


def questions():
    def data(shape, values=ties, expand=None):
        return Input(shape, values, expand=expand, wants=False)

    pairs = [(x, y) for x in SPECIAL for y in SPECIAL]
    for op in "eq", "ne", "lt", "le", "gt", "ge":
        for a, b in PAIRS[2::2]:
            truth(op, getattr(torch, op), data(a), data(b))
        truth(op, getattr(torch, op), data([64], [x for x, _ in pairs]), data([64], [y for _, y in pairs]))
    for op in "and", "or", "xor":
        for shape, expand in SHAPES:
            truth(op, getattr(torch, f"logical_{op}"), data(shape, expand=expand), data(shape, expand=expand))
    for shape, expand in SHAPES:
        truth("not", torch.logical_not, data(shape, expand=expand))
        strange = lambda n: [SPECIAL[make.RNG.below(8)] for _ in range(n)]
        truth("is_nan", torch.isnan, data(shape, strange, expand))
        truth("is_finite", torch.isfinite, data(shape, strange, expand))
    for shape in [1], [19], [3, 5], [2, 3, 4], [2, 2, 3, 2], [0, 3]:
        truth("unique", torch.unique, data(shape))


def parts():
    variants = [([5], 0, 2), ([3, 4], 0, 1), ([3, 4], 1, 3), ([2, 3, 4], 1, 0), ([2, 3, 2, 3], 2, 1), ([1], 0, 0), ([2, 1, 7], 2, 6)]
    for shape, axis, index in variants:
        case("select", lambda x: x.select(axis, index), Input(shape, ANY), axis=axis, index=index)
        case("unstack", lambda x: torch.unbind(x, axis)[index], Input(shape, ANY), axis=axis, index=index)
    case("select", lambda x: x.select(1, 2), Input([3, 1], ANY, expand=[3, 4]), axis=1, index=2)
    for shape, axis, count in [([], 0, 3), ([4], 0, 2), ([4], 1, 3), ([2, 3], 1, 2), ([2, 3], 2, 4), ([2, 1, 3], 0, 1), ([1, 5], 2, 2)]:
        given = [Input(shape, ANY) for _ in range(count)]
        case("stack", lambda *x: torch.stack(x, axis), *given, axis=axis)
    for shape, expand in SHAPES:
        for value in 0.0, -1.5:
            hidden = mask(expand or shape)
            bits = torch.tensor(hidden, dtype=torch.bool).reshape(expand or shape)
            case("masked_fill", lambda x: x.masked_fill(bits, value), Input(shape, ANY, expand=expand), mask=hidden, value=value)
    bits = torch.tensor([True, False] * 4)
    fill = lambda x: x.masked_fill(bits, -INF)
    case("masked_fill", fill, Input([8], SPECIAL), kinks=True, mask=[1, 0] * 4, value="-inf")
    for shape, axis, count in [
        ([1], 0, 1), ([19], 0, 4), ([3, 5], 1, 2), ([3, 5], 0, 3), ([2, 3, 4], 1, 1), ([2, 3, 2, 3], 3, 2), ([1, 7], 1, 7),
    ]:
        case("topk", lambda x: torch.topk(x, count, axis)[0], Input(shape, distinct), axis=axis, count=count)
    for shape, expand in SHAPES:
        case("cast", lambda x: x.to(torch.float32).to(x.dtype), Input(shape, ANY, expand=expand))


def images():
    for shape, groups, eps in [
        ([2, 4, 2, 2], 2, 1e-5), ([1, 6, 3], 3, 1e-5), ([3, 2, 1, 5], 1, 1e-3), ([2, 3, 2, 3], 3, 1e-5), ([1, 4, 2, 3], 4, 1e-5),
        ([2, 6, 4], 2, 0.5),
    ]:
        affine = [Input(shape[1:2], signed(0.5, 2.5)), Input(shape[1:2], ANY)]
        f = lambda x, w, b: F.group_norm(x, groups, w, b, eps)
        case("group_norm", f, Input(shape, ANY), *affine, groups=groups, eps=eps)
    for shape, padding in [
        ([1, 1, 1, 1], 1), ([2, 1, 3, 2], 1), ([1, 2, 2, 3], 2), ([2, 2, 1, 4], 0), ([1, 3, 3, 1], 3), ([3, 1, 2, 2], 1),
    ]:
        case("zero_pad2d", lambda x: F.pad(x, [padding] * 4), Input(shape, ANY), padding=padding)
    for image in [1, 1, 2, 2], [3, 1, 3, 4], [1, 3, 4, 3], [2, 2, 3, 3]:
        w, size = window(kernel=2), [2, 3]
        case("max_pool2d", lambda x: F.max_pool2d(x, w["kernel"], w["stride"]), Input(image, distinct), **w)
        case("avg_pool2d", lambda x: F.avg_pool2d(x, w["kernel"], w["stride"]), Input(image, ANY), **w)
        case("adaptive_avg_pool2d", lambda x: F.adaptive_avg_pool2d(x, size), Input(image, ANY), size=size)
        case("adaptive_max_pool2d", lambda x: F.adaptive_max_pool2d(x, size), Input(image, distinct), size=size)
    for image in [3, 1, 1, 2], [1, 3, 2, 1], [2, 2, 2, 2]:
        f = lambda x: F.interpolate(x, scale_factor=(2.0, 3.0), mode="nearest")
        case("upsample_nearest2d", f, Input(image, ANY), scale=[2, 3])
    for shape in [2, 3, 3, 2], [1, 1, 4, 4]:
        affine = lambda: [Input(shape[1:2], signed(0.5, 2.5)), Input(shape[1:2], ANY)]
        f = lambda x, w, b: F.batch_norm(x, None, None, w, b, training=True, eps=1e-5)
        case("batch_norm", f, Input(shape, ANY), *affine(), eps=1e-5)
        f = lambda x, w, b, mean, var: F.batch_norm(x, mean, var, w, b, training=False, eps=1e-5)
        given = [Input(shape[1:2], ANY, wants=False), Input(shape[1:2], make.between(0.25, 4.0), wants=False)]
        case("batch_norm_with", f, Input(shape, ANY), *affine(), *given, eps=1e-5)
    for shape in [1, 9], [3, 2, 3]:
        f = lambda x, w, b: F.layer_norm(x, shape[-1:], w, b, 1e-5)
        case("layer_norm", f, Input(shape, ANY), Input(shape[-1:], signed(0.5, 2.5)), Input(shape[-1:], ANY), eps=1e-5)


def more():
    """Operations of the other files on other shapes."""
    scalars = [
        ("x+s", lambda x: x + 1.75), ("s+x", lambda x: 1.75 + x), ("x-s", lambda x: x - 1.75), ("s-x", lambda x: 1.75 - x),
        ("x*s", lambda x: x * 1.75), ("s*x", lambda x: 1.75 * x), ("x/s", lambda x: x / 1.75), ("s/x", lambda x: 1.75 / x),
    ]
    for op, f in scalars:
        for shape in [1], [2, 1, 3, 3]:
            case(op, f, Input(shape, signed(0.5, 2.5)), scalar=1.75)
    for shape in [1, 1, 7], [3, 2, 1, 7]:
        layer = Input([5, 7], ANY), Input([5], ANY)
        case("linear", F.linear, Input(shape, ANY), *layer)
        case("linear_relu", lambda *t: F.linear(*t).relu(), Input(shape, ANY), *layer)
    for shape in [4, 2], [1, 2, 3, 1]:
        case("flatten_batch", lambda x: x.flatten(1), Input(shape, ANY))
    for shape in [7, 3], [4, 4]:
        case("t", lambda x: x.t(), Input(shape, ANY), axes=[])
    for op, f, variants in [
        ("transpose", lambda x, axes: x.transpose(*axes), [([1, 6], [0, 1]), ([4, 1, 2], [0, 2]), ([1, 2, 3, 4], [1, 3])]),
        ("permute", lambda x, axes: x.permute(axes), [([5, 2], [1, 0]), ([4, 1, 3], [2, 0, 1]), ([1, 2, 4, 3], [3, 1, 0, 2])]),
        ("squeeze", lambda x, axes: x.squeeze(axes[0]), [([1, 2], [0]), ([4, 1, 2], [1]), ([3, 1], [-1])]),
        ("unsqueeze", lambda x, axes: x.unsqueeze(axes[0]), [([1], [0]), ([3, 4], [1]), ([1, 2, 3], [3])]),
    ]:
        for shape, axes in variants:
            case(op, lambda x, axes=axes: f(x, axes), Input(shape, ANY), axes=axes)
    for shape, axis, start, end in [([7], 0, 2, 7), ([2, 5, 3], 2, 1, 2), ([1, 3, 2, 4], 1, 1, 2)]:
        f = lambda x: x.narrow(axis, start, end - start)
        case("slice", f, Input(shape, ANY), axis=axis, **{"from": start, "to": end})
    for table, shape in [([1, 3], [2]), ([6, 2], [3, 2])]:
        indices = [make.RNG.below(table[0]) for _ in range(math.prod(shape))]
        f = lambda weight: F.embedding(torch.tensor(indices, dtype=torch.int64).reshape(shape), weight)
        case("embedding", f, Input(table, ANY), indices=indices, of=shape)
    for shape in [7], [1, 4], [2, 1, 3], [2, 2, 3, 2]:
        axis = len(shape) - 1
        case("argsort", lambda x: torch.argsort(x, dim=axis, stable=True).to(x.dtype), Input(shape, ties, wants=False), kinks=True,
             axis=axis, descending=False)
        case("kthvalue", lambda x: torch.kthvalue(x, 2, axis)[0], Input(shape, distinct), axis=axis, k=2)
        case("histogram", lambda x: torch.histc(x, 5, -1.0, 1.0), Input(shape, ANY, wants=False), kinks=True, bins=5)


def chunks():
    for shape, axis in [([2], 0), ([6], 0), ([4, 3], 0), ([3, 4], 1), ([2, 6, 3], 1), ([2, 1, 3, 2], 3)]:
        for index in 0, 1:
            case("chunk", lambda x: torch.chunk(x, 2, axis)[index], Input(shape, ANY), axis=axis, index=index)


def last():
    for shape in [], [1], [5], [2, 3], [4, 1], [2, 2, 3], [0]:
        truth("one_hot", lambda x: F.one_hot(x.abs().long(), 3), Input(shape, ANY, wants=False))
    for shape in [1, 4, 1, 1], [2, 4, 3, 2], [1, 8, 2, 3], [3, 12, 1, 2], [2, 4, 4, 1], [1, 16, 2, 2]:
        case("pixel_shuffle", lambda x: F.pixel_shuffle(x, 2), Input(shape, ANY))
    case("pixel_shuffle", lambda x: F.pixel_shuffle(x, 2), Input([1, 4, 2, 3], ANY, expand=[2, 4, 2, 3]))


def main():
    torch.set_num_threads(1)
    for family in questions, parts, images, more, chunks, last:
        family()
    write("further.json", '"cases":[\n' + ",\n".join(CASES) + "\n]\n")
    print(f"{len(CASES)} cases")


if __name__ == "__main__":
    sys.exit(main())
