using StableRank.Ensembles;

namespace StableRank.Networks;

/// <summary>Makes the model that an architecture's file describes; see <see cref="ModelFile"/> for the format.</summary>
internal sealed class ModelFileReader(EnsembleFactory weights, double biasVariance)
{
    private const string Input = "input";
    private const string Layers = "layers";
    private const string InputForms =
        "a number of features or {features}, {steps, features}, {channels, length} or {channels, height, width}";
    private const int MaximumLayers = 10_000;

    private static readonly Dictionary<string, (LayerKind Kind, string[] Required, string[] Optional)> s_types = new(StringComparer.Ordinal)
    {
        ["dense"] = (LayerKind.Dense, ["width"], []),
        ["pooled"] = (LayerKind.Pooled, ["width"], []),
        ["elman"] = (LayerKind.Elman, ["width"], ["truncation"]),
        ["convolution"] = (LayerKind.Convolution, ["channels", "kernel"], ["stride", "padding", "dilation"]),
    };

    private static readonly string[] s_common = ["type", Input, "activation", "bias"];

    public Model Read(ModelFileValue root)
    {
        RequireKeys(root, "the architecture", [Input, Layers], []);
        var shape = Shape(root.Fields![Input], "the input of the architecture");
        var list = root.Fields[Layers];
        if (list.Items is not { Count: >= 1 and <= MaximumLayers } items)
        {
            throw list.Unexpected(Layers, $"an array of 1 to {MaximumLayers} layers");
        }

        var layers = new List<LayerSpecification>(items.Count);
        foreach (var item in items)
        {
            var l = layers.Count + 1;
            try
            {
                var layer = Layer(item, l, ref shape);
                if (l > 1 && LayerChain.Fault(layers[^1], layer, l - 1) is { } fault)
                {
                    throw item.Fault(fault);
                }

                layers.Add(layer);
            }
            catch (OverflowException e)
            {
                throw item.Fault($"layer {l} is too large: a size exceeds {int.MaxValue}", e);
            }
        }

        return new Model(layers);
    }

    private LayerSpecification Layer(ModelFileValue item, int l, ref ModelFileShape shape)
    {
        var name = $"layer {l}";
        if (item.Fields is not { } fields)
        {
            throw item.Unexpected(name, "an object with a type");
        }

        var types = string.Join(", ", s_types.Keys);
        if (!fields.TryGetValue("type", out var typeName))
        {
            throw item.Fault($"{name} has no type; expected one of {types}");
        }

        if (typeName.Text is not { } word || !s_types.TryGetValue(word, out var type))
        {
            throw typeName.Unexpected($"the type of {name}", $"one of {types}");
        }

        RequireKeys(item, $"{name} ({word})", type.Required, [.. s_common, .. type.Optional]);
        if (fields.TryGetValue(Input, out var given))
        {
            var read = Shape(given, $"the input of {name}");
            if (read.Size != shape.Size)
            {
                throw given.Fault($"{name} takes {read}, {read.Size} in all, but gets {shape}; expected {shape.Size} in all");
            }

            shape = read;
        }

        var activation = ActivationOf(fields, name);
        var variance = HasBias(fields, name) ? biasVariance : 0;
        LayerSpecification layer;
        switch (type.Kind)
        {
            case LayerKind.Elman:
                Require(item, shape, LayerKind.Elman, name, "time steps: {\"steps\": T, \"features\": d}");
                var units = Size(fields["width"], $"the width of {name}", 1);
                int? truncation = fields.TryGetValue("truncation", out var tau) ? Size(tau, $"the truncation of {name}", 1) : null;
                layer = new ElmanSpecification(
                    shape.Vertical, weights(l, units, shape.Features), weights(l, units, units), activation, variance, truncation);
                shape = shape with { Features = units };
                break;
            case LayerKind.Convolution:
                Require(item, shape, LayerKind.Convolution, name, "an image: {\"channels\": C, \"height\": H, \"width\": W}");
                var channels = Size(fields["channels"], $"the channels of {name}", 1);
                var map = Convolution(item, fields, shape, name);
                layer = new ConvolutionSpecification(map, weights(l, channels, map.PatchSize), activation, variance);
                shape = shape with { Features = channels, Vertical = map.Vertical.Positions, Horizontal = map.Horizontal.Positions };
                break;
            case LayerKind.Pooled:
                Require(item, shape, LayerKind.Convolution, name, "an image: {\"channels\": C, \"height\": H, \"width\": W}");
                var means = Size(fields["width"], $"the width of {name}", 1);
                layer = new PooledDenseSpecification(
                    checked(shape.Vertical * shape.Horizontal), weights(l, means, shape.Features), activation, variance);
                shape = new ModelFileShape(LayerKind.Dense, means);
                break;
            default:
                var width = Size(fields["width"], $"the width of {name}", 1);
                layer = new DenseSpecification(weights(l, width, shape.Size), activation, variance);
                shape = new ModelFileShape(LayerKind.Dense, width);
                break;
        }

        return layer;
    }

    private static ConvolutionShape Convolution(
        ModelFileValue item, IReadOnlyDictionary<string, ModelFileValue> fields, ModelFileShape shape, string name)
    {
        var kernel = Axes("kernel", 1, 1);
        var stride = Axes("stride", 1, 1);
        var padding = Axes("padding", 0, 0);
        var dilation = Axes("dilation", 1, 1);
        try
        {
            var horizontal = new ConvolutionAxis(
                shape.Horizontal, kernel.Horizontal, stride.Horizontal, padding.Horizontal, dilation.Horizontal);
            return shape.Dimensions == 1
                ? new ConvolutionShape(shape.Features, horizontal)
                : new ConvolutionShape(
                    shape.Features,
                    new ConvolutionAxis(shape.Vertical, kernel.Vertical, stride.Vertical, padding.Vertical, dilation.Vertical),
                    horizontal);
        }
        catch (ArgumentException e)
        {
            var message = e.Message.Replace($" (Parameter '{e.ParamName}')", "", StringComparison.Ordinal);
            throw item.Fault($"{name}: {message}", e);
        }

        (int Vertical, int Horizontal) Axes(string key, int leftOut, int least)
        {
            if (!fields.TryGetValue(key, out var value))
            {
                return (leftOut, leftOut);
            }

            var what = $"the {key} of {name}";
            if (value.Items is not { } items)
            {
                var both = Size(value, what, least);
                return (both, both);
            }

            return items.Count == shape.Dimensions
                ? (Size(items[0], what, least), Size(items[^1], what, least))
                : throw value.Unexpected(
                    what, shape.Dimensions == 1 ? "a whole number" : "one whole number, or [vertical, horizontal]");
        }
    }

    private static ModelFileShape Shape(ModelFileValue value, string what)
    {
        if (value.Number is not null)
        {
            return new ModelFileShape(LayerKind.Dense, Size(value, what, 1));
        }

        if (value.Fields is not { } fields)
        {
            throw value.Unexpected(what, InputForms);
        }

        int Of(string key) => Size(fields[key], $"{key} in {what}", 1);
        ModelFileShape? shape = string.Join(' ', fields.Keys.Order(StringComparer.Ordinal)) switch
        {
            "features" => new(LayerKind.Dense, Of("features")),
            "features steps" => new(LayerKind.Elman, Of("features"), Of("steps")),
            "channels length" => new(LayerKind.Convolution, Of("channels"), 1, Of("length"), 1),
            "channels height width" => new(LayerKind.Convolution, Of("channels"), Of("height"), Of("width"), 2),
            _ => null,
        };
        var known = shape ?? throw value.Fault(
            $"{what} has {(fields.Count == 0 ? "no keys" : $"the keys {string.Join(", ", fields.Keys)}")}; expected {InputForms}");
        try
        {
            _ = known.Size;
            return known;
        }
        catch (OverflowException e)
        {
            throw value.Fault($"{what} is {known}; expected at most {int.MaxValue} entries in all", e);
        }
    }

    private static Activation ActivationOf(IReadOnlyDictionary<string, ModelFileValue> fields, string name)
    {
        if (!fields.TryGetValue("activation", out var value))
        {
            return Activation.Linear;
        }

        var what = $"the activation of {name}";
        var text = value.Text ?? throw value.Unexpected(what, "a name such as \"relu\"");
        try
        {
            return Activation.Parse(text);
        }
        catch (ArgumentException e)
        {
            throw value.Fault($"{what}: {e.Message.Replace($" (Parameter '{e.ParamName}')", "", StringComparison.Ordinal)}", e);
        }
    }

    private static bool HasBias(IReadOnlyDictionary<string, ModelFileValue> fields, string name) =>
        fields.TryGetValue("bias", out var value) && (value.Flag ?? throw value.Unexpected($"the bias of {name}", "true or false"));

    private static int Size(ModelFileValue value, string what, int least) =>
        value.Number is { } number && number >= least && number <= int.MaxValue
            ? (int)number
            : throw value.Unexpected(what, $"a whole number from {least} to {int.MaxValue}");

    private static void Require(ModelFileValue item, ModelFileShape shape, LayerKind kind, string name, string form)
    {
        if (shape.Kind != kind)
        {
            throw item.Fault($"{name} gets {shape}; expected {form} from below or as the input of the layer");
        }
    }

    private static void RequireKeys(ModelFileValue value, string what, string[] required, string[] optional)
    {
        foreach (var (key, field) in value.Fields!)
        {
            if (!required.Contains(key) && !optional.Contains(key))
            {
                var expected = required.Concat(optional).Distinct();
                throw field.Fault($"{what} has the key '{key}'; expected {string.Join(", ", expected)}");
            }
        }

        if (Array.Find(required, key => !value.Fields.ContainsKey(key)) is { } missing)
        {
            throw value.Fault($"{what} has no {missing}; expected {string.Join(" and ", required)}");
        }
    }
}
