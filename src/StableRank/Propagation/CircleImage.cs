namespace StableRank.Propagation;

/// <summary>A closed curve of constant speed and curvature in many dimensions, as the image of a great circle is in the limit.</summary>
/// <param name="Size">n, the entries of a point.</param>
/// <param name="SpeedSquare">||x'||^2 / n.</param>
/// <param name="AccelerationSquare">||x''||^2 / n.</param>
public sealed record CircleImage(int Size, double SpeedSquare, double AccelerationSquare)
{
    /// <summary>2 pi sqrt(n s): the limit of the length over one turn, relative to root n; no expectation at finite width.</summary>
    public double Length => 2 * Math.PI * Math.Sqrt(Size * SpeedSquare);

    /// <summary>2 pi sqrt(a/s): the limit of the angle by which the tangent turns on the way; 2 pi for a circle.</summary>
    public double TotalCurvature => 2 * Math.PI * Math.Sqrt(AccelerationSquare / SpeedSquare);

    /// <summary>sqrt(a/n)/s: the limit of the curvature, 1 over the radius of a circle.</summary>
    public double MeanCurvature => Math.Sqrt(AccelerationSquare / Size) / SpeedSquare;
}
