using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace StableRank.Kernels;

/// <summary>Refuses a kernel that this machine cannot hold, before any of it is allocated.</summary>
internal static class KernelMemory
{
    private const string Parts =
        "smaller sets of inputs: compute it block by block, one call for each pair of parts of the inputs (or only the trace of its "
        + "blocks, one entry a pair of inputs)";

    /// <summary>Limit kernels: so many matrices of doubles.</summary>
    /// <exception cref="InsufficientMemoryException">They do not fit.</exception>
    public static void Require(long rows, long columns, int matrices)
    {
        var bytes = (double)rows * columns * sizeof(double) * matrices;
        Require(
            bytes, 0, rows, columns, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes, "smaller blocks: ComputeBlocks gives them one by one");
    }

    /// <summary>An empirical kernel.</summary>
    /// <param name="cost">What the tangent kernel takes.</param>
    /// <param name="outputs">O.</param>
    /// <param name="rows">N.</param>
    /// <param name="columns">M.</param>
    /// <exception cref="InsufficientMemoryException">It does not fit.</exception>
    public static void Require<T>(KernelCost cost, int outputs, int rows, int columns)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (cost.SampleJacobianBytes / Unsafe.SizeOf<T>() > Array.MaxLength)
        {
            throw new InsufficientMemoryException(string.Create(
                CultureInfo.InvariantCulture,
                $"The Jacobian of one input takes {cost.SampleJacobianBytes:F0} bytes by the route {cost.Route}, more than an array ")
                + "holds; expected fewer outputs or parameters: take the route Structured, or products with Multiply.");
        }

        double unit = cost.Output == KernelOutput.Blocks ? outputs : 1;
        Require(
            cost.KernelBytes, cost.WorkBytes, rows * unit, columns * unit, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
    }

    /// <param name="kernelBytes">The kernel.</param>
    /// <param name="workBytes">What is held beside it.</param>
    /// <param name="height">Its rows.</param>
    /// <param name="width">Its columns.</param>
    /// <param name="available">What the machine has, in bytes.</param>
    /// <param name="wayOut">What to do instead.</param>
    /// <exception cref="InsufficientMemoryException">It does not fit.</exception>
    public static void Require(
        double kernelBytes, double workBytes, double height, double width, double available, string wayOut = Parts)
    {
        var limit = height * width > Array.MaxLength
            ? string.Create(CultureInfo.InvariantCulture, $"one array holds {Array.MaxLength} entries")
            : kernelBytes + workBytes > available
                ? string.Create(CultureInfo.InvariantCulture, $"this machine has {available:F0} bytes")
                : null;
        if (limit is not null)
        {
            throw new InsufficientMemoryException(string.Create(
                CultureInfo.InvariantCulture,
                $"The kernel is {height:F0} x {width:F0}, {kernelBytes:F0} bytes, with {workBytes:F0} bytes of work beside it, but ")
                + $"{limit}; expected {wayOut}.");
        }
    }
}
