using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using StableRank.LinearAlgebra;

namespace StableRank.Networks;

/// <summary>
/// A convolution of a batch on a <see cref="ConvolutionGrid"/>: the samples are shared out in as many equal pieces as there are threads,
/// and
/// each piece takes its samples one by one through all that is to be done while they are in cache. The gradients of the pieces are added in
/// their order: the same bits whoever did which. One call at a time; nothing is allocated after the first.
/// </summary>
internal sealed unsafe class ConvolutionSweep<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Multiplications below which another thread is not worth waking.</summary>
    private const double SmallWork = 1e5;

    private static readonly int Line = ConvolutionGrid.LineBytes / Unsafe.SizeOf<T>();

    private readonly ConvolutionGrid _grid;
    private readonly int _channels;
    private readonly Activation _activation;
    private readonly ThreadCrew _forward;
    private readonly ThreadCrew _backward;
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
    private T* _weights;
    private T* _workspace;

    public ConvolutionSweep(ConvolutionGrid grid, int channels, Activation activation)
    {
        (_grid, _channels, _activation) = (grid, channels, activation);
        _forward = new ThreadCrew(ForwardPiece, Backend.Threads);
        _backward = new ThreadCrew(BackwardPiece, Backend.Threads);
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
        fixed (T* b = bias, x = inputs, z = pre, a = post, w = workspace)
        {
            (_batch, _pieces) = (batch, Pieces(batch));
            _bias = b;
            _inputs = x;
            _pre = z;
            _post = a;
            _weights = Aligned(w);
            _workspace = _weights + _packedForward;
            Pack(kernel);
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
        fixed (T* x = inputs, z = pre, a = post, d = signal, g = inputGradient, w = workspace)
        {
            (_batch, _pieces) = (batch, Pieces(batch));
            _inputs = x;
            _pre = z;
            _post = a;
            _signal = d;
            _inputGradient = g;
            _weights = Aligned(w);
            _workspace = _weights + _packedBackward;
            if (!inputGradient.IsEmpty)
            {
                PackPhases(kernel);
            }

            Run(_backward);
            Collect(kernelGradient, biasGradient);
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

    private void Run(ThreadCrew crew)
    {
        var work = (double)_grid.Shape.Positions * _grid.Shape.PatchSize * _channels * _batch;
        if (work < SmallWork || SingleThreadedScope.IsOpen)
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
        var groups = ConvolutionGrid.RoundUp(_channels, ConvolutionGrid.ChannelGroup) / ConvolutionGrid.ChannelGroup;
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

    /// <summary>For each group of output channels and each column of the kernel the weights of the group.</summary>
    private void Pack(ReadOnlySpan<T> kernel)
    {
        const int group = ConvolutionGrid.ChannelGroup;
        var to = _weights;
        for (var first = 0; first < _channels; first += group)
        {
            for (var column = 0; column < kernel.Length; column += _channels)
            {
                for (var c = first; c < first + group; c++)
                {
                    *to++ = c < _channels ? kernel[column + c] : T.Zero;
                }
            }
        }
    }

    /// <summary>For each pair of phases, group of input channels, output channel and tap of the phase the weights of the group.</summary>
    private void PackPhases(ReadOnlySpan<T> kernel)
    {
        var (channels, taps) = (_grid.Shape.Channels, _grid.Shape.Vertical.Kernel * _grid.Shape.Horizontal.Kernel);
        foreach (var phase in _grid.Phases)
        {
            const int group = ConvolutionGrid.ChannelGroup;
            var to = _weights + phase.Packed;
            for (var first = 0; first < channels; first += group)
            {
                for (var output = 0; output < _channels; output++)
                {
                    foreach (var tap in phase.Taps)
                    {
                        for (var c = first; c < first + group; c++)
                        {
                            *to++ = c < channels ? kernel[output + (((c * taps) + tap) * _channels)] : T.Zero;
                        }
                    }
                }
            }
        }
    }

    /// <summary>Adds the gradients of the pieces, first piece first.</summary>
    private void Collect(Span<T> kernelGradient, Span<T> biasGradient)
    {
        var taps = _grid.Shape.PatchSize;
        for (var piece = 0; piece < _pieces; piece++)
        {
            for (var tap = 0; tap <= taps; tap++)
            {
                var isBias = tap == taps;
                if (isBias && biasGradient.IsEmpty)
                {
                    continue;
                }

                var column = isBias ? biasGradient : kernelGradient.Slice(tap * _channels, _channels);
                var start = Gradient(piece) + ((nint)(isBias ? _grid.TapOffsets.Length : tap) * _gradientRows);
                var part = new ReadOnlySpan<T>(start, _channels);
                if (piece == 0)
                {
                    part.CopyTo(column);
                }
                else
                {
                    TensorPrimitives.Add(column, part, column);
                }
            }
        }
    }
}
