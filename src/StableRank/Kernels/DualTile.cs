using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using StableRank.Networks;

namespace StableRank.Kernels;

/// <summary>
/// What an activation does to a column of a kernel: one sample b against a run of samples a. Spans are padded to whole vectors of
/// <see cref="Lanes"/>; what stands in the padding is arbitrary before and after.
/// </summary>
internal abstract class DualTile
{
    /// <summary>The doubles of a vector.</summary>
    public const int Lanes = 8;

    /// <summary>
    /// Correlations nearer to 1 or -1 than this are taken to be 1 or -1: the Gram matrix of equal inputs is that far off by rounding, and
    /// acos would turn it into its square root.
    /// </summary>
    public const double Indistinguishable = 16 * 2.220446049250313e-16;

    /// <summary>
    /// The tile of an activation: vectorised for piecewise-linear ones, erf and GELU; else one pair after the other. Null: the identity.
    /// </summary>
    public static DualTile? Of(Activation activation)
    {
        if (activation.IsPiecewiseLinear(out var slope))
        {
            return slope == 1 ? null : new SlopeTile(slope);
        }

        return activation == Activation.Erf ? new ErfTile()
            : activation == Activation.Gelu ? new GeluTile()
            : new ScalarTile(activation.Dual);
    }

    /// <summary>
    /// Turns the covariances K(a, b) of pre-activations into E phi(u) phi(v), and the tangent kernels Theta(a, b) into
    /// E phi'(u) phi'(v) Theta(a, b).
    /// </summary>
    /// <param name="covariance">K, becomes E phi(u) phi(v).</param>
    /// <param name="tangent">Theta.</param>
    /// <param name="roots">sqrt K(a, a).</param>
    /// <param name="inverses">1/sqrt K(a, a); 0 where that is 0.</param>
    /// <param name="root">sqrt K(b, b).</param>
    /// <param name="inverse">1/sqrt K(b, b); 0 where that is 0.</param>
    /// <param name="count">The samples a; the rest of the spans is padding.</param>
    /// <returns>The greatest estimated error of an expectation; 0 where the closed forms are exact to rounding.</returns>
    public abstract double Apply(
        Span<double> covariance, Span<double> tangent, ReadOnlySpan<double> roots, ReadOnlySpan<double> inverses, double root,
        double inverse, int count);

    /// <summary>The same after the linear half of the layer: covariances and tangent kernels are those of the layer below.</summary>
    /// <param name="step">The linear half.</param>
    /// <param name="covariance">A, becomes E phi(u) phi(v).</param>
    /// <param name="tangent">H.</param>
    /// <param name="roots">sqrt K(a, a).</param>
    /// <param name="inverses">1/sqrt K(a, a); 0 where that is 0.</param>
    /// <param name="root">sqrt K(b, b).</param>
    /// <param name="inverse">1/sqrt K(b, b); 0 where that is 0.</param>
    /// <param name="count">The samples a; the rest of the spans is padding.</param>
    /// <returns>As above.</returns>
    public virtual double Apply(
        in AffineStep step, Span<double> covariance, Span<double> tangent, ReadOnlySpan<double> roots, ReadOnlySpan<double> inverses,
        double root, double inverse, int count)
    {
        step.Apply(covariance, tangent);
        return Apply(covariance, tangent, roots, inverses, root, inverse, count);
    }

    /// <summary>The correlation of a pair, in [-1, 1].</summary>
    public static double Correlation(double covariance, double inverseA, double inverseB)
    {
        var c = covariance * inverseA * inverseB;
        return Math.Abs(c) >= 1 - Indistinguishable ? Math.Sign(c) : c;
    }

    /// <summary>The sign bit and the magnitude, at most 1, of the correlations.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private protected static (Vector512<double> Sign, Vector512<double> Magnitude) Correlation(
        Vector512<double> covariance, Vector512<double> inverseA, Vector512<double> inverseB)
    {
        var c = covariance * inverseA * inverseB;
        var magnitude = Vector512.Abs(c);
        var one = Vector512<double>.One;
        var equal = Vector512.GreaterThanOrEqual(magnitude, Vector512.Create(1 - Indistinguishable));
        return (c & Vector512.Create(-0.0), Vector512.ConditionalSelect(equal, one, magnitude));
    }
}
