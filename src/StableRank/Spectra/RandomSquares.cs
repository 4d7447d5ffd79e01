namespace StableRank.Spectra;

/// <summary>From squares y_2, ..., y_k in any order to the spectrum 1, sqrt y_2, ... of a prescribed stable rank.</summary>
internal static class RandomSquares
{
    /// <param name="squares">In [0, 1], their sum r - 1 but for rounding; sorted in place.</param>
    /// <param name="stableRank">r.</param>
    public static Spectrum ToSpectrum(Span<double> squares, double stableRank)
    {
        squares.Sort((a, b) => b.CompareTo(a));
        double[] values = new double[squares.Length + 1];
        values[0] = 1;
        for (int i = 0; i < squares.Length; i++)
        {
            values[i + 1] = Math.Sqrt(squares[i]);
        }

        ResidualCorrection.Apply(values, 1, stableRank);
        return Spectrum.FromOrdered(values);
    }
}
