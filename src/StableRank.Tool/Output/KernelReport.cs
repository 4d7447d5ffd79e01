namespace StableRank.Tool.Output;

/// <summary>What <c>ntk</c> and <c>nngp</c> tell.</summary>
/// <param name="Kernel">ntk or nngp.</param>
/// <param name="Model">The file of the weights; null for the limit.</param>
/// <param name="Widths">The input's width and then every layer's.</param>
/// <param name="Activation">After every layer but the last, as given.</param>
/// <param name="Weights">The law of the weights in words; null where they come from a file.</param>
/// <param name="Gains">Theory (2.4)'s gain of every layer; null where the weights come from a file.</param>
/// <param name="BiasVariance">The variance of the biases; null where the weights come from a file.</param>
/// <param name="Parameterization">ntk or standard; null for nngp.</param>
/// <param name="Output">blocks, trace or diagonal; null but for the tangent kernel of a network.</param>
/// <param name="Samples">N, the samples of the first set.</param>
/// <param name="OtherSamples">M, those of the second set; null where there is one set.</param>
/// <param name="Shape">The dimensions of the array that is written; null where nothing was computed.</param>
/// <param name="Least">The least entry.</param>
/// <param name="Greatest">The greatest entry.</param>
/// <param name="Mean">The mean of all entries.</param>
/// <param name="RelativeSpread">
/// About how far the kernel of one network of these widths scatters about the limit, theory (5.5); null where the weights come from a file.
/// </param>
/// <param name="Error">The greatest estimated error of a Gaussian expectation of the limit.</param>
/// <param name="Route">structured or contraction: how the kernel of a network was computed; null otherwise.</param>
/// <param name="Costs">What each route costs, where that was asked for.</param>
/// <param name="Dtype">f32 or f64.</param>
/// <param name="Backend">managed, openblas or mkl.</param>
/// <param name="Seconds">The time that computing and writing took.</param>
/// <param name="Out">The file written; null where none was asked for.</param>
/// <param name="Notes">What a reader of the numbers must know.</param>
internal sealed record KernelReport(
    string Kernel, string? Model, IReadOnlyList<int> Widths, string Activation, string? Weights, IReadOnlyList<double>? Gains,
    double? BiasVariance, string? Parameterization, string? Output, int Samples, int? OtherSamples, IReadOnlyList<int>? Shape,
    double? Least, double? Greatest, double? Mean, double? RelativeSpread, double? Error, string? Route,
    IReadOnlyList<RouteCost>? Costs, string Dtype, string Backend, double Seconds, string? Out, IReadOnlyList<string> Notes);

/// <summary>The model of what a route costs.</summary>
/// <param name="Route">structured or contraction.</param>
/// <param name="Flops">Floating-point operations.</param>
/// <param name="KernelBytes">Bytes of the kernel.</param>
/// <param name="WorkBytes">Bytes held beside it.</param>
internal sealed record RouteCost(string Route, double Flops, double KernelBytes, double WorkBytes);
