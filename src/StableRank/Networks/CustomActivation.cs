using System.Numerics;

namespace StableRank.Networks;

/// <summary>A function that the user gives, entry by entry, in single precision through double.</summary>
internal sealed class CustomActivation : Activation
{
    private readonly Func<double, double> _value;
    private readonly Func<double, double> _derivative;

    public CustomActivation(string name, Func<double, double> value, Func<double, double> derivative)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(value);
        ArgumentNullException.ThrowIfNull(derivative);
        (Name, _value, _derivative) = (name, value, derivative);
    }

    public override string Name { get; }

    private protected override GaussianDual MakeDual() => new CustomDual(this, _value, _derivative);

    private protected override void ApplyCore<T>(ReadOnlySpan<T> z, Span<T> a) => Map(z, a, _value);

    private protected override void DerivativeCore<T>(ReadOnlySpan<T> z, Span<T> d) => Map(z, d, _derivative);

    private static void Map<T>(ReadOnlySpan<T> z, Span<T> result, Func<double, double> function)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (var i = 0; i < z.Length; i++)
        {
            // what a user's function makes of a NaN is not known: comparisons with it are false
            result[i] = T.IsNaN(z[i]) ? z[i] : T.CreateTruncating(function(double.CreateTruncating(z[i])));
        }
    }
}
