using System.Numerics;
using StableRank.Ensembles;
using StableRank.LinearAlgebra;
using StableRank.Randomness;

namespace StableRank.Tests.Ensembles;

public sealed class HaarReflectorsTests
{
    [Theory]
    [InlineData(600, 600)]
    [InlineData(3000, 40)]
    [InlineData(500, 311)]
    [InlineData(9, 9)]
    public void Draw_OnManyThreadsOrOne_GivesTheSameReflectorsAndLeavesTheStreamInTheSamePlace(int m, int q)
    {
        for (ulong seed = 0; seed < 20; seed++)
        {
            Check<double>(m, q, seed, seed < 2);
            Check<float>(m, q, seed, seed < 2);
        }
    }

    private static void Check<T>(int m, int q, ulong seed, bool large)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (!large && m > 500)
        {
            return;
        }

        // begins anywhere in a batch of 64 Gaussians
        RandomStream shared = new(seed);
        RandomStream alone = new(seed);
        for (ulong i = 0; i < 17 * seed; i++)
        {
            shared.NextGaussian().Should().Be(alone.NextGaussian());
        }

        T[] a = new T[m * q];
        T[] b = new T[m * q];
        T[] tauA = new T[q];
        T[] tauB = new T[q];
        HaarReflectors.Draw<T>(m, q, a, tauA, shared);
        using (Backend.SingleThreaded())
        {
            Backend.ThreadsHere.Should().Be(1);
            HaarReflectors.Draw<T>(m, q, b, tauB, alone);
        }

        a.AsSpan().SequenceEqual(b).Should().BeTrue();
        tauA.Should().Equal(tauB);
        for (int i = 0; i < 130; i++)
        {
            shared.NextGaussian().Should().Be(alone.NextGaussian());
        }

        shared.NextUInt64().Should().Be(alone.NextUInt64());
    }
}
