using System.Numerics;
using MathNet.Numerics;
using MathNet.Numerics.LinearAlgebra.Factorization;
using static StableRank.Tests.LinearAlgebra.Dense;

namespace StableRank.Tests.LinearAlgebra;

/// <summary>The half of the contract about factorisations and the solves that use them.</summary>
public abstract partial class ProviderContract<T>
{
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
            Distance<double, double>(Multiply<T>(false, false, n, n, n, a, n, inverse, n), Identity<double>(n))
                .Should().BeLessThan(tolerance);
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
            r.Where((x, i) => i % m > i / m && !(Math.Abs(Of(x)) < tolerance)).Should().BeEmpty("below the diagonal is rounding at most");
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
            var expected = diagonal.Select((_, i) => i % n == i / n ? values[i % n].Real : 0).ToArray();
            Distance<T, double>(diagonal, expected).Should().Be(0);
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
}
