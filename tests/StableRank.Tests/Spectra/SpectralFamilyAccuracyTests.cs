using StableRank.Spectra;

namespace StableRank.Tests.Spectra;

/// <summary>
/// The promise of <see cref="SpectralFamily"/>, for every family and admitted (k, r): min(m, n) values in non-increasing order in
/// [0, 1], s_1 = 1 exactly, and an exact sum of squares within 4 ulps of r.
/// </summary>
public sealed class SpectralFamilyAccuracyTests
{
    private const double UlpsAllowed = 4;

    private static readonly string[] s_names = ["flat", "spike", "power-law", "exponential", "linear", "tempered"];

    public static TheoryData<string> Names => [.. s_names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Draw_EveryAdmittedStableRank_IsMetToFourUlps(string name)
    {
        SpectralFamily family = SpectralFamily.Parse(name);
        foreach (int k in StableRankGrid.Sizes)
        {
            foreach (double r in StableRankGrid.StableRanks(1, k, seed: k))
            {
                RequirePromise(family, k, 3 * k / 2, r);
            }
        }
    }

    [Theory]
    [InlineData(1, 4096)]
    [InlineData(64, 64)]
    [InlineData(64, 65)]
    [InlineData(1000, 30)]
    [InlineData(20, 1_000_000)]
    [InlineData(4096, 4096)]
    public void Draw_MarchenkoPasturOverShapes_IsMetToFourUlps(int rows, int columns)
    {
        foreach (double r in StableRankGrid.StableRanks(1, Math.Min(rows, columns), seed: 7, random: 3))
        {
            RequirePromise(SpectralFamily.MarchenkoPastur, rows, columns, r);
        }
    }

    [Fact]
    public void Draw_TemperedOverHardBases_IsMetToFourUlps()
    {
        double below = Math.BitDecrement(1.0);
        double[][] bases =
        [
            [1, below],                                         // the closest pair there is
            [1, 1, below, 0.5, 0],                              // a double top, a zero
            [1, below, Math.BitDecrement(below), 1e-300],       // scales 2^-53 and 690 in one logarithm
            [1e200, 1e-200, 1e-200, 0],                         // quotients that underflow
            [5e-324 * 3, 5e-324 * 2, 5e-324],                   // subnormals
            [2, 2, 2, 1],
            [3, 3, 1, 1, 1, 1, 0, 0],
            [.. Enumerable.Range(0, 300).Select(i => Math.Exp(-i)), .. Enumerable.Repeat(0.0, 20)],
            [.. Enumerable.Range(0, 1000).Select(i => 1 - i * 1e-13)],
            [.. Enumerable.Repeat(1.0, 40), .. Enumerable.Repeat(0.3, 2000), .. Enumerable.Repeat(0.2, 100)],
        ];
        foreach (double[] values in bases)
        {
            SpectralFamily family = SpectralFamily.Tempered(Spectrum.FromSingularValues(values));
            StableRankRange range = family.AdmittedRange(values.Length, values.Length + 3);
            foreach (double r in StableRankGrid.StableRanks(range.Minimum, range.Maximum, seed: values.Length))
            {
                RequirePromise(family, values.Length, values.Length + 3, r);
            }
        }
    }

    [Fact]
    public void Draw_TemperedOverRandomBases_IsMetToFourUlps()
    {
        for (int seed = 0; seed < 40; seed++)
        {
            var source = new Random(seed);
            int k = 2 + source.Next(200);
            double spread = Math.Exp(6 * source.NextDouble());
            double[] values = [.. Enumerable.Range(0, k).Select(_ => Math.Exp(-spread * source.NextDouble()))];
            SpectralFamily family = SpectralFamily.Tempered(Spectrum.FromSingularValues(values));
            StableRankRange range = family.AdmittedRange(k, k);
            foreach (double r in StableRankGrid.StableRanks(range.Minimum, range.Maximum, seed))
            {
                RequirePromise(family, k, k, r);
            }
        }
    }

    [Fact]
    public void Draw_GivenRandomValues_AreMetToFourUlpsAtTheirStableRankAndItsNeighbours()
    {
        for (int seed = 0; seed < 40; seed++)
        {
            var source = new Random(seed);
            int k = 1 + source.Next(500);
            Spectrum values = Spectrum.FromSingularValues(Enumerable.Range(0, k).Select(_ => 1e5 * source.NextDouble()));
            double r = values.StableRank;
            foreach (double asked in (double[])[r, Math.BitIncrement(r), Math.BitDecrement(r)])
            {
                RequirePromise(SpectralFamily.Given(values), k, k, asked);
            }
        }
    }

    [Fact]
    public void Draw_PastTheSizesPromised_IsStillMet()
    {
        foreach (string name in s_names)
        {
            RequirePromise(SpectralFamily.Parse(name), 30_000, 40_000, 12_345.678);
        }
    }

    private static void RequirePromise(SpectralFamily family, int rows, int columns, double r)
    {
        Spectrum spectrum = family.Draw(rows, columns, r);
        string where = $"{family} at {rows} x {columns}, r = {r:R}";
        Assert.True(spectrum.Count == Math.Min(rows, columns), where);
        Assert.True(spectrum[0] == 1, where);
        double before = 1;
        foreach (double value in spectrum.AsSpan())
        {
            Assert.True(value >= 0 && value <= before, where);
            before = value;
        }

        double ulps = ExactSquares.UlpsAbove(spectrum, r);
        Assert.True(Math.Abs(ulps) <= UlpsAllowed, $"{where}: {ulps} ulps");
    }
}
