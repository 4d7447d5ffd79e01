namespace StableRank.Tests.Randomness;

/// <summary>Twenty seeds for statistical tests: fixed, so a verdict is repeatable, and several, so that no lucky one was picked.</summary>
public static class Seeds
{
    public static TheoryData<ulong> Twenty
    {
        get
        {
            TheoryData<ulong> seeds = [];
            for (ulong i = 0; i < 20; i++)
            {
                seeds.Add((i * 7919) + 1);
            }

            return seeds;
        }
    }
}
