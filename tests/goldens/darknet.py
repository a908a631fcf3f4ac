#!/usr/bin/env python3
"""Makes darknet.json: what networks of Darknet give in PyTorch, so that tests/darknet.rs can hold fusion::models against them.

    venv/bin/python tests/goldens/darknet.py                    # writes darknet.json, beside this script
    venv/bin/python tests/goldens/darknet.py --reference FOLDER # compares this reading with FOLDER/reference_outputs.json
    venv/bin/python tests/goldens/darknet.py --onnx FOLDER      # writes those that are measured to FOLDER as ONNX

The networks are read from the `.cfg` files of tests/darknet by the program below, which shares nothing with Fusion's reader. The
numbers of a `.weights` file are made by the formula of nets.py: a file is a list of pieces, in the order of the file, each
`[kind, count, fan]`, and element i of piece number n is, from x = u("piece n", i),

    bias        x / 8
    scale       1/2 + x / 8
    mean        x / 4
    variance    1 + x / 2
    weight      sqrt(6 / fan) * x

in f64, rounded to f32. The image is u("image", i), of the sizes that stand there.

For each network: its pieces, the image's sizes, and what flows into each `[yolo]` in the order of the file: sizes, the mean, the
norm, and sixteen elements, bits("sample", k) % count.
"""

import argparse
import json
import math
import struct
import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from nets import bits, u
from torch import nn

HERE = Path(__file__).parent


def sections(path):
    found = []
    for line in Path(path).read_text().splitlines():
        line = line.split("#")[0].strip()
        if line.startswith("["):
            found.append((line.strip("[]"), {}))
        elif line:
            key, value = line.split("=", 1)
            found[-1][1][key.strip()] = value.strip()
    return found


class Norm(nn.BatchNorm2d):
    """As Darknet computes it: the small number stands outside of the root."""

    def forward(self, x):
        scale = self.weight / (self.running_var.sqrt() + 1e-6)
        return (x - self.running_mean[:, None, None]) * scale[:, None, None] + self.bias[:, None, None]


class Darknet(nn.Module):
    """A `.cfg` file, layer by layer."""

    def __init__(self, path, classes=None, norm_type=Norm):
        super().__init__()
        (_, net), *layers = sections(path)
        self.size = [int(net["height"]), int(net["width"])]
        self.layers, self.convolutions, channels = [], nn.ModuleList(), []
        taken = int(net["channels"])
        for at, (kind, given) in enumerate(layers):
            def number(key, default):
                return int(given.get(key, default))

            before, extra = taken, None
            if kind == "convolutional":
                taken, size = number("filters", 1), number("size", 1)
                if classes is not None and layers[at + 1 : at + 2] and layers[at + 1][0] == "yolo":
                    taken = 3 * (5 + classes)
                norm = number("batch_normalize", 0) == 1
                padding = size // 2 if number("pad", 0) else number("padding", 0)
                conv = nn.Conv2d(before, taken, size, number("stride", 1), padding, groups=number("groups", 1), bias=not norm)
                parts = [conv] + ([norm_type(taken)] if norm else [])
                extra = len(self.convolutions)
                self.convolutions.append(nn.Sequential(*parts))
            elif kind in ("route", "shortcut", "scale_channels"):
                key = "layers" if kind == "route" else "from"
                extra = [int(n) + (at if int(n) < 0 else 0) for n in given[key].split(",")]
                taken = sum(channels[n] for n in extra) if kind == "route" else (
                    channels[extra[0]] if kind == "scale_channels" else before)
            elif kind not in ("maxpool", "upsample", "avgpool", "yolo"):
                sys.exit(f"what is [{kind}]?")
            channels.append(taken)
            self.layers.append((kind, given, extra))

    def forward(self, x):
        gave, outputs = [], []
        for kind, given, extra in self.layers:
            if kind == "convolutional":
                x = self.convolutions[extra](x)
            elif kind == "route":
                x = torch.cat([gave[n] for n in extra], 1)
            elif kind == "shortcut":
                x = x + gave[extra[0]]
            elif kind == "scale_channels":
                x = gave[extra[0]] * x
            elif kind == "upsample":
                x = F.interpolate(x, scale_factor=int(given["stride"]), mode="nearest")
            elif kind == "avgpool":
                x = x.mean((2, 3), keepdim=True)
            elif kind == "maxpool":
                size, stride = int(given["size"]), int(given["stride"])
                # In all `size - 1`, of which the smaller half stands before, as in Darknet; places beside the image count as -inf.
                before, places = (size - 1) // 2, [(n - 1) // stride + 1 for n in x.shape[2:]]
                after = [max((p - 1) * stride + size - before - n, 0) for p, n in zip(places, x.shape[2:])]
                x = F.max_pool2d(F.pad(x, (before, after[1], before, after[0]), value=-math.inf), size, stride)
            elif kind == "yolo":
                outputs.append(x)
            activation = given.get("activation", "linear")
            if activation == "leaky":
                x = F.leaky_relu(x, 0.1)
            elif activation == "relu":
                x = x.relu()
            elif activation == "logistic":
                x = x.sigmoid()
            elif activation != "linear":
                sys.exit(f"what is {activation}?")
            gave.append(x)
        return outputs

    def pieces(self):
        """What a `.weights` file has, in its order: kind, tensor."""
        for conv, *norm in self.convolutions:
            for part in norm:
                yield from [("bias", part.bias), ("scale", part.weight), ("mean", part.running_mean), ("variance", part.running_var)]
            if not norm:
                yield "bias", conv.bias
            yield "weight", conv.weight

    @torch.no_grad()
    def load(self, path):
        data = Path(path).read_bytes()
        major, minor, _ = struct.unpack("<iii", data[:12])
        floats = np.frombuffer(data[20 if major * 10 + minor >= 2 else 16 :], dtype="<f4")
        for _, tensor in self.pieces():
            tensor.copy_(torch.from_numpy(floats[: tensor.numel()].copy()).reshape(tensor.shape))
            floats = floats[tensor.numel() :]
        assert len(floats) == 0, f"{path} has {len(floats)} numbers more"

    @torch.no_grad()
    def fill(self):
        for n, (kind, tensor) in enumerate(self.pieces()):
            x = u(f"piece {n}", tensor.numel())
            fan = math.prod(tensor.shape[1:])
            x = {"bias": x / 8, "scale": 0.5 + x / 8, "mean": x / 4, "variance": 1 + x / 2, "weight": math.sqrt(6 / fan) * x}[kind]
            tensor.copy_(torch.from_numpy(x.astype(np.float32)).reshape(tensor.shape))


def image(shape):
    return torch.from_numpy(u("image", math.prod(shape)).astype(np.float32)).reshape(shape)


# Name, file, classes (those of the file if none are said), the image.
NETS = [
    ("yolov3", "yolov3.cfg", None, [1, 3, 64, 96]),
    ("yolov3_one_class", "yolov3.cfg", 1, [1, 3, 32, 32]),
    ("yolov3_tiny", "yolov3-tiny.cfg", None, [2, 3, 96, 64]),
    ("yoloface_500k", "yoloface-500k.cfg", None, [2, 3, 96, 64]),
    ("yoloface_500k_v2", "yoloface-500k-v2.cfg", None, [2, 3, 96, 64]),
    ("nano_voc", "MobileNetV2-YOLOv3-Nano-voc.cfg", None, [1, 3, 64, 96]),
    ("nano_coco", "MobileNetV2-YOLOv3-Nano-coco.cfg", None, [1, 3, 64, 96]),
]


def entry(name, file, classes, shape):
    net = Darknet(HERE.parent / "darknet" / file, classes).eval()
    net.fill()
    with torch.no_grad():
        outputs = [y.double() for y in net.double()(image(shape).double())]
    pieces = [[kind, t.numel(), math.prod(t.shape[1:])] for kind, t in net.pieces()]
    told = []
    for y in outputs:
        flat = y.reshape(-1)
        at = (bits("sample", 16) % np.uint64(len(flat))).astype(np.int64)
        told.append({"shape": list(y.shape), "mean": flat.mean().item(), "norm": flat.norm().item(),
                     "samples": [flat[i].item() for i in at]})
    return {"name": name, "cfg": file, "image": shape, "pieces": pieces, "outputs": told}


def compare(folder):
    reference = json.loads((Path(folder) / "reference_outputs.json").read_text())["models"]
    for name, told in reference.items():
        net = Darknet(Path(folder) / f"{name}.cfg").eval()
        net.load(Path(folder) / f"{name}.weights")
        h, w = net.size
        x = (torch.arange(3 * h * w) % 251).float().reshape(1, 3, h, w) / 250
        with torch.no_grad():
            outputs = net(x)
        for y, want in zip(outputs, told["yolo"], strict=True):
            flat = y.reshape(-1)
            off = (flat[:8] - torch.tensor(want["first8"])).abs().max().item()
            off = max(off, (flat[:: want["stride"]][:16] - torch.tensor(want["strided16"])).abs().max().item())
            print(name, list(y.shape) == want["shape"], f"off by {off:.1e}", flat.double().sum().item() - want["sum"])


def export(folder):
    # YOLOv3 has one class, as in the benchmark program.
    for name, file, classes in [("w8_infer1", "yolov3.cfg", 1), ("w8_face1", "yoloface-500k.cfg", None)]:
        # What ONNX Runtime folds is PyTorch's norm.
        net = Darknet(HERE.parent / "darknet" / file, classes, nn.BatchNorm2d).eval()
        net.fill()
        with torch.no_grad():
            torch.onnx.export(net, (image([1, 3, *net.size]),), str(Path(folder) / f"{name}.onnx"), dynamo=False, opset_version=17)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reference")
    parser.add_argument("--onnx")
    args = parser.parse_args()
    torch.set_num_threads(1)
    if args.reference:
        return compare(args.reference)
    if args.onnx:
        return export(args.onnx)
    lines = ",\n".join(json.dumps(entry(*net), separators=(",", ":")) for net in NETS)
    (HERE / "darknet.json").write_text(f'{{"made_with":"torch {torch.__version__}","nets":[\n{lines}\n]}}\n')


if __name__ == "__main__":
    sys.exit(main())
