using Spectre.Console;
using StableRank.Experiments;
using StableRank.Experiments.Figures;
using StableRank.Experiments.Reporting;
using StableRank.Experiments.Running;
using StableRank.Tests.Support;

namespace StableRank.Tests.Experiments;

public sealed class ExperimentsCliTests
{
    private static readonly Gnuplot NoGnuplot = new("/nonexistent/gnuplot");
    private static readonly Catalogue OneAndTwo = new(new PlantedExperiment("one", 1), new PlantedExperiment("two", 1));

    [Fact]
    public async Task List_OfTheCatalogue_ShowsNameClaimAndSource()
    {
        var (code, output, _) = await Invoke(Catalogue.All, "list");

        code.Should().Be(0);
        var words = string.Concat(output.Where(char.IsLetterOrDigit));
        foreach (var experiment in Catalogue.All.Experiments)
        {
            output.Should().Contain(experiment.Name);
            words.Should().Contain(string.Concat(EnhancedText.ToPlain(experiment.Claim).Where(char.IsLetterOrDigit))[..20]);
            words.Should().Contain(string.Concat(EnhancedText.ToPlain(experiment.Source).Where(char.IsLetterOrDigit))[..10]);
        }
    }

    [Fact]
    public async Task Run_UnknownName_IsAUsageErrorThatListsTheKnownOnes()
    {
        var (code, _, error) = await Invoke(OneAndTwo, "run", "three", "one");

        code.Should().Be(2);
        error.Should().Contain("'three'").And.Contain("one, two");
    }

    [Theory]
    [InlineData("run", "--seed", "x")]
    [InlineData("run", "--nonsense")]
    [InlineData("dance")]
    public async Task CommandLine_NotUnderstood_IsAUsageErrorOnStandardError(params string[] arguments)
    {
        var (code, output, error) = await Invoke(new Catalogue(new PlantedExperiment("one", 1)), arguments);

        code.Should().Be(2);
        output.Should().BeEmpty();
        error.Should().Contain("experiments:").And.Contain(arguments[^1]);
    }

    [Fact]
    public async Task Run_TwoExperiments_WritesTheirFoldersAndTheReport()
    {
        using var folder = new TemporaryFolder();

        var (code, output, error) = await Invoke(OneAndTwo, "run", "--out", folder.Path, "--seed", "7", "--full");

        code.Should().Be(0);
        foreach (var file in (string[])["first.csv", "first.gp", "second.csv", "second.gp", "result.json"])
        {
            File.Exists(folder["one", file]).Should().BeTrue(file);
        }

        StoredResult.Read(folder["two"]).Should()
            .Match<StoredResult>(stored => stored.Seed == 7 && stored.Size == "full" && stored.Verdicts.Count == 1);
        output.Should().Contain("holds");
        error.Should().Contain("gnuplot was not found").And.Contain("CSV");
        File.ReadAllText(folder["report.html"]).Should().Contain("Planted &lt;one&gt;").And.Contain("Planted &lt;two&gt;");
        Directory.GetFileSystemEntries(folder.Path, ".*").Should().BeEmpty("nothing temporary stays behind");
    }

    [Fact]
    public async Task Run_OneOfTwo_LeavesTheOtherInTheReport()
    {
        using var folder = new TemporaryFolder();
        await Invoke(OneAndTwo, "run", "--out", folder.Path, "--seed", "7");
        File.WriteAllText(folder["one", "stale.csv"], "left from before");

        await Invoke(OneAndTwo, "run", "one", "--out", folder.Path, "--seed", "8");

        StoredResult.Read(folder["one"]).Seed.Should().Be(8);
        StoredResult.Read(folder["two"]).Seed.Should().Be(7);
        File.Exists(folder["one", "stale.csv"]).Should().BeFalse("the folder is replaced whole");
        File.ReadAllText(folder["report.html"]).Should().Contain("seed 8").And.Contain("seed 7");
    }

    [Fact]
    public async Task Run_AnExperimentThrows_KeepsWhatItLeftBeforeAndRunsTheOthers()
    {
        using var folder = new TemporaryFolder();
        await Invoke(new Catalogue(new PlantedExperiment("one", 1)), "run", "--out", folder.Path, "--seed", "7");
        var broken = new PlantedExperiment("one", 1, _ => throw new InvalidOperationException("no such luck"));

        var (code, output, error) = await Invoke(
            new Catalogue(broken, new PlantedExperiment("two", 1)), "run", "--out", folder.Path, "--seed", "8");

        code.Should().Be(1);
        error.Should().Contain("'one' failed").And.Contain("no such luck");
        output.Should().Contain("two");
        StoredResult.Read(folder["one"]).Seed.Should().Be(7);
        StoredResult.Read(folder["two"]).Seed.Should().Be(8);
    }

    [Fact]
    public async Task Run_Cancelled_StopsAndKeepsWhatWasThereBefore()
    {
        using var folder = new TemporaryFolder();
        using var cancellation = new CancellationTokenSource();
        await Invoke(new Catalogue(new PlantedExperiment("one", 1)), "run", "--out", folder.Path, "--seed", "7");
        var slow = new PlantedExperiment("one", 1, context =>
        {
            cancellation.Cancel();
            context.Cancellation.WaitHandle.WaitOne(TimeSpan.FromSeconds(10)).Should().BeTrue();
            context.Cancellation.ThrowIfCancellationRequested();
        });

        var (code, _, error) = await Invoke(
            new Catalogue(slow, new PlantedExperiment("two", 1)), cancellation.Token, "run", "--out", folder.Path, "--seed", "8");

        code.Should().Be(130);
        error.Should().Contain("cancelled during 'one'");
        StoredResult.Read(folder["one"]).Seed.Should().Be(7);
        Directory.Exists(folder["two"]).Should().BeFalse();
        Directory.GetFileSystemEntries(folder.Path, ".*").Should().BeEmpty();
    }

    [Theory]
    [InlineData(1.0, false, 0)]
    [InlineData(1.0, true, 0)]
    [InlineData(2.0, false, 0)]
    [InlineData(2.0, true, 1)]
    public async Task Run_Strict_FailsWhereAVerdictDoes(double measured, bool strict, int expected)
    {
        using var folder = new TemporaryFolder();

        var (code, output, _) = await Invoke(
            new Catalogue(new PlantedExperiment("one", measured)), ["run", "--out", folder.Path, .. strict ? (string[])["--strict"] : []]);

        code.Should().Be(expected);
        output.Should().Contain(measured == 1 ? "holds" : "fails");
    }

    [Fact]
    public void Catalogue_TwoOfOneName_IsRefused()
    {
        var make = () => new Catalogue(new PlantedExperiment("one", 1), new PlantedExperiment("one", 1));

        make.Should().Throw<ArgumentException>().WithMessage("*'one'*");
    }

    private static Task<(int Code, string Output, string Error)> Invoke(Catalogue catalogue, params string[] arguments) =>
        Invoke(catalogue, CancellationToken.None, arguments);

    private static async Task<(int Code, string Output, string Error)> Invoke(
        Catalogue catalogue, CancellationToken cancellation, params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(output),
            Ansi = AnsiSupport.No,
            Interactive = InteractionSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
        });
        console.Profile.Width = 200;
        var code = await new ExperimentsCli(catalogue, NoGnuplot, console, error).InvokeAsync(arguments, cancellation);
        return (code, output.ToString(), error.ToString());
    }
}
