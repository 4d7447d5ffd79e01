using MathNet.Numerics.LinearAlgebra;
using StableRank.LinearAlgebra;

namespace StableRank.Tests.LinearAlgebra;

[Collection(BackendSwitching.Name)]
public sealed class SingularValuesBatchTests
{
    [Theory]
    [MemberData(nameof(AvailableBackends.Kinds), MemberType = typeof(AvailableBackends))]
    public void OfBatch_ManyMatrices_GivesTheBitsOfOneThreadEach(BackendKind kind)
    {
        using var backend = AvailableBackends.Use(kind);
        // so many that a thread each is the way, whatever their number
        var count = 8 * Backend.Threads;
        var matrices = Enumerable.Range(0, count)
            .Select(i => Dense.ToMatrix(50 + (i % 20), 60, Dense.Random<float>(50 + (i % 20), 60, i))).ToArray();
        var batch = SingularValues.OfBatch(matrices);
        batch.Should().HaveCount(count);
        using var alone = Backend.SingleThreaded();
        for (var i = 0; i < count; i++)
        {
            batch[i].Should().Equal(SingularValues.Of(matrices[i]));
        }
    }

    [Theory]
    [MemberData(nameof(AvailableBackends.Kinds), MemberType = typeof(AvailableBackends))]
    public void OfBatch_OneLargeAmongSmall_AgreesWithOneByOne(BackendKind kind)
    {
        using var backend = AvailableBackends.Use(kind);
        var matrices = new[] { (3, 2), (150, 140), (1, 9), (9, 1) }
            .Select(shape => Dense.ToMatrix(shape.Item1, shape.Item2, Dense.Random<double>(shape.Item1, shape.Item2, 5))).ToArray();
        var batch = SingularValues.OfBatch(matrices);
        for (var i = 0; i < matrices.Length; i++)
        {
            var expected = SingularValues.Of(matrices[i]);
            Dense.Distance<double, double>(batch[i], expected).Should().BeLessThan(4 * 150 * Dense.Eps<double>() * expected[0]);
        }
    }

    [Fact]
    public void OfBatch_EmptyBadOrCancelled_IsClear()
    {
        SingularValues.OfBatch<double>([]).Should().BeEmpty();
        var good = Matrix<double>.Build.Dense(3, 2, 1);
        var bad = Matrix<double>.Build.Dense(2, 3, 1);
        bad[1, 2] = double.NegativeInfinity;
        FluentActions.Invoking(() => SingularValues.OfBatch([good, good, bad])).Should().Throw<ArgumentException>()
            .WithMessage("*matrices[2]*row 1, column 2*");
        FluentActions.Invoking(() => SingularValues.OfBatch([good, null!])).Should().Throw<ArgumentNullException>().WithMessage("*[1]*");
        FluentActions.Invoking(() => SingularValues.OfBatch([good, good], new CancellationToken(true)))
            .Should().Throw<OperationCanceledException>();
    }

    [Theory]
    [InlineData("1", 2, 1)] // one matrix: threads inside
    [InlineData("1 1", 2, 2)]
    [InlineData("1 1 1", 2, 2)] // 2 rounds on one thread each against 3 on both at 0.6: 2 < 2.5
    [InlineData("20 1 1", 2, 1)] // one outweighs the rest
    [InlineData("1 1 1 1", 1, 1)]
    [InlineData("", 4, 1)]
    public void BatchSplit_Work_GoesWhereItEndsFirst(string work, int threads, int workers)
    {
        var pieces = work.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(piece => 1e9 * double.Parse(piece)).ToArray();
        var split = new BatchSplit(pieces, 1000, threads);
        (split.Workers, split.SingleThreaded).Should().Be((workers, workers > 1 || work.Length == 0));
        new BatchSplit(pieces, BatchSplit.MemoryLimit, threads).Workers.Should().Be(1, "a copy for every thread would take too much");
    }

    [Fact]
    public void BatchSplit_OneSmallPiece_HasOneThread()
    {
        var split = new BatchSplit([BatchSplit.SmallWork], 1000, 8);
        (split.Workers, split.SingleThreaded).Should().Be((1, true));
        new BatchSplit([BatchSplit.SmallWork * 1.01], 1000, 8).SingleThreaded.Should().BeFalse();
    }
}
