using System.Globalization;

namespace StableRank.Spectra;

/// <summary>Draws of the Gaussian-conditioned law with what their chains tell of themselves.</summary>
/// <param name="Spectra">Chain after chain, each in the order of its draws; spectral norm 1.</param>
/// <param name="Chains">Chains.</param>
/// <param name="BurnIn">Sweeps before the first draw.</param>
/// <param name="Thinning">Sweeps from one draw to the next.</param>
/// <param name="Acceptance">
/// The share of moves that moved. Slice moves are never rejected; what is missing from 1 are those that rounding left in place.
/// </param>
/// <param name="EvaluationsPerMove">Evaluations of the density that a move cost.</param>
/// <param name="Diagnostics">
/// One for each of: sum y_i^2, sum log y_i, y_2, the median of y, and the force d log Z/dr, Z the integral of (3.1) over the slice.
/// </param>
/// <param name="Warnings">What is wrong with the run, in words; empty where nothing is.</param>
public sealed record GaussianConditionedSample(
    IReadOnlyList<Spectrum> Spectra,
    int Chains,
    int BurnIn,
    int Thinning,
    double Acceptance,
    double EvaluationsPerMove,
    IReadOnlyList<ChainDiagnostic> Diagnostics,
    IReadOnlyList<string> Warnings)
{
    /// <summary>The name of the diagnostic whose mean is d log Z/dr.</summary>
    internal const string Force = "d log Z/dr";

    private const double LargestRHat = 1.01;
    private const double SmallestSampleSize = 100;

    /// <summary>The least effective sample size of all statistics.</summary>
    public double EffectiveSampleSize => Diagnostics.Min(diagnostic => diagnostic.EffectiveSampleSize);

    /// <summary>The greatest split R-hat of all statistics.</summary>
    public double SplitRHat => Diagnostics.Max(diagnostic => diagnostic.SplitRHat);

    internal static GaussianConditionedSample Of(
        Spectrum[][] spectra, double exponent, int burnIn, int thinning, long moves, long evaluations, long idle)
    {
        ChainDiagnostic[] diagnostics =
        [
            Diagnose("sum y^2", spectrum => spectrum.SumOfSquaredNormalisedSquares),
            Diagnose("sum log y", SumOfLogs),
            Diagnose("y_2", spectrum => spectrum.Count > 1 ? spectrum[1] * spectrum[1] : 1),
            Diagnose("median y", spectrum => spectrum[spectrum.Count / 2] * spectrum[spectrum.Count / 2]),
            Diagnose(Force, spectrum => ForceOn(spectrum, exponent)),
        ];
        List<string> warnings = [];
        foreach (ChainDiagnostic diagnostic in diagnostics)
        {
            if (diagnostic.SplitRHat > LargestRHat)
            {
                warnings.Add(FormattableString.Invariant(
                    $"split R-hat of {diagnostic.Statistic} is {diagnostic.SplitRHat:F3}, above {LargestRHat}: run longer chains"));
            }

            if (moves > 0 && diagnostic.EffectiveSampleSize < SmallestSampleSize)
            {
                string size = diagnostic.EffectiveSampleSize.ToString("F0", CultureInfo.InvariantCulture);
                warnings.Add($"the effective sample size of {diagnostic.Statistic} is {size}, below {SmallestSampleSize}");
            }
        }

        return new GaussianConditionedSample(
            [.. spectra.SelectMany(chain => chain)],
            spectra.Length,
            burnIn,
            thinning,
            moves == 0 ? 1 : 1 - ((double)idle / moves),
            moves == 0 ? 0 : (double)evaluations / moves,
            diagnostics,
            warnings);

        ChainDiagnostic Diagnose(string name, Func<Spectrum, double> statistic) =>
            ChainDiagnostic.Of(name, [.. spectra.Select(chain => chain.Select(statistic).ToArray())]);
    }

    private static double SumOfLogs(Spectrum spectrum)
    {
        double sum = 0;
        foreach (double value in spectrum.AsSpan())
        {
            sum += value > 0 ? 2 * Math.Log(value) : 0;
        }

        return sum;
    }

    /// <summary>
    /// A quantity whose mean is d log Z/dr: div V + V . grad log density for the field V_i = y_i (1 - y_i)/S, S = sum y_j (1 - y_j), whose
    /// flow moves the slice of one sum to that of the next and keeps the walls. The poles of the gradient cancel: a pair gives (V_i -
    /// V_j)/(y_i - y_j) = (1 - y_i - y_j)/S.
    /// </summary>
    private static double ForceOn(Spectrum spectrum, double exponent)
    {
        int n = spectrum.Count - 1;
        double sum = 0;
        double squares = 0;
        double total = 0;
        double bent = 0;
        foreach (double value in spectrum.AsSpan()[1..])
        {
            double y = value * value;
            double w = y * (1 - y);
            sum += y;
            total += w;
            squares += 1 - (2 * y);
            bent += w * (1 - (2 * y));
        }

        if (total == 0)
        {
            return 0;
        }

        double divergence = (squares / total) - (bent / (total * total));
        double walls = (exponent * (n - sum)) - sum;
        double pairs = (n - 1) * ((0.5 * n) - sum);
        return divergence + ((walls + pairs) / total);
    }
}
