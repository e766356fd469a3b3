"""Saves a network trained in PyTorch as a file that gloro::load_model reads.

    from load_gloro import MinMax
    from save_gloro import save
    network = nn.Sequential(nn.Conv2d(1, 16, 4, 2, padding=1), MinMax(), nn.Flatten(),
                            nn.Linear(16 * 14 * 14, 10))
    ...                               # train it
    save("model.safetensors", network, input_shape=(28, 28, 1), epsilon=0.3)

The network is a chain that ends with a Linear layer; its images are N x C x H x W with pixels in
the unit that gloro is to see, so a normalisation belongs into the chain (load_gloro.Normalization).
"""

import json

import numpy as np
from torch import nn

import load_gloro


def pair(value):
    return [value, value] if isinstance(value, int) else list(value)


def expect(condition, module):
    if not condition:
        raise ValueError(f"gloro has no layer that does what {module} does")


def padding_of(module):
    if module.padding == "same":
        return "same"  # the same zeros in both, since PyTorch allows it for stride 1 only
    rows, columns = [0, 0] if module.padding == "valid" else pair(module.padding)
    return [rows, rows, columns, columns] if rows or columns else "valid"


def describe(module):
    """A layer's entry in the metadata, or None for a module that gloro needs no layer for."""
    if isinstance(module, (nn.Flatten, nn.Identity, nn.Dropout)):
        return None
    if isinstance(module, nn.Conv2d):
        expect(module.groups == 1 and pair(module.dilation) == [1, 1], module)
        expect(module.padding_mode == "zeros", module)
        ours = isinstance(module, load_gloro.Conv2D)
        entry = {"type": "conv2d", "filters": module.out_channels,
                 "kernel": pair(module.kernel_size), "stride": pair(module.stride),
                 "padding": module.zeros if ours else padding_of(module)}
    elif isinstance(module, nn.Linear):
        entry = {"type": "dense", "units": module.out_features}
    elif isinstance(module, (nn.AvgPool2d, nn.MaxPool2d)):
        average = isinstance(module, nn.AvgPool2d)
        expect(not module.ceil_mode and pair(getattr(module, "dilation", 1)) == [1, 1], module)
        expect(not average or module.divisor_override is None, module)
        expect(not average or padding_of(module) == "valid" or not module.count_include_pad, module)
        return {"type": "average_pooling2d" if average else "max_pooling2d",
                "pool": pair(module.kernel_size), "stride": pair(module.stride),
                "padding": padding_of(module)}
    elif isinstance(module, load_gloro.Pooling):
        return {"type": "max_pooling2d" if module.kind == "max" else "average_pooling2d",
                "pool": module.pool, "stride": module.stride, "padding": module.padding}
    elif isinstance(module, nn.ReLU):
        return {"type": "relu"}
    elif isinstance(module, load_gloro.MinMax):
        return {"type": "minmax"} | ({"pairs": "halves"} if module.pairs == "halves" else {})
    elif isinstance(module, load_gloro.Scaling):
        return {"type": "scaling"}
    elif isinstance(module, load_gloro.Normalization):
        return {"type": "normalization", "shift": module.shift.tolist(),
                "scale": module.scale.tolist()}
    elif isinstance(module, load_gloro.InvertibleDownsampling):
        return {"type": "invertible_downsampling", "block": module.block}
    else:
        expect(False, module)
    return entry if module.bias is not None else entry | {"bias": False}


def chain(module):
    """The modules of a network in order, containers opened."""
    if isinstance(module, (nn.Sequential, nn.ModuleList, load_gloro.Network)):
        return [inner for child in module.children() for inner in chain(child)]
    return [module]


def write_safetensors(path, tensors, metadata):
    """Writes float32 and float64 arrays."""
    header, data = {"__metadata__": metadata}, b""
    for name, values in tensors.items():
        values = np.asarray(values)
        dtype = {4: "F32", 8: "F64"}[values.itemsize]
        values = values.astype(load_gloro.DTYPES[dtype])
        header[name] = {"dtype": dtype, "shape": list(values.shape),
                        "data_offsets": [len(data), len(data) + values.nbytes]}
        data += values.tobytes()
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text + data)


def save(path, network, input_shape, epsilon=None, **metadata):
    """Writes the network for inputs of (height, width, channels); further metadata are strings."""
    layers, tensors = [], {}
    for module in chain(network):
        entry = describe(module)
        if entry is None:
            continue
        for name, parameter in module.named_parameters():
            tensors[f"layers.{len(layers)}.{name}"] = parameter.detach().cpu().numpy()
        layers.append(entry)
    metadata |= {"format": "gloro", "version": "1", "input_shape": json.dumps(list(input_shape)),
                 "layers": json.dumps(layers)}
    if epsilon is not None:
        metadata["epsilon"] = json.dumps(epsilon)
    write_safetensors(path, tensors, metadata)
