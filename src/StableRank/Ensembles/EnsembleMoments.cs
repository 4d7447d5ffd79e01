using MathNet.Numerics;
using StableRank.Spectra;

namespace StableRank.Ensembles;

/// <summary>
/// What an ensemble of m x n matrices W does to a vector x on average; none of it depends on the direction of x. Exact, except where a
/// standard error says otherwise.
/// </summary>
/// <param name="SecondMoment">E||W x||^2 / ||x||^2, theory (4.1).</param>
/// <param name="FourthMoment">E||W x||^4 / ||x||^4, theory (4.2).</param>
/// <param name="LogMoment">E log(||W x||^2 / ||x||^2), natural logarithm, theory (4.3); absolute accuracy 1e-12.</param>
/// <param name="Gain">g = E||W||_F^2 / m = s1^2 r / m, theory (2.4): sigma_w^2 of the i.i.d. ensemble it acts like.</param>
/// <param name="ParticipationRank">
/// E||W||_F^4 / E tr((W^T W)^2): theory (1.2) where the spectrum is fixed, a quotient of means where it is random.
/// </param>
public sealed record EnsembleMoments(
    double SecondMoment, double FourthMoment, double LogMoment, double Gain, double ParticipationRank)
{
    /// <summary>
    /// Draws of the spectrum that fourth moment, log moment and participation rank are averaged over; null where they are exact.
    /// </summary>
    public int? SpectrumDraws { get; init; }

    /// <summary>Standard error of <see cref="FourthMoment"/>; null where it is exact.</summary>
    public double? FourthMomentStandardError { get; init; }

    /// <summary>Standard error of <see cref="LogMoment"/>; null where it is exact.</summary>
    public double? LogMomentStandardError { get; init; }

    /// <summary>The moments of s U diag V^T with Haar factors and these singular values.</summary>
    internal static EnsembleMoments Of(Spectrum spectrum, int rows, int columns)
    {
        double s2 = spectrum.SpectralNorm * spectrum.SpectralNorm;
        double r = spectrum.StableRank;
        double squares = spectrum.SumOfSquaredNormalisedSquares;
        double n = columns;
        return new EnsembleMoments(
            s2 * r / n,
            s2 * s2 * ((r * r) + (2 * squares)) / (n * (n + 2)),
            (2 * Math.Log(spectrum.SpectralNorm)) + ExpectedLog.OfWeightedChiSquare(spectrum.NormalisedSquares())
                - ExpectedLogOfChiSquare(columns),
            s2 * r / rows,
            r * r / squares);
    }

    /// <summary>
    /// The same for a spectrum drawn anew for each matrix: the second moment and the gain of the first draw, which all share, and the
    /// averages of the rest.
    /// </summary>
    internal static EnsembleMoments OverDraws(IReadOnlyList<Spectrum> spectra, int rows, int columns)
    {
        int draws = spectra.Count;
        EnsembleMoments[] all = [.. spectra.Select(spectrum => Of(spectrum, rows, columns))];

        (double fourth, double fourthError) = Mean(all, m => m.FourthMoment);
        (double log, double logError) = Mean(all, m => m.LogMoment);
        (double inverse, _) = Mean(all, m => 1 / m.ParticipationRank);
        return all[0] with
        {
            FourthMoment = fourth,
            LogMoment = log,
            ParticipationRank = 1 / inverse,
            SpectrumDraws = draws,
            FourthMomentStandardError = fourthError,
            LogMomentStandardError = logError,
        };
    }

    /// <summary>The moments of f W, f independent of W with E f^2 = 1 and the given E f^4 and E log f^2.</summary>
    internal EnsembleMoments Scaled(double fourth, double log) => this with
    {
        FourthMoment = FourthMoment * fourth,
        FourthMomentStandardError = FourthMomentStandardError * fourth,
        LogMoment = LogMoment + log,
    };

    /// <summary>E log of a chi-square variable: psi(n/2) + log 2.</summary>
    internal static double ExpectedLogOfChiSquare(double freedom) => SpecialFunctions.DiGamma(freedom / 2) + Constants.Ln2;

    private static (double Mean, double StandardError) Mean(EnsembleMoments[] all, Func<EnsembleMoments, double> value)
    {
        double mean = all.Average(value);
        double sum = all.Sum(m => (value(m) - mean) * (value(m) - mean));
        return (mean, Math.Sqrt(sum / (all.Length - 1) / all.Length));
    }
}
