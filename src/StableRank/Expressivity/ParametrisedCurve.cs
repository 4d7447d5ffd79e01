using MathNet.Numerics.LinearAlgebra;

namespace StableRank.Expressivity;

/// <summary>A user's functions, checked at every call.</summary>
internal sealed class ParametrisedCurve(
    Func<double, Vector<double>> value, Func<double, Vector<double>> derivative, double start, double end, bool closed)
    : Curve(Checked(value(start), "point").Length, start, end, closed)
{
    internal override void Evaluate(double t, Span<double> point, Span<double> tangent)
    {
        Checked(value(t), "point", Size).CopyTo(point);
        Checked(derivative(t), "tangent", Size).CopyTo(tangent);
    }
}
