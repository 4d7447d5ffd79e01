namespace StableRank.Expressivity;

/// <summary>A curve through random networks.</summary>
/// <param name="Input">The curve itself.</param>
/// <param name="Layers">First layer first.</param>
/// <param name="Step">The distance in t of neighbours in <see cref="CurveLayerEstimate.SelfSimilarity"/>.</param>
/// <param name="Replicates">The number of networks drawn.</param>
/// <param name="Unconverged">In how many of them a tolerance was not met within the greatest number of points.</param>
/// <param name="MeanPoints">Points of the curve sent through a network, on average.</param>
/// <param name="Seed">The seed they were drawn from.</param>
public sealed record CurveRun(
    CurveLayer Input,
    IReadOnlyList<CurveLayerEstimate> Layers,
    double Step,
    int Replicates,
    int Unconverged,
    double MeanPoints,
    ulong Seed);
