#!/usr/bin/env python3
"""Makes the golden values that tests/parity.rs holds Fusion against. PyTorch computes them, on one CPU thread.

    python3 -m venv venv && venv/bin/pip install torch numpy scikit-learn safetensors
    venv/bin/python tests/goldens/make.py                        # writes the files below, beside this script
    venv/bin/python tests/goldens/make.py --check x.safetensors  # does PyTorch load what Fusion saved?

ops.json         every operation on several shapes: results and gradients, in f32 and in f64
optimizers.json  one tensor's values while each optimizer steps through given gradients
mlp.safetensors  the initial weights of `Mlp` below, as PyTorch names and lays them
mlp.json         the loss of each of its first training steps on scikit-learn's digits

layers.py, beside this script, makes layers.json in the format of ops.json: the operations behind other layers.
shapes.py and nets.py, beside this script, make shapes.json and nets.json, and describe them.

"made_with" in each JSON file tells the version of PyTorch. Inputs come from a small generator of this script, so
another run changes no input; results may differ in their last digit on another make of processor.

A case of ops.json is one line:

    op, params   the operation and what it is given besides tensors
    inputs       shape and values in C order, the same in both types (the values are exact in f32); with "expand" they
                 are then stretched to those sizes, and the gradient is that of the stretched tensor; a "wants" of
                 false asks for no gradient
    shape        of the result
    f32, f64     y: the result. d: the gradient of sum(y * weights(y)) by each input. f64 also has dd, the gradient of
                 sum over inputs of sum(d * weights(d)) by each input, null where the operation is linear
    smooth       does torch.autograd.gradcheck agree, so that a numeric gradient can be compared: no kink, no tie

`weights` numbers a tensor's elements in C order and gives element i the weight (2 * (37 * i % 64) - 63) / 32.
Infinities and NaN are the strings "inf", "-inf", "nan". How elements lie in memory is up to the test, which tries every
order of the axes.
"""

import argparse
import json
import math
import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from torch import nn

HERE = Path(__file__).parent
VERSION = f"torch {torch.__version__.split('+')[0]}"


# --- Numbers ---------------------------------------------------------------------------------------------------------


class Lcg:
    """Knuth's 64-bit linear congruential generator; its numbers are multiples of 1/64, exact in both types."""

    def __init__(self, seed):
        self.state = seed

    def below(self, n):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 33) % n

    def values(self, count, low=-2.5, high=2.5, step=1 / 64):
        steps = round((high - low) / step) + 1
        return [low + step * self.below(steps) for _ in range(count)]

    def shuffled(self, items):
        items = list(items)
        for i in range(len(items) - 1, 0, -1):
            j = self.below(i + 1)
            items[i], items[j] = items[j], items[i]
        return items


RNG = Lcg(2015)


def signed(low, high):
    """Values of either sign, none within `low` of 0."""
    return lambda n: [v if RNG.below(2) else -v for v in RNG.values(n, low, high)]


def between(low, high):
    return lambda n: RNG.values(n, low, high)


def ties(n):
    return RNG.values(n, -0.5, 0.5, 0.25)


def distinct(n):
    return RNG.shuffled((2 * i - n) / 16 for i in range(n))


def large(n):
    return RNG.values(n, -1000.0, 1000.0, 31.25)


ANY = between(-2.5, 2.5)


def weights(shape, dtype):
    i = torch.arange(math.prod(shape))
    return ((2 * (37 * i % 64) - 63) / 32).to(dtype).reshape(shape)


def number(x):
    """The shortest decimal that reads back as the same number of x's own type."""
    x = x.item() if isinstance(x, np.float64) else x
    if not np.isfinite(x):
        return f'"{x}"'
    text = str(x)
    return text.removesuffix(".0")


def numbers(tensor):
    return "[" + ",".join(map(number, tensor.detach().reshape(-1).numpy(force=True))) + "]"


# --- Operations ------------------------------------------------------------------------------------------------------


class Input:
    def __init__(self, shape, values, expand=None, wants=True):
        self.shape, self.expand, self.wants = shape, expand, wants
        self.values = values(math.prod(shape)) if callable(values) else values
        assert len(self.values) == math.prod(shape)

    def tensor(self, dtype):
        base = torch.tensor(self.values, dtype=torch.float64).to(dtype).reshape(self.shape)
        return base if self.expand is None else base.expand(self.expand)

    def text(self):
        parts = [f'"shape":{self.shape}', f'"values":{numbers(self.tensor_base())}']
        if self.expand is not None:
            parts.append(f'"expand":{self.expand}')
        if not self.wants:
            parts.append('"wants":false')
        return "{" + ",".join(parts) + "}"

    def tensor_base(self):
        return torch.tensor(self.values, dtype=torch.float64)


CASES = []


def case(op, f, *inputs, kinks=False, **params):
    """Computes one case. `kinks`: results or gradients are not finite, so neither dd nor a numeric check is asked."""
    parts = [f'"op":"{op}"', f'"params":{json.dumps(params)}']
    parts.append('"inputs":[' + ",".join(i.text() for i in inputs) + "]")
    for name, dtype in ("f32", torch.float32), ("f64", torch.float64):
        xs = [i.tensor(dtype).requires_grad_(i.wants) for i in inputs]
        wanted = [x for x in xs if x.requires_grad]
        y = f(*xs)
        assert y.dtype == dtype
        total = (y * weights(y.shape, dtype)).sum()
        d = torch.autograd.grad(total, wanted, create_graph=not kinks) if wanted else []
        result = [f'"y":{numbers(y)}', '"d":[' + ",".join(map(numbers, d)) + "]"]
        if name == "f32":
            parts.append(f'"shape":{list(y.shape)}')
        elif not kinks:
            second = sum((g * weights(g.shape, dtype)).sum() for g in d)
            if second.requires_grad:
                dd = torch.autograd.grad(second, wanted, materialize_grads=True)
                result.append('"dd":[' + ",".join(map(numbers, dd)) + "]")
            leaves = [x.detach().contiguous().requires_grad_(x.requires_grad) for x in xs]
            if torch.autograd.gradcheck(f, leaves, raise_exception=False):
                parts.append('"smooth":true')
        parts.append(f'"{name}":{{' + ",".join(result) + "}")
    CASES.append("{" + ",".join(parts) + "}")


# Rank 0, size 1, odd sizes; ranks up to 4; the last is an expanded view.
SHAPES = [
    ([], None), ([1], None), ([19], None), ([3, 5], None), ([2, 3, 4], None), ([2, 1, 3, 3], None), ([3, 1], [3, 4]),
]
PAIRS = [
    ([], []), ([1], [1]), ([19], [19]), ([3, 5], [3, 5]), ([2, 3, 4], [2, 3, 4]),
    ([3, 5], [5]), ([5], [3, 5]), ([3, 1], [1, 4]), ([1, 4], [3, 1]), ([3, 5], []), ([], [3, 5]), ([1], [2, 3]),
    ([2, 3, 4], [3, 1]), ([1, 4], [2, 3, 4]), ([2, 1, 3, 1], [2, 1, 5]), ([2, 3, 2, 2], [1, 3, 1, 1]),
]


def arithmetic():
    for op, f, right in [
        ("add", torch.add, ANY),
        ("sub", torch.sub, ANY),
        ("mul", torch.mul, ANY),
        ("div", torch.div, signed(0.5, 2.5)),
    ]:
        for a, b in PAIRS:
            case(op, f, Input(a, ANY), Input(b, right))
        case(op, f, Input([3, 1], ANY, expand=[3, 4]), Input([3, 4], right))
        case(op, f, Input([3, 4], ANY), Input([4], right, expand=[3, 4]))
    case("div", torch.div, Input([5], [1.0, -1.0, 0.0, 0.0, 2.0]), Input([5], [0.0, 0.0, 0.0, 1.0, -0.0]), kinks=True)
    scalars = [
        ("x+s", lambda x: x + 1.75), ("s+x", lambda x: 1.75 + x),
        ("x-s", lambda x: x - 1.75), ("s-x", lambda x: 1.75 - x),
        ("x*s", lambda x: x * 1.75), ("s*x", lambda x: 1.75 * x),
        ("x/s", lambda x: x / 1.75), ("s/x", lambda x: 1.75 / x),
    ]
    for op, f in scalars:
        for shape, expand in SHAPES[:1] + SHAPES[2:5] + SHAPES[6:]:
            case(op, f, Input(shape, signed(0.5, 2.5), expand=expand), scalar=1.75)


def elementary():
    small, positive = signed(1 / 64, 2.5), between(0.125, 4.0)
    unary = [
        ("neg", torch.neg, ANY), ("relu", torch.relu, small), ("sigmoid", torch.sigmoid, ANY),
        ("tanh", torch.tanh, ANY), ("exp", torch.exp, ANY), ("ln", torch.log, positive),
        ("sin", torch.sin, between(-8.0, 8.0)), ("sqrt", torch.sqrt, positive), ("square", torch.square, ANY),
        # Its input is used three times: gradients that meet are added.
        ("diamond", lambda x: x.tanh() * x + x, ANY),
    ]
    for op, f, values in unary:
        for shape, expand in SHAPES:
            case(op, f, Input(shape, values, expand=expand))
    powers = [
        (2.0, ANY), (3.0, ANY), (0.0, ANY), (1.0, ANY), (-1.0, signed(0.5, 2.5)), (-2.0, signed(0.5, 2.5)),
        (0.5, positive), (2.5, positive), (-1.5, between(0.5, 4.0)), (7.0, between(-1.5, 1.5)),
    ]
    for e, values in powers:
        for shape, expand in SHAPES[:1] + SHAPES[2:5] + SHAPES[6:]:
            case("pow", lambda x, e=e: x.pow(e), Input(shape, values, expand=expand), exponent=e)
    far = [0.0, -0.0, 20.0, -20.0, 100.0, -100.0, 1000.0, -1000.0, 9.0, -9.0, 17.5, -17.5]
    for op, f in ("sigmoid", torch.sigmoid), ("tanh", torch.tanh), ("relu", torch.relu):
        case(op, f, Input([12], far), kinks=op == "relu")
    odd = [math.inf, -math.inf, math.nan, 0.0, -0.0, 1000.0, -1000.0]
    for op, f, _ in unary[:-1]:
        # The gradient of relu at NaN is a case of layers.py.
        case(op, f, Input([7], odd, wants=op != "relu"), kinks=True)
    for e in (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, -1.0, -2.0):
        odd = Input([6], [0.0, -1.0, 2.0, math.inf, -0.5, math.nan])
        case("pow", lambda x, e=e: x.pow(e), odd, kinks=True, exponent=e)


def matmul():
    pairs = [
        ([1], [1]), ([5], [5]), ([19], [19]), ([37], [37]),
        ([1], [1, 4]), ([3], [3, 1]), ([5], [5, 3]), ([17], [17, 9]),
        ([1, 4], [4]), ([4, 1], [1]), ([3, 5], [5]), ([9, 17], [17]),
        ([1, 1], [1, 1]), ([1, 5], [5, 1]), ([5, 1], [1, 5]), ([2, 3], [3, 4]), ([7, 5], [5, 3]), ([17, 19], [19, 13]),
        ([25, 3], [3, 33]),
        ([1, 2, 3], [1, 3, 2]), ([3, 1, 5], [3, 5, 1]), ([2, 3, 4], [2, 4, 5]), ([2, 7, 9], [2, 9, 17]),
        ([1, 2, 3, 1], [1, 2, 1, 3]), ([2, 3, 2, 4], [2, 3, 4, 3]),
        ([2, 1, 5, 3], [2, 1, 3, 5]), ([1, 1, 1, 7], [1, 1, 7, 1]),
        ([1, 2, 3], [3, 2]), ([3, 1, 5], [5, 1]), ([2, 3, 4], [4, 5]), ([2, 5, 9], [9, 17]),
        ([1, 2, 3, 1], [1, 3]), ([2, 2, 3, 4], [4, 2]), ([2, 1, 1, 5], [5, 1]), ([1, 3, 5, 7], [7, 5]),
    ]
    for a, b in pairs:
        case("matmul", torch.matmul, Input(a, ANY), Input(b, ANY))
    case("matmul", torch.matmul, Input([1, 4], ANY, expand=[3, 4]), Input([4, 1], ANY, expand=[4, 2]))
    case("matmul", torch.matmul, Input([4], ANY, expand=[3, 4]), Input([4], ANY))
    case("matmul", torch.matmul, Input([1, 3, 4], ANY, expand=[2, 3, 4]), Input([2, 4, 5], ANY))
    case("matmul", torch.matmul, Input([2, 3, 4], ANY), Input([4, 5], ANY, expand=[2, 4, 5]))
    case("matmul", torch.matmul, Input([2, 0], []), Input([0, 3], []))
    for shape in [4, 7], [1, 7], [2, 3, 7], [17, 7], [2, 1, 3, 7]:
        layer = Input([5, 7], ANY), Input([5], ANY)
        case("linear", F.linear, Input(shape, ANY), *layer)
        case("linear_relu", lambda *t: F.linear(*t).relu(), Input(shape, ANY), *layer)


def reductions():
    axes = [
        ([], None), ([1], None), ([19], None), ([3, 5], None), ([2, 3, 4], None), ([2, 1, 3, 3], None),
        ([1], [0]), ([19], [0]), ([3, 5], [0]), ([3, 5], [1]), ([5, 1], [-1]), ([1, 5], [0]), ([3, 5], [0, 1]),
        ([3, 17], [-1]), ([17, 3], [0]),
        ([2, 3, 4], [0]), ([2, 3, 4], [1]), ([2, 3, 4], [-1]),
        ([2, 3, 4], [0, 2]), ([2, 3, 4], [1, 2]), ([2, 3, 4], [0, 1]), ([2, 3, 4], [0, 1, 2]),
        ([2, 3, 1, 5], [0, 2, 3]), ([2, 3, 1, 5], [1]), ([2, 3, 2, 3], [2, 3]),
    ]

    def along(f, a, keep):
        every = lambda x: tuple(range(x.dim())) if a is None else tuple(a)
        if f in (torch.amax, torch.amin):
            return lambda x: f(x, every(x), keep)  # shares a tie's gradient evenly, over all axes too
        return (lambda x: f(x)) if a is None else (lambda x: f(x, tuple(a), keep))

    for op, f in ("sum", torch.sum), ("mean", torch.mean), ("max", torch.amax), ("min", torch.amin):
        for turn, (shape, a) in enumerate(axes):
            kinds = (distinct, ties) if op in ("max", "min") else (ANY,)
            for keep in (False,) if a is None else (False, True):
                values = kinds[(turn + keep) % len(kinds)]
                case(op, along(f, a, keep), Input(shape, values), axes=a, keep=keep)
        for a in None, [0], [1]:
            values = distinct if op in ("max", "min") else ANY
            case(op, along(f, a, False), Input([3, 1], values, expand=[3, 4]), axes=a, keep=False)
    odd = [math.nan, 1.0, 2.0, math.inf, -math.inf, 3.0]
    for op, f in ("sum", torch.sum), ("max", torch.amax), ("min", torch.amin):
        case(op, along(f, [1], False), Input([2, 3], odd), kinks=True, axes=[1], keep=False)
    case("sum", torch.sum, Input([0, 3], []), axes=None, keep=False)
    case("sum", along(torch.sum, [0], False), Input([0, 3], []), axes=[0], keep=False)


def shapes():
    reshapes = [
        ([6], [2, 3]), ([2, 3], [3, 2]), ([2, 3, 4], [4, 6]), ([2, 3, 4], [24]), ([2, 3, 4], [3, 2, 2, 2]),
        ([1], []), ([], [1, 1]), ([5, 1], [1, 5]),
    ]
    for shape, to in reshapes:
        case("reshape", lambda x, to=to: x.reshape(to), Input(shape, ANY), to=to)
    case("reshape", lambda x: x.reshape(2, 6), Input([3, 1], ANY, expand=[3, 4]), to=[2, 6])
    for shape, expand in SHAPES:
        case("flatten", lambda x: x.reshape(-1), Input(shape, ANY, expand=expand))
    for shape in [3, 5], [5, 1], [2, 3, 4], [1, 1, 7], [2, 3, 2, 3]:
        case("flatten_batch", lambda x: x.flatten(1), Input(shape, ANY))

    # Each takes a list of axes.
    moves = [
        ("t", lambda x, _: x.t(), [([1, 1], []), ([3, 5], []), ([5, 1], []), ([1, 7], []), ([2, 9], [])]),
        ("transpose", lambda x, axes: x.transpose(*axes), [
            ([3, 5], [0, 1]), ([2, 3, 4], [0, 2]), ([2, 3, 4], [-1, -2]), ([2, 1, 3], [0, 1]), ([2, 3, 4, 2], [1, 3]),
            ([1, 5, 1], [0, 2]),
        ]),
        ("permute", lambda x, axes: x.permute(axes), [
            ([7], [0]), ([3, 5], [1, 0]), ([2, 3, 4], [2, 0, 1]), ([2, 3, 4], [1, 0, 2]), ([2, 1, 3, 4], [0, 2, 3, 1]),
            ([2, 1, 3, 4], [0, 3, 1, 2]), ([2, 3, 2, 3], [3, 1, 0, 2]),
        ]),
        ("squeeze", lambda x, axes: x.squeeze(axes[0]), [
            ([1], [0]), ([1, 5], [0]), ([5, 1], [-1]), ([2, 1, 3], [1]), ([2, 3, 4, 1], [3]),
        ]),
        ("unsqueeze", lambda x, axes: x.unsqueeze(axes[0]), [
            ([], [0]), ([5], [0]), ([5], [-1]), ([2, 3], [1]), ([2, 3, 4], [3]),
        ]),
    ]
    for op, f, variants in moves:
        for shape, axes in variants:
            case(op, lambda x, axes=axes: f(x, axes), Input(shape, ANY), axes=axes)
    expansions = [
        ([1], [4]), ([3, 1], [3, 4]), ([1, 5], [2, 5]), ([1, 1], [3, 7]), ([], [2, 3]), ([5], [3, 5]),
        ([2, 1, 3], [2, 4, 3]), ([1, 3], [2, 4, 3]),
    ]
    for shape, to in expansions:
        case("expand", lambda x, to=to: x.expand(to), Input(shape, ANY), to=to)


def softmaxes():
    variants = [
        ([1], 0), ([19], 0), ([3, 5], 0), ([3, 5], -1), ([1, 5], -1), ([5, 1], -1), ([3, 17], -1),
        ([2, 3, 4], 0), ([2, 3, 4], 1), ([2, 3, 4], -1), ([2, 3, 2, 2], 1),
    ]
    for op, f in ("softmax", F.softmax), ("log_softmax", F.log_softmax):

        def add(axis, *x, **expand):
            case(op, lambda x: f(x, axis), Input(*x, **expand), axes=[axis])

        for shape, axis in variants:
            add(axis, shape, ANY)
        for shape, axis in [([7], 0), ([3, 5], 0), ([3, 5], -1), ([2, 3, 4], 1)]:
            add(axis, shape, large)
        add(0, [4], [88.0, -88.0, 1000.0, 1000.0])
        for axis in 0, -1:
            add(axis, [3, 1], ANY, expand=[3, 4])


def losses():
    variants = [
        ([1, 1], None, ANY), ([1, 7], None, ANY), ([3, 5], None, ANY), ([5, 2], None, ANY), ([4, 10], None, ANY),
        ([3, 17], None, ANY), ([3, 5], None, large), ([4, 3], None, large), ([3, 1], [3, 4], ANY), ([4], [3, 4], ANY),
    ]
    for shape, expand, values in variants:
        rows, classes = expand or shape
        labels = [RNG.below(classes) for _ in range(rows)]
        f = lambda x: F.cross_entropy(x, torch.tensor(labels))
        case("cross_entropy", f, Input(shape, values, expand=expand), labels=labels)

    bce = F.binary_cross_entropy_with_logits
    zero_or_one, share = (lambda n: [float(RNG.below(2)) for _ in range(n)]), between(0.0, 1.0)
    for turn, (shape, expand) in enumerate(SHAPES):
        logits, targets = Input(shape, ANY, expand=expand), (zero_or_one, share)[turn % 2]
        case("bce_with_logits", bce, logits, Input(expand or shape, targets, wants=False))
        case("mse_loss", F.mse_loss, Input(shape, ANY, expand=expand), Input(expand or shape, ANY))
    for shape in [7], [3, 5], [2, 3, 4]:
        case("bce_with_logits", bce, Input(shape, large), Input(shape, share, wants=False))
    far = [1000.0, 1000.0, -1000.0, -1000.0, 0.0, 0.0, 100.0, -100.0]
    case("bce_with_logits", bce, Input([8], far), Input([8], [0.0, 1.0] * 4, wants=False))
    case("mse_loss", F.mse_loss, Input([3, 5], large), Input([3, 5], large))


# --- Optimizers ------------------------------------------------------------------------------------------------------

KEPT = (1, 2, 3, 10, 20)


def optimizers():
    """Step t = 0, 1, ... is given the gradient (((37 * i + 11 * t) % 64) - 31) / 32 for element i of 19."""
    sgd, adam, adamw, rmsprop = torch.optim.SGD, torch.optim.Adam, torch.optim.AdamW, torch.optim.RMSprop
    runs = [
        ("sgd", sgd, dict(lr=0.1)),
        ("sgd", sgd, dict(lr=0.1, weight_decay=0.05)),
        ("sgd", sgd, dict(lr=0.1, momentum=0.9)),
        ("sgd", sgd, dict(lr=0.1, momentum=0.9, weight_decay=0.05)),
        ("sgd", sgd, dict(lr=0.1, momentum=0.9, dampening=0.25)),
        ("sgd", sgd, dict(lr=0.1, momentum=0.9, nesterov=True)),
        ("sgd", sgd, dict(lr=0.1, momentum=0.8, nesterov=True, weight_decay=0.05)),
        ("adam", adam, dict(lr=0.01)),
        ("adam", adam, dict(lr=0.1, betas=(0.8, 0.95), eps=1e-6)),
        ("adam", adam, dict(lr=0.01, weight_decay=0.05)),
        ("adamw", adamw, dict(lr=0.01)),
        ("adamw", adamw, dict(lr=0.01, weight_decay=0.25)),
        ("adamw", adamw, dict(lr=0.1, betas=(0.8, 0.95), eps=1e-6, weight_decay=0.1)),
        ("rmsprop", rmsprop, dict(lr=0.01)),
        ("rmsprop", rmsprop, dict(lr=0.01, alpha=0.9, eps=1e-4, weight_decay=0.05)),
        ("rmsprop", rmsprop, dict(lr=0.01, momentum=0.9)),
        ("rmsprop", rmsprop, dict(lr=0.01, centered=True)),
        ("rmsprop", rmsprop, dict(lr=0.02, alpha=0.8, momentum=0.7, centered=True, eps=1e-3, weight_decay=0.1)),
        ("adagrad", torch.optim.Adagrad, dict(lr=0.1)),
        ("adagrad", torch.optim.Adagrad, dict(lr=0.1, lr_decay=0.2, eps=1e-3, weight_decay=0.05)),
        ("adagrad", torch.optim.Adagrad, dict(lr=0.1, initial_accumulator_value=0.5)),
        ("adadelta", torch.optim.Adadelta, dict(lr=1.0)),
        ("adadelta", torch.optim.Adadelta, dict(lr=0.5, rho=0.8, eps=1e-3, weight_decay=0.05)),
        ("nadam", torch.optim.NAdam, dict(lr=0.01)),
        ("nadam", torch.optim.NAdam, dict(lr=0.01, betas=(0.8, 0.95), eps=1e-6, momentum_decay=0.1, weight_decay=0.05)),
        ("nadam", torch.optim.NAdam, dict(lr=0.01, weight_decay=0.25, decoupled_weight_decay=True)),
        ("radam", torch.optim.RAdam, dict(lr=0.01)),
        ("radam", torch.optim.RAdam, dict(lr=0.01, betas=(0.8, 0.95), eps=1e-6, weight_decay=0.05)),
        ("radam", torch.optim.RAdam, dict(lr=0.01, weight_decay=0.25, decoupled_weight_decay=True)),
    ]
    start, lines = RNG.values(19), []
    for op, make, params in runs:
        parts = [f'"op":"{op}"', f'"params":{json.dumps(params)}']
        for name, dtype in ("f32", torch.float32), ("f64", torch.float64):
            torch.set_default_dtype(dtype)  # that of what NAdam keeps beside its tensors
            w = torch.tensor(start, dtype=dtype, requires_grad=True)
            opt, kept = make([w], foreach=False, **params), []
            for t in range(KEPT[-1]):
                w.grad = (((37 * torch.arange(19) + 11 * t) % 64 - 31) / 32).to(dtype)
                opt.step()
                if t + 1 in KEPT:
                    kept.append(numbers(w))
            parts.append(f'"{name}":[' + ",".join(kept) + "]")
        torch.set_default_dtype(torch.float32)
        lines.append("{" + ",".join(parts) + "}")
    return f'"start":{numbers(torch.tensor(start))},\n"kept":{list(KEPT)},\n', lines


# --- A network on the digits -----------------------------------------------------------------------------------------


class Mlp(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1, self.fc2, self.fc3 = nn.Linear(64, 64), nn.Linear(64, 32), nn.Linear(32, 10)

    def forward(self, x):
        return self.fc3(self.fc2(self.fc1(x).relu()).relu())


def mlp():
    """Adam, learning rate 1e-3. Row k of batch t (of 64) is digit (1009 * (64 * t + k) + 5) % 1797, its pixels / 16."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    pixels = torch.tensor(digits.data / 16, dtype=torch.float32)
    labels = torch.tensor(digits.target)
    torch.manual_seed(0)
    net, losses = Mlp(), []
    save_file(net.state_dict(), HERE / "mlp.safetensors")
    (HERE / "mlp.safetensors").chmod(0o644)
    opt = torch.optim.Adam(net.parameters(), lr=1e-3, foreach=False)
    for t in range(100):
        rows = (1009 * (64 * t + torch.arange(64)) + 5) % 1797
        loss = F.cross_entropy(net(pixels[rows]), labels[rows])
        losses.append(loss.detach())
        opt.zero_grad()
        loss.backward()
        opt.step()
    write("mlp.json", f'"losses":{numbers(torch.stack(losses))}\n')


def check(path):
    """Loads a file of `Mlp`'s weights as PyTorch does, names, types and shapes strict, and compares it with ours."""
    state, ours = load_file(path), load_file(HERE / "mlp.safetensors")
    Mlp().load_state_dict(state, strict=True)
    same = lambda name: state[name].dtype == ours[name].dtype and torch.equal(state[name], ours[name])
    moved = [name for name in ours if not same(name)]
    print(f"{path}: PyTorch loads it; not as in mlp.safetensors: {', '.join(moved) or 'nothing'}")


# --- Files -----------------------------------------------------------------------------------------------------------


def write(name, body):
    path = HERE / name
    path.write_text(f'{{\n"made_with":"{VERSION}",\n{body}}}\n')
    json.loads(path.read_text())
    print(f"{name}: {path.stat().st_size} bytes")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", metavar="FILE", help="a safetensors file of the network's weights to load")
    args = parser.parse_args()
    torch.set_num_threads(1)
    if args.check:
        return check(args.check)
    for family in arithmetic, elementary, matmul, reductions, shapes, softmaxes, losses:
        family()
    write("ops.json", '"cases":[\n' + ",\n".join(CASES) + "\n]\n")
    head, lines = optimizers()
    write("optimizers.json", head + '"runs":[\n' + ",\n".join(lines) + "\n]\n")
    mlp()
    print(f"{len(CASES)} cases")


if __name__ == "__main__":
    sys.exit(main())
