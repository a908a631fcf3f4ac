#!/usr/bin/env python3
"""Makes losses.json: every loss with its settings and reductions, in the format that make.py describes.

    venv/bin/python tests/goldens/losses.py                      # beside this script; see make.py for the packages

An operation is PyTorch's module by its name there, and its params are the module's arguments. Labels, lengths and weights are
params, too. Where PyTorch has no second gradient, the loss is written with operations that have one, and held against
PyTorch's own.
"""

import itertools
import math
import sys

import torch
import torch.nn.functional as F

import make
from make import ANY, CASES, Input, between, case, large, write

make.RNG = make.Lcg(1806)

INF = math.inf
REDUCTIONS = "none", "sum", "mean"


def labels(count, classes, ignored=None):
    """Of all classes but one that is ignored, and some that are."""
    list = [make.RNG.below(classes) for _ in range(count)]
    if ignored is not None:
        list = [ignored if i % 3 == 1 else label if label != ignored else 0 for i, label in enumerate(list)]
    return list


def tensor(list, like):
    return None if list is None else torch.tensor(list, dtype=like.dtype)


# --- Classes ---------------------------------------------------------------------------------------------------------

SCORES = [
    ([1, 1], None), ([1, 7], None), ([3, 5], None), ([5, 2], None), ([3, 17], None), ([2, 40], None), ([3, 1], [3, 4]),
    ([4], [3, 4]), ([2, 3, 4], None), ([2, 3, 2, 2], None), ([1, 2, 1, 3], None), ([4, 1], [2, 4, 3]),
]


def classes():
    settings = itertools.cycle(itertools.product((False, True), (-100, 1), (0.0, 0.25)))
    for (shape, expand), reduction in itertools.product(SCORES, REDUCTIONS):
        n, c, *rest = expand or shape
        for _ in range(2):
            weighted, ignored, smoothing = next(settings)
            weight = make.RNG.values(c, 0.25, 2.0) if weighted else None
            of = labels(n * math.prod(rest), c, ignored if c > 1 else None)
            values = large if shape == [2, 40] else ANY

            def ce(x):
                y = torch.tensor(of).reshape(n, *rest)
                return F.cross_entropy(x, y, tensor(weight, x), ignore_index=ignored, reduction=reduction, label_smoothing=smoothing)

            case("CrossEntropyLoss", ce, Input(shape, values, expand=expand), labels=of, weight=weight, ignore_index=ignored,
                 reduction=reduction, label_smoothing=smoothing)

        def nll(x):
            y = torch.tensor(of).reshape(n, *rest)
            return F.nll_loss(x, y, tensor(weight, x), ignore_index=ignored, reduction=reduction)

        case("NLLLoss", nll, Input(shape, ANY, expand=expand), labels=of, weight=weight, ignore_index=ignored, reduction=reduction)
    for (shape, expand), reduction in itertools.product(SCORES[:5] + SCORES[6:10], REDUCTIONS):
        n, c, *rest = expand or shape
        weighted, _, smoothing = next(settings)
        weight = make.RNG.values(c, 0.25, 2.0) if weighted else None

        def soft(x, y):
            return F.cross_entropy(x, y, tensor(weight, x), reduction=reduction, label_smoothing=smoothing)

        case("CrossEntropyLoss", soft, Input(shape, ANY, expand=expand), Input(expand or shape, between(0.0, 1.0)), weight=weight,
             reduction=reduction, label_smoothing=smoothing)
    next(settings)
    for reduction in REDUCTIONS:
        # The middle row is ignored, the last one impossible.
        rows = [-INF, 0.0, 1.0, 2.0, 0.5, -1.0, 0.0, -INF, 1.0]
        of = [1, -100, 1]
        case("CrossEntropyLoss", lambda x: F.cross_entropy(x, torch.tensor(of), reduction=reduction), Input([3, 3], rows), kinks=True,
             labels=of, weight=None, ignore_index=-100, reduction=reduction, label_smoothing=0.0)
    nothing = [-100, -100]
    case("CrossEntropyLoss", lambda x: F.cross_entropy(x, torch.tensor(nothing)), Input([2, 3], ANY), kinks=True, labels=nothing,
         weight=None, ignore_index=-100, reduction="mean", label_smoothing=0.0)


def multi_margin(x, y, p, margin, weight, reduction):
    """With second gradients, which PyTorch's has not."""
    n, c = x.shape
    beyond = torch.relu(margin - x.gather(1, y[:, None]) + x) ** p * (1 - F.one_hot(y, c))
    each = beyond.sum(1) / c * (1 if weight is None else weight[y])
    own = F.multi_margin_loss(x, y, p, margin, weight, reduction="none")
    assert torch.allclose(each, own), (each, own)
    return {"none": each, "sum": each.sum(), "mean": each.mean()}[reduction]


def hinges():
    settings = itertools.cycle(itertools.product((1, 2), (1.0, 0.75), (False, True)))
    for (shape, expand), reduction in itertools.product(SCORES[:8], REDUCTIONS):
        n, c = expand or shape
        p, margin, weighted = next(settings)
        weight = make.RNG.values(c, 0.25, 2.0) if weighted else None
        of = labels(n, c)
        case("MultiMarginLoss", lambda x: multi_margin(x, torch.tensor(of), p, margin, tensor(weight, x), reduction),
             Input(shape, ANY, expand=expand), labels=of, p=p, margin=margin, weight=weight, reduction=reduction)
    for (shape, expand), reduction in itertools.product(make.SHAPES, REDUCTIONS):
        of = [2 * make.RNG.below(2) - 1 for _ in range(math.prod(expand or shape))]
        margin = next(settings)[1]

        def hinge(x):
            y = torch.tensor(of).reshape(x.shape)
            return F.hinge_embedding_loss(x, y, margin, reduction=reduction)

        case("HingeEmbeddingLoss", hinge, Input(shape, ANY, expand=expand), labels=of, margin=margin, reduction=reduction)


# --- Elements --------------------------------------------------------------------------------------------------------


def binary_cross_entropy(x, y, weight=None, reduction="mean"):
    """With second gradients that are exact: PyTorch's has a part of 1e-12 in them."""
    each = -(y * torch.log(x).clamp(min=-100) + (1 - y) * torch.log1p(-x).clamp(min=-100))
    each = each if weight is None else each * weight
    own = F.binary_cross_entropy(x, y, weight, reduction="none")
    assert torch.allclose(each, own), (each, own)
    return {"none": each, "sum": each.sum(), "mean": each.mean()}[reduction]


def elements():
    unit, share = between(0.0625, 0.9375), between(0.125, 1.0)
    for (shape, expand), reduction in itertools.product(make.SHAPES, REDUCTIONS):
        full = expand or shape

        def pair(op, f, left=ANY, right=ANY, **params):
            both = Input(shape, left, expand=expand), Input(full, right)
            case(op, lambda x, y: f(x, y, reduction=reduction), *both, reduction=reduction, **params)

        def weights():
            return make.RNG.values(full[-1] if full else 1, 0.25, 2.0)

        pair("MSELoss", F.mse_loss)
        pair("L1Loss", F.l1_loss)
        for delta in 0.75, 2.0:
            pair("HuberLoss", lambda x, y, reduction: F.huber_loss(x, y, reduction, delta), delta=delta)
        for beta in 0.0, 0.5:
            pair("SmoothL1Loss", lambda x, y, reduction: F.smooth_l1_loss(x, y, reduction=reduction, beta=beta), beta=beta)
        pair("KLDivLoss", F.kl_div, right=share, log_target=False)
        pair("KLDivLoss", lambda x, y, reduction: F.kl_div(x, y, reduction=reduction, log_target=True), log_target=True)
        pair("BCELoss", binary_cross_entropy, unit, unit, weight=None)
        pair("BCEWithLogitsLoss", F.binary_cross_entropy_with_logits, right=unit, weight=None, pos_weight=None)
        if full:
            w, p = weights(), weights()

            def bce(x, y, reduction):
                return binary_cross_entropy(x, y, tensor(w, x), reduction=reduction)

            def logits(x, y, reduction):
                return F.binary_cross_entropy_with_logits(x, y, tensor(w, x), reduction=reduction, pos_weight=tensor(p, x))

            pair("BCELoss", bce, unit, unit, weight=w)
            pair("BCEWithLogitsLoss", logits, right=unit, weight=w, pos_weight=p)
    for shape in [3], [3, 5], [2, 3, 4]:
        for log_target in False, True:
            f = lambda x, y: F.kl_div(x, y, reduction="batchmean", log_target=log_target)
            case("KLDivLoss", f, Input(shape, ANY), Input(shape, share), reduction="batchmean", log_target=log_target)
    for reduction in REDUCTIONS:
        far = Input([8], [1000.0, 1000.0, -1000.0, -1000.0, 30.0, -30.0, 100.0, -100.0])
        sure = Input([8], [0.0, 1.0] * 4, wants=False)
        case("BCEWithLogitsLoss", lambda x, y: F.binary_cross_entropy_with_logits(x, y, reduction=reduction), far, sure,
             reduction=reduction, weight=None, pos_weight=None)
        for op, f in ("MSELoss", F.mse_loss), ("L1Loss", F.l1_loss):
            case(op, lambda x, y: f(x, y, reduction=reduction), Input([3, 5], large), Input([3, 5], large), reduction=reduction)
        # Where they are equal, and where one is infinite.
        special = [1.0, -1.0, 0.0, 2.0, INF, -INF, math.nan]
        zeros = Input([7], [0.0] * 7)
        case("L1Loss", lambda x, y: F.l1_loss(x, y, reduction=reduction), Input([7], special), zeros, kinks=True, reduction=reduction)
        kinked = Input([6], special[:4] + special[6:] * 2)
        case("HuberLoss", lambda x, y: F.huber_loss(x, y, reduction, 1.0), kinked, Input([6], [0.0] * 6), kinks=True,
             reduction=reduction, delta=1.0)


# --- Vectors ---------------------------------------------------------------------------------------------------------

VECTORS = [([1, 1], None), ([1, 4], None), ([3, 5], None), ([5, 2], None), ([3, 1], [3, 4]), ([2, 3, 4], None), ([4, 19], None)]


def vectors():
    margins = itertools.cycle((0.0, -0.25, 0.5))
    for (shape, expand), reduction in itertools.product(VECTORS, REDUCTIONS):
        *list, d = expand or shape
        margin, of = next(margins), [2 * make.RNG.below(2) - 1 for _ in range(math.prod(list))]

        def cosine(a, b):
            # PyTorch's takes lists of one axis.
            y = F.cosine_embedding_loss(a.reshape(-1, d), b.reshape(-1, d), torch.tensor(of), margin, reduction=reduction)
            return y.reshape(list) if reduction == "none" else y

        case("CosineEmbeddingLoss", cosine, Input(shape, ANY, expand=expand), Input(expand or shape, ANY), labels=of, margin=margin,
             reduction=reduction)
    settings = itertools.cycle(itertools.product((2.0, 1.0, 3.0), (False, True)))
    for (shape, expand), reduction in itertools.product(VECTORS, REDUCTIONS):
        p, swap = next(settings)
        margin = 1.0 if p == 2.0 else 2.5

        def triplet(a, b, c):
            return F.triplet_margin_loss(a, b, c, margin, p, 1e-6, swap, reduction=reduction)

        case("TripletMarginLoss", triplet, Input(shape, ANY, expand=expand), Input(expand or shape, ANY), Input(expand or shape, ANY),
             margin=margin, p=p, eps=1e-6, swap=swap, reduction=reduction)


# --- Sequences -------------------------------------------------------------------------------------------------------


def alignment(logs, labels, blank):
    """Minus the logarithm of the probability of one sequence, with operations that have second gradients; None of 0."""
    if not len(logs):
        return None
    states = [blank] + [state for label in labels for state in (label, blank)]
    way = [logs[0, state] if s < 2 else None for s, state in enumerate(states)]
    for row in logs[1:]:
        new = []
        for s, state in enumerate(states):
            skips = s >= 2 and state != blank and state != states[s - 2]
            ways = [w for w in [way[s], way[s - 1] if s else None, way[s - 2] if skips else None] if w is not None]
            new.append(torch.logsumexp(torch.stack(ways), 0) + row[state] if ways else None)
        way = new
    ends = [w for w in way[-2:] if w is not None]
    return -torch.logsumexp(torch.stack(ends), 0) if ends else None


def ctc(x, targets, lengths, target_lengths, blank, reduction, zero_infinity):
    logs = x.log_softmax(2)
    each = [alignment(logs[:n, b], targets[b][:m], blank) for b, (n, m) in enumerate(zip(lengths, target_lengths))]
    each = torch.stack([logs.sum() * 0 if y is None else y for y in each])
    sizes = torch.tensor(target_lengths), torch.tensor(lengths)
    own = F.ctc_loss(logs, torch.tensor(targets), sizes[1], sizes[0], blank, "none", zero_infinity)
    assert torch.allclose(each, own), (each, own)
    mean = (each / sizes[0].clamp(min=1)).mean()
    return {"none": each, "sum": each.sum(), "mean": mean}[reduction]


def sequences():
    for (t, b, c, s), reduction in itertools.product(
        [(1, 1, 2, 1), (4, 1, 3, 2), (5, 3, 4, 2), (7, 2, 3, 3), (6, 2, 5, 1), (9, 1, 4, 4)], REDUCTIONS
    ):
        blank = make.RNG.below(c)
        targets = [[(blank + 1 + make.RNG.below(c - 1)) % c for _ in range(s)] for _ in range(b)]
        target_lengths = [max(s - i, 0) for i in range(b)]
        lengths = [t - (i % 2 if t > 1 else 0) for i in range(b)]
        if t == 6:
            lengths[1], target_lengths[1] = 0, 1  # which no sequence of no steps says
        case("CTCLoss", lambda x: ctc(x, targets, lengths, target_lengths, blank, reduction, True), Input([t, b, c], ANY),
             targets=targets, input_lengths=lengths, target_lengths=target_lengths, blank=blank, reduction=reduction,
             zero_infinity=True)
    impossible = dict(targets=[[1, 1]], input_lengths=[2], target_lengths=[2], blank=0, zero_infinity=False)
    for reduction in REDUCTIONS:
        f = lambda x: F.ctc_loss(x.log_softmax(2), torch.tensor([[1, 1]]), (2,), (2,), 0, reduction)
        case("CTCLoss", f, Input([3, 1, 3], ANY, wants=False), kinks=True, reduction=reduction, **impossible)


def main():
    torch.set_num_threads(1)
    for family in classes, hinges, elements, vectors, sequences:
        family()
    write("losses.json", '"cases":[\n' + ",\n".join(CASES) + "\n]\n")
    print(f"{len(CASES)} cases")


if __name__ == "__main__":
    sys.exit(main())
