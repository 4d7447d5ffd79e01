using StableRank.Expressivity;

namespace StableRank.Tests.Expressivity;

public sealed class EmpiricalLawTests
{
    [Fact]
    public void KolmogorovDistance_OfMidpointsFromUniform_IsHalfAShare()
    {
        var law = new EmpiricalLaw(Enumerable.Range(0, 50).Select(i => (49.5 - i) / 50));
        law.KolmogorovDistance(x => Math.Clamp(x, 0, 1)).Should().BeApproximately(0.01, 1e-8);
        law.KolmogorovDistance(x => Math.Clamp(x * x, 0, 1)).Should().BeApproximately(0.25, 0.02);
        law.CumulativeProbability(0.5).Should().Be(0.5);
        law.Quantile(0.5).Should().Be(0.49);
        law.Quantile(0).Should().Be(0.01);
        law.Quantile(1).Should().Be(0.99);
    }

    [Fact]
    public void KolmogorovDistance_AtAtoms_SeesTheirWeightAndNotTheirRounding()
    {
        var law = new EmpiricalLaw([0, 0, 1 - 1e-14, 1, 1 + 1e-14]);
        double Atoms(double x, double zero) => x < 0 ? 0 : x < 1 ? zero : 1;
        law.KolmogorovDistance(x => Atoms(x, 0.4)).Should().BeApproximately(0, 1e-15);
        law.KolmogorovDistance(x => Atoms(x, 0.7)).Should().BeApproximately(0.3, 1e-15);
        law.KolmogorovDistance(x => Atoms(x, 0.1)).Should().BeApproximately(0.3, 1e-15);
    }

    [Fact]
    public void Constructor_OfNothingOrNaN_Throws()
    {
        FluentActions.Invoking(() => new EmpiricalLaw([])).Should().Throw<ArgumentException>().WithMessage("*at least one*");
        FluentActions.Invoking(() => new EmpiricalLaw([1, double.NaN])).Should().Throw<ArgumentException>().WithMessage("*NaN*");
        FluentActions.Invoking(() => new EmpiricalLaw([1]).Quantile(2)).Should().Throw<ArgumentOutOfRangeException>();
    }
}
