"""Rebuilds a network saved by gloro::save_model in PyTorch.

    from load_gloro import load
    network, metadata = load("model.safetensors")
    logits = network(images)          # images: N x C x H x W, as everywhere in PyTorch

Needs nothing but NumPy and PyTorch. The file alone says what the network is: two readers of it must
not see two networks, and so a network that the C++ loader refuses is refused here, by a ValueError.
"""

import copy
import json
import math

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

DTYPES = {"F32": np.dtype("<f4"), "F64": np.dtype("<f8")}


# --- The file -------------------------------------------------------------------------------------

def parse_json(text):
    """JSON as gloro reads it: no key twice, no NaN, nothing after the value."""
    def unique(pairs):
        if len(dict(pairs)) != len(pairs):
            raise ValueError("a key comes twice")
        return dict(pairs)

    def finite(word):
        value = float(word)
        if not math.isfinite(value):
            raise ValueError(f"the number {word} is out of range")
        return value

    return json.loads(text, object_pairs_hook=unique, parse_float=finite, parse_constant=finite)


def read_safetensors(path):
    """The tensors of a file by name, and its metadata."""
    def expect(condition, what):
        if not condition:
            raise ValueError(f"{path}: {what}")

    with open(path, "rb") as file:
        length = int.from_bytes(file.read(8), "little")
        text = file.read(min(length, 10**8))
        data = file.read()
    expect(len(text) == length and text.startswith(b"{"), "no safetensors file")
    try:
        header = parse_json(text.decode())
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path}: its header: {error}") from error
    metadata = header.pop("__metadata__", {})
    expect(isinstance(metadata, dict) and all(isinstance(value, str) for value in metadata.values()),
           "its __metadata__ are not texts by name")
    for name, entry in header.items():
        expect(isinstance(entry, dict) and set(entry) == {"dtype", "shape", "data_offsets"}
               and entry["dtype"] in DTYPES and is_list(entry["shape"], is_count)
               and is_list(entry["data_offsets"], is_count, 2),
               f"tensor {name!r}: expected dtype F32 or F64, shape and data_offsets")
    tensors, end = {}, 0
    for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        begin, after = entry["data_offsets"]
        dtype, extents = DTYPES[entry["dtype"]], entry["shape"]
        expect(begin == end and after - begin == math.prod(extents) * dtype.itemsize
               and after <= len(data), f"tensor {name!r} leaves a gap or is of another size")
        end = after
        values = np.frombuffer(data[begin:end], dtype).reshape(extents)
        tensors[name] = torch.from_numpy(values.astype(dtype.newbyteorder("=")))
    expect(end == len(data), f"its tensors end at byte {end} of {len(data)}")
    return tensors, metadata


def is_count(value):
    return type(value) is int and value >= 0


def is_whole(value):
    return is_count(value) and 0 < value <= 2**24


def is_extent(value):  # of a window: 0 stands for another
    return is_count(value) and value <= 2**24


def is_real(value):  # a whole number as far as float32 holds them all: beyond, it has a point
    return type(value) is float or type(value) is int and abs(value) <= 2**24


def is_list(value, fits, count=None):
    return isinstance(value, list) and count in (None, len(value)) and all(map(fits, value))


# --- The layers -----------------------------------------------------------------------------------

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


class ConvexPotential(nn.Module):
    """y = x - h W^T relu(W x + b), W a convolution of stride 1 with `same` padding."""

    def __init__(self, channels, hidden, kernel, scale, bias=True):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(hidden, channels, *kernel))
        self.bias = nn.Parameter(torch.zeros(hidden)) if bias else None
        self.register_buffer("scale", torch.tensor(scale), persistent=False)

    def forward(self, x):
        flat, x = x.dim() == 2, as_image(x)
        left, right, top, bottom = padding_of(x.shape, self.weight.shape[2:], (1, 1), "same")
        active = F.relu(F.conv2d(F.pad(x, [left, right, top, bottom]), self.weight, self.bias))
        down = F.conv_transpose2d(active, self.weight)
        y = x - self.scale * down[:, :, top:top + x.shape[2], left:left + x.shape[3]]
        return y.flatten(1) if flat else y


class ExponentialConv2D(nn.Module):
    """y = x + A x + A^2 x / 2 + A^3 x / 6 + A^4 x / 24, A a convolution of stride 1 with zeros around. Where A is
    skew-symmetric, and its norm no more than sqrt(8), no distance grows: to train it so,
    torch.nn.utils.parametrize.register_parametrization(layer, "weight", Skew())."""

    def __init__(self, channels, kernel):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(channels, channels, *kernel))

    def forward(self, x):
        flat, x = x.dim() == 2, as_image(x)
        y, weight = x, self.weight
        for k in (4, 3, 2, 1):
            y = x + F.conv2d(y, weight, padding=(weight.shape[2] // 2, weight.shape[3] // 2)) / k
        return y.flatten(1) if flat else y


class Skew(nn.Module):
    """Makes a convolution's weights those of a skew-symmetric map; leaves them where they are so."""

    def forward(self, weight):
        return (weight - weight.transpose(0, 1).flip(2, 3)) / 2


class MinMax(nn.Module):
    """(min, max) of each pair of channels: 2i and 2i + 1, or i and i + C/2."""

    def __init__(self, pairs="adjacent"):
        super().__init__()
        self.pairs = pairs

    def forward(self, x):
        dim = 2 if self.pairs == "adjacent" else 1
        pairs = x.unflatten(1, (-1, 2) if dim == 2 else (2, -1))
        return torch.cat([pairs.amin(dim, True), pairs.amax(dim, True)], dim).flatten(1, 2)


class GroupSort(nn.Module):
    """Each run of `group` channels, or all of them, in ascending order."""

    def __init__(self, group=0):
        super().__init__()
        self.group = group

    def forward(self, x):
        return x.unflatten(1, (-1, self.group or x.shape[1])).sort(2).values.flatten(1, 2)


class Householder(nn.Module):
    """Pairs of channels, i and i + C/2, reflected onto one side of a line by an angle for each."""

    def __init__(self, channels):
        super().__init__()
        self.theta = nn.Parameter(torch.full((channels // 2,), math.pi / 2))

    def forward(self, x):
        if x.shape[1] % 2:
            raise ValueError("householder pairs channels: expected an even number")
        a, b = x.chunk(2, 1)
        theta = self.theta.reshape([1, -1] + [1] * (x.dim() - 2))
        turned = a * (theta / 2).sin() > b * (theta / 2).cos()
        cosine, sine = theta.cos(), theta.sin()
        return torch.cat([torch.where(turned, a * cosine + b * sine, a),
                          torch.where(turned, a * sine - b * cosine, b)], 1)


class ChannelAffine(nn.Module):
    """A gain and a bias for every channel, or one of them."""

    def __init__(self, channels, gain=True, bias=True):
        super().__init__()
        if not gain and not bias:
            raise ValueError("channel_affine needs gains, biases or both")
        self.gain = nn.Parameter(torch.ones(channels)) if gain else None
        self.bias = nn.Parameter(torch.zeros(channels)) if bias else None

    def forward(self, x):
        extents = [1, -1] + [1] * (x.dim() - 2)
        if self.gain is not None:
            x = x * self.gain.reshape(extents)
        return x if self.bias is None else x + self.bias.reshape(extents)


class Abs(nn.Module):
    def forward(self, x):
        return x.abs()


class Activation(nn.Module):
    """A function of every value with one number, which has the precision of the network."""

    def __init__(self, number):
        super().__init__()
        self.register_buffer("number", torch.tensor(float(number)), persistent=False)


class LeakyReLU(Activation):
    def forward(self, x):
        return torch.where(x < 0, self.number * x, x)


class ELU(Activation):
    def forward(self, x):
        return torch.where(x < 0, self.number * torch.expm1(x.clamp(max=0)), x)


class Softplus(Activation):
    """log(1 + e^(beta x)) / beta, without PyTorch's threshold."""

    def forward(self, x):
        if not self.number > 0:
            raise ValueError("softplus has a beta > 0")
        return x.clamp(min=0) + torch.log1p(torch.exp(-(self.number * x).abs())) / self.number


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
    """Over the pixels of a window that lie in the image; a pool of 0 is the whole of it, a stride of 0 the
    pool. Kinds: "max", "average", "scaled", that times the root of the window's pixels, and "l2", the norm."""

    def __init__(self, kind, pool, stride, padding):
        super().__init__()
        self.kind, self.pool, self.stride, self.padding = kind, pool, stride, padding

    def forward(self, x):
        x = as_image(x)
        whole = self.pool == [0, 0]
        pool = list(x.shape[2:]) if whole else self.pool
        stride = pool if whole or self.stride == [0, 0] else self.stride
        zeros = [0, 0, 0, 0] if whole else padding_of(x.shape, pool, stride, self.padding)
        if self.kind == "max":
            return F.max_pool2d(F.pad(x, zeros, value=-torch.inf), pool, stride)
        share = F.avg_pool2d(F.pad(torch.ones_like(x), zeros), pool, stride)
        if self.kind == "l2":  # without a pixel NaN, as a mean is
            squares = F.avg_pool2d(F.pad(x * x, zeros), pool, stride) * math.prod(pool)
            return (squares / (share > 0)).sqrt()
        mean = F.avg_pool2d(F.pad(x, zeros), pool, stride) / share
        return mean * (share * math.prod(pool)).sqrt() if self.kind == "scaled" else mean


def alike(values):
    """Flat vectors as such: an image of one pixel becomes one where it meets one."""
    if any(value.dim() == 2 for value in values):
        values = [value.flatten(1) if value.dim() == 4 and value[0, 0].numel() == 1 else value
                  for value in values]
    return values


def added(values):
    """The sum; PyTorch alone would add what is of another shape, too."""
    values = alike(values)
    for value in values:
        if value.shape != values[0].shape:
            raise ValueError(f"a sum of {list(values[0].shape)[1:]} and {list(value.shape)[1:]}")
    return sum(values[1:], values[0])


class Residual(nn.Module):
    """y = x + f(x), f the layers of `body` one after the other."""

    def __init__(self, *body):
        super().__init__()
        self.body = nn.Sequential(*body)

    def forward(self, x):
        return added([self.body(x), x])


class Parallel(nn.Module):
    """What several branches make of one input, added up or, as channels, side by side. A branch of
    several layers is an nn.Sequential."""

    def __init__(self, *branches, join="sum"):
        super().__init__()
        self.branches = nn.ModuleList(branches)
        self.join = join

    def forward(self, x):
        outputs = [branch(x) for branch in self.branches]
        return added(outputs) if self.join == "sum" else torch.cat(alike(outputs), 1)


class Network(nn.Module):
    """A chain of layers whose state_dict has the names of the file: layers.0.weight, ..."""

    def __init__(self, layers):
        super().__init__()
        self.layers = nn.ModuleList(layers)

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x


# --- From a description to a layer ------------------------------------------------------------------

class Options:
    """Hands out the options of a description, each of its type; refuses what is left."""

    def __init__(self, description):
        if not isinstance(description, dict) or not isinstance(description.get("type"), str):
            raise ValueError("expected an object with a 'type'")
        self.left = dict(description)
        self.kind = self.left.pop("type")

    def take(self, name, fits, expected, otherwise=None):
        if name not in self.left and otherwise is not None:
            return otherwise
        value = self.left.pop(name, None)
        if not fits(value):
            raise ValueError(f"{self.kind}: its option {name!r} must be {expected}, got {value!r}")
        return value

    def whole(self, name):
        return self.take(name, is_whole, "a whole number")

    def truth(self, name, otherwise):
        return self.take(name, lambda value: isinstance(value, bool), "true or false", otherwise)

    def pair(self, name, fits=is_whole):
        both = self.take(name, lambda value: fits(value) or is_list(value, fits, 2),
                         "a whole number or a list of two")
        return both if isinstance(both, list) else [both, both]

    def padding(self):
        return self.take("padding", lambda value: value in ("same", "valid")
                         or is_list(value, is_count, 4),
                         '"same", "valid" or [top, bottom, left, right]')

    def real(self, name):
        return float(self.take(name, is_real, "a number"))

    def reals(self, name):
        return [float(v) for v in self.take(name, lambda value: is_list(value, is_real),
                                            "a list of numbers")]

    def layers(self, name):
        return self.take(name, lambda value: is_list(value, lambda each: isinstance(each, dict)),
                         "a list of layers")

    def expect_no_more(self):
        for name in self.left:
            raise ValueError(f"{self.kind} has no option {name!r}")


DEEPEST = 16  # layers in layers


def build_part(where, description, x, depth):
    """A layer inside another, and what it makes of x, of which only the shape counts."""
    try:
        layer = build_layer(description, x.shape, depth + 1)
        with torch.no_grad():
            y = layer(torch.zeros(x.shape))
        if isinstance(layer, Pooling) and not torch.isfinite(y).all():
            raise ValueError("a pooling window holds nothing but padding")
        return layer, y
    except (ValueError, RuntimeError) as error:
        raise ValueError(f"{where}: {error}") from error


def build_chain(where, descriptions, shape, depth):
    layers, x = [], torch.zeros(shape)
    for n, description in enumerate(descriptions):
        layer, x = build_part(f"{where}.{n}", description, x, depth)
        layers.append(layer)
    return layers


def build_layer(description, shape, depth=0):
    """The layer that an entry of the metadata's `layers` describes, for inputs of a shape such as
    1 x C x H x W. `depth`: layers that it is inside of."""
    options = Options(description)
    kind, channels = options.kind, shape[1]
    if kind == "conv2d":
        layer = Conv2D(channels, options.whole("filters"), options.pair("kernel"),
                       options.pair("stride"), options.padding(), options.truth("bias", True))
    elif kind == "dense":
        layer = Dense(math.prod(shape[1:]), options.whole("units"), options.truth("bias", True))
    elif kind == "convex_potential":
        layer = ConvexPotential(channels, options.whole("hidden"), options.pair("kernel"),
                                options.real("scale"), options.truth("bias", True))
        if layer.scale < 0:
            raise ValueError("convex_potential has a scale >= 0")
        if math.prod(shape[2:]) == 1 and layer.weight[0, 0].numel() != 1:
            raise ValueError("convex_potential has a kernel of 1x1 on flat samples")
    elif kind == "exponential_conv2d":
        kernel = options.pair("kernel")
        if any(extent % 2 == 0 for extent in kernel):
            raise ValueError("exponential_conv2d has a kernel of odd extents")
        layer = ExponentialConv2D(channels, [1, 1] if math.prod(shape[2:]) == 1 else kernel)
    elif kind in ("average_pooling2d", "max_pooling2d", "l2_pooling2d"):
        how = kind.split("_")[0]
        if how == "average" and options.take("averaging", lambda word: word in ("mean", "scaled"),
                                             '"mean" or "scaled"', "mean") == "scaled":
            how = "scaled"
        layer = Pooling(how, options.pair("pool", is_extent), options.pair("stride", is_extent),
                        options.padding())
    elif kind == "minmax":
        layer = MinMax(options.take("pairs", lambda word: word in ("adjacent", "halves"),
                                    '"adjacent" or "halves"', "adjacent"))
    elif kind == "group_sort":
        layer = GroupSort(options.take("group", is_extent, "a number of channels, or 0"))
        if layer.group and channels % layer.group:
            raise ValueError(f"group_sort needs groups that divide {channels} channels")
    elif kind == "householder":
        layer = Householder(channels)
    elif kind == "channel_affine":
        layer = ChannelAffine(channels, options.truth("gain", True), options.truth("bias", True))
    elif kind == "relu":
        layer = nn.ReLU()
    elif kind in ("abs", "tanh", "sigmoid"):
        layer = {"abs": Abs, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid}[kind]()
    elif kind == "leaky_relu":
        layer = LeakyReLU(options.real("slope"))
    elif kind == "elu":
        layer = ELU(options.real("alpha"))
    elif kind == "softplus":
        layer = Softplus(options.real("beta"))
    elif kind == "normalization":
        layer = Normalization(options.reals("shift"), options.reals("scale"))
        if not len(layer.shift) == len(layer.scale) == channels:
            raise ValueError("normalization needs a shift and a scale for each of "
                             f"{channels} channels")
    elif kind == "scaling":
        layer = Scaling()
    elif kind == "invertible_downsampling":
        layer = InvertibleDownsampling(options.pair("block"))
    elif kind in ("chain", "residual", "parallel") and depth >= DEEPEST:
        raise ValueError(f"layers are made of layers {DEEPEST} deep at most")
    elif kind == "chain":
        layer = nn.Sequential(*build_chain("layers", options.layers("layers"), shape, depth))
    elif kind == "residual":
        layer = Residual(*build_chain("body", options.layers("body"), shape, depth))
        if not layer.body:
            raise ValueError("residual needs a body of at least one layer")
    elif kind == "parallel":
        branches = [build_part(f"branches.{n}", branch, torch.zeros(shape), depth)
                    for n, branch in enumerate(options.layers("branches"))]
        if not branches:
            raise ValueError("parallel needs at least one branch")
        layer = Parallel(*(branch for branch, _ in branches), join=options.take(
            "join", lambda word: word in ("sum", "concatenate"), '"sum" or "concatenate"', "sum"))
    else:
        raise ValueError(f"unknown layer type {kind!r}")
    options.expect_no_more()
    return layer


def fill(layer, name, tensors, dtype):
    """Hands the layer its tensors. Built in double, which holds every option exactly, it then takes
    the file's precision, its numbers from the metadata too."""
    layer.to(dtype)
    for key, parameter in layer.named_parameters():
        tensor = tensors.pop(f"{name}.{key}", None)
        if tensor is None:
            hint = ': a layer without a bias says "bias": false' if key.endswith("bias") else ""
            raise ValueError(f"tensor '{name}.{key}' is missing{hint}")
        if tensor.shape != parameter.shape:
            raise ValueError(f"tensor '{name}.{key}' has the shape {list(tensor.shape)}, "
                             f"expected {list(parameter.shape)}")
        parameter.data = tensor
    for key, tensor in [*layer.named_parameters(), *layer.named_buffers()]:
        if not torch.isfinite(tensor).all():
            raise ValueError(f"'{name}.{key}' has a value that is not finite")


MOST_TEST_VECTORS = 64
#: Largest difference of a logit from a test vector's, over the largest logit: double's rounding is far below.
TOLERANCE = 1e-10


def require_answers(network, vectors, shape):
    """Refuses a network that answers otherwise than the file's test vectors say: inputs, N x C x H x W, and
    logits that were computed for them in double. The C++ loader has a bound of the rounding for it."""
    for name in vectors:
        if name not in ("test.inputs", "test.logits"):
            raise ValueError(f"tensor {name!r}: test vectors are test.inputs and test.logits")
    if not vectors:
        return
    if len(vectors) < 2:
        raise ValueError("of test.inputs and test.logits one is missing")
    inputs, logits = vectors["test.inputs"], vectors["test.logits"]
    if logits.dtype != torch.float64:
        raise ValueError("test.logits is of F32, expected F64, in which it was computed")
    if list(inputs.shape[1:]) != [shape[2], shape[0], shape[1]]:
        raise ValueError(f"test.inputs has the shape {list(inputs.shape)}")
    if not 0 < len(inputs) <= MOST_TEST_VECTORS:
        raise ValueError(f"test.inputs has {len(inputs)} inputs, expected 1 to {MOST_TEST_VECTORS}")
    if not torch.isfinite(inputs).all() or not torch.isfinite(logits).all():
        raise ValueError("a test vector is not finite")
    with torch.no_grad():
        found = copy.deepcopy(network).double()(inputs.double())
    if found.shape != logits.shape:
        raise ValueError(f"test.logits has the shape {list(logits.shape)}, expected {list(found.shape)}")
    difference = (found - logits).abs().max().item()
    if not difference <= TOLERANCE * logits.abs().max().item():
        raise ValueError(f"its test vectors: a logit is off by {difference:.3g}: weights or layers are not "
                         "those that were saved")


def build(tensors, metadata):
    """The network of a file's content."""
    vectors = {name: tensor for name, tensor in tensors.items() if name.startswith("test.")}
    tensors = {name: tensor for name, tensor in tensors.items() if name not in vectors}
    if metadata.get("format") != "gloro" or metadata.get("version") != "1":
        raise ValueError("it is not a gloro model of version 1")
    dtypes = {tensor.dtype for tensor in tensors.values()}
    if len(dtypes) != 1:
        raise ValueError("expected tensors of one precision, F32 or F64")
    for key in ("input_shape", "layers"):
        if key not in metadata:
            raise ValueError(f"its metadata lack {key!r}")
    shape = parse_json(metadata["input_shape"])
    if not is_list(shape, is_whole, 3):
        raise ValueError(f"its input_shape must be [height, width, channels], got {shape!r}")
    epsilon = parse_json(metadata.get("epsilon", "0"))
    if type(epsilon) not in (int, float) or not epsilon >= 0:
        raise ValueError(f"its epsilon must be a number >= 0, got {epsilon!r}")

    left, layers, dtype = dict(tensors), [], dtypes.pop()
    x = torch.zeros(1, shape[2], shape[0], shape[1], dtype=dtype)
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        for n, description in enumerate(parse_json(metadata["layers"])):
            try:
                layers.append(build_layer(description, x.shape))
                fill(layers[-1], f"layers.{n}", left, dtype)
                with torch.no_grad():
                    x = layers[-1](x)
                if isinstance(layers[-1], Pooling) and not torch.isfinite(x).all():
                    raise ValueError("a pooling window holds nothing but padding")
                x = torch.zeros_like(x)
            except (ValueError, RuntimeError) as error:
                raise ValueError(f"layer {n}: {error}") from error
    finally:
        torch.set_default_dtype(before)
    if not layers or not isinstance(layers[-1], Dense):
        raise ValueError("a network ends with a Dense layer, its head")
    for name in left:
        raise ValueError(f"tensor {name!r} belongs to no layer of the network")
    network = Network(layers).eval()
    require_answers(network, vectors, shape)
    return network


def load(path):
    """The network, in the file's precision and ready for inference, and the file's metadata."""
    tensors, metadata = read_safetensors(path)
    try:
        return build(tensors, metadata), metadata
    except (ValueError, RuntimeError) as error:
        raise ValueError(f"{path}: {error}") from error
