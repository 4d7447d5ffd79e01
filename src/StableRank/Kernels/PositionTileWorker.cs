using System.Numerics.Tensors;
using StableRank.LinearAlgebra;

namespace StableRank.Kernels;

/// <summary>
/// Convolutional and recurrent layers: small tiles, all pairs of positions of which go through the layers one layer after the other.
/// </summary>
internal sealed class PositionTileWorker : PairTileWorker, IPairDual
{
    // 256 pairs of samples where there are few positions (28 x 28 of them are 3 MiB), one vector of them where all are paired
    private const int Few = 1024, Many = 8192;
    private readonly int _tileHeight;
    private readonly int _tileWidth;
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
        _tileHeight = chain.Pairs <= Few ? 32 : DualTile.Lanes;
        _tileWidth = chain.Pairs <= Many ? 8 : 1;
        _from = new PairState(chain.Pairs, _tileHeight * _tileWidth);
        _to = new PairState(chain.Pairs, _tileHeight * _tileWidth);
    }

    public override double Compute(int a, int b, TileRegion region, double[] nngp, double[] ntk)
    {
        _error = 0;
        for (var start = 0; start < region.Width; start += _tileWidth)
        {
            for (var top = 0; top < region.Height; top += _tileHeight)
            {
                (_a, _height) = (a + top, Math.Min(_tileHeight, region.Height - top));
                (_b, _width) = (b + start, Math.Min(_tileWidth, region.Width - start));
                // on the diagonal, what lies above it is a mirror image
                if (region.OnDiagonal && top + _height <= start)
                {
                    continue;
                }

                Run();
                region.Store(_from.A(0), _tileHeight, top, _height, start, _width, nngp);
                region.Store(_from.H(0), _tileHeight, top, _height, start, _width, ntk);
            }
        }

        return _error;
    }

    void IPairDual.Apply(int l, int pair, Span<double> covariance, Span<double> tangent)
    {
        if (_chain.Layers[l].Dual is not { } dual)
        {
            return;
        }

        var (row, column) = _chain.Layers[l].Map.Outputs[pair];
        var roots = _rows.Roots[l][row].AsSpan(_a);
        var inverses = _rows.Inverses[l][row].AsSpan(_a);
        for (var j = 0; j < _width; j++)
        {
            var greatest = dual.Apply(
                covariance.Slice(j * _tileHeight, _tileHeight), tangent.Slice(j * _tileHeight, _tileHeight), roots, inverses,
                _columns.Roots[l][column][_b + j], _columns.Inverses[l][column][_b + j], _height);
            _error = Math.Max(_error, greatest);
        }
    }

    /// <summary>All layers; the means over the output's positions are then at position 0 of the state.</summary>
    private void Run()
    {
        var (n0, channels) = (_rows.Features, _rows.Channels);
        for (var p = 0; p < _chain.InputPositions.Count; p++)
        {
            var (row, column) = _chain.InputPositions[p];
            Blas.Gemm(
                Transpose.Yes, Transpose.No, _height, _width, channels, 1.0 / channels,
                _rows.Inputs.AsSpan(_a * n0 + row * channels), n0, _columns.Inputs.AsSpan(_b * n0 + column * channels), n0,
                0.0, _from.A(p), _tileHeight);
            _from.H(p).Clear();
        }

        for (var l = 0; l < _chain.Layers.Length; l++)
        {
            _chain.Layers[l].Forward(l, _from, _to, this);
            (_from, _to) = (_to, _from);
        }

        var outputs = _chain.Layers[^1].Map.Outputs.Count;
        for (var p = 1; p < outputs; p++)
        {
            TensorPrimitives.Add(_from.A(0), _from.A(p), _from.A(0));
            TensorPrimitives.Add(_from.H(0), _from.H(p), _from.H(0));
        }

        TensorPrimitives.Divide(_from.A(0), outputs, _from.A(0));
        TensorPrimitives.Divide(_from.H(0), outputs, _from.H(0));
    }
}
