"""Reference values of Gaussian duals, by mpmath at 25 digits, as duals.csv beside this file.

Command: python3 tests/StableRank.Tests/Networks/Fixtures/make_dual_reference.py   (mpmath 1.3.0)

Columns: name, q_a, q_b, c, E phi(u) phi(v), E phi'(u) phi'(v), and for (q_a): E phi^2, E u phi phi'/q_a, E phi'^2, E phi'^4.
No closed form of the library is used. Everything is the trapezoidal rule in two independent standard Gaussians x, y, with
u = sqrt(q_a) x, v = sqrt(q_b) (c x + sqrt(1 - c^2) y): analytic integrands (erf, tanh, polynomials and so on) converge like
exp(-2 pi d/h) at least, so that two steps in the ratio 5 : 4 must agree; the script stops where they differ by more than 1e-14 of
max(1, value), and the finer one, whose error is then that to the power 5/4, is kept: below 1e-17. abs, relu and leaky
relu have kinks: their expectation is an integral over the angle of the plane, by mpmath's Gauss-Legendre rule between the kinks.
"""

import csv
import os
from mpmath import mp, mpf, sqrt, exp, sin, cos, erf, tanh, log, pi, quad, factorial, atan2

mp.dps = 25
PAIRS = [("1", "1", "0.5"), ("0.3", "2.5", "-0.6"), ("2", "1.5", "0.95"), ("0.09", "0.04", "0.2"), ("1.7", "1.7", "0")]
SQUARES = ["0.09", "0.3", "1", "1.7", "2"]


def hermite(d):
    def f(z):
        a, b = mpf(0), mpf(1)
        for k in range(d):
            a, b = b, (z * b - sqrt(mpf(k)) * a) / sqrt(mpf(k + 1))
        return b
    return f


def logistic(z):
    return 1 / (1 + exp(-z))


def normal(z):
    return (1 + erf(z / sqrt(mpf(2)))) / 2


def density(z):
    return exp(-z * z / 2) / sqrt(2 * pi)


S = sqrt(mpf(1))  # sqrt(2 G) at G = 1/2
T = sqrt(mpf(6))  # at G = 3
SMOOTH = {
    "linear": (lambda z: z, lambda z: mpf(1)),
    "erf": (erf, lambda z: 2 / sqrt(pi) * exp(-z * z)),
    "tanh": (tanh, lambda z: 1 - tanh(z) ** 2),
    "gelu": (lambda z: z * normal(z), lambda z: normal(z) + z * density(z)),
    "sin": (sin, cos),
    "cos": (cos, lambda z: -sin(z)),
    "exp": (exp, exp),
    "rbf:0.5": (lambda z: sqrt(mpf(2)) * sin(S * z + pi / 4), lambda z: sqrt(mpf(2)) * S * cos(S * z + pi / 4)),
    "rbf:3": (lambda z: sqrt(mpf(2)) * sin(T * z + pi / 4), lambda z: sqrt(mpf(2)) * T * cos(T * z + pi / 4)),
    "softplus": (lambda z: log(1 + exp(z)), logistic),
    "silu": (lambda z: z * logistic(z), lambda z: logistic(z) * (1 + z * (1 - logistic(z)))),
}
for degree in (1, 2, 3, 4, 5):
    SMOOTH["monomial:%d" % degree] = (lambda z, d=degree: z ** d, lambda z, d=degree: d * z ** (d - 1))
for degree in (0, 1, 2, 3, 4, 7, 10):
    SMOOTH["hermite:%d" % degree] = (
        hermite(degree), (lambda z: mpf(0)) if degree == 0 else (lambda z, d=degree: sqrt(mpf(d)) * hermite(d - 1)(z)))


def grid(step, reach):
    n = int(reach / step)
    return [(mpf(k) * step, step * density(mpf(k) * step)) for k in range(-n, n + 1)]


def one(f, q, step, reach):
    return sum(w * f(sqrt(q) * x) for x, w in grid(step, reach))


def two(f, g, qa, qb, c, step, reach):
    s = sqrt((1 - c) * (1 + c))
    nodes = grid(step, reach)
    total = [mpf(0), mpf(0)]
    for x, wx in nodes:
        u = sqrt(qa) * x
        inner = [mpf(0), mpf(0)]
        for y, wy in nodes:
            v = sqrt(qb) * (c * x + s * y)
            inner[0] += wy * f(v)
            inner[1] += wy * g(v)
        total[0] += wx * f(u) * inner[0]
        total[1] += wx * g(u) * inner[1]
    return total


def checked(rule, steps):
    a, b = [rule(step) for step in steps]
    for x, y in zip(a, b):
        assert abs(x - y) <= mpf(10) ** -14 * max(1, abs(x)), (x, y)
    return b


def slope(a):
    return (lambda z: z if z > 0 else a * z), (lambda z: mpf(1) if z > 0 else a)


def angle(f, g, c):
    """u = r cos t, v = r cos(t - theta), r^2/2 exponential: E r^2 = 2; f homogeneous of degree 1, g of degree 0."""
    theta = atan2(sqrt((1 - c) * (1 + c)), c)
    cuts = sorted(x % (2 * pi) for x in [pi / 2, 3 * pi / 2, theta + pi / 2, theta - pi / 2])
    cuts = [cuts[-1] - 2 * pi] + cuts
    product = quad(lambda t: 2 * f(cos(t)) * f(cos(t - theta)), cuts) / (2 * pi)
    middle = [(a + b) / 2 for a, b in zip(cuts, cuts[1:])]
    lengths = [b - a for a, b in zip(cuts, cuts[1:])]
    return product, sum(n * g(cos(t)) * g(cos(t - theta)) for n, t in zip(lengths, middle)) / (2 * pi)


def main():
    rows = []
    for name, (f, g) in SMOOTH.items():
        entire = name.startswith(("monomial", "hermite", "exp", "rbf", "sin", "cos", "linear"))
        reach = mpf(15) if name.startswith(("monomial", "hermite", "exp")) else mpf(9.5)
        coarse = (mpf(1) / 2, mpf(2) / 5) if entire and not name.startswith("rbf:3") else (mpf(1) / 8, mpf(1) / 10)
        fine = (mpf(1) / 4, mpf(1) / 5) if entire else (mpf(1) / 16, mpf(1) / 20)
        moments = {}
        for q in SQUARES:
            p = mpf(q)
            moments[q] = checked(lambda step: [
                one(lambda u: f(u) ** 2, p, step, reach), one(lambda u: u * f(u) * g(u) / p, p, step, reach),
                one(lambda u: g(u) ** 2, p, step, reach), one(lambda u: g(u) ** 4, p, step, reach)], fine)
        for qa, qb, c in PAIRS:
            product = checked(lambda step: two(f, g, mpf(qa), mpf(qb), mpf(c), step, reach), coarse)
            rows.append([name, qa, qb, c] + product + moments[qa])
    for name, a in (("relu", mpf(0)), ("abs", mpf(-1)), ("leaky-relu:0.25", mpf("0.25"))):
        f, g = slope(a)
        for qa, qb, c in PAIRS:
            product, derivative = angle(f, g, mpf(c))
            square = (1 + a * a) / 2
            rows.append([name, qa, qb, c, product * sqrt(mpf(qa) * mpf(qb)), derivative,
                         square * mpf(qa), square, square, (1 + a ** 4) / 2])
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "duals.csv")
    with open(path, "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["name", "qa", "qb", "c", "product", "derivative", "square", "rate", "slope", "fourth"])
        for row in rows:
            writer.writerow([x if isinstance(x, str) else mp.nstr(x, 20) for x in row])


if __name__ == "__main__":
    main()
