using System.Globalization;
using System.Numerics;
using CsvHelper;
using StableRank.Data;
using StableRank.Networks;
using StableRank.Spectra;

namespace StableRank.GradientRank;

/// <summary>One measurement along a training run.</summary>
/// <param name="Step">The step, as given.</param>
/// <param name="Rank">The measurement.</param>
public sealed record GradientRankRecord(long Step, MeasuredRank Rank);

/// <summary>
/// Keeps what a <see cref="GradientRankMeter{T}"/> measures along a training run, and writes it as tidy CSV files. Call
/// <see cref="Record"/> from a training hook's BeforeStep, at the steps of interest.
/// </summary>
/// <remarks>An instance is not safe for concurrent use. A measurement that fails or is cancelled adds no record.</remarks>
/// <typeparam name="T">double or float.</typeparam>
public sealed class GradientRankRecorder<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>The columns of the file of ranks before those of the tolerances, in order.</summary>
    public static readonly IReadOnlyList<string> Columns =
    [
        "step", "layer", "parameter", "quantity", "rows", "columns", "route", "precision", "accuracy", "spectral_norm", "frobenius_norm",
        "stable_rank", "participation_rank", "effective_rank", "numerical_rank_lapack", "numerical_rank_epsilon",
    ];

    /// <summary>The columns of the file of singular values, in order; index 1 is the greatest value.</summary>
    public static readonly IReadOnlyList<string> SpectrumColumns = ["step", "layer", "parameter", "quantity", "index", "singular_value"];

    private readonly GradientRankMeter<T> _meter;
    private readonly RankQuantity[] _quantities;
    private readonly double[] _tolerances;
    private readonly List<GradientRankRecord> _records = [];

    /// <summary>Makes an empty recorder.</summary>
    /// <param name="meter">The meter; null: one of every weight by the cheapest route.</param>
    /// <param name="quantities">What to measure; null: the gradients.</param>
    /// <param name="tolerances">
    /// Tolerances over s_1 whose numerical ranks are columns of their own, "numerical_rank_" and the number.
    /// </param>
    /// <exception cref="ArgumentException">No quantity, or one that is none or stands twice.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A tolerance is negative or NaN.</exception>
    public GradientRankRecorder(
        GradientRankMeter<T>? meter = null, IReadOnlyCollection<RankQuantity>? quantities = null,
        IReadOnlyCollection<double>? tolerances = null)
    {
        _meter = meter ?? new GradientRankMeter<T>();
        _quantities = [.. quantities ?? [RankQuantity.Gradient]];
        _tolerances = [.. tolerances ?? []];
        GradientRankMeter<T>.RequireQuantities(_quantities);
        foreach (var tolerance in _tolerances)
        {
            RankRouteCost.RequireTolerance(tolerance, nameof(tolerances));
        }
    }

    /// <summary>What was measured, in that order.</summary>
    public IReadOnlyList<GradientRankRecord> Records => _records;

    /// <summary>Measures after a backward pass and keeps the records.</summary>
    /// <param name="step">The step they belong to.</param>
    /// <param name="pass">The pass; see <see cref="GradientRankMeter{T}.Measure"/>.</param>
    /// <param name="cancellationToken">Ends the work between two matrices.</param>
    /// <returns>The measurements.</returns>
    /// <exception cref="ArgumentException">As there.</exception>
    /// <exception cref="InvalidOperationException">As there.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public IReadOnlyList<MeasuredRank> Record(long step, BackwardPass<T> pass, CancellationToken cancellationToken = default)
    {
        var measured = _meter.Measure(pass, _quantities, cancellationToken);
        _records.AddRange(measured.Select(rank => new GradientRankRecord(step, rank)));
        return measured;
    }

    /// <summary>Writes the ranks to a file, whole or not at all: an older file stays until the new one is complete.</summary>
    /// <param name="path">The file; an older one is replaced.</param>
    /// <exception cref="IOException">The file could not be written; an older one is as it was.</exception>
    public void Save(string path) => Save(path, Write);

    /// <summary>Writes the singular values to a file, likewise: a line a value.</summary>
    /// <param name="path">The file; an older one is replaced.</param>
    /// <exception cref="IOException">The file could not be written; an older one is as it was.</exception>
    public void SaveSpectra(string path) => Save(path, WriteSpectra);

    /// <summary>
    /// Writes the ranks: a head line, then a line a record; numbers in the shortest form that reads back to the same double. What does not
    /// exist (ranks of the zero matrix) or was not resolved (small values by a Gram matrix) is empty.
    /// </summary>
    /// <param name="writer">Left open.</param>
    public void Write(TextWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        using var csv = CsvWriter.Create(writer, new CsvWriterOptions { NewLine = "\n" }, leaveOpen: true);
        WriteLine(csv, [.. Columns, .. _tolerances.Select(tolerance => $"numerical_rank_{Text(tolerance)}")]);
        foreach (var (step, rank) in _records)
        {
            var resolved = _tolerances.Prepend(rank.ToleranceOf(NumericalRankRule.MachineEpsilon))
                .Prepend(rank.ToleranceOf(NumericalRankRule.Lapack))
                .Select(tolerance => tolerance < rank.SmallestTolerance ? "" : Text(rank.NumericalRank(tolerance)));
            WriteLine(
                csv,
                [
                    .. Key(step, rank), Text(rank.Rows), Text(rank.Columns), Name(rank.Route), Name(rank.Precision), Text(rank.Accuracy),
                    Text(rank.Spectrum.SpectralNorm), Text(rank.Spectrum.FrobeniusNorm), Text(rank.StableRank),
                    Text(rank.ParticipationRank), Text(rank.EffectiveRank), .. resolved,
                ]);
        }
    }

    /// <summary>Writes the singular values: a head line, then a line a value, in the same numbers.</summary>
    /// <param name="writer">Left open.</param>
    public void WriteSpectra(TextWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        using var csv = CsvWriter.Create(writer, new CsvWriterOptions { NewLine = "\n" }, leaveOpen: true);
        WriteLine(csv, SpectrumColumns);
        foreach (var (step, rank) in _records)
        {
            for (var i = 0; i < rank.Spectrum.Count; i++)
            {
                WriteLine(csv, [.. Key(step, rank), Text(i + 1), Text(rank.Spectrum[i])]);
            }
        }
    }

    private static void Save(string path, Action<TextWriter> write) => AtomicFile.Write(path, stream =>
    {
        using var writer = new StreamWriter(stream, leaveOpen: true);
        write(writer);
    });

    private static string[] Key(long step, MeasuredRank rank) => [Text(step), Text(rank.Layer), rank.Parameter, Name(rank.Quantity)];

    private static string Text(IFormattable? value) => value?.ToString(null, CultureInfo.InvariantCulture) ?? "";

    private static string Name(Enum value) => value.ToString().ToLowerInvariant();

    private static void WriteLine(CsvWriter csv, IReadOnlyList<string> cells)
    {
        foreach (var cell in cells)
        {
            csv.WriteField(cell);
        }

        csv.EndRecord();
    }
}
