#!/usr/bin/env python3
"""Times steps of the network of `cifar_speedrun` in PyTorch, as eager code in channels-last memory.

    python3 examples/benches/cifar_speedrun.py [--threads N] [--steps N] [--compile]

Prints seconds of a step of 1,024 images and of the 48 steps of an epoch. The work of a step does not depend on what the images
show, so they are random.
"""

import argparse
import statistics
import time

import torch
from torch import nn
from torch.nn.functional import cross_entropy


class Group(nn.Sequential):
    def __init__(self, inputs, outputs):
        super().__init__(
            nn.Conv2d(inputs, outputs, 3, padding=1, bias=False),
            nn.MaxPool2d(2),
            nn.BatchNorm2d(outputs),
            nn.GELU(),
            nn.Conv2d(outputs, outputs, 3, padding=1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.GELU(),
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--compile", action="store_true")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    net = nn.Sequential(
        nn.Conv2d(3, 24, 2),
        nn.GELU(),
        Group(24, 64),
        Group(64, 256),
        Group(256, 256),
        nn.MaxPool2d(3),
        nn.Flatten(),
        nn.Linear(256, 10, bias=False),
    ).to(memory_format=torch.channels_last)
    net[0].weight.requires_grad = False
    optimizer = torch.optim.SGD((p for p in net.parameters() if p.requires_grad), 1e-3, momentum=0.85, nesterov=True)
    forward = torch.compile(net) if arguments.compile else net
    x = torch.randn(1024, 3, 32, 32).to(memory_format=torch.channels_last)
    y = torch.randint(10, (1024,))
    times = []
    for _ in range(arguments.steps + 1):
        start = time.perf_counter()
        loss = cross_entropy(forward(x) / 9, y, label_smoothing=0.2)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        times.append(time.perf_counter() - start)
    step = statistics.median(times[1:])
    print(f"a step {step:.2f} s, an epoch {48 * step:.0f} s")


if __name__ == "__main__":
    main()
