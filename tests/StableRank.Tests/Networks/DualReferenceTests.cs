using System.Globalization;
using StableRank.Networks;
using StableRank.Tests.Support;

namespace StableRank.Tests.Networks;

/// <summary>
/// Every dual against high-precision quadrature that uses no closed form: Fixtures/make_dual_reference.py wrote duals.csv.
/// </summary>
public sealed class DualReferenceTests
{
    /// <summary>Relative to the scale, the greatest that E phi(u)^2, E phi'(u)^2 allow by Cauchy and Schwarz.</summary>
    private const double Tolerance = 1e-12;

    private static readonly Reference[] References = Read();

    public static TheoryData<string> Names() => [.. References.Select(row => row.Name).Distinct()];

    [Theory]
    [MemberData(nameof(Names))]
    public void EveryExpectation_EqualsHighPrecisionQuadrature(string name)
    {
        var rows = References.Where(row => row.Name == name).ToList();
        rows.Should().HaveCount(5);
        Worst(Activation.Parse(name).Dual, rows).Should().BeLessThan(Tolerance);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void EveryError_BoundsTheDeviation(string name)
    {
        var dual = Activation.Parse(name).Dual;
        foreach (var row in References.Where(row => row.Name == name))
        {
            foreach (var (value, expected) in row.Compare(dual))
            {
                // the stored 20 digits are read as the nearest double; a 0 among them is the sum of terms with 25 digits
                var stored = Math.ScaleB(Math.Abs(expected), -52) + 1e-20;
                Math.Abs(value.Value - expected).Should().BeLessThanOrEqualTo(value.Error + stored, row.ToString());
            }
        }
    }

    [Theory]
    [InlineData("sin", "cos")]
    [InlineData("monomial:3", "hermite:3")]
    [InlineData("silu", "gelu")]
    [InlineData("rbf:3", "rbf:0.5")]
    public void Checker_OnTheDualOfAnotherActivation_Fails(string name, string other) =>
        Worst(Activation.Parse(other).Dual, References.Where(row => row.Name == name)).Should().BeGreaterThan(1e-3);

    [Fact]
    public void Checker_OnAGammaThatIsWrongInTheTwelfthDigit_Fails() =>
        Worst(Activation.Rbf(3 * (1 + 1e-11)).Dual, References.Where(row => row.Name == "rbf:3")).Should().BeGreaterThan(Tolerance);

    private static double Worst(GaussianDual dual, IEnumerable<Reference> rows) =>
        rows.Max(row => row.Compare(dual).Zip(row.Scales(dual), (pair, scale) => Math.Abs(pair.Value.Value - pair.Expected) / scale).Max());

    private static Reference[] Read()
    {
        var path = Path.Combine(Repository.Root, "tests", "StableRank.Tests", "Networks", "Fixtures", "duals.csv");
        return [.. File.ReadLines(path).Skip(1).Select(line => line.Split(',')).Select(cells =>
            new Reference(cells[0], [.. cells.Skip(1).Select(cell => double.Parse(cell, CultureInfo.InvariantCulture))]))];
    }

    private sealed record Reference(string Name, double[] Numbers)
    {
        public IEnumerable<(GaussianExpectation Value, double Expected)> Compare(GaussianDual dual)
        {
            var (qa, qb, c) = (Numbers[0], Numbers[1], Numbers[2]);
            return
            [
                (dual.Product(qa, qb, c), Numbers[3]), (dual.Product(qb, qa, c), Numbers[3]),
                (dual.DerivativeProduct(qa, qb, c), Numbers[4]),
                (dual.Square(qa), Numbers[5]), (dual.SquareRate(qa), Numbers[6]), (dual.DerivativeSquare(qa), Numbers[7]),
                (dual.DerivativeFourth(qa), Numbers[8]),
            ];
        }

        /// <summary>What each value is at most, or 1 where that is 0 (the constant hermite:0).</summary>
        public IEnumerable<double> Scales(GaussianDual dual)
        {
            double Of(Func<double, GaussianExpectation> f) => Math.Sqrt(f(Numbers[0]).Value * f(Numbers[1]).Value);
            var (product, derivative) = (Of(dual.Square), Of(dual.DerivativeSquare));
            var rate = Math.Max(Math.Abs(Numbers[6]), Math.Max(Numbers[7], Numbers[5] / Numbers[0]));
            return new[] { product, product, derivative, Numbers[5], rate, Numbers[7], Numbers[8] }.Select(x => x == 0 ? 1 : x);
        }

        public override string ToString() => $"{Name} at {string.Join(", ", Numbers.Take(3))}";
    }
}
