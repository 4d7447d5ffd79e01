using System.Numerics;
using MathNet.Numerics.LinearAlgebra;
using StableRank.Experiments.Running;
using StableRank.GradientRank;
using StableRank.LinearAlgebra;
using StableRank.Randomness;
using StableRank.Replication;
using StableRank.Spectra;

namespace StableRank.Experiments.Studies;

/// <summary>P2's hypothesis H3: the numerical rank of a leaky ReLU of a matrix of known rank, theory (6.5) and (6.6).</summary>
internal sealed partial class LeakyRank(LeakyRank.Scope? scope = null) : Experiment
{
    private static readonly IReadOnlyList<FloatingPrecision> Precisions = [FloatingPrecision.Double, FloatingPrecision.Single];

    private static readonly Scope QuickScope = new(Size: 64, Ranks: [2, 8, 32], Draws: 12, Steps: 10);

    private static readonly Scope FullScope = new(Size: 256, Ranks: [2, 8, 32, 128], Draws: 20, Steps: 20);

    public override string Name => "leaky-rank";

    public override string Title => "Numerical rank under leaky ReLU";

    public override string Source =>
        "P2, Low-Rank Learning by Design (arXiv 2402.06751), H3, with its threshold taken for what it is; theory (6.5), Zhan 1997, and "
        + "(6.6), Weyl.";

    public override string Claim =>
        "A leaky ReLU of slope a multiplies the entries of Z by 1 or a. The partial sums of singular values obey Zhan's inequality; P2's "
        + "threshold, drawn from it, counts at most the numerical rank: a lower estimate. From above Weyl's inequality holds, and it is "
        + "tight as a goes to 1. A low rank survives only there: where 1 - a is of the order of the tolerance.";

    public override string Protocol =>
        "Square matrices Z = A B with Gaussian factors of known inner dimension, in double precision and rounded to single. For slopes "
        + "over [0, 1], and for 1 - a from 1 down to below the machine's epsilon, singular values of φ(Z) in the precision of Z; "
        + "numerical ranks by P2's rule ε s_1 and at the wider tolerance √ε s_1, at which rounding is out of the way of the upper "
        + "bounds. Bars are two standard errors over draws. The first two verdicts are on single cases, all of which must hold.";

    public override ExperimentResult Run(ExperimentContext context) => Judge(Measure(context));

    /// <summary>The measurements.</summary>
    internal Findings Measure(ExperimentContext context)
    {
        var s = scope ?? context.Choose(QuickScope, FullScope);
        double[] slopes = [.. Enumerable.Range(0, s.Steps + 1).Select(i => (double)i / s.Steps)];
        double[] gaps = [.. Enumerable.Range(1, 2 * 17).Select(i => Math.Pow(10, -i / 2.0))];
        double[] all = [.. slopes.Concat(gaps.Select(gap => 1 - gap)).Distinct().Order()];
        var cases = new Case[Precisions.Count * s.Ranks.Count * s.Draws][];
        var work = new WorkMeter(context, cases.Length);
        ReplicateLoop.Run(cases.Length, new ReplicateSize((long)s.Size * s.Size), job =>
        {
            var (rank, draw) = (s.Ranks[job / Precisions.Count / s.Draws], job / Precisions.Count % s.Draws);
            var z = OfRank(s.Size, rank, new RandomStream(context.Seed, (ulong)rank, (ulong)draw));
            cases[job] = Precisions[job % Precisions.Count] == FloatingPrecision.Double
                ? [.. all.Select(slope => Case.Of(z, rank, slope))]
                : [.. all.Select(slope => Case.Of(z.Map(entry => (float)entry), rank, slope))];
            work.Done(1);
        }, cancellationToken: context.Cancellation);
        return new Findings(s, slopes, gaps, [.. cases.SelectMany(one => one)]);
    }

    private static Matrix<double> OfRank(int size, int rank, RandomStream stream)
    {
        double[] left = new double[size * rank], right = new double[rank * size];
        stream.FillGaussian<double>(left);
        stream.FillGaussian<double>(right);
        var product = new double[size * size];
        Blas.Gemm<double>(Transpose.No, Transpose.No, size, size, rank, 1, left, size, right, rank, 0, product, size);
        return Matrix<double>.Build.Dense(size, size, product);
    }

    /// <summary>How much is measured.</summary>
    /// <param name="Size">M.</param>
    /// <param name="Ranks">The ranks of Z.</param>
    /// <param name="Draws">Matrices for each rank, at least 2.</param>
    /// <param name="Steps">Steps of the slope from 0 to 1.</param>
    internal sealed record Scope(int Size, IReadOnlyList<int> Ranks, int Draws, int Steps);

    /// <summary>What was measured.</summary>
    /// <param name="Scope">How much.</param>
    /// <param name="Slopes">The slopes of equal steps.</param>
    /// <param name="Gaps">1 - a of those next to 1.</param>
    /// <param name="Cases">All matrices at all slopes.</param>
    internal sealed record Findings(Scope Scope, IReadOnlyList<double> Slopes, IReadOnlyList<double> Gaps, IReadOnlyList<Case> Cases);

    /// <summary>One matrix at one slope.</summary>
    /// <param name="Precision">Of its arithmetic.</param>
    /// <param name="Rank">The rank of Z.</param>
    /// <param name="Slope">The a asked for; a precision rounds it.</param>
    /// <param name="Numerical">Singular values of φ(Z) above ε s_1: P2's rule.</param>
    /// <param name="Lower">Those above P2's threshold.</param>
    /// <param name="Wide">Those above √ε s_1.</param>
    /// <param name="Weyl">The bound of that number by (6.6) as it stands.</param>
    /// <param name="Upper">The least of Weyl's bounds.</param>
    /// <param name="ZhanHolds">Whether every partial sum obeys (6.5).</param>
    /// <param name="ZhanRatio">The greatest left side over its right side.</param>
    /// <param name="ThresholdRatio">P2's threshold over ε s_1(φ(Z)), at least 1 by (6.5).</param>
    internal sealed record Case(
        FloatingPrecision Precision, int Rank, double Slope, int Numerical, int Lower, int Wide, int Weyl, int Upper, bool ZhanHolds,
        double ZhanRatio, double ThresholdRatio)
    {
        public static Case Of<T>(Matrix<T> z, int rank, double slope)
            where T : unmanaged, IBinaryFloatingPointIeee754<T>
        {
            var result = LeakyReluRank.Of(z, slope);
            var top = result.Output.SpectralNorm;
            var epsilon = Epsilon(result.Precision);
            var wide = Math.Sqrt(epsilon) * top;
            return new Case(
                result.Precision, rank, slope, result.NumericalRank(), result.LowerEstimate, result.Output.NumericalRank(wide),
                result.WeylValues.Count(value => value + result.Rounding > wide), result.UpperCount(wide), result.Majorisation.Holds,
                result.Majorisation.WorstRatio, result.PrintedThreshold / (epsilon * top));
        }
    }

    private static double Epsilon(FloatingPrecision precision) =>
        precision == FloatingPrecision.Double ? 1.0 / (1L << 52) : 1.0 / (1 << 23);
}
