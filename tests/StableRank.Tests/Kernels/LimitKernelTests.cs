using FluentAssertions;
using MathNet.Numerics.LinearAlgebra;
using StableRank.Ensembles;
using StableRank.Kernels;
using StableRank.LinearAlgebra;
using StableRank.Networks;

namespace StableRank.Tests.Kernels;

public sealed class LimitKernelTests
{
    // a few roundings a layer, some ten layers, and the conditioning of acos where deep correlations near 1
    private const double Tolerance = 1e-13;
    private const double Epsilon = 2.220446049250313e-16;
    private static readonly string[] All = ["linear", "relu", "leaky-relu:0.2", "leaky-relu:-1", "erf", "gelu", "sin"];

    [Theory]
    [InlineData("relu", 1, 4.306521284394, 7.301664996912, 9.353333333333, 18.696666666667)]
    [InlineData("erf", 1, 0.891390507258, 1.947050123056, 1.602437002733, 5.443285655026)]
    [InlineData("gelu", 1, 4.073045447901, 7.204053677479, 9.245755398519, 18.799634135594)]
    [InlineData("sin", 1, 0.099189180574, 0.457073076094, 1.009999992336, 10.353333397281)]
    [InlineData("relu", 3, 4.713381801269, 12.729820666642, null, null)]
    public void Compute_CheckValuesOfTheory_Agree(string phi, int hidden, double nngp12, double ntk12, double? nngp11, double? ntk11)
    {
        const double tolerance = 1e-10;
        int[] widths = [3, .. Enumerable.Repeat(7, hidden), 1];
        var model = Model.Dense(
            widths, Activation.Parse(phi), (_, m, n) => Ensemble.Gaussian(m, n, 2.0 / n), biasVariance: 0.01, linearOutput: true);
        var inputs = Matrix<double>.Build.DenseOfArray(new[,] { { 1, -1.0 }, { 2, 0.5 }, { 3, 2 } });

        var kernels = LimitKernel.Of(model).Compute(inputs);

        kernels.Nngp[0, 1].Should().BeApproximately(nngp12, tolerance);
        kernels.Ntk[0, 1].Should().BeApproximately(ntk12, tolerance);
        kernels.Nngp[0, 0].Should().BeApproximately(nngp11 ?? kernels.Nngp[0, 0], tolerance);
        kernels.Ntk[0, 0].Should().BeApproximately(ntk11 ?? kernels.Ntk[0, 0], tolerance);
    }

    [Theory]
    [InlineData(KernelParameterization.Ntk)]
    [InlineData(KernelParameterization.Standard)]
    public void Compute_RandomModels_AgreesWithScalarRecursion(KernelParameterization parameterization)
    {
        for (var seed = 1UL; seed <= 60; seed++)
        {
            var random = new RandomModels(seed);
            var model = random.Dense(All, random.Integer(1, 8));
            var kernel = LimitKernel.Of(model, parameterization);
            var (first, second) = (random.Inputs(model.InputSize, random.Integer(1, 20)), random.Inputs(model.InputSize, 5));

            ScalarRecursion.Deviation(kernel.Compute(first, second), kernel, first, second).Should().BeLessThan(Tolerance, $"seed {seed}");
            ScalarRecursion.Deviation(kernel.Compute(first), kernel, first, first).Should().BeLessThan(Tolerance, $"seed {seed}");
        }
    }

    [Fact]
    public void Deviation_OfTheOtherParameterization_IsFound()
    {
        var random = new RandomModels(3);
        var model = random.Dense(["relu"], 3);
        var inputs = random.Inputs(model.InputSize, 4);
        var result = LimitKernel.Of(model, KernelParameterization.Standard).Compute(inputs);

        ScalarRecursion.Deviation(result, LimitKernel.Of(model), inputs, inputs).Should().BeGreaterThan(1e-3);
    }

    [Fact]
    public void Compute_Tanh_ReportsErrorOfQuadratureAndAgrees()
    {
        var random = new RandomModels(5);
        var model = random.Dense(["tanh"], 3);
        var inputs = random.Inputs(model.InputSize, 3);
        var kernel = LimitKernel.Of(model);

        var result = kernel.Compute(inputs);

        ScalarRecursion.Deviation(result, kernel, inputs, inputs).Should().BeLessThan(Tolerance);
        result.Error.Should().BeGreaterThan(0).And.BeLessThan(1e-9);
    }

    [Theory]
    [InlineData("relu")]
    [InlineData("erf")]
    [InlineData("gelu")]
    [InlineData("sin")]
    public void Compute_ManyTiles_IsSymmetricToTheBitAndPositiveSemidefinite(string phi)
    {
        const int samples = 300;
        var random = new RandomModels(7);
        var model = random.Dense([phi], 5);
        // repeated, opposite and zero inputs among them
        var inputs = random.Inputs(model.InputSize, samples);
        inputs.SetColumn(4, inputs.Column(290));
        inputs.SetColumn(5, -inputs.Column(290));
        inputs.ClearColumn(6);

        var result = LimitKernel.Of(model).Compute(inputs);

        foreach (var matrix in new[] { result.Nngp, result.Ntk })
        {
            matrix.Should().Be(matrix.Transpose());
            var eigenvalues = SymmetricEigenvalues.Of(matrix);
            eigenvalues.Min().Should().BeGreaterThan(-samples * Epsilon * eigenvalues.Max());
            matrix[4, 290].Should().BeApproximately(matrix[290, 290], Tolerance * matrix[290, 290]);
        }
    }

    [Fact]
    public void Compute_ManyTiles_AgreesWithScalarRecursionAndWithBlocks()
    {
        var random = new RandomModels(11);
        var model = random.Dense(["relu", "erf"], 4);
        var (first, second) = (random.Inputs(model.InputSize, 307), random.Inputs(model.InputSize, 141));
        var kernel = LimitKernel.Of(model);
        var whole = kernel.Compute(first, second);
        ScalarRecursion.Deviation(whole, kernel, first, second).Should().BeLessThan(Tolerance);
        var symmetric = kernel.Compute(first);
        ScalarRecursion.Deviation(symmetric, kernel, first, first).Should().BeLessThan(Tolerance);

        foreach (var size in new[] { 128, 500, 37 })
        {
            var (rectangle, square) = (whole.Nngp.Clone(), symmetric.Ntk.Clone());
            rectangle.Clear();
            square.Clear();
            kernel.ComputeBlocks(first, second, size, block => rectangle.SetSubMatrix(block.FirstRow, block.FirstColumn, block.Nngp));
            kernel.ComputeBlocks(first, null, size, block =>
            {
                block.FirstRow.Should().BeGreaterThanOrEqualTo(block.FirstColumn);
                square.SetSubMatrix(block.FirstRow, block.FirstColumn, block.Ntk);
                square.SetSubMatrix(block.FirstColumn, block.FirstRow, block.Ntk.Transpose());
            });
            (rectangle - whole.Nngp).InfinityNorm().Should().BeLessThan(Tolerance * whole.Nngp.InfinityNorm());
            (square - symmetric.Ntk).InfinityNorm().Should().BeLessThan(Tolerance * symmetric.Ntk.InfinityNorm());
        }
    }

    [Theory]
    [InlineData("relu")]
    [InlineData("leaky-relu:-1")]
    [InlineData("erf")]
    [InlineData("gelu")]
    [InlineData("sin")]
    [InlineData("tanh")]
    public void Compute_IdenticalOppositeAndZeroInputs_IsFinite(string phi)
    {
        var model = Model.Dense([2, 4, 4, 1], Activation.Parse(phi), (_, m, n) => Ensemble.Gaussian(m, n, 1.5 / n), linearOutput: true);
        var inputs = Matrix<double>.Build.DenseOfArray(new[,] { { 0.3, 0.3, -0.3, 0, 1e-170 }, { 1.7, 1.7, -1.7, 0, 0 } });

        var result = LimitKernel.Of(model).Compute(inputs);
        var other = LimitKernel.Of(model).Compute(inputs, inputs.Clone());

        foreach (var (mine, rectangle) in new[] { (result.Nngp, other.Nngp), (result.Ntk, other.Ntk) })
        {
            mine.Enumerate().Concat(rectangle.Enumerate()).All(double.IsFinite).Should().BeTrue();
            mine[0, 1].Should().BeApproximately(mine[0, 0], Tolerance * mine[0, 0]);
            mine[3, 3].Should().Be(0);
            mine[3, 0].Should().Be(0);
            (mine - rectangle).InfinityNorm().Should().BeLessThan(Tolerance * mine.InfinityNorm());
        }
    }

    [Fact]
    public void Compute_GainOfOneLayer_IsLinearFactor()
    {
        Model Of(double stableRank) => Model.Dense(
            [6, 16, 16, 1],
            Activation.ReLU,
            (l, m, n) => l == 2 ? Ensemble.StableRank(m, n, stableRank) : Ensemble.Gaussian(m, n, 2.0 / n),
            linearOutput: true);
        var inputs = new RandomModels(1).Inputs(6, 4);

        var (low, high) = (LimitKernel.Of(Of(2)).Compute(inputs), LimitKernel.Of(Of(6)).Compute(inputs));

        (low.Ntk * 3 - high.Ntk).InfinityNorm().Should().BeLessThan(Tolerance * high.Ntk.InfinityNorm());
        (low.Nngp * 3 - high.Nngp).InfinityNorm().Should().BeLessThan(Tolerance * high.Nngp.InfinityNorm());
    }

    [Fact]
    public void Compute_Cancelled_Throws()
    {
        var model = new RandomModels(1).Dense(["relu"], 2);
        var inputs = new RandomModels(1).Inputs(model.InputSize, 300);

        var act = () => LimitKernel.Of(model).Compute(inputs, null, new CancellationToken(canceled: true));

        act.Should().Throw<OperationCanceledException>();
    }
}
