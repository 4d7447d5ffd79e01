using StableRank.Spectra;

namespace StableRank.Ensembles;

/// <summary>
/// What theory (4.9) takes of a bi-invariant m x n layer W: of t1 = tr W^T W and t2 = tr (W^T W)^2 the means E t1, E t1^2, E t2, in a form
/// that no scale takes out of range.
/// </summary>
public sealed record ProductLayer
{
    private ProductLayer(
        int rows, int columns, double logTrace, double squaredTrace, double traceOfSquare, double relativeStandardError = 0)
    {
        if (!double.IsFinite(logTrace) || !double.IsFinite(squaredTrace) || !double.IsFinite(traceOfSquare))
        {
            throw new ArithmeticException(
                $"The moments of the {rows} x {columns} layer leave the range of double; give its spectrum, whose scale may be any.");
        }

        (Rows, Columns) = (rows, columns);
        (LogTrace, SquaredTrace, TraceOfSquare) = (logTrace, squaredTrace, traceOfSquare);
        RelativeStandardError = relativeStandardError;
    }

    /// <summary>m.</summary>
    public int Rows { get; }

    /// <summary>n.</summary>
    public int Columns { get; }

    /// <summary>log E t1 = log E||W||_F^2.</summary>
    public double LogTrace { get; }

    /// <summary>E t1^2 / (E t1)^2: 1 where the spectrum, or its stable rank and scale, are fixed.</summary>
    public double SquaredTrace { get; }

    /// <summary>E t2 / (E t1)^2: 1/p for a fixed spectrum, theory (1.2).</summary>
    public double TraceOfSquare { get; }

    /// <summary>
    /// The relative standard error of E t2 for an ensemble that draws a spectrum for each matrix; 0 where moments are exact.
    /// </summary>
    public double RelativeStandardError { get; }

    /// <summary>U diag(s) V^T with Haar factors and these singular values.</summary>
    /// <param name="rows">m.</param>
    /// <param name="columns">n.</param>
    /// <param name="spectrum">At most min(m, n) values, the missing ones zero; not all zero.</param>
    /// <exception cref="ArgumentException">A size is below 1, there are more values than min(m, n), or all are zero.</exception>
    public static ProductLayer Of(int rows, int columns, Spectrum spectrum)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        ArgumentNullException.ThrowIfNull(spectrum);
        if (spectrum.Count > Math.Min(rows, columns))
        {
            throw new ArgumentException(
                $"The spectrum has {spectrum.Count} values; expected at most {Math.Min(rows, columns)} for {rows} x {columns}.",
                nameof(spectrum));
        }

        if (spectrum.SpectralNorm == 0)
        {
            throw new ArgumentException("All singular values are zero: every product with the layer is zero.", nameof(spectrum));
        }

        return new ProductLayer(
            rows, columns, 2 * Math.Log(spectrum.SpectralNorm) + Math.Log(spectrum.StableRank), 1, 1 / spectrum.ParticipationRank);
    }

    /// <summary>
    /// Any bi-invariant ensemble. With fixed singular values those are used; otherwise the moments E||W x||^2 = E t1 / n and
    /// E||W x||^4 = (E t1^2 + 2 E t2) / (n (n + 2)) and E t1^2 / E t2, the participation rank, which determine the three means (for
    /// Gaussian entries of variance v: E t1^2 = v^2 m n (m n + 2), E t2 = v^2 m n (m + n + 1)).
    /// </summary>
    /// <exception cref="ArithmeticException">The moments of the ensemble leave the range of double.</exception>
    public static ProductLayer Of(Ensemble ensemble)
    {
        ArgumentNullException.ThrowIfNull(ensemble);
        if (ensemble is StableRankEnsemble { Spectrum: { } spectrum })
        {
            return Of(ensemble.Rows, ensemble.Columns, spectrum);
        }

        var moments = ensemble.Moments;
        double n = ensemble.Columns;
        var inverse = 1 / moments.ParticipationRank;
        var squared = moments.FourthMoment / moments.SecondMoment / moments.SecondMoment * ((n + 2) / n) / (1 + 2 * inverse);

        // the error of E||W x||^4 is all that of E t2
        var error = (moments.FourthMomentStandardError ?? 0) / moments.FourthMoment * (1 + 2 * inverse) / (2 * inverse);
        return new ProductLayer(
            ensemble.Rows, ensemble.Columns, Math.Log(n) + Math.Log(moments.SecondMoment), squared, squared * inverse, error);
    }

    /// <summary>
    /// The 2 x 2 matrix of theory (4.9), applied: from the moments of P = M M^T those of P' = M S M^T, S = W^T W of order q = n or W W^T of
    /// order q = m, for any M of q columns that is fixed or independent of W.
    /// </summary>
    /// <remarks>
    /// In units of t1 / q: a = q ((q + 1) x1 - 2 x2) / ((q - 1)(q + 2)), b = q (q x2 - x1) / ((q - 1)(q + 2)), with
    /// x1 = <see cref="SquaredTrace"/>, x2 = <see cref="TraceOfSquare"/>. The matrix is a 1 + b K with one K = (0 2; 1 1) for all layers
    /// and orders: these matrices commute, so that it does not matter in which order the layers of a product are taken. For q = 1 both
    /// moments are multiplied by x1.
    /// </remarks>
    /// <param name="side">Which Gram matrix of the layer S is.</param>
    /// <param name="squared">E (tr P)^2 / (E tr P)^2.</param>
    /// <param name="ofSquare">E tr P^2 / (E tr P)^2.</param>
    /// <returns>The same two of P'; E tr P' = E tr P E t1 / q.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The side is none of its enum.</exception>
    public (double Squared, double OfSquare) Transfer(GramSide side, double squared, double ofSquare)
    {
        double q = Order(side);
        var (x1, x2) = (SquaredTrace, TraceOfSquare);
        if (q == 1)
        {
            return (x1 * squared, x1 * ofSquare);
        }

        var common = q / ((q - 1) * (q + 2));
        var a = common * ((q + 1) * x1 - 2 * x2);
        var b = common * (q * x2 - x1);
        var sum = common * (q * x1 + (q - 2) * x2);
        return (a * squared + 2 * b * ofSquare, b * squared + sum * ofSquare);
    }

    /// <summary>The order of that Gram matrix: n or m.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The side is none of its enum.</exception>
    public int Order(GramSide side) => side switch
    {
        GramSide.FanIn => Columns,
        GramSide.FanOut => Rows,
        _ => throw new ArgumentOutOfRangeException(nameof(side), side, "The side is FanIn or FanOut."),
    };
}
