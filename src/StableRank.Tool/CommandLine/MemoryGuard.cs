using System.Globalization;

namespace StableRank.Tool.CommandLine;

/// <summary>
/// Refuses what cannot fit into the machine's memory before any of it is touched: an operating system that lends more than it has
/// would end the process without a word.
/// </summary>
internal static class MemoryGuard
{
    /// <param name="what">What needs the memory, for the message.</param>
    /// <param name="bytes">What it needs at the least.</param>
    /// <exception cref="FailureException">The machine, or the container, has less.</exception>
    public static void Require(string what, double bytes) => Require(what, bytes, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);

    /// <inheritdoc cref="Require(string, double)"/>
    /// <param name="available">What the machine has, in bytes.</param>
    public static void Require(string what, double bytes, double available)
    {
        if (bytes > available)
        {
            throw new FailureException($"{what} needs at least {Gigabytes(bytes)} of memory; this machine has {Gigabytes(available)}");
        }
    }

    private static string Gigabytes(double bytes) => (bytes / 1e9).ToString("0.0", CultureInfo.InvariantCulture) + " GB";
}
