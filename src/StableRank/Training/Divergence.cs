namespace StableRank.Training;

/// <summary>Where a run diverged, and to which state the network was taken back.</summary>
/// <param name="Step">
/// Steps completed when it was seen. For a loss or a gradient that is the failing step's number, counted from 0; weights are looked at
/// with every copy, checkpoint and epoch, and the validation loss after each epoch.
/// </param>
/// <param name="Epoch">The epoch of that step, the first being 1.</param>
/// <param name="Layer">
/// The layer, the first being 1: for a loss the lowest whose pre-activations are not finite, the last where all are; for gradients, which
/// come from above, the highest; for weights the lowest.
/// </param>
/// <param name="Parameter">The parameter concerned, such as "0.weight"; null where the loss is.</param>
/// <param name="Quantity">What was not finite.</param>
/// <param name="Value">Its value, or that of its first entry that is not finite.</param>
/// <param name="LastGoodStep">
/// The steps behind the state that network, optimiser and hooks were restored to: the last copy (every <see
/// cref="TrainingOptions.GoodStateInterval"/> steps) whose loss, gradients and parameters were all finite. -1 where there was none: the
/// state of before the run was restored, which itself fails.
/// </param>
public sealed record Divergence(
    long Step, int Epoch, int Layer, string? Parameter, DivergenceQuantity Quantity, double Value, long LastGoodStep)
{
    /// <summary>One sentence for people.</summary>
    public override string ToString()
    {
        var what = Quantity switch
        {
            DivergenceQuantity.Loss => "the loss",
            DivergenceQuantity.ValidationLoss => "the validation loss",
            DivergenceQuantity.Gradient => $"the gradient of {Parameter}",
            _ => $"{Parameter}",
        };
        var good = LastGoodStep < 0 ? "no state was good; the first was restored" : $"the state after {LastGoodStep} steps was restored";
        return FormattableString.Invariant(
            $"At step {Step} (epoch {Epoch}) {what} became {Value}, first seen in layer {Layer}; {good}.");
    }
}
