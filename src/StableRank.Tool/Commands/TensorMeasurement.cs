using StableRank.Data;
using StableRank.Spectra;
using StableRank.Tool.CommandLine;
using StableRank.Tool.Output;

namespace StableRank.Tool.Commands;

/// <summary>One tensor of a file, measured; what goes wrong with it is said in its own entry and stops no other.</summary>
internal static class TensorMeasurement
{
    /// <summary>What the singular values of an entry cost relative to others': m n min(m, n), and one for opening it.</summary>
    public static double Cost(TensorEntry entry)
    {
        double rows = entry.Rows, cols = entry.Columns;
        return 1 + (rows * cols * Math.Min(rows, cols));
    }

    /// <summary>Bytes that measuring an entry takes: every element as a double, in place.</summary>
    public static double Memory(TensorEntry entry) => (double)sizeof(double) * entry.Rows * entry.Columns;

    /// <summary>Why an entry has no stable rank; null where it has one.</summary>
    public static string? ReasonToSkip(TensorEntry entry) => entry.Shape.Count switch
    {
        _ when entry.ElementType is null => $"elements of type {entry.TypeName}, not real numbers",
        0 => "a scalar",
        1 => $"a vector of {entry.Shape[0]}",
        _ when entry.Shape.Contains(0) => $"empty, {string.Join(" x ", entry.Shape)}",
        _ => null,
    };

    /// <summary>Ranks and norms; where they lie among Gaussian matrices is not told yet.</summary>
    public static MeasuredTensor Of(TensorEntry entry, SpectrumReader reader)
    {
        var result = new MeasuredTensor(
            entry.Name, entry.File, DtypeOf(entry), entry.Shape, entry.Rows, entry.Columns,
            null, null, null, null, null, null, null, null, null, null, null, null);
        try
        {
            MemoryGuard.Require("it", Memory(entry));
            var spectrum = reader.Read(entry);
            var frobenius = NumberFormat.FiniteOrNull(spectrum.FrobeniusNorm);
            result = result with { SpectralNorm = spectrum.SpectralNorm, FrobeniusNorm = frobenius };
            if (spectrum.SpectralNorm == 0)
            {
                return result with { Error = "all entries are zero: the zero matrix has no stable rank" };
            }

            var (rows, cols) = (entry.Rows, (int)entry.Columns);
            var stableRank = spectrum.StableRank;
            return result with
            {
                StableRank = stableRank,
                ParticipationRank = spectrum.ParticipationRank,
                EffectiveRank = spectrum.EffectiveRank,
                NumericalRank = spectrum.NumericalRank(Tolerance(spectrum, rows, cols, entry.ElementType)),
                RatioToGaussian = stableRank / GaussianStableRank.Typical(rows, cols),
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FailureException or ArgumentException
            or InvalidOperationException or NotSupportedException or ArithmeticException or OutOfMemoryException)
        {
            return result with { Error = Messages.Of(e) };
        }
    }

    // NumPy's matrix_rank: max(m, n) eps s1, with the eps of the entries' own format; bfloat16, which NumPy does not have, is single there.
    private static double Tolerance(Spectrum spectrum, int rows, int cols, ElementType? type)
    {
        var fractionBits = type switch
        {
            ElementType.Float16 => 10,
            ElementType.Float32 or ElementType.BFloat16 => 23,
            _ => 52,
        };
        return Math.Max(rows, cols) * Math.ScaleB(spectrum.SpectralNorm, -fractionBits);
    }

    private static string DtypeOf(TensorEntry entry) => entry.ElementType switch
    {
        ElementType.Boolean => "bool",
        ElementType.BFloat16 => "bf16",
        ElementType.Float16 => "f16",
        ElementType.Float32 => "f32",
        ElementType.Float64 => "f64",
        ElementType.Int8 => "i8",
        ElementType.Int16 => "i16",
        ElementType.Int32 => "i32",
        ElementType.Int64 => "i64",
        ElementType.UInt8 => "u8",
        ElementType.UInt16 => "u16",
        ElementType.UInt32 => "u32",
        ElementType.UInt64 => "u64",
        _ => entry.TypeName,
    };
}
