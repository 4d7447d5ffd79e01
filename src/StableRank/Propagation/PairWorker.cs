using System.Numerics;
using StableRank.Networks;

namespace StableRank.Propagation;

/// <summary>
/// Measures lengths and correlations of pre-activations, for pairs of inputs in neighbouring columns, and the growth of tangent vectors
/// from layer to layer.
/// </summary>
internal sealed class PairWorker<T>(Model model, T[] inputs, int batch, PairTable table) : ReplicateWorker<T>(model, inputs, batch)
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly double[] _lengthsA = new double[batch / 2];
    private readonly double[] _lengthsB = new double[batch / 2];
    private readonly double[] _before = new double[batch];

    protected override void RecordPreActivations(int replicate, int l, ReadOnlySpan<T> h)
    {
        var rows = Model.Layers[l].OutputSize;
        var index = table.Index(replicate, l);
        var (sum, count) = (0.0, 0);
        for (var j = 0; j < Batch; j += 2)
        {
            var a = h.Slice(j * rows, rows);
            var b = h.Slice((j + 1) * rows, rows);
            _lengthsA[j / 2] = ColumnNorms.LogSquared(a) + SignalOffset(j) - Math.Log(rows);
            _lengthsB[j / 2] = ColumnNorms.LogSquared(b) + SignalOffset(j + 1) - Math.Log(rows);
            var cosine = ColumnNorms.Cosine(a, b);
            if (!double.IsNaN(cosine))
            {
                sum += cosine;
                count++;
            }
        }

        table.LogLengthA[index] = ReplicateStatistics.LogMeanExp(_lengthsA, 1);
        table.LogLengthB[index] = ReplicateStatistics.LogMeanExp(_lengthsB, 1);
        table.CosineSum[index] = sum;
        table.CosineCount[index] = count;
    }

    protected override void Record(int replicate, int l)
    {
        var layer = Model.Layers[l];
        var perNeuron = Math.Log((double)layer.InputSize / layer.OutputSize);
        var index = table.Index(replicate, l);
        var (sum, count) = (0.0, 0);
        for (var j = 0; j < Batch; j++)
        {
            var before = l == 0 ? 0 : _before[j];
            if (!double.IsNegativeInfinity(before))
            {
                sum += Math.Exp(TangentLogs[j] - before + perNeuron);
                count++;
            }

            _before[j] = TangentLogs[j];
        }

        table.SlopeSum[index] = sum;
        table.SlopeCount[index] = count;
    }
}
