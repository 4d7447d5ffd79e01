namespace StableRank.Tool.Output;

/// <summary>What <c>gradient-rank</c> tells.</summary>
/// <param name="Arch">The file of the architecture; null where there is none.</param>
/// <param name="Model">The file of the weights; null where nothing was measured.</param>
/// <param name="InputSize">Features of a sample, those of all time steps or pixels.</param>
/// <param name="OutputSize">Entries of an output.</param>
/// <param name="Batch">N, the samples of a batch.</param>
/// <param name="DataRank">The rank of the inputs that the bounds assume.</param>
/// <param name="DataRankSource">shape, given or measured.</param>
/// <param name="Loss">mse or cross-entropy; null: any.</param>
/// <param name="LossRank">The rank of the gradient at the outputs, where given.</param>
/// <param name="LossSteps">The last time steps that the loss reads, where given.</param>
/// <param name="Dtype">f32 or f64, of what was measured; null where nothing was.</param>
/// <param name="LossValue">The loss of the batch, a mean over its samples.</param>
/// <param name="MeasuredDataRank">The numerical rank of the inputs by LAPACK's rule.</param>
/// <param name="Backend">managed, openblas or mkl; null where nothing was measured.</param>
/// <param name="Weights">One entry a weight matrix, first layer first.</param>
/// <param name="Notes">What a reader of the numbers must know.</param>
internal sealed record GradientRankReport(
    string? Arch, string? Model, int InputSize, int OutputSize, int Batch, int DataRank, string DataRankSource, string? Loss, int? LossRank,
    int? LossSteps, string? Dtype, double? LossValue, int? MeasuredDataRank, string? Backend, IReadOnlyList<BoundedWeight> Weights,
    IReadOnlyList<string> Notes);

/// <summary>The bound of one weight matrix, and what was measured.</summary>
/// <param name="Parameter">Its name, as in PyTorch's state dict.</param>
/// <param name="Layer">1 for the first.</param>
/// <param name="Rows">Fan-out.</param>
/// <param name="Columns">Fan-in.</param>
/// <param name="Bound">What the rank of its gradient is at most, in exact arithmetic.</param>
/// <param name="Cause">The name of what binds, such as batch-size.</param>
/// <param name="CauseLayer">The layer of the cause; 0 for inputs and batch.</param>
/// <param name="CauseText">The cause in words.</param>
/// <param name="InputBound">What the rank of the layer's inputs is at most.</param>
/// <param name="SignalBound">What the rank of the signals at the layer's pre-activations is at most.</param>
/// <param name="WeightRank">The rank of the weights that the bounds assume; null: full.</param>
/// <param name="Proof">From the cause to the gradient.</param>
/// <param name="Printed">What arXiv 2402.06751 prints.</param>
/// <param name="Measured">Null where nothing was.</param>
internal sealed record BoundedWeight(
    string Parameter, int Layer, int Rows, int Columns, int Bound, string Cause, int CauseLayer, string CauseText, int InputBound,
    int SignalBound, int? WeightRank, IReadOnlyList<ProofStep> Proof, IReadOnlyList<PrintedForm> Printed, MeasuredGradient? Measured);

/// <summary>An inequality of a proof.</summary>
internal sealed record ProofStep(string Statement, int Value, string Source);

/// <summary>A bound as the paper prints it; sound where it is no smaller than ours.</summary>
internal sealed record PrintedForm(string Equation, int Value, bool Sound, string Remark);

/// <summary>A gradient, measured.</summary>
/// <param name="NumericalRank">Singular values above max(rows, columns) eps s1, LAPACK's rule; eps that of the precision.</param>
/// <param name="MachineRank">Singular values above eps s1.</param>
/// <param name="StableRank">Theory (1.1); null for a zero gradient, as are the next two.</param>
/// <param name="ParticipationRank">Theory (1.2).</param>
/// <param name="EffectiveRank">Theory (1.3).</param>
/// <param name="SpectralNorm">s1.</param>
/// <param name="Beyond">
/// The first singular value that the bound says is zero, s_(bound+1), over s1: rounding noise; null where the bound is the smaller side.
/// </param>
/// <param name="Exceeds">Whether <paramref name="NumericalRank"/> is above the bound.</param>
/// <param name="MachineExceeds">Whether <paramref name="MachineRank"/> is.</param>
/// <param name="Route">values, factors or gram: how the singular values were computed.</param>
internal sealed record MeasuredGradient(
    int NumericalRank, int MachineRank, double? StableRank, double? ParticipationRank, double? EffectiveRank, double SpectralNorm,
    double? Beyond, bool Exceeds, bool MachineExceeds, string Route);
