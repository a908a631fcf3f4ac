#!/usr/bin/env python3
"""Makes parallel.safetensors: what torch.nn.DataParallel saves of a network with other names and another head.

    venv/bin/python tests/goldens/parallel.py                    # beside this script; see make.py for the packages

The elements of each tensor are 0, 1, 2, ..., in the order of the network's state.
"""

import pathlib
from collections import OrderedDict

import safetensors.torch
import torch
from torch import nn

net = nn.Sequential(
    OrderedDict(
        features=nn.Sequential(OrderedDict(fc1=nn.Linear(3, 4), bn1=nn.BatchNorm1d(4))),
        head=nn.Linear(4, 5),
    )
)
with torch.no_grad():
    count = 0
    for value in net.state_dict().values():
        value.copy_(torch.arange(count, count + value.numel()).reshape(value.shape))
        count += value.numel()
path = pathlib.Path(__file__).with_suffix(".safetensors")
safetensors.torch.save_file(nn.DataParallel(net).state_dict(), path)
