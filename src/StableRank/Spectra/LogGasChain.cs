using System.Numerics;
using System.Runtime.InteropServices;
using StableRank.Randomness;

namespace StableRank.Spectra;

/// <summary>
/// A Markov chain whose invariant law is exactly (3.1): y_1 = 1 and 0 &lt; y_2, ..., y_k &lt; 1 of a prescribed sum, with density
/// proportional to prod y_i^alpha prod_i (1 - y_i) prod_{i &lt; j} |y_i - y_j|, i and j from 2 on, alpha = (|m - n| - 1)/2.
/// </summary>
/// <remarks>
/// The state is kept in increasing order: by symmetry the law restricted to that chamber says everything, and on the chamber every line
/// meets the support in one interval. A move picks a direction d with sum d = 0, whose choice does not depend on the state, and
/// draws along that chord by slice sampling with shrinkage (Neal 2003) from the whole chord, which leaves the law invariant without any
/// step size. Two kinds of direction share the work. Pairs, e_i - e_j, at O(k) a move, let each particle find its place between its
/// neighbours. Collective directions, sin(theta) sin(j theta) at the reference positions theta, at O(k^2) a move, relax the long waves,
/// which pairs alone move at a rate of 1/k a sweep.
/// </remarks>
internal sealed class LogGasChain
{
    private const int EdgeParticles = 4;
    private const int EdgeMoves = 4;

    private readonly double[] _y;
    private readonly double _alpha;
    private readonly double[][] _modes;
    private readonly double[] _others;
    private readonly double[] _inverse;
    private readonly RandomStream _stream;

    /// <param name="start">The state to start at: strictly increasing in (0, 1); its sum is kept.</param>
    /// <param name="reference">Positions, increasing, that shape the collective directions; they never change.</param>
    /// <param name="alpha">The exponent of y, greater than -1.</param>
    /// <param name="modes">How many collective directions a sweep has.</param>
    /// <param name="stream">The chain's own stream.</param>
    public LogGasChain(ReadOnlySpan<double> start, ReadOnlySpan<double> reference, double alpha, int modes, RandomStream stream)
    {
        _y = start.ToArray();
        _alpha = alpha;
        _modes = CollectiveDirections(reference, modes);
        _others = new double[_y.Length];
        _inverse = new double[_y.Length];
        _stream = stream;
    }

    /// <summary>The state: y_2, ..., y_k in increasing order.</summary>
    public ReadOnlySpan<double> State => _y;

    /// <summary>Evaluations of the density so far, and moves: their ratio is the price of a move.</summary>
    public long Evaluations { get; private set; }

    /// <summary>Moves so far; a slice move always ends in a point of the slice, so none is rejected.</summary>
    public long Moves { get; private set; }

    /// <summary>Moves that the floating-point grid left where they were.</summary>
    public long Idle { get; private set; }

    /// <summary>One sweep: as many pair moves as there are particles, and every collective direction once.</summary>
    public void Sweep()
    {
        int n = _y.Length;
        if (n < 2)
        {
            return;
        }

        for (int move = 0; move < n; move++)
        {
            int i = _stream.NextInt32(n);
            int j = _stream.NextInt32(n - 1);
            MovePair(i, j < i ? j : j + 1);
        }

        int edge = Math.Min(EdgeParticles, n);
        for (int move = 0; move < EdgeMoves * edge; move++)
        {
            int i = move % edge;
            int j = _stream.NextInt32(n - 1);
            MovePair(i, j < i ? j : j + 1);
            i = n - 1 - i;
            j = _stream.NextInt32(n - 1);
            MovePair(i, j < i ? j : j + 1);
        }

        foreach (double[] direction in _modes)
        {
            MoveAlong(direction);
        }
    }

    private static double[][] CollectiveDirections(ReadOnlySpan<double> reference, int count)
    {
        int n = reference.Length;
        if (n < 3 || count == 0)
        {
            return [];
        }

        // cos(j theta) over the reference's range, times squared distances to the walls 0 and 1: a particle that has come closer to a wall
        // than its reference, as those at a hard edge do, must not cut the chord short.
        double half = Math.Max(0.5 * (reference[^1] - reference[0]), double.Epsilon);
        double middle = 0.5 * (reference[^1] + reference[0]);
        double[] theta = new double[n];
        double[] first = new double[n];
        double firstSum = 0;
        for (int i = 0; i < n; i++)
        {
            double weight = reference[i] * (1 - reference[i]);
            theta[i] = Math.Acos(Math.Clamp((reference[i] - middle) / half, -1, 1));
            first[i] = weight * weight;
            firstSum += first[i];
        }

        double[][] directions = new double[Math.Min(count, n - 2)][];
        for (int mode = 0; mode < directions.Length; mode++)
        {
            double[] direction = directions[mode] = new double[n];
            double sum = 0;
            for (int i = 0; i < n; i++)
            {
                direction[i] = first[i] * Math.Cos((mode + 1) * theta[i]);
                sum += direction[i];
            }

            for (int i = 0; i < n; i++)
            {
                direction[i] -= sum / firstSum * first[i];
            }
        }

        return directions;
    }

    /// <summary>y_i + d and y_j - d, d along the whole interval that keeps the order.</summary>
    private void MovePair(int i, int j)
    {
        if (i > j)
        {
            (i, j) = (j, i);
        }

        double[] y = _y;
        int last = y.Length - 1;
        double yi = y[i];
        double yj = y[j];
        double low = -(yi - (i == 0 ? 0 : y[i - 1]));
        double high = yj - (j == 0 ? 0 : y[j - 1]);
        low = Math.Max(low, -((j == last ? 1 : y[j + 1]) - yj));
        high = j == i + 1 ? 0.5 * (yj - yi) : Math.Min(high, y[i + 1] - yi);

        int others = 0;
        for (int l = 0; l < y.Length; l++)
        {
            if (l != i && l != j)
            {
                _others[others++] = y[l];
            }
        }

        Span<double> rest = _others.AsSpan(0, others);
        Span<double> inverse = _inverse.AsSpan(0, others);
        FillInverses(rest, yi, yj, inverse);

        double slice = _stream.NextDouble();
        while (true)
        {
            double d = low + ((high - low) * _stream.NextDouble());
            double a = yi + d;
            double b = yj - d;
            if (a == yi || b == yj)
            {
                Idle++;
                break;
            }

            Evaluations++;
            double ratio = (1 - a) * (1 - b) / ((1 - yi) * (1 - yj)) * ((b - a) / (yj - yi)) * ProductOfDifferences(rest, a, b, inverse);
            if (_alpha != 0)
            {
                ratio *= Math.Pow(a * b / (yi * yj), _alpha);
            }

            if (ratio > slice)
            {
                y[i] = a;
                y[j] = b;
                break;
            }

            if (d < 0)
            {
                low = d;
            }
            else
            {
                high = d;
            }
        }

        Moves++;
    }

    /// <summary>y + e d, e along the whole interval that keeps the order and the walls.</summary>
    private void MoveAlong(double[] direction)
    {
        double[] y = _y;
        double low = double.NegativeInfinity;
        double high = double.PositiveInfinity;
        Narrow(y[0], direction[0], ref low, ref high);
        Narrow(1 - y[^1], -direction[^1], ref low, ref high);
        for (int i = 1; i < y.Length; i++)
        {
            Narrow(y[i] - y[i - 1], direction[i] - direction[i - 1], ref low, ref high);
        }

        double slice = Math.Log(1 - _stream.NextDouble());
        while (true)
        {
            double e = low + ((high - low) * _stream.NextDouble());
            Evaluations++;
            if (LogRatioAlong(direction, e) > slice)
            {
                for (int i = 0; i < y.Length; i++)
                {
                    y[i] += e * direction[i];
                }

                break;
            }

            if (high - low <= 1e-15 * Math.Abs(e) || high - low == 0)
            {
                Idle++;
                break;
            }

            if (e < 0)
            {
                low = e;
            }
            else
            {
                high = e;
            }
        }

        Moves++;
    }

    /// <summary>gap + e slope stays positive.</summary>
    private static void Narrow(double gap, double slope, ref double low, ref double high)
    {
        if (slope > 0)
        {
            low = Math.Max(low, -gap / slope);
        }
        else if (slope < 0)
        {
            high = Math.Min(high, -gap / slope);
        }
    }

    private double LogRatioAlong(double[] direction, double e)
    {
        double[] y = _y;
        double log = 0;
        for (int i = 0; i < y.Length; i++)
        {
            double moved = e * direction[i];
            if (y[i] + moved <= 0 || y[i] + moved >= 1)
            {
                return double.NegativeInfinity;
            }

            double product = RowProduct(y.AsSpan(i + 1), direction.AsSpan(i + 1), y[i], direction[i], e);
            log += Math.Log(product * (1 - (moved / (1 - y[i])))) + (_alpha == 0 ? 0 : _alpha * Math.Log(1 + (moved / y[i])));
        }

        return double.IsNaN(log) ? double.NegativeInfinity : log;
    }

    /// <summary>inverse_l = 1/((a - y_l)(b - y_l)).</summary>
    private static void FillInverses(ReadOnlySpan<double> y, double a, double b, Span<double> inverse)
    {
        ref double source = ref MemoryMarshal.GetReference(y);
        ref double target = ref MemoryMarshal.GetReference(inverse);
        int l = 0;
        Vector<double> va = new(a);
        Vector<double> vb = new(b);
        for (; l <= y.Length - Vector<double>.Count; l += Vector<double>.Count)
        {
            Vector<double> v = Vector.LoadUnsafe(ref source, (nuint)l);
            (Vector<double>.One / ((va - v) * (vb - v))).StoreUnsafe(ref target, (nuint)l);
        }

        for (; l < y.Length; l++)
        {
            inverse[l] = 1 / ((a - y[l]) * (b - y[l]));
        }
    }

    /// <summary>prod_l (a - y_l)(b - y_l) inverse_l; two running products, because the multiplications wait for each other.</summary>
    private static double ProductOfDifferences(ReadOnlySpan<double> y, double a, double b, ReadOnlySpan<double> inverse)
    {
        ref double source = ref MemoryMarshal.GetReference(y);
        ref double weights = ref MemoryMarshal.GetReference(inverse);
        int step = Vector<double>.Count;
        int l = 0;
        Vector<double> va = new(a);
        Vector<double> vb = new(b);
        Vector<double> even = Vector<double>.One;
        Vector<double> odd = Vector<double>.One;
        for (; l <= y.Length - (2 * step); l += 2 * step)
        {
            Vector<double> v = Vector.LoadUnsafe(ref source, (nuint)l);
            Vector<double> w = Vector.LoadUnsafe(ref source, (nuint)(l + step));
            even *= (va - v) * (vb - v) * Vector.LoadUnsafe(ref weights, (nuint)l);
            odd *= (va - w) * (vb - w) * Vector.LoadUnsafe(ref weights, (nuint)(l + step));
        }

        even *= odd;
        double product = 1;
        for (int lane = 0; lane < step; lane++)
        {
            product *= even[lane];
        }

        for (; l < y.Length; l++)
        {
            product *= (a - y[l]) * (b - y[l]) * inverse[l];
        }

        return product;
    }

    /// <summary>prod_l (1 + e (d - d_l)/(x - y_l)).</summary>
    private static double RowProduct(ReadOnlySpan<double> y, ReadOnlySpan<double> d, double x, double dx, double e)
    {
        ref double positions = ref MemoryMarshal.GetReference(y);
        ref double slopes = ref MemoryMarshal.GetReference(d);
        int l = 0;
        Vector<double> vx = new(x);
        Vector<double> vd = new(dx);
        Vector<double> ve = new(e);
        Vector<double> running = Vector<double>.One;
        for (; l <= y.Length - Vector<double>.Count; l += Vector<double>.Count)
        {
            Vector<double> gap = vx - Vector.LoadUnsafe(ref positions, (nuint)l);
            Vector<double> change = ve * (vd - Vector.LoadUnsafe(ref slopes, (nuint)l));
            running *= Vector<double>.One + (change / gap);
        }

        double product = 1;
        for (int lane = 0; lane < Vector<double>.Count; lane++)
        {
            product *= running[lane];
        }

        for (; l < y.Length; l++)
        {
            product *= 1 + (e * (dx - d[l]) / (x - y[l]));
        }

        return product;
    }
}
