using System.Numerics;
using System.Numerics.Tensors;
using MathNet.Numerics.LinearAlgebra;

namespace StableRank.Tool.Commands;

/// <summary>The least and the greatest entry of a kernel and the mean of all, gathered block by block.</summary>
internal sealed class KernelSummary
{
    private double _sum;
    private double _count;

    public double Least { get; private set; } = double.PositiveInfinity;

    public double Greatest { get; private set; } = double.NegativeInfinity;

    public double Mean => _sum / _count;

    /// <param name="block">Dense.</param>
    /// <param name="times">How often the block stands in the kernel: twice where its transpose does too.</param>
    public void Add<T>(Matrix<T> block, int times = 1)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        // column by column: a sum of single precision stays short, and is gathered in double
        var values = block.AsColumnMajorArray();
        for (var column = 0; column < block.ColumnCount; column++)
        {
            ReadOnlySpan<T> entries = values.AsSpan(column * block.RowCount, block.RowCount);
            Least = Math.Min(Least, double.CreateChecked(TensorPrimitives.Min(entries)));
            Greatest = Math.Max(Greatest, double.CreateChecked(TensorPrimitives.Max(entries)));
            _sum += times * double.CreateChecked(TensorPrimitives.Sum(entries));
        }

        _count += (double)times * block.RowCount * block.ColumnCount;
    }
}
