namespace StableRank.Propagation;

/// <summary>What mean-field theory says of the image of a great circle in layer l.</summary>
/// <param name="Layer">l, 1 for the first layer.</param>
/// <param name="Gain">g_l.</param>
/// <param name="PreActivationLength">q_l, the limit of ||h_l||^2 / n_l.</param>
/// <param name="SlopeSquare">E phi_l'(sqrt q z)^2; times the next layer's gain chi_1.</param>
/// <param name="BendSquare">E phi_l''(sqrt q z)^2; times the next layer's gain chi_2. Infinite where phi has a kink.</param>
/// <param name="PreActivations">The image before the activation.</param>
/// <param name="PostActivations">The image behind it.</param>
public sealed record MeanFieldCircleLayer(
    int Layer,
    double Gain,
    double PreActivationLength,
    double SlopeSquare,
    double BendSquare,
    CircleImage PreActivations,
    CircleImage PostActivations);
