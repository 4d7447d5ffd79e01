using System.Numerics;
using System.Numerics.Tensors;
using MathNet.Numerics;
using StableRank.LinearAlgebra;
using StableRank.Networks;
using StableRank.Spectra;

namespace StableRank.GradientRank;

/// <content>One matrix by one route.</content>
public sealed partial class GradientRankMeter<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private MeasuredRank MeasurePiece(Piece piece)
    {
        var factors = piece.Factors;
        return piece.Quantity switch
        {
            RankQuantity.Gradient => MeasureGradient(piece),
            RankQuantity.Weight => MeasureStored(piece, piece.Parameter.Values),
            RankQuantity.Activation => MeasureFilled(piece, factors.FillActivation),
            _ => MeasureFilled(piece, factors.FillSignal),
        };
    }

    /// <summary>By the factors where that is cheaper, once the columns that add nothing are known.</summary>
    private MeasuredRank MeasureGradient(Piece piece)
    {
        var factors = piece.Factors;
        int m = factors.Rows, n = factors.Columns, k = factors.Inner;
        using var signal = new Rented<double>(checked(m * k));
        var delta = signal.Span;
        factors.FillSignal(delta);
        var places = GradientFactors<T>.NonzeroColumns(delta, m);
        var limit = Math.Min(Math.Min(m, n), places);
        var route = Route == RankRoute.Automatic
            ? RankRouteCost.Cheapest(m, n, places, SmallestTolerance)
            : Route;
        if (route != RankRoute.Factors)
        {
            var stored = MeasureStored(piece, piece.Parameter.Gradient);
            var rounding = k * MachineEpsilon.Of<T>() / 2 * factors.NormBound();
            return stored with { Accuracy = stored.Accuracy + rounding, RankLimit = limit };
        }

        using var activation = new Rented<double>(checked(n * k));
        var a = activation.Span;
        factors.FillActivation(a);
        RequireFinite(piece, delta, m, "signal");
        RequireFinite(piece, a, n, "activation");
        k = GradientFactors<T>.DropZeroColumns(delta, m, a, n, k);
        var values = new double[Math.Min(m, n)];
        var accuracy = ProductSingularValues.Compute(m, n, k, delta, m, a, n, values);
        return Result(piece, m, n, values, RankRoute.Factors, accuracy) with { RankLimit = Math.Min(Math.Min(m, n), k) };
    }

    private MeasuredRank MeasureFilled(Piece piece, Filler fill)
    {
        var (rows, columns) = piece.Size;
        using var matrix = new Rented<double>(checked(rows * columns));
        fill(matrix.Span);
        return MeasureDestroying(piece, rows, columns, matrix.Span);
    }

    private MeasuredRank MeasureStored(Piece piece, T[] elements)
    {
        var (rows, columns) = piece.Size;
        using var matrix = new Rented<double>(elements.Length);
        TensorPrimitives.ConvertChecked<T, double>(elements, matrix.Span);
        return MeasureDestroying(piece, rows, columns, matrix.Span);
    }

    private MeasuredRank MeasureDestroying(Piece piece, int rows, int columns, Span<double> matrix)
    {
        RequireFinite(piece, matrix, rows, piece.Quantity.ToString().ToLowerInvariant());
        var route = Route == RankRoute.Automatic ? RankRouteCost.Cheapest(rows, columns, null, SmallestTolerance) : Route;
        var values = new double[Math.Min(rows, columns)];
        if (route == RankRoute.Gram)
        {
            var error = GramValues(rows, columns, matrix, values);
            return Result(piece, rows, columns, values, RankRoute.Gram, error);
        }

        if (rows >= columns)
        {
            SingularValues.Compute(rows, columns, matrix, rows, values);
        }
        else
        {
            // LAPACK decomposes a tall matrix in less time than a wide one
            using var tall = new Rented<double>(matrix.Length);
            MatrixStorage.Transpose<double>(matrix, rows, columns, tall.Span);
            SingularValues.Compute(columns, rows, tall.Span, columns, values);
        }

        return Result(piece, rows, columns, values, RankRoute.Values, Math.Max(rows, columns) * MachineEpsilon.Double * values[0]);
    }

    /// <summary>Singular values by the Gram matrix of the shorter side; returns their accuracy.</summary>
    private static unsafe double GramValues(int rows, int columns, Span<double> matrix, double[] values)
    {
        var (longer, shorter) = (Math.Max(rows, columns), values.Length);
        var largest = Math.Abs(TensorPrimitives.MaxMagnitude<double>(matrix));
        if (largest == 0)
        {
            return 0;
        }

        // squares stay in range: the largest element becomes one of [1, 2)
        var exponent = Math.ILogB(largest);
        for (var i = 0; i < matrix.Length; i++)
        {
            matrix[i] = Math.ScaleB(matrix[i], -exponent);
        }

        using var gram = new Rented<double>(checked(shorter * shorter));
        Blas.Syrk<double>(
            rows >= columns ? Transpose.Yes : Transpose.No, shorter, longer, 1, matrix, rows, 0, gram.Span, shorter);
        fixed (double* p = gram.Array, v = values)
        {
            if (Kernels<double>.Current.SymmetricEigen(false, shorter, p, shorter, v) is var info and not 0)
            {
                throw new NonConvergenceException(
                    $"The eigenvalues of a {shorter} x {shorter} Gram matrix did not converge (info {info}).");
            }
        }

        Array.Reverse(values);
        var squares = TensorPrimitives.SumOfSquares<double>(matrix);
        var error = Math.Sqrt(MachineEpsilon.Double / 2 * ((longer * squares) + (2 * shorter * values[0])));
        for (var i = 0; i < shorter; i++)
        {
            values[i] = Math.ScaleB(Math.Sqrt(Math.Max(values[i], 0)), exponent);
        }

        return Math.ScaleB(error, exponent);
    }

    private static MeasuredRank Result(Piece piece, int rows, int columns, double[] values, RankRoute route, double accuracy) => new(
        piece.Layer, piece.Parameter.Name, piece.Quantity, rows, columns, Spectrum.FromSingularValues(values), FloatPrecision, route,
        accuracy);

    private static void RequireFinite(Piece piece, ReadOnlySpan<double> matrix, int rows, string quantity) =>
        MatrixGuard.RequireFinite(matrix, rows, rows, $"{piece.Parameter.Name} ({quantity})");

    private delegate void Filler(Span<double> target);

    /// <summary>A matrix to measure.</summary>
    private sealed record Piece(int Layer, Parameter<T> Parameter, RankQuantity Quantity, GradientFactors<T> Factors)
    {
        public (int Rows, int Columns) Size => Quantity switch
        {
            RankQuantity.Activation => (Factors.Columns, Factors.Inner),
            RankQuantity.Signal => (Factors.Rows, Factors.Inner),
            _ => (Factors.Rows, Factors.Columns),
        };

        /// <summary>The buffers that it takes, in bytes.</summary>
        public long Bytes => sizeof(double) * (Quantity == RankQuantity.Gradient
            ? ((long)Factors.Rows + Factors.Columns) * Factors.Inner + (2L * Factors.Rows * Factors.Columns)
            : 2L * Size.Rows * Size.Columns);

        /// <summary>What it will cost, before anything is known of its zeros.</summary>
        public double Work(GradientRankMeter<T> meter)
        {
            var (rows, columns) = Size;
            int? inner = Quantity == RankQuantity.Gradient ? Factors.Inner : null;
            var route = meter.Route == RankRoute.Automatic
                ? RankRouteCost.Cheapest(rows, columns, inner, meter.SmallestTolerance)
                : meter.Route;
            return route switch
            {
                RankRoute.Factors when inner is { } k => RankRouteCost.Factors(rows, columns, k),
                RankRoute.Gram => RankRouteCost.Gram(rows, columns),
                _ => RankRouteCost.Values(rows, columns),
            };
        }
    }
}
