using StableRank.Tests.Support;

namespace StableRank.Tests.Tool;

/// <summary>Wrong command lines: exit code 2, one line that names the value and what was expected, nothing on standard output.</summary>
public sealed class UsageTests
{
    private const string Sample = "sample --rows 20 --cols 30 --stable-rank 5";
    private const string Propagate = "propagate --widths 20,30,10 --stable-rank 5";

    [Theory]
    [InlineData(
        "", "a command is missing", "info, sample, measure, propagate, ntk, nngp, jacobian, train, gradient-rank, regions or setup")]
    [InlineData("sampel", "'sampel'", "info, sample, measure, propagate, ntk, nngp, jacobian, train, gradient-rank, regions or setup")]
    [InlineData("sample", "missing", "--rows, --cols, --stable-rank")]
    [InlineData(Sample + " --colour red", "unknown option '--colour'", "--family")]
    [InlineData(Sample + " more", "unexpected argument", "'more'")]
    [InlineData("sample --rows 0 --cols 30 --stable-rank 5", "--rows is '0'", "from 1")]
    [InlineData("sample --rows 20 --cols 1e3 --stable-rank 5", "--cols is '1e3'", "whole number")]
    [InlineData("sample --rows 20 --cols -3 --stable-rank 5", "'-3'", "whole number")]
    [InlineData("sample --rows 200000 --cols 300000 --stable-rank 5", "60000000000", "at most")]
    [InlineData("sample --rows 20 --cols 30 --stable-rank", "--stable-rank", "argument")]
    [InlineData("sample --rows 20 --cols 30 --stable-rank five", "'five'", "number")]
    [InlineData("sample --rows 20 --cols 30 --stable-rank 1,5", "'1,5'", "number")]
    [InlineData("sample --rows 20 --cols 30 --stable-rank 0.999", "--stable-rank is 0.999", "1 to 20")]
    [InlineData("sample --rows 20 --cols 30 --stable-rank 20.001", "--stable-rank is 20.001", "1 to 20")]
    [InlineData("sample --rows 20 --cols 30 --stable-rank NaN", "--stable-rank is NaN", "1 to 20")]
    [InlineData("sample --rows 20 --cols 30 --stable-rank Infinity", "--stable-rank is Infinity", "1 to 20")]
    [InlineData(Sample + " --family zipf", "'zipf'", "power-law")]
    [InlineData(Sample + " --scale sqrt:2", "'sqrt:2'", "spectral:S")]
    [InlineData(Sample + " --scale spectral:-1", "'spectral:-1'", "positive")]
    [InlineData(Sample + " --scale spectral:NaN", "'spectral:NaN'", "--scale")]
    [InlineData(Sample + " --scale frobenius:0", "'frobenius:0'", "positive")]
    [InlineData(Sample + " --seed -1", "'-1'", "whole number")]
    [InlineData(Sample + " --seed 18446744073709551616", "'18446744073709551616'", "18446744073709551615")]
    [InlineData(Sample + " --dtype f16", "'f16'", "f32 or f64")]
    [InlineData(Sample + " --out W.txt", "'W.txt'", ".npy")]
    [InlineData("measure", "missing FILE", ".npz")]
    [InlineData("measure W.npy --tensors a", "unknown option '--tensors'", "--tensor")]
    [InlineData("measure -x W.npy", "unknown option '-x'", "--tensor")]
    [InlineData("measure W.txt", "W.txt", ".npy")]
    [InlineData("measure W.npy --sort rank", "'rank'", "stable-rank")]
    [InlineData("measure W.npy --min-size 0", "'0'", "from 1")]
    [InlineData("propagate --stable-rank 5", "missing", "--widths")]
    [InlineData("propagate --widths 20 --stable-rank 5", "'20'", "at least two")]
    [InlineData("propagate --widths 20,,30 --stable-rank 5", "''", "widths")]
    [InlineData("propagate --widths 20,30x0 --stable-rank 5", "'30x0'", "64,256x8")]
    [InlineData("propagate --widths 20,30x2x2 --stable-rank 5", "'30x2x2'", "64,256x8")]
    [InlineData("propagate --widths 20,30x2147483647 --stable-rank 5", "'30x2147483647'", "10000 layers")]
    [InlineData("propagate --widths 20,30,10 --stable-rank 5,5,5", "3 numbers", "2: one a layer")]
    [InlineData("propagate --widths 20,30,10 --stable-rank 5,x", "'x' in place 2", "numbers")]
    [InlineData("propagate --widths 20,30,10 --stable-rank 5,11", "layer 2 is 11", "1 to 10")]
    [InlineData(Propagate + " --activation swish", "'swish'", "relu")]
    [InlineData(Propagate + " --activation leaky-relu:x", "'leaky-relu:x'", "number")]
    [InlineData(Propagate + " --samples 1", "'1'", "from 2")]
    [InlineData(Propagate + " --input-count 0", "'0'", "from 1")]
    [InlineData(Propagate + " --inputs X.txt", "X.txt", ".npy")]
    [InlineData("propagate --widths 64,10 --stable-rank 5 --input-count 1798", "1798", "1797")]
    public void Invoke_WrongCommandLine_IsUsage(string commandLine, string value, string expected)
    {
        foreach (var json in (bool[])[false, true])
        {
            // Without a command --json itself would be the error; as a last word it would be taken for a missing value.
            string[] words = commandLine.Length == 0 ? [] : commandLine.Split(' ');
            if (json && words.Length > 1)
            {
                words = [words[0], "--json", .. words[1..]];
            }

            var run = ToolRun.Of(words);

            run.ExitCode.Should().Be(2, run.Error);
            run.Output.Should().BeEmpty();
            run.Error.Should().Contain(value).And.Contain(expected).And.StartWith("stablerank").And.NotContain("   at ");
            run.Error.TrimEnd().Split('\n').Should().HaveCount(2, "the fault, and where help is");
        }
    }

    [Theory]
    [InlineData("measure missing.npy", "missing.npy")]
    [InlineData("propagate --widths 20,30 --stable-rank 5 --inputs missing.npy", "missing.npy")]
    [InlineData("measure missing.safetensors.index.json", "missing.safetensors.index.json")]
    [InlineData(Sample + " --out /no/such/folder/W.npy", "/no/such/folder")]
    public void Invoke_WhatIsNotThere_Fails(string commandLine, string name)
    {
        var run = ToolRun.Of(commandLine.Split(' '));

        run.ExitCode.Should().Be(1);
        run.Output.Should().BeEmpty();
        run.Error.Should().Contain(name).And.NotContain("   at ");
        run.Error.TrimEnd().Split('\n').Should().HaveCount(1);
    }

    [Fact]
    public void Measure_FolderWithoutAModel_Fails()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.File("W.npy"));

        var run = ToolRun.Of("measure", folder.File("W.npy"));

        run.ExitCode.Should().Be(1);
        run.Error.Should().Contain("W.npy").And.Contain("holds neither an index");
    }
}
