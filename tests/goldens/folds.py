#!/usr/bin/env python3
"""Makes folds.json: the folds of scikit-learn's KFold and StratifiedKFold, as pairs of training and validation samples.

    venv/bin/python tests/goldens/folds.py                       # beside this script; see make.py for the packages
"""

import json
import pathlib
import warnings

from sklearn.model_selection import KFold, StratifiedKFold

# A class with fewer samples than there are folds is allowed, with a warning.
warnings.filterwarnings("ignore", category=UserWarning)

LABELS = [
    [0, 1, 0, 1, 0, 1],
    [2, 2, 2, 0, 0, 1, 1, 1, 1],
    [5, -1, 5, 5, -1, 5, 5, 9, 5, 5, -1, 5],
    [i * 7 % 11 % 3 for i in range(23)],
    [1, 1, 1, 1, 0],
]


def pairs(splits):
    return [[train.tolist(), validation.tolist()] for train, validation in splits]


cases = []
for samples, folds in [(2, 2), (5, 3), (6, 3), (7, 2), (11, 4), (13, 13), (20, 7)]:
    cases.append({"folds": folds, "samples": samples, "pairs": pairs(KFold(folds).split([0] * samples))})
for labels in LABELS:
    for folds in [2, 3, 4]:
        if folds <= max(map(labels.count, labels)):
            found = pairs(StratifiedKFold(folds).split([0] * len(labels), labels))
            cases.append({"folds": folds, "labels": labels, "pairs": found})

path = pathlib.Path(__file__).with_suffix(".json")
path.write_text("[\n" + ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases) + "\n]\n")
