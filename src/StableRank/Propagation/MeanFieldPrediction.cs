namespace StableRank.Propagation;

/// <summary>What mean-field theory says of a model.</summary>
/// <param name="Layers">First layer first.</param>
/// <param name="Warnings">Where the limit is far from the model's widths and ranks; empty where all is well.</param>
public sealed record MeanFieldPrediction(IReadOnlyList<MeanFieldLayer> Layers, IReadOnlyList<string> Warnings);
