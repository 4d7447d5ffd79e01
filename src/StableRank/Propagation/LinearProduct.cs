using StableRank.Ensembles;
using StableRank.Networks;

namespace StableRank.Propagation;

/// <summary>
/// Exact moments, at any width and depth, of products of independent bi-invariant matrices: theory (4.9). One 2 x 2 matrix a layer carries
/// (E (tr P)^2, E tr P^2), P = J J^T; their quotient is the participation rank of the product.
/// </summary>
/// <remarks>
/// With n the fan-in, t1 = tr W^T W, t2 = tr (W^T W)^2, a = ((n+1) t1^2 - 2 t2)/(n (n-1) (n+2)), b = (n t2 - t1^2)/(n (n-1) (n+2)):
/// E (tr P')^2 = a (tr P)^2 + 2 b tr P^2, E tr P'^2 = b (tr P)^2 + (a + b) tr P^2. Since a and b are linear in t1^2 and t2 and layers are
/// independent, their means serve for layers whose spectrum is random. For n = 1, P is a number and both are multiplied by t1^2.
/// </remarks>
public static class LinearProduct
{
    /// <summary>The Jacobians of a model of linear layers, with or without biases, behind every layer.</summary>
    /// <exception cref="NotSupportedException">A layer is not linear; the message says which.</exception>
    /// <exception cref="ArithmeticException">The moments of an ensemble leave the range of double.</exception>
    public static IReadOnlyList<ProductMoments> Of(Model model)
    {
        ArgumentNullException.ThrowIfNull(model);
        model.RequireDense();
        for (var l = 0; l < model.Depth; l++)
        {
            if (!model.Layers[l].Activation.IsPiecewiseLinear(out var slope) || slope != 1)
            {
                throw new NotSupportedException(
                    $"The activation of layer {l + 1} is {model.Layers[l].Activation}; exact moments of Jacobians are known for linear "
                    + "layers only (JacobianMoments has the limit for others).");
            }
        }

        return Of([.. model.Layers.Select(layer => ProductLayer.Of(layer.Weights))]);
    }

    /// <summary>The moments of W_l ... W_1, for every l.</summary>
    /// <param name="layers">W_1 first.</param>
    /// <exception cref="ArgumentException">There is no layer, or a fan-in is not the fan-out of the layer before.</exception>
    public static IReadOnlyList<ProductMoments> Of(IReadOnlyList<ProductLayer> layers)
    {
        ArgumentNullException.ThrowIfNull(layers);
        if (layers.Count == 0)
        {
            throw new ArgumentException("A product needs at least one layer.", nameof(layers));
        }

        var result = new ProductMoments[layers.Count];
        double input = layers[0].Columns;
        var product = new TraceProduct(Math.Log(input), input);
        for (var l = 0; l < result.Length; l++)
        {
            var layer = layers[l];
            if (l > 0 && layer.Columns != layers[l - 1].Rows)
            {
                throw new ArgumentException(
                    $"Layer {l + 1} has {layer.Columns} columns but layer {l} has {layers[l - 1].Rows} rows; expected the same number.",
                    nameof(layers));
            }

            product.Multiply(layer, GramSide.FanIn);
            result[l] = new ProductMoments(
                l + 1, layer.Rows, product.LogTrace, product.LogSquaredTraceRatio, product.ParticipationRank,
                product.RelativeStandardError);
        }

        return result;
    }
}
