using StableRank.LinearAlgebra;
using StableRank.Networks;

namespace StableRank.Tests.Networks;

public sealed class ActivationTests
{
    private const double Eps = MachineEpsilon.Double;

    public static TheoryData<string> Names => 
    [
        "linear", "relu", "leaky-relu:0.1", "leaky-relu:-0.5", "tanh", "erf", "gelu", "sin", "abs", "cos", "softplus", "silu", "rbf:0.5",
        "monomial:1", "hermite:0", "hermite:1",
    ];

    /// <summary>numpy.tanh, scipy.special.erf, x/2 (1 + erf(x/sqrt 2)), numpy.sin at -3, -0.5, 0.7, 2.5 (SciPy 1.10); from cos on by mpmath
    /// 1.3.0 at 30 digits from the definitions, Hermite polynomials by their recurrence.</summary>
    public static TheoryData<string, double[]> References => new()
    {
        { "tanh", [-0.9950547536867305, -0.46211715726000974, 0.6043677771171634, 0.9866142981514303] },
        { "erf", [-0.9999779095030014, -0.5204998778130465, 0.6778011938374183, 0.999593047982555] },
        { "gelu", [-0.00404969409489031, -0.15426876936299347, 0.5306254434438489, 2.4844758366855597] },
        { "sin", [-0.1411200080598672, -0.47942553860420295, 0.644217687237691, 0.5984721441039564] },
        { "relu", [0, 0, 0.7, 2.5] },
        { "leaky-relu:0.1", [-0.3, -0.05, 0.7, 2.5] },
        { "linear", [-3, -0.5, 0.7, 2.5] },
        { "abs", [3, 0.5, 0.7, 2.5] },
        { "cos", [-0.98999249660044546, 0.87758256189037272, 0.76484218728448845, -0.80114361554693371] },
        { "exp", [0.049787068367863943, 0.60653065971263342, 2.0137527074704764, 12.182493960703473] },
        { "softplus", [0.048587351573742059, 0.47407698418010668, 1.1031860488854579, 2.5788897342925496] },
        { "silu", [-0.14227761953270034, -0.18877033439907272, 0.46773144051771624, 2.3103545499468911] },
        { "rbf:0.5", [-1.1311125046603127, 0.39815702328616972, 1.4090598745221795, -0.20267147144297722] },
        { "rbf:3", [-0.39067063277682166, -0.60153334475449689, 0.84632098853786803, 0.8285270015390091] },
        { "monomial:3", [-27, -0.125, 0.343, 15.625] },
        { "monomial:5", [-243, -0.03125, 0.16807, 97.65625] },
        { "hermite:0", [1, 1, 1, 1] },
        { "hermite:2", [5.6568542494923802, -0.53033008588991064, -0.36062445840513928, 3.7123106012293745] },
        { "hermite:3", [-7.3484692283495343, 0.56134139938781165, -0.71729224634500729, 3.317017360018887] },
        { "hermite:10", [4.9891310437217994, 0.025745651311572809, 0.35984735340275876, 0.11557373130637645] },
    };

    [Theory]
    [MemberData(nameof(References))]
    public void Apply_AtReferencePoints_EqualsSciPy(string name, double[] expected)
    {
        double[] z = [-3, -0.5, 0.7, 2.5];
        var a = new double[4];
        Activation.Parse(name).Apply<double>(z, a);
        for (var i = 0; i < 4; i++)
        {
            // 8 ulps of max(1, |z|, |phi|): GELU's error is absolute; a product over up to five pairs of roots, each squared, loses some
            // more
            var scale = Math.Max(1, Math.Max(Math.Abs(z[i]), Math.Abs(expected[i]))) * (name == "hermite:10" ? 8 : 1);
            a[i].Should().BeApproximately(expected[i], 8 * Eps * scale);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Derivative_AwayFromKinks_EqualsCentralDifferences(string name)
    {
        // error of the difference: h^2/6 max|phi'''| (at most 4 here: erf at 0 has 4/sqrt(pi)) + rounding 8 eps max|phi|/h; h near
        // eps^(1/3)
        const double h = 1.0 / (1 << 17);
        const double tolerance = h * h / 6 * 4 + 8 * Eps * 6 / h;
        var z = Grid();
        z.Should().OnlyContain(x => Math.Abs(x) > 2 * h);
        Worst(Activation.Parse(name), z, h).Should().BeLessThan(tolerance);
    }

    [Fact]
    public void Differences_AgainstAnotherActivation_AreFarBeyondTheTolerance()
    {
        var z = Grid();
        var d = new double[z.Length];
        Activation.Erf.Derivative<double>(z, d);
        var difference = Differences(Activation.Tanh, z, 1.0 / (1 << 17));
        difference.Zip(d, (a, b) => Math.Abs(a - b)).Max().Should().BeGreaterThan(0.1);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void SinglePrecision_OnTheGrid_IsDoublePrecisionRounded(string name)
    {
        var activation = Activation.Parse(name);
        var z = Grid().Select(x => (double)(float)x).ToArray();
        var (a, d) = (new double[z.Length], new double[z.Length]);
        activation.Apply<double>(z, a);
        activation.Derivative<double>(z, d);
        var single = z.Select(x => (float)x).ToArray();
        var (fa, fd) = (new float[z.Length], new float[z.Length]);
        activation.Apply<float>(single, fa);
        activation.Derivative<float>(single, fd);
        const double eps = MachineEpsilon.Single;
        for (var i = 0; i < z.Length; i++)
        {
            var scale = Math.Max(1, Math.Abs(z[i]));
            ((double)fa[i]).Should().BeApproximately(a[i], 8 * eps * scale);
            ((double)fd[i]).Should().BeApproximately(d[i], 8 * eps * scale);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void ApplyAndDerivative_OfEveryLengthAndInPlace_EqualOneEntryAtATime(string name)
    {
        var activation = Activation.Parse(name);
        foreach (var length in Enumerable.Range(0, 70).Append(1000))
        {
            var z = Enumerable.Range(0, length).Select(i => 3 * Math.Sin(1 + i)).ToArray();
            var a = (double[])z.Clone();
            var d = (double[])z.Clone();
            activation.Apply<double>(a, a);
            activation.Derivative<double>(d, d);
            var (one, slope) = (new double[1], new double[1]);
            for (var i = 0; i < length; i++)
            {
                activation.Apply<double>(z.AsSpan(i, 1), one);
                activation.Derivative<double>(z.AsSpan(i, 1), slope);
                // vector and scalar remainders may differ by an ulp or two
                a[i].Should().BeApproximately(one[0], 8 * Eps * 3);
                d[i].Should().BeApproximately(slope[0], 8 * Eps * 3);
            }
        }
    }

    [Fact]
    public void Derivative_AtAKink_IsTheSlopeFromTheLeft()
    {
        DerivativeAt(Activation.ReLU, 0).Should().Be(0);
        DerivativeAt(Activation.ReLU, -0.0).Should().Be(0);
        DerivativeAt(Activation.LeakyReLU(0.25), 0).Should().Be(0.25);
        DerivativeAt(Activation.ReLU, double.Epsilon).Should().Be(1);
    }

    [Fact]
    public void TanhDerivative_InTheTails_KeepsItsRelativeAccuracy()
    {
        // 1/cosh^2 z = 4 exp(-2z) up to a factor 1 + O(exp(-2z)), beyond double precision for z >= 20; 1 - tanh^2 is 0 there
        foreach (var z in new double[] { 20, 50, 300 })
        {
            var exact = 4 * Math.Exp(-2 * z);
            DerivativeAt(Activation.Tanh, z).Should().BeApproximately(exact, 16 * Eps * exact);
            DerivativeAt(Activation.Tanh, -z).Should().BeApproximately(exact, 16 * Eps * exact);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void NaN_In_GivesNaNOut(string name)
    {
        var activation = Activation.Parse(name);
        var z = Enumerable.Repeat(double.NaN, 19).ToArray();
        var a = new double[19];
        activation.Apply<double>(z, a);
        a.Should().OnlyContain(x => double.IsNaN(x));
        if (name != "linear")
        {
            activation.Derivative<double>(z, a);
            a.Should().OnlyContain(x => double.IsNaN(x));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void IsPiecewiseLinear_SaysYes_ExactlyWhereScalingPassesThrough(string name)
    {
        var activation = Activation.Parse(name);
        var z = Grid();
        var scaled = z.Select(x => 4 * x).ToArray();
        var (a, b) = (new double[z.Length], new double[z.Length]);
        activation.Apply<double>(z, a);
        activation.Apply<double>(scaled, b);
        var homogeneous = a.Zip(b, (x, y) => Math.Abs(y - 4 * x)).Max() < 1e-12;
        activation.IsPiecewiseLinear(out var slope).Should().Be(homogeneous);
        if (homogeneous)
        {
            slope.Should().Be(DerivativeAt(activation, -1));
        }
        else
        {
            double.IsNaN(slope).Should().BeTrue();
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Parse_OfAName_RoundTripsWhateverTheCase(string name)
    {
        Activation.Parse(name).Name.Should().Be(name);
        Activation.Parse(name.ToUpperInvariant()).Name.Should().Be(name);
    }

    [Fact]
    public void Parse_OfAnUnknownName_ListsTheKnownOnes()
    {
        var parse = () => Activation.Parse("swish");
        parse.Should().Throw<ArgumentException>()
            .WithMessage("*'swish'*linear, relu, tanh, erf, gelu, sin*softplus*leaky-relu:A*rbf:G*monomial:D*hermite:D*");
        parse = () => Activation.Parse("leaky-relu:NaN");
        parse.Should().Throw<ArgumentException>().WithMessage("*'NaN'*leaky-relu:0.1*");
        parse = () => Activation.Parse("leaky-relu");
        parse.Should().Throw<ArgumentException>().WithMessage("*leaky-relu:A*");
    }

    [Theory]
    [InlineData("rbf:0", "*'0'*rbf:0.5*")]
    [InlineData("rbf:-1", "*'-1'*")]
    [InlineData("monomial:6", "*1 to 5*'6'*monomial:3*")]
    [InlineData("monomial:0", "*'0'*")]
    [InlineData("monomial:2.5", "*'2.5'*")]
    [InlineData("hermite:11", "*0 to 10*'11'*")]
    [InlineData("hermite:-1", "*'-1'*")]
    [InlineData("relu:1", "*Unknown*'relu:1'*")]
    public void Parse_OfAnInadmissibleParameter_NamesIt(string name, string message) =>
        FluentActions.Invoking(() => Activation.Parse(name)).Should().Throw<ArgumentException>().WithMessage(message);

    [Fact]
    public void Guards_OnBadArguments_NameTheValues()
    {
        var lengths = () => Activation.Tanh.Apply<double>(new double[3], new double[4]);
        lengths.Should().Throw<ArgumentException>().WithMessage("*3*4*");
        var slope = () => Activation.LeakyReLU(double.NaN);
        slope.Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => Activation.Rbf(0)).Should().Throw<ArgumentOutOfRangeException>().WithMessage("*0*");
        FluentActions.Invoking(() => Activation.Monomial(6)).Should().Throw<ArgumentOutOfRangeException>().WithMessage("*6*1 to 5*");
        FluentActions.Invoking(() => Activation.Hermite(-1)).Should().Throw<ArgumentOutOfRangeException>().WithMessage("*-1*0 to 10*");
        FluentActions.Invoking(() => Activation.Custom(" ", z => z, _ => 1)).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => Activation.Custom("f", null!, _ => 1)).Should().Throw<ArgumentNullException>();
        var precision = () => Activation.ReLU.Apply<Half>(new Half[1], new Half[1]);
        precision.Should().Throw<NotSupportedException>().WithMessage("*Half*");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void ApplyAndDerivative_AfterTheFirstCall_AllocateNothing(string name)
    {
        var activation = Activation.Parse(name);
        var (z, a) = (new double[1000], new double[1000]);
        void Both()
        {
            activation.Apply<double>(z, a);
            activation.Derivative<double>(z, a);
        }

        Both();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 10; i++)
        {
            Both();
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).Should().Be(0);
    }

    private static double[] Grid() => [.. Enumerable.Range(0, 401).Select(i => -6 + 0.03 * i + 0.0137)];

    private static double DerivativeAt(Activation activation, double z)
    {
        var d = new double[1];
        activation.Derivative<double>([z], d);
        return d[0];
    }

    private static double Worst(Activation activation, double[] z, double h)
    {
        var d = new double[z.Length];
        activation.Derivative<double>(z, d);
        return Differences(activation, z, h).Zip(d, (a, b) => Math.Abs(a - b)).Max();
    }

    private static double[] Differences(Activation activation, double[] z, double h)
    {
        var (above, below) = (z.Select(x => x + h).ToArray(), z.Select(x => x - h).ToArray());
        var steps = above.Zip(below, (x, y) => x - y).ToArray();
        activation.Apply<double>(above, above);
        activation.Apply<double>(below, below);
        return [.. above.Select((x, i) => (x - below[i]) / steps[i])];
    }
}
