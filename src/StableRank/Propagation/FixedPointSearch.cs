using MathNet.Numerics.Integration;
using StableRank.Networks;

namespace StableRank.Propagation;

/// <summary>The fixed points of a <see cref="MeanFieldMap"/>.</summary>
internal static class FixedPointSearch
{
    private const int PerDecade = 24;

    /// <summary>
    /// Below this the length map cannot be told from its tangent at 0, and fixed points without biases are not looked for.
    /// </summary>
    private const double SmallestLength = 1e-12;

    private const double GreatestLength = 1e12;

    private const double CriticalTolerance = 1e-10;

    /// <summary>A gain this near to the one that keeps lengths is taken to be it: the rounding of 2/(1 + a^2) and of s1^2 r / m.</summary>
    private const double KeptTolerance = 16 * 2.2204460492503131e-16;

    /// <summary>Up to this 1 - c the slope of the secant is an integral, beyond a quotient of differences.</summary>
    private const double NearOne = 0.05;

    private const int SecantNodes = 32;

    public static IReadOnlyList<MeanFieldFixedPoint> Of(MeanFieldMap map) =>
        map.Activation.IsPiecewiseLinear(out var slope) ? Homogeneous(map, slope) : General(map);

    private static IReadOnlyList<MeanFieldFixedPoint> Homogeneous(MeanFieldMap map, double negativeSlope)
    {
        var factor = map.Gain * map.Activation.Dual.RateAtZero;
        var unbiased = map.BiasVariance == 0;
        var balanced = Math.Abs(factor - 1) <= KeptTolerance;
        // linear layers keep correlations, unless biases outgrow what the inputs gave
        double? correlation = negativeSlope == 1 && (unbiased || !balanced) ? null : 1;
        MeanFieldFixedPoint Point(LengthLimit limit, double length) =>
            new(limit, length, factor, factor, correlation, correlation, PhaseOf(factor), 0);

        if (balanced)
        {
            return [unbiased ? Point(LengthLimit.Kept, double.NaN) : Point(LengthLimit.Infinite, double.PositiveInfinity)];
        }

        if (factor > 1)
        {
            var infinite = Point(LengthLimit.Infinite, double.PositiveInfinity);
            return unbiased ? [Point(LengthLimit.Zero, 0), infinite] : [infinite];
        }

        return [unbiased ? Point(LengthLimit.Zero, 0) : Finite(map, map.BiasVariance / (1 - factor))];
    }

    private static List<MeanFieldFixedPoint> General(MeanFieldMap map)
    {
        var dual = map.Activation.Dual;
        var points = new List<MeanFieldFixedPoint>();
        // without biases 0 is a fixed point, unless phi(0) is not 0
        if (map.BiasVariance == 0 && dual.ValueAtZero == 0)
        {
            var factor = map.Gain * dual.RateAtZero;
            points.Add(new(LengthLimit.Zero, 0, factor, factor, null, null, PhaseOf(factor), 0));
        }

        double Excess(double q) => (map.Gain * dual.Square(q).Value + map.BiasVariance) / q - 1;

        // the biases alone give s_b^2, and small lengths beside them g phi(0)^2; a bounded phi gives no more than g times its bound squared
        var start = map.BiasVariance + map.Gain * dual.ValueAtZero * dual.ValueAtZero;
        var low = map.BiasVariance > 0 ? map.BiasVariance / 2 : start > 0 ? Math.Min(SmallestLength, start / 2) : SmallestLength;
        var high = double.IsFinite(dual.Bound)
            ? 1.01 * (map.Gain * dual.Bound * dual.Bound + map.BiasVariance)
            : Math.Max(1, map.BiasVariance) * GreatestLength;
        if (high > low)
        {
            points.AddRange(BracketedRoot.SolveAll(Excess, low, high, PerDecade).Select(q => Finite(map, q)));
        }

        if (dual.RateAtInfinity > 0 && Excess(high) > 0)
        {
            var factor = map.Gain * dual.RateAtInfinity;
            // as ReLU far out, correlations approach 1; where lengths grow faster than in proportion their limit is not known
            double? correlation = double.IsFinite(factor) ? 1 : null;
            points.Add(new(
                LengthLimit.Infinite, double.PositiveInfinity, factor, factor, correlation, correlation, PhaseOf(factor), 0));
        }

        return points;
    }

    private static MeanFieldFixedPoint Finite(MeanFieldMap map, double q)
    {
        var slope = map.Slope(q);
        var phase = PhaseOf(slope);
        var correlation = phase == MeanFieldPhase.Chaotic ? ChaoticCorrelation(map, q, slope) : 1;
        var correlationSlope = correlation == 1 ? slope : map.Gain * map.Activation.Dual.DerivativeProduct(q, q, correlation).Value;
        var error = map.Gain * Math.Max(map.Activation.Dual.Square(q).Error, map.Activation.Dual.Product(q, q, correlation).Error) / q;
        var miss = Math.Max(Math.Abs(map.Length(q) / q - 1), Math.Abs(map.Covariance(q, q, correlation) / q - correlation));
        return new(LengthLimit.Finite, q, map.LengthSlope(q), slope, correlation, correlationSlope, phase, miss + error);
    }

    /// <summary>
    /// c* below 1. The map of correlations has a power series with non-negative coefficients (Mehler), so that it is convex on [0, 1] and
    /// the slope of its secant from (c, c') to (1, 1) increases with c: c* is where that slope is 1, and there is one.
    /// </summary>
    private static double ChaoticCorrelation(MeanFieldMap map, double q, double slopeAtOne)
    {
        var dual = map.Activation.Dual;

        // near c = 1 the difference 1 - c' has no digits, but by Price's theorem it is an integral of g E phi' phi'
        double SecantExcess(double d) => d switch
        {
            0 => slopeAtOne - 1,
            <= NearOne => map.Gain * GaussLegendreRule.Integrate(
                t => dual.DerivativeProduct(q, q, 1 - d * t).Value, 0, 1, SecantNodes) - 1,
            _ => (1 - map.Covariance(q, q, 1 - d) / q) / d - 1,
        };

        // an odd phi without biases keeps orthogonal inputs orthogonal
        var atZero = map.Covariance(q, q, 0) / q;
        return atZero <= 4 * Math.ScaleB(1, -52) ? 0 : 1 - BracketedRoot.Solve(SecantExcess, 0, 1);
    }

    private static MeanFieldPhase PhaseOf(double slope) =>
        Math.Abs(slope - 1) <= CriticalTolerance ? MeanFieldPhase.Critical
        : slope < 1 ? MeanFieldPhase.Ordered
        : MeanFieldPhase.Chaotic;
}
