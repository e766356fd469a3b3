"""Rewrites a module with a forward of its own as the chain that gloro's files can say.

    from trace_gloro import as_chain
    chain = as_chain(network.eval(), (28, 28, 1), save_gloro.is_layer, known={TheirMinMax: lambda module: MinMax()})

torch.fx follows one pass through `forward`. What it calls, modules and functions, becomes layers in the
order of their use; where paths part and meet again, in a sum or a concatenation, they become a
load_gloro.Residual or Parallel; x - c W^T relu(W x + b) is one layer (descent_gloro.py). Batch normalization is folded, in double, into the convolution or the linear
layer before it, or else becomes a load_gloro.Normalization. save_gloro.save does all this where a network is no
plain chain, and compares what the two answer.
"""

import copy
import operator

import torch
from torch import fx, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval, fuse_linear_bn_eval

import load_gloro
from calls_gloro import CALLS, NoLayer, convolution_back, normalization, plus, times
from descent_gloro import DIFFERENCES, Descents

BATCH_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d)
SUMS = (operator.add, operator.iadd, torch.add, "add", "add_")
CONCATENATIONS = (torch.cat, torch.concat)


# --- The graph --------------------------------------------------------------------------------------

class Leaves(fx.Tracer):
    """Follows calls down to the modules that are known as layers, and to batch normalizations."""

    def __init__(self, is_layer, known):
        super().__init__()
        self.is_layer, self.known = is_layer, known

    def is_leaf_module(self, module, name):
        return (isinstance(module, BATCH_NORMS) or type(module) in self.known
                or self.is_layer(module)
                or super().is_leaf_module(module, name) and "forward" not in vars(module))

    def getattr(self, name, value, proxies):
        return value  # parameters as they are: what a forward computes of them alone is computed now

    _module_getattr = getattr  # its name before PyTorch 2


class OfImages(nn.Module):
    """The network with one argument: others, a flag say, have their defaults."""

    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, x):
        return self.network(x)


class Values(fx.Interpreter):
    """Notes beside each node what it is for one image: the shape of a tensor that comes from the image, the
    value of anything else."""

    def run_node(self, node):
        value = super().run_node(node)
        comes_from_image = node.op == "placeholder" or bool(inputs_of(node))
        is_image = isinstance(value, torch.Tensor) and comes_from_image
        node.meta["shape"] = tuple(value.shape) if is_image else None
        node.meta["value"] = None if is_image else value
        return value


def inputs_of(node):
    """The tensors that a node takes and that come from the image; one that is taken twice comes twice."""
    found = []
    fx.node.map_arg((node.args, node.kwargs), found.append)
    return [argument for argument in found if argument.meta["shape"] is not None]


def shape_of(node):
    return node.meta["shape"]


def values_of(arguments):
    """Arguments of a call: a shape for a tensor that comes from the image, values for all else."""
    return fx.node.map_arg(arguments, lambda node: node.meta["shape"] or node.meta["value"])


def is_join(node):
    return len(inputs_of(node)) > 1 or node.target in CONCATENATIONS


def operands_of(node):
    if node.target not in CONCATENATIONS:
        return node.args
    return node.args[0] if node.args else node.kwargs["tensors"]


def layer_of(node, network, is_layer, known):
    """The layer that a node with one input is."""
    before = shape_of(inputs_of(node)[0])
    if node.op == "output":
        return nn.Identity()
    if node.op == "call_module":
        module = network.get_submodule(node.target)
        if type(module) in known:
            return known[type(module)](module)
        if isinstance(module, BATCH_NORMS):
            return module
        if type(module) is nn.ConvTranspose2d:
            return convolution_back(before, module.weight, module.bias, module.stride, module.padding,
                                    module.output_padding, module.groups, module.dilation)
        if not is_layer(module):
            raise NoLayer(f"gloro has no layer that does what {type(module).__name__} does")
        return module
    if node.target not in CALLS:
        raise NoLayer(f"gloro has no layer that does what {getattr(node.target, '__name__', node.target)} does")
    arguments = list(node.args)
    if CALLS[node.target] in (times, plus) and arguments[0] is not inputs_of(node)[0]:
        arguments.reverse()  # 2 * x, and 1 + x
    if arguments[0] is not inputs_of(node)[0]:
        raise NoLayer("its first argument does not come from the image")
    try:
        return CALLS[node.target](*values_of(arguments), **values_of(node.kwargs))
    except TypeError as error:
        raise NoLayer(f"it is called with arguments that are not taken ({error})") from error


def dominators(graph):
    """For each node the last one that every path from the image to it goes through."""
    parents, depth = {}, {}
    for node in graph.nodes:
        if node.meta["shape"] is None and node.op != "output":
            continue
        common = None
        for before in inputs_of(node):
            meeting = before
            while common is not None and meeting is not common:
                if depth[meeting] >= depth[common]:
                    meeting = parents[meeting]
                else:
                    common = parents[common]
            common = meeting
        parents[node] = common
        depth[node] = 0 if common is None else depth[common] + 1
    return parents


def joined(node, branches):
    if node.target in CONCATENATIONS:
        dimension = node.kwargs.get("dim", node.args[1] if len(node.args) > 1 else 0)
        if dimension not in (1, 1 - len(shape_of(node))):
            raise NoLayer("a concatenation is taken along the channels only")
        return load_gloro.Parallel(*(nn.Sequential(*branch) for branch in branches), join="concatenate")
    if node.target not in SUMS + DIFFERENCES or len(node.args) != 2 or node.kwargs:
        raise NoLayer("gloro has no layer that joins tensors so: a sum, a difference and a concatenation are taken")
    if node.target in DIFFERENCES:
        branches[1].append(times(shape_of(node), -1))
    bodies = [branch for branch in branches if branch]
    if not bodies:
        return times(shape_of(node), 2)
    if len(bodies) == 1:
        return load_gloro.Residual(*bodies[0])
    return load_gloro.Parallel(*(nn.Sequential(*branch) for branch in branches), join="sum")


# --- The chain --------------------------------------------------------------------------------------

def folded(layers):
    """Batch normalization into the layer before it, in double; by itself, a Normalization."""
    chain = []
    for layer in layers:
        before = chain[-1] if chain else None
        if not isinstance(layer, BATCH_NORMS):
            chain.append(layer)
        elif type(before) is nn.Conv2d and isinstance(layer, nn.BatchNorm2d):
            chain[-1] = fuse_conv_bn_eval(wide(before), wide(layer)).to(before.weight.dtype)
        elif type(before) is nn.Linear and isinstance(layer, nn.BatchNorm1d):
            chain[-1] = fuse_linear_bn_eval(wide(before), wide(layer)).to(before.weight.dtype)
        else:
            chain.append(normalization(wide(layer)))
    return chain


def wide(layer):
    return copy.deepcopy(layer).double().eval()


def as_chain(network, input_shape, is_layer, known=None):
    """nn.Sequential of the layers of a module that is in evaluation mode, copied; `input_shape`: (height, width,
    channels); `is_layer`: whether a module is a layer as it is; `known`: for types of modules that gloro has by another
    name, what makes the layer, of nn or of load_gloro, of the module. Throws ValueError, which names all that has
    no layer."""
    name_of_all, known = type(network).__name__, known or {}
    network = OfImages(copy.deepcopy(network).cpu())
    for name, module in network.named_modules():
        if isinstance(module, BATCH_NORMS) and (module.training or module.running_mean is None):
            raise ValueError(f"{name.removeprefix('network.')} ({type(module).__name__}): it is taken with its running averages: call "
                             "network.eval(); nothing was saved")
    try:
        graph = Leaves(is_layer, known).trace(network)
    except (fx.proxy.TraceError, TypeError, RuntimeError, NameError, IndexError) as error:
        raise ValueError(f"{name_of_all}: torch.fx cannot follow its forward ({error}); its layers must "
                         "not depend on the values in a tensor; nothing was saved") from error
    module = fx.GraphModule(network, graph)
    graph = module.graph
    height, width, channels = input_shape
    precision = next((value.dtype for value in network.parameters()), torch.float32)
    try:
        with torch.no_grad():
            Values(module).run(torch.zeros(1, channels, height, width, dtype=precision))
    except (RuntimeError, ValueError, IndexError) as error:
        raise ValueError(f"{name_of_all}: it takes no images of {list(input_shape)} ({error}): give the "
                         "input_shape of its images, (height, width, channels); nothing was saved") from error
    faults, above = [], dominators(graph)
    descents = Descents(inputs_of, values_of, lambda node: layer_of(node, network, is_layer, known), network)

    def chain(node, source):
        """The layers from `source`, which all paths to `node` come through, to `node`."""
        if node is source:
            return []
        try:
            descent = descents.at(node)
            if descent:
                return chain(descent[0], source) + [descent[1]]
            if is_join(node):
                start = above[node]
                operands = operands_of(node)
                if any(not isinstance(value, fx.Node) for value in operands):
                    raise NoLayer("only tensors that come from the image are joined")
                branches = [chain(value, start) for value in operands]
                return chain(start, source) + [joined(node, branches)]
            return folded(chain(inputs_of(node)[0], source) + [layer_of(node, network, is_layer, known)])
        except NoLayer as why:
            faults.append(f"{node.name}: {why}")
            return chain(above[node], source) if above[node] is not None else []

    (image,) = [node for node in graph.nodes if node.op == "placeholder"]
    (output,) = [node for node in graph.nodes if node.op == "output"]
    for node in graph.nodes:
        if node not in (image, output) and node.meta["shape"] is not None and not node.users:
            faults.append(f"{node.name}: what it returns is not used: it may change its argument in place, "
                          "which is no layer")
    layers = chain(output, image)
    if faults:
        raise ValueError(f"{name_of_all}: {'; '.join(sorted(set(faults)))}; nothing was saved")
    return nn.Sequential(*layers).eval()
