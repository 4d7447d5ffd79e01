using StableRank.Kernels;
using StableRank.Tool.CommandLine;
using StableRank.Tool.Output;

namespace StableRank.Tool.Commands;

/// <summary>Runs <c>ntk</c> and <c>nngp</c>: of the limit, or of a network in a file.</summary>
internal static class KernelRun
{
    /// <summary>Checks what the user gave, computes the kernel and writes it.</summary>
    /// <exception cref="UsageException">A value is inadmissible, or options contradict each other.</exception>
    /// <exception cref="FailureException">A file cannot be used, or the kernel does not fit into memory.</exception>
    public static KernelReport Execute(CliConsole console, KernelRequest request, CancellationToken cancellation)
    {
        RequireMode(request);
        RequireOut(request);
        Resolve.Activations(request.Activation);
        var parameterization = request.Parameterization switch
        {
            "ntk" => KernelParameterization.Ntk,
            "standard" => KernelParameterization.Standard,
            _ => request.Limit ? KernelParameterization.Ntk : KernelParameterization.Standard,
        };
        SampleFile.Require(request.Inputs);
        if (request.OtherInputs is { } others)
        {
            SampleFile.Require(others);
        }

        Resolve.RequireFolderOf(request.Out);
        if (request.Limit)
        {
            var run = LimitKernelRun.Prepare(request, parameterization);
            return console.WithProgress("kernel", progress => run.Execute(progress, cancellation));
        }

        Resolve.RequireTensorFile(request.Model!);
        return request.Dtype == "f32"
            ? EmpiricalKernelRun.Execute<float>(request, parameterization, cancellation)
            : EmpiricalKernelRun.Execute<double>(request, parameterization, cancellation);
    }

    private static void RequireMode(KernelRequest request)
    {
        if (request.Limit == request.Model is not null)
        {
            throw new UsageException(request.Limit
                ? "--limit and --model exclude each other; expected one of them"
                : "neither --limit nor --model is given; expected --limit with --widths, or --model with a file of weights");
        }

        (string Name, bool Given)[] foreign = request.Limit
            ?
            [
                ("--output", request.Output is not null), ("--route", request.Route is not null), ("--cost", request.Cost),
                ("--dtype", request.Dtype is not null),
            ]
            :
            [
                ("--widths", request.Widths is not null), ("--stable-rank", request.StableRanks is not null),
                ("--family", request.Family is not null), ("--scale", request.Scale is not null), ("--gain", request.Gain is not null),
                ("--sigma-w2", request.WeightVariance is not null), ("--sigma-b2", request.BiasVariance is not null),
                ("--block-size", request.BlockSize is not null),
            ];
        if (Array.Find(foreign, option => option.Given).Name is { } stray)
        {
            throw new UsageException(request.Limit
                ? $"{stray} belongs to --model: the limit is one kernel in double precision, the same for every output"
                : $"{stray} belongs to --limit: a network's widths and weights are those of its file");
        }
    }

    private static void RequireOut(KernelRequest request)
    {
        if (request.Out is null && !request.Cost)
        {
            throw new UsageException($"missing --out{(request.Tangent ? ", the file for the kernel (or --cost alone)" : "")}");
        }

        if (request is { Output: "diagonal", Out: { } path } && !MatrixFile.CanWriteStack(path))
        {
            throw new UsageException(
                $"--output diagonal with --out {path}: an array of three dimensions; expected a name that ends in .npy or .safetensors");
        }
    }
}
