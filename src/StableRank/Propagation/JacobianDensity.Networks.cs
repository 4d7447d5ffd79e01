using System.Numerics;
using MathNet.Numerics.LinearAlgebra;
using StableRank.Networks;
using StableRank.Spectra;

namespace StableRank.Propagation;

/// <content>Of a network that exists.</content>
public sealed partial class JacobianDensity
{
    /// <summary>
    /// The law for each input of a batch from a network's own weights: their singular values, and the slopes phi'(h_l) of its neurons at
    /// that input. All that is left of a prediction is that the layers' directions are in general position; trained layers' are not quite,
    /// and the distance of the measured spectrum from this law tells how far from it they are.
    /// </summary>
    /// <typeparam name="T">double or float; the law is computed in double.</typeparam>
    /// <param name="network">A network of dense layers.</param>
    /// <param name="inputs">n_0 x batch, one input a column.</param>
    /// <returns>One law an input; null where all slopes of a layer are 0 or a layer's weights are, so that J = 0.</returns>
    /// <exception cref="ArgumentException">A layer is not dense, or the inputs are of other rows or not finite.</exception>
    public static IReadOnlyList<JacobianDensity?> Of<T>(Network<T> network, Matrix<T> inputs)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(network);
        for (var l = 0; l < network.Layers.Count; l++)
        {
            if (network.Layers[l] is not DenseLayer<T>)
            {
                throw new ArgumentException(
                    $"Layer {l + 1} of the network is not dense but {network.Layers[l].GetType().Name}; expected dense layers only.",
                    nameof(network));
            }
        }

        var pass = network.Forward(inputs);
        var spectra = network.Layers.Select(layer => Spectrum.Of(layer.Weights)).ToArray();
        var result = new JacobianDensity?[inputs.ColumnCount];
        for (var j = 0; j < result.Length; j++)
        {
            var layers = new JacobianLayerLaw[spectra.Length];
            var alive = true;
            for (var l = 0; l < layers.Length && alive; l++)
            {
                var layer = network.Layers[l];
                var slopes = new T[layer.OutputSize];
                layer.Activation.Derivative<T>(pass.Pre[l].AsSpan(j * slopes.Length, slopes.Length), slopes);
                alive = spectra[l].SpectralNorm > 0 && Array.Exists(slopes, slope => slope != T.Zero);
                if (alive)
                {
                    layers[l] = JacobianLayerLaw.Of(
                        Significant(spectra[l], layer), layer.OutputSize, layer.InputSize, Array.ConvertAll(slopes, double.CreateChecked));
                }
            }

            result[j] = alive ? Of(layers) : null;
        }

        return result;
    }

    /// <summary>Without the values that are no more than rounding: they would count as rank.</summary>
    private static Spectrum Significant<T>(Spectrum spectrum, Layer<T> layer)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var precision = typeof(T) == typeof(float) ? FloatingPrecision.Single : FloatingPrecision.Double;
        var rank = spectrum.NumericalRank(layer.OutputSize, layer.InputSize, NumericalRankRule.Lapack, precision);
        return Spectrum.FromSingularValues(spectrum.AsSpan()[..rank]);
    }
}
