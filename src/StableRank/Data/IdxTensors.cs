using System.Numerics;
using System.Text.RegularExpressions;
using MathNet.Numerics.LinearAlgebra;

namespace StableRank.Data;

/// <summary>An IDX file as a file of one tensor, which is named after the file.</summary>
internal sealed partial class IdxTensors : ITensorFileKind
{
    public IReadOnlyList<string> Endings { get; } =
        [".idx", ".idx.gz", "-idx1-ubyte", "-idx1-ubyte.gz", "-idx3-ubyte", "-idx3-ubyte.gz"];

    public bool Claims(string fileName) => NamePattern().IsMatch(fileName);

    public IReadOnlyList<TensorEntry> List(string path) => IdxArray.ReadFile(path, (source, layout) => new[]
    {
        new TensorEntry(
            path, NameOf(Path.GetFileName(path)), layout.Shape, TypeName(layout.Type), layout.Type, layout.ByteCount),
    });

    public Matrix<T> ReadMatrix<T>(TensorEntry entry)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        IdxArray.ReadMatrix<T>(entry.File);

    public T[] ReadTall<T>(TensorEntry entry, T[]? scratch)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        IdxArray.ReadValues(entry.File, (source, layout) => ArrayReader.ReadTall(source, layout, entry, scratch));

    private static string NameOf(string file)
    {
        const string packed = ".gz";
        var name = file.EndsWith(packed, StringComparison.OrdinalIgnoreCase) ? file[..^packed.Length] : file;
        return Path.GetExtension(name).Equals(".idx", StringComparison.OrdinalIgnoreCase) ? Path.GetFileNameWithoutExtension(name) : name;
    }

    /// <summary>The format gives its types codes and no names; MNIST's file names use these.</summary>
    private static string TypeName(ElementType type) => type switch
    {
        ElementType.UInt8 => "ubyte",
        ElementType.Int8 => "byte",
        ElementType.Int16 => "short",
        ElementType.Int32 => "int",
        ElementType.Float32 => "float",
        _ => "double",
    };

    [GeneratedRegex(
        @"(\.idx|-idx\d+-(ubyte|byte|short|int|float|double))(\.gz)?$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex NamePattern();
}
