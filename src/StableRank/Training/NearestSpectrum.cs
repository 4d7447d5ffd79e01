using StableRank.Spectra;

namespace StableRank.Training;

/// <summary>
/// The nearest spectrum of a given stable rank, theory (8.1): z = c (tau, min(tau, s_2), ..., min(tau, s_k)), where tau solves
/// sum_{i&gt;=2} min(1, s_i/tau)^2 = r - 1.
/// </summary>
/// <remarks>
/// If q values are cut (the first always counts as one), tau = sqrt(sum_{i&gt;q} s_i^2 / (r - q)); q is the least number for which
/// s_{q+1} &lt;= tau. Lowering the stable rank gives tau &gt; s_1, since the sum is sr - 1 at tau = s_1: then q = 1. So does raising it up
/// to 1 + sum_{i&gt;=2} (s_i/s_2)^2, where tau reaches s_2.
/// </remarks>
/// <param name="Spectrum">z, non-increasing; its stable rank is r to rounding.</param>
/// <param name="Tau">The cut tau; infinite for r = 1.</param>
/// <param name="Scale">c; 0 for r = 1.</param>
/// <param name="CutCount">q, how many values are set to z_1; at least 1.</param>
/// <param name="Distance">||z - s||, the distance of the matrices in the Frobenius norm.</param>
public sealed record NearestSpectrum(Spectrum Spectrum, double Tau, double Scale, int CutCount, double Distance)
{
    /// <summary>The nearest spectrum to <paramref name="spectrum"/>, in the Euclidean norm, of stable rank r.</summary>
    /// <param name="spectrum">s.</param>
    /// <param name="stableRank">r, from 1 to k.</param>
    /// <param name="keep">The norm that z shares with s.</param>
    /// <exception cref="ArgumentNullException"><paramref name="spectrum"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// r is not a number from 1 to k, or <paramref name="keep"/> none of its enum.
    /// </exception>
    /// <exception cref="ArgumentException">
    /// All values are zero, or r - 1 exceeds the number of s_2, ..., s_k above zero: then there is no single nearest one.
    /// </exception>
    public static NearestSpectrum To(Spectrum spectrum, double stableRank, KeptNorm keep = KeptNorm.Free)
    {
        ArgumentNullException.ThrowIfNull(spectrum);
        ProjectionGuard.RequireStableRank(stableRank, spectrum.Count);
        ProjectionGuard.RequireKeep(keep);
        if (spectrum.SpectralNorm == 0)
        {
            throw new ArgumentException(
                $"All {spectrum.Count} singular values are zero: the zero spectrum has no stable rank.", nameof(spectrum));
        }

        ProjectionGuard.RequireUnique(stableRank, spectrum.NumericalRank(0), 0);

        // over the power of two below s_1, so that squares neither overflow nor vanish
        int exponent = Math.ILogB(spectrum.SpectralNorm);
        double[] values = Array.ConvertAll(spectrum.AsSpan().ToArray(), value => Math.ScaleB(value, -exponent));
        var shape = SpectralCut.Solve(values, stableRank, keep);
        var z = new double[values.Length];
        double squares = 0;
        for (int i = 0; i < z.Length; i++)
        {
            z[i] = i < shape.Count ? shape.Top : Math.Min(shape.Scale * values[i], shape.Top);
            squares += (z[i] - values[i]) * (z[i] - values[i]);
            z[i] = Math.ScaleB(z[i], exponent);
        }

        return new NearestSpectrum(
            Spectrum.FromOrdered(z), Math.ScaleB(shape.Tau, exponent), shape.Scale, shape.Count, Math.ScaleB(Math.Sqrt(squares), exponent));
    }
}
