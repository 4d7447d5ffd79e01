using MathNet.Numerics.LinearAlgebra;
using StableRank.Ensembles;
using StableRank.Networks;
using StableRank.Propagation;
using StableRank.Randomness;
using StableRank.Replication;
using StableRank.Spectra;
using StableRank.Tests.Ensembles;

namespace StableRank.Tests.Propagation;

public sealed class LinearProductTests
{
    private static readonly int[] Widths = [12, 20, 9, 15];
    private const int Seeds = 20;

    [Fact]
    public void OrthogonalLayers_MultiplyTheIdentity()
    {
        // P = s^2 I of the input's size at every depth while layers do not narrow
        var layers = new[] { (9, 9, 1.5), (14, 9, 0.7), (14, 14, 2.0) }.Select(
            l => ProductLayer.Of(Ensemble.Orthogonal(l.Item1, l.Item2, l.Item3)));
        var product = LinearProduct.Of([.. layers]);
        var square = 1.0;
        foreach (var (moments, s) in product.Zip([1.5, 0.7, 2.0]))
        {
            square *= s * s;
            Math.Exp(moments.LogTrace).Should().BeApproximately(9 * square, 1e-13 * 9 * square);
            moments.ParticipationRank.Should().BeApproximately(9, 1e-12);
            moments.RelativeVarianceOfTrace.Should().BeApproximately(0, 1e-14);
        }
    }

    [Fact]
    public void LayersOfFanInOne_AndOfRankOne_AreTheirClosedForms()
    {
        // n = 1: J is a column of norm s; then a matrix acts on it: (4.2)
        var spectrum = Spectrum.FromSingularValues(2.0, 1.0, 0.5);
        var moments = LinearProduct.Of([ProductLayer.Of(4, 1, Spectrum.FromSingularValues(3.0)), ProductLayer.Of(3, 4, spectrum)]);
        Math.Exp(moments[0].LogTrace).Should().BeApproximately(9, 1e-14);
        moments[0].ParticipationRank.Should().BeApproximately(1, 1e-15);
        var exact = Ensemble.FromSpectrum(3, 4, spectrum).Moments;
        Math.Exp(moments[1].LogTrace).Should().BeApproximately(9 * exact.SecondMoment, 1e-13);
        Math.Exp(moments[1].LogSquaredTrace).Should().BeApproximately(81 * exact.FourthMoment, 1e-12 * 81 * exact.FourthMoment);
        moments[1].ParticipationRank.Should().BeApproximately(1, 1e-14, "a vector has rank one");

        // s_1 s_2 (u.v) of two rank-one layers: E (u.v)^4 = 3/(n(n+2))
        var ones = Spectrum.FromSingularValues(1.0);
        var two = LinearProduct.Of([ProductLayer.Of(7, 5, ones), ProductLayer.Of(6, 7, ones)])[1];
        Math.Exp(two.LogTrace).Should().BeApproximately(1 / 7.0, 1e-15);
        Math.Exp(two.LogSquaredTrace).Should().BeApproximately(3.0 / (7 * 9), 1e-15);
    }

    [Fact]
    public void GaussianLayers_HaveWishartMoments()
    {
        // E tr (W^T W)^2 and E (tr W^T W)^2 of one layer, then of two: E tr = v1 v2 n0 n1 n2
        const double v = 0.3;
        int m = 5, n = 8;
        var one = LinearProduct.Of([ProductLayer.Of(Ensemble.Gaussian(m, n, v))])[0];
        Math.Exp(one.LogTrace).Should().BeApproximately(v * m * n, 1e-13);
        Math.Exp(one.LogSquaredTrace).Should().BeApproximately(v * v * m * n * (m * n + 2), 1e-12);
        Math.Exp(one.LogTraceOfSquare).Should().BeApproximately(v * v * m * n * (m + n + 1), 1e-12);

        // given W1, with A = W1 W1^T: E (tr W2 A W2^T)^2 = v^2 (k^2 (tr A)^2 + 2 k tr A^2), and
        // E tr (W2 A W2^T)^2 = v^2 (k (k+1) tr A^2 + k (tr A)^2)
        const int k = 4;
        var two = LinearProduct.Of([ProductLayer.Of(Ensemble.Gaussian(m, n, v)), ProductLayer.Of(Ensemble.Gaussian(k, m, v))])[1];
        var (square, ofSquare) = (v * v * m * n * (m * n + 2), v * v * m * n * (m + n + 1.0));
        Math.Exp(two.LogSquaredTrace).Should().BeApproximately(v * v * (k * k * square + 2 * k * ofSquare), 1e-11);
        Math.Exp(two.LogTraceOfSquare).Should().BeApproximately(v * v * (k * (k + 1) * ofSquare + k * square), 1e-11);
    }

    public static TheoryData<string> Ensembles() => ["flat", "spike", "power-law", "gaussian", "mixed", "random"];

    /// <summary>
    /// Theory (4.9) over 20 seeds against products formed by GEMM: 6 ensembles, layers 1 and 3, three quantities. The 20 estimates are
    /// independent; their mean must lie within 4 standard errors: with 36 comparisons a right library fails with probability 2e-3.
    /// </summary>
    [Theory]
    [MemberData(nameof(Ensembles))]
    public void Moments_OverTwentySeeds_AgreeWithProductsOfMatrices(string kind)
    {
        var model = Model.Dense(Widths, Activation.Linear, (l, m, n) => Make(kind, l, m, n));
        var exact = LinearProduct.Of(model);
        var runs = Run(model, 200);
        foreach (var l in new[] { 0, 2 })
        {
            var slack = exact[l].RelativeStandardError;
            Deviation(runs, r => r.Layers[l].LogTrace, exact[l].LogTrace, 0).Should().BeLessThan(4);
            Deviation(runs, r => r.Layers[l].LogSquaredTrace, exact[l].LogSquaredTrace, slack).Should().BeLessThan(4);
            Deviation(runs, r => r.Layers[l].LogTraceOfSquare, exact[l].LogTraceOfSquare, slack).Should().BeLessThan(4);
            Deviation(runs, r => r.Layers[l].LogParticipationRank, Math.Log(exact[l].ParticipationRank), slack).Should().BeLessThan(4);
        }
    }

    [Fact]
    public void Moments_OfWrongFormulas_AreSeenToBeWrong()
    {
        var model = Model.Dense(Widths, Activation.Linear, (l, m, n) => Make("spike", l, m, n));
        var runs = Run(model, 400);
        double Of(
            IEnumerable<(int Rows, int Columns, Spectrum Spectrum)> layers,
            Func<double, double, double, (double A, double B, double Sum)> step)
        {
            var (squared, ofSquare) = ((double)(Widths[0] * Widths[0]), (double)Widths[0]);
            foreach (var (_, columns, spectrum) in layers)
            {
                var t1 = spectrum.Sum(s => s * s);
                var t2 = spectrum.Sum(s => s * s * s * s);
                var (a, b, sum) = step(columns, t1, t2);
                (squared, ofSquare) = (a * squared + 2 * b * ofSquare, b * squared + sum * ofSquare);
            }

            return Math.Log(squared / ofSquare);
        }

        var spectra = model.Layers.Select(l => (l.OutputSize, l.InputSize, ((StableRankEnsemble)l.Weights).Spectrum!)).ToList();
        static (double, double, double) Right(double n, double t1, double t2)
        {
            var d = n * (n - 1) * (n + 2);
            var (a, b) = (((n + 1) * t1 * t1 - 2 * t2) / d, (n * t2 - t1 * t1) / d);
            return (a, b, a + b);
        }

        static (double, double, double) WithoutB(double n, double t1, double t2)
        {
            var (a, b, _) = Right(n, t1, t2);
            return (a, b, a);
        }

        Estimate Rank(JacobianRun r) => r.Layers[^1].LogParticipationRank;
        Deviation(runs, Rank, Of(spectra, Right), 0).Should().BeLessThan(4);
        Deviation(runs, Rank, Of(spectra, WithoutB), 0).Should().BeGreaterThan(6, "a + b, not a");
        Deviation(runs, Rank, Of(spectra, (n, t1, t2) => Right(n + 1, t1, t2)), 0).Should().BeGreaterThan(6);

        // Haar unitaries instead of orthogonals
        Deviation(runs, Rank, Of(spectra, (n, t1, t2) =>
        {
            var d = n * (n * n - 1);
            var (a, b) = ((n * t1 * t1 - t2) / d, (n * t2 - t1 * t1) / d);
            return (a, b / 2, a);
        }), 0).Should().BeGreaterThan(6);
    }

    [Fact]
    public void ThousandsOfLayers_OfAnyScale_StayFinite()
    {
        foreach (var scale in new[] { 1e-180, 1.0, 1e180 })
        {
            var layer = ProductLayer.Of(8, 8, Spectrum.FromSingularValues(1.0, 0.9, 0.5, 0.5, 0.2, 0.1, 0, 0).Scaled(scale));
            var moments = LinearProduct.Of(Enumerable.Repeat(layer, 5000).ToList());
            moments[^1].LogTrace.Should().BeApproximately(Math.Log(8) + 5000 * (layer.LogTrace - Math.Log(8)), 1e-8);
            double.IsFinite(moments[^1].LogTraceOfSquare).Should().BeTrue();
            moments[^1].ParticipationRank.Should().BeInRange(1, 1.5, "products become of rank one");
            moments[^1].LogSquaredTraceRatio.Should().BeGreaterThan(100);
            moments[^1].RelativeVarianceOfTrace.Should().BeGreaterThan(1e40);

            // the growth a layer is the logarithm of the greater eigenvalue of the 2 x 2 matrix
            var growth = moments[^1].LogSquaredTraceRatio - moments[^2].LogSquaredTraceRatio;
            var middle = moments[3000].LogSquaredTraceRatio - moments[2999].LogSquaredTraceRatio;
            growth.Should().BeApproximately(middle, 1e-10);
        }
    }

    /// <summary>In the limit of great widths (4.9) is (4.8) for linear layers: the same 1/p to relative order depth^2/width.</summary>
    [Fact]
    public void GreatWidths_ApproachTheFreeProduct()
    {
        var errors = new[] { 100, 1000, 10_000 }.Select(n =>
        {
            int[] widths = [n, 2 * n, n / 2, n];
            var model = Model.Dense(widths, Activation.Linear, (_, rows, columns) => Ensemble.Gaussian(rows, columns, 1.0 / columns));
            var free = JacobianMoments.Of(model, 1)[^1];
            return Math.Abs(LinearProduct.Of(model)[^1].ParticipationRank / free.ParticipationRank - 1);
        }).ToArray();
        errors[0].Should().BeLessThan(0.1);
        errors[1].Should().BeApproximately(errors[0] / 10, 0.2 * errors[0] / 10);
        errors[2].Should().BeApproximately(errors[0] / 100, 0.2 * errors[0] / 100);
    }

    [Fact]
    public void Guards_OnBadLayers_NameThem()
    {
        var relu = Model.Dense([3, 3], Activation.ReLU, (_, m, n) => Ensemble.Orthogonal(m, n));
        FluentActions.Invoking(() => LinearProduct.Of(relu)).Should().Throw<NotSupportedException>().WithMessage("*layer 1 is relu*");
        FluentActions.Invoking(() => LinearProduct.Of([])).Should().Throw<ArgumentException>();
        var layer = ProductLayer.Of(3, 4, Spectrum.FromSingularValues(1.0));
        FluentActions.Invoking(() => LinearProduct.Of([layer, layer])).Should().Throw<ArgumentException>()
            .WithMessage("*Layer 2 has 4 columns but layer 1 has 3*");
        FluentActions.Invoking(() => ProductLayer.Of(1, 4, Spectrum.FromSingularValues(1.0, 1.0))).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => ProductLayer.Of(3, 4, Spectrum.FromSingularValues(0.0))).Should().Throw<ArgumentException>();
    }

    private static Ensemble Make(string kind, int l, int m, int n) => kind switch
    {
        "gaussian" => Ensemble.Gaussian(m, n, 1.0 / n),
        "mixed" when l == 1 => Ensemble.Orthogonal(m, n, 1.3),
        "mixed" when l == 2 => Ensemble.Gaussian(m, n, 0.2),
        "mixed" => Ensemble.StableRank(m, n, 2.5, SpectralFamily.Exponential),
        "random" => Ensemble.StableRank(m, n, 1.8, new TwoLevelFamily()),
        _ => Ensemble.StableRank(m, n, 1 + 0.3 * Math.Min(m, n), SpectralFamily.Parse(kind)),
    };

    private static JacobianRun[] Run(Model model, int replicates)
    {
        var input = Matrix<double>.Build.Dense(model.InputSize, 1, 1);
        return [.. Enumerable.Range(1, Seeds).Select(seed => MonteCarloJacobian.Run(model, input, replicates, (ulong)seed))];
    }

    private static double Deviation(JacobianRun[] runs, Func<JacobianRun, Estimate> quantity, double exact, double exactError)
    {
        var estimates = runs.Select(quantity).ToArray();
        var error = Math.Sqrt(estimates.Sum(e => e.StandardError * e.StandardError + e.Rounding * e.Rounding)) / estimates.Length;
        return Math.Abs(estimates.Average(e => e.Mean) - exact) / double.Hypot(error, exactError);
    }
}
