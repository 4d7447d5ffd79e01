using System.Globalization;
using System.Numerics;
using System.Numerics.Tensors;

namespace StableRank.Networks;

/// <summary>
/// A scalar function phi applied entry by entry to the pre-activations of a layer, with its derivative.
/// </summary>
/// <remarks>
/// Both operations work on spans of equal length in double or single precision, are vectorised, allocate nothing, and may work in place
/// (the output span may be the input span itself; spans that overlap in part are refused or give unspecified results).
/// A NaN in gives a NaN out.
/// </remarks>
public abstract class Activation
{
    private const string LeakyPrefix = "leaky-relu:";
    private static readonly Activation[] Named =
    [
        new LinearActivation(), new ReluActivation(), new TanhActivation(), new ErfActivation(), new GeluActivation(), new SinActivation(),
    ];

    private protected Activation()
    {
    }

    /// <summary>phi(z) = z.</summary>
    public static Activation Linear => Named[0];

    /// <summary>phi(z) = max(z, 0). Its derivative at 0 is taken to be 0.</summary>
    public static Activation ReLU => Named[1];

    /// <summary>phi(z) = tanh z.</summary>
    public static Activation Tanh => Named[2];

    /// <summary>
    /// phi(z) = erf(z) = 2/sqrt(pi) times the integral of exp(-t^2) from 0 to z: the argument is not scaled by 1/sqrt(2).
    /// </summary>
    public static Activation Erf => Named[3];

    /// <summary>phi(z) = z Phi(z), Phi the normal distribution function: the exact GELU, not its tanh approximation.</summary>
    public static Activation Gelu => Named[4];

    /// <summary>phi(z) = sin z.</summary>
    public static Activation Sin => Named[5];

    /// <summary>The name that <see cref="Parse"/> reads back: "linear", "relu", "leaky-relu:0.1", "tanh", "erf", "gelu", "sin".</summary>
    public abstract string Name { get; }

    /// <summary>phi(z) = z for z &gt; 0 and <paramref name="slope"/> z elsewhere: max(z, slope z) where slope is at most 1.</summary>
    /// <param name="slope">
    /// The slope a on the negative side, any finite number; 0 gives ReLU, 1 the identity, -1 the absolute value.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">The slope is not finite.</exception>
    public static Activation LeakyReLU(double slope) => new LeakyReluActivation(slope);

    /// <summary>
    /// The activation of a name, whatever its case: "linear", "relu", "leaky-relu:A" (A the slope), "tanh", "erf", "gelu", "sin".
    /// </summary>
    /// <exception cref="ArgumentException">The name is none of these; the message lists them.</exception>
    public static Activation Parse(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        foreach (var known in Named)
        {
            if (name.Equals(known.Name, StringComparison.OrdinalIgnoreCase))
            {
                return known;
            }
        }

        if (name.StartsWith(LeakyPrefix, StringComparison.OrdinalIgnoreCase))
        {
            var text = name[LeakyPrefix.Length..];
            if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var slope) && double.IsFinite(slope))
            {
                return LeakyReLU(slope);
            }

            throw new ArgumentException(
                $"The slope of '{name}' is not a finite number: '{text}'; expected for example leaky-relu:0.1.", nameof(name));
        }

        var names = string.Join(", ", Named.Select(a => a.Name));
        throw new ArgumentException(
            $"Unknown activation '{name}'; expected one of {names}, leaky-relu:A (for example leaky-relu:0.1).", nameof(name));
    }

    /// <summary>a_i = phi(z_i).</summary>
    /// <param name="z">The pre-activations.</param>
    /// <param name="a">The post-activations, of the same length; may be <paramref name="z"/> itself.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    /// <exception cref="NotSupportedException">T is neither double nor float.</exception>
    public void Apply<T>(ReadOnlySpan<T> z, Span<T> a)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        RequireSameLength(z.Length, a.Length);
        Precision.Require<T>();
        ApplyCore(z, a);
    }

    /// <summary>d_i = phi'(z_i). Where phi has a kink (ReLU and leaky ReLU at 0) the value from the left is taken: 0 for ReLU.</summary>
    /// <param name="z">The pre-activations.</param>
    /// <param name="d">The derivatives, of the same length; may be <paramref name="z"/> itself.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    /// <exception cref="NotSupportedException">T is neither double nor float.</exception>
    public void Derivative<T>(ReadOnlySpan<T> z, Span<T> d)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        RequireSameLength(z.Length, d.Length);
        Precision.Require<T>();
        DerivativeCore(z, d);
    }

    /// <summary>
    /// Whether phi is positively homogeneous, phi(c z) = c phi(z) for c &gt; 0, and so consists of slope 1 on the positive side and
    /// <paramref name="negativeSlope"/> on the other: the case in which theory (4.4) is exact.
    /// </summary>
    /// <param name="negativeSlope">The slope on the negative side (1 for linear, 0 for ReLU); NaN where the answer is no.</param>
    public virtual bool IsPiecewiseLinear(out double negativeSlope)
    {
        negativeSlope = double.NaN;
        return false;
    }

    /// <summary>What phi does to Gaussian pre-activations: the expectations that mean-field maps and limit kernels are made of.</summary>
    public GaussianDual Dual => field ??= MakeDual();

    /// <summary>The name.</summary>
    public sealed override string ToString() => Name;

    private protected abstract GaussianDual MakeDual();

    private protected abstract void ApplyCore<T>(ReadOnlySpan<T> z, Span<T> a)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>;

    private protected abstract void DerivativeCore<T>(ReadOnlySpan<T> z, Span<T> d)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>;

    /// <summary>g_i becomes g_i phi'(z_i): the derivative and its product with what comes back, in one go.</summary>
    /// <param name="z">The pre-activations.</param>
    /// <param name="a">The post-activations phi(z), of the same length; may be <paramref name="z"/> itself on a linear activation.</param>
    /// <param name="g">The gradient at a, of the same length; becomes the gradient at z.</param>
    internal void Backpropagate<T>(ReadOnlySpan<T> z, ReadOnlySpan<T> a, Span<T> g)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        RequireSameLength(z.Length, g.Length);
        RequireSameLength(a.Length, g.Length);
        BackpropagateCore(z, a, g);
    }

    /// <summary>The general rule, through the derivative; leaves override it where phi'(z) is cheaper to have from phi(z).</summary>
    private protected virtual void BackpropagateCore<T>(ReadOnlySpan<T> z, ReadOnlySpan<T> a, Span<T> g)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Span<T> scratch = stackalloc T[Chunk.Length];
        for (var start = 0; start < z.Length; start += Chunk.Length)
        {
            var part = g.Slice(start, Math.Min(Chunk.Length, g.Length - start));
            var slopes = scratch[..part.Length];
            DerivativeCore(z.Slice(start, part.Length), slopes);
            TensorPrimitives.Multiply(part, slopes, part);
        }
    }

    private static void RequireSameLength(int input, int output)
    {
        if (input != output)
        {
            throw new ArgumentException($"The input has {input} entries and the output {output}; expected the same number.");
        }
    }
}
