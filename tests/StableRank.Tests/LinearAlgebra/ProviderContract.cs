using System.Numerics;
using MathNet.Numerics.Providers.LinearAlgebra;
using StableRank.LinearAlgebra;
using static StableRank.Tests.LinearAlgebra.Dense;
using MathNetTranspose = MathNet.Numerics.Providers.LinearAlgebra.Transpose;

namespace StableRank.Tests.LinearAlgebra;

/// <summary>
/// What MathNet may expect of a provider for one scalar type: run over ours on every backend here and over MathNet's own managed
/// provider. Entries are in (-1, 1) and orders n small, so that n eps times the size of the result bounds each error.
/// </summary>
public abstract partial class ProviderContract<T>
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
                provider.MatrixNorm(norm, m, n, a).Should().BeApproximately(
                    expected, m * n * Eps<T>() * expected, "{0} of {1} x {2}", norm, m, n);
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
                        Kind(transA), Kind(transB), T.CreateChecked(alpha), a, rowsA, columnsA, b, rowsB, columnsB,
                        T.CreateChecked(beta), c);
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

    private static double Of(T x) => double.CreateChecked(x);

    private static ILinearAlgebraProvider<T> Provider(string name) => (ILinearAlgebraProvider<T>)(object)(name == Reference
        ? new ManagedLinearAlgebraProvider()
        : AvailableBackends.Of(Enum.Parse<BackendKind>(name)).Provider);
}

/// <summary>The contract in double precision.</summary>
public sealed class DoubleProviderTests : ProviderContract<double>;

/// <summary>The contract in single precision.</summary>
public sealed class SingleProviderTests : ProviderContract<float>;
