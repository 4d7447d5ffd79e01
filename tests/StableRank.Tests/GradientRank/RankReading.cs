using StableRank.GradientRank;

namespace StableRank.Tests.GradientRank;

/// <summary>A bound beside measured ranks: of the gradient, by LAPACK's rule alone too, of inputs and of signals.</summary>
internal sealed record RankReading(LayerRankBound Bound, int Gradient, int GradientByRule, int Inputs, int Signals);
