namespace StableRank.LinearAlgebra;

/// <summary>
/// A square band matrix with its diagonal and b superdiagonals, stored by columns with room for what fills in while it is reduced: as much
/// below the diagonal, as much again above the band, and zeros past the end, so that a block of b x b that starts anywhere in the band lies
/// in the storage whole. Addressed as a dense column-major matrix of leading dimension 3 b whose far corners do not exist.
/// </summary>
internal readonly unsafe struct UpperBand<T>(int order, int width, T* storage)
    where T : unmanaged
{
    public int Order => order;

    /// <summary>The number of superdiagonals, b.</summary>
    public int Width => width;

    /// <summary>The distance between the elements (i, j) and (i, j + 1).</summary>
    public int Stride => 3 * width;

    public ref T this[int row, int column] => ref *At(row, column);

    /// <summary>The elements of storage that a matrix takes.</summary>
    public static int Length(int order, int width) => checked(((order + (2 * width)) * ((3 * width) + 1)) + (4 * width));

    public T* At(int row, int column) => storage + (2 * width) + row + ((nint)column * 3 * width);
}
