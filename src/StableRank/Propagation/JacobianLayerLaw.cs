using StableRank.Ensembles;
using StableRank.Networks;
using StableRank.Spectra;

namespace StableRank.Propagation;

/// <summary>
/// What one layer x' = phi(W x + b) brings to the law of a Jacobian D_L W_L ... D_1 W_1: the squared singular values of W, m x n, and the
/// law of phi'(h)^2, the squared diagonal of D. In between, directions are taken to be in general position (free).
/// </summary>
public sealed class JacobianLayerLaw
{
    /// <summary>
    /// The step of the quadrature that stands for phi'(sqrt q z)^2: some 600 nodes, of which an even phi' leaves half.
    /// </summary>
    private const double SlopeStep = 0.01;

    /// <summary>Weights below this share of the whole are left out: their sum is far below rounding.</summary>
    private const double NegligibleShare = 1e-20;

    private JacobianLayerLaw(int rows, int columns, DiscreteLaw? weights, double variance, DiscreteLaw slopes)
    {
        (Rows, Columns, Weights, Variance, Slopes) = (rows, columns, weights, variance, slopes);
        if (!double.IsFinite(slopes.LogScale))
        {
            throw new ArithmeticException(
                $"The greatest |phi'| of a {rows} x {columns} layer is {Math.Exp(slopes.LogScale / 2)}; expected a positive finite number, "
                + "without which the Jacobian is 0 or has no law.");
        }
    }

    /// <summary>m, the fan-out.</summary>
    public int Rows { get; }

    /// <summary>n, the fan-in.</summary>
    public int Columns { get; }

    /// <summary>The squared singular values of W above 0; null for independent Gaussian entries, whose S-transform is closed.</summary>
    internal DiscreteLaw? Weights { get; }

    /// <summary>The variance of the entries where <see cref="Weights"/> is null.</summary>
    internal double Variance { get; }

    /// <summary>The law of phi'^2, of total weight m less its zeros.</summary>
    internal DiscreteLaw Slopes { get; }

    /// <summary>Whether <see cref="Slopes"/> are the nodes of a quadrature for a law that reaches down to 0.</summary>
    internal bool IsSmooth { get; private init; }

    /// <summary>1/p(W).</summary>
    internal double InverseParticipationRank => Weights?.InverseParticipationRank ?? 1.0 / Rows + 1.0 / Columns;

    /// <summary>
    /// The law of a layer of an ensemble: its own spectrum (of a family that draws one for each matrix a typical one: quantiles of theory
    /// (3.3) for gaussian-conditioned, root mean square order statistics of 64 draws for others), equal values for an orthogonal one, the
    /// Marchenko-Pastur law for a Gaussian one.
    /// </summary>
    /// <param name="ensemble">The ensemble of W.</param>
    /// <param name="activation">phi.</param>
    /// <param name="length">q, the variance of the pre-activations at which phi' is taken; not negative.</param>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative or not finite.</exception>
    /// <exception cref="ArithmeticException">phi' vanishes or exceeds the range of double.</exception>
    public static JacobianLayerLaw Of(Ensemble ensemble, Activation activation, double length)
    {
        ArgumentNullException.ThrowIfNull(ensemble);
        var (rows, columns) = (ensemble.Rows, ensemble.Columns);
        var slopes = SlopesOf(rows, activation, length, out var smooth);
        return ensemble switch
        {
            GaussianEnsemble gaussian => new(rows, columns, null, gaussian.Variance, slopes) { IsSmooth = smooth },
            OrthogonalEnsemble orthogonal => new(
                rows, columns, DiscreteLaw.OfSquares([orthogonal.SpectralNorm], _ => Math.Min(rows, columns)), 0, slopes)
            {
                IsSmooth = smooth,
            },
            StableRankEnsemble given => Of(given.Typical(), rows, columns, slopes, smooth),
            _ => throw new NotSupportedException($"The spectrum of the ensemble '{ensemble}' is not known."),
        };
    }

    /// <summary>The law of a layer whose singular values are known: a trained one's, for example.</summary>
    /// <param name="spectrum">The singular values of W, at most min(m, n) of them; missing ones are 0.</param>
    /// <param name="rows">m.</param>
    /// <param name="columns">n.</param>
    /// <param name="activation">phi.</param>
    /// <param name="length">q, the variance of the pre-activations.</param>
    /// <exception cref="ArgumentException">More values than min(m, n), or all are 0.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 1, or the length is negative or not finite.</exception>
    public static JacobianLayerLaw Of(Spectrum spectrum, int rows, int columns, Activation activation, double length) =>
        Of(spectrum, rows, columns, SlopesOf(rows, activation, length, out var smooth), smooth);

    /// <summary>The same with the slopes phi'(h_i) that the layer's m neurons have at one input, or at several.</summary>
    /// <param name="spectrum">The singular values of W.</param>
    /// <param name="rows">m.</param>
    /// <param name="columns">n.</param>
    /// <param name="slopes">phi'(h_i), a multiple of m numbers.</param>
    /// <exception cref="ArgumentException">
    /// More values than min(m, n), or all are 0; the slopes are no multiple of m or not finite.
    /// </exception>
    /// <exception cref="ArithmeticException">All slopes are 0.</exception>
    public static JacobianLayerLaw Of(Spectrum spectrum, int rows, int columns, ReadOnlySpan<double> slopes)
    {
        if (slopes.Length == 0 || slopes.Length % rows != 0)
        {
            throw new ArgumentException($"There are {slopes.Length} slopes; expected {rows}, or a multiple of it.", nameof(slopes));
        }

        for (var i = 0; i < slopes.Length; i++)
        {
            if (!double.IsFinite(slopes[i]))
            {
                throw new ArgumentException($"Slope {i} is {slopes[i]}; expected finite numbers.", nameof(slopes));
            }
        }

        var weight = (double)rows / slopes.Length;
        return Of(spectrum, rows, columns, DiscreteLaw.OfSquares(slopes, _ => weight), false);
    }

    private static JacobianLayerLaw Of(Spectrum spectrum, int rows, int columns, DiscreteLaw slopes, bool smooth)
    {
        ArgumentNullException.ThrowIfNull(spectrum);
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        if (spectrum.Count > Math.Min(rows, columns) || spectrum.SpectralNorm == 0)
        {
            throw new ArgumentException(
                $"The spectrum has {spectrum.Count} values, the greatest {spectrum.SpectralNorm}; expected at most "
                + $"{Math.Min(rows, columns)} for {rows} x {columns}, not all 0.",
                nameof(spectrum));
        }

        return new JacobianLayerLaw(rows, columns, DiscreteLaw.OfSquares(spectrum.AsSpan(), _ => 1), 0, slopes) { IsSmooth = smooth };
    }

    private static DiscreteLaw SlopesOf(int rows, Activation activation, double length, out bool smooth)
    {
        ArgumentNullException.ThrowIfNull(activation);
        if (!double.IsFinite(length) || length < 0)
        {
            throw new ArgumentOutOfRangeException(
                nameof(length), length, $"The length is {length}; expected a finite number of at least 0.");
        }

        smooth = !activation.IsPiecewiseLinear(out var negative);
        if (!smooth)
        {
            return DiscreteLaw.OfSquares([1, negative], _ => rows / 2.0);
        }

        var (nodes, weights) = GaussianQuadrature.Rule(length, SlopeStep);
        var slopes = new double[nodes.Length];
        activation.Derivative<double>(nodes, slopes);
        return DiscreteLaw.OfSquares(slopes, i => weights[i] < NegligibleShare ? 0 : rows * weights[i]);
    }
}
