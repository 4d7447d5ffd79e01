using StableRank.Spectra;

namespace StableRank.Replication;

/// <summary>A Monte Carlo estimate: never a number without its error.</summary>
/// <param name="Mean">The sample mean.</param>
/// <param name="StandardError">
/// The standard error of the mean, over independent replicates; infinity where the sample says nothing (every signal died).
/// </param>
/// <param name="Count">The number of independent replicates behind it.</param>
/// <param name="Rounding">
/// An allowance for floating-point rounding, in the units of the mean: what remains uncertain where the law has no spread and the standard
/// error is zero or smaller than the arithmetic resolves (an orthogonal linear layer, for example).
/// </param>
public sealed record Estimate(double Mean, double StandardError, long Count, double Rounding = 0)
{
    /// <summary>
    /// (Mean - exact) in units of sqrt(StandardError^2 + Rounding^2): about standard normal where the exact value is right and the
    /// replicates are many enough for the law's tails. 0 where the standard error is infinite; an infinity of the difference's sign where
    /// both errors are 0 and the values differ.
    /// </summary>
    /// <exception cref="ArgumentException"><paramref name="exact"/> is NaN.</exception>
    public double DeviationsFrom(double exact)
    {
        if (double.IsNaN(exact))
        {
            throw new ArgumentException("The exact value is NaN; expected a number.", nameof(exact));
        }

        if (double.IsPositiveInfinity(StandardError) || Mean == exact)
        {
            return 0;
        }

        return (Mean - exact) / double.Hypot(StandardError, Rounding);
    }

    /// <summary>The mean of independent replicates with its standard error; infinite where fewer than two are left.</summary>
    internal static Estimate OfReplicates(IReadOnlyCollection<double> values)
    {
        var sum = default(CompensatedSum);
        foreach (var value in values)
        {
            sum.Add(value);
        }

        var mean = sum.Value / values.Count;
        var squares = default(CompensatedSum);
        foreach (var value in values)
        {
            squares.Add((value - mean) * (value - mean));
        }

        var n = values.Count;
        return new Estimate(mean, n < 2 ? double.PositiveInfinity : Math.Sqrt(squares.Value / (n - 1.0) / n), n);
    }

    /// <summary>The estimate of exp(x) from that of x, by the delta method: the errors are multiplied by exp(Mean).</summary>
    internal Estimate Exponential()
    {
        var value = Math.Exp(Mean);
        var error = double.IsPositiveInfinity(StandardError) ? StandardError : StandardError == 0 ? 0 : value * StandardError;
        return new Estimate(value, error, Count, Rounding == 0 ? 0 : value * Rounding);
    }
}
