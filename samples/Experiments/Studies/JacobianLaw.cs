using MathNet.Numerics.LinearAlgebra;
using StableRank.Ensembles;
using StableRank.Experiments.Measuring;
using StableRank.Experiments.Running;
using StableRank.Expressivity;
using StableRank.Networks;
using StableRank.Propagation;
using StableRank.Randomness;
using StableRank.Replication;
using StableRank.Spectra;

namespace StableRank.Experiments.Studies;

/// <summary>
/// Singular values of input-output Jacobians against the density that free probability predicts from the layers' spectra.
/// </summary>
internal sealed partial class JacobianLaw(JacobianLaw.Scope? scope = null) : Experiment
{
    private const int Depth = 3;

    /// <summary>The stream of the input, beyond those of networks.</summary>
    private const ulong InputPurpose = (1UL << 48) + 2;

    private static readonly IReadOnlyList<SpectralFamily> Families =
        [SpectralFamily.Flat, SpectralFamily.PowerLaw, SpectralFamily.Spike, SpectralFamily.GaussianConditioned];

    private static readonly Scope QuickScope = new(
        Widths: [16, 32, 64], Shares: [1 / 8.0, 1 / 2.0], Networks: 40, RandomSpectra: 40, Points: 80);

    private static readonly Scope FullScope = new(
        Widths: [32, 64, 128, 256], Shares: [1 / 8.0, 1 / 2.0], Networks: 2000, RandomSpectra: 100, Points: 1000);

    public override string Name => "jacobian-spectrum";

    public override string Title => "Singular values of input-output Jacobians";

    public override string Source =>
        "P1, On the Impact of Stable Ranks in Deep Nets (arXiv 2110.02333), asks how stable ranks shape expressivity; theory (4.8) and "
        + "(7.3). Free probability for Jacobians of Gaussian and orthogonal networks: Pennington, Schoenholz and Ganguli (arXiv "
        + "1711.04735, 1802.09979); here for any spectra of the layers.";

    public override string Claim =>
        "The singular values of the Jacobian of a random network follow the free multiplicative convolution of the layers' own spectra and "
        + "of the law of φ'^2, the better the wider it is; its rank, for ReLU, is the least number of active neurons of a layer.";

    public override string Protocol
    {
        get
        {
            var settings = scope ?? QuickScope;
            return $"Networks of {Depth} square layers without biases, layers flat, power-law, spike or Gaussian given its stable "
                + "rank, r/n = "
                + $"{string.Join(", ", settings.Shares.Select(share => F(share, 3)))}; ReLU with variance-preserving scale, and tanh "
                + "at the first of these shares with gain 1. One input of mean square 1; the Jacobian by matrix products, singular "
                + "values by LAPACK. Beside them the density: the S-transforms' equation solved on the axis, with no parameter fitted. "
                + "Kolmogorov distance: of the squared singular values of all networks together from the predicted distribution "
                + "function, zeros included; beside it that of the values above 0 alone. Narrower networks are drawn in the number that "
                + "keeps networks times width. The number of singular values above rounding is set beside the exact expectation of the "
                + "least of independent binomials and the layers' rank, the mean square beside (4.5), which is exact at any width. "
                + "Verdicts in standard errors allow 0.1 % of false alarms.";
        }
    }

    public override ExperimentResult Run(ExperimentContext context)
    {
        var settings = scope ?? context.Choose(QuickScope, FullScope);
        return Judge(Measure(settings, context), settings);
    }

    internal static ExperimentResult Judge(IReadOnlyList<Cell> cells, Scope settings) => new(
        [DensityFigure(cells, settings), DistanceFigure(cells), RankFigure(cells, settings)],
        [DistanceTable(cells)],
        Verdicts(cells),
        [
            "A single value of a layer that stands apart (the spike, the top of a power law, the outlier of a Gaussian given a low stable "
            + "rank) becomes a band of weight 1/n in the prediction: its weight and its middle hold, its edges and shape are not "
            + "those of the one random value.",
            "With ReLU the number of active neurons of a layer is random, n/2 give or take √n/2; the least of the layers bounds the "
            + "rank, so that the share of zeros lies above 1/2 by about 0.42/√n. That is most of the distance at finite width.",
        ]);

    /// <summary>All laws at all widths.</summary>
    internal static IReadOnlyList<Cell> Measure(Scope settings, ExperimentContext context)
    {
        var plans = (from width in settings.Widths
                     from family in Families
                     from setup in Setups(settings)
                     select (Width: width, Family: family, setup.Activation, setup.Share)).ToList();
        var cost = plans.Sum(plan => Math.Pow(plan.Width, 3));
        var done = 0.0;
        var cells = new List<Cell>();
        foreach (var (width, family, activation, share) in plans)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            var model = ModelOf(width, family, activation, share * width);
            var law = JacobianDensity.Of(model, 1);
            var networks = (family.IsRandom ? settings.RandomSpectra : settings.Networks) * settings.Widths[^1] / width;
            var ensemble = JacobianEnsemble.Run(
                model, Input(width, context.Seed), networks, context.Seed, cancellationToken: context.Cancellation);
            double[][] groups = [.. ensemble.Spectra.Select(network => network.SelectMany(spectrum => spectrum.Squares()).ToArray())];
            double[][] groupsAbove = [.. groups.Select(network => network.Where(square => square > 0).ToArray())];
            EmpiricalLaw squares = new(groups.SelectMany(network => network)), above = new(groupsAbove.SelectMany(network => network));
            cells.Add(new Cell(
                width, family, activation, share, law, squares, above, ensemble,
                ClusteredDistance.Of(squares, groups, law.CumulativeProbability, settings.Points),
                ClusteredDistance.Of(above, groupsAbove, x => ProbabilityAbove(law, x), settings.Points)));
            done += Math.Pow(width, 3);
            context.Progress.Report(done / cost);
        }

        return cells;
    }

    internal static Model ModelOf(int width, SpectralFamily family, Activation activation, double rank)
    {
        var scale = activation == Activation.ReLU ? ScaleConvention.ReLU : ScaleConvention.Linear;
        return Model.Dense(
            [.. Enumerable.Repeat(width, Depth + 1)], activation, (_, m, n) => Ensemble.StableRank(m, n, rank, family, scale));
    }

    /// <summary>The distribution function given that the value is above 0.</summary>
    private static double ProbabilityAbove(JacobianDensity law, double x) =>
        (law.CumulativeProbability(x) - law.AtomAtZero) / (1 - law.AtomAtZero);

    private static IEnumerable<(Activation Activation, double Share)> Setups(Scope settings) =>
        [.. settings.Shares.Select(share => (Activation.ReLU, share)), (Activation.Tanh, settings.Shares[0])];

    /// <summary>A Gaussian direction of mean square 1.</summary>
    private static Matrix<double> Input(int width, ulong seed)
    {
        var values = new double[width];
        new RandomStream(seed, purpose: InputPurpose).FillGaussian<double>(values);
        var column = Matrix<double>.Build.Dense(width, 1, values);
        return column * (Math.Sqrt(width) / column.FrobeniusNorm());
    }

    private static string F(double value, int digits) =>
        value.ToString($"0.{new string('#', digits)}", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>How much is measured.</summary>
    /// <param name="Widths">Widths, rising.</param>
    /// <param name="Shares">r/n, rising.</param>
    /// <param name="Networks">Networks for each law at the greatest width.</param>
    /// <param name="RandomSpectra">The same where each layer draws its spectrum, which takes a Markov chain.</param>
    /// <param name="Points">Quantiles at which the distribution functions are compared.</param>
    internal sealed record Scope(IReadOnlyList<int> Widths, IReadOnlyList<double> Shares, int Networks, int RandomSpectra, int Points);

    /// <summary>One law at one width.</summary>
    /// <param name="Width">n.</param>
    /// <param name="Family">Of the layers' spectra.</param>
    /// <param name="Activation">φ.</param>
    /// <param name="Share">r/n.</param>
    /// <param name="Law">Predicted.</param>
    /// <param name="Squares">Measured squared singular values.</param>
    /// <param name="Above">Those above 0.</param>
    /// <param name="Ensemble">The networks.</param>
    /// <param name="Distance">Kolmogorov's, between the two laws, with the error by the networks that were drawn.</param>
    /// <param name="DistanceAbove">The same of the values above 0.</param>
    internal sealed record Cell(
        int Width, SpectralFamily Family, Activation Activation, double Share, JacobianDensity Law, EmpiricalLaw Squares,
        EmpiricalLaw Above, JacobianEnsemble Ensemble, Estimate Distance, Estimate DistanceAbove)
    {
        /// <summary>For texts.</summary>
        public string Title => $"{Family.Name}, {Activation.Name}, r/n = {F(Share, 3)}";
    }
}
