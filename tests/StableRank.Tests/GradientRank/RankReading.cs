using StableRank.GradientRank;

namespace StableRank.Tests.GradientRank;

/// <summary>A bound beside measured ranks: of the gradient, of it by LAPACK's rule alone, of the layer's inputs and of its signals.</summary>
internal sealed record RankReading(LayerRankBound Bound, int Gradient, int GradientByRule, int Inputs, int Signals);
