using System.Text.RegularExpressions;
using StableRank.Experiments.Figures;
using StableRank.Experiments.Reporting;
using StableRank.Experiments.Running;
using StableRank.Tests.Support;

namespace StableRank.Tests.Experiments;

public sealed partial class ReportTests
{
    // what gnuplot 5.4 writes, cut down to all that refers to something
    private const string Svg = """
        <?xml version="1.0" encoding="utf-8"  standalone="no"?>
        <svg viewBox="0 0 900 400" xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">
        <title>Gnuplot</title><desc>Produced by GNUPLOT</desc>
        <defs><circle id='gpPt5' r='1'/><use xlink:href='#gpPt5' id='gpPt6'/><filter id="textbox"/></defs>
        <g id="gnuplot_plot_1a"><title>series</title><use xlink:href='#gpPt6' x='3'/><text filter="url(#textbox)">1</text></g>
        </svg>
        """;

    [Fact]
    public void Report_OfTwoExperiments_NeedsNoOtherFileAndRepeatsNoId()
    {
        using var folder = new TemporaryFolder();
        Store(folder, "one", drawn: true);
        Store(folder, "two", drawn: true);

        var page = File.ReadAllText(Report.Write(folder.Path, ["two", "one"]));

        var ids = Ids().Matches(page).Select(match => match.Groups[1].Value).ToList();
        ids.Should().OnlyHaveUniqueItems().And.HaveCountGreaterThan(16);
        var references = References().Matches(page).Select(match => match.Groups[1].Value).ToList();
        references.Where(reference => reference.StartsWith('#')).Select(reference => reference[1..]).Should().BeSubsetOf(ids);
        references.Where(reference => !reference.StartsWith('#')).Should().OnlyContain(file => File.Exists(folder[file.Split('/')]));
        foreach (var outward in (string[])["src=", "@import", "<link", "<script", "<?xml"])
        {
            page.Should().NotContain(outward);
        }

        Regex.Matches(page, "<svg").Should().HaveCount(4, "every figure is inlined");
        var (two, one) = (page.IndexOf("id=\"two\"", StringComparison.Ordinal), page.IndexOf("id=\"one\"", StringComparison.Ordinal));
        two.Should().BeInRange(0, one, "that is the order asked for");
    }

    [Fact]
    public void Report_OfAnExperiment_ShowsAllOfItEncoded()
    {
        using var folder = new TemporaryFolder();
        Store(folder, "one", drawn: true);

        var page = File.ReadAllText(Report.Write(folder.Path, []));

        string[] parts =
        [
            "Planted &lt;one&gt;", "x<sub>L+1</sub> is 1 &amp; no more", "theory (4.1)", "10<sup>-3</sup>", "holds", "standard errors",
            "s<sub>1</sub>", "&lt;3&gt;", "Its caption: x<sup>2</sup>", "seed 5", "2.5 s", "some backend", "one/first.csv", "one/second.gp",
        ];
        foreach (var part in parts)
        {
            page.Should().Contain(part);
        }
    }

    [Fact]
    public void Report_FigureNotDrawn_SaysSoAndLinksItsNumbers()
    {
        using var folder = new TemporaryFolder();
        Store(folder, "one", drawn: false);

        var page = File.ReadAllText(Report.Write(folder.Path, []));

        page.Should().Contain("Not drawn").And.Contain("one/first.csv").And.NotContain("one/first.svg").And.NotContain("<svg");
    }

    [Fact]
    public void Report_AResultThatIsNone_IsNamed()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["bad"]);
        File.WriteAllText(folder["bad", "result.json"], "{\"name\": \"bad\"}");

        var write = () => Report.Write(folder.Path, []);

        write.Should().Throw<InvalidDataException>().WithMessage("*bad*result.json*");
    }

    [Theory]
    [InlineData("x_L + y^2", "x<sub>L</sub> + y<sup>2</sup>", "x_L + y^2")]
    [InlineData("x_{l-1} < 10^{-3}", "x<sub>l-1</sub> &lt; 10<sup>-3</sup>", "x_l-1 < 10^-3")]
    [InlineData("ends in _", "ends in _", "ends in _")]
    [InlineData("a _ b", "a _ b", "a _ b")]
    [InlineData("‖x‖ & 𝔼", "‖x‖ &amp; &#120124;", "‖x‖ & 𝔼")]
    public void EnhancedText_AsHtmlAndAsPlainText_MarksWhatIsRaisedOrLowered(string text, string html, string plain)
    {
        EnhancedText.ToHtml(text).Should().Be(html);
        EnhancedText.ToPlain(text).Should().Be(plain);
    }

    private static void Store(TemporaryFolder folder, string name, bool drawn)
    {
        var experiment = new PlantedExperiment(name, 1);
        var found = experiment.Run(new ExperimentContext(5, ExperimentSize.Quick, new Progress<double>(), CancellationToken.None));
        Directory.CreateDirectory(folder[name]);
        foreach (var figure in found.Figures)
        {
            new FigureWriter(new Gnuplot("/nonexistent/gnuplot")).Write(figure, folder[name]);
            if (drawn)
            {
                File.WriteAllText(folder[name, figure.Name + ".svg"], Svg);
                File.WriteAllText(folder[name, figure.Name + ".png"], "stands for a picture");
            }
        }

        var figures = found.Figures.Select(figure => new StoredFigure(figure.Name, figure.Title, figure.Caption, drawn)).ToList();
        new StoredResult(
            name, experiment.Title, experiment.Source, experiment.Claim, experiment.Protocol, "quick", 5, 2.5, "some backend",
            figures, found.Tables, found.Verdicts, found.Notes).Write(folder[name]);
    }

    [GeneratedRegex("""\sid\s*=\s*["']([^"']+)""")]
    private static partial Regex Ids();

    [GeneratedRegex("""(?:href\s*=\s*["']|url\(\s*)([^"')]+)""")]
    private static partial Regex References();
}
