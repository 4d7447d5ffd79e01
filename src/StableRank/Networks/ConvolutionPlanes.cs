using System.Numerics;
using System.Runtime.CompilerServices;

namespace StableRank.Networks;

/// <summary>Moves one sample between its own layout and the planes and grids of a <see cref="ConvolutionGrid"/>.</summary>
internal static unsafe class ConvolutionPlanes
{
    /// <summary>Writes the pixels of a sample into the planes; padding, which must be zeros, is left alone.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Fill<T>(ConvolutionGrid grid, T* sample, T* planes)
        where T : unmanaged
    {
        PhaseAxis v = grid.Vertical, h = grid.Horizontal;
        int width = h.Axis.Size, pixels = v.Axis.Size * width;
        for (var channel = 0; channel < grid.Shape.Channels; channel++, sample += pixels)
        {
            for (var a = 0; a < v.Phases; a++, planes += (nint)h.Phases * grid.PlaneSize)
            {
                for (var i = v.Firsts[a]; i < v.Ends[a]; i++)
                {
                    var row = sample + ((v.Starts[a] + (i * v.Axis.Stride)) * width);
                    var target = planes + (i * grid.Pitch);
                    if (h.Pairs > 0)
                    {
                        StridedRow.Split(
                            row, target + (h.Even * grid.PlaneSize) + h.Firsts[h.Even],
                            target + ((1 - h.Even) * grid.PlaneSize) + h.Firsts[1 - h.Even], h.Pairs);
                    }

                    for (var b = 0; b < h.Phases; b++, target += grid.PlaneSize)
                    {
                        var first = h.Firsts[b] + h.Pairs;
                        StridedRow.Read(
                            row + h.Starts[b] + (first * h.Axis.Stride), h.Axis.Stride, target + first, h.Ends[b] - first);
                    }
                }
            }
        }
    }

    /// <summary>Writes the gradients at the pixels of one phase of the vertical axis into those of a sample.</summary>
    /// <param name="grid">The grid.</param>
    /// <param name="phase">The phase of the vertical axis.</param>
    /// <param name="source">For each phase of the horizontal axis the gradients from the first row of pixels on, channel by
    /// channel.</param>
    /// <param name="phaseSize">From one phase of them to the next.</param>
    /// <param name="sample">The gradient at the sample.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Empty<T>(ConvolutionGrid grid, int phase, T* source, nint phaseSize, T* sample)
        where T : unmanaged
    {
        PhaseAxis v = grid.Vertical, h = grid.Horizontal;
        int width = h.Axis.Size, pixels = v.Axis.Size * width;
        for (var channel = 0; channel < grid.Shape.Channels; channel++, sample += pixels, source += grid.InputGridSize)
        {
            for (var i = v.Firsts[phase]; i < v.Ends[phase]; i++)
            {
                var row = sample + ((v.Starts[phase] + (i * v.Axis.Stride)) * width);
                var from = source + ((i - v.Firsts[phase]) * grid.Pitch);
                if (h.Pairs > 0)
                {
                    StridedRow.Join(
                        from + (h.Even * phaseSize) + h.Firsts[h.Even], from + ((1 - h.Even) * phaseSize) + h.Firsts[1 - h.Even], row,
                        h.Pairs);
                }

                for (var b = 0; b < h.Phases; b++, from += phaseSize)
                {
                    var first = h.Firsts[b] + h.Pairs;
                    StridedRow.Write(from + first, h.Ends[b] - first, row + h.Starts[b] + (first * h.Axis.Stride), h.Axis.Stride);
                }
            }
        }
    }

    /// <summary>Writes the signals of one sample, channels x positions, into grids; what lies between their rows is left alone.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void FillSignals<T>(ConvolutionGrid grid, ReadOnlySpan<T> signals, T* target)
        where T : unmanaged
    {
        int rows = grid.Shape.Vertical.Positions, columns = grid.Shape.Horizontal.Positions;
        fixed (T* first = signals)
        {
            for (T* from = first, end = first + signals.Length; from < end; target += grid.SignalSize)
            {
                for (var i = 0; i < rows; i++, from += columns)
                {
                    StridedRow.Read(from, 1, target + (i * grid.Pitch), columns);
                }
            }
        }
    }

    /// <summary>Z = sums + b, channels x positions, without what grids have between their rows.</summary>
    /// <param name="grid">The grid.</param>
    /// <param name="sums">The grids of the channels.</param>
    /// <param name="bias">b, or null.</param>
    /// <param name="pre">Z.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddBias<T>(ConvolutionGrid grid, T* sums, T* bias, Span<T> pre)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int rows = grid.Shape.Vertical.Positions, columns = grid.Shape.Horizontal.Positions;
        fixed (T* first = pre)
        {
            var end = first + pre.Length;
            for (var to = first; to < end; sums += grid.GridSize)
            {
                var b = bias == null ? T.Zero : *bias++;
                for (var i = 0; i < rows; i++, to += columns)
                {
                    var from = sums + (i * grid.Pitch);
                    var j = 0;

                    // a vector may reach into the next row, which is written after this one
                    for (; j < columns && to + j + Vector<T>.Count <= end; j += Vector<T>.Count)
                    {
                        (Vector.Load(from + j) + Vector.Create(b)).Store(to + j);
                    }

                    for (; j < columns; j++)
                    {
                        to[j] = from[j] + b;
                    }
                }
            }
        }
    }
}
