using System.Globalization;
using System.Text.RegularExpressions;
using StableRank.Data;

namespace StableRank.Networks;

/// <summary>
/// The dense layers that the tensors of a file describe, by PyTorch's names: NAME.weight (outputs, inputs) and, where there are biases,
/// NAME.bias (outputs), the NAMEs alike but for their numbers, which order the layers.
/// </summary>
internal static partial class DenseStateDict
{
    private const string Weight = ".weight";
    private const string Bias = ".bias";

    /// <summary>The weights and biases of every layer, first layer first.</summary>
    /// <exception cref="DataFormatException">The tensors are not those of dense layers that fit one another.</exception>
    public static IReadOnlyList<(TensorEntry Weight, TensorEntry? Bias)> Of(IReadOnlyList<TensorEntry> entries, string path)
    {
        var biases = entries.Where(entry => entry.Name.EndsWith(Bias, StringComparison.Ordinal)).ToDictionary(entry => entry.Name);
        var weights = entries.Where(entry => entry.Name.EndsWith(Weight, StringComparison.Ordinal)).ToList();
        if (weights.Count == 0)
        {
            throw new DataFormatException(
                "has no tensor whose name ends in .weight; expected PyTorch's names, such as 0.weight, 0.bias, 2.weight", path);
        }

        foreach (var entry in entries)
        {
            var isWeight = weights.Contains(entry) && entry.Shape.Count == 2 && entry.Shape.All(size => size > 0);
            if (!isWeight && !biases.ContainsKey(entry.Name))
            {
                throw new DataFormatException(
                    $"the tensor {entry} is not of a dense layer; expected NAME.weight of shape (outputs, inputs) and NAME.bias", path);
            }
        }

        var layers = Ordered(weights, path).Select(weight =>
        {
            biases.Remove(weight.Name[..^Weight.Length] + Bias, out var bias);
            return (weight, bias);
        }).ToList();
        if (biases.Count > 0)
        {
            throw new DataFormatException($"the tensor {biases.Values.First()} has no weights beside it", path);
        }

        RequireFitting(layers, path);
        return layers;
    }

    /// <summary>By the numbers in their names: 2 before 10, whatever the order in the file.</summary>
    private static List<TensorEntry> Ordered(List<TensorEntry> weights, string path)
    {
        var other = weights.Find(weight => Pattern(weight) != Pattern(weights[0]));
        if (other is not null)
        {
            throw new DataFormatException(
                $"the order of the layers does not follow from the names '{weights[0].Name}' and '{other.Name}'; expected names alike but "
                + "for their numbers, such as 0.weight and 2.weight or fc1.weight and fc2.weight",
                path);
        }

        var ordered = weights.Select(weight => (Weight: weight, Key: Numbers(weight)))
            .OrderBy(pair => pair.Key, Comparer<int[]>.Create((a, b) => a.AsSpan().SequenceCompareTo(b)))
            .ToList();
        RequireUniformSteps(ordered, path);
        return [.. ordered.Select(pair => pair.Weight)];
    }

    /// <summary>
    /// In a torch.nn.Sequential the numbers count modules: 0 and 1 have no activation between, 0 and 2 have one. Which of the two a file
    /// means that has both cannot be told.
    /// </summary>
    private static void RequireUniformSteps(List<(TensorEntry Weight, int[] Key)> ordered, string path)
    {
        if (ordered[0].Key.Length != 1 || !ModuleNumber().IsMatch(ordered[0].Weight.Name))
        {
            // fc1 and fc2 are names, not positions
            return;
        }

        var adjacent = Enumerable.Range(0, ordered.Count - 1).Where(l => ordered[l + 1].Key[0] - ordered[l].Key[0] == 1).ToList();
        if (adjacent.Count > 0 && adjacent.Count < ordered.Count - 1)
        {
            var l = adjacent[0];
            throw new DataFormatException(
                $"the names have no module between '{ordered[l].Weight.Name}' and '{ordered[l + 1].Weight.Name}' but between other layers; "
                + "expected an activation after every layer but the last: multiply the two matrices, or number the layers alike",
                path);
        }
    }

    private static void RequireFitting(List<(TensorEntry Weight, TensorEntry? Bias)> layers, string path)
    {
        for (var l = 0; l < layers.Count; l++)
        {
            var (weight, bias) = layers[l];
            if (l > 0 && weight.Shape[1] != layers[l - 1].Weight.Shape[0])
            {
                var below = layers[l - 1].Weight;
                throw new DataFormatException(
                    $"the tensor '{weight.Name}' has the shape {Shape(weight)} but '{below.Name}' below it {Shape(below)}; expected "
                    + $"({weight.Shape[0]}, {below.Shape[0]})",
                    path);
            }

            if (bias is not null && !bias.Shape.SequenceEqual([weight.Shape[0]]))
            {
                throw new DataFormatException(
                    $"the tensor '{bias.Name}' has the shape {Shape(bias)} but '{weight.Name}' {Shape(weight)}; expected "
                    + $"({weight.Shape[0]})",
                    path);
            }
        }
    }

    private static string Shape(TensorEntry entry) => $"({string.Join(", ", entry.Shape)})";

    private static string Pattern(TensorEntry entry) => Digits().Replace(entry.Name, "#");

    private static int[] Numbers(TensorEntry entry) => [.. Digits().Matches(entry.Name).Select(match =>
        int.TryParse(match.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new DataFormatException($"the number in the name '{entry.Name}' is beyond {int.MaxValue}", entry.File))];

    [GeneratedRegex(@"(^|\.)[0-9]+\.weight$")]
    private static partial Regex ModuleNumber();

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Digits();
}
