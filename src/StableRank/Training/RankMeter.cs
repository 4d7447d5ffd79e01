using System.Numerics;
using System.Numerics.Tensors;
using StableRank.LinearAlgebra;
using StableRank.Spectra;

namespace StableRank.Training;

/// <summary>
/// Measures norms and ranks of matrices of one shape, again and again. Works in double whatever the type; keeps its workspace, and the
/// top right vector of one measurement as the start of the next.
/// </summary>
/// <remarks>
/// The cheap route: s = ||W v|| and e = W'u - s v from a Lanczos iteration, ||e|| &lt;= 1e-8 s. That no singular value exceeds s + ||e|| is
/// proved by a Cholesky factorisation of (s + ||e||)^2 I - W'W, so s &lt;= s_1 &lt;= s + ||e|| up to 4 max(m, n) eps s of rounding: that is
/// the bound reported. (What is missing is in truth near ||e||^2/(s - s_2).) The participation rank is (tr W'W)^2 / ||W'W||_F^2 of the same
/// Gram matrix G: |G - fl(G)| is at most max(m, n) eps |W|'|W|, of Frobenius norm at most max(m, n) eps ||W||_F^2, against
/// ||G||_F >= ||W||_F^2/sqrt k. The cost is half a product and a third of one, a tenth to a fifth of singular values alone.
/// </remarks>
public sealed class RankMeter
{
    /// <summary>The residual of the cheap route over s.</summary>
    public const double Tolerance = 1e-8;

    private readonly int _m, _n, _k;
    private readonly double[] _wide, _gram, _work, _values;
    private readonly LanczosBidiagonalisation _top;
    private bool _isWarm;

    /// <summary>A meter for m x n matrices.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 1.</exception>
    public RankMeter(int rows, int columns)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        _m = rows;
        _n = columns;
        _k = Math.Min(rows, columns);
        _wide = new double[checked(rows * columns)];
        _gram = new double[checked(_k * _k)];
        _work = new double[_k * _k];
        _values = new double[_k];
        _top = new LanczosBidiagonalisation(rows, columns);
    }

    /// <summary>Norms and ranks of a matrix.</summary>
    /// <param name="matrix">m x n, column-major, packed, of double or float; not changed.</param>
    /// <param name="detail">The route.</param>
    /// <exception cref="ArgumentException">The span has not m n elements, or one is not finite.</exception>
    /// <exception cref="NotSupportedException">T is neither double nor float.</exception>
    public MatrixRanks Measure<T>(ReadOnlySpan<T> matrix, RankDetail detail = RankDetail.Cheap)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Networks.Precision.Require<T>();
        if (matrix.Length != _m * _n)
        {
            throw new ArgumentException($"The matrix has {matrix.Length} elements; expected {_m} x {_n} = {_m * _n}.", nameof(matrix));
        }

        MatrixGuard.RequireFinite(matrix, _m, _m, nameof(matrix));
        TensorPrimitives.ConvertChecked<T, double>(matrix, _wide);
        double largest = Math.Abs(TensorPrimitives.MaxMagnitude<double>(_wide));
        if (largest == 0)
        {
            _isWarm = false;
            return new MatrixRanks(0, 0, 0, double.NaN, double.NaN, double.NaN, 0, detail);
        }

        int exponent = Math.ILogB(largest);
        for (int i = 0; i < _wide.Length; i++)
        {
            _wide[i] = Math.ScaleB(_wide[i], -exponent);
        }

        return (detail == RankDetail.Cheap ? MeasureCheaply(exponent) : null)
            ?? MeasureExactly(exponent, typeof(T) == typeof(float) ? FloatingPrecision.Single : FloatingPrecision.Double);
    }

    /// <summary>Null where the bound could not be proved.</summary>
    private MatrixRanks? MeasureCheaply(int exponent)
    {
        _top.Run(_wide, _isWarm ? _top.Right : default, Tolerance);
        _isWarm = true;
        double s = _top.Value, error = _top.Residual + 4.0 * Math.Max(_m, _n) * MachineEpsilon.Double * s;
        SpectralCertificate.Gram(_wide, _m, _n, _gram);
        if (!(_top.Residual <= Tolerance * s) || !SpectralCertificate.NormIsBelow(_gram, _k, (s + error) * (s + error), _work))
        {
            // the start has lost the top direction: the next one is fresh
            _isWarm = false;
            return null;
        }

        double squares = RankOneUpdate.SumOfSquares<double>(_wide, _m, _n);
        double fourth = TensorPrimitives.SumOfSquares<double>(_gram);
        double rank = squares / s / s;
        return new MatrixRanks(
            Math.ScaleB(Math.Sqrt(squares), exponent),
            Math.ScaleB(s, exponent),
            Math.ScaleB(error, exponent),
            Math.Clamp(rank, 1, _k),
            Math.Clamp(squares / fourth * squares, 1, _k),
            double.NaN,
            null,
            RankDetail.Cheap);
    }

    private MatrixRanks MeasureExactly(int exponent, FloatingPrecision precision)
    {
        SingularValues.Compute<double>(_m, _n, _wide, _m, _values);
        var spectrum = Spectrum.FromSingularValues(_values);
        return new MatrixRanks(
            Math.ScaleB(spectrum.FrobeniusNorm, exponent),
            Math.ScaleB(spectrum.SpectralNorm, exponent),
            Math.ScaleB(Math.Max(_m, _n) * MachineEpsilon.Double * spectrum.SpectralNorm, exponent),
            spectrum.StableRank,
            spectrum.ParticipationRank,
            spectrum.EffectiveRank,
            spectrum.NumericalRank(_m, _n, NumericalRankRule.Lapack, precision),
            RankDetail.Exact);
    }
}
