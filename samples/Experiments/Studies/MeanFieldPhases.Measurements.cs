using StableRank.Propagation;
using StableRank.Replication;

namespace StableRank.Experiments.Studies;

/// <content>What is measured.</content>
internal sealed partial class MeanFieldPhases
{
    private const int ProductDepth = 12;
    private const int JacobianDepth = 6;

    private static readonly IReadOnlyList<double> LineBiases = [0.002, 0.02, 0.05, 0.1, 0.17, 0.25, 0.35];
    private static readonly IReadOnlyList<double> GridBiases = [0.01, 0.07, 0.14, 0.21, 0.3];
    private static readonly IReadOnlyList<double> GridShares = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6];
    private static readonly IReadOnlyList<double> ProductRanks = [0.125, 0.25, 0.5, 0.875];
    private static readonly IReadOnlyList<double> JacobianShares = [0.25, 0.5, 1];

    /// <summary>The maps of one layer: what theory says and what networks did.</summary>
    internal sealed record MapMeasurement(
        double StableRank, MeanFieldMap Map, double Length, IReadOnlyList<Estimate> Lengths, IReadOnlyList<Estimate> Covariances);

    /// <summary>Lengths and correlations of one kind of pair through depth.</summary>
    internal sealed record Trajectory(
        IReadOnlyList<MeanFieldLayer> Limit, IReadOnlyList<Estimate> Lengths, IReadOnlyList<Estimate> Correlations);

    /// <summary>Both kinds at one stable rank.</summary>
    internal sealed record DepthMeasurement(double StableRank, IReadOnlyList<Trajectory> Trajectories);

    /// <summary>chi_1 at a stable rank and a bias variance.</summary>
    internal sealed record PhaseMeasurement(double StableRank, double BiasVariance, double Limit, Estimate Slope);

    /// <summary>Products of linear layers.</summary>
    internal sealed record ProductMeasurement(
        double StableRank, IReadOnlyList<ProductMoments> Exact, IReadOnlyList<JacobianPrediction> Limit,
        IReadOnlyList<JacobianMeasurement> Layers)
    {
        /// <summary>Whether so many networks carry the means of (tr P)^2 and tr P^2: decided by the exact spread of tr P alone.</summary>
        public bool IsTestable(int layer) => Exact[layer].RelativeVarianceOfTrace <= GreatestVariance;

        private const double GreatestVariance = 0.1;
    }

    /// <summary>Jacobians of erf networks.</summary>
    internal sealed record JacobianComparison(
        double StableRank, int Width, IReadOnlyList<JacobianPrediction> Limit, IReadOnlyList<JacobianMeasurement> Layers);

    /// <summary>Everything.</summary>
    internal sealed record Findings(
        Scope Scope,
        IReadOnlyList<MapMeasurement> Maps,
        IReadOnlyList<DepthMeasurement> Depths,
        IReadOnlyList<PhaseMeasurement> Line,
        IReadOnlyList<PhaseMeasurement> Grid,
        IReadOnlyList<ProductMeasurement> Products,
        IReadOnlyList<JacobianComparison> Jacobians);
}
