using MathNet.Numerics.LinearAlgebra;
using StableRank.LinearAlgebra;

namespace StableRank.Tests.LinearAlgebra;

public sealed class MatrixGuardTests
{
    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    public void RequireFinite_AnyPlace_NamesRowColumnAndValue(double bad)
    {
        for (var i = 0; i < 5; i++)
        {
            for (var j = 0; j < 3; j++)
            {
                var a = Matrix<double>.Build.Dense(5, 3, (r, c) => r - c);
                a[i, j] = bad;
                var act = () => MatrixGuard.RequireFinite(a, "weights");
                act.Should().Throw<ArgumentException>().WithMessage($"The matrix weights has the element {bad} in row {i}, column {j}*");
            }
        }
    }

    [Fact]
    public void RequireFinite_ExtremeButFinite_Passes()
    {
        MatrixGuard.RequireFinite(Matrix<double>.Build.Dense(2, 2, double.MaxValue), "a");
        MatrixGuard.RequireFinite(Matrix<float>.Build.Dense(2, 2, -float.MaxValue), "a");
        MatrixGuard.RequireFinite(Matrix<double>.Build.Dense(1, 3, double.Epsilon), "a");
    }

    [Fact]
    public void RequireFinite_Null_ThrowsWithTheName()
    {
        var act = () => MatrixGuard.RequireFinite<double>(null!, "weights");
        act.Should().Throw<ArgumentNullException>().WithParameterName("weights");
    }
}
