namespace StableRank.Randomness;

/// <summary>
/// The counter-based generator Philox4x64-10 of Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC 2011):
/// a bijection of 256-bit counters for each 128-bit key, ten rounds. The key here is (seed, 0) and the counter (block, layer, replicate,
/// purpose), so that streams which differ in any of those four numbers never meet.
/// </summary>
internal static class Philox
{
    /// <summary>Words that one block, one value of the counter, yields.</summary>
    public const int WordsPerBlock = 4;

    private const ulong Multiplier0 = 0xD2E7470EE14C6C93;
    private const ulong Multiplier1 = 0xCA5A826395121157;
    private const ulong Weyl0 = 0x9E3779B97F4A7C15;
    private const ulong Weyl1 = 0xBB67AE8584CAA73B;
    private const int Rounds = 10;

    /// <summary>
    /// Fills <paramref name="words"/>, whose length is a multiple of four, with the blocks whose first counter words are
    /// <paramref name="firstBlock"/>, <paramref name="firstBlock"/> + 1, and so on (modulo 2^64).
    /// </summary>
    public static void Fill(Span<ulong> words, ulong firstBlock, ulong layer, ulong replicate, ulong purpose, ulong key0, ulong key1 = 0)
    {
        ulong block = firstBlock;
        for (int i = 0; i + WordsPerBlock <= words.Length; i += WordsPerBlock, block++)
        {
            ulong c0 = block;
            ulong c1 = layer;
            ulong c2 = replicate;
            ulong c3 = purpose;
            ulong k0 = key0;
            ulong k1 = key1;
            for (int round = 0; round < Rounds; round++)
            {
                ulong high0 = Math.BigMul(Multiplier0, c0, out ulong low0);
                ulong high1 = Math.BigMul(Multiplier1, c2, out ulong low1);
                c0 = high1 ^ c1 ^ k0;
                c1 = low1;
                c2 = high0 ^ c3 ^ k1;
                c3 = low0;
                k0 += Weyl0;
                k1 += Weyl1;
            }

            words[i] = c0;
            words[i + 1] = c1;
            words[i + 2] = c2;
            words[i + 3] = c3;
        }
    }
}
