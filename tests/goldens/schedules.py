#!/usr/bin/env python3
"""Makes schedules.json: the learning rates of PyTorch's schedulers, in f64, one a step from step 0 on.

    venv/bin/python tests/goldens/schedules.py                   # beside this script; see make.py for the packages

A line of "runs" is {"op": a scheduler, "params": its arguments, "rates": [..]}. The base rate is 0.1. `ReduceLROnPlateau`
has the metric's values in "metrics": a rate is the one after that value. A chain is {"first": .., "milestone": ..,
"next": ..}, both with "op" and "params".
"""

import json
import math
import sys
import warnings

import torch
from torch.optim import lr_scheduler as s

from make import HERE, VERSION

STEPS = 70
RUNS = [
    ("ConstantLR", dict()),
    ("ConstantLR", dict(factor=0.25, total_iters=20)),
    ("LinearLR", dict()),
    ("LinearLR", dict(start_factor=0.01, end_factor=0.75, total_iters=50)),
    ("StepLR", dict(step_size=7)),
    ("StepLR", dict(step_size=20, gamma=0.5)),
    ("MultiStepLR", dict(milestones=[10, 30, 30, 55])),
    ("MultiStepLR", dict(milestones=[40, 5], gamma=0.3)),
    ("ExponentialLR", dict(gamma=0.95)),
    ("PolynomialLR", dict(total_iters=50)),
    ("PolynomialLR", dict(total_iters=40, power=2.5)),
    ("CosineAnnealingLR", dict(T_max=50)),
    ("CosineAnnealingLR", dict(T_max=13, eta_min=0.01)),
    ("CosineAnnealingWarmRestarts", dict(T_0=17)),
    ("CosineAnnealingWarmRestarts", dict(T_0=5, T_mult=2, eta_min=0.01)),
    ("CosineAnnealingWarmRestarts", dict(T_0=2, T_mult=3)),
    ("OneCycleLR", dict(max_lr=0.1, total_steps=STEPS)),
    ("OneCycleLR", dict(max_lr=0.2, total_steps=STEPS, pct_start=0.25, anneal_strategy="linear")),
    ("OneCycleLR", dict(max_lr=0.1, total_steps=STEPS, three_phase=True, div_factor=10.0, final_div_factor=100.0)),
    ("OneCycleLR", dict(max_lr=0.1, total_steps=STEPS, pct_start=0.4, anneal_strategy="linear", three_phase=True)),
]
WARMUP = ("LinearLR", dict(start_factor=0.05, total_iters=10))
CHAINS = [
    (WARMUP, 10, ("CosineAnnealingLR", dict(T_max=60))),
    (WARMUP, 10, ("StepLR", dict(step_size=15))),
    (("ConstantLR", dict(factor=0.1, total_iters=20)), 20, ("ExponentialLR", dict(gamma=0.9))),
    (("ExponentialLR", dict(gamma=0.9)), 12, ("CosineAnnealingWarmRestarts", dict(T_0=8, T_mult=2))),
]
FALLING = [1.0 / (1 + min(t, 12)) for t in range(STEPS)]
NOISY = [math.sin(37.0 * t) + 20.0 / (1 + t) for t in range(STEPS)]
PLATEAUS = [
    (dict(), FALLING),
    (dict(factor=0.5, patience=3), FALLING),
    (dict(factor=0.5, patience=2, cooldown=4), NOISY),
    (dict(factor=0.3, patience=1, mode="max", min_lr=0.001), NOISY),
    (dict(factor=0.5, patience=2, threshold=0.05, threshold_mode="abs"), FALLING),
    (dict(factor=0.7, patience=0, mode="max", threshold=0.5, threshold_mode="abs", cooldown=1), NOISY),
    (dict(factor=0.1, patience=0, threshold=0.2, eps=1e-4), FALLING),
]


def optimizer():
    return torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)


def rates(opt, scheduler, metrics=None):
    found = []
    for t in range(STEPS):
        if metrics is None:
            found.append(opt.param_groups[0]["lr"])
        opt.step()
        if metrics is not None:
            scheduler.step(metrics[t])
            found.append(opt.param_groups[0]["lr"])
        elif t + 1 < STEPS:
            scheduler.step()
    return found


def make(opt, op, params):
    return getattr(s, op)(opt, **params, **({"cycle_momentum": False} if op == "OneCycleLR" else {}))


def main():
    warnings.simplefilter("ignore")
    runs = []
    for op, params in RUNS:
        opt = optimizer()
        runs.append(dict(op=op, params=params, rates=rates(opt, make(opt, op, params))))
    for first, milestone, then in CHAINS:
        opt = optimizer()
        parts = [make(opt, *part) for part in (first, then)]
        named = [dict(op=op, params=params) for op, params in (first, then)]
        found = rates(opt, s.SequentialLR(opt, parts, milestones=[milestone]))
        runs.append(dict(first=named[0], milestone=milestone, next=named[1], rates=found))
    for params, metrics in PLATEAUS:
        opt = optimizer()
        found = rates(opt, s.ReduceLROnPlateau(opt, **params), metrics)
        runs.append(dict(op="ReduceLROnPlateau", params=params, metrics=metrics, rates=found))
    lines = ",\n".join(json.dumps(run, separators=(",", ":")) for run in runs)
    path = HERE / "schedules.json"
    path.write_text(f'{{\n"made_with":"{VERSION}",\n"runs":[\n{lines}\n]\n}}\n')
    print(f"schedules.json: {path.stat().st_size} bytes, {len(runs)} runs")


if __name__ == "__main__":
    sys.exit(main())
