namespace StableRank.Tool.Output;

/// <summary>What <c>propagate</c> tells.</summary>
/// <param name="Activation">The activation of every layer.</param>
/// <param name="Replicates">Independent networks drawn.</param>
/// <param name="Inputs">Inputs sent through each.</param>
/// <param name="InputSource">digits, gaussian, or the file.</param>
/// <param name="InputMeanSquare">||x_0||^2, the mean over the inputs.</param>
/// <param name="Family">The family of spectra.</param>
/// <param name="Scale">The scale convention.</param>
/// <param name="Seed">The seed.</param>
/// <param name="Backend">managed, openblas or mkl.</param>
/// <param name="Layers">One entry a layer, the first next to the input.</param>
/// <param name="Notes">What a reader of the numbers must know.</param>
internal sealed record PropagateReport(
    string Activation, int Replicates, int Inputs, string InputSource, double InputMeanSquare, string Family, string Scale, ulong Seed,
    string Backend, IReadOnlyList<PropagatedLayer> Layers, IReadOnlyList<string> Notes);

/// <summary>One layer: what theory predicts and what was measured.</summary>
/// <param name="Layer">1 for the first.</param>
/// <param name="Rows">m, fan-out.</param>
/// <param name="Columns">n, fan-in.</param>
/// <param name="StableRank">The layer's stable rank, theory (1.1).</param>
/// <param name="ParticipationRank">Its participation rank, theory (1.2).</param>
/// <param name="PredictedMeanSquare">E ||x_l||^2 / ||x_0||^2 by theory (4.4); null where no exact formula holds.</param>
/// <param name="MeasuredMeanSquare">||x_l||^2 / ||x_0||^2, the mean over replicates and inputs.</param>
/// <param name="StandardError">The standard error of the measured mean, over replicates.</param>
/// <param name="Deviation">Measured less predicted mean square, in standard errors.</param>
/// <param name="PredictedStandardError">
/// What the standard error would be by theory (4.4) with one input: with several, which share their networks, an upper bound.
/// </param>
/// <param name="Reliable">
/// Whether both standard errors are small beside the means. Where they are not, a few networks carry the mean, and neither the measured
/// standard error nor the deviation means anything: compare the log drift.
/// </param>
/// <param name="PredictedLogDrift">E log(||x_l||^2 / ||x_0||^2) given that x_l is not zero, by theory (4.3) extended to (4.4).</param>
/// <param name="MeasuredLogDrift">The same, measured over the signals that are not zero.</param>
/// <param name="LogDriftStandardError">The standard error of the measured log drift.</param>
/// <param name="LogDriftDeviation">Measured less predicted log drift, in standard errors.</param>
internal sealed record PropagatedLayer(
    int Layer, int Rows, int Columns, double StableRank, double ParticipationRank, double? PredictedMeanSquare, double? MeasuredMeanSquare,
    double? StandardError, double? Deviation, double? PredictedStandardError, bool Reliable, double? PredictedLogDrift,
    double? MeasuredLogDrift, double? LogDriftStandardError, double? LogDriftDeviation);
