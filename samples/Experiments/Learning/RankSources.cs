using MathNet.Numerics.LinearAlgebra;
using StableRank.Data;
using StableRank.LinearAlgebra;
using StableRank.Randomness;

namespace StableRank.Experiments.Learning;

/// <summary>
/// Where the samples of the experiments on gradient ranks come from. What takes linear algebra is computed on one thread of the backend, so
/// that the same seed gives the same bits.
/// </summary>
internal static class RankSources
{
    /// <summary>The name of Fashion-MNIST's images, for people.</summary>
    public const string FashionName = "Fashion-MNIST";

    /// <summary>Sinusoids have frequencies, in cycles a step, between these.</summary>
    private const double Slowest = 0.02, Fastest = 0.45;

    // what a stream is for, beside the networks' own
    private const ulong GaussianPurpose = 601, EmbeddingPurpose = 602, SinusoidPurpose = 603, ChoicePurpose = 604;

    /// <summary>Independent standard Gaussians, features x samples, that a network is to give back.</summary>
    public static RankData Gaussians(int features, int samples, ulong seed) =>
        RankData.Autoencoder("Gaussians", Gaussian(features, samples, new RandomStream(seed, purpose: GaussianPurpose)));

    /// <summary>Standard Gaussians of few dimensions in a random subspace of R^features, columns orthonormal; autoencoded.</summary>
    public static RankData Embedded(int dimensions, int features, int samples, ulong seed)
    {
        using var alone = Backend.SingleThreaded();
        var inner = Gaussian(dimensions, samples, new RandomStream(seed, purpose: GaussianPurpose));
        var basis = Gaussian(features, dimensions, new RandomStream(seed, purpose: EmbeddingPurpose)).QR().Q
            .SubMatrix(0, features, 0, dimensions);
        return RankData.Autoencoder(
            $"{dimensions}-dimensional Gaussians", basis * inner * Math.Sqrt((double)features / dimensions));
    }

    /// <summary>The shipped digits, of mean 0 a pixel and mean square 1 over all, autoencoded.</summary>
    public static RankData Digits(int samples, ulong seed) => Centred(Data.Digits.Load(), samples, seed);

    /// <summary>Images of Fashion-MNIST treated alike; null where the data set is not on this machine.</summary>
    public static RankData? FashionMnist(int samples, ulong seed) =>
        Data.FashionMnist.TryLoad(DataPart.Train, out var data, samples)
        ? Centred(data with { Name = FashionName }, samples, seed)
        : null;

    /// <summary>Samples projected on their leading principal directions, the dimension of the space kept; autoencoded.</summary>
    public static RankData Projected(RankData data, int dimensions)
    {
        using var alone = Backend.SingleThreaded();
        var directions = SingularValues.Thin(data.Inputs).U.SubMatrix(0, data.Features, 0, dimensions);
        return RankData.Autoencoder(
            $"{data.Name}, {dimensions} principal directions", directions * directions.TransposeThisAndMultiply(data.Inputs));
    }

    /// <summary>
    /// Images with their classes, pixels in [0, 1]: the central square of so many pixels of a side.
    /// </summary>
    public static RankData Squares(LabelledData data, int size, int samples, ulong seed)
    {
        var side = (int)Math.Round(Math.Sqrt(data.Features.RowCount));
        var margin = (side - size) / 2;
        var order = Order(data.Count, samples, seed);
        var scale = 1 / data.Features.Enumerate().Max();
        return new RankData(
            data.Name,
            Matrix<double>.Build.Dense(size * size, samples, (pixel, sample) =>
                scale * data.Features[((margin + (pixel / size)) * side) + margin + (pixel % size), order[sample]]),
            null,
            [.. order.Select(sample => data.Labels[sample])]);
    }

    /// <summary>
    /// Windows of sinusoids, each channel of each sample of a frequency and a phase of its own; to be predicted are the first channels at
    /// the step that follows. The same seed gives the same sinusoids at any number of steps.
    /// </summary>
    public static RankData Sinusoids(int channels, int outputs, int steps, int samples, ulong seed)
    {
        var stream = new RandomStream(seed, purpose: SinusoidPurpose);
        var inputs = new double[channels * steps, samples];
        var targets = new double[outputs, samples];
        for (var sample = 0; sample < samples; sample++)
        {
            for (var channel = 0; channel < channels; channel++)
            {
                var frequency = Slowest + ((Fastest - Slowest) * stream.NextDouble());
                var phase = stream.NextDouble();
                double At(int step) => Math.Sqrt(2) * Math.Sin(2 * Math.PI * ((frequency * step) + phase));
                for (var step = 0; step < steps; step++)
                {
                    inputs[(step * channels) + channel, sample] = At(step);
                }

                if (channel < outputs)
                {
                    targets[channel, sample] = At(steps);
                }
            }
        }

        return new RankData(
            "sinusoids", Matrix<double>.Build.DenseOfArray(inputs), Matrix<double>.Build.DenseOfArray(targets), null);
    }

    private static RankData Centred(LabelledData data, int samples, ulong seed)
    {
        using var alone = Backend.SingleThreaded();
        var order = Order(data.Count, samples, seed);
        var features = Matrix<double>.Build.DenseOfColumns(order.Select(sample => data.Features.Column(sample)));
        var mean = features.RowSums() / samples;
        var centred = Matrix<double>.Build.DenseOfColumns(features.EnumerateColumns().Select(column => column - mean));
        return RankData.Autoencoder(
            data.Name, centred * (Math.Sqrt((double)centred.RowCount * samples) / centred.FrobeniusNorm()));
    }

    private static int[] Order(int count, int samples, ulong seed)
    {
        var order = Enumerable.Range(0, count).ToArray();
        new RandomStream(seed, purpose: ChoicePurpose).Shuffle<int>(order);
        return order[..samples];
    }

    private static Matrix<double> Gaussian(int rows, int columns, RandomStream stream)
    {
        var values = new double[rows * columns];
        stream.FillGaussian<double>(values);
        return Matrix<double>.Build.Dense(rows, columns, values);
    }
}
