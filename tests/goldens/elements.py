#!/usr/bin/env python3
"""Makes elements.json: functions of one and of two elements, in the format that make.py describes.

    venv/bin/python tests/goldens/elements.py                    # beside this script; see make.py for the packages
"""

import math
import sys

import torch

import make
from make import ANY, CASES, PAIRS, SHAPES, Input, between, case, signed, write

make.RNG = make.Lcg(1777)

INF, NAN = math.inf, math.nan
SPECIAL = [0.0, -0.0, INF, -INF, NAN, 1.0, -1.0, 0.5, -0.5, 1.5, 2.5, -2.5, 1000.0, -1000.0]


def off(step):
    """Values of either sign that are no multiple of `step`, where rounding has its kinks."""
    return lambda n: [v + 1 / 128 for v in make.RNG.values(n, -2.5, 2.5, 1 / 64)]


def unary():
    positive, unit = between(0.125, 4.0), between(-0.875, 0.875)
    kinked, some = signed(1 / 64, 2.5), signed(0.25, 2.5)
    functions = [
        ("abs", torch.abs, kinked), ("sign", torch.sign, kinked), ("rsqrt", torch.rsqrt, positive),
        ("recip", torch.reciprocal, some), ("exp_m1", torch.expm1, ANY), ("ln_1p", torch.log1p, between(-0.75, 4.0)),
        ("log2", torch.log2, positive), ("cos", torch.cos, between(-8.0, 8.0)), ("tan", torch.tan, between(-1.25, 1.25)),
        ("asin", torch.asin, unit), ("acos", torch.acos, unit), ("atan", torch.atan, ANY), ("sinh", torch.sinh, ANY),
        ("cosh", torch.cosh, ANY), ("erf", torch.erf, ANY), ("floor", torch.floor, off(1)), ("ceil", torch.ceil, off(1)),
        ("trunc", torch.trunc, off(1)), ("round", torch.round, off(0.5)),
    ]
    for op, f, values in functions:
        for shape, expand in SHAPES:
            case(op, f, Input(shape, values, expand=expand))
        case(op, f, Input([len(SPECIAL)], SPECIAL), kinks=True)
    for low, high in (-1.0, 0.5), (None, 0.5), (-1.0, None):
        for shape, expand in SHAPES:
            case("clamp", lambda x: x.clamp(low, high), Input(shape, off(1), expand=expand), low=low, high=high)
        case("clamp", lambda x: x.clamp(low, high), Input([len(SPECIAL)], SPECIAL), kinks=True, low=low, high=high)
    for shape, expand in SHAPES:
        case("nan_to_num", lambda x: x.nan_to_num(3.0), Input(shape, ANY, expand=expand), nan=3.0)
    case("nan_to_num", lambda x: x.nan_to_num(3.0), Input([len(SPECIAL)], SPECIAL), kinks=True, nan=3.0)


def binary():
    def pow(x, e):
        return torch.pow(x, e)

    functions = [
        ("maximum", torch.maximum, ANY, off(1)), ("minimum", torch.minimum, ANY, off(1)),
        ("atan2", torch.atan2, signed(0.25, 2.5), signed(0.25, 2.5)),
        ("hypot", torch.hypot, signed(0.25, 2.5), signed(0.25, 2.5)), ("pow", pow, between(0.25, 3.0), off(1)),
        ("fmod", torch.fmod, between(-2.5, 2.5), between(2.75, 4.0)),
        ("remainder", torch.remainder, off(1), between(2.75, 4.0)),
    ]
    for op, f, left, right in functions:
        for a, b in PAIRS:
            case(op, f, Input(a, left), Input(b, right))
        pairs = [(x, y) for x in SPECIAL for y in SPECIAL]
        if op == "hypot":
            # PyTorch's gradients are NaN at the origin and beside infinities.
            case(op, f, Input([196], [x for x, _ in pairs], wants=False), Input([196], [y for _, y in pairs], wants=False), kinks=True)
        elif op in ("maximum", "minimum"):
            case(op, f, Input([196], [x for x, _ in pairs]), Input([196], [y for _, y in pairs]), kinks=True)
        else:
            # The gradients have their own choices beside infinities and NaN; finite ones stand here.
            case(op, f, Input([196], [x for x, _ in pairs], wants=False), Input([196], [y for _, y in pairs], wants=False), kinks=True)
            finite = [(x, y) for x, y in pairs if abs(x) < 100 and abs(y) < 100]
            if op == "atan2":
                finite = [(x, y) for x, y in finite if x or y]
            elif op != "pow":
                finite = [(x, y) for x, y in finite if y]
            left, right = (Input([len(finite)], [pair[i] for pair in finite]) for i in (0, 1))
            # A case with kinks and finite gradients counts as linear.
            case(op, f, left, right, kinks=op != "atan2")


def ternary():
    for shape, expand in SHAPES:
        def x():
            return Input(shape, ANY, expand=expand)

        count = math.prod(expand or shape)
        mask = [make.RNG.below(2) for _ in range(count)]
        bits = torch.tensor(mask, dtype=torch.bool).reshape(expand or shape)
        case("where", lambda a, b: torch.where(bits, a, b), x(), x(), mask=mask)
        case("lerp", torch.lerp, x(), x(), x())
        case("addcmul", lambda a, b, c: torch.addcmul(a, b, c, value=0.75), x(), x(), x(), value=0.75)


class Gamma(torch.autograd.Function):
    """The logarithm of the gamma function, differentiated `order` times; PyTorch's trigamma has nine digits, its zeta all."""

    @staticmethod
    def forward(ctx, x, order):
        ctx.save_for_backward(x)
        ctx.order = order
        if order < 2:
            return torch.lgamma(x) if order == 0 else torch.digamma(x)
        return (-1) ** order * math.factorial(order - 1) * torch.special.zeta(order, x)

    @staticmethod
    def backward(ctx, g):
        return g * Gamma.apply(*ctx.saved_tensors, ctx.order + 1), None


def lgamma(x):
    return Gamma.apply(x, 0)


def digamma(x):
    return Gamma.apply(x, 1)


def special():
    t = torch.special
    functions = [
        ("lgamma", lgamma, between(0.25, 9.0)), ("digamma", digamma, between(0.25, 9.0)),
        ("erfinv", torch.erfinv, between(-0.9375, 0.9375)), ("log_ndtr", t.log_ndtr, between(-6.0, 6.0)),
        ("i0", t.i0, between(-8.0, 8.0)), ("i1", t.i1, signed(0.25, 8.0)), ("logit", torch.logit, between(0.125, 0.875)),
        ("entr", t.entr, between(0.125, 4.0)),
    ]
    for op, f, values in functions:
        for shape, expand in SHAPES:
            case(op, f, Input(shape, values, expand=expand))
        if op not in ("i0", "i1", "log_ndtr"):  # those are finite there, and a case without gradients must not be
            far = SPECIAL if op != "entr" else SPECIAL[5:]
            case(op, f, Input([len(far)], far, wants=False), kinks=True)
    for op, f in ("lgamma", torch.lgamma), ("digamma", torch.digamma):
        # Without gradients a case has a result that is not finite.
        case(op, f, Input([7], [-0.5, -1.75, -7.25, 100.0, 30.5, 12.0, 0.0], wants=False), kinks=True)
    for a, b in PAIRS:
        case("xlogy", torch.xlogy, Input(a, ANY), Input(b, between(0.125, 4.0)))
    pairs = [(x, y) for x in SPECIAL for y in SPECIAL]
    left, right = (Input([196], [pair[i] for pair in pairs], wants=False) for i in (0, 1))
    case("xlogy", torch.xlogy, left, right, kinks=True)
    for shape, expand in SHAPES:
        x = Input(shape, between(0.25, 6.0), expand=expand)
        case("polygamma", lambda x: torch.polygamma(2, x), x, n=2)


def main():
    torch.set_num_threads(1)
    for family in unary, binary, ternary, special:
        family()
    write("elements.json", '"cases":[\n' + ",\n".join(CASES) + "\n]\n")
    print(f"{len(CASES)} cases")


if __name__ == "__main__":
    sys.exit(main())
