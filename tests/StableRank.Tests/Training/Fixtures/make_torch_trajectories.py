#!/usr/bin/env python3
"""Reference trajectories of PyTorch's optimisers, schedules and clipping, for the tests beside this folder.

Command (Debian's python3-torch, 1.13.1):  /usr/bin/python3 make_torch_trajectories.py torch_trajectories.npz

Two parameters, w of 7 x 5 and b of 11 entries, minimise sum_i a_i x_i^2 / 2 + cos(c_i x_i) over their entries, whose gradient is
a x - c sin(c x); a, c and the start are stored. PyTorch computes the gradient by its own autograd. Of every optimiser the values
of both parameters after steps 1, 2, 3, 10, 30 and 60 are stored, w in C order; of every schedule its rates; of clipping the norm
and what became of the gradients.
"""
import sys

import numpy as np
import torch

STEPS = 60
KEPT = (1, 2, 3, 10, 30, 60)
SHAPES = {"w": (7, 5), "b": (11,)}
OPTIMIZERS = {
    "gradient_descent": lambda p: torch.optim.SGD(p, lr=0.05),
    "sgd_decay": lambda p: torch.optim.SGD(p, lr=0.05, weight_decay=0.02),
    "momentum": lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9),
    "momentum_decay": lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.8, weight_decay=0.02),
    "nesterov": lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9, nesterov=True),
    "nesterov_decay": lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.8, nesterov=True, weight_decay=0.02),
    "adam": lambda p: torch.optim.Adam(p, lr=0.05),
    "adam_decay": lambda p: torch.optim.Adam(p, lr=0.05, betas=(0.8, 0.95), eps=1e-6, weight_decay=0.02),
    "adamw": lambda p: torch.optim.AdamW(p, lr=0.05),
    "adamw_decay": lambda p: torch.optim.AdamW(p, lr=0.05, betas=(0.8, 0.95), eps=1e-6, weight_decay=0.1),
}


RATES = torch.optim.lr_scheduler
SCHEDULES = {
    "constant": lambda o: RATES.LambdaLR(o, lambda step: 1.0),
    "cosine": lambda o: RATES.CosineAnnealingLR(o, STEPS, eta_min=0.003),
    "step": lambda o: RATES.StepLR(o, 7, gamma=0.6),
    "warm_up": lambda o: RATES.LinearLR(o, start_factor=0.1, total_iters=10),
    "warm_up_step": lambda o: RATES.SequentialLR(
        o, [RATES.LinearLR(o, start_factor=0.1, total_iters=10), RATES.StepLR(o, 7, gamma=0.6)], milestones=[10]),
}


def trajectory(make, start, a, c, dtype):
    parameters = {name: torch.nn.Parameter(torch.tensor(start[name], dtype=dtype)) for name in SHAPES}
    optimizer = make(list(parameters.values()))
    history = {name: [] for name in SHAPES}
    for step in range(1, STEPS + 1):
        optimizer.zero_grad()
        loss = 0
        for name, x in parameters.items():
            curvature, frequency = torch.tensor(a[name], dtype=dtype), torch.tensor(c[name], dtype=dtype)
            loss = loss + (curvature * x * x / 2 + torch.cos(frequency * x)).sum()
        loss.backward()
        optimizer.step()
        for name, x in parameters.items():
            if step not in KEPT:
                continue
            history[name].append(x.detach().numpy().astype(np.float64).ravel().copy())
    return {name: np.stack(rows) for name, rows in history.items()}


def rates(make):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.4)
    schedule = make(optimizer)
    values = []
    for _ in range(STEPS):
        values.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return np.array(values)


def main():
    rng = np.random.default_rng(20240611)
    start = {name: rng.standard_normal(shape) for name, shape in SHAPES.items()}
    a = {name: rng.uniform(0.2, 2.0, shape) for name, shape in SHAPES.items()}
    c = {name: rng.uniform(0.2, 2.0, shape) for name, shape in SHAPES.items()}
    stored = {}
    for name in SHAPES:
        stored[f"start.{name}"], stored[f"a.{name}"], stored[f"c.{name}"] = start[name].ravel(), a[name].ravel(), c[name].ravel()
    for kind, make in OPTIMIZERS.items():
        for precision, dtype in (("double", torch.float64), ("single", torch.float32)):
            for name, rows in trajectory(make, start, a, c, dtype).items():
                stored[f"{kind}.{precision}.{name}"] = rows
    for kind, make in SCHEDULES.items():
        stored[f"schedule.{kind}"] = rates(make)
    for kind, maximum in (("clipped", 1.5), ("untouched", 1e3)):
        parameters = [torch.nn.Parameter(torch.tensor(start[name])) for name in SHAPES]
        for x in parameters:
            x.grad = 3 * x.detach().clone()
        norm = torch.nn.utils.clip_grad_norm_(parameters, maximum)
        stored[f"{kind}.norm"] = np.array([float(norm)])
        for name, x in zip(SHAPES, parameters):
            stored[f"{kind}.{name}"] = x.grad.numpy().ravel()
    np.savez_compressed(sys.argv[1], **stored)


if __name__ == "__main__":
    main()
