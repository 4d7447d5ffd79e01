namespace StableRank.Tool.Output;

/// <summary>What <c>train</c> tells. Losses are cross-entropies in nats, the mean over samples; accuracies are shares of samples.</summary>
/// <param name="Data">digits, fashion-mnist or the file.</param>
/// <param name="TrainSamples">Samples trained on.</param>
/// <param name="ValidationSamples">Samples measured on after each epoch.</param>
/// <param name="Activation">The activation of every layer but the last, which is linear.</param>
/// <param name="Family">The family of the initial spectra; null where the initial weights are Gaussian.</param>
/// <param name="Scale">The scale convention.</param>
/// <param name="Bias">Whether the layers have biases.</param>
/// <param name="Hold">How stable ranks were held, as given: exact, at-most or penalty:L; null for not at all.</param>
/// <param name="Optimizer">gd, sgd, adam or adamw.</param>
/// <param name="LearningRate">The learning rate that the schedule starts from.</param>
/// <param name="Momentum">Of sgd; null for the others.</param>
/// <param name="Schedule">The schedule, as given.</param>
/// <param name="Batch">Samples of a step.</param>
/// <param name="Dtype">f32 or f64.</param>
/// <param name="Seed">Of the weights, the shuffles and the split.</param>
/// <param name="Backend">managed, openblas or mkl.</param>
/// <param name="Epochs">Complete epochs, those before a resumption included.</param>
/// <param name="Steps">Steps, those before a resumption included; of a diverged run those behind the restored state.</param>
/// <param name="TrainLoss">Of the last complete epoch, each sample as it was met; null before one is complete, as the next three.</param>
/// <param name="TrainAccuracy">Likewise.</param>
/// <param name="ValidationLoss">After the last complete epoch.</param>
/// <param name="ValidationAccuracy">Likewise.</param>
/// <param name="Seconds">What this run took, without reading the data.</param>
/// <param name="Diverged">Where a number ceased to be finite; null where none did.</param>
/// <param name="Weights">The file of the trained weights; null where none was written.</param>
/// <param name="Checkpoint">The folder of the checkpoint; null for none.</param>
/// <param name="Layers">One entry a layer, the first next to the input.</param>
/// <param name="History">One entry a complete epoch.</param>
/// <param name="Notes">What a reader of the numbers must know.</param>
internal sealed record TrainReport(
    string Data, int TrainSamples, int ValidationSamples, string Activation, string? Family, string Scale, bool Bias, string? Hold,
    string Optimizer, double LearningRate, double? Momentum, string Schedule, int Batch, string Dtype, ulong Seed, string Backend,
    int Epochs, long Steps, double? TrainLoss, double? TrainAccuracy, double? ValidationLoss, double? ValidationAccuracy, double Seconds,
    TrainDivergence? Diverged, string? Weights, string? Checkpoint, IReadOnlyList<TrainedLayer> Layers, IReadOnlyList<TrainedEpoch> History,
    IReadOnlyList<string> Notes);

/// <summary>Where a run diverged.</summary>
/// <param name="Step">Steps completed when it was seen.</param>
/// <param name="Layer">The layer, the first being 1.</param>
/// <param name="Message">One sentence.</param>
internal sealed record TrainDivergence(long Step, int Layer, string Message);

/// <summary>One layer's weights.</summary>
/// <param name="Layer">1 for the first.</param>
/// <param name="Name">The weights' name in PyTorch's state dict and in the file.</param>
/// <param name="Rows">m, fan-out.</param>
/// <param name="Columns">n, fan-in.</param>
/// <param name="StableRankBefore">The stable rank of the initial weights, theory (1.1).</param>
/// <param name="StableRankAfter">That of the trained ones (of a diverged run: the restored ones); null where all are zero.</param>
/// <param name="Hold">How its stable rank was held; null where it was free.</param>
internal sealed record TrainedLayer(
    int Layer, string Name, int Rows, int Columns, double? StableRankBefore, double? StableRankAfter, TrainedHold? Hold);

/// <summary>How the stable rank of one layer's weights was held, the steps before a resumption included.</summary>
/// <param name="Rule">exact, at-most or penalty.</param>
/// <param name="StableRank">r.</param>
/// <param name="Weight">L of a penalty; null for the others.</param>
/// <param name="Repairs">Periodic proofs of exact holds that failed and were repaired at once.</param>
/// <param name="GreatestError">
/// The greatest |sr/r - 1| of an exact hold, by its own estimate after each step and by all singular values after each epoch; for at-most
/// the greatest excess over r after an epoch, relative to r; null for a penalty, which holds nothing.
/// </param>
internal sealed record TrainedHold(string Rule, double StableRank, double? Weight, int Repairs, double? GreatestError);

/// <summary>One epoch.</summary>
/// <param name="Epoch">1 for the first.</param>
/// <param name="Steps">Steps since the start.</param>
/// <param name="TrainLoss">The mean over samples, each as it was met.</param>
/// <param name="TrainAccuracy">Likewise.</param>
/// <param name="ValidationLoss">After the epoch.</param>
/// <param name="ValidationAccuracy">Likewise.</param>
internal sealed record TrainedEpoch(
    int Epoch, long Steps, double TrainLoss, double? TrainAccuracy, double? ValidationLoss, double? ValidationAccuracy);
