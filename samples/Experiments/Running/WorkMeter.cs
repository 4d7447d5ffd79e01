namespace StableRank.Experiments.Running;

/// <summary>Counts work done, from several threads, and reports its share of the whole.</summary>
/// <param name="context">Takes the reports, and says when to stop.</param>
/// <param name="total">The whole, in any unit.</param>
internal sealed class WorkMeter(ExperimentContext context, double total)
{
    private readonly Lock _gate = new();
    private double _done;

    /// <summary>Cancelled when the user has had enough.</summary>
    public CancellationToken Cancellation => context.Cancellation;

    /// <summary>Adds to what is done, in the unit of the whole.</summary>
    public void Done(double amount)
    {
        lock (_gate)
        {
            _done += amount;
            context.Progress.Report(Math.Min(1, _done / total));
        }
    }
}
