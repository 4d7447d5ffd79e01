using MathNet.Numerics.LinearAlgebra;
using StableRank.Data;
using StableRank.Tests.Support;

namespace StableRank.Tests.Tool;

/// <summary>Wrong command lines and unusable files of <c>ntk</c> and <c>nngp</c>: one line that says what, and no file.</summary>
public sealed class KernelFaultTests
{
    private const string Limit = "ntk --limit --widths 3,8,1 --activation relu --inputs X.npy --out K.npy";
    private const string Model = "ntk --model net.npz --activation relu --inputs X.npy --out K.npy";

    [Theory]
    [InlineData("ntk", "missing", "--activation")]
    [InlineData("ntk --activation relu --inputs X.npy --out K.npy", "neither --limit nor --model", "--widths")]
    [InlineData(Limit + " --model net.npz --gain 2", "--limit and --model", "one of them")]
    [InlineData(Limit, "--limit needs the law", "--stable-rank, --gain or --sigma-w2")]
    [InlineData(Limit + " --gain 2 --sigma-w2 2", "--gain and --sigma-w2 exclude", "one of")]
    [InlineData(Limit + " --stable-rank 1 --gain 2", "--stable-rank and --gain exclude", "one of")]
    [InlineData(Limit + " --gain 2 --family spike", "--family spike", "--stable-rank")]
    [InlineData(Limit + " --sigma-w2 2 --scale relu", "--scale relu", "--stable-rank")]
    [InlineData(Limit + " --gain 0", "--gain is 0", "positive")]
    [InlineData(Limit + " --gain NaN", "--gain is NaN", "positive")]
    [InlineData(Limit + " --sigma-w2 -2", "--sigma-w2 is -2", "positive")]
    [InlineData(Limit + " --gain 1 --sigma-b2 -1", "--sigma-b2 is -1", "from 0")]
    [InlineData(Limit + " --stable-rank 1,1,1", "3 numbers", "2: one a layer")]
    [InlineData(Limit + " --stable-rank 3,2", "layer 2 is 2", "1 to 1")]
    [InlineData(Limit + " --gain 1 --parameterization mup", "'mup'", "ntk or standard")]
    [InlineData(Limit + " --gain 1 --output trace", "--output belongs to --model", "limit")]
    [InlineData(Limit + " --gain 1 --cost", "--cost belongs to --model", "limit")]
    [InlineData(Limit + " --gain 1 --dtype f32", "--dtype belongs to --model", "double")]
    [InlineData(Limit + " --gain 1 --block-size 0", "'0'", "from 1")]
    [InlineData("ntk --limit --activation relu --inputs X.npy --out K.npy --gain 1", "--limit needs --widths", "--widths")]
    [InlineData("ntk --limit --widths 3,8,1 --activation relu,tanh --inputs X.npy --out K.npy --gain 1", "2 names", "expected one, or 1")]
    [InlineData(
        "ntk --limit --widths 3,8,8,1 --activation relu,tanh --stable-rank 1 --inputs X.npy --out K.npy", "--scale", "relu and linear")]
    [InlineData("ntk --limit --widths 3,8,1 --activation swish --inputs X.npy --out K.npy --gain 1", "'swish'", "relu")]
    [InlineData("ntk --limit --widths 3,8,1 --activation relu --inputs X.txt --out K.npy --gain 1", "X.txt", ".npy")]
    [InlineData("ntk --limit --widths 3,8,1 --activation relu --inputs X.npy --out K.txt --gain 1", "K.txt", ".npy")]
    [InlineData("ntk --limit --widths 3,8,1 --activation relu --inputs X.npy --gain 1", "missing --out", "--cost")]
    [InlineData("nngp --limit --widths 3,8,1 --activation relu --inputs X.npy --gain 1", "missing --out", "--out")]
    [InlineData("nngp --limit --widths 3,8,1 --activation relu --inputs X.npy --gain 1 --cost", "'--cost'", "--inputs2")]
    [InlineData(Model + " --widths 3,8,1", "--widths belongs to --limit", "file")]
    [InlineData(Model + " --gain 1", "--gain belongs to --limit", "file")]
    [InlineData(Model + " --block-size 8", "--block-size belongs to --limit", "file")]
    [InlineData(Model + " --route fast", "'fast'", "contraction")]
    [InlineData("ntk --model net.npz --activation relu --inputs X.npy --output diagonal --out K.csv", "K.csv", ".safetensors")]
    public void Kernel_WrongCommandLine_IsUsage(string commandLine, string value, string expected)
    {
        using var folder = new TemporaryFolder(inMemory: true);
        NpyArray.Write(folder.File("X.npy"), Matrix<double>.Build.Dense(2, 3, 1.0));

        var run = Run(folder, commandLine);

        run.ExitCode.Should().Be(2, run.Error);
        run.Output.Should().BeEmpty();
        run.Error.Should().Contain(value).And.Contain(expected).And.NotContain("   at ");
        run.Error.TrimEnd().Split('\n').Should().HaveCount(2, "the fault, and where help is");
        File.Exists(folder.File("K.npy")).Should().BeFalse();
    }

    [Theory]
    [InlineData("wide", "2 x 4", "3 columns")]
    [InlineData("empty", "0 x 3", "at least one sample")]
    [InlineData("NaN", "NaN in row 1, column 2", "finite")]
    [InlineData("vector", "0 matrices", "one sample a row")]
    [InlineData("missing", "X.npy", "no such file")]
    public void Kernel_UnusableInputs_FailAndSayWhere(string fault, string value, string expected)
    {
        using var folder = new TemporaryFolder(inMemory: true);
        Npz.Write(folder.File("net.npz"), writer => writer.Add("0.weight", Matrix<double>.Build.Dense(2, 3, 0.5)));
        NpyArray.Write(folder.File("Good.npy"), Matrix<double>.Build.Dense(2, 3, 1.0));
        switch (fault)
        {
            case "wide":
                NpyArray.Write(folder.File("X.npy"), Matrix<double>.Build.Dense(2, 4, 1.0));
                break;
            case "empty":
                NpyArray.Write(folder.File("X.npy"), new NumericArray<double>([0, 3], []));
                break;
            case "NaN":
                NpyArray.Write(folder.File("X.npy"), Matrix<double>.Build.Dense(2, 3, [1, 1, 1, 1, 1, double.NaN]));
                break;
            case "vector":
                NpyArray.Write(folder.File("X.npy"), new NumericArray<double>([3], [1, 2, 3]));
                break;
        }

        foreach (var line in (string[])[Limit + " --gain 2", Model, Limit.Replace("ntk", "nngp", StringComparison.Ordinal) + " --gain 2"])
        {
            var first = Run(folder, line);
            var second = Run(folder, line.Replace("--inputs", "--inputs Good.npy --inputs2", StringComparison.Ordinal));
            foreach (var run in (ToolRun[])[first, second])
            {
                run.ExitCode.Should().Be(1, run.Error);
                run.Output.Should().BeEmpty();
                run.Error.Should().Contain("X.npy").And.Contain(value).And.Contain(expected);
                run.Error.TrimEnd().Split('\n').Should().HaveCount(1);
            }
        }

        File.Exists(folder.File("K.npy")).Should().BeFalse();
    }

    // 400000 samples: 1.28 TB, or more entries than an array holds; nothing of it may be allocated or left behind
    [Theory]
    [InlineData(Limit + " --gain 2", "--block-size")]
    [InlineData(Model + " --output trace", "block by block")]
    [InlineData("nngp --model net.npz --activation relu --inputs X.npy --out K.npy", "block by block")]
    public void Kernel_TooLargeForMemory_IsRefusedBeforehand(string commandLine, string wayOut)
    {
        using var folder = new TemporaryFolder(inMemory: true);
        Npz.Write(folder.File("net.npz"), writer => writer.Add("0.weight", Matrix<double>.Build.Dense(1, 3, 0.5)));
        NpyArray.Write(folder.File("X.npy"), Matrix<double>.Build.Dense(400_000, 3, 1.0));
        var before = GC.GetTotalAllocatedBytes(precise: true);

        var run = Run(folder, commandLine);

        run.ExitCode.Should().Be(1, run.Error);
        run.Error.Should().Contain("400000 x 400000").And.Contain(wayOut);
        (GC.GetTotalAllocatedBytes(precise: true) - before).Should().BeLessThan(500_000_000, "the inputs are 10 MB");
        Directory.GetFiles(folder.Path).Should().HaveCount(2);
    }

    [Fact]
    public void Kernel_BlocksIntoAnotherKindOfFile_IsUsage()
    {
        using var folder = new TemporaryFolder(inMemory: true);
        NpyArray.Write(folder.File("X.npy"), Matrix<double>.Build.Dense(2, 3, 1.0));

        var run = Run(folder, Limit.Replace("K.npy", "K.csv", StringComparison.Ordinal) + " --gain 2 --block-size 8");

        run.ExitCode.Should().Be(2);
        run.Error.Should().Contain("--block-size 8").And.Contain(".npy");
    }

    /// <summary>A run on the files of the folder.</summary>
    private static ToolRun Run(TemporaryFolder folder, string commandLine) => ToolRun.Of([.. commandLine.Split(' ')
        .Select(word => word is "X.npy" or "X.txt" or "Good.npy" or "net.npz" or "K.npy" or "K.csv" or "K.txt"
            ? folder.File(word)
            : word)]);
}
