using System.Globalization;

namespace StableRank.Kernels;

/// <summary>Whether kernels fit into memory, asked before they are made.</summary>
internal static class KernelMemory
{
    /// <summary>Throws where so many N x M matrices of doubles are more than the process may have, or one exceeds an array.</summary>
    public static void Require(long rows, long columns, int matrices, string name)
    {
        var available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        var bytes = (Int128)rows * columns * sizeof(double) * matrices;
        if (bytes <= available && rows * columns <= Array.MaxLength)
        {
            return;
        }

        throw new ArgumentException(
            string.Create(
                CultureInfo.InvariantCulture,
                $"Kernels of {rows} x {columns} need {bytes} bytes ({matrices} matrices); expected at most {available}, the memory there "
                + $"is, and at most {Array.MaxLength} elements each. ComputeBlocks gives them block by block."),
            name);
    }
}
