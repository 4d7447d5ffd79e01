using System.Numerics;
using StableRank.Networks;

namespace StableRank.GradientRank;

/// <summary>
/// Upper bounds on the ranks of the gradients of all weight matrices, from architecture, batch, ranks of data and weights, and loss, before
/// a step is trained: arXiv 2402.06751 put right, theory (6.1) to (6.4), composed over dense, pooled, recurrent and convolutional layers
/// with any activations and biases.
/// </summary>
/// <remarks>
/// <para>
/// A batch is features x samples, A_(l-1) of n_(l-1) x N, so that dL/dW_l = Delta_l A_(l-1)^T is n_l x n_(l-1); the paper's is the
/// transpose. Bounds on ranks of activations go up, on ranks of signals down; a gradient's rank is at most that of either factor, and of
/// sums over time steps or positions at most the sum. Linear layers hand ranks on, a bias adds one once, other activations forget them but
/// for constants (docs/gradient-rank.md has the derivations).
/// </para>
/// <para>
/// They hold in exact arithmetic for any weights, inputs and targets that keep to the assumptions. A numerical rank of a computed gradient
/// counts rounding errors above its tolerance too, which can exceed them where large terms cancel. They are those of the loss alone: a
/// weight decay adds a multiple of W_l to the gradient, and the rank of W_l to its rank.
/// </para>
/// </remarks>
public static class GradientRankBound
{
    /// <summary>The bounds for networks drawn from a model.</summary>
    /// <exception cref="ArgumentException">An assumption is out of its range or does not fit the model.</exception>
    public static GradientRankBounds Of(Model model, RankAssumptions assumptions)
    {
        ArgumentNullException.ThrowIfNull(model);
        return Of(LayerOutline.Of(model), assumptions);
    }

    /// <summary>The bounds for a network; its weights are not looked at.</summary>
    /// <typeparam name="T">double or float.</typeparam>
    /// <exception cref="ArgumentException">An assumption is out of its range or does not fit the network.</exception>
    public static GradientRankBounds Of<T>(Network<T> network, RankAssumptions assumptions)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(network);
        return Of(LayerOutline.Of(network), assumptions);
    }

    private static GradientRankBounds Of(LayerOutline[] layers, RankAssumptions assumptions)
    {
        ArgumentNullException.ThrowIfNull(assumptions);
        assumptions.Require(layers);
        var shapes = new RankShapes(layers, assumptions);
        var rules = Array.ConvertAll(layers, layer => LayerRankRule.Of(layer, shapes));
        var inputs = new ActivationRanks[layers.Length];
        var outputs = new ActivationRanks[layers.Length];
        var current = OuterRanks.Data(layers[0], shapes, assumptions);
        for (var l = 0; l < layers.Length; l++)
        {
            inputs[l] = rules[l].Inputs(current);
            current = outputs[l] = rules[l].Outputs(inputs[l]);
        }

        var bounds = new List<LayerRankBound>();
        var signal = OuterRanks.Loss(layers[^1], shapes);
        for (var l = layers.Length - 1; l >= 0; l--)
        {
            var atOutputs = rules[l].AtOutputs(signal);
            var delta = rules[l].Signals(atOutputs);
            var facts = rules[l].Gradients(inputs[l], outputs[l], atOutputs, delta);
            for (var w = facts.Length - 1; w >= 0; w--)
            {
                var (fact, weight) = (facts[w], layers[l].Weights[w]);
                bounds.Add(new LayerRankBound(
                    l + 1, weight.Name, weight.Rows, weight.Columns, fact.Value, fact.Cause, fact.CauseLayer, fact.Description,
                    fact.Chain(), PrintedForms.Of(layers, l, w, assumptions, fact.Value), inputs[l].Whole.Rank.Value, delta.Whole.Value));
            }

            signal = rules[l].AtInputs(delta);
        }

        bounds.Reverse();
        return new GradientRankBounds(assumptions, bounds);
    }
}
