using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using StableRank.LinearAlgebra;

namespace StableRank.Networks;

/// <summary>
/// A convolution of a batch on a <see cref="ConvolutionGrid"/>: the samples are shared out in as many equal pieces as there are threads,
/// and each piece takes its samples one by one through all that is to be done while they are in cache. The gradients of the pieces are
/// added in their order: the same bits whoever did which. One call at a time; nothing is allocated after the first.
/// </summary>
internal sealed unsafe class ConvolutionSweep<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Multiplications below which another thread is not worth waking.</summary>
    private const double SmallWork = 1e5;

    /// <summary>Weights below which it is not worth that for moving them.</summary>
    private const int FewWeights = 1 << 15;

    /// <summary>Taps whose gradients are collected at a time.</summary>
    private const int CollectedTaps = 64;

    private static readonly int Line = ConvolutionGrid.LineBytes / Unsafe.SizeOf<T>();

    private readonly ConvolutionGrid _grid;
    private readonly int _channels;
    private readonly Activation _activation;
    private readonly ThreadCrew _forward;
    private readonly ThreadCrew _backward;
    private readonly ThreadCrew _pack;
    private readonly ThreadCrew _packPhases;
    private readonly ThreadCrew _collect;
    private readonly int _forwardPiece;
    private readonly int _backwardPiece;
    private readonly int _packedForward;
    private readonly int _packedBackward;
    private readonly int _gradientRows;
    private readonly int _gradientSize;
    private int _batch;
    private int _pieces;
    private T* _inputs;
    private T* _pre;
    private T* _post;
    private T* _signal;
    private T* _inputGradient;
    private T* _bias;
    private T* _kernel;
    private T* _kernelGradient;
    private T* _weights;
    private T* _workspace;

    public ConvolutionSweep(ConvolutionGrid grid, int channels, Activation activation)
    {
        (_grid, _channels, _activation) = (grid, channels, activation);
        _forward = new ThreadCrew(ForwardPiece, Backend.Threads);
        _backward = new ThreadCrew(BackwardPiece, Backend.Threads);
        _pack = new ThreadCrew(Pack, Backend.Threads);
        _packPhases = new ThreadCrew(PackPhase, Backend.Threads);
        _collect = new ThreadCrew(Collect, Backend.Threads);
        (_forwardPiece, _packedForward) = (ForwardPieceSize(grid, channels), PackedForward(grid, channels));
        (_backwardPiece, _packedBackward) = (BackwardPieceSize(grid, channels), PackedBackward(grid, channels));
        (_gradientRows, _gradientSize) = (ConvolutionGrid.RoundUp(channels, ConvolutionKernel.SignalGroup), GradientSize(grid, channels));
    }

    /// <summary>The workspace of <see cref="Forward"/>.</summary>
    public static int ForwardWorkspace(ConvolutionGrid grid, int channels, int batch) =>
        checked(Line + PackedForward(grid, channels) + (Pieces(batch) * ForwardPieceSize(grid, channels)));

    /// <summary>The workspace of <see cref="Backward"/>.</summary>
    public static int BackwardWorkspace(ConvolutionGrid grid, int channels, int batch) =>
        checked(Line + PackedBackward(grid, channels) + (Pieces(batch) * BackwardPieceSize(grid, channels)));

    /// <summary>As <see cref="Layer{T}.Forward"/>.</summary>
    /// <param name="kernel">K, out x (in k k).</param>
    /// <param name="bias">b, or empty.</param>
    /// <param name="inputs">X.</param>
    /// <param name="batch">The samples.</param>
    /// <param name="pre">Z.</param>
    /// <param name="post">phi(Z).</param>
    /// <param name="workspace">Of <see cref="ForwardWorkspace"/>.</param>
    public void Forward(
        ReadOnlySpan<T> kernel, ReadOnlySpan<T> bias, ReadOnlySpan<T> inputs, int batch, Span<T> pre, Span<T> post, Span<T> workspace)
    {
        fixed (T* k = kernel, b = bias, x = inputs, z = pre, a = post, w = workspace)
        {
            (_batch, _pieces) = (batch, Pieces(batch));
            _kernel = k;
            _bias = b;
            _inputs = x;
            _pre = z;
            _post = a;
            _weights = Aligned(w);
            _workspace = _weights + _packedForward;
            Move(_pack, Groups(_channels));
            Run(_forward);
        }
    }

    /// <summary>As <see cref="Layer{T}.Backward"/>.</summary>
    /// <param name="kernel">K, out x (in k k).</param>
    /// <param name="inputs">X.</param>
    /// <param name="batch">The samples.</param>
    /// <param name="pre">Z.</param>
    /// <param name="post">phi(Z).</param>
    /// <param name="signal">The gradient at phi(Z), which becomes Delta.</param>
    /// <param name="inputGradient">The gradient at X, or empty.</param>
    /// <param name="kernelGradient">dL/dK.</param>
    /// <param name="biasGradient">dL/db, or empty.</param>
    /// <param name="workspace">Of <see cref="BackwardWorkspace"/>.</param>
    public void Backward(
        ReadOnlySpan<T> kernel, ReadOnlySpan<T> inputs, int batch, ReadOnlySpan<T> pre, ReadOnlySpan<T> post, Span<T> signal,
        Span<T> inputGradient, Span<T> kernelGradient, Span<T> biasGradient, Span<T> workspace)
    {
        fixed (T* k = kernel, x = inputs, z = pre, a = post, d = signal, g = inputGradient, kg = kernelGradient, w = workspace)
        {
            (_batch, _pieces) = (batch, Pieces(batch));
            _inputs = x;
            _pre = z;
            _post = a;
            _signal = d;
            _kernel = k;
            _kernelGradient = kg;
            _inputGradient = g;
            _weights = Aligned(w);
            _workspace = _weights + _packedBackward;
            if (!inputGradient.IsEmpty)
            {
                Move(_packPhases, _grid.Phases.Length * Groups(_grid.Shape.Channels));
            }

            Run(_backward);
            Move(_collect, (_grid.Shape.PatchSize + CollectedTaps - 1) / CollectedTaps);
            CollectTap(_grid.TapOffsets.Length, biasGradient);
        }
    }

    private static int Pieces(int batch) => Math.Min(batch, Backend.Threads);

    private static int PackedForward(ConvolutionGrid grid, int channels) =>
        checked(ConvolutionGrid.RoundUp(channels, ConvolutionGrid.ChannelGroup) * grid.Shape.PatchSize);

    private static int PackedBackward(ConvolutionGrid grid, int channels)
    {
        var shape = grid.Shape;
        return checked(
            ConvolutionGrid.RoundUp(shape.Channels, ConvolutionGrid.ChannelGroup) * shape.Vertical.Kernel * shape.Horizontal.Kernel
            * channels);
    }

    private static int ForwardPieceSize(ConvolutionGrid grid, int channels) =>
        checked(grid.PlanesSize + (ConvolutionGrid.RoundUp(channels, ConvolutionGrid.ChannelGroup) * grid.GridSize));

    private static int GradientSize(ConvolutionGrid grid, int channels) => ConvolutionGrid.RoundUp(
        checked(ConvolutionGrid.RoundUp(channels, ConvolutionKernel.SignalGroup) * (grid.TapOffsets.Length + 1)), Line);

    private static int BackwardPieceSize(ConvolutionGrid grid, int channels) => checked(
        grid.PlanesSize + (ConvolutionGrid.RoundUp(channels, ConvolutionKernel.SignalGroup) * grid.SignalSize)
        + (ConvolutionGrid.RoundUp(grid.Shape.Channels, ConvolutionGrid.ChannelGroup) * grid.Horizontal.Phases * grid.InputGridSize)
        + GradientSize(grid, channels));

    private static T* Aligned(T* pointer)
    {
        var past = (nint)pointer % ConvolutionGrid.LineBytes;
        return past == 0 ? pointer : (T*)((byte*)pointer + ConvolutionGrid.LineBytes - past);
    }

    private static int Groups(int channels) => (channels + ConvolutionGrid.ChannelGroup - 1) / ConvolutionGrid.ChannelGroup;

    /// <summary>Moves the weights or their gradients.</summary>
    private void Move(ThreadCrew crew, int pieces)
    {
        if (_channels * _grid.Shape.PatchSize < FewWeights)
        {
            crew.RunAlone(pieces);
        }
        else
        {
            crew.Run(pieces);
        }
    }

    private void Run(ThreadCrew crew)
    {
        var work = (double)_grid.Shape.Positions * _grid.Shape.PatchSize * _channels * _batch;
        if (work < SmallWork)
        {
            crew.RunAlone(_pieces);
        }
        else
        {
            crew.Run(_pieces);
        }
    }

    private void ForwardPiece(int piece)
    {
        var (shape, taps) = (_grid.Shape, _grid.Shape.PatchSize);
        var planes = _workspace + ((nint)piece * _forwardPiece);
        var sums = planes + _grid.PlanesSize;
        var groups = Groups(_channels);
        var (size, outputs) = ((nint)shape.InputSize, (nint)_channels * shape.Positions);
        new Span<T>(planes, _grid.PlanesSize).Clear();
        fixed (int* offsets = _grid.TapOffsets)
        {
            for (var s = First(piece); s < First(piece + 1); s++)
            {
                ConvolutionPlanes.Fill(_grid, _inputs + (s * size), planes);
                ConvolutionKernel.Multiply(planes, offsets, taps, _weights, groups, sums, _grid.GridSize, _grid.Length);
                var pre = new Span<T>(_pre + (s * outputs), (int)outputs);
                ConvolutionPlanes.AddBias(_grid, sums, _bias, pre);
                _activation.Apply<T>(pre, new Span<T>(_post + (s * outputs), (int)outputs));
            }
        }
    }

    private void BackwardPiece(int piece)
    {
        var shape = _grid.Shape;
        var planes = _workspace + ((nint)piece * _backwardPiece);
        var signals = planes + _grid.PlanesSize;
        var pixels = signals + (_gradientRows * _grid.SignalSize);
        var gradient = Gradient(piece);
        var (size, outputs) = ((nint)shape.InputSize, (nint)_channels * shape.Positions);
        new Span<T>(planes, _grid.PlanesSize + (_gradientRows * _grid.SignalSize)).Clear();
        new Span<T>(gradient, _gradientSize).Clear();
        var biases = gradient + (_gradientRows * _grid.TapOffsets.Length);
        fixed (int* offsets = _grid.TapOffsets)
        {
            for (var s = First(piece); s < First(piece + 1); s++)
            {
                var delta = new Span<T>(_signal + (s * outputs), (int)outputs);
                _activation.Backpropagate(
                    new ReadOnlySpan<T>(_pre + (s * outputs), (int)outputs),
                    new ReadOnlySpan<T>(_post + (s * outputs), (int)outputs), delta);
                for (var c = 0; c < _channels; c++)
                {
                    biases[c] += TensorPrimitives.Sum<T>(delta.Slice(c * shape.Positions, shape.Positions));
                }

                ConvolutionPlanes.FillSignals<T>(_grid, delta, signals + _grid.SignalStart);
                ConvolutionPlanes.Fill(_grid, _inputs + (s * size), planes);
                ConvolutionKernel.Correlate(
                    signals + _grid.SignalStart, _grid.SignalSize, _gradientRows / ConvolutionKernel.SignalGroup, planes, offsets,
                    _grid.TapOffsets.Length / ConvolutionGrid.TapGroup, _grid.Length, gradient, _gradientRows);
                if (_inputGradient != null)
                {
                    BackToPixels(signals + _grid.SignalStart, pixels, _inputGradient + (s * size));
                }
            }
        }
    }

    private int First(int piece) => (int)((long)_batch * piece / _pieces);

    private T* Gradient(int piece) => _workspace + ((nint)(piece + 1) * _backwardPiece) - _gradientSize;

    /// <summary>The gradient at the pixels of a sample, one phase of the vertical axis after the other.</summary>
    private void BackToPixels(T* signals, T* pixels, T* sample)
    {
        PhaseAxis v = _grid.Vertical, h = _grid.Horizontal;
        if (v.Pixels * h.Pixels < v.Axis.Size * h.Axis.Size)
        {
            // some pixels meet no tap
            new Span<T>(sample, _grid.Shape.InputSize).Clear();
        }

        var channels = ConvolutionGrid.RoundUp(_grid.Shape.Channels, ConvolutionGrid.ChannelGroup);
        var phaseSize = (nint)channels * _grid.InputGridSize;
        foreach (var phase in _grid.Phases)
        {
            var (first, rows) = (v.Firsts[phase.Vertical], v.Ends[phase.Vertical] - v.Firsts[phase.Vertical]);
            if (rows > 0 && h.Ends[phase.Horizontal] > h.Firsts[phase.Horizontal])
            {
                fixed (int* offsets = phase.Offsets)
                {
                    ConvolutionKernel.Multiply(
                        signals + (first * _grid.Pitch), offsets, phase.Offsets.Length, _weights + phase.Packed,
                        channels / ConvolutionGrid.ChannelGroup, pixels + (phase.Horizontal * phaseSize), _grid.InputGridSize,
                        ((rows - 1) * _grid.Pitch) + h.Ends[phase.Horizontal]);
                }
            }

            if (phase.Horizontal == h.Phases - 1)
            {
                ConvolutionPlanes.Empty(_grid, phase.Vertical, pixels, phaseSize, sample);
            }
        }
    }

    /// <summary>The weights of a group of output channels, for each column of the kernel those of the group.</summary>
    private void Pack(int group)
    {
        const int size = ConvolutionGrid.ChannelGroup;
        int first = group * size, count = Math.Min(size, _channels - first), columns = _grid.Shape.PatchSize;
        var to = _weights + ((nint)group * columns * size);
        var from = _kernel + first;
        for (var column = 0; column < columns; column++, to += size, from += _channels)
        {
            for (var c = 0; c < size; c++)
            {
                to[c] = c < count ? from[c] : T.Zero;
            }
        }
    }

    /// <summary>The weights of a pair of phases and a group of input channels, for each output channel and tap of the phase.</summary>
    private void PackPhase(int piece)
    {
        const int size = ConvolutionGrid.ChannelGroup;
        var (number, group) = Math.DivRem(piece, Groups(_grid.Shape.Channels));
        var phase = _grid.Phases[number];
        int first = group * size, count = Math.Min(size, _grid.Shape.Channels - first);
        var (taps, all) = (phase.Taps.Length, _grid.Shape.Vertical.Kernel * _grid.Shape.Horizontal.Kernel);
        var packed = _weights + phase.Packed + ((nint)group * _channels * taps * size);

        // some outputs at a time, so that a line of the kernel is read once
        for (var output = 0; output < _channels; output += size)
        {
            var outputs = Math.Min(size, _channels - output);
            for (var tap = 0; tap < taps; tap++)
            {
                var to = packed + ((((nint)output * taps) + tap) * size);
                for (var c = 0; c < size; c++)
                {
                    var from = _kernel + output + (((nint)((first + c) * all) + phase.Taps[tap]) * _channels);
                    for (var o = 0; o < outputs; o++)
                    {
                        to[(o * taps * size) + c] = c < count ? from[o] : T.Zero;
                    }
                }
            }
        }
    }

    /// <summary>Adds the gradients of the pieces at some taps.</summary>
    private void Collect(int block)
    {
        var end = Math.Min((block + 1) * CollectedTaps, _grid.Shape.PatchSize);
        for (var tap = block * CollectedTaps; tap < end; tap++)
        {
            CollectTap(tap, new Span<T>(_kernelGradient + ((nint)tap * _channels), _channels));
        }
    }

    /// <summary>Adds the gradients of the pieces at a tap, first piece first; of the biases after the last tap.</summary>
    private void CollectTap(int tap, Span<T> target)
    {
        for (var piece = 0; piece < _pieces && !target.IsEmpty; piece++)
        {
            var part = new ReadOnlySpan<T>(Gradient(piece) + ((nint)tap * _gradientRows), _channels);
            if (piece == 0)
            {
                part.CopyTo(target);
            }
            else
            {
                TensorPrimitives.Add(target, part, target);
            }
        }
    }
}
