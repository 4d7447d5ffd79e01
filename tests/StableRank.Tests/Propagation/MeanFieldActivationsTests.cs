using StableRank.Ensembles;
using StableRank.Networks;
using StableRank.Propagation;

namespace StableRank.Tests.Propagation;

/// <summary>Mean-field maps where phi(0) is not 0, where lengths do not increase with lengths, and where phi is unbounded.</summary>
public sealed class MeanFieldActivationsTests
{
    /// <summary>Fixed points are solved to the last digits; what follows them loses a few.</summary>
    private const double Tolerance = 1e-12;

    [Fact]
    public void Rbf_HasItsLengthAtTheGain_WhateverTheStart()
    {
        var map = new MeanFieldMap(Activation.Rbf(0.5), 1.7, 0.3);
        var point = map.FixedPoints.Should().ContainSingle().Subject;
        point.Length.Should().BeApproximately(2, Tolerance);
        point.LengthSlope.Should().Be(0);
        point.Slope.Should().BeApproximately(1.7, Tolerance);
        map.Attractor(55).Should().Be(point);
        // |phi| is at most sqrt 2, not 1, and the length is constant: a search up to g alone would end below it
        new MeanFieldMap(Activation.Rbf(2), 5).FixedPoints.Should().ContainSingle().Which.Length.Should().BeApproximately(5, Tolerance);
    }

    [Fact]
    public void Exp_HasTwoFixedPointsBelowTheCriticalGain_AndNoneAbove()
    {
        // q = g e^(2q) has roots for g <= 1/(2e); lengths behind the greater one explode
        var map = new MeanFieldMap(Activation.Exp, 0.1);
        var points = map.FixedPoints;
        points.Select(p => p.Limit).Should().Equal(LengthLimit.Finite, LengthLimit.Finite, LengthLimit.Infinite);
        foreach (var point in points.Take(2))
        {
            point.Length.Should().BeApproximately(0.1 * Math.Exp(2 * point.Length), Tolerance);
            point.LengthSlope.Should().BeApproximately(2 * point.Length, Tolerance);
        }

        points[0].IsStable.Should().BeTrue();
        points[1].IsStable.Should().BeFalse();
        points[2].Correlation.Should().BeNull();
        map.Attractor(0.01).Should().Be(points[0]);
        map.Attractor(100).Limit.Should().Be(LengthLimit.Infinite);
        new MeanFieldMap(Activation.Exp, 0.2).FixedPoints.Should().ContainSingle().Which.Limit.Should().Be(LengthLimit.Infinite);
        // far below the grid that serves phi(0) = 0
        new MeanFieldMap(Activation.Exp, 1e-15).FixedPoints[0].Length.Should().BeApproximately(1e-15, 1e-27);
    }

    [Fact]
    public void Cos_HasOneFixedPoint_OfANegativeSlope_ThatAttracts()
    {
        var map = new MeanFieldMap(Activation.Cos, 1.2);
        var point = map.FixedPoints.Should().ContainSingle().Subject;
        point.Length.Should().BeApproximately(0.6 * (1 + Math.Exp(-2 * point.Length)), Tolerance);
        point.LengthSlope.Should().BeNegative();
        point.IsStable.Should().BeTrue();
        map.Attractor(9).Should().Be(point);
        var length = 9.0;
        for (var layer = 0; layer < 100; layer++)
        {
            length = map.Length(length);
        }

        length.Should().BeApproximately(point.Length, Tolerance);
    }

    [Fact]
    public void LengthsThatFallWithLengths_AreFollowedToTheFixedPoint()
    {
        var custom = Activation.Custom("dip", z => 1.5 * Math.Exp(-4 * z * z), z => -12 * z * Math.Exp(-4 * z * z));
        var map = new MeanFieldMap(custom, 60);
        var point = map.FixedPoints.Should().ContainSingle().Subject;
        // E phi^2 = 2.25/sqrt(1 + 16 q): slope -8 q'/(1 + 16 q), above -1/2 in size: it attracts though lengths alternate
        point.Length.Should().BeApproximately(60 * 2.25 / Math.Sqrt(1 + 16 * point.Length), 1e-10);
        point.LengthSlope.Should().BeInRange(-0.5, 0);
        map.Attractor(1).Should().Be(point);

        // h_2 has E phi^2 = (3 q^2 - 2 q + 1)/2, which is q at 1/3 and 1
        var hermite = new MeanFieldMap(Activation.Hermite(2), 1);
        hermite.FixedPoints.Where(p => p.Limit == LengthLimit.Finite).Select(p => p.Length).Should().HaveCount(2);
        hermite.FixedPoints[0].Length.Should().BeApproximately(1.0 / 3, Tolerance);
        hermite.FixedPoints[1].Length.Should().BeApproximately(1, Tolerance);
        hermite.Attractor(0.9).Should().Be(hermite.FixedPoints[0]);
        hermite.Attractor(1.1).Limit.Should().Be(LengthLimit.Infinite);
    }

    [Fact]
    public void Monomials_DieOrExplode()
    {
        var map = new MeanFieldMap(Activation.Monomial(2), 0.5);
        // q' = 1.5 q^2
        map.FixedPoints.Select(p => p.Limit).Should().Equal(LengthLimit.Zero, LengthLimit.Finite, LengthLimit.Infinite);
        map.FixedPoints[1].Length.Should().BeApproximately(2.0 / 3, Tolerance);
        map.Attractor(0.6).Limit.Should().Be(LengthLimit.Zero);
        map.Attractor(0.7).Limit.Should().Be(LengthLimit.Infinite);
    }

    [Fact]
    public void Abs_BehavesAsALeakyReluOfSlopeMinusOne()
    {
        foreach (var (gain, bias) in new[] { (0.5, 0.2), (1.0, 0.0), (1.5, 0.0), (1.0, 0.1) })
        {
            new MeanFieldMap(Activation.Abs, gain, bias).FixedPoints.Should()
                .Equal(new MeanFieldMap(Activation.LeakyReLU(-1), gain, bias).FixedPoints);
        }

        var model = Model.Dense([8, 8, 8], Activation.Abs, (_, m, n) => Ensemble.StableRank(m, n, 3));
        var other = Model.Dense([8, 8, 8], Activation.LeakyReLU(-1), (_, m, n) => Ensemble.StableRank(m, n, 3));
        ExactPropagation.Of(model).Should().Equal(ExactPropagation.Of(other));
    }

    [Fact]
    public void CriticalLines_SatisfyTheirEquations()
    {
        // exp: E phi^2 = E phi'^2, so q = s_b^2 + 1 and g = e^(-2q); rbf: q = s_b^2 + 1/(2G) and g = 1/(2G)
        foreach (var bias in new[] { 0, 0.4 })
        {
            var exp = CriticalLine.ForBias(Activation.Exp, bias).Should().ContainSingle().Subject;
            exp.Length.Should().BeApproximately(1 + bias, Tolerance);
            exp.Gain.Should().BeApproximately(Math.Exp(-2 * (1 + bias)), Tolerance);
            var rbf = CriticalLine.ForBias(Activation.Rbf(1e5), bias).Should().ContainSingle().Subject;
            rbf.Length.Should().BeApproximately(5e-6 + bias, Tolerance);
            rbf.Gain.Should().BeApproximately(5e-6, 1e-17);
            foreach (var name in new[] { "softplus", "cos", "silu" })
            {
                foreach (var point in CriticalLine.ForBias(Activation.Parse(name), bias))
                {
                    var map = new MeanFieldMap(Activation.Parse(name), point.Gain, point.BiasVariance);
                    map.Length(point.Length).Should().BeApproximately(point.Length, 1e-9);
                    map.Slope(point.Length).Should().BeApproximately(1, Tolerance);
                }
            }
        }

        CriticalLine.ForBias(Activation.Monomial(3), 0).Should().BeEmpty();
        CriticalLine.At(Activation.Cos, 0).Should().BeNull();
    }

    [Fact]
    public void WholeModels_FollowTheDefinition_AndLeaveNoNaN()
    {
        foreach (var name in new[] { "cos", "softplus", "silu", "rbf:1", "hermite:3", "monomial:2", "abs" })
        {
            var activation = Activation.Parse(name);
            var model = Model.Dense([64, 64, 64], activation, (_, m, n) => Ensemble.He(m, n));
            var layers = MeanField.Of(model, 0.5, 0.5, 0.3).Layers;
            var length = layers[1].Gain * activation.Dual.Square(layers[0].LengthA).Value;
            layers[1].LengthA.Should().BeApproximately(length, Tolerance * length);
            layers.Should().OnlyContain(l => double.IsFinite(l.LengthA) && double.IsFinite(l.Correlation));
            JacobianMoments.Of(model, 0.5).Should().OnlyContain(l => double.IsFinite(l.ActivationKurtosis));
        }

        var constant = Model.Dense([64, 64, 64], Activation.Hermite(0), (_, m, n) => Ensemble.He(m, n));
        FluentActions.Invoking(() => JacobianMoments.Of(constant, 1)).Should().Throw<ArithmeticException>()
            .WithMessage("*layer 1*hermite:0*");
        var explosive = Model.Dense([64, 64, 64], Activation.Exp, (_, m, n) => Ensemble.He(m, n));
        FluentActions.Invoking(() => MeanField.Of(explosive, 400)).Should().Throw<ArithmeticException>();
        FluentActions.Invoking(() => ExactPropagation.Of(explosive)).Should().Throw<NotSupportedException>().WithMessage("*exp*");
    }
}
