using System.IO.Compression;
using System.Numerics;
using MathNet.Numerics.LinearAlgebra;

namespace StableRank.Data;

/// <summary>Adds arrays to an .npz archive that <see cref="Npz.Write"/> is writing.</summary>
public sealed class NpzWriter
{
    /// <summary>The date that numpy.savez gives its members: the same arrays make the same file.</summary>
    private static readonly DateTimeOffset MemberDate = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly ZipArchive archive;
    private readonly CompressionLevel compression;
    private readonly HashSet<string> names = new(StringComparer.Ordinal);

    internal NpzWriter(ZipArchive archive, CompressionLevel compression)
    {
        this.archive = archive;
        this.compression = compression;
    }

    /// <summary>Adds a matrix (rows x columns) in the precision that it has.</summary>
    /// <typeparam name="T">double or float.</typeparam>
    /// <param name="name">The name by which numpy.load finds it; the member is called name.npy.</param>
    /// <param name="matrix">Any storage; a dense one is not copied.</param>
    /// <param name="order">Order of the elements on disk.</param>
    /// <exception cref="ArgumentException">The name is empty or has been used.</exception>
    /// <exception cref="NotSupportedException">T is neither double nor float.</exception>
    public void Add<T>(string name, Matrix<T> matrix, MemoryOrder order = MemoryOrder.RowMajor)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(matrix);
        ElementTypes.Of<T>();
        using var member = Create(name);
        NpyArray.Write(member, matrix, order);
    }

    /// <summary>Adds an array of any number of dimensions in the precision that it has.</summary>
    /// <typeparam name="T">double or float.</typeparam>
    /// <param name="name">The name by which numpy.load finds it; the member is called name.npy.</param>
    /// <param name="array">The array.</param>
    /// <exception cref="ArgumentException">The name is empty or has been used.</exception>
    public void Add<T>(string name, NumericArray<T> array)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(array);
        using var member = Create(name);
        NpyArray.Write(member, array);
    }

    private Stream Create(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (!names.Add(name))
        {
            throw new ArgumentException($"the archive already has an array '{name}'", nameof(name));
        }

        var entry = archive.CreateEntry(name + Npz.MemberEnding, compression);
        entry.LastWriteTime = MemberDate;
        return entry.Open();
    }
}
