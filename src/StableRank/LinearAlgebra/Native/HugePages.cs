using System.Runtime.InteropServices;

namespace StableRank.LinearAlgebra.Native;

/// <summary>
/// Arrays of several megabytes that are written once: fresh memory stops at each of its pages of 4 KiB, and the system zeroes them one by
/// one. On Linux, where programs may ask for pages of 2 MiB, one stop then does for 512.
/// </summary>
internal static partial class HugePages
{
    private const nint Page = 1 << 21;

    private const int Advice = 14;

    /// <summary>An array with arbitrary contents, on huge pages where the system has them to give.</summary>
    public static unsafe T[] Allocate<T>(int length)
        where T : unmanaged
    {
        var array = GC.AllocateUninitializedArray<T>(length);
        if (OperatingSystem.IsLinux() && (long)length * sizeof(T) >= 2 * Page)
        {
            fixed (T* first = array)
            {
                // whole pages inside the array: nothing beside it is concerned; a refusal changes nothing either
                var start = ((nint)first + Page - 1) & -Page;
                var end = ((nint)first + (nint)((long)length * sizeof(T))) & -Page;
                _ = Advise(start, end - start, Advice);
            }
        }

        return array;
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint address, nint length, int advice);
}
