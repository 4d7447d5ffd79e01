using System.Text.Json.Serialization;

namespace StableRank.Tool.Output;

/// <summary>What <c>measure</c> tells.</summary>
/// <param name="Tensors">The matrices and kernels, in order of appearance unless sorted.</param>
/// <param name="Skipped">What has no stable rank: vectors, scalars, empty tensors, members that are no arrays of real numbers.</param>
/// <param name="Failed">The files that could not be opened as what they claim to be.</param>
/// <param name="Backend">managed, openblas or mkl; null where nothing was measured.</param>
internal sealed record MeasureReport(
    IReadOnlyList<MeasuredTensor> Tensors, IReadOnlyList<SkippedTensor> Skipped, IReadOnlyList<FailedFile> Failed, string? Backend);

/// <summary>
/// One tensor as a matrix rows x cols (a kernel as out x rest), its ranks of theory (1.1) to (1.4) and norms, and the ratio of its stable
/// rank to a Gaussian's of that shape, theory (3.3). Ranks are null where <paramref name="Error"/> says why there are none.
/// <paramref name="GaussianMean"/> and <paramref name="GaussianStandardDeviation"/> are those of the stable ranks of Gaussian matrices of
/// the shape, <paramref name="ZScore"/> is the distance from the one in units of the other, null where that is 0, and <paramref
/// name="Phase"/> is that of (3.3), pulled, squeezed or gapped, null where the stable rank is 1 or k.
/// </summary>
internal sealed record MeasuredTensor(
    string Name, string File, string Dtype, IReadOnlyList<int> Shape, int Rows, long Cols, double? StableRank, double? ParticipationRank,
    double? EffectiveRank, int? NumericalRank, double? SpectralNorm, double? FrobeniusNorm, double? RatioToGaussian,
    double? GaussianMean, double? GaussianStandardDeviation, double? ZScore, string? Phase,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Error)
{
    /// <summary>Number of entries.</summary>
    [JsonIgnore]
    public long Size => Rows * Cols;
}

/// <summary>A tensor that has no stable rank, and why.</summary>
internal sealed record SkippedTensor(string Name, string File, IReadOnlyList<int> Shape, string Reason);

/// <summary>A file that could not be read, and why.</summary>
internal sealed record FailedFile(string File, string Error);
