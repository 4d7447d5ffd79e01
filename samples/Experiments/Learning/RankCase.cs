using StableRank.GradientRank;
using StableRank.Networks;

namespace StableRank.Experiments.Learning;

/// <summary>A network and what it is trained on: one setting of an experiment on gradient ranks.</summary>
/// <param name="Group">Cases of one group are one series of a figure.</param>
/// <param name="Setting">What is varied within the group.</param>
/// <param name="Model">What networks are drawn from.</param>
/// <param name="Data">The samples.</param>
/// <param name="Loss">The loss.</param>
internal sealed record RankCase(string Group, double Setting, Model Model, RankData Data, Loss Loss)
{
    /// <summary>Layers whose hidden ones are of the given widths, Gaussian weights, no biases, the last one linear.</summary>
    public static RankCase Dense(string group, double setting, RankData data, Activation activation, params IReadOnlyList<int> hidden) =>
        new(
            group, setting,
            Networks.Model.Dense(
                [data.Features, .. hidden, data.Features], activation,
                (_, rows, columns) => Ensembles.Ensemble.LeCun(rows, columns), linearOutput: true),
            data, Loss.SquaredError);

    /// <summary>
    /// The bounds on the ranks of the gradients of a batch: of the architecture, the loss, the batch and, but for sequences, whose rank is
    /// that of a batch, the rank of the data.
    /// </summary>
    public GradientRankBounds Bounds(int batch) => GradientRankBound.Of(Model, new RankAssumptions
    {
        Batch = batch,
        DataRank = Model.Layers[0] is ElmanSpecification ? null : Math.Min(Data.Rank, batch),
        Loss = Loss,
    });
}
