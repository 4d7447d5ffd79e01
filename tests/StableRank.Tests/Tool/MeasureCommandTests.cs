using System.Text.Json;
using MathNet.Numerics.LinearAlgebra;
using StableRank.Data;
using StableRank.Randomness;
using StableRank.Spectra;
using StableRank.Tests.Support;

namespace StableRank.Tests.Tool;

public sealed class MeasureCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // Matrices whose singular values are known: diag(3, 2, 1, 0) padded, and a kernel whose rows out x rest are orthogonal.
    [Fact]
    public void Measure_KnownMatrices_HaveTheirRanks()
    {
        var diagonal = Matrix<double>.Build.Dense(4, 6);
        (diagonal[0, 5], diagonal[1, 0], diagonal[2, 3]) = (3, -2, 1);
        var kernel = new double[2 * 3 * 2 * 2];
        (kernel[0], kernel[12 + 7]) = (2, 2);
        Npz.Write(_folder.File("m.npz"), npz =>
        {
            npz.Add("diagonal", diagonal);
            npz.Add("bias", new NumericArray<double>([5], [1, 2, 3, 4, 5]));
            npz.Add("kernel", new NumericArray<double>([2, 3, 2, 2], kernel));
            npz.Add("step", new NumericArray<double>([], [7]));
        });

        var json = ToolRun.Done("measure --json", _folder.File("m.npz")).Json;

        var tensors = json.GetProperty("tensors");
        tensors.EnumerateArray().Select(t => t.GetProperty("name").GetString()).Should().Equal("diagonal", "kernel");
        var first = tensors[0];
        first.GetProperty("rows").GetInt32().Should().Be(4);
        first.GetProperty("cols").GetInt32().Should().Be(6);
        Number(first, "stableRank").Should().BeApproximately(14.0 / 9, 1e-14);
        Number(first, "participationRank").Should().BeApproximately(14.0 * 14 / (81 + 16 + 1), 1e-14);
        Number(first, "effectiveRank").Should().BeApproximately(
            Math.Exp(-((0.5 * Math.Log(0.5)) + (Math.Log(1.0 / 3) / 3) + (Math.Log(1.0 / 6) / 6))), 1e-13);
        first.GetProperty("numericalRank").GetInt32().Should().Be(3);
        Number(first, "spectralNorm").Should().BeApproximately(3, 1e-14);
        Number(first, "frobeniusNorm").Should().BeApproximately(Math.Sqrt(14), 1e-14);
        Number(first, "ratioToGaussian").Should().BeApproximately(14.0 / 9 / GaussianStableRank.Typical(4, 6), 1e-14);
        first.TryGetProperty("error", out _).Should().BeFalse();

        var second = tensors[1];
        (second.GetProperty("rows").GetInt32(), second.GetProperty("cols").GetInt32()).Should().Be((2, 12));
        second.GetProperty("shape").EnumerateArray().Select(s => s.GetInt32()).Should().Equal(2, 3, 2, 2);
        Number(second, "stableRank").Should().BeApproximately(2, 1e-14);

        json.GetProperty("skipped").EnumerateArray().Select(s => s.GetProperty("name").GetString()).Should().Equal("bias", "step");
        json.GetProperty("failed").GetArrayLength().Should().Be(0);
    }

    [Fact]
    public void Measure_BadTensor_IsNamedAndTheOthersAreMeasured()
    {
        var good = Matrix<double>.Build.DenseIdentity(3);
        var infinite = Matrix<double>.Build.DenseIdentity(3);
        infinite[2, 1] = double.PositiveInfinity;
        Npz.Write(_folder.File("m.npz"), npz =>
        {
            npz.Add("infinite", infinite);
            npz.Add("zero", Matrix<double>.Build.Dense(3, 2));
            npz.Add("good", good);
        });

        var run = ToolRun.Of("measure", "--json", _folder.File("m.npz"));

        run.ExitCode.Should().Be(1);
        var tensors = run.Json.GetProperty("tensors");
        tensors[0].GetProperty("error").GetString().Should().Contain("row 2, column 1");
        tensors[0].GetProperty("stableRank").ValueKind.Should().Be(JsonValueKind.Null);
        tensors[1].GetProperty("error").GetString().Should().Contain("zero");
        tensors[1].GetProperty("participationRank").ValueKind.Should().Be(JsonValueKind.Null);
        Number(tensors[2], "stableRank").Should().BeApproximately(3, 1e-14);
        run.Error.Should().Contain("infinite").And.Contain("zero").And.NotContain("good");

        var table = ToolRun.Of("measure", _folder.File("m.npz"));
        table.ExitCode.Should().Be(1);
        table.Output.Should().Contain("good").And.Contain("3.0000");
    }

    [Fact]
    public void Measure_BesideEachStableRank_SaysWhereItLiesAmongGaussians()
    {
        var gaussian = Matrix<double>.Build.Dense(50, 30, new double[1500]);
        new RandomStream(8).FillGaussian<double>(gaussian.AsColumnMajorArray());
        var low = gaussian + (Matrix<double>.Build.Dense(50, 30, 1) * 10);
        Npz.Write(_folder.File("m.npz"), npz =>
        {
            npz.Add("gaussian", gaussian.Transpose());
            npz.Add("low", low);
            npz.Add("square high", Matrix<double>.Build.Diagonal(24, 24, i => i < 20 ? 1 : 0.5));
            npz.Add("square middle", Matrix<double>.Build.Diagonal(24, 24, i => i < 12 ? 1 : 0.1));
            npz.Add("row", Matrix<double>.Build.Dense(1, 9, 1));
            npz.Add("flat", Matrix<double>.Build.DenseIdentity(6, 6));
            npz.Add("zero", Matrix<double>.Build.Dense(3, 3));
        });

        var tensors = ToolRun.Of("measure", "--json", _folder.File("m.npz")).Json.GetProperty("tensors");

        tensors.EnumerateArray().Select(t => t.GetProperty("phase").GetString())
            .Should().Equal(Number(tensors[0], "stableRank") < GaussianStableRank.Typical(50, 30) ? "pulled" : "gapped",
                "pulled", "gapped", "squeezed", null, null, null);
        var law = GaussianStableRankLaw.Of(50, 30);
        Number(tensors[0], "zScore").Should().Be(law.ZScore(Number(tensors[0], "stableRank"))).And.BeInRange(-5, 5);
        Number(tensors[1], "zScore").Should().BeLessThan(-5);
        Number(tensors[1], "gaussianMean").Should().Be(law.Mean);
        Number(tensors[1], "gaussianStandardDeviation").Should().Be(law.StandardDeviation);
        Number(tensors[2], "zScore").Should().BeGreaterThan(5);
        tensors[4].GetProperty("zScore").ValueKind.Should().Be(JsonValueKind.Null, "all rows have the stable rank 1");
        tensors[6].GetProperty("gaussianMean").ValueKind.Should().Be(JsonValueKind.Null);

        var table = ToolRun.Of("measure", _folder.File("m.npz"), "--sort", "z").Output;
        table.Should().MatchRegex(@"low +50 x 30 .* -\d+\.\d\d +pulled");
        table.IndexOf("square high", StringComparison.Ordinal).Should().BeLessThan(table.IndexOf("low", StringComparison.Ordinal));
    }

    private static double Number(JsonElement element, string name) => element.GetProperty(name).GetDouble();
}
