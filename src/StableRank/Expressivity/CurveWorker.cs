using System.Numerics;
using StableRank.Networks;
using StableRank.Replication;

namespace StableRank.Expressivity;

/// <summary>Sends a curve through one random network after another.</summary>
internal sealed class CurveWorker<T>(Model model, Curve curve, CurveOptions options, CurveMeasurement[] measured) : IReplicateWorker
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly CurveTracer<T> _tracer = new(curve, options);

    public void Run(ulong seed, int replicate, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        measured[replicate] = _tracer.Trace(model.Sample<T>(seed, (ulong)replicate));
    }
}
