using System.Diagnostics;
using System.Numerics;
using System.Numerics.Tensors;
using StableRank.LinearAlgebra;

namespace StableRank.Benchmarks;

/// <summary>What the machine can do: the floors of the rows.</summary>
/// <param name="Double">Operations a second of a product of matrices in double.</param>
/// <param name="Single">The same in single precision.</param>
/// <param name="Bandwidth">Bytes a second of a sum of two arrays far larger than a cache, two read and one written.</param>
internal sealed record Rates(double Double, double Single, double Bandwidth)
{
    private const int Repetitions = 10;

    /// <summary>Elements of an array of the sum: 256 MB.</summary>
    private const int Elements = 1 << 25;

    public static Rates Measure() => new(GemmRate<double>(), GemmRate<float>(), MeasureBandwidth());

    /// <summary>The greater of either rate: floors do not rise because the machine was busy at one of two times.</summary>
    public Rates Best(Rates other) =>
        new(Math.Max(Double, other.Double), Math.Max(Single, other.Single), Math.Max(Bandwidth, other.Bandwidth));

    /// <summary>The least time of a row in seconds; null where neither operations nor bytes are counted.</summary>
    public double? Floor(Comparison row)
    {
        var products = row.Flops?.Invoke() / (row.Single ? Single : Double);
        var traffic = row.Bytes / Bandwidth;
        return products is { } p && traffic is { } t ? Math.Max(p, t) : products ?? traffic;
    }

    /// <summary>Loads the backend, so that a first product finds it there.</summary>
    public static void WarmUp()
    {
        const int n = 256;
        double[] a = new double[n * n], c = new double[n * n];
        Blas.Gemm<double>(Transpose.No, Transpose.No, n, n, n, 1, a, n, a, n, 0, c, n);
    }

    /// <summary>2 n^3 for a product of n = 1024 over its time, best of several.</summary>
    private static double GemmRate<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        const int n = 1024;
        T[] a = new T[n * n], b = new T[n * n], c = new T[n * n];
        Array.Fill(a, T.CreateChecked(1.0 / n));
        Array.Fill(b, T.CreateChecked(0.5));
        return 2.0 * n * n * n / Best(() => Blas.Gemm<T>(Transpose.No, Transpose.No, n, n, n, T.One, a, n, b, n, T.Zero, c, n));
    }

    private static double MeasureBandwidth()
    {
        double[] a = new double[Elements], b = new double[Elements], c = new double[Elements];
        Array.Fill(a, 1.0);
        Array.Fill(b, 2.0);
        var part = Elements / Backend.Threads;
        var best = Best(() => Parallel.For(0, Backend.Threads, t =>
            TensorPrimitives.Add<double>(a.AsSpan(t * part, part), b.AsSpan(t * part, part), c.AsSpan(t * part, part))));
        return 3.0 * sizeof(double) * part * Backend.Threads / best;
    }

    private static double Best(Action action) => Enumerable.Range(0, Repetitions).Min(_ =>
    {
        var start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    });
}
