#!/usr/bin/env python3
"""Images per second of PyTorch's DataLoader, for the data and the transforms of `--example loader`.

    python3 examples/benches/loader.py                           # needs torch and torchvision
    cargo run --release --example loader

Run one after the other, several times: other programs on the machine slow both down. There are three ways to write the
transforms: torchvision's `CIFAR10`, which makes a PIL image of each sample; `transforms.v2` on tensors; and `v2` on tensors
with the normalisation done to the whole batch.
"""

import argparse
import time

import torch
from torch.utils.data import DataLoader, Dataset
from torchvision.transforms import v2

MEAN, STD = (0.4914, 0.4822, 0.4465), (0.247, 0.2435, 0.2616)
MOVES = [v2.RandomCrop(32, padding=4), v2.RandomHorizontalFlip()]
FLOATS = [v2.ToDtype(torch.float32, scale=True), v2.Normalize(MEAN, STD)]


class Images(Dataset):
    def __init__(self, way, samples):
        self.y = torch.arange(samples) % 10
        x = torch.randint(0, 256, (samples, 3, 32, 32), dtype=torch.uint8)
        self.x = x.permute(0, 2, 3, 1).numpy() if way == "PIL images" else x
        first = {"PIL images": [v2.ToPILImage(), *MOVES, v2.ToImage(), *FLOATS], "tensors": [*MOVES, *FLOATS]}
        self.transform = v2.Compose(first.get(way, MOVES))

    def __len__(self):
        return len(self.y)

    def __getitem__(self, i):
        return self.transform(self.x[i]), self.y[i]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--samples", type=int, default=20_000)
    samples = parser.parse_args().samples
    for way in ["PIL images", "tensors", "tensors, normalised by batch"]:
        images, whole = Images(way, samples), v2.Compose(FLOATS if "batch" in way else [v2.Identity()])
        for workers in [0, 1, 2]:
            if workers == 0:
                torch.set_num_threads(1)
            start = time.perf_counter()
            for x, _ in DataLoader(images, 128, shuffle=True, num_workers=workers):
                whole(x)
            print(f"{way}, {workers} workers: {samples / (time.perf_counter() - start):.0f} images per second", flush=True)


if __name__ == "__main__":
    main()
