using MathNet.Numerics.LinearAlgebra;
using StableRank.Ensembles;
using StableRank.Kernels;
using StableRank.Networks;
using StableRank.Randomness;
using StableRank.Spectra;

namespace StableRank.Tests.Kernels;

public sealed class MonteCarloKernelTests
{
    [Theory]
    [InlineData("relu", 8)]
    [InlineData("erf", 2)]
    [InlineData("tanh", 1)]
    public void Run_AtWidth1024_IsWithinItsErrorOfTheLimit(string activation, int divisor)
    {
        const int Width = 1024;
        var model = Wide(Width, 2, Activation.Parse(activation), Width / divisor);
        var inputs = Inputs(Width, 3);
        var limit = LimitKernel.Of(model).Compute(inputs);

        // single precision's rounding is far below the spread
        var measured = MonteCarloKernel.Run(model, inputs.Map(x => (float)x), replicates: 10, seed: 5);

        // 12 entries of 9 degrees of freedom: each is outside 8 standard errors once in 45,000
        Largest(measured.Ntk.DeviationsFrom(limit.Ntk)).Should().BeLessThan(8);
        Largest(measured.Nngp.DeviationsFrom(limit.Nngp)).Should().BeLessThan(8);
    }

    [Fact]
    public void Deviations_OverSeeds_AreStandardNormal()
    {
        // 20 seeds of 40 networks: the deviations are Student's t with 39 degrees, variance 39/37
        var model = Wide(256, 2, Activation.ReLU, 128);
        var inputs = Inputs(256, 2);
        var limit = LimitKernel.Of(model).Compute(inputs);
        var deviations = Enumerable.Range(0, 20)
            .Select(seed => MonteCarloKernel.Run(model, inputs, 40, (ulong)seed + 100).Ntk.DeviationsFrom(limit.Ntk))
            .ToList();
        foreach (var (i, j) in new[] { (0, 0), (0, 1), (1, 1) })
        {
            var z = deviations.Select(matrix => matrix[i, j]).ToArray();
            var mean = z.Average();
            var variance = z.Sum(x => (x - mean) * (x - mean)) / (z.Length - 1);

            // 4.5 standard errors: of the mean sqrt(1/20), of the variance sqrt(2/19)
            Math.Abs(mean).Should().BeLessThan(4.5 * Math.Sqrt(1.0 / 20));
            (variance / (39.0 / 37)).Should().BeInRange(1 - Math.Min(0.9, 4.5 * Math.Sqrt(2.0 / 19)), 1 + (4.5 * Math.Sqrt(2.0 / 19)));
        }
    }

    [Fact]
    public void AWrongLimit_IsFound()
    {
        var model = Wide(256, 2, Activation.ReLU, 128);
        var inputs = Inputs(256, 2);
        var wrong = LimitKernel.Of(model, KernelParameterization.Ntk).Compute(inputs).Ntk * 1.3;
        Largest(MonteCarloKernel.Run(model, inputs, 40, 3).Ntk.DeviationsFrom(wrong)).Should().BeGreaterThan(8);
    }

    [Fact]
    public void Spread_OfOneNetwork_IsThePredictedOne()
    {
        // bias-free ReLU: the relative spread of k(x, x) is predicted; the NTK's is of its size
        var model = Wide(128, 2, Activation.ReLU, 8);
        var measured = MonteCarloKernel.Run(model, Inputs(128, 2), 400, 7);
        var predicted = LimitKernel.Of(model).RelativeSpread;
        for (var i = 0; i < 2; i++)
        {
            (measured.Ntk.RelativeSpread[i, i] / predicted).Should().BeInRange(0.4, 1.6);
        }
    }

    [Fact]
    public void Run_OnAnyNumberOfWorkers_GivesTheSameBits()
    {
        var model = Wide(32, 2, Activation.Tanh, 8);
        var inputs = Inputs(32, 3);
        var one = MonteCarloKernel.Run(model, inputs, 9, 1, workers: 1);
        var three = MonteCarloKernel.Run(model, inputs, 9, 1, workers: 3);
        three.Ntk.Mean.Should().Be(one.Ntk.Mean);
        three.Nngp.StandardError.Should().Be(one.Nngp.StandardError);
    }

    [Fact]
    public void Averages_AreThoseOfTheNetworksOneByOne()
    {
        var model = Wide(16, 2, Activation.Gelu, 8);
        Matrix<double> x = Inputs(16, 2), y = Inputs(16, 3);
        var measured = MonteCarloKernel.Run(model, x, 5, 2, y, KernelParameterization.Standard);
        var kernels = Enumerable.Range(0, 5).Select(replicate =>
        {
            var network = model.Sample<double>(2, (ulong)replicate);
            return new EmpiricalKernel<double>(network, ParameterMultipliers.Standard(network)).Ntk(x, y, KernelOutput.Trace).Kernel;
        }).ToList();
        for (var i = 0; i < 2; i++)
        {
            for (var j = 0; j < 3; j++)
            {
                var values = kernels.Select(kernel => kernel[i, j]).ToArray();
                var mean = values.Average();
                var error = Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / 4 / 5);
                measured.Ntk.At(i, j).Mean.Should().BeApproximately(mean, 1e-12 * Math.Abs(mean));
                measured.Ntk.At(i, j).StandardError.Should().BeApproximately(error, 1e-12 * Math.Abs(mean));
                measured.Ntk.At(i, j).Count.Should().Be(5);
            }
        }
    }

    [Fact]
    public void BadInput_IsNamedWithWhatWasExpected()
    {
        var model = Wide(16, 1, Activation.ReLU, 8);
        var cases = new (Action Action, string Message)[]
        {
            (() => MonteCarloKernel.Run(model, Inputs(16, 2), 1, 1), "*replicates*"),
            (() => MonteCarloKernel.Run(model, Inputs(15, 2), 2, 1), "*15*16*"),
            (() => MonteCarloKernel.Run(model, Inputs(16, 2), 2, 1, parameterization: (KernelParameterization)7), "*7*Ntk or Standard*"),
            (() => MonteCarloKernel.Run(model, Inputs(16, 2), 2, 1).Ntk.DeviationsFrom(Inputs(3, 2)), "*3 x 2*2 x 2*"),
        };
        foreach (var (action, message) in cases)
        {
            action.Should().Throw<ArgumentException>().WithMessage(message);
        }
    }

    [Fact]
    public void Cancelled_BeforeTheEnd_Stops()
    {
        var action = () => MonteCarloKernel.Run(
            Wide(16, 1, Activation.ReLU, 8), Inputs(16, 2), 4, 1, cancellationToken: new CancellationToken(true));
        action.Should().Throw<OperationCanceledException>();
    }

    private static double Largest(Matrix<double> matrix) => matrix.Enumerate().Max(Math.Abs);

    /// <summary>n_0 = width, hidden layers of that width and stable rank, a Gaussian linear output of 8.</summary>
    private static Model Wide(int width, int depth, Activation activation, double stableRank) => Model.Dense(
        [.. Enumerable.Repeat(width, depth + 1), 8],
        activation,
        (l, rows, columns) => l <= depth
            ? Ensemble.StableRank(rows, columns, stableRank, SpectralFamily.PowerLaw, ScaleConvention.ReLU)
            : Ensemble.LeCun(rows, columns),
        linearOutput: true);

    private static Matrix<double> Inputs(int features, int count)
    {
        var numbers = new double[features * count];
        new RandomStream(11).FillGaussian<double>(numbers);
        return Matrix<double>.Build.Dense(features, count, numbers);
    }
}
