#!/usr/bin/env python3
"""PyTorch trains the dense ReLU network that the library trained, from the same weights on the same batches.

Command:  fashion_parity.py PROBLEM.npz WEIGHTS.npz DATA RESULT.npz PRECISION [STEPS]

PROBLEM.npz has widths, batch, rate and order: row e of order is the order of the training samples in epoch e, cut into batches
from its start, the last one shorter where the size does not divide. WEIGHTS.npz is a state dict. DATA is the folder of the IDX
files, packed or not. PRECISION is double or single. With STEPS, training ends after so many steps.

RESULT.npz gets losses, of each batch before its step, and accuracies, the share of the test samples classified rightly after
each whole epoch.
"""
import gzip
import os
import struct
import sys

import numpy as np
import torch


def read_idx(folder, name):
    path = os.path.join(folder, name)
    with open(path, "rb") if os.path.exists(path) else gzip.open(path + ".gz", "rb") as file:
        _, kind, dimensions = struct.unpack(">HBB", file.read(4))
        assert kind == 8, f"{path} holds type {kind}, not unsigned bytes"
        shape = struct.unpack(f">{dimensions}I", file.read(4 * dimensions))
        return np.frombuffer(file.read(), np.uint8).reshape(shape)


def read_part(folder, part, dtype):
    """Pixels of 0 to 1, divided in double and then rounded; one sample a row."""
    images = read_idx(folder, f"{part}-images-idx3-ubyte").astype(np.float64) / 255.0
    labels = read_idx(folder, f"{part}-labels-idx1-ubyte").astype(np.int64)
    return torch.from_numpy(images.reshape(len(images), -1)).to(dtype), torch.from_numpy(labels)


def main():
    problem, weights, folder, result, precision = sys.argv[1:6]
    last_step = int(sys.argv[6]) if len(sys.argv) > 6 else None
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
    dtype = {"double": torch.float64, "single": torch.float32}[precision]
    problem = np.load(problem)
    widths = problem["widths"].astype(np.int64).tolist()
    batch, rate = int(problem["batch"]), float(problem["rate"])
    order = torch.from_numpy(problem["order"].astype(np.int64))

    modules = []
    for fan_in, fan_out in zip(widths, widths[1:]):
        modules += [torch.nn.Linear(fan_in, fan_out, dtype=dtype), torch.nn.ReLU()]
    network = torch.nn.Sequential(*modules[:-1])
    state = {name: torch.from_numpy(value) for name, value in np.load(weights).items()}
    assert all(value.dtype == dtype for value in state.values()), f"the weights are not in {precision} precision"
    network.load_state_dict(state)

    inputs, labels = read_part(folder, "train", dtype)
    test_inputs, test_labels = read_part(folder, "t10k", dtype)
    assert order.shape[1] == len(labels), f"an order of {order.shape[1]} samples for {len(labels)}"
    optimizer = torch.optim.Adam(network.parameters(), lr=rate)
    criterion = torch.nn.CrossEntropyLoss()
    losses, accuracies = [], []
    for epoch in order:
        for chosen in epoch.split(batch):
            if len(losses) == last_step:
                break
            optimizer.zero_grad()
            loss = criterion(network(inputs[chosen]), labels[chosen])
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        if len(losses) == last_step:
            break
        with torch.no_grad():
            right = network(test_inputs).argmax(dim=1) == test_labels
            accuracies.append(int(right.sum()) / len(right))
    np.savez(result, losses=np.array(losses), accuracies=np.array(accuracies))
    print(f"PyTorch {torch.__version__}")


if __name__ == "__main__":
    main()
