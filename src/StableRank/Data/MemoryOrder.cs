namespace StableRank.Data;

/// <summary>In which order a file stores the elements of an array. The element (i, j) is the same whatever the order.</summary>
public enum MemoryOrder
{
    /// <summary>C order: the last index runs fastest; a matrix is stored row by row.</summary>
    RowMajor,

    /// <summary>Fortran order: the first index runs fastest; a matrix is stored column by column.</summary>
    ColumnMajor,
}
