"""Reference values of TorchReferenceTests: networks of PyTorch, their outputs, losses and gradients, in double precision.

Command: /usr/bin/python3 tests/StableRank.Tests/Networks/Fixtures/make_torch_reference.py
Written with torch 1.13.0a0 and numpy 1.24 (Debian 12's python3-torch). A file NAME_weights.npz is the state dict; NAME.npz has the batch
x (one sample a row), targets, outputs, loss and, as d_NAME, the gradients by autograd; dx is that of the inputs.
"""

import pathlib

import numpy as np
import torch
from torch import nn

FOLDER = pathlib.Path(__file__).parent
torch.set_default_dtype(torch.float64)


def save(name, module, x, targets, outputs, loss):
    x.grad = None
    module.zero_grad()
    loss.backward()
    np.savez(FOLDER / f"{name}_weights.npz", **{k: v.detach().numpy() for k, v in module.state_dict().items()})
    arrays = {"x": x.detach().reshape(len(x), -1).numpy(), "targets": targets.numpy().astype(np.float64),
              "outputs": outputs.detach().reshape(len(x), -1).numpy(), "loss": np.array([loss.item()]),
              "dx": x.grad.reshape(len(x), -1).numpy()}
    arrays.update({f"d_{k}": p.grad.numpy() for k, p in module.named_parameters()})
    np.savez(FOLDER / f"{name}.npz", **arrays)


def classify(name, module, x):
    x.requires_grad_()
    labels = torch.arange(len(x)) % 3
    outputs = module(x)
    save(name, module, x, labels, outputs, nn.functional.cross_entropy(outputs, labels))


def regress(name, module, x, run):
    x.requires_grad_()
    outputs = run(x)
    targets = torch.randn(outputs.shape).reshape(len(x), -1)
    save(name, module, x, targets, outputs, ((outputs.reshape(len(x), -1) - targets) ** 2).sum() / (2 * len(x)))


def truncated(rnn, x, tau):
    """h_t from the state tau steps before, which is detached: what a truncation of tau steps differentiates."""
    with torch.no_grad():
        states = torch.cat([torch.zeros(len(x), 1, rnn.hidden_size), rnn(x)[0]], dim=1)
    result = []
    for t in range(1, x.shape[1] + 1):
        first = max(0, t - tau)
        result.append(rnn(x[:, first:t], states[:, first][None].contiguous())[0][:, -1])
    return torch.stack(result, dim=1)


torch.manual_seed(20260301)
classify("dense", nn.Sequential(nn.Linear(5, 7), nn.ReLU(), nn.Linear(7, 4, bias=False), nn.Tanh(), nn.Linear(4, 3)), torch.randn(6, 5))
classify("convolution1d", nn.Sequential(
    nn.Conv1d(2, 3, 3, stride=2, padding=1), nn.Tanh(), nn.Conv1d(3, 4, 2, dilation=2, bias=False), nn.ReLU(),
    nn.Flatten(), nn.Linear(12, 3)), torch.randn(4, 2, 10))
classify("convolution2d", nn.Sequential(
    nn.Conv2d(2, 3, (3, 2), stride=(1, 3), padding=(1, 0), dilation=(2, 1)), nn.GELU(),
    nn.Conv2d(3, 2, 2, stride=3), nn.Flatten(), nn.Linear(4, 3)), torch.randn(4, 2, 7, 11))
recurrent = nn.ModuleDict({"rnn": nn.RNN(3, 4, num_layers=2, batch_first=True), "1": nn.Linear(20, 2)})
regress("recurrent", recurrent, torch.randn(3, 5, 3), lambda x: recurrent["1"](recurrent["rnn"](x)[0].flatten(1)))
single = nn.ModuleDict({"rnn": nn.RNN(2, 3, batch_first=True)})
regress("truncated", single, torch.randn(4, 6, 2), lambda x: truncated(single["rnn"], x, 2))
