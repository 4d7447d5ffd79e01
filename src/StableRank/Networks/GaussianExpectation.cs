namespace StableRank.Networks;

/// <summary>An expectation over Gaussian variables.</summary>
/// <param name="Value">The expectation.</param>
/// <param name="Error">
/// An absolute bound or estimate of its error: rounding for a closed form; for a quadrature also how far two interleaved rules, each of
/// half the nodes, lie apart (their mean, which is the value, is far closer).
/// </param>
public readonly record struct GaussianExpectation(double Value, double Error)
{
    /// <summary>Roundings of a closed form of a few elementary functions, in ulps.</summary>
    private const double ClosedFormUlps = 8;

    internal static GaussianExpectation Closed(double value) => Closed(value, value);

    /// <summary>A closed form whose terms are as large as <paramref name="scale"/> and may cancel.</summary>
    internal static GaussianExpectation Closed(double value, double scale) =>
        new(value, ClosedFormUlps * Math.ScaleB(1, -52) * Math.Abs(scale));
}
