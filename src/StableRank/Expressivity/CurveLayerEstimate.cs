using StableRank.Replication;

namespace StableRank.Expressivity;

/// <summary>The images of a curve in one layer of random networks: means over networks, with standard errors.</summary>
/// <param name="Layer">l.</param>
/// <param name="Size">n_l.</param>
/// <param name="Length">Of <see cref="CurveLayer.Length"/>.</param>
/// <param name="SquaredLength">Of its square: at most the range of the parameter squared times the mean square speed.</param>
/// <param name="LengthError">The mean of <see cref="CurveLayer.LengthError"/>: by so much the mean length may be too small.</param>
/// <param name="TotalCurvature">Of <see cref="CurveLayer.TotalCurvature"/>.</param>
/// <param name="TotalCurvatureError">The mean of <see cref="CurveLayer.TotalCurvatureError"/>.</param>
/// <param name="MeanCurvature">Of <see cref="CurveLayer.MeanCurvature"/>, over networks in which the length is not 0.</param>
/// <param name="MeanSquareSpeed">Of <see cref="CurveLayer.MeanSquareSpeed"/>: theory (4.5) gives its expectation.</param>
/// <param name="SelfSimilarity">Of <see cref="CurveLayer.SelfSimilarity"/>, over networks in which it is a number.</param>
public sealed record CurveLayerEstimate(
    int Layer,
    int Size,
    Estimate Length,
    Estimate SquaredLength,
    double LengthError,
    Estimate TotalCurvature,
    double TotalCurvatureError,
    Estimate MeanCurvature,
    Estimate MeanSquareSpeed,
    IReadOnlyList<Estimate> SelfSimilarity);
