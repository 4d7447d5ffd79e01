using System.Numerics;
using StableRank.Replication;
using StableRank.Spectra;

namespace StableRank.Propagation;

/// <summary>Estimates from one number a replicate, summed in the order of the replicates with compensation.</summary>
internal static class ReplicateStatistics
{
    /// <summary>
    /// The log of the mean of exp(logs), without leaving the range of double; the standard error is that of the mean over the mean.
    /// </summary>
    public static Estimate LogOfMean(ReadOnlySpan<double> logs, double rounding)
    {
        var largest = Largest(logs);
        if (double.IsNegativeInfinity(largest))
        {
            return new Estimate(double.NegativeInfinity, double.PositiveInfinity, logs.Length, rounding);
        }

        var sum = default(CompensatedSum);
        foreach (var log in logs)
        {
            sum.Add(Math.Exp(log - largest));
        }

        var mean = sum.Value / logs.Length;
        var squares = default(CompensatedSum);
        foreach (var log in logs)
        {
            var deviation = Math.Exp(log - largest) - mean;
            squares.Add(deviation * deviation);
        }

        var logOfMean = largest + Math.Log(mean);
        return new Estimate(
            logOfMean, ErrorOfMean(squares.Value, logs.Length) / mean, logs.Length, rounding + RoundingOfLog(logOfMean));
    }

    /// <summary>E z^2/(E z)^2 - 1 from the logs of replicate means of z and of z^2, with the delta method's error.</summary>
    public static Estimate RelativeVariance(ReadOnlySpan<double> logFirst, ReadOnlySpan<double> logSecond, double rounding)
    {
        var logRatio = LogOfRatio(logSecond, 1, logFirst, 2, 2 * rounding, rounding);
        if (double.IsPositiveInfinity(logRatio.StandardError))
        {
            return new Estimate(0, double.PositiveInfinity, logFirst.Length);
        }

        var ratio = Math.Exp(logRatio.Mean);
        return new Estimate(
            ElementaryFunctions.Expm1(logRatio.Mean), ratio * logRatio.StandardError, logRatio.Count, ratio * logRatio.Rounding);
    }

    /// <summary>
    /// log( (E x)^a / (E y)^b ) from the logs of replicate means of x and of y, with the delta method's error.
    /// </summary>
    public static Estimate LogOfRatio(
        ReadOnlySpan<double> logX, double a, ReadOnlySpan<double> logY, double b, double roundingX, double roundingY)
    {
        var (x, y) = (LogOfMean(logX, roundingX), LogOfMean(logY, roundingY));
        if (double.IsNegativeInfinity(x.Mean) || double.IsNegativeInfinity(y.Mean))
        {
            return new Estimate(double.NegativeInfinity, double.PositiveInfinity, logX.Length);
        }

        // d log ratio = a dx/x - b dy/y: its replicate values have mean a - b
        var squares = default(CompensatedSum);
        for (var i = 0; i < logX.Length; i++)
        {
            var deviation = a * Math.Exp(logX[i] - x.Mean) - b * Math.Exp(logY[i] - y.Mean) - (a - b);
            squares.Add(deviation * deviation);
        }

        return new Estimate(
            a * x.Mean - b * y.Mean,
            ErrorOfMean(squares.Value, logX.Length),
            logX.Length,
            Math.Abs(a) * x.Rounding + Math.Abs(b) * y.Rounding);
    }

    /// <summary>The mean over all alive signals, sum of sums over sum of counts, with the error of a ratio estimate.</summary>
    public static Estimate MeanOverAlive(ReadOnlySpan<double> sums, ReadOnlySpan<int> alive, double rounding)
    {
        var total = default(CompensatedSum);
        long count = 0;
        for (var i = 0; i < sums.Length; i++)
        {
            total.Add(sums[i]);
            count += alive[i];
        }

        if (count == 0)
        {
            return new Estimate(double.NegativeInfinity, double.PositiveInfinity, sums.Length, rounding);
        }

        var mean = total.Value / count;
        var squares = default(CompensatedSum);
        for (var i = 0; i < sums.Length; i++)
        {
            var deviation = sums[i] - mean * alive[i];
            squares.Add(deviation * deviation);
        }

        var perReplicate = (double)count / sums.Length;
        return new Estimate(mean, ErrorOfMean(squares.Value, sums.Length) / perReplicate, sums.Length, rounding + RoundingOfLog(mean));
    }

    /// <summary>The mean share of alive inputs; its error is at least 1/replicates.</summary>
    public static Estimate AliveShare(ReadOnlySpan<int> alive, int inputs, out long dead)
    {
        long total = 0;
        foreach (var count in alive)
        {
            total += count;
        }

        dead = (long)alive.Length * inputs - total;
        var mean = total / ((double)alive.Length * inputs);
        var squares = default(CompensatedSum);
        foreach (var count in alive)
        {
            var deviation = (double)count / inputs - mean;
            squares.Add(deviation * deviation);
        }

        return new Estimate(mean, Math.Max(ErrorOfMean(squares.Value, alive.Length), 1.0 / alive.Length), alive.Length);
    }

    /// <summary>
    /// Rounding of log ||x_l||^2: 2 eps a layer. The errors of inner products average out over a column, but the rounding of the scale
    /// s1 to T is of one sign in every layer, so that the sum grows with depth, not with its root.
    /// </summary>
    public static double RoundingOf<T>(int layers)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        2 * layers * (typeof(T) == typeof(float) ? Math.ScaleB(1, -23) : Math.ScaleB(1, -52));

    /// <summary>log of the mean of exp(scale logs).</summary>
    public static double LogMeanExp(ReadOnlySpan<double> logs, double scale)
    {
        var largest = Largest(logs);
        if (double.IsNegativeInfinity(largest))
        {
            return largest;
        }

        var sum = 0.0;
        foreach (var log in logs)
        {
            sum += Math.Exp(scale * (log - largest));
        }

        return scale * largest + Math.Log(sum / logs.Length);
    }

    /// <summary>A logarithm is itself a double: an ulp or two of it are lost in sums, however exact the signals.</summary>
    private static double RoundingOfLog(double log) => 2 * Math.ScaleB(1, -52) * Math.Abs(log);

    private static double ErrorOfMean(double sumOfSquares, int count) => Math.Sqrt(sumOfSquares / (count - 1.0) / count);

    private static double Largest(ReadOnlySpan<double> values)
    {
        var largest = double.NegativeInfinity;
        foreach (var value in values)
        {
            largest = Math.Max(largest, value);
        }

        return largest;
    }
}
