using MathNet.Numerics.LinearAlgebra;
using StableRank.Data;
using StableRank.Randomness;
using StableRank.Tool.CommandLine;
using StableRank.Tool.Output;

namespace StableRank.Tool.Commands;

/// <summary>What <c>train</c> trains and validates on: features x samples, a class each.</summary>
/// <param name="Training">Trained on.</param>
/// <param name="Validation">Measured on after each epoch.</param>
internal sealed record TrainSource(LabelledData Training, LabelledData Validation)
{
    public const string DigitsName = "digits";
    public const string FashionName = "fashion-mnist";
    public const string NpzName = "npz";
    public const string Expected = "digits, fashion-mnist[:DIR] or npz:FILE";

    private const string Inputs = "X";
    private const string Labels = "y";
    private const string ValidationInputs = "X_val";
    private const string ValidationLabels = "y_val";

    private const int ImageClasses = 10;
    private const double DigitsBrightest = 16;
    private const double FashionBrightest = 255;

    /// <summary>One sample of so many is for validation where the data do not say which.</summary>
    private const int Share = 5;

    /// <summary>Beyond the purposes that networks, shuffles and the inputs of <c>propagate</c> draw from.</summary>
    private const ulong SplitPurpose = (1UL << 48) + 1;

    /// <summary>Checks what can be checked of <c>--data</c> without reading it.</summary>
    /// <exception cref="UsageException">The text is none of the forms, or the widths do not fit the data.</exception>
    /// <exception cref="FailureException">There is no such file.</exception>
    public static void Require(string data, int[] widths)
    {
        var (kind, place) = Parts(data);
        switch (kind, place)
        {
            case (DigitsName, null):
                RequireWidths(data, 64, ImageClasses - 1, widths);
                break;
            case (FashionName, null or not ""):
                RequireWidths(data, 784, ImageClasses - 1, widths);
                break;
            case (NpzName, not null and not ""):
                if (!File.Exists(place))
                {
                    throw new FailureException($"--data {data}: there is no file {place}");
                }

                break;
            default:
                throw new UsageException($"--data is '{data}'; expected {Expected}");
        }
    }

    /// <summary>Reads the data; pixels are scaled to [0, 1], numbers of a file stay as they are.</summary>
    /// <exception cref="FailureException">The file does not hold samples and labels.</exception>
    /// <exception cref="UsageException">The widths do not fit the data.</exception>
    public static TrainSource Load(string data, int[] widths, ulong seed)
    {
        var (kind, place) = Parts(data);
        return kind switch
        {
            DigitsName => Split(Scaled(Digits.Load(), DigitsBrightest), seed),
            FashionName => new TrainSource(
                Scaled(FashionMnist.Load(DataPart.Train, folder: place), FashionBrightest),
                Scaled(FashionMnist.Load(DataPart.Test, folder: place), FashionBrightest)),
            _ => OfFile(place!, widths, seed),
        };
    }

    private static (string Kind, string? Place) Parts(string data) =>
        data.Split(':', 2) is [var kind, var place] ? (kind, place) : (data, null);

    private static LabelledData Scaled(LabelledData data, double brightest)
    {
        data.Features.Divide(brightest, data.Features);
        return data;
    }

    private static TrainSource OfFile(string path, int[] widths, ulong seed)
    {
        using var archive = Npz.Open(path);
        var all = Read(archive, path, Inputs, Labels, widths);
        if (archive.Names.Contains(ValidationInputs) || archive.Names.Contains(ValidationLabels))
        {
            return new TrainSource(all, Read(archive, path, ValidationInputs, ValidationLabels, widths));
        }

        return all.Count > 1
            ? Split(all, seed)
            : throw new FailureException($"{path} has one sample; expected at least two, one of them for validation");
    }

    private static LabelledData Read(Npz archive, string path, string inputs, string labels, int[] widths)
    {
        foreach (var name in (string[])[inputs, labels])
        {
            if (!archive.Names.Contains(name))
            {
                throw new FailureException($"{path} has no array {name}; expected {inputs} (samples x features) and {labels} (labels)");
            }
        }

        var features = archive.ReadMatrix<double>(inputs).Transpose();
        var values = archive.Read<double>(labels).AsSpan().ToArray();
        if (features.ColumnCount == 0 || values.Length != features.ColumnCount)
        {
            throw new FailureException($"{path} has {features.ColumnCount} samples in {inputs} and {values.Length} labels in {labels}; "
                + "expected one label a sample and at least one sample");
        }

        // A comparison with NaN is false: the test is for what a label is.
        var bad = Array.FindIndex(values, value => !(value >= 0 && value <= int.MaxValue && value == Math.Floor(value)));
        if (bad >= 0)
        {
            throw new FailureException(
                $"{path}: {labels} has {NumberFormat.Exact(values[bad])} in place {bad}; expected whole numbers from 0");
        }

        if (Array.FindIndex(features.AsColumnMajorArray(), value => !double.IsFinite(value)) is >= 0 and var place)
        {
            throw new FailureException($"{path}: {inputs} has {NumberFormat.Exact(features.AsColumnMajorArray()[place])} in sample "
                + $"{place / features.RowCount}, feature {place % features.RowCount}; expected finite numbers");
        }

        RequireWidths($"npz:{path}", features.RowCount, (int)values.Max(), widths);
        return new LabelledData(features, Array.ConvertAll(values, value => (int)value), path, "");
    }

    /// <summary>A fifth of the samples, drawn by the seed, for validation; the order within both parts stays.</summary>
    private static TrainSource Split(LabelledData data, ulong seed)
    {
        var order = Enumerable.Range(0, data.Count).ToArray();
        new RandomStream(seed, purpose: SplitPurpose).Shuffle<int>(order);
        var held = Math.Max(1, data.Count / Share);
        return new TrainSource(Part(data, order[held..]), Part(data, order[..held]));
    }

    private static LabelledData Part(LabelledData data, int[] samples)
    {
        Array.Sort(samples);
        var (rows, from) = (data.Features.RowCount, data.Features.AsColumnMajorArray());
        var features = new double[checked(rows * samples.Length)];
        for (var i = 0; i < samples.Length; i++)
        {
            from.AsSpan(samples[i] * rows, rows).CopyTo(features.AsSpan(i * rows));
        }

        return data with
        {
            Features = Matrix<double>.Build.Dense(rows, samples.Length, features),
            Labels = Array.ConvertAll(samples, sample => data.Labels[sample]),
        };
    }

    private static void RequireWidths(string data, int features, int largestLabel, int[] widths)
    {
        if (widths[0] != features)
        {
            throw new UsageException($"--widths begins with {widths[0]}; expected {features}, the features of a sample of {data}");
        }

        if (widths[^1] <= largestLabel)
        {
            throw new UsageException(
                $"--widths ends with {widths[^1]}; expected at least {largestLabel + 1L}, for the labels 0 to {largestLabel} of {data}");
        }
    }
}
