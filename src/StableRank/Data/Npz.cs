using System.IO.Compression;
using System.Numerics;
using MathNet.Numerics.LinearAlgebra;

namespace StableRank.Data;

/// <summary>
/// NumPy's .npz archives: a zip of arrays, the array x in the member x.npy, stored or deflated, zip64 where large. Opening one reads the
/// list of members; each array is read when it is asked for, and its check sum is verified. Other members are passed over. Use an
/// instance from one thread at a time.
/// </summary>
public sealed class Npz : IDisposable
{
    internal const string MemberEnding = ".npy";

    /// <summary>Deflate's limit: two bits stand for 258 bytes at most.</summary>
    private const long LargestRatio = 1032;

    private readonly ArchiveStream stream;
    private readonly ZipArchive archive;
    private readonly string path;
    private readonly List<string> names = [];
    private readonly Dictionary<string, ZipArchiveEntry> entries = new(StringComparer.Ordinal);

    private Npz(string path)
    {
        this.path = path;
        stream = new ArchiveStream(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read));
        try
        {
            archive = Unzip(null, () => new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true));
            foreach (var entry in Unzip(null, () => archive.Entries))
            {
                if (!entry.FullName.EndsWith(MemberEnding, StringComparison.Ordinal))
                {
                    continue;
                }

                var name = entry.FullName[..^MemberEnding.Length];
                if (!entries.TryAdd(name, entry))
                {
                    throw new DataFormatException("the archive has two members of this name", path, entry.FullName);
                }

                names.Add(name);
            }
        }
        catch
        {
            archive?.Dispose();
            stream.Dispose();
            throw;
        }

        Names = names.AsReadOnly();
    }

    /// <summary>The names of the arrays, without ".npy", in the order of the archive.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Opens an archive and reads the list of its members.</summary>
    /// <param name="path">The file, which stays open until the instance is disposed.</param>
    /// <exception cref="DataFormatException">The file is not a zip archive, is damaged, or has two members of one name.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static Npz Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new Npz(path);
    }

    /// <summary>
    /// Writes an archive. The file appears whole or not at all: when <paramref name="fill"/> throws, an older one stays as it was.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="fill">Adds the arrays one by one, of either precision.</param>
    /// <param name="compression">How the members are packed; not at all unless told, like numpy.savez.</param>
    public static void Write(string path, Action<NpzWriter> fill, CompressionLevel compression = CompressionLevel.NoCompression)
    {
        ArgumentNullException.ThrowIfNull(fill);
        AtomicFile.Write(path, stream =>
        {
            using var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
            fill(new NpzWriter(zip, compression));
        });
    }

    /// <summary>Reads an array of any number of dimensions.</summary>
    /// <typeparam name="T">double or float; stored values are rounded to nearest where T is narrower.</typeparam>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <exception cref="ArgumentException">The archive has no such array.</exception>
    /// <exception cref="DataFormatException">
    /// The member is malformed, truncated, damaged, inflates to another size than it says, or does not hold real numbers.
    /// </exception>
    /// <exception cref="NotSupportedException">T is neither double nor float.</exception>
    public NumericArray<T> Read<T>(string name)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        ReadValues(name, ArrayReader.ReadArray<T>);

    /// <summary>
    /// Reads a matrix, or "out x rest" of an array: its first dimension times the product of the others; a vector becomes one column.
    /// </summary>
    /// <inheritdoc cref="Read{T}(string)"/>
    public Matrix<T> ReadMatrix<T>(string name)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        ReadValues(name, ArrayReader.ReadMatrix<T>);

    /// <summary>What is known of an array from its header alone.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <exception cref="ArgumentException">The archive has no such array.</exception>
    /// <exception cref="DataFormatException">The member's header is malformed or does not fit the member's size.</exception>
    public TensorEntry Describe(string name) => ReadMember(name, (source, header) => TensorEntry.Of(source, header, name));

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        archive.Dispose();
        stream.Dispose();
    }

    /// <summary>Reads the elements of an array, which must be numbers, and verifies their check sum.</summary>
    internal TResult ReadValues<TResult>(string name, Func<ByteSource, ArrayLayout, TResult> read) =>
        ReadMember(name, (source, header) =>
        {
            var result = read(source, header.RequireNumbers(source));
            source.RequireEnd();
            return result;
        });

    private TResult ReadMember<TResult>(string name, Func<ByteSource, NpyHeader, TResult> read)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (!entries.TryGetValue(name, out var entry))
        {
            var known = names.Count == 0 ? "none" : string.Join(", ", names);
            throw new ArgumentException($"{path} has no array '{name}'; it has {known}", nameof(name));
        }

        RequireCredible(entry);
        using var content = Unzip(entry.FullName, entry.Open);

        // A member that does not grow when unpacked is no larger than bytes that the file really has.
        var measured = entry.Length <= entry.CompressedLength;
        var source = new ByteSource(content, path, entry.FullName, entry.Length, measured, entry.Crc32);
        return read(source, NpyHeader.Read(source, exact: true));
    }

    private void RequireCredible(ZipArchiveEntry entry)
    {
        var (packed, unpacked) = (entry.CompressedLength, entry.Length);
        if (entry.IsEncrypted)
        {
            throw new DataFormatException("the member is encrypted", path, entry.FullName);
        }

        if (packed < 0 || packed > stream.Length)
        {
            throw new DataFormatException(
                $"truncated: the member claims {packed} bytes of an archive of {stream.Length}", path, entry.FullName);
        }

        if (unpacked < 0 || unpacked / LargestRatio > packed)
        {
            throw new DataFormatException(
                $"the member claims to unpack {packed} bytes to {unpacked}, which deflate cannot", path, entry.FullName);
        }
    }

    private TResult Unzip<TResult>(string? member, Func<TResult> action)
    {
        try
        {
            return action();
        }
        catch (InvalidDataException fault)
        {
            throw new DataFormatException($"not a readable zip archive: {fault.Message}", path, member, inner: fault);
        }
    }
}
