#!/usr/bin/env python3
"""Makes minimizers.json: what optimizers beyond one formula for each element do, and means of networks.

    venv/bin/python tests/goldens/minimizers.py                  # beside this script; see make.py for the packages

"lbfgs" has runs {"problem": .., "params": .., "losses": [the loss before each step], "end": [the parameters after]}, in f64,
by torch.optim.LBFGS. "muon" has runs {"shape": .., "params": .., "f32": [[..], ..], "f64": ..}, the elements after each kept
step, under the gradients that make.py gives optimizers. They are not torch.optim.Muon's, which iterates in bfloat16: here is its code with
the iteration in the parameter's own type, held to torch's within what bfloat16 resolves. "lookahead" has the like, of Zhang et al.'s
algorithm around torch's optimizers. "averaged" has torch.optim.swa_utils.AveragedModel's parameter and buffer after each
update.
"""

import json
import math
import sys

import torch
from torch.optim import swa_utils

import make
from make import HERE, VERSION

make.RNG = make.Lcg(77)
START = make.RNG.values(24)
KEPT = [1, 2, 7, 20]
TYPES = ("f32", torch.float32), ("f64", torch.float64)


def gradient(t, like):
    count = like.numel()
    values = [(((37 * i + 11 * t) % 64) - 31) / 32 for i in range(count)]
    return torch.tensor(values, dtype=like.dtype).view_as(like)


def rosenbrock():
    x = torch.tensor([-1.2, 1.0, 0.5, -0.5, 2.0, 0.0], dtype=torch.float64, requires_grad=True)
    return [x], lambda: (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()


def wave(shape, scale, phase):
    count = math.prod(shape)
    return torch.tensor([scale * math.sin(1.7 * i + phase) for i in range(count)], dtype=torch.float64).view(shape)


def logistic():
    x, y = wave([20, 4], 2.0, 0.3), (wave([20], 1.0, 1.1) > 0).double()
    w, b = wave([4], 0.5, 0.0).requires_grad_(), torch.zeros([], dtype=torch.float64, requires_grad=True)
    loss = torch.nn.functional.binary_cross_entropy_with_logits
    return [w, b], lambda: loss(x @ w + b, y) + 0.01 * w.square().sum()


def network():
    x, y = wave([16, 3], 1.5, 0.2), wave([16, 2], 1.0, 0.9)
    ws = [wave([3, 5], 0.7, 0.1).requires_grad_(), wave([5, 2], 0.7, 0.5).requires_grad_()]
    return ws, lambda: ((x @ ws[0]).tanh() @ ws[1] - y).square().mean()


def lbfgs():
    search = dict(line_search_fn="strong_wolfe")
    settings = [
        dict(lr=1.0, **search), dict(lr=0.5, max_iter=4, history_size=3, **search),
        dict(lr=1.0, max_iter=6, max_eval=30, tolerance_grad=1e-3, **search), dict(lr=0.1), dict(lr=0.02, max_iter=5, history_size=2),
    ]
    for problem in rosenbrock, logistic, network:
        for params in settings:
            if problem is rosenbrock and "line_search_fn" not in params:
                params = dict(params, lr=params["lr"] / 100)  # the valley throws longer steps out
            xs, loss = problem()
            opt, losses = torch.optim.LBFGS(xs, **params), []

            def closure():
                opt.zero_grad()
                y = loss()
                y.backward()
                return y

            for _ in range(5):
                losses.append(opt.step(closure).item())
            end = torch.cat([x.detach().flatten() for x in xs]).tolist()
            yield dict(problem=problem.__name__, params=params, losses=losses, end=end)


def orthogonal(grad, steps, eps):
    a, b, c = 3.4445, -4.7750, 2.0315
    x = grad.T if grad.size(0) > grad.size(1) else grad
    x = x / x.norm().clamp(min=eps)
    for _ in range(steps):
        gram = x @ x.T
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.T if grad.size(0) > grad.size(1) else x


def muon():
    runs = [
        ([4, 3], dict(lr=0.1)), ([3, 4], dict(lr=0.1, momentum=0.8, nesterov=False)), ([1, 7], dict(lr=0.05, weight_decay=0.0)),
        ([4, 4], dict(lr=0.1, ns_steps=3, eps=1e-3)), ([8, 2], dict(lr=0.02, adjust_lr_fn="match_rms_adamw")),
        ([3, 2, 2, 2], dict(lr=0.1)),
    ]
    for shape, params in runs:
        line = dict(shape=shape, params=params)
        for name, dtype in TYPES:
            p = torch.tensor(START[: math.prod(shape)], dtype=dtype).view(shape)
            same = torch.nn.Parameter(p.clone())
            theirs, kept = torch.optim.Muon([same], **params) if p.ndim == 2 else None, []
            mean, momentum = torch.zeros_like(p), params.get("momentum", 0.95)
            rows, columns = p.flatten(1).shape
            scale = 0.2 * math.sqrt(max(rows, columns)) if "adjust_lr_fn" in params else math.sqrt(max(1, rows / columns))
            for t in range(KEPT[-1]):
                g = gradient(t, p)
                mean = mean.lerp(g, 1 - momentum)
                along = g.lerp(mean, momentum) if params.get("nesterov", True) else mean
                step = orthogonal(along.flatten(1), params.get("ns_steps", 5), params.get("eps", 1e-7))
                p = p * (1 - params["lr"] * params.get("weight_decay", 0.1)) - params["lr"] * scale * step.view_as(p)
                if theirs is not None:
                    same.grad = g
                    theirs.step()
                if t + 1 in KEPT:
                    kept.append(p.flatten().tolist())
            if theirs is not None:
                off = (same.detach() - p).abs().max().item()
                assert off < 0.02 * params["lr"] * KEPT[-1] * scale, (shape, params, off)
            line[name] = kept
        yield line


def lookahead():
    runs = [
        ("sgd", torch.optim.SGD, dict(lr=0.1, momentum=0.9), 5, 0.5), ("sgd", torch.optim.SGD, dict(lr=0.1), 1, 0.25),
        ("adam", torch.optim.Adam, dict(lr=0.05), 3, 0.8), ("adam", torch.optim.Adam, dict(lr=0.05), 2, 1.0),
    ]
    for name, make_opt, params, steps, alpha in runs:
        line = dict(op=name, params=params, steps=steps, alpha=alpha)
        for dtype_name, dtype in TYPES:
            fast = torch.tensor(START, dtype=dtype, requires_grad=True)
            opt, slow, kept = make_opt([fast], foreach=False, **params), fast.detach().clone(), []
            for t in range(KEPT[-1]):
                fast.grad = gradient(t, fast)
                opt.step()
                if (t + 1) % steps == 0:
                    slow += alpha * (fast.detach() - slow)
                    fast.data.copy_(slow)
                if t + 1 in KEPT:
                    kept.append(fast.tolist())
            line[dtype_name] = kept
        yield line


class Pair(torch.nn.Module):
    """A parameter and a buffer, which are sines of the step."""

    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(3, dtype=torch.float64))
        self.register_buffer("seen", torch.zeros(2, dtype=torch.float64))
        self.put(0)

    def put(self, t):
        self.weight.data = wave([3], 1.0, 0.7 * t)
        self.seen = wave([2], 2.0, 0.3 * t)


def averaged():
    for decay in None, 0.9, 0.0, 1.0:
        fn = swa_utils.get_swa_multi_avg_fn() if decay is None else swa_utils.get_ema_multi_avg_fn(decay)
        net, states = Pair(), []
        mean = swa_utils.AveragedModel(net, multi_avg_fn=fn)
        for t in range(1, 6):
            net.put(t)
            mean.update_parameters(net)
            states.append(mean.module.weight.tolist() + mean.module.seen.tolist())
        yield dict(decay=decay, states=states)


def main():
    parts = dict(lbfgs=list(lbfgs()), muon=list(muon()), lookahead=list(lookahead()), averaged=list(averaged()))
    head = dict(about=VERSION, start=START, kept=KEPT)
    lines = [f'"{name}":[\n' + ",\n".join(json.dumps(run) for run in runs) + "\n]" for name, runs in parts.items()]
    path = HERE / "minimizers.json"
    path.write_text(json.dumps(head)[:-1] + ",\n" + ",\n".join(lines) + "}\n")
    print(path.name, path.stat().st_size, "bytes", file=sys.stderr)


if __name__ == "__main__":
    main()
