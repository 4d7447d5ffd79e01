using System.IO.Compression;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Serialization;
using StableRank.Data;

namespace StableRank.Training;

/// <summary>
/// The file in which a training run can be continued: one .npz archive, checkpoint.npz, of the arrays "parameter/NAME", "optimizer/NAME",
/// "hook/INDEX/NAME" (flat, column-major) and "step_losses", with the member checkpoint.json beside them for all else. It is written
/// whole or not at all, and flushed to the disk before it takes the place of the one before.
/// </summary>
public static class Checkpoint
{
    private const string FileName = "checkpoint.npz";
    private const string HeaderMember = "checkpoint.json";
    private const string LossMember = "step_losses";
    private const int CurrentVersion = 1;

    private static readonly JsonSerializerOptions JsonOptions = new()
    {
        WriteIndented = true,
        RespectRequiredConstructorParameters = true,
        Converters = { new JsonStringEnumConverter() },
    };

    /// <summary>Whether the folder holds a checkpoint.</summary>
    /// <param name="folder">The folder; need not exist.</param>
    public static bool Exists(string folder) => File.Exists(PathIn(folder));

    /// <summary>The path of the checkpoint of a folder.</summary>
    internal static string PathIn(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        return Path.Combine(folder, FileName);
    }

    /// <summary>Makes the folder, and removes what a killed run has left of a checkpoint half written.</summary>
    internal static void Prepare(string folder)
    {
        Directory.CreateDirectory(folder);
        AtomicFile.RemoveLeftovers(folder);
    }

    internal static void Write<T>(string folder, Header header, IReadOnlyList<NamedArray<T>> arrays)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        AtomicFile.Write(PathIn(folder), stream =>
        {
            using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
            {
                using (var member = zip.CreateEntry(HeaderMember, CompressionLevel.NoCompression).Open())
                {
                    JsonSerializer.Serialize(member, header, JsonOptions);
                }

                var writer = new NpzWriter(zip, CompressionLevel.NoCompression);
                foreach (var (name, values) in arrays)
                {
                    writer.Add(name, NumericArray<T>.Adopt([values.Length], values));
                }

                double[] losses = [.. header.State.StepLosses];
                writer.Add(LossMember, NumericArray<double>.Adopt([losses.Length], losses));
            }

            stream.Flush(flushToDisk: true);
        });

    /// <exception cref="FileNotFoundException">There is no checkpoint.</exception>
    /// <exception cref="DataFormatException">The file is damaged or not a checkpoint of this version.</exception>
    internal static Header ReadHeader(string folder)
    {
        var path = PathIn(folder);
        try
        {
            using var zip = ZipFile.OpenRead(path);
            var member = zip.GetEntry(HeaderMember) ?? throw new DataFormatException("the archive is no checkpoint", path, HeaderMember);
            using var content = member.Open();
            var header = JsonSerializer.Deserialize<Header>(content, JsonOptions)
                ?? throw new DataFormatException("the header is empty", path, HeaderMember);
            return header.Version == CurrentVersion
                ? header
                : throw new DataFormatException($"version {header.Version} of the format; expected {CurrentVersion}", path, HeaderMember);
        }
        catch (Exception fault) when (fault is InvalidDataException or JsonException)
        {
            throw new DataFormatException($"not a readable checkpoint: {fault.Message}", path, HeaderMember, inner: fault);
        }
    }

    /// <summary>Reads arrays by name into place, and the losses of the steps into the header's state.</summary>
    /// <exception cref="DataFormatException">An array is damaged or has another length.</exception>
    internal static void ReadArrays<T>(string folder, Header header, IReadOnlyList<NamedArray<T>> arrays)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        using var archive = Npz.Open(PathIn(folder));
        var stored = new Dictionary<string, T[]>();
        foreach (var (name, values) in arrays)
        {
            var read = archive.Names.Contains(name)
                ? archive.Read<T>(name).AsSpan()
                : throw new DataFormatException("the array is missing", PathIn(folder), name);
            if (read.Length != values.Length)
            {
                throw new DataFormatException($"{read.Length} elements; expected {values.Length}", PathIn(folder), name);
            }

            stored[name] = read.ToArray();
        }

        var losses = archive.Read<double>(LossMember).AsSpan();
        if (losses.Length != header.State.Step)
        {
            throw new DataFormatException($"{losses.Length} losses of {header.State.Step} steps", PathIn(folder), LossMember);
        }

        header.State.StepLosses.AddRange(losses);
        StateArrays.Fill(arrays, stored, nameof(arrays));
    }

    /// <summary>What a checkpoint says beside its arrays.</summary>
    /// <param name="Version">The version of the format.</param>
    /// <param name="Configuration">What determines the course of the run; it must not differ where the run continues.</param>
    /// <param name="Environment">On what it ran; elsewhere a run continues the same to rounding only.</param>
    /// <param name="State">How far the run has come.</param>
    internal sealed record Header(int Version, IReadOnlyDictionary<string, string> Configuration, string Environment, RunState State)
    {
        /// <summary>A header of the current version.</summary>
        public static Header Of(IReadOnlyDictionary<string, string> configuration, string environment, RunState state) =>
            new(CurrentVersion, configuration, environment, state);

        /// <exception cref="CheckpointMismatchException">The configurations differ.</exception>
        public void RequireConfiguration(IReadOnlyDictionary<string, string> current, string folder)
        {
            const string Absent = "not set";
            var differences = Configuration.Keys.Union(current.Keys)
                .Select(name => (name, was: Configuration.GetValueOrDefault(name, Absent), now: current.GetValueOrDefault(name, Absent)))
                .Where(setting => setting.was != setting.now)
                .Select(setting => $"{setting.name} was {setting.was}, is {setting.now}")
                .ToArray();
            if (differences.Length > 0)
            {
                throw new CheckpointMismatchException(PathIn(folder), differences);
            }
        }
    }
}
