using System.Numerics;
using StableRank.LinearAlgebra;
using StableRank.Networks;
using StableRank.Spectra;

namespace StableRank.GradientRank;

/// <summary>
/// Measures singular values and ranks of the matrices behind every weight gradient of a network: activations, signals, the gradients and
/// the weights, by the route that is cheapest (see <see cref="RankRouteCost"/>) and with the accuracy beside.
/// </summary>
/// <remarks>
/// <para>
/// Everything is computed in double whatever T, so that a decomposition adds nothing to what single precision has lost. By its factors a
/// gradient is measured as Delta A^T of the stored signals and activations, the sum before rounding; by <see cref="RankRoute.Values"/> it
/// is the stored gradient, as a hook may have changed it, whose rounding in T makes full-rank noise. The two differ within
/// <see cref="MeasuredRank.Accuracy"/>. Where that noise may cross a tolerance, <see cref="MeasuredRank.NumericalRankRange(double)"/> says
/// so; the stored product is no way out, since it has an error of the same size.
/// </para>
/// <para>
/// Matrices are shared among the threads as in <see cref="SingularValues.OfBatch"/>. An instance has no state but its settings, and may be
/// used from several threads.
/// </para>
/// </remarks>
/// <typeparam name="T">double or float.</typeparam>
public sealed partial class GradientRankMeter<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly string[]? _parameters;

    /// <summary>Makes a meter.</summary>
    /// <param name="route">The route of every matrix; Factors holds for gradients, and is Values elsewhere.</param>
    /// <param name="smallestTolerance">
    /// The smallest tolerance, over s_1, that ranks will be asked for. 0, or below <see cref="RankRouteCost.GramTolerance"/>, keeps
    /// Automatic from Gram matrices; infinity says that only stable and participation ranks are wanted.
    /// </param>
    /// <param name="parameters">The names of the weights to measure; null: all. Biases have no rank.</param>
    /// <exception cref="ArgumentOutOfRangeException">The route is none, or the tolerance negative or NaN.</exception>
    /// <exception cref="NotSupportedException">T is neither double nor float.</exception>
    public GradientRankMeter(
        RankRoute route = RankRoute.Automatic, double smallestTolerance = 0, IReadOnlyCollection<string>? parameters = null)
    {
        Networks.Precision.Require<T>();
        if (!Enum.IsDefined(route))
        {
            throw new ArgumentOutOfRangeException(nameof(route), route, "The route is Automatic, Values, Factors or Gram.");
        }

        RankRouteCost.RequireTolerance(smallestTolerance, nameof(smallestTolerance));
        Route = route;
        SmallestTolerance = smallestTolerance;
        _parameters = parameters is null ? null : [.. parameters];
    }

    /// <summary>The route.</summary>
    public RankRoute Route { get; }

    /// <summary>The smallest tolerance, over s_1, that ranks will be asked for.</summary>
    public double SmallestTolerance { get; }

    private static FloatingPrecision FloatPrecision => typeof(T) == typeof(float) ? FloatingPrecision.Single : FloatingPrecision.Double;

    /// <summary>Measures after a backward pass.</summary>
    /// <param name="pass">
    /// The pass, with its forward pass as it was: neither has been reused since. Gradients are those of the network's parameters.
    /// </param>
    /// <param name="quantities">What to measure; null: the gradients.</param>
    /// <param name="cancellationToken">Ends the work between two matrices.</param>
    /// <returns>
    /// One measurement a weight parameter and quantity, first layer first, quantities in the order given. The activations and signals of
    /// the recurrent weights over a single time step, which have no column, are left out.
    /// </returns>
    /// <exception cref="ArgumentException">
    /// No quantity, one that is none or stands twice; a name of the meter's is no weight of the network; or an element is not finite: the
    /// message names parameter, quantity, row and column.
    /// </exception>
    /// <exception cref="InvalidOperationException">No backward pass has been run.</exception>
    /// <exception cref="MathNet.Numerics.NonConvergenceException">The iteration did not converge.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public IReadOnlyList<MeasuredRank> Measure(
        BackwardPass<T> pass, IReadOnlyCollection<RankQuantity>? quantities = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(pass);
        quantities ??= [RankQuantity.Gradient];
        RequireQuantities(quantities);
        var forward = pass.Forward
            ?? throw new InvalidOperationException("The pass has not gone back through the network: run Network.Backward with it first.");
        var pieces = Pieces(pass, forward, quantities);
        var work = pieces.ConvertAll(piece => piece.Work(this)).ToArray();
        var largest = pieces.Count == 0 ? 0 : pieces.Max(piece => piece.Bytes);
        var result = new MeasuredRank[work.Length];
        var split = new BatchSplit(work, largest);
        PieceLoop.Run(work.Length, split, cancellationToken, () => i => result[i] = MeasurePiece(pieces[(int)i]));
        return result;
    }

    internal static void RequireQuantities(IReadOnlyCollection<RankQuantity> quantities)
    {
        if (quantities.Count == 0)
        {
            throw new ArgumentException("No quantity is given; expected at least one.", nameof(quantities));
        }

        foreach (var quantity in quantities)
        {
            if (!Enum.IsDefined(quantity) || quantities.Count(other => other == quantity) > 1)
            {
                throw new ArgumentException(
                    $"The quantity {quantity} is {(Enum.IsDefined(quantity) ? "given twice" : "none")}; expected each of Activation, "
                    + "Signal, Gradient and Weight once at most.",
                    nameof(quantities));
            }
        }
    }

    private List<Piece> Pieces(BackwardPass<T> pass, ForwardPass<T> forward, IReadOnlyCollection<RankQuantity> quantities)
    {
        var network = pass.Network;
        var weights = network.Parameters.Where(parameter => parameter.IsWeight).Select(parameter => parameter.Name).ToArray();
        if (_parameters?.FirstOrDefault(name => !weights.Contains(name)) is { } unknown)
        {
            throw new ArgumentException($"The network has no weight named '{unknown}'; expected some of {string.Join(", ", weights)}.");
        }

        var result = new List<Piece>();
        var next = 0;
        for (var l = 0; l < network.Layers.Count; l++)
        {
            var layer = network.Layers[l];
            for (var p = 0; p < layer.Parameters.Count; p++)
            {
                var parameter = network.Parameters[next++];
                if (!parameter.IsWeight || _parameters?.Contains(parameter.Name) == false)
                {
                    continue;
                }

                var inputs = l > 0 ? forward.Post[l - 1] : forward.InputArray;
                var factors = new GradientFactors<T>(layer, p > 0, pass.Batch, inputs, forward.Post[l], pass.Signal[l]);
                result.AddRange(quantities
                    .Where(quantity => factors.Inner > 0 || quantity is RankQuantity.Gradient or RankQuantity.Weight)
                    .Select(quantity => new Piece(l + 1, parameter, quantity, factors)));
            }
        }

        return result;
    }
}
