using MathNet.Numerics;
using StableRank.Ensembles;
using StableRank.Networks;
using StableRank.Propagation;
using StableRank.Spectra;

namespace StableRank.Tests.Propagation;

public sealed class ExactPropagationTests
{
    [Fact]
    public void SecondMoment_OfAReLUModel_IsTheProductOfStableRanks()
    {
        // theory (4.4): prod s^2 r / (2 n)
        int[] widths = [24, 16, 40, 12];
        double[] ranks = [3.5, 7, 2.25];
        var model = Model.Dense(widths, Activation.ReLU, (l, m, n) => Ensemble.StableRank(m, n, ranks[l - 1], SpectralFamily.Spike));
        var layers = ExactPropagation.Of(model);
        var product = 1.0;
        for (var l = 0; l < 3; l++)
        {
            product *= ranks[l] / (2 * widths[l]);
            layers[l].SecondMoment.Should().BeApproximately(product, 1e-14 * product);
            layers[l].TangentFactor.Should().Be(layers[l].SecondMoment);
            (layers[l].LogFourthMomentStandardError, layers[l].ExpectedLogStandardError).Should().Be((0.0, 0.0));
            (layers[l].Layer, layers[l].Rows, layers[l].Columns).Should().Be((l + 1, widths[l + 1], widths[l]));
        }
    }

    [Fact]
    public void FourthMoment_OfASpike_IsTheTheorysWrittenOut()
    {
        // r = 3 among k = 5: y = 1, 0.5, 0.5, 0.5, 0.5; sum y^2 = 2; (4.2), and (m + 5)/(4 (m + 2)) for ReLU, n = 5, m = 9
        var model = Model.Dense([5, 9], Activation.ReLU, (l, m, n) => Ensemble.StableRank(m, n, 3, SpectralFamily.Spike));
        var layer = ExactPropagation.Of(model)[0];
        const double expected = (9 + 2 * 2.0) / (5 * 7) * 14 / (4 * 11);
        layer.FourthMoment.Should().BeApproximately(expected, 1e-14 * expected);
        var second = 3 / 5.0 / 2;
        layer.RelativeVariance.Should().BeApproximately(expected / (second * second) - 1, 1e-13);
        layer.RelativeStandardDeviation.Should().BeApproximately(Math.Sqrt(expected / (second * second) - 1), 1e-13);
    }

    [Theory]
    [InlineData(1, 8, 8)]
    [InlineData(5, 12, 7)]
    [InlineData(7, 7, 12)]
    [InlineData(64, 64, 100)]
    public void ExpectedLog_OfAFlatLinearLayer_IsItsClosedForm(int rank, int rows, int columns)
    {
        // theory (4.3): log s1^2 + psi(r/2) - psi(n/2)
        var values = Enumerable.Range(0, Math.Min(rows, columns)).Select(i => i < rank ? 1.7 : 0);
        var model = Model.Dense(
            [columns, rows], Activation.Linear, (l, m, n) => Ensemble.FromSpectrum(m, n, Spectrum.FromSingularValues(values)));
        var closed = 2 * Math.Log(1.7) + SpecialFunctions.DiGamma(rank / 2.0) - SpecialFunctions.DiGamma(columns / 2.0);
        ExactPropagation.Of(model)[0].ExpectedLog.Should().BeApproximately(closed, 1e-12);
    }

    [Fact]
    public void AliveProbability_OfReLU_IsAProductOverWidths()
    {
        var layers = ExactPropagation.Of(Model.Dense([4, 1, 3, 60], Activation.ReLU, Flat));
        layers[0].AliveProbability.Should().BeApproximately(0.5, 1e-15);
        layers[1].AliveProbability.Should().BeApproximately(0.5 * 7 / 8, 1e-15);

        // 2^-60 is below the spacing of numbers at 1, and still not lost in the log
        (layers[2].LogAliveProbability - layers[1].LogAliveProbability).Should().BeApproximately(0, 1e-15);
        ExactPropagation.Of(Model.Dense([4, 60], Activation.ReLU, Flat))[0].LogAliveProbability
            .Should().BeApproximately(-Math.ScaleB(1, -60), 1e-30);
        ExactPropagation.Of(Model.Dense([4, 3], Activation.LeakyReLU(0.1), Flat))[0].AliveProbability.Should().Be(1);
    }

    [Fact]
    public void AThousandLayers_WhoseMomentsLeaveDouble_StayFiniteInLogs()
    {
        const int depth = 1000;
        foreach (var scale in new[] { 1e-3, 1e3 })
        {
            var ensemble = Ensemble.FromSpectrum(8, 8, Spectrum.FromSingularValues(Enumerable.Repeat(scale, 8)));
            var widths = Enumerable.Repeat(8, depth + 1).ToArray();
            var last = ExactPropagation.Of(Model.Dense(widths, Activation.LeakyReLU(0.2), (l, m, n) => ensemble))[^1];
            var a = 1.04 / 2;
            last.LogSecondMoment.Should().BeApproximately(depth * Math.Log(a * scale * scale), 1e-11);
            last.LogFourthMoment.Should().BeApproximately(
                depth * Math.Log(SlopeMoments.Fourth(8, 0.2) * Math.Pow(scale, 4)), 1e-10);
            last.ExpectedLog.Should().BeApproximately(depth * (2 * Math.Log(scale) + SlopeMoments.ExpectedLog(8, 0.2)), 1e-9);
            last.TypicalGap.Should().BeGreaterThan(0);
            last.RelativeVariance.Should().BeGreaterThan(1);
        }
    }

    [Fact]
    public void TypicalGap_AtGreatWidth_IsHalfTheSumOfInversePsAndFiveOverM()
    {
        // theory (4.6): per ReLU layer, half the relative variance to leading order: (2/p + 5/m - 2/n ...)/2
        const int width = 2000;
        var model = Model.Dense([width, width, width], Activation.ReLU, (l, m, n) => Ensemble.StableRank(m, n, 100));
        var last = ExactPropagation.Of(model)[^1];
        last.TypicalGap.Should().BeApproximately(last.RelativeVariance / 2, 0.05 * last.RelativeVariance / 2);
        var leading = 2 * (1 / 100.0 - 1.0 / width + 3.0 / (2 * width));
        last.TypicalGap.Should().BeApproximately(leading, 0.03 * leading);
    }

    [Fact]
    public void AModel_WithBiasesOrACurvedActivation_IsRefusedWithTheReason()
    {
        var biased = () => ExactPropagation.Of(Model.Dense([3, 3], Activation.ReLU, Flat, 0.1));
        biased.Should().Throw<NotSupportedException>().WithMessage("*Layer 1 has biases of variance 0.1*");
        var curved = Model.Dense([3, 3], Activation.Tanh, Flat);
        var of = () => ExactPropagation.Of(curved);
        of.Should().Throw<NotSupportedException>().WithMessage("*layer 1 is tanh*linear, relu, leaky-relu and abs*");
        ExactPropagation.TryOf(curved, out var none, out var reason).Should().BeFalse();
        none.Should().BeNull();
        reason.Should().Contain("tanh");
    }

    private static Ensemble Flat(int layer, int rows, int columns) => Ensemble.StableRank(rows, columns, 1);

    /// <summary>
    /// Theory (4.6) leaves the constant of the widths open ("5/(2m)..."). The gap is half the relative variance to leading order, and by
    /// (4.2) and (4.4) that is 1/p - 1/n + 3/(2m) for ReLU: n/(n+2) (1 + 2/p) (m+5)/(m+2) = 1 + 2/p - 2/n + 3/m + ... .
    /// </summary>
    [Theory]
    [InlineData(512, 1024)]
    [InlineData(1024, 1024)]
    [InlineData(2048, 1024)]
    public void TypicalGap_OfAWideReluLayer_IsOneOverPLessOneOverNPlusThreeHalvesOverM(int rows, int columns)
    {
        var ensemble = Ensemble.StableRank(rows, columns, 0.5 * Math.Min(rows, columns), SpectralFamily.PowerLaw);
        var p = ensemble.Moments.ParticipationRank;

        var gap = ExactPropagation.Of(new Model([new DenseSpecification(ensemble, Activation.ReLU)]))[0].TypicalGap;

        // what is left out is of second order in the inverse sizes, the least of which is p
        var secondOrder = 10 / (p * p);
        gap.Should().BeApproximately((1 / p) - (1.0 / columns) + (1.5 / rows), secondOrder);
        Math.Abs(gap - ((1 / p) + (2.5 / rows))).Should().BeGreaterThan(10 * secondOrder, "the constant matters");
    }
}
