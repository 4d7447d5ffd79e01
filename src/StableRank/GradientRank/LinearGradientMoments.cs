using System.Numerics;
using MathNet.Numerics.LinearAlgebra;
using StableRank.Ensembles;
using StableRank.Networks;
using StableRank.Spectra;

namespace StableRank.GradientRank;

/// <summary>
/// Norm and participation rank of the gradients of a linear network of independent bi-invariant layers, exactly, from the layers' spectra:
/// theory (6.7).
/// </summary>
/// <remarks>
/// <para>
/// With batches of one sample a column, dL/dW_l = L^T C R^T with L = W_L ... W_(l+1), R = W_(l-1) ... W_1 and C = (dL/dZ_L) X^T, n_L x n_0
/// (P2's matrices are the transposes). Each W_j below meets C R'^T from the right, as M W_j^T: what enters theory (4.9) is W_j^T W_j, of
/// order n_(j-1). Each W_j above meets it from the left, as W_j^T M: W_j W_j^T, of order n_j. Layer l itself does not enter.
/// </para>
/// <para>
/// C must not depend on the weights: a loss that is linear in the outputs, or any loss once its gradient at the outputs is held. Of squared
/// error, whose C moves with the network, <see cref="SquaredErrorGradientNorm"/> gives the mean squared norms.
/// </para>
/// <para>
/// With max(z, a z) on layers 1 to L - 1 and one sample, E||dL/dW_l||_F^2 is that of the linear network times ((1 + a^2)/2)^(L-1), exactly:
/// by the signs of the rows of W_j, which are free given all magnitudes, the mean of what comes back is isotropic and independent of what
/// went forth, and each obeys theory (4.4). Participation ranks, and norms over a batch, are not exact then: its samples' cross terms
/// enter.
/// </para>
/// </remarks>
public static class LinearGradientMoments
{
    /// <summary>The gradients of every layer for a given C.</summary>
    /// <param name="model">Dense linear layers without biases.</param>
    /// <param name="c">C = (dL/dZ_L) X^T, n_L x n_0, the sum over the batch.</param>
    /// <exception cref="ArgumentException">C has another shape, is zero or not finite, or a layer is not dense.</exception>
    /// <exception cref="NotSupportedException">A layer is not linear, or has biases; the message says which.</exception>
    /// <exception cref="ArithmeticException">The moments of an ensemble leave the range of double.</exception>
    public static IReadOnlyList<GradientMoments> Of<T>(Model model, Matrix<T> c)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(c);
        RequireShape(model, c.RowCount, c.ColumnCount);
        return Of(model, Spectrum.Of(c));
    }

    /// <summary>The same from the singular values of C.</summary>
    /// <param name="model">Dense linear layers without biases.</param>
    /// <param name="c">At most min(n_L, n_0) values, the missing ones zero; not all zero.</param>
    /// <exception cref="ArgumentException">There are more values, all are zero, or a layer is not dense.</exception>
    /// <exception cref="NotSupportedException">A layer is not linear, or has biases; the message says which.</exception>
    /// <exception cref="ArithmeticException">The moments of an ensemble leave the range of double.</exception>
    public static IReadOnlyList<GradientMoments> Of(Model model, Spectrum c)
    {
        var layers = Layers(model);
        RequireSpectrum(model, c);
        var logNorm = 2 * Math.Log(c.SpectralNorm) + Math.Log(c.StableRank);
        return Of(layers, logNorm, c.ParticipationRank);
    }

    /// <summary>The same from the two traces of C that it depends on.</summary>
    /// <param name="layers">W_1 first.</param>
    /// <param name="logSquaredNorm">log ||C||_F^2 = log tr C C^T.</param>
    /// <param name="participationRank">(tr C C^T)^2 / tr (C C^T)^2, from 1 to min(n_L, n_0).</param>
    /// <exception cref="ArgumentException">There is no layer, or a fan-in is not the fan-out of the layer before.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number is not finite, or the participation rank is out of its range.</exception>
    public static IReadOnlyList<GradientMoments> Of(
        IReadOnlyList<ProductLayer> layers, double logSquaredNorm, double participationRank)
    {
        RequireChain(layers);
        var greatest = Math.Min(layers[^1].Rows, layers[0].Columns);
        if (!double.IsFinite(logSquaredNorm))
        {
            throw new ArgumentOutOfRangeException(nameof(logSquaredNorm), logSquaredNorm, "The logarithm of ||C||_F^2 must be finite.");
        }

        // a few ulps above are what rounding may have left of a rank that is the greatest
        if (!(participationRank >= 1 && participationRank <= greatest * (1 + 1e-12)))
        {
            throw new ArgumentOutOfRangeException(
                nameof(participationRank), participationRank,
                $"The participation rank of C, {layers[^1].Rows} x {layers[0].Columns}, is from 1 to {greatest}.");
        }

        return [.. layers.Select((_, index) => OfLayer(layers, index, logSquaredNorm, participationRank))];
    }

    /// <summary>What (4.9) takes of the layers of a model to which (6.7) applies.</summary>
    internal static ProductLayer[] Layers(Model model)
    {
        RequireLinear(model);
        return [.. model.Layers.Select(layer => ProductLayer.Of(layer.Weights))];
    }

    internal static void RequireLinear(Model model)
    {
        ArgumentNullException.ThrowIfNull(model);
        model.RequireDense();
        for (var l = 0; l < model.Depth; l++)
        {
            if (!model.Layers[l].Activation.IsPiecewiseLinear(out var slope) || slope != 1)
            {
                throw new NotSupportedException(
                    $"The activation of layer {l + 1} is {model.Layers[l].Activation}; gradients are products of the weights in linear "
                    + "networks only.");
            }

            if (model.Layers[l].HasBias)
            {
                throw new NotSupportedException(
                    $"Layer {l + 1} has biases, with which gradients are no longer products of the weights; expected none.");
            }
        }
    }

    internal static void RequireShape(Model model, int rows, int columns)
    {
        if (rows != model.OutputSize || columns != model.InputSize)
        {
            throw new ArgumentException(
                $"C is {rows} x {columns}; expected n_L x n_0 = {model.OutputSize} x {model.InputSize}.", "c");
        }
    }

    internal static void RequireSpectrum(Model model, Spectrum c)
    {
        ArgumentNullException.ThrowIfNull(c);
        var greatest = Math.Min(model.OutputSize, model.InputSize);
        if (c.Count > greatest)
        {
            throw new ArgumentException(
                $"C has {c.Count} singular values; expected at most {greatest} for {model.OutputSize} x {model.InputSize}.", nameof(c));
        }

        if (c.SpectralNorm == 0)
        {
            throw new ArgumentException("C is zero, and so is every gradient.", nameof(c));
        }
    }

    private static void RequireChain(IReadOnlyList<ProductLayer> layers)
    {
        ArgumentNullException.ThrowIfNull(layers);
        if (layers.Count == 0)
        {
            throw new ArgumentException("A network has at least one layer; got none.", nameof(layers));
        }

        for (var l = 1; l < layers.Count; l++)
        {
            if (layers[l].Columns != layers[l - 1].Rows)
            {
                throw new ArgumentException(
                    $"Layer {l + 1} has {layers[l].Columns} columns but layer {l} has {layers[l - 1].Rows} rows; expected the same number.",
                    nameof(layers));
            }
        }
    }

    private static GradientMoments OfLayer(
        IReadOnlyList<ProductLayer> layers, int index, double logSquaredNorm, double participationRank)
    {
        var product = new TraceProduct(logSquaredNorm, participationRank);
        var factors = new double[layers.Count];
        for (var j = 0; j < layers.Count; j++)
        {
            if (j != index)
            {
                var side = j < index ? GramSide.FanIn : GramSide.FanOut;
                product.Multiply(layers[j], side);
                factors[j] = TraceProduct.LogFactor(layers[j], side);
            }
        }

        return new GradientMoments(
            index + 1, layers[index].Rows, layers[index].Columns, product.LogTrace, product.LogSquaredTraceRatio, product.ParticipationRank,
            factors, product.RelativeStandardError);
    }
}
