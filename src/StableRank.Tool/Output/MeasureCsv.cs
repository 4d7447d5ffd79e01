using CsvHelper;

namespace StableRank.Tool.Output;

/// <summary>The report of <c>measure</c> as a CSV file: one row a tensor, full precision, empty where there is no number.</summary>
internal static class MeasureCsv
{
    private static readonly (string Name, Func<MeasuredTensor, double?> Value)[] s_numbers =
    [
        ("stable_rank", t => t.StableRank), ("ratio_to_gaussian", t => t.RatioToGaussian), ("gaussian_mean", t => t.GaussianMean),
        ("gaussian_standard_deviation", t => t.GaussianStandardDeviation), ("z_score", t => t.ZScore),
        ("participation_rank", t => t.ParticipationRank), ("effective_rank", t => t.EffectiveRank),
        ("numerical_rank", t => t.NumericalRank), ("spectral_norm", t => t.SpectralNorm), ("frobenius_norm", t => t.FrobeniusNorm),
    ];

    /// <summary>Writes the file whole or not at all; an older one is replaced.</summary>
    public static void Write(string path, IReadOnlyList<MeasuredTensor> tensors)
    {
        var target = Path.GetFullPath(path);
        var temporary = Path.Combine(Path.GetDirectoryName(target)!, $".{Guid.NewGuid():N}.tmp");
        try
        {
            using (var csv = CsvWriter.Create(File.Create(temporary), new CsvWriterOptions { NewLine = "\n" }))
            {
                WriteRows(csv, tensors);
            }

            File.Move(temporary, target, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    private static void WriteRows(CsvWriter csv, IReadOnlyList<MeasuredTensor> tensors)
    {
        string[] names = ["tensor", "file", "dtype", "shape", "rows", "cols", .. s_numbers.Select(n => n.Name), "phase", "error"];
        foreach (var name in names)
        {
            csv.WriteField(name);
        }

        csv.EndRecord();
        foreach (var t in tensors)
        {
            csv.WriteField(t.Name);
            csv.WriteField(t.File);
            csv.WriteField(t.Dtype);
            csv.WriteField(string.Join('x', t.Shape));
            csv.WriteField(t.Rows);
            csv.WriteField(t.Cols);
            foreach (var (_, value) in s_numbers)
            {
                csv.WriteField(value(t));
            }

            csv.WriteField(t.Phase ?? "");
            csv.WriteField(t.Error ?? "");
            csv.EndRecord();
        }
    }
}
