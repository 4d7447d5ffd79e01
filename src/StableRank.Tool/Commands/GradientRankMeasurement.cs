using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;
using MathNet.Numerics.LinearAlgebra;
using StableRank.GradientRank;
using StableRank.Networks;
using StableRank.Spectra;
using StableRank.Tool.CommandLine;
using StableRank.Tool.Output;

namespace StableRank.Tool.Commands;

/// <summary>The gradients of a network in a file for a batch in files, measured beside their bounds.</summary>
/// <typeparam name="T">double or float: the precision of the passes.</typeparam>
internal static class GradientRankMeasurement<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private static FloatingPrecision Precision => typeof(T) == typeof(float) ? FloatingPrecision.Single : FloatingPrecision.Double;

    /// <exception cref="UsageException">A value does not fit the network or the files.</exception>
    /// <exception cref="FailureException">A file cannot be used.</exception>
    public static GradientRankReport Execute(
        GradientRankRequest request, Model? model, IReadOnlyDictionary<string, int>? weightRanks, CancellationToken cancellation)
    {
        var network = Load(request, model);
        var samples = SampleFile.Read<T>(request.Inputs!, network.InputSize, $"the inputs of {request.Model}");
        var inputs = Batch(request, samples);
        var assumptions = GradientRankRun.Assumptions(request, inputs.ColumnCount, weightRanks);
        // what the options say is checked before anything is computed
        GradientRankRun.Bounds(() => GradientRankBound.Of(network, assumptions));
        var dataRank = request.DataRank is null ? (int?)null : RankOf(inputs);
        cancellation.ThrowIfCancellationRequested();
        var (loss, atOutputs, pass) = Backward(request, network, inputs, samples.ColumnCount);
        RankQuantity[] quantities = request.WeightRanks is null ? [RankQuantity.Gradient] : [RankQuantity.Gradient, RankQuantity.Weight];
        var measured = new GradientRankMeter<T>().Measure(pass, quantities, cancellation);
        var weights = measured.Where(rank => rank.Quantity == RankQuantity.Weight)
            .ToDictionary(rank => rank.Parameter, rank => rank.NumericalRank());
        if (request.DataRank == GradientRankRequest.Measured)
        {
            assumptions = assumptions with { DataRank = dataRank };
        }

        if (request.WeightRanks == GradientRankRequest.Measured)
        {
            assumptions = assumptions with { WeightRanks = weights };
        }

        var bounds = GradientRankRun.Bounds(() => GradientRankBound.Of(network, assumptions));
        var gradients = measured.Where(rank => rank.Quantity == RankQuantity.Gradient).ToDictionary(rank => rank.Parameter);
        var report = GradientRankRun.Report(request, bounds, network.InputSize, network.OutputSize);
        var rows = report.Weights.Select(weight => weight with { Measured = Beside(weight.Bound, gradients[weight.Parameter]) }).ToList();
        var doubts = Doubts(assumptions, dataRank, weights, request.LossRank is null ? null : RankOf(atOutputs)).ToList();
        return report with
        {
            Dtype = request.Dtype ?? "f64",
            LossValue = NumberFormat.FiniteOrNull(loss),
            MeasuredDataRank = dataRank,
            Backend = BackendNames.Current,
            Weights = rows,
            Notes = doubts.Count > 0
                ? doubts
                : [.. rows.Where(row => row.Measured is { Exceeds: true } or { MachineExceeds: true })
                    .Select(row => Excess(row, request.StepDataRank is not null))],
        };
    }

    private static Network<T> Load(GradientRankRequest request, Model? model)
    {
        if (model is null)
        {
            return NetworkWeights.LoadDense<T>(request.Model!, Resolve.Activations(request.Activation!));
        }

        var network = model.Sample<T>(seed: 0);
        NetworkWeights.Load(network, request.Model!);
        return network;
    }

    private static Matrix<T> Batch(GradientRankRequest request, Matrix<T> inputs) => request.Batch is not { } batch ? inputs
        : batch <= inputs.ColumnCount ? inputs.SubMatrix(0, inputs.RowCount, 0, batch)
        : throw new UsageException($"--batch is {batch}; {request.Inputs} has {inputs.ColumnCount} samples");

    /// <summary>Both passes. Where the loss reads the last steps alone, it gets these as outputs, and the others no gradient.</summary>
    private static (double Loss, Matrix<T> AtOutputs, BackwardPass<T> Pass) Backward(
        GradientRankRequest request, Network<T> network, Matrix<T> inputs, int rows)
    {
        var samples = inputs.ColumnCount;
        MemoryGuard.Require(
            $"a batch of {samples} samples",
            (double)Unsafe.SizeOf<T>() * samples * (network.InputSize + (3.0 * network.Layers.Sum(layer => (double)layer.OutputSize))),
            "take fewer with --batch");
        var forward = network.Forward(inputs);
        var outputs = forward.Outputs;
        var read = request.LossSteps is { } steps && network.Layers[^1] is ElmanLayer<T> last
            ? outputs.RowCount / last.Steps * steps
            : outputs.RowCount;
        var part = new T[checked(read * samples)];
        var loss = TargetFile.Evaluate<T>(
            request.Targets!, rows, GradientRankRun.LossOf(request)!, outputs.SubMatrix(outputs.RowCount - read, read, 0, samples), part);
        var gradient = new T[checked(outputs.RowCount * samples)];
        for (var i = 0; i < samples; i++)
        {
            part.AsSpan(i * read, read).CopyTo(gradient.AsSpan(((i + 1) * outputs.RowCount) - read));
        }

        return (loss, Matrix<T>.Build.Dense(outputs.RowCount, samples, gradient), network.Backward(forward, gradient));
    }

    private static MeasuredGradient Beside(int bound, MeasuredRank gradient)
    {
        var (rank, machine) = (gradient.NumericalRank(), gradient.NumericalRank(NumericalRankRule.MachineEpsilon));
        var spectrum = gradient.Spectrum;
        return new MeasuredGradient(
            rank, machine, gradient.StableRank, gradient.ParticipationRank, gradient.EffectiveRank, spectrum.SpectralNorm,
            bound < spectrum.Count && !gradient.IsZero ? spectrum[bound] / spectrum.SpectralNorm : null,
            rank > bound, machine > bound, gradient.Route.ToString().ToLowerInvariant());
    }

    private static int RankOf(Matrix<T> matrix) =>
        Spectrum.Of(matrix).NumericalRank(matrix.RowCount, matrix.ColumnCount, NumericalRankRule.Lapack, Precision);

    /// <summary>What was told and is not so of these inputs and weights: bounds from it need not hold, and no excess is noise.</summary>
    private static IEnumerable<string> Doubts(
        RankAssumptions assumptions, int? dataRank, IReadOnlyDictionary<string, int> weights, int? lossRank)
    {
        if (dataRank > assumptions.DataRank)
        {
            yield return $"--data-rank is {assumptions.DataRank} but the inputs have rank {dataRank}: the bounds need not hold for them";
        }

        if (lossRank > assumptions.LossRank)
        {
            yield return $"--loss-rank is {assumptions.LossRank} but the gradient at the outputs has rank {lossRank}: the bounds need not "
                + "hold for it";
        }

        foreach (var (name, rank) in assumptions.WeightRanks ?? new Dictionary<string, int>())
        {
            if (weights.TryGetValue(name, out var measured) && measured > rank)
            {
                yield return $"--weight-rank of {name} is {rank} but the weights have rank {measured}: the bounds need not hold for them";
            }
        }
    }

    private static string Excess(BoundedWeight weight, bool hasUnchecked)
    {
        var (bound, measured) = (weight.Bound, weight.Measured!);
        var (rule, count, smallest) = measured.Exceeds
            ? ("max(rows, cols) eps s1", measured.NumericalRank, Math.Max(weight.Rows, weight.Columns))
            : ("eps s1", measured.MachineRank, 1);
        var tolerance = smallest * (Precision == FloatingPrecision.Single ? Math.ScaleB(1, -23) : Math.ScaleB(1, -52));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{weight.Parameter}: {count} singular values exceed {rule} = {tolerance:0.0e-00} s1, but the bound is {bound}. "
            + $"{(hasUnchecked ? "If --step-data-rank holds, s" : "s")}{bound + 1} = {measured.Beyond:0.0e-00} s1 and those after it are 0 "
            + $"in exact arithmetic: rounding noise above the tolerance");
    }
}
