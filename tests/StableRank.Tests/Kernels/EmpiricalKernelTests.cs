using MathNet.Numerics.LinearAlgebra;
using StableRank.Ensembles;
using StableRank.Kernels;
using StableRank.LinearAlgebra;
using StableRank.Networks;
using StableRank.Randomness;
using StableRank.Tests.Networks;

namespace StableRank.Tests.Kernels;

/// <summary>Empirical tangent and NNGP kernels: routes against each other and against Jacobians by central differences.</summary>
public sealed class EmpiricalKernelTests
{
    private const int Seeds = 20;

    // what is asked for; sums of at most some hundred products of a few roundings each lie within 1e-13
    private const double RouteTolerance = 1e-10;

    // central differences of fourth order with step 1e-4 err by about 1e-11 of the outputs
    private const double DifferenceTolerance = 1e-7;

    public static TheoryData<string> Kinds => KernelCases.Kinds;

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Ntk_ByEveryRoute_IsThatOfCentralDifferences(string kind)
    {
        for (ulong seed = 0; seed < Seeds; seed++)
        {
            var (network, x, y, multipliers, _) = KernelCases.Draw(kind, seed);
            var etas = KernelCases.Etas(network, multipliers);
            var (atX, atY) = (KernelCases.Jacobian(network, x), KernelCases.Jacobian(network, y));
            var kernel = new EmpiricalKernel<double>(network, multipliers);
            foreach (var route in new[] { KernelRoute.Structured, KernelRoute.Contraction })
            {
                var one = kernel.Ntk(x, route: route);
                one.Route.Should().Be(route);
                KernelCases.Error(one.Kernel, KernelCases.Contract(atX, etas, atX))
                    .Should().BeLessThan(DifferenceTolerance, $"of {kind}, seed {seed}, {route}");
                KernelCases.Error(kernel.Ntk(x, y, route: route).Kernel, KernelCases.Contract(atX, etas, atY))
                    .Should().BeLessThan(DifferenceTolerance, $"of {kind}, seed {seed}, {route}, two sets");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Check_OfAMissingArrayOrAFlippedSign_Fails(string kind)
    {
        var (network, x, y, multipliers, _) = KernelCases.Draw(kind, 1);
        var (etas, right) = (KernelCases.Etas(network, multipliers), KernelCases.Jacobian(network, y));
        var left = KernelCases.Jacobian(network, x);
        var expected = KernelCases.Contract(left, etas, right);
        var planted = 0;
        for (var missing = 0; missing < multipliers.Values.Count; missing++)
        {
            var values = multipliers.Values.ToArray();
            values[missing] = 0;
            var without = new ParameterMultipliers(values);
            if (KernelCases.Error(KernelCases.Contract(left, KernelCases.Etas(network, without), right), expected) < 1e-3)
            {
                continue;
            }

            planted++;
            KernelCases.Error(new EmpiricalKernel<double>(network, without).Ntk(x, y).Kernel, expected)
                .Should().BeGreaterThan(DifferenceTolerance);
        }

        planted.Should().BePositive();
        var flipped = left.Clone();
        var (row, column, _) = left.EnumerateIndexed().MaxBy(entry => Math.Abs(entry.Item3));
        flipped[row, column] *= -1;
        KernelCases.Error(
                new EmpiricalKernel<double>(network, multipliers).Ntk(x).Kernel, KernelCases.Contract(flipped, etas, left))
            .Should().BeGreaterThan(DifferenceTolerance);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Ntk_OfEveryOutputBlockAndTile_IsPartOfTheSameKernel(string kind)
    {
        for (ulong seed = 0; seed < Seeds; seed++)
        {
            var (network, x, y, multipliers, random) = KernelCases.Draw(kind, seed);
            var o = network.OutputSize;
            foreach (var others in new[] { null, y, x })
            {
                var whole = new EmpiricalKernel<double>(network, multipliers).Ntk(x, others, route: KernelRoute.Contraction).Kernel;
                foreach (var output in Enum.GetValues<KernelOutput>())
                {
                    var expected = KernelCases.Part(whole, o, output);
                    foreach (var route in Enum.GetValues<KernelRoute>())
                    {
                        var kernel = new EmpiricalKernel<double>(network, multipliers)
                        {
                            BlockSamples = random.Coin() ? random.Integer(1, 3) : null,
                            TileSide = random.Integer(1, 4) * (random.Coin() ? 1 : o),
                        };
                        var actual = kernel.Ntk(x, others, output, route).Kernels;
                        actual.Should().HaveCount(expected.Count);
                        actual.Zip(expected, KernelCases.Error).Max()
                            .Should().BeLessThan(RouteTolerance, $"of {kind}, seed {seed}, {output}, {route}, block {kernel.BlockSamples}");
                    }
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Ntk_OfOneSet_IsSymmetricToTheLastBitAndPositiveSemidefinite(string kind)
    {
        for (ulong seed = 0; seed < Seeds; seed++)
        {
            var (network, x, y, multipliers, random) = KernelCases.Draw(kind, seed);
            foreach (var output in Enum.GetValues<KernelOutput>())
            {
                foreach (var route in new[] { KernelRoute.Structured, KernelRoute.Contraction })
                {
                    var kernel = new EmpiricalKernel<double>(network, multipliers)
                    {
                        BlockSamples = random.Coin() ? random.Integer(1, 3) : null,
                        TileSide = random.Integer(1, 9),
                    };
                    foreach (var matrix in kernel.Ntk(x.Append(y), null, output, route).Kernels)
                    {
                        matrix.Equals(matrix.Transpose()).Should().BeTrue();
                        var values = SymmetricEigenvalues.Of(matrix);
                        values[0].Should().BeGreaterThanOrEqualTo(-100 * MachineEpsilon.Double * matrix.RowCount * values[^1]);
                    }
                }
            }
        }
    }

    /// <summary>
    /// Tiles on the diagonal are mirrored in blocks of 32: 85 x 3 rows are seven whole ones and a rest, 85 two and a rest.
    /// </summary>
    [Fact]
    public void Ntk_OfOneSetLargerThanAMirrorBlock_IsThatOfTwoEqualSets()
    {
        for (ulong seed = 0; seed < Seeds; seed++)
        {
            var network = Model.Dense([5, 8, 3], Activation.Tanh, (_, m, n) => Ensemble.He(m, n)).Sample<double>(seed);
            var values = new double[5 * 85];
            new RandomStream(seed).FillGaussian<double>(values);
            var x = Matrix<double>.Build.Dense(5, 85, values);
            var kernel = new EmpiricalKernel<double>(network, ParameterMultipliers.Standard(network));
            foreach (var output in Enum.GetValues<KernelOutput>())
            {
                var actual = kernel.Ntk(x, output: output).Kernels;
                actual.Should().OnlyContain(matrix => matrix.Equals(matrix.Transpose()));
                actual.Zip(kernel.Ntk(x, x, output).Kernels, KernelCases.Error).Max().Should().BeLessThan(RouteTolerance);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Ntk_InSinglePrecision_IsThatInDoubleRounded(string kind)
    {
        for (ulong seed = 0; seed < Seeds; seed++)
        {
            var (network, x, y, multipliers, _) = KernelCases.Draw(kind, seed);
            var single = new EmpiricalKernel<float>(SinglePrecision.Of(network), multipliers);
            foreach (var route in new[] { KernelRoute.Structured, KernelRoute.Contraction })
            {
                var expected = new EmpiricalKernel<double>(network, multipliers).Ntk(x, y, route: route).Kernel;
                var scale = Math.Max(
                    new EmpiricalKernel<double>(network, multipliers).Ntk(x).Kernel.Enumerate().Max(),
                    new EmpiricalKernel<double>(network, multipliers).Ntk(y).Kernel.Enumerate().Max());
                var actual = single.Ntk(x.Map(v => (float)v), y.Map(v => (float)v), route: route).Kernel.Map(v => (double)v);

                // weights, inputs and every one of up to four layers round, amplified by norms of a few
                (actual - expected).Enumerate().Max(Math.Abs).Should().BeLessThanOrEqualTo(200 * MachineEpsilon.Single * scale);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Multiply_ByAVector_IsTheKernelTimesIt(string kind)
    {
        for (ulong seed = 0; seed < Seeds; seed++)
        {
            var (network, x, y, multipliers, random) = KernelCases.Draw(kind, seed);
            int? block = random.Coin() ? random.Integer(1, 3) : null;
            var kernel = new EmpiricalKernel<double>(network, multipliers) { BlockSamples = block };
            var v = Vector<double>.Build.Dense(random.Gaussians(y.ColumnCount * network.OutputSize));
            var w = Vector<double>.Build.Dense(random.Gaussians(x.ColumnCount * network.OutputSize));
            var (two, one) = (kernel.Ntk(x, y).Kernel, kernel.Ntk(x).Kernel);
            (kernel.Multiply(x, y, v) - (two * v)).InfinityNorm()
                .Should().BeLessThanOrEqualTo(
                    RouteTolerance * two.PointwiseAbs().Enumerate().Max() * v.L1Norm(), $"of {kind}, seed {seed}");
            (kernel.Multiply(x, w) - (one * w)).InfinityNorm()
                .Should().BeLessThanOrEqualTo(
                    RouteTolerance * one.PointwiseAbs().Enumerate().Max() * w.L1Norm(), $"of {kind}, seed {seed}");
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Nngp_OfEveryLayer_IsTheGramOfItsPostActivations(string kind)
    {
        for (ulong seed = 0; seed < Seeds; seed++)
        {
            var (network, x, y, multipliers, random) = KernelCases.Draw(kind, seed);
            int? block = random.Coin() ? random.Integer(1, 3) : null;
            var kernel = new EmpiricalKernel<double>(network, multipliers) { BlockSamples = block };
            var (atX, atY) = (network.Forward(x), network.Forward(y));
            for (var l = 0; l <= network.Layers.Count; l++)
            {
                var (a, b) = l == 0 ? (x, y) : (atX.PostActivations[l - 1], atY.PostActivations[l - 1]);
                var expected = a.TransposeThisAndMultiply(b) / a.RowCount;
                var scale = a.FrobeniusNorm() * b.FrobeniusNorm();
                (kernel.Nngp(x, y, l) - expected).Enumerate().Max(Math.Abs).Should().BeLessThanOrEqualTo(RouteTolerance * scale);
                var one = kernel.Nngp(x, layer: l);
                one.Equals(one.Transpose()).Should().BeTrue();
                (one - (a.TransposeThisAndMultiply(a) / a.RowCount)).Enumerate().Max(Math.Abs)
                    .Should().BeLessThanOrEqualTo(RouteTolerance * a.FrobeniusNorm() * a.FrobeniusNorm());
            }

            kernel.Nngp(x, y).Should().Be(kernel.Nngp(x, y, network.Layers.Count));
        }
    }

    [Fact]
    public void Kernel_OfATruncatedRecurrentLayer_TakesFullDerivativesAndLeavesGradientsAlone()
    {
        var random = new RandomNetworks(5);
        var truncated = new Network<double>([random.Elman(4, 2, 3, truncation: 1)]);
        var layer = (ElmanLayer<double>)truncated.Layers[0];
        var full = new Network<double>(
            [new ElmanLayer<double>(4, layer.Weights, layer.RecurrentWeights, layer.Bias, layer.Activation)]);
        var x = random.Matrix(8, 3);
        truncated.Parameters[0].Gradient.AsSpan().Fill(7);
        var multipliers = ParameterMultipliers.Standard(full);
        var expected = new EmpiricalKernel<double>(full, multipliers).Ntk(x).Kernel;
        var kernel = new EmpiricalKernel<double>(truncated, multipliers);
        kernel.Ntk(x).Kernel.Should().Be(expected);
        kernel.Multiply(x, Vector<double>.Build.Dense(36, 1.0));
        truncated.Parameters[0].Gradient.Should().OnlyContain(g => g == 7);
    }

    [Fact]
    public void Ntk_OfALargerNet_AgreesAcrossDefaultTiles()
    {
        // 3 outputs and 250 samples: three tiles a side at the default width, the last one ragged
        var random = new RandomNetworks(8);
        var network = new Network<double>(
        [
            random.Dense(7, 20, Activation.Tanh), random.Dense(20, 17, Activation.LeakyReLU(0.2)), random.Dense(17, 3, Activation.Linear),
        ]);
        var x = random.Matrix(7, 250);
        var kernel = new EmpiricalKernel<double>(network, ParameterMultipliers.Standard(network));
        var whole = kernel.Ntk(x).Kernel;
        whole.Equals(whole.Transpose()).Should().BeTrue();
        KernelCases.Error(kernel.Ntk(x, x).Kernel, whole).Should().BeLessThan(RouteTolerance);
        KernelCases.Error(kernel.Ntk(x, route: KernelRoute.Contraction).Kernel, whole).Should().BeLessThan(RouteTolerance);
        var blocked = new EmpiricalKernel<double>(network, kernel.Multipliers) { BlockSamples = 64 };
        KernelCases.Error(blocked.Ntk(x).Kernel, whole).Should().BeLessThan(RouteTolerance);
    }
}
