"""Saves a network trained in PyTorch as a file that gloro::load_model reads.

    from load_gloro import MinMax
    from save_gloro import save
    network = nn.Sequential(nn.Conv2d(1, 16, 4, 2, padding=1), MinMax(), nn.Flatten(),
                            nn.Linear(16 * 14 * 14, 10))
    ...                               # train it
    save("model.safetensors", network.eval(), input_shape=(28, 28, 1), epsilon=0.3)

The network is a chain that ends with a Linear layer, with blocks that are load_gloro.Residual(*body) and
load_gloro.Parallel(*branches, join="sum" or "concatenate"); or any module whose forward torch.fx can
follow, which trace_gloro makes such a chain of. Its images are N x C x H x W with pixels in the unit that
gloro is to see, so a normalisation belongs into the network (load_gloro.Normalization, say).

A certificate is about the network in the file. So the file is read back and compared with the given
network, in double on random images, before it gets its name; whatever cannot be said in it, or
answers otherwise, is a ValueError that names the module and the way out, and leaves no file. What a trace
folds (batch normalization) is rounded to the network's precision afterwards: `save` returns the largest
difference of a logit, over the largest logit.
"""

import copy
import json
import math
import os
import secrets
import shutil

import numpy as np
import torch
from torch import nn
from torch.nn.utils import parametrize

import load_gloro
import trace_gloro

#: Largest difference of a logit, over the largest logit: double's rounding through any network that
#: is trained today is far below, float32's rounding of one weight above.
TOLERANCE = 1e-10
#: The same where a trace folded weights, or took numbers out of a forward, which are rounded to float32.
TOLERANCE_OF_TRACES = 1e-5

RESERVED = ("format", "version", "input_shape", "layers", "epsilon", "guarantee", "input_range")


# --- From modules to layers -------------------------------------------------------------------------

def pair(value):
    return [value, value] if isinstance(value, int) else list(value)


def refuse(name, module, why, error=ValueError):
    raise error(f"{name or 'the network'} ({type(module).__name__}): {why}; nothing was saved")


class NoLayer(ValueError):
    """A module has a forward of its own, or is of a kind that gloro does not have."""


def kind_of(name, module):
    """The class whose forward the module runs: its own, or the one that a parametrization or a plain
    subclass left as it was."""
    for kind in type(module).__mro__:
        if kind in KNOWN:
            if type(module).forward is kind.forward and "forward" not in vars(module):
                return kind
            break
    refuse(name, module, "gloro has no layer that does what it does: build the network as a chain of "
           "nn.Conv2d, nn.Linear, nn.ReLU, pooling and the layers of load_gloro (Residual and Parallel "
           "for skips and branches), in nn.Sequential", NoLayer)


def padding_of(module):
    if module.padding == "same":
        return "same"  # the same zeros in both, since PyTorch allows it for stride 1 only
    rows, columns = [0, 0] if module.padding == "valid" else pair(module.padding)
    return [rows, rows, columns, columns] if rows or columns else "valid"


def convolution(expect, module):
    expect(module.groups == 1, "gloro's convolutions have one group: write the filters out, with "
           "zeros")
    expect(pair(module.dilation) == [1, 1], "gloro's kernels have no gaps: write them out, with "
           "zeros")
    expect(module.padding_mode == "zeros", "gloro pads with zeros only: train with "
           "padding_mode='zeros'")
    zeros = module.zeros if isinstance(module, load_gloro.Conv2D) else padding_of(module)
    return {"type": "conv2d", "filters": module.out_channels, "kernel": pair(module.kernel_size),
            "stride": pair(module.stride), "padding": zeros}


def pooling(expect, module):
    average = isinstance(module, nn.AvgPool2d)
    expect(not module.ceil_mode, "gloro's windows do not reach over the edge: use ceil_mode=False")
    if average:
        expect(module.divisor_override is None, "gloro divides by the pixels of a window: use no "
               "divisor_override")
        expect(padding_of(module) == "valid" or not module.count_include_pad,
               "gloro leaves padding out of an average: use count_include_pad=False")
    else:
        expect(pair(module.dilation) == [1, 1], "gloro's windows have no gaps: use dilation=1")
        expect(not module.return_indices, "use return_indices=False")
    return {"type": "average_pooling2d" if average else "max_pooling2d",
            "pool": pair(module.kernel_size), "stride": pair(module.stride),
            "padding": padding_of(module)}


def our_pooling(expect, module):
    kind = "average" if module.kind == "scaled" else module.kind
    entry = {"type": f"{kind}_pooling2d", "pool": module.pool, "stride": module.stride,
             "padding": module.padding}
    return entry | ({"averaging": "scaled"} if module.kind == "scaled" else {})


def adaptive_pooling(expect, module):
    expect(module.output_size in (1, (1, 1), [1, 1]), "gloro's windows do not adapt, but to the whole "
           "image: use an output size of 1, or a kernel")
    expect(not getattr(module, "return_indices", False), "use return_indices=False")
    average = isinstance(module, nn.AdaptiveAvgPool2d)
    return {"type": "average_pooling2d" if average else "max_pooling2d", "pool": [0, 0],
            "stride": [0, 0], "padding": "valid"}


def norm_pooling(expect, module):
    expect(module.norm_type == 2, "gloro pools 2-norms: use norm_type=2")
    expect(not module.ceil_mode, "gloro's windows do not reach over the edge: use ceil_mode=False")
    return {"type": "l2_pooling2d", "pool": pair(module.kernel_size), "padding": "valid",
            "stride": pair(module.kernel_size if module.stride is None else module.stride)}


def channel_affine(expect, module):
    entry = {"type": "channel_affine"}
    return entry | ({"gain": False} if module.gain is None else {})


def softplus(expect, module):
    expect(module.threshold >= 40, "gloro's has no threshold, which PyTorch's jumps at: use "
           "load_gloro.Softplus(beta), or a threshold of 40, where double sees none")
    return {"type": "softplus", "beta": float(module.beta)}


def flattening(expect, module):
    expect((module.start_dim, module.end_dim) in ((1, -1), (1, 3)),
           "gloro flattens whole samples: use nn.Flatten()")


def dropout(expect, module):
    expect(not module.training or module.p == 0, "it is in training mode, where its answers are "
           "random: call network.eval()")


#: What writes a module's entry in the metadata, or None for one that gloro needs no layer for.
KNOWN = {
    nn.Conv2d: convolution,
    load_gloro.Conv2D: convolution,
    nn.Linear: lambda expect, module: {"type": "dense", "units": module.out_features},
    load_gloro.Dense: lambda expect, module: {"type": "dense", "units": module.out_features},
    load_gloro.ConvexPotential: lambda expect, module: {
        "type": "convex_potential", "hidden": module.weight.shape[0],
        "kernel": list(module.weight.shape[2:]), "scale": module.scale.item()},
    load_gloro.ExponentialConv2D: lambda expect, module: {
        "type": "exponential_conv2d", "kernel": list(module.weight.shape[2:])},
    nn.AvgPool2d: pooling,
    nn.MaxPool2d: pooling,
    nn.LPPool2d: norm_pooling,
    nn.AdaptiveAvgPool2d: adaptive_pooling,
    nn.AdaptiveMaxPool2d: adaptive_pooling,
    load_gloro.Pooling: our_pooling,
    nn.ReLU: lambda expect, module: {"type": "relu"},
    load_gloro.Abs: lambda expect, module: {"type": "abs"},
    nn.Tanh: lambda expect, module: {"type": "tanh"},
    nn.Sigmoid: lambda expect, module: {"type": "sigmoid"},
    nn.LeakyReLU: lambda expect, module: {"type": "leaky_relu",
                                          "slope": float(module.negative_slope)},
    load_gloro.LeakyReLU: lambda expect, module: {"type": "leaky_relu",
                                                  "slope": module.number.item()},
    nn.ELU: lambda expect, module: {"type": "elu", "alpha": float(module.alpha)},
    load_gloro.ELU: lambda expect, module: {"type": "elu", "alpha": module.number.item()},
    nn.Softplus: softplus,
    load_gloro.Softplus: lambda expect, module: {"type": "softplus", "beta": module.number.item()},
    load_gloro.MinMax: lambda expect, module: {"type": "minmax", "pairs": module.pairs},
    load_gloro.GroupSort: lambda expect, module: {"type": "group_sort", "group": module.group},
    load_gloro.Householder: lambda expect, module: {"type": "householder"},
    load_gloro.ChannelAffine: channel_affine,
    load_gloro.Scaling: lambda expect, module: {"type": "scaling"},
    load_gloro.Normalization: lambda expect, module: {
        "type": "normalization", "shift": module.shift.tolist(), "scale": module.scale.tolist()},
    load_gloro.InvertibleDownsampling: lambda expect, module: {
        "type": "invertible_downsampling", "block": pair(module.block)},
    nn.Flatten: flattening,
    nn.Identity: lambda expect, module: None,
    nn.Dropout: dropout,
    nn.Dropout2d: dropout,
    nn.Sequential: None,
    load_gloro.Network: None,
    load_gloro.Residual: lambda expect, module: {"type": "residual"},
    load_gloro.Parallel: lambda expect, module: {"type": "parallel", "join": module.join},
}


def is_layer(module):
    """Whether a trace stops at the module: it is a layer, not a container."""
    try:
        return KNOWN[kind_of("", module)] is not None
    except NoLayer:
        return False


def expect_no_hooks(name, module):
    """Only what a module's forward does is in the file, and only with the weights that it has."""
    for hook in [*module._forward_pre_hooks.values(), *module._forward_hooks.values()]:
        what = type(hook).__name__
        remedy = {"SpectralNorm": "torch.nn.utils.remove_spectral_norm(module)",
                  "WeightNorm": "torch.nn.utils.remove_weight_norm(module)"}.get(
                      what, "remove it, or make a layer of what it does")
        refuse(name, module, f"it has the hook {what}, which is no part of the file: {remedy}")
    if parametrize.is_parametrized(module) and module.training:
        refuse(name, module, "its parametrized weights change in training mode: call network.eval()")


def chain(name, module):
    """The modules of a network in the order of their use, by name; containers opened. One that is
    used twice comes twice."""
    expect_no_hooks(name, module)
    kind = kind_of(name, module)
    if KNOWN[kind] is not None:
        return [(name, module, KNOWN[kind])]
    inside = module.layers if kind is load_gloro.Network else module
    return [layer for key, child in inside._modules.items()
            for layer in chain(f"{name}.{key}" if name else key, child)]


def describe_inside(name, module, entry, place, tensors):
    """Adds the layers that a layer is made of to its entry; a branch becomes a chain."""
    if isinstance(module, load_gloro.Residual):
        entry["body"] = describe_chain(f"{name}.body", module.body, f"{place}.body", tensors)
    elif isinstance(module, load_gloro.Parallel):
        entry["branches"] = [
            {"type": "chain", "layers": describe_chain(f"{name}.branches.{b}", branch,
                                                       f"{place}.branches.{b}", tensors)}
            for b, branch in enumerate(module.branches)]


def describe_chain(name, network, place, tensors):
    """The entries of the layers of a chain; their tensors are added, by their place in the file."""
    layers = []
    for name, module, entry_of in chain(name, network):
        def expect(condition, why):
            if not condition:
                refuse(name, module, why)

        entry = entry_of(expect, module)
        if entry is None:
            continue
        describe_inside(name, module, entry, f"{place}.{len(layers)}", tensors)
        for key in ("weight", "gain", "bias", "factor", "theta"):  # as forward sees them, parametrized or not
            values = getattr(module, key, None)
            if values is not None:
                expect(values.dtype.is_floating_point, f"its {key} is of {values.dtype}: gloro takes "
                       "floating-point weights")
                expect(bool(torch.isfinite(values).all()), f"its {key} is not finite")
                tensors[f"{place}.{len(layers)}.{key}"] = values.detach().cpu()
        if getattr(module, "bias", True) is None:
            entry["bias"] = False
        layers.append(entry)
    return layers


def describe(network):
    """The metadata's `layers`, and the tensors of the file, in one precision."""
    tensors = {}
    layers = describe_chain("", network, "layers", tensors)
    if not layers or layers[-1]["type"] != "dense":
        refuse("", network, "gloro's networks end with a Linear layer, their head: add it, and leave "
               "out what follows it, a softmax say")
    # What is narrower than float32 is a float32, exactly.
    wide = any(values.dtype == torch.float64 for values in tensors.values())
    dtype = torch.float64 if wide else torch.float32
    return layers, {name: values.to(dtype).numpy() for name, values in tensors.items()}


# --- The file -------------------------------------------------------------------------------------

def write_safetensors(path, tensors, metadata):
    """Writes float32 and float64 arrays."""
    header, data = {"__metadata__": metadata}, b""
    for name, values in tensors.items():
        values = np.asarray(values)
        dtype = {np.float32: "F32", np.float64: "F64"}[values.dtype.type]
        values = values.astype(load_gloro.DTYPES[dtype])
        header[name] = {"dtype": dtype, "shape": list(values.shape),
                        "data_offsets": [len(data), len(data) + values.nbytes]}
        data += values.tobytes()
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text + data)


def images_like(input_shape):
    """Random images in double, of several sizes and signs: the pixels of photographs, and others."""
    height, width, channels = input_shape
    random = torch.Generator().manual_seed(1)
    images = torch.rand(64, channels, height, width, dtype=torch.float64, generator=random)
    noise = torch.randn(images.shape, dtype=torch.float64, generator=random)
    sizes = torch.tensor([0.1, 1, 10, 255], dtype=torch.float64).repeat(8)[:, None, None, None]
    return torch.cat([images[:32] * sizes, noise[:32] * sizes])


def as_it_stands(network):
    """A copy in double of the network as it answers now: parametrized weights, and numbers that a module
    keeps as Python's, as they are in its own precision, and no longer computed."""
    given = copy.deepcopy(network).cpu().eval()
    if all(values.dtype != torch.float64 for values in given.parameters()):
        for module in given.modules():
            for key in {"negative_slope", "alpha", "beta"} & set(vars(module)):
                setattr(module, key, float(np.float32(getattr(module, key))))
    for module in filter(parametrize.is_parametrized, list(given.modules())):
        values = {key: getattr(module, key).detach() for key in module.parametrizations}
        # remove_parametrizations would take them from the class, which the given module shares.
        del module.parametrizations
        module.__class__ = type(module).__bases__[0]
        for key, value in values.items():
            module.register_parameter(key, nn.Parameter(value))
    return given.double()


def compare(path, network, input_shape, tolerance):
    """The largest difference between the answers of the network rebuilt from the file alone and of the given one,
    over the largest answer; refuses the file where it is beyond `tolerance`."""
    images = images_like(input_shape)
    with torch.no_grad():
        try:
            wanted = as_it_stands(network)(images.clone())  # which a forward may work on in place
        except (RuntimeError, ValueError, IndexError) as error:
            refuse("", network, f"it takes no images of {input_shape} ({error}): give the "
                   "input_shape of its images, (height, width, channels)")
        if not isinstance(wanted, torch.Tensor) or wanted.dim() != 2 or len(wanted) != len(images):
            refuse("", network, "its answers are not one vector of logits for each image: it needs "
                   "nn.Flatten() before its first Linear layer")
        if not torch.isfinite(wanted).all():
            refuse("", network, "its answers to ordinary images are not finite")
        try:
            found = load_gloro.load(path)[0].double()(images)
        except ValueError as error:
            refuse("", network, f"gloro would refuse its file ({str(error).partition(': ')[2]}): "
                   "build it as a chain of layers whose extents fit, with nn.Flatten() before its "
                   "Linear layers")
    difference = math.inf
    if wanted.shape == found.shape:
        difference = (wanted - found).abs().max().item()
    scale = wanted.abs().max().item()
    if not difference <= tolerance * scale:
        refuse("", network, "the chain of its modules answers otherwise than it does, by "
               f"{difference:.3g}: build it as the plain chain that it is, of layers without state or "
               "hooks, and call network.eval()")
    return difference / scale if scale > 0 else 0.0


def test_vectors(path, input_shape):
    """Three inputs, the same for every network of that shape, and what PyTorch makes of them with the layers of
    the file, in double."""
    inputs = images_like(input_shape)[[1, 2, 33]].float()  # numbers that float32 has
    with torch.no_grad():
        logits = load_gloro.load(path)[0].double()(inputs.double())
    return {"test.inputs": inputs.numpy(), "test.logits": logits.numpy()}


def save(path, network, input_shape, epsilon=None, known=None, **metadata):
    """Writes the network for inputs of (height, width, channels); further metadata are strings. `known`: for types
    of modules that gloro has by another name, what makes the layer of the module. Returns by how much the
    file's network answers otherwise, over the largest logit."""
    input_shape = [int(extent) for extent in input_shape]
    if len(input_shape) != 3 or min(input_shape) < 1:
        raise ValueError(f"input_shape must be (height, width, channels), got {input_shape}")
    if epsilon is not None and not 0 <= epsilon < math.inf:
        raise ValueError(f"epsilon must be a finite number >= 0, got {epsilon}")
    for key, value in metadata.items():
        if key in RESERVED or not isinstance(value, str):
            raise ValueError(f"the metadata {key!r} are the file's own, or no string")
    tolerance = TOLERANCE
    try:
        layers, tensors = describe(network)
    except NoLayer:
        layers, tensors = describe(trace_gloro.as_chain(network, input_shape, is_layer, known))
        tolerance = TOLERANCE_OF_TRACES
    metadata |= {"format": "gloro", "version": "1", "input_shape": json.dumps(input_shape),
                 "layers": json.dumps(layers, allow_nan=False)}
    if epsilon is not None:
        metadata["epsilon"] = json.dumps(float(epsilon))

    target = os.path.realpath(path)  # a link stays one
    unproved = f"{target}.{secrets.token_hex(4)}.unproved"
    try:
        write_safetensors(unproved, tensors, metadata)
        difference = compare(unproved, network, input_shape, tolerance)
        tensors |= test_vectors(unproved, input_shape)
        write_safetensors(unproved, tensors, metadata)
        load_gloro.load(unproved)  # by which they are checked
        if os.path.exists(target):
            shutil.copymode(target, unproved)
        os.replace(unproved, target)
    finally:
        if os.path.exists(unproved):
            os.remove(unproved)
    return difference
