#!/usr/bin/env python3
"""Makes transforms.json: what is done to images, as torchvision.transforms.v2.functional does it.

    venv/bin/python tests/goldens/transforms.py            # beside this script; needs torch and torchvision

Images are made by a formula, `pixel`, which tests/parity/transforms.rs has too. A case is one line:

    op, params   the function and its arguments, as tests/parity/transforms.rs spells them
    dtype        u8 or f32
    shape        of the image
    to, y        shape and values of the result in C order
"""

import json
import pathlib

import torch
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional as F


def pixel(i):
    """The byte at place i: noise that any language can make."""
    x = (i * 2654435761 + 12345) % 2**32
    return (x >> 13) % 256


def image(shape, dtype):
    count = 1
    for n in shape:
        count *= n
    x = torch.tensor([pixel(i) for i in range(count)], dtype=torch.uint8).reshape(shape)
    return x if dtype == "u8" else x.to(torch.float32).div(255)


CASES = []


def case(op, params, shape, f, dtypes=("u8", "f32")):
    for dtype in dtypes:
        y = f(image(shape, dtype))
        # Nine digits tell each f32 from the next.
        numbers = y.flatten().tolist()
        flat = numbers if y.dtype == torch.uint8 else [float(f"{n:.9g}") for n in numbers]
        CASES.append({"op": op, "params": params, "dtype": dtype, "shape": list(shape), "to": list(y.shape), "y": flat})


SMALL = (2, 3, 5, 6)
for mode, name in [("constant", "Constant"), ("reflect", "Reflect"), ("edge", "Replicate")]:
    fill = 0.4 if mode == "constant" else 0
    case("pad", {"by": 2, "mode": name, "value": fill}, (1, 2, 4, 3), lambda x: F.pad(x, 2, fill, mode), ("f32",))
    case("pad", {"by": 2, "mode": name, "value": 90}, (1, 2, 4, 3), lambda x: F.pad(x, 2, 90, mode), ("u8",))
    for top, left in [(0, 0), (3, 1), (4, 4)]:
        cut = lambda x: F.crop(F.pad(x, 2, 90, mode), top, left, 5, 4)
        params = {"top": top - 2, "left": left - 2, "size": [5, 4], "mode": name, "value": 90}
        case("crop", params, (1, 2, 5, 4), cut, ("u8",))
for size in [[3, 3], [2, 5], [1, 1], [4, 6]]:
    case("center_crop", {"size": size}, SMALL, lambda x: F.center_crop(x, size), ("u8",))
case("flip", {}, SMALL, F.horizontal_flip)
mean, std = [0.4914, 0.4822, 0.4465], [0.2470, 0.2435, 0.2616]
to_float = lambda x: x if x.is_floating_point() else x.to(torch.float32).div(255)
case("normalize", {"mean": mean, "std": std}, SMALL, lambda x: F.normalize(to_float(x), mean, std))
for shape in [(1, 2, 5, 6), (1, 1, 1, 1), (1, 1, 7, 3)]:
    for size in [[5, 6], [3, 2], [8, 9], [2, 13], [10, 12]]:
        for mode in ["nearest", "bilinear"]:
            for antialias in [False, True][: 1 + (mode == "bilinear")]:
                resize = lambda x: F.resize(x, size, v2.InterpolationMode(mode), antialias=antialias)
                case("resize", {"size": size, "mode": mode, "antialias": antialias}, shape, resize)
# 37 * (6 / 74) is 3, and in f32 just below it.
thin = lambda x: F.resize(x, [1, 74], v2.InterpolationMode("nearest"))
case("resize", {"size": [1, 74], "mode": "nearest", "antialias": False}, (1, 1, 1, 6), thin, ("u8",))
cut = lambda x: F.resized_crop(x, 1, 2, 6, 5, [4, 4])
case("resized_crop", {"part": [1, 2, 6, 5], "size": [4, 4]}, (1, 3, 9, 8), cut)
for shape in [(1, 1, 6, 6), (1, 2, 4, 7), (1, 1, 1, 1)]:
    for mode in ["nearest", "bilinear"]:
        for angle in [12.5, -33, 71, 161]:
            for fill in [0, 0.6]:
                white = lambda x: 255 if x.dtype == torch.uint8 else 1
                turn = lambda x: F.rotate(x, angle, v2.InterpolationMode(mode), fill=fill * white(x))
                case("rotate", {"angle": angle, "mode": mode, "fill": fill}, shape, turn)
        for angle, move, scale, shear in [
            (0, [2, -1], 1.0, [0.0, 0.0]),
            (20.5, [-1, 2], 1.3, [0.0, 0.0]),
            (-50, [1, 1], 0.7, [11.0, 0.0]),
            (7, [0, 0], 1.1, [-8.0, 14.0]),
        ]:
            params = {"angle": angle, "move": move, "scale": scale, "shear": shear, "mode": mode, "fill": 0}
            warp = lambda x: F.affine(x, angle, move, scale, shear, v2.InterpolationMode(mode), fill=0)
            case("affine", params, shape, warp)
for shape in [(1, 3, 4, 5), (1, 1, 4, 5)]:
    for name in ["brightness", "contrast", "saturation"]:
        for factor in [0.0, 0.35, 1.0, 1.7]:
            adjust = getattr(F, f"adjust_{name}")
            case(name, {"by": factor}, shape, lambda x: adjust(x, factor))
    for turn in [-0.5, -0.2, 0.0, 0.1, 0.45]:
        case("hue", {"by": turn}, shape, lambda x: F.adjust_hue(x, turn))
    case("grayscale", {}, shape, F.rgb_to_grayscale)
case("erase", {"part": [1, 2, 3, 2], "value": 7}, SMALL, lambda x: F.erase(x, 1, 2, 3, 2, torch.tensor(7)))
labels = torch.tensor([2, 0, 1])


def mixed(transform, params):
    """What a transform of batches makes of images and of targets, one after the other."""
    return lambda x: torch.cat([transform.transform(x, params).flatten(), transform.transform(labels, params).flatten()])


mixup, cutmix = v2.MixUp(num_classes=3), v2.CutMix(num_classes=3)
common = {"labels": labels, "batch_size": 3}
case("mixup", {"share": 0.3}, (3, 1, 2, 2), mixed(mixup, {"lam": 0.3, **common}), ("f32",))
box = {"box": (1, 0, 4, 2), "lam_adjusted": 1 - 6 / 20}
case("cutmix", {"part": [0, 1, 2, 3]}, (3, 2, 4, 5), mixed(cutmix, {**box, **common}), ("f32",))

path = pathlib.Path(__file__).with_name("transforms.json")
path.write_text("[\n" + ",\n".join(json.dumps(c, separators=(",", ":")) for c in CASES) + "\n]\n")
print(len(CASES), "cases,", path.stat().st_size, "bytes")
