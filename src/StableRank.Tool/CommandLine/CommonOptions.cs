using System.CommandLine;

namespace StableRank.Tool.CommandLine;

/// <summary>Options that several commands share, each made afresh for the command that takes it.</summary>
internal static class CommonOptions
{
    /// <summary>The names that <c>--family</c> admits, as the help shows them.</summary>
    public const string FamilyNames = "flat, spike, power-law, exponential, linear or tempered";

    /// <summary>How names in a file order the layers of a dense network, as the help says it.</summary>
    public const string WeightNames =
        "under PyTorch's names: 0.weight (outputs, inputs), 0.bias, 2.weight, ... or any names alike but for their numbers, which order "
        + "the layers; biases may be missing.";

    /// <summary>The activations that <c>--activation</c> admits where any is, as the help shows them.</summary>
    public const string ActivationNames =
        "linear, relu, leaky-relu:A (slope A), abs, tanh, erf, gelu, silu, softplus, sin, cos, exp, rbf:G, monomial:D or hermite:D; or one "
        + "a layer, with commas between.";

    /// <summary>The file of a dense network, without which the command cannot run.</summary>
    public static Option<string> DenseModel() => new("--model")
    {
        HelpName = "NET",
        Description = $"The dense network whose weights are in this file, {WeightNames}",
        Required = true,
    };

    /// <summary>Its activations, any.</summary>
    public static Option<string> Activation() => new("--activation")
    {
        HelpName = "PHI|PHI1,...",
        Description = $"Activation of every layer but the last, which is linear: {ActivationNames}",
        Required = true,
    };

    public static Option<bool> Json() => new("--json")
    {
        Description = "Print one JSON object, and nothing else, on standard output.",
    };

    public static Option<ulong> Seed() => new("--seed")
    {
        HelpName = "K",
        Description = "Seed of the random stream, a whole number from 0 to 2^64 - 1; the same seed gives the same numbers.",
        CustomParser = ArgumentParsers.Seed,
        DefaultValueFactory = _ => 0,
    };

    public static Option<string> Family() => new("--family")
    {
        HelpName = "NAME",
        Description = $"How the singular values fall for the given stable rank: {FamilyNames} (over Marchenko-Pastur quantiles).",
        DefaultValueFactory = _ => "flat",
    };

    public static Option<string?> Scale(string defaultValue) => new("--scale")
    {
        HelpName = "SCALE",
        Description = "spectral:S (the spectral norm is S), frobenius:F (the Frobenius norm is F), or variance-preserving for an "
            + $"activation: relu, leaky-relu:A (slope A) or linear. [default: {defaultValue}]",
    };
}
