using StableRank.Networks;
using StableRank.Propagation;

namespace StableRank.Tests.Propagation;

public sealed class MeanFieldMapTests
{
    /// <summary>The values, to its 1e-10; twelve digits are given.</summary>
    private const double Asked = 1e-10;

    [Theory]
    [InlineData(1.5, 0.05, 0.601753167110, 1.034700129582, 0.820530087998)]
    [InlineData(2.5, 0.1, 1.427184539898, 1.228937244889, 0.441556912065)]
    public void FixedPoints_OfErf_AreTheKnownOnes(double gain, double bias, double length, double slope, double correlation)
    {
        var point = new MeanFieldMap(Activation.Erf, gain, bias).FixedPoints.Should().ContainSingle().Which;
        point.Length.Should().BeApproximately(length, Asked);
        point.Slope.Should().BeApproximately(slope, Asked);
        point.Correlation.Should().BeApproximately(correlation, Asked);
        point.Phase.Should().Be(MeanFieldPhase.Chaotic);
        point.IsStable.Should().BeTrue();
        point.Residual.Should().BeLessThan(1e-14);
    }

    public static TheoryData<string, double, double> Networks() => new()
    {
        { "erf", 1.5, 0.05 }, { "erf", 0.6, 0.3 }, { "tanh", 1.3, 0.02 }, { "tanh", 3, 0.1 }, { "tanh", 40, 0.5 }, { "tanh", 0.7, 0.2 },
        { "sin", 1.5, 0.1 }, { "sin", 5, 0.1 }, { "gelu", 1.2, 0.3 }, { "gelu", 1.9, 0.05 }, { "relu", 1.3, 0.4 },
        { "leaky-relu:0.3", 1.1, 0.1 },
        { "linear", 0.8, 0.2 }, { "tanh", 1.01, 0 }, { "erf", 3, 0 }, { "sin", 2, 0 },
    };

    /// <summary>Iterating the maps a few thousand times is another way to their fixed points; the rates give the depth scales.</summary>
    [Theory]
    [MemberData(nameof(Networks))]
    public void Attractor_IsWhereIterationsEnd(string name, double gain, double bias)
    {
        var map = new MeanFieldMap(Activation.Parse(name), gain, bias);
        var point = map.Attractor();
        point.Limit.Should().Be(LengthLimit.Finite);
        double q = 1, previous = double.NaN;
        for (var i = 0; i < 10_000 && q != previous; i++)
        {
            previous = q;
            q = map.Length(q);
        }

        // an iteration stops within rounding / (1 - slope) of the fixed point
        var resolution = 1e-15 / (1 - point.LengthSlope);
        q.Should().BeApproximately(point.Length, 8 * resolution * q);
        point.Residual.Should().BeLessThan(1e-13);
        point.IsStable.Should().BeTrue();

        // c* from below, only as long as it takes
        var c = point.Correlation!.Value > 0.5 ? 0.5 : 0.9;
        for (var i = 0; i < 400; i++)
        {
            c = map.Correlation(q, c);
        }

        var left = Math.Pow(point.CorrelationSlope!.Value, 400);
        c.Should().BeApproximately(point.Correlation.Value, 2 * left + 8 * resolution + 1e-13);
        if (point.Phase == MeanFieldPhase.Chaotic)
        {
            point.CorrelationSlope.Value.Should().BeLessThan(1);
            point.Slope.Should().BeGreaterThan(1);
        }
    }

    [Fact]
    public void DepthScales_AreThoseOfTheIteratedMaps()
    {
        var map = new MeanFieldMap(Activation.Tanh, 3, 0.1);
        var point = map.Attractor();
        var (q, c) = (point.Length * 1.001, point.Correlation!.Value + 1e-3);
        for (var i = 0; i < 5; i++)
        {
            q = map.Length(q);
            c = map.Correlation(point.Length, c);
        }

        // the next order of the maps is 1e-3 of the first
        Math.Log((q / point.Length - 1) / 0.001).Should().BeApproximately(-5 / point.LengthDepthScale, 0.01);
        Math.Log((c - point.Correlation.Value) / 1e-3).Should().BeApproximately(-5 / point.CorrelationDepthScale!.Value, 0.01);
        point.GradientDepthScale.Should().BeNegative("gradients explode in the chaotic phase");
    }

    /// <summary>
    /// Near the line c* leaves 1 as 1 - c* = 2 (chi_1 - 1)/chi'', chi'' = (g/q) d^2/dc^2 E phi phi at c = 1; the quotient of differences
    /// has lost all digits there.
    /// </summary>
    [Theory]
    [InlineData(1e-4)]
    [InlineData(1e-7)]
    public void Correlation_JustBehindTheCriticalLine_KeepsItsDigits(double excess)
    {
        const double q = 0.8;
        var critical = CriticalLine.At(Activation.Erf, q)!;
        var gain = critical.Gain * (1 + excess);
        var bias = q - gain * Activation.Erf.Dual.Square(q).Value;
        var point = new MeanFieldMap(Activation.Erf, gain, bias).FixedPoints.Single();
        point.Length.Should().BeApproximately(q, 1e-14);

        // chi(c) = 4 g / (pi sqrt(1 + 4 q + 4 q^2 (1 - c^2))), chi'(1) = chi 4 q^2 / (1 + 4 q); chi''(1) bounds the next order
        var first = 4 * q * q / (1 + 4 * q);
        var second = 3 * first * first + first;
        var expected = 2 * excess / first;
        (1 - point.Correlation!.Value).Should().BeApproximately(expected, 2 * expected * expected * second / first + 1e-14);
    }

    [Fact]
    public void UnbiasedErf_IsCriticalAtPiOverFour()
    {
        var line = CriticalLine.ForBias(Activation.Erf, 0).Should().ContainSingle().Which;
        line.Should().Be(new CriticalPoint(Math.PI / 4, 0, 0));
        var point = new MeanFieldMap(Activation.Erf, Math.PI / 4).FixedPoints.Should().ContainSingle().Which;
        point.Phase.Should().Be(MeanFieldPhase.Critical);
        (point.Limit, point.Length).Should().Be((LengthLimit.Zero, 0.0));
        point.Correlation.Should().BeNull();

        var below = new MeanFieldMap(Activation.Erf, Math.PI / 4 * 0.99).FixedPoints.Should().ContainSingle().Which;
        (below.Phase, below.IsStable).Should().Be((MeanFieldPhase.Ordered, true));
        var above = new MeanFieldMap(Activation.Erf, Math.PI / 4 * 1.01);
        above.FixedPoints.Should().HaveCount(2);
        above.FixedPoints[0].IsStable.Should().BeFalse();
        above.Attractor().Phase.Should().Be(MeanFieldPhase.Chaotic);
        above.Attractor().Correlation.Should().Be(0, "erf is odd and there are no biases");
    }

    [Theory]
    [InlineData("erf")]
    [InlineData("tanh")]
    [InlineData("sin")]
    [InlineData("gelu")]
    public void CriticalLine_HasSlopeOneAtItsFixedPoint(string name)
    {
        var activation = Activation.Parse(name);
        foreach (var bias in new[] { 1e-6, 0.01, 0.05, 0.3, 2 })
        {
            foreach (var critical in CriticalLine.ForBias(activation, bias))
            {
                var points = new MeanFieldMap(activation, critical.Gain, bias).FixedPoints;
                var nearest = points.MinBy(p => Math.Abs(p.Length - critical.Length))!;
                nearest.Length.Should().BeApproximately(critical.Length, 1e-9 * critical.Length);
                nearest.Slope.Should().BeApproximately(1, 1e-9);
            }

            CriticalLine.ForBias(activation, bias).Should().NotBeEmpty();
        }

        var at = CriticalLine.At(activation, 0.6)!;
        CriticalLine.ForBias(activation, at.BiasVariance).Should().Contain(p => Math.Abs(p.Length - 0.6) < 1e-9);
    }

    [Fact]
    public void CriticalLine_OfSin_HasItsClosedForm()
    {
        // g = 2/(1 + e^-2q), s_b^2 = q - tanh q
        var point = CriticalLine.At(Activation.Sin, 1.3)!;
        point.Gain.Should().BeApproximately(2 / (1 + Math.Exp(-2.6)), 1e-15);
        point.BiasVariance.Should().BeApproximately(1.3 - Math.Tanh(1.3), 1e-15);
        CriticalLine.ForBias(Activation.ReLU, 0.3).Should().Equal(new CriticalPoint(2, 0.3, double.PositiveInfinity));
        CriticalLine.ForBias(Activation.ReLU, 0).Should().Equal(new CriticalPoint(2, 0, 0));
    }

    [Fact]
    public void PositivelyHomogeneousActivations_HaveTheirFourFates()
    {
        Fate(Activation.ReLU, 1.5, 0).Should().Match<MeanFieldFixedPoint>(p =>
            p.Limit == LengthLimit.Zero && p.Phase == MeanFieldPhase.Ordered && p.Correlation == 1 && p.CorrelationSlope == 1
                && p.IsStable);
        Fate(Activation.ReLU, 2, 0).Should().Match<MeanFieldFixedPoint>(p =>
            p.Limit == LengthLimit.Kept && double.IsNaN(p.Length) && p.Phase == MeanFieldPhase.Critical && p.Correlation == 1);
        Fate(Activation.ReLU, 2.2, 0).Should().Match<MeanFieldFixedPoint>(p =>
            p.Limit == LengthLimit.Infinite && p.IsStable && p.Phase == MeanFieldPhase.Chaotic && p.Correlation == 1);
        Fate(Activation.ReLU, 2, 0.1).Limit.Should().Be(LengthLimit.Infinite);
        var finite = Fate(Activation.ReLU, 1.5, 0.2);
        finite.Length.Should().BeApproximately(0.8, 1e-15);
        finite.CorrelationDepthScale.Should().BeApproximately(-1 / Math.Log(0.75), 1e-13);
        Fate(Activation.Linear, 1, 0).Correlation.Should().BeNull("linear layers keep correlations");
        Fate(Activation.Linear, 1, 0.1).Correlation.Should().Be(1);
        Fate(Activation.LeakyReLU(0.3), 2 / 1.09, 0).Limit.Should().Be(LengthLimit.Kept);

        static MeanFieldFixedPoint Fate(Activation activation, double gain, double bias) =>
            new MeanFieldMap(activation, gain, bias).Attractor();
    }

    [Fact]
    public void ReLU_CorrelationApproachesOneAsTheSquareOfDepth()
    {
        // 1 - c' = (1 - c) - k (1 - c)^1.5, k = 2 sqrt 2/(3 pi): hence 1 - c_l -> (2/(k l))^2
        var map = new MeanFieldMap(Activation.ReLU, 2);
        var c = 0.2;
        const int depth = 4000;
        for (var l = 0; l < depth; l++)
        {
            c = map.Correlation(1, c);
        }

        var k = 2 * Math.Sqrt(2) / (3 * Math.PI);
        ((1 - c) * Math.Pow(k * depth / 2, 2)).Should().BeApproximately(1, 0.02, "the next term is of order log l / l");
    }

    /// <summary>
    /// With a gain between 2 and 4 GELU attracts to length 0 and to infinity: which is reached depends on where signals start.
    /// </summary>
    [Fact]
    public void Gelu_MayHaveSeveralFixedPoints()
    {
        var map = new MeanFieldMap(Activation.Gelu, 2.3);
        map.FixedPoints.Select(p => p.Limit).Should().Equal(LengthLimit.Zero, LengthLimit.Finite, LengthLimit.Infinite);
        map.FixedPoints.Select(p => p.IsStable).Should().Equal(true, false, true);
        var repelling = map.FixedPoints[1].Length;
        map.Attractor(0.9 * repelling).Limit.Should().Be(LengthLimit.Zero);
        map.Attractor(1.1 * repelling).Limit.Should().Be(LengthLimit.Infinite);
        map.Length(0.9 * repelling).Should().BeLessThan(0.9 * repelling);
        map.Length(1.1 * repelling).Should().BeGreaterThan(1.1 * repelling);
    }

    [Fact]
    public void CorrelationSlope_IsTheDerivativeOfTheMap()
    {
        const double h = 1e-6;
        foreach (var name in new[] { "relu", "tanh", "erf", "gelu", "sin" })
        {
            var map = new MeanFieldMap(Activation.Parse(name), 1.7, 0.2);
            foreach (var c in new[] { -0.5, 0.3, 0.8 })
            {
                var slope = (map.Correlation(0.9, c + h) - map.Correlation(0.9, c - h)) / (2 * h);
                map.CorrelationSlope(0.9, c).Should().BeApproximately(slope, 1e-8);
            }

            map.LengthSlope(0.9).Should().BeApproximately((map.Length(0.9 + h) - map.Length(0.9 - h)) / (2 * h), 1e-8);
        }
    }

    /// <summary>The checks above see a bias variance left out, a gain not squared away, or the fixed point of erf(z/sqrt 2).</summary>
    [Fact]
    public void FixedPoints_OfWrongMaps_AreOther()
    {
        const double q = 0.601753167110;
        Math.Abs(1.5 * Activation.Erf.Dual.Square(q).Value + 0.05 - q).Should().BeLessThan(Asked);
        Math.Abs(1.5 * Activation.Erf.Dual.Square(q / 2).Value + 0.05 - q).Should().BeGreaterThan(0.1);
        Math.Abs(1.5 * Activation.Erf.Dual.Square(q).Value - q).Should().BeGreaterThan(0.04);
        Math.Abs(1.5 * Activation.Tanh.Dual.Square(q).Value + 0.05 - q).Should().BeGreaterThan(0.01);
    }

    [Fact]
    public void Guards_OnBadArguments_NameThem()
    {
        FluentActions.Invoking(() => new MeanFieldMap(Activation.Tanh, 0)).Should().Throw<ArgumentOutOfRangeException>()
            .WithMessage("*gain is 0*");
        FluentActions.Invoking(() => new MeanFieldMap(Activation.Tanh, double.NaN)).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => new MeanFieldMap(Activation.Tanh, 1, -0.1)).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => new MeanFieldMap(Activation.Tanh, 1).Attractor(0)).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => CriticalLine.ForBias(Activation.Tanh, double.NaN)).Should().Throw<ArgumentOutOfRangeException>();
    }
}
