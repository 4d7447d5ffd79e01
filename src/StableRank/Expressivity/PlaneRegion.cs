using MathNet.Numerics.LinearAlgebra;

namespace StableRank.Expressivity;

/// <summary>A linear region of a slice: a convex polygon and the network's affine map on it, f = Jacobian (u, v) + Offset.</summary>
/// <param name="Index">From 0, the place in <see cref="PlanePartition.Regions"/>.</param>
/// <param name="Corners">The polygon's corners, anticlockwise.</param>
/// <param name="Area">Its area, in units of the input space.</param>
/// <param name="Jacobian">The derivatives of the outputs by u and v, n_L x 2.</param>
/// <param name="Offset">n_L entries.</param>
public sealed record PlaneRegion(int Index, IReadOnlyList<PlanePoint> Corners, double Area, Matrix<double> Jacobian, Vector<double> Offset)
{
    /// <summary>The mean of the corners, which lies inside.</summary>
    public PlanePoint Middle => new(Corners.Average(p => p.U), Corners.Average(p => p.V));

    /// <summary>The network's outputs at a point of the polygon, n_L entries.</summary>
    public Vector<double> Evaluate(PlanePoint point) => (Jacobian.Column(0) * point.U) + (Jacobian.Column(1) * point.V) + Offset;
}
