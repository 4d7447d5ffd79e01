using System.Numerics;
using MathNet.Numerics;
using MathNet.Numerics.LinearAlgebra.Factorization;
using MathNet.Numerics.Providers.LinearAlgebra;
using StableRank.LinearAlgebra;
using static StableRank.Tests.LinearAlgebra.Dense;
using MathNetTranspose = MathNet.Numerics.Providers.LinearAlgebra.Transpose;

namespace StableRank.Tests.LinearAlgebra;

/// <summary>
/// What MathNet may expect of a provider for one scalar type: run over ours on every backend here and over MathNet's own managed
/// provider. Entries are in (-1, 1) and orders n small, so that n eps times the size of the result bounds each error.
/// </summary>
public abstract class ProviderContract<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const string Reference = "MathNet's managed";

    private static readonly (int M, int N)[] Shapes = [(1, 1), (1, 7), (7, 1), (12, 12), (30, 11), (11, 30)];

    public static TheoryData<string> Providers => new([Reference, .. AvailableBackends.All.Select(kind => kind.ToString())]);

    [Theory]
    [MemberData(nameof(Providers))]
    public void VectorOperations_AnyLength_ByElement(string name)
    {
        var provider = Provider(name);
        foreach (var n in (int[])[1, 5, 64, 101])
        {
            T[] x = Random<T>(n, 1, 1), y = [.. Random<T>(n, 1, 2).Select(v => T.Abs(v) + T.One)], result = new T[n];
            Compare((a, b) => a + b, provider.AddArrays);
            Compare((a, b) => a - b, provider.SubtractArrays);
            Compare((a, b) => a * b, provider.PointWiseMultiplyArrays);
            Compare((a, b) => a / b, provider.PointWiseDivideArrays);
            provider.PointWisePowerArrays(y, x, result);
            Distance<T, double>(result, [.. y.Zip(x, (b, e) => Math.Pow(Of(b), Of(e)))]).Should().BeLessThan(8 * Eps<T>());
            foreach (var alpha in (double[])[0, 1, -2.5])
            {
                var a = T.CreateChecked(alpha);
                provider.AddVectorToScaledVector(y, a, x, result);
                Distance<T, double>(result, [.. x.Zip(y, (p, q) => alpha * Of(p) + Of(q))]).Should().BeLessThan(8 * Eps<T>());
                provider.ScaleArray(a, x, result);
                Distance<T, double>(result, [.. x.Select(p => alpha * Of(p))]).Should().BeLessThan(4 * Eps<T>());
                T[] inPlace = [.. y];
                provider.AddVectorToScaledVector(inPlace, a, x, inPlace);
                Distance<T, double>(inPlace, [.. x.Zip(y, (p, q) => alpha * Of(p) + Of(q))]).Should().BeLessThan(8 * Eps<T>());
            }

            provider.ConjugateArray(x, result);
            result.Should().Equal(x);
            Of(provider.DotProduct(x, y)).Should().BeApproximately(x.Zip(y, (a, b) => Of(a) * Of(b)).Sum(), 2 * n * n * Eps<T>());

            void Compare(Func<double, double, double> exact, Action<T[], T[], T[]> operation)
            {
                operation(x, y, result);
                Distance<T, double>(result, [.. x.Zip(y, (a, b) => exact(Of(a), Of(b)))]).Should().BeLessThan(4 * Eps<T>());
            }
        }
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public void VectorOperations_UnfitArrays_Throw(string name)
    {
        var provider = Provider(name);
        T[] two = new T[2], three = new T[3];
        foreach (var act in (Action[])
                 [
                     () => provider.AddArrays(two, three, three), () => provider.SubtractArrays(three, three, two),
                     () => provider.PointWiseMultiplyArrays(two, three, two), () => provider.PointWiseDivideArrays(two, three, two),
                     () => provider.DotProduct(two, three), () => provider.AddVectorToScaledVector(two, T.One, three, three),
                 ])
        {
            act.Should().Throw<ArgumentException>();
        }

        var none = () => provider.DotProduct(null!, two);
        none.Should().Throw<ArgumentNullException>();
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public void MatrixNorm_EachKind_IsItsDefinition(string name)
    {
        var provider = Provider(name);
        foreach (var (m, n) in Shapes)
        {
            var a = Random<T>(m, n, m + n);
            var sizes = a.Select(x => Math.Abs(Of(x))).ToArray();
            var byColumn = Enumerable.Range(0, n).Max(j => Enumerable.Range(0, m).Sum(i => sizes[i + j * m]));
            var byRow = Enumerable.Range(0, m).Max(i => Enumerable.Range(0, n).Sum(j => sizes[i + j * m]));
            Check(Norm.OneNorm, byColumn);
            Check(Norm.InfinityNorm, byRow);
            Check(Norm.LargestAbsoluteValue, sizes.Max());
            Check(Norm.FrobeniusNorm, Math.Sqrt(sizes.Sum(x => x * x)));

            void Check(Norm norm, double expected) =>
                provider.MatrixNorm(norm, m, n, a).Should().BeApproximately(expected, m * n * Eps<T>() * expected, "{0} of {1} x {2}", norm, m, n);
        }
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public void MatrixMultiply_EveryTransposeAndFactor_EqualsTripleLoop(string name)
    {
        var provider = Provider(name);
        foreach (var (m, n, k) in ((int, int, int)[])[(1, 1, 1), (3, 5, 7), (40, 2, 9), (33, 34, 35)])
        {
            T[] product = new T[m * n], x = Random<T>(m, k, 1), y = Random<T>(k, n, 2);
            provider.MatrixMultiply(x, m, k, y, k, n, product);
            Distance<T, double>(product, Multiply<T>(false, false, m, n, k, x, m, y, k)).Should().BeLessThan(2 * k * k * Eps<T>());
            foreach (var (transA, transB) in ((bool, bool)[])[(false, false), (true, false), (false, true), (true, true)])
            {
                foreach (var (alpha, beta) in ((double, double)[])[(1, 0), (-0.5, 2), (0, 0.5), (1, 1)])
                {
                    int rowsA = transA ? k : m, columnsA = transA ? m : k, rowsB = transB ? n : k, columnsB = transB ? k : n;
                    T[] a = Random<T>(rowsA, columnsA, 3), b = Random<T>(rowsB, columnsB, 4), c = Random<T>(m, n, 5);
                    var expected = Multiply<T>(transA, transB, m, n, k, a, rowsA, b, rowsB)
                        .Zip(c, (p, q) => alpha * p + beta * Of(q)).ToArray();
                    provider.MatrixMultiplyWithUpdate(
                        Kind(transA), Kind(transB), T.CreateChecked(alpha), a, rowsA, columnsA, b, rowsB, columnsB, T.CreateChecked(beta), c);
                    Distance<T, double>(c, expected).Should().BeLessThan(2 * (k + 3) * (k + 3) * Eps<T>());
                }
            }
        }

        static MathNetTranspose Kind(bool transposed) => transposed ? MathNetTranspose.Transpose : MathNetTranspose.DontTranspose;
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public void MatrixMultiply_MatrixWithItsOwnTranspose_IsRightOnBothSides(string name)
    {
        var provider = Provider(name);
        const int m = 9, n = 5;
        T[] a = Random<T>(m, n, 1), inner = new T[n * n], outer = new T[m * m];
        provider.MatrixMultiplyWithUpdate(
            MathNetTranspose.Transpose, MathNetTranspose.DontTranspose, T.One, a, m, n, a, m, n, T.Zero, inner);
        Distance<T, double>(inner, Multiply<T>(true, false, n, n, m, a, m, a, m)).Should().BeLessThan(2 * m * m * Eps<T>());
        provider.MatrixMultiplyWithUpdate(
            MathNetTranspose.DontTranspose, MathNetTranspose.Transpose, T.One, a, m, n, a, m, n, T.Zero, outer);
        Distance<T, double>(outer, Multiply<T>(false, true, m, m, n, a, m, a, m)).Should().BeLessThan(2 * n * n * Eps<T>());
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public void MatrixMultiply_UnfitArrays_Throw(string name)
    {
        var provider = Provider(name);
        var inner = () => provider.MatrixMultiply(new T[6], 2, 3, new T[8], 4, 2, new T[4]);
        inner.Should().Throw<ArgumentOutOfRangeException>();
        var length = () => provider.MatrixMultiply(new T[5], 2, 3, new T[6], 3, 2, new T[4]);
        length.Should().Throw<ArgumentOutOfRangeException>();
        var result = () => provider.MatrixMultiply(new T[6], 2, 3, new T[6], 3, 2, new T[5]);
        result.Should().Throw<ArgumentOutOfRangeException>();
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public void Lu_RandomMatrix_FactorsSolvesAndInverts(string name)
    {
        var provider = Provider(name);
        foreach (var n in (int[])[1, 2, 17, 60])
        {
            // diagonally shifted: well conditioned, and still pivoted
            var a = Random<T>(n, n, n).Select((x, i) => i % n == (i / n + 1) % n ? x + T.CreateChecked(n) : x).ToArray();
            var b = Random<T>(n, 3, 7);
            T[] factors = [.. a], x = [.. b], inverse = [.. a];
            var pivots = new int[n];
            provider.LUFactor(factors, n, pivots);
            pivots.Should().Match(p => p.Select((row, i) => row >= i && row < n).All(ok => ok), "pivots are 0-based row exchanges");

            // P A = L U
            var permuted = a.Select(Of).ToArray();
            for (var i = 0; i < n; i++)
            {
                for (var j = 0; j < n; j++)
                {
                    (permuted[i + j * n], permuted[pivots[i] + j * n]) = (permuted[pivots[i] + j * n], permuted[i + j * n]);
                }
            }

            T[] lower = Identity<T>(n), upper = new T[n * n];
            for (var j = 0; j < n; j++)
            {
                for (var i = 0; i < n; i++)
                {
                    (i > j ? lower : upper)[i + j * n] = factors[i + j * n];
                }
            }

            var tolerance = 8 * n * n * Eps<T>();
            Distance<double, double>(Multiply<T>(false, false, n, n, n, lower, n, upper, n), permuted).Should().BeLessThan(tolerance);

            provider.LUSolve(3, a, n, x);
            Distance<double, T>(Multiply<T>(false, false, n, 3, n, a, n, x, n), b).Should().BeLessThan(tolerance);
            T[] again = [.. b];
            provider.LUSolveFactored(3, factors, n, pivots, again);
            Distance<T, T>(again, x).Should().BeLessThan(tolerance);
            provider.LUInverse(inverse, n);
            Distance<double, double>(Multiply<T>(false, false, n, n, n, a, n, inverse, n), Identity<double>(n)).Should().BeLessThan(tolerance);
            provider.LUInverseFactored(factors, n, pivots);
            Distance<T, T>(factors, inverse).Should().BeLessThan(tolerance);
        }
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public void Lu_SingularMatrix_FactorsWithAZeroAndHasNoInverse(string name)
    {
        var provider = Provider(name);
        T[] a = [T.One, T.One, T.One, T.One], factors = [.. a];
        provider.LUFactor(factors, 2, new int[2]);
        factors[3].Should().Be(T.Zero, "MathNet reads the determinant from it");

        // an exception, or numbers that nobody takes for an inverse
        var caught = Record.Exception(() => provider.LUInverse(a, 2));
        (caught is SingularUMatrixException || a.Any(x => !T.IsFinite(x))).Should().BeTrue();
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public void Cholesky_PositiveDefinite_FactorsAndSolves(string name)
    {
        var provider = Provider(name);
        foreach (var n in (int[])[1, 2, 17, 70])
        {
            T[] a = PositiveDefinite<T>(n, n), b = Random<T>(n, 2, 3), factor = [.. a], x = [.. b], again = [.. b];
            var tolerance = 8 * n * Math.Sqrt(n) * Eps<T>();
            provider.CholeskyFactor(factor, n);
            Distance<double, T>(Multiply<T>(false, true, n, n, n, factor, n, factor, n), a).Should().BeLessThan(tolerance);
            factor.Where((x, i) => i % n < i / n && !T.IsZero(x)).Should().BeEmpty("above the diagonal is zero");
            provider.CholeskySolve(a, n, x, 2);
            Distance<double, T>(Multiply<T>(false, false, n, 2, n, a, n, x, n), b).Should().BeLessThan(tolerance);
            provider.CholeskySolveFactored(factor, n, again, 2);
            Distance<T, T>(again, x).Should().BeLessThan(tolerance);
        }
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public void Cholesky_Indefinite_Throws(string name)
    {
        var provider = Provider(name);
        var a = Identity<T>(5);
        a[18] = -T.One;
        var act = () => provider.CholeskyFactor(a, 5);
        act.Should().Throw<ArgumentException>().WithMessage("Matrix must be positive definite*");
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public void Qr_FullAndThin_RebuildAndSolve(string name)
    {
        var provider = Provider(name);
        foreach (var (m, n) in Shapes)
        {
            var k = Math.Min(m, n);
            var tolerance = 8 * Math.Max(m, n) * Math.Sqrt(m) * Eps<T>();
            T[] a = Random<T>(m, n, 1), r = [.. a], q = new T[m * m], tau = new T[k];
            provider.QRFactor(r, m, n, q, tau);
            Unorthogonality(m, m, q).Should().BeLessThan(tolerance);
            Distance<double, T>(Multiply<T>(false, false, m, n, m, q, m, r, m), a).Should().BeLessThan(tolerance);
            Enumerable.Range(0, m * n).Where(i => i % m > i / m).Select(i => Math.Abs(Of(r[i]))).Append(0).Max().Should().BeLessThan(tolerance);
            if (m < n)
            {
                continue;
            }

            T[] thin = [.. a], small = new T[n * n];
            provider.ThinQRFactor(thin, m, n, small, new T[n]);
            Unorthogonality(m, n, thin).Should().BeLessThan(tolerance);
            Distance<double, T>(Multiply<T>(false, false, m, n, n, thin, m, small, n), a).Should().BeLessThan(tolerance);

            // least squares: A'(A x - b) = 0; the square case is an exact solve with the condition number in x only
            T[] b = Random<T>(m, 2, 2), x = new T[n * 2];
            provider.QRSolve(a, m, n, b, 2, x, QRMethod.Full);
            CheckSolution(x);
            provider.QRSolveFactored(q, r, m, n, tau, b, 2, x, QRMethod.Full);
            CheckSolution(x);
            provider.QRSolveFactored(thin, small, m, n, tau, b, 2, x, QRMethod.Thin);
            CheckSolution(x);

            void CheckSolution(T[] solution)
            {
                var residual = Multiply<T>(false, false, m, 2, n, a, m, solution, n).Zip(b, (p, y) => p - Of(y)).ToArray();
                var gradient = Multiply<double>(true, false, n, 2, m, [.. a.Select(Of)], m, residual, m);
                Distance<double, double>(gradient, new double[2 * n]).Should().BeLessThan(
                    tolerance * m * (1 + solution.Max(v => Math.Abs(Of(v)))));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public void Svd_AnyShape_RebuildsWithFullFactors(string name)
    {
        var provider = Provider(name);
        foreach (var (m, n) in Shapes)
        {
            var k = Math.Min(m, n);
            var tolerance = 8 * Math.Max(m, n) * Math.Sqrt(Math.Max(m, n)) * Eps<T>();
            T[] a = Random<T>(m, n, 1), s = new T[k], u = new T[m * m], vt = new T[n * n], alone = new T[k];
            provider.SingularValueDecomposition(true, [.. a], m, n, s, u, vt);
            s.Should().BeInDescendingOrder();
            Unorthogonality(m, m, u).Should().BeLessThan(tolerance);
            Unorthogonality(n, n, vt).Should().BeLessThan(tolerance);
            var scaled = u.Take(m * k).Select((x, i) => x * s[i / m]).ToArray();
            Distance<double, T>(Multiply<T>(false, false, m, n, k, scaled, m, vt, n), a).Should().BeLessThan(tolerance);

            provider.SingularValueDecomposition(false, [.. a], m, n, alone, new T[m * m], new T[n * n]);
            Distance<T, T>(alone, s).Should().BeLessThan(tolerance);
        }
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public void SvdSolve_FullRank_IsLeastSquares(string name)
    {
        var provider = Provider(name);
        foreach (var (m, n) in ((int, int)[])[(12, 12), (30, 11)])
        {
            T[] a = Random<T>(m, n, 1).Select((x, i) => i % m == i / m ? x + T.CreateChecked(8) : x).ToArray(), b = Random<T>(m, 2, 2);
            T[] x = new T[n * 2], again = new T[n * 2], s = new T[n], u = new T[m * m], vt = new T[n * n];
            provider.SvdSolve(a, m, n, b, 2, x);
            var residual = Multiply<T>(false, false, m, 2, n, a, m, x, n).Zip(b, (p, y) => p - Of(y)).ToArray();
            Distance<double, double>(Multiply<double>(true, false, n, 2, m, [.. a.Select(Of)], m, residual, m), new double[2 * n])
                .Should().BeLessThan(8 * m * m * 8 * Eps<T>());
            provider.SingularValueDecomposition(true, [.. a], m, n, s, u, vt);
            provider.SvdSolveFactored(m, n, s, u, vt, b, 2, again);
            Distance<T, T>(again, x).Should().BeLessThan(8 * m * Eps<T>());
        }
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public void Evd_Symmetric_DiagonalisesAndLeavesTheArgument(string name)
    {
        var provider = Provider(name);
        foreach (var n in (int[])[1, 2, 17, 40])
        {
            T[] a = PositiveDefinite<T>(n, 3), before = [.. a], vectors = new T[n * n], diagonal = new T[n * n];
            var values = new Complex[n];
            provider.EigenDecomp(true, n, a, vectors, values, diagonal);
            a.Should().Equal(before, "it is the caller's own storage");
            values.Select(v => v.Real).Should().BeInAscendingOrder();
            values.Should().OnlyContain(v => v.Imaginary == 0);
            Distance<T, double>(diagonal, [.. Enumerable.Range(0, n * n).Select(i => i % n == i / n ? values[i % n].Real : 0)]).Should().Be(0);
            var tolerance = 8 * n * Math.Sqrt(n) * Eps<T>();
            Unorthogonality(n, n, vectors).Should().BeLessThan(tolerance);
            Distance<double, double>(
                Multiply<T>(false, false, n, n, n, a, n, vectors, n), Multiply<T>(false, false, n, n, n, vectors, n, diagonal, n))
                .Should().BeLessThan(tolerance * values[^1].Real);
        }
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public void Evd_Unsymmetric_SolvesTheEigenEquation(string name)
    {
        var provider = Provider(name);
        const int n = 9;
        T[] a = Random<T>(n, n, 4), before = [.. a], vectors = new T[n * n], blocks = new T[n * n];
        var values = new Complex[n];
        provider.EigenDecomp(false, n, a, vectors, values, blocks);
        a.Should().Equal(before);
        Distance<double, double>(
            Multiply<T>(false, false, n, n, n, a, n, vectors, n), Multiply<T>(false, false, n, n, n, vectors, n, blocks, n))
            .Should().BeLessThan(100 * n * Eps<T>() * vectors.Max(v => Math.Abs(Of(v))));
        values.Sum(v => v.Real).Should().BeApproximately(Enumerable.Range(0, n).Sum(i => Of(a[i + i * n])), 100 * n * Eps<T>());
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public void Factorisations_UnfitArrays_Throw(string name)
    {
        var provider = Provider(name);
        T[] four = new T[4], three = new T[3];
        foreach (var act in (Action[])
                 [
                     () => provider.LUFactor(three, 2, new int[2]), () => provider.LUFactor(four, 2, new int[1]),
                     () => provider.LUInverse(three, 2), () => provider.LUSolve(1, four, 2, three),
                     () => provider.CholeskySolve(four, 2, three, 1), () => provider.QRFactor(four, 2, 2, three, new T[2]),
                     () => provider.ThinQRFactor(three, 2, 2, four, new T[2]), () => provider.QRSolve(four, 1, 4, new T[1], 1, four),
                     () => provider.SingularValueDecomposition(true, four, 2, 2, new T[2], three, four),
                     () => provider.EigenDecomp(true, 2, four, three, new Complex[2], four), () => provider.LUSolve(2, four, 2, four),
                 ])
        {
            act.Should().Throw<ArgumentException>();
        }
    }

    private static double Of(T x) => double.CreateChecked(x);

    private static ILinearAlgebraProvider<T> Provider(string name) => (ILinearAlgebraProvider<T>)(object)(name == Reference
        ? new ManagedLinearAlgebraProvider()
        : AvailableBackends.Of(Enum.Parse<BackendKind>(name)).Provider);
}

/// <summary>The contract in double precision.</summary>
public sealed class DoubleProviderTests : ProviderContract<double>;

/// <summary>The contract in single precision.</summary>
public sealed class SingleProviderTests : ProviderContract<float>;
