using StableRank.Networks;

namespace StableRank.Tests.Networks;

/// <summary>
/// Reference values by SciPy 1.10, from another rule than the library's: with phi and its derivative d as NumPy functions,
/// <code>
/// def e(f, qa, qb, c):
///     s = sqrt((1-c)*(1+c))
///     g = lambda b, a: f(sqrt(qa)*a) * f(sqrt(qb)*(c*a + s*b)) * exp(-(a*a + b*b)/2) / (2*pi)
///     return integrate.dblquad(g, -9, 9, -9, 9, epsabs=1e-14, epsrel=1e-14)[0]
/// </code>
/// and e(phi, ...), e(d, ...); at variances of 50 and more, where dblquad misses the steps, the trapezoidal rule of step 0.004 on
/// the same square (which agrees with step 0.006 to 3e-15).
/// </summary>
public sealed class GaussianDualTests
{
    /// <summary>dblquad's and the trapezoidal rule's values agree to 3e-15, some 1000 terms summed; GELU's are up to 2.</summary>
    private const double Tolerance = 1e-14;

    [Theory]
    [InlineData("tanh", 1, 1, 0.5, 0.1863244132034481, 0.384747028441039)]
    [InlineData("tanh", 0.3, 2.5, -0.6, -0.187064065362103, 0.3723423435014332)]
    [InlineData("tanh", 4, 1.5, 0.95, 0.5052319774981929, 0.2846234075618664)]
    [InlineData("tanh", 9, 9, 0.2, 0.1175615428808301, 0.06606756847504557)]
    [InlineData("tanh", 100, 100, 0.3, 0.1923448724494211, 0.006613993739512821)]
    [InlineData("tanh", 400, 50, -0.8, -0.582686158120174, 0.007318641595904226)]
    [InlineData("tanh", 400, 400, 0.999, 0.9507828536149397, 0.02097031938965653)]
    [InlineData("tanh", 100, 100, 0.999999, 0.9205315529636188, 0.05310255039871668)]
    [InlineData("tanh", 0.01, 100, 0.5, 0.03937365251035384, 0.0788743519025817)]
    [InlineData("gelu", 1, 1, 0.5, 0.2272949150219915, 0.3422672424594431)]
    [InlineData("gelu", 0.3, 2.5, -0.6, -0.05071443629984229, 0.1593255057441378)]
    [InlineData("gelu", 4, 1.5, 0.95, 1.077063035675233, 0.4674586304123657)]
    [InlineData("gelu", 9, 9, 0.2, 1.770471790668454, 0.2849305914138796)]
    [InlineData("erf", 1, 1, 0.5, 0.2163468959387855, 0.450158158078553)]
    [InlineData("erf", 0.3, 2.5, -0.6, -0.2177498190332385, 0.4362046804792399)]
    [InlineData("erf", 4, 1.5, 0.95, 0.5651775074376757, 0.3362292895715486)]
    [InlineData("erf", 9, 9, 0.2, 0.1213563401354301, 0.06824888155127704)]
    [InlineData("sin", 1, 1, 0.5, 0.1917002497821018, 0.4148304099305318)]
    [InlineData("sin", 0.3, 2.5, -0.6, -0.1339799851514827, 0.2806433662968172)]
    [InlineData("sin", 4, 1.5, 0.95, 0.3244250626234809, 0.3306635642109869)]
    [InlineData("sin", 9, 9, 0.2, 0.0003630931524827426, 0.0003834926558939293)]
    public void Products_EqualDoubleQuadrature(string name, double qa, double qb, double c, double product, double derivative)
    {
        var dual = Activation.Parse(name).Dual;
        foreach (var (a, b) in new[] { (qa, qb), (qb, qa) })
        {
            dual.Product(a, b, c).Value.Should().BeApproximately(product, Tolerance);
            dual.DerivativeProduct(a, b, c).Value.Should().BeApproximately(derivative, Tolerance);
            dual.Product(a, b, c).Error.Should().BeLessThan(Tolerance * Math.Max(1, qa));
        }
    }

    /// <summary>
    /// integrate.quad(lambda z: h(sqrt(q)*z)*exp(-z*z/2)/sqrt(2*pi), -9, 9, epsabs=1e-15, epsrel=1e-14, limit=500) with h = phi^2,
    /// u phi d / q, d^2, d^4.
    /// </summary>
    [Theory]
    [InlineData("tanh", 0.01, 0.009805468755532405, 0.9616216679060094, 0.9806702434649817, 0.9624136039333808)]
    [InlineData("tanh", 1, 0.3942944903978411, 0.1817976881404871, 0.4644029024482683, 0.3415092073166637)]
    [InlineData("tanh", 30, 0.856268605116101, 0.002332562220325361, 0.09659845066270764, 0.06643652975514036)]
    [InlineData("gelu", 0.01, 0.002546963494577496, 0.259315657939212, 0.2562413188288774, 0.07197585115094916)]
    [InlineData("gelu", 1, 0.4252214825702987, 0.4864802487282756, 0.4558508656492872, 0.4339558388563378)]
    [InlineData("gelu", 30, 14.96717554265499, 0.5005014170678946, 0.5089276722444809, 0.523815032463076)]
    [InlineData("erf", 0.01, 0.01248354064111577, 1.22403342460079, 1.248514093092806, 1.559941670680406)]
    [InlineData("erf", 1, 0.46455905439754, 0.1898033449112472, 0.5694100347337419, 0.5403796460924681)]
    [InlineData("erf", 30, 0.8845682464947824, 0.001897525401989811, 0.1157490495213784, 0.1044267389407798)]
    [InlineData("sin", 0.01, 0.009900663346622353, 0.9801986733067554, 0.9900993366533777, 0.9804888799517072)]
    [InlineData("sin", 1, 0.4323323583816936, 0.1353352832366126, 0.5676676416183064, 0.4427095744467942)]
    [InlineData("sin", 30, 0.5, 3.09235185430294e-18, 0.5000000000000001, 0.3750000000000001)]
    public void Moments_EqualQuadrature(string name, double q, double square, double rate, double slope, double fourth)
    {
        var dual = Activation.Parse(name).Dual;
        dual.Square(q).Value.Should().BeApproximately(square, Tolerance * Math.Max(1, square));
        dual.SquareRate(q).Value.Should().BeApproximately(rate, Tolerance);
        dual.DerivativeSquare(q).Value.Should().BeApproximately(slope, Tolerance);
        dual.DerivativeFourth(q).Value.Should().BeApproximately(fourth, Tolerance);
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(1.0)]
    [InlineData(0.3)]
    [InlineData(-1.0)]
    [InlineData(-2.5)]
    public void SlopeActivation_EqualsTheIntegralOverTheAngle(double slope)
    {
        // u = cos t, v = cos(t - theta) on the unit circle; E rho^2 = 2: a sum over quadrants, here by a midpoint rule
        var dual = Activation.LeakyReLU(slope).Dual;
        const int count = 400_000;
        foreach (var c in new[] { -0.9, 0.0, 0.4, 0.99 })
        {
            double product = 0, derivative = 0;
            var theta = Math.Acos(c);
            for (var i = 0; i < count; i++)
            {
                var t = 2 * Math.PI * (i + 0.5) / count;
                var (u, v) = (Math.Cos(t), Math.Cos(t - theta));
                product += 2 * Phi(u) * Phi(v) / count;
                derivative += (u > 0 ? 1 : slope) * (v > 0 ? 1 : slope) / count;
            }

            // the midpoint rule misses a kink by (2 pi / count)^2 and a jump by 1/count
            dual.Product(2, 0.5, c).Value.Should().BeApproximately(product, 1e-9);
            dual.DerivativeProduct(2, 0.5, c).Value.Should().BeApproximately(derivative, 8.0 * (1 + slope * slope) / count);
        }

        double Phi(double z) => z > 0 ? z : slope * z;
    }

    public static TheoryData<string> Names() => ["linear", "relu", "leaky-relu:0.2", "tanh", "erf", "gelu", "sin"];

    [Theory]
    [MemberData(nameof(Names))]
    public void Products_AtCorrelationOne_AreTheMomentsOfOneVariable(string name)
    {
        var dual = Activation.Parse(name).Dual;
        foreach (var q in new[] { 1e-12, 1e-3, 0.7, 5, 300, 1e8 })
        {
            var square = dual.Square(q).Value;
            dual.Product(q, q, 1).Value.Should().BeApproximately(square, 1e-14 * square);
            dual.DerivativeProduct(q, q, 1).Value.Should().BeApproximately(dual.DerivativeSquare(q).Value, 1e-14);
            if (name is "linear" or "tanh" or "erf" or "sin")
            {
                dual.Product(q, q, -1).Value.Should().BeApproximately(-square, 1e-14 * square, "phi is odd");
            }

            // by Price's theorem, at correlations of the last ulp too: no NaN from a square root of a negative number
            var near = dual.Product(q, q, 1 - Math.ScaleB(1, -53)).Value;
            near.Should().BeApproximately(square, 1e-14 * square + 4e-16 * q * dual.DerivativeSquare(q).Value);
        }
    }

    /// <summary>
    /// d/dk E phi(u) phi(v) = E phi'(u) phi'(v): central differences, whose error is h^2 times a third derivative plus eps/h.
    /// </summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void DerivativeProduct_IsTheSlopeOfTheProduct(string name)
    {
        var dual = Activation.Parse(name).Dual;
        const double h = 1e-5;
        foreach (var (qa, qb) in new[] { (1.0, 1.0), (0.4, 3.0), (20.0, 8.0) })
        {
            var scale = Math.Sqrt(qa * qb);
            foreach (var c in new[] { -0.8, -0.1, 0.35, 0.9 })
            {
                var slope = (dual.Product(qa, qb, c + h).Value - dual.Product(qa, qb, c - h).Value) / (2 * h * scale);
                dual.DerivativeProduct(qa, qb, c).Value.Should().BeApproximately(slope, 1e-8);
            }

            var rate = (dual.Square(qa + h).Value - dual.Square(qa - h).Value) / (2 * h);
            dual.SquareRate(qa).Value.Should().BeApproximately(rate, 1e-8);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void SmallAndLargeVariances_ApproachTheRates(string name)
    {
        var dual = Activation.Parse(name).Dual;
        (dual.Square(1e-14).Value / 1e-14).Should().BeApproximately(dual.RateAtZero, 1e-12);
        dual.Product(1e-14, 0, 0.5).Value.Should().Be(0);
        dual.Square(0).Value.Should().Be(0);
        dual.DerivativeSquare(0).Value.Should().BeApproximately(dual.RateAtZero, 1e-15);
        dual.DerivativeSquare(1e-14).Value.Should().BeApproximately(dual.RateAtZero, 1e-12);
        dual.SquareRate(1e-14).Value.Should().BeApproximately(dual.RateAtZero, 1e-12);
        (dual.Square(1e12).Value / 1e12).Should().BeApproximately(dual.RateAtInfinity, 1e-10);
    }

    [Fact]
    public void TanhAtGreatVariance_IsTheSignFunction()
    {
        // E sgn u sgn v = (2/pi) asin c; the step's width is 1/sqrt q
        foreach (var c in new[] { -0.7, 0.2, 0.9 })
        {
            Activation.Tanh.Dual.Product(1e10, 1e10, c).Value.Should().BeApproximately(2 / Math.PI * Math.Asin(c), 1e-9);
        }
    }

    [Fact]
    public void ErrorOfAQuadrature_OfAFunctionWithAKink_IsSeen()
    {
        // |tanh u| is not analytic: the two interleaved rules disagree, and the estimate says so
        var bad = GaussianQuadrature.Expect(Activation.Tanh, 2, (_, phi, _) => Math.Abs(phi));
        bad.Error.Should().BeGreaterThan(1e-4);
        GaussianQuadrature.Expect(Activation.Tanh, 2, (_, phi, _) => phi * phi).Error.Should().BeLessThan(1e-14);
    }

    [Fact]
    public void Guards_OnBadArguments_NameThem()
    {
        var dual = Activation.Tanh.Dual;
        FluentActions.Invoking(() => dual.Square(-1)).Should().Throw<ArgumentOutOfRangeException>().WithMessage("*-1*");
        FluentActions.Invoking(() => dual.Square(double.NaN)).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => dual.Product(1, double.PositiveInfinity, 0)).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => dual.Product(1, 1, 1.0000001)).Should().Throw<ArgumentOutOfRangeException>().WithMessage("*[-1, 1]*");
        FluentActions.Invoking(() => dual.DerivativeProduct(1, 1, double.NaN)).Should().Throw<ArgumentOutOfRangeException>();
    }
}
