using MathNet.Numerics.LinearAlgebra;
using StableRank.Ensembles;
using StableRank.Experiments.Learning;
using StableRank.Experiments.Measuring;
using StableRank.Experiments.Running;
using StableRank.GradientRank;
using StableRank.LinearAlgebra;
using StableRank.Networks;
using StableRank.Randomness;
using StableRank.Replication;
using StableRank.Spectra;

namespace StableRank.Experiments.Studies;

/// <summary>Gradients at initialisation from the stable ranks of the layers: theory (6.7), and what is left of it under ReLU.</summary>
internal sealed partial class GradientStableRank(GradientStableRank.Scope? scope = null) : Experiment
{
    /// <summary>s_1 of every layer.</summary>
    private const double SpectralNorm = 1.5;

    /// <summary>Layers of the networks; the activation stands on all but the last.</summary>
    private const int Depth = 4;

    /// <summary>The data of one sample, of which the squared norm is exact under leaky ReLU too.</summary>
    private const string OneSample = "one digit";

    /// <summary>The share of the mean squared norm that counted directions may leave outside.</summary>
    private const double Outside = 0.01;

    /// <summary>A singular value counts from this share of ‖C‖_2 times all spectral norms on.</summary>
    private const double Tolerance = 0.3;

    /// <summary>r over min(m, n).</summary>
    private static readonly IReadOnlyList<double> Shares = [1 / 8.0, 1 / 4.0, 1 / 2.0, 3 / 4.0, 1];

    /// <summary>The slopes a on the negative side: linear, leaky, ReLU.</summary>
    private static readonly IReadOnlyList<double> Slopes = [1, 0.5, 0.1, 0];

    private static readonly IReadOnlyList<SpectralFamily> Families = [SpectralFamily.Flat, SpectralFamily.PowerLaw, SpectralFamily.Spike];

    private static readonly Scope QuickScope = new(
        Hidden: [28, 24, 30], Outputs: 32, Batch: 48, Networks: 400, Width: 32, StableRanks: [1.5, 3, 6, 12, 20], DirectionNetworks: 60);

    private static readonly Scope FullScope = new(
        Hidden: [112, 96, 120], Outputs: 128, Batch: 128, Networks: 3000, Width: 128, StableRanks: [1.5, 3, 6, 12, 25, 50, 100],
        DirectionNetworks: 200);

    public override string Name => "gradient-stable-rank";

    public override string Title => "Gradients from stable ranks";

    public override string Source =>
        "Theory (6.7), new: P1's (arXiv 2110.02333) stable ranks as linear factors, in the gradients whose rank P2 (arXiv 2402.06751) "
        + "bounds.";

    public override string Claim =>
        "At initialisation of a linear network E‖∂L/∂W_l‖^2 is ‖C‖^2 times a factor s_1^2 r/n of each layer below and s_1^2 r/m of each "
        + "above, and the participation rank of the gradient follows from theirs exactly, for C = (∂L/∂Z_L) X^T given. A layer of low "
        + "stable rank leaves the gradients of all other layers few directions, by a bound that holds of each network and one that holds "
        + "on average. Of a single sample the mean squared norm is exact under leaky ReLU and ReLU too, with (1 + a^2)/2 for each "
        + "activation; of a batch not.";

    public override string Protocol =>
        "Networks of four layers, s_1 = 1.5 in each, and a loss linear in the outputs, so that C does not move with the weights. Data: "
        + "Gaussian inputs and gradients at the outputs; digits, and one of them, with the gradient of cross-entropy at outputs of zero. "
        + "Gradients come from "
        + "the networks' own backward passes, linear, leaky ReLU and ReLU; bars are two standard errors over networks, of the quotient of "
        + "means E‖G‖^4 / E tr (GG^T)^2 by the jackknife. Means whose tails are too heavy for that many networks, by the exact variance of "
        + "‖G‖^2, are hollow and not tested. Directions: square linear networks whose second layer has a low stable rank, the others are "
        + "orthogonal. A verdict allows 0.1 % of false alarms.";

    public override ExperimentResult Run(ExperimentContext context) => Judge(Measure(context));

    /// <summary>The measurements.</summary>
    internal Findings Measure(ExperimentContext context)
    {
        var s = scope ?? context.Choose(QuickScope, FullScope);
        Task[] tasks = [Gaussian(s, context.Seed), Digits(s, s.Batch, "digits"), Digits(s, 1, OneSample)];
        var jobs = new List<(Task Task, double Slope, double Share, int? Varied)>();
        jobs.AddRange(from layer in Enumerable.Range(1, Depth) from share in Shares select (tasks[0], 1.0, share, (int?)layer));
        jobs.AddRange(from task in tasks from slope in Slopes from share in Shares select (task, slope, share, (int?)null));
        var work = new WorkMeter(context, jobs.Count * s.Networks + Families.Count * s.StableRanks.Count * s.DirectionNetworks * 2.0);
        var cells = jobs.Select((job, i) =>
        {
            var cell = Cell.Measure(s, job.Task, job.Slope, job.Share, job.Varied, Seed(context, i), context.Cancellation);
            work.Done(s.Networks);
            return cell;
        }).ToList();
        var directions = new List<Directions>();
        foreach (var family in Families)
        {
            foreach (var stableRank in s.StableRanks)
            {
                directions.Add(Directions.Measure(s, family, stableRank, Seed(context, 1000 + directions.Count), context.Cancellation));
                work.Done(s.DirectionNetworks * 2.0);
            }
        }

        return new Findings(s, cells, directions);
    }

    /// <summary>Seeds of parts: apart for parts of one run, and for all runs but those whose seeds differ by multiples of 2^40.</summary>
    private static ulong Seed(ExperimentContext context, int part) => context.Seed + ((ulong)(part + 1) << 40);

    private static Task Gaussian(Scope s, ulong seed)
    {
        int[] widths = [s.Hidden[0] + 4, .. s.Hidden, s.Outputs];
        var stream = new RandomStream(seed);
        double[] inputs = new double[widths[0] * s.Batch], gradient = new double[s.Outputs * s.Batch];
        stream.FillGaussian<double>(inputs);
        stream.FillGaussian<double>(gradient);
        return new Task(
            "Gaussian", widths, Matrix<double>.Build.Dense(widths[0], s.Batch, inputs),
            Matrix<double>.Build.Dense(s.Outputs, s.Batch, gradient));
    }

    private static Task Digits(Scope s, int samples, string name)
    {
        // the gradient of cross-entropy at outputs of zero, up to 1/N: 1/10 - y
        var all = FewDigits.TenClasses(s.Batch, 1);
        var digits = all with
        {
            Inputs = all.Inputs.SubMatrix(0, all.Inputs.RowCount, 0, samples), Targets = all.Targets.SubMatrix(0, all.Outputs, 0, samples),
        };
        return new Task(
            name, [digits.Inputs.RowCount, .. s.Hidden, digits.Outputs], digits.Inputs, (1.0 / digits.Outputs) - digits.Targets);
    }

    /// <summary>The gradients of the weights of one network, in the order of its layers.</summary>
    private static IEnumerable<Parameter<double>> Gradients(Model model, ulong seed, int replicate, Task task)
    {
        var network = model.Sample<double>(seed, (ulong)replicate);
        network.Backward(network.Forward(task.Inputs), task.OutputGradient);
        return network.Parameters;
    }

    private static void ForNetworks(Model model, Task task, int networks, CancellationToken cancellation, Action<int> measure) =>
        ReplicateLoop.Run(
            networks, ReplicateSize.Of<double>(model, task.Inputs.ColumnCount), measure, cancellationToken: cancellation);

    /// <summary>How much is measured.</summary>
    /// <param name="Hidden">Widths of the three hidden layers.</param>
    /// <param name="Outputs">Outputs, for Gaussian data.</param>
    /// <param name="Batch">Samples.</param>
    /// <param name="Networks">Networks for each mean.</param>
    /// <param name="Width">Of the square networks whose directions are counted.</param>
    /// <param name="StableRanks">Of their second layer.</param>
    /// <param name="DirectionNetworks">Networks for each of them.</param>
    internal sealed record Scope(
        IReadOnlyList<int> Hidden, int Outputs, int Batch, int Networks, int Width, IReadOnlyList<double> StableRanks,
        int DirectionNetworks);

    /// <summary>Inputs, and a gradient at the outputs that does not move with the weights.</summary>
    internal sealed record Task(string Name, IReadOnlyList<int> Widths, Matrix<double> Inputs, Matrix<double> OutputGradient)
    {
        /// <summary>C, n_L x n_0.</summary>
        public Matrix<double> C => OutputGradient.TransposeAndMultiply(Inputs);
    }

    /// <summary>What was measured.</summary>
    internal sealed record Findings(Scope Scope, IReadOnlyList<Cell> Cells, IReadOnlyList<Directions> Directions);

    /// <summary>The gradients of one law of networks.</summary>
    /// <param name="Data">The data's name.</param>
    /// <param name="Slope">a of the activation.</param>
    /// <param name="Share">r over min(m, n), of the varied layer or of all.</param>
    /// <param name="Varied">The layer that is varied, the others standing at a half; null where all are.</param>
    /// <param name="Exact">(6.7), for the linear network.</param>
    /// <param name="SquaredNorms">Means of ‖G‖^2, layer by layer.</param>
    /// <param name="LogRanks">Logarithms of E‖G‖^4 / E tr (GG^T)^2.</param>
    internal sealed record Cell(
        string Data, double Slope, double Share, int? Varied, IReadOnlyList<GradientMoments> Exact, IReadOnlyList<Estimate> SquaredNorms,
        IReadOnlyList<Estimate> LogRanks)
    {
        /// <summary>
        /// Whether that many networks make the mean of ‖G‖^2 of a layer near enough to normal: its skewness, as if of the lognormal law of
        /// that variance, products of independent factors being near to it.
        /// </summary>
        public bool NormIsTestable(int layer) => Skewness(Spread(layer) - 1) <= Reliability.GreatestSkewness;

        /// <summary>The same for the quotient of means, whose influence grows like ‖G‖^4: the skewness of the mean of that.</summary>
        public bool RankIsTestable(int layer) => Skewness(Math.Pow(Spread(layer), 4) - 1) <= Reliability.GreatestSkewness;

        /// <summary>
        /// E‖G‖^4 over (E‖G‖^2)^2, exact for linear networks; with an activation times what theory (4.4) says that each adds for one
        /// sample: (3 B + (m - 1) A^2) / ((m + 2) A^2).
        /// </summary>
        private double Spread(int layer)
        {
            var (second, fourth) = ((1 + (Slope * Slope)) / 2, (1 + Math.Pow(Slope, 4)) / 2);
            return Math.Exp(Exact[layer - 1].LogSquaredNormRatio) * Exact.SkipLast(1)
                .Select(of => ((3 * fourth / (second * second)) + of.Rows - 1) / (of.Rows + 2)).Aggregate((x, y) => x * y);
        }

        private double Skewness(double variance) => (variance + 3) * Math.Sqrt(variance / SquaredNorms[0].Count);

        public static Cell Measure(
            Scope s, Task task, double slope, double share, int? varied, ulong seed, CancellationToken cancellation)
        {
            var model = Model.Dense(
                task.Widths, slope == 1 ? Activation.Linear : Activation.LeakyReLU(slope),
                (l, m, n) => Ensemble.StableRank(
                    m, n, Math.Max(1, (varied is null || varied == l ? share : 0.5) * Math.Min(m, n)), SpectralFamily.Flat,
                    ScaleConvention.Spectral(SpectralNorm)),
                linearOutput: true);
            var (norms, traces) = (new double[Depth][], new double[Depth][]);
            for (var l = 0; l < Depth; l++)
            {
                (norms[l], traces[l]) = (new double[s.Networks], new double[s.Networks]);
            }

            ForNetworks(model, task, s.Networks, cancellation, replicate =>
            {
                foreach (var (l, parameter) in Gradients(model, seed, replicate, task).Index())
                {
                    (norms[l][replicate], traces[l][replicate]) = Traces(parameter);
                }
            });
            var linear = Model.Dense(task.Widths, Activation.Linear, (l, _, _) => model.Layers[l - 1].Weights);
            return new Cell(
                task.Name, slope, share, varied, LinearGradientMoments.Of(linear, task.C), [.. norms.Select(Mean)],
                [.. norms.Zip(traces, LogQuotient)]);
        }

        /// <summary>‖G‖^2 and tr (GG^T)^2.</summary>
        private static (double Square, double OfSquare) Traces(Parameter<double> parameter)
        {
            var (m, n) = (parameter.Rows, parameter.Columns);
            var order = Math.Min(m, n);
            var gram = new double[order * order];
            Blas.Syrk<double>(m <= n ? Transpose.No : Transpose.Yes, order, Math.Max(m, n), 1, parameter.Gradient, m, 0, gram, order);
            var (trace, squares) = (0.0, 0.0);
            for (var i = 0; i < gram.Length; i++)
            {
                squares += gram[i] * gram[i];
                trace += i % (order + 1) == 0 ? gram[i] : 0;
            }

            return (trace, squares);
        }

        private static Estimate Mean(double[] values)
        {
            var mean = values.Average();
            return new Estimate(
                mean, Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Length - 1.0) / values.Length), values.Length);
        }

        private static Estimate LogQuotient(double[] norms, double[] traces)
        {
            var (fourth, square) = (norms.Sum(v => v * v), traces.Sum());
            return Jackknife.Of(
                Math.Log(fourth / square), [.. norms.Zip(traces, (x, y) => Math.Log((fourth - (x * x)) / (square - y)))]);
        }
    }

    /// <summary>The directions of the gradient of layer 3, layer 2 being of low stable rank.</summary>
    /// <param name="Family">The family of its spectrum.</param>
    /// <param name="StableRank">r.</param>
    /// <param name="Bound">The bounds.</param>
    /// <param name="Counts">Singular values above the tolerance, a network each.</param>
    /// <param name="OutsideMeans">At index k the mean of sum_(i&gt;k) s_i^2 over the mean of ‖G‖^2.</param>
    /// <param name="OutsideErrors">Their standard errors.</param>
    /// <param name="GreatestRatio">The greatest singular value over its bound, of all networks and of all that exceed rounding.</param>
    internal sealed record Directions(
        string Family, double StableRank, GradientDirections Bound, IReadOnlyList<int> Counts, IReadOnlyList<double> OutsideMeans,
        IReadOnlyList<double> OutsideErrors, double GreatestRatio)
    {
        /// <summary>The layer whose gradient it is.</summary>
        public const int Layer = 3;

        /// <summary>The layer of low stable rank.</summary>
        public const int Narrow = 2;

        /// <summary>The fewest directions outside which the measured mean share is at most the one allowed.</summary>
        public int Holding => OutsideMeans.TakeWhile(share => share > Outside).Count();

        public static Directions Measure(Scope s, SpectralFamily family, double stableRank, ulong seed, CancellationToken cancellation)
        {
            var width = s.Width;
            var model = Model.Dense([.. Enumerable.Repeat(width, Depth + 1)], Activation.Linear, (l, m, n) => l == Narrow
                ? Ensemble.StableRank(m, n, stableRank, family)
                : Ensemble.Orthogonal(m, n));
            var stream = new RandomStream(seed, layer: 1000);
            double[] inputs = new double[width * s.Batch * 8], gradient = new double[inputs.Length];
            stream.FillGaussian<double>(inputs);
            stream.FillGaussian<double>(gradient);
            var task = new Task(
                "Gaussian", [], Matrix<double>.Build.Dense(width, s.Batch * 8, inputs),
                Matrix<double>.Build.Dense(width, s.Batch * 8, gradient));
            var c = Spectrum.Of(task.C);
            var bound = GradientDirections.Of(model, c)[Layer - 1];
            var norm = Math.Exp(bound.LogNorm);
            var spectra = new Spectrum[s.DirectionNetworks];
            ForNetworks(model, task, s.DirectionNetworks, cancellation, replicate => spectra[replicate] =
                Spectrum.Of(Gradients(model, seed, replicate, task).ElementAt(Layer - 1).GradientMatrix));

            // the errors of a product of five factors and of its singular values, each eps x width x product of norms
            var rounding = 6 * width / (double)(1L << 52);
            var exact = LinearGradientMoments.Of(model, c)[Layer - 1].SquaredNorm;
            double[][] tails = [.. spectra.Select(spectrum => Enumerable.Range(0, width + 1)
                .Select(k => spectrum.Skip(k).Sum(value => value * value) / exact).ToArray())];
            double[] means = [.. Enumerable.Range(0, width + 1).Select(k => tails.Average(tail => tail[k]))];
            return new Directions(
                family.Name, stableRank, bound, [.. spectra.Select(spectrum => spectrum.NumericalRank(Tolerance * norm))], means,
                [
                    .. means.Select((mean, k) => Math.Sqrt(
                        tails.Sum(tail => (tail[k] - mean) * (tail[k] - mean)) / (tails.Length - 1.0) / tails.Length)),
                ],
                spectra.Max(spectrum => spectrum.Zip(bound.RelativeValues, (value, most) => value / norm / (most + rounding)).Max()));
        }
    }
}
