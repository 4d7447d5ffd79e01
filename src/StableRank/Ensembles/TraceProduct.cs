using StableRank.Spectra;

namespace StableRank.Ensembles;

/// <summary>
/// (E tr P)^2, E (tr P)^2 and E tr P^2 of a Gram matrix P to which one independent bi-invariant factor after the other is multiplied,
/// theory (4.9), in logarithms where the range of double would end.
/// </summary>
internal struct TraceProduct
{
    private const double RescaleAbove = 1e100;

    // over (E tr P)^2, times exp(-scale)
    private double _squared;
    private double _ofSquare;
    private CompensatedSum _scale;
    private CompensatedSum _logTrace;

    /// <summary>A fixed P.</summary>
    /// <param name="logTrace">log tr P.</param>
    /// <param name="participationRank">(tr P)^2 / tr P^2.</param>
    public TraceProduct(double logTrace, double participationRank)
    {
        (_squared, _ofSquare) = (1, 1 / participationRank);
        _logTrace.Add(logTrace);
    }

    /// <summary>log E tr P.</summary>
    public readonly double LogTrace => _logTrace.Value;

    /// <summary>log( E (tr P)^2 / (E tr P)^2 ).</summary>
    public readonly double LogSquaredTraceRatio => _scale.Value + Math.Log(_squared);

    /// <summary>E (tr P)^2 / E tr P^2.</summary>
    public readonly double ParticipationRank => _squared / _ofSquare;

    /// <summary>An upper bound of the relative standard error of both second moments, from those of the layers.</summary>
    public double RelativeStandardError { get; private set; }

    /// <summary>log of the factor by which a layer multiplies E tr P: log(E t1 / q), q the order of the Gram matrix.</summary>
    public static double LogFactor(ProductLayer layer, GramSide side) => layer.LogTrace - Math.Log(layer.Order(side));

    /// <summary>P becomes M S M^T, where it was M M^T.</summary>
    public void Multiply(ProductLayer layer, GramSide side)
    {
        (_squared, _ofSquare) = layer.Transfer(side, _squared, _ofSquare);
        _logTrace.Add(layer.LogTrace);
        _logTrace.Add(-Math.Log(layer.Order(side)));
        RelativeStandardError += layer.RelativeStandardError;
        if (_squared > RescaleAbove)
        {
            _scale.Add(Math.Log(_squared));
            (_squared, _ofSquare) = (1, _ofSquare / _squared);
        }
    }
}
