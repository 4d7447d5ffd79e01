using System.Globalization;
using MathNet.Numerics.LinearAlgebra;
using StableRank.LinearAlgebra;
using StableRank.Spectra;
using StableRank.Tests.Support;
using StableRank.Training;
using static StableRank.Tests.Training.TestMatrices;

namespace StableRank.Tests.Training;

public sealed class RankTrackerTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 8)]
    [InlineData(30, 20)]
    [InlineData(60, 60)]
    [InlineData(40, 90)]
    public void Measure_Cheap_IsWithinItsBoundsOfTheExact(int m, int n)
    {
        int k = Math.Min(m, n), proved = 0;
        var meter = new RankMeter(m, n);
        for (var seed = 0UL; seed < 20; seed++)
        {
            var w = Gaussian<double>(m, n, seed).ToColumnMajorArray();
            var cheap = meter.Measure<double>(w);
            var exact = new RankMeter(m, n).Measure<double>(w, RankDetail.Exact);
            proved += cheap.Detail == RankDetail.Cheap ? 1 : 0;

            cheap.SpectralNormError.Should().BeLessThan(2e-8 * cheap.SpectralNorm);
            exact.SpectralNorm.Should().BeInRange(
                cheap.SpectralNorm - exact.SpectralNormError, cheap.SpectralNorm + cheap.SpectralNormError + exact.SpectralNormError);
            cheap.FrobeniusNorm.Should().BeApproximately(exact.FrobeniusNorm, 4 * k * Eps * exact.FrobeniusNorm);
            var relative = 2 * (cheap.SpectralNormError + exact.SpectralNormError) / exact.SpectralNorm + 8 * k * Eps;
            cheap.StableRank.Should().BeInRange(exact.StableRank * (1 - 16 * Math.Max(m, n) * Eps), exact.StableRank * (1 + relative));
            cheap.ParticipationRank.Should().BeApproximately(
                exact.ParticipationRank, exact.ParticipationRank * 4 * Math.Max(m, n) * Eps * Math.Sqrt(k));
            exact.NumericalRank.Should().Be(k);
        }

        proved.Should().Be(20);
    }

    [Fact]
    public void Measure_Exact_IsTheSpectrum()
    {
        var w = Gaussian<float>(20, 30, 1);
        var spectrum = Spectrum.Of(w.Map(x => (double)x));
        var ranks = new RankMeter(20, 30).Measure<float>(w.AsColumnMajorArray(), RankDetail.Exact);
        ranks.StableRank.Should().BeApproximately(spectrum.StableRank, 1e-13);
        ranks.EffectiveRank.Should().BeApproximately(spectrum.EffectiveRank, 1e-13);
        ranks.ParticipationRank.Should().BeApproximately(spectrum.ParticipationRank, 1e-13);

        // a single-precision product of rank 3 has noise of single precision: not of double
        var low = Gaussian<float>(20, 3, 1) * Gaussian<float>(3, 30, 2);
        new RankMeter(20, 30).Measure<float>(low.AsColumnMajorArray(), RankDetail.Exact).NumericalRank.Should().Be(3);
    }

    [Fact]
    public void Measure_ScaleZeroAndNonFinite_AreSeen()
    {
        var meter = new RankMeter(6, 4);
        var w = Gaussian<double>(6, 4, 1);
        var one = meter.Measure<double>(w.AsColumnMajorArray());
        foreach (var exponent in (int[])[-1000, 900])
        {
            var scale = Math.ScaleB(1, exponent);
            var scaled = new RankMeter(6, 4).Measure<double>((w * scale).AsColumnMajorArray());
            scaled.StableRank.Should().BeApproximately(one.StableRank, 1e-13);
            scaled.SpectralNorm.Should().BeApproximately(one.SpectralNorm * scale, 1e-13 * one.SpectralNorm * scale);
        }

        var zero = meter.Measure<double>(new double[24]);
        zero.SpectralNorm.Should().Be(0);
        zero.StableRank.Should().Be(double.NaN);
        zero.NumericalRank.Should().Be(0);
        w[3, 2] = double.PositiveInfinity;
        FluentActions.Invoking(() => meter.Measure<double>(w.AsColumnMajorArray())).Should().Throw<ArgumentException>()
            .WithMessage("*row 3, column 2*");
        FluentActions.Invoking(() => meter.Measure<double>(new double[23])).Should().Throw<ArgumentException>().WithMessage("*23*24*");
    }

    [Fact]
    public void Measure_WarmStartOrthogonalToTheTop_IsNotBelieved()
    {
        // planted: the second matrix has a new top direction that the warm start knows nothing of, exactly
        var meter = new RankMeter(5, 5);
        var diagonal = Matrix<double>.Build.DenseDiagonal(5, 5, i => i == 0 ? 2 : 0);
        meter.Measure<double>(diagonal.AsColumnMajorArray()).SpectralNorm.Should().BeApproximately(2, 1e-14);
        diagonal[3, 3] = 7;
        var found = meter.Measure<double>(diagonal.AsColumnMajorArray());
        found.SpectralNorm.Should().BeApproximately(7, 1e-13);
        found.Detail.Should().Be(RankDetail.Exact, "the proof failed, and the decomposition stepped in");
        meter.Measure<double>(diagonal.AsColumnMajorArray()).Detail.Should().Be(RankDetail.Cheap);
    }

    [Fact]
    public void Save_Records_ReadBackToTheSameNumbers()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("ranks.csv");
        File.WriteAllText(path, "older");
        var tracker = new RankTracker();
        var w = Gaussian<double>(8, 5, 1).ToColumnMajorArray();
        tracker.Record<double>(0, "0.weight", TrackedQuantity.Weight, w, 8, 5);
        tracker.Record<double>(0, "0.weight", TrackedQuantity.Gradient, new double[40], 8, 5);
        tracker.Record<float>(10, "a,\"b\"", TrackedQuantity.Weight, new float[] { 1, 2, 3 }, 3, 1, RankDetail.Exact);
        tracker.Save(path);

        var lines = File.ReadAllLines(path);
        lines.Should().HaveCount(4);
        lines[0].Split(',').Should().Equal(RankTracker.Columns);
        var cells = lines[1].Split(',');
        cells[..6].Should().Equal("0", "0.weight", "weight", "8", "5", "cheap");
        var ranks = tracker.Records[0].Ranks;
        cells[6..11].Select(cell => double.Parse(cell, CultureInfo.InvariantCulture)).Should().Equal(
            ranks.SpectralNorm, ranks.SpectralNormError, ranks.FrobeniusNorm, ranks.StableRank, ranks.ParticipationRank);
        cells[11..].Should().Equal("", "");
        lines[2].Should().Be("0,0.weight,gradient,8,5,cheap,0,0,0,,,,0");
        lines[3].Should().StartWith("10,\"a,\"\"b\"\"\",weight,3,1,exact,").And.EndWith(",1");
        Directory.GetFiles(folder.Path).Should().ContainSingle("nothing temporary is left");
    }
}
