namespace StableRank.Benchmarks;

/// <summary>A task that a row of the table times, taken apart.</summary>
/// <param name="Name">The task, as in the table.</param>
/// <param name="Prepare">Makes the inputs; returns the whole task and its parts.</param>
internal sealed record PartsTask(string Name, Func<(Action Whole, PartsTask.Part[] Parts)> Prepare)
{
    /// <summary>One part.</summary>
    /// <param name="Name">What is done.</param>
    /// <param name="Flops">Its operations; null where they are no product.</param>
    /// <param name="Run">Does it once.</param>
    public sealed record Part(string Name, double? Flops, Action Run);
}
