using MathNet.Numerics.LinearAlgebra;
using StableRank.Data;
using StableRank.Tests.Support;
using StableRank.Tool.Commands;

namespace StableRank.Tests.Tool;

public sealed class MeasureRunTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Large_IsWhatExceedsAShareOfMemoryOrOutlastsTheRest()
    {
        var equal = Entries((64, 64), (64, 64), (64, 64), (64, 64));
        var one = Entries((64, 64));
        var uneven = Entries((200, 200), (64, 64), (64, 64));
        const double Share = 64 * 64 * sizeof(double);

        Large(equal, threads: 4, memory: 4 * 4 * Share).Should().AllBeEquivalentTo(false, "each has a quarter of work and memory");
        Large(equal, threads: 4, memory: (4 * 4 * Share) - 1).Should().AllBeEquivalentTo(true);
        Large(one, threads: 2, memory: 1e12).Should().Equal([true], "the other thread would have nothing to do");
        Large(one, threads: 1, memory: 1e12).Should().Equal(false);
        Large(uneven, threads: 2, memory: 1e12).Should().Equal(true, false, false);
    }

    [Theory]
    [InlineData(1, 1e12)]
    [InlineData(3, 1e12)]
    [InlineData(3, 1e5)]
    [InlineData(64, 1.0)]
    public void Results_OfAnyThreadsAndMemory_AreTheSame(int threads, double memory)
    {
        var entries = Entries([.. Enumerable.Range(0, 25).Select(i => (3 + (i * 13 % 29), 2 + (i * 7 % 31)))]);
        var fractions = new List<double>();

        var results = new MeasureRun(entries, threads, memory, fractions.Add).Execute(CancellationToken.None);

        results.Select(r => r.Name).Should().Equal(entries.Select(e => e.Name));
        results.Should().OnlyContain(r => r.Error == null && Math.Abs(r.StableRank!.Value - Math.Min(r.Rows, r.Cols)) < 1e-12);
        fractions.Should().HaveCount(25).And.BeInAscendingOrder();
        fractions[^1].Should().BeApproximately(1, 1e-12);
    }

    [Fact]
    public void Cancellation_BetweenTensors_EndsTheRun()
    {
        using var source = new CancellationTokenSource();
        var entries = Entries([.. Enumerable.Repeat((9, 9), 50)]);
        var measured = 0;
        var run = new MeasureRun(entries, 2, 1e12, _ =>
        {
            measured++;
            source.Cancel();
        });

        run.Invoking(r => r.Execute(source.Token)).Should().Throw<OperationCanceledException>();
        measured.Should().BeInRange(1, 4, "those under way are finished, no more are begun");
    }

    private static IEnumerable<bool> Large(IReadOnlyList<TensorEntry> entries, int threads, double memory)
    {
        var run = new MeasureRun(entries, threads, memory, _ => { });
        return entries.Select(run.IsLarge).ToList();
    }

    private IReadOnlyList<TensorEntry> Entries(params (int Rows, int Columns)[] shapes)
    {
        var path = _folder.File("m.safetensors");
        Safetensors.Write(path, writer =>
        {
            foreach (var ((rows, columns), i) in shapes.Select((shape, i) => (shape, i)))
            {
                writer.Add($"{i}", Matrix<float>.Build.DenseIdentity(rows, columns));
            }
        });
        return TensorFile.List(path);
    }
}
