using System.Numerics;
using StableRank.LinearAlgebra.Managed;

namespace StableRank.LinearAlgebra;

/// <summary>
/// Forms Q diag(d) or Q diag(d) P' from reflectors, block by block from the last to the first. Before block j the product is
/// diag(d_1 ... d_j) and, right below it, a dense matrix M', and the block's reflectors touch no row and no column before it. So one side
/// costs 4/3 n^3 operations, and both sides together 8/3 n^3 where forming the one and applying the other costs 10/3 n^3.
/// </summary>
/// <remarks>
/// With M = diag(d_j ...) + M', blocks I - V T V' and I - Y S Y', P = (V T')'M, B = M (Y S') and C = B - V ((V T')'B), a step is
/// M - V P - C Y' = M - [V C] [P; Y']: three large products for both sides. What else there is, is smaller by the width of a block over
/// the order. V T' and Y S' of all blocks are made first, each by one thread.
/// </remarks>
internal readonly unsafe struct ReflectorProduct<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Operations from which threads share the blocks' preparation: a third of a millisecond of one thread.</summary>
    private const double SharedWork = 3e7;

    /// <summary>Up to these rows and columns reflectors are applied one at a time: calls of a library would take longer.</summary>
    private const int SmallOrder = 24;

    private readonly Kernels<T> _kernels;
    private readonly int _k;
    private readonly int _width;
    private readonly T* _target;
    private readonly int _ld;
    private readonly T* _diagonal;
    private readonly Reflectors _left;
    private readonly Reflectors _right;

    private ReflectorProduct(Kernels<T> kernels, int k, int width, T* target, int ld, T* diagonal, Reflectors left, Reflectors right)
    {
        _kernels = kernels;
        _k = k;
        _width = width;
        _target = target;
        _ld = ld;
        _diagonal = diagonal;
        _left = left;
        _right = right;
    }

    private bool Both => _right.V != null;

    private int Blocks => (_k + _width - 1) / _width;

    /// <summary>Overwrites the reflectors of Q, in the first k columns of a, by the first n columns of Q diag(d, 1 ... 1).</summary>
    /// <param name="kernels">What multiplies.</param>
    /// <param name="m">Order of Q.</param>
    /// <param name="n">Columns to form, at most m.</param>
    /// <param name="k">Reflectors, at most n.</param>
    /// <param name="a">m x n.</param>
    /// <param name="lda">Leading dimension of a.</param>
    /// <param name="tau">The k scales.</param>
    /// <param name="diagonal">k numbers; null: ones.</param>
    public static void FormLeft(Kernels<T> kernels, int m, int n, int k, T* a, int lda, T* tau, T* diagonal)
    {
        ClearColumns(m, k, n, a, lda);
        for (var j = k; j < n; j++)
        {
            a[j + (nint)j * lda] = T.One;
        }

        Form(kernels, m, n, k, Width(k, false), a, lda, tau, diagonal, null, 0, null);
    }

    /// <summary>Overwrites the reflectors of Q, in the first k columns of a, by Q diag(d, 0 ... 0) P'.</summary>
    /// <param name="kernels">What multiplies.</param>
    /// <param name="m">Order of Q.</param>
    /// <param name="n">Order of P.</param>
    /// <param name="k">Reflectors on either side, at most m and n.</param>
    /// <param name="a">m x n.</param>
    /// <param name="lda">Leading dimension of a.</param>
    /// <param name="tau">The k scales of Q.</param>
    /// <param name="diagonal">k numbers.</param>
    /// <param name="right">The reflectors of P, n x k.</param>
    /// <param name="ldr">Leading dimension of right.</param>
    /// <param name="tauRight">The k scales of P.</param>
    public static void FormBoth(
        Kernels<T> kernels, int m, int n, int k, T* a, int lda, T* tau, T* diagonal, T* right, int ldr, T* tauRight)
    {
        ClearColumns(m, k, n, a, lda);
        Form(kernels, m, n, k, Width(k, true), a, lda, tau, diagonal, right, ldr, tauRight);
    }

    /// <summary>
    /// Columns of a block. Wider blocks make faster products, narrower ones take fewer operations beyond those of one reflector at a time.
    /// Both sides together multiply by twice the width.
    /// </summary>
    private static int Width(int k, bool both) => Math.Min(k, k switch
    {
        <= 192 => 16,
        <= 384 => 32,
        <= 768 => 64,
        _ => both ? 64 : 128,
    });

    private static void ClearColumns(int rows, int first, int end, T* a, int lda)
    {
        for (var j = first; j < end; j++)
        {
            new Span<T>(a + (nint)j * lda, rows).Clear();
        }
    }

    private static void Form(
        Kernels<T> kernels, int m, int n, int k, int width, T* a, int lda, T* tau, T* diagonal, T* right, int ldr, T* tauRight)
    {
        if (k == 0)
        {
            return;
        }

        if (m <= SmallOrder && n <= SmallOrder)
        {
            FormSmall(m, n, k, a, lda, tau, diagonal, right, ldr, tauRight);
            return;
        }

        var both = right != null;
        int lengthLeft = checked(m * k), lengthRight = both ? checked(n * k) : 0;
        using var scaled = new Rented<T>(checked(lengthLeft + lengthRight));
        using var work = new Rented<T>(checked(width * ((both ? 2 : 1) * (m + n) + width)));
        fixed (T* s = scaled.Array, w = work.Array)
        {
            var product = new ReflectorProduct<T>(
                kernels, k, width, a, lda, diagonal, new(m, a, lda, tau, s), new(n, right, ldr, tauRight, s + lengthLeft));
            product.Prepare();
            for (var j = (k - 1) / width * width; j >= 0; j -= width)
            {
                product.Step(j, w);
            }
        }
    }

    /// <summary>The same by H_j M and M G_j, one j after the other; M is the trailing matrix with d_j put in.</summary>
    private static void FormSmall(int m, int n, int k, T* a, int lda, T* tau, T* diagonal, T* right, int ldr, T* tauRight)
    {
        var v = stackalloc T[SmallOrder];
        var x = stackalloc T[SmallOrder];
        for (var j = k - 1; j >= 0; j--)
        {
            int rows = m - j, columns = n - j;
            var target = a + j + (nint)j * lda;
            var d = diagonal == null ? T.One : diagonal[j];
            v[0] = T.One;
            new ReadOnlySpan<T>(target + 1, rows - 1).CopyTo(new Span<T>(v + 1, rows - 1));
            new Span<T>(target, rows).Clear();
            target[0] = d;
            ManagedVectors.AddScaled(rows, -tau[j] * d, v, target);
            for (var c = 1; c < columns; c++)
            {
                var column = target + (nint)c * lda;
                column[0] = T.Zero;
                ManagedVectors.AddScaled(rows, -tau[j] * ManagedVectors.Dot(rows - 1, v + 1, column + 1), v, column);
            }

            if (right == null)
            {
                continue;
            }

            // x = M y, M - tau x y', with y_1 = 1
            var y = right + j + (nint)j * ldr;
            new ReadOnlySpan<T>(target, rows).CopyTo(new Span<T>(x, rows));
            for (var c = 1; c < columns; c++)
            {
                ManagedVectors.AddScaled(rows, y[c], target + (nint)c * lda, x);
            }

            ManagedVectors.AddScaled(rows, -tauRight[j], x, target);
            for (var c = 1; c < columns; c++)
            {
                ManagedVectors.AddScaled(rows, -tauRight[j] * y[c], x, target + (nint)c * lda);
            }
        }
    }

    /// <summary>V T' of every block.</summary>
    private void Prepare()
    {
        var pieces = Both ? 2 * Blocks : Blocks;
        var flops = 4.0 * _width * _k * (Both ? _left.Order + _right.Order : _left.Order);
        if (Backend.ThreadsHere > 1 && pieces > 1 && flops >= SharedWork)
        {
            Share(this, pieces);
            return;
        }

        for (var piece = 0; piece < pieces; piece++)
        {
            Prepare(piece);
        }
    }

    // by itself: a closure is made where a method starts, and small products shall leave no garbage
    private static void Share(ReflectorProduct<T> product, int pieces) => PieceLoop.Run(
        pieces, Math.Min(pieces, Backend.Threads), true, CancellationToken.None, () => piece => product.Prepare((int)piece));

    private void Prepare(int piece)
    {
        var side = piece < Blocks ? _left : _right;
        var j = piece % Blocks * _width;
        var b = Math.Min(_width, _k - j);
        var rows = side.Order - j;
        using var work = new Rented<T>(checked((rows + 2 * b) * b));
        fixed (T* v = work.Array)
        {
            var t = v + (nint)rows * b;
            CompactWy.CopyUnitLower(rows, b, side.Block(j), side.Leading, v, rows);
            CompactWy.FormTriangle(_kernels, rows, b, v, rows, side.Tau + j, t, b, t + (nint)b * b);
            _kernels.Gemm(false, true, rows, b, b, T.One, v, rows, t, b, T.Zero, side.Scaled(j), side.Order);
        }
    }

    /// <summary>The block at row and column j.</summary>
    private void Step(int j, T* work)
    {
        int b = Math.Min(_width, _k - j), rows = _left.Order - j, columns = _right.Order - j, inner = Both ? 2 * b : b;
        T* v = work, c = v + (nint)rows * b, p = v + (nint)rows * inner, y = p + (nint)columns * b;
        var target = _target + j + (nint)j * _ld;
        var rest = target + b + (nint)b * _ld;
        var diagonal = _diagonal == null ? null : _diagonal + j;
        var scaled = _left.Scaled(j);
        CompactWy.CopyUnitLower(rows, b, target, _ld, v, rows);

        // M' has nothing in it yet where no column after these counts
        var empty = Both && j + b == _k;
        ScaleRows(b, diagonal, scaled, _left.Order, p, columns);
        Below(true, columns - b, b, empty ? 0 : rows - b, rest, scaled + b, _left.Order, p + b, columns);
        if (Both)
        {
            var g = work + (nint)inner * (rows + columns);
            var scaledY = _right.Scaled(j);
            CompactWy.CopyUnitLower(columns, b, _right.Block(j), _right.Leading, y, columns);
            ScaleRows(b, diagonal, scaledY, _right.Order, c, rows);
            Below(false, rows - b, b, empty ? 0 : columns - b, rest, scaledY + b, _right.Order, c + b, rows);
            _kernels.Gemm(true, false, b, b, rows, T.One, scaled, _left.Order, c, rows, T.Zero, g, b);
            _kernels.Gemm(false, false, rows, b, b, -T.One, v, rows, g, b, T.One, c, rows);
        }

        ClearColumns(rows, 0, b, target, _ld);
        ClearColumns(b, b, columns, target, _ld);
        for (var i = 0; i < b; i++)
        {
            target[i + (nint)i * _ld] = diagonal == null ? T.One : diagonal[i];
        }

        _kernels.Gemm(false, true, rows, columns, inner, -T.One, v, rows, p, columns, T.One, target, _ld);
    }

    /// <summary>The first b rows of a product with M: those of x times the diagonal.</summary>
    private static void ScaleRows(int b, T* diagonal, T* x, int ldx, T* result, int ldr)
    {
        for (var j = 0; j < b; j++)
        {
            for (var i = 0; i < b; i++)
            {
                var value = x[i + (nint)j * ldx];
                result[i + (nint)j * ldr] = diagonal == null ? value : diagonal[i] * value;
            }
        }
    }

    /// <summary>The rows below: op(M') times those of x, of which there are <paramref name="inner"/>.</summary>
    private void Below(bool trans, int rows, int b, int inner, T* rest, T* x, int ldx, T* result, int ldr)
    {
        if (inner == 0)
        {
            ClearColumns(rows, 0, b, result, ldr);
        }
        else if (rows > 0)
        {
            _kernels.Gemm(trans, false, rows, b, inner, T.One, rest, _ld, x, ldx, T.Zero, result, ldr);
        }
    }

    /// <summary>The reflectors of one side and V T' of their blocks.</summary>
    private readonly struct Reflectors(int order, T* v, int leading, T* tau, T* scaled)
    {
        private readonly T* scaled = scaled;

        public readonly int Order = order;
        public readonly int Leading = leading;
        public readonly T* V = v;
        public readonly T* Tau = tau;

        public T* Block(int j) => V + j + (nint)j * Leading;

        public T* Scaled(int j) => scaled + j + (nint)j * Order;
    }
}
