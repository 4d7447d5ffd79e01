using StableRank.LinearAlgebra.Native;

namespace StableRank.Tests.LinearAlgebra.Native;

public sealed unsafe class ProcessorClaimsTests
{
    private const int Words = 16, Bytes = Words * sizeof(ulong);

    [Fact]
    public void Claim_OfAProcessorThatIsTaken_MovesTheThreadAndLeavesItsProcessorsAsTheyWere() => OnLinux(() =>
    {
        var before = Allowed();
        if (before.Aggregate(0ul, (sum, word) => sum + ulong.PopCount(word)) < 2)
        {
            return;
        }

        // the system may move the thread between the two claims, which then are of two processors: seldom, and not a hundred times
        var moves = 0;
        for (var i = 0; i < 100; i++)
        {
            ProcessorClaims claims = default;
            claims.Claim().Should().BeFalse("nobody else was there");
            moves += claims.Claim() ? 1 : 0;
            Allowed().Should().Equal(before);
        }

        moves.Should().BeGreaterThan(50);
    });

    [Fact]
    public void Claim_WhereEveryProcessorIsTaken_StaysAndLeavesItsProcessorsAsTheyWere() => OnLinux(() =>
    {
        var before = Allowed();
        ProcessorClaims claims = default;
        for (var i = 0ul; i < 2 * before.Aggregate(0ul, (sum, word) => sum + ulong.PopCount(word)); i++)
        {
            claims.Claim();
        }

        // two claims on one processor take another, so that by now all are taken
        claims.Claim().Should().BeFalse();
        Allowed().Should().Equal(before);
        claims = default;
        claims.Claim().Should().BeFalse("its own processor is free again");
    });

    [Fact]
    public void Claim_OfAThreadThatMayRunOnOneProcessorOnly_StaysThere() => OnLinux(() =>
    {
        var here = Libc.CurrentProcessor();
        var one = new ulong[Words];
        one[here / 64] = 1UL << (here % 64);
        fixed (ulong* mask = one)
        {
            Libc.SetAffinity(0, Bytes, mask).Should().Be(0);
        }

        ProcessorClaims claims = default;
        claims.Claim().Should().BeFalse();
        claims.Claim().Should().BeFalse("there is nowhere to go");
        Libc.CurrentProcessor().Should().Be(here);
        Allowed().Should().Equal(one);
    });

    /// <summary>On a thread of its own, which ends with whatever processors it was left.</summary>
    private static void OnLinux(Action test)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        Exception? fault = null;
        var thread = new Thread(() =>
        {
            try
            {
                test();
            }
            catch (Exception e)
            {
                fault = e;
            }
        });
        thread.Start();
        thread.Join();
        fault.Should().BeNull();
    }

    private static ulong[] Allowed()
    {
        var allowed = new ulong[Words];
        fixed (ulong* mask = allowed)
        {
            Libc.GetAffinity(0, Bytes, mask).Should().Be(0);
        }

        return allowed;
    }
}
