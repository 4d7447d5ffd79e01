using System.Globalization;
using System.Numerics;
using CsvHelper;
using StableRank.Data;

namespace StableRank.Training;

/// <summary>One measurement of a <see cref="RankTracker"/>.</summary>
/// <param name="Step">The step, as given.</param>
/// <param name="Name">The parameter's name.</param>
/// <param name="Quantity">Weight or gradient.</param>
/// <param name="Rows">m.</param>
/// <param name="Columns">n.</param>
/// <param name="Ranks">Norms and ranks.</param>
public sealed record RankRecord(long Step, string Name, TrackedQuantity Quantity, int Rows, int Columns, MatrixRanks Ranks);

/// <summary>Norms and ranks of weights and gradients along a training run, a record a measurement, written as one tidy CSV file.</summary>
/// <remarks>An instance is not safe for concurrent use. It measures what it is given, whenever it is given.</remarks>
public sealed class RankTracker
{
    /// <summary>The columns of the file, in order.</summary>
    public static readonly IReadOnlyList<string> Columns =
    [
        "step", "parameter", "quantity", "rows", "columns", "route", "spectral_norm", "spectral_norm_error", "frobenius_norm",
        "stable_rank", "participation_rank", "effective_rank", "numerical_rank",
    ];

    private readonly Dictionary<(string Name, TrackedQuantity Quantity, int Rows, int Columns), RankMeter> _meters = [];
    private readonly List<RankRecord> _records = [];

    /// <summary>What was measured, in that order.</summary>
    public IReadOnlyList<RankRecord> Records => _records;

    /// <summary>Measures a matrix and keeps the record.</summary>
    /// <param name="step">The step it belongs to.</param>
    /// <param name="name">The parameter's name, such as "0.weight".</param>
    /// <param name="quantity">Weight or gradient.</param>
    /// <param name="matrix">m x n, column-major, packed, of double or float; not changed.</param>
    /// <param name="rows">m, at least 1.</param>
    /// <param name="columns">n, at least 1.</param>
    /// <param name="detail">The route: see <see cref="RankMeter"/> for what the cheap one costs and how far off it may be.</param>
    /// <exception cref="ArgumentException">The name is empty, the span has not m n elements, or one is not finite.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 1.</exception>
    /// <exception cref="NotSupportedException">T is neither double nor float.</exception>
    public RankRecord Record<T>(
        long step, string name, TrackedQuantity quantity, ReadOnlySpan<T> matrix, int rows, int columns,
        RankDetail detail = RankDetail.Cheap)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        var key = (name, quantity, rows, columns);
        if (!_meters.TryGetValue(key, out var meter))
        {
            _meters.Add(key, meter = new RankMeter(rows, columns));
        }

        var record = new RankRecord(step, name, quantity, rows, columns, meter.Measure(matrix, detail));
        _records.Add(record);
        return record;
    }

    /// <summary>Writes all records to a file, whole or not at all: an older file stays until the new one is complete.</summary>
    /// <param name="path">The file; an older one is replaced.</param>
    /// <exception cref="IOException">The file could not be written; an older one is as it was.</exception>
    public void Save(string path) => AtomicFile.Write(path, stream =>
    {
        using var writer = new StreamWriter(stream, leaveOpen: true);
        Write(writer);
    });

    /// <summary>
    /// Writes all records: a head line, then a line a record; numbers in the shortest form that reads back to the same double, what was not
    /// measured or does not exist empty.
    /// </summary>
    /// <param name="writer">Left open.</param>
    public void Write(TextWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        using var csv = CsvWriter.Create(writer, new CsvWriterOptions { NewLine = "\n" }, leaveOpen: true);
        foreach (string column in Columns)
        {
            csv.WriteField(column);
        }

        csv.EndRecord();
        foreach (var (step, name, quantity, rows, columns, ranks) in _records)
        {
            csv.WriteField(step);
            csv.WriteField(name);
            csv.WriteField(quantity == TrackedQuantity.Weight ? "weight" : "gradient");
            csv.WriteField(rows);
            csv.WriteField(columns);
            csv.WriteField(ranks.Detail == RankDetail.Cheap ? "cheap" : "exact");
            foreach (double value in (ReadOnlySpan<double>)
                [
                    ranks.SpectralNorm, ranks.SpectralNormError, ranks.FrobeniusNorm, ranks.StableRank, ranks.ParticipationRank,
                    ranks.EffectiveRank,
                ])
            {
                csv.WriteField(double.IsFinite(value) ? value.ToString(CultureInfo.InvariantCulture) : string.Empty);
            }

            csv.WriteField(ranks.NumericalRank?.ToString(CultureInfo.InvariantCulture) ?? string.Empty);
            csv.EndRecord();
        }
    }
}
