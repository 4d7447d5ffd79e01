using MathNet.Numerics.LinearAlgebra;
using StableRank.LinearAlgebra;
using StableRank.Spectra;
using StableRank.Training;
using static StableRank.Tests.Training.TestMatrices;

namespace StableRank.Tests.Training;

public sealed class NearestStableRankTests
{
    private static readonly (int M, int N)[] Shapes = [(1, 1), (1, 7), (7, 1), (2, 2), (12, 12), (40, 13), (13, 40), (64, 65)];

    /// <summary>The certificate's slack, and as much for the values that the test computes.</summary>
    private static double Exactness(int m, int n) => 16 * Math.Max(m, n) * Eps;

    [Fact]
    public void Project_AnyMatrix_IsTheDecompositionWithTheNearestSpectrum()
    {
        var routes = new HashSet<ProjectionRoute>();
        for (var seed = 0; seed < 48; seed++)
        {
            var (m, n) = Shapes[seed % Shapes.Length];
            var k = Math.Min(m, n);
            var random = new Random(seed);
            var w = Gaussian<double>(m, n, (ulong)seed);
            var r = seed < Shapes.Length ? 1 : 1 + (k - 1) * Math.Pow(random.NextDouble(), 2);
            var keep = (KeptNorm)(seed % 3);

            var result = w.NearestWithStableRank(r, keep);
            routes.Add(result.Route);

            var (values, u, vt) = SingularValues.Thin(w);
            var expected = NearestSpectrum.To(Spectrum.FromSingularValues(values), r, keep);
            var matrix = u * Matrix<double>.Build.DiagonalOfDiagonalArray([.. expected.Spectrum]) * vt;

            // the triple's residual of 1e-10 moves its vectors by that over the gap to the second value
            var gap = k == 1 ? 1 : (values[0] - values[1]) / values[0];
            Distance(result.Matrix, matrix).Should().BeLessThan(w.FrobeniusNorm() * (k * 16 * Eps + 4e-10 / gap), "seed {0}", seed);
            result.Distance.Should().BeApproximately(Distance(w, result.Matrix), 64 * k * Eps * w.FrobeniusNorm());
            result.Distance.Should().BeApproximately(expected.Distance, w.FrobeniusNorm() * (64 * k * Eps + 1e-14 / gap));
            result.SpectralNorm.Should().BeApproximately(expected.Spectrum.SpectralNorm, 1e-12 * values[0]);
            StableRankOf(result.Matrix).Should().BeApproximately(r, r * Exactness(m, n), "seed {0}, {1}", seed, result.Route);
            if (keep == KeptNorm.Frobenius)
            {
                result.Matrix.FrobeniusNorm().Should().BeApproximately(w.FrobeniusNorm(), 16 * k * Eps * w.FrobeniusNorm());
            }
        }

        routes.Should().Contain([ProjectionRoute.RankOne, ProjectionRoute.Decomposition]);
    }

    [Fact]
    public void Project_AnyMatrix_NoOtherMatrixNearbyIsNearer()
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            var w = Gaussian<double>(4, 3, (ulong)seed);
            var r = 1.1 + 1.8 * random.NextDouble();
            var nearest = w.NearestWithStableRank(r);
            for (var trial = 0; trial < 200; trial++)
            {
                // any matrix of stable rank r, from a disturbed one by scaling all values but the greatest
                var size = Math.Pow(10, -3 * random.NextDouble());
                var disturbed = nearest.Matrix + size * Gaussian<double>(4, 3, (ulong)(1000 + 200 * seed + trial));
                var (s, u, vt) = SingularValues.Thin(disturbed);
                var factor = Math.Sqrt((r - 1) * s[0] * s[0] / (s.Sum(x => x * x) - s[0] * s[0]));
                if (s[1] * factor > s[0])
                {
                    continue;
                }

                var other = u * Matrix<double>.Build.DiagonalOfDiagonalArray([s[0], factor * s[1], factor * s[2]]) * vt;
                StableRankOf(other).Should().BeApproximately(r, 1e-12);
                Distance(w, other).Should().BeGreaterThanOrEqualTo(nearest.Distance * (1 - 1e-13));
            }
        }
    }

    [Fact]
    public void Project_Routes_FollowTheConditionOnTau()
    {
        for (var seed = 0UL; seed < 20; seed++)
        {
            double[] values = [5, 3, 2, 1.5, 1, 0.5, 0.2, 0.1];
            var w = WithValues(12, 8, values, seed);
            var own = Spectrum.FromSingularValues(values).StableRank;
            var reach = 1 + values.Skip(1).Sum(s => s * s) / 9;
            own.Should().BeLessThan(reach);
            w.NearestWithStableRank(own - 0.1).Route.Should().Be(ProjectionRoute.RankOne);
            w.NearestWithStableRank(own + 0.5 * (reach - own)).Route.Should().Be(ProjectionRoute.RankOne, "raising too, while tau >= s_2");
            w.NearestWithStableRank(reach + 0.1).Route.Should().Be(ProjectionRoute.Decomposition);
            var lowered = w.NearestWithStableRank(own - 0.1);
            lowered.Tau.Should().BeGreaterThan(5);
            SingularValues.Of(lowered.Matrix).Should().OnlyContain(s => s <= lowered.SpectralNorm * (1 + 64 * Eps));
        }
    }

    [Fact]
    public void Project_Twice_ChangesNothing()
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var w = Gaussian<double>(20, 30, (ulong)seed);
            var r = 1 + 18.5 * new Random(seed).NextDouble();
            foreach (var keep in Enum.GetValues<KeptNorm>())
            {
                var once = w.NearestWithStableRank(r, keep).Matrix;
                var twice = once.NearestWithStableRank(r, keep);
                Distance(once, twice.Matrix).Should().BeLessThan(Exactness(20, 30) * once.FrobeniusNorm());
                twice.Distance.Should().BeLessThan(Exactness(20, 30) * once.FrobeniusNorm());
            }
        }
    }

    [Fact]
    public void Project_Single_IsExactToTheRoundingOfEntries()
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var w = Gaussian<float>(50, 40, (ulong)seed);
            var r = 1 + 38 * new Random(seed).NextDouble();
            var result = w.NearestWithStableRank(r);

            // entries off by 2^-24 of themselves, at random: s_1 and the norm by less than eps each
            StableRankOf(result.Matrix).Should().BeApproximately(r, r * 4 / (1 << 23));
        }
    }

    [Fact]
    public void Project_ExtremeScales_AreTheSameUpToScale()
    {
        var w = Gaussian<double>(9, 6, 5);
        var expected = w.NearestWithStableRank(2.5);
        foreach (var exponent in (int[])[-900, 900])
        {
            var scale = Math.ScaleB(1, exponent);
            var result = (w * scale).NearestWithStableRank(2.5);
            result.Matrix.Should().Be(expected.Matrix * scale);
            result.Tau.Should().Be(expected.Tau * scale);
            result.Distance.Should().Be(expected.Distance * scale);
        }
    }

    [Fact]
    public void Project_MultipleTopValue_IsUniqueOnlyWhenRaising()
    {
        var w = WithValues(10, 6, [2, 2, 2, 1, 1, 0.5], 3);
        var lowered = w.NearestWithStableRank(2);
        lowered.IsUnique.Should().BeFalse();
        StableRankOf(lowered.Matrix).Should().BeApproximately(2, Exactness(10, 6));
        var expected = NearestSpectrum.To(Spectrum.Of(w), 2).Distance;
        Distance(lowered.Matrix, w).Should().BeApproximately(expected, 1e-13);
        w.NearestWithStableRank(4.5).IsUnique.Should().BeTrue();
        Matrix<double>.Build.DenseIdentity(5).NearestWithStableRank(1).IsUnique.Should().BeFalse();
        Matrix<double>.Build.DenseIdentity(5).NearestWithStableRank(5).Distance.Should().BeLessThan(1e-14);
        WithValues(10, 6, [2.1, 2, 2, 1, 1, 0.5], 3).NearestWithStableRank(2).IsUnique.Should().BeTrue();
    }

    [Fact]
    public void Project_TooFewValuesAboveZero_IsAnError()
    {
        var w = WithValues(9, 6, [3, 1, 0.5, 0, 0, 0], 4);
        StableRankOf(w.NearestWithStableRank(3).Matrix).Should().BeApproximately(3, 1e-12);
        FluentActions.Invoking(() => w.NearestWithStableRank(3.001)).Should().Throw<ArgumentException>()
            .WithMessage("*3.001*only 3*not unique*");
        var rankOne = Gaussian<double>(9, 1, 1) * Gaussian<double>(1, 6, 2);
        FluentActions.Invoking(() => rankOne.NearestWithStableRank(1.5)).Should().Throw<ArgumentException>().WithMessage("*not unique*");
        Distance(rankOne.NearestWithStableRank(1).Matrix, rankOne).Should().BeLessThan(1e-13);
        FluentActions.Invoking(() => Matrix<double>.Build.Dense(3, 3).NearestWithStableRank(1)).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => w.NearestWithStableRank(6.5)).Should().Throw<ArgumentOutOfRangeException>().WithMessage("*6.5*6*");
        w[2, 3] = double.NaN;
        FluentActions.Invoking(() => w.NearestWithStableRank(2)).Should().Throw<ArgumentException>().WithMessage("*NaN*");
    }

    [Fact]
    public void AtMost_AnyMatrix_KeepsTheSpectralNormAndBoundsTheStableRank()
    {
        for (var seed = 0UL; seed < 20; seed++)
        {
            var w = Gaussian<double>(30, 20, seed);
            double own = StableRankOf(w), norm = Spectrum.Of(w).SpectralNorm;
            var bounded = StableRankNormalization.AtMost(w, 0.6 * own);
            StableRankOf(bounded.Matrix).Should().BeApproximately(0.6 * own, Exactness(30, 20) * own);
            Spectrum.Of(bounded.Matrix).SpectralNorm.Should().BeApproximately(norm, Exactness(30, 20) * norm);
            bounded.Scale.Should().BeInRange(0, 1);
            var free = StableRankNormalization.AtMost(w, 1.1 * own);
            free.Route.Should().Be(ProjectionRoute.Unchanged);
            free.Matrix.Should().Be(w);
            free.StableRank.Should().BeApproximately(own, Exactness(30, 20) * own);
        }
    }
}
