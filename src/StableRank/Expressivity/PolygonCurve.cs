using MathNet.Numerics.LinearAlgebra;

namespace StableRank.Expressivity;

/// <summary>Straight lines from column to column.</summary>
internal sealed class PolygonCurve : Curve
{
    private readonly double[] _points;

    public PolygonCurve(Matrix<double> points, bool closed)
        : base(points.RowCount, 0, Sides(points, closed), closed, Sides(points, closed))
    {
        _points = points.ToColumnMajorArray();
        for (var j = 0; j < Pieces; j++)
        {
            var next = (j + 1) % points.ColumnCount;
            if (Column(j).SequenceEqual(Column(next)))
            {
                throw new ArgumentException($"Columns {j} and {next} of the points are the same; expected neighbours that differ.");
            }
        }
    }

    internal override void Evaluate(double t, Span<double> point, Span<double> tangent)
    {
        var side = Math.Min((int)t, Pieces - 1);
        var from = Column(side);
        var to = Column((side + 1) * Size == _points.Length ? 0 : side + 1);

        // a closed polygon ends with the tangent it began with, so that its first corner counts
        var share = t - side;
        for (var i = 0; i < point.Length; i++)
        {
            point[i] = (1 - share) * from[i] + share * to[i];
            tangent[i] = to[i] - from[i];
        }

        if (IsClosed && t == End)
        {
            for (var i = 0; i < tangent.Length; i++)
            {
                tangent[i] = _points[Size + i] - _points[i];
            }
        }
    }

    private static int Sides(Matrix<double> points, bool closed) => closed ? points.ColumnCount : points.ColumnCount - 1;

    private ReadOnlySpan<double> Column(int j) => _points.AsSpan(j * Size, Size);
}
