namespace StableRank.Replication;

/// <summary>Counts replicates done on any thread and reports about every hundredth of them, and the last, in increasing order.</summary>
internal sealed class ProgressCounter(int total, IProgress<ReplicationProgress>? progress)
{
    private readonly Lock _gate = new();
    private readonly int _stride = Math.Max(1, total / 100);
    private int _completed;

    public void Completed()
    {
        if (progress is null)
        {
            return;
        }

        lock (_gate)
        {
            _completed++;
            if (_completed % _stride == 0 || _completed == total)
            {
                progress.Report(new ReplicationProgress(_completed, total));
            }
        }
    }
}
