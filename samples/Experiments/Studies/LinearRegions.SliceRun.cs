using MathNet.Numerics.LinearAlgebra;
using StableRank.Experiments.Learning;
using StableRank.Experiments.Running;
using StableRank.Expressivity;
using StableRank.Networks;
using StableRank.Replication;
using StableRank.Spectra;

namespace StableRank.Experiments.Studies;

/// <content>Slices through three digits before and after training.</content>
internal sealed partial class LinearRegions
{
    /// <summary>One network on the slice, before and after training.</summary>
    /// <param name="Rank">The stable rank of the hidden layers at the start.</param>
    /// <param name="Before">Regions at the start.</param>
    /// <param name="After">Regions at the end.</param>
    /// <param name="PiecesBefore">Pieces of the outputs at the start.</param>
    /// <param name="PiecesAfter">Pieces of the outputs at the end.</param>
    /// <param name="Accuracy">On test digits at the end.</param>
    /// <param name="Pictures">Before and after, of the first network of a rank; none of the others.</param>
    internal sealed record SliceRun(
        int Rank, int Before, int After, int PiecesBefore, int PiecesAfter, double Accuracy, IReadOnlyList<Picture> Pictures)
    {
        private const int BatchSize = 32;

        /// <summary>All networks of both ranks.</summary>
        public static IReadOnlyList<SliceRun> All(SliceScope scope, LearningTask task, double[][] digits, ExperimentContext context)
        {
            Vector<double>[] points = [.. digits.Select(digit => Vector<double>.Build.Dense(digit))];
            var slice = PlaneSlice.Rectangle(points[0], points[1], points[2]);
            int[] ranks = [scope.LowRank, scope.HighRank];
            var runs = new SliceRun[ranks.Length * scope.Seeds];
            var size = ReplicateSize.Largest(ranks.Select(rank => ReplicateSize.Of<float>(ModelOf(scope, task, rank), BatchSize)));
            ReplicateLoop.Run(
                runs.Length,
                size,
                job => runs[job] = Of(scope, task, slice, ranks[job / scope.Seeds], job % scope.Seeds, context),
                cancellationToken: context.Cancellation);
            return runs;
        }

        private static Model ModelOf(SliceScope scope, LearningTask task, int rank) =>
            new Ensemble(SpectralFamily.Flat, rank, scope.Width, scope.BiasVariance).Model(task.Features, scope.Depth);

        private static SliceRun Of(
            SliceScope scope, LearningTask task, PlaneSlice slice, int rank, int replicate, ExperimentContext context)
        {
            var model = ModelOf(scope, task, rank);
            PlanePartition? before = null;
            Network<float>? network = null;
            var (outcome, _) = new LearningRun(task, scope.Epochs, BatchSize, TargetLoss: 0.1).Train(
                model, scope.Rate, context.Seed, replicate, context.Cancellation, drawn =>
                {
                    before = PlanePartition.Of(drawn, slice, cancellationToken: context.Cancellation);
                    network = drawn;
                    return [];
                });
            var after = PlanePartition.Of(network!, slice, cancellationToken: context.Cancellation);
            return new SliceRun(
                rank, before!.Count, after.Count, before.FunctionPieces, after.FunctionPieces, outcome.Accuracy,
                replicate == 0 ? [Picture.Of(before), Picture.Of(after)] : []);
        }
    }

    /// <summary>A partition to draw.</summary>
    /// <param name="Corners">Of the slice.</param>
    /// <param name="Points">The three digits.</param>
    /// <param name="Tiles">The regions.</param>
    internal sealed record Picture(IReadOnlyList<PlanePoint> Corners, IReadOnlyList<PlanePoint> Points, IReadOnlyList<Tile> Tiles)
    {
        public static Picture Of(PlanePartition partition) => new(
            partition.Slice.Corners, partition.Slice.Points,
            [.. partition.Regions.Select(region => new Tile(region.Corners, region.Evaluate(region.Middle).MaximumIndex()))]);
    }

    /// <summary>A region to draw.</summary>
    /// <param name="Corners">Its corners.</param>
    /// <param name="Class">The class that the network gives its middle.</param>
    internal readonly record struct Tile(IReadOnlyList<PlanePoint> Corners, int Class);
}
