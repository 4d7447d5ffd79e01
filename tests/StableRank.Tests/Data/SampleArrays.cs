using System.Numerics;
using MathNet.Numerics.LinearAlgebra;
using StableRank.Data;
using StableRank.Tests.Support;

namespace StableRank.Tests.Data;

/// <summary>The values that Fixtures/make_fixtures.py writes, computed here on their own, and shapes worth trying.</summary>
internal static class SampleArrays
{
    /// <summary>
    /// Scalars, empty arrays, vectors, rows, columns, sizes around the blocks of 32 of the transpose, and more dimensions.
    /// </summary>
    public static readonly int[][] Shapes =
    [
        [], [0], [1], [7], [0, 3], [3, 0], [1, 1], [1, 9], [9, 1], [3, 4], [31, 33], [32, 32], [33, 64], [100, 65],
        [2, 3, 4], [2, 0, 4], [4, 3, 2, 2], [2, 1, 3, 1, 2],
    ];

    /// <summary>Element k in C order: ((k * k) mod 17 - 5) / 4, exact in half, single and double.</summary>
    public static double Value(long k) => ((k * k % 17) - 5) / 4.0;

    public static T[] Values<T>(int count)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        [.. Enumerable.Range(0, count).Select(k => T.CreateTruncating(Value(k)))];

    public static NumericArray<T> Array<T>(params int[] shape)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        new(shape, Values<T>(shape.Aggregate(1, (product, d) => product * d)));

    public static Matrix<T> Matrix<T>(int rows, int columns)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        MathNet.Numerics.LinearAlgebra.Matrix<T>.Build.Dense(rows, columns, (i, j) => T.CreateTruncating(Value(((long)i * columns) + j)));

    public static string FixtureFolder { get; } = Path.Combine(Repository.Root, "tests", "StableRank.Tests", "Data", "Fixtures");

    public static string Fixture(string name) => Path.Combine(FixtureFolder, name);
}
