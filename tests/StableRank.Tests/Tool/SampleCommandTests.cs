using System.Buffers.Binary;
using System.Globalization;
using StableRank.Data;
using StableRank.LinearAlgebra;
using StableRank.Tests.Support;

namespace StableRank.Tests.Tool;

public sealed class SampleCommandTests
{
    // Singular values come back from dgesdd to a few times eps sqrt(k); 1e-12 is what the project promises.
    private const double Promised = 1e-12;

    private static readonly string[] s_keys =
    [
        "rows", "cols", "stableRank", "spectralNorm", "frobeniusNorm", "participationRank", "effectiveRank", "numericalRank", "seed",
        "family", "backend",
    ];

    public static TheoryData<string, int, int, double> Cases => new()
    {
        { "flat", 40, 30, 8.5 },
        { "spike", 30, 40, 3.25 },
        { "power-law", 48, 48, 6 },
        { "exponential", 64, 20, 7.75 },
        { "linear", 24, 36, 9 },
        { "tempered", 32, 32, 5.5 },
        { "flat", 1, 17, 1 },
        { "flat", 25, 25, 25 },
    };

    [Theory]
    [InlineData("W.safetensors", "f32")]
    [InlineData("W.csv", "f64")]
    [InlineData("W.CSV.GZ", "f32")]
    public void Sample_OutOfEveryKind_IsTheMatrixOfTheNpy(string name, string dtype)
    {
        using var folder = new TemporaryFolder();
        ToolRun.Done(Line(6, 5, 2.5) + $" --dtype {dtype} --out", folder.File("W.npy"));
        ToolRun.Done(Line(6, 5, 2.5) + $" --dtype {dtype} --out", folder.File(name));

        var entry = TensorFile.List(folder.File(name)).Single();
        entry.Name.Should().Be("W");
        TensorFile.ReadMatrix<float>(entry).Should().Be(NpyArray.ReadMatrix<float>(folder.File("W.npy")));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Sample_AnyFamily_HasTheStableRankAskedFor(string family, int rows, int cols, double stableRank)
    {
        using var folder = new TemporaryFolder();
        var file = folder.File("W.npy");
        var json = ToolRun.Done(Line(rows, cols, stableRank) + $" --family {family} --seed 7 --json --out", file).Json;

        json.EnumerateObject().Select(p => p.Name).Should().Contain(s_keys);
        json.GetProperty("rows").GetInt32().Should().Be(rows);
        json.GetProperty("cols").GetInt32().Should().Be(cols);
        json.GetProperty("seed").GetUInt64().Should().Be(7);
        json.GetProperty("family").GetString().Should().Be(family);
        json.GetProperty("backend").GetString().Should().Be(Backend.Current.ToString().ToLowerInvariant());
        json.GetProperty("stableRank").GetDouble().Should().BeApproximately(stableRank, Promised * stableRank);
        json.GetProperty("spectralNorm").GetDouble().Should().BeApproximately(1, Promised);
        json.GetProperty("frobeniusNorm").GetDouble().Should().BeApproximately(Math.Sqrt(stableRank), Promised * Math.Sqrt(stableRank));
        json.GetProperty("numericalRank").GetInt32().Should().BeInRange((int)Math.Ceiling(stableRank), Math.Min(rows, cols));

        var measured = ToolRun.Done("measure --json", file).Json.GetProperty("tensors")[0];
        foreach (var key in (string[])["stableRank", "participationRank", "effectiveRank", "spectralNorm", "frobeniusNorm"])
        {
            var told = json.GetProperty(key).GetDouble();
            measured.GetProperty(key).GetDouble().Should().BeApproximately(told, Promised * told, key);
        }

        measured.GetProperty("numericalRank").GetInt32().Should().Be(json.GetProperty("numericalRank").GetInt32());
    }

    // Without the library: the file's bytes read by hand, ||W||_F as a sum, ||W||_2 by the power method. The flat family with a
    // fractional rank has a gap of (r - floor r) below its unit values, so that the power method settles at once.
    [Fact]
    public void Sample_File_HoldsAMatrixOfThatStableRankByHand()
    {
        using var folder = new TemporaryFolder();
        var file = folder.File("W.npy");
        ToolRun.Done(Line(33, 21, 4.5) + " --scale spectral:3 --seed 11 --out", file);
        var (rows, cols) = (33, 21);
        var bytes = File.ReadAllBytes(file);
        var header = 10 + BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(8));
        bytes.Should().HaveCount(header + (8 * rows * cols));
        var w = Enumerable.Range(0, rows * cols)
            .Select(i => BinaryPrimitives.ReadDoubleLittleEndian(bytes.AsSpan(header + (8 * i)))).ToArray();

        var x = Enumerable.Range(0, cols).Select(j => Math.Cos(j)).ToArray();
        var norm = 0.0;
        for (var step = 0; step < 200; step++)
        {
            var y = Enumerable.Range(0, rows).Select(i => Enumerable.Range(0, cols).Sum(j => w[(i * cols) + j] * x[j])).ToArray();
            x = [.. Enumerable.Range(0, cols).Select(j => Enumerable.Range(0, rows).Sum(i => w[(i * cols) + j] * y[i]))];
            var length = Math.Sqrt(x.Sum(v => v * v));
            norm = Math.Sqrt(length);
            x = [.. x.Select(v => v / length)];
        }

        norm.Should().BeApproximately(3, 3 * Promised);
        (w.Sum(v => v * v) / (norm * norm)).Should().BeApproximately(4.5, 4.5 * Promised);
    }

    [Theory]
    [InlineData("spectral:2.5", 2.5)]
    [InlineData("frobenius:2", 0.89442719099991588)] // 2 / sqrt 5
    [InlineData("relu", 4)] // s1^2 = c m / r = 2 * 40 / 5, theory (2.3)
    [InlineData("linear", 2.8284271247461903)] // 1 * 40 / 5
    [InlineData("leaky-relu:0.5", 3.5777087639996634)] // 2 / 1.25 * 40 / 5
    public void Sample_Scale_SetsTheSpectralNorm(string scale, double spectralNorm) =>
        ToolRun.Done(Line(40, 30, 5) + $" --scale {scale} --json").Json.GetProperty("spectralNorm").GetDouble()
            .Should().BeApproximately(spectralNorm, Promised * spectralNorm);

    [Fact]
    public void Sample_SamePrecisionAndSeed_WritesTheSameBytes()
    {
        using var folder = new TemporaryFolder();
        byte[] Draw(string name, string options)
        {
            ToolRun.Done(Line(30, 20, 5.5) + $" {options} --out", folder.File(name));
            return File.ReadAllBytes(folder.File(name));
        }

        var first = Draw("a.npy", "--seed 5");
        Draw("b.npy", "--seed 5").Should().Equal(first);
        Draw("c.npy", "--seed 6").Should().NotEqual(first);
        Draw("d.npy", "--seed 5 --dtype f32").Should().HaveCountLessThan(first.Length);
    }

    [Fact]
    public void Sample_SinglePrecision_IsSingleAndItsNumbersAreItsEntries()
    {
        using var folder = new TemporaryFolder();
        var file = folder.File("W.npy");
        var json = ToolRun.Done(Line(50, 40, 9.5) + " --dtype f32 --json --out", file).Json;

        TensorFile.List(file)[0].ElementType.Should().Be(ElementType.Float32);
        var told = json.GetProperty("stableRank").GetDouble();
        told.Should().BeApproximately(9.5, 9.5 * 1e-5, "the promise in single precision");
        told.Should().NotBe(9.5);
        json.GetProperty("requestedStableRank").GetDouble().Should().Be(9.5);
        json.GetProperty("numericalRank").GetInt32().Should().Be(10, "rounding of the entries is no rank at their precision");
        ToolRun.Done("measure --json", file).Json.GetProperty("tensors")[0].GetProperty("stableRank").GetDouble()
            .Should().BeApproximately(told, Promised * told);
    }

    [Fact]
    public void Sample_ExistingFile_IsReplacedAndNothingElseIsLeft()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("W.npy"), "old");

        ToolRun.Done(Line(4, 3, 2) + " --out", folder.File("W.npy"));

        Directory.GetFileSystemEntries(folder.Path).Should().ContainSingle().Which.Should().EndWith("W.npy");
        TensorFile.List(folder.File("W.npy"))[0].Shape.Should().Equal(4, 3);
    }

    [Fact]
    public void Sample_FileThatCannotBeWritten_FailsAndLeavesNothing()
    {
        using var folder = new TemporaryFolder();
        var file = folder.File(new string('w', 300) + ".npy");

        var run = ToolRun.Of([.. Line(4, 3, 2).Split(' '), "--json", "--out", file]);

        run.ExitCode.Should().Be(1);
        run.Output.Should().BeEmpty();
        run.Error.Should().Contain($"--out {file} cannot be written");
        Directory.GetFileSystemEntries(folder.Path).Should().BeEmpty();
    }

    [Fact]
    public void Sample_WithoutJson_TellsForPeople() =>
        ToolRun.Done(Line(40, 30, 8.5) + " --family spike").Output.Should().Contain("40 x 30 f64, family spike, scale spectral:1, seed 0")
            .And.Contain("stable rank         8.50000").And.Contain("spectral norm       1.00000").And.NotContain("\u001b");

    [NumPyFact]
    public void Sample_File_HasTheSameStableRankByNumPy()
    {
        using var folder = new TemporaryFolder();
        foreach (var (family, stableRank, seed) in ((string, double, int)[])[("flat", 16.5, 1), ("power-law", 6, 2), ("tempered", 20, 3)])
        {
            ToolRun.Done(Line(96, 64, stableRank) + $" --family {family} --scale relu --seed {seed} --out", folder.File("W.npy"));

            var told = NumPy.Run(
                "import numpy as np; s = np.linalg.svd(np.load('W.npy'), compute_uv=False); print(repr(float((s**2).sum() / s[0]**2)))",
                folder.Path);

            double.Parse(told, CultureInfo.InvariantCulture).Should().BeApproximately(stableRank, Promised * stableRank, family);
        }
    }

    private static string Line(int rows, int cols, double stableRank) =>
        string.Create(CultureInfo.InvariantCulture, $"sample --rows {rows} --cols {cols} --stable-rank {stableRank}");
}
