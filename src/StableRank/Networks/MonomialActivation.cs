using System.Globalization;
using System.Numerics;
using System.Numerics.Tensors;

namespace StableRank.Networks;

/// <summary>phi(z) = z^d, phi'(z) = d z^(d-1), by repeated multiplication: d rounding errors at most.</summary>
internal sealed class MonomialActivation : Activation
{
    public const int GreatestDegree = 5;

    private readonly int _degree;

    public MonomialActivation(int degree)
    {
        if (degree is < 1 or > GreatestDegree)
        {
            throw new ArgumentOutOfRangeException(
                nameof(degree), degree, $"The degree of a monomial is {degree}; expected 1 to {GreatestDegree}.");
        }

        _degree = degree;
    }

    public override string Name => "monomial:" + _degree.ToString(CultureInfo.InvariantCulture);

    public override bool IsPiecewiseLinear(out double negativeSlope)
    {
        negativeSlope = _degree == 1 ? 1 : double.NaN;
        return _degree == 1;
    }

    private protected override GaussianDual MakeDual() => new MonomialDual(this, _degree);

    private protected override void ApplyCore<T>(ReadOnlySpan<T> z, Span<T> a) => Power(z, a, _degree, T.One);

    private protected override void DerivativeCore<T>(ReadOnlySpan<T> z, Span<T> d)
    {
        if (_degree == 1)
        {
            SlopeSelection.Derivative(z, d, T.One);
            return;
        }

        Power(z, d, _degree - 1, T.CreateTruncating(_degree));
    }

    private static void Power<T>(ReadOnlySpan<T> z, Span<T> result, int exponent, T factor)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Span<T> scratch = stackalloc T[Chunk.Length];
        for (var start = 0; start < z.Length; start += Chunk.Length)
        {
            var input = z.Slice(start, Math.Min(Chunk.Length, z.Length - start));
            var power = scratch[..input.Length];
            TensorPrimitives.Multiply(input, factor, power);
            for (var i = 1; i < exponent; i++)
            {
                TensorPrimitives.Multiply(power, input, power);
            }

            power.CopyTo(result.Slice(start, input.Length));
        }
    }
}
