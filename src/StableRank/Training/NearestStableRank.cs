using System.Numerics;
using MathNet.Numerics.LinearAlgebra;
using StableRank.LinearAlgebra;
using StableRank.Spectra;

namespace StableRank.Training;

/// <summary>The nearest matrix of a prescribed stable rank in the Frobenius norm, theory (8.1) and (8.2).</summary>
/// <remarks>
/// <para>Let v be a unit vector, W v = s u and y = W'u. In bases that begin with u and v, W = [s e'; 0 M] and W - u y' = [0 0; 0 M]. So
/// W' = c (W - u y') + t u v' has the singular value t beside those of c M, exactly, for any v: with tau = ||M||_F / sqrt(r - 1) and
/// c = t/tau its stable rank is r if only ||M||_2 &lt;= tau: the error e of the triple, at most 1e-10 s, costs nearness, ||e|| of it, but
/// no exactness. That is (8.2), made proof against the error of the iteration.</para>
/// <para>Where it is valid: (8.1) is of this form exactly when tau &gt;= s_2, that is for r &lt;= 1 + sum_{i&gt;=2} (s_i/s_2)^2: all of
/// lowering, where tau &gt; s_1, and raising until s_1 has come down to s_2. Beyond, several values are cut and the matrix is decomposed.
/// ||M||_2 &lt;= tau is proved by <see cref="SpectralCertificate"/>; where the proof fails, the matrix is decomposed as well.</para>
/// <para>When it is unique: for r - 1 at most the number of s_2, ..., s_k above zero, z is; a larger r is an error. W' is then unique too,
/// unless the stable rank is lowered and s_1 is multiple: z_1 &gt; z_2 while s_1 = s_2, so any unit vector of the top singular space may
/// become the top one, at the same distance. One of them is returned and <see cref="StableRankProjection{T}.IsUnique"/> is false.</para>
/// </remarks>
public static class NearestStableRank
{
    /// <summary>The nearest matrix of stable rank r, in the Frobenius norm.</summary>
    /// <param name="matrix">W, m x n, of double or float; not changed. The work is done in double.</param>
    /// <param name="stableRank">r, from 1 to min(m, n).</param>
    /// <param name="keep">The norm that W' shares with W: the nearest among the matrices of that norm and stable rank.</param>
    /// <exception cref="ArgumentNullException"><paramref name="matrix"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// r is not a number from 1 to k, or <paramref name="keep"/> none of its enum.
    /// </exception>
    /// <exception cref="ArgumentException">
    /// An entry is not finite; the matrix is zero; or r exceeds the numerical rank, theory (1.4): the nearest matrix is then not unique.
    /// </exception>
    /// <exception cref="NotSupportedException">T is neither double nor float.</exception>
    public static StableRankProjection<T> NearestWithStableRank<T>(this Matrix<T> matrix, double stableRank, KeptNorm keep = KeptNorm.Free)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Project(matrix, stableRank, keep);

    /// <inheritdoc cref="NearestWithStableRank{T}"/>
    public static StableRankProjection<T> Project<T>(Matrix<T> matrix, double stableRank, KeptNorm keep = KeptNorm.Free)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(matrix);
        ProjectionGuard.RequireStableRank(stableRank, Math.Min(matrix.RowCount, matrix.ColumnCount));
        ProjectionGuard.RequireKeep(keep);
        var work = new Worker(
            ScaledMatrix.Of(matrix, nameof(matrix)), stableRank, keep, MachineEpsilon.Of<T>());
        work.Run();
        int exponent = work.Source.Exponent;
        return new StableRankProjection<T>(
            work.Route == ProjectionRoute.Unchanged
                ? matrix.Clone()
                : ScaledMatrix.Restore<T>(work.Source.Rows, work.Source.Columns, work.Result, exponent),
            stableRank,
            Math.ScaleB(work.Cut.Tau, exponent),
            work.Cut.Scale,
            Math.ScaleB(work.Cut.Top, exponent),
            Math.ScaleB(work.Distance, exponent),
            work.Route,
            work.Iterations,
            Math.ScaleB(work.Residual, exponent),
            work.IsUnique);
    }

    private sealed class Worker(ScaledMatrix source, double stableRank, KeptNorm keep, double epsilon)
    {
        private readonly int _m = source.Rows, _n = source.Columns;

        public ScaledMatrix Source => source;

        public double[] Result { get; private set; } = [];

        public SpectralCut Cut { get; private set; }

        public double Distance { get; private set; }

        public ProjectionRoute Route { get; private set; }

        public int Iterations { get; private set; }

        public double Residual { get; private set; }

        public bool IsUnique { get; private set; } = true;

        public void Run()
        {
            if (!TryRankOne())
            {
                Decompose();
            }
        }

        private bool TryRankOne()
        {
            var top = new LanczosBidiagonalisation(_m, _n);
            top.Run(source.Elements, default, TopSingularTriple.DefaultTolerance);
            Iterations = top.Iterations;
            double s = top.Value, slack = SpectralCertificate.Rounding(_m, _n);
            if (!(top.Residual <= TopSingularTriple.DefaultTolerance * s))
            {
                return false;
            }

            double[] rest = (double[])source.Elements.Clone();
            RankOneUpdate.Add<double>(rest, _m, _n, -1, top.Left, top.Transposed);
            double squares = RankOneUpdate.SumOfSquares<double>(rest, _m, _n);
            bool isRankOne = Math.Sqrt(squares) <= Math.Max(_m, _n) * epsilon * s;
            if ((isRankOne && stableRank > 1)
                || !SpectralCut.TryTau(squares, 0, 1, stableRank, out double tau) || top.Second > tau * (1 + slack))
            {
                return false;
            }

            // one proof for the two: s is the greatest value, and no other exceeds tau
            int k = Math.Min(_m, _n);
            double[] gram = new double[checked(k * k)], factor = new double[k * k];
            SpectralCertificate.Gram(rest, _m, _n, gram);
            double bound = Math.Min(s, tau);
            if (!SpectralCertificate.NormIsBelow(gram, k, bound * bound * (1 + slack), factor))
            {
                return false;
            }

            bool already = Math.Abs(tau - s) <= slack * s;
            double gap = 1 - Math.Sqrt(epsilon);
            IsUnique = tau <= s || already || SpectralCertificate.NormIsBelow(gram, k, s * s * gap * gap, factor);
            Cut = SpectralCut.Scaled(tau, 1, squares, s, s, squares + s * s, stableRank, keep);
            Residual = top.Residual;
            Route = ProjectionRoute.RankOne;
            if (already || (isRankOne && k == 1))
            {
                Route = ProjectionRoute.Unchanged;
                Cut = new SpectralCut(already ? s : tau, already ? 1 : 0, s, 1);
                return true;
            }

            // rows of u: t v' against y'; the others: c M against M
            double change = (1 - Cut.Scale) * (1 - Cut.Scale) * squares;
            for (int j = 0; j < _n; j++)
            {
                double difference = Cut.Top * top.Right[j] - top.Transposed[j];
                change += difference * difference;
            }

            Distance = Math.Sqrt(change);
            System.Numerics.Tensors.TensorPrimitives.Multiply(rest, Cut.Scale, rest);
            RankOneUpdate.Add<double>(rest, _m, _n, Cut.Top, top.Left, top.Right);
            Result = rest;
            return true;
        }

        private void Decompose()
        {
            var (values, u, vt) = SingularValues.Thin(MatrixStorage.Dense(_m, _n, source.Elements));
            int k = values.Length;
            double noise = Math.Max(_m, _n) * epsilon * values[0];
            int rank = Spectrum.FromOrdered(values).NumericalRank(noise);
            ProjectionGuard.RequireUnique(stableRank, rank, Math.ScaleB(noise, source.Exponent));
            Cut = SpectralCut.Solve(values, stableRank, keep);
            IsUnique = Cut.Tau <= values[0] || k == 1 || values[1] < values[0] * (1 - Math.Sqrt(epsilon));
            double change = 0;
            double[] left = u.AsColumnMajorArray()!;
            for (int i = 0; i < k; i++)
            {
                double z = i < Cut.Count ? Cut.Top : Math.Min(Cut.Top, Cut.Scale * values[i]);
                change += (z - values[i]) * (z - values[i]);
                System.Numerics.Tensors.TensorPrimitives.Multiply(left.AsSpan(i * _m, _m), z, left.AsSpan(i * _m, _m));
            }

            Distance = Math.Sqrt(change);
            Residual = 0;
            Result = new double[source.Elements.Length];
            Blas.Gemm<double>(
                Transpose.No, Transpose.No, _m, _n, k, 1, left, _m, vt.AsColumnMajorArray()!, k, 0, Result, _m);
            Route = ProjectionRoute.Decomposition;
        }
    }
}
