namespace StableRank.Expressivity;

/// <summary>The image of a curve in one layer of one network.</summary>
/// <param name="Layer">l; 0 for the curve itself.</param>
/// <param name="Size">n_l.</param>
/// <param name="Length">The length of the inscribed polygon that was followed: never above the image's.</param>
/// <param name="LengthError">
/// An estimate of what is missing from the length: as much as the last halving of every piece added, which bounds the rest where each
/// halving at least halves what is missing (a quarter is left for smooth images); where neurons with a kink change sign on a piece at least
/// 1/cos(k/2) - 1 of its chord, k the turn on it, for a way that turns by k is not longer (Schur's theorem); and rounding.
/// </param>
/// <param name="TotalCurvature">
/// The angle in radians by which the tangent turns on the way, kinks included: the length of the polygon that the followed tangents
/// inscribe in the image of the unit tangent, never above its length. Where the image stands still (every neuron of a ReLU layer off) it
/// does not turn.
/// </param>
/// <param name="TotalCurvatureError">
/// An estimate of what is missing from it: as for the length; where j &gt;= 2 neurons with a kink change sign on a piece at least
/// 2 (sqrt j - 1) times its turn, twice what j equal turns at right angles would hide. Neurons that change sign and back between two points
/// are not seen: images in small random networks with kinks missed more than was said here in up to one case of seven.
/// </param>
/// <param name="MeanSquareSpeed">
/// The mean of ||x_l'(t)||^2 over the left ends of the equal pieces that the parameter was divided into at first. Tangents are exact and
/// the points do not depend on the network: theory (4.5) predicts its expectation with no error of discretisation.
/// </param>
/// <param name="SelfSimilarity">
/// Entry k: the mean cosine between two images k pieces of the parameter apart (<see cref="CurveMeasurement.Step"/> each), over all such
/// pairs in which neither is 0; NaN where there are none (Poole et al. 2016, arXiv 1606.05340). k up to half the pieces of a closed curve,
/// up to all of another.
/// </param>
public sealed record CurveLayer(
    int Layer,
    int Size,
    double Length,
    double LengthError,
    double TotalCurvature,
    double TotalCurvatureError,
    double MeanSquareSpeed,
    IReadOnlyList<double> SelfSimilarity)
{
    /// <summary>The total curvature over the length, 1 over the radius of a circle; NaN where the length is 0.</summary>
    public double MeanCurvature => Length > 0 ? TotalCurvature / Length : double.NaN;
}
