using BenchmarkDotNet.Attributes;
using StableRank.LinearAlgebra;
using StableRank.Randomness;

namespace StableRank.Benchmarks;

/// <summary>Singular values alone of a square matrix in double.</summary>
[MemoryDiagnoser]
public class SingularValuesBenchmarks
{
    private double[] matrix = [], work = [], values = [];

    /// <summary>Rows and columns.</summary>
    [Params(64, 256, 1024)]
    public int Size { get; set; }

    /// <summary>A Gaussian matrix.</summary>
    [GlobalSetup]
    public void Prepare()
    {
        (matrix, work, values) = (new double[Size * Size], new double[Size * Size], new double[Size]);
        new RandomStream(1).FillGaussian<double>(matrix);
    }

    /// <summary>All of them; the copy is of a matrix that is overwritten.</summary>
    [Benchmark]
    public void Values()
    {
        matrix.CopyTo(work, 0);
        SingularValues.Compute<double>(Size, Size, work, Size, values);
    }
}
