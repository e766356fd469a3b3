"""Networks travel between gloro and PyTorch: logits agree to 1e-5, both ways; what cannot travel is
refused, by both loaders and before there is a file.

    pytorch_test.py EXCHANGE (to_pytorch | from_pytorch | as_it_answers | traced | refusals | damage)

EXCHANGE is the program of exchange.cpp. Exits with 77, "skipped", where PyTorch is not installed.
"""

import json
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
    from torch.nn import functional as F
    from torch.nn.utils import parametrizations
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

import load_gloro
import save_gloro


def to_pytorch(exchange, directory):
    """What C++ saved gives the same logits in PyTorch, every layer of its catalogue among it."""
    subprocess.run([exchange, "save", directory], check=True)
    types = subprocess.run([exchange, "types"], check=True, capture_output=True, text=True)
    never_met = set(types.stdout.split())
    assert never_met
    for name, tolerance in (("float", 1e-5), ("small", 1e-5), ("double", 1e-13),
                            ("potential", 1e-5), ("wide-potential", 1e-13),
                            ("activations", 1e-5), ("wide-activations", 1e-13),
                            ("isometries", 1e-5), ("wide-isometries", 1e-13),
                            ("composed", 1e-5), ("wide-composed", 1e-13)):
        network, metadata = load_gloro.load(directory / f"{name}.model")
        answers, _ = load_gloro.read_safetensors(directory / f"{name}.answers")
        with torch.no_grad():
            logits = network(answers["inputs"].permute(0, 3, 1, 2))
        scale = max(1.0, answers["logits"].abs().max().item())
        difference = (logits - answers["logits"]).abs().max().item() / scale
        print(f"{name}: largest difference {difference:.3g}")
        never_met -= {layer["type"] for layer in json.loads(metadata["layers"])}
        assert metadata["epsilon"] == "0.3"
        assert difference <= tolerance, name
    assert not never_met, f"no network has {never_met}"


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
            load_gloro.ConvexPotential(8, 5, [2, 3], 0.01),
            nn.MaxPool2d(2), load_gloro.Scaling(), load_gloro.MinMax("halves"),
            load_gloro.Dense(8 * 2 * 1, 6), load_gloro.MinMax(), nn.Linear(6, 3)),
        "composed": nn.Sequential(
            nn.Conv2d(3, 4, 3, 2, padding=1),
            load_gloro.Residual(nn.Conv2d(4, 4, 3, padding=1), load_gloro.MinMax(),
                                nn.Sequential(nn.Conv2d(4, 4, 1), nn.Identity())),
            load_gloro.Parallel(nn.Sequential(), nn.Conv2d(4, 2, 1), nn.Sequential(
                load_gloro.Residual(nn.Conv2d(4, 4, 3, padding=1)), nn.ReLU()), join="concatenate"),
            nn.Flatten(), load_gloro.Parallel(nn.Linear(10 * 4 * 3, 6), nn.Linear(10 * 4 * 3, 6)),
            load_gloro.Residual(nn.Linear(6, 6), load_gloro.MinMax()), nn.Linear(6, 3)),
    }
    for values in networks["ours"][4].parameters():
        nn.init.normal_(values)
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


class Doubled(nn.Linear):
    def forward(self, x):
        return 2 * super().forward(x)


class Residual(nn.Sequential):
    def forward(self, x):
        return x + super().forward(x)


class Quiet(nn.Conv2d):
    """Its own forward where nobody looks."""

    def _conv_forward(self, x, weight, bias):
        return super()._conv_forward(x, weight, bias).tanh()


class Mine(nn.Linear):
    """No forward of its own: a Linear."""


def around(*modules, width=16):
    """A network of 8 x 8 x 1 images with these in the middle."""
    return nn.Sequential(nn.Flatten(), nn.Linear(64, width), *modules, nn.Linear(width, 4))


def on_images(*modules, size):
    return nn.Sequential(*modules, nn.Flatten(), nn.Linear(size, 4))


def with_hook(network, register):
    getattr(network[1], register)(lambda module, arguments, *answer: None)
    return network


def patched(network):
    network[1].forward = lambda x: nn.Linear.forward(network[1], x) + 1
    return network


def as_it_answers(exchange, directory):
    """What is saved answers as the given network: modules used twice, weights that are computed or
    narrow."""
    torch.manual_seed(2)
    activation, linear = nn.ReLU(), nn.Linear(16, 16)
    block = nn.Sequential(nn.Linear(16, 16), nn.ReLU())
    old = torch.nn.utils.remove_spectral_norm(torch.nn.utils.spectral_norm(nn.Linear(16, 16)))
    networks = {
        "an activation twice": around(activation, nn.Linear(16, 16), activation),
        "a linear layer twice": around(linear, nn.ReLU(), linear),
        "a block twice": around(block, block),
        "a block in a block": around(nn.Sequential(block, nn.Identity(), block)),
        "a plain subclass": around(Mine(16, 16)),
        "no bias": around(nn.Linear(16, 16, bias=False)),
        "dropout at rest": around(nn.Dropout(0.5)).eval(),
        "spectral norm": around(parametrizations.spectral_norm(nn.Linear(16, 16))).eval(),
        "orthogonal": around(parametrizations.orthogonal(nn.Linear(16, 16))).eval(),
        "spectral norm removed": around(old),
        "half": around(nn.ReLU()).half(),
        "bfloat16": around(load_gloro.Normalization([0.1] * 16, [1.3] * 16)).bfloat16(),
        "double": around(load_gloro.Normalization([0.1] * 16, [1.3] * 16)).double(),
        "same, odd": on_images(nn.Conv2d(1, 3, 3, padding="same"), size=192),
        "same, even": on_images(nn.Conv2d(1, 3, (4, 2), padding="same"), size=192),
        "average without padding": on_images(
            nn.AvgPool2d(3, 2, 1, count_include_pad=False), size=16),
        "leaky": around(nn.LeakyReLU(), nn.Linear(16, 16), load_gloro.LeakyReLU(-0.3)),
        "leaky in double": around(nn.LeakyReLU()).double(),
        "smooth": around(nn.Tanh(), nn.Linear(16, 16), nn.Sigmoid(), nn.Linear(16, 16),
                         nn.ELU(0.3), nn.Linear(16, 16), nn.Softplus(1.7, threshold=40)),
        "ours, smooth": around(load_gloro.Abs(), nn.Linear(16, 16), load_gloro.ELU(0.3),
                               nn.Linear(16, 16), load_gloro.Softplus(1.7)),
        "the mean of an image": on_images(nn.Conv2d(1, 5, 3), nn.AdaptiveAvgPool2d(1), size=5),
        "the largest of an image": on_images(
            nn.Conv2d(1, 5, 3), nn.AdaptiveMaxPool2d((1, 1)), size=5),
        "norms": on_images(nn.LPPool2d(2, 3, 2), size=9),
        "norms side by side": on_images(nn.LPPool2d(2, 2), size=16),
        "sorted, reflected, scaled": around(
            load_gloro.GroupSort(4), nn.Linear(16, 16), load_gloro.Householder(16),
            load_gloro.ChannelAffine(16), load_gloro.ChannelAffine(16, bias=False),
            load_gloro.ChannelAffine(16, gain=False), load_gloro.GroupSort()),
        "scaled windows": on_images(load_gloro.Pooling("scaled", [2, 2], [2, 2], "valid"), size=16),
        "largest with padding": on_images(nn.MaxPool2d(3, 2, 1), size=16),
        "flat before the activation": nn.Sequential(
            nn.Conv2d(1, 4, 3), nn.Flatten(), nn.ReLU(), nn.Linear(144, 4)),
        "halves stay halves": nn.Sequential(
            nn.Conv2d(1, 4, 3), nn.Flatten(), load_gloro.MinMax("halves"), nn.Linear(144, 4)),
    }
    images = torch.rand(50, 1, 8, 8, dtype=torch.float64)
    for name, network in networks.items():
        model = directory / "model"
        save_gloro.save(model, network, (8, 8, 1), epsilon=0.1)
        rebuilt, _ = load_gloro.load(model)
        given = save_gloro.as_it_stands(network)
        with torch.no_grad():
            logits = given(images)
            difference = (rebuilt.double()(images) - logits).abs().max() / logits.abs().max()
        print(f"{name}: {difference:.3g}")
        assert difference < 1e-12, name
        inputs = images.permute(0, 2, 3, 1).float().numpy()
        if not name.endswith("double"):
            answers = {"inputs": inputs, "logits": logits.float().numpy()}
            save_gloro.write_safetensors(directory / "answers", answers, {})
            subprocess.run([exchange, "same", model, directory / "answers"], check=True)
    assert load_gloro.read_safetensors(model)[0]["layers.0.weight"].dtype == torch.float32


class Block(nn.Module):
    """ResNet's, with batch normalization; `down` is the short way where extents change."""

    def __init__(self, channels, filters, stride):
        super().__init__()
        self.first = nn.Conv2d(channels, filters, 3, stride, 1, bias=False)
        self.second = nn.Conv2d(filters, filters, 3, 1, 1, bias=False)
        self.norms = nn.ModuleList(nn.BatchNorm2d(filters) for _ in range(2))
        self.down = nn.Sequential() if stride == 1 else nn.Sequential(
            nn.Conv2d(channels, filters, 1, stride, bias=False), nn.BatchNorm2d(filters))

    def forward(self, x):
        y = nn.functional.relu(self.norms[0](self.first(x)))
        y = self.norms[1](self.second(y))
        y += self.down(x)
        return torch.relu(y)


class ResNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.begin, self.norm = nn.Conv2d(1, 8, 3, 1, 1), nn.BatchNorm2d(8)
        self.blocks = nn.Sequential(Block(8, 8, 1), Block(8, 12, 2))
        self.end = nn.Linear(12, 4)

    def forward(self, x, features=False):
        x = (x - 0.5) / 0.25
        if features:
            return x
        x = self.blocks(nn.functional.relu(self.norm(self.begin(x))))
        return self.end(nn.functional.adaptive_avg_pool2d(x, 1).view(x.size(0), -1))


class Inception(nn.Module):
    """Branches side by side, weights that the forward computes, a sum of three and a difference."""

    def __init__(self):
        super().__init__()
        self.ways = nn.ModuleList([nn.Conv2d(1, 2, 1), nn.Conv2d(1, 3, 3, padding=1)])
        self.direction = nn.Parameter(torch.randn(5, 5, 3, 3))
        self.head = nn.Linear(5 * 16, 4)

    def forward(self, x):
        x = torch.cat([way(x) for way in self.ways], dim=1)
        weight = self.direction / torch.linalg.norm(self.direction.flatten(1), dim=1)[:, None, None, None]
        y = nn.functional.conv2d(x, weight, padding=1)
        x = x + torch.tanh(y) + x - nn.functional.leaky_relu(y, 0.2)
        x = torch.abs(nn.functional.max_pool2d(x, 2))
        return nn.functional.linear(torch.flatten(x, 1), 2 * self.head.weight, self.head.bias)


class Descent(nn.Module):
    """A step down a convex potential, its scale as in the paper or a given one; `other`: by a transposed convolution
    with weights of its own."""

    def __init__(self, channels, hidden, kernel=3, scale=None, other=False):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(hidden, channels, kernel, kernel) / 4)
        self.bias = nn.Parameter(torch.randn(hidden) / 4)
        self.down = nn.Parameter(torch.randn(hidden, channels, kernel, kernel) / 4) if other else self.weight
        self.scale = scale

    def forward(self, x):
        zeros = self.weight.shape[-1] // 2
        step = F.relu(F.conv2d(x, self.weight, self.bias, padding=zeros))
        step = F.conv_transpose2d(step, self.down, padding=zeros)
        if self.scale is not None:
            return x - step * self.scale
        norm = torch.linalg.matrix_norm(self.weight.flatten(1), 2)
        return x - 2 / norm ** 2 * step


class FlatDescent(nn.Linear):
    def forward(self, x):
        return x - 0.1 * F.linear(F.relu(super().forward(x)), self.weight.t())


def traced(exchange, directory):
    """A module's own forward becomes a chain with residual blocks and branches, which answers alike."""
    torch.manual_seed(5)
    networks = {"ResNet": ResNet(), "Inception": Inception(),
                "one's own residual": around(Residual(nn.Linear(16, 16))),
                "a doubled linear": around(Doubled(16, 16)),
                "descents": nn.Sequential(nn.Conv2d(1, 4, 3, 2, 1), Descent(4, 4), Descent(4, 7, 5, 0.01),
                                          nn.Flatten(), nn.Linear(64, 16), FlatDescent(16, 9), nn.Linear(16, 4)),
                "convolutions back": nn.Sequential(
                    nn.ConvTranspose2d(1, 4, (3, 5), padding=(0, 3)), nn.ReLU(), Descent(4, 5, other=True),
                    nn.ConvTranspose2d(4, 2, 2, bias=False), nn.Flatten(), nn.Linear(154, 4)),
                "batch norm by itself": around(nn.ReLU(), nn.BatchNorm1d(16)).eval()}
    images = torch.rand(50, 1, 8, 8)
    for name, network in networks.items():
        for module in network.modules():
            if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
                for values, low, high in ((module.running_mean, -1, 1), (module.running_var, 0.5, 2),
                                          (module.weight.data, 0.5, 2), (module.bias.data, -1, 1)):
                    values.uniform_(low, high)
        model = directory / "model"
        difference = save_gloro.save(model, network.eval(), (8, 8, 1), epsilon=0.1)
        print(f"{name}: {difference:.3g}")
        with torch.no_grad():
            logits = network(images)
        answers = {"inputs": images.permute(0, 2, 3, 1).numpy(), "logits": logits.numpy()}
        save_gloro.write_safetensors(directory / "answers", answers, {})
        subprocess.run([exchange, "same", model, directory / "answers"], check=True)
    layers = {entry["type"] for entry in json.loads(load_gloro.load(model)[1]["layers"])}
    assert "residual" not in layers
    save_gloro.save(model, networks["descents"], (8, 8, 1))
    layers = [entry["type"] for entry in json.loads(load_gloro.load(model)[1]["layers"])]
    assert layers == ["conv2d", "convex_potential", "convex_potential", "dense", "convex_potential", "dense"], layers
    save_gloro.save(model, networks["convolutions back"], (8, 8, 1))
    layers = [entry["type"] for entry in json.loads(load_gloro.load(model)[1]["layers"])]
    assert layers == ["conv2d", "relu", "residual", "conv2d", "dense"], layers
    save_gloro.save(model, networks["ResNet"], (8, 8, 1))
    layers = [entry["type"] for entry in json.loads(load_gloro.load(model)[1]["layers"])]
    assert "residual" in layers and "parallel" in layers, layers


class Depends(nn.Module):
    def forward(self, x):
        return x if x.sum() > 0 else -x


class InPlace(nn.Module):
    """Works on its argument by a call whose result it does not take up."""

    def __init__(self, work):
        super().__init__()
        self.work, self.first, self.last = work, nn.Conv2d(1, 2, 1), nn.Linear(128, 4)

    def forward(self, x):
        y = self.first(x)
        self.work(x, y)
        return self.last(y.flatten(1))


class Called(InPlace):
    def forward(self, x):
        return self.last(self.work(self.first(x)).flatten(1))


class Shifted(nn.Linear):
    def forward(self, x):
        x.sub_(0.5).div_(0.25)
        return super().forward(x.flatten(1))


class Attention(nn.Module):
    def forward(self, x):
        return torch.softmax(x * x, dim=1)


def refusals(exchange, directory):
    """What a file cannot say is refused: the module, the way out, and no file."""
    del exchange
    weight_norm, spectral_norm = torch.nn.utils.weight_norm, torch.nn.utils.spectral_norm
    cases = [
        ("a patched forward", patched(around()), "cannot follow", "parameter is not a member"),
        ("a forward that asks for values", around(Depends()), "cannot follow", "must not depend"),
        ("an image worked on in place", Shifted(64, 4), "not used", "in place"),
        ("a value clamped in place", InPlace(lambda x, y: y.clamp_(-1e4, 1e4)), "clamp_", "in place"),
        ("arguments that are not taken", Called(lambda y: torch.add(y, 1, alpha=2)), "add", "not taken"),
        ("a mean of one axis", Called(lambda y: y - torch.mean(y, 1, keepdim=True)), "mean", "not taken"),
        ("what is no layer, all of it", around(Attention()), "softmax: gloro has no layer",
         "mul: gloro has no layer that joins"),
        ("a hidden forward", on_images(Quiet(1, 3, 3), size=108), "answers otherwise", "plain chain"),
        ("a list", nn.ModuleList([nn.Linear(64, 4)]), "ModuleList", "takes no images"),
        ("a hook", with_hook(around(), "register_forward_hook"), "1 (Linear)", "remove it"),
        ("a pre-hook", with_hook(around(), "register_forward_pre_hook"), "1 (Linear)", "remove it"),
        ("spectral norm", around(spectral_norm(nn.Linear(16, 16))).eval(), "2 (Linear)",
         "remove_spectral_norm"),
        ("weight norm", around(weight_norm(nn.Linear(16, 16))), "2 (Linear)", "remove_weight_norm"),
        ("spectral norm in training", around(parametrizations.spectral_norm(nn.Linear(16, 16))),
         "2 (ParametrizedLinear)", "network.eval()"),
        ("dropout in training", around(nn.Dropout(0.5)), "2 (Dropout)", "network.eval()"),
        ("a threshold", around(nn.Softplus()), "2 (Softplus)", "load_gloro.Softplus"),
        ("batch norm in training", around(nn.BatchNorm1d(16)), "running averages", "network.eval()"),
        ("a softmax", around().append(nn.Softmax(1)), "no layer", "Softmax"),
        ("no head", around().append(nn.ReLU()), "end with a Linear", "leave out what follows"),
        ("nothing", nn.Sequential(), "end with a Linear", "add it"),
        ("the wrong images", nn.Sequential(nn.Flatten(), nn.Linear(63, 4)), "[8, 8, 1]",
         "input_shape"),
        ("no flattening", nn.Sequential(nn.Linear(8, 4)), "one vector of logits", "nn.Flatten()"),
        ("circular padding", on_images(nn.Conv2d(1, 3, 3, padding=1, padding_mode="circular"),
                                       size=192), "0 (Conv2d)", "padding_mode='zeros'"),
        ("reflected padding", on_images(nn.Conv2d(1, 3, 3, padding=1, padding_mode="reflect"),
                                        size=192), "0 (Conv2d)", "padding_mode='zeros'"),
        ("groups", on_images(nn.Conv2d(1, 4, 1), nn.Conv2d(4, 4, 3, groups=2), size=144),
         "1 (Conv2d)", "with zeros"),
        ("dilation", on_images(nn.Conv2d(1, 3, 2, dilation=2), size=108), "0 (Conv2d)", "with zeros"),
        ("ceil mode", on_images(nn.MaxPool2d(3, ceil_mode=True), size=9), "0 (MaxPool2d)",
         "ceil_mode=False"),
        ("counted padding", on_images(nn.AvgPool2d(3, 2, 1), size=16), "0 (AvgPool2d)",
         "count_include_pad=False"),
        ("adaptive pooling", on_images(nn.AdaptiveAvgPool2d(2), size=4), "AdaptiveAvgPool2d",
         "output size of 1"),
        ("cubic means", on_images(nn.LPPool2d(3, 2), size=16), "0 (LPPool2d)", "norm_type=2"),
        ("half a flattening", nn.Sequential(nn.Flatten(2), nn.Linear(64, 4)), "0 (Flatten)",
         "nn.Flatten()"),
        ("pairs of a flat image", nn.Sequential(nn.Conv2d(1, 4, 3), nn.Flatten(), load_gloro.MinMax(),
                                                nn.Linear(144, 4)), "answers otherwise", "chain"),
        ("enlarged", on_images(nn.ConvTranspose2d(1, 2, 2, 2), size=512), "stride 1", "enlarges no images"),
        ("NaN", around(), "1 (Linear)", "not finite"),
    ]
    with torch.no_grad():
        cases[-1][1][1].weight[3, 5] = torch.nan
    model = directory / "model"
    for name, network, where, remedy in cases:
        try:
            save_gloro.save(model, network, (8, 8, 1))
        except ValueError as error:
            print(f"{name}: {error}")
            assert where in str(error) and remedy in str(error), (name, where, remedy)
            assert str(error).endswith("nothing was saved"), name
        else:
            raise AssertionError(f"{name}: saved")
        assert not list(directory.iterdir()), name
    for shape, epsilon, more in (((8, 8), 0.1, {}), ((8, 8, 0), 0.1, {}), ((8, 8, 1), -1, {}),
                                 ((8, 8, 1), float("nan"), {}), ((8, 8, 1), 0.1, {"layers": "[]"}),
                                 ((8, 8, 1), 0.1, {"seed": 7})):
        try:
            save_gloro.save(model, around(), shape, epsilon, **more)
        except ValueError:
            assert not list(directory.iterdir())
        else:
            raise AssertionError(f"saved with {shape}, {epsilon}, {more}")

    # A file that is there stays what it is where its successor is refused; a link stays a link.
    link = directory / "link"
    model.write_text("old")
    model.chmod(0o600)
    link.symlink_to(model)
    for network, bytes_ in ((cases[0][1], b"old"), (around(), None)):
        try:
            save_gloro.save(link, network, (8, 8, 1))
        except ValueError:
            pass
        assert link.is_symlink() and sorted(directory.iterdir()) == [link, model]
        assert model.read_bytes() == bytes_ if bytes_ else len(load_gloro.load(link)[0].layers) == 2
        assert model.stat().st_mode & 0o777 == 0o600


def damage(exchange, directory):
    """What the C++ loader refuses is refused in Python too, and the other way round."""
    layers = [{"type": "normalization", "shift": [0.5, 0.0], "scale": [1, 2]},
              {"type": "conv2d", "filters": 2, "kernel": [3, 3], "stride": [1, 1], "padding": "same"},
              {"type": "average_pooling2d", "pool": 2, "stride": 2, "padding": "valid"},
              {"type": "convex_potential", "hidden": 1, "kernel": [1, 1], "scale": 0.5},
              {"type": "dense", "units": 3}]
    metadata = {"format": "gloro", "version": "1", "input_shape": "[4, 4, 2]", "epsilon": "0.3",
                "layers": json.dumps(layers)}
    tensors = {"layers.1.weight": np.ones((2, 2, 3, 3), "f4"), "layers.1.bias": np.ones(2, "f4"),
               "layers.3.weight": np.ones((1, 2, 1, 1), "f4"), "layers.3.bias": np.ones(1, "f4"),
               "layers.4.weight": np.ones((3, 8), "f4"), "layers.4.bias": np.ones(3, "f4")}
    path = directory / "model"

    def refused(name, expected=True):
        in_cpp = subprocess.run([exchange, "load", path], capture_output=True, text=True,
                                errors="replace")
        why = ""
        try:
            load_gloro.load(path)
        except ValueError as error:
            why = str(error)
        print(f"{name}\n   C++: {in_cpp.stderr.strip()}\n   Python: {why}")
        assert in_cpp.returncode == int(expected) and bool(why) == expected, name

    def with_metadata(**changes):
        kept = {key: value for key, value in (metadata | changes).items() if value is not None}
        save_gloro.write_safetensors(path, tensors, kept)

    def with_option(layer, **changes):
        changed = [dict(entry) for entry in layers]
        changed[layer] |= changes
        with_metadata(layers=json.dumps([{key: value for key, value in entry.items()
                                          if value is not None} for entry in changed]))

    def with_tensors(**changes):
        changed = {key: value for key, value in (tensors | {
            f"layers.{key[1:].replace('_', '.')}": value for key, value in changes.items()}).items()
            if value is not None}
        save_gloro.write_safetensors(path, changed, metadata)

    with_metadata()
    refused("sound", False)
    for key, value in (("format", "pt"), ("version", "2"), ("layers", None), ("input_shape", None),
                       ("input_shape", "[4, 4]"), ("input_shape", "[4, 4, 2.0]"),
                       ("input_shape", "[4, 4, 3]"), ("input_shape", "[5, 0, 2]"), ("epsilon", "-1"),
                       ("epsilon", "NaN"), ("epsilon", "Infinity"), ("epsilon", "1e999"),
                       ("epsilon", "0.3\0005"), ("epsilon", "0.3abc"), ("epsilon", "\ufeff0.3"),
                       ("epsilon", "true"), ("epsilon", ""), ("layers", "{}"), ("layers", "[]"),
                       ("layers", metadata["layers"] + "\0"), ("layers", metadata["layers"] + "]"),
                       ("layers", metadata["layers"].replace("}]", ', "units": 3}]'))):
        with_metadata(**{key: value})
        refused(f"{key}: {value!r}")
    for layer, changes in ((0, {"shift": [0.5]}), (0, {"shift": [1e300, 0]}), (0, {"shift": "0.5"}),
                           (0, {"shift": [True, 0]}), (0, {"scale": [16777217, 1]}),
                           (0, {"scale": None}), (1, {"filters": 3}), (1, {"filters": 2.0}),
                           (1, {"kernel": [3]}), (1, {"kernel": [3, True]}), (1, {"stride": 0}),
                           (1, {"padding": "full"}), (1, {"padding": [1, 1]}),
                           (1, {"padding": [1, 1, -1, 1]}), (1, {"bias": 0}), (1, {"bias": False}),
                           (1, {"dilation": 1}), (2, {"padding": [2, 0, 0, 0]}), (2, {"pool": 5}),
                           (3, {"scale": "1"}), (3, {"kernel": [2, 1]}), (3, {"scale": None}),
                           (3, {"scale": -1}), (4, {"units": 4}), (4, {"type": "softmax"}),
                           (4, {"type": None}), (4, {"type": "relu", "units": None})):
        with_option(layer, **changes)
        refused(f"layer {layer}: {changes}")
    for changes in ({"_1_bias": None}, {"_4_weight": None}, {"_5_weight": np.ones(1, "f4")},
                    {"_1_weight": np.ones((2, 3, 3, 2), "f4")}, {"_1_bias": np.ones(2, "f8")},
                    {"_4_weight": np.full((3, 8), np.nan, "f4")},
                    {"_4_bias": np.full(3, np.inf, "f4")}):
        with_tensors(**changes)
        refused(f"tensors: {list(changes)}")
    tensors["layers.1.weight"] = np.arange(36, dtype="f4").reshape(2, 2, 3, 3) % 7 / 8
    tensors["layers.4.weight"] = np.arange(24, dtype="f4").reshape(3, 8) / 8
    with_metadata()
    inputs = torch.arange(64, dtype=torch.float32).reshape(2, 2, 4, 4) / 64
    with torch.no_grad():
        logits = load_gloro.load(path)[0].double()(inputs.double()).numpy()
    vectors = {"test.inputs": inputs.numpy(), "test.logits": logits}

    def with_vectors(change=lambda tensors: None, **changes):
        changed = {name: values.copy() for name, values in (tensors | vectors).items()}
        changed |= {f"test.{key}": values for key, values in changes.items()}
        change(changed)
        save_gloro.write_safetensors(path, {name: values for name, values in changed.items()
                                            if values is not None}, metadata)

    def nudge(name, place, by):
        def change(changed):
            changed[name][place] += by
        return change

    with_vectors()
    refused("test vectors", False)
    for name, change in (("a weight", nudge("layers.4.weight", (1, 2), 1e-6)),
                         ("a bias", nudge("layers.4.bias", 1, 1e-6)),
                         ("a logit", nudge("test.logits", (1, 0), 1e-6)),
                         ("an input", nudge("test.inputs", (0, 1, 2, 3), 1e-6))):
        with_vectors(change)
        refused(f"{name} is not that of the test vectors")
    for changes in ({"inputs": None}, {"logits": None}, {"logits": logits.astype("f4")},
                    {"logits": logits[:1]}, {"inputs": vectors["test.inputs"][:, :1]},
                    {"inputs": np.zeros((65, 2, 4, 4), "f4"), "logits": np.zeros((65, 3))},
                    {"inputs": np.zeros((0, 2, 4, 4), "f4"), "logits": np.zeros((0, 3))},
                    {"logits": logits * np.inf}, {"images": np.ones(1, "f4")}):
        with_vectors(**changes)
        refused(f"test vectors: {list(changes)}")

    with_metadata()
    whole = path.read_bytes()
    length = int.from_bytes(whole[:8], "little")
    header, data = whole[8:8 + length].rstrip(), whole[8 + length:]
    for name, bytes_ in (("one byte less", whole[:-1]), ("one byte more", whole + b"\0"),
                         ("no bytes", b""), ("a long header", b"\xff" * 8 + whole[8:]),
                         *((f"header {at}", len(text).to_bytes(8, "little") + text + data)
                           for at, text in enumerate((
                               header + b"\0", header + b"x", b"\xef\xbb\xbf" + header,
                               b"[" + header[1:], header.replace(b"0.3", b"\xff.3"),
                               header.replace(b"F32", b"F16", 1),
                               header.replace(b"[0, 144]", b"[4, 144]"),
                               header.replace(b'"shape"', b'"extents"', 1),
                               header[:-1] + b', "__metadata__": {}}')))):
        path.write_bytes(bytes_)
        refused(name)
    path.write_bytes(len(header + b" \n").to_bytes(8, "little") + header + b" \n" + data)
    refused("spaces after the header", False)


exchange, task = sys.argv[1:]
with tempfile.TemporaryDirectory() as folder:
    globals()[task](exchange, pathlib.Path(folder))
