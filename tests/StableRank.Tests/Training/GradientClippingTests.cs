using StableRank.Networks;
using StableRank.Training;

namespace StableRank.Tests.Training;

public sealed class GradientClippingTests
{
    /// <summary>Sums of 46 squares in two orders, a root and a product.</summary>
    private const double Tolerance = 60 * 2.2e-16;

    [Theory]
    [InlineData("clipped", 1.5)]
    [InlineData("untouched", 1e3)]
    public void ByNorm_OfTwoParameters_DoesWhatPyTorchDoes(string kind, double maximum)
    {
        var parameters = Gradients(3);
        var norm = GradientClipping.ByNorm(parameters, maximum);

        norm.Should().BeApproximately(TorchTrajectories.Read($"{kind}.norm")[0], norm * Tolerance);
        foreach (var parameter in parameters)
        {
            var theirs = TorchTrajectories.Read($"{kind}.{parameter.Name}");
            parameter.Gradient.Zip(theirs, (mine, other) => Math.Abs(mine - other)).Max().Should().BeLessThan(maximum * Tolerance);
        }
    }

    [Theory]
    [InlineData(1e200)]
    [InlineData(1e306)]
    public void Norm_WhoseSquaresOverflow_IsStillRight(double scale) =>
        (GradientClipping.Norm(Gradients(scale)) / scale).Should().BeApproximately(GradientClipping.Norm(Gradients(1)), 1e-12);

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void ByNorm_OfAGradientThatIsNotFinite_LeavesTheGradients(double wrong)
    {
        var parameters = Gradients(3);
        parameters[1].Gradient[4] = wrong;
        var before = parameters[0].Gradient.ToArray();

        double.IsFinite(GradientClipping.ByNorm(parameters, 1)).Should().BeFalse();
        parameters[0].Gradient.Should().Equal(before);
    }

    private static Parameter<double>[] Gradients(double scale)
    {
        Parameter<double>[] parameters =
        [
            .. new[] { "w", "b" }.Select(name => TorchTrajectories.ParameterOf(name, TorchTrajectories.Read($"start.{name}"))),
        ];
        foreach (var parameter in parameters)
        {
            for (var i = 0; i < parameter.Values.Length; i++)
            {
                parameter.Gradient[i] = scale * parameter.Values[i];
            }
        }

        return parameters;
    }
}
