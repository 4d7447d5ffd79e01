using System.Numerics;
using System.Runtime.CompilerServices;
using MathNet.Numerics.LinearAlgebra;
using StableRank.LinearAlgebra;
using StableRank.Networks;
using StableRank.Spectra;

namespace StableRank.Expressivity;

/// <summary>
/// The singular values of the input-output Jacobian J = D_L W_L ... D_1 W_1 of a dense network at one input, theory (7.3), with the ranks
/// and the measures of dynamical isometry (Saxe, McClelland and Ganguli 2014, arXiv 1312.6120) that follow from them.
/// </summary>
/// <param name="Input">The input, by its column from 0.</param>
/// <param name="Rows">n_L.</param>
/// <param name="Columns">n_0.</param>
/// <param name="Spectrum">The min(n_L, n_0) singular values.</param>
/// <param name="Precision">The network's precision, in which J was formed and decomposed.</param>
public sealed record JacobianSpectrum(int Input, int Rows, int Columns, Spectrum Spectrum, FloatingPrecision Precision)
{
    /// <summary>
    /// A singular value at most this part of s_1 is rounding: max(n_L, n_0) eps, the rule of LAPACK. Rounding within the product of layers
    /// is no greater than a few times that, relative to the product of the layers' norms.
    /// </summary>
    public double RelativeTolerance =>
        Math.Max(Rows, Columns) * (Precision == FloatingPrecision.Double ? Math.ScaleB(1, -52) : Math.ScaleB(1, -23));

    /// <summary>Whether J is 0: a ReLU network that is dead at this input. Such a Jacobian has no ranks.</summary>
    public bool IsZero => Spectrum.SpectralNorm == 0;

    /// <summary>Theory (1.1) of J; null where J is 0.</summary>
    public double? StableRank => IsZero ? null : Spectrum.StableRank;

    /// <summary>Theory (1.2) of J; null where J is 0.</summary>
    public double? ParticipationRank => IsZero ? null : Spectrum.ParticipationRank;

    /// <summary>
    /// The dimension of the image of a neighbourhood of the input: how many singular values exceed <see cref="RelativeTolerance"/> s_1.
    /// </summary>
    public int LocalDimension => DimensionAt(RelativeTolerance);

    /// <summary>
    /// The squared singular values, in decreasing order; one that does not count for <see cref="LocalDimension"/>, being no more than
    /// rounding, is 0.
    /// </summary>
    public IReadOnlyList<double> Squares()
    {
        var count = LocalDimension;
        return [.. Spectrum.Select((value, i) => i < count ? value * value : 0)];
    }

    /// <summary>s_1 over the least singular value: infinite where that is no more than rounding, NaN where J is 0.</summary>
    public double ConditionNumber => IsZero
        ? double.NaN
        : LocalDimension < Spectrum.Count ? double.PositiveInfinity : Spectrum.SpectralNorm / Spectrum[^1];

    /// <summary>s_1 over the least singular value that counts for <see cref="LocalDimension"/>; NaN where J is 0.</summary>
    public double ConditionOnImage => IsZero ? double.NaN : Spectrum.SpectralNorm / Spectrum[LocalDimension - 1];

    /// <summary>
    /// The variance of log s over the singular values that count for <see cref="LocalDimension"/>: 0 for a multiple of an isometry. NaN
    /// where J is 0.
    /// </summary>
    public double LogVariance
    {
        get
        {
            var count = LocalDimension;
            if (count == 0)
            {
                return double.NaN;
            }

            var values = Spectrum.AsSpan()[..count];
            var (mean, sum) = (0.0, 0.0);
            foreach (var value in values)
            {
                mean += Math.Log(value / values[0]) / count;
            }

            foreach (var value in values)
            {
                var deviation = Math.Log(value / values[0]) - mean;
                sum += deviation * deviation;
            }

            return sum / count;
        }
    }

    /// <summary>max |s_i - 1| over all min(n_L, n_0) singular values: 0 for an isometry, at least 1 where a dimension is lost.</summary>
    public double DistanceFromIsometry => Math.Max(Math.Abs(Spectrum.SpectralNorm - 1), Math.Abs(Spectrum[^1] - 1));

    /// <summary>How many singular values exceed <paramref name="relativeTolerance"/> s_1; 0 where J is 0.</summary>
    /// <param name="relativeTolerance">Not negative.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is negative or NaN.</exception>
    public int DimensionAt(double relativeTolerance) => Spectrum.NumericalRank(relativeTolerance * Spectrum.SpectralNorm);

    /// <summary>The spectra of a network at every input of a batch, over the threads of the backend.</summary>
    /// <typeparam name="T">double or float.</typeparam>
    /// <param name="network">A network of dense layers, any activations; at a kink the slope from the left is taken.</param>
    /// <param name="inputs">n_0 x batch, one input a column.</param>
    /// <param name="cancellationToken">Ends the work between two inputs.</param>
    /// <exception cref="ArgumentException">A layer is not dense, or the inputs are none, of other rows or not finite.</exception>
    /// <exception cref="ArithmeticException">A signal or a Jacobian leaves the range of T.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static IReadOnlyList<JacobianSpectrum> Of<T>(
        Network<T> network, Matrix<T> inputs, CancellationToken cancellationToken = default)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(network);
        var columns = CheckedColumns(inputs, network.InputSize);
        var result = new JacobianSpectrum[inputs.ColumnCount];
        _ = new JacobianMeter<T>(network);
        var size = network.Layers.Max(layer => (long)layer.OutputSize * layer.InputSize);
        var split = BatchSplit.OfReplicates(result.Length, size, 2 * size * Unsafe.SizeOf<T>());
        PieceLoop.Run(result.Length, split, cancellationToken, () =>
        {
            var meter = new JacobianMeter<T>(network);
            return j => result[j] = meter.Measure((int)j, columns.AsSpan((int)j * network.InputSize, network.InputSize));
        });
        return result;
    }

    /// <summary>The columns of a batch that was checked.</summary>
    internal static T[] CheckedColumns<T>(Matrix<T> inputs, int rows)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(inputs);
        if (inputs.RowCount != rows)
        {
            throw new ArgumentException(
                $"The inputs are {inputs.RowCount} x {inputs.ColumnCount}; expected {rows} rows, one input a column.", nameof(inputs));
        }

        MatrixGuard.RequireFinite(inputs, nameof(inputs));
        return inputs.AsColumnMajorArray() ?? inputs.ToColumnMajorArray();
    }
}
