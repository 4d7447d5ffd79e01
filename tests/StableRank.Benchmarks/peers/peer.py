#!/usr/bin/env python3
"""One peer, kept warm: `peer.py ROW REPEATS FOLDER [NAME=VALUE ...]`.

It says "ready VERSIONS", then answers each line that it reads: "run" with the seconds of a run (the mean of REPEATS) and what it
came to (nan for nothing), "memory" with the mebibytes that the process took at most beyond those before its inputs were made.
Each row is a function below that takes its arguments as keywords, and the folder of its inputs where it names one; it prepares
what is not to be timed and returns the function to time. The first word of its name is the package that it is written with.
"""
import importlib
import inspect
import json
import os
import sys
import time

import numpy as np


def _gaussian_spectrum(n):
    return np.random.default_rng(1), np.linspace(1.0, 0.1, n)


def scipy_haar(n="1024"):
    """A Haar factor by SciPy's sampler."""
    from scipy.stats import ortho_group

    rng = np.random.default_rng(1)
    return lambda: ortho_group.rvs(int(n), random_state=rng)


def scipy_sample(n="1024"):
    """A matrix of prescribed singular values by SciPy's Haar sampler: two ortho_group draws and two products."""
    from scipy.stats import ortho_group

    rng, s = _gaussian_spectrum(int(n))

    def run():
        u = ortho_group.rvs(int(n), random_state=rng)
        v = ortho_group.rvs(int(n), random_state=rng)
        return (u * s) @ v

    return run


def _qr_haar(rng, n):
    q, r = np.linalg.qr(rng.standard_normal((n, n)))
    return q * np.sign(np.diag(r))


def numpy_qr_haar(n="1024"):
    """A Haar factor by NumPy's QR of a Gaussian matrix with the signs of R's diagonal fixed."""
    rng = np.random.default_rng(1)
    return lambda: _qr_haar(rng, int(n))


def numpy_qr_sample(n="1024"):
    """A matrix of prescribed singular values from two such factors."""
    rng, s = _gaussian_spectrum(int(n))
    return lambda: (_qr_haar(rng, int(n)) * s) @ _qr_haar(rng, int(n)).T


def numpy_uniform_slice(n="1024", draws="100"):
    """Uniform points of the slice {x in [0, 1]^(n-1), sum x = r - 1} by its cones, all draws at once: the table, then the draws.

    The ratios of the densities f(i, t)/f(i, t - 1) of sums of uniforms, whose values alone would underflow from n = 171 on.
    """
    rng = np.random.default_rng(1)
    count, points = int(n) - 1, int(draws)
    turn = 0

    def run():
        nonlocal turn
        t = int(n) / 3.0 + turn % 2 - 1
        turn += 1
        mirrored = t > count / 2
        total = count - t if mirrored else t
        whole = max(int(np.ceil(total)) - 1, 0)
        sums = total - whole + np.arange(whole + 1)
        ones = np.zeros((count + 1, whole + 1))
        ratio = np.full(whole + 1, np.inf)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            for i in range(2, count + 1):
                last = min(whole, i - 1)
                t_i = sums[1 : last + 1]
                below = np.where(np.arange(1, last + 1) < i - 1, t_i * ratio[1 : last + 1], 0.0)
                both = below + (i - t_i)
                ones[i, 1 : last + 1] = (i - t_i) / both
                ratio[1 : last + 1] = both / ((t_i - 1) + (i - t_i + 1) / ratio[:last])
        x = np.empty((points, count))
        state = np.full(points, whole)
        centre, scale = np.zeros(points), np.ones(points)
        for i in range(count, 1, -1):
            one = rng.random(points) < ones[i, state]
            shrink = rng.random(points) ** (1.0 / (i - 1))
            centre += (1 - shrink) * scale * sums[state] / i
            scale *= shrink
            x[:, i - 1] = centre + scale * one
            state -= one
        x[:, 0] = centre + scale * sums[0]
        np.clip(x, 0, 1, out=x)
        if mirrored:
            x = 1 - x
        s = np.ones((points, count + 1))
        s[:, 1:] = np.sqrt(-np.sort(-x, axis=1))
        return s

    return run


def numpy_conditioned(n="256", sweeps="128"):
    """One draw of y_2 < ... < y_n of a square Gaussian matrix of stable rank n/6: pair moves by slice sampling, O(n) each.

    The density is prod y^(-1/2) prod (1 - y) prod |y_i - y_j| on the slice; a sweep has as many moves as there are particles.
    """
    rng = np.random.default_rng(1)
    count, total = int(n) - 1, int(n) / 6.0 - 1

    def run():
        y = np.linspace(0, 1, count + 2)[1:-1] ** 2
        y *= total / y.sum()
        for _ in range(int(sweeps) * count):
            i, j = rng.integers(count), rng.integers(count - 1)
            i, j = (i, j + 1) if j >= i else (j, i)
            yi, yj = y[i], y[j]
            low = max(-(yi - (y[i - 1] if i else 0.0)), -((y[j + 1] if j < count - 1 else 1.0) - yj))
            high = 0.5 * (yj - yi) if j == i + 1 else min(yj - y[j - 1], y[i + 1] - yi)
            rest = np.delete(y, (i, j))
            here = np.log(np.abs((yi - rest) * (yj - rest))).sum() + np.log((1 - yi) * (1 - yj) * (yj - yi) / np.sqrt(yi * yj))
            level = here + np.log(1 - rng.random())
            while True:
                d = low + (high - low) * rng.random()
                a, b = yi + d, yj - d
                if a == yi or b == yj:
                    break
                if 0 < a < b < 1:
                    there = np.log(np.abs((a - rest) * (b - rest))).sum() + np.log((1 - a) * (1 - b) * (b - a) / np.sqrt(a * b))
                    if there > level:
                        y[i], y[j] = a, b
                        break
                if d < 0:
                    low = d
                else:
                    high = d
        return np.sqrt(np.append(1.0, y[::-1]))

    return run


def _torch(precision="double"):
    import torch

    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    torch.manual_seed(1)
    return torch, {"double": torch.float64, "single": torch.float32}[precision]


def _torch_dense(torch, widths, dtype, bias=True):
    sizes = [int(width) for width in widths.split(",")]
    modules = []
    for fan_in, fan_out in zip(sizes, sizes[1:]):
        modules += [torch.nn.Linear(fan_in, fan_out, bias=bias, dtype=dtype), torch.nn.ReLU()]
    return torch.nn.Sequential(*modules[:-1]), sizes


def torch_forward(widths, batch="128", precision="double"):
    """The forward pass of a dense ReLU network without gradients."""
    torch, dtype = _torch(precision)
    network, sizes = _torch_dense(torch, widths, dtype)
    inputs = torch.randn(int(batch), sizes[0], dtype=dtype)

    def run():
        with torch.no_grad():
            network(inputs)

    return run


def _torch_steps(torch, network, shape, classes, dtype, batch, optimizer):
    """Training steps: gather the batch, forward, cross-entropy, backward, optimiser."""
    make = {"sgd": lambda p: torch.optim.SGD(p, lr=1e-3), "adam": lambda p: torch.optim.Adam(p, lr=1e-4)}[optimizer]
    trainer = make(network.parameters())
    inputs = torch.rand(10 * batch, *shape, dtype=dtype)
    labels = torch.randint(classes, (10 * batch,))
    order = torch.randperm(10 * batch).reshape(10, batch)
    step = 0

    def run():
        nonlocal step
        chosen = order[step % 10]
        step += 1
        trainer.zero_grad(set_to_none=False)
        torch.nn.functional.cross_entropy(network(inputs[chosen]), labels[chosen]).backward()
        trainer.step()

    return run


def torch_dense_steps(widths="784,512,512,10", batch="128", optimizer="sgd", precision="double"):
    """Training steps of a dense ReLU network."""
    torch, dtype = _torch(precision)
    network, sizes = _torch_dense(torch, widths, dtype)
    return _torch_steps(torch, network, (sizes[0],), sizes[-1], dtype, int(batch), optimizer)


def torch_convolution_steps(side="28", channels="16,32", batch="128", optimizer="sgd", precision="double"):
    """Training steps of two 3 x 3 convolutions, the second at every second pixel, and a dense layer."""
    torch, dtype = _torch(precision)
    first, second = (int(channel) for channel in channels.split(","))
    size = int(side)
    positions = ((size - 1) // 2 + 1) ** 2
    network = torch.nn.Sequential(
        torch.nn.Conv2d(1, first, 3, padding=1, dtype=dtype), torch.nn.ReLU(),
        torch.nn.Conv2d(first, second, 3, stride=2, padding=1, dtype=dtype), torch.nn.ReLU(),
        torch.nn.Flatten(), torch.nn.Linear(second * positions, 10, dtype=dtype),
    )
    return _torch_steps(torch, network, (1, size, size), 10, dtype, int(batch), optimizer)


def torch_elman_steps(steps="28", features="28", width="128", batch="128", optimizer="sgd", precision="double"):
    """Training steps of nn.RNN without biases and a dense layer on the states of all time steps."""
    torch, dtype = _torch(precision)

    class Elman(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.recurrent = torch.nn.RNN(int(features), int(width), bias=False, batch_first=True, dtype=dtype)
            self.dense = torch.nn.Linear(int(steps) * int(width), 10, dtype=dtype)

        def forward(self, x):
            return self.dense(self.recurrent(x)[0].flatten(1))

    return _torch_steps(torch, Elman(), (int(steps), int(features)), 10, dtype, int(batch), optimizer)


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
    import functorch

    torch, dtype = _torch()
    network, sizes = _torch_dense(torch, widths, dtype, bias=False)
    call, parameters = functorch.make_functional(network)
    parameters = tuple(parameter.detach() for parameter in parameters)
    x = torch.randn(int(samples), sizes[0], dtype=dtype)
    jacobian = functorch.vmap(functorch.jacrev(lambda p, sample: call(p, sample)), (None, 0))

    def run():
        rows = [j.flatten(2).flatten(0, 1) for j in jacobian(parameters, x)]
        sum(j @ j.T for j in rows)

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


def numpy_regions(folder, layers="5"):
    """The number of linear regions along a segment: layer after layer, every neuron's zeros between breakpoints are new breakpoints."""
    with np.load(os.path.join(folder, "problem.npz")) as problem:
        start, end = problem["from"].ravel(), problem["to"].ravel()
        weights = [(problem[f"w{l}"], problem[f"b{l}"]) for l in range(int(layers))]

    def run():
        t = np.array([0.0, 1.0])
        x = np.stack([start, end], axis=1)
        for w, b in weights[:-1]:
            z = w @ x + b
            left, right = z[:, :-1], z[:, 1:]
            neuron, cell = np.nonzero((left > 0) != (right > 0))
            share = left[neuron, cell] / (left[neuron, cell] - right[neuron, cell])
            found = t[cell] + share * (t[cell + 1] - t[cell])
            merged = np.unique(np.concatenate([t, found]))

            # pre-activations are linear between the old breakpoints: those at the new ones by interpolation
            at = np.clip(np.searchsorted(t, merged, side="right") - 1, 0, len(t) - 2)
            along = (merged - t[at]) / (t[at + 1] - t[at])
            x = z[:, at] * (1 - along)
            x += z[:, at + 1] * along
            np.maximum(x, 0, out=x)
            t = merged
        return len(t) - 1

    return run


def numpy_read_safetensors(folder, order="C"):
    """Every tensor of a float32 file by fromfile; in column-major order where that is wanted."""
    path = os.path.join(folder, "model.safetensors")

    def run():
        with open(path, "rb") as file:
            length = int.from_bytes(file.read(8), "little")
            header = json.loads(file.read(length))
            tensors = []
            for name, entry in header.items():
                if name == "__metadata__":
                    continue
                begin, end = entry["data_offsets"]
                file.seek(8 + length + begin)
                tensor = np.fromfile(file, dtype="<f4", count=(end - begin) // 4).reshape(entry["shape"])
                tensors.append(np.asfortranarray(tensor) if order == "F" else tensor)
        return sum(float(tensor[-1, -1]) for tensor in tensors)

    return run


def _memory(field):
    with open("/proc/self/status") as status:
        return next(float(line.split()[1]) for line in status if line.startswith(field)) / 1024


def _start_memory():
    """The resident memory now, with the peak set back to it; nan where the system does not do that."""
    try:
        with open("/proc/self/clear_refs", "w") as reset:
            reset.write("5")
        return _memory("VmRSS:")
    except OSError:
        return float("nan")


def main():
    row, repeats, least_seconds, folder = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), sys.argv[4]
    arguments = dict(argument.split("=", 1) for argument in sys.argv[5:])
    make = globals()[row]
    if "folder" in inspect.signature(make).parameters:
        arguments["folder"] = folder
    package = row.split("_")[0]
    packages = {"numpy": ["numpy"], "scipy": ["numpy", "scipy.stats"], "torch": ["torch"], "functorch": ["torch", "functorch"]}[package]
    modules = [importlib.import_module(name) for name in packages]
    if "torch" in packages:
        modules[0].ones(256, 256, dtype=modules[0].float64) @ modules[0].ones(256, 256, dtype=modules[0].float64)
    np.ones((256, 256)) @ np.ones((256, 256))
    before = _start_memory()
    run = make(**arguments)
    versions = [f"{name.split('.')[0]} {importlib.import_module(name.split('.')[0]).__version__}" for name in packages]
    print("ready", *versions, flush=True)
    for question in sys.stdin:
        if question.strip() == "memory":
            print(max(0.0, _memory("VmHWM:") - before) if before == before else before, flush=True)
            continue
        runs = 0
        start = time.perf_counter()
        while runs < repeats or time.perf_counter() - start < least_seconds:
            answer = run()
            runs += 1
        seconds = (time.perf_counter() - start) / runs
        print(repr(seconds), repr(float(answer)) if isinstance(answer, (int, float)) else "nan", flush=True)


if __name__ == "__main__":
    main()
