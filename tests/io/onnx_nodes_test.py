"""ONNX's own tests of its operators (Debian: libonnx-testdata) say what this library says, or are refused.

    onnx_nodes_test.py ONNX_IMPORT TESTDATA

ONNX_IMPORT is the program of onnx_import.cpp, TESTDATA the folder `data` of ONNX's back-end tests. Each
test is one node with its input and output; further inputs become constants. A test of an operator
that is taken must give its output, or is listed below with words of its refusal; of every other
operator there is a refusal that names it. Without the data or python3-onnx the test is skipped (77).
"""

import pathlib
import subprocess
import sys
import tempfile

SKIPPED = 77

program, data = sys.argv[1], pathlib.Path(sys.argv[2]) / "node"
try:
    import numpy
    import onnx
    from onnx import numpy_helper
except ImportError:
    print("skipped: no python3-onnx")
    sys.exit(SKIPPED)
if not (data / "test_relu").is_dir():
    print(f"skipped: no {data} (Debian: libonnx-testdata)")
    sys.exit(SKIPPED)

# Operators with a test there that are taken.
TAKEN = """Conv ConvTranspose Gemm MatMul Add Sub Mul Div Neg BatchNormalization Relu MaxPool AveragePool
GlobalAveragePool GlobalMaxPool ReduceMean Flatten Reshape Squeeze Unsqueeze Transpose Identity Dropout
Pad Softmax LogSoftmax Abs LeakyRelu PRelu Tanh Sigmoid Elu Softplus Clip TopK""".split()

# Of these, what is refused: a part of the test's name, and of what is said.
REFUSED = {
    "convtranspose_1d": "its samples have 2 axes",
    "convtranspose_3d": "its samples have 4 axes",
    "convtranspose_": "strides, dilations or groups",
    "_1d_default": "its samples have 2 axes",
    "_3d_default": "its samples have 4 axes",
    "maxpool_2d_dilations": "its windows are dilated",
    "training_mode": "which only training needs",
    "training_dropout": "it is in training mode",
    "constant_pad": "it pads with something else than zeros",
    "flatten_axis": "expected 1",
    "flatten_negative_axis": "expected 1",
    "gemm_all_attributes": "it transposes the batch",
    "gemm_transposeA": "it transposes the batch",
    "gemm_default_matrix_bias": "does not broadcast",  # another bias for each sample of the batch
    "identity_opt": "is no tensor",
    "identity_sequence": "is no tensor",
    "softmax_axis": "it is not over the classes of a sample",
    "softmax_default_axis": "it is not over the classes of a sample",
    "softmax_negative_axis": "it is not over the classes of a sample",
    "matmul_": "it multiplies samples of",
    "reduce_mean_": "other axes than an image's rows and columns",
    "reshape_allowzero_reordered": "it allows zeros",
    "reshape_negative_extended_dims": "does not reshape",  # these move the batch
    "reshape_one_dim": "expected the batch as it came",
    "reshape_reordered_all_dims": "expected the batch as it came",
    "squeeze": "it moves the batch",
    "transpose_": "it moves the batch",
    "prelu_": "numbers, expected 1",
    "top_k": "it does not sort all",
}


def tensor(path):
    proto = onnx.TensorProto()
    proto.ParseFromString(path.read_bytes())
    return numpy_helper.to_array(proto)


def as_laid_out(x):
    """An image's channels last, as the library has them."""
    return numpy.ascontiguousarray(x.transpose(0, 2, 3, 1) if x.ndim == 4 else x)


def with_constants(model, inputs):
    """The model with its inputs but the first as constants."""
    for info, value in list(zip(model.graph.input, inputs))[1:]:
        model.graph.initializer.append(numpy_helper.from_array(value, info.name))
        model.graph.input.remove(info)
    return model


def tests():
    for folder in sorted(data.iterdir()):
        if not (folder / "model.onnx").is_file():
            continue
        model = onnx.load(str(folder / "model.onnx"))
        if len(model.graph.node) != 1 or model.graph.node[0].domain:
            continue
        yield folder, model


with tempfile.TemporaryDirectory() as scratch:
    scratch = pathlib.Path(scratch)
    cases = []
    for folder, model in tests():
        op = model.graph.node[0].op_type
        inputs = folder / "test_data_set_0"
        try:
            values = [tensor(inputs / f"input_{i}.pb") for i in range(len(model.graph.input))]
        except Exception:  # sequences and optionals
            values = []
        x = values[0] if values else numpy.zeros(1, "f4")
        if op in TAKEN and x.dtype not in (numpy.float32, numpy.float64):
            continue
        if op in ("Add", "Sub", "Mul", "Div"):  # values side by side: another constant for each
            row = values[1].shape[-1] if values[0].shape != values[1].shape else values[0].size
            values = [values[0].reshape(-1, row), values[1].reshape(-1, row)]
            x = values[0]
            shape = model.graph.input[0].type.tensor_type.shape
            del shape.dim[2:]
            while len(shape.dim) < 2:
                shape.dim.add()
            shape.dim[0].dim_value, shape.dim[1].dim_value = x.shape
        with_constants(model, values)
        del model.graph.output[1:]
        if model.opset_import[0].version < 9:  # none of these operators has changed its meaning since
            model.opset_import[0].version = 9
        name = folder.name[len("test_"):]
        onnx.save(model, scratch / f"{name}.onnx")
        if x.dtype.kind in "fiub":
            as_laid_out(x).astype("f8").tofile(scratch / f"{name}.in")
        cases.append((name, op, inputs))
    lines = "".join(f"{scratch}/{name}.onnx {scratch}/{name}.in {scratch}/{name}.out double\n"
                    for name, _, _ in cases)
    said = subprocess.run([program], input=lines, stdout=subprocess.PIPE, check=True,
                          universal_newlines=True).stdout.splitlines()
    assert len(said) == len(cases), (len(said), len(cases))

    passed, refused, unknown, unused = {}, {}, set(), set(REFUSED)
    wrong = []
    for (name, op, inputs), words in zip(cases, said):
        if op not in TAKEN:
            unknown.add(op)
            if not (words.startswith("refused") and (f"({op})" in words or "its input" in words or
                                                     "depend" in words or "constant" in words)):
                wrong.append((name, op, words))
            continue
        if words.startswith("ok"):
            wanted = tensor(inputs / "output_0.pb").astype("f8").ravel()
            found = numpy.fromfile(scratch / f"{name}.out", "f8")
            if "Softmax" in op:  # left out, as it keeps the order of the logits
                found = found.reshape(tensor(inputs / "output_0.pb").shape)
                found = numpy.exp(found - found.max(-1, keepdims=True))
                found = (found / found.sum(-1, keepdims=True)).ravel()
                found = numpy.log(found) if op == "LogSoftmax" else found
            scale = max(1, abs(wanted).max())
            if wanted.size != found.size or not abs(wanted - found).max() <= 1e-5 * scale:
                wrong.append((name, op, words, wanted[:8], found[:8]))
            passed.setdefault(op, []).append(name)
            continue
        reasons = [key for key in REFUSED if key in name and REFUSED[key] in words]
        unused.difference_update(reasons)
        if not reasons or f"({op})" not in words and "its input" not in words:
            wrong.append((name, op, words))
        refused.setdefault(op, []).append(name)

for op in TAKEN:
    print(f"{op}: {len(passed.get(op, []))} as ONNX says, {len(refused.get(op, []))} refused")
print(f"{len(unknown)} other operators are refused by name: {' '.join(sorted(unknown))}")
for each in wrong:
    print("WRONG", *each)
for each in sorted(unused):
    print("nothing is refused any more as", each)
assert not wrong and not unused
assert sum(map(len, passed.values())) >= 40
