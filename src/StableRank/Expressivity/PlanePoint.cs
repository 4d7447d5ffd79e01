namespace StableRank.Expressivity;

/// <summary>
/// A point of a slice by its coordinates in the orthonormal basis of <see cref="PlaneSlice"/>, in units of the input space.
/// </summary>
/// <param name="U">Along the first vector.</param>
/// <param name="V">Along the second.</param>
public readonly record struct PlanePoint(double U, double V)
{
    /// <summary>The area of a polygon: positive where its corners go around anticlockwise.</summary>
    internal static double Area(IReadOnlyList<PlanePoint> corners)
    {
        // about its first corner, so that a small polygon far from the origin keeps its digits
        var (sum, origin) = (0.0, corners[0]);
        for (var i = 1; i + 1 < corners.Count; i++)
        {
            var (a, b) = (corners[i], corners[i + 1]);
            sum += ((a.U - origin.U) * (b.V - origin.V)) - ((b.U - origin.U) * (a.V - origin.V));
        }

        return sum / 2;
    }

    /// <summary>The length of a polygon's longest side.</summary>
    internal static double LongestSide(IReadOnlyList<PlanePoint> corners)
    {
        var longest = 0.0;
        for (var i = 0; i < corners.Count; i++)
        {
            var (a, b) = (corners[i], corners[(i + 1) % corners.Count]);
            longest = Math.Max(longest, double.Hypot(a.U - b.U, a.V - b.V));
        }

        return longest;
    }
}
