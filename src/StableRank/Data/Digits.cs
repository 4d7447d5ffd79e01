using System.Globalization;
using System.IO.Compression;
using MathNet.Numerics.LinearAlgebra;

namespace StableRank.Data;

/// <summary>
/// The data set that ships with the library: 1797 real images of handwritten digits, 8 x 8 pixels of 0 to 16. It is the test part
/// of the UCI data set "Optical Recognition of Handwritten Digits" (E. Alpaydin, C. Kaynak, 1998; CC BY 4.0), as scikit-learn ships it.
/// </summary>
public static class Digits
{
    private const string Resource = "StableRank.Data.digits.csv.gz";
    private const int SampleCount = 1797;
    private const int PixelCount = 64;
    private const int Brightest = 16;

    private static readonly Lazy<(double[] Pixels, int[] Labels)> Cached = new(Parse);

    /// <summary>
    /// The data, parsed once; matrix and labels are the caller's own. Features are 64 x 1797 (pixels row by row, one sample a column) with
    /// values 0 to 16, not scaled; labels are 0 to 9.
    /// </summary>
    public static LabelledData Load() => new(
        Matrix<double>.Build.Dense(PixelCount, SampleCount, [.. Cached.Value.Pixels]),
        [.. Cached.Value.Labels],
        "digits",
        "E. Alpaydin, C. Kaynak (1998): Optical Recognition of Handwritten Digits, UCI Machine Learning Repository, test part; CC BY 4.0");

    private static (double[] Pixels, int[] Labels) Parse()
    {
        using var packed = typeof(Digits).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"the assembly has no resource {Resource}");
        using var reader = new StreamReader(new GZipStream(packed, CompressionMode.Decompress));
        return Parse(reader, Resource);
    }

    /// <summary>One sample a line: the pixels, then the label, separated by commas.</summary>
    internal static (double[] Pixels, int[] Labels) Parse(TextReader reader, string name)
    {
        var pixels = new double[PixelCount * SampleCount];
        var labels = new int[SampleCount];
        for (var sample = 0; sample < SampleCount; sample++)
        {
            var fields = reader.ReadLine()?.Split(',') ?? [];
            if (fields.Length != PixelCount + 1)
            {
                throw new DataFormatException($"line {sample + 1} has {fields.Length} fields, not {PixelCount + 1}", name);
            }

            for (var pixel = 0; pixel < PixelCount; pixel++)
            {
                pixels[(sample * PixelCount) + pixel] = ParseField(fields[pixel], Brightest, sample, name);
            }

            labels[sample] = ParseField(fields[PixelCount], 9, sample, name);
        }

        return reader.ReadLine() is null
            ? (pixels, labels)
            : throw new DataFormatException($"more than {SampleCount} lines", name);
    }

    private static int ParseField(string field, int maximum, int sample, string name) =>
        int.TryParse(field, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value <= maximum
            ? value
            : throw new DataFormatException($"line {sample + 1} holds '{field}', not an integer from 0 to {maximum}", name);
}
