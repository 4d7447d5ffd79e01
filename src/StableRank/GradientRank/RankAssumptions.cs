using StableRank.Networks;

namespace StableRank.GradientRank;

/// <summary>
/// What is known of a batch, the weights and the loss before a step is trained. Ranks left out are taken to be as great as shapes allow; a
/// rank that is given must be an upper bound of the true one for the result to be one.
/// </summary>
public sealed record RankAssumptions
{
    /// <summary>N: the samples of a batch, at least 1.</summary>
    public required int Batch { get; init; }

    /// <summary>Rank of the inputs X, n_0 x N, or of a data set that they are drawn from; null: min(n_0, N).</summary>
    public int? DataRank { get; init; }

    /// <summary>
    /// Where the first layer is recurrent or a convolution: rank of every X_t, the features of one time step (the channels of one pixel)
    /// x N; null: as great as <see cref="DataRank"/> and its shape allow.
    /// </summary>
    public int? StepDataRank { get; init; }

    /// <summary>
    /// Where the first layer is recurrent or a convolution: rank of all X_t side by side, features of a step (channels) x (steps N), for
    /// example 16 where every step was embedded by one 128 x 16 matrix; null: as great as the others allow.
    /// </summary>
    public int? JoinedDataRank { get; init; }

    /// <summary>
    /// Ranks of weight matrices by the parameter's name ("0.weight", "rnn.weight_hh_l0"); null or absent: full. For a convolution, of the
    /// kernel as out x (in k k).
    /// </summary>
    public IReadOnlyDictionary<string, int>? WeightRanks { get; init; }

    /// <summary>
    /// The loss; null: any. The softmax cross-entropy takes one off the rank at the outputs, as every column of its gradient sums to zero.
    /// </summary>
    public Loss? Loss { get; init; }

    /// <summary>Rank of the gradient at the outputs dL/dA_L, n_L x N, where more is known of it.</summary>
    public int? LossRank { get; init; }

    /// <summary>Where the last layer is recurrent: the loss reads the last so many time steps only; null: all.</summary>
    public int? LossSteps { get; init; }

    /// <exception cref="ArgumentException">A number is out of its range or does not fit the network; the message says which.</exception>
    internal void Require(IReadOnlyList<LayerOutline> layers)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Batch, 1);
        RequireRank(DataRank, nameof(DataRank), layers[0].InputSize);
        RequireRank(LossRank, nameof(LossRank), layers[^1].OutputSize);
        if ((StepDataRank ?? JoinedDataRank) is not null && layers[0].Kind is not (LayerKind.Elman or LayerKind.Convolution))
        {
            throw new ArgumentException(
                "StepDataRank and JoinedDataRank are given; expected a first layer that is recurrent or a convolution.");
        }

        RequireRank(StepDataRank, nameof(StepDataRank), layers[0].InputFeatures);
        RequireRank(JoinedDataRank, nameof(JoinedDataRank), layers[0].InputFeatures);
        if (LossSteps is { } steps && (layers[^1].Kind != LayerKind.Elman || steps < 1 || steps > layers[^1].Places))
        {
            throw new ArgumentException(
                $"LossSteps is {steps}; expected "
                + (layers[^1].Kind == LayerKind.Elman ? $"1 to {layers[^1].Places}, the time steps."
                    : "null: the last layer is not recurrent."));
        }

        foreach (var (name, rank) in WeightRanks ?? new Dictionary<string, int>())
        {
            var weights = layers.SelectMany(layer => layer.Weights).ToList();
            var weight = weights.FirstOrDefault(candidate => candidate.Name == name)
                ?? throw new ArgumentException(
                    $"WeightRanks names '{name}'; expected one of {string.Join(", ", weights.Select(candidate => candidate.Name))}.");
            RequireRank(rank, $"The rank of {name}", Math.Min(weight.Rows, weight.Columns));
        }
    }

    /// <summary>More than the batch is no fault: the rank may be that of a whole data set.</summary>
    private static void RequireRank(int? rank, string what, int greatest)
    {
        if (rank is { } value && (value < 0 || value > greatest))
        {
            throw new ArgumentException($"{what} is {value}; expected 0 to {greatest}.");
        }
    }
}
