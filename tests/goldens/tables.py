#!/usr/bin/env python3
"""Makes tables.json: what pandas and scikit-learn make of tables of comma-separated values.

    pip install pandas scikit-learn
    FUSION_DATA=folder python tests/goldens/tables.py       # beside this script

Each column becomes what a ColumnTransformer makes of it: a number goes through SimpleImputer and a scaler, a category through
OneHotEncoder, for which a missing value is a category. The target goes through LabelEncoder, or stays a number.

"made" are tables with their text in the file: {"text", "fill", "scale", "target", "names", "rows", "y", "classes"}. "staged" are
files of the folder: {"file", "without", "target", "scale", "missing", "low", "high", "names", "first", "last", "sum", "classes"},
where "low" and "high" are the least and the greatest number of each column of numbers, "sum" the sum of all squared features,
and "classes" says how many rows each class has, or is null.
"""

import io
import json
import os
import random
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import sklearn
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, LabelEncoder, MinMaxScaler, OneHotEncoder, StandardScaler

HERE = Path(__file__).parent
SCALES = {"standard": StandardScaler, "min_max": MinMaxScaler, "none": FunctionTransformer}
SETS = "sklearn-toy"
STAGED = [
    (f"{SETS}/iris.csv", ["target"], "target_name", "standard"),
    (f"{SETS}/iris.csv", ["target_name"], "target", "min_max"),
    (f"{SETS}/wine.csv", ["target_name"], "target", "standard"),
    (f"{SETS}/breast_cancer.csv", ["target_name"], "target", "standard"),
    (f"{SETS}/digits.csv", [], "target", "min_max"),
    (f"{SETS}/diabetes.csv", [], "target", "none"),
    (f"{SETS}/diabetes_raw.csv", [], "target", "standard"),
    ("wdbc/data.csv", ["0"], "1", "standard"),
]


def texts(column):
    return column.dtype == object or pd.api.types.is_string_dtype(column)


def prepared(table, fill, scale):
    """The features and their names."""
    steps = []
    for name in table.columns:
        if texts(table[name]):
            steps.append((name, OneHotEncoder(sparse_output=False), [name]))
        else:
            steps.append((name, make_pipeline(SimpleImputer(strategy=fill), SCALES[scale]()), [name]))
    fitted = ColumnTransformer(steps)
    x = fitted.fit_transform(table)
    names = []
    for name, step, _ in fitted.transformers_:
        if isinstance(step, OneHotEncoder):
            names += [f"{name} missing" if pd.isna(v) else f"{name}={v}" for v in step.categories_[0]]
        else:
            names.append(name)
    return x, names


def made():
    draw = random.Random(0)
    for fill, scale, delimiter in [("median", "standard", ","), ("mean", "min_max", ";"), ("mean", "none", "\t")]:
        lines = [delimiter.join(["age", "port", "fare", '"deck, side"', "kind"])]
        for _ in range(40):
            age = draw.choice(["", "NA", *map(str, range(1, 80, 7))])
            port = draw.choice("SCQ")
            fare = f"{draw.lognormvariate(2, 1):.4g}"
            deck = draw.choice(["?", "upper, left", "lower right", "upper"])
            lines.append(delimiter.join([age, port, fare, f'"{deck}"', draw.choice(["no", "yes", "maybe"])]))
        text = "\n".join(lines) + "\n"
        table = pd.read_csv(io.StringIO(text), sep=delimiter, na_values=["?"])
        x, names = prepared(table.drop(columns="kind"), fill, scale)
        labels = LabelEncoder().fit(table["kind"])
        yield {
            "text": text, "fill": fill, "scale": scale, "target": "kind", "names": names, "rows": x.tolist(),
            "y": labels.transform(table["kind"]).tolist(), "classes": labels.classes_.tolist(),
        }


def staged(folder):
    for file, without, target, scale in STAGED:
        table = pd.read_csv(folder / file, header=None if file.startswith("wdbc") else 0)
        table.columns = [str(name) for name in table.columns]
        numbers = [name for name in table.columns if not texts(table[name])]
        x, names = prepared(table.drop(columns=[target, *without]), "mean", scale)
        classes = None
        if not target == "target" or "diabetes" not in file:
            labels = LabelEncoder().fit(table[target])
            classes = dict(zip(map(str, labels.classes_), np.bincount(labels.transform(table[target])).tolist()))
        yield {
            "file": file, "without": without, "target": target, "scale": scale,
            "missing": int(table.isna().sum().sum()),
            "low": [float(table[name].min()) for name in numbers], "high": [float(table[name].max()) for name in numbers],
            "names": names, "first": x[0].tolist(), "last": x[-1].tolist(), "sum": float((x**2).sum()), "classes": classes,
        }


def main():
    folder = Path(os.environ["FUSION_DATA"])
    about = f"pandas {pd.__version__}, scikit-learn {sklearn.__version__}"
    tables = {"about": about, "made": list(made()), "staged": list(staged(folder))}
    lines = [f'"about": {json.dumps(about)}']
    for key in ["made", "staged"]:
        lines.append(f'"{key}": [\n' + ",\n".join(json.dumps(row) for row in tables[key]) + "\n]")
    (HERE / "tables.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    sys.exit(main())
