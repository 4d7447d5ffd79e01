"""Reference values of TorchKernelTests: empirical tangent kernels by functorch, in double precision.

Command: /usr/bin/python3 tests/StableRank.Tests/Kernels/Fixtures/make_torch_kernels.py
Written with torch and functorch 1.13.0a0 and numpy 1.24 (Debian 12's python3-torch). A file NAME_weights.npz is the state dict; NAME.npz
has the inputs x and y (one sample a row) and, for all parameters with factor 1, the kernels of x with itself (xx) and with y (xy), entry
(i O + o, j O + p) of samples i, j and outputs o, p; etas has a factor for each tensor of the state dict and xx_etas the kernel with them.
"""

import pathlib

import functorch
import numpy as np
import torch
from torch import nn

FOLDER = pathlib.Path(__file__).parent
torch.set_default_dtype(torch.float64)


def save(name, module, x, y):
    call, parameters = functorch.make_functional(module)
    keys = [key for key, _ in module.named_parameters()]
    etas = {key: (3 + 2 * i) / 8 for i, key in enumerate(keys)}

    def jacobian(inputs):
        """One tensor a parameter, samples x outputs x entries."""
        def one(p, sample):
            return call(p, sample[None]).reshape(-1)
        rows = functorch.vmap(functorch.jacrev(one), (None, 0))(parameters, inputs)
        return [row.flatten(2).detach() for row in rows]

    def kernel(left, right, factors):
        total = sum(f * torch.einsum("iop,jqp->iojq", a, b) for a, b, f in zip(left, right, factors))
        return total.reshape(total.shape[0] * total.shape[1], -1).numpy()

    at_x, at_y, ones = jacobian(x), jacobian(y), [1.0] * len(keys)
    np.savez(FOLDER / f"{name}_weights.npz", **{k: v.detach().numpy() for k, v in module.state_dict().items()})
    np.savez(FOLDER / f"{name}.npz", x=x.reshape(len(x), -1).numpy(), y=y.reshape(len(y), -1).numpy(),
             xx=kernel(at_x, at_x, ones), xy=kernel(at_x, at_y, ones),
             etas=np.array([etas[key] for key in keys]), xx_etas=kernel(at_x, at_x, list(etas.values())))


torch.manual_seed(20260501)
save("dense", nn.Sequential(nn.Linear(5, 9), nn.Tanh(), nn.Linear(9, 8, bias=False), nn.LeakyReLU(0.25), nn.Linear(8, 3)),
     torch.randn(4, 5), torch.randn(3, 5))
save("convolution", nn.Sequential(
    nn.Conv2d(2, 3, (3, 2), stride=(1, 2), padding=(1, 0)), nn.GELU(), nn.Conv2d(3, 2, 2), nn.Tanh(), nn.Flatten(), nn.Linear(12, 3)),
    torch.randn(3, 2, 4, 6), torch.randn(2, 2, 4, 6))
