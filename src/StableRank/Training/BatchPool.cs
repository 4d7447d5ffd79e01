using System.Numerics;
using StableRank.Networks;

namespace StableRank.Training;

/// <summary>The rooms for the few batch sizes of a run, made at their first use; and what a whole data set costs.</summary>
internal sealed class BatchPool<T>(Network<T> network, Loss loss)
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly List<Batch<T>> _batches = [];

    public Batch<T> Of(int size)
    {
        for (var i = 0; i < _batches.Count; i++)
        {
            if (_batches[i].Size == size)
            {
                return _batches[i];
            }
        }

        var batch = new Batch<T>(network, loss, size);
        _batches.Add(batch);
        return batch;
    }

    /// <summary>The mean loss over a data set and, with labels, the share of samples that come out right.</summary>
    public (double Loss, double? Accuracy) Evaluate(TrainingData<T> data, int batchSize)
    {
        var indices = Enumerable.Range(0, data.Count).ToArray();
        var (loss, correct) = (0.0, 0L);
        for (var start = 0; start < data.Count; start += batchSize)
        {
            var batch = Of(Math.Min(batchSize, data.Count - start));
            batch.Gather(data, indices.AsSpan(start, batch.Size));
            loss += batch.RunForward() * batch.Size;
            correct += batch.CountCorrect();
        }

        return (loss / data.Count, data.LabelArray is null ? null : (double)correct / data.Count);
    }
}
