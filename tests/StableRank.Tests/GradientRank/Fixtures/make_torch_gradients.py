"""Reference values of TorchGradientRankTests: singular values and ranks of the weight gradients of PyTorch's networks, in double precision.

Command: /usr/bin/python3 tests/StableRank.Tests/GradientRank/Fixtures/make_torch_gradients.py
Written with torch 1.13.0a0 and numpy 1.24 (Debian 12's python3-torch). A file NAME_weights.npz is the state dict; NAME.npz has the batch
x (one sample a row), the targets and, of every weight's gradient by autograd as a matrix (out x rest), the singular values s_NAME
(numpy.linalg.svd) and the rank r_NAME (numpy.linalg.matrix_rank, its own tolerance). Weights and inputs are multiples of 2^-8, so that the
files stay small.
"""

import pathlib

import numpy as np
import torch
from torch import nn

FOLDER = pathlib.Path(__file__).parent
torch.set_default_dtype(torch.float64)


def coarse(tensor):
    return torch.round(tensor * 256) / 256


def save(name, module, x, run, targets, loss):
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(coarse(parameter))
    loss(run(x), targets).backward()
    np.savez_compressed(FOLDER / f"{name}_weights.npz", **{k: v.detach().numpy() for k, v in module.state_dict().items()})
    arrays = {"x": x.reshape(len(x), -1).numpy(), "targets": targets.reshape(len(x), -1).numpy().astype(np.float64)}
    for key, parameter in module.named_parameters():
        if parameter.dim() > 1:
            gradient = parameter.grad.reshape(len(parameter), -1).numpy()
            arrays[f"s_{key}"] = np.linalg.svd(gradient, compute_uv=False)
            arrays[f"r_{key}"] = np.array([float(np.linalg.matrix_rank(gradient))])
            print(name, key, gradient.shape, arrays[f"r_{key}"][0])
    np.savez_compressed(FOLDER / f"{name}.npz", **arrays)


def squared(outputs, targets):
    return ((outputs - targets) ** 2).sum() / (2 * len(outputs))


torch.manual_seed(20261122)
dense = nn.Sequential(nn.Linear(784, 24), nn.ReLU(), nn.Linear(24, 16, bias=False), nn.Tanh(), nn.Linear(16, 10))
save("dense", dense, coarse(torch.rand(8, 784)), dense, torch.arange(8) % 10, nn.functional.cross_entropy)

elman = nn.ModuleDict({"rnn": nn.RNN(5, 8, num_layers=2, batch_first=True), "1": nn.Linear(24, 3)})
save("elman", elman, coarse(torch.randn(2, 3, 5)), lambda x: elman["1"](elman["rnn"](x)[0].flatten(1)), torch.randn(2, 3), squared)

# the second kernel has one position a sample: factors of 4 columns for a gradient of 12 x 54
convolution = nn.Sequential(
    nn.Conv2d(2, 6, 3, stride=2, padding=1), nn.Tanh(), nn.Conv2d(6, 12, 3), nn.ReLU(), nn.Flatten(), nn.Linear(12, 3))
save("convolution", convolution, coarse(torch.randn(4, 2, 5, 6)), convolution, torch.arange(4) % 3, nn.functional.cross_entropy)
