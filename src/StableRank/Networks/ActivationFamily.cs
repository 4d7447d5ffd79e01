using System.Globalization;

namespace StableRank.Networks;

/// <summary>The activations whose names carry a parameter behind a colon.</summary>
internal static class ActivationFamily
{
    /// <summary>For messages.</summary>
    public const string Names =
        "leaky-relu:A (for example leaky-relu:0.1), rbf:G (for example rbf:0.5), monomial:D (D from 1 to 5), hermite:D (D from 0 to 10)";

    /// <summary>The activation, or null where the name does not begin with a family's.</summary>
    /// <exception cref="ArgumentException">The parameter is not one of the family's.</exception>
    public static Activation? Parse(string name)
    {
        var colon = name.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0)
        {
            return null;
        }

        var text = name[(colon + 1)..];
        return name[..colon].ToLowerInvariant() switch
        {
            "leaky-relu" => Number(text, out var slope)
                ? Activation.LeakyReLU(slope)
                : throw Refuse(name, text, "The slope", "is not a finite number", "leaky-relu:0.1"),
            "rbf" => Number(text, out var gamma) && gamma > 0
                ? Activation.Rbf(gamma)
                : throw Refuse(name, text, "The G", "is not a positive finite number", "rbf:0.5"),
            "monomial" => Degree(text, 1, MonomialActivation.GreatestDegree, out var degree)
                ? Activation.Monomial(degree)
                : throw Refuse(name, text, "The degree", $"is not an integer from 1 to {MonomialActivation.GreatestDegree}", "monomial:3"),
            "hermite" => Degree(text, 0, HermiteActivation.GreatestDegree, out var degree)
                ? Activation.Hermite(degree)
                : throw Refuse(name, text, "The degree", $"is not an integer from 0 to {HermiteActivation.GreatestDegree}", "hermite:3"),
            _ => null,
        };
    }

    private static bool Number(string text, out double value) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);

    private static bool Degree(string text, int least, int greatest, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value >= least && value <= greatest;

    private static ArgumentException Refuse(string name, string text, string what, string why, string example) =>
        new($"{what} of '{name}' {why}: '{text}'; expected for example {example}.", nameof(name));
}
