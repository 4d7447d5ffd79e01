using System.Diagnostics;
using StableRank.Experiments.Figures;
using StableRank.Experiments.Reporting;
using StableRank.LinearAlgebra;

namespace StableRank.Experiments.Running;

/// <summary>Runs an experiment and stores what it found.</summary>
/// <param name="artifacts">The folder that gets a folder for each experiment.</param>
/// <param name="gnuplot">Draws the figures.</param>
internal sealed class ExperimentRunner(string artifacts, Gnuplot gnuplot)
{
    private readonly FigureWriter _figures = new(gnuplot);

    /// <summary>Runs the experiment and replaces its folder, whole or not at all.</summary>
    /// <returns>What was stored, and lines about what could not be drawn.</returns>
    /// <exception cref="OperationCanceledException">The context's token was cancelled.</exception>
    public (StoredResult Result, IReadOnlyList<string> Warnings) Run(Experiment experiment, ExperimentContext context)
    {
        var clock = Stopwatch.StartNew();
        var found = experiment.Run(context);
        if (found.Verdicts.Count == 0)
        {
            throw new InvalidOperationException($"experiment '{experiment.Name}' gave no verdict");
        }

        using var folder = new ArtifactFolder(artifacts, experiment.Name);
        var warnings = new List<string>();
        var figures = new List<StoredFigure>();
        foreach (var figure in found.Figures)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            var warning = _figures.Write(figure, folder.Path);
            figures.Add(new StoredFigure(figure.Name, figure.Title, figure.Caption, Drawn: warning is null));
            if (warning is not null && !warnings.Contains(warning))
            {
                warnings.Add(warning);
            }
        }

        var result = new StoredResult(
            experiment.Name, experiment.Title, experiment.Source, experiment.Claim, experiment.Protocol,
            context.Size.ToString().ToLowerInvariant(), context.Seed, clock.Elapsed.TotalSeconds, Backend.Describe().ToString(),
            figures, found.Tables, found.Verdicts, found.Notes);
        result.Write(folder.Path);
        folder.Commit();
        return (result, warnings);
    }
}
