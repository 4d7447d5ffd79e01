using System.CommandLine;
using Spectre.Console;
using StableRank.Experiments.Figures;
using StableRank.Experiments.Reporting;
using StableRank.Experiments.Running;

namespace StableRank.Experiments;

/// <summary>The command line: <c>list</c> and <c>run</c>.</summary>
/// <param name="catalogue">The experiments.</param>
/// <param name="gnuplot">Draws their figures.</param>
/// <param name="output">What was found goes here.</param>
/// <param name="error">What went wrong goes here.</param>
internal sealed class ExperimentsCli(Catalogue catalogue, Gnuplot gnuplot, IAnsiConsole output, TextWriter error)
{
    /// <summary>Exit code: everything asked for was run, or listed.</summary>
    public const int Done = 0;

    /// <summary>Exit code: an experiment could not be run to its end, or with --strict a verdict does not hold.</summary>
    public const int Failed = 1;

    /// <summary>Exit code: the command line was not understood.</summary>
    public const int Usage = 2;

    /// <summary>Exit code: cancelled with Ctrl-C.</summary>
    public const int Cancelled = 130;

    /// <summary>Runs a command line.</summary>
    /// <returns><see cref="Done"/>, <see cref="Failed"/>, <see cref="Usage"/> or <see cref="Cancelled"/>.</returns>
    public async Task<int> InvokeAsync(IReadOnlyList<string> arguments, CancellationToken cancellation = default)
    {
        var parsed = Root().Parse(arguments);
        if (parsed.Errors.Count > 0)
        {
            foreach (var complaint in parsed.Errors)
            {
                error.WriteLine($"experiments: {complaint.Message}");
            }

            error.WriteLine("experiments --help tells what there is");
            return Usage;
        }

        // the default of two seconds would cut off an experiment that is on its way out
        var configuration = new InvocationConfiguration
        {
            Output = output.Profile.Out.Writer, Error = error, ProcessTerminationTimeout = TimeSpan.FromSeconds(30),
        };
        return await parsed.InvokeAsync(configuration, cancellation);
    }

    private RootCommand Root()
    {
        var list = new Command("list", "List the experiments: name, claim, source.");
        list.SetAction(_ => List());

        var names = new Argument<string[]>("NAME")
        {
            Arity = ArgumentArity.ZeroOrMore, Description = "Experiments to run; all of them where none is named.",
        };
        var full = new Option<bool>("--full") { Description = "Minutes instead of seconds: narrower error bars, larger networks." };
        var seed = new Option<ulong>("--seed") { Description = "Seed of all randomness.", HelpName = "K", DefaultValueFactory = _ => 1 };
        var folder = new Option<string>("--out")
        {
            Description = "Folder of the report and of a folder for each experiment.",
            HelpName = "FOLDER",
            DefaultValueFactory = _ => "artifacts",
        };
        var strict = new Option<bool>("--strict") { Description = "Exit with 1 when a verdict does not hold." };
        var run = new Command("run", "Run experiments and write figures, numbers and report.html.") { names, full, seed, folder, strict };
        run.SetAction((parsed, cancellation) => Task.Run(
            () => Run(
                parsed.GetValue(names) ?? [],
                new Settings(
                    parsed.GetValue(full) ? ExperimentSize.Full : ExperimentSize.Quick,
                    parsed.GetValue(seed), parsed.GetValue(folder)!, parsed.GetValue(strict)),
                cancellation),
            CancellationToken.None));
        return new RootCommand("Experiments on random deep networks of prescribed stable rank.") { list, run };
    }

    private int List()
    {
        var table = new Table().Border(TableBorder.Rounded).ShowRowSeparators().AddColumns("name", "claim", "source");
        foreach (var experiment in catalogue.Experiments)
        {
            table.AddRow(Plain(experiment.Name), Plain(experiment.Claim), Plain(experiment.Source));
        }

        output.Write(table);
        return Done;
    }

    private int Run(IReadOnlyList<string> names, Settings settings, CancellationToken cancellation)
    {
        var chosen = catalogue.Select(names, out var unknown);
        if (unknown.Count > 0)
        {
            error.WriteLine($"experiments: no experiment is named {string.Join(", ", unknown.Select(name => $"'{name}'"))}; "
                + $"known are {string.Join(", ", catalogue.Names)}");
            return Usage;
        }

        try
        {
            Directory.CreateDirectory(settings.Folder);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            error.WriteLine($"experiments: cannot write to '{settings.Folder}': {refused.Message}");
            return Failed;
        }

        var runs = new RunLog();
        output.Progress()
            .Columns(
                new TaskDescriptionColumn { Alignment = Justify.Left },
                new ProgressBarColumn(),
                new PercentageColumn(),
                new ElapsedTimeColumn())
            .Start(progress => RunAll(chosen, settings, progress, runs, cancellation));
        Verdicts(runs.Results);
        foreach (var line in runs.Warnings.Distinct())
        {
            error.WriteLine($"experiments: {line}");
        }

        var report = Report.Write(settings.Folder, catalogue.Names);
        output.MarkupLineInterpolated($"report: [link]{Path.GetFullPath(report)}[/]");
        var broken = runs.Results.Any(result => result.Verdicts.Any(verdict => verdict.Outcome != VerdictOutcome.Holds));
        if (cancellation.IsCancellationRequested && !runs.AllRan)
        {
            return Cancelled;
        }

        return runs.AllRan && !(settings.Strict && broken) ? Done : Failed;
    }

    private void RunAll(
        IReadOnlyList<Experiment> chosen, Settings settings, ProgressContext progress, RunLog runs, CancellationToken cancellation)
    {
        var runner = new ExperimentRunner(settings.Folder, gnuplot);
        var bars = chosen.Select(experiment => progress.AddTask(Plain(experiment.Name), autoStart: false, maxValue: 1)).ToList();
        for (var i = 0; i < chosen.Count; i++)
        {
            bars[i].StartTask();
            var context = new ExperimentContext(settings.Seed, settings.Size, new Bar(bars[i]), cancellation);
            try
            {
                cancellation.ThrowIfCancellationRequested();
                var (result, warnings) = runner.Run(chosen[i], context);
                runs.Results.Add(result);
                runs.Warnings.AddRange(warnings);
                bars[i].Value = 1;
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                runs.AllRan = false;
                runs.Warnings.Add($"cancelled during '{chosen[i].Name}': what it left before is kept");
                return;
            }
            catch (Exception failure)
            {
                // one experiment must not take the others down; its message and where it came from go to the user
                runs.AllRan = false;
                runs.Warnings.Add($"'{chosen[i].Name}' failed: {failure}");
            }
            finally
            {
                bars[i].StopTask();
            }
        }
    }

    private void Verdicts(IReadOnlyList<StoredResult> results)
    {
        if (results.Count == 0)
        {
            return;
        }

        var table = new Table().Border(TableBorder.Rounded).ShowRowSeparators()
            .AddColumns("experiment", "verdict", "statement and numbers");
        foreach (var result in results)
        {
            foreach (var verdict in result.Verdicts)
            {
                var colour = verdict.Outcome switch
                {
                    VerdictOutcome.Holds => Color.Green, VerdictOutcome.Mixed => Color.Yellow, _ => Color.Red,
                };
                table.AddRow(
                    new Text(result.Name),
                    new Text(verdict.Outcome.ToString().ToLowerInvariant(), new Style(colour)),
                    new Rows(
                        new Text(EnhancedText.ToPlain(verdict.Statement)),
                        new Text(EnhancedText.ToPlain(verdict.Evidence), new Style(Color.Grey))));
            }
        }

        output.Write(table);
    }

    private static string Plain(string text) => Markup.Escape(EnhancedText.ToPlain(text));

    private sealed record Settings(ExperimentSize Size, ulong Seed, string Folder, bool Strict);

    private sealed class RunLog
    {
        public List<StoredResult> Results { get; } = [];

        public List<string> Warnings { get; } = [];

        public bool AllRan { get; set; } = true;
    }

    private sealed class Bar(ProgressTask task) : IProgress<double>
    {
        public void Report(double value) => task.Value = value;
    }
}
