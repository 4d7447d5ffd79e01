using System.Globalization;
using CsvHelper;
using StableRank.Experiments.Figures;
using StableRank.Tests.Support;

namespace StableRank.Tests.Experiments;

public sealed class FigureWriterTests
{
    private static readonly Gnuplot NoGnuplot = new("/nonexistent/gnuplot");

    [Fact]
    public void Csv_OfAFigure_HoldsEveryPointToTheLastBit()
    {
        using var folder = new TemporaryFolder();
        new FigureWriter(NoGnuplot).Write(PlantedExperiment.Sample("figure"), folder.Path);

        using var reader = new StreamReader(folder["figure.csv"]);
        using var csv = CsvReader.Create(reader, new CsvReaderOptions { HasHeader = false });
        var rows = new List<string[]>();
        while (csv.Read())
        {
            rows.Add([.. Enumerable.Range(0, csv.FieldCount).Select(csv.GetString)]);
        }

        rows[0].Should().Equal("panel", "series", "label", "x", "y", "low", "high", "width", "colour");
        rows.Should().HaveCount(1 + 8);
        rows[1].Should().Equal("1", "1", "band, wide", "1", "", "0.5", "2", "", "");
        rows[5].Should().Equal("1", "3", "measured \"q\"", "1", "1.1", "0.9000000000000001", "1.3", "", "");
        double.Parse(rows[8][4], CultureInfo.InvariantCulture).Should().Be(1.0 / 3);
        rows[8][7].Should().Be("0.5");
    }

    [Fact]
    public void Write_WithoutGnuplot_StillWritesCsvAndScriptAndSaysSo()
    {
        using var folder = new TemporaryFolder();

        var warning = new FigureWriter(NoGnuplot).Write(PlantedExperiment.Sample("figure"), folder.Path);

        warning.Should().Contain("gnuplot was not found").And.Contain("/nonexistent/gnuplot").And.Contain("gnuplot-nox");
        Directory.GetFiles(folder.Path).Select(Path.GetFileName).Should().BeEquivalentTo("figure.csv", "figure.gp");
    }

    [Fact]
    public void Write_WithGnuplot_DrawsBothPictures()
    {
        using var folder = new TemporaryFolder();

        var warning = new FigureWriter(new Gnuplot()).Write(PlantedExperiment.Sample("figure"), folder.Path);

        if (warning is not null && warning.Contains("was not found", StringComparison.Ordinal))
        {
            // a machine without gnuplot: the test above covers what happens there
            return;
        }

        warning.Should().BeNull();
        File.ReadAllText(folder["figure.svg"]).Should().Contain("<svg").And.Contain("measured").And.Contain("</svg>");
        File.ReadAllBytes(folder["figure.png"]).Take(4).Should().Equal(0x89, (byte)'P', (byte)'N', (byte)'G');
    }

    [Fact]
    public void Gnuplot_AScriptItRefuses_IsReportedWithItsMessage()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["bad.gp"], "plot 'no-such-file.csv' with nonsense\n");

        var warning = new Gnuplot().Run(folder.Path, "bad.gp");

        warning.Should().Match(line => line.Contains("bad.gp") || line.Contains("was not found"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("../up")]
    [InlineData("Two Words")]
    public void Write_NameThatIsNoPlainFileName_IsRefused(string name)
    {
        using var folder = new TemporaryFolder();

        var write = () => new FigureWriter(NoGnuplot).Write(PlantedExperiment.Sample(name), folder.Path);

        write.Should().Throw<ArgumentException>().WithMessage($"*'{name}'*");
    }

    [Fact]
    public void Palette_Sequential_RunsFromEndToEndAndRefusesTheRest()
    {
        Palette.Sequential(0).Should().Be("#440154");
        Palette.Sequential(1).Should().Be("#86c22e");
        Palette.Sequential(0, 1).Should().Be(Palette.Sequential(0));
        Enumerable.Range(0, 9).Select(i => Palette.Sequential(i, 9)).Should().OnlyHaveUniqueItems();
        foreach (var bad in (double[])[-0.1, 1.1, double.NaN])
        {
            ((Func<string>)(() => Palette.Sequential(bad))).Should().Throw<ArgumentOutOfRangeException>();
        }
    }
}
