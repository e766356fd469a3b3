"""Rebuilds a network saved by gloro::save_model in PyTorch.

    from load_gloro import load
    network, metadata = load("model.safetensors")
    logits = network(images)          # images: N x C x H x W, as everywhere in PyTorch

Needs nothing but NumPy and PyTorch. The file alone says what the network is.
"""

import json

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

DTYPES = {"F32": np.dtype("<f4"), "F64": np.dtype("<f8")}


def read_safetensors(path):
    """The tensors of a file by name, and its metadata."""
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        data = file.read()
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        values = np.frombuffer(data[begin:end], DTYPES[entry["dtype"]])
        tensors[name] = torch.from_numpy(values.reshape(entry["shape"]).copy())
    return tensors, metadata


def padding_of(shape, kernel, stride, padding):
    """[left, right, top, bottom], as torch.nn.functional.pad wants it, for N x C x H x W."""
    if padding == "valid":
        return [0, 0, 0, 0]
    if padding == "same":  # as TensorFlow: ceil(size / stride) outputs, the odd zero at the end
        rows, columns = (max((-(-size // s) - 1) * s + k - size, 0)
                         for size, k, s in zip(shape[2:], kernel, stride))
        return [columns // 2, columns - columns // 2, rows // 2, rows - rows // 2]
    top, bottom, left, right = padding
    return [left, right, top, bottom]


def as_image(x):
    return x if x.dim() == 4 else x[:, :, None, None]  # a flat vector is an image of one pixel


class Conv2D(nn.Conv2d):
    def __init__(self, channels, filters, kernel, stride, padding, bias=True):
        super().__init__(channels, filters, kernel, stride, bias=bias)
        self.zeros = padding

    def forward(self, x):
        x = as_image(x)
        zeros = padding_of(x.shape, self.kernel_size, self.stride, self.zeros)
        return super().forward(F.pad(x, zeros))


class Dense(nn.Linear):
    def forward(self, x):
        return super().forward(x.flatten(1))


class MinMax(nn.Module):
    """(min, max) of each pair of channels: 2i and 2i + 1, or i and i + C/2."""

    def __init__(self, pairs="adjacent"):
        super().__init__()
        self.pairs = pairs

    def forward(self, x):
        dim = 2 if self.pairs == "adjacent" else 1
        pairs = x.unflatten(1, (-1, 2) if dim == 2 else (2, -1))
        return torch.cat([pairs.amin(dim, True), pairs.amax(dim, True)], dim).flatten(1, 2)


class Normalization(nn.Module):
    def __init__(self, shift, scale):
        super().__init__()
        self.register_buffer("shift", torch.tensor(shift), persistent=False)
        self.register_buffer("scale", torch.tensor(scale), persistent=False)

    def forward(self, x):
        extents = [1, -1] + [1] * (x.dim() - 2)
        return (x - self.shift.reshape(extents)) * self.scale.reshape(extents)


class Scaling(nn.Module):
    def __init__(self):
        super().__init__()
        self.factor = nn.Parameter(torch.ones(1))

    def forward(self, x):
        return x * self.factor


class InvertibleDownsampling(nn.Module):
    """Space to depth: position (i, j) of a block becomes the (i q + j)-th group of channels."""

    def __init__(self, block):
        super().__init__()
        self.block = block

    def forward(self, x):
        p, q = self.block
        n, c, h, w = as_image(x).shape
        x = x.reshape(n, c, h // p, p, w // q, q).permute(0, 3, 5, 1, 2, 4)
        return x.reshape(n, p * q * c, h // p, w // q)


class Pooling(nn.Module):
    """Over the pixels of a window that lie in the image."""

    def __init__(self, kind, pool, stride, padding):
        super().__init__()
        self.kind, self.pool, self.stride, self.padding = kind, pool, stride, padding

    def forward(self, x):
        x = as_image(x)
        zeros = padding_of(x.shape, self.pool, self.stride, self.padding)
        if self.kind == "max":
            return F.max_pool2d(F.pad(x, zeros, value=-torch.inf), self.pool, self.stride)
        share = F.avg_pool2d(F.pad(torch.ones_like(x), zeros), self.pool, self.stride)
        return F.avg_pool2d(F.pad(x, zeros), self.pool, self.stride) / share


class Network(nn.Module):
    """A chain of layers whose state_dict has the names of the file: layers.0.weight, ..."""

    def __init__(self, layers):
        super().__init__()
        self.layers = nn.ModuleList(layers)

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x


def build_layer(options, name, tensors):
    """The layer that an entry of the metadata's `layers` describes."""
    options = dict(options)
    kind = options.pop("type")
    for key in ("kernel", "stride", "pool", "block"):
        if isinstance(options.get(key), int):
            options[key] = [options[key]] * 2
    if kind == "conv2d":
        return Conv2D(tensors[name + ".weight"].shape[1], options.pop("filters"), **options)
    if kind == "dense":
        inputs = tensors[name + ".weight"].shape[1]
        return Dense(inputs, options["units"], options.get("bias", True))
    if kind == "average_pooling2d":
        return Pooling("average", **options)
    if kind == "max_pooling2d":
        return Pooling("max", **options)
    others = {"minmax": MinMax, "relu": nn.ReLU, "normalization": Normalization, "scaling": Scaling,
              "invertible_downsampling": InvertibleDownsampling}
    if kind not in others:
        raise ValueError(f"unknown layer type {kind!r}")
    return others[kind](**options)


def load(path):
    """The network, in the file's precision and ready for inference, and the file's metadata."""
    tensors, metadata = read_safetensors(path)
    if metadata.get("format") != "gloro" or metadata.get("version") != "1":
        raise ValueError(f"{path} is not a gloro model of version 1")
    # A double holds every option exactly: build in double, then take the weights' own precision.
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        network = Network([build_layer(options, f"layers.{n}", tensors)
                           for n, options in enumerate(json.loads(metadata["layers"]))])
    finally:
        torch.set_default_dtype(before)
    network.to(next(iter(tensors.values())).dtype)
    for name, parameter in network.named_parameters():
        if name.endswith(".bias") and name not in tensors:  # an absent bias is zero
            tensors[name] = torch.zeros_like(parameter)
    network.load_state_dict(tensors)
    return network.eval(), metadata
