#!/usr/bin/env python3
"""Makes curves.json: the losses of a perceptron on images like MNIST's and of a convolutional net on images like CIFAR's.

    venv/bin/python tests/goldens/curves.py                      # beside this script; see make.py for the packages

A run is its name and the loss of each of its 200 steps, before the step. Everything that is not the arithmetic of learning
is exact, so that a test has the same numbers bit by bit:

    mlp       [1, 28, 28] -> Flatten -> 128 -> ReLU -> 64 -> ReLU -> 10, by Adam with a rate of 1e-3, 32 images a step
    conv      [3, 32, 32] -> conv1 8, bn1, ReLU, MaxPool 2 -> conv2 16, bn2, ReLU, MaxPool 2 -> conv3 32, bn3, ReLU, mean of
              each channel -> 10, windows of 3 x 3 with padding 1 and without bias, by SGD with momentum 0.9 and a rate of
              0.02, 16 images a step
    weights   from `Lcg` of make.py with seed 42 in the order of the layers, weight before bias: the upper 24 bits are a
              whole number n for each element in C order, which becomes (n / 2^23 - 1) / sqrt(inputs of an output). Norms
              start with ones and zeros
    images    320, image i of class i % 10: stripes, whose direction is the class's, and noise. Pixel (y, x) of channel c is
              ((1 + class % 5) x + (1 + 3 (class / 5)) y + 5 c + shift) % 16 * 8 + noise, over 256, less 1/2; shift, below 4,
              is the image's, noise, below 128, the pixel's, both from `Lcg` with seed 7, in the order of the files
    batches   row k of batch t is image (1009 (B t + k) + 5) % 320, for batches of B

With ReLU two right runs part in time: see learning.py. `--apart` prints how far another order of additions does.
"""

import json
import math
import sys

import torch
import torch.nn.functional as F
from torch import nn

from make import Lcg, write

STEPS, IMAGES = 200, 320


def images(channels, size):
    rng, x = Lcg(7), torch.empty(IMAGES, channels, size, size)
    for i in range(IMAGES):
        cls, shift = i % 10, rng.below(4)
        a, b = 1 + cls % 5, 1 + 3 * (cls // 5)
        pixels = [
            (a * col + b * row + 5 * c + shift) % 16 * 8 + rng.below(128)
            for c in range(channels) for row in range(size) for col in range(size)
        ]
        x[i] = torch.tensor(pixels, dtype=torch.float32).reshape(channels, size, size) / 256 - 0.5
    return x, torch.arange(IMAGES) % 10


def conv(inputs, outputs):
    return [nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()]


def start(net):
    rng = Lcg(42)

    def number(inputs):
        rng.below(1)
        return ((rng.state >> 40) / 2**23 - 1) / math.sqrt(inputs)

    for layer in net:
        if isinstance(layer, (nn.Linear, nn.Conv2d)):
            inputs = layer.weight[0].numel()
            for tensor in [layer.weight] + ([layer.bias] if layer.bias is not None else []):
                values = torch.tensor([number(inputs) for _ in range(tensor.numel())], dtype=torch.float64)
                tensor.data = values.to(torch.float32).reshape(tensor.shape)
    return net


RUNS = {
    "mlp": (1, 28, 32, lambda: nn.Sequential(
        nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 10),
    ), lambda p: torch.optim.Adam(p, lr=1e-3, foreach=False)),
    "conv": (3, 32, 16, lambda: nn.Sequential(
        *conv(3, 8), nn.MaxPool2d(2), *conv(8, 16), nn.MaxPool2d(2), *conv(16, 32), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
        nn.Linear(32, 10),
    ), lambda p: torch.optim.SGD(p, lr=0.02, momentum=0.9, foreach=False)),
}


def run(name, x, y, double=False):
    _, _, batch, make, optimizer = RUNS[name]
    net = start(make())
    if double:
        net, x = net.double(), x.double()
    opt = optimizer(net.parameters())
    losses = []
    for t in range(STEPS):
        rows = (1009 * (batch * t + torch.arange(batch)) + 5) % IMAGES
        loss = F.cross_entropy(net(x[rows]), y[rows])
        losses.append(float(f"{loss.item():.9g}"))
        opt.zero_grad()
        loss.backward()
        opt.step()
    return losses


def main():
    torch.set_num_threads(1)
    lines = []
    for name in RUNS:
        x, y = images(*RUNS[name][:2])
        losses = run(name, x, y)
        print(f"{name:6} {losses[0]:.4f} -> {losses[-1]:.4f}")
        if "--apart" in sys.argv:
            off = lambda other: max(abs(a - b) / max(a, 0.1) for a, b in zip(losses, other))
            print(f"{name:6} in double {off(run(name, x, y, True)):.2e}")
            # The channels in another order: other sums of the same numbers.
            print(f"{name:6} oneDNN off {off(without(lambda: run(name, x, y))):.2e}")
        lines.append(json.dumps(dict(net=name, losses=losses), separators=(",", ":")))
    write("curves.json", '"runs":[\n' + ",\n".join(lines) + "\n]\n")


def without(f):
    with torch.backends.mkldnn.flags(enabled=False):
        return f()


if __name__ == "__main__":
    sys.exit(main())
