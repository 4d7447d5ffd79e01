using MathNet.Numerics.LinearAlgebra;
using StableRank.Networks;
using StableRank.Randomness;
using StableRank.Training;

namespace StableRank.Tests.Training;

/// <summary>
/// f = theta phi(x) for fixed random features phi, trained in its parameters step by step: what training in function space must agree with.
/// </summary>
internal sealed class LinearModel
{
    public LinearModel(ulong seed, int outputs = 3, int samples = 7, int others = 4, int features = 11)
    {
        var stream = new RandomStream(seed);
        Features = Gaussian(stream, features, samples);
        OtherFeatures = Gaussian(stream, features, others);
        Parameters = Gaussian(stream, outputs, features);
        Targets = Gaussian(stream, outputs, samples);
    }

    public Matrix<double> Features { get; }

    public Matrix<double> OtherFeatures { get; }

    public Matrix<double> Parameters { get; private set; }

    public Matrix<double> Targets { get; }

    public Matrix<double> Outputs => Parameters * Features;

    public Matrix<double> OtherOutputs => Parameters * OtherFeatures;

    public Matrix<double> Kernel => Features.TransposeThisAndMultiply(Features);

    public Matrix<double> CrossKernel => OtherFeatures.TransposeThisAndMultiply(Features);

    public Matrix<double> OthersKernel => OtherFeatures.TransposeThisAndMultiply(OtherFeatures);

    public static Matrix<double> Gaussian(RandomStream stream, int rows, int columns)
    {
        var numbers = new double[rows * columns];
        stream.FillGaussian<double>(numbers);
        return Matrix<double>.Build.Dense(rows, columns, numbers);
    }

    /// <summary>Theta x I_O in the order of blocks.</summary>
    public static Matrix<double> Blocks(Matrix<double> kernel, int outputs) =>
        kernel.KroneckerProduct(Matrix<double>.Build.DenseIdentity(outputs));

    public void Descend(Loss loss, TrainingData<double> data, double rate, int steps)
    {
        for (var step = 0; step < steps; step++)
        {
            Parameters -= rate * Gradient(loss, data, Parameters);
        }
    }

    /// <summary>Gradient flow by the classical Runge-Kutta method in many small steps.</summary>
    public void Flow(Loss loss, TrainingData<double> data, double rate, double time, int steps)
    {
        var h = time / steps;
        for (var step = 0; step < steps; step++)
        {
            var a = -rate * Gradient(loss, data, Parameters);
            var b = -rate * Gradient(loss, data, Parameters + (h / 2 * a));
            var c = -rate * Gradient(loss, data, Parameters + (h / 2 * b));
            var d = -rate * Gradient(loss, data, Parameters + (h * c));
            Parameters += h / 6 * (a + (2 * b) + (2 * c) + d);
        }
    }

    private Matrix<double> Gradient(Loss loss, TrainingData<double> data, Matrix<double> parameters)
    {
        var f = parameters * Features;
        var slope = new double[f.RowCount * f.ColumnCount];
        if (data.Labels is { } labels)
        {
            loss.Evaluate<double>(f, labels.ToArray(), slope);
        }
        else
        {
            loss.Evaluate(f, data.Targets!, slope);
        }

        return Matrix<double>.Build.Dense(f.RowCount, f.ColumnCount, slope).TransposeAndMultiply(Features);
    }
}
