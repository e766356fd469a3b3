"""Networks of PyTorch, brought in through ONNX, say here what they say in onnxruntime.

    onnx_import_test.py ONNX_IMPORT NODE_MODULES INPUTS

ONNX_IMPORT is the program of onnx_import.cpp, NODE_MODULES the folder that holds onnxruntime-node,
INPUTS how many random inputs each network is asked. Each network is exported as training leaves it (its
batch norms in one piece) and as PyTorch folds it. Logits in float here and in onnxruntime may differ by
twice the bound of float's rounding that the program prints; in double they must lie within it of
onnxruntime's. What is not there is said, and then the test exits with 77, "skipped".
"""

import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import warnings

SKIPPED = 77

program, modules, count = sys.argv[1], pathlib.Path(sys.argv[2]), int(sys.argv[3])
try:
    import numpy
    import torch
    from torch import nn
except ImportError:
    print("skipped: no PyTorch (python3-torch)")
    sys.exit(SKIPPED)
if not shutil.which("node") or not (modules / "onnxruntime-node").is_dir():
    print("skipped: no onnxruntime-node")
    sys.exit(SKIPPED)
warnings.filterwarnings("ignore")


class Sorted(nn.Module):
    """MinMax as most of this field write it, the larger half first."""

    def forward(self, x):
        a, b = x.split(x.size(1) // 2, 1)
        return torch.cat([torch.max(a, b), torch.min(a, b)], 1)


class Flat(nn.Module):
    def forward(self, x):
        return x.view(x.size(0), -1)


class Mean(nn.Module):
    def forward(self, x):
        return x.mean([2, 3])


class Standardized(nn.Module):
    """Of the network's input, as data preparation does it."""

    def forward(self, x):
        return (x - torch.tensor([[[[0.2]], [[0.5]], [[0.4]]]])) / torch.tensor(
            [[[[0.25]], [[0.5]], [[2.0]]]])


class Block(nn.Module):
    """Of a residual network: two convolutions beside a shortcut, which has one of its own where they shrink."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False),
                                  nn.BatchNorm2d(outputs), nn.ReLU(),
                                  nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False), nn.BatchNorm2d(outputs))
        self.shortcut = nn.Sequential() if stride == 1 else nn.Sequential(
            nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        return torch.relu(self.body(x) + self.shortcut(x))


def networks():
    yield "ordinary", nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 3, padding=1, groups=4), nn.BatchNorm2d(16), nn.ReLU(),
        nn.MaxPool2d(3, 2, 1), nn.Conv2d(16, 16, 3, dilation=2, padding=2), nn.ReLU6(), Flat(),
        nn.Linear(16 * 7 * 7, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Dropout(), nn.Linear(32, 10)
    ), (1, 28, 28)
    yield "sorted", nn.Sequential(
        nn.Conv2d(3, 8, 4, 2, 1), Sorted(), nn.ZeroPad2d((1, 1, 2, 1)), nn.Conv2d(8, 8, 3), Sorted(),
        nn.PixelUnshuffle(2), nn.Conv2d(32, 8, 3, 2, 1, bias=False), nn.LeakyReLU(0.1), nn.Flatten(),
        nn.Linear(8 * 2 * 2, 12), nn.Tanh(), nn.Linear(12, 12), nn.ELU(0.5), nn.Linear(12, 12),
        nn.Sigmoid(), nn.Linear(12, 5), nn.Softplus()
    ), (3, 14, 12)
    yield "pooled", nn.Sequential(
        Standardized(), nn.Conv2d(3, 8, 3), nn.ReLU(), nn.AvgPool2d(2, padding=1), nn.BatchNorm2d(8),
        nn.AvgPool2d(3, 2, 1, count_include_pad=False, ceil_mode=True), nn.Conv2d(8, 12, 1), nn.PReLU(),
        Mean(), nn.Linear(12, 6), nn.LogSoftmax(1)
    ), (3, 20, 20)
    yield "residual", nn.Sequential(
        nn.Conv2d(3, 8, 3, padding=1, bias=False), nn.BatchNorm2d(8), nn.ReLU(), Block(8, 8, 1),
        Block(8, 16, 2), Block(16, 16, 1), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 10)
    ), (3, 16, 16)


def randomized(network):
    for module in network.modules():
        if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
            module.running_mean.normal_()
            module.running_var.uniform_(0.5, 2)
            module.weight.data.normal_()
            module.bias.data.normal_()
    return network.eval()


ENGINE = """
const [modules, list] = process.argv.slice(2);
const ort = require(require("path").join(modules, "onnxruntime-node"));
const fs = require("fs");
(async () => {
  for (const [model, inputs, shape, answers] of JSON.parse(fs.readFileSync(list))) {
    const session = await ort.InferenceSession.create(model);
    const bytes = fs.readFileSync(inputs);
    const x = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
    const all = await session.run({ x: new ort.Tensor("float32", x, shape) });
    const y = all[session.outputNames[0]].data;
    fs.writeFileSync(answers, Buffer.from(y.buffer, y.byteOffset, y.byteLength));
  }
})();
"""

torch.manual_seed(1)
with tempfile.TemporaryDirectory() as scratch:
    scratch = pathlib.Path(scratch)
    cases, engine = [], []
    for name, network, shape in networks():
        randomized(network)
        x = torch.rand(count, *shape)
        x.numpy().tofile(scratch / f"{name}.f4")
        x.permute(0, 2, 3, 1).contiguous().numpy().astype("f8").tofile(scratch / f"{name}.in")
        ends = isinstance(network[-1], nn.LogSoftmax)
        for how, options in {
                "as it is": {"do_constant_folding": False, "opset_version": 10,
                             "training": torch.onnx.TrainingMode.PRESERVE},
                "folded": {"opset_version": 16}}.items():
            path = scratch / f"{name}-{how.replace(' ', '-')}.onnx"
            torch.onnx.export(network, x[:2], str(path), input_names=["x"],
                              dynamic_axes={"x": {0: "batch"}}, **options)
            engine.append([str(path), str(scratch / f"{name}.f4"), [count, *shape], str(path) + ".y"])
            cases.append((name, how, path, ends))
    (scratch / "list").write_text(json.dumps(engine))
    (scratch / "engine.js").write_text(ENGINE)
    subprocess.run(["node", scratch / "engine.js", modules.resolve(), scratch / "list"], check=True)
    lines = "".join(f"{path} {scratch}/{name}.in {path}.{precision} {precision}\n"
                    for name, _, path, _ in cases for precision in ("float", "double"))
    said = subprocess.run([program], input=lines, stdout=subprocess.PIPE, check=True,
                          universal_newlines=True).stdout.splitlines()
    failed = False
    for case, (name, how, path, ends) in enumerate(cases):
        in_float, in_double = said[2 * case], said[2 * case + 1]
        if not in_float.startswith("ok") or in_double != "ok":
            print(f"{name}, {how}: {in_float} {in_double}")
            failed = True
            continue
        _, bound, *layers = in_float.split()
        wanted = numpy.fromfile(f"{path}.y", "f4").astype("f8").reshape(count, -1)
        print(f"{name}, {how}: {' '.join(layers)}")
        for precision, allowed in (("float", 2 * float(bound)), ("double", float(bound))):
            found = numpy.fromfile(f"{path}.{precision}", "f8").reshape(count, -1)
            if ends:  # left out here
                found = found - numpy.log(numpy.exp(found).sum(1, keepdims=True))
            distance = numpy.linalg.norm(found - wanted, axis=1).max()
            scale = numpy.linalg.norm(wanted, axis=1).max()
            print(f"  in {precision}: {count} logits of norm up to {scale:.3g} within {distance:.2g} of "
                  f"onnxruntime's, the bound of rounding {allowed:.2g}")
            # The bound is one of the worst case, the other of a wrong network.
            failed |= not distance <= min(allowed, 1e-5 * max(1, scale))
    sys.exit(1 if failed else 0)
