using StableRank.Networks;

namespace StableRank.Kernels;

/// <summary>The layers of a model as limit kernels see them.</summary>
internal sealed class KernelChain
{
    /// <exception cref="ArgumentException">A layer has no limit on the one below, or truncates back-propagation.</exception>
    public KernelChain(Model model, KernelParameterization parameterization)
    {
        InputPositions = PositionMap.OfInputs(model.Layers[0]);
        Layers = new KernelLayer[model.Depth];
        var positions = InputPositions;
        for (var l = 0; l < Layers.Length; l++)
        {
            Require(model.Layers, l);
            Layers[l] = new KernelLayer(model.Layers[l], parameterization, positions);
            positions = Layers[l].Map.Outputs;
        }

        // images come channel by channel, sequences step by step
        ChannelsFirst = model.Layers[0] is ConvolutionSpecification;
        IsDense = model.IsDense;
        Positions = Math.Max(InputPositions, Layers.Max(layer => layer.Map.Outputs));
    }

    /// <summary>The layers, first layer first.</summary>
    public KernelLayer[] Layers { get; }

    /// <summary>The positions of an input.</summary>
    public int InputPositions { get; }

    /// <summary>Whether the positions of one channel of an input stand together, rather than the channels of one position.</summary>
    public bool ChannelsFirst { get; }

    /// <summary>Whether every layer is dense.</summary>
    public bool IsDense { get; }

    /// <summary>The greatest number of positions on the way.</summary>
    public int Positions { get; }

    private static void Require(IReadOnlyList<LayerSpecification> layers, int l)
    {
        if (layers[l] is ElmanSpecification { Truncation: { } tau } elman && tau < elman.Steps)
        {
            throw new ArgumentException(
                $"Layer {l + 1} truncates back-propagation to {tau} of {elman.Steps} steps; the tangent kernel is that of full gradients: "
                + "expected no truncation.",
                "model");
        }

        var mixed = l > 0 && (layers[l - 1], layers[l]) is (ConvolutionSpecification, ElmanSpecification)
            or (ElmanSpecification, ConvolutionSpecification);
        if (mixed)
        {
            throw new ArgumentException(
                $"Layer {l + 1} is {layers[l].GetType().Name} on {layers[l - 1].GetType().Name}, which reads pixels as time "
                + "steps or the reverse; limit kernels need a dense layer between.",
                "model");
        }
    }
}
