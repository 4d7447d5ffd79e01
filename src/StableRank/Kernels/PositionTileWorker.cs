using System.Numerics.Tensors;
using StableRank.LinearAlgebra;

namespace StableRank.Kernels;

/// <summary>
/// Convolutional and recurrent layers: small tiles, all positions of which go through the layers one layer after the other.
/// </summary>
internal sealed class PositionTileWorker : PairTileWorker, IPairDual
{
    // 256 pairs: all positions of an image of 28 x 28 are 3 MiB, and short runs of vectors remain
    private const int Height = 32, Width = 8;
    private readonly KernelChain _chain;
    private readonly SampleVariances _rows;
    private readonly SampleVariances _columns;
    private PairState _from;
    private PairState _to;
    private int _a, _b, _height, _width;
    private double _error;

    public PositionTileWorker(KernelChain chain, SampleVariances rows, SampleVariances columns)
    {
        (_chain, _rows, _columns) = (chain, rows, columns);
        _from = new PairState(chain.Positions, Height * Width);
        _to = new PairState(chain.Positions, Height * Width);
    }

    public override double Compute(int a, int b, TileRegion region, double[] nngp, double[] ntk)
    {
        _error = 0;
        for (var start = 0; start < region.Width; start += Width)
        {
            for (var top = 0; top < region.Height; top += Height)
            {
                (_a, _height) = (a + top, Math.Min(Height, region.Height - top));
                (_b, _width) = (b + start, Math.Min(Width, region.Width - start));
                // on the diagonal, what lies above it is a mirror image
                if (region.OnDiagonal && top + _height <= start)
                {
                    continue;
                }

                Run();
                region.Store(_from.A(0), Height, top, _height, start, _width, nngp);
                region.Store(_from.H(0), Height, top, _height, start, _width, ntk);
            }
        }

        return _error;
    }

    void IPairDual.Apply(int l, int position, Span<double> covariance, Span<double> tangent)
    {
        if (_chain.Layers[l].Dual is not { } dual)
        {
            return;
        }

        var roots = _rows.Roots[l][position].AsSpan(_a);
        var inverses = _rows.Inverses[l][position].AsSpan(_a);
        for (var j = 0; j < _width; j++)
        {
            var greatest = dual.Apply(
                covariance.Slice(j * Height, Height), tangent.Slice(j * Height, Height), roots, inverses,
                _columns.Roots[l][position][_b + j], _columns.Inverses[l][position][_b + j], _height);
            _error = Math.Max(_error, greatest);
        }
    }

    /// <summary>All layers; the means over the output's positions are then at position 0 of the state.</summary>
    private void Run()
    {
        var (n0, channels) = (_rows.Features, _rows.Channels);
        for (var p = 0; p < _chain.InputPositions; p++)
        {
            Blas.Gemm(
                Transpose.Yes, Transpose.No, _height, _width, channels, 1.0 / channels,
                _rows.Inputs.AsSpan(_a * n0 + p * channels), n0, _columns.Inputs.AsSpan(_b * n0 + p * channels), n0, 0.0,
                _from.A(p), Height);
            _from.H(p).Clear();
        }

        for (var l = 0; l < _chain.Layers.Length; l++)
        {
            _chain.Layers[l].Forward(l, _from, _to, this);
            (_from, _to) = (_to, _from);
        }

        var outputs = _chain.Layers[^1].Map.Outputs;
        for (var p = 1; p < outputs; p++)
        {
            TensorPrimitives.Add(_from.A(0), _from.A(p), _from.A(0));
            TensorPrimitives.Add(_from.H(0), _from.H(p), _from.H(0));
        }

        TensorPrimitives.Divide(_from.A(0), outputs, _from.A(0));
        TensorPrimitives.Divide(_from.H(0), outputs, _from.H(0));
    }
}
