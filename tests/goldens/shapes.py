#!/usr/bin/env python3
"""Makes shapes.json: what each layer of PyTorch says of a shape, over a grid of sizes and arguments.

    venv/bin/python tests/goldens/shapes.py             # writes shapes.json, beside this script, and types.rs
    venv/bin/python tests/goldens/shapes.py --refusals  # and shows PyTorch's reasons, so that one sees they are shapes

A case is one line:

    layer   by its name in torch.nn; and `cat` is torch.cat, `GlobalAvgPool2d` is x.mean((2, 3))
    args    by PyTorch's names; what is not there has PyTorch's default
    input   the shape of the tensor that it is given, the batch in front; `cat` also has `other`
    output  the shape of the result, or null where PyTorch refuses, at the layer or at its input

What PyTorch accepts is in types.rs once more, as types that the compiler checks, each combination once: the batch is
`Dyn` there, unless it is the only axis.

Shapes without a batch are left out where PyTorch would add one ([C, H, W] for Conv2d), batch norm is in evaluation mode
(in training it also refuses a single value per channel, which is no matter of shapes), and no size is 0.

PyTorch decides on the meta device, which computes shapes only, and then on the CPU, unless that would take long: the
meta device accepts a dilation of 0, or wrong channels for ConvTranspose2d, so that the CPU has the last word.
"""

import argparse
import inspect
import json
import math
import re
import sys
import warnings
from collections import Counter
from pathlib import Path

import torch
from torch import nn

HERE = Path(__file__).parent
VERSION = f"torch {torch.__version__.split('+')[0]}"
LINES, TYPES, SEEN, REFUSALS = [], {}, set(), Counter()


class Lcg:
    """Knuth's 64-bit linear congruential generator, as in make.py."""

    def __init__(self, seed):
        self.state = seed

    def below(self, n):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 33) % n

    def of(self, items):
        return items[self.below(len(items))]


RNG = Lcg(2015)


# --- What PyTorch says -----------------------------------------------------------------------------------------------


def attention(x, **args):
    return nn.MultiheadAttention(batch_first=True, **args)(x, x, x, need_weights=False)[0]


SPECIAL = {
    "GlobalAvgPool2d": lambda x: x.mean((2, 3)),
    "MultiheadAttention": attention,
    "cat": lambda x, other, dim: torch.cat([x, other], dim),
}


def output(device, layer, args, *shapes):
    """The shape that a layer makes of these, or PyTorch's reason why not."""
    with torch.device(device):
        dtype = torch.int64 if layer == "Embedding" else torch.float32
        inputs = [torch.zeros(shape, dtype=dtype) for shape in shapes]
        try:
            if layer in SPECIAL:
                return list(SPECIAL[layer](*inputs, **args).shape)
            return list(getattr(nn, layer)(**args).eval()(*inputs).shape)
        except (RuntimeError, ValueError, AssertionError, ZeroDivisionError, IndexError) as reason:
            return str(reason)


NAMES = {"ReLU": "Relu", "LeakyReLU": "LeakyRelu", "GELU": "Gelu", "SiLU": "Silu"}
NAMES |= {"MultiheadAttention": "MultiHeadAttention", "ReLU6": "Relu6", "ELU": "Elu", "SELU": "Selu", "CELU": "Celu"}
NAMES |= {"PReLU": "PRelu", "RMSNorm": "RmsNorm"}


def type_line(layer, args, shape, result):
    """A case as types.rs has it: arguments in PyTorch's order, up to the last one that is not left to its default."""
    if layer.startswith(("Conv", "MaxPool", "AvgPool")):
        params = [p for p in inspect.signature(getattr(nn, layer)).parameters.values() if p.name != "self"]
        while params[-1].name not in args:
            params.pop()
        values = [args.get(p.name, p.default) for p in params]
        values = [args["kernel_size"] if value is None else value for value in values]
    else:
        values = [value for name, value in args.items() if name != "dim"]
        values = [size for value in values for size in (value if isinstance(value, list) else [value])]
    words = {"same": "Same", True: "true"}
    text = ", ".join(words[value] if isinstance(value, (bool, str)) else str(value) for value in values)

    def sizes(shape):
        return ", ".join(map(str, shape if len(shape) == 1 else ["Dyn", *shape[1:]]))

    # A rank of 1 is a batch alone, or features alone: then the result has no batch either.
    gives = ", ".join(map(str, result)) if len(shape) == 1 else sizes(result)
    return f"{NAMES.get(layer, layer)}{f'<{text}>' if text else ''}: [{sizes(shape)}] => [{gives}]"


def cheap(layer, args, shape, result):
    """Is it done in a moment on the CPU?"""
    if not isinstance(result, list):
        return True
    window = 1
    if layer.startswith("Conv"):
        window = shape[1] * args["kernel_size"] ** 2 if shape[1] == args["in_channels"] else 0
    return math.prod(result) * window + math.prod(shape) < 3e6 and math.prod(args.get("normalized_shape", [1])) < 1e6


def case(layer, *shapes, **args):
    """Records one case, unless it is there already."""
    key = json.dumps([layer, args, shapes])
    if key in SEEN:
        return
    SEEN.add(key)
    result = output("meta", layer, args, *shapes)
    if cheap(layer, args, shapes[0], result):
        meta, result = result, output("cpu", layer, args, *shapes)
        if isinstance(meta, list) and isinstance(result, list):
            assert meta == result, (key, meta, result)
    if isinstance(result, str):
        REFUSALS[layer + ": " + re.sub(r"-?\d+", "#", result.splitlines()[0])[:150]] += 1
        result = None
    elif layer != "cat":
        TYPES[type_line(layer, args, shapes[0], result)] = None
    other = f'"other":{json.dumps(shapes[1])},' if len(shapes) > 1 else ""
    shape = f'"input":{json.dumps(shapes[0])},{other}"output":{json.dumps(result)}'
    LINES.append(f'{{"layer":"{layer}","args":{json.dumps(args)},{shape}}}'.replace(", ", ","))


def grid(count, draw):
    """`count` cases that are not there yet, each as `draw` says."""
    end = len(LINES) + count
    while len(LINES) < end:
        layer, shape, args = draw()
        case(layer, shape, **args)


def some(**args):
    """Only those arguments that differ from PyTorch's defaults."""
    plain = dict(stride=1, padding=0, dilation=1, groups=1, output_padding=0)
    return {name: value for name, value in args.items() if name not in plain or plain[name] != value}


# --- Windows ---------------------------------------------------------------------------------------------------------

SIZES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 14, 15, 16, 27, 28, 31, 32, 33, 55, 56, 63, 64, 112, 224]
SMALL = SIZES[:14]
BATCHES = [1, 2, 3, 64]


def image(channels, sizes):
    height = RNG.of(sizes)
    return [RNG.of(BATCHES), channels, height, RNG.of([height, height, RNG.of(sizes)])]


def channels():
    """Channels of the layer, of its input, and groups: most fit."""
    groups = RNG.of([1, 1, 1, 1, 2, 3, 4, 8])
    takes, gives = groups * RNG.of([1, 2, 3, 8]), groups * RNG.of([1, 2, 5, 16])
    turn = RNG.below(24)
    if turn == 0:
        takes += 1
    elif turn == 1:
        gives += 1
    return takes, gives, takes + (RNG.below(24) == 0), groups


def conv2d():
    def draw():
        takes, gives, found, groups = channels()
        args = some(
            kernel_size=RNG.of([1, 2, 3, 3, 4, 5, 7, 11]),
            stride=RNG.of([1, 1, 2, 2, 3, 4, 5]),
            padding=RNG.of([0, 0, 1, 1, 2, 3, 5, "same", "same"]),
            dilation=RNG.of([1, 1, 1, 2, 3, 4]),
            groups=groups,
        )
        if args.get("padding") == "same" and RNG.below(8):
            args.pop("stride", None)
        args = dict(in_channels=takes, out_channels=gives, **args)
        return "Conv2d", image(found, RNG.of([SIZES, SIZES, SMALL])), args

    known = [  # AlexNet, VGG, ResNet, MobileNet, GoogLeNet, YOLO
        ([224], 3, 64, dict(kernel_size=11, stride=4, padding=2)), ([27], 64, 192, dict(kernel_size=5, padding=2)),
        ([224], 3, 64, dict(kernel_size=3, padding=1)), ([224], 3, 64, dict(kernel_size=7, stride=2, padding=3)),
        ([56], 64, 128, dict(kernel_size=1, stride=2)), ([112], 32, 32, dict(kernel_size=3, padding=1, groups=32)),
        ([28], 16, 32, dict(kernel_size=5, padding="same")), ([416], 3, 32, dict(kernel_size=3, padding=1)),
        ([13], 512, 1024, dict(kernel_size=3, padding=1)), ([13], 1024, 255, dict(kernel_size=1)),
        ([572], 1, 64, dict(kernel_size=3)), ([28], 1, 6, dict(kernel_size=5, padding=2)),
    ]
    for (size,), takes, gives, args in known:
        case("Conv2d", [1, takes, size, size], in_channels=takes, out_channels=gives, **args)
    layer = dict(in_channels=3, out_channels=4, kernel_size=3)
    for shape in [3, 8], [8], [1, 2, 3, 8, 8], [3]:
        case("Conv2d", shape, **layer)
    for wrong in dict(stride=0), dict(dilation=0), dict(kernel_size=0), dict(groups=2), dict(groups=0), dict(groups=3):
        case("Conv2d", [2, 3, 8, 8], **{**layer, **wrong})
    for stride in 1, 2:
        for kernel in 1, 2, 3, 4, 5:
            for dilation in 1, 2, 3:
                args = some(kernel_size=kernel, stride=stride, padding="same", dilation=dilation)
                case("Conv2d", [2, 3, 7, 10], in_channels=3, out_channels=4, **args)
    grid(600, draw)


def conv_transpose2d():
    def draw():
        takes, gives, found, groups = channels()
        stride = RNG.of([1, 2, 2, 3, 4])
        args = some(
            kernel_size=RNG.of([1, 2, 2, 3, 3, 4, 5, 7]),
            stride=stride,
            padding=RNG.of([0, 0, 1, 1, 2, 3]),
            output_padding=RNG.of([0, 0, 0, RNG.below(stride), 1, 2, 3]),
            groups=groups,
            dilation=RNG.of([1, 1, 1, 2, 3]),
        )
        args = dict(in_channels=takes, out_channels=gives, **args)
        return "ConvTranspose2d", image(found, SMALL + [28, 32, 56]), args

    for shape in [3, 8], [1, 2, 3, 8, 8], [3]:
        case("ConvTranspose2d", shape, in_channels=3, out_channels=4, kernel_size=3)
    for wrong in dict(stride=0), dict(dilation=0), dict(groups=2), dict(groups=3), dict(padding=1), dict(padding=6):
        case("ConvTranspose2d", [2, 3, 4, 4], **{**dict(in_channels=3, out_channels=4, kernel_size=2), **wrong})
    known = [(28, 1024, 512, 2, 2, 0, 0), (64, 3, 3, 4, 2, 1, 0), (8, 512, 256, 3, 2, 1, 1), (1, 100, 512, 4, 1, 0, 0)]
    for size, takes, gives, kernel, stride, padding, extra in known:
        args = some(kernel_size=kernel, stride=stride, padding=padding, output_padding=extra)
        case("ConvTranspose2d", [1, takes, size, size], in_channels=takes, out_channels=gives, **args)
    grid(350, draw)


def pools():
    def pool(layer):
        def draw():
            kernel = RNG.of([1, 2, 2, 3, 3, 4, 5, 7])
            args = dict(kernel_size=kernel)
            if RNG.below(3):
                args["stride"] = RNG.of([1, 2, 2, 3, 4, kernel])
            args |= some(padding=RNG.of([0, 0, 0, 1, kernel // 2, kernel // 2, kernel // 2 + 1]))
            if layer == "MaxPool2d":
                args |= some(dilation=RNG.of([1, 1, 1, 2, 3]))
            return layer, image(RNG.of([1, 3, 8, 64]), RNG.of([SIZES, SMALL])), args

        return draw

    for layer in "MaxPool2d", "AvgPool2d":
        for shape in [3, 8], [8], [1, 2, 3, 8, 8]:
            case(layer, shape, kernel_size=2)
        for wrong in dict(kernel_size=0), dict(kernel_size=2, stride=0), dict(kernel_size=9), dict(kernel_size=8):
            case(layer, [1, 3, 8, 8], **wrong)
    case("MaxPool2d", [1, 3, 8, 8], kernel_size=2, dilation=0)
    case("MaxPool2d", [1, 64, 112, 112], kernel_size=3, stride=2, padding=1)
    case("MaxPool2d", [1, 64, 55, 55], kernel_size=3, stride=2)
    case("MaxPool2d", [1, 64, 28, 28], kernel_size=3, stride=1, padding=1)
    grid(260, pool("MaxPool2d"))
    grid(160, pool("AvgPool2d"))


def adaptive():
    for layer in "AdaptiveAvgPool2d", "AdaptiveMaxPool2d":

        def draw():
            height = RNG.of([1, 2, 3, 5, 6, 7, 14])
            size = RNG.of([height, [height, height], [height, RNG.of([1, 2, 4, 7])]])
            return layer, image(RNG.of([1, 3, 64, 256]), SIZES[:20]), dict(output_size=size)

        for shape in [3, 8], [8], [1, 2, 3, 8, 8]:
            case(layer, shape, output_size=2)
        grid(45, draw)
    grid(12, lambda: ("GlobalAvgPool2d", image(RNG.of([1, 3, 64, 512]), SIZES[:20]), {}))


# --- The others ------------------------------------------------------------------------------------------------------


def features():
    def shape(last):
        return [RNG.of([1, 2, 3, 5, 10, 64]) for _ in range(RNG.below(4))] + [last]

    def linear():
        takes = RNG.of([1, 2, 10, 64, 784, 999, 1000, 1024, 9216])
        found = takes + RNG.of([0, 0, 0, 0, 1, -1, RNG.below(30)])
        return "Linear", shape(max(found, 1)), dict(in_features=takes, out_features=RNG.of([1, 10, 128, 1000]))

    def layer_norm():
        takes = RNG.of([1, 2, 5, 32, 64, 768, 1000, 1024])
        found = takes + RNG.of([0, 0, 0, 0, 1, -1, RNG.below(30)])
        return "LayerNorm", shape(max(found, 1)), dict(normalized_shape=[takes])

    def batch_norm():
        takes = RNG.of([1, 2, 3, 16, 64, 512])
        found = max(takes + RNG.of([0, 0, 0, 0, 1, -1]), 1)
        return "BatchNorm2d", image(found, SIZES[:18]), dict(num_features=takes)

    def upsample():
        return "Upsample", image(RNG.of([1, 3, 64, 256]), SIZES[:18]), dict(scale_factor=RNG.of([1, 2, 2, 3, 4, 8]))

    def embedding():
        args = dict(num_embeddings=RNG.of([1, 10, 1000, 30522]), embedding_dim=RNG.of([1, 3, 64, 768]))
        return "Embedding", shape(RNG.of([1, 12, 128])), args

    def heads():
        heads = RNG.of([1, 2, 3, 4, 8, 12])
        embed = heads * RNG.of([1, 2, 8, 64]) + RNG.of([0, 0, 0, 1])
        found = max(embed + RNG.of([0, 0, 0, 1, -1]), 1)
        args = dict(embed_dim=embed, num_heads=heads)
        return "MultiheadAttention", [RNG.of([1, 2, 5]), RNG.of([1, 2, 7, 10, 64]), found], args

    grid(80, linear)
    grid(50, layer_norm)
    for shape_ in [2, 3], [3], [2, 3, 4], [2, 3, 4, 4, 4]:
        case("BatchNorm2d", shape_, num_features=3)
    grid(40, batch_norm)
    grid(30, upsample)
    case("Upsample", [1, 3, 4, 4], scale_factor=0)
    grid(30, embedding)
    grid(60, heads)


def cat():
    end = len(LINES) + 90
    while len(LINES) < end:
        rank = RNG.of([1, 2, 3, 4, 4, 4, 5])
        left = [RNG.of([1, 2, 3, 5, 8]) for _ in range(rank)]
        dim = RNG.below(rank) if RNG.below(2) else min(1, rank - 1)
        right = [RNG.of([1, 2, 16, 64]) if i == dim else n for i, n in enumerate(left)]
        turn = RNG.below(5)
        if turn == 0:
            right[RNG.below(rank)] += 1
        elif turn == 1:
            right = right[:-1] if rank > 2 and RNG.below(2) else right + [1]
        case("cat", left, right, dim=dim)


def rest():
    for shape in [7], [2, 3], [64, 3, 8, 8], [1, 1, 28, 28], [2, 3, 4, 5, 6], [5, 1, 1]:
        for layer in "ReLU", "LeakyReLU", "GELU", "SiLU", "Mish", "Hardswish", "Sigmoid", "Tanh", "Dropout":
            case(layer, shape)
        case("Softmax", shape, dim=-1)
        if len(shape) > 1:
            case("Flatten", shape)
    for shape in [64, 256, 6, 6], [1, 512, 7, 7], [3, 1], [2, 10, 100, 10]:
        case("Flatten", shape)


def signals():
    """Windows over one axis, the other norms, and channels as pixels."""

    def signal(found):
        return [RNG.of(BATCHES), found, RNG.of(SIZES)]

    def conv1d():
        takes, gives, found, groups = channels()
        args = some(
            kernel_size=RNG.of([1, 2, 3, 3, 4, 5, 7, 11]),
            stride=RNG.of([1, 1, 2, 2, 3, 5]),
            padding=RNG.of([0, 0, 1, 2, 5, "same"]),
            dilation=RNG.of([1, 1, 2, 4]),
            groups=groups,
        )
        if args.get("padding") == "same" and RNG.below(8):
            args.pop("stride", None)
        return "Conv1d", signal(found), dict(in_channels=takes, out_channels=gives, **args)

    def pool(layer):
        def draw():
            kernel = RNG.of([1, 2, 2, 3, 4, 5, 7])
            args = dict(kernel_size=kernel)
            if RNG.below(3):
                args["stride"] = RNG.of([1, 2, 3, kernel])
            args |= some(padding=RNG.of([0, 0, 1, kernel // 2, kernel // 2 + 1]))
            if layer == "MaxPool1d":
                args |= some(dilation=RNG.of([1, 1, 2, 3]))
            return layer, signal(RNG.of([1, 3, 64])), args

        return draw

    def batch_norm():
        takes = RNG.of([1, 2, 3, 16, 64])
        found = max(takes + RNG.of([0, 0, 0, 1, -1]), 1)
        return "BatchNorm1d", signal(found)[: RNG.of([2, 3])], dict(num_features=takes)

    def group_norm():
        groups = RNG.of([1, 2, 3, 8])
        takes = groups * RNG.of([1, 2, 4]) + RNG.of([0, 0, 0, 1])
        found = max(takes + RNG.of([0, 0, 0, 1, -1]), 1)
        shape = image(found, SMALL)[: RNG.of([2, 3, 4, 4])]
        return "GroupNorm", shape, dict(num_channels=takes, num_groups=groups)

    def pixel_shuffle():
        factor = RNG.of([1, 2, 2, 3, 4])
        found = factor**2 * RNG.of([1, 2, 3]) + RNG.of([0, 0, 0, 1])
        return "PixelShuffle", image(found, SMALL), dict(upscale_factor=factor)

    def zero_pad():
        return "ZeroPad2d", image(RNG.of([1, 3, 64]), SMALL), dict(padding=RNG.of([0, 1, 1, 2, 3, 7]))

    for layer, args in ("Conv1d", dict(in_channels=3, out_channels=4)), ("MaxPool1d", {}), ("AvgPool1d", {}):
        case(layer, [2, 3, 8, 8], kernel_size=2, **args)
        for wrong in dict(kernel_size=0), dict(kernel_size=2, stride=0), dict(kernel_size=9):
            case(layer, [1, 3, 8], **args, **wrong)
    for shape in [3], [2, 3, 4, 4]:
        case("BatchNorm1d", shape, num_features=3)
    grid(60, conv1d)
    grid(40, pool("MaxPool1d"))
    grid(30, pool("AvgPool1d"))
    grid(24, batch_norm)
    grid(40, group_norm)
    grid(20, pixel_shuffle)
    case("ZeroPad2d", [3], padding=1)
    grid(20, zero_pad)
    for layer in "ReflectionPad2d", "ReplicationPad2d":
        case(layer, [3], padding=1)
        grid(20, lambda: (layer, image(RNG.of([1, 3, 64]), SMALL), dict(padding=RNG.of([0, 1, 1, 2, 3, 7]))))


def more():
    """Activations, norms and what else came later."""
    layers = [
        "ReLU6", "ELU", "SELU", "CELU", "Hardsigmoid", "Hardtanh", "Softplus", "Softsign", "Softshrink", "Hardshrink",
        "Tanhshrink", "LogSigmoid",
    ]
    for shape in [7], [2, 3], [64, 3, 8, 8], [2, 3, 4, 5, 6]:
        for layer in layers:
            case(layer, shape)
        case("LogSoftmax", shape, dim=-1)

    def rms_norm():
        takes = RNG.of([1, 2, 5, 32, 64, 768, 1024])
        found = max(takes + RNG.of([0, 0, 0, 0, 1, -1]), 1)
        return "RMSNorm", [RNG.of([1, 2, 3, 7]) for _ in range(RNG.below(4))] + [found], dict(normalized_shape=[takes])

    def instance_norm():
        axes = 1 + RNG.below(2)
        takes, affine = RNG.of([1, 2, 3, 16, 64]), RNG.of([{}, {}, dict(affine=True)])
        found = max(takes + RNG.of([0, 0, 1, -1]), 1) if affine else takes
        # Of one element there is no deviation, which is no matter of shapes.
        shape = [RNG.of(BATCHES), found] + [RNG.of(SIZES[1:18]) for _ in range(axes)]
        return f"InstanceNorm{axes}d", shape, dict(num_features=takes, **affine)

    def dropout():
        axes = 1 + RNG.below(2)
        return f"Dropout{axes}d", image(RNG.of([1, 3, 64]), SIZES[:18])[: 2 + axes], {}

    def prelu():
        takes = RNG.of([2, 3, 16, 64])
        found = takes + RNG.of([0, 0, 0, 1, -1])
        return "PReLU", image(found, SMALL)[: RNG.of([2, 3, 4])], dict(num_parameters=takes)

    def bilinear():
        return "UpsamplingBilinear2d", image(RNG.of([1, 3, 64]), SMALL), dict(scale_factor=RNG.of([1, 2, 2, 3, 4]))

    grid(40, rms_norm)
    grid(40, instance_norm)
    case("InstanceNorm2d", [2, 3], num_features=3, affine=True)
    grid(16, dropout)
    grid(30, prelu)
    grid(20, bilinear)
    case("UpsamplingBilinear2d", [1, 3, 4, 4], scale_factor=0)


# --- The file --------------------------------------------------------------------------------------------------------


TYPES_RS = """// Shapes that PyTorch gives, as types: written by `goldens/shapes.py`, not by hand. See `shapes.rs`.
&[
%s
]
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--refusals", action="store_true", help="show PyTorch's reasons")
    refusals = parser.parse_args().refusals
    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    torch.backends.mkldnn.enabled = False  # its reasons are its own
    warnings.simplefilter("ignore")
    for family in conv2d, conv_transpose2d, pools, adaptive, features, cat, rest, signals, more:
        family()
    path = HERE / "shapes.json"
    path.write_text(f'{{\n"made_with":"{VERSION}",\n"cases":[\n' + ",\n".join(LINES) + "\n]\n}\n")
    json.loads(path.read_text())
    types = HERE / "types.rs"
    types.write_text(TYPES_RS % "\n".join(f"    same!({line})," for line in TYPES))
    print(f"types.rs: {types.stat().st_size} bytes, {len(TYPES)} combinations")
    print(f"shapes.json: {path.stat().st_size} bytes, {len(LINES)} cases, {REFUSALS.total()} refused")
    if refusals:
        for reason, count in sorted(REFUSALS.items()):
            print(f"{count:5} {reason}")


if __name__ == "__main__":
    sys.exit(main())
