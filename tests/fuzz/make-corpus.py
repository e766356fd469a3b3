#!/usr/bin/env python3
"""Writes the corpus of the fuzz targets: small files of every form that a parser takes, and what
has broken one before. Run it in this folder; the same files come out every time."""
import gzip
import json
import pathlib
import struct
import zlib

root = pathlib.Path(__file__).resolve().parent / "corpus"


def put(target, name, content):
    if isinstance(content, str):
        content = content.encode()
    folder = root / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)


def pair(kind, first, second):
    return bytes([kind]) + struct.pack("<H", len(first)) + first + second


def idx(*extents, content=None):
    size = 1
    for extent in extents:
        size *= extent
    head = bytes([0, 0, 8, len(extents)]) + b"".join(struct.pack(">I", e) for e in extents)
    return head + (content if content is not None else bytes(i % 10 for i in range(size)))


images, labels = idx(3, 4, 5), idx(3)
for kind, name in enumerate(["plain", "images-packed", "labels-packed", "both-packed"]):
    put("idx", name, pair(kind, images, labels))
put("idx", "two-members", pair(7, images, labels))
put("idx", "already-gzip", pair(0, gzip.compress(images, mtime=0), gzip.compress(labels, mtime=0)))
put("idx", "too-large", pair(0, idx(2**31, 2**31, 2**31, content=b"1"), labels))
put("idx", "claims-a-gigabyte", pair(1, idx(1024, 1024, 1024, content=b"1"), labels))

record = bytes(i % 256 for i in range(3072))
batch = lambda *digits: b"".join(bytes([digit]) + record for digit in digits)
put("cifar", "one-each", pair(1, batch(3), batch(9)))
put("cifar", "two-each", pair(2, batch(0, 1), batch(2, 3)))
put("cifar", "gzip", pair(2, gzip.compress(batch(4, 5), mtime=0), gzip.compress(batch(6, 7), mtime=0)))
put("cifar", "short", pair(1, batch(1)[:-1], batch(1)))


def npy(header, data, version=1):
    length = struct.pack("<H" if version == 1 else "<I", len(header))
    return b"\x93NUMPY" + bytes([version, 0]) + length + header.encode() + data


def header(kind, shape, order=False):
    return f"{{'descr': '{kind}', 'fortran_order': {order}, 'shape': {shape}, }}   \n"


put("npy", "bytes", npy(header("|u1", (2, 3, 2, 1)), bytes(range(12))))
put("npy", "floats", npy(header("<f4", (2, 2, 3)), struct.pack("<12f", *range(12)), 2))
put("npy", "doubles-gzip", b"z" + npy(header("<f8", (3, 2)), struct.pack("<6d", *range(6)), 3))
put("npy", "not-finite", npy(header("<f4", (1, 1)), struct.pack("<f", float("nan"))))
put("npy", "fortran", npy(header("|u1", (2, 2), True), bytes(4)))
put("npy", "planes-of-halves", npy(header(">f2", (2, 3, 1, 2)), struct.pack(">12e", *range(12))))
put("npy", "planes-fortran", npy(header("<f8", (1, 2, 2, 2), True), struct.pack("<8d", *range(8))))
put("npy", "labels", npy(header("<i8", (3,)), struct.pack("<3q", 0, 7, 2)))
put("npy", "labels-big", npy(header(">u2", (3,)), struct.pack(">3H", 0, 7, 2)))


def image_file(magic, content, labels):
    """An image file of as many 2 x 2 x 1 images as there are labels, two classes."""
    body = magic + b"\n\0" + struct.pack("<5Q", 2, 2, 1, 2, len(labels)) + content
    body += bytes(-len(content) % 8) + struct.pack(f"<{len(labels)}I", *labels)
    total = 0xCBF29CE484222325  # gloro/core/detail/checksum.hpp, of an even number of labels
    for (word,) in struct.iter_unpack("<Q", body):
        total = (total ^ word) * 0x100000001B3 % 2**64
        total ^= total >> 29
    return body + struct.pack("<Q", total)


put("images", "bytes", image_file(b"gloro-images-1", bytes(range(8)), (0, 1)))
put("images", "floats", image_file(b"gloro-floats-1", struct.pack("<8f", *range(8)), (1, 1)))
put("images", "label-outside", image_file(b"gloro-images-1", bytes(8), (0, 2)))
put("images", "claims-much", image_file(b"gloro-images-1", bytes(8), (0, 1))[:48] + bytes([255] * 5) + bytes(51))
put("npy", "labels-negative", npy(header("|i1", (2,)), struct.pack("2b", 1, -1)))
put("npy", "too-large", npy(header("|u1", (2**62, 2, 2)), bytes(4)))



def png(width, height, bits, colour, rows, palette=b""):
    def chunk(kind, content):
        return (struct.pack(">I", len(content)) + kind + content +
                struct.pack(">I", zlib.crc32(kind + content)))

    row = max(1, len(rows) // height)
    lines = b"".join(b"\0" + rows[y:y + row] for y in range(0, len(rows), row))
    return (b"\x89PNG\r\n\x1a\n" +
            chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)) +
            (chunk(b"PLTE", palette) if palette else b"") +
            chunk(b"IDAT", zlib.compress(lines, 0)) + chunk(b"IEND", b""))


put("picture", "png-colour", png(2, 2, 8, 2, bytes(range(12))))
put("picture", "png-grey", png(3, 1, 8, 0, bytes(range(3))))
put("picture", "png-palette", png(2, 1, 8, 3, bytes([1, 0]), bytes(range(6))))
put("picture", "png-bits", png(8, 1, 1, 0, b"\xa5"))
put("picture", "png-large", png(2**30, 2**30, 8, 2, b"1"))
put("picture", "pgm", b"P5 # a comment\n3 2 255\n" + bytes(range(6)))
put("picture", "jpeg-cut", bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffdb"))

conv = {"type": "conv2d", "filters": 2, "kernel": [3, 3], "stride": [1, 1], "padding": "same"}
dense = {"type": "dense", "units": 3}
minmax = {"type": "minmax"}
plain = {"bias": False}


def network(shape, layers, *tensors, epsilon="0.3"):
    return "\n".join(["network", json.dumps(shape), json.dumps(layers), epsilon, *tensors])


put("model", "convolution", network(
    [4, 5, 1], [conv, minmax, dense],
    "layers.0.weight [2,1,3,3]", "layers.0.bias [2]", "layers.2.weight [3,40]", "layers.2.bias [3]"))
put("model", "dense", network(
    [1, 1, 4], [{"type": "dense", "units": 4, "bias": False}, {"type": "relu"}, dense | plain],
    "layers.0.weight [4,4] 1e30", "layers.2.weight [3,4] 1e-40"))
put("model", "rest", network(
    [4, 4, 1],
    [{"type": "normalization", "shift": [0.5], "scale": [2]},
     {"type": "invertible_downsampling", "block": [2, 2]},
     {"type": "average_pooling2d", "pool": [2, 2], "stride": [1, 1], "padding": "same"},
     {"type": "max_pooling2d", "pool": [2, 1], "stride": [2, 1], "padding": "valid"},
     {"type": "scaling"}, {"type": "minmax", "pairs": "halves"}, dense | plain],
    "layers.4.factor [1] 2", "layers.6.weight [3,8]"))
put("model", "asymmetric", network(
    [5, 3, 2], [{**conv, "stride": [2, 1], "padding": [0, 1, 2, 0], "kernel": [2, 4], **plain},
                dense | plain],
    "layers.0.weight [2,2,2,4] 3", "layers.1.weight [3,12]"))
put("model", "overflow", network([1, 1, 2], [dense | plain, dense | plain], "layers.0.weight [3,2] 1e38",
                                 "layers.1.weight [3,3] 3e38"))
# Zeros around an image that multiply to more values than an index can count.
put("model", "wide-margins", network(
    [1, 1, 1], [{**conv, "kernel": 1, "stride": 2**24, "padding": [2**24] * 4, **plain},
                dense | plain],
    "layers.0.weight [2,1,1,1]", "layers.1.weight [3,18]"))
put("model", "long-pooling", network(
    [1, 400, 1], [{"type": "average_pooling2d", "pool": [1, 400], "stride": 1, "padding": "same"},
                  {"type": "max_pooling2d", "pool": [1, 16777216], "stride": 400,
                   "padding": "same"}, dense | plain], "layers.2.weight [3,1]"))
# Networks of gigabytes in a few bytes.
put("model", "wide-kernel", network(
    [65536, 1, 1], [{"type": "convex_potential", "hidden": 1, "kernel": [1, 4000], "scale": 1,
                     **plain}, dense | plain],
    "layers.0.weight [1,1,1,4000]", "layers.1.weight [3,65536]"))
put("model", "many-classes", network(
    [1, 1, 1], [{"type": "dense", "units": 4000, **plain}], "layers.0.weight [4000,1]"))
put("model", "many-windows", network(
    [1024, 1, 1], [{"type": "average_pooling2d", "pool": [2**23, 1], "stride": 1,
                    "padding": [2**23 - 1, 2**23 - 1, 0, 0]}, dense | plain],
    "layers.1.weight [3,1]"))
put("model", "large-input", network([30000, 30000, 2], [minmax, dense | plain],
                                    "layers.1.weight [3,1]"))
put("model", "potential", network(
    [3, 4, 2], [{"type": "convex_potential", "hidden": 3, "kernel": [2, 3], "scale": 0.1}, dense],
    "layers.0.weight [3,2,2,3]", "layers.0.bias [3]", "layers.1.weight [3,24]",
    "layers.1.bias [3]"))
put("model", "residual", network(
    [3, 4, 2], [{"type": "residual", "body": [
        {"type": "conv2d", "filters": 2, "kernel": 3, "stride": 1, "padding": "same"}, minmax]}, dense],
    "layers.0.body.0.weight [2,2,3,3]", "layers.0.body.0.bias [2]", "layers.1.weight [3,24]",
    "layers.1.bias [3]"))
put("model", "branches", network(
    [1, 1, 2], [{"type": "parallel", "join": "concatenate", "branches": [
        {"type": "chain", "layers": []}, {"type": "dense", "units": 1}]}, dense],
    "layers.0.branches.1.weight [1,2]", "layers.0.branches.1.bias [1]", "layers.1.weight [3,3]",
    "layers.1.bias [3]"))
deep = minmax
for _ in range(17):
    deep = {"type": "chain", "layers": [deep]}
put("model", "deep", network([1, 1, 2], [deep, dense], "layers.1.weight [3,2]", "layers.1.bias [3]"))


def safetensors(entries, data):
    text = json.dumps(entries, separators=(",", ":")).encode()
    return struct.pack("<Q", len(text)) + text + data


meta = {"format": "gloro", "version": "1", "input_shape": "[1,1,2]", "note": "kept",
        "layers": json.dumps([dense])}
unbiased = meta | {"layers": json.dumps([dense | plain])}
weight = {"dtype": "F32", "shape": [3, 2], "data_offsets": [0, 24]}
bias = {"dtype": "F32", "shape": [3], "data_offsets": [24, 36]}
put("model", "file", safetensors(
    {"__metadata__": meta, "layers.0.weight": weight, "layers.0.bias": bias},
    struct.pack("<9f", *range(9))))
put("model", "file-f64", safetensors(
    {"__metadata__": unbiased, "layers.0.weight": {"dtype": "F64", "shape": [3, 2],
                                               "data_offsets": [0, 48]}}, bytes(48)))
put("model", "file-nan", safetensors({"__metadata__": unbiased, "layers.0.weight": weight},
                                     struct.pack("<6f", *[float("nan")] * 6)))
put("model", "file-nul", safetensors({"__metadata__": meta | {"epsilon": "0.3\0005"},
                                      "layers.0.weight": weight, "layers.0.bias": bias},
                                     struct.pack("<9f", *range(9))))
put("model", "file-long-header", struct.pack("<Q", 2**63) + b"{}")

for kind, letter in enumerate("fd"):
    step = struct.pack("<4q3d4q2d", 1, 5, 2, 7, 0.1, 0.01, 1, 40, 30, 20, 10, 3.5, 0.25)
    report = step + struct.pack("<4qd2dQ2d", 50, 40, 30, 20, 0, 1.5, 6, 2, 1.0, 2.5)
    front = b"gloro-run-2\n" + struct.pack("<QQ3sQ2s", 1, 3, b"run", 2, b"of")
    rest = step + struct.pack("<Q", 1) + report + struct.pack("<QQ", 4 << kind, 3)
    for part in ([1, 2, 3], [], [4, 5]):
        rest += struct.pack(f"<Q{len(part)}{letter}", len(part), *part)
    body = front + struct.pack("<qq", 1, 70) + rest
    put("checkpoint", f"whole-{letter}", bytes([kind | 2]) + body)
    put("checkpoint", f"unsigned-{letter}", bytes([kind]) + body)
    put("checkpoint", f"negative-{letter}",
        bytes([kind | 2]) + front + struct.pack("<qq", -1, -1) + rest)

words = {
    "s": ["[0.01]-log-[50%:1.1]", "[1]-[30:=0.5][50%:2]-cos-[0]", "[1]-exp-[=1e-6]", "fixed",
          "half_5_times", "decay_to_0.000001_after_half", "linear_half_from_0.1"],
    "a": ["minmax_cnn_4C3F", "(16,4,2).(32,4,2).100", "(2,3,9223372036854775807).8",
          "(2,9223372036854775807).8"],
    "l": ["sparse_trades_kl.1.5", "emma", "crossentropy"],
    "g": ["flip+crop:4+noise:0.1", "saturation:0.5:1.2+contrast:0.8:1.2+zoom:0.25", "rs.0.125"],
    "o": ["adam", "sgd.0.9", "nadam", "muon"],
}
for letter, texts in words.items():
    for number, text in enumerate(texts):
        put("words", f"{letter}{number}", letter + text)

columns = "epoch,epsilon,learning_rate,loss,test_clean,test_vra_estimate,lipschitz"
put("log", "of-today", columns + "\n1,0.1,0.001,2.5,0.5,0,3\n2,0.3,0.001,1.5,0.9,0.4,2.5\n")
put("log", "repeated", columns + "\n1,0,1,2,0,0,3\n2,0,1,nan,0,0,inf\n1,0,1,-inf,0,0,1e-320\n")
put("log", "old-name", "epoch,test_vra\r\n1,0.1\r\n2,0.2")
put("log", "twice", "epoch,loss,loss\n1,2,3\n")
put("log", "far", "epoch,loss\n-1e308,1e308\n1e308,-1e308\n")
put("log", "close", "epoch,loss\n9007199254740992,1\n9007199254740994,1.0000000000000002\n")
put("log", "no-epoch", "epoch,loss\nnan,1\n")

# Networks in ONNX, line by line (onnx.cpp), and one as bytes.
graphs = {
    "cnn": """1,2,6,6
tensor w 4,2,3,3 0.1
node Conv x,w a kernel_shape=3,3 pads=1,1,1,1
tensor s 4 1
tensor m 4 0.5
list v 1,1,1,1
node BatchNormalization a,s,m,m,s b epsilon.2
node Relu b c
node MaxPool c d kernel_shape=2,2 strides=2,2 ceil_mode=1
node Flatten d e axis=1
tensor h 3,36 0.1
node Gemm e,h f transB=1
node Softmax f y axis=1
""",
    "sorted": """1,6
node Split x a,b axis=1
node Max a,b c
node Min a,b d
node Concat c,d e axis=1
tensor w 6,3 1
node MatMul e,w y
""",
    "shape": """2,2,2,2
node Shape x s
list i 0
node Gather s,i b
list r -1
node Concat b,r t axis=0
node Reshape x,t f
tensor c 1,8 2
node Sub f,c g
node Mul g,c h
tensor w 8,3 1
node MatMul h,w y
""",
    "residual": """1,2,4,4
tensor w 2,2,3,3 0.1
node Conv x,w a pads=1,1,1,1
node Relu a b
node Add x,b c
list p 0,0,1,1,0,0,0,0
node Pad c,p d
node Transpose d e perm=0,2,3,1
node Transpose e f perm=0,3,1,2
node AveragePool f g kernel_shape=2,2 strides=2,2
node GlobalAveragePool g y
""",
    "doubling": "1,2\nlist a 1,1\n" + "".join(
        f"node Concat {a},{a} {b} axis=0\n" for a, b in zip("abcdefghijklm", "bcdefghijklmn")
    ) + "node Add x,n y\n",
}
for name, text in graphs.items():
    put("onnx", name, "graph\n" + text)


def varint(number):
    rest = b""
    while number > 127:
        rest += bytes([number & 127 | 128])
        number >>= 7
    return rest + bytes([number])


def field(number, value):
    """Of a protobuf message: a number, or text or a message as bytes."""
    if isinstance(value, int):
        return varint(8 * number) + varint(value)
    value = value.encode() if isinstance(value, str) else value
    return varint(8 * number + 2) + varint(len(value)) + value


def onnx_file(count=4):
    shape = b"".join(field(1, field(1, extent)) for extent in (1, 2))
    value = field(1, "x") + field(2, field(1, field(1, 1) + field(2, shape)))
    weights = (field(1, 2) + field(1, 2) + field(2, 1) + field(8, "w") +
               field(9, struct.pack(f"<{count}f", *range(count))))
    node = field(1, "x") + field(1, "w") + field(2, "y") + field(3, "n") + field(4, "MatMul")
    graph = field(1, node) + field(2, "g") + field(5, weights) + field(11, value) + field(12, field(1, "y"))
    return field(1, 7) + field(8, field(2, 13)) + field(7, graph)


put("onnx", "file", onnx_file())
put("onnx", "file-short", onnx_file(3))
