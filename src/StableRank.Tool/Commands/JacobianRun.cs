using System.Diagnostics;
using System.Numerics;
using MathNet.Numerics.LinearAlgebra;
using StableRank.Expressivity;
using StableRank.Networks;
using StableRank.Propagation;
using StableRank.Tool.CommandLine;
using StableRank.Tool.Output;

namespace StableRank.Tool.Commands;

/// <summary>Measures the Jacobian of a network in a file at the inputs of another, beside the law for its own spectra.</summary>
internal static class JacobianRun
{
    /// <summary>Reads, measures and predicts.</summary>
    /// <param name="tolerance">Relative; null for max(n_L, n_0) eps.</param>
    /// <param name="predict">Whether the law is computed.</param>
    /// <exception cref="FailureException">A file cannot be used, or the Jacobian leaves the range of T.</exception>
    public static JacobianReport Execute<T>(
        string model, string activation, string inputFile, int? count, double? tolerance, bool predict, CancellationToken cancellation)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var clock = Stopwatch.StartNew();
        var network = NetworkWeights.LoadDense<T>(model, Resolve.Activations(activation));
        var inputs = First(SampleFile.Read<T>(inputFile, network.InputSize, $"the inputs of {model}"), count, inputFile);
        try
        {
            var spectra = JacobianSpectrum.Of(network, inputs, cancellation);
            var laws = predict ? JacobianDensity.Of(network, inputs) : new JacobianDensity?[spectra.Count];
            var found = new List<JacobianAtInput>();
            foreach (var spectrum in spectra)
            {
                cancellation.ThrowIfCancellationRequested();
                found.Add(At(spectrum, tolerance ?? spectrum.RelativeTolerance, laws[spectrum.Input]));
            }

            return new JacobianReport(
                model,
                [network.InputSize, .. network.Layers.Select(layer => layer.OutputSize)],
                activation,
                typeof(T) == typeof(float) ? "f32" : "f64",
                tolerance ?? spectra[0].RelativeTolerance,
                BackendNames.Current,
                clock.Elapsed.TotalSeconds,
                found);
        }
        catch (ArithmeticException e)
        {
            throw new FailureException($"{model}: {Messages.Of(e)}");
        }
    }

    private static JacobianAtInput At(JacobianSpectrum measured, double tolerance, JacobianDensity? law)
    {
        var dimension = measured.DimensionAt(tolerance);
        var greatest = measured.Spectrum.SpectralNorm;
        double? least = dimension > 0 ? measured.Spectrum[dimension - 1] : null;
        double? distance = law is null
            ? null
            : new EmpiricalLaw(measured.Squares())
                .KolmogorovDistance(law.CumulativeProbability);
        return new JacobianAtInput(
            measured.Input,
            measured.StableRank,
            measured.ParticipationRank,
            dimension,
            greatest,
            least,
            greatest / least,
            NumberFormat.FiniteOrNull(measured.LogVariance),
            Root(law?.TypicalGreatest),
            Root(law?.UpperEdge),
            Root(law?.LowerEdge),
            law?.StableRank,
            law?.ParticipationRank,
            distance);

        static double? Root(double? square) => square is { } value ? Math.Sqrt(value) : null;
    }

    private static Matrix<T> First<T>(Matrix<T> inputs, int? count, string file)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => count is null || count == inputs.ColumnCount ? inputs
        : count < inputs.ColumnCount ? inputs.SubMatrix(0, inputs.RowCount, 0, count.Value)
        : throw new UsageException($"--input-count is {count}; {file} has {inputs.ColumnCount} samples");
}
