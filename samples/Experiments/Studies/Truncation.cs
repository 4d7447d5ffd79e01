using StableRank.Ensembles;
using StableRank.Experiments.Learning;
using StableRank.Experiments.Running;
using StableRank.Networks;

namespace StableRank.Experiments.Studies;

/// <summary>The ranks of gradients of recurrent networks against the truncation of back-propagation: H2 of arXiv 2402.06751.</summary>
internal sealed partial class Truncation(Truncation.Scope? scope = null) : Experiment
{
    private const string Chunks = "sinusoids, chunks", TextChunks = "text, chunks", Windows = "sinusoids, windows",
        Curved = "sinusoids, chunks, tanh";

    // below 1, so that the states of 50 steps stay of one size, and so near to it that 0.95^50 = 0.08 is no small number
    private const double Contraction = 0.95;

    private static readonly Scope QuickScope = new(
        Width: 128, Narrow: 2, Channels: 128, Outputs: 16, Longest: 50, Samples: 80, Lengths: [1, 2, 4, 8, 16, 25, 36, 50],
        OtherLengths: [1, 2, 8, 50], CharacterText.Load(), new RankProtocol(Folds: 2, Seeds: 1, BatchSize: 64, Epochs: 2, Interval: 1));

    private static readonly Scope FullScope = QuickScope with
    {
        Samples = 320, Lengths = [.. Enumerable.Range(1, 50)], OtherLengths = [1, 2, 5, 10, 25, 50],
        Protocol = new RankProtocol(Folds: 5, Seeds: 4, BatchSize: 64, Epochs: 2, Interval: 4),
    };

    public override string Name => "truncation";

    public override string Title => "Truncation in time bounds the gradients of recurrent networks";

    public override string Source => "P2, Low-Rank Learning by Design (arXiv 2402.06751), H2; theory (6.3) in place of its eq. 3.";

    public override string Claim =>
        "Beside a 2-wide layer of a linear recurrent network every time step of back-propagation adds at most 2 to the rank of the "
        + "gradients: at 50 steps it is at most 100.";

    public override string Protocol =>
        "Three Elman layers of width 128, 2 and 128 without biases, recurrent weights 0.95 times an orthogonal matrix at the start and "
        + "input weights small enough to keep states of one size, a dense layer on all their states that predicts what follows: "
        + "sinusoids of 128 channels, each of its own frequency and phase (the first 16 channels of the next step, squared error), and "
        + "characters of a text (the next one, cross-entropy). Truncation in chunks, as in P2: sequences are cut into chunks of τ steps "
        + "and the state starts at 0 in each. Linear; once with tanh; and once truncated otherwise, in windows: states run through 50 "
        + "steps, signals go back τ of them. Adam of rate 0.001, double precision, batches of 64. Why 2τ holds in chunks: all signals of "
        + "the layer below the narrow one lie in the span of (V^T)^j U^T, j < τ, U the 2 x 128 matrix above it, and all states of the "
        + "one above in that of V^j U, U 128 x 2: 2τ columns each. Quick: 2 of 5 folds, one seed; full: 5 folds x 4 seeds and every τ.";

    public override ExperimentResult Run(ExperimentContext context)
    {
        var settings = scope ?? context.Choose(QuickScope, FullScope);
        return Judge(Measure(settings, context), settings);
    }

    /// <summary>All networks; the setting is tau.</summary>
    internal static IReadOnlyList<RankCourse> Measure(Scope settings, ExperimentContext context)
    {
        RankData Sinusoids(int steps) =>
            RankSources.Sinusoids(settings.Channels, settings.Outputs, steps, settings.Samples, context.Seed);
        var whole = Sinusoids(settings.Longest);
        var cases = new List<RankCase>();
        foreach (var length in settings.Lengths)
        {
            cases.Add(new RankCase(
                Chunks, length, Network(settings, settings.Channels, settings.Outputs, length, Activation.Linear), Sinusoids(length),
                Loss.SquaredError));
            cases.Add(new RankCase(
                TextChunks, length, Network(settings, settings.Text.Alphabet, settings.Text.Alphabet, length, Activation.Linear),
                settings.Text.Windows(length, settings.Longest, settings.Samples, context.Seed), Loss.SoftmaxCrossEntropy));
        }

        foreach (var length in settings.OtherLengths)
        {
            cases.Add(new RankCase(
                Windows, length, Network(settings, settings.Channels, settings.Outputs, settings.Longest, Activation.Linear, length), whole,
                Loss.SquaredError));
            cases.Add(new RankCase(
                Curved, length, Network(settings, settings.Channels, settings.Outputs, length, Activation.Tanh), Sinusoids(length),
                Loss.SquaredError));
        }

        // the longest first, so that no processor is left with one at the end
        return settings.Protocol.Run([.. cases.OrderByDescending(one => one.Model.InputSize)], context);
    }

    private static Model Network(Scope settings, int features, int outputs, int steps, Activation activation, int? truncation = null)
    {
        ElmanSpecification Recurrent(int width, int below) => new(
            steps, Ensemble.Gaussian(width, below, (1 - (Contraction * Contraction)) / below),
            Ensemble.Orthogonal(width, width, Contraction), activation, truncation: truncation);
        return new Model(
        [
            Recurrent(settings.Width, features),
            Recurrent(settings.Narrow, settings.Width),
            Recurrent(settings.Width, settings.Narrow),
            new DenseSpecification(Ensemble.LeCun(outputs, settings.Width * steps), Activation.Linear),
        ]);
    }

    /// <summary>How much is trained.</summary>
    /// <param name="Width">Of the outer layers.</param>
    /// <param name="Narrow">Of the layer between.</param>
    /// <param name="Channels">Of the sinusoids.</param>
    /// <param name="Outputs">Channels to be predicted.</param>
    /// <param name="Longest">The longest chunk.</param>
    /// <param name="Samples">Chunks of each kind.</param>
    /// <param name="Lengths">The truncations of linear networks in chunks.</param>
    /// <param name="OtherLengths">Those of the other ones.</param>
    /// <param name="Text">The text.</param>
    /// <param name="Protocol">Folds, seeds and steps.</param>
    internal sealed record Scope(
        int Width, int Narrow, int Channels, int Outputs, int Longest, int Samples, IReadOnlyList<int> Lengths,
        IReadOnlyList<int> OtherLengths, CharacterText Text, RankProtocol Protocol);
}
