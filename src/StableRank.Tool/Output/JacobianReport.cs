namespace StableRank.Tool.Output;

/// <summary>What <c>jacobian</c> tells.</summary>
/// <param name="Model">The file of the weights.</param>
/// <param name="Widths">The input's width, then every layer's.</param>
/// <param name="Activation">As given.</param>
/// <param name="Dtype">f32 or f64.</param>
/// <param name="RelativeTolerance">Singular values up to this part of the greatest do not count for the local dimension.</param>
/// <param name="Backend">managed, openblas or mkl.</param>
/// <param name="Seconds">The time it took.</param>
/// <param name="Inputs">One entry an input, in the file's order.</param>
internal sealed record JacobianReport(
    string Model, IReadOnlyList<int> Widths, string Activation, string Dtype, double RelativeTolerance, string Backend, double Seconds,
    IReadOnlyList<JacobianAtInput> Inputs);

/// <summary>The Jacobian at one input; null where it is 0, or where no law was asked for.</summary>
/// <param name="Input">The row of the file, from 0.</param>
/// <param name="StableRank">Theory (1.1).</param>
/// <param name="ParticipationRank">Theory (1.2).</param>
/// <param name="LocalDimension">How many singular values exceed the tolerance.</param>
/// <param name="Greatest">The greatest singular value.</param>
/// <param name="Least">The least one that counts for the local dimension.</param>
/// <param name="Condition">Greatest over least.</param>
/// <param name="LogVariance">The variance of the logarithms of those that count.</param>
/// <param name="PredictedGreatest">Where the greatest is expected for layers in general position.</param>
/// <param name="PredictedUpperEdge">The upper edge of the predicted law, as a singular value.</param>
/// <param name="PredictedLowerEdge">Its lower edge above 0; 0 where the law reaches down to 0.</param>
/// <param name="PredictedStableRank">The stable rank for layers in general position.</param>
/// <param name="PredictedParticipationRank">The participation rank for layers in general position.</param>
/// <param name="KolmogorovDistance">Between the measured squared singular values and the predicted law.</param>
internal sealed record JacobianAtInput(
    int Input, double? StableRank, double? ParticipationRank, int LocalDimension, double Greatest, double? Least, double? Condition,
    double? LogVariance, double? PredictedGreatest, double? PredictedUpperEdge, double? PredictedLowerEdge, double? PredictedStableRank,
    double? PredictedParticipationRank, double? KolmogorovDistance);
