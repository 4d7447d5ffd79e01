# Makes the files beside this script. Run with NumPy 1.24 or later, from this folder:
#     /usr/bin/python3 make_fixtures.py
# Element k in C order of every array is values(...)[k] below, which the tests compute by themselves.
import io
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
