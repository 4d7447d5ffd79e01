namespace StableRank.Propagation;

/// <summary>What theory (4.7) predicts of two inputs behind the weights and biases of layer l: of its pre-activations h_l.</summary>
/// <param name="Layer">l, 1 for the first layer.</param>
/// <param name="Gain">g_l = E||W_l||_F^2 / n_l.</param>
/// <param name="LengthA">q_l of the first input: the limit of ||h_l||^2 / n_l.</param>
/// <param name="LengthB">q_l of the second input.</param>
/// <param name="Correlation">c_l, the limit of the cosine between the two inputs' pre-activations; NaN where one has length 0.</param>
/// <param name="Slope">
/// chi_l = g_l E phi_l'^2 at the first input's length: the factor of the mean square per neuron of a tangent vector, from behind layer l-1
/// to behind layer l.
/// </param>
/// <param name="CorrelationSlope">g_l E phi_l'(u) phi_l'(v): the same for the product of two tangents, one at each input.</param>
/// <param name="ParticipationRank">p_l of the weights, theory (1.2).</param>
/// <param name="RelativeSpread">
/// sqrt(2 sum 1/p) over layers 1 to l: about the standard deviation of ||h_l||^2 over its mean that the limit leaves out (theory (4.6),
/// (5.5)).
/// </param>
public sealed record MeanFieldLayer(
    int Layer,
    double Gain,
    double LengthA,
    double LengthB,
    double Correlation,
    double Slope,
    double CorrelationSlope,
    double ParticipationRank,
    double RelativeSpread);
