using System.Diagnostics;
using System.Numerics;
using StableRank.LinearAlgebra;
using StableRank.Randomness;

namespace StableRank.Tool.Commands;

/// <summary>The rate of the backend's matrix product.</summary>
internal static class GemmRate
{
    private const int ProbeSize = 256;
    private const int SlowSize = 512;
    private const int FastSize = 1024;

    // Below this the larger product would take most of the second that the measurement may last.
    private const double FastGigaflops = 10;

    /// <summary>The order of the matrices to time: 1024, or 512 where that would take too long.</summary>
    public static int ChooseSize() =>
        Measure<double>(ProbeSize, TimeSpan.FromMilliseconds(20), CancellationToken.None) >= FastGigaflops ? FastSize : SlowSize;

    /// <summary>10^9 operations a second, 2 n^3 for a product of two n x n matrices: the best repetition within the time given.</summary>
    public static double Measure<T>(int n, TimeSpan time, CancellationToken cancellation)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var a = new T[n * n];
        var b = new T[n * n];
        var c = new T[n * n];
        var stream = new RandomStream(0);
        stream.FillGaussian<T>(a);
        stream.FillGaussian<T>(b);

        // The first product pays for threads, buffers and code: it is not counted.
        Multiply();
        var best = double.PositiveInfinity;
        var started = Stopwatch.GetTimestamp();
        do
        {
            cancellation.ThrowIfCancellationRequested();
            var before = Stopwatch.GetTimestamp();
            Multiply();
            best = Math.Min(best, Stopwatch.GetElapsedTime(before).TotalSeconds);
        }
        while (Stopwatch.GetElapsedTime(started) < time);

        return 2e-9 * n * n * n / best;

        void Multiply() => Blas.Gemm<T>(Transpose.No, Transpose.No, n, n, n, T.One, a, n, b, n, T.Zero, c, n);
    }
}
