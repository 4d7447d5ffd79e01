namespace StableRank.Networks;

/// <summary>E phi(mu + s z), or E phi'(mu + s z), of a standard Gaussian z for many means mu and one deviation s.</summary>
/// <param name="activation">phi.</param>
/// <param name="means">mu.</param>
/// <param name="deviation">s, at least 0.</param>
/// <param name="derivative">phi' instead of phi.</param>
/// <param name="results">As many as means.</param>
internal delegate void ConditionalRule(
    Activation activation, ReadOnlySpan<double> means, double deviation, bool derivative, Span<double> results);
