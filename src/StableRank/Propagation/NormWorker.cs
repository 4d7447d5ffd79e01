using System.Numerics;
using StableRank.Networks;

namespace StableRank.Propagation;

/// <summary>Measures the norms of signals and of one tangent vector each.</summary>
internal sealed class NormWorker<T>(Model model, T[] inputs, T[]? tangents, int batch, ReplicateTable table)
    : ReplicateWorker<T>(model, inputs, batch, tangents)
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    protected override void Record(int replicate, int l)
    {
        var alive = 0;
        var sum = 0.0;
        foreach (var log in SignalLogs)
        {
            if (!double.IsNegativeInfinity(log))
            {
                alive++;
                sum += log;
            }
        }

        var index = table.Index(replicate, l);
        table.LogSecond[index] = ReplicateStatistics.LogMeanExp(SignalLogs, 1);
        table.LogFourth[index] = ReplicateStatistics.LogMeanExp(SignalLogs, 2);
        table.LogTangent[index] = ReplicateStatistics.LogMeanExp(TangentLogs, 1);
        table.LogSum[index] = sum;
        table.Alive[index] = alive;
    }
}
