using MathNet.Numerics.LinearAlgebra;
using StableRank.LinearAlgebra;
using StableRank.Networks;
using StableRank.Randomness;

namespace StableRank.Tests.Networks;

/// <summary>What holds for the dual of every activation.</summary>
public sealed class DualPropertyTests
{
    private const double Eps = MachineEpsilon.Double;

    private static readonly Activation Arctangent =
        Activation.Custom("arctangent", Math.Atan, z => 1 / (1 + z * z));

    private static readonly Activation[] All =
    [
        .. new[]
        {
            "linear", "relu", "leaky-relu:0.2", "abs", "tanh", "erf", "gelu", "silu", "softplus", "sin", "cos", "exp", "rbf:0.5", "rbf:3",
            "monomial:1", "monomial:2", "monomial:3", "monomial:4", "monomial:5", "hermite:0", "hermite:1", "hermite:2", "hermite:3",
            "hermite:6", "hermite:10",
        }.Select(Activation.Parse),
        Arctangent,
    ];

    public static TheoryData<string> Names() => [.. All.Select(a => a.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Products_AreSymmetricToTheLastBit(string name)
    {
        var dual = Of(name).Dual;
        var stream = new RandomStream(5, 77);
        for (var i = 0; i < 20; i++)
        {
            var (qa, qb, c) = (3 * stream.NextDouble(), 3 * stream.NextDouble(), 2 * stream.NextDouble() - 1);
            dual.Product(qa, qb, c).Should().Be(dual.Product(qb, qa, c));
            dual.DerivativeProduct(qa, qb, c).Should().Be(dual.DerivativeProduct(qb, qa, c));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void AtTheEdges_ThereAreNumbers_WithinCauchyAndSchwarz(string name)
    {
        var dual = Of(name).Dual;
        foreach (var qa in new[] { 0, 1e-12, 0.7, 4 })
        {
            foreach (var qb in new[] { 0, 1e-12, 0.7, 4 })
            {
                foreach (var c in new[] { -1, -1 + Eps, -0.5, 0, 0.5, 1 - Eps, 1 })
                {
                    var bound = Math.Sqrt(dual.Square(qa).Value * dual.Square(qb).Value);
                    var slope = Math.Sqrt(dual.DerivativeSquare(qa).Value * dual.DerivativeSquare(qb).Value);
                    // roundings of a dozen terms, each within a few times the bound
                    Math.Abs(dual.Product(qa, qb, c).Value).Should().BeLessThanOrEqualTo(bound * (1 + 1e-13), $"{qa} {qb} {c}");
                    Math.Abs(dual.DerivativeProduct(qa, qb, c).Value).Should().BeLessThanOrEqualTo(slope * (1 + 1e-13), $"{qa} {qb} {c}");
                }
            }

            double.IsFinite(dual.SquareRate(qa).Value).Should().BeTrue();
            double.IsFinite(dual.DerivativeFourth(qa).Value).Should().BeTrue();
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void AtVarianceZero_ThereIsThePointZero(string name)
    {
        var activation = Of(name);
        var dual = activation.Dual;
        var value = new double[1];
        activation.Apply<double>([0.0], value);
        dual.ValueAtZero.Should().BeApproximately(value[0], 4 * Eps);
        dual.Square(0).Value.Should().BeApproximately(value[0] * value[0], 8 * Eps);
        dual.Product(0, 0, 0.3).Value.Should().BeApproximately(value[0] * value[0], 8 * Eps);
        double.IsPositiveInfinity(dual.RateAtZero).Should().Be(value[0] != 0);
        // and it is where small variances lead: they are off by q times a second derivative, below 2^-40 100
        dual.Square(1e-12).Value.Should().BeApproximately(dual.Square(0).Value, 1e-10);
        dual.SquareRate(1e-12).Value.Should().BeApproximately(dual.SquareRate(0).Value, 1e-9);
        dual.DerivativeSquare(1e-12).Value.Should().BeApproximately(dual.DerivativeSquare(0).Value, 1e-10);
        if (value[0] == 0)
        {
            (dual.Square(1e-14).Value / 1e-14).Should().BeApproximately(dual.RateAtZero, 1e-11);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void AtCorrelationOneAndZero_ThereAreMomentsOfOneVariable(string name)
    {
        var dual = Of(name).Dual;
        foreach (var q in new[] { 1e-3, 0.7, 1, 3 })
        {
            var square = dual.Square(q).Value;
            dual.Product(q, q, 1).Value.Should().BeApproximately(square, 1e-13 * square);
            var slope = dual.DerivativeSquare(q).Value;
            dual.DerivativeProduct(q, q, 1).Value.Should().BeApproximately(slope, 1e-13 * slope);
            // E phi(u) phi(v) of independent u, v is the product of their means: at (q, q), (q, p), (p, p) a square and its roots
            var mixed = dual.Product(q, 2, 0).Value;
            var (one, other) = (dual.Product(q, q, 0).Value, dual.Product(2, 2, 0).Value);
            one.Should().BeGreaterThanOrEqualTo(-1e-14 * square);
            (mixed * mixed).Should().BeApproximately(one * other, 1e-12 * square * dual.Square(2).Value);
        }
    }

    [Theory]
    [InlineData("linear", -1, 0)]
    [InlineData("erf", -1, 0)]
    [InlineData("tanh", -1, 0)]
    [InlineData("sin", -1, 0)]
    [InlineData("abs", 1, 1)]
    [InlineData("cos", 1, 1)]
    [InlineData("monomial:3", -1, 0)]
    [InlineData("monomial:2", 1, 1)]
    [InlineData("hermite:5", -1, 0)]
    [InlineData("hermite:4", 1, 1)]
    [InlineData("relu", 0, 1)]
    public void ParityAndOpposites_AreKept(string name, int atMinusOne, int even)
    {
        var dual = Activation.Parse(name).Dual;
        var square = dual.Square(1.3).Value;
        dual.Product(1.3, 1.3, -1).Value.Should().BeApproximately(atMinusOne * square, 1e-14 * square);
        if (even == 0)
        {
            dual.Product(1.3, 0.4, 0).Value.Should().BeApproximately(0, 1e-15 * square);
        }
    }

    [Fact]
    public void ClosedForms_AtOneAndZero_AreExact()
    {
        for (var d = 0; d <= 10; d++)
        {
            var dual = Activation.Hermite(d).Dual;
            dual.Square(1).Value.Should().Be(1);
            foreach (var c in new[] { -1, 0, 0.5, -0.25, 1 })
            {
                // Mehler: E h_a(u) h_b(v) = c^a delta_ab at variances 1, exact in binary for these c
                dual.Product(1, 1, c).Value.Should().Be(Math.Pow(c, d));
                dual.DerivativeProduct(1, 1, c).Value.Should().Be(d == 0 ? 0 : d * Math.Pow(c, d - 1));
            }
        }

        foreach (var q in new[] { 0.3, 1, 7 })
        {
            Activation.Rbf(0.8).Dual.Product(q, q, 1).Value.Should().Be(1);
            Activation.Parse("rbf:0.8").Dual.DerivativeProduct(q, q, 1).Value.Should().Be(1.6);
            Activation.Cos.Dual.DerivativeProduct(q, q, 0).Value.Should().Be(0);
            Activation.Sin.Dual.Product(q, q, 0).Value.Should().Be(0);
            Activation.Erf.Dual.Product(q, q, 0).Value.Should().Be(0);
        }

        Activation.Exp.Dual.Product(0, 0, 1).Value.Should().Be(1);
        Activation.Monomial(3).Dual.Product(1, 1, 1).Value.Should().Be(15);
        Activation.Monomial(2).Dual.Product(4, 1, 0).Value.Should().Be(4);
        Activation.Monomial(4).Dual.Product(1, 1, -1).Value.Should().Be(105);
    }

    /// <summary>d/dk E phi(u) phi(v) = E phi'(u) phi'(v), and d/dq E phi^2.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void PricesTheorem_Holds(string name)
    {
        var dual = Of(name).Dual;
        const double h = 1.0 / (1 << 11);
        foreach (var (qa, qb) in new[] { (1.0, 1.0), (0.4, 1.5) })
        {
            var scale = Math.Sqrt(qa * qb);
            // fourth-order differences: error h^4/30 times a fifth derivative, 2e-15 times at most 1e6 (hermite:10), and eps/h
            var size = Math.Sqrt(dual.Square(qa).Value * dual.Square(qb).Value);
            var slopes = Math.Sqrt(dual.DerivativeSquare(qa).Value * dual.DerivativeSquare(qb).Value);
            foreach (var c in new[] { -0.6, -0.1, 0.35, 0.8 })
            {
                var slope = Difference(x => dual.Product(qa, qb, x).Value, c, h) / scale;
                dual.DerivativeProduct(qa, qb, c).Value.Should().BeApproximately(slope, 1e-8 * (size + slopes));
            }

            var rate = Difference(q => dual.Square(q).Value, qa, h);
            dual.SquareRate(qa).Value.Should().BeApproximately(rate, 1e-8 * (dual.Square(qa).Value + dual.DerivativeSquare(qa).Value));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Grams_ArePositiveSemidefinite_WithOppositeZeroAndRepeatedInputs(string name)
    {
        var dual = Of(name).Dual;
        var stream = new RandomStream(11, 3);
        const int count = 9;
        var x = Matrix<double>.Build.Dense(3, count);
        for (var j = 0; j < 6; j++)
        {
            for (var i = 0; i < 3; i++)
            {
                x[i, j] = stream.NextDouble() * 2 - 1;
            }
        }

        x.SetColumn(6, x.Column(0));
        x.SetColumn(7, -x.Column(1));
        var norms = x.EnumerateColumns().Select(v => v.DotProduct(v)).ToArray();
        foreach (var derivative in new[] { false, true })
        {
            var gram = Matrix<double>.Build.Dense(count, count, (i, j) =>
            {
                var c = i == j ? 1 : norms[i] * norms[j] == 0
                    ? 0 : Math.Clamp(x.Column(i).DotProduct(x.Column(j)) / Math.Sqrt(norms[i] * norms[j]), -1, 1);
                return derivative ? dual.DerivativeProduct(norms[i], norms[j], c).Value : dual.Product(norms[i], norms[j], c).Value;
            });
            gram.Enumerate().Should().OnlyContain(entry => double.IsFinite(entry));
            gram.Should().Be(gram.Transpose());
            // abs and the others with kinks move by sqrt(eps) where a correlation of 1 is one ulp off
            var rounding = name is "relu" or "abs" or "leaky-relu:0.2" ? 1e-7 : 1e-12;
            gram.Evd(Symmetricity.Symmetric).EigenValues.Real().Minimum().Should()
            .BeGreaterThanOrEqualTo(-rounding * (1e-300 + gram.Trace()));
        }
    }

    private static Activation Of(string name) => All.Single(a => a.Name == name);

    private static double Difference(Func<double, double> f, double x, double h) =>
        (8 * (f(x + h) - f(x - h)) - (f(x + 2 * h) - f(x - 2 * h))) / (12 * h);
}
