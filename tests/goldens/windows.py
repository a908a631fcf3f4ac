#!/usr/bin/env python3
"""Makes windows.json: whole layers over signals and with windows that are not square, as torch.nn has them.

    venv/bin/python tests/goldens/windows.py                     # beside this script; see make.py for the packages

A case is one line:

    name       the layer and its arguments, as tests/parity/windows.rs spells them
    input      shape and values in C order
    state      the layer's parameters by name, values in C order
    shape, y   of the result in training, from f64
    d          the gradient of sum(y * weights(y)) by the input (see make.py), then by each parameter
"""

import json
import pathlib

import torch
from torch import nn

import make

make.RNG = make.Lcg(2011)


def values(shape):
    """Numbers from -2 to 2 that no two are equal of, and that f32 holds."""
    count = 1
    for n in shape:
        count *= n
    return [(i - count / 2) * 4 / 256 for i in make.RNG.shuffled(range(count))]


def weights(y):
    numbers = torch.arange(y.numel(), dtype=torch.float64)
    return ((2 * (37 * numbers % 64) - 63) / 32).reshape(y.shape)


def case(name, layer, shape):
    layer = layer.double()
    for parameter in layer.parameters():
        parameter.data = torch.tensor(values(parameter.shape), dtype=torch.float64).reshape(parameter.shape)
    x = torch.tensor(values(shape), dtype=torch.float64).reshape(shape).requires_grad_()
    y = layer(x)
    (y * weights(y)).sum().backward()
    flat = lambda t: [float(f"{n:.12g}") for n in t.detach().flatten().tolist()]
    return {
        "name": name,
        "input": {"shape": list(shape), "values": flat(x)},
        "state": {key: flat(value) for key, value in layer.named_parameters()},
        "shape": list(y.shape),
        "y": flat(y),
        "d": [flat(x.grad)] + [flat(p.grad) for p in layer.parameters()],
    }


CASES = [
    case("Conv1d<3, 4, 3>", nn.Conv1d(3, 4, 3), (2, 3, 9)),
    case("Conv1d<4, 6, 3, stride = 2, padding = 1, groups = 2>", nn.Conv1d(4, 6, 3, 2, 1, groups=2), (2, 4, 8)),
    case('Conv1d<2, 3, 4, padding = "same", dilation = 2, bias = false>',
         nn.Conv1d(2, 3, 4, padding="same", dilation=2, bias=False), (1, 2, 7)),
    case("MaxPool1d<3, stride = 2, padding = 1>", nn.MaxPool1d(3, 2, 1), (2, 3, 8)),
    case("MaxPool1d<2, stride = 1, dilation = 2>", nn.MaxPool1d(2, 1, 0, 2), (2, 2, 6)),
    case("AvgPool1d<3, stride = 2, padding = 1>", nn.AvgPool1d(3, 2, 1), (2, 3, 8)),
    case("BatchNorm1d<4> of [batch, channels]", nn.BatchNorm1d(4), (5, 4)),
    case("BatchNorm1d<3> of [batch, channels, length]", nn.BatchNorm1d(3), (2, 3, 5)),
    case("GroupNorm<4, 2> of [batch, channels]", nn.GroupNorm(2, 4), (3, 4)),
    case("GroupNorm<6, 3> of images", nn.GroupNorm(3, 6), (2, 6, 3, 2)),
    case("Conv2d<2, 3, (1, 7), padding = (0, 3)>", nn.Conv2d(2, 3, (1, 7), padding=(0, 3)), (1, 2, 4, 8)),
    case("Conv2d<2, 4, (3, 2), stride = (2, 1), padding = (1, 0), dilation = (1, 2)>",
         nn.Conv2d(2, 4, (3, 2), (2, 1), (1, 0), (1, 2)), (2, 2, 5, 6)),
    case("ConvTranspose2d<3, 2, (2, 3), stride = (1, 2), output_padding = (0, 1)>",
         nn.ConvTranspose2d(3, 2, (2, 3), (1, 2), output_padding=(0, 1)), (1, 3, 3, 4)),
    case("MaxPool2d<(3, 1), stride = (1, 2), padding = (1, 0)>", nn.MaxPool2d((3, 1), (1, 2), (1, 0)), (2, 2, 4, 5)),
    case("PixelShuffle<2>", nn.PixelShuffle(2), (2, 8, 2, 3)),
    case("AvgPool2d<(1, 2)>", nn.AvgPool2d((1, 2)), (2, 2, 3, 4)),
    case("ZeroPad2d<2>", nn.ZeroPad2d(2), (2, 2, 1, 3)),
    case("ReflectionPad2d<2>", nn.ReflectionPad2d(2), (2, 2, 3, 4)),
    case("ReplicationPad2d<2>", nn.ReplicationPad2d(2), (2, 2, 1, 3)),
    case("RmsNorm<6>", nn.RMSNorm(6), (3, 2, 6)),
    case("InstanceNorm1d<3>", nn.InstanceNorm1d(3), (2, 3, 5)),
    case("InstanceNorm1d<3, affine = true>", nn.InstanceNorm1d(3, affine=True), (2, 3, 9)),
    case("InstanceNorm2d<2>", nn.InstanceNorm2d(2), (2, 2, 3, 4)),
    case("InstanceNorm2d<2, affine = true>", nn.InstanceNorm2d(2, affine=True), (2, 2, 2, 3)),
    case("PRelu<3> of [batch, channels]", nn.PReLU(3), (4, 3)),
    case("PRelu<2> of images", nn.PReLU(2), (2, 2, 3, 2)),
    case("UpsamplingBilinear2d<2>", nn.UpsamplingBilinear2d(scale_factor=2), (1, 2, 3, 4)),
    case("UpsamplingBilinear2d<3, align_corners = false>", nn.Upsample(scale_factor=3, mode="bilinear"), (2, 1, 2, 3)),
    case("GeluTanh", nn.GELU(approximate="tanh"), (3, 5)),
    case("LogSoftmax", nn.LogSoftmax(-1), (3, 5)),
    case("Softplus", nn.Softplus(), (3, 5)),
    case("Hardtanh", nn.Hardtanh(), (3, 5)),
    case("Softshrink", nn.Softshrink(), (3, 5)),
    case("Hardshrink", nn.Hardshrink(), (3, 5)),
    case("Elu", nn.ELU(), (3, 5)),
]

if __name__ == "__main__":
    lines = ",\n".join(json.dumps(case) for case in CASES)
    path = pathlib.Path(__file__).with_name("windows.json")
    path.write_text(f'{{"made_with": "torch {torch.__version__}",\n"cases": [\n{lines}\n]}}\n')
