using System.Numerics.Tensors;
using MathNet.Numerics.LinearAlgebra;
using StableRank.LinearAlgebra;

namespace StableRank.Experiments.Learning;

/// <summary>
/// The leading eigen-directions of a tangent kernel in groups, one direction of the inputs each: as many eigenvectors as there are
/// outputs, which a limit kernel makes of one eigenvalue and an empirical one of several close ones.
/// </summary>
internal sealed class EigenDirections
{
    private readonly double[] _eigenvalues;
    private readonly double[][] _vectors;
    private readonly int _outputs;

    private EigenDirections(double[] eigenvalues, double[][] vectors, int outputs) =>
        (_eigenvalues, _vectors, _outputs) = (eigenvalues, vectors, outputs);

    /// <summary>lambda_1.</summary>
    public double Largest => _eigenvalues[0];

    /// <summary>The leading groups of a kernel with an entry for every sample and output, (N O) x (N O).</summary>
    public static EigenDirections OfBlocks(Matrix<double> kernel, int outputs, int count)
    {
        var (values, vectors) = SymmetricEigenvalues.WithVectors(kernel);
        var indices = Enumerable.Range(1, count * outputs).Select(i => values.Length - i).ToArray();
        return new([.. indices.Select(i => values[i])], [.. indices.Select(i => vectors.Column(i).ToArray())], outputs);
    }

    /// <summary>The leading groups of a kernel that is every output's, N x N.</summary>
    public static EigenDirections OfShared(Matrix<double> kernel, int outputs, int count)
    {
        var (values, vectors) = SymmetricEigenvalues.WithVectors(kernel);
        var pairs = (from i in Enumerable.Range(1, count)
                     from output in Enumerable.Range(0, outputs)
                     select (values[^i], Spread(vectors.Column(values.Length - i), output, outputs))).ToList();
        return new([.. pairs.Select(pair => pair.Item1)], [.. pairs.Select(pair => pair.Item2)], outputs);
    }

    /// <summary>
    /// Measured decay rate over predicted one, less 1, for the groups with the greatest shares of the squared residual at the start, the
    /// greatest first (what is left of others comes from these, as the kernel moves). Over as many steps as the prediction takes to 1/e (or
    /// all there are): gradient descent on a constant kernel multiplies an eigen-direction by 1 - eta lambda / N a step.
    /// </summary>
    /// <param name="residuals">f_t - y before the first step and after each, sample after sample.</param>
    /// <param name="rate">eta.</param>
    /// <param name="samples">N.</param>
    /// <param name="count">How many of the groups.</param>
    public double[] RateErrors(IReadOnlyList<double[]> residuals, double rate, int samples, int count) =>
    [
        .. Enumerable.Range(0, _vectors.Length / _outputs)
            .Select(group => Enumerable.Range(group * _outputs, _outputs).ToList())
            .OrderByDescending(members => members.Sum(j => Square(j, residuals[0])))
            .Take(count)
            .Select(members => RateError(members, residuals, rate, samples)),
    ];

    private double RateError(List<int> members, IReadOnlyList<double[]> residuals, double rate, int samples)
    {
        var start = members.Select(j => Square(j, residuals[0])).ToList();
        var total = start.Sum();
        var mean = members.Zip(start, (j, share) => _eigenvalues[j] * share).Sum() / total;
        var steps = Math.Clamp((int)Math.Round(samples / (rate * mean)), 1, residuals.Count - 1);
        var left = members.Sum(j => Square(j, residuals[steps]));
        var expected = members.Zip(start, (j, share) => share * Math.Pow(1 - (rate * _eigenvalues[j] / samples), 2 * steps)).Sum();
        return (Math.Log(left / total) / Math.Log(expected / total)) - 1;
    }

    private double Square(int direction, double[] residual) =>
        Math.Pow(TensorPrimitives.Dot<double>(_vectors[direction], residual), 2);

    private static double[] Spread(Vector<double> vector, int output, int outputs)
    {
        var result = new double[vector.Count * outputs];
        for (var i = 0; i < vector.Count; i++)
        {
            result[(i * outputs) + output] = vector[i];
        }

        return result;
    }
}
