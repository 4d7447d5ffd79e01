using FluentAssertions;
using StableRank.Ensembles;
using StableRank.Networks;
using StableRank.Propagation;
using StableRank.Spectra;
using Xunit;

namespace StableRank.Tests.Propagation;

public sealed class JacobianDensityTests
{
    // Newton stops at 1e-14; sums of some 10^2 logarithms
    private const double Rounding = 1e-12;

    // the integrals below: edges found to 1e-12 in log x, so that the mass beyond them, a power 3/2 or 1/2 of that, is at most 1e-6
    private const double Quadrature = 1e-6;

    // of a quadrature for phi'^2, single nodes show in the lowest half singular value of 32
    private const double Nodes = 0.5 / 32;

    [Theory]
    [InlineData(64, 64)]
    [InlineData(96, 32)]
    [InlineData(32, 96)]
    public void Density_OfOneGaussianLayer_IsMarchenkoPastur(int rows, int columns)
    {
        double large = Math.Max(rows, columns);
        var law = new MarchenkoPasturLaw(rows, columns);
        var density = JacobianDensity.Of([JacobianLayerLaw.Of(Ensemble.Gaussian(rows, columns, 1 / large), Activation.Linear, 1)]);

        density.Count.Should().Be(Math.Min(rows, columns));
        density.AtomAtZero.Should().Be(0);
        density.Bands.Should().ContainSingle();
        density.UpperEdge.Should().BeApproximately(law.UpperEdge, 1e-9);
        density.LowerEdge.Should().BeApproximately(law.LowerEdge, 1e-9);
        density.Mean.Should().BeApproximately(1, Rounding);
        for (var i = 1; i < 20; i++)
        {
            var x = law.LowerEdge + i / 20.0 * (law.UpperEdge - law.LowerEdge);
            var c = Math.Min(rows, columns) / large;
            var expected = Math.Sqrt((x - law.LowerEdge) * (law.UpperEdge - x)) / (2 * Math.PI * c * x);
            density.Density(x).Should().BeApproximately(expected, Rounding * (1 + expected));
            density.CumulativeProbability(x).Should().BeApproximately(law.CumulativeProbability(x), Rounding);
            density.At(x).Residual.Should().BeLessThan(Rounding);
            density.At(x).Converged.Should().BeTrue();
        }

        density.Quantile(0.3).Should().BeApproximately(law.Quantile(0.3), 1e-11);
    }

    /// <summary>
    /// The quantiles of Marchenko-Pastur as a spectrum of 512 values with a second factor, against the closed S-transform.
    /// </summary>
    [Fact]
    public void Density_OfManyDiscreteValues_TendsToTheContinuousLaw()
    {
        const int n = 512;
        var values = new MarchenkoPasturLaw(n, n).MidpointQuantiles().Select(Math.Sqrt);
        var discrete = JacobianLayerLaw.Of(Spectrum.FromSingularValues(values), n, n, Activation.Linear, 1);
        var gaussian = JacobianLayerLaw.Of(Ensemble.LeCun(n, n), Activation.Linear, 1);
        var (a, b) = (JacobianDensity.Of([discrete, gaussian]), JacobianDensity.Of([gaussian, gaussian]));

        // midpoint quantiles move no value by more than half a rank
        for (var x = 0.1; x < 6.5; x += 0.4)
        {
            a.CumulativeProbability(x).Should().BeApproximately(b.CumulativeProbability(x), 0.5 / n);
        }
    }

    /// <summary>Penson and Zyczkowski 2011, arXiv 1103.3453, equation (14): the squared singular values of a product of two.</summary>
    [Fact]
    public void Density_OfTwoGaussianLayers_IsFussCatalan()
    {
        var density = Product(2, 64, (m, n) => Ensemble.LeCun(m, n));

        density.UpperEdge.Should().BeApproximately(27.0 / 4, 1e-8);
        density.LowerEdge.Should().Be(0);
        foreach (var x in new[] { 1e-6, 1e-3, 0.1, 1, 3, 6, 6.7 })
        {
            var root = 27 + 3 * Math.Sqrt(81 - 12 * x);
            var expected = Math.Cbrt(2) * Math.Sqrt(3) / (12 * Math.PI)
                * (Math.Cbrt(2) * Math.Pow(root, 2.0 / 3) - 6 * Math.Cbrt(x)) / (Math.Pow(x, 2.0 / 3) * Math.Cbrt(root));
            density.Density(x).Should().BeApproximately(expected, 1e-11 * expected);
        }
    }

    [Theory]
    [InlineData(3)]
    [InlineData(10)]
    [InlineData(40)]
    public void UpperEdge_OfGaussianProducts_IsFussCatalans(int depth) =>
        Product(depth, 32, (m, n) => Ensemble.LeCun(m, n)).UpperEdge
            .Should().BeApproximately(Math.Pow(depth + 1, depth + 1) / Math.Pow(depth, depth), 1e-8 * depth);

    /// <summary>
    /// Two orthogonal ReLU layers: two projections of half the dimension in general position, whose law is the arcsine's; deeper: the
    /// critical point m = 1/(L - 2) of chi gives L^L/(L-1)^(L-1), which grows as e L (Pennington, Schoenholz and Ganguli 2018, arXiv
    /// 1802.09979).
    /// </summary>
    [Fact]
    public void Density_OfOrthogonalReluLayers_IsArcsineThenSpreadsLinearlyInDepth()
    {
        var two = Product(2, 32, (m, n) => Ensemble.Orthogonal(m, n, Math.Sqrt(2)), Activation.ReLU);
        two.AtomAtZero.Should().Be(0.5);
        two.Atoms.Should().BeEmpty();
        foreach (var t in new[] { 0.01, 0.3, 0.5, 0.9, 0.999 })
        {
            two.Density(4 * t).Should().BeApproximately(1 / (8 * Math.PI * Math.Sqrt(t * (1 - t))), 1e-10);
            two.CumulativeProbability(4 * t).Should().BeApproximately(0.5 + Math.Asin(Math.Sqrt(t)) / Math.PI, Rounding);
        }

        foreach (var depth in new[] { 3, 5, 20 })
        {
            Product(depth, 32, (m, n) => Ensemble.Orthogonal(m, n, Math.Sqrt(2)), Activation.ReLU).UpperEdge
                .Should().BeApproximately(Math.Pow(depth, depth) / Math.Pow(depth - 1, depth - 1), 1e-8 * depth);
        }
    }

    public static TheoryData<string, string, double, int> Laws => new()
    {
        { "flat", "relu", 20, 2 },
        { "flat", "leaky-relu:0.3", 20, 3 },
        { "power-law", "relu", 12, 3 },
        { "exponential", "tanh", 16, 2 },
        { "spike", "erf", 10, 2 },
        { "gaussian-conditioned", "relu", 8, 2 },
        { "uniform", "linear", 10, 2 },
        { "linear", "linear", 12, 4 },
    };

    [Theory]
    [MemberData(nameof(Laws))]
    public void Density_Integrated_GivesMassMeanAndTheMomentsOfJacobianMoments(string family, string activation, double rank, int depth)
    {
        const int n = 32;
        var model = Model.Dense(
            [.. Enumerable.Repeat(n, depth + 1)],
            Activation.Parse(activation),
            (_, rows, columns) => Ensemble.StableRank(rows, columns, rank, SpectralFamily.Parse(family), ScaleConvention.Spectral(1.3)));
        var law = JacobianDensity.Of(model, 0.8);

        var (mass, mean, square) = Moments(law);

        mass.Should().BeApproximately(1, activation is "tanh" or "erf" ? Nodes : Quadrature);
        mean.Should().BeApproximately(law.Mean, Quadrature * law.Mean);
        (square / (law.Mean * law.Mean) - 1).Should().BeApproximately(law.RelativeVariance, 10 * Quadrature * (1 + law.RelativeVariance));
        if (family is not ("gaussian-conditioned" or "uniform"))
        {
            var moments = JacobianMoments.Of(model, 0.8)[^1];
            law.Mean.Should().BeApproximately(moments.Mean, 1e-12 * moments.Mean);
            law.RelativeVariance.Should().BeApproximately(moments.RelativeVariance, 1e-11 * (1 + moments.RelativeVariance));
        }
    }

    [Fact]
    public void CumulativeProbability_IsTheIntegralOfTheDensity_AndQuantileItsInverse()
    {
        var law = JacobianDensity.Of(
            Model.Dense(
                [40, 32, 24, 48], Activation.LeakyReLU(0.2), (_, m, n) => Ensemble.StableRank(m, n, 9, SpectralFamily.PowerLaw)), 1);
        law.Count.Should().Be(40);
        law.AtomAtZero.Should().Be(0.4, "the bottleneck of 24 leaves 16 of 40 singular values 0");
        foreach (var share in new[] { 0.45, 0.6, 0.8, 0.95 })
        {
            var x = law.Quantile(share);
            law.CumulativeProbability(x).Should().BeApproximately(share, Rounding);

            // Simpson over a step of 1 %: error of order 1e-10 of the step
            var h = 0.01 * x;
            var integral = h / 6 * (law.Density(x) + 4 * law.Density(x + h / 2) + law.Density(x + h));
            (law.CumulativeProbability(x + h) - share).Should().BeApproximately(integral, 1e-9);
        }

        law.Quantile(0.4).Should().Be(0);
        law.Quantile(1).Should().Be(law.UpperEdge);
    }

    [Fact]
    public void Atoms_OfFewValues_HaveTheMultiplicitiesOfSpacesInGeneralPosition()
    {
        // one orthogonal layer of leaky ReLU is D^2 alone
        var alone = Product(1, 32, (m, n) => Ensemble.Orthogonal(m, n, 3), Activation.LeakyReLU(0.5));
        alone.Atoms.Should().Equal(
            [(9.0, 0.5), (2.25, 0.5)], (atom, at) => Math.Abs(atom.X - at.Item1) < 1e-14 && atom.Probability == at.Item2);
        alone.Bands.Should().BeEmpty();
        alone.CumulativeProbability(8.9).Should().BeApproximately(0.5, Rounding);
        alone.CumulativeProbability(9).Should().BeApproximately(1, Rounding);
        alone.Quantile(0.3).Should().BeApproximately(2.25, 1e-8);

        // projections on 24 of 32 dimensions: 16 are common, 8 are lost, and for 8 the squared cosines lie in 3/8 +- 3/8
        var flat = Product(2, 32, (m, n) => Ensemble.StableRank(m, n, 24, SpectralFamily.Flat));
        flat.AtomAtZero.Should().Be(0.25);
        flat.Atoms.Should().ContainSingle();
        flat.Atoms[0].X.Should().BeApproximately(1, 1e-14);
        flat.Atoms[0].Probability.Should().BeApproximately(0.5, 1e-14);
        flat.CumulativeProbability(1 - 1e-6).Should().BeApproximately(0.5, Rounding);

        // M has a pole there: rounding is magnified by 1 over the distance
        flat.CumulativeProbability(1 - 1e-9).Should().BeApproximately(0.5, 1e-6);
        flat.Density(1 - 1e-9).Should().Be(0);
        flat.Quantile(0.7).Should().Be(flat.Atoms[0].X);
        flat.Bands.Should().ContainSingle();
        flat.Bands[0].Upper.Should().BeApproximately(0.75, 1e-10);
        flat.Bands[0].Lower.Should().Be(0);
        flat.Bands[0].Probability.Should().BeApproximately(0.25, 1e-6);
    }

    [Fact]
    public void StableRankOf_OneOrthogonalLinearLayer_IsItsRank()
    {
        var law = Product(3, 16, (m, n) => Ensemble.Orthogonal(m, n, 0.5));
        law.Atoms.Should().ContainSingle().Which.Probability.Should().Be(1);
        law.UpperEdge.Should().BeApproximately(Math.Pow(0.5, 6), 1e-15);
        law.LowerEdge.Should().Be(law.UpperEdge);
        law.StableRank.Should().BeApproximately(16, 1e-12);
        law.ParticipationRank.Should().BeApproximately(16, 1e-12);
        law.RelativeVariance.Should().BeApproximately(0, 1e-13);
    }

    /// <summary>The law of another stable rank fails the comparison that the right one passes.</summary>
    [Fact]
    public void Mean_OfAnotherModel_IsNotTheIntegralOverThisDensity()
    {
        JacobianDensity Law(double rank) => Product(
            2, 32, (m, n) => Ensemble.StableRank(m, n, rank, SpectralFamily.PowerLaw, ScaleConvention.Spectral(1)), Activation.ReLU);
        var (_, mean, square) = Moments(Law(12));
        var wrong = Law(12.001);
        Math.Abs(mean / wrong.Mean - 1).Should().BeGreaterThan(100 * Quadrature);
        Math.Abs(square / (mean * mean) - 1 - wrong.RelativeVariance).Should().BeGreaterThan(50 * Quadrature);
    }

    [Fact]
    public void Of_WhatHasNoLaw_SaysWhy()
    {
        var layer = JacobianLayerLaw.Of(Ensemble.LeCun(8, 6), Activation.Linear, 1);
        var density = JacobianDensity.Of([layer]);
        FluentActions.Invoking(() => JacobianDensity.Of([])).Should().Throw<ArgumentException>().WithMessage("*at least one layer*");
        FluentActions.Invoking(() => JacobianDensity.Of([layer, layer])).Should().Throw<ArgumentException>()
            .WithMessage("Layer 2 takes 6 numbers but layer 1 gives 8*");
        FluentActions.Invoking(() => density.Density(double.NaN)).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => density.Quantile(1.5)).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => JacobianLayerLaw.Of(Ensemble.LeCun(8, 6), Activation.Tanh, double.NaN))
            .Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => JacobianLayerLaw.Of(Spectrum.FromSingularValues(1.0), 2, 2, [0.0, 0]))
            .Should().Throw<ArithmeticException>().WithMessage("*greatest |phi'|*");
        FluentActions.Invoking(() => JacobianLayerLaw.Of(Spectrum.FromSingularValues(1.0), 2, 2, [1.0, double.NaN]))
            .Should().Throw<ArgumentException>().WithMessage("Slope 1 is NaN*");
        density.Density(-1).Should().Be(0);
        density.CumulativeProbability(double.PositiveInfinity).Should().Be(1);
        density.Density(1e9).Should().Be(0);
    }

    /// <summary>Mass, first and second moment, band by band with both edges' singularities substituted away.</summary>
    private static (double Mass, double Mean, double Square) Moments(JacobianDensity law)
    {
        var (mass, mean, square) = (law.AtomAtZero, 0.0, 0.0);
        foreach (var atom in law.Atoms)
        {
            mass += atom.Probability;
            mean += atom.Probability * atom.X;
            square += atom.Probability * atom.X * atom.X;
        }

        foreach (var band in law.Bands)
        {
            // log x runs from edge to edge with speed 0 at both; a hard edge at 0 begins where next to nothing is left
            var low = Math.Log(Math.Max(band.Lower, 1e-40 * band.Upper));
            var width = Math.Log(band.Upper) - low;
            const int points = 1500;
            for (var i = 0; i < points; i++)
            {
                var s = (i + 0.5) / points;
                var x = Math.Exp(low + width * s * s * s * (10 - 15 * s + 6 * s * s));
                var share = law.Density(x) * x * width * 30 * s * s * (1 - s) * (1 - s) / points;
                mass += share;
                mean += share * x;
                square += share * x * x;
            }
        }

        return (mass, mean, square);
    }

    private static JacobianDensity Product(int depth, int n, Func<int, int, Ensemble> ensemble, Activation? activation = null) =>
        JacobianDensity.Of([.. Enumerable.Range(0, depth).Select(
            _ => JacobianLayerLaw.Of(ensemble(n, n), activation ?? Activation.Linear, 1))]);
}
