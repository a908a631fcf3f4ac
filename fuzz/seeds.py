"""Writes the files that fuzzing begins with, a folder for each target: python fuzz/seeds.py. It needs numpy and Pillow."""

import gzip
import io
import struct
import tarfile
import zlib
from pathlib import Path

import numpy as np
from PIL import Image

FOLDER = Path(__file__).parent / "seeds"


def write(target, name, data):
    folder = FOLDER / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data)


def idx(kind, sizes, data):
    return bytes([0, 0, kind, len(sizes)]) + b"".join(struct.pack(">I", size) for size in sizes) + data


def saved(save):
    file = io.BytesIO()
    save(file)
    return file.getvalue()


rng = np.random.default_rng(0)
digits = idx(8, [2, 28, 28], bytes(rng.integers(0, 256, 2 * 784, dtype=np.uint8)))
for kind, data in [(8, b"\1\2"), (9, b"\1\xff"), (11, b"\0\1\0\2"), (12, bytes(8)), (13, bytes(8)), (14, bytes(16))]:
    write("idx", f"kind{kind}", idx(kind, [2], data))
    write("gzip", f"kind{kind}", idx(kind, [2], data))
write("idx", "packed", gzip.compress(idx(8, [2, 3], b"abcdef"), mtime=0))
write("mnist", "digits", digits)
write("mnist", "packed", gzip.compress(digits, mtime=0))
write("mnist", "labels", idx(8, [5], bytes([1, 2, 3, 4, 9])))
write("cifar", "ten", bytes([3]) + bytes(3072) + bytes([9]) + bytes([7]) * 3072)
write("cifar", "hundred", bytes([19, 99]) + bytes(3072))

x = np.arange(6.0).reshape(2, 3)
for descr in ["<f4", ">f8", "<i8", ">i2", "|u1", "|b1", "<f2", "<u8"]:
    write("npy", descr.strip("<>|"), saved(lambda file: np.save(file, x.astype(descr))))
write("npy", "fortran", saved(lambda file: np.save(file, np.asfortranarray(x))))
write("npy", "version2", saved(lambda file: np.lib.format.write_array(file, x, version=(2, 0))))
write("npz", "stored", saved(lambda file: np.savez(file, x=x, y=np.arange(4))))
write("npz", "packed", saved(lambda file: np.savez_compressed(file, x=x, y=np.zeros(100, np.uint8))))

rgb = Image.fromarray(rng.integers(0, 256, (9, 11, 3), dtype=np.uint8))
smooth = Image.fromarray(np.add.outer(np.arange(24), np.arange(20)).astype(np.uint8)).convert("RGB")
for mode in ["1", "L", "P", "RGB", "RGBA", "LA"]:
    write("image", f"{mode}.png", saved(lambda file: rgb.convert(mode).save(file, "png")))
deep = Image.fromarray(rng.integers(0, 65536, (5, 4), dtype=np.uint16))
write("image", "deep.png", saved(lambda file: deep.save(file, "png")))
for mode in ["L", "RGB", "CMYK"]:
    write("image", f"{mode}.jpg", saved(lambda file: smooth.convert(mode).save(file, "jpeg", quality=80)))
for name, options in [("progressive", {"progressive": True}), ("444", {"subsampling": 0}), ("422", {"subsampling": 1}),
                      ("restart", {"restart_marker_blocks": 1})]:
    write("image", f"{name}.jpg", saved(lambda file: smooth.save(file, "jpeg", **options)))

numbers = np.arange(1, 30, dtype="<f4")
write("weights", "new", struct.pack("<iiiq", 0, 2, 5, 64) + numbers.tobytes())
write("weights", "old", struct.pack("<iiii", 0, 1, 0, 64) + numbers.tobytes())
for path in sorted((Path(__file__).parent.parent / "tests" / "darknet").glob("*.cfg")):
    link = FOLDER / "cfg" / path.stem
    link.parent.mkdir(exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(Path("../../../tests/darknet") / path.name)

write("text", "plain", "The cat — and the dog’s\nend.\n".encode())
write("text", "mark", "\ufeffa".encode())
write("text", "packed", gzip.compress(b"one two", mtime=0))

archive = io.BytesIO()
with tarfile.open(fileobj=archive, mode="w", format=tarfile.USTAR_FORMAT) as file:
    for name in ["set/a.bin", "other/b"]:
        about = tarfile.TarInfo(name)
        about.size = 5
        file.addfile(about, io.BytesIO(b"12345"))
write("tar", "two", archive.getvalue()[:4096])
write("tar", "packed", gzip.compress(archive.getvalue(), mtime=0))

boxes = '{"images":[{"id":7,"file_name":"a.png"}],"categories":[{"id":2,"name":"dog"}],"annotations":[%s]}'
write("coco", "one", (boxes % '{"image_id":7,"category_id":2,"bbox":[1,2,3.5,4],"iscrowd":0}').encode())
write("coco", "none", (boxes % "").encode())
write("yolo", "two", b"0 0.5 0.5 0.25 0.125\n2 1 0 1e-3 .5\n")



# Logs of runs: records of each kind, and files of them.
def text_of(text):
    return struct.pack("<I", len(text.encode())) + text.encode()


def list_of(*elements):
    return struct.pack("<I", len(elements)) + b"".join(elements)


def framed(record):
    start = b"\xf5REC" + struct.pack("<II", len(record), zlib.crc32(record))
    return start + struct.pack("<I", zlib.crc32(start)) + record


def places(*numbers):
    return list_of(*(struct.pack("<Q", number) for number in numbers))


picture = struct.pack("<BII", 1, 2, 2) + list_of(b"\0", b"\1", b"\2", b"\3")
names, some = list_of(text_of("a"), text_of("b")), b"\1"
layer = text_of("fc") + text_of("Linear") + text_of("Linear<2, 2>") + list_of(text_of("in_features") + text_of("2"))
layer += struct.pack("<Q", 1) + places(2) + places(0) + struct.pack("<Q", 6)
parameter = text_of("fc.weight") + places(2, 2) + struct.pack("<2d5Qd", 1, 1, 4, 0, 0, 0, 0, 2)
operation = text_of("relu") + text_of("fc") + text_of("net.rs:1") + places(1, 2) + b"\0" + some + struct.pack("<2Qd", 1, 2, 3)
node = struct.pack("<Q", 0) + text_of("sum") + some + places() + text_of("1") + text_of("1") + b"\0"
BODIES = [
    list_of(text_of("rate") + text_of("0.1")),
    list_of(layer) + text_of("<svg/>"),
    list_of(text_of("loss") + struct.pack("<d", 0.5)),
    text_of("w") + struct.pack("<2d", -1, 1) + places(1, 2) + struct.pack("<2d2Q", 0, 3, 0, 1),
    text_of("image") + picture,
    text_of("note") + text_of("words"),
    text_of("test") + names + places(1, 0, 2, 3),
    list_of(parameter + some + struct.pack("<d", 1e-3) + text_of("")),
    list_of(operation + text_of("dead")),
    text_of("loss") + list_of(node) + list_of(bytes(16)),
    text_of("test") + names + list_of(bytes(4), bytes(4)) + list_of(struct.pack("<I", 1)) + list_of(bytes(4) + picture),
]
RECORDS = [struct.pack("<BQd", kind, 7, 1.7e9) + body for kind, body in enumerate(BODIES, 1)]
for kind, record in enumerate(RECORDS, 1):
    write("log", f"kind{kind:02}", record)
write("log", "run", b"FUSION LOG 1\n" + b"".join(map(framed, RECORDS)))
write("log", "newer", b"FUSION LOG 2\n")

# Frames of a camera, and a video of one.
frame = saved(lambda file: smooth.resize((40, 32)).save(file, "jpeg", quality=80))
write("frame", "baseline.jpg", frame)
write("frame", "progressive.jpg", saved(lambda file: smooth.save(file, "jpeg", progressive=True)))
write("frame", "grey.jpg", saved(lambda file: smooth.convert("L").save(file, "jpeg")))
write("frame", "dot.jpg", saved(lambda file: smooth.resize((1, 1)).save(file, "jpeg")))


def chunk(name, data):
    return name + struct.pack("<I", len(data)) + data + bytes(len(data) % 2)


header = b"vidsMJPG" + struct.pack("<11I", 0, 0, 0, 1, 30, 0, 1, 0, 0, 0, 0)
stream = chunk(b"LIST", b"strl" + chunk(b"strh", header) + chunk(b"strf", bytes(40)))
frames = chunk(b"LIST", b"movi" + chunk(b"00dc", frame) + chunk(b"LIST", b"rec " + chunk(b"00dc", frame)))
video = b"AVI " + chunk(b"LIST", b"hdrl" + chunk(b"avih", bytes(56)) + stream) + frames + chunk(b"idx1", bytes(32))
write("avi", "video.avi", chunk(b"RIFF", video))
