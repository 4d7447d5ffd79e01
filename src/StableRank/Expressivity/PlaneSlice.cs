using System.Numerics.Tensors;
using MathNet.Numerics.LinearAlgebra;
using StableRank.LinearAlgebra;

namespace StableRank.Expressivity;

/// <summary>
/// A convex polygon in the plane through three points A, B, C of the input space: x(u, v) = A + u e_1 + v e_2, with e_1 the direction of
/// B - A and e_2 the unit vector orthogonal to it on the side of C. Lengths and areas of (u, v) are those of the input space.
/// </summary>
public sealed class PlaneSlice
{
    /// <summary>
    /// The least sine of the angle at A: the directions of the plane are accurate to about eps over it, and so to 2^-26 where it is least.
    /// </summary>
    private const double LeastSine = 1.0 / (1 << 26);

    private PlaneSlice(double[] origin, double[] basis, PlanePoint[] points, PlanePoint[] corners)
    {
        OriginArray = origin;
        BasisArray = basis;
        Points = points;
        Corners = corners;
        Area = PlanePoint.Area(corners);
    }

    /// <summary>A, where u = v = 0.</summary>
    public Vector<double> Origin => Vector<double>.Build.DenseOfArray(OriginArray);

    /// <summary>e_1 and e_2 as columns, n_0 x 2.</summary>
    public Matrix<double> Basis => MatrixStorage.Dense(InputSize, 2, [.. BasisArray]);

    /// <summary>A, B and C.</summary>
    public IReadOnlyList<PlanePoint> Points { get; }

    /// <summary>The corners of the polygon, anticlockwise.</summary>
    public IReadOnlyList<PlanePoint> Corners { get; }

    /// <summary>The polygon's area.</summary>
    public double Area { get; }

    /// <summary>n_0.</summary>
    public int InputSize => OriginArray.Length;

    internal double[] OriginArray { get; }

    internal double[] BasisArray { get; }

    /// <summary>The triangle A B C.</summary>
    /// <exception cref="ArgumentException">The points differ in length, one is not finite, or they lie on a line.</exception>
    public static PlaneSlice Triangle<T>(Vector<T> a, Vector<T> b, Vector<T> c)
        where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T>
    {
        var (origin, basis, points) = Frame(a, b, c);
        return new PlaneSlice(origin, basis, points, points);
    }

    /// <summary>The least rectangle with a side along A B that holds the three points, with a margin on every side.</summary>
    /// <param name="a">A.</param>
    /// <param name="b">B.</param>
    /// <param name="c">C.</param>
    /// <param name="margin">The margin in parts of the rectangle's longer side without it; 0 or more.</param>
    /// <exception cref="ArgumentException">The points differ in length, one is not finite, or they lie on a line.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The margin is negative or not finite.</exception>
    public static PlaneSlice Rectangle<T>(Vector<T> a, Vector<T> b, Vector<T> c, double margin = 0.25)
        where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T>
    {
        if (!(margin >= 0 && double.IsFinite(margin)))
        {
            throw new ArgumentOutOfRangeException(nameof(margin), margin, "Expected a finite number of at least 0.");
        }

        var (origin, basis, points) = Frame(a, b, c);
        double left = points.Min(p => p.U), right = points.Max(p => p.U), top = points.Max(p => p.V);
        var border = margin * Math.Max(right - left, top);
        return new PlaneSlice(
            origin,
            basis,
            points,
            [
                new PlanePoint(left - border, -border), new PlanePoint(right + border, -border),
                new PlanePoint(right + border, top + border), new PlanePoint(left - border, top + border),
            ]);
    }

    /// <summary>x(u, v), n_0 entries.</summary>
    public Vector<double> Input(PlanePoint point)
    {
        var result = new double[InputSize];
        FillInput(point, result);
        return Vector<double>.Build.Dense(result);
    }

    internal void FillInput(PlanePoint point, Span<double> target)
    {
        TensorPrimitives.MultiplyAdd(BasisArray.AsSpan(0, InputSize), point.U, OriginArray, target);
        TensorPrimitives.MultiplyAdd(BasisArray.AsSpan(InputSize), point.V, target, target);
    }

    private static (double[] Origin, double[] Basis, PlanePoint[] Points) Frame<T>(Vector<T> a, Vector<T> b, Vector<T> c)
        where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T>
    {
        var origin = PartitionInput.Of(a, null, nameof(a));
        var first = PartitionInput.Of(b, origin.Length, nameof(b));
        var second = PartitionInput.Of(c, origin.Length, nameof(c));
        TensorPrimitives.Subtract(first, origin, first);
        TensorPrimitives.Subtract(second, origin, second);
        double base1 = TensorPrimitives.Norm<double>(first), side = TensorPrimitives.Norm<double>(second);
        if (base1 > 0)
        {
            TensorPrimitives.Divide(first, base1, first);
        }

        // twice is enough for orthogonality to rounding (Parlett, The Symmetric Eigenvalue Problem, section 6.9)
        var along = 0.0;
        for (var pass = 0; pass < 2; pass++)
        {
            var part = TensorPrimitives.Dot<double>(first, second);
            along += part;
            TensorPrimitives.MultiplyAdd(first, -part, second, second);
        }

        var height = TensorPrimitives.Norm<double>(second);
        if (!(base1 > 0 && side > 0 && height > LeastSine * side))
        {
            throw new ArgumentException(
                $"The three points lie on a line: |B - A| is {base1:R}, |C - A| is {side:R} and C is {height:R} from the line A B; "
                + "expected a triangle.",
                nameof(c));
        }

        TensorPrimitives.Divide(second, height, second);
        return (origin, [.. first, .. second], [new PlanePoint(0, 0), new PlanePoint(base1, 0), new PlanePoint(along, height)]);
    }
}
