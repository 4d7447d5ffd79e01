using StableRank.Networks;

namespace StableRank.Kernels;

/// <summary>The layers of a model as limit kernels see them.</summary>
internal sealed class KernelChain
{
    /// <exception cref="ArgumentException">A layer has no limit on the one below, or truncates back-propagation.</exception>
    public KernelChain(Model model, KernelParameterization parameterization)
    {
        InputPositions = PositionMap.OfInputs(model.Layers);
        Layers = new KernelLayer[model.Depth];
        var below = InputPositions;
        for (var l = 0; l < Layers.Length; l++)
        {
            Require(model.Layers, l);
            Layers[l] = new KernelLayer(model.Layers, l, parameterization, below);
            below = Layers[l].Map.Outputs;
        }

        // images come channel by channel, sequences step by step
        ChannelsFirst = model.Layers[0] is ConvolutionSpecification or PooledDenseSpecification;
        IsDense = model.IsDense;
        Pairs = Math.Max(InputPositions.Count, Layers.Max(layer => layer.Map.Outputs.Count));
    }

    /// <summary>The layers, first layer first.</summary>
    public KernelLayer[] Layers { get; }

    /// <summary>The pairs of positions of the inputs.</summary>
    public PositionPairs InputPositions { get; }

    /// <summary>Whether the positions of one channel of an input stand together, rather than the channels of one position.</summary>
    public bool ChannelsFirst { get; }

    /// <summary>Whether every layer is dense.</summary>
    public bool IsDense { get; }

    /// <summary>The greatest number of pairs of positions on the way.</summary>
    public int Pairs { get; }

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
