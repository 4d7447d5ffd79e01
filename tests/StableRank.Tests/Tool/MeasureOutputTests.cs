using System.Text.Json;
using MathNet.Numerics.LinearAlgebra;
using StableRank.Data;
using StableRank.Tests.Support;

namespace StableRank.Tests.Tool;

public sealed class MeasureOutputTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Measure_Table_NamesTensorsWholeAtEveryWidth()
    {
        const string Long = "model.decoder.layers.11.self_attention.query_key_value.weight";
        WriteNamed(Long, "short");
        foreach (var width in (int?[])[null, 160, 100, 80, 50])
        {
            var output = new StringWriter();
            var console = StableRank.Tool.CommandLine.CliConsole.Over(output, TextWriter.Null, width);
            StableRank.Tool.StableRankCli.Invoke(["measure", _folder.File("m.npz")], console).Should().Be(0);

            var lines = output.ToString().Split('\n');
            lines.Should().Contain(l => l.Contains(Long, StringComparison.Ordinal));
            output.ToString().Should().Contain("1.0000").And.NotContain("\u001b").And.NotContain("…");
            lines.Where(l => !l.Contains(Long, StringComparison.Ordinal))
                .Should().OnlyContain(l => width == null || l.TrimEnd().Length <= width);
        }
    }

    [Fact]
    public void Measure_Csv_HoldsTheRowsInFullPrecision()
    {
        var matrix = Matrix<double>.Build.Dense(5, 3, (i, j) => Math.Sin((3 * i) + (j * j)));
        Npz.Write(_folder.File("m.npz"), npz =>
        {
            npz.Add("layer, first", matrix);
            npz.Add("zero", Matrix<double>.Build.Dense(2, 2));
        });

        var run = ToolRun.Of("measure", "--json", _folder.File("m.npz"), "--csv", _folder.File("t.csv"));

        run.ExitCode.Should().Be(1, "of the zero matrix");
        var lines = File.ReadAllLines(_folder.File("t.csv"));
        lines.Should().HaveCount(3);
        lines[0].Should().StartWith("tensor,file,dtype,shape,rows,cols,stable_rank,");
        var cells = lines[1].Split(',');
        lines[1].Should().StartWith("\"layer, first\",");
        cells[7].Should().Be(Number(run.Json.GetProperty("tensors")[0], "stableRank").ToString("R"));
        lines[2].Should().StartWith("zero,").And.Contain(",,,").And.Contain("all entries are zero");
        Directory.GetFiles(_folder.Path).Should().HaveCount(2, "nothing temporary is left");

        (string Path, string Fault)[] wrong = [(_folder.File("no/t.csv"), "there is no folder"), (_folder.Path, "is a folder")];
        foreach (var (path, fault) in wrong)
        {
            ToolRun.Of("measure", _folder.File("m.npz"), "--csv", path).Error.Should().Contain("--csv").And.Contain(fault);
        }
    }

    [Fact]
    public void Measure_NameWithAnEscape_ReachesNoTerminal()
    {
        Safetensors.Write(_folder.File("m.safetensors"), writer =>
        {
            writer.Add("evil\u001b[2J", Matrix<float>.Build.DenseIdentity(2));
            writer.Add("zero\u001b]0;", Matrix<float>.Build.Dense(2, 2));
        });

        var run = ToolRun.Of("measure", _folder.File("m.safetensors"));

        run.Output.Should().Contain("evil").And.NotContain("\u001b");
        run.Error.Should().Contain("zero").And.NotContain("\u001b");
    }

    [Fact]
    public void Measure_Skipped_IsSaidOnTheErrorStream()
    {
        NpyArray.Write(_folder.File("v.npy"), new NumericArray<double>([3], [1, 2, 3]));

        var run = ToolRun.Done("measure", _folder.File("v.npy"));

        run.Output.Should().BeEmpty();
        run.Error.Should().Contain("v (a vector of 3)");
    }

    [Fact]
    public void Measure_SortedAndFiltered_IsAsAskedFor()
    {
        Npz.Write(_folder.File("m.npz"), npz =>
        {
            npz.Add("b", Matrix<double>.Build.DenseIdentity(3));
            npz.Add("zero", Matrix<double>.Build.Dense(4, 4));
            npz.Add("c", Matrix<double>.Build.DenseIdentity(7, 2));
            npz.Add("a", Matrix<double>.Build.DenseIdentity(4, 60));
            npz.Add("bias", new NumericArray<double>([2], [1, 2]));
        });

        Names().Should().Equal("b", "zero", "c", "a");
        Names("--sort", "file").Should().Equal("b", "zero", "c", "a");
        Names("--sort", "name").Should().Equal("a", "b", "c", "zero");
        Names("--sort", "stable-rank").Should().Equal("a", "b", "c", "zero");
        Names("--sort", "size").Should().Equal("a", "zero", "c", "b");

        // Of identities, k over max(1, m n/(sqrt m + sqrt n)^2): 3 of b, 2 of c and 1.58 of a.
        Names("--sort", "ratio").Should().Equal("b", "c", "a", "zero");
        Names("--min-size", "14").Should().Equal("zero", "c", "a");
        Names("--min-size", "15", "--tensor", "[ab]", "--tensor", "?", "--sort", "name").Should().Equal("a");
        Names("--tensor", "a", "--tensor", "c").Should().Equal("c", "a");

        var none = ToolRun.Of("measure", _folder.File("m.npz"), "--min-size", "1000", "--tensor", "?");
        none.ExitCode.Should().Be(1);
        none.Error.Should().Contain("named ? with at least 1000 entries").And.Contain("b, zero, c, a");

        IEnumerable<string?> Names(params string[] more) => ToolRun.Of(["measure", "--json", _folder.File("m.npz"), .. more]).Json
            .GetProperty("tensors").EnumerateArray().Select(t => t.GetProperty("name").GetString());
    }

    [Fact]
    public void Measure_TensorGlob_ChoosesByName()
    {
        WriteNamed("b.weight", "a.weight", "a.bias");

        Names("a.*").Should().Equal("a.weight", "a.bias");
        Names("*.weight").Should().Equal("b.weight", "a.weight");
        Names("?.weight").Should().Equal("b.weight", "a.weight");
        Names("*").Should().Equal("b.weight", "a.weight", "a.bias");

        var none = ToolRun.Of("measure", _folder.File("m.npz"), "--tensor", "A.*", "--json");
        none.ExitCode.Should().Be(1);
        none.Output.Should().BeEmpty();
        none.Error.Should().Contain("A.*").And.Contain("b.weight, a.weight, a.bias");

        IEnumerable<string?> Names(string glob) => ToolRun.Done("measure --json", _folder.File("m.npz"), "--tensor", glob).Json
            .GetProperty("tensors").EnumerateArray().Select(t => t.GetProperty("name").GetString());
    }

    private void WriteNamed(params string[] names) => Npz.Write(_folder.File("m.npz"), npz =>
    {
        foreach (var name in names)
        {
            npz.Add(name, Matrix<double>.Build.DenseIdentity(2, 1));
        }
    });

    private static double Number(JsonElement element, string name) => element.GetProperty(name).GetDouble();
}
