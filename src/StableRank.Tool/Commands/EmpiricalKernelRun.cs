using System.Diagnostics;
using System.Numerics;
using MathNet.Numerics.LinearAlgebra;
using StableRank.Kernels;
using StableRank.Networks;
using StableRank.Tool.CommandLine;
using StableRank.Tool.Output;

namespace StableRank.Tool.Commands;

/// <summary>The kernels of a network whose weights are in a file.</summary>
internal static class EmpiricalKernelRun
{
    /// <summary>Reads, computes and writes; without <c>--out</c> only the costs are told.</summary>
    /// <exception cref="FailureException">A file cannot be used.</exception>
    public static KernelReport Execute<T>(KernelRequest request, KernelParameterization parameterization, CancellationToken cancellation)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var model = request.Model!;
        var output = Enum.Parse<KernelOutput>(request.Output ?? nameof(KernelOutput.Blocks), ignoreCase: true);
        var route = request.Route is null or "auto" ? KernelRoute.Automatic : Enum.Parse<KernelRoute>(request.Route, ignoreCase: true);
        var network = NetworkWeights.LoadDense<T>(model, Resolve.Activations(request.Activation));
        var source = $"the inputs of {model}";
        var inputs = SampleFile.Read<T>(request.Inputs, network.InputSize, source);
        var others = request.OtherInputs is { } file ? SampleFile.Read<T>(file, network.InputSize, source) : null;
        var kernel = new EmpiricalKernel<T>(network, parameterization == KernelParameterization.Ntk
            ? ParameterMultipliers.Ntk(network)
            : ParameterMultipliers.Standard(network));
        var costs = request.Cost ? kernel.Costs(inputs.ColumnCount, others?.ColumnCount, output) : null;

        var clock = Stopwatch.StartNew();
        var summary = new KernelSummary();
        int[]? shape = null;
        KernelRoute? taken = null;
        if (request.Out is { } path)
        {
            IReadOnlyList<Matrix<T>> kernels;
            if (request.Tangent)
            {
                var result = kernel.Ntk(inputs, others, output, route, cancellation);
                (kernels, taken) = (result.Kernels, result.Route);
            }
            else
            {
                kernels = [kernel.Nngp(inputs, others)];
            }

            foreach (var matrix in kernels)
            {
                summary.Add(matrix);
            }

            shape = [kernels[0].RowCount, kernels[0].ColumnCount];
            if (output == KernelOutput.Diagonal)
            {
                shape = [kernels.Count, .. shape];
                MatrixFile.Save(path, () => MatrixFile.WriteStack(path, kernels));
            }
            else
            {
                MatrixFile.Save(path, () => MatrixFile.Write(path, kernels[0]));
            }
        }

        return new KernelReport(
            request.Tangent ? "ntk" : "nngp",
            model,
            [network.InputSize, .. network.Layers.Select(layer => layer.OutputSize)],
            request.Activation,
            null,
            null,
            null,
            request.Tangent ? Name(parameterization) : null,
            request.Tangent ? Name(output) : null,
            inputs.ColumnCount,
            others?.ColumnCount,
            shape,
            NumberFormat.FiniteOrNull(summary.Least),
            NumberFormat.FiniteOrNull(summary.Greatest),
            NumberFormat.FiniteOrNull(summary.Mean),
            null,
            null,
            taken is { } way ? Name(way) : null,
            costs is null ? null : [.. costs.Select(c => new RouteCost(Name(c.Route), c.Flops, c.KernelBytes, c.WorkBytes))],
            request.Dtype ?? "f64",
            BackendNames.Current,
            clock.Elapsed.TotalSeconds,
            request.Out,
            []);
    }

    private static string Name<TEnum>(TEnum value)
        where TEnum : struct, Enum =>
        value.ToString().ToLowerInvariant();
}
