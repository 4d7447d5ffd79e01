namespace StableRank.Networks;

/// <summary>
/// What an activation phi does to Gaussian pre-activations: the expectations that mean-field maps (theory (4.7), (4.8)) and limit kernels
/// (theory (5.1), (5.3)) are made of. (u, v) is a centred Gaussian pair of variances q_a, q_b and correlation c; z is a standard Gaussian.
/// </summary>
/// <remarks>
/// Closed forms for linear, ReLU, leaky ReLU, abs, erf, sin, cos, exp, rbf, monomials and Hermite polynomials, and for the products of
/// GELU; the rest of GELU, tanh, softplus and SiLU by quadrature to about 1e-15 of the greatest magnitude of the integrand. A custom
/// function is integrated by rules that know nothing of it: smooth functions on the scale of 1 or more come out to about 1e-14, at kinks
/// and jumps some digits less, and <see cref="GaussianExpectation.Error"/> says how many. All are symmetric in the two variables to the
/// last bit, and stable at c = 1 and -1 and at variance 0, which is read as the limit of small variances (for ReLU, whose derivative has no
/// value at 0, the two differ). A value beyond the range of double is infinite (exp, polynomials). Results depend on the backend in the
/// last digits only.
/// </remarks>
public abstract class GaussianDual
{
    private protected GaussianDual(Activation activation) => Activation = activation;

    /// <summary>phi.</summary>
    public Activation Activation { get; }

    /// <summary>phi(0). Where it is not 0 a signal of length 0 does not stay so, even without biases.</summary>
    public virtual double ValueAtZero => 0;

    /// <summary>
    /// The limit of E phi(sqrt q z)^2 / q for small q: phi'(0)^2, (1 + a^2)/2 for slopes 1 and a, infinity where phi(0) is not 0.
    /// </summary>
    public abstract double RateAtZero { get; }

    /// <summary>
    /// The limit of E phi(sqrt q z)^2 / q for large q: 0 for a bounded phi, infinity for exp and polynomials. Of a custom function judged
    /// by its growth between 2^30 and 2^60.
    /// </summary>
    public abstract double RateAtInfinity { get; }

    /// <summary>A bound of |phi|; infinity where there is none or none is known.</summary>
    public virtual double Bound => double.PositiveInfinity;

    /// <summary>Whether E phi(sqrt q z)^2 is known to increase with q. False says nothing.</summary>
    internal virtual bool LengthIncreases => false;

    /// <summary>
    /// E phi(u) phi(v): Cho and Saul 2009 (ReLU), Williams 1997 (erf), Rahimi and Recht 2007 (sin, cos, rbf), Mehler's formula
    /// (polynomials).
    /// </summary>
    /// <param name="varianceA">q_a, finite and not negative.</param>
    /// <param name="varianceB">q_b, finite and not negative.</param>
    /// <param name="correlation">c in [-1, 1].</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is outside its range.</exception>
    /// <exception cref="ArithmeticException">A custom activation is NaN somewhere.</exception>
    public GaussianExpectation Product(double varianceA, double varianceB, double correlation)
    {
        RequirePair(varianceA, varianceB, correlation);
        return ProductCore(varianceA, varianceB, correlation);
    }

    /// <summary>E phi'(u) phi'(v), which is also the derivative of E phi(u) phi(v) by the covariance (Price's theorem).</summary>
    /// <param name="varianceA">q_a, finite and not negative.</param>
    /// <param name="varianceB">q_b, finite and not negative.</param>
    /// <param name="correlation">c in [-1, 1].</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is outside its range.</exception>
    /// <exception cref="ArithmeticException">A custom activation is NaN somewhere.</exception>
    public GaussianExpectation DerivativeProduct(double varianceA, double varianceB, double correlation)
    {
        RequirePair(varianceA, varianceB, correlation);
        return DerivativeProductCore(varianceA, varianceB, correlation);
    }

    /// <summary>E phi(sqrt q z)^2.</summary>
    /// <param name="variance">q, finite and not negative.</param>
    /// <exception cref="ArgumentOutOfRangeException">q is outside its range.</exception>
    public GaussianExpectation Square(double variance)
    {
        RequireVariance(variance, nameof(variance));
        return variance == 0 ? GaussianExpectation.Closed(ValueAtZero * ValueAtZero) : SquareCore(variance);
    }

    /// <summary>d/dq E phi(sqrt q z)^2 = E u phi(u) phi'(u) / q, u = sqrt q z: with the gain, the slope of the length map.</summary>
    /// <param name="variance">q, finite and not negative.</param>
    /// <exception cref="ArgumentOutOfRangeException">q is outside its range.</exception>
    public GaussianExpectation SquareRate(double variance)
    {
        RequireVariance(variance, nameof(variance));
        return variance == 0 && ValueAtZero == 0 ? GaussianExpectation.Closed(RateAtZero) : SquareRateCore(variance);
    }

    /// <summary>E phi'(sqrt q z)^2.</summary>
    /// <param name="variance">q, finite and not negative.</param>
    /// <exception cref="ArgumentOutOfRangeException">q is outside its range.</exception>
    public GaussianExpectation DerivativeSquare(double variance)
    {
        RequireVariance(variance, nameof(variance));
        return variance == 0 && ValueAtZero == 0 ? GaussianExpectation.Closed(RateAtZero) : DerivativeSquareCore(variance);
    }

    /// <summary>E phi'(sqrt q z)^4.</summary>
    /// <param name="variance">q, finite and not negative.</param>
    /// <exception cref="ArgumentOutOfRangeException">q is outside its range.</exception>
    public GaussianExpectation DerivativeFourth(double variance)
    {
        RequireVariance(variance, nameof(variance));
        return DerivativeFourthCore(variance);
    }

    /// <summary>
    /// E phi''(sqrt q z)^2, which bends the images of curves (Poole et al. 2016, arXiv 1606.05340, chi_2): infinite where phi has a kink
    /// (ReLU, leaky ReLU, abs). Closed forms or quadratures for linear, erf, tanh, softplus, sin, cos and exp; otherwise 1/q times the
    /// derivative of E phi'(u) phi'(v) by the correlation at 1 (Price's theorem), by an interpolation whose error is estimated.
    /// </summary>
    /// <param name="variance">q, positive and finite.</param>
    /// <exception cref="ArgumentOutOfRangeException">q is outside its range.</exception>
    public GaussianExpectation SecondDerivativeSquare(double variance)
    {
        RequireVariance(variance, nameof(variance));
        ArgumentOutOfRangeException.ThrowIfZero(variance);
        return SecondDerivativeSquareCore(variance);
    }

    private protected virtual GaussianExpectation SecondDerivativeSquareCore(double q)
    {
        var slope = EndpointDerivative.At(1, c => DerivativeProductCore(q, q, c).Value);
        return new GaussianExpectation(slope.Value / q, slope.Error / q);
    }

    private protected abstract GaussianExpectation ProductCore(double qa, double qb, double c);

    private protected abstract GaussianExpectation DerivativeProductCore(double qa, double qb, double c);

    private protected abstract GaussianExpectation SquareCore(double q);

    private protected abstract GaussianExpectation SquareRateCore(double q);

    private protected abstract GaussianExpectation DerivativeSquareCore(double q);

    private protected abstract GaussianExpectation DerivativeFourthCore(double q);

    private static void RequirePair(double qa, double qb, double c)
    {
        RequireVariance(qa, "varianceA");
        RequireVariance(qb, "varianceB");
        if (!(c is >= -1 and <= 1))
        {
            throw new ArgumentOutOfRangeException("correlation", c, $"The correlation is {c}; expected a number in [-1, 1].");
        }
    }

    private static void RequireVariance(double q, string name)
    {
        if (!double.IsFinite(q) || q < 0)
        {
            throw new ArgumentOutOfRangeException(name, q, $"The variance is {q}; expected a finite number of at least 0.");
        }
    }
}
