namespace StableRank.Networks;

/// <summary>
/// The derivative of a function at the upper end of its domain, from values below it alone: that of the polynomial through Chebyshev points
/// of an interval that ends there (Trefethen 2000, Spectral Methods in MATLAB, chapter 6), the interval shortened until two agree.
/// </summary>
internal static class EndpointDerivative
{
    private const int Degree = 14;
    private const int Intervals = 14;
    private const double FirstInterval = 0.5;
    private const double Agreed = 1e-13;

    /// <summary>Intervals, each a quarter of the one before, that differ by more than this find no derivative: it has no bound.</summary>
    private const double Diverging = 0.01;

    /// <summary>f'(end) with the difference of the two intervals that agree best; infinite where none do.</summary>
    public static GaussianExpectation At(double end, Func<double, double> function)
    {
        var atEnd = function(end);
        var before = Once(end, FirstInterval, atEnd, function);
        var (best, error) = (before, double.PositiveInfinity);
        for (var i = 1; i < Intervals; i++)
        {
            var now = Once(end, FirstInterval * Math.ScaleB(1, -2 * i), atEnd, function);
            var difference = Math.Abs(now - before);
            if (difference < error)
            {
                // the longer interval of the two: rounding is divided by its length
                (best, error) = (before, difference);
            }

            if (difference <= Agreed * Math.Abs(now))
            {
                break;
            }

            before = now;
        }

        return error <= Diverging * Math.Abs(best) || error == 0
            ? new GaussianExpectation(best, error)
            : new GaussianExpectation(double.PositiveInfinity, double.PositiveInfinity);
    }

    private static double Once(double end, double length, double atEnd, Func<double, double> function)
    {
        var sum = 0.0;
        for (var j = 1; j <= Degree; j++)
        {
            // 1 - cos, without its cancellation, is how far node j lies below the end, on [-1, 1]
            var sine = Math.Sin(j * Math.PI / (2 * Degree));
            var distance = 2 * sine * sine;
            var weight = (j % 2 == 0 ? 2 : -2) / distance / (j == Degree ? 2 : 1);

            // rows of a differentiation matrix sum to 0: differences instead of values lose fewer digits
            sum += weight * (function(end - length * distance / 2) - atEnd);
        }

        return sum * 2 / length;
    }
}
