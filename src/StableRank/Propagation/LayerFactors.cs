namespace StableRank.Propagation;

/// <summary>
/// What one bias-free layer x' = phi(W x) does to the moments of a signal, exactly and at any width, where W is bi-invariant and
/// phi(z) = z for z &gt; 0, a z elsewhere: theory (4.1) to (4.5) for one layer. Everything is relative to the norm of x.
/// </summary>
/// <param name="SecondMoment">E ||x'||^2 / ||x||^2, and E ||J v||^2 / ||v||^2 for a tangent vector v.</param>
/// <param name="FourthMoment">E ||x'||^4 / ||x||^4.</param>
/// <param name="ExpectedLog">E log(||x'||^2 / ||x||^2), given that x' is not zero.</param>
/// <param name="AliveProbability">The probability that x' is not zero: 1 - 2^-m for ReLU of width m, otherwise 1.</param>
public readonly record struct LayerFactors(double SecondMoment, double FourthMoment, double ExpectedLog, double AliveProbability)
{
    /// <summary>Combines the moments of the linear map W, m x n, with those of the activation.</summary>
    /// <param name="rows">m, the fan-out.</param>
    /// <param name="negativeSlope">a, the slope of phi on the negative side: 1 linear, 0 ReLU.</param>
    /// <param name="linearSecond">E ||W x||^2 / ||x||^2, theory (4.1).</param>
    /// <param name="linearFourth">E ||W x||^4 / ||x||^4, theory (4.2).</param>
    /// <param name="linearLog">E log(||W x||^2 / ||x||^2), theory (4.3).</param>
    public static LayerFactors Of(int rows, double negativeSlope, double linearSecond, double linearFourth, double linearLog) =>
        new(
            SlopeMoments.Second(negativeSlope) * linearSecond,
            SlopeMoments.Fourth(rows, negativeSlope) * linearFourth,
            linearLog + SlopeMoments.ExpectedLog(rows, negativeSlope),
            1 - SlopeMoments.DeathProbability(rows, negativeSlope));

    /// <summary>
    /// The relative variance of ||x'||^2 / ||x||^2, E||x'||^4 / (E||x'||^2)^2 - 1.
    /// </summary>
    public double RelativeVariance => FourthMoment / (SecondMoment * SecondMoment) - 1;
}
