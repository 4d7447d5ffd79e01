using StableRank.Randomness;

namespace StableRank.Tests.Randomness;

public sealed class PhiloxTests
{
    // The three lines "philox4x64 10" of Random123's kat_vectors (zeros, ones, digits of pi).
    [Theory]
    [InlineData(0, 0, 0, 0, 0, 0, 0x16554d9eca36314c, 0xdb20fe9d672d0fdc, 0xd7e772cee186176b, 0x7e68b68aec7ba23b)]
    [InlineData(
        ulong.MaxValue, ulong.MaxValue, ulong.MaxValue, ulong.MaxValue, ulong.MaxValue, ulong.MaxValue,
        0x87b092c3013fe90b, 0x438c3c67be8d0224, 0x9cc7d7c69cd777b6, 0xa09caebf594f0ba0)]
    [InlineData(
        0x243f6a8885a308d3, 0x13198a2e03707344, 0xa4093822299f31d0, 0x082efa98ec4e6c89, 0x452821e638d01377, 0xbe5466cf34e90c6c,
        0xa528f45403e61d95, 0x38c72dbd566e9788, 0xa5a1610e72fd18b5, 0x57bd43b5e52b7fe6)]
    public void Fill_CounterAndKeyOfRandom123_GivesItsKnownAnswer(
        ulong c0, ulong c1, ulong c2, ulong c3, ulong k0, ulong k1, ulong w0, ulong w1, ulong w2, ulong w3)
    {
        ulong[] words = new ulong[4];
        Philox.Fill(words, c0, c1, c2, c3, k0, k1);
        words.Should().Equal(w0, w1, w2, w3);
    }

    // python3 -c "import numpy as np; u = lambda *a: np.array(a, dtype=np.uint64);
    //   print([hex(w) for w in np.random.Philox(key=u(12345, 0), counter=u(2**63 - 1, 7, 11, 13)).random_raw(4)])"
    // with NumPy 1.24, which adds 1 to the counter before the first block: block 2^63.
    [Fact]
    public void Fill_TopHalfOfTheBlocks_EqualsNumPy()
    {
        ulong[] words = new ulong[4];
        Philox.Fill(words, 1UL << 63, 7, 11, 13, 12345);
        words.Should().Equal(0x2da91ef4c1ac30c8, 0x573cd7ed96ec8758, 0x27d8d67dfc9ee9d1, 0xae59ef79d6038806);
    }

    [Fact]
    public void Fill_LastBlock_WrapsWithoutTouchingTheOtherWords()
    {
        ulong[] words = new ulong[8];
        ulong[] zero = new ulong[4];
        Philox.Fill(words, ulong.MaxValue, 1, 2, 3, 4);
        Philox.Fill(zero, 0, 1, 2, 3, 4);
        words[4..].Should().Equal(zero);
    }
}
