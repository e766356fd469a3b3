"""`gloro certify` says what a script can use: rows, sums, exit codes, errors.

    certify_test.py GLORO EXCHANGE MNIST

EXCHANGE is the program of exchange.cpp; MNIST, the data set's folder, may be missing. Exits with
77, "skipped", where there is no GLORO (it needs CLI11).
"""

import array
import csv
import json
import pathlib
import subprocess
import sys
import tempfile

gloro, exchange, mnist = sys.argv[1:]
if not pathlib.Path(gloro).exists():
    print("skipped: the program gloro was not built")
    sys.exit(77)


def run(*arguments, expect=0):
    done = subprocess.run([gloro, "certify", *map(str, arguments)], capture_output=True, text=True)
    print("gloro certify", *arguments, "->", done.returncode, done.stderr.strip())
    assert done.returncode == expect, (done.stdout, done.stderr)
    assert expect == 0 or done.stderr.strip()
    return done


def write_npy(path, shape, values):
    """float32 or float64 bytes as an .npy file."""
    dtype = "<f8" if len(values) == 8 * shape[0] * shape[1] * shape[2] * shape[3] else "<f4"
    header = str({"descr": dtype, "fortran_order": False, "shape": tuple(shape)}).encode()
    header += b" " * (63 - (10 + len(header)) % 64) + b"\n"
    path.write_bytes(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + values)


def images_of(answers):
    """Shape and bytes of the inputs in a safetensors file."""
    bytes_ = answers.read_bytes()
    length = int.from_bytes(bytes_[:8], "little")
    entry = json.loads(bytes_[8:8 + length])["inputs"]
    begin, end = (8 + length + offset for offset in entry["data_offsets"])
    return entry["shape"], bytes_[begin:end]


def with_metadata(model, key, value, to):
    """The model file with one more entry in its metadata."""
    bytes_ = model.read_bytes()
    length = int.from_bytes(bytes_[:8], "little")
    header = json.loads(bytes_[8:8 + length])
    header["__metadata__"][key] = value
    text = json.dumps(header).encode()
    to.write_bytes(len(text).to_bytes(8, "little") + text + bytes_[8 + length:])


def check(rows, summary, labelled, relaxed=None):
    """The rows' own consistency, and the sums over them."""
    columns = ["index", "label", "predicted", "certified_radius", "clean_correct"]
    assert summary.get("guarantee") == relaxed
    for index, row in enumerate(rows):
        assert list(row) == columns + (
            ["certified_set", "set_radius", "label_radius"] if relaxed else [])
        assert int(row["index"]) == index
        assert (row["predicted"] == "-1") == (float(row["certified_radius"]) == 0)
        assert bool(row["label"]) == labelled == (row["clean_correct"] in ("0", "1"))
        if row["label"] == row["predicted"]:
            assert row["clean_correct"] == "1"
        if relaxed:
            members = row["certified_set"].split()
            assert row["predicted"] in ["-1", *members[:1]]
            assert bool(members) == (float(row["set_radius"]) > 0)
            assert float(row["set_radius"]) >= float(row["certified_radius"])
            assert len(members) == len(set(members)) <= relaxed.get("top_k", 99)
            assert bool(row["label_radius"]) == labelled
            if row["label"] in members:
                assert row["label_radius"] == row["set_radius"]
    assert summary["images"] == len(rows)
    for result in summary["results"]:
        certified = [row for row in rows if float(row["certified_radius"]) > result["epsilon"]]
        # A radius within 1e-9 above epsilon is printed as at most epsilon: none is here.
        assert result["certified"] == len(certified) / len(rows)
        assert abs(result["certified"] + result["rejection_rate"] - 1) < 1e-12
        assert ("vra" in result) == labelled
        if labelled:
            right = [row for row in certified if row["label"] == row["predicted"]]
            assert result["vra"] == len(right) / len(rows)
        assert ("set_certified" in result) == bool(relaxed)
        if relaxed:
            in_sets = [row for row in rows if float(row["set_radius"]) > result["epsilon"]]
            assert result["set_certified"] == len(in_sets) / len(rows)
            assert abs(result["set_certified"] + result["set_rejection_rate"] - 1) < 1e-12
        if relaxed and labelled:
            right = [row for row in rows if float(row["label_radius"]) > result["epsilon"]]
            assert result["set_vra"] == len(right) / len(rows)
    if labelled:
        assert summary["clean_accuracy"] == sum(r["clean_correct"] == "1" for r in rows) / len(rows)


with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    rows_file, summary_file = folder / "rows.csv", folder / "summary.json"
    subprocess.run([exchange, "save", folder], check=True)

    def results(*arguments):
        done = run(*arguments, "--csv", rows_file, "--json", summary_file)
        with open(rows_file, newline="") as file:
            return list(csv.DictReader(file)), json.loads(summary_file.read_text()), done.stdout

    for model, options in (("small", []), ("double", ["--double"]), ("float", ["--double"])):
        write_npy(folder / "images.npy", *images_of(folder / f"{model}.answers"))
        rows, summary, printed = results(folder / f"{model}.model", "--images",
                                         folder / "images.npy", "--epsilon", "0", "0.01", *options)
        check(rows, summary, labelled=False)
        assert len(rows) == 20 and "VRA" not in printed
        assert [result["epsilon"] for result in summary["results"]] == [0, 0.01]

    write_npy(folder / "images.npy", *images_of(folder / "small.answers"))
    small = [folder / "small.model", "--images", folder / "images.npy"]
    rows, summary, _ = results(*small, "--limit", 7)
    assert len(rows) == 7 and summary["results"][0]["epsilon"] == 0.3  # the model's own

    # Relaxed, by the command line or by the model's own guarantee; neither is the default.
    wide, wide_summary, printed = results(*small, "--top-k", 2)
    check(wide, wide_summary, labelled=False, relaxed={"top_k": 2})
    assert "guarantee top-2" in printed
    strict, strict_summary, _ = results(*small)
    check(strict, strict_summary, labelled=False)
    for one, two in zip(strict, wide):  # the first columns mean one thing for ever
        assert one == {name: two[name] for name in one}
    assert any(len(row["certified_set"].split()) == 2 for row in wide)
    with_metadata(small[0], "guarantee", '{"top_k": 2}', folder / "relaxed.model")
    own = [folder / "relaxed.model", *small[1:]]
    rows, summary, _ = results(*own)
    assert rows == wide and summary["guarantee"] == {"top_k": 2}
    assert results(*own, "--top-k", 1)[0] == strict
    sets = folder / "sets.json"
    sets.write_text("[[0, 1], [2]]")
    rows, summary, _ = results(*own, "--affinity", sets, "--report", folder / "report.html")
    check(rows, summary, labelled=False, relaxed={"affinity": [[0, 1], [2]]})
    assert {tuple(sorted(row["certified_set"].split())) for row in rows} <= {
        (), ("0",), ("1",), ("2",), ("0", "1")}
    assert "The guarantee is relaxed" in (folder / "report.html").read_text(encoding="utf-8")
    run(*small, "--top-k", 0, expect=2)
    run(*small, "--top-k", 2, "--affinity", sets, expect=2)
    assert "says nothing" in run(*small, "--top-k", 99, expect=2).stderr
    assert "none.json: no such file" in run(*small, "--affinity", "none.json", expect=1).stderr
    sets.write_text("[[0, 99]]")
    assert "sets.json" in run(*small, "--affinity", sets, expect=1).stderr
    with_metadata(small[0], "guarantee", '{"top_k": 0}', folder / "relaxed.model")
    assert "relaxed.model" in run(*own, expect=1).stderr

    # Wrong command lines: 2. Files that cannot be used: 1, with the file's name.
    run("--help")
    run(expect=2)
    run(folder / "small.model", expect=2)
    run(*small, "--dataset", "mnist", expect=2)
    run(*small, "--epsilon", "-1", expect=2)
    run(*small, "--epsilon", "nan", expect=2)
    run(*small, "--limit", "0", expect=2)
    run(*small, "--nonsense", expect=2)
    assert "none.model: no such file" in run("none.model", *small[1:], expect=1).stderr
    assert "images.npy" in run(folder / "images.npy", *small[1:], expect=1).stderr
    assert "small.model" in run(folder / "small.model", "--images", folder / "small.model",
                                expect=1).stderr
    assert "13x10x3" in run(folder / "float.model", *small[1:], expect=1).stderr
    assert "GloroModel<double>" in run(folder / "double.model", *small[1:], expect=1).stderr
    assert "unknown data set" in run(small[0], "--dataset", "imagenet", expect=2).stderr
    run(small[0], "--dataset", "mnist", "--data", folder, expect=1)
    run(*small, "--csv", folder / "none" / "rows.csv", expect=1)

    if list(pathlib.Path(mnist).glob("t10k-images-idx3-ubyte*")):
        layers = [{"type": "dense", "units": 10, "bias": False}]
        weights = [((31 * i) % 101 - 50) / 500 for i in range(7840)]
        header = json.dumps({
            "__metadata__": {"format": "gloro", "version": "1", "input_shape": "[28,28,1]",
                             "layers": json.dumps(layers)},
            "layers.0.weight": {"dtype": "F32", "shape": [10, 784], "data_offsets": [0, 31360]},
        }).encode()

        (folder / "linear.model").write_bytes(
            len(header).to_bytes(8, "little") + header + array.array("f", weights).tobytes())
        rows, summary, printed = results(folder / "linear.model", "--dataset", "mnist", "--data",
                                         mnist, "--limit", 500, "--epsilon", 0.001, 0.1, 0.5)
        check(rows, summary, labelled=True)
        assert len(rows) == 500 and "VRA" in printed
        assert [row["label"] for row in rows[:5]] == ["7", "2", "1", "0", "4"]
        mnist_images = [folder / "linear.model", "--dataset", "mnist", "--data", mnist, "--limit", 500,
                        "--epsilon", 0.001, 0.1, 0.5]
        wide, wide_summary, _ = results(*mnist_images, "--top-k", 3)
        check(wide, wide_summary, labelled=True, relaxed={"top_k": 3})
        assert wide_summary["clean_accuracy"] == summary["clean_accuracy"]
        for one, three in zip(summary["results"], wide_summary["results"]):
            assert {**three, **one} == three
            assert three["set_vra"] >= one["vra"] and three["set_certified"] >= one["certified"]
        assert wide_summary["results"][0]["set_vra"] > summary["results"][0]["vra"]
    else:
        print("MNIST is not there, whose part is skipped")
        sys.exit(77)
