#!/usr/bin/env python3
"""Makes nets.json: what whole networks give in PyTorch, forward and backward, so that tests/nets.rs can hold Fusion's
own declarations of them against it.

    venv/bin/python tests/goldens/nets.py                 # writes nets.json, beside this script
    venv/bin/python tests/goldens/nets.py darknet53       # makes this one anew; the others stay as the file has them
    venv/bin/python tests/goldens/nets.py --torchvision   # are the networks below torchvision's, state names and all?

No weight is stored: a formula fills every tensor, told by its name in the state. Element i (in C order) of the tensor
`name` starts from 64 random bits

    bits(name, i) = splitmix64's output function of FNV-1a 64 (name) + (i + 1) * 0x9E3779B97F4A7C15
    u(name, i)    = ((bits >> 40) - 2^23) / 2^23                               in [-1, 1), exact in f32

and is computed in f64, then rounded to f32 (the f64 networks have the same values):

    rank 2 and more      sqrt(6 / fan) * u, where fan is the product of all sizes but the first
    running_var          1 + u / 2
    running_mean         u / 4
    num_batches_tracked  0
    *bias                u / 8
    *bn2.weight, *bn3.weight, *two.bn.weight   1/32 + u / 128
    any other weight     1/2 + u / 8

(Weights of rank 1 are norms. bn2, bn3 and two.bn end the residual branches of deep networks. There rounding errors grow
from block to block, until one activation near 0 is on its other side and turns all gradients by 1e-2; weak branches
keep them small. PyTorch's own `zero_init_residual` goes further.)

An input of numbers is u; labels, tokens and other whole numbers below n are (bits >> 40) % n.

A network is a few lines:

    name         of the network, and `like` the one in torchvision or torch.nn that it equals
    mode         train or eval: the mode of the pass below (eval where dropout would take part)
    inputs       name and shape of each, and `below` for whole numbers
    parameters   how many numbers
    multiply_adds of convolutions, linear layers and attention in that forward pass
    state        every tensor in PyTorch's order: name and shape
    then for f32 and f64:
    outputs      for each output its name (empty if it is the only one), its shape, 16 samples, the mean, the L2 norm
    loss         the sum over outputs y of sum(y_i * u("loss", i)) / sqrt(number of elements)
    gradients    for each parameter in the order of `state` the L2 norm of its gradient and the dot product of that with
                 u("grad." + name, i), both summed in f64
    buffers      for each floating-point buffer its L2 norm after that pass (running statistics have moved once)
    eval         the outputs again, of the network then put into evaluation mode

Sample k of an output is its element bits("sample", k) % count. f64 is the truth and f32 tells how far from it PyTorch's
own rounding leads.

A rectifier turns the gradient where its input changes sign. If an input is so close to 0 that rounding decides on it,
the order of a sum decides all gradients before it, and each order is as right as PyTorch's. Therefore the script
refuses a network where a rectifier's input is closer to 0 than CLEAR times the rounding there: the root mean square of
what f32 and f64 differ by in that layer's input. It says how many times it is; an input of another name is another.

A network with `structure` has only its state and the figures that need no computation: it is large.
"""

import argparse
import json
import math
import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

HERE = Path(__file__).parent
VERSION = f"torch {torch.__version__.split('+')[0]}"
CLEAR = 2


# --- The formula -----------------------------------------------------------------------------------------------------


def bits(name, count):
    """`count` times 64 bits."""
    state = 0xCBF29CE484222325
    for byte in name.encode():
        state = (state ^ byte) * 0x100000001B3 % 2**64
    z = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(state)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def u(name, count):
    return ((bits(name, count) >> np.uint64(40)).astype(np.float64) - 2**23) / 2**23


def filled(name, shape):
    """The values of a tensor of the state, in f32."""
    x = u(name, math.prod(shape))
    if len(shape) > 1:
        x = math.sqrt(6 / math.prod(shape[1:])) * x
    elif name.endswith("running_var"):
        x = 1 + x / 2
    elif name.endswith("running_mean"):
        x = x / 4
    elif name.endswith("bias"):
        x = x / 8
    elif name.endswith(("bn2.weight", "bn3.weight", "two.bn.weight")):
        x = 1 / 32 + x / 128
    else:
        x = 1 / 2 + x / 8
    return torch.from_numpy(x.astype(np.float32)).reshape(shape)


def fill(net):
    with torch.no_grad():
        for name, tensor in net.state_dict().items():
            if tensor.dtype.is_floating_point:
                tensor.copy_(filled(name, tensor.shape))
            else:
                tensor.zero_()


class Input:
    def __init__(self, *shape, name="input", below=None):
        self.name, self.shape, self.below = name, list(shape), below

    def tensor(self, dtype):
        if self.below is None:
            return torch.from_numpy(u(self.name, math.prod(self.shape))).to(dtype).reshape(self.shape)
        whole = (bits(self.name, math.prod(self.shape)) >> np.uint64(40)) % np.uint64(self.below)
        return torch.from_numpy(whole.astype(np.int64)).reshape(self.shape)

    def text(self):
        below = "" if self.below is None else f',"below":{self.below}'
        return f'{{"name":"{self.name}","shape":{json.dumps(self.shape)}{below}}}'


def loss_of(y):
    y = y.reshape(-1)
    return y @ torch.from_numpy(u("loss", y.numel())).to(y.dtype) / math.sqrt(y.numel())


# --- Networks --------------------------------------------------------------------------------------------------------


class Micrograd(nn.Module):
    """The network of micrograd's demo: two hidden layers of 16 ReLU neurons, 337 parameters."""

    def __init__(self):
        super().__init__()
        self.fc1, self.fc2, self.fc3 = nn.Linear(2, 16), nn.Linear(16, 16), nn.Linear(16, 1)

    def forward(self, x):
        return self.fc3(self.fc2(self.fc1(x).relu()).relu())


class MicrogradTanh(Micrograd):
    """As in Karpathy's lecture on micrograd: tanh, at the end too."""

    def forward(self, x):
        return self.fc3(self.fc2(self.fc1(x).tanh()).tanh()).tanh()


class LeNet5(nn.Module):
    """LeCun et al. 1998 on 28x28, as it is usually written today: tanh, average pooling, every map connected."""

    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 6, 5, padding=2), nn.Conv2d(6, 16, 5)
        self.fc1, self.fc2, self.fc3 = nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, 10)

    def forward(self, x):
        x = F.avg_pool2d(self.conv1(x).tanh(), 2)
        x = F.avg_pool2d(self.conv2(x).tanh(), 2).flatten(1)
        return self.fc3(self.fc2(self.fc1(x).tanh()).tanh())


class AlexNet(nn.Module):
    def __init__(self, classes=1000):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 64, 11, stride=4, padding=2), nn.ReLU(), nn.MaxPool2d(3, stride=2),
            nn.Conv2d(64, 192, 5, padding=2), nn.ReLU(), nn.MaxPool2d(3, stride=2),
            nn.Conv2d(192, 384, 3, padding=1), nn.ReLU(),
            nn.Conv2d(384, 256, 3, padding=1), nn.ReLU(),
            nn.Conv2d(256, 256, 3, padding=1), nn.ReLU(), nn.MaxPool2d(3, stride=2),
        )
        self.avgpool = nn.AdaptiveAvgPool2d(6)
        self.classifier = nn.Sequential(
            nn.Dropout(), nn.Linear(256 * 6 * 6, 4096), nn.ReLU(),
            nn.Dropout(), nn.Linear(4096, 4096), nn.ReLU(),
            nn.Linear(4096, classes),
        )

    def forward(self, x):
        return self.classifier(self.avgpool(self.features(x)).flatten(1))


def vgg16_features():
    layers, takes = [], 3
    for gives in 64, 64, 0, 128, 128, 0, 256, 256, 256, 0, 512, 512, 512, 0, 512, 512, 512, 0:
        layers += [nn.Conv2d(takes, gives, 3, padding=1), nn.ReLU()] if gives else [nn.MaxPool2d(2)]
        takes = gives or takes
    return nn.Sequential(*layers)


class Vgg16Small(nn.Module):
    """VGG-16's convolutions with one linear layer, as it is used on 32x32 images."""

    def __init__(self):
        super().__init__()
        self.features, self.classifier = vgg16_features(), nn.Linear(512, 10)

    def forward(self, x):
        return self.classifier(self.features(x).flatten(1))


class BasicBlock(nn.Module):
    expansion = 1

    def __init__(self, takes, width, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(takes, width, 3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.downsample = shortcut(takes, width, stride)

    def forward(self, x):
        y = self.bn2(self.conv2(self.bn1(self.conv1(x)).relu()))
        return (y + (x if self.downsample is None else self.downsample(x))).relu()


class Bottleneck(nn.Module):
    expansion = 4

    def __init__(self, takes, width, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(takes, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride=stride, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, 4 * width, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(4 * width)
        self.downsample = shortcut(takes, 4 * width, stride)

    def forward(self, x):
        y = self.bn2(self.conv2(self.bn1(self.conv1(x)).relu())).relu()
        return (self.bn3(self.conv3(y)) + (x if self.downsample is None else self.downsample(x))).relu()


def shortcut(takes, gives, stride):
    if stride == 1 and takes == gives:
        return None
    return nn.Sequential(nn.Conv2d(takes, gives, 1, stride=stride, bias=False), nn.BatchNorm2d(gives))


class ResNet(nn.Module):
    def __init__(self, block, repeats):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False)
        self.bn1, self.maxpool = nn.BatchNorm2d(64), nn.MaxPool2d(3, stride=2, padding=1)
        takes = 64
        for i, (width, count) in enumerate(zip((64, 128, 256, 512), repeats)):
            blocks = []
            for turn in range(count):
                blocks.append(block(takes, width, 2 if turn == 0 and i > 0 else 1))
                takes = width * block.expansion
            setattr(self, f"layer{i + 1}", nn.Sequential(*blocks))
        self.fc = nn.Linear(takes, 1000)

    def forward(self, x):
        x = self.maxpool(self.bn1(self.conv1(x)).relu())
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(x.mean((2, 3)))


class Unit(nn.Module):
    """Convolution without a bias, batch norm, an activation."""

    def __init__(self, takes, gives, kernel, stride=1, padding=0, slope=0.0):
        super().__init__()
        self.conv = nn.Conv2d(takes, gives, kernel, stride=stride, padding=padding, bias=False)
        self.bn, self.slope = nn.BatchNorm2d(gives), slope

    def forward(self, x):
        return F.leaky_relu(self.bn(self.conv(x)), self.slope)


class Inception(nn.Module):
    """GoogLeNet's block 3a as in the paper, with torchvision's names (whose third branch is 3x3, a known slip)."""

    def __init__(self):
        super().__init__()
        self.branch1 = Unit(192, 64, 1)
        self.branch2 = nn.Sequential(Unit(192, 96, 1), Unit(96, 128, 3, padding=1))
        self.branch3 = nn.Sequential(Unit(192, 16, 1), Unit(16, 32, 5, padding=2))
        self.branch4 = nn.Sequential(nn.MaxPool2d(3, stride=1, padding=1), Unit(192, 32, 1))

    def forward(self, x):
        return torch.cat([self.branch1(x), self.branch2(x), self.branch3(x), self.branch4(x)], 1)


class DenseLayer(nn.Module):
    """Gives its input and, joined to it, 12 more channels."""

    def __init__(self, takes):
        super().__init__()
        self.norm1, self.conv1 = nn.BatchNorm2d(takes), nn.Conv2d(takes, 48, 1, bias=False)
        self.norm2, self.conv2 = nn.BatchNorm2d(48), nn.Conv2d(48, 12, 3, padding=1, bias=False)

    def forward(self, x):
        return torch.cat([x, self.conv2(self.norm2(self.conv1(self.norm1(x).relu())).relu())], 1)


class DenseNet(nn.Module):
    """A block of three dense layers and a transition, in torchvision's names."""

    def __init__(self):
        super().__init__()
        layers = dict(denselayer1=DenseLayer(24), denselayer2=DenseLayer(36), denselayer3=DenseLayer(48))
        self.denseblock1 = nn.Sequential()
        for name, layer in layers.items():
            self.denseblock1.add_module(name, layer)
        self.transition1 = nn.Sequential()
        self.transition1.add_module("norm", nn.BatchNorm2d(60))
        self.transition1.add_module("relu", nn.ReLU())
        self.transition1.add_module("conv", nn.Conv2d(60, 30, 1, bias=False))
        self.transition1.add_module("pool", nn.AvgPool2d(2))

    def forward(self, x):
        return self.transition1(self.denseblock1(x))


class Double(nn.Module):
    """Two convolutions of a U-Net."""

    def __init__(self, takes, gives):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(takes, gives, 3, padding=1, bias=False), nn.BatchNorm2d(gives)
        self.conv2, self.bn2 = nn.Conv2d(gives, gives, 3, padding=1, bias=False), nn.BatchNorm2d(gives)

    def forward(self, x):
        return self.bn2(self.conv2(self.bn1(self.conv1(x)).relu())).relu()


class UNet(nn.Module):
    """Two levels; up again once by a transposed convolution, once by nearest neighbours and a convolution."""

    def __init__(self):
        super().__init__()
        self.enc1, self.enc2, self.mid = Double(1, 16), Double(16, 32), Double(32, 64)
        self.up2, self.dec2 = nn.ConvTranspose2d(64, 32, 2, stride=2), Double(64, 32)
        self.up1, self.dec1 = nn.Sequential(nn.Upsample(scale_factor=2), nn.Conv2d(32, 16, 1)), Double(32, 16)
        self.out = nn.Conv2d(16, 2, 1)

    def forward(self, x):
        one = self.enc1(x)
        two = self.enc2(F.max_pool2d(one, 2))
        x = self.up2(self.mid(F.max_pool2d(two, 2)))
        x = self.up1(self.dec2(torch.cat([two, x], 1)))
        return self.out(self.dec1(torch.cat([one, x], 1)))


class Residual(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.one = Unit(channels, channels // 2, 1, slope=0.1)
        self.two = Unit(channels // 2, channels, 3, padding=1, slope=0.1)

    def forward(self, x):
        return x + self.two(self.one(x))


class Darknet53(nn.Module):
    """YOLOv3's backbone: its last three stages are the outputs, at a stride of 8, 16 and 32."""

    def __init__(self):
        super().__init__()
        self.stem = Unit(3, 32, 3, padding=1, slope=0.1)
        for i, (gives, count) in enumerate([(64, 1), (128, 2), (256, 8), (512, 8), (1024, 4)]):
            down = Unit(gives // 2, gives, 3, stride=2, padding=1, slope=0.1)
            setattr(self, f"p{i + 1}", nn.Sequential(down, *(Residual(gives) for _ in range(count))))

    def forward(self, x):
        p3 = self.p3(self.p2(self.p1(self.stem(x))))
        p4 = self.p4(p3)
        return dict(p3=p3, p4=p4, p5=self.p5(p4))


class Encoder(nn.Module):
    """nn.TransformerEncoderLayer(norm_first=True, activation="gelu"), no dropout."""

    def __init__(self, features=32, heads=4, hidden=64):
        super().__init__()
        self.self_attn = nn.MultiheadAttention(features, heads, batch_first=True)
        self.linear1, self.linear2 = nn.Linear(features, hidden), nn.Linear(hidden, features)
        self.norm1, self.norm2 = nn.LayerNorm(features), nn.LayerNorm(features)

    def forward(self, x):
        y = self.norm1(x)
        x = x + self.self_attn(y, y, y, need_weights=False)[0]
        return x + self.linear2(F.gelu(self.linear1(self.norm2(x))))


class Bert(nn.Module):
    """Tokens to scores of tokens: an embedding, two encoder blocks, a norm, a linear layer."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(50, 32)
        self.layers = nn.Sequential(Encoder(), Encoder())
        self.norm, self.decoder = nn.LayerNorm(32), nn.Linear(32, 50)

    def forward(self, tokens):
        return self.decoder(self.norm(self.layers(self.embedding(tokens))))


class Bag(nn.Module):
    """A bag of tokens: their embeddings' mean, and a linear layer."""

    def __init__(self):
        super().__init__()
        self.embedding, self.fc = nn.Embedding(50, 16), nn.Linear(16, 3)

    def forward(self, tokens):
        return self.fc(self.embedding(tokens).mean(1))


class Eye(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(3, 8, 3, padding=1), nn.Conv2d(8, 16, 3, padding=1)

    def forward(self, image):
        return self.conv2(F.max_pool2d(self.conv1(image).relu(), 2)).relu().mean((2, 3))


class TwoInputs(nn.Module):
    """An image and a vector: each has its part, whose features are joined for an MLP."""

    def __init__(self):
        super().__init__()
        self.eye = Eye()
        self.facts = nn.Sequential(nn.Linear(5, 8), nn.ReLU())
        self.judge = nn.Sequential(nn.Linear(24, 16), nn.ReLU(), nn.Linear(16, 4))

    def forward(self, image, facts):
        return self.judge(torch.cat([self.eye(image), self.facts(facts)], 1))


NETS = [
    # name, network, its inputs, and what else is to be said
    ("micrograd", Micrograd, [Input(20, 2)], dict()),
    ("micrograd_tanh", MicrogradTanh, [Input(20, 2)], dict()),
    ("lenet5", LeNet5, [Input(4, 1, 28, 28)], dict()),
    ("alexnet", AlexNet, [Input(1, 3, 96, 96)], dict(mode="eval", like="alexnet")),
    ("vgg16_small", Vgg16Small, [Input(1, 3, 32, 32)], dict()),
    ("resnet18", lambda: ResNet(BasicBlock, (2, 2, 2, 2)), [Input(2, 3, 64, 64)], dict(like="resnet18")),
    # On these photos no activation is so close to 0 that rounding decides on which side it is: on "input" one is.
    ("resnet34", lambda: ResNet(BasicBlock, (3, 4, 6, 3)), [Input(2, 3, 64, 64, name="photo")], dict(like="resnet34")),
    ("resnet50", lambda: ResNet(Bottleneck, (3, 4, 6, 3)), [Input(2, 3, 64, 64, name="photo")], dict(like="resnet50")),
    ("inception", Inception, [Input(2, 192, 8, 8)], dict()),
    ("densenet", DenseNet, [Input(2, 24, 8, 8)], dict()),
    ("unet", UNet, [Input(2, 1, 28, 28)], dict()),
    ("darknet53", Darknet53, [Input(2, 3, 64, 64, name="photo278")], dict()),
    ("encoder", Encoder, [Input(2, 10, 32)], dict(like="nn.TransformerEncoderLayer")),
    ("bert", Bert, [Input(2, 12, below=50)], dict()),
    ("bag", Bag, [Input(4, 7, below=50)], dict()),
    ("two_inputs", TwoInputs, [Input(2, 3, 8, 8, name="image"), Input(2, 5, name="facts")], dict()),
]
STRUCTURES = []


# --- What they give --------------------------------------------------------------------------------------------------


def number(x):
    """The shortest decimal that reads back as the same number of x's own type."""
    assert np.isfinite(x)
    return str(x).removesuffix(".0")


def numbers(array):
    return "[" + ",".join(map(number, array)) + "]"


def named(y):
    return y if isinstance(y, dict) else {"": y}


def outputs(y):
    """Samples, mean and norm of each output."""
    parts = []
    for name, tensor in named(y).items():
        flat = tensor.detach().reshape(-1).numpy()
        samples = numbers(flat[(bits("sample", 16) % np.uint64(flat.size)).astype(np.int64)])
        wide = flat.astype(np.float64)
        mean, norm = number(flat.dtype.type(wide.mean())), number(flat.dtype.type(np.linalg.norm(wide)))
        shape = json.dumps(list(tensor.shape)).replace(" ", "")
        parts.append(f'{{"name":"{name}","shape":{shape},"samples":{samples},"mean":{mean},"norm":{norm}}}')
    return "[" + ",".join(parts) + "]"


def multiply_adds(net, inputs):
    """Counts while `net` computes its outputs, which it returns too."""
    count = 0

    def convolution(layer, x, y):
        nonlocal count
        window = math.prod(layer.weight.shape[1:])
        count += (x[0] if layer.transposed else y).numel() * window

    def linear(layer, x, y):
        nonlocal count
        count += y.numel() * layer.in_features

    def attention(layer, x, y):
        nonlocal count
        batch, length, features = x[0].shape
        count += batch * length * features * (4 * features + 2 * length)

    hooks = []
    inside = {id(m.out_proj) for m in net.modules() if isinstance(m, nn.MultiheadAttention)}
    for layer in net.modules():
        kinds = {nn.Conv2d: convolution, nn.ConvTranspose2d: convolution, nn.MultiheadAttention: attention}
        if type(layer) in kinds:
            hooks.append(layer.register_forward_hook(kinds[type(layer)]))
        elif isinstance(layer, nn.Linear) and id(layer) not in inside:
            hooks.append(layer.register_forward_hook(linear))
    y = net(*inputs)
    for hook in hooks:
        hook.remove()
    return y, count


class Rectified(TorchDispatchMode):
    """Keeps the input of every rectifier."""

    def __init__(self):
        super().__init__()
        self.inputs = []

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        aten = torch.ops.aten
        if function in (aten.relu.default, aten.relu_.default, aten.leaky_relu.default):
            self.inputs.append(args[0].detach().double().clone())
        if function in (aten.hardtanh.default, aten.hardtanh_.default):
            self.inputs.extend(args[0].detach().double() - kink for kink in args[1:])
        return function(*args, **(kwargs or {}))


def clearance(single, double):
    """How many times the rounding the rectifiers' inputs stay away from 0, by those of an f32 and of an f64 network."""
    assert len(single) == len(double)
    rounding = [(x - y).square().mean().sqrt() for x, y in zip(single, double)]
    return min((float(y.abs().min() / r) for y, r in zip(double, rounding)), default=math.inf)


def compute(make, inputs, dtype, mode):
    """One pass, its gradients, and the evaluation after it: the text of its fields, the multiply-adds, and what the
    pass gave rectifiers."""
    net = make()
    fill(net)
    net.to(dtype).train(mode == "train")
    xs = [x.tensor(dtype) for x in inputs]
    with Rectified() as rectified:
        y, count = multiply_adds(net, xs)
    loss = sum(map(loss_of, named(y).values()))
    loss.backward()
    gradients = []
    for name, parameter in net.named_parameters():
        g = parameter.grad.reshape(-1).double().numpy()
        kind = np.float32 if dtype == torch.float32 else np.float64
        dot = g @ u("grad." + name, g.size)
        gradients.append(numbers([kind(np.linalg.norm(g)), kind(dot)]))
    buffers = [np.linalg.norm(b.double().numpy()) for b in net.buffers() if b.dtype.is_floating_point]
    if dtype == torch.float32:
        buffers = list(map(np.float32, buffers))
    assert all(int(b) == (mode == "train") for b in net.buffers() if not b.dtype.is_floating_point)
    parts = [
        f'"outputs":{outputs(y)}',
        f'"loss":{number(loss.detach().numpy()[()])}',
        f'"gradients":[{",".join(gradients)}]',
        f'"buffers":{numbers(buffers)}',
    ]
    with torch.no_grad():
        parts.append(f'"eval":{outputs(net.eval()(*xs))}')
    return parts, count, rectified.inputs


def network(name, make, inputs, about, structure=False):
    mode = about.get("mode", "train")
    with torch.device("meta"):
        net = make().eval()
        xs = [torch.empty(x.shape, dtype=torch.float32 if x.below is None else torch.int64) for x in inputs]
        y, count = multiply_adds(net, xs)
    state = ",".join(f'["{name}",{json.dumps(list(t.shape))}]'.replace(" ", "") for name, t in net.state_dict().items())
    parts = [f'"name":"{name}"']
    if "like" in about:
        parts.append(f'"like":"{about["like"]}"')
    parts += [
        f'"mode":"{mode}"' if not structure else '"structure":true',
        f'"inputs":[{",".join(x.text() for x in inputs)}]'.replace(", ", ","),
        f'"parameters":{sum(p.numel() for p in net.parameters())}',
        f'"multiply_adds":{count}',
    ]
    if structure:
        sizes = {name: list(t.shape) for name, t in named(y).items()}
        parts.append(f'"outputs":{json.dumps(sizes)}'.replace(" ", ""))
    lines = [",".join(parts), f'"state":[{state}]']
    said = f"{name}: {sum(p.numel() for p in net.parameters()):,} parameters, {count:,} multiply-adds"
    if not structure:
        rectified = []
        for kind, dtype in ("f32", torch.float32), ("f64", torch.float64):
            fields, again, inputs_of_rectifiers = compute(make, inputs, dtype, mode)
            assert again == count
            rectified.append(inputs_of_rectifiers)
            lines.append(f'"{kind}":{{' + ",\n".join(fields) + "}")
        clear = clearance(*rectified)
        if clear < CLEAR:
            sys.exit(f"{name}: a rectifier's input is {clear:.1f} times the rounding from 0; {CLEAR} are needed")
        if rectified[0]:
            said += f", rectifiers' inputs {clear:.1f} times the rounding from 0"
    print(said)
    return "{" + ",\n".join(lines) + "}"


# --- Do PyTorch's own agree? -----------------------------------------------------------------------------------------


def compare_with_torchvision():
    import torchvision

    def same(name, ours, theirs, inputs):
        fill(ours)
        missing = [k for k in theirs.state_dict() if k not in ours.state_dict()]
        theirs.load_state_dict(ours.state_dict(), strict=True)
        assert not missing and list(ours.state_dict()) == list(theirs.state_dict()), name
        xs = [x.tensor(torch.float32) for x in inputs]
        with torch.no_grad():
            a, b = ours.eval()(*xs), theirs.eval()(*xs)
        print(f"{name}: the same state; outputs differ by {(a - b).abs().max() / b.abs().max():.1e} of the largest")

    for name, make, inputs, about in NETS + STRUCTURES:
        if about.get("like") == "nn.TransformerEncoderLayer":
            layer = nn.TransformerEncoderLayer(32, 4, 64, 0.0, "gelu", batch_first=True, norm_first=True)
            same(name, make(), layer, inputs)
        elif "like" in about:
            same(name, make(), getattr(torchvision.models, about["like"])(), inputs)


# --- The file --------------------------------------------------------------------------------------------------------


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("only", nargs="*", help="networks to make anew; without any, all")
    parser.add_argument("--torchvision", action="store_true", help="compare the definitions with torchvision's")
    torch.set_num_threads(1)
    given = parser.parse_args()
    if given.torchvision:
        return compare_with_torchvision()
    write("nets.json", NETS, STRUCTURES, given.only)


def write(file, nets, structures, only, more=""):
    """Writes the figures of the networks, and `more`; of all that are not in `only`, unless that is empty, those of the file stay."""
    path, start, end = HERE / file, f'{{\n"made_with":"{VERSION}",\n"nets":[\n', f"\n]{more}\n}}\n"
    nets = [(net, False) for net in nets] + [(net, True) for net in structures]
    names = [net[0] for net, _ in nets]
    kept = {}
    if only:
        text = path.read_text()
        if unknown := set(only) - set(names):
            sys.exit(f"no network is named {', '.join(sorted(unknown))}")
        if not text.startswith(start):
            sys.exit(f"the file was not made with {VERSION}: make all")
        before = text.removeprefix(start).removesuffix(end).replace(',\n{"name":', ',\n\0{"name":').split(",\n\0")
        kept = {json.loads(net)["name"]: net for net in before}
    made = {net[0]: network(*net, structure) for net, structure in nets if not kept or net[0] in only}
    path.write_text(start + ",\n".join(made.get(name) or kept[name] for name in names) + end)
    json.loads(path.read_text())
    print(f"{file}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    sys.exit(main())
