using StableRank.Data;
using StableRank.Replication;
using StableRank.Spectra;
using StableRank.Tool.Output;

namespace StableRank.Tool.Commands;

/// <summary>
/// Measures many tensors. Most go to workers, one for each thread of the linear algebra, each with one tensor at a time and one thread:
/// matrices of 128 to 4096 rows take 1.0 to 2 times as long one after the other with all threads inside each. A tensor that needs more than
/// a worker's share of memory, or that would keep a worker busy for longer than the others have work, is measured by itself with all
/// threads. Results come in the order of the entries.
/// </summary>
internal sealed class MeasureRun
{
    /// <summary>All workers together may hold this part of the machine's memory.</summary>
    private const int MemoryDivisor = 4;

    private readonly IReadOnlyList<TensorEntry> _entries;
    private readonly MeasuredTensor[] _results;
    private readonly int _threads;
    private readonly double _share;
    private readonly double _total;
    private readonly Action<double> _progress;
    private readonly Lock _gate = new();
    private double _done;

    /// <param name="entries">Each has a stable rank.</param>
    /// <param name="threads">Of the linear algebra; so many tensors are in memory at a time, at most.</param>
    /// <param name="memory">Bytes of the machine.</param>
    /// <param name="progress">Gets the fraction done, by cost; called by one thread at a time.</param>
    public MeasureRun(IReadOnlyList<TensorEntry> entries, int threads, double memory, Action<double> progress)
    {
        _entries = entries;
        _results = new MeasuredTensor[entries.Count];
        _threads = threads;
        _share = memory / MemoryDivisor / threads;
        _total = entries.Sum(TensorMeasurement.Cost);
        _progress = progress;
    }

    /// <summary>Whether an entry is measured by itself, with all threads.</summary>
    public bool IsLarge(TensorEntry entry) =>
        TensorMeasurement.Memory(entry) > _share || TensorMeasurement.Cost(entry) > _total / _threads;

    /// <summary>Measures them all.</summary>
    /// <exception cref="OperationCanceledException">Cancelled between two tensors.</exception>
    public IReadOnlyList<MeasuredTensor> Execute(CancellationToken cancellation)
    {
        // The largest first: a reader keeps the memory of its largest, and the last to finish is a small one.
        var order = Enumerable.Range(0, _entries.Count).OrderByDescending(i => TensorMeasurement.Memory(_entries[i])).ToList();
        MeasureLarge(order.Where(i => IsLarge(_entries[i])), cancellation);

        // of no size for the loop, so that each has one thread: what is too large for that was measured before
        var small = order.Where(i => !IsLarge(_entries[i])).ToList();
        ReplicateLoop.Run(
            small.Count, default, () => new SpectrumReader(), (reader, i) => Measure(small[i], reader), _threads,
            cancellationToken: cancellation);
        return _results;
    }

    private void MeasureLarge(IEnumerable<int> large, CancellationToken cancellation)
    {
        var reader = new SpectrumReader();
        foreach (var i in large)
        {
            cancellation.ThrowIfCancellationRequested();
            Measure(i, reader);
        }
    }

    private void Measure(int i, SpectrumReader reader)
    {
        _results[i] = TensorMeasurement.Of(_entries[i], reader);
        lock (_gate)
        {
            _done += TensorMeasurement.Cost(_entries[i]);
            _progress(_done / _total);
        }
    }
}
