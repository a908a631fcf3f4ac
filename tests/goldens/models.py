#!/usr/bin/env python3
"""Makes models.json: what torchvision's networks give, so that tests/nets/models.rs can hold fusion::models against them.

    venv/bin/python tests/goldens/models.py               # writes models.json, beside this script
    venv/bin/python tests/goldens/models.py mobilenet_v2  # makes this one anew; the others stay as the file has them

The weights are those of the formula of nets.py, and the file is of the form that is described there. AlexNet and the residual
networks for photographs are in nets.json. Networks that torchvision has not are written here, in PyTorch's words.
`costs` are the parameters and the multiply-adds of torchvision's networks for images of 224 x 224.
"""

import argparse
import sys

import torch
import torchvision
from nets import BasicBlock, Input, multiply_adds, write
from torch import nn


class Mlp(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1, self.fc2, self.fc3 = nn.Linear(784, 128), nn.Linear(128, 64), nn.Linear(64, 10)

    def forward(self, x):
        return self.fc3(self.fc2(self.fc1(x).relu()).relu())


class LeNet5(nn.Module):
    """The network of PyTorch's tutorials, for digits of 28 x 28."""

    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 6, 5, padding=2), nn.Conv2d(6, 16, 5)
        self.fc1, self.fc2, self.fc3 = nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, 10)
        self.pool = nn.MaxPool2d(2)

    def forward(self, x):
        x = self.pool(self.conv2(self.pool(self.conv1(x).relu())).relu()).flatten(1)
        return self.fc3(self.fc2(self.fc1(x).relu()).relu())


class AlexNet28(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(64, 96, 3, padding=1), nn.ReLU(),
            nn.Conv2d(96, 64, 3, padding=1), nn.ReLU(),
            nn.Conv2d(64, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(3, stride=2),
        )
        self.classifier = nn.Sequential(
            nn.Dropout(), nn.Linear(576, 256), nn.ReLU(),
            nn.Dropout(), nn.Linear(256, 256), nn.ReLU(),
            nn.Linear(256, 10),
        )

    def forward(self, x):
        return self.classifier(self.features(x).flatten(1))


class CifarResNet(nn.Module):
    """He et al. 2015, section 4.2, with projections (option B)."""

    def __init__(self, count):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16)
        takes = 16
        for i, width in enumerate((16, 32, 64)):
            blocks = []
            for turn in range(count):
                blocks.append(BasicBlock(takes, width, 2 if turn == 0 and i > 0 else 1))
                takes = width
            setattr(self, f"layer{i + 1}", nn.Sequential(*blocks))
        self.fc = nn.Linear(64, 10)

    def forward(self, x):
        x = self.layer3(self.layer2(self.layer1(self.bn1(self.conv1(x)).relu())))
        return self.fc(x.mean((2, 3)))


def photo(size, name="photo", batch=2):
    return [Input(batch, 3, size, size, name=name)]


models = torchvision.models
MODELS = [
    ("mlp", Mlp, [Input(20, 784)], dict()),
    ("lenet5_relu", LeNet5, [Input(4, 1, 28, 28)], dict()),
    ("alexnet28", AlexNet28, [Input(4, 1, 28, 28, name="photo")], dict(mode="eval")),
    ("resnet20", lambda: CifarResNet(3), photo(32), dict()),
    ("vgg16", models.vgg16, photo(32, batch=1), dict(mode="eval", like="vgg16")),
    ("densenet121", models.densenet121, photo(32, batch=2), dict(mode="eval", like="densenet121")),
    ("mobilenet_v2", models.mobilenet_v2, photo(64, "photo1", batch=1), dict(mode="eval", like="mobilenet_v2")),
]
STRUCTURES = [
    ("resnet32", lambda: CifarResNet(5), photo(32), dict()),
    ("resnet56", lambda: CifarResNet(9), photo(32), dict()),
    ("vgg16_bn", models.vgg16_bn, photo(224, batch=1), dict(like="vgg16_bn")),
]


COSTS = "alexnet vgg16 vgg16_bn resnet18 resnet34 resnet50 densenet121 mobilenet_v2".split()


def costs():
    """Parameters and multiply-adds of torchvision's networks for an image of 224 x 224."""
    lines = []
    for name in COSTS:
        with torch.device("meta"):
            net = getattr(models, name)().eval()
            _, count = multiply_adds(net, [torch.empty(1, 3, 224, 224)])
        parameters = sum(p.numel() for p in net.parameters())
        meta = models.get_model_weights(name).DEFAULT.meta
        assert parameters == meta["num_params"] and abs(count / 1e9 - meta["_ops"]) < 0.01, name
        lines.append(f'["{name}",{parameters},{count}]')
    return ',\n"costs":[' + ",\n".join(lines) + "]"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("only", nargs="*", help="networks to make anew; without any, all")
    torch.set_num_threads(1)
    write("models.json", MODELS, STRUCTURES, parser.parse_args().only, costs())


if __name__ == "__main__":
    sys.exit(main())
