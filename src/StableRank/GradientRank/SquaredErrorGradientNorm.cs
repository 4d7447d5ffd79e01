using System.Numerics;
using MathNet.Numerics.LinearAlgebra;
using StableRank.Ensembles;
using StableRank.LinearAlgebra;
using StableRank.Networks;
using StableRank.Spectra;

namespace StableRank.GradientRank;

/// <summary>
/// E||dL/dW_l||_F^2 of a linear network at initialisation under squared error, L = ||f - Y||_F^2 / (2 N), exactly at any width, although
/// dL/dZ_L = (f - Y)/N depends on the weights.
/// </summary>
/// <remarks>
/// In the notation of <see cref="LinearGradientMoments"/> the gradient is L^T (L W_l R X X^T - Y X^T) R^T / N. The law of W_l is that of
/// -W_l, so the two terms are uncorrelated. The second is theory (6.7) with C = -Y X^T / N. Of the first, A W_l B with A = L^T L and
/// B = R X X^T R^T, E||A W_l B||_F^2 = E t1 / (n_l n_(l-1)) E tr A^2 E tr B^2, t1 = ||W_l||_F^2, and both traces are theory (4.9): here the
/// participation ranks of the other layers enter a mean squared norm.
/// </remarks>
/// <param name="Layer">l, 1 for the first layer.</param>
/// <param name="LogFromOutputs">log of the part that the network's own outputs contribute; it alone is there where Y X^T = 0.</param>
/// <param name="LogFromTargets">log of the part of the targets; minus infinity where Y X^T = 0.</param>
/// <param name="RelativeStandardError">
/// An upper bound of the relative standard error of the former: 0 unless an ensemble's own moments are estimates.
/// </param>
public sealed record SquaredErrorGradientNorm(int Layer, double LogFromOutputs, double LogFromTargets, double RelativeStandardError)
{
    /// <summary>log E||dL/dW_l||_F^2.</summary>
    public double LogSquaredNorm
    {
        get
        {
            var (low, high) = (Math.Min(LogFromOutputs, LogFromTargets), Math.Max(LogFromOutputs, LogFromTargets));
            return high + Math.Log(1 + Math.Exp(low - high));
        }
    }

    /// <summary>The mean squared norms of the gradients of all layers.</summary>
    /// <param name="model">Dense linear layers without biases.</param>
    /// <param name="inputs">X, n_0 x N, one sample a column; not zero.</param>
    /// <param name="targets">Y, n_L x N.</param>
    /// <exception cref="ArgumentException">
    /// The matrices do not fit the model or each other, have an entry that is not finite, or X is zero; or a layer is not dense.
    /// </exception>
    /// <exception cref="NotSupportedException">A layer is not linear, or has biases; the message says which.</exception>
    /// <exception cref="ArithmeticException">The moments of an ensemble leave the range of double.</exception>
    public static IReadOnlyList<SquaredErrorGradientNorm> Of<T>(Model model, Matrix<T> inputs, Matrix<T> targets)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var layers = LinearGradientMoments.Layers(model);
        MatrixGuard.RequireFinite(inputs, nameof(inputs));
        MatrixGuard.RequireFinite(targets, nameof(targets));
        var samples = inputs.ColumnCount;
        if (inputs.RowCount != model.InputSize || targets.RowCount != model.OutputSize || targets.ColumnCount != samples)
        {
            throw new ArgumentException(
                $"The inputs are {inputs.RowCount} x {samples} and the targets {targets.RowCount} x {targets.ColumnCount}; expected "
                + $"{model.InputSize} x N and {model.OutputSize} x N.",
                nameof(inputs));
        }

        var x = Spectrum.Of(inputs);
        if (x.SpectralNorm == 0)
        {
            throw new ArgumentException("All inputs are zero, and so is every gradient.", nameof(inputs));
        }

        var c = Spectrum.Of(targets.TransposeAndMultiply(inputs));
        var fromTargets = c.SpectralNorm == 0 ? null : LinearGradientMoments.Of(model, c);
        var batch = 2 * Math.Log(samples);
        return
        [
            .. layers.Select((layer, index) =>
            {
                var (features, jacobian) = (Features(layers, index, x), Jacobian(layers, index));
                var outputs = layer.LogTrace - Math.Log(layer.Rows) - Math.Log(layer.Columns) + LogTraceOfSquare(features)
                    + LogTraceOfSquare(jacobian);
                return new SquaredErrorGradientNorm(
                    index + 1, outputs - batch, fromTargets is null ? double.NegativeInfinity : fromTargets[index].LogSquaredNorm - batch,
                    features.RelativeStandardError + jacobian.RelativeStandardError);
            }),
        ];
    }

    /// <summary>R X X^T R^T, the layers below.</summary>
    private static TraceProduct Features(ProductLayer[] layers, int index, Spectrum x)
    {
        var product = new TraceProduct(2 * Math.Log(x.SpectralNorm) + Math.Log(x.StableRank), x.ParticipationRank);
        for (var j = 0; j < index; j++)
        {
            product.Multiply(layers[j], GramSide.FanIn);
        }

        return product;
    }

    /// <summary>L^T L, the layers above.</summary>
    private static TraceProduct Jacobian(ProductLayer[] layers, int index)
    {
        double outputs = layers[^1].Rows;
        var product = new TraceProduct(Math.Log(outputs), outputs);
        for (var j = layers.Length - 1; j > index; j--)
        {
            product.Multiply(layers[j], GramSide.FanOut);
        }

        return product;
    }

    private static double LogTraceOfSquare(TraceProduct product) =>
        2 * product.LogTrace + product.LogSquaredTraceRatio - Math.Log(product.ParticipationRank);
}
