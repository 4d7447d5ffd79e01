namespace StableRank.Networks;

/// <summary>
/// A function of which nothing is known: every expectation by quadrature, as the mean of shifted rules whose spread is its error estimate.
/// </summary>
/// <remarks>
/// In one variable the nodes are those of <see cref="GaussianQuadrature"/>, dealt in turn to four rules; in two, v given u has four rules
/// too, and 16 pairs result. Two rules shifted by half a step may agree and both be wrong: at a kink a quarter of a step from a node their
/// errors, step^2 B_2 of that fraction, are equal. Of four no choice of the fraction makes all errors equal: for a kink their spread is at
/// least 12 times the error of the mean, for a jump 6 times. Steps are halved while the spread is more than rounding and the
/// nodes stay few enough: a smooth function on the scale of 1 or more is done at once, a kink costs the most.
/// </remarks>
internal sealed class CustomDual : GaussianDual
{
    private const int Rules = 4;

    /// <summary>The step of the nodes of all rules together at first; each rule's own is four times that.</summary>
    private const double OuterStep = 0.03;

    private const double InnerStep = 0.0625;

    private const double InnerReach = 8.75;

    /// <summary>The structure of phi on the scale of 1 is resolved up to this deviation of v given u.</summary>
    private const double ResolvedDeviation = 16;

    private const int GreatestLevel = 9;

    private const double GreatestCost = 2e6;

    /// <summary>A spread of this part of the sum of magnitudes is rounding.</summary>
    private const double Negligible = 1e-14;

    /// <summary>A variance that stands for the limit of small ones, for derivatives.</summary>
    private static readonly double Tiny = Math.ScaleB(1, -80);

    /// <summary>The same for a difference of derivatives, which rounding would hide at a smaller one.</summary>
    private static readonly double Small = Math.ScaleB(1, -34);

    private readonly Func<double, double> _value;
    private readonly Func<double, double> _derivative;

    public CustomDual(Activation activation, Func<double, double> value, Func<double, double> derivative)
        : base(activation)
    {
        (_value, _derivative) = (value, derivative);
        ValueAtZero = value(0);
        if (!double.IsFinite(ValueAtZero))
        {
            throw new ArithmeticException($"The activation {activation} is {ValueAtZero} at 0; Gaussian expectations need a finite value.");
        }

        var step = Math.Sqrt(Tiny);
        RateAtZero = ValueAtZero == 0 ? MeanSquare(derivative, step) : double.PositiveInfinity;
        RateAtInfinity = Growth(value);
    }

    public override double ValueAtZero { get; }

    public override double RateAtZero { get; }

    public override double RateAtInfinity { get; }

    private protected override GaussianExpectation ProductCore(double qa, double qb, double c) => Pair(_value, qa, qb, c);

    private protected override GaussianExpectation DerivativeProductCore(double qa, double qb, double c) =>
        Pair(_derivative, Math.Max(qa, Tiny), Math.Max(qb, Tiny), c);

    private protected override GaussianExpectation SquareCore(double q) => Single(q, u => _value(u) * _value(u));

    private protected override GaussianExpectation SquareRateCore(double q)
    {
        var variance = q == 0 ? Small : q;
        return Single(variance, u => u / variance * _value(u) * _derivative(u));
    }

    private protected override GaussianExpectation DerivativeSquareCore(double q) =>
        Single(Math.Max(q, Tiny), u => _derivative(u) * _derivative(u));

    private protected override GaussianExpectation DerivativeFourthCore(double q) => Single(Math.Max(q, Tiny), u =>
    {
        var square = _derivative(u) * _derivative(u);
        return square * square;
    });

    private GaussianExpectation Pair(Func<double, double> function, double qa, double qb, double c)
    {
        if (c == 0)
        {
            var (a, b) = (Single(qa, function), Single(qb, function));
            return new(a.Value * b.Value, Math.Abs(a.Value) * b.Error + Math.Abs(b.Value) * a.Error + a.Error * b.Error);
        }

        // v given u, u of the greater variance, has mean c sqrt(lesser/greater) u and variance lesser (1 - c^2)
        var (greater, lesser) = (Math.Max(qa, qb), Math.Min(qa, qb));
        var slope = greater == 0 ? 0 : c * Math.Sqrt(lesser / greater);
        var deviation = Math.Sqrt(lesser * ((1 - c) * (1 + c)));
        if (deviation == 0)
        {
            return Single(greater, u => function(u) * function(slope * u));
        }

        for (var level = 0; ; level++)
        {
            var outer = GaussianQuadrature.Rule(greater, Math.ScaleB(OuterStep, -level));
            var inner = Uniform(Math.ScaleB(InnerStep, -level) / Math.Clamp(deviation, 1, ResolvedDeviation), deviation);
            var sums = new RuleSums(Rules * Rules);
            for (var i = 0; i < outer.Nodes.Length; i++)
            {
                var (weight, mean) = (outer.Weights[i] * function(outer.Nodes[i]), slope * outer.Nodes[i]);
                for (var j = 0; j < inner.Nodes.Length; j++)
                {
                    sums.Add(Rules * (i % Rules) + j % Rules, weight * inner.Weights[j] * function(mean + inner.Nodes[j]));
                }
            }

            if (sums.Spread <= Negligible * sums.Magnitude || 4.0 * outer.Nodes.Length * inner.Nodes.Length > GreatestCost)
            {
                return Result(sums);
            }
        }
    }

    private GaussianExpectation Single(double q, Func<double, double> function)
    {
        for (var level = 0; ; level++)
        {
            var (nodes, weights) = GaussianQuadrature.Rule(q, Math.ScaleB(OuterStep, -level));
            var sums = new RuleSums(nodes.Length == 1 ? 1 : Rules);
            for (var i = 0; i < nodes.Length; i++)
            {
                sums.Add(i % sums.Count, weights[i] * function(nodes[i]));
            }

            if (sums.Spread <= Negligible * sums.Magnitude || level == GreatestLevel)
            {
                return Result(sums);
            }
        }
    }

    private GaussianExpectation Result(RuleSums sums)
    {
        var value = sums.Value;
        if (double.IsNaN(value))
        {
            throw new ArithmeticException(
                $"The Gaussian expectation of {Activation} has no value: the function or its derivative is NaN somewhere, or leaves the "
                + "range of double on both sides.");
        }

        return double.IsFinite(value)
            ? new(value, sums.Spread + 4 * Math.ScaleB(1, -52) * sums.Magnitude)
            : new(value, double.PositiveInfinity);
    }

    /// <summary>Nodes about 0 of a Gaussian of this deviation.</summary>
    private static (double[] Nodes, double[] Weights) Uniform(double step, double deviation)
    {
        var half = (int)Math.Ceiling(InnerReach / step);
        var (nodes, weights) = (new double[2 * half + 1], new double[2 * half + 1]);
        for (var k = -half; k <= half; k++)
        {
            var y = k * step;
            nodes[half + k] = deviation * y;
            weights[half + k] = step * Math.Exp(-y * y / 2) / Math.Sqrt(2 * Math.PI);
        }

        return (nodes, weights);
    }

    private static double MeanSquare(Func<double, double> function, double z) =>
        (function(z) * function(z) + function(-z) * function(-z)) / 2;

    /// <summary>
    /// The limit of phi^2/z^2, judged at 2^30 and 2^60: the latter value where the two agree to a tenth, otherwise infinite or 0.
    /// </summary>
    private static double Growth(Func<double, double> function)
    {
        var (near, far) = (Math.ScaleB(1, 30), Math.ScaleB(1, 60));
        var (first, last) = (MeanSquare(z => function(z) / near, near), MeanSquare(z => function(z) / far, far));
        return last > 1.1 * first ? double.PositiveInfinity : last < 0.9 * first ? 0 : last;
    }
}
