"""Networks travel between gloro and PyTorch: logits agree to 1e-5, both ways.

    pytorch_test.py EXCHANGE (to_pytorch | from_pytorch)

EXCHANGE is the program of exchange.cpp. Exits with 77, "skipped", where PyTorch is not installed.
"""

import pathlib
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "docs" / "pytorch"))
try:
    import numpy as np
    import torch
    from torch import nn
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

import load_gloro
import save_gloro


def to_pytorch(exchange, directory):
    """What C++ saved gives the same logits in PyTorch."""
    subprocess.run([exchange, "save", directory], check=True)
    for name, tolerance in (("float", 1e-5), ("small", 1e-5), ("double", 1e-13)):
        network, metadata = load_gloro.load(directory / f"{name}.model")
        answers, _ = load_gloro.read_safetensors(directory / f"{name}.answers")
        with torch.no_grad():
            logits = network(answers["inputs"].permute(0, 3, 1, 2))
        scale = max(1.0, answers["logits"].abs().max().item())
        difference = (logits - answers["logits"]).abs().max().item() / scale
        print(f"{name}: largest difference {difference:.3g}")
        assert metadata["epsilon"] == "0.3"
        assert difference <= tolerance, name


def two_moons(count, seed):
    """Images of 8 x 6 x 3 in three classes: a bright patch somewhere, and noise."""
    random = np.random.default_rng(seed)
    labels = random.integers(0, 3, count)
    images = random.uniform(0, 0.3, (count, 3, 8, 6))
    for image, label in zip(images, labels):
        row, column = random.integers(0, 5), random.integers(0, 4)
        image[label, row:row + 3, column:column + 2] += 0.6
    return torch.tensor(images, dtype=torch.float32), torch.tensor(labels)


def from_pytorch(exchange, directory):
    """What PyTorch trained gives the same logits in C++."""
    torch.manual_seed(1)
    networks = {
        "plain": nn.Sequential(
            nn.Conv2d(3, 8, 3, 2, padding=1), nn.ReLU(), nn.AvgPool2d(2, 1),
            nn.Conv2d(8, 4, 2, padding="same"), nn.Flatten(), nn.Linear(4 * 3 * 2, 3)),
        "ours": nn.Sequential(
            load_gloro.Normalization([0.2, 0.2, 0.25], [2.0, 1.5, 1.0]),
            load_gloro.InvertibleDownsampling([2, 2]),
            load_gloro.Conv2D(12, 8, [3, 3], [1, 1], "same", bias=False), load_gloro.MinMax(),
            nn.MaxPool2d(2), load_gloro.Scaling(), load_gloro.MinMax("halves"),
            load_gloro.Dense(8 * 2 * 1, 6), load_gloro.MinMax(), nn.Linear(6, 3)),
    }
    images, labels = two_moons(512, seed=2)
    test_images, test_labels = two_moons(200, seed=3)
    for name, network in networks.items():
        optimizer = torch.optim.Adam(network.parameters(), 0.01)
        for _ in range(150):
            loss = nn.functional.cross_entropy(network(images), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            logits = network(test_images)
        accuracy = (logits.argmax(1) == test_labels).float().mean().item()
        print(f"{name}: accuracy {accuracy:.3f} in PyTorch")
        assert accuracy > 0.9, name

        model, answers = directory / f"{name}.model", directory / f"{name}.answers"
        save_gloro.save(model, network, input_shape=(8, 6, 3), epsilon=0.1, origin="PyTorch")
        inputs = test_images.permute(0, 2, 3, 1).numpy()
        save_gloro.write_safetensors(answers, {"inputs": inputs, "logits": logits.numpy()}, {})
        subprocess.run([exchange, "compare", model, answers], check=True)
        again, metadata = load_gloro.load(model)
        with torch.no_grad():
            assert torch.equal(again(test_images), logits) or name == "plain"
        assert metadata["origin"] == "PyTorch"


exchange, task = sys.argv[1:]
with tempfile.TemporaryDirectory() as folder:
    {"to_pytorch": to_pytorch, "from_pytorch": from_pytorch}[task](exchange, pathlib.Path(folder))
