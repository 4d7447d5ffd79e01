using System.Numerics;
using StableRank.LinearAlgebra;
using StableRank.Networks;
using StableRank.Spectra;

namespace StableRank.Expressivity;

/// <summary>Measures the Jacobian spectra of one network; used by one thread.</summary>
internal sealed class JacobianMeter<T>(Network<T> network)
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly InputJacobian<T> _jacobian = new(network);
    private readonly T[] _values = new T[Math.Min(network.InputSize, network.OutputSize)];

    public JacobianSpectrum Measure(int number, ReadOnlySpan<T> input)
    {
        var (rows, columns) = (network.OutputSize, network.InputSize);
        var matrix = _jacobian.At(input, out var exponent);
        SingularValues.Compute(rows, columns, matrix, rows, _values.AsSpan());
        var values = Array.ConvertAll(_values, value => Math.ScaleB(double.CreateChecked(value), exponent));
        if (!double.IsFinite(values[0]) || (values[0] == 0 && _values[0] != T.Zero))
        {
            throw new ArithmeticException($"The singular values of the Jacobian at input {number} leave the range of double.");
        }

        var precision = typeof(T) == typeof(float) ? FloatingPrecision.Single : FloatingPrecision.Double;
        return new JacobianSpectrum(number, rows, columns, Spectrum.FromSingularValues(values), precision);
    }
}
