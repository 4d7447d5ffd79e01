using System.Numerics;
using System.Numerics.Tensors;
using StableRank.LinearAlgebra;
using StableRank.Networks;

namespace StableRank.Propagation;

/// <summary>Measures the traces of J J^T and of its square: the tangent vectors of an input are the n_0 unit vectors.</summary>
internal sealed class JacobianWorker<T>(Model model, T[] inputs, int batch, JacobianTable table)
    : ReplicateWorker<T>(model, inputs, batch, Identities(model.InputSize, batch), model.InputSize, RescaleBeyondSquares)
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    // tr P^2 is a fourth power of the norm: 2^(4 * 8) is far inside the range of single precision
    private const double RescaleBeyondSquares = 8;

    private readonly T[] _gram = new T[checked(Order(model) * Order(model))];
    private readonly double[] _squaredLogs = new double[batch];
    private readonly double[] _traces = new double[batch];

    protected override void Record(int replicate, int l)
    {
        var (sum, count) = (0.0, 0);
        for (var j = 0; j < Batch; j++)
        {
            _traces[j] = TangentLogs[j] + Math.Log(Model.InputSize);
            _squaredLogs[j] = double.NegativeInfinity;
            if (!double.IsNegativeInfinity(_traces[j]))
            {
                var inverse = InverseParticipation(Tangents(j, l), Model.Layers[l].OutputSize);
                _squaredLogs[j] = 2 * _traces[j] + Math.Log(inverse);
                sum += inverse;
                count++;
            }
        }

        var index = table.Index(replicate, l);
        table.LogTrace[index] = ReplicateStatistics.LogMeanExp(_traces, 1);
        table.LogSquaredTrace[index] = ReplicateStatistics.LogMeanExp(_traces, 2);
        table.LogTraceOfSquare[index] = ReplicateStatistics.LogMeanExp(_squaredLogs, 1);
        table.InverseSum[index] = sum;
        table.InverseCount[index] = count;
    }

    /// <summary>tr (J J^T)^2 / (tr J J^T)^2, from the smaller of the two Gram matrices.</summary>
    private double InverseParticipation(ReadOnlySpan<T> jacobian, int rows)
    {
        var columns = Model.InputSize;
        var order = Math.Min(rows, columns);
        var gram = _gram.AsSpan(0, order * order);
        Blas.Syrk(
            rows <= columns ? Transpose.No : Transpose.Yes, order, Math.Max(rows, columns), T.One, jacobian, rows, T.Zero, gram, order);
        var trace = 0.0;
        for (var i = 0; i < order; i++)
        {
            trace += double.CreateTruncating(gram[i * (order + 1)]);
        }

        return double.CreateTruncating(TensorPrimitives.SumOfSquares<T>(gram)) / (trace * trace);
    }

    private static int Order(Model model) =>
        model.Layers.Max(layer => Math.Min(layer.OutputSize, model.InputSize));

    private static T[] Identities(int size, int batch)
    {
        var result = new T[checked(size * size * batch)];
        for (var j = 0; j < batch; j++)
        {
            for (var i = 0; i < size; i++)
            {
                result[j * size * size + i * (size + 1)] = T.One;
            }
        }

        return result;
    }
}
