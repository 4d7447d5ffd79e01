"""Writes a safetensors file of the shapes of a 124-million-parameter language model, 498 MB in F32, to time `stablerank measure` with.

    /usr/bin/python3 make_checkpoint.py model.safetensors [--bf16]
    stablerank measure model.safetensors --json > ranks.json
    /usr/bin/python3 make_checkpoint.py model.safetensors --check ranks.json     NumPy's double values beside them

The weights are Gaussian with a pulled singular value in some layers, from a fixed seed. Needs NumPy.
"""
import json
import struct
import sys

import numpy as np

TYPES = {"F32": ("<f4", 4), "BF16": ("<u2", 2)}


def shapes():
    yield "wte.weight", (50257, 768)
    yield "wpe.weight", (1024, 768)
    for layer in range(12):
        for name, shape in (("ln_1.weight", (768,)), ("ln_1.bias", (768,)), ("attn.c_attn.weight", (768, 2304)),
                            ("attn.c_attn.bias", (2304,)), ("attn.c_proj.weight", (768, 768)), ("attn.c_proj.bias", (768,)),
                            ("ln_2.weight", (768,)), ("ln_2.bias", (768,)), ("mlp.c_fc.weight", (768, 3072)),
                            ("mlp.c_fc.bias", (3072,)), ("mlp.c_proj.weight", (3072, 768)), ("mlp.c_proj.bias", (768,))):
            yield f"h.{layer}.{name}", shape
    yield "ln_f.weight", (768,)
    yield "ln_f.bias", (768,)


def make(path, kind):
    header, at = {}, 0
    for name, shape in shapes():
        size = int(np.prod(shape)) * TYPES[kind][1]
        header[name] = {"dtype": kind, "shape": list(shape), "data_offsets": [at, at + size]}
        at += size
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for i, (name, shape) in enumerate(shapes()):
            rng = np.random.default_rng(i)
            values = 0.02 * rng.standard_normal(shape, dtype="<f4")
            if len(shape) == 2 and i % 3 == 0:
                values += 0.05 * np.outer(rng.standard_normal(shape[0]), rng.standard_normal(shape[1])).astype("<f4") * (1 + i % 5) / 10
            if kind == "BF16":
                bits = values.view("<u4").astype("u8")
                values = ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype("<u2")
            file.write(values.tobytes())


def read(path, name):
    with open(path, "rb") as file:
        length, = struct.unpack("<Q", file.read(8))
        entry = json.loads(file.read(length))[name]
        begin, end = entry["data_offsets"]
        file.seek(8 + length + begin)
        values = np.frombuffer(file.read(end - begin), TYPES[entry["dtype"]][0])
    if entry["dtype"] == "BF16":
        values = (values.astype("<u4") << 16).view("<f4")
    return values.reshape(entry["shape"]).astype("<f8")


def check(path, ranks):
    worst = 0.0
    for tensor in json.load(open(ranks))["tensors"]:
        s = np.linalg.svd(read(path, tensor["name"]), compute_uv=False)
        q = s / s.sum()
        q = q[q > 0]
        for key, value in (("stableRank", (s**2).sum() / s[0]**2), ("participationRank", (s**2).sum()**2 / (s**4).sum()),
                           ("effectiveRank", np.exp(-(q * np.log(q)).sum()))):
            worst = max(worst, abs(tensor[key] / value - 1))
    print(f"largest relative deviation from NumPy's double values: {worst:.1e}")
    sys.exit(int(worst > 1e-6))


if __name__ == "__main__":
    if len(sys.argv) == 4 and sys.argv[2] == "--check":
        check(sys.argv[1], sys.argv[3])
    elif len(sys.argv) == 2 or sys.argv[2:] == ["--bf16"]:
        make(sys.argv[1], "BF16" if "--bf16" in sys.argv else "F32")
    else:
        sys.exit(__doc__)
