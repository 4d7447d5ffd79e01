using System.Globalization;
using System.Numerics;
using System.Numerics.Tensors;
using StableRank.LinearAlgebra;

namespace StableRank.Networks;

/// <summary>
/// phi(z) = sqrt(2) sin(w), phi'(z) = sqrt(2) s cos(w), with s = sqrt(2 G) and w = s z + pi/4: a random Fourier feature whose limit kernel
/// is Gaussian (Rahimi and Recht 2007). The error of a value is a few units in the last place of max(1, |s z|).
/// </summary>
internal sealed class RbfActivation : Activation
{
    private readonly double _gamma;
    private readonly double _frequency;

    public RbfActivation(double gamma)
    {
        if (!double.IsFinite(gamma) || gamma <= 0)
        {
            throw new ArgumentOutOfRangeException(nameof(gamma), gamma, $"The G of rbf is {gamma}; expected a positive finite number.");
        }

        _gamma = gamma;
        _frequency = Math.Sqrt(2 * gamma);
    }

    public override string Name => "rbf:" + _gamma.ToString("R", CultureInfo.InvariantCulture);

    private protected override GaussianDual MakeDual() => new RbfDual(this, _gamma);

    private protected override void ApplyCore<T>(ReadOnlySpan<T> z, Span<T> a)
    {
        Phase(z, a);
        VectorMath.Sin<T>(a, a);
        TensorPrimitives.Multiply(a, T.CreateTruncating(Math.Sqrt(2)), a);
    }

    private protected override void DerivativeCore<T>(ReadOnlySpan<T> z, Span<T> d)
    {
        Phase(z, d);
        TensorPrimitives.Cos<T>(d, d);
        TensorPrimitives.Multiply(d, T.CreateTruncating(Math.Sqrt(2) * _frequency), d);
    }

    private void Phase<T>(ReadOnlySpan<T> z, Span<T> phase)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        TensorPrimitives.Multiply(z, T.CreateTruncating(_frequency), phase);
        TensorPrimitives.Add(phase, T.CreateTruncating(Math.PI / 4), phase);
    }
}
