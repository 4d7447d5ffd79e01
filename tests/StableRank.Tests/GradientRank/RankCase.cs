using MathNet.Numerics.LinearAlgebra;
using StableRank.GradientRank;
using StableRank.LinearAlgebra;
using StableRank.Networks;
using StableRank.Spectra;

namespace StableRank.Tests.GradientRank;

/// <summary>A network with a batch and a gradient at its outputs, what is assumed of them, and the ranks that come of it.</summary>
/// <param name="Network">The network.</param>
/// <param name="Inputs">X.</param>
/// <param name="OutputGradient">dL/dA_L from the outputs.</param>
/// <param name="Assumptions">Assumptions that hold.</param>
/// <param name="IsInteger">Whether all numbers are integers, as long as they stay below 2^53.</param>
internal sealed record RankCase(
    Network<double> Network, Matrix<double> Inputs, Func<Matrix<double>, Matrix<double>> OutputGradient, RankAssumptions Assumptions,
    bool IsInteger)
{
    private const double Epsilon = 1.0 / (1L << 52);

    public bool IsLinear => Network.Layers.All(layer => layer.Activation == Activation.Linear);

    /// <summary>
    /// One line a weight matrix: its bound, and measured ranks of its gradient, of the inputs and of the signals; null where integers grew
    /// beyond what doubles hold.
    /// </summary>
    public IReadOnlyList<RankReading>? Read()
    {
        var bounds = GradientRankBound.Of(Network, Assumptions);
        var pass = Network.Forward(Inputs);
        var output = OutputGradient(pass.Outputs);
        var back = Network.Backward(pass, output);
        var ceiling = Ceiling(Network);
        var ceilingPass = ceiling.Forward(Inputs.PointwiseAbs());
        // the columns of a softmax's gradient sum to zero within a few eps an output
        var greatest = (output.PointwiseAbs() + (IsInteger ? 0 : 4.0 * output.RowCount / output.ColumnCount)) * Network.Layers.Max(Slope);
        var ceilingBack = ceiling.Backward(ceilingPass, greatest);
        if (IsInteger && ceiling.Parameters.Any(parameter => parameter.Gradient.Max() >= ExactRank.GreatestInteger))
        {
            return null;
        }

        var roundings = Roundings();
        var readings = new List<RankReading>();
        foreach (var bound in bounds)
        {
            var l = bound.Layer - 1;
            // names differ, as activations take positions of their own in them
            var (gradient, absolute) = Network.Parameters.Zip(ceiling.Parameters).Where(pair => pair.First.Name == bound.Parameter)
                .Select(pair => (pair.First.GradientMatrix, pair.Second.GradientMatrix)).Single();
            var (below, ceilingBelow) = l == 0
                ? (Inputs, Inputs) : (pass.PostActivations[l - 1], ceilingPass.PostActivations[l - 1]);
            readings.Add(new RankReading(
                bound,
                Rank(gradient, absolute.FrobeniusNorm() * roundings * Epsilon),
                RuleRank(gradient),
                Rank(below, ceilingBelow.FrobeniusNorm() * roundings * Epsilon),
                Rank(back.Signals[l], ceilingBack.Signals[l].FrobeniusNorm() * roundings * Epsilon)));
        }

        return readings;
    }

    /// <summary>
    /// Exact for integers. Else the singular values above the LAPACK rule's tolerance and above the rounding errors of the computation: the
    /// error of a chain of sums and products is at most K eps times the same chain of absolute values, K the roundings along a path, and by
    /// Weyl's inequality no singular value moves further than the error's Frobenius norm.
    /// </summary>
    private int Rank(Matrix<double> matrix, double noise)
    {
        if (IsInteger)
        {
            return ExactRank.Of(matrix);
        }

        var values = SingularValues.Of(matrix);
        var rule = Math.Max(matrix.RowCount, matrix.ColumnCount) * Epsilon * values[0];
        return values.Count(value => value > Math.Max(rule, noise));
    }

    private static int RuleRank(Matrix<double> matrix)
    {
        var values = SingularValues.Of(matrix);
        return Spectrum.FromSingularValues(values).NumericalRank(matrix.RowCount, matrix.ColumnCount);
    }

    /// <summary>K: the roundings along the longest path forward, back and in the sums over places and samples.</summary>
    private double Roundings()
    {
        var path = 0.0;
        foreach (var layer in Network.Layers)
        {
            var steps = layer is ElmanLayer<double> elman ? elman.Steps : 1;
            var taps = layer is ConvolutionLayer<double> convolution ? convolution.Shape.PatchSize : 1;
            path += 2.0 * steps * (layer.Weights.RowCount * taps + layer.Weights.ColumnCount + layer.Weights.RowCount + 4);
        }

        return path + (Inputs.ColumnCount * Network.Layers.Max(layer => Math.Max(layer.InputSize, layer.OutputSize)));
    }

    /// <summary>The network of absolute values: no entry of the other's activations, signals or gradients exceeds its own.</summary>
    private static Network<double> Ceiling(Network<double> network) => new(network.Layers.Select(CeilingOf));

    /// <summary>s &gt;= 1 with |phi(z)| &lt;= s |z| and |phi'| &lt;= s.</summary>
    private static double Slope(Layer<double> layer) =>
        layer.Activation.IsPiecewiseLinear(out var negative) ? Math.Max(1, Math.Abs(negative)) : 1;

    private static Layer<double> CeilingOf(Layer<double> layer)
    {
        // the weights take the slope s, and the bias with them: on the way back that of the layer itself is left, for the gradient to take
        var slope = Slope(layer);
        var weights = layer.Weights.PointwiseAbs() * slope;
        var bias = layer.Bias is { } b ? b.PointwiseAbs() * slope : null;
        return layer switch
        {
            DenseLayer<double> => new DenseLayer<double>(weights, bias, Activation.Linear),
            PooledDenseLayer<double> p => new PooledDenseLayer<double>(p.Positions, weights, bias, Activation.Linear),
            ConvolutionLayer<double> c => new ConvolutionLayer<double>(c.Shape, weights, bias, Activation.Linear),
            ElmanLayer<double> e => new ElmanLayer<double>(
                e.Steps, weights, e.RecurrentWeights.PointwiseAbs() * slope, bias, Activation.Linear, e.Truncation),
            _ => throw new NotSupportedException(),
        };
    }
}
