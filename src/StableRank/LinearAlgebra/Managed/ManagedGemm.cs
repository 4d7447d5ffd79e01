using System.Numerics;
using System.Runtime.InteropServices;

namespace StableRank.LinearAlgebra.Managed;

/// <summary>
/// Matrix product in the packed, cache- and register-blocked form of Goto and van de Geijn (2008): panels of op(B) and blocks of
/// op(A) are copied into the order in which the micro-kernel reads them, two vectors of rows by four columns at a time. Edges
/// are padded with zeros and go through the same micro-kernel, and threads share out whole rows or columns of C: an element of C is the
/// same sum in the same order for every thread count.
/// </summary>
internal static unsafe class ManagedGemm
{
    private const int TileColumns = 4, BlockDepth = 256, BlockRows = 128, PanelColumns = 512;

    /// <summary>Below this number of multiplications a second thread costs more than it brings.</summary>
    private const long ParallelThreshold = 64 * 64 * 64;

    /// <summary>c = alpha op(a) op(b) + beta c on at most <paramref name="threads"/> threads; beta = 0 overwrites c unread.</summary>
    public static void Run<T>(
        int threads, bool transA, bool transB, int m, int n, int k, T alpha, T* a, int lda, T* b, int ldb, T beta, T* c, int ldc)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (m == 0 || n == 0)
        {
            return;
        }

        var product = new Operands<T>(transA, transB, k, alpha, a, lda, b, ldb, beta, c, ldc);
        if (threads <= 1 || (long)m * n * k < ParallelThreshold)
        {
            RunPart(product, 0, m, 0, n);
            return;
        }

        RunParts(product, threads, m, n);
    }

    /// <summary>Apart from <see cref="Run"/>, which would otherwise allocate the closure for small products too.</summary>
    private static void RunParts<T>(Operands<T> product, int threads, int m, int n)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var byColumns = n >= m;
        var granule = byColumns ? TileColumns : 2 * Vector<T>.Count;
        var length = byColumns ? n : m;
        var part = (length + threads - 1) / threads;
        part = (part + granule - 1) / granule * granule;
        Parallel.For(0, (length + part - 1) / part, i =>
        {
            int from = i * part, to = Math.Min(length, from + part);
            if (byColumns)
            {
                RunPart(product, 0, m, from, to);
            }
            else
            {
                RunPart(product, from, to, 0, n);
            }
        });
    }

    private static void RunPart<T>(Operands<T> x, int rowFrom, int rowTo, int columnFrom, int columnTo)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (var j = columnFrom; j < columnTo; j++)
        {
            ManagedVectors.Scale(rowTo - rowFrom, x.Beta, x.C + rowFrom + (nint)j * x.Ldc);
        }

        if (x.Depth == 0 || T.IsZero(x.Alpha))
        {
            return;
        }

        var tileRows = 2 * Vector<T>.Count;
        var depth = Math.Min(BlockDepth, x.Depth);
        using var packedA = new Rented<T>(depth * RoundUp(Math.Min(BlockRows, rowTo - rowFrom), tileRows));
        using var packedB = new Rented<T>(depth * RoundUp(Math.Min(PanelColumns, columnTo - columnFrom), TileColumns));
        fixed (T* pa = packedA.Array, pb = packedB.Array)
        {
            for (var j = columnFrom; j < columnTo; j += PanelColumns)
            {
                var columns = Math.Min(PanelColumns, columnTo - j);
                for (var p = 0; p < x.Depth; p += BlockDepth)
                {
                    var steps = Math.Min(BlockDepth, x.Depth - p);
                    Pack(x.B, x.Ldb, !x.TransB, j, columns, p, steps, TileColumns, pb);
                    for (var i = rowFrom; i < rowTo; i += BlockRows)
                    {
                        var rows = Math.Min(BlockRows, rowTo - i);
                        Pack(x.A, x.Lda, x.TransA, i, rows, p, steps, tileRows, pa);
                        MultiplyBlock(rows, columns, steps, x.Alpha, pa, pb, x.C + i + (nint)j * x.Ldc, x.Ldc);
                    }
                }
            }
        }
    }

    /// <summary>
    /// Copies <paramref name="count"/> lines (rows of op(A), columns of op(B)) in groups of <paramref name="group"/>, step by step of
    /// the inner dimension; a last short group is filled up with zeros. <paramref name="alongColumn"/>: a line lies in one stored column.
    /// </summary>
    private static void Pack<T>(T* source, int ld, bool alongColumn, int first, int count, int step, int steps, int group, T* target)
        where T : unmanaged
    {
        for (var g = 0; g < count; g += group)
        {
            var lines = Math.Min(group, count - g);
            if (lines < group)
            {
                new Span<T>(target, group * steps).Clear();
            }

            if (alongColumn)
            {
                for (var l = 0; l < lines; l++)
                {
                    var from = source + step + (nint)(first + g + l) * ld;
                    for (var s = 0; s < steps; s++)
                    {
                        target[s * group + l] = from[s];
                    }
                }
            }
            else
            {
                for (var s = 0; s < steps; s++)
                {
                    var from = source + first + g + (nint)(step + s) * ld;
                    for (var l = 0; l < lines; l++)
                    {
                        target[s * group + l] = from[l];
                    }
                }
            }

            target += group * steps;
        }
    }

    private static void MultiplyBlock<T>(int rows, int columns, int steps, T alpha, T* packedA, T* packedB, T* c, int ldc)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var tileRows = 2 * Vector<T>.Count;
        var edge = stackalloc T[tileRows * TileColumns];
        for (var j = 0; j < columns; j += TileColumns)
        {
            for (var i = 0; i < rows; i += tileRows)
            {
                var target = c + i + (nint)j * ldc;
                int tileHeight = Math.Min(tileRows, rows - i), tileWidth = Math.Min(TileColumns, columns - j);
                T* pa = packedA + (nint)i * steps, pb = packedB + (nint)j * steps;
                if (tileHeight == tileRows && tileWidth == TileColumns)
                {
                    MultiplyTile(steps, alpha, pa, pb, target, ldc);
                    continue;
                }

                CopyTile(tileHeight, tileWidth, target, ldc, edge, tileRows);
                MultiplyTile(steps, alpha, pa, pb, edge, tileRows);
                CopyTile(tileHeight, tileWidth, edge, tileRows, target, ldc);
            }
        }
    }

    private static void CopyTile<T>(int rows, int columns, T* from, int ldFrom, T* to, int ldTo)
        where T : unmanaged
    {
        for (var j = 0; j < columns; j++)
        {
            for (var i = 0; i < rows; i++)
            {
                to[i + (nint)j * ldTo] = from[i + (nint)j * ldFrom];
            }
        }
    }

    /// <summary>c += alpha a b for one tile: eight accumulators, which hide the latency of the multiply-add.</summary>
    private static void MultiplyTile<T>(int steps, T alpha, T* a, T* b, T* c, int ldc)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var width = Vector<T>.Count;
        Vector<T> c00 = default, c10 = default, c01 = default, c11 = default, c02 = default, c12 = default, c03 = default, c13 = default;
        for (var s = 0; s < steps; s++)
        {
            Vector<T> a0 = Vector.Load(a), a1 = Vector.Load(a + width);
            var b0 = Vector.Create(b[0]);
            c00 = VectorArithmetic.MultiplyAdd(a0, b0, c00);
            c10 = VectorArithmetic.MultiplyAdd(a1, b0, c10);
            var b1 = Vector.Create(b[1]);
            c01 = VectorArithmetic.MultiplyAdd(a0, b1, c01);
            c11 = VectorArithmetic.MultiplyAdd(a1, b1, c11);
            var b2 = Vector.Create(b[2]);
            c02 = VectorArithmetic.MultiplyAdd(a0, b2, c02);
            c12 = VectorArithmetic.MultiplyAdd(a1, b2, c12);
            var b3 = Vector.Create(b[3]);
            c03 = VectorArithmetic.MultiplyAdd(a0, b3, c03);
            c13 = VectorArithmetic.MultiplyAdd(a1, b3, c13);
            a += 2 * width;
            b += TileColumns;
        }

        var factor = Vector.Create(alpha);
        Add(c, c00, c10);
        Add(c + (nint)ldc, c01, c11);
        Add(c + 2 * (nint)ldc, c02, c12);
        Add(c + 3 * (nint)ldc, c03, c13);

        void Add(T* column, Vector<T> upper, Vector<T> lower)
        {
            Vector.Store(VectorArithmetic.MultiplyAdd(factor, upper, Vector.Load(column)), column);
            Vector.Store(VectorArithmetic.MultiplyAdd(factor, lower, Vector.Load(column + width)), column + width);
        }
    }

    private static int RoundUp(int value, int multiple) => (value + multiple - 1) / multiple * multiple;

    [StructLayout(LayoutKind.Auto)]
    private readonly struct Operands<T>(
        bool transA, bool transB, int depth, T alpha, T* a, int lda, T* b, int ldb, T beta, T* c, int ldc)
        where T : unmanaged
    {
        public readonly bool TransA = transA, TransB = transB;
        public readonly int Depth = depth, Lda = lda, Ldb = ldb, Ldc = ldc;
        public readonly T Alpha = alpha, Beta = beta;
        public readonly T* A = a, B = b, C = c;
    }
}
