"""What PIL makes of small image files: `python tests/goldens/images.py` writes images.json. It needs numpy, Pillow, torchvision.

Of each file: its bytes, `convert("RGB")` of it as planes, how far a decoder may be from that, and what torchvision's Resize (of
the shorter side) and CenterCrop make of it for some sizes."""

import io
import json
from pathlib import Path

import numpy as np
from PIL import Image
from torchvision.transforms import functional as F

rng = np.random.default_rng(5)
noise = Image.fromarray(rng.integers(0, 256, (9, 11, 3), dtype=np.uint8))
y, x = np.mgrid[0:24, 0:20]
smooth = Image.fromarray(np.stack([x * 11, y * 9, 255 - x * 5 - y * 4], -1).astype(np.uint8))
cases = []


def planes(image):
    return np.asarray(image).transpose(2, 0, 1).tobytes().hex()


def case(name, image, form, tolerance=0, sizes=(), **options):
    file = io.BytesIO()
    image.save(file, form, **options)
    rgb = Image.open(io.BytesIO(file.getvalue())).convert("RGB")
    fitted = {}
    for height, width in sizes:
        # Resize knows one length, of the shorter side: that suffices for squares.
        assert height == width
        resized = F.resize(rgb, height, F.InterpolationMode.BILINEAR, antialias=True)
        fitted[str(height)] = planes(F.center_crop(resized, [height, width]))
    cases.append({
        "name": name, "file": file.getvalue().hex(), "height": rgb.height, "width": rgb.width, "planes": planes(rgb),
        "tolerance": tolerance, "fitted": fitted,
    })


for mode in ["1", "L", "P", "RGB", "RGBA", "LA"]:
    case(f"{mode}.png", noise.convert(mode), "png", sizes=[(s, s) for s in (1, 4, 9, 16)] if mode == "RGB" else [])
few = noise.quantize(4)
case("two bits.png", few, "png", bits=2)
case("with a clear colour.png", noise.convert("P"), "png", transparency=3)
case("high.png", smooth.crop((0, 0, 3, 24)), "png", sizes=[(5, 5), (2, 2), (3, 3)])
case("smooth.png", smooth, "png", sizes=[(8, 8), (20, 20), (23, 23)])
case("grey.jpg", smooth.convert("L"), "jpeg", tolerance=2)
case("sharp.jpg", smooth, "jpeg", tolerance=3, quality=95, subsampling=0)
case("progressive.jpg", smooth, "jpeg", tolerance=3, quality=95, subsampling=0, progressive=True)
case("420.jpg", smooth, "jpeg", tolerance=4, quality=95)
case("422.jpg", smooth, "jpeg", tolerance=4, quality=95, subsampling=1)
Path(__file__).with_name("images.json").write_text(json.dumps(cases, indent=0) + "\n")
