using MathNet.Numerics.LinearAlgebra;
using StableRank.GradientRank;
using StableRank.Networks;
using StableRank.Randomness;
using StableRank.Spectra;

namespace StableRank.Tests.GradientRank;

public sealed class LeakyReluRankTests
{
    private static readonly double[] Slopes = [0, 1e-12, 0.01, 0.3, 0.7, 0.99, 1 - 1e-9, 1 - 3e-16, 1];

    public static TheoryData<int, int, int> Shapes() => new() { { 1, 1, 1 }, { 7, 3, 2 }, { 5, 12, 5 }, { 24, 24, 4 }, { 30, 30, 30 } };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Bounds_OverSlopesAndSeeds_HoldInBothPrecisions(int rows, int columns, int rank)
    {
        foreach (var seed in Enumerable.Range(1, 20))
        {
            var z = OfRank(rows, columns, rank, (ulong)seed);
            foreach (var slope in Slopes)
            {
                Check(LeakyReluRank.Of(z, slope));
                Check(LeakyReluRank.Of(z.Map(x => (float)x), slope));
            }
        }

        static void Check(LeakyReluRank result)
        {
            result.Majorisation.Holds.Should().BeTrue();
            result.Majorisation.WorstRatio.Should().BeLessThan(1 + 1e-5);
            result.LowerEstimate.Should().BeLessThanOrEqualTo(result.NumericalRank(), "P2's threshold is the greater one");
            for (var k = 0; k < result.Output.Count; k++)
            {
                result.Output[k].Should().BeLessThanOrEqualTo(result.UpperValues[k] + result.Rounding);
                result.UpperValues[k].Should().BeLessThanOrEqualTo(result.WeylValues[k] + result.Rounding);
            }

            foreach (var relative in new[] { 1e-14, 1e-6, 1e-3, 0.1, 0.5 })
            {
                var tolerance = relative * result.Output.SpectralNorm;
                result.Output.NumericalRank(tolerance).Should().BeLessThanOrEqualTo(result.UpperCount(tolerance));
            }
        }
    }

    [Fact]
    public void Output_IsThatOfTheActivation()
    {
        var z = OfRank(9, 6, 3, 1);
        foreach (var slope in Slopes)
        {
            var values = new double[54];
            Activation.LeakyReLU(slope).Apply<double>(z.ToColumnMajorArray(), values);
            var expected = Spectrum.Of(Matrix<double>.Build.Dense(9, 6, values));
            var result = LeakyReluRank.Of(z, slope);
            result.Output.Should().Equal(expected);

            // (6.5) by D itself, as a matrix
            var d = z.Map(x => x > 0 ? 1 : slope);
            var zhan = ZhanMajorisation.Of(d, z);
            zhan.Left.Zip(result.Majorisation.Left).Should().OnlyContain(p => Math.Abs(p.First - p.Second) < 1e-13 * expected.NuclearNorm);
            var scale = zhan.Right[^1];
            zhan.Right.Zip(result.Majorisation.Right).Should().OnlyContain(p => Math.Abs(p.First - p.Second) < 1e-13 * scale);
        }
    }

    [Fact]
    public void LowerEstimate_IsStrictlyBelowTheNumericalRank()
    {
        // values between eps s_1(phi(Z)) and P2's threshold: a positive matrix, on which phi is the identity, D all ones and c_1 = sqrt(m);
        // s = (1, 2 eps) while the threshold is eps sqrt(16) = 4 eps
        const int M = 16;
        var u = Matrix<double>.Build.Dense(M, 1, 1 / Math.Sqrt(M));
        var v = Matrix<double>.Build.Dense(M, 1, (i, _) => (i % 2 == 0 ? 1 : -1) / Math.Sqrt(M));
        const float Second = 2f / (1 << 23);
        // in single precision, where 1/16 + Second/16 is exact
        var z = (u * u.Transpose() + Second * v * v.Transpose()).Map(x => (float)x);
        var result = LeakyReluRank.Of(z, 0.5);
        result.Output.Should().Equal(result.Input);
        result.PrintedThreshold.Should().BeApproximately(4.0 / (1 << 23), 1e-12);
        result.NumericalRank().Should().Be(2, "the second value is 2 eps");
        result.LowerEstimate.Should().Be(1);
    }

    [Fact]
    public void SlopeOne_LeavesZ_AndItsKnownRankIsTheUpperCount()
    {
        var result = LeakyReluRank.Of(OfRank(40, 40, 6, 3), 1);
        result.Output.Should().Equal(result.Input);
        result.UpperValues.Should().Equal(result.Input);
        result.Rounding.Should().Be(0);
        result.UpperCount(1e-12 * result.Input.SpectralNorm).Should().Be(6);
        result.NumericalRank(NumericalRankRule.Lapack).Should().Be(6);
    }

    [Fact]
    public void WeylValues_NearSlopeOne_AreTight()
    {
        // beyond the rank of Z the bound is (1 - a) ||N||, and the values are of that order
        var z = OfRank(40, 40, 6, 3);
        foreach (var gap in new[] { 1e-3, 1e-6, 1e-9 })
        {
            var result = LeakyReluRank.Of(z, 1 - gap);
            var bound = result.WeylValues[6];
            result.Output[6].Should().BeInRange(0.01 * bound, bound + result.Rounding);
            result.UpperCount(1.01 * bound).Should().Be(6);
            result.UpperCount(0.01 * bound).Should().BeGreaterThan(6);
        }
    }

    [Fact]
    public void UpperValues_OfSmallSlopes_UseThePositivePart()
    {
        // Z = z z^T of a vector without zeros: P has rank 2, and so has phi(Z) up to a
        var vector = Vector<double>.Build.Dense(12, i => i % 3 == 0 ? -1.0 - i : 2.0 + i);
        var z = vector.OuterProduct(vector);
        var result = LeakyReluRank.Of(z, 1e-8);
        result.WeylValues[2].Should().BeGreaterThan(0.1 * result.Output[0], "(6.6) knows nothing there");
        result.UpperValues[2].Should().BeLessThan(1e-7 * result.Output[0]);
    }

    [Fact]
    public void ZhanMajorisation_OfAnyTwoMatrices_Holds()
    {
        for (var seed = 0UL; seed < 500; seed++)
        {
            var stream = new RandomStream(seed, layer: 7);
            var (m, n) = (1 + stream.NextInt32(9), 1 + stream.NextInt32(9));
            double[] d = new double[m * n], z = new double[m * n];
            stream.FillGaussian<double>(d);
            stream.FillGaussian<double>(z);
            ZhanMajorisation.Of(Matrix<double>.Build.Dense(m, n, d), Matrix<double>.Build.Dense(m, n, z)).Holds.Should().BeTrue();
        }
    }

    [Fact]
    public void ZhanMajorisation_IsAttained()
    {
        // D = I: min(c_i, r_i) = 1, and D o Z = Z for diagonal Z
        var z = Matrix<double>.Build.DenseOfDiagonalArray([3, 2, 1]);
        var zhan = ZhanMajorisation.Of(Matrix<double>.Build.DenseIdentity(3), z);
        zhan.Left.Should().Equal([3, 5, 6]);
        zhan.Right.Should().Equal([3, 5, 6]);
        zhan.WorstRatio.Should().Be(1);
        zhan.Holds.Should().BeTrue();
    }

    [Fact]
    public void ZhanMajorisation_OfAProductThatIsNotDOfZ_IsSeenToFail()
    {
        var z = OfRank(20, 20, 20, 1);
        var d = z.Map(x => x > 0 ? 1.0 : 0.3);
        ZhanMajorisation.Of(d, z, d.PointwiseMultiply(z)).Holds.Should().BeTrue();

        // entries of D above 1 that the bound does not know of
        var product = d.Map(x => 8 * x).PointwiseMultiply(z);
        ZhanMajorisation.Of(d, z, product).Holds.Should().BeFalse();
        ZhanMajorisation.Of(d, z, product).WorstRatio.Should().BeGreaterThan(1);

        // an excess of a thousandth beyond equality is seen as well, in either precision
        var one = Matrix<double>.Build.DenseIdentity(8);
        ZhanMajorisation.Of(one, one, one * 1.001).Holds.Should().BeFalse();
        ZhanMajorisation.Of(one, one, one * (1 + 1e-13)).Holds.Should().BeFalse();
        var single = Matrix<float>.Build.DenseIdentity(8);
        ZhanMajorisation.Of(single, single, single * 1.001f).Holds.Should().BeFalse();
    }

    [Fact]
    public void Guards_NameWhatIsWrong()
    {
        var z = Matrix<double>.Build.Dense(2, 3, 1);
        foreach (var slope in new[] { -0.1, 1.1, double.NaN })
        {
            FluentActions.Invoking(() => LeakyReluRank.Of(z, slope)).Should().Throw<ArgumentOutOfRangeException>();
        }

        FluentActions.Invoking(() => ZhanMajorisation.Of(z.Transpose(), z)).Should().Throw<ArgumentException>()
            .WithMessage("*3 x 2*2 x 3*");
        FluentActions.Invoking(() => LeakyReluRank.Of(z, 0.5).UpperCount(double.NaN)).Should().Throw<ArgumentOutOfRangeException>();
        z[1, 2] = double.NaN;
        FluentActions.Invoking(() => LeakyReluRank.Of(z, 0.5)).Should().Throw<ArgumentException>().WithMessage("*row 1, column 2*");

        var zero = LeakyReluRank.Of(Matrix<float>.Build.Dense(3, 3), 0.5);
        (zero.NumericalRank(), zero.LowerEstimate, zero.Majorisation.Holds).Should().Be((0, 0, true));
    }

    private static Matrix<double> OfRank(int rows, int columns, int rank, ulong seed)
    {
        var stream = new RandomStream(seed);
        double[] left = new double[rows * rank], right = new double[rank * columns];
        stream.FillGaussian<double>(left);
        stream.FillGaussian<double>(right);
        return Matrix<double>.Build.Dense(rows, rank, left) * Matrix<double>.Build.Dense(rank, columns, right);
    }
}
