using StableRank.Data;

namespace StableRank.Tests.Data;

public sealed class HalfFormatsTests
{
    [Fact]
    public void BFloat16_OfEveryBitPattern_WidensExactlyAndComesBack()
    {
        var bits = Enumerable.Range(0, 1 << 16).Select(i => (ushort)i).ToArray();
        var singles = new float[bits.Length];
        var doubles = new double[bits.Length];

        HalfFormats.FromBFloat16(bits, singles);
        HalfFormats.FromBFloat16(bits, doubles);

        for (var i = 0; i < bits.Length; i++)
        {
            var expected = Decode(bits[i]);
            singles[i].Should().Be((float)expected);
            doubles[i].Should().Be(expected);
            if (!double.IsNaN(expected))
            {
                HalfFormats.ToBFloat16(singles[i]).Should().Be(bits[i]);
                HalfFormats.ToBFloat16(doubles[i]).Should().Be(bits[i]);
            }
            else
            {
                double.IsNaN(Decode(HalfFormats.ToBFloat16(singles[i]))).Should().BeTrue();
            }
        }
    }

    [Fact]
    public void Half_OfEveryBitPattern_WidensExactly()
    {
        var halves = Enumerable.Range(0, 1 << 16).Select(i => BitConverter.UInt16BitsToHalf((ushort)i)).ToArray();
        var singles = new float[halves.Length];
        var doubles = new double[halves.Length];

        HalfFormats.FromHalf(halves, singles);
        HalfFormats.FromHalf(halves, doubles);

        for (var i = 0; i < halves.Length; i++)
        {
            doubles[i].Should().Be((double)halves[i]);
            singles[i].Should().Be((float)halves[i]);
        }
    }

    // The neighbours of a double among the bfloat16 are found by walking the grid, without any rounding of the code's own.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void BFloat16_OfDoubles_IsTheNearestWithTiesToEven(int seed)
    {
        var random = new Random(seed);
        for (var i = 0; i < 20_000; i++)
        {
            var below = (ushort)random.Next(0x7F7F);
            var (low, high) = (Decode(below), Decode((ushort)(below + 1)));
            var middle = low + ((high - low) / 2);
            var value = (i % 5) switch
            {
                0 => middle,
                1 => Math.BitIncrement(middle),
                2 => Math.BitDecrement(middle),
                3 => low + ((high - low) * random.NextDouble()),
                _ => low,
            };
            var even = (below & 1) == 0 ? below : (ushort)(below + 1);
            var expected = value < middle ? below : value > middle ? (ushort)(below + 1) : even;

            HalfFormats.ToBFloat16(value).Should().Be(expected, $"{value:R} lies between {low:R} and {high:R}");
            HalfFormats.ToBFloat16(-value).Should().Be((ushort)(expected | 0x8000));
        }
    }

    [Fact]
    public void BFloat16_ByWayOfSingle_WouldRoundTwice()
    {
        // Just above the middle of 1 and 1 + 2^-7, by less than single precision sees: the nearest is the upper one.
        var value = 1 + Math.ScaleB(1, -8) + Math.ScaleB(1, -40);

        HalfFormats.ToBFloat16(value).Should().Be(0x3F81);
        HalfFormats.ToBFloat16((float)value).Should().Be(0x3F80, "the detour that the conversion must not take");
    }

    [Fact]
    public void BFloat16_BeyondTheGreatest_IsInfinite()
    {
        HalfFormats.ToBFloat16(double.MaxValue).Should().Be(0x7F80);
        HalfFormats.ToBFloat16(-1e39).Should().Be(0xFF80);
        HalfFormats.ToBFloat16(1e-50).Should().Be(0);
        HalfFormats.ToBFloat16(-1e-50).Should().Be(0x8000);
    }

    /// <summary>By the definition: sign, 8 bits of exponent with bias 127, 7 bits of fraction.</summary>
    private static double Decode(ushort bits)
    {
        var (exponent, fraction) = ((bits >> 7) & 0xFF, bits & 0x7F);
        var size = exponent switch
        {
            0 => Math.ScaleB(fraction, -133),
            0xFF => fraction == 0 ? double.PositiveInfinity : double.NaN,
            _ => Math.ScaleB(128 + fraction, exponent - 134),
        };
        return bits >> 15 == 0 ? size : -size;
    }
}
