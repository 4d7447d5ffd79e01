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


def torch_steps(widths="784,512,512,10", batch="128", optimizer="sgd", precision="double", steps="10"):
    """Training steps of a dense ReLU network in PyTorch: gather the batch, forward, cross-entropy, backward, optimiser."""
    import os

    import torch

    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    torch.manual_seed(1)
    dtype = {"double": torch.float64, "single": torch.float32}[precision]
    sizes = [int(width) for width in widths.split(",")]
    modules = []
    for fan_in, fan_out in zip(sizes, sizes[1:]):
        modules += [torch.nn.Linear(fan_in, fan_out, dtype=dtype), torch.nn.ReLU()]
    network = torch.nn.Sequential(*modules[:-1])
    make = {"sgd": lambda p: torch.optim.SGD(p, lr=1e-3), "adam": lambda p: torch.optim.Adam(p, lr=1e-4)}[optimizer]
    trainer = make(network.parameters())
    inputs = torch.rand(10 * int(batch), sizes[0], dtype=dtype)
    labels = torch.randint(sizes[-1], (10 * int(batch),))
    order = torch.randperm(10 * int(batch)).reshape(10, int(batch))

    def run():
        for step in range(int(steps)):
            chosen = order[step % 10]
            trainer.zero_grad(set_to_none=False)
            torch.nn.functional.cross_entropy(network(inputs[chosen]), labels[chosen]).backward()
            trainer.step()

    return run


def numpy_limit_kernel(samples="4096", features="64", layers="10"):
    """NNGP and NTK of a bias-free ReLU network of gain 2, 'ntk', linear output: whole Gram matrices, ufuncs in place."""
    count, width = int(samples), int(features)
    x = np.random.default_rng(1).standard_normal((count, width))

    def run():
        nngp = x @ x.T
        nngp *= 2.0 / width
        ntk = nngp.copy()
        cosine, angle = np.empty_like(nngp), np.empty_like(nngp)
        for _ in range(int(layers)):
            root = np.sqrt(np.diag(nngp))
            np.divide(nngp, root[:, None], out=cosine)
            np.divide(cosine, root, out=cosine)
            np.clip(cosine, -1.0, 1.0, out=cosine)
            np.arccos(cosine, out=angle)
            # gain times E phi' phi' = (pi - angle)/pi, gain times E phi phi = roots (sin angle + (pi - angle) cos angle)/pi
            np.subtract(np.pi, angle, out=angle)
            angle *= 1 / np.pi
            np.multiply(cosine, cosine, out=nngp)
            np.subtract(1.0, nngp, out=nngp)
            np.sqrt(nngp, out=nngp)
            nngp *= 1 / np.pi
            cosine *= angle
            nngp += cosine
            nngp *= root[:, None]
            nngp *= root
            ntk *= angle
            ntk += nngp
        return nngp, ntk

    return run


def numpy_limit_kernel_plain(samples="4096", features="64", layers="10"):
    """The same as one writes it from the formulas: an expression a line, temporaries and all."""
    count, width = int(samples), int(features)
    x = np.random.default_rng(1).standard_normal((count, width))

    def run():
        nngp = 2.0 * (x @ x.T) / width
        ntk = nngp
        for _ in range(int(layers)):
            root = np.sqrt(np.diag(nngp))
            scale = np.outer(root, root)
            cosine = np.clip(nngp / scale, -1.0, 1.0)
            angle = np.arccos(cosine)
            nngp = scale * (np.sqrt(1.0 - cosine**2) + (np.pi - angle) * cosine) / np.pi
            ntk = nngp + ntk * (np.pi - angle) / np.pi
        return nngp, ntk

    return run


def functorch_kernel(widths="784,1024,1024,1024,10", samples="32"):
    """The empirical tangent kernel of a bias-free ReLU network in double: vmap(jacrev), then one contraction a layer."""
    import os

    import functorch
    import torch

    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    torch.manual_seed(1)
    sizes = [int(width) for width in widths.split(",")]
    modules = []
    for fan_in, fan_out in zip(sizes, sizes[1:]):
        modules += [torch.nn.Linear(fan_in, fan_out, bias=False, dtype=torch.float64), torch.nn.ReLU()]
    call, parameters = functorch.make_functional(torch.nn.Sequential(*modules[:-1]))
    parameters = tuple(parameter.detach() for parameter in parameters)
    x = torch.randn(int(samples), sizes[0], dtype=torch.float64)
    jacobian = functorch.vmap(functorch.jacrev(lambda p, sample: call(p, sample)), (None, 0))

    def run():
        rows = [j.flatten(2).flatten(0, 1) for j in jacobian(parameters, x)]
        return sum(j @ j.T for j in rows)

    return run


def numpy_singular_values(n="1024", count="4"):
    """Singular values alone of a stack of square matrices."""
    gradients = np.random.default_rng(1).standard_normal((int(count), int(n), int(n)))

    def run():
        return np.linalg.svd(gradients, compute_uv=False)

    return run


def numpy_gradient_rank(n="1024", batch="64"):
    """The numerical rank of a gradient that has been formed, a product of factors of a batch."""
    rng = np.random.default_rng(1)
    gradient = rng.standard_normal((int(n), int(batch))) @ rng.standard_normal((int(n), int(batch))).T

    def run():
        return np.linalg.matrix_rank(gradient)

    return run


ROWS = {
    row.__name__: row
    for row in (
        ortho_group_sample, qr_sample, torch_steps, numpy_limit_kernel, numpy_limit_kernel_plain, functorch_kernel,
        numpy_singular_values, numpy_gradient_rank,
    )
}


def main():
    row = sys.argv[1]
    run = ROWS[row](**dict(argument.split("=", 1) for argument in sys.argv[2:]))
    import scipy

    torch = ["torch", sys.modules["torch"].__version__] if "torch" in sys.modules else []
    print("ready numpy", np.__version__, "scipy", scipy.__version__, *torch, flush=True)
    for _ in sys.stdin:
        start = time.perf_counter()
        run()
        print(time.perf_counter() - start, flush=True)


if __name__ == "__main__":
    main()
