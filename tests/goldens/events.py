#!/usr/bin/env python3
"""Makes events.tfevents: events as TensorBoard's own messages and its own writer of records have them.

    venv/bin/python tests/goldens/events.py                      # beside this script; it needs tensorboard

The times are 0. What the events say is in `events_are_those_of_tensorboard` of tests/log.rs.
"""

from pathlib import Path

import numpy as np
from tensorboard.compat.proto import event_pb2, histogram_pb2, summary_pb2, tensor_pb2, tensor_shape_pb2
from tensorboard.summary.writer.record_writer import RecordWriter

Value = summary_pb2.Summary.Value


def text(tag, words):
    metadata = summary_pb2.SummaryMetadata(plugin_data=summary_pb2.SummaryMetadata.PluginData(plugin_name="text"))
    shape = tensor_shape_pb2.TensorShapeProto()
    tensor = tensor_pb2.TensorProto(dtype=7, tensor_shape=shape, string_val=[words.encode()])
    return Value(tag=tag, metadata=metadata, tensor=tensor)


def histogram(tag, numbers, ranges):
    numbers = np.array(numbers, np.float64)
    counts, edges = np.histogram(numbers, ranges)
    return Value(tag=tag, histo=histogram_pb2.HistogramProto(
        min=numbers.min(), max=numbers.max(), num=len(numbers), sum=numbers.sum(), sum_squares=(numbers**2).sum(),
        bucket_limit=[*edges[1:-1], numbers.max()], bucket=counts))


settings = "| setting | value |\n| --- | --- |\n| rate | 0.001 |\n| a\\|b | two lines |\n"
confusion = "| label, guess | cat | dog |\n| --- | --- | --- |\n| cat | 1 | 1 |\n| dog | 0 | 1 |\n"
# Events have their step also where it is 0, which protocol buffers leave out.
ALL = [
    (0, [text("settings", settings)]),
    (1, [Value(tag="loss", simple_value=0.1)]),
    (300, [Value(tag="train/loss", simple_value=float("nan")), Value(tag="Ü", simple_value=-2.5)]),
    (2, [histogram("x", [-1.0, -0.5, 1.0], 64)]),
    (2, [histogram("equal", [7, 7, 7], 1)]),
    (1 << 40, [text("note", "**bold**")]),
    (3, [text("confusion/test", confusion)]),
]

with open(Path(__file__).parent / "events.tfevents", "wb") as file:
    writer = RecordWriter(file)
    # Protocol buffers leave out a time of 0; events always have one.
    time = b"\x09" + bytes(8)
    writer.write(time + event_pb2.Event(file_version="brain.Event:2").SerializeToString())
    for step, values in ALL:
        event = event_pb2.Event(summary=summary_pb2.Summary(value=values)).SerializeToString()
        number, left = b"\x10", step
        while left >= 128:
            number, left = number + bytes([left & 127 | 128]), left >> 7
        writer.write(time + number + bytes([left]) + event)
