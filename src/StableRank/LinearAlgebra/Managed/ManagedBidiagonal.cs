using System.Numerics.Tensors;

namespace StableRank.LinearAlgebra.Managed;

/// <summary>
/// Singular values of a square matrix in double, without vectors: Householder reduction to upper bidiagonal form (Golub and Kahan 1965),
/// then implicit QR sweeps with the shift of the trailing block, or the zero-shift sweeps of Demmel and Kahan (1990) where a
/// shift would be lost in rounding. Absolute errors are of the order of eps times the largest value.
/// </summary>
internal static unsafe class ManagedBidiagonal
{
    /// <summary>Trailing blocks smaller than this stay on one thread; the results are the same either way.</summary>
    private const int ParallelOrder = 192;

    private const double Rounding = 1.1102230246251565e-16;

    /// <summary>Reduces a (packed n x n, destroyed) to the diagonal d and the superdiagonal e (n - 1 elements).</summary>
    public static void Reduce(int threads, int n, double* a, double* d, double* e)
    {
        using Rented<double> rowVector = new(n), product = new(n);
        rowVector.Span.Clear();
        product.Span.Clear();
        fixed (double* r = rowVector.Array, w = product.Array)
        {
            new Reduction(threads, n, a, r, w).Run(d, e);
        }
    }

    /// <summary>
    /// A reduction under way, with room for a reflector from the right (r) and the matrix times it (w), both zero at the start. An update
    /// from the right is held back and done together with the next one from the left: one pass over the matrix less. What threads share is
    /// in fields: closures of their own for every column would be garbage of hundreds of kilobytes a matrix.
    /// </summary>
    private sealed class Reduction(int threads, int n, double* a, double* r, double* w)
    {
        private int _step;
        private double _rightScale, _leftTau;

        public void Run(double* d, double* e)
        {
            Action<int, int> updateColumns = UpdateColumns, multiplyRows = MultiplyRows;
            var rightTau = 0.0;
            for (var i = 0; i < n; i++)
            {
                var column = a + i + (nint)i * n;
                (_step, _rightScale, _leftTau) = (i, -rightTau, 0);
                ManagedVectors.AddScaled(n - i, _rightScale * r[i], w + i, column);
                if (n - i > 1)
                {
                    _leftTau = ManagedHouseholder.MakeReflector(n - i, column);
                }

                d[i] = column[0];
                column[0] = 1;
                if (i == n - 1)
                {
                    break;
                }

                int next = i + 1, parts = n - i < ParallelOrder ? 1 : threads;
                Share(parts, next, n, updateColumns);
                for (var j = next; j < n; j++)
                {
                    r[j] = a[i + (nint)j * n];
                }

                rightTau = n - next > 1 ? ManagedHouseholder.MakeReflector(n - next, r + next) : 0;
                e[i] = r[next];
                r[next] = 1;
                Share(parts, next, n, multiplyRows);
            }
        }

        private void UpdateColumns(int from, int to)
        {
            int i = _step, length = n - i;
            double* column = a + i + (nint)i * n, pending = w + i;
            for (var j = from; j < to; j++)
            {
                var other = a + i + (nint)j * n;
                ManagedVectors.AddScaled(length, _rightScale * r[j], pending, other);
                ManagedVectors.AddScaled(length, -_leftTau * ManagedVectors.Dot(length, column, other), column, other);
            }
        }

        private void MultiplyRows(int from, int to)
        {
            new Span<double>(w + from, to - from).Clear();
            for (var j = _step + 1; j < n; j++)
            {
                ManagedVectors.AddScaled(to - from, r[j], a + from + (nint)j * n, w + from);
            }
        }
    }

    /// <summary>
    /// Overwrites d by the singular values of the bidiagonal matrix, non-increasing; false where the sweeps do not converge.
    /// </summary>
    public static bool TryDiagonalise(Span<double> d, Span<double> e)
    {
        int n = d.Length, top = n - 1, sweeps = 0, formerLow = -1, formerTop = -1;
        var largest = Math.Abs(TensorPrimitives.MaxMagnitude<double>(d));
        largest = n > 1 ? Math.Max(largest, Math.Abs(TensorPrimitives.MaxMagnitude<double>(e))) : largest;

        // A sweep leaves rounding of a few units in what it has just made small: below that repeated values would never part.
        var negligible = 8 * Rounding * largest;
        while (top > 0)
        {
            var low = top;
            while (low > 0 && Math.Abs(e[low - 1]) > negligible)
            {
                low--;
            }

            if (low > 0)
            {
                e[low - 1] = 0;
            }

            if (low == top)
            {
                top--;
                continue;
            }

            // 30 sweeps a value are ample: two or three are usual
            if (sweeps++ > 30 * n)
            {
                return false;
            }

            if (low > formerTop || top < formerLow || formerLow < 0)
            {
                TurnSmallEndDown(d[low..(top + 1)], e[low..top]);
            }

            (formerLow, formerTop) = (low, top);
            Sweep(d[low..(top + 1)], e[low..top], negligible);
        }

        TensorPrimitives.Abs(d, d);
        d.Sort();
        d.Reverse();
        return true;
    }

    /// <summary>
    /// Sweeps run towards small values. Reversing both diagonals transposes about the antidiagonal, which keeps singular values.
    /// </summary>
    private static void TurnSmallEndDown(Span<double> d, Span<double> e)
    {
        if (Math.Abs(d[0]) < Math.Abs(d[^1]))
        {
            d.Reverse();
            e.Reverse();
        }
    }

    private static void Sweep(Span<double> d, Span<double> e, double negligible)
    {
        var n = d.Length;
        double f = Math.Abs(d[n - 2]), g = e[n - 2], h = Math.Abs(d[n - 1]);

        // the smaller singular value of the trailing 2 x 2 block
        var sum = double.Hypot(f + h, g) + double.Hypot(f - h, g);
        var shift = sum > 0 ? 2 * f * (h / sum) : 0;
        var first = Math.Abs(d[0]);
        var smallest = Math.Abs(TensorPrimitives.MinMagnitude<double>(d));
        if (smallest <= negligible || shift * shift < Rounding * first * first)
        {
            SweepWithoutShift(d, e);
        }
        else
        {
            SweepWithShift(d, e, shift);
        }
    }

    private static void SweepWithoutShift(Span<double> d, Span<double> e)
    {
        double cos = 1, formerCos = 1, formerSin = 0;
        for (var i = 0; i < e.Length; i++)
        {
            Rotation(d[i] * cos, e[i], out cos, out var sin, out var r);
            if (i > 0)
            {
                e[i - 1] = formerSin * r;
            }

            Rotation(formerCos * r, d[i + 1] * sin, out formerCos, out formerSin, out d[i]);
        }

        var last = d[^1] * cos;
        d[^1] = last * formerCos;
        e[^1] = last * formerSin;
    }

    private static void SweepWithShift(Span<double> d, Span<double> e, double shift)
    {
        var f = (Math.Abs(d[0]) - shift) * (Math.CopySign(1, d[0]) + shift / d[0]);
        var g = e[0];
        for (var i = 0; i < e.Length; i++)
        {
            Rotation(f, g, out var cos, out var sin, out var r);
            if (i > 0)
            {
                e[i - 1] = r;
            }

            f = cos * d[i] + sin * e[i];
            e[i] = cos * e[i] - sin * d[i];
            g = sin * d[i + 1];
            d[i + 1] *= cos;
            Rotation(f, g, out cos, out sin, out d[i]);
            f = cos * e[i] + sin * d[i + 1];
            d[i + 1] = cos * d[i + 1] - sin * e[i];
            if (i < e.Length - 1)
            {
                g = sin * e[i + 1];
                e[i + 1] *= cos;
            }
        }

        e[^1] = f;
    }

    private static void Rotation(double f, double g, out double cos, out double sin, out double r)
    {
        if (g == 0)
        {
            (cos, sin, r) = (1, 0, f);
            return;
        }

        r = double.Hypot(f, g);
        cos = f / r;
        sin = g / r;
    }

    private static void Share(int parts, int from, int to, Action<int, int> action)
    {
        if (parts <= 1)
        {
            action(from, to);
        }
        else
        {
            ShareAmong(parts, from, to, action);
        }
    }

    /// <summary>Apart from <see cref="Share"/>, which would otherwise allocate the closure for one part too.</summary>
    private static void ShareAmong(int parts, int from, int to, Action<int, int> action)
    {
        var part = (to - from + parts - 1) / parts;
        Parallel.For(0, parts, p => action(Math.Min(to, from + p * part), Math.Min(to, from + (p + 1) * part)));
    }
}
