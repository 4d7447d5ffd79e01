using System.Numerics;
using System.Numerics.Tensors;
using MathNet.Numerics.LinearAlgebra;
using StableRank.Replication;

namespace StableRank.Kernels;

/// <summary>
/// Mean and spread of kernels that come one a replicate from several threads, taken in the order of the replicates (Welford 1962), so that
/// the sums do not depend on who was first. What comes early waits: as many kernels as <see cref="NetworkReplicates"/> lets be ahead.
/// </summary>
internal sealed class KernelAverage(int rows, int columns)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<int, double[]> _waiting = [];
    private readonly double[] _mean = new double[rows * columns];
    private readonly double[] _squares = new double[rows * columns];
    private readonly double[] _before = new double[rows * columns];
    private int _count;

    public void Add<T>(int replicate, Matrix<T> kernel)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var values = new double[_mean.Length];
        TensorPrimitives.ConvertChecked<T, double>(kernel.AsColumnMajorArray() ?? kernel.ToColumnMajorArray(), values);
        lock (_gate)
        {
            _waiting.Add(replicate, values);
            while (_waiting.Remove(_count, out var next))
            {
                Take(next);
            }
        }
    }

    public KernelEstimate Estimate()
    {
        var errors = new double[_mean.Length];
        for (var i = 0; i < errors.Length; i++)
        {
            errors[i] = Math.Sqrt(_squares[i] / (_count - 1.0) / _count);
        }

        return new(Matrix<double>.Build.Dense(rows, columns, _mean), Matrix<double>.Build.Dense(rows, columns, errors), _count);
    }

    private void Take(double[] values)
    {
        _count++;

        // before = x - old mean; mean += before / n; squares += before (x - new mean)
        TensorPrimitives.Subtract(values, _mean, _before);
        TensorPrimitives.MultiplyAdd(_before, 1.0 / _count, _mean, _mean);
        TensorPrimitives.Subtract(values, _mean, values);
        TensorPrimitives.MultiplyAdd(_before, values, _squares, _squares);
    }
}
