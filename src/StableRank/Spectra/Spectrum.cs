using System.Collections;
using System.Globalization;
using System.Runtime.InteropServices;
using MathNet.Numerics.LinearAlgebra;
using StableRank.LinearAlgebra;

namespace StableRank.Spectra;

/// <summary>
/// The singular values s1 &gt;= s2 &gt;= ... &gt;= sk &gt;= 0 of an m x n matrix, k = min(m, n): immutable, finite, in non-increasing order
/// (index 0 holds s1), with the norms and the ranks of theory (1.1) to (1.5) that depend on them alone.
/// </summary>
/// <remarks>
/// Every rank is the same for c s as for s. All sums run over values divided by s1 or by a power of two near it, so values of 1e-200 and
/// of 1e200 neither overflow nor vanish. A property takes O(k) time on every call. Two spectra are equal when all their values are.
/// </remarks>
public sealed partial class Spectrum : IReadOnlyList<double>, IEquatable<Spectrum>
{
    private readonly double[] _values;

    private Spectrum(double[] ordered) => _values = ordered;

    /// <summary>k, the number of singular values, zeros included; at least 1.</summary>
    public int Count => _values.Length;

    /// <summary>The singular value of that index, counted from 0 for the greatest.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The index is below 0, or k and above.</exception>
    public double this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
            return _values[index];
        }
    }

    /// <summary>||W||_2 = s1.</summary>
    public double SpectralNorm => _values[0];

    /// <summary>||W||_F = sqrt(sum s_i^2); infinite only where the norm itself exceeds the greatest double.</summary>
    public double FrobeniusNorm => Math.ScaleB(Math.Sqrt(CompensatedSum.OfSquares(ScaledToBinade()).Value), Exponent);

    /// <summary>||W||_* = sum s_i; infinite only where the norm itself exceeds the greatest double.</summary>
    public double NuclearNorm => Math.ScaleB(Sum(ScaledToBinade()), Exponent);

    /// <summary>The spectrum of those singular values, which may come in any order.</summary>
    /// <param name="values">At least one value; each finite and not negative.</param>
    /// <exception cref="ArgumentException">
    /// No value, or one that is NaN, infinite or negative: the message names its index and value.
    /// </exception>
    public static Spectrum FromSingularValues(params ReadOnlySpan<double> values) => FromOwned(values.ToArray());

    /// <inheritdoc cref="FromSingularValues(ReadOnlySpan{double})"/>
    /// <exception cref="ArgumentNullException"><paramref name="values"/> is null.</exception>
    public static Spectrum FromSingularValues(IEnumerable<double> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return FromOwned([.. values]);
    }

    /// <summary>The singular values of a matrix, computed in the matrix's own precision without singular vectors.</summary>
    /// <param name="matrix">m x n, of double or float; not changed.</param>
    /// <returns>min(m, n) values.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="matrix"/> is null.</exception>
    /// <exception cref="ArgumentException">An entry is NaN or infinite: the message names its row, column and value.</exception>
    /// <exception cref="NotSupportedException"><typeparamref name="T"/> is neither double nor float.</exception>
    public static Spectrum Of<T>(Matrix<T> matrix)
        where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(matrix);
        MatrixGuard.RequireFinite(matrix, nameof(matrix));
        T[] values = SingularValues.Of(matrix);
        return FromOwned(Array.ConvertAll(values, double.CreateChecked));
    }

    /// <summary>The values in non-increasing order, without a copy.</summary>
    public ReadOnlySpan<double> AsSpan() => _values;

    /// <summary>y_i = (s_i / s1)^2 in non-increasing order; y_1 = 1 exactly. They sum to the stable rank.</summary>
    /// <returns>A new array of k values.</returns>
    /// <exception cref="InvalidOperationException">All values are zero.</exception>
    public double[] NormalisedSquares()
    {
        RequireNonzero("no normalised squares");
        double top = _values[0];
        return Array.ConvertAll(_values, value => value / top * (value / top));
    }

    /// <summary>Every value times <paramref name="factor"/>.</summary>
    /// <param name="factor">Finite and not negative; 0 gives the zero spectrum.</param>
    /// <exception cref="ArgumentOutOfRangeException">The factor is NaN, infinite or negative.</exception>
    /// <exception cref="ArgumentException">A product exceeds the greatest double.</exception>
    public Spectrum Scaled(double factor)
    {
        if (!double.IsFinite(factor) || factor < 0)
        {
            throw new ArgumentOutOfRangeException(
                nameof(factor), factor, $"The factor must be finite and not negative, but is {Text(factor)}.");
        }

        return FromOwned(Array.ConvertAll(_values, value => value * factor));
    }

    /// <summary>The multiple of this spectrum whose spectral norm is <paramref name="spectralNorm"/>, exactly.</summary>
    /// <param name="spectralNorm">Finite and above 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The norm is NaN, infinite, zero or negative.</exception>
    /// <exception cref="InvalidOperationException">All values are zero.</exception>
    public Spectrum WithSpectralNorm(double spectralNorm)
    {
        RequireNorm(spectralNorm, nameof(spectralNorm));
        RequireNonzero("no multiple of a given norm");
        double top = _values[0];
        return new Spectrum(Array.ConvertAll(_values, value => value / top * spectralNorm));
    }

    /// <summary>The multiple of this spectrum whose Frobenius norm is <paramref name="frobeniusNorm"/>, to a few ulps.</summary>
    /// <param name="frobeniusNorm">Finite and above 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The norm is NaN, infinite, zero or negative.</exception>
    /// <exception cref="InvalidOperationException">All values are zero.</exception>
    public Spectrum WithFrobeniusNorm(double frobeniusNorm)
    {
        RequireNorm(frobeniusNorm, nameof(frobeniusNorm));
        return WithSpectralNorm(frobeniusNorm / Math.Sqrt(StableRank));
    }

    /// <inheritdoc/>
    public IEnumerator<double> GetEnumerator() => ((IEnumerable<double>)_values).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Whether all values are equal, bit for bit.</summary>
    public bool Equals(Spectrum? other) => other is not null && AsSpan().SequenceEqual(other.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Spectrum);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(MemoryMarshal.AsBytes(_values.AsSpan()));
        return hash.ToHashCode();
    }

    /// <summary>Whether all values are equal.</summary>
    public static bool operator ==(Spectrum? left, Spectrum? right) => left is null ? right is null : left.Equals(right);

    /// <summary>Whether some value differs.</summary>
    public static bool operator !=(Spectrum? left, Spectrum? right) => !(left == right);

    /// <summary>The count, the stable rank and the first and last values, in one line and in the invariant culture.</summary>
    public override string ToString()
    {
        const int shown = 4;
        string rank = _values[0] > 0 ? $"stable rank {StableRank.ToString("G6", CultureInfo.InvariantCulture)}" : "all zero";
        IEnumerable<string> head = _values.Take(Count <= shown + 1 ? Count : shown).Select(Text);
        string tail = Count <= shown + 1 ? "" : $", ..., {Text(_values[^1])}";
        return $"{Count} singular value{(Count == 1 ? "" : "s")}, {rank}: {string.Join(", ", head)}{tail}";

        static string Text(double value) => value.ToString("G6", CultureInfo.InvariantCulture);
    }

    /// <summary>Wraps values that are known to be finite, non-negative and in order; the array is not copied.</summary>
    internal static Spectrum FromOrdered(double[] values) => new(values);

    private static Spectrum FromOwned(double[] values)
    {
        if (values.Length == 0)
        {
            throw new ArgumentException("A spectrum holds at least one singular value, but none was given.", nameof(values));
        }

        bool ordered = true;
        for (int i = 0; i < values.Length; i++)
        {
            double value = values[i];
            if (!double.IsFinite(value) || value < 0)
            {
                throw new ArgumentException(
                    $"A singular value must be finite and not negative, but the one at index {i} is {Text(value)}.", nameof(values));
            }

            values[i] = value + 0.0;        // -0 becomes 0
            ordered &= i == 0 || values[i - 1] >= value;
        }

        if (!ordered)
        {
            Array.Sort(values);
            Array.Reverse(values);
        }

        return new Spectrum(values);
    }

    private static void RequireNorm(double norm, string name)
    {
        if (!double.IsFinite(norm) || norm <= 0)
        {
            throw new ArgumentOutOfRangeException(name, norm, $"The norm must be finite and above 0, but is {Text(norm)}.");
        }
    }

    private static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
