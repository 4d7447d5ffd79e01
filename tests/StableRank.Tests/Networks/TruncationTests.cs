using MathNet.Numerics.LinearAlgebra;
using StableRank.Networks;

namespace StableRank.Tests.Networks;

/// <summary>
/// Truncated back-propagation through time against central differences of the truncated computation, written out: the state at t is
/// computed from the state at t - tau, which is frozen at its present value.
/// </summary>
public sealed class TruncationTests
{
    private const int Seeds = 20;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(6)]
    [InlineData(9)]
    public void Gradients_OfStackedTruncatedLayers_AreThoseOfTheComputationWithOlderStatesFrozen(int truncation)
    {
        for (ulong seed = 0; seed < Seeds; seed++)
        {
            WorstError(truncation, truncation, seed).Should().BeLessThan(GradientCheck.Tolerance, $"of seed {seed}");
        }
    }

    [Theory]
    [InlineData(2, 1)]
    [InlineData(2, 3)]
    [InlineData(3, 6)]
    public void Check_AgainstAnotherTruncation_Fails(int truncation, int other) =>
        WorstError(truncation, other, 1).Should().BeGreaterThan(1e-4);

    [Fact]
    public void Gradients_WithATruncationOfAllSteps_AreTheFullOnes()
    {
        var random = new RandomNetworks(5);
        var full = random.Elman(4, 3, 2);
        var inputs = random.Matrix(12, 3);
        var output = random.Matrix(8, 3);
        Network<double> Of(int? truncation) => new(
        [
            new ElmanLayer<double>(4, full.Weights, full.RecurrentWeights, full.Bias, full.Activation, truncation),
        ]);
        Network<double>[] networks = [Of(null), Of(4), Of(100)];
        foreach (var network in networks)
        {
            network.Backward(network.Forward(inputs), output);
        }

        networks[1].Parameters[1].Gradient.Should().Equal(networks[0].Parameters[1].Gradient);
        networks[2].Parameters[0].Gradient.Should().Equal(networks[0].Parameters[0].Gradient);
    }

    private static double WorstError(int truncation, int checkedWith, ulong seed)
    {
        const int steps = 6;
        for (ulong attempt = 0; ; attempt++)
        {
            var random = new RandomNetworks((seed * 100) + attempt);
            int width = random.Integer(1, 3), batch = random.Integer(1, 3);
            var network = new Network<double>([random.Elman(steps, 2, width, truncation), random.Elman(steps, width, 2, truncation)]);
            var inputs = random.Matrix(2 * steps, batch);
            if (RandomNetworks.NearsKink(network, inputs))
            {
                continue;
            }

            var targets = random.Matrix(2 * steps, batch);
            var pass = network.Forward(inputs);
            var gradient = new double[2 * steps * batch];
            Loss.SquaredError.Evaluate(pass.Outputs, targets, gradient);
            var back = network.Backward(pass, gradient, new BackwardPass<double>(network, batch, true));
            var frozen = pass.PostActivations.Select(states => states.Clone()).ToArray();
            double Value()
            {
                var signal = inputs;
                for (var l = 0; l < 2; l++)
                {
                    signal = Truncated((ElmanLayer<double>)network.Layers[l], signal, frozen[l], checkedWith);
                }

                return Loss.SquaredError.Evaluate<double>(signal, targets, []);
            }

            var parts = network.Parameters.Select(p => (p.Values, p.Gradient))
                .Append((inputs.AsColumnMajorArray(), back.InputGradient!.AsColumnMajorArray()));
            return GradientCheck.WorstError(parts, Value);
        }
    }

    /// <summary>h_t from h_(t - tau) of the frozen states, for every t on its own.</summary>
    private static Matrix<double> Truncated(ElmanLayer<double> layer, Matrix<double> inputs, Matrix<double> frozen, int truncation)
    {
        var (n, d) = (layer.Width, layer.StepSize);
        var states = frozen.Clone();
        for (var s = 0; s < inputs.ColumnCount; s++)
        {
            for (var t = 0; t < layer.Steps; t++)
            {
                var first = Math.Max(0, t - truncation + 1);
                var state = first == 0 ? new double[n] : frozen.Column(s, (first - 1) * n, n).ToArray();
                for (var now = first; now <= t; now++)
                {
                    state = Step(layer, inputs.Column(s, now * d, d), state);
                }

                states.SetSubMatrix(t * n, s, Matrix<double>.Build.Dense(n, 1, state));
            }
        }

        return states;
    }

    private static double[] Step(ElmanLayer<double> layer, Vector<double> input, double[] state)
    {
        var next = new double[state.Length];
        for (var i = 0; i < next.Length; i++)
        {
            next[i] = layer.Bias?[i] ?? 0;
            for (var k = 0; k < input.Count; k++)
            {
                next[i] += layer.Weights[i, k] * input[k];
            }

            for (var k = 0; k < state.Length; k++)
            {
                next[i] += layer.RecurrentWeights[i, k] * state[k];
            }
        }

        layer.Activation.Apply<double>(next, next);
        return next;
    }
}
