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
    /// <param name="wayOut">What the user can do about it, for the message.</param>
    /// <exception cref="FailureException">The machine, or the container, has less.</exception>
    public static void Require(string what, double bytes, string? wayOut = null) =>
        Require(what, bytes, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes, wayOut);

    /// <inheritdoc cref="Require(string, double, string?)"/>
    /// <param name="available">What the machine has, in bytes.</param>
    public static void Require(string what, double bytes, double available, string? wayOut = null)
    {
        if (bytes > available)
        {
            throw new FailureException($"{what} needs at least {Gigabytes(bytes)} of memory; this machine has {Gigabytes(available)}"
                + (wayOut is null ? "" : $"; {wayOut}"));
        }
    }

    private static string Gigabytes(double bytes) => (bytes / 1e9).ToString("0.0", CultureInfo.InvariantCulture) + " GB";
}
