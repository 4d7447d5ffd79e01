using System.Numerics;
using System.Numerics.Tensors;
using StableRank.LinearAlgebra;
using StableRank.Networks;

namespace StableRank.Expressivity;

/// <summary>One dense layer in double precision: z = W x + b, then slope 1 where z &gt; 0 and another where it is not.</summary>
internal sealed class PartitionLayer
{
    /// <summary>
    /// How many times the expected rounding error a value may be and still count as zero. The expectation takes rounding errors as
    /// independent (Higham and Mary 2019), sqrt(n) eps for a sum of n terms; at 8 the chance of an error beyond it is negligible.
    /// </summary>
    public const double Safety = 8;

    private PartitionLayer(int rows, int columns, double[] weights, double[]? bias, double slope)
    {
        Rows = rows;
        Columns = columns;
        Weights = weights;
        Bias = bias;
        Slope = slope;
        RowTolerances = new double[rows];
        BiasTolerances = new double[rows];
        for (var j = 0; j < columns; j++)
        {
            var column = weights.AsSpan(j * rows, rows);
            TensorPrimitives.MultiplyAdd(column, column, RowTolerances, RowTolerances);
        }

        Norm = Math.Sqrt(TensorPrimitives.Sum<double>(RowTolerances));
        TensorPrimitives.Sqrt(RowTolerances, RowTolerances);
        TensorPrimitives.Multiply(RowTolerances, Safety, RowTolerances);
        if (bias is not null)
        {
            TensorPrimitives.Abs(bias, BiasTolerances);
            TensorPrimitives.Multiply(BiasTolerances, Safety * MachineEpsilon.Double, BiasTolerances);
            BiasNorm = TensorPrimitives.Norm<double>(bias);
        }
    }

    /// <summary>Fan-out.</summary>
    public int Rows { get; }

    /// <summary>Fan-in.</summary>
    public int Columns { get; }

    /// <summary>W, column-major.</summary>
    public double[] Weights { get; }

    /// <summary>b; null for none.</summary>
    public double[]? Bias { get; }

    /// <summary>The slope of the activation where z is not positive.</summary>
    public double Slope { get; }

    /// <summary>Whether its neurons divide the input space.</summary>
    public bool Splits => Slope != 1;

    /// <summary>||W||_F.</summary>
    public double Norm { get; }

    /// <summary>||b||.</summary>
    public double BiasNorm { get; }

    /// <summary><see cref="Safety"/> times the norms of the rows of W.</summary>
    public double[] RowTolerances { get; }

    /// <summary><see cref="Safety"/> eps |b|.</summary>
    public double[] BiasTolerances { get; }

    /// <summary>By what the activation multiplies an error at most.</summary>
    public double Stretch => Math.Max(1, Math.Abs(Slope));

    /// <summary>The layers of a network; weights in double precision are not copied.</summary>
    /// <exception cref="ArgumentException">A layer is not dense, or its activation not piecewise linear.</exception>
    public static PartitionLayer[] Of<T>(Network<T> network)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(network);
        return [.. network.Layers.Select((layer, l) => Of(layer, l + 1))];
    }

    private static PartitionLayer Of<T>(Layer<T> layer, int number)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (layer is not DenseLayer<T>)
        {
            throw new ArgumentException(
                $"Layer {number} of the network is not dense but {layer.GetType().Name}; expected dense layers only.", "network");
        }

        if (!layer.Activation.IsPiecewiseLinear(out var slope))
        {
            throw new ArgumentException(
                $"The activation of layer {number} is {layer.Activation.Name}; expected a piecewise linear one: linear, relu, abs or "
                + "leaky-relu:A.",
                "network");
        }

        // the slope that the network itself uses is rounded to its own precision
        var own = double.CreateTruncating(T.CreateTruncating(slope));
        return new PartitionLayer(
            layer.OutputSize,
            layer.InputSize,
            InDouble(layer.Weight.Values),
            layer.BiasParameter is { } bias ? InDouble(bias.Values) : null,
            own);
    }

    private static double[] InDouble<T>(T[] values)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (values is double[] same)
        {
            return same;
        }

        var copy = new double[values.Length];
        TensorPrimitives.ConvertChecked<T, double>(values, copy);
        return copy;
    }
}
