using System.CommandLine;
using System.Numerics;
using MathNet.Numerics.LinearAlgebra;
using StableRank.Data;
using StableRank.Ensembles;
using StableRank.Randomness;
using StableRank.Spectra;
using StableRank.Tool.CommandLine;
using StableRank.Tool.Output;

namespace StableRank.Tool.Commands;

/// <summary><c>stablerank sample</c>: one matrix of prescribed stable rank, described and written to a file.</summary>
internal static class SampleCommand
{
    private const string DefaultScale = "spectral:1";

    private sealed record Request(
        int Rows, int Cols, double StableRank, string Family, string Scale, ulong Seed, string Dtype, string? Out, bool Json);

    public static Command Create(CliConsole console)
    {
        var rows = new Option<int>("--rows")
        {
            HelpName = "M",
            Description = "Rows (fan-out), a whole number from 1.",
            CustomParser = ArgumentParsers.PositiveInteger,
            Required = true,
        };
        var cols = new Option<int>("--cols")
        {
            HelpName = "N",
            Description = "Columns (fan-in), a whole number from 1.",
            CustomParser = ArgumentParsers.PositiveInteger,
            Required = true,
        };
        var stableRank = new Option<double>("--stable-rank")
        {
            HelpName = "R",
            Description = "The stable rank ||W||_F^2 / ||W||_2^2, from 1 to min(M, N).",
            CustomParser = ArgumentParsers.Number,
            Required = true,
        };
        var family = CommonOptions.Family();
        var scale = CommonOptions.Scale(DefaultScale);
        var seed = CommonOptions.Seed();
        var dtype = new Option<string>("--dtype")
        {
            HelpName = "f32|f64",
            Description = "Precision that the entries are drawn and written in: f32 or f64.",
            CustomParser = ArgumentParsers.OneOf("f32", "f64"),
            DefaultValueFactory = _ => "f64",
        };
        var output = new Option<string?>("--out")
        {
            HelpName = "W.npy",
            Description = "The file to write, M x N: .npy, .safetensors, .csv or .csv.gz; replaced whole or not at all. "
                + "[default: none, the matrix is only described]",
            CustomParser = ArgumentParsers.OutputFile,
        };
        var json = CommonOptions.Json();
        var command = new ToolCommand(
            "sample",
            "Draw a random matrix of prescribed stable rank, and write it to a file.",
            "W = s1 U diag(sqrt y) V^T with U and V independent and Haar distributed, y_1 = 1 and sum y = R. "
                + "The ranks and norms told are measured on the entries drawn.",
            [
                "stablerank sample --rows 64 --cols 64 --stable-rank 8 --out W.npy",
                "stablerank sample --rows 256 --cols 128 --stable-rank 16.5 --family power-law --scale relu --seed 1 --json",
            ])
        {
            rows, cols, stableRank, family, scale, seed, dtype, output, json,
        };
        command.SetWork(console, (arguments, cancellation) => Run(
            console,
            new Request(
                arguments.GetRequiredValue(rows),
                arguments.GetRequiredValue(cols),
                arguments.GetRequiredValue(stableRank),
                arguments.GetRequiredValue(family),
                arguments.GetValue(scale) ?? DefaultScale,
                arguments.GetValue(seed),
                arguments.GetRequiredValue(dtype),
                arguments.GetValue(output),
                arguments.GetValue(json)),
            cancellation));
        return command;
    }

    private static int Run(CliConsole console, Request request, CancellationToken cancellation)
    {
        var ensemble = Resolve.Ensemble(
            request.Rows, request.Cols, request.StableRank, Resolve.Family(request.Family), Resolve.Scale(request.Scale));
        Resolve.RequireFolderOf(request.Out);

        // The matrix, and the copy that its singular values are computed in, which is double.
        var bytesAnEntry = sizeof(double) + (request.Dtype == "f32" ? sizeof(float) : sizeof(double));
        MemoryGuard.Require($"a {request.Rows} x {request.Cols} matrix", (double)request.Rows * request.Cols * bytesAnEntry);
        var report = request.Dtype == "f32"
            ? Draw<float>(ensemble, request, cancellation)
            : Draw<double>(ensemble, request, cancellation);
        if (request.Json)
        {
            JsonOutput.Write(console, report, JsonOutput.Default.SampleReport);
        }
        else
        {
            Write(console, report);
        }

        return ExitCode.Done;
    }

    private static SampleReport Draw<T>(StableRankEnsemble ensemble, Request request, CancellationToken cancellation)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var matrix = ensemble.Sample<T>(new RandomStream(request.Seed));
        cancellation.ThrowIfCancellationRequested();

        // Single-precision entries are measured in double: the numbers are those of the entries, free of the measurement's own rounding.
        var spectrum = Spectrum.Of(matrix as Matrix<double> ?? ToDouble(matrix));
        cancellation.ThrowIfCancellationRequested();
        if (request.Out is not null)
        {
            MatrixFile.Save(request.Out, () => MatrixFile.Write(request.Out, matrix));
        }

        var precision = typeof(T) == typeof(float) ? FloatingPrecision.Single : FloatingPrecision.Double;
        return new SampleReport(
            request.Rows,
            request.Cols,
            spectrum.StableRank,
            request.StableRank,
            spectrum.SpectralNorm,
            spectrum.FrobeniusNorm,
            spectrum.ParticipationRank,
            spectrum.EffectiveRank,
            spectrum.NumericalRank(request.Rows, request.Cols, NumericalRankRule.Lapack, precision),
            request.Seed,
            ensemble.Family.Name,
            request.Scale,
            request.Dtype,
            BackendNames.Current,
            request.Out);
    }

    private static Matrix<double> ToDouble<T>(Matrix<T> matrix)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        Matrix<double>.Build.Dense(
            matrix.RowCount, matrix.ColumnCount, Array.ConvertAll(matrix.AsColumnMajorArray(), double.CreateChecked));

    private static void Write(CliConsole console, SampleReport report)
    {
        var output = console.Output;
        output.WriteLine($"{report.Rows} x {report.Cols} {report.Dtype}, family {report.Family}, scale {report.Scale}, seed {report.Seed}"
            + (report.Out is null ? "" : $", written to {report.Out}"));
        output.WriteLine();
        var fraction = report.StableRank / Math.Min(report.Rows, report.Cols);
        output.WriteLine($"stable rank         {NumberFormat.Significant(report.StableRank, 6)}  "
            + $"({NumberFormat.Significant(100 * fraction, 3)}% of min(rows, cols), "
            + $"{NumberFormat.Significant(report.StableRank / GaussianStableRank.Typical(report.Rows, report.Cols), 3)} x a Gaussian's)");
        output.WriteLine($"participation rank  {NumberFormat.Significant(report.ParticipationRank, 6)}");
        output.WriteLine($"effective rank      {NumberFormat.Significant(report.EffectiveRank, 6)}");
        output.WriteLine($"numerical rank      {report.NumericalRank}");
        output.WriteLine($"spectral norm       {NumberFormat.Significant(report.SpectralNorm, 6)}");
        output.WriteLine($"Frobenius norm      {NumberFormat.Significant(report.FrobeniusNorm, 6)}");
    }
}
