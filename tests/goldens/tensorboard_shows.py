#!/usr/bin/env python3
"""Compares what TensorBoard's server shows of a run with the run's log.

    cargo run --release --example digits -- --epochs 3 --log target/runs/digits
    venv/bin/python tests/goldens/tensorboard_shows.py target/runs/digits          # it needs tensorboard, numpy and Pillow

It reads `run.fusion` by itself, starts TensorBoard on the folder, and asks for every curve, histogram, image and text as
TensorBoard's page does. Numbers must be those of the log to the last bit of the floats that events hold.
"""

import io
import json
import logging
import struct
import sys
import time
import urllib.parse
import urllib.request
import zlib
from collections import defaultdict
from pathlib import Path

import numpy as np
from PIL import Image
from tensorboard import program


class Fields:
    """The fields of a record, one after another."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, form):
        values = struct.unpack_from("<" + form, self.data, self.at)
        self.at += struct.calcsize("<" + form)
        return values[0] if len(values) == 1 else values

    def text(self):
        return self.bytes().decode()

    def bytes(self):
        length = self.take("I")
        self.at += length
        return self.data[self.at - length:self.at]

    def list(self, element):
        return [element() for _ in range(self.take("I"))]


def records(path):
    data, at = path.read_bytes(), 13
    assert data[:at] == b"FUSION LOG 1\n"
    while at < len(data):
        mark, length, checksum, own = struct.unpack_from("<4sIII", data, at)
        assert mark == b"\xf5REC" and own == zlib.crc32(data[at:at + 12])
        record = data[at + 16:at + 16 + length]
        assert checksum == zlib.crc32(record)
        fields = Fields(record)
        kind, step, _ = fields.take("BQd")
        yield kind, step, fields
        at += 16 + length


def read(path):
    """The curves, histograms, images and texts that a log has, as lists of (step, value) by their names."""
    scalars, histograms, images, texts = (defaultdict(list) for _ in range(4))
    for kind, step, fields in records(path):
        if kind == 1:
            rows = fields.list(lambda: f"| {fields.text()} | {fields.text()} |\n")
            texts["settings"].append((step, "| setting | value |\n| --- | --- |\n" + "".join(rows)))
        elif kind == 3:
            for name, value in fields.list(lambda: (fields.text(), fields.take("d"))):
                scalars[name].append((step, np.float32(value)))
        elif kind == 4:
            name, (low, high) = fields.text(), fields.take("dd")
            counts = np.array(fields.list(lambda: fields.take("Q")), float)
            histograms[name].append((step, (low, high, counts)))
        elif kind == 5:
            name, (channels, height, width) = fields.text(), fields.take("BII")
            pixels = np.frombuffer(fields.bytes(), np.uint8).reshape(channels, height, width)
            images[name].append((step, pixels))
        elif kind == 6:
            texts[fields.text()].append((step, fields.text()))
        elif kind == 8:
            for path, norm, count, update in fields.list(lambda: parameter(fields)):
                if count:
                    scalars[f"gradients/{path}"].append((step, np.float32(norm)))
                if update is not None:
                    scalars[f"updates/{path}"].append((step, np.float32(update)))
    return scalars, histograms, images, texts


def parameter(fields):
    path, _ = fields.text(), fields.list(lambda: fields.take("Q"))
    norm, _, count, *_ = fields.take("dd5Qd")
    update = fields.take("d") if fields.take("B") else None
    fields.text()
    return path, norm, count, update


def same_histogram(shown, found):
    """TensorBoard draws thirty ranges of its own: the ends and the number of elements are those of the log."""
    low, high, counts = found
    shown = np.array(shown)
    return (np.isclose(shown[0][0], np.float32(low)) and np.isclose(shown[-1][1], np.float32(high))
            and np.isclose(shown[:, 2].sum(), counts.sum(), rtol=1e-5))


def main(folder):
    logging.disable(logging.CRITICAL)
    scalars, histograms, images, texts = read(folder / "run.fusion")
    server = program.TensorBoard()
    # All steps, not a sample of them.
    options = ",".join(f"{plugin}=1000000" for plugin in ["scalars", "histograms", "images", "text"])
    server.configure(argv=[None, "--logdir", str(folder.parent), "--samples_per_plugin", options, "--load_fast", "false"])
    address, run = server.launch(), folder.name

    def load(path, query):
        with urllib.request.urlopen(f"{address}data/plugin/{path}?{query}") as answer:
            return answer.read()

    def ask(path, **arguments):
        return json.loads(load(path, urllib.parse.urlencode(arguments)))

    def tags(plugin):
        return sorted(ask(f"{plugin}/tags").get(run, []))

    def shown(name):
        return ask("scalars/scalars", run=run, tag=name) if name in tags("scalars") else []

    # It reads in the background.
    last = list(scalars)[-1]
    deadline = time.monotonic() + 60
    while len(shown(last)) < len(scalars[last]):
        assert time.monotonic() < deadline, f"TensorBoard shows {len(shown(last))} of {len(scalars[last])} points of {last}"
        time.sleep(0.5)
    assert tags("scalars") == sorted(scalars) and tags("histograms") == sorted(histograms)
    assert tags("images") == sorted(images), (tags("images"), sorted(images))
    for name, points in scalars.items():
        found = shown(name)
        assert [step for _, step, _ in found] == [step for step, _ in points], name
        assert np.array_equal(np.float32([value for *_, value in found]), [value for _, value in points], True), name
    for name, points in histograms.items():
        answer = ask("histograms/histograms", run=run, tag=name)
        assert len(answer) == len(points), name
        for (_, step, ranges), (at, found) in zip(answer, points):
            assert step == at and same_histogram(ranges, found), (name, step)
    for name, points in images.items():
        answer = ask("images/images", run=run, tag=name, sample=0)
        assert len(answer) == len(points), name
        for picture, (step, pixels) in zip(answer, points):
            array = np.asarray(Image.open(io.BytesIO(load("images/individualImage", picture["query"]))))
            array = array[None] if array.ndim == 2 else array.transpose(2, 0, 1)
            assert picture["step"] == step and np.array_equal(array, pixels), name
    shown_texts = sorted(name.split("/text_summary")[0] for name in ask("text/tags")[run])
    for name, points in texts.items():
        assert name in shown_texts, (name, shown_texts)
        answer = ask("text/text", run=run, tag=name)
        assert [text["step"] for text in answer] == [step for step, _ in points], name
    values = sum(map(len, scalars.values()))
    print(f"TensorBoard shows the same: {len(scalars)} curves of {values} points, {sum(map(len, histograms.values()))} "
          f"histograms, {sum(map(len, images.values()))} images, {len(shown_texts)} texts")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
