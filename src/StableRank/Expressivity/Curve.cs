using MathNet.Numerics.LinearAlgebra;
using StableRank.LinearAlgebra;
using StableRank.Randomness;

namespace StableRank.Expressivity;

/// <summary>
/// A curve x(t) in a network's space of inputs, t from <see cref="Start"/> to <see cref="End"/>, with its tangent x'(t): what
/// <see cref="CurveMeasurement"/> sends through networks.
/// </summary>
public abstract class Curve
{
    private protected Curve(int size, double start, double end, bool isClosed, int pieces = 1) =>
        (Size, Start, End, IsClosed, Pieces) = (size, start, end, isClosed, pieces);

    /// <summary>n_0: the entries of a point.</summary>
    public int Size { get; }

    /// <summary>The first parameter.</summary>
    public double Start { get; }

    /// <summary>The last parameter.</summary>
    public double End { get; }

    /// <summary>Whether the last point is the first.</summary>
    public bool IsClosed { get; }

    /// <summary>Smooth pieces, of equal lengths in the parameter; corners lie between them.</summary>
    internal int Pieces { get; }

    /// <summary>x(t) = a + t (b - a), t from 0 to 1.</summary>
    /// <param name="from">a.</param>
    /// <param name="to">b, of the same size, another point.</param>
    /// <exception cref="ArgumentException">Sizes differ, an entry is not finite, or the two points are the same.</exception>
    public static Curve Segment(Vector<double> from, Vector<double> to)
    {
        var (a, b) = (Checked(from, nameof(from)), Checked(to, nameof(to), from.Count));
        return a.AsSpan().SequenceEqual(b)
            ? throw new ArgumentException("The two ends of the segment are the same point.", nameof(to))
            : new SegmentCurve(a, b);
    }

    /// <summary>
    /// The circle about the origin in the plane of two vectors: x(t) = a cos t + u sin t, t from 0 to 2 pi, with u in the plane, orthogonal
    /// to a and of its length, on the side of b. A great circle of the sphere of radius ||a|| (Poole et al. 2016, arXiv 1606.05340).
    /// </summary>
    /// <param name="start">a, not 0.</param>
    /// <param name="towards">b, not parallel to a.</param>
    /// <exception cref="ArgumentException">Sizes differ, an entry is not finite, or the vectors are parallel to rounding.</exception>
    public static Curve GreatCircle(Vector<double> start, Vector<double> towards)
    {
        var (a, b) = (Checked(start, nameof(start)), Checked(towards, nameof(towards), start.Count));
        return new CircleCurve(a, CircleCurve.Orthogonal(a, b));
    }

    /// <summary>A great circle in a uniformly random plane.</summary>
    /// <param name="size">n_0, at least 2.</param>
    /// <param name="meanSquare">||x||^2 / n_0 of its points, positive and finite.</param>
    /// <param name="stream">Where the plane comes from.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is outside its range.</exception>
    public static Curve GreatCircle(int size, double meanSquare, RandomStream stream)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 2);
        ArgumentNullException.ThrowIfNull(stream);
        if (!double.IsFinite(meanSquare) || meanSquare <= 0)
        {
            throw new ArgumentOutOfRangeException(
                nameof(meanSquare), meanSquare, $"The mean square is {meanSquare}; expected a positive finite number.");
        }

        var (a, b) = (new double[size], new double[size]);
        stream.FillGaussian<double>(a);
        stream.FillGaussian<double>(b);
        var norm = Math.Sqrt(CircleCurve.Dot(a, a));
        for (var i = 0; i < size; i++)
        {
            a[i] *= Math.Sqrt(meanSquare * size) / norm;
        }

        return new CircleCurve(a, CircleCurve.Orthogonal(a, b));
    }

    /// <summary>The polygon through the columns of a matrix, t = j at column j. Its corners count as curvature.</summary>
    /// <param name="points">n_0 x (at least 2), a point a column, no two neighbours the same.</param>
    /// <param name="closed">Whether it goes on from the last column to the first, where it ends.</param>
    /// <exception cref="ArgumentException">Fewer than two points, an entry not finite, or two neighbours the same.</exception>
    public static Curve Sampled(Matrix<double> points, bool closed = false)
    {
        MatrixGuard.RequireFinite(points, nameof(points));
        return points.ColumnCount < 2
            ? throw new ArgumentException($"There are {points.ColumnCount} points; expected at least 2, one a column.", nameof(points))
            : new PolygonCurve(points, closed);
    }

    /// <summary>Any curve with a continuous tangent.</summary>
    /// <param name="point">x(t): n_0 finite entries, the same number for every t; callable from several threads.</param>
    /// <param name="tangent">x'(t), likewise; it is not checked against x.</param>
    /// <param name="start">The first t.</param>
    /// <param name="end">The last t, greater than the first.</param>
    /// <param name="closed">Whether the last point is the first.</param>
    /// <exception cref="ArgumentException">The range is empty or not finite, or the functions' sizes or numbers are wrong.</exception>
    public static Curve Parametrised(
        Func<double, Vector<double>> point, Func<double, Vector<double>> tangent, double start, double end, bool closed = false)
    {
        ArgumentNullException.ThrowIfNull(point);
        ArgumentNullException.ThrowIfNull(tangent);
        return double.IsFinite(start) && double.IsFinite(end) && start < end
            ? new ParametrisedCurve(point, tangent, start, end, closed)
            : throw new ArgumentException($"The parameters run from {start} to {end}; expected finite ones, the first below the last.");
    }

    /// <summary>x(t) and x'(t), at a corner that of the piece behind it; nothing is allocated but by a user's functions.</summary>
    internal abstract void Evaluate(double t, Span<double> point, Span<double> tangent);

    private protected static double[] Checked(Vector<double> vector, string name, int? size = null)
    {
        ArgumentNullException.ThrowIfNull(vector, name);
        var values = vector.ToArray();
        if (size is { } expected && values.Length != expected)
        {
            throw new ArgumentException($"The vector {name} has {values.Length} entries; expected {expected}.", name);
        }

        var bad = Array.FindIndex(values, value => !double.IsFinite(value));
        return bad < 0 ? values : throw new ArgumentException($"Entry {bad} of {name} is {values[bad]}; expected a finite number.", name);
    }
}
