namespace StableRank.Tests.Networks;

/// <summary>Gradients against central differences of fourth order, (8 (f(h) - f(-h)) - (f(2h) - f(-2h)))/(12 h).</summary>
internal static class GradientCheck
{
    /// <summary>
    /// The step h. The difference errs by h^4 f^(5)/30, below 1e-16 in these networks, and by rounding of about 2 eps |f|/h = 4e-12 |f|.
    /// </summary>
    public const double Step = 1e-4;

    /// <summary>What every gradient here is held to, relative to the largest entry of its array.</summary>
    public const double Tolerance = 1e-7;

    // below this part of the loss, rounding of the difference (4e-12 |f|) reaches the tolerance: smaller gradients count as this large
    private const double Floor = 1e-4;

    /// <summary>
    /// The largest difference between an entry of a gradient and its central difference, relative to the largest entry of its array.
    /// </summary>
    /// <param name="parts">Arrays that the loss depends on, each with its gradient.</param>
    /// <param name="loss">The loss at the present values of the arrays.</param>
    public static double WorstError(IEnumerable<(double[] Values, double[] Gradient)> parts, Func<double> loss)
    {
        var smallest = Floor * Math.Abs(loss());
        var worst = 0.0;
        foreach (var (values, gradient) in parts)
        {
            var differences = values.Select((_, i) => Difference(values, i, loss)).ToArray();
            var scale = Math.Max(smallest, differences.Max(Math.Abs));
            for (var i = 0; i < values.Length; i++)
            {
                var error = gradient[i] == differences[i] ? 0 : Math.Abs(gradient[i] - differences[i]) / scale;
                worst = error <= worst ? worst : error;
                if (double.IsNaN(error))
                {
                    return double.NaN;
                }
            }
        }

        return worst;
    }

    private static double Difference(double[] values, int i, Func<double> loss)
    {
        var kept = values[i];
        double At(double step)
        {
            values[i] = kept + step;
            return loss();
        }

        var near = At(Step) - At(-Step);
        var far = At(2 * Step) - At(-2 * Step);
        values[i] = kept;
        return ((8 * near) - far) / (12 * Step);
    }
}
