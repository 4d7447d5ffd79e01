using System.Numerics;
using System.Numerics.Tensors;
using StableRank.LinearAlgebra;

namespace StableRank.Expressivity;

/// <summary>What the points of a curve became in one layer: images and unit tangents, a column each, speeds, signs of neurons.</summary>
internal sealed class CurveLevel<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const int Bits = 64;

    private T[] _images = [];
    private T[] _tangents = [];
    private double[] _speeds = [];
    private ulong[] _signs = [];
    private int _words;

    /// <summary>n_l.</summary>
    public int Size { get; private set; }

    /// <summary>Whether neurons' sign changes make kinks here.</summary>
    public bool IsKinked { get; private set; }

    /// <summary>The greatest norm of an image.</summary>
    public double LargestNorm { get; private set; }

    public void Restart(int size, bool kinked)
    {
        (Size, IsKinked, LargestNorm) = (size, kinked, 0);
        _words = kinked ? (size + Bits - 1) / Bits : 0;
    }

    /// <summary>Takes images and tangents of points <paramref name="first"/> and on; tangents are made unit vectors in place.</summary>
    /// <param name="images">n_l x count.</param>
    /// <param name="tangents">n_l x count, made of the unit tangents of the level below.</param>
    /// <param name="first">The number of the first.</param>
    /// <param name="below">The level whose speeds they multiply; null for the curve itself.</param>
    /// <exception cref="ArithmeticException">A signal left the range of T.</exception>
    public void Append(ReadOnlySpan<T> images, Span<T> tangents, int first, CurveLevel<T>? below)
    {
        var count = images.Length / Size;
        Reserve(ref _images, checked((first + count) * Size));
        Reserve(ref _tangents, checked((first + count) * Size));
        Reserve(ref _speeds, first + count);
        for (var j = 0; j < count; j++)
        {
            var tangent = tangents.Slice(j * Size, Size);
            var speed = TensorPrimitives.Norm<T>(tangent);
            var norm = double.CreateTruncating(TensorPrimitives.Norm(images.Slice(j * Size, Size)));
            if (!T.IsFinite(speed) || !double.IsFinite(norm))
            {
                throw new ArithmeticException($"The image of the curve or its tangent left the range of {typeof(T).Name}.");
            }

            if (speed > T.Zero)
            {
                TensorPrimitives.Divide(tangent, speed, tangent);
            }

            LargestNorm = Math.Max(LargestNorm, norm);
            _speeds[first + j] = double.CreateTruncating(speed) * (below?._speeds[first + j] ?? 1);
        }

        images.CopyTo(_images.AsSpan(first * Size));
        tangents.CopyTo(_tangents.AsSpan(first * Size));
    }

    /// <summary>Takes the signs of pre-activations, n_l x count, where they matter: at 0 the sign they are about to have.</summary>
    public void AppendSigns(ReadOnlySpan<T> preActivations, ReadOnlySpan<T> tangents, int first)
    {
        if (!IsKinked)
        {
            return;
        }

        var count = preActivations.Length / Size;
        Reserve(ref _signs, (first + count) * _words);
        var signs = _signs.AsSpan(first * _words, count * _words);
        signs.Clear();
        for (var j = 0; j < count; j++)
        {
            var column = preActivations.Slice(j * Size, Size);
            var words = signs.Slice(j * _words, _words);
            for (var i = 0; i < column.Length; i++)
            {
                if (column[i] > T.Zero || (column[i] == T.Zero && tangents[j * Size + i] > T.Zero))
                {
                    words[i / Bits] |= 1UL << (i % Bits);
                }
            }
        }
    }

    /// <summary>The distance of two images.</summary>
    public double Chord(int a, int b) =>
        double.CreateTruncating(TensorPrimitives.Distance<T>(_images.AsSpan(a * Size, Size), _images.AsSpan(b * Size, Size)));

    /// <summary>The angle between two tangents; 0 where the image stands still at one of them.</summary>
    public double Turn(int a, int b)
    {
        if (_speeds[a] == 0 || _speeds[b] == 0)
        {
            return 0;
        }

        // of unit vectors: exact for small angles, where the cosine has no digits
        var chord = Math.Min(2, double.CreateTruncating(
            TensorPrimitives.Distance<T>(_tangents.AsSpan(a * Size, Size), _tangents.AsSpan(b * Size, Size))));
        return 2 * Math.Atan2(chord, Math.Sqrt((2 - chord) * (2 + chord)));
    }

    /// <summary>How many neurons changed sign between two points.</summary>
    public int SignChanges(int a, int b)
    {
        var changes = 0;
        for (var w = 0; w < _words; w++)
        {
            changes += BitOperations.PopCount(_signs[a * _words + w] ^ _signs[b * _words + w]);
        }

        return changes;
    }

    /// <summary>Over the first points.</summary>
    public double MeanSquareSpeed(int points) => TensorPrimitives.SumOfSquares<double>(_speeds.AsSpan(0, points)) / points;

    /// <summary>Mean cosines of the first points by their distance in the row; a closed curve's row goes round.</summary>
    public double[] SelfSimilarity(int pieces, bool closed)
    {
        var points = closed ? pieces : pieces + 1;
        var gram = new T[checked(points * points)];
        Blas.Syrk<T>(Transpose.Yes, points, Size, T.One, _images.AsSpan(0, points * Size), Size, T.Zero, gram, points);
        var result = new double[closed ? pieces / 2 + 1 : points];
        for (var lag = 0; lag < result.Length; lag++)
        {
            var (sum, count) = (0.0, 0);
            for (var i = 0; i < (closed ? points : points - lag); i++)
            {
                var j = (i + lag) % points;
                var scale = Math.Sqrt(double.CreateTruncating(gram[i * points + i]))
                    * Math.Sqrt(double.CreateTruncating(gram[j * points + j]));
                if (scale > 0)
                {
                    sum += Math.Clamp(double.CreateTruncating(gram[i * points + j]) / scale, -1, 1);
                    count++;
                }
            }

            result[lag] = count > 0 ? sum / count : double.NaN;
        }

        return result;
    }

    private static void Reserve<TItem>(ref TItem[] array, int length)
    {
        if (array.Length < length)
        {
            Array.Resize(ref array, Math.Max(length, 2 * array.Length));
        }
    }
}
