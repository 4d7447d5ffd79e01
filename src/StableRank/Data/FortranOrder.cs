namespace StableRank.Data;

/// <summary>Arrays of any number of dimensions whose first index runs fastest.</summary>
internal static class FortranOrder
{
    /// <summary>
    /// Makes the column-major matrix "out x rest" whose columns run in C order over the dimensions after the first. In the file
    /// the columns run in Fortran order: up to two dimensions that is the same, beyond it is a permutation of whole columns.
    /// </summary>
    public static T[] ToColumnMajor<T>(T[] values, int[] shape)
    {
        if (shape.Length <= 2 || values.Length == 0)
        {
            return values;
        }

        var rows = shape[0];
        var strides = new int[shape.Length];
        for (int d = 1, stride = rows; d < shape.Length; stride *= shape[d], d++)
        {
            strides[d] = stride;
        }

        var result = new T[values.Length];
        var index = new int[shape.Length];
        var from = 0;
        for (var to = 0; to < result.Length; to += rows)
        {
            Array.Copy(values, from, result, to, rows);
            for (var d = shape.Length - 1; d >= 1; d--)
            {
                from += strides[d];
                if (++index[d] < shape[d])
                {
                    break;
                }

                from -= strides[d] * shape[d];
                index[d] = 0;
            }
        }

        return result;
    }
}
