"""Finds x - c W^T relu(W x + b) in what a trace has followed: CPL's step down a convex potential, which is one layer
with a Lipschitz constant of its own. For trace_gloro.py.
"""

import operator

import torch
from torch import nn
from torch.nn import functional as F

import load_gloro
from calls_gloro import NoLayer

DIFFERENCES = (operator.sub, torch.sub, "sub")
PRODUCTS = (operator.mul, torch.mul, "mul")


def is_centred(layer):
    """Whether a convolution has stride 1, an odd kernel and as many zeros around as keep the image's extents."""
    extents = layer.kernel_size
    zeros = layer.padding
    if zeros == "same":
        zeros = tuple(extent // 2 for extent in extents)
    return (layer.groups == 1 and tuple(layer.stride) == tuple(layer.dilation) == (1, 1)
            and layer.padding_mode == "zeros" and all(extent % 2 for extent in extents)
            and tuple(zeros) == tuple(extent // 2 for extent in extents))


def transposed(x, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    """The layer of a call of conv_transpose2d; its weights are those of the convolution that it transposes."""
    layer = nn.ConvTranspose2d(weight.shape[0], weight.shape[1] * groups, tuple(weight.shape[2:]), stride, padding,
                               output_padding, groups, bias is not None, dilation)
    layer.weight = nn.Parameter(weight.detach())
    return layer


class Descents:
    """`inputs_of`: the nodes that a node takes and that come from the image; `values_of`: the values of arguments;
    `layer_of`: the layer of a node."""

    def __init__(self, inputs_of, values_of, layer_of, network):
        self.inputs_of, self.values_of, self.layer_of = inputs_of, values_of, layer_of
        self.network = network

    def at(self, node):
        """The node of x and the load_gloro.ConvexPotential, if the node is such a step; else None."""
        if node.target not in DIFFERENCES or len(node.args) != 2 or len(self.inputs_of(node)) != 2:
            return None
        x, step = node.args
        try:
            step, scale = self.scaled(step)
            outer = self.transpose_of(step)
            active = self.before(step)
            if not isinstance(self.layer_of(active), nn.ReLU):
                return None
            product = self.before(active)
            inner = self.layer_of(product)
            if self.before(product) is not x or not self.are_transposes(inner, outer) or not 0 <= scale:
                return None
        except NoLayer:
            return None
        weight = inner.weight if inner.weight.dim() == 4 else inner.weight[:, :, None, None]
        layer = load_gloro.ConvexPotential(weight.shape[1], weight.shape[0], weight.shape[2:], scale,
                                           inner.bias is not None)
        layer.weight = nn.Parameter(weight.detach().clone())
        if inner.bias is not None:
            layer.bias = nn.Parameter(inner.bias.detach().clone())
        return x, layer.to(weight.dtype)

    def before(self, node):
        inputs = self.inputs_of(node)
        if len(inputs) != 1:
            raise NoLayer("it has several inputs")
        return inputs[0]

    def scaled(self, node):
        """What is multiplied by a number, and the number."""
        if node.target not in PRODUCTS:
            return node, 1.0
        (number,) = [value for value in node.args if value is not self.before(node)]
        number = self.values_of((number,))[0]
        if isinstance(number, torch.Tensor) and number.numel() != 1:
            raise NoLayer("it multiplies by more than one number")
        return self.before(node), float(number)

    def transpose_of(self, node):
        if node.target in (F.conv_transpose2d, torch.conv_transpose2d):
            return transposed(*self.values_of(node.args), **self.values_of(node.kwargs))
        if node.op == "call_module" and type(self.network.get_submodule(node.target)) is nn.ConvTranspose2d:
            return self.network.get_submodule(node.target)
        return self.layer_of(node)

    @staticmethod
    def are_transposes(inner, outer):
        if outer.bias is not None:
            return False
        if type(inner) is nn.Conv2d and type(outer) is nn.ConvTranspose2d:
            return (is_centred(inner) and is_centred(outer) and not any(outer.output_padding)
                    and torch.equal(inner.weight, outer.weight))
        return (type(inner) is nn.Linear and type(outer) is nn.Linear
                and torch.equal(inner.weight, outer.weight.T))
