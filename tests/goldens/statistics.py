#!/usr/bin/env python3
"""Makes statistics.json: what pandas, NumPy, matplotlib and scikit-learn say of scikit-learn's toy data sets.

    pip install pandas scikit-learn matplotlib
    python tests/goldens/statistics.py                      # beside this script

A set is {"name", "columns", "pearson", "spearman", "pca", "scaled"}. A column is {"describe", "bins", "auto", "sturges", "fd",
"box"}: pandas' eight figures, the counts of numpy.histogram with ten bins and with its rules, and matplotlib's [lower whisker,
quartile, median, quartile, upper whisker, outliers..]. "pearson" and "spearman" are the lower triangles of pandas' `corr`, row by
row, with the diagonal. "pca" is {"mean", "components", "variances", "shares", "points"} of scikit-learn's PCA with three directions,
"points" being the places of the first five rows; "scaled" is the same after StandardScaler.

The library has the sets as f32. Its figures are of the decimals as which these are printed, and so are these here; of all sets but
the scaled diabetes, they are scikit-learn's own numbers.
"""

import json
import math
from pathlib import Path

import matplotlib
import numpy as np
import pandas as pd
import sklearn
from matplotlib.cbook import boxplot_stats
from sklearn import datasets
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler

SETS = {
    "iris": datasets.load_iris,
    "wine": datasets.load_wine,
    "breast_cancer": datasets.load_breast_cancer,
    "digits": datasets.load_digits,
    "diabetes": datasets.load_diabetes,
    "diabetes_raw": lambda: datasets.load_diabetes(scaled=False),
}


def plain(x):
    """A number of 14 digits, or a word."""
    x = float(x)
    return float(f"{x:.14g}") if math.isfinite(x) else str(x)


def several(list):
    return [plain(x) for x in np.asarray(list).ravel()]


def column(x):
    stats = boxplot_stats(x)[0]
    counts = lambda bins: np.histogram(x, bins)[0].tolist()
    box = [stats["whislo"], stats["q1"], stats["med"], stats["q3"], stats["whishi"], *sorted(stats["fliers"])]
    return dict(
        describe=several(pd.Series(x).describe()),
        bins=counts(10), auto=counts("auto"), sturges=counts("sturges"), fd=counts("fd"), box=several(box),
    )


def triangle(table):
    values = table.to_numpy()
    return several(np.concatenate([values[i, : i + 1] for i in range(len(values))]))


def directions(x):
    pca = PCA(3, svd_solver="full").fit(x)
    return dict(
        mean=several(pca.mean_), components=several(pca.components_), variances=several(pca.explained_variance_),
        shares=several(pca.explained_variance_ratio_), points=several(pca.transform(x[:5])),
    )


def main():
    sets = []
    for name, load in SETS.items():
        exact = load().data
        x = np.array([[float(str(np.float32(v))) for v in row] for row in exact])
        assert name == "diabetes" or (x == exact).all(), name
        table = pd.DataFrame(x)
        sets.append(dict(
            name=name, columns=[column(x[:, i]) for i in range(x.shape[1])],
            pearson=triangle(table.corr()), spearman=triangle(table.corr("spearman")),
            pca=directions(x), scaled=directions(StandardScaler().fit_transform(x)),
        ))
    versions = {m.__name__: m.__version__ for m in (pd, np, matplotlib, sklearn)}
    lines = ",\n".join(json.dumps(each, separators=(",", ":")) for each in sets)
    text = f'{{\n"made_with":{json.dumps(versions)},\n"sets":[\n{lines}\n]\n}}\n'
    Path(__file__).with_name("statistics.json").write_text(text)


if __name__ == "__main__":
    main()
