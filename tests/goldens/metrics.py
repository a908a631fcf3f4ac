#!/usr/bin/env python3
"""Makes metrics.json: metrics of predictions, as scikit-learn has them.

    venv/bin/python tests/goldens/metrics.py                     # beside this script; see make.py for the packages

The numbers are from `Lcg` of make.py, multiples of 1/16, so that scores have many ties; they are exact in both types.

    classes     scores [n, c], labels [n], and what follows: "accuracy", "top" (of each k; columns and labels are turned
                round, as scikit-learn has the last of equal scores first and Fusion the first), "matrix" (labels down),
                "by_class" and the averages (precision, recall, F1), "support"
    rankings    scores [n], labels [n]: "roc_auc", "average_precision", "roc_curve" and "precision_recall_curve"
    one_vs_rest probabilities [n, c], labels [n]: "roc_auc" and "average_precision", by class and averaged
    regressions predictions [n, k], targets [n, k]: "mae", "mse", "rmse", "r2", each by output and of all

What is undefined is "nan".
"""

import json
import sys
import warnings

import numpy as np
from sklearn import __version__, metrics

from make import HERE, Lcg

RNG = Lcg(12)
AVERAGES = ["micro", "macro", "weighted"]


def grid(*shape):
    return np.array(RNG.values(int(np.prod(shape)), -1.0, 1.0, 1 / 16)).reshape(shape)


def labels(n, among):
    return np.array([among[RNG.below(len(among))] for _ in range(n)])


def plain(x):
    if isinstance(x, dict):
        return {key: plain(value) for key, value in x.items()}
    if isinstance(x, (list, tuple, np.ndarray)):
        return [plain(value) for value in x]
    if isinstance(x, (int, np.integer)):
        return int(x)
    return float(x) if np.isfinite(x) else str(float(x))


def classes(n, c, among):
    scores, y = grid(n, c), labels(n, among)
    guesses = scores.argmax(1)
    every = list(range(c))
    figures = lambda **how: metrics.precision_recall_fscore_support(y, guesses, zero_division=0.0, **how)
    *by_class, support = figures(average=None, labels=every)
    return dict(
        scores=scores, labels=y, accuracy=metrics.accuracy_score(y, guesses),
        # What has no more than two labels is binary for scikit-learn, and its scores are not of classes.
        top={k: metrics.top_k_accuracy_score(c - 1 - y, scores[:, ::-1], k=k, labels=every) for k in range(1, c)}
        if len(set(y)) > 2 else {},
        matrix=metrics.confusion_matrix(y, guesses, labels=every), by_class=by_class, support=support.astype(int),
        **{average: figures(average=average)[:3] for average in AVERAGES},
    )


def ranking(n, among, scores=None):
    scores, y = grid(n) if scores is None else scores, labels(n, among)
    fpr, tpr, thresholds = metrics.roc_curve(y, scores, drop_intermediate=False)
    precision, recall, above = metrics.precision_recall_curve(y, scores)
    return dict(
        scores=scores, labels=y, roc_auc=metrics.roc_auc_score(y, scores),
        average_precision=metrics.average_precision_score(y, scores),
        roc_curve=np.stack([fpr, tpr, thresholds], 1),
        precision_recall_curve=np.stack([precision, recall, np.append(above, np.inf)], 1),
    )


def one_vs_rest(n, c):
    # Rows of eighths: they add up to 1, with ties.
    p, y = np.zeros((n, c)), labels(n, range(c))
    for row in p:
        for _ in range(8):
            row[RNG.below(c)] += 1 / 8
    hot = np.eye(c)[y]
    return dict(
        scores=p, labels=y,
        roc_auc={a or "by_class": metrics.roc_auc_score(y, p, multi_class="ovr", average=a) for a in [None, *AVERAGES]},
        average_precision={a or "by_class": metrics.average_precision_score(hot, p, average=a) for a in [None, *AVERAGES]},
    )


def regression(n, k, same=False):
    found, want = grid(n, k), grid(n, k)
    if same:
        want[:] = want[0]
        found[:, 0] = want[:, 0]
    of = dict(
        mae=metrics.mean_absolute_error, mse=metrics.mean_squared_error,
        rmse=metrics.root_mean_squared_error, r2=metrics.r2_score,
    )
    both = lambda f: dict(outputs=np.atleast_1d(f(want, found, multioutput="raw_values")), all=f(want, found))
    return dict(found=found, want=want, **{name: both(f) for name, f in of.items()})


def main():
    warnings.simplefilter("ignore")
    cases = dict(
        classes=[classes(*case) for case in [
            (1, 2, range(2)), (40, 2, range(2)), (60, 3, range(3)), (50, 5, range(5)), (30, 6, [0, 2, 3]), (12, 4, [3]),
        ]],
        rankings=[ranking(*case) for case in [
            (2, [0, 1]), (30, [0, 1]), (80, [0, 1]), (60, [0, 0, 0, 0, 0, 1]), (20, [1]), (20, [0]),
        ]] + [ranking(9, [0, 1], np.zeros(9))],
        one_vs_rest=[one_vs_rest(40, 3), one_vs_rest(90, 5)],
        regressions=[regression(*case) for case in [(1, 1), (2, 1), (50, 1), (40, 3), (20, 2, True)]],
    )
    # A case a line.
    lines = lambda name: f'"{name}":[\n' + ",\n".join(json.dumps(plain(c), separators=(",", ":")) for c in cases[name]) + "\n]"
    text = f'{{"made_with":"scikit-learn {__version__}",\n' + ",\n".join(map(lines, cases)) + "}\n"
    (HERE / "metrics.json").write_text(text)


if __name__ == "__main__":
    sys.exit(main())
