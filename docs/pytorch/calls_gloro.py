"""The layer of nn or of load_gloro that does what a call in a module's forward does: a function of torch or of
torch.nn.functional, or a method of a tensor. For trace_gloro.py.
"""

import operator

import torch
from torch import nn
from torch.nn import functional as F

import load_gloro


class NoLayer(Exception):
    """Why a node has none."""


def reshaped(x, *shape):
    """Images become vectors, whichever way it is said; x is the shape before."""
    shape = list(shape[0] if isinstance(shape[0], (tuple, list)) else shape)
    size = torch.Size(x)[1:].numel()
    if len(shape) != 2 or shape[1] not in (-1, size):
        raise NoLayer("a reshape is taken where it makes a vector of each sample only")
    return nn.Flatten()


def flattened(x, start_dim=0, end_dim=-1):
    if start_dim != 1 or end_dim not in (-1, len(x) - 1):
        raise NoLayer("a flatten is taken from dimension 1 on only")
    return nn.Flatten()


def averaged(x, dim, keepdim=False):
    if len(x) != 4 or sorted(d % 4 for d in dim) != [2, 3]:
        raise NoLayer("a mean is taken over the rows and columns of an image only")
    return nn.AdaptiveAvgPool2d(1)  # what follows takes an image of one pixel for a vector


def by_channel(x, value, what):
    """A number, or a tensor of one or of one a channel, as a number for each channel."""
    if isinstance(value, (int, float)):
        return [float(value)] * x[1]
    extents = [1] * (len(x) - value.dim()) + list(value.shape)
    if extents[1] not in (1, x[1]) or any(extent != 1 for extent in extents[:1] + extents[2:]):
        raise NoLayer(f"{what} is a number for each channel, or one for all")
    return value.double().flatten().expand(x[1]).tolist()


def times(x, factor):
    return load_gloro.Normalization([0.0] * x[1], by_channel(x, factor, "a factor"))


def plus(x, shift):
    shift = [-value for value in by_channel(x, shift, "what is added")]
    return load_gloro.Normalization(shift, [1.0] * x[1])


def normalization(layer):
    """gamma (x - mean) / sqrt(var + eps) + beta as (x - shift) scale."""
    scale = torch.rsqrt(layer.running_var + layer.eps)
    shift = layer.running_mean
    if layer.affine:
        scale = scale * layer.weight
        if (scale == 0).any():
            raise NoLayer("a channel is multiplied by 0 and moved, which no (x - shift) scale does")
        shift = shift - layer.bias / scale
    return load_gloro.Normalization(shift.tolist(), scale.tolist())


def linear(x, weight, bias=None):
    layer = nn.Linear(weight.shape[1], weight.shape[0], bias is not None)
    return with_values(layer, weight, bias)


def convolution(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    layer = nn.Conv2d(weight.shape[1] * groups, weight.shape[0], tuple(weight.shape[2:]), stride, padding,
                      dilation, groups, bias is not None)
    return with_values(layer, weight, bias)


def convolution_back(x, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    """A transposed convolution that enlarges nothing is a convolution, its kernel turned by half a turn."""
    def both(value):
        return [value, value] if isinstance(value, int) else list(value)

    if both(stride) != [1, 1] or both(dilation) != [1, 1] or groups != 1 or any(both(output_padding)):
        raise NoLayer("a transposed convolution is taken with stride 1, dilation 1 and one group: gloro enlarges no "
                      "images")
    zeros = tuple(extent - 1 - cut for extent, cut in zip(weight.shape[2:], both(padding)))
    if min(zeros) < 0:
        raise NoLayer("a transposed convolution cuts off more than its kernel adds")
    return convolution(x, weight.transpose(0, 1).flip(2, 3), bias, padding=zeros)


def with_values(layer, weight, bias):
    """Weights that a forward computes, from others or as they are, are what they are now."""
    layer.weight = nn.Parameter(weight.detach().clone())
    if bias is not None:
        layer.bias = nn.Parameter(bias.detach().clone())
    return layer


#: What makes a layer of the shape before and the arguments of a call.
CALLS = {
    **dict.fromkeys((F.relu, torch.relu, "relu", "relu_"), lambda x, inplace=False: nn.ReLU()),
    **dict.fromkeys((torch.abs, "abs"), lambda x: load_gloro.Abs()),
    **dict.fromkeys((torch.tanh, F.tanh, "tanh"), lambda x: nn.Tanh()),
    **dict.fromkeys((torch.sigmoid, F.sigmoid, "sigmoid"), lambda x: nn.Sigmoid()),
    F.leaky_relu: lambda x, negative_slope=0.01, inplace=False: nn.LeakyReLU(negative_slope),
    F.elu: lambda x, alpha=1.0, inplace=False: nn.ELU(alpha),
    **dict.fromkeys((torch.flatten, "flatten"), flattened),
    **dict.fromkeys((torch.reshape, "reshape", "view"), reshaped),
    **dict.fromkeys((torch.mean, "mean"), averaged),
    **dict.fromkeys((operator.mul, torch.mul, "mul"), times),
    **dict.fromkeys((operator.truediv, torch.div, "div"), lambda x, by: times(x, 1 / by)),
    **dict.fromkeys((operator.add, operator.iadd, torch.add, "add", "add_"), plus),
    **dict.fromkeys((operator.sub, torch.sub, "sub"), lambda x, shift: plus(x, -shift)),
    **dict.fromkeys(("contiguous", "clone"), lambda x: nn.Identity()),
    F.max_pool2d: lambda x, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False,
    return_indices=False: nn.MaxPool2d(kernel_size, stride, padding, dilation, return_indices, ceil_mode),
    F.avg_pool2d: lambda x, *arguments, **named: nn.AvgPool2d(*arguments, **named),
    F.adaptive_avg_pool2d: lambda x, output_size: nn.AdaptiveAvgPool2d(output_size),
    F.linear: linear,
    F.conv2d: convolution,
    F.conv_transpose2d: convolution_back,
    F.dropout: lambda x, p=0.5, training=True, inplace=False: nn.Dropout(p).train(training),
}
