namespace StableRank.Spectra;

/// <summary>
/// The Marchenko-Pastur law of a shape: the limit, as m and n grow at fixed c = min(m, n)/max(m, n), of the law of the squared singular
/// values of an m x n matrix with independent entries of variance 1/max(m, n). It lives on [(1 - sqrt c)^2, (1 + sqrt c)^2], has mean 1
/// and no atom, since only the min(m, n) singular values are counted.
/// </summary>
/// <remarks>
/// With b = sqrt c and x = 1 + c - 2 b cos phi, phi from 0 to pi, the density sqrt((x - x_-)(x_+ - x)) / (2 pi c x) dx becomes
/// (2/pi) sin^2 phi / (1 + c - 2 b cos phi) dphi: smooth at a soft edge and at the hard edge x_- = 0 of square shapes alike. The generating
/// function of the Chebyshev polynomials, 1/(1 - 2 b cos t + b^2) = sum_n b^n sin((n+1) t)/sin t, gives
/// sin^2 t/(1 - 2 b cos t + b^2) = (1/2) sum_n b^n (cos n t - cos (n+2) t), which is integrated term by term:
/// <code>
/// F = (1/pi) [ phi + A - S ],  A = sum_{n>=1} b^n sin(n phi)/n = atan2(b sin phi, 1 - b cos phi),
///                              S = sum_{n>=0} b^n sin((n+2) phi)/(n+2) = (A - b sin phi)/b^2.
/// </code>
/// For c = 1 this is F = (phi + sin phi)/pi.
/// </remarks>
public sealed class MarchenkoPasturLaw
{
    private const double SeriesBelow = 0.1;     // sqrt c below which S is summed: there (A - b sin phi)/b^2 would lose digits like 1/b
    private const int SeriesTerms = 18;         // 0.1^18 / 18 is below an ulp of what it is added to
    private const int MaxSteps = 100;
    private const double ConvergedStep = 1.0 / (1 << 28);       // Newton's error is the square of its step

    private readonly double _excess;
    private readonly double _root;
    private readonly double _gap;

    /// <summary>The law of that shape; m and n may be exchanged.</summary>
    /// <param name="rows">m, at least 1.</param>
    /// <param name="columns">n, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 1.</exception>
    public MarchenkoPasturLaw(int rows, int columns)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        int small = Math.Min(rows, columns), large = Math.Max(rows, columns);
        Count = small;
        _root = Math.Sqrt((double)small / large);
        _gap = (double)(large - small) / large / (1 + _root);       // 1 - sqrt c without cancellation for nearly square shapes
        _excess = (double)(large - small) / small;                  // (1 - c)/c
    }

    /// <summary>min(m, n), the number of quantiles.</summary>
    public int Count { get; }

    /// <summary>(1 - sqrt c)^2.</summary>
    public double LowerEdge => _gap * _gap;

    /// <summary>(1 + sqrt c)^2.</summary>
    public double UpperEdge => (1 + _root) * (1 + _root);

    /// <summary>The probability of squared singular values up to <paramref name="x"/>; NaN for NaN.</summary>
    public double CumulativeProbability(double x)
    {
        if (!(x > LowerEdge))
        {
            return double.IsNaN(x) ? double.NaN : 0;
        }

        // x = (1 - b)^2 + 4 b sin^2(phi/2) = (1 + b)^2 - 4 b cos^2(phi/2): the half angle from both, so that no edge loses digits
        return x >= UpperEdge
            ? 1
            : AngleProbability(2 * Math.Atan2(Math.Sqrt(x - LowerEdge), Math.Sqrt(UpperEdge - x)));
    }

    /// <summary>The squared singular value below which a share <paramref name="probability"/> lies.</summary>
    /// <param name="probability">In [0, 1]; 0 and 1 give the edges.</param>
    /// <exception cref="ArgumentOutOfRangeException">The probability is NaN or outside [0, 1].</exception>
    public double Quantile(double probability)
    {
        if (!(probability >= 0 && probability <= 1))
        {
            throw new ArgumentOutOfRangeException(
                nameof(probability), probability, $"A probability is in [0, 1], but {probability:R} was given.");
        }

        return probability switch
        {
            0 => LowerEdge,
            1 => UpperEdge,
            _ => AtAngle(Angle(probability, Math.PI * probability)),
        };
    }

    /// <summary>The quantiles at (i - 1/2)/k for i = 1 to k, greatest first: k numbers above zero.</summary>
    public double[] MidpointQuantiles()
    {
        var quantiles = new double[Count];
        double angle = 0.5 * Math.PI / Count;
        for (int i = 0; i < Count; i++)
        {
            angle = Angle((i + 0.5) / Count, angle);
            quantiles[Count - 1 - i] = AtAngle(angle);
        }

        return quantiles;
    }

    private double AtAngle(double angle)
    {
        double sine = Math.Sin(angle / 2);
        return _gap * _gap + 4 * _root * sine * sine;
    }

    private double AngleProbability(double angle)
    {
        (double sine, double cosine) = Math.SinCos(angle);
        double halfSine = Math.Sin(angle / 2);
        double a = Math.Atan2(_root * sine, _gap + 2 * _root * halfSine * halfSine);
        // A - S = (sin phi)/b - A (1 - c)/c, so that nothing of size 1 cancels where phi is small and c near 1
        double difference = _root < SeriesBelow ? a - Series(sine, cosine) : sine / _root - _excess * a;
        return (angle + difference) / Math.PI;
    }

    /// <summary>S by its series; sin((n+2) phi) by the three-term recurrence.</summary>
    private double Series(double sine, double cosine)
    {
        double sum = 0, power = 1;
        double before = sine, current = 2 * cosine * sine;
        for (int n = 0; n < SeriesTerms; n++)
        {
            sum += power * current / (n + 2);
            power *= _root;
            (before, current) = (current, 2 * cosine * current - before);
        }

        return sum;
    }

    /// <summary>The angle of that probability: Newton's step, halving where it leaves the bracket.</summary>
    private double Angle(double probability, double guess)
    {
        double low = 0, high = Math.PI;
        double angle = guess;
        for (int step = 0; step < MaxSteps && low < high; step++)
        {
            double excess = AngleProbability(angle) - probability;
            if (excess == 0)
            {
                break;
            }

            (low, high) = excess < 0 ? (angle, high) : (low, angle);
            double sine = Math.Sin(angle);
            double next = angle - excess * Math.PI * AtAngle(angle) / (2 * sine * sine);
            if (Math.Abs(next - angle) <= ConvergedStep * Math.Min(angle, Math.PI - angle))
            {
                return next;
            }

            if (!(next > low && next < high))
            {
                next = low + (high - low) / 2;
            }

            angle = next;
        }

        return angle;
    }
}
