#!/usr/bin/env python3
"""Makes learning.json: the losses of small networks on scikit-learn's sets, step by step, for several optimizers.

    venv/bin/python tests/goldens/learning.py                    # beside this script; see make.py for the packages

A run is a set, an optimizer, the loss of each of its 200 steps (before the step), and what the network has learned in
the end: the share of all samples that it gets right, or for numbers R2, the share of their variance that it explains.

Everything that is not the arithmetic of learning is exact, so that a test has the same numbers bit by bit:

    the network  F -> 32 -> Tanh -> 16 -> Tanh -> C, in f32. With ReLU two right runs can part: in 200 steps of 32 samples a
                 unit comes within 2e-7 of the kink, and one order of additions has it on the other side than another
    its weights  fc1.weight, fc1.bias, fc2.weight, .. from one generator: `Lcg` of make.py with seed 42, whose upper 24
                 bits are a whole number n for each element in C order: (n / 2^23 - 1) / sqrt(F), F the layer's features
    the data     each feature less its smallest value, over its largest less its smallest (or over 1); times 4, less 2;
                 all in f32. The target of `diabetes` less 152, over 77
    the batches  row k of batch t is sample (1009 * (32 * t + k) + 5) % n of n
"""

import json
import math
import sys

import numpy as np
import torch
import torch.nn.functional as F
from sklearn import datasets
from torch import nn

from make import Lcg, write

STEPS, BATCH = 200, 32
SETS = ["iris", "wine", "breast_cancer", "digits", "diabetes"]
OPTIMIZERS = {
    "SGD": lambda p: torch.optim.SGD(p, lr=0.1, foreach=False),
    "SGD, momentum": lambda p: torch.optim.SGD(p, lr=0.02, momentum=0.9, foreach=False),
    "Adam": lambda p: torch.optim.Adam(p, lr=3e-3, foreach=False),
    "AdamW": lambda p: torch.optim.AdamW(p, lr=3e-3, weight_decay=0.1, foreach=False),
    "RMSprop": lambda p: torch.optim.RMSprop(p, lr=1e-3, foreach=False),
    "one-cycle": lambda p: torch.optim.Adam(p, lr=0.01, foreach=False),
}


def data(name):
    bunch = getattr(datasets, f"load_{name}")()
    x = bunch.data.astype(np.float32)
    low, span = x.min(0), x.max(0) - x.min(0)
    x = (x - low) / np.where(span == 0, np.float32(1), span) * np.float32(4) - np.float32(2)
    assert x.dtype == np.float32
    if name == "diabetes":
        y = (torch.tensor(bunch.target, dtype=torch.float32)[:, None] - 152) / 77
        return torch.tensor(x), y, 1
    return torch.tensor(x), torch.tensor(bunch.target), len(bunch.target_names)


def network(features, classes):
    net = nn.Sequential()
    for i, (inputs, outputs) in enumerate([(features, 32), (32, 16), (16, classes)], 1):
        net.add_module(f"fc{i}", nn.Linear(inputs, outputs))
        if i < 3:
            net.add_module(f"tanh{i}", nn.Tanh())
    rng = Lcg(42)
    for layer in net[0], net[2], net[4]:
        for tensor in layer.weight, layer.bias:
            def number():
                rng.below(1)
                return ((rng.state >> 40) / 2**23 - 1) / math.sqrt(layer.in_features)
            values = torch.tensor([number() for _ in range(tensor.numel())], dtype=torch.float64)
            tensor.data = values.to(torch.float32).reshape(tensor.shape)
    return net


def run(name, make):
    x, y, classes = data(name)
    net = network(x.shape[1], classes)
    opt = OPTIMIZERS[make](net.parameters())
    cycle = None
    if make == "one-cycle":
        cycle = torch.optim.lr_scheduler.OneCycleLR(opt, 0.01, total_steps=STEPS, cycle_momentum=False)
    measure = F.mse_loss if name == "diabetes" else F.cross_entropy
    losses = []
    for t in range(STEPS):
        rows = (1009 * (BATCH * t + torch.arange(BATCH)) + 5) % len(x)
        loss = measure(net(x[rows]), y[rows])
        losses.append(float(f"{loss.item():.9g}"))
        opt.zero_grad()
        loss.backward()
        opt.step()
        if cycle:
            cycle.step()
    with torch.no_grad():
        z = net(x).double()
    if name == "diabetes":
        learned = 1 - ((z - y) ** 2).mean() / y.double().var(correction=0)
    else:
        learned = (z.argmax(1) == y).double().mean()
    print(f"{name:14} {make:14} {losses[0]:.4f} -> {losses[-1]:.4f}, {learned:.4f}")
    return json.dumps(dict(set=name, optimizer=make, learned=learned.item(), losses=losses), separators=(",", ":"))


def main():
    torch.set_num_threads(1)
    runs = [run(name, make) for name in SETS for make in OPTIMIZERS]
    write("learning.json", '"runs":[\n' + ",\n".join(runs) + "\n]\n")


if __name__ == "__main__":
    sys.exit(main())
