using StableRank.Networks;
using StableRank.Spectra;

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

        // E (tr P)^2 and E tr P^2 over (E tr P)^2, times exp(-scale)
        var (squared, ofSquare) = (1.0, 1 / input);
        var scale = default(CompensatedSum);
        var logTrace = default(CompensatedSum);
        logTrace.Add(Math.Log(input));
        var error = 0.0;
        for (var l = 0; l < result.Length; l++)
        {
            var layer = layers[l];
            if (l > 0 && layer.Columns != layers[l - 1].Rows)
            {
                throw new ArgumentException(
                    $"Layer {l + 1} has {layer.Columns} columns but layer {l} has {layers[l - 1].Rows} rows; expected the same number.",
                    nameof(layers));
            }

            (squared, ofSquare) = Step(layer, squared, ofSquare);
            logTrace.Add(layer.LogTrace);
            logTrace.Add(-Math.Log(layer.Columns));
            error += layer.RelativeStandardError;
            result[l] = new ProductMoments(l + 1, layer.Rows, logTrace.Value, scale.Value + Math.Log(squared), squared / ofSquare, error);
            if (squared > 1e100)
            {
                scale.Add(Math.Log(squared));
                (squared, ofSquare) = (1, ofSquare / squared);
            }
        }

        return result;
    }

    /// <summary>The 2 x 2 matrix of one layer, in units in which E tr P = E tr P' = 1.</summary>
    private static (double Squared, double OfSquare) Step(ProductLayer layer, double squared, double ofSquare)
    {
        double n = layer.Columns;
        var (x1, x2) = (layer.SquaredTrace, layer.TraceOfSquare);
        if (n == 1)
        {
            return (x1 * squared, x1 * ofSquare);
        }

        var common = n / ((n - 1) * (n + 2));
        var a = common * ((n + 1) * x1 - 2 * x2);
        var b = common * (n * x2 - x1);
        var sum = common * (n * x1 + (n - 2) * x2);
        return (a * squared + 2 * b * ofSquare, b * squared + sum * ofSquare);
    }
}
