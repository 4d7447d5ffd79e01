using StableRank.Spectra;

namespace StableRank.Propagation;

/// <summary>
/// What theory section 4 says, exactly and at any width, of the signal x_l behind layer l of a bias-free, positively homogeneous model,
/// relative to the input x_0. Kept in logarithms, so that thousands of layers neither overflow nor underflow.
/// </summary>
/// <param name="Layer">l, 1 for the first layer.</param>
/// <param name="Rows">n_l.</param>
/// <param name="Columns">n_(l-1).</param>
/// <param name="Factors">What this layer alone contributes.</param>
/// <param name="LogSecondMoment">log E||x_l||^2 - log ||x_0||^2, a signal that died counting as 0: theory (4.1) and (4.4).</param>
/// <param name="LogFourthMoment">log E||x_l||^4 - log ||x_0||^4: theory (4.2) and (4.4).</param>
/// <param name="ExpectedLog">E log(||x_l||^2 / ||x_0||^2), given that x_l is not 0: theory (4.3), extended to leaky ReLU and ReLU.</param>
/// <param name="LogAliveProbability">log P(x_l is not 0): 0 unless a layer below or at l is ReLU.</param>
public sealed record LayerPrediction(
    int Layer,
    int Rows,
    int Columns,
    LayerFactors Factors,
    double LogSecondMoment,
    double LogFourthMoment,
    double ExpectedLog,
    double LogAliveProbability)
{
    /// <summary>
    /// Standard error of <see cref="LogFourthMoment"/>: 0 but for ensembles that draw a spectrum for each matrix, whose moments are
    /// averages over draws. Layers are added as if their errors were of one sign: an upper bound.
    /// </summary>
    public double LogFourthMomentStandardError { get; init; }

    /// <summary>Standard error of <see cref="ExpectedLog"/>, as for the fourth moment.</summary>
    public double ExpectedLogStandardError { get; init; }

    /// <summary>E||x_l||^2 / ||x_0||^2; infinite or 0 where it leaves the range of double.</summary>
    public double SecondMoment => Math.Exp(LogSecondMoment);

    /// <summary>E||x_l||^4 / ||x_0||^4; infinite or 0 where it leaves the range of double.</summary>
    public double FourthMoment => Math.Exp(LogFourthMoment);

    /// <summary>
    /// log(E||J v||^2 / ||v||^2) for a tangent vector v at the input and J the Jacobian of layers 1 to l: theory (4.5), the same factor.
    /// </summary>
    public double LogTangentFactor => LogSecondMoment;

    /// <summary>E||J v||^2 / ||v||^2: theory (4.5).</summary>
    public double TangentFactor => SecondMoment;

    /// <summary>
    /// A bound of E(length of the image of a curve) / (its length), for any curve: the root of (4.5) by Jensen's inequality, E||J v|| &lt;=
    /// sqrt(E||J v||^2) at every point. The mean square speed along the image is exact, (4.5); the expected length is not known in closed
    /// form, and nears this bound as widths and participation ranks grow.
    /// </summary>
    public double LengthFactorBound => Math.Exp(LogTangentFactor / 2);

    /// <summary>P(x_l is not 0).</summary>
    public double AliveProbability => Math.Exp(LogAliveProbability);

    /// <summary>
    /// The variance of ||x_l||^2 over its squared mean. The relative standard error of a sample mean of N independent draws is the root
    /// of this over N.
    /// </summary>
    public double RelativeVariance => ElementaryFunctions.Expm1(LogFourthMoment - 2 * LogSecondMoment);

    /// <summary>The standard deviation of ||x_l||^2 over its mean.</summary>
    public double RelativeStandardDeviation => Math.Sqrt(Math.Max(0, RelativeVariance));

    /// <summary>
    /// log of the mean less mean of the log, <see cref="LogSecondMoment"/> - <see cref="ExpectedLog"/>: how far a typical network lies
    /// below the average one, theory (4.6). The mean of the log is over signals that are alive, the log of the mean over all.
    /// </summary>
    public double TypicalGap => LogSecondMoment - ExpectedLog;
}
