namespace StableRank.Tests.Networks;

/// <summary>The spacing of the numbers above 1: 2^-52 in double, 2^-23 in single precision.</summary>
internal static class MachineEpsilon
{
    public const double Double = 1.0 / (1L << 52);
    public const double Single = 1.0 / (1L << 23);
}
