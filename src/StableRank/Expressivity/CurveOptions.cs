namespace StableRank.Expressivity;

/// <summary>How finely a curve is followed.</summary>
public sealed record CurveOptions
{
    /// <summary>Before the activation or behind it.</summary>
    public CurveSignal Signal { get; init; }

    /// <summary>
    /// Equal pieces of the parameter to begin with, at least 4; rounded up to a multiple of a polygon's sides. Self-similarity and mean
    /// square speeds are taken on this grid.
    /// </summary>
    public int Pieces { get; init; } = 64;

    /// <summary>The estimated relative error of every layer's length at which refinement stops, in [1e-10, 1].</summary>
    public double LengthTolerance { get; init; } = 1e-3;

    /// <summary>
    /// The same for the total curvature, relative to the greater of it and 1 radian. Left out: curvature has an error estimate, but nothing
    /// is refined on its account (kinks of wide ReLU networks are many).
    /// </summary>
    public double? CurvatureTolerance { get; init; }

    /// <summary>Points of the curve beyond which refinement stops, at least 2 <see cref="Pieces"/> + 1.</summary>
    public int MaximumPoints { get; init; } = 8192;

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Pieces, 4);
        RequireTolerance(LengthTolerance, nameof(LengthTolerance));
        RequireTolerance(CurvatureTolerance ?? 1, nameof(CurvatureTolerance));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaximumPoints, 2 * Pieces + 1);
    }

    private static void RequireTolerance(double tolerance, string name)
    {
        if (!(tolerance is >= 1e-10 and <= 1))
        {
            throw new ArgumentOutOfRangeException(name, tolerance, $"The tolerance is {tolerance}; expected a number in [1e-10, 1].");
        }
    }
}
