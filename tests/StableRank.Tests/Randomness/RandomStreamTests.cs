using System.Runtime.InteropServices;
using System.Security.Cryptography;
using StableRank.Randomness;

namespace StableRank.Tests.Randomness;

public sealed class RandomStreamTests
{
    private static double[] Gaussians(RandomStream stream, int count)
    {
        double[] values = new double[count];
        stream.FillGaussian<double>(values);
        return values;
    }

    // python3 -c "import numpy as np; u = lambda *a: np.array(a, dtype=np.uint64);
    //   print([hex(w) for w in np.random.Philox(key=u(12345, 0), counter=u(0, 7, 11, 13)).random_raw(8)])"
    // with NumPy 1.24, which adds 1 to the counter before the first block, so these are blocks 1 and 2.
    [Fact]
    public void NextUInt64_AfterTheFirstBlock_EqualsNumPy()
    {
        RandomStream stream = new(12345, 7, 11, 13);
        for (int i = 0; i < 4; i++)
        {
            stream.NextUInt64();
        }

        ulong[] expected =
        [
            0xe948f3a55bf9f3e3, 0x7ea33cc4d7e33290, 0x7296ee982748b11f, 0x848452f7bcbcd56a,
            0xc41bd2351caa190a, 0x448c2abcc6a85fae, 0x5a654a8fb479446a, 0x7c29ab59458475f6,
        ];
        expected.Select(_ => stream.NextUInt64()).Should().Equal(expected);
    }

    // Seeds keep their numbers across releases: these two digests (SHA-256 of little-endian bits) never change.
    // A transcription of the documented steps into NumPy (Philox.random_raw, elementwise arithmetic) gives the same two digests.
    [Fact]
    public void FillGaussian_FirstHundredThousand_KeepsItsBitsForEver()
    {
        double[] values = Gaussians(new RandomStream(2024, 1, 2, 3), 100_000);
        Convert.ToHexString(SHA256.HashData(MemoryMarshal.AsBytes<double>(values))).Should().Be(
            "801B770F8F712A4CEDFA094F127213F356D87CA6329AEF7DC8C765AEE3C13B0D");
    }

    [Fact]
    public void FillUniform_FirstHundredThousand_KeepsItsBitsForEver()
    {
        double[] values = new double[100_000];
        new RandomStream(2024, 1, 2, 3).FillUniform(values);
        Convert.ToHexString(SHA256.HashData(MemoryMarshal.AsBytes<double>(values))).Should().Be(
            "E0B2559D2C6F9F65EAA14A167C8AA689EFFF46E6E6370A7BF2885D42EF3994E7");
    }

    [Theory]
    [MemberData(nameof(Seeds.Twenty), MemberType = typeof(Seeds))]
    public void FillGaussian_AnyCutIntoCalls_GivesTheSameNumbers(ulong seed)
    {
        double[] whole = Gaussians(new RandomStream(seed, 4), 2000);
        RandomStream cuts = new(99, 0, 0, seed);
        RandomStream stream = new(seed, 4);
        double[] parts = new double[whole.Length];
        for (int start = 0; start < parts.Length;)
        {
            int length = Math.Min(cuts.NextInt32(150), parts.Length - start);
            if (length == 1)
            {
                parts[start] = stream.NextGaussian();
            }
            else
            {
                stream.FillGaussian(parts.AsSpan(start, length));
            }

            // Words in between are a sequence of their own.
            stream.NextUInt64();
            start += length;
        }

        parts.Should().Equal(whole);
    }

    [Fact]
    public void FillGaussian_Single_IsTheDoubleRounded()
    {
        double[] doubles = Gaussians(new RandomStream(3, 1), 1000);
        float[] singles = new float[1000];
        RandomStream stream = new(3, 1);
        stream.FillGaussian(singles.AsSpan(0, 37));
        stream.FillGaussian(singles.AsSpan(37));
        singles.Should().Equal(doubles.Select(x => (float)x));
    }

    [Fact]
    public void FillGaussian_OtherPrecision_NamesIt()
    {
        Action fill = () => new RandomStream(1).FillGaussian<Half>(new Half[3]);
        Action signs = () => new RandomStream(1).FillSigns<Half>(new Half[3]);
        fill.Should().Throw<NotSupportedException>().WithMessage("*System.Half*");
        signs.Should().Throw<NotSupportedException>().WithMessage("*System.Half*");
    }

    [Fact]
    public void FillGaussian_StreamsOnManyThreads_EqualThoseOnOne()
    {
        double[][] one = new double[64][];
        double[][] many = new double[64][];
        for (int i = 0; i < one.Length; i++)
        {
            one[i] = Gaussians(new RandomStream(5, (ulong)(i % 8), (ulong)(i / 8)), 500);
        }

        Parallel.For(0, many.Length, k =>
        {
            int i = many.Length - 1 - k;
            many[i] = Gaussians(new RandomStream(5, (ulong)(i % 8), (ulong)(i / 8)), 500);
        });

        many.Should().BeEquivalentTo(one, options => options.WithStrictOrdering());
    }

    [Fact]
    public void SkipGaussians_AnyCount_GoesToWhereDrawingThemLeads()
    {
        foreach (int start in new[] { 0, 1, 63, 64, 100 })
        {
            foreach (int count in new[] { 0, 1, 27, 28, 29, 63, 64, 65, 128, 1000 })
            {
                RandomStream drawn = new(7, 3, 2, 1);
                RandomStream skipped = new(7, 3, 2, 1);
                drawn.FillGaussian<double>(new double[start + count]);
                skipped.FillGaussian<double>(new double[start]);
                RandomStream fork = skipped.ForkGaussians();
                skipped.SkipGaussians(count);
                fork.FillGaussian<double>(new double[count]);
                for (int i = 0; i < 70; i++)
                {
                    double expected = drawn.NextGaussian();
                    skipped.NextGaussian().Should().Be(expected);
                    fork.NextGaussian().Should().Be(expected);
                }
            }
        }
    }

    [Fact]
    public void With_NumbersGiven_OpensThatStreamAtItsStart()
    {
        RandomStream stream = new(8, 1, 2, 3);
        stream.NextGaussian();
        stream.NextUInt64();
        RandomStream other = stream.With(replicate: 9);
        (other.Seed, other.Layer, other.Replicate, other.Purpose).Should().Be((8UL, 1UL, 9UL, 3UL));
        Gaussians(other, 10).Should().Equal(Gaussians(new RandomStream(8, 1, 9, 3), 10));
        Gaussians(stream.With(), 10).Should().Equal(Gaussians(new RandomStream(8, 1, 2, 3), 10));
    }

    [Fact]
    public void NextDouble_AnyWord_IsAMultipleOfTwoToTheMinus53BelowOne()
    {
        RandomStream stream = new(17);
        RandomStream words = new(17);
        for (int i = 0; i < 10_000; i++)
        {
            double u = stream.NextDouble();
            u.Should().BeInRange(0, 1 - Math.ScaleB(1, -53));
            Math.ScaleB(u, 53).Should().Be(words.NextUInt64() >> 11);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-3)]
    public void NextInt32_BoundBelowOne_IsRefused(int bound)
    {
        Action next = () => new RandomStream(1).NextInt32(bound);
        next.Should().Throw<ArgumentOutOfRangeException>().WithMessage($"*at least 1*{bound}*");
    }

    [Fact]
    public void Shuffle_Items_KeepsThemAll()
    {
        int[] items = Enumerable.Range(0, 100).ToArray();
        new RandomStream(6).Shuffle<int>(items);
        items.Should().NotBeInAscendingOrder();
        items.Order().Should().Equal(Enumerable.Range(0, 100));
    }
}
