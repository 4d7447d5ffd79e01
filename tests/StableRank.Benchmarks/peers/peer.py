#!/usr/bin/env python3
"""One peer, kept warm: `peer.py ROW [NAME=VALUE ...]` reads a line for each run and answers with its seconds.

The first answer is the line "ready VERSIONS". Each row is a function below that takes its arguments as keywords, prepares
what is not to be timed and returns the function to time.
"""
import sys
import time

import numpy as np


def ortho_group_sample(n="1024"):
    """A matrix of prescribed singular values by SciPy's Haar sampler: two ortho_group draws and two products."""
    from scipy.stats import ortho_group

    n = int(n)
    rng = np.random.default_rng(1)
    s = np.linspace(1.0, 0.1, n)

    def run():
        u = ortho_group.rvs(n, random_state=rng)
        v = ortho_group.rvs(n, random_state=rng)
        return (u * s) @ v

    return run


def qr_sample(n="1024"):
    """The same by NumPy's QR of Gaussian matrices with the signs of R's diagonal fixed."""
    n = int(n)
    rng = np.random.default_rng(1)
    s = np.linspace(1.0, 0.1, n)

    def haar():
        q, r = np.linalg.qr(rng.standard_normal((n, n)))
        return q * np.sign(np.diag(r))

    def run():
        return (haar() * s) @ haar().T

    return run


ROWS = {row.__name__: row for row in (ortho_group_sample, qr_sample)}


def main():
    row = sys.argv[1]
    run = ROWS[row](**dict(argument.split("=", 1) for argument in sys.argv[2:]))
    import scipy

    print("ready numpy", np.__version__, "scipy", scipy.__version__, flush=True)
    for _ in sys.stdin:
        start = time.perf_counter()
        run()
        print(time.perf_counter() - start, flush=True)


if __name__ == "__main__":
    main()
