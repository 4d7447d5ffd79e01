using StableRank.Spectra;

namespace StableRank.Tests.Spectra;

public sealed class MarchenkoPasturLawTests
{
    // /usr/bin/python3, scipy.integrate.quad (epsabs 1e-15, epsrel 1e-13, limit 500) of the density in u = sqrt(x - lo):
    //   c = min(m,n)/max(m,n); lo, hi = (1-sqrt(c))**2, (1+sqrt(c))**2
    //   quad(lambda u: 2*u*sqrt(max(0, hi-lo-u*u))*u/(2*pi*c*(lo+u*u)), 0, sqrt(x-lo), points=[sqrt(lo), 3*sqrt(lo)] where inside)
    [Theory]
    [InlineData(64, 64, 1e-6, 0.0006366197458417566)]
    [InlineData(64, 64, 1.0, 0.6089977810442294)]
    [InlineData(64, 64, 3.9, 0.9983096060001498)]
    [InlineData(4095, 4096, 1e-7, 9.44527185669399e-05)]
    [InlineData(4095, 4096, 1e-5, 0.0018929368012396326)]
    [InlineData(4095, 4096, 2.0, 0.8183265674744851)]
    [InlineData(30, 100, 0.3, 0.05877386593823896)]
    [InlineData(30, 100, 1.0, 0.558561920333103)]
    [InlineData(30, 100, 2.2, 0.9806808737097539)]
    [InlineData(1000, 10, 0.9, 0.19525366705618152)]
    [InlineData(1000, 10, 1.1, 0.8047134579575241)]
    [InlineData(50, 1_000_000, 1.0, 0.5007502645346368)]
    [InlineData(50, 1_000_000, 0.99, 0.09031053753417835)]
    [InlineData(50, 1_000_000, 1.012, 0.9646891069030548)]
    public void CumulativeProbability_Shape_EqualsQuadrature(int rows, int columns, double x, double expected) =>
        // the quadrature's 1e-13, and an ulp of x over the narrowest support, 0.03 wide
        new MarchenkoPasturLaw(rows, columns).CumulativeProbability(x).Should().BeApproximately(expected, 2e-13);

    // /usr/bin/python3: a = numpy.random.default_rng(1).standard_normal((1000, 400))
    //   e = numpy.linalg.svd(a, compute_uv=False)**2 / 1000; (e <= x).mean()
    [Theory]
    [InlineData(0.2, 0.04)]
    [InlineData(0.4, 0.2025)]
    [InlineData(0.8, 0.4675)]
    [InlineData(1.2, 0.6575)]
    [InlineData(2.0, 0.9075)]
    [InlineData(2.5, 0.9875)]
    public void CumulativeProbability_OneGaussianMatrix_CountsItsValues(double x, double share) =>
        // five standard deviations of the count, which is rigid: about sqrt(log k)/pi = 0.8 of 400
        new MarchenkoPasturLaw(1000, 400).CumulativeProbability(x).Should().BeApproximately(share, 5 * 0.8 / 400);

    [Theory]
    [InlineData(1, 1)]
    [InlineData(7, 7)]
    [InlineData(1000, 1000)]
    [InlineData(999, 1000)]
    [InlineData(64, 96)]
    [InlineData(500, 40)]
    [InlineData(60, 4_000_000)]
    public void MidpointQuantiles_Shape_AreTheInverseInOrderInsideTheSupport(int rows, int columns)
    {
        var law = new MarchenkoPasturLaw(rows, columns);
        double[] quantiles = law.MidpointQuantiles();
        int k = Math.Min(rows, columns);
        quantiles.Should().HaveCount(k).And.BeInDescendingOrder().And.OnlyHaveUniqueItems();
        quantiles.Should().OnlyContain(x => x > 0 && x >= law.LowerEdge && x <= law.UpperEdge);
        // F' <= 1/(pi c^(3/4)) near the middle, so an ulp of x of 2^-52 is this much in F
        double tolerance = 1e-14 + Math.ScaleB(1, -52) * Math.Pow((double)Math.Max(rows, columns) / k, 0.75);
        for (int i = 0; i < k; i++)
        {
            double probability = (k - i - 0.5) / k;
            law.CumulativeProbability(quantiles[i]).Should().BeApproximately(probability, tolerance);
            law.Quantile(probability).Should().BeApproximately(quantiles[i], 1e-12 * quantiles[i]);
        }
    }

    [Fact]
    public void Quantile_HardEdge_KeepsItsRelativeDigits()
    {
        // c = 1: F = (phi + sin phi)/pi = (2 phi - phi^3/6 + ...)/pi and x = 4 sin^2(phi/2) = phi^2 - phi^4/12 + ..., so for F = p
        // phi = u + u^3/12 + O(u^5) with u = pi p/2, and x = u^2 (1 + u^2/12 + O(u^4))
        var law = new MarchenkoPasturLaw(100, 100);
        foreach (double p in (double[])[1e-4, 1e-6, 1e-9])
        {
            double u = Math.PI * p / 2;
            double expected = u * u * (1 + u * u / 12);
            law.Quantile(p).Should().BeApproximately(expected, expected * (1e-14 + u * u * u * u));
        }
    }

    [Fact]
    public void Quantile_Edges_AreTheEdges()
    {
        var law = new MarchenkoPasturLaw(30, 100);
        double root = Math.Sqrt(0.3);
        law.Quantile(0).Should().BeApproximately((1 - root) * (1 - root), 1e-15);
        law.Quantile(1).Should().BeApproximately((1 + root) * (1 + root), 1e-15);
        law.CumulativeProbability(0.1).Should().Be(0);
        law.CumulativeProbability(3).Should().Be(1);
        law.CumulativeProbability(double.NaN).Should().Be(double.NaN);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(-0.1)]
    [InlineData(1.1)]
    public void Quantile_NotAProbability_Throws(double p) =>
        new MarchenkoPasturLaw(3, 4).Invoking(law => law.Quantile(p)).Should().Throw<ArgumentOutOfRangeException>();

    [Fact]
    public void MidpointQuantiles_LongShape_HaveMeanOne() =>
        // the midpoint rule errs by O(k^-5/3) = 3e-6 at an edge where quantiles go like p^(2/3)
        new MarchenkoPasturLaw(2000, 4000).MidpointQuantiles().Average().Should().BeApproximately(1, 1e-5);

    [Fact]
    public void Base_Square_IsAboveTheTypicalStableRankByTheTopMidpoint()
    {
        // c = 1, phi = pi - psi: 1 - F = (psi - sin psi)/pi = 1/(2 k) gives psi^3 = 3 pi/k (1 + O(psi^2)), and the top quantile is
        // 4 cos^2(psi/2) in the place of the edge 4, so k/4 becomes k/4 (1 + psi^2/4 + O(psi^4))
        double psi = Math.Cbrt(3 * Math.PI / 1000);
        double ratio = MarchenkoPasturFamily.Base(1000, 1000).StableRank / GaussianStableRank.Typical(1000, 1000);
        ratio.Should().BeApproximately(1 + psi * psi / 4, Math.Pow(psi, 4));
    }
}
