using StableRank.Ensembles;
using StableRank.Networks;
using StableRank.Spectra;

namespace StableRank.Experiments.Learning;

/// <summary>A dense network: hidden layers of one width, no biases, ten linear outputs.</summary>
/// <param name="Activation">Of the hidden layers.</param>
/// <param name="Depth">Hidden layers.</param>
/// <param name="Width">Their width.</param>
internal sealed record Architecture(Activation Activation, int Depth, int Width)
{
    /// <summary>For people.</summary>
    public string Name => $"{Activation.Name} {Depth} x {Width}";

    /// <summary>
    /// c of theory (2.3), the mean square of an entry times n: 2/(1 + a^2) for (leaky) ReLU, which preserves the mean square of what
    /// passes; 1 for others (Xavier's).
    /// </summary>
    public double Gain => Activation.IsPiecewiseLinear(out var slope) ? 2 / (1 + (slope * slope)) : 1;

    /// <summary>The model with these hidden layers; the output layer is Gaussian of variance 1/n in all of them.</summary>
    public Model Model(int features, Initialisation initialisation) => Networks.Model.Dense(
        [features, .. Enumerable.Repeat(Width, Depth), LearningTask.Classes],
        Activation,
        (layer, rows, columns) => layer > Depth ? Ensemble.LeCun(rows, columns) : initialisation.Of(rows, columns, Gain),
        linearOutput: true);
}
