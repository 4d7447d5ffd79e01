using System.Numerics;
using System.Numerics.Tensors;

namespace StableRank.Networks;

/// <summary>
/// A scalar function phi applied entry by entry to the pre-activations of a layer, with its derivative.
/// </summary>
/// <remarks>
/// Both operations work on spans of equal length in double or single precision, are vectorised, allocate nothing, and may work in place
/// (the output span may be the input span itself; spans that overlap in part are refused or give unspecified results).
/// A NaN in gives a NaN out. A custom activation is applied one entry at a time.
/// </remarks>
public abstract class Activation
{
    private static readonly Activation[] Named =
    [
        new LinearActivation(), new ReluActivation(), new TanhActivation(), new ErfActivation(), new GeluActivation(), new SinActivation(),
        new AbsActivation(), new CosActivation(), new ExpActivation(), new SoftplusActivation(), new SiluActivation(),
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

    /// <summary>phi(z) = |z|, the leaky ReLU of slope -1. Its derivative at 0 is taken to be -1.</summary>
    public static Activation Abs => Named[6];

    /// <summary>phi(z) = cos z.</summary>
    public static Activation Cos => Named[7];

    /// <summary>phi(z) = e^z.</summary>
    public static Activation Exp => Named[8];

    /// <summary>phi(z) = log(1 + e^z).</summary>
    public static Activation Softplus => Named[9];

    /// <summary>phi(z) = z / (1 + e^-z).</summary>
    public static Activation Silu => Named[10];

    /// <summary>
    /// The name that <see cref="Parse"/> reads back, for example "relu", "leaky-relu:0.1" or "hermite:3"; of a custom activation the name
    /// that it was given.
    /// </summary>
    public abstract string Name { get; }

    /// <summary>phi(z) = z for z &gt; 0 and <paramref name="slope"/> z elsewhere: max(z, slope z) where slope is at most 1.</summary>
    /// <param name="slope">
    /// The slope a on the negative side, any finite number; 0 gives ReLU, 1 the identity, -1 the absolute value.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">The slope is not finite.</exception>
    public static Activation LeakyReLU(double slope) => new LeakyReluActivation(slope);

    /// <summary>
    /// phi(z) = sqrt(2) sin(sqrt(2 G) z + pi/4), whose NNGP kernel is Gaussian: E phi(u) phi(v) = exp(-G (q_a + q_b - 2k)).
    /// </summary>
    /// <param name="gamma">G, positive and finite.</param>
    /// <exception cref="ArgumentOutOfRangeException">G is not positive and finite.</exception>
    public static Activation Rbf(double gamma) => new RbfActivation(gamma);

    /// <summary>phi(z) = z^d.</summary>
    /// <param name="degree">d, 1 to 5.</param>
    /// <exception cref="ArgumentOutOfRangeException">d is outside its range.</exception>
    public static Activation Monomial(int degree) => new MonomialActivation(degree);

    /// <summary>
    /// phi(z) = h_d(z), the probabilists' Hermite polynomial normalised to E h_d(z)^2 = 1 for a standard Gaussian z: 1, z, (z^2 - 1)/sqrt
    /// 2, ...
    /// </summary>
    /// <param name="degree">d, 0 to 10.</param>
    /// <exception cref="ArgumentOutOfRangeException">d is outside its range.</exception>
    public static Activation Hermite(int degree) => new HermiteActivation(degree);

    /// <summary>
    /// A function of your own, applied entry by entry; in single precision through double. <see cref="Dual"/> integrates it numerically,
    /// with an error estimate.
    /// </summary>
    /// <param name="name">What <see cref="Name"/> returns. <see cref="Parse"/> does not know it.</param>
    /// <param name="value">phi: pure, callable from several threads, not called with NaN.</param>
    /// <param name="derivative">phi', likewise; it is not checked against phi.</param>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public static Activation Custom(string name, Func<double, double> value, Func<double, double> derivative) =>
        new CustomActivation(name, value, derivative);

    /// <summary>
    /// The activation of a name, whatever its case: "linear", "relu", "leaky-relu:A" (A the slope), "abs", "tanh", "erf", "gelu", "silu",
    /// "softplus", "sin", "cos", "exp", "rbf:G", "monomial:D" (D from 1 to 5), "hermite:D" (D from 0 to 10).
    /// </summary>
    /// <exception cref="ArgumentException">The name is none of these; the message lists them.</exception>
    public static Activation Parse(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Named.FirstOrDefault(known => name.Equals(known.Name, StringComparison.OrdinalIgnoreCase))
            ?? ActivationFamily.Parse(name)
            ?? throw new ArgumentException(
                $"Unknown activation '{name}'; expected one of {string.Join(", ", Named.Select(a => a.Name))}, {ActivationFamily.Names}.",
                nameof(name));
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

    /// <summary>
    /// d_i = phi'(z_i). Where phi has a kink (ReLU, leaky ReLU and abs at 0) the value from the left is taken: 0 for ReLU.
    /// </summary>
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
    /// <param name="negativeSlope">
    /// The slope on the negative side (1 for linear, 0 for ReLU, -1 for abs); NaN where the answer is no.
    /// </param>
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
