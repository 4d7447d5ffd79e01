# Makes the files beside this script. Run with NumPy 1.24 or later, from this folder:
#     /usr/bin/python3 make_fixtures.py
# Element k in C order of every array is values(...)[k] below, which the tests compute by themselves.
import gzip
import io
import json
import struct
import zipfile

import numpy as np


def values(*shape, dtype="<f8"):
    """((k * k) mod 17 - 5) / 4 in C order: exact in every floating type."""
    k = np.arange(int(np.prod(shape, dtype=int)))
    return (((k * k) % 17 - 5) / 4).astype(dtype).reshape(shape)


def save(name, array, version=None):
    with open(name, "wb") as file:
        np.lib.format.write_array(file, array, version=version)


save("matrix_f8.npy", values(3, 4))
save("matrix_f4.npy", values(3, 4, dtype="<f4"))
save("matrix_f8_fortran.npy", np.asfortranarray(values(3, 4)))
save("matrix_f4_fortran.npy", np.asfortranarray(values(3, 4, dtype="<f4")))
save("matrix_f8_big_endian.npy", values(3, 4, dtype=">f8"))
save("matrix_f4_big_endian_fortran.npy", np.asfortranarray(values(3, 4, dtype=">f4")))
save("matrix_version2.npy", values(3, 4), version=(2, 0))
save("matrix_version3.npy", values(3, 4), version=(3, 0))
save("scalar.npy", values())
save("vector.npy", values(7))
save("empty.npy", values(0, 3))
save("cube_fortran.npy", np.asfortranarray(values(2, 3, 4)))
save("kernel.npy", values(4, 3, 2, 2, dtype="<f4"))
save("kernel_fortran.npy", np.asfortranarray(values(4, 3, 2, 2)))

# What cannot be read, and must say so.
save("complex.npy", values(2, 2).astype("<c16"))
save("text.npy", np.array(["one", "three"]))
save("structured.npy", np.array([(1, 2.5)], dtype=[("a", "<i4"), ("b", "<f8", (2,))]))
np.save("object.npy", np.array([1, None], dtype=object), allow_pickle=True)

# Every other type: the extremes where they are integers (what a double rounds is 2^63 - 1 and 2^64 - 1).
integers = {}
for name in ("i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"):
    info = np.iinfo(name)
    integers[name] = np.array([info.min, info.max, 7], dtype="<" + name)
np.savez_compressed("integers.npz", **integers)
np.savez_compressed(
    "others.npz",
    b1=np.array([True, False, True]),
    f2=np.array([0.5, -65504.0, 2.0**-24], dtype="<f2"),
    special=np.array([np.nan, np.inf, -np.inf, -0.0, 5e-324]),
    big_i2=np.array([-2, 258], dtype=">i2"),
    big_u8=np.array([1, 2**40], dtype=">u8"),
    big_f2=np.array([0.5, -3.0], dtype=">f2"),
)

np.savez("stored.npz", weights=values(3, 4), bias=values(3, dtype="<f4"))
np.savez_compressed("deflated.npz", weights=values(3, 4), bias=values(3, dtype="<f4"))

# A zip64 archive without being large: the limit from which zipfile uses it, lowered.
zipfile.ZIP64_LIMIT = 16
with zipfile.ZipFile("zip64.npz", "w", allowZip64=True) as archive:
    for name, array in (("weights", values(3, 4)), ("bias", values(3, dtype="<f4"))):
        packed = io.BytesIO()
        np.lib.format.write_array(packed, array)
        archive.writestr(zipfile.ZipInfo(name + ".npy"), packed.getvalue())
    archive.writestr(zipfile.ZipInfo("notes.txt"), "not an array")


# safetensors, written by hand: eight bytes with the header's length, the header, the data.
SAFE = {"b1": "BOOL", "u1": "U8", "i1": "I8", "u2": "U16", "i2": "I16", "f2": "F16", "u4": "U32", "i4": "I32", "f4": "F32",
        "u8": "U64", "i8": "I64", "f8": "F64"}


def bfloat16(array):
    """The bits of the nearest bfloat16 of float32 values, ties to even; for finite values."""
    bits = np.ascontiguousarray(array, dtype="<f4").view("<u4").astype("u8")
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype("<u2")


def safetensors(name, tensors, metadata=None):
    """tensors: name -> array, or name -> (dtype, array of the bits)."""
    header, data = {}, b""
    if metadata is not None:
        header["__metadata__"] = metadata
    for key, value in tensors.items():
        dtype, array = value if isinstance(value, tuple) else (SAFE[value.dtype.str[1:]], value)
        raw = np.ascontiguousarray(array).tobytes()
        header[key] = {"dtype": dtype, "shape": list(array.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    with open(name, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


safetensors("floats.safetensors", {
    "f64": values(3, 4), "f32": values(3, 4, dtype="<f4"), "f16": values(3, 4, dtype="<f2"), "bf16": ("BF16", bfloat16(values(3, 4))),
    "kernel": values(4, 3, 2, 2, dtype="<f4"), "scalar": values(), "empty": values(0, 3),
}, {"format": "np", "gr\u00f6\u00dfe": "\u00fc"})
safetensors("integers.safetensors", {**integers, "b1": np.array([True, False, True])})
safetensors("others.safetensors", {"f8": ("F8_E4M3", np.array([1, 2, 3], dtype="u1")), "weights": values(3, 4)})
safetensors("none.safetensors", {})
safetensors("model-00001-of-00002.safetensors", {"b": values(3, dtype="<f4"), "a": values(3, 4), "unlisted": values(2)})
safetensors("model-00002-of-00002.safetensors", {"c": values(2, 2), "b": values(5)})
with open("model.safetensors.index.json", "w") as file:
    json.dump({"metadata": {"total_size": 140}, "weight_map": {
        "a": "model-00001-of-00002.safetensors", "b": "model-00001-of-00002.safetensors", "c": "model-00002-of-00002.safetensors"}},
        file, indent=2)

# IDX.
IDX = {"u1": 0x08, "i1": 0x09, "i2": 0x0B, "i4": 0x0C, "f4": 0x0D, "f8": 0x0E}


def idx(array):
    code = IDX[array.dtype.str[1:]]
    return struct.pack(f">BBBB{array.ndim}I", 0, 0, code, array.ndim, *array.shape) + array.astype(array.dtype.newbyteorder(">")).tobytes()


def write(name, content):
    with open(name, "wb") as file:
        file.write(content)


for name in IDX:
    kind = np.dtype(name)
    extremes = None if kind.kind == "f" else np.array([np.iinfo(kind).min, np.iinfo(kind).max, 7], dtype=kind)
    write(f"{name}.idx", idx(values(3, 4, dtype=kind) if extremes is None else extremes))
images = np.arange(5 * 3 * 4, dtype="u1").reshape(5, 3, 4)
write("images-idx3-ubyte", idx(images))
write("images-idx3-ubyte.gz", gzip.compress(idx(images), mtime=0))
write("labels-idx1-ubyte.gz", gzip.compress(idx(np.array([3, 0, 9, 1, 3], dtype="u1")), mtime=0))

# CSV, by numpy.savetxt and as spreadsheets write it.
np.savetxt("matrix.csv", values(3, 4), delimiter=",")
np.savetxt("header.csv", values(3, 4), delimiter=";", fmt="%.17g", header="a;b;c;d", comments="")
np.savetxt("comment.csv", values(3, 4), delimiter="\t", header="made by numpy.savetxt\nof four columns")
write("special.csv", b"nan,inf,-inf\r\nNaN,+Infinity,-0\r\n5e-324,1.7976931348623157e308,0.1\r\n")
with open("matrix.csv", "rb") as file:
    write("packed.csv.gz", gzip.compress(file.read(), mtime=0))
