using MathNet.Numerics.LinearAlgebra;
using StableRank.Data;
using StableRank.Tests.Support;

namespace StableRank.Tests.Tool;

/// <summary><c>ntk --limit</c> and <c>nngp --limit</c>: the numbers in the files that they write.</summary>
public sealed class LimitKernelCommandTests
{
    // theory section 5 gives its check values to 12 decimals; 1e-10 is what is asked for
    private const double CheckTolerance = 1e-10;

    // some ten roundings of numbers of size 10
    private const double Rounding = 1e-13;

    private static readonly Matrix<double> s_pair = Matrix<double>.Build.DenseOfArray(new[,] { { 1.0, 2, 3 }, { -1, 0.5, 2 } });

    [Theory]
    [InlineData("relu", "3,7,1", 4.306521284394, 7.301664996912, 9.353333333333, 18.696666666667)]
    [InlineData("erf", "3,7,1", 0.891390507258, 1.947050123056, 1.602437002733, 5.443285655026)]
    [InlineData("gelu", "3,7,1", 4.073045447901, 7.204053677479, 9.245755398519, 18.799634135594)]
    [InlineData("sin", "3,7,1", 0.099189180574, 0.457073076094, 1.009999992336, 10.353333397281)]
    [InlineData("relu", "3,7x3,1", 4.713381801269, 12.729820666642, null, null)]
    [InlineData("relu,relu,relu", "3,2,9,7,5", 4.713381801269, 12.729820666642, null, null)]
    public void Limit_CheckValuesOfTheory_AreInTheFiles(
        string activation, string widths, double nngp12, double ntk12, double? nngp11, double? ntk11)
    {
        using var folder = new TemporaryFolder(inMemory: true);
        NpyArray.Write(folder.File("X.npy"), s_pair);
        var model = $"--limit --widths {widths} --sigma-w2 2 --sigma-b2 0.01 --activation {activation}";

        var nngp = Kernel(folder, $"nngp {model}");
        var ntk = Kernel(folder, $"ntk {model}");

        nngp[0, 1].Should().BeApproximately(nngp12, CheckTolerance);
        ntk[0, 1].Should().BeApproximately(ntk12, CheckTolerance);
        nngp[0, 0].Should().BeApproximately(nngp11 ?? nngp[0, 0], CheckTolerance);
        ntk[0, 0].Should().BeApproximately(ntk11 ?? ntk[0, 0], CheckTolerance);
        ntk[1, 0].Should().Be(ntk[0, 1]);

        // other weights are seen
        Kernel(folder, $"ntk {model.Replace("w2 2", "w2 2.0001", StringComparison.Ordinal)}")[0, 1]
            .Should().NotBeApproximately(ntk12, 1e3 * CheckTolerance);
    }

    // linear layers, written out: g = s^2 r / m, NNGP g_1 g_2 x.x'/n_0; NTK twice that by 'ntk', (n_1 g_1/n_0 + g_2) x.x' by 'standard'
    [Fact]
    public void Limit_StableRanks_EnterByTheirGains()
    {
        using var folder = new TemporaryFolder(inMemory: true);
        NpyArray.Write(folder.File("X.npy"), s_pair);
        NpyArray.Write(folder.File("Y.npy"), Matrix<double>.Build.DenseOfArray(new[,] { { 0.5, -1, 4 } }));
        const string model = "--limit --widths 3,5,4 --stable-rank 2.5,3 --scale spectral:1.5 --family power-law --activation linear";
        var (first, second) = (2.25 * 2.5 / 5, 2.25 * 3 / 4);
        double[] products = [0.5 - 2 + 12, -0.5 - 0.5 + 8];
        string[] others = ["--inputs2", folder.File("Y.npy")];

        var nngp = Kernel(folder, $"nngp {model}", others);
        var ntk = Kernel(folder, $"ntk {model}", others);
        var standard = Kernel(folder, $"ntk {model} --parameterization standard", others);

        (nngp.RowCount, nngp.ColumnCount).Should().Be((2, 1));
        for (var i = 0; i < 2; i++)
        {
            nngp[i, 0].Should().BeApproximately(first * second * products[i] / 3, Rounding * 10);
            ntk[i, 0].Should().BeApproximately(2 * first * second * products[i] / 3, Rounding * 10);
            standard[i, 0].Should().BeApproximately(((5 * first / 3) + second) * products[i], Rounding * 100);
        }
    }

    [Fact]
    public void Limit_Gain_IsTheGainOfEveryLayer()
    {
        using var folder = new TemporaryFolder(inMemory: true);
        NpyArray.Write(folder.File("X.npy"), s_pair);

        var byGain = Kernel(folder, "ntk --limit --widths 3,8,8,2 --gain 1.7 --activation tanh");
        var byVariance = Kernel(folder, "ntk --limit --widths 3,8,8,2 --sigma-w2 1.7 --activation tanh");
        var run = ToolRun.Done(
            "ntk --limit --widths 3,8,8,2 --gain 1.7 --activation tanh --json --inputs",
            folder.File("X.npy"), "--out", folder.File("K.npy"));

        byGain.Should().Be(byVariance);
        run.Json.GetProperty("gains").EnumerateArray().Select(g => g.GetDouble())
            .Should().HaveCount(3).And.OnlyContain(g => Math.Abs(g - 1.7) < Rounding);
        run.Json.GetProperty("least").GetDouble().Should().Be(byGain.Enumerate().Min());
        run.Json.GetProperty("greatest").GetDouble().Should().Be(byGain.Enumerate().Max());
        run.Json.GetProperty("mean").GetDouble().Should().BeApproximately(byGain.Enumerate().Average(), Rounding);
        run.Json.GetProperty("relativeSpread").GetDouble().Should().BeGreaterThan(0.1);
        run.Json.GetProperty("notes")[0].GetString().Should().Contain("(5.5)");
    }

    // wide layers of high rank concentrate: the output's row alone scatters by sqrt(2/n)
    [Fact]
    public void Limit_WideLayers_ComeWithoutWarning()
    {
        using var folder = new TemporaryFolder(inMemory: true);
        NpyArray.Write(folder.File("X.npy"), Matrix<double>.Build.Dense(2, 4096, (i, j) => i + (j % 3)));

        var run = ToolRun.Done(
            "nngp --limit --widths 4096,4096,1 --gain 1 --activation linear --inputs", folder.File("X.npy"), "--out", folder.File("K.npy"));

        run.Error.Should().BeEmpty();
        run.Output.Should().Contain("relative spread").And.Contain("written to");
    }

    [Theory]
    [InlineData(128, true)]
    [InlineData(37, false)]
    [InlineData(1000, true)]
    public void Limit_BlockByBlock_WritesTheSameFile(int size, bool toTheBit)
    {
        using var folder = new TemporaryFolder(inMemory: true);
        NpyArray.Write(folder.File("X.npy"), Samples(300));
        NpyArray.Write(folder.File("Y.npy"), Samples(170));
        foreach (string[] others in (string[][])[[], ["--inputs2", folder.File("Y.npy")]])
        {
            const string model = "ntk --limit --widths 3,50,50,1 --sigma-w2 1.5 --sigma-b2 0.1 --activation gelu";
            var whole = Kernel(folder, model, others);
            var bytes = File.ReadAllBytes(folder.File("K.npy"));
            var blocks = Kernel(folder, $"{model} --block-size {size}", others);

            (blocks - whole).Enumerate().Max(Math.Abs).Should().BeLessThan(Rounding * 100);
            if (toTheBit)
            {
                File.ReadAllBytes(folder.File("K.npy")).Should().Equal(bytes);
            }
        }
    }

    [Fact]
    public void Limit_InputsOfOtherKinds_GiveTheSameKernel()
    {
        using var folder = new TemporaryFolder(inMemory: true);
        NpyArray.Write(folder.File("X.npy"), s_pair);
        CsvMatrix.Write(folder.File("X.csv"), s_pair);
        Npz.Write(folder.File("X.npz"), writer =>
        {
            writer.Add("a", s_pair);
            writer.Add("b", s_pair * 2);
        });
        const string model = "nngp --limit --widths 3,50,1 --gain 1.5 --activation erf --inputs";

        Matrix<double> Of(string inputs, string output)
        {
            ToolRun.Done(model, folder.File(inputs), "--out", folder.File(output));
            return TensorFile.ReadMatrix(TensorFile.List(folder.File(output)).Single());
        }

        var expected = Of("X.npy", "K.npy");
        Of("X.csv", "K.csv").Should().Be(expected);
        Of("X.npz:a", "K.safetensors").Should().Be(expected);
        Of("X.npz:b", "K.npy").Should().NotBe(expected);
    }

    // of relu without biases: zero, equal and opposite inputs, by (5.1): K = g^2 |x|^2/(2 n_0) or 0
    [Fact]
    public void Limit_ZeroEqualAndOppositeInputs_AreExact()
    {
        using var folder = new TemporaryFolder(inMemory: true);
        NpyArray.Write(folder.File("X.npy"), Matrix<double>.Build.DenseOfArray(new[,] { { 0.0, 0 }, { 3, 4 }, { 3, 4 }, { -3, -4 } }));

        var kernel = Kernel(folder, "nngp --limit --widths 2,9,1 --gain 2 --activation relu");

        kernel.Row(0).Should().OnlyContain(k => k == 0);
        kernel[1, 1].Should().BeApproximately(25, Rounding * 100);
        kernel[1, 2].Should().BeApproximately(25, Rounding * 100);
        kernel[1, 3].Should().BeApproximately(0, Rounding);
    }

    private static Matrix<double> Samples(int count) =>
        Matrix<double>.Build.Dense(count, 3, (i, j) => Math.Sin((1.3 * i) + (j * (i + 2.1))));

    private static Matrix<double> Kernel(TemporaryFolder folder, string commandLine, params string[] more)
    {
        ToolRun.Done($"{commandLine} --inputs", [folder.File("X.npy"), "--out", folder.File("K.npy"), .. more]);
        return NpyArray.ReadMatrix<double>(folder.File("K.npy"));
    }
}
