using StableRank.LinearAlgebra;

namespace StableRank.Spectra;

/// <summary>
/// The large-size limit of the law of (y_2, ..., y_k), y_i = (s_i/s_1)^2, of a Gaussian m x n matrix given its stable rank r, theory (3.3):
/// the density on (0, 1) that minimises the log-gas energy of (3.1) with its mean fixed at (r - 1)/(k - 1).
/// </summary>
/// <remarks>
/// Square shapes have it in closed form, in the phases of (3.3) with f = (r - 1)/(k - 1) in the place of r/k, so that the mean is met at
/// every k. With y = b sin^2 phi (b = 4 f; pulled), y = sin^2 phi (squeezed) or 1 - y = (1 - A) sin^2 phi (A = 4 f - 3; gapped) the
/// distribution functions are (2/pi)(phi + sin(2 phi)/2), (2/pi)(phi + (v/4) sin 2 phi) with v = 4 - 8 f, and that of the first seen from
/// the top. Rectangles are solved as N charges: Newton's method on -sum_{i &lt; j} log|y_i - y_j| - p sum log y_i - q sum log(1 - y_i), a
/// convex energy, on the plane of their sum. The constants p = N|m - n|/(2k) + 1/4 and q = 1/4 make the minimisers the midpoint quantiles
/// (i - 1/2)/N at a hard edge, as Chebyshev's nodes are those of the arcsine law; they are off by O(1/N) elsewhere.
/// </remarks>
public sealed class GaussianConditionedLimit
{
    private const int MaximalNodes = 400;
    private const int MaximalSteps = 100;
    private const double Converged = 1e-6;      // Newton's error after the step is of the order of its square

    private readonly double _mean;
    private readonly double[]? _nodes;

    /// <summary>The limit law for that shape and stable rank.</summary>
    /// <param name="rows">m, at least 2.</param>
    /// <param name="columns">n, at least 2.</param>
    /// <param name="stableRank">r, strictly between 1 and k = min(m, n).</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 2, or r is not inside (1, k).</exception>
    public GaussianConditionedLimit(int rows, int columns, double stableRank)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 2);
        int k = Math.Min(rows, columns);
        if (!(stableRank > 1 && stableRank < k))
        {
            throw new ArgumentOutOfRangeException(
                nameof(stableRank),
                stableRank,
                $"The limit law exists for stable ranks strictly between 1 and {k} in a {rows} x {columns} matrix.");
        }

        Rows = rows;
        Columns = columns;
        StableRank = stableRank;
        _mean = (stableRank - 1) / (k - 1);
        if (rows == columns)
        {
            Phase = _mean < 0.25 ? ConditionedPhase.Pulled : _mean <= 0.75 ? ConditionedPhase.Squeezed : ConditionedPhase.Gapped;
            LowerEdge = Phase == ConditionedPhase.Gapped ? (4 * _mean) - 3 : 0;
            UpperEdge = Phase == ConditionedPhase.Pulled ? 4 * _mean : 1;
            double f = _mean;
            Force = (k - 1) * (Phase switch
            {
                ConditionedPhase.Pulled => 1 / (2 * f),
                ConditionedPhase.Squeezed => 4 - (8 * f),
                _ => -1 / (2 * (1 - f)),
            });
        }
        else
        {
            (_nodes, Force) = Equilibrium(k);
            Phase = stableRank < GaussianStableRank.Typical(rows, columns) ? ConditionedPhase.Pulled : ConditionedPhase.Gapped;
            LowerEdge = _nodes[0];
            UpperEdge = Phase == ConditionedPhase.Pulled ? _nodes[^1] : 1;
        }
    }

    /// <summary>m.</summary>
    public int Rows { get; }

    /// <summary>n.</summary>
    public int Columns { get; }

    /// <summary>r.</summary>
    public double StableRank { get; }

    /// <summary>The phase of (3.3).</summary>
    public ConditionedPhase Phase { get; }

    /// <summary>Where the bulk begins: exact for squares, the least of the charges for rectangles.</summary>
    public double LowerEdge { get; }

    /// <summary>Where the bulk ends: exact for squares and at the wall, the greatest of the charges for pulled rectangles.</summary>
    public double UpperEdge { get; }

    /// <summary>d log Z/dr, Z the integral of (3.1) over the slice of sum r - 1, in the limit: the force that holds the sum.</summary>
    public double Force { get; }

    /// <summary>The density of the limit law at y, for square shapes.</summary>
    /// <returns>0 outside the support; infinite at a hard edge.</returns>
    /// <exception cref="InvalidOperationException">The shape is not square: rectangles have quantiles only.</exception>
    public double Density(double y)
    {
        if (_nodes is not null)
        {
            throw new InvalidOperationException(
                $"The limit density is in closed form for square shapes only; this one is {Rows} x {Columns}.");
        }

        if (!(y >= LowerEdge && y <= UpperEdge))
        {
            return 0;
        }

        double v = 4 - (8 * _mean);
        return Phase switch
        {
            ConditionedPhase.Pulled => 2 / (Math.PI * UpperEdge) * Math.Sqrt((UpperEdge - y) / y),
            ConditionedPhase.Squeezed => (1 + (v / 2) - (v * y)) / (Math.PI * Math.Sqrt(y * (1 - y))),
            _ => 2 / (Math.PI * (1 - LowerEdge)) * Math.Sqrt((y - LowerEdge) / (1 - y)),
        };
    }

    /// <summary>The distribution function of the limit law.</summary>
    public double CumulativeProbability(double y)
    {
        if (!(y > LowerEdge))
        {
            return double.IsNaN(y) ? double.NaN : 0;
        }

        if (y >= UpperEdge)
        {
            return 1;
        }

        if (_nodes is not null)
        {
            int above = Array.BinarySearch(_nodes, y);
            above = above < 0 ? ~above : above;
            double left = above == 0 ? LowerEdge : _nodes[above - 1];
            double right = above == _nodes.Length ? UpperEdge : _nodes[above];
            double inside = right > left ? (y - left) / (right - left) : 0;
            return Math.Clamp((above - 0.5 + inside) / _nodes.Length, 0, 1);
        }

        return Phase switch
        {
            ConditionedPhase.Pulled => AngleProbability(Math.Asin(Math.Sqrt(y / UpperEdge)), 2),
            ConditionedPhase.Squeezed => AngleProbability(Math.Asin(Math.Sqrt(y)), 4 - (8 * _mean)),
            _ => 1 - AngleProbability(Math.Asin(Math.Sqrt((1 - y) / (1 - LowerEdge))), 2),
        };
    }

    /// <summary>The quantiles at (i - 1/2)/count for i = 1 to count, in increasing order, all strictly inside (0, 1).</summary>
    /// <param name="count">At least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is below 1.</exception>
    public double[] Quantiles(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        double[] quantiles = new double[count];
        for (int i = 0; i < count; i++)
        {
            double u = (i + 0.5) / count;
            quantiles[i] = _nodes is not null ? Interpolated(u) : Phase switch
            {
                ConditionedPhase.Pulled => UpperEdge * SineSquared(Angle(u, 2)),
                ConditionedPhase.Squeezed => SineSquared(Angle(u, 4 - (8 * _mean))),
                _ => 1 - ((1 - LowerEdge) * SineSquared(Angle(1 - u, 2))),
            };
        }

        return quantiles;
    }

    private static double SineSquared(double angle) => Math.Sin(angle) * Math.Sin(angle);

    /// <summary>(2/pi)(phi + (v/4) sin 2 phi), |v| &lt;= 2.</summary>
    private static double AngleProbability(double phi, double v) => 2 / Math.PI * (phi + (v / 4 * Math.Sin(2 * phi)));

    /// <summary>Its inverse by halving: fifty steps of a function that costs nothing.</summary>
    private static double Angle(double probability, double v)
    {
        double low = 0;
        double high = 0.5 * Math.PI;
        for (int step = 0; step < 54; step++)
        {
            double middle = 0.5 * (low + high);
            (low, high) = AngleProbability(middle, v) < probability ? (middle, high) : (low, middle);
        }

        return 0.5 * (low + high);
    }

    /// <summary>Between the nodes, which are the quantiles at (i + 1/2)/N; linear, and towards the edges of the support outside
    /// them.</summary>
    private double Interpolated(double probability)
    {
        double position = (probability * _nodes!.Length) - 0.5;
        int below = (int)Math.Floor(position);
        if (below < 0)
        {
            return _nodes[0];
        }

        return below + 1 >= _nodes.Length
            ? _nodes[^1]
            : _nodes[below] + ((position - below) * (_nodes[below + 1] - _nodes[below]));
    }

    /// <summary>The charges, and the multiplier of the sum in the units of d log Z/dr.</summary>
    private (double[] Nodes, double Slope) Equilibrium(int k)
    {
        int count = Math.Min(k - 1, MaximalNodes);
        double ratio = (double)count / (k - 1);
        double atZero = (0.5 * Math.Abs(Rows - Columns) * ratio) + 0.25;
        const double AtOne = 0.25;

        // Chebyshev's nodes on the interval that has the mean for its middle and one end at a wall
        double width = 2 * Math.Min(_mean, 1 - _mean);
        double[] y = new double[count];
        for (int i = 0; i < count; i++)
        {
            y[i] = _mean + (width * (SineSquared(0.5 * Math.PI * (i + 0.5) / count) - 0.5));
        }

        double[] direction = new double[count];
        double multiplier = 0;
        for (int step = 0; step < MaximalSteps; step++)
        {
            (double decrement, multiplier) = NewtonDirection(y, atZero, AtOne, direction);

            Advance(y, direction, atZero, AtOne);
            if (decrement < Converged)
            {
                // count charges carry the forces of k - 1
                return (y, multiplier / ratio);
            }
        }

        throw new ArithmeticException(
            $"The equilibrium of {count} charges for {Rows} x {Columns} and stable rank {StableRank} was not reached "
            + $"in {MaximalSteps} steps.");
    }

    /// <summary>
    /// Newton's direction in the plane of the sum, by the Cholesky factors of the Hessian; its decrement, and the multiplier: minus the
    /// energy's gradient, which at the minimum is the same for all charges.
    /// </summary>
    private static (double Decrement, double Multiplier) NewtonDirection(double[] y, double atZero, double atOne, double[] direction)
    {
        int n = y.Length;
        double[] hessian = new double[n * n];
        double[] right = new double[2 * n];
        for (int i = 0; i < n; i++)
        {
            double gradient = (-atZero / y[i]) + (atOne / (1 - y[i]));
            double diagonal = (atZero / (y[i] * y[i])) + (atOne / ((1 - y[i]) * (1 - y[i])));
            for (int j = 0; j < n; j++)
            {
                if (j != i)
                {
                    double inverse = 1 / (y[i] - y[j]);
                    gradient -= inverse;
                    diagonal += inverse * inverse;
                    hessian[i + (j * n)] = -inverse * inverse;
                }
            }

            hessian[i + (i * n)] = diagonal;
            right[i] = -gradient;
            right[n + i] = 1;
        }

        var solution = CholeskySolver<double>.Factor(MatrixOf(n, n, hessian)).Solve(MatrixOf(n, 2, right));
        double[] columns = solution.AsColumnMajorArray() ?? solution.ToColumnMajorArray();
        double free = 0;
        double ones = 0;
        for (int i = 0; i < n; i++)
        {
            free += columns[i];
            ones += columns[n + i];
        }

        double multiplier = free / ones;
        double decrement = 0;
        for (int i = 0; i < n; i++)
        {
            direction[i] = columns[i] - (multiplier * columns[n + i]);
            decrement += direction[i] * right[i];
        }

        return (Math.Sqrt(Math.Max(decrement, 0)), multiplier);
    }

    /// <summary>
    /// The whole step where it keeps order and walls and the energy still falls at its end, else a shorter one: a convex function that
    /// still falls at the end of a step has fallen all along it.
    /// </summary>
    private static void Advance(double[] y, double[] direction, double atZero, double atOne)
    {
        const double Inside = 0.9;
        int n = y.Length;
        double length = 1;
        for (int i = 0; i <= n; i++)
        {
            double gap = (i < n ? y[i] : 1) - (i > 0 ? y[i - 1] : 0);
            double closing = (i > 0 ? direction[i - 1] : 0) - (i < n ? direction[i] : 0);
            if (closing > 0)
            {
                length = Math.Min(length, Inside * gap / closing);
            }
        }

        double[] moved = new double[n];
        for (int halving = 0; halving < 60; halving++, length *= 0.5)
        {
            double slope = 0;
            for (int i = 0; i < n; i++)
            {
                moved[i] = y[i] + (length * direction[i]);
            }

            for (int i = 0; i < n; i++)
            {
                slope += Gradient(moved, i, atZero, atOne) * direction[i];
            }

            if (slope <= 0 || halving == 59)
            {
                break;
            }
        }

        moved.CopyTo(y, 0);
    }

    /// <summary>The energy's derivative by y_i.</summary>
    private static double Gradient(double[] y, int i, double atZero, double atOne)
    {
        double gradient = (-atZero / y[i]) + (atOne / (1 - y[i]));
        for (int j = 0; j < y.Length; j++)
        {
            gradient -= j == i ? 0 : 1 / (y[i] - y[j]);
        }

        return gradient;
    }

    private static MathNet.Numerics.LinearAlgebra.Matrix<double> MatrixOf(int rows, int columns, double[] values) =>
        MathNet.Numerics.LinearAlgebra.Matrix<double>.Build.Dense(rows, columns, values);
}
