"""An exported network passes the ONNX checker and says in onnxruntime what it says here.

    onnx_test.py ONNX_EXPORT NODE_MODULES MNIST

ONNX_EXPORT is the program of onnx_export.cpp, NODE_MODULES the folder that holds onnxruntime-node,
MNIST the data set's. What is not there is left out, and said, and then the test exits with 77,
"skipped".
"""

import pathlib
import shutil
import subprocess
import sys
import tempfile

SKIPPED = 77

export, modules, mnist = sys.argv[1:]
try:
    import onnx
except ImportError:
    onnx = None
engine = shutil.which("node") and (pathlib.Path(modules) / "onnxruntime-node").is_dir()
has_mnist = (pathlib.Path(mnist) / "t10k-images-idx3-ubyte").exists() or (
    pathlib.Path(mnist) / "t10k-images-idx3-ubyte.gz").exists()
if not has_mnist:
    print("not tested: MNIST is not there")

with tempfile.TemporaryDirectory() as folder:
    subprocess.run([export, folder] + [mnist] * has_mnist, check=True)
    names = sorted(path.stem for path in pathlib.Path(folder).glob("*.onnx"))
    assert len(names) == 8 + has_mnist
    if onnx:
        for name in names:
            model = onnx.load(f"{folder}/{name}.onnx")
            onnx.checker.check_model(model, full_check=True)
            assert model.opset_import[0].version == 13
            inputs = [i.name for i in model.graph.input]
            outputs = {o.name: [d.dim_param or d.dim_value for d in o.type.tensor_type.shape.dim]
                       for o in model.graph.output}
            classes = outputs["logits"][1]
            assert outputs == {"logits": ["batch", classes], "bottom": ["batch"],
                               "radius": ["batch"]}
            assert inputs == ["images"]
            metadata = {entry.key: float(entry.value) for entry in model.metadata_props}
            assert metadata == {"epsilon": 0.3}
            print(f"{name}: the ONNX checker agrees")
    else:
        print("not tested: the ONNX checker (python3-onnx) is not there")
    if engine:
        script = pathlib.Path(__file__).with_name("onnx_test.mjs")
        subprocess.run(["node", script, modules, folder, *names], check=True)
    else:
        print("not tested: onnxruntime-node is not there")

sys.exit(0 if onnx and engine and has_mnist else SKIPPED)
