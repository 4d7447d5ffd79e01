using StableRank.Spectra;
using StableRank.Tool.Output;

namespace StableRank.Tool.Commands;

/// <summary>Where stable ranks lie among those of Gaussian matrices of the same shape: z-scores, and phases of theory (3.3).</summary>
internal static class GaussianPlace
{
    /// <summary>The tensors with their places; those without a stable rank as they are. The law of a shape is computed once.</summary>
    /// <exception cref="OperationCanceledException">Cancelled between two shapes.</exception>
    public static IReadOnlyList<MeasuredTensor> AddTo(
        IReadOnlyList<MeasuredTensor> tensors, Action<double> progress, CancellationToken cancellation)
    {
        var placed = tensors.ToArray();
        var shapes = Enumerable.Range(0, placed.Length)
            .Where(i => placed[i].StableRank is not null)
            .GroupBy(i => (Math.Min(placed[i].Rows, placed[i].Cols), Math.Max(placed[i].Rows, placed[i].Cols)))
            .ToList();
        for (var done = 0; done < shapes.Count; done++)
        {
            cancellation.ThrowIfCancellationRequested();
            var (small, large) = shapes[done].Key;
            var law = GaussianStableRankLaw.Of((int)large, (int)small);
            foreach (var i in shapes[done])
            {
                // Rounding may put the stable rank an ulp beyond what matrices have.
                var stableRank = Math.Clamp(placed[i].StableRank!.Value, 1, small);
                placed[i] = placed[i] with
                {
                    GaussianMean = law.Mean,
                    GaussianStandardDeviation = law.StandardDeviation,
                    ZScore = NumberFormat.FiniteOrNull(law.ZScore(stableRank)),
                    Phase = law.Phase(stableRank)?.ToString().ToLowerInvariant(),
                };
            }

            progress((done + 1.0) / shapes.Count);
        }

        return placed;
    }
}
