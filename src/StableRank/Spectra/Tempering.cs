namespace StableRank.Spectra;

/// <summary>
/// Solves sum_i exp(-theta l_i) = r for theta, where 0 = l_1 &lt;= l_2 &lt;= ... are levels, and gives the singular values
/// s_i = exp(-theta l_i / 2). A power law (l_i = log i), an exponential (l_i = i - 1) and any tempered base (l_i = log(b_1 / b_i)) are
/// this one problem.
/// </summary>
/// <remarks>
/// <para>Let m values have level 0 and N a finite level above it; the others are infinite and their s_i zero. With r' = r - m, write
/// Lambda(theta) = -log( (1/N) sum exp(-theta l_i) ) over the N: concave, increasing, 0 at 0. The equation is Lambda = log(N / r').
/// It is solved as log Lambda against log theta, in which it is straight at both edges: Lambda ~ theta mean(l) near r = m + N, and
/// ~ theta min(l) near r = m. Lambda is summed as 1 - exp(...) where that is the smaller part, so no digit is lost at either.</para>
/// <para>Newton's step in these variables, halving where it leaves the bracket. The bracket is Jensen's and the crudest:
/// log(N/r') / mean(l) &lt;= theta &lt;= log(N/r') / min(l).</para>
/// </remarks>
internal static class Tempering
{
    private const int MaxSteps = 200;       // halving alone closes the widest bracket, 46 in log theta, to an ulp in some 60
    private const double ConvergedStep = 1.0 / (1 << 28);       // Newton's error is the square of its step; the correction takes the rest

    /// <summary>l_i = log(b_1 / b_i), infinite for zeros.</summary>
    internal static double[] Levels(ReadOnlySpan<double> ordered)
    {
        var levels = new double[ordered.Length];
        for (int i = 0; i < levels.Length; i++)
        {
            levels[i] = ordered[i] == ordered[0] ? 0 : -ElementaryFunctions.LogRatio(ordered[i], ordered[0]);
        }

        return levels;
    }

    /// <summary>How many levels are 0.</summary>
    internal static int TopCount(ReadOnlySpan<double> levels)
    {
        int count = levels.IndexOfAnyExcept(0.0);
        return count < 0 ? levels.Length : count;
    }

    /// <summary>How many levels are finite.</summary>
    internal static int NonzeroCount(ReadOnlySpan<double> levels)
    {
        int count = levels.IndexOf(double.PositiveInfinity);
        return count < 0 ? levels.Length : count;
    }

    /// <summary>The spectrum of stable rank r.</summary>
    /// <param name="levels">Non-decreasing, the first 0.</param>
    /// <param name="stableRank">Between <see cref="TopCount"/> and <see cref="NonzeroCount"/>, both included.</param>
    internal static Spectrum Solve(ReadOnlySpan<double> levels, double stableRank)
    {
        int top = TopCount(levels);
        int nonzero = NonzeroCount(levels);
        var values = new double[levels.Length];
        if (stableRank == top || stableRank == nonzero)
        {
            values.AsSpan(0, (int)stableRank).Fill(1);
            return Spectrum.FromOrdered(values);
        }

        double theta = Exponent(levels[top..nonzero], stableRank - top, nonzero - stableRank);
        values.AsSpan(0, top).Fill(1);
        for (int i = top; i < nonzero; i++)
        {
            values[i] = Math.Exp(-0.5 * theta * levels[i]);
        }

        ResidualCorrection.Apply(values, top, stableRank);
        return Spectrum.FromOrdered(values);
    }

    /// <summary>theta with sum exp(-theta l) = kept and, to the same digits, sum (1 - exp(-theta l)) = lost.</summary>
    private static double Exponent(ReadOnlySpan<double> levels, double kept, double lost)
    {
        int count = levels.Length;
        double target = kept < lost ? Math.Log(count / kept) : -ElementaryFunctions.Log1p(-lost / count);
        double mean = 0;
        foreach (double level in levels)
        {
            mean += level / count;
        }

        double low = target / mean;
        double high = target / levels[0];
        double theta = low;
        for (int step = 0; step < MaxSteps; step++)
        {
            (double lambda, double slope) = Evaluate(levels, theta);
            if (lambda < target)
            {
                low = Math.Max(low, theta);
            }
            else
            {
                high = Math.Min(high, theta);
            }

            // d log Lambda / d log theta = theta Lambda' / Lambda
            double change = Math.Log(target / lambda) * lambda / (theta * slope);
            double next = theta * Math.Exp(change);
            if (Math.Abs(change) <= ConvergedStep)
            {
                return next;
            }

            if (!(next > low && next < high))
            {
                next = Math.Sqrt(low) * Math.Sqrt(high);
            }

            if (next <= low || next >= high)
            {
                return next;
            }

            theta = next;
        }

        return theta;
    }

    /// <summary>Lambda(theta) and its derivative, the mean of l under the weights exp(-theta l).</summary>
    private static (double Lambda, double Slope) Evaluate(ReadOnlySpan<double> levels, double theta)
    {
        double kept = 0, lost = 0, moment = 0;
        foreach (double level in levels)
        {
            double exponent = -theta * level;
            double weight, complement;
            if (exponent < -0.5)
            {
                weight = Math.Exp(exponent);
                complement = 1 - weight;
            }
            else
            {
                complement = -ElementaryFunctions.Expm1(exponent);
                weight = 1 - complement;
            }

            kept += weight;
            lost += complement;
            moment += level * weight;
        }

        double lambda = kept < lost ? Math.Log(levels.Length / kept) : -ElementaryFunctions.Log1p(-lost / levels.Length);
        return (lambda, moment / kept);
    }
}
