using System.Diagnostics;
using MathNet.Numerics.LinearAlgebra;
using StableRank.Data;
using StableRank.Kernels;
using StableRank.Tool.CommandLine;
using StableRank.Tool.Output;

namespace StableRank.Tool.Commands;

/// <summary>A checked request for a limit kernel: the model and its inputs, ready to run.</summary>
internal sealed class LimitKernelRun
{
    /// <summary>Samples of a block where the user does not say: its two kernels are 64 MB.</summary>
    private const int DefaultBlock = 2048;

    /// <summary>A block's two kernels, and the copy that is turned.</summary>
    private const int MatricesOfBlock = 3;

    private readonly KernelRequest _request;
    private readonly KernelLaw _law;
    private readonly KernelParameterization _parameterization;
    private readonly Matrix<double> _inputs;
    private readonly Matrix<double>? _others;

    private LimitKernelRun(
        KernelRequest request, KernelLaw law, KernelParameterization parameterization, Matrix<double> inputs, Matrix<double>? others) =>
        (_request, _law, _parameterization, _inputs, _others) = (request, law, parameterization, inputs, others);

    private int Rows => _inputs.ColumnCount;

    private int Columns => (_others ?? _inputs).ColumnCount;

    /// <summary>Checks everything that the user gave, the inputs' files last.</summary>
    /// <exception cref="UsageException">A value is inadmissible.</exception>
    /// <exception cref="FailureException">The inputs cannot be had, or the kernel does not fit into memory.</exception>
    public static LimitKernelRun Prepare(KernelRequest request, KernelParameterization parameterization)
    {
        var law = KernelLaw.Of(request);
        if (request.BlockSize is { } size && !request.Out!.EndsWith(".npy", StringComparison.OrdinalIgnoreCase))
        {
            throw new UsageException($"--block-size {size} with --out {request.Out}; expected a name that ends in .npy, the kind of file "
                + "that blocks are written into");
        }

        const string source = "the first of --widths";
        var inputs = SampleFile.Read<double>(request.Inputs, law.Model.InputSize, source);
        var others = request.OtherInputs is { } file ? SampleFile.Read<double>(file, law.Model.InputSize, source) : null;
        var run = new LimitKernelRun(request, law, parameterization, inputs, others);
        run.RequireMemory();
        return run;
    }

    /// <summary>Computes and writes; <paramref name="progress"/> is told the fraction done.</summary>
    public KernelReport Execute(Action<double> progress, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        var kernel = LimitKernel.Of(_law.Model, _parameterization);
        var summary = new KernelSummary();
        var error = 0.0;
        var path = _request.Out!;
        if (_request.BlockSize is not null)
        {
            MatrixFile.Save(path, () => NpyArray.WriteBlocks<double>(path, Rows, Columns, writer => Compute(writer.Write)));
        }
        else
        {
            var whole = Matrix<double>.Build.Dense(Rows, Columns);
            Compute(whole.SetSubMatrix);
            MatrixFile.Save(path, () => MatrixFile.Write(path, whole));
        }

        return new KernelReport(
            _request.Tangent ? "ntk" : "nngp",
            null,
            [_law.Model.InputSize, .. _law.Model.Layers.Select(layer => layer.OutputSize)],
            _request.Activation,
            _law.Weights,
            [.. _law.Model.Layers.Select(layer => layer.Weights.Moments.Gain)],
            _law.BiasVariance,
            _request.Tangent ? _parameterization.ToString().ToLowerInvariant() : null,
            null,
            Rows,
            _others?.ColumnCount,
            [Rows, Columns],
            NumberFormat.FiniteOrNull(summary.Least),
            NumberFormat.FiniteOrNull(summary.Greatest),
            NumberFormat.FiniteOrNull(summary.Mean),
            NumberFormat.FiniteOrNull(kernel.RelativeSpread),
            NumberFormat.FiniteOrNull(error),
            null,
            null,
            "f64",
            BackendNames.Current,
            clock.Elapsed.TotalSeconds,
            path,
            kernel.Warnings);

        void Compute(Action<int, int, Matrix<double>> put)
        {
            var done = 0L;
            error = kernel.ComputeBlocks(_inputs, _others, _request.BlockSize ?? DefaultBlock, Consume, cancellation);

            void Consume(KernelBlock block)
            {
                var values = _request.Tangent ? block.Ntk : block.Nngp;
                var twice = _others is null && block.FirstRow != block.FirstColumn;
                put(block.FirstRow, block.FirstColumn, values);
                if (twice)
                {
                    put(block.FirstColumn, block.FirstRow, values.Transpose());
                }

                summary.Add(values, twice ? 2 : 1);
                done += (twice ? 2L : 1) * values.RowCount * values.ColumnCount;
                progress((double)done / ((long)Rows * Columns));
            }
        }
    }

    private void RequireMemory()
    {
        var side = _request.BlockSize ?? DefaultBlock;
        var block = (double)sizeof(double) * MatricesOfBlock * Math.Min(Rows, side) * Math.Min(Columns, side);
        if (_request.BlockSize is not null)
        {
            MemoryGuard.Require($"--block-size {side}", block, "expected a smaller one");
            return;
        }

        const string wayOut = "expected a kernel that fits, or --block-size B (such as 2048) with a .npy file, which holds one B x B block "
            + "at a time";
        MemoryGuard.Require($"a {Rows} x {Columns} kernel", block + ((double)sizeof(double) * Rows * Columns), wayOut);
        if ((long)Rows * Columns > ArgumentParsers.MaximumEntries)
        {
            throw new FailureException(
                $"a {Rows} x {Columns} kernel has more than the {ArgumentParsers.MaximumEntries} entries of one array; {wayOut}");
        }
    }
}
