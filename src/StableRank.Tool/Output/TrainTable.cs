using StableRank.Tool.CommandLine;
using StableRank.Tool.Commands;

namespace StableRank.Tool.Output;

/// <summary>What <c>train</c> tells people: the run in words, epochs, layers.</summary>
internal static class TrainTable
{
    /// <summary>Epochs in the table at most, spread evenly; the JSON has them all.</summary>
    private const int EpochRows = 12;

    private const int LongestGiven = 8;

    public static void Write(CliConsole console, TrainReport report)
    {
        var momentum = report.Momentum is { } m ? $", momentum {NumberFormat.Exact(m)}" : "";
        var spectra = report.Family is { } family ? $"family {family}" : "Gaussian weights";
        var bias = report.Bias ? " with biases" : "";
        WriteWrapped(console, $"{report.Data}, {report.Activation}{bias}, {spectra}, scale {report.Scale}, seed {report.Seed}, "
            + $"{report.Dtype}: {report.Optimizer} at {NumberFormat.Exact(report.LearningRate)} ({report.Schedule}{momentum}), "
            + $"batches of {report.Batch}; {report.TrainSamples} samples, {report.ValidationSamples} for validation");
        if (report.History.Count > 0)
        {
            var epochs = new Readout("epoch", "steps", "loss", "accuracy", "validation\nloss", "validation\naccuracy");
            foreach (var e in Spread(report.History))
            {
                epochs.Add(
                    $"{e.Epoch}",
                    $"{e.Steps}",
                    NumberFormat.Significant(e.TrainLoss, 4),
                    NumberFormat.Fixed(e.TrainAccuracy, 4),
                    NumberFormat.Significant(e.ValidationLoss, 4),
                    NumberFormat.Fixed(e.ValidationAccuracy, 4));
            }

            epochs.Write(console);
        }

        WriteLayers(console, report);
        var place = report.Weights is { } file ? $"; weights in {file}" : "";
        WriteWrapped(console, $"{report.Steps} steps in {NumberFormat.Significant(report.Seconds, 3)} s{place}");
        foreach (var note in report.Notes)
        {
            console.WriteNote(note);
        }
    }

    private static void WriteLayers(CliConsole console, TrainReport report)
    {
        var rule = report.Layers[0].Hold?.Rule;
        string[] hold = rule switch
        {
            null => [],
            TrainHold.PenaltyName => [$"drawn to\n({report.Hold})"],
            TrainHold.AtMostName => ["held\nat most at", "greatest\nexcess"],
            _ => ["held\nexactly at", "repairs", "greatest\nerror"],
        };
        var layers = new Readout("layer", ["m x n", "stable rank\nbefore", "stable rank\nafter", .. hold]);
        foreach (var l in report.Layers)
        {
            string[] cells =
            [
                Rank(l.Hold?.StableRank), $"{l.Hold?.Repairs}", NumberFormat.Significant(l.Hold?.GreatestError, 2),
            ];
            layers.Add(
                l.Name,
                [
                    $"{l.Rows} x {l.Columns}",
                    NumberFormat.Significant(l.StableRankBefore, 4),
                    NumberFormat.Significant(l.StableRankAfter, 4),
                    .. rule switch
                    {
                        null => [],
                        TrainHold.PenaltyName => cells[..1],
                        TrainHold.AtMostName => [cells[0], cells[2]],
                        _ => cells,
                    },
                ]);
        }

        layers.Write(console);
    }

    /// <summary>As the user gave it; to six digits where it was measured.</summary>
    private static string Rank(double? r) =>
        r is { } value && NumberFormat.Exact(value) is { Length: <= LongestGiven } text ? text : NumberFormat.Significant(r, 6);

    /// <summary>At most so many, the first and the last among them.</summary>
    private static IEnumerable<TrainedEpoch> Spread(IReadOnlyList<TrainedEpoch> all) => all.Count <= EpochRows
        ? all
        : Enumerable.Range(0, EpochRows).Select(i => all[(int)((long)i * (all.Count - 1) / (EpochRows - 1))]);

    private static void WriteWrapped(CliConsole console, string text)
    {
        foreach (var line in TextWrap.Wrap(text, console.Width))
        {
            console.Output.WriteLine(line);
        }
    }
}
