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
    public void Write_Polygons_ArePartedByEmptyLinesAndKeepTheirColours()
    {
        using var folder = new TemporaryFolder();
        var series = Series.Polygons(
            "tiles", [("#ff0000", [(0, 0), (1, 0), (1, 1)]), ("#0000ff", [(0, 0), (1, 1), (0, 1)])]);

        var warning = new FigureWriter(new Gnuplot()).Write(
            new Figure("map", "A map", "Two tiles.", [new Panel("map", new Axis("u"), new Axis("v"), [series]) { EqualUnits = true }]),
            folder.Path);

        File.ReadAllLines(folder["map.csv"]).Should().Equal(
            "panel,series,label,x,y,low,high,width,colour",
            "1,1,tiles,0,0,,,,16711680", "1,1,tiles,1,0,,,,16711680", "1,1,tiles,1,1,,,,16711680", string.Empty,
            "1,1,tiles,0,0,,,,255", "1,1,tiles,1,1,,,,255", "1,1,tiles,0,1,,,,255", string.Empty);
        if (warning is null || !warning.Contains("was not found", StringComparison.Ordinal))
        {
            warning.Should().BeNull();
            File.ReadAllText(folder["map.svg"]).Replace(" ", string.Empty, StringComparison.Ordinal)
                .Should().Contain("rgb(255,0,0)").And.Contain("rgb(0,0,255)");
        }
    }

    [Fact]
    public void Palette_ColoursMixedWithWhite()
    {
        Palette.Number("#0102ff").Should().Be(65536 + 512 + 255);
        Palette.Lighter("#204060", 0).Should().Be("#204060");
        Palette.Lighter("#204060", 1).Should().Be("#ffffff");
        Palette.Lighter("#0000ff", 0.2).Should().Be("#3333ff");
        ((Func<int>)(() => Palette.Number("red"))).Should().Throw<FormatException>().WithMessage("*red*");
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
