using System.Diagnostics.CodeAnalysis;
using MathNet.Numerics.LinearAlgebra;
using StableRank.LinearAlgebra;

namespace StableRank.Data;

/// <summary>
/// Fashion-MNIST: 70000 grey images of clothes, 28 x 28 pixels of 0 to 255, in ten classes; 60000 for training and 10000 for testing
/// (H. Xiao, K. Rasul, R. Vollgraf 2017, arXiv:1708.07747; MIT licence). It does not ship with the library: `./build.sh setup` or
/// `stablerank setup` fetches it into the cache folder.
/// </summary>
public static class FashionMnist
{
    private const int Classes = 10;
    private const string ImagesName = "images-idx3-ubyte";
    private const string LabelsName = "labels-idx1-ubyte";
    private const string PackedEnding = ".gz";

    private const string Attribution =
        "H. Xiao, K. Rasul, R. Vollgraf (2017): Fashion-MNIST, arXiv:1708.07747; MIT licence, Copyright (c) 2017 Zalando SE";

    /// <summary>
    /// Where the files are looked for: the cache folder's fashion-mnist, then that of Debian's package dataset-fashion-mnist.
    /// </summary>
    public static IReadOnlyList<string> Folders { get; } = Array.AsReadOnly(
        [Path.Combine(Backend.CacheFolder, "fashion-mnist"), "/usr/share/datasets/fashion-mnist"]);

    /// <summary>
    /// Reads one part. Features are 784 x samples (pixels row by row, one sample a column) with values 0 to 255 as in the file, not
    /// scaled; labels are 0 to 9. The whole training part takes 376 MB, and twice that while it is read.
    /// </summary>
    /// <param name="part">The training or the test part.</param>
    /// <param name="count">So many samples, the first ones; null for all.</param>
    /// <param name="folder">Holds the four files, packed or not; null to look in <see cref="Folders"/>.</param>
    /// <exception cref="FileNotFoundException">
    /// The files are not there; the message says where they were looked for and what fetches them.
    /// </exception>
    /// <exception cref="DataFormatException">A file is malformed or damaged, or images and labels do not belong together.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is below 1 or above the number of samples.</exception>
    public static LabelledData Load(DataPart part, int? count = null, string? folder = null)
    {
        var (images, labels) = Find(part, folder) ?? throw new FileNotFoundException(
            $"Fashion-MNIST is not in {string.Join(" nor in ", Candidates(folder))}: "
            + $"there is no {FileName(part, ImagesName)} with its labels. "
            + "Run `./build.sh setup` in the repository or `stablerank setup`, which fetch it.");
        return Read(part, count, images, labels);
    }

    /// <summary>As <see cref="Load"/>, but where the files are not there returns false.</summary>
    /// <param name="part">The training or the test part.</param>
    /// <param name="data">The data; null where the files are not there.</param>
    /// <param name="count">So many samples, the first ones; null for all.</param>
    /// <param name="folder">Holds the four files, packed or not; null to look in <see cref="Folders"/>.</param>
    /// <exception cref="DataFormatException">A file is malformed or damaged, or images and labels do not belong together.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is below 1 or above the number of samples.</exception>
    public static bool TryLoad(DataPart part, [NotNullWhen(true)] out LabelledData? data, int? count = null, string? folder = null)
    {
        data = Find(part, folder) is var (images, labels) ? Read(part, count, images, labels) : null;
        return data is not null;
    }

    private static LabelledData Read(DataPart part, int? count, string images, string labels)
    {
        var (pixels, features, total) = IdxArray.ReadFile(images, (source, layout) =>
            layout is { Type: ElementType.UInt8, Shape: [> 0, > 0, > 0] }
                ? (ReadFirst(source, layout, count), (int)layout.Columns, layout.Rows)
                : throw source.Error($"{Described(layout)}; expected images x rows x columns of UInt8"));
        var classes = IdxArray.ReadFile(labels, (source, layout) =>
            layout is { Type: ElementType.UInt8, Shape: [var samples] } && samples == total
                ? ReadFirst(source, layout, count)
                : throw source.Error($"{Described(layout)}; expected {total} labels of UInt8, one for each image"));
        if (Array.FindIndex(classes, label => label >= Classes) is >= 0 and var bad)
        {
            throw new DataFormatException($"the label of sample {bad} is {classes[bad]}; expected 0 to {Classes - 1}", labels);
        }

        // Sample after sample in the file is column after column in memory.
        return new LabelledData(
            Matrix<double>.Build.Dense(features, classes.Length, pixels),
            Array.ConvertAll(classes, label => (int)label),
            $"fashion-mnist {(part == DataPart.Train ? "train" : "test")}",
            Attribution);
    }

    private static double[] ReadFirst(ByteSource source, ArrayLayout layout, int? count)
    {
        if (count < 1 || count > layout.Rows)
        {
            throw new ArgumentOutOfRangeException(
                nameof(count), count, $"expected 1 to {layout.Rows}, the number of samples in {source.File}");
        }

        int[] shape = [count ?? layout.Rows, .. layout.Shape[1..]];
        var values = ArrayReader.ReadFlat<double>(
            source, ArrayLayout.TryCreate(layout.Type, layout.BigEndian, MemoryOrder.RowMajor, shape)!);
        if (shape[0] == layout.Rows)
        {
            source.RequireEnd();
        }

        return values;
    }

    private static string Described(ArrayLayout layout) => $"an array of shape ({string.Join(", ", layout.Shape)}) and type {layout.Type}";

    private static IReadOnlyList<string> Candidates(string? folder) => folder is null ? Folders : [folder];

    /// <summary>Images and labels of the first folder that has both.</summary>
    private static (string Images, string Labels)? Find(DataPart part, string? folder)
    {
        foreach (var candidate in Candidates(folder))
        {
            if (FindFile(candidate, part, ImagesName) is { } images && FindFile(candidate, part, LabelsName) is { } labels)
            {
                return (images, labels);
            }
        }

        return null;
    }

    private static string? FindFile(string folder, DataPart part, string name)
    {
        var path = Path.Combine(folder, FileName(part, name));
        return File.Exists(path) ? path : File.Exists(path + PackedEnding) ? path + PackedEnding : null;
    }

    private static string FileName(DataPart part, string name) => (part switch
    {
        DataPart.Train => "train-",
        DataPart.Test => "t10k-",
        _ => throw new ArgumentOutOfRangeException(nameof(part), part, "expected Train or Test"),
    }) + name;
}
