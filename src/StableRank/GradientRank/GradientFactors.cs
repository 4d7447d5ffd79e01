using System.Numerics;
using System.Numerics.Tensors;
using StableRank.Networks;

namespace StableRank.GradientRank;

/// <summary>
/// The factors Delta (m x K) and A (n x K) of a weight gradient Delta A^T, from the arrays of a forward and a backward pass, as
/// <see cref="RankQuantity"/> lays them out.
/// </summary>
internal sealed class GradientFactors<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly Layer<T> _layer;
    private readonly bool _isRecurrent;
    private readonly int _batch;
    private readonly T[] _inputs, _post, _signal;

    /// <param name="layer">The layer.</param>
    /// <param name="isRecurrent">Whether it is the gradient of the recurrent weights of a recurrent layer.</param>
    /// <param name="batch">N.</param>
    /// <param name="inputs">What went into the layer.</param>
    /// <param name="post">What came out.</param>
    /// <param name="signal">Delta.</param>
    public GradientFactors(Layer<T> layer, bool isRecurrent, int batch, T[] inputs, T[] post, T[] signal)
    {
        (_layer, _isRecurrent, _batch, _inputs, _post, _signal) = (layer, isRecurrent, batch, inputs, post, signal);
        (Rows, Columns, Inner) = layer switch
        {
            ElmanLayer<T> elman when isRecurrent => (elman.Width, elman.Width, checked((elman.Steps - 1) * batch)),
            ElmanLayer<T> elman => (elman.Width, elman.StepSize, checked(elman.Steps * batch)),
            ConvolutionLayer<T> convolution =>
                (convolution.OutputChannels, convolution.Shape.PatchSize, checked(convolution.Shape.Positions * batch)),
            DenseLayer<T> or PooledDenseLayer<T> => (layer.Weight.Rows, layer.Weight.Columns, batch),
            _ => throw new NotSupportedException($"A layer of the type {layer.GetType().Name} has no known factors of its gradient."),
        };
    }

    /// <summary>m.</summary>
    public int Rows { get; }

    /// <summary>n.</summary>
    public int Columns { get; }

    /// <summary>K, the places at which the weights are used.</summary>
    public int Inner { get; }

    /// <summary>
    /// At least ||Delta||_F ||A||_F: a pixel is in at most as many patches as a channel has taps, and a mean over positions is at most the
    /// root mean square.
    /// </summary>
    public double NormBound()
    {
        var repeats = _layer switch
        {
            ConvolutionLayer<T> convolution => (double)convolution.Shape.PatchSize / convolution.Shape.Channels,
            PooledDenseLayer<T> pooled => 1.0 / pooled.Positions,
            _ => 1,
        };
        return Norm(_signal) * Norm(_isRecurrent ? _post : _inputs) * Math.Sqrt(repeats);
    }

    /// <summary>Delta, m x K, column-major and packed, in double.</summary>
    public void FillSignal(Span<double> target)
    {
        switch (_layer)
        {
            case ElmanLayer<T> elman when _isRecurrent:
                FillSteps(elman, _signal, 1, target);
                break;
            case ConvolutionLayer<T> convolution:
                // a sample is positions x channels
                int positions = convolution.Shape.Positions, size = convolution.OutputSize;
                for (var s = 0; s < _batch; s++)
                {
                    Transpose(_signal.AsSpan(s * size, size), positions, Rows, target[(s * size)..]);
                }

                break;
            default:
                TensorPrimitives.ConvertChecked<T, double>(_signal, target);
                break;
        }
    }

    /// <summary>A, n x K, likewise.</summary>
    public void FillActivation(Span<double> target)
    {
        switch (_layer)
        {
            case ElmanLayer<T> elman when _isRecurrent:
                FillSteps(elman, _post, 0, target);
                break;
            case ConvolutionLayer<T> convolution:
                var shape = convolution.Shape;
                var size = shape.Positions * shape.PatchSize;
                var patches = new T[size];
                for (var s = 0; s < _batch; s++)
                {
                    PatchMatrix.Gather(shape, _inputs.AsSpan(s * shape.InputSize, shape.InputSize), patches.AsSpan());
                    Transpose(patches, shape.Positions, shape.PatchSize, target[(s * size)..]);
                }

                break;
            case PooledDenseLayer<T> pooled:
                // as the layer itself sums, in its own precision
                for (var i = 0; i < Columns * _batch; i++)
                {
                    var channel = _inputs.AsSpan(i * pooled.Positions, pooled.Positions);
                    var mean = TensorPrimitives.Sum<T>(channel) / T.CreateChecked(pooled.Positions);
                    target[i] = double.CreateChecked(mean);
                }

                break;
            default:
                TensorPrimitives.ConvertChecked<T, double>(_inputs, target);
                break;
        }
    }

    /// <summary>
    /// Moves the columns that are zero in neither of two matrices to the front, in their order, and returns how many they are: the others
    /// add nothing to the product.
    /// </summary>
    public static int DropZeroColumns(Span<double> first, int firstRows, Span<double> second, int secondRows, int columns)
    {
        var kept = 0;
        for (var j = 0; j < columns; j++)
        {
            Span<double> a = first.Slice(j * firstRows, firstRows), b = second.Slice(j * secondRows, secondRows);
            if (a.ContainsAnyExcept(0.0) && b.ContainsAnyExcept(0.0))
            {
                if (kept < j)
                {
                    a.CopyTo(first[(kept * firstRows)..]);
                    b.CopyTo(second[(kept * secondRows)..]);
                }

                kept++;
            }
        }

        return kept;
    }

    /// <summary>The columns of a matrix that are not zero.</summary>
    public static int NonzeroColumns(ReadOnlySpan<double> matrix, int rows)
    {
        var count = 0;
        for (; !matrix.IsEmpty; matrix = matrix[rows..])
        {
            count += matrix[..rows].ContainsAnyExcept(0.0) ? 1 : 0;
        }

        return count;
    }

    /// <summary>Of every sample all time steps but one: those from <paramref name="first"/> on.</summary>
    private void FillSteps(ElmanLayer<T> elman, T[] states, int first, Span<double> target)
    {
        int height = elman.OutputSize, used = height - elman.Width;
        for (var s = 0; s < _batch; s++)
        {
            TensorPrimitives.ConvertChecked(
                states.AsSpan((s * height) + (first * elman.Width), used), target.Slice(s * used, used));
        }
    }

    private static void Transpose(ReadOnlySpan<T> source, int rows, int columns, Span<double> target)
    {
        for (var j = 0; j < columns; j++)
        {
            var column = source.Slice(j * rows, rows);
            for (var i = 0; i < rows; i++)
            {
                target[(i * columns) + j] = double.CreateChecked(column[i]);
            }
        }
    }

    private static double Norm(ReadOnlySpan<T> elements)
    {
        var largest = T.Abs(TensorPrimitives.MaxMagnitude(elements));
        if (largest == T.Zero)
        {
            return 0;
        }

        var (sum, scale) = (0.0, double.CreateChecked(largest));
        foreach (var element in elements)
        {
            var ratio = double.CreateChecked(element) / scale;
            sum += ratio * ratio;
        }

        return scale * Math.Sqrt(sum);
    }
}
