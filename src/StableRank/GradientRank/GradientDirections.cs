using System.Numerics;
using MathNet.Numerics.LinearAlgebra;
using StableRank.Ensembles;
using StableRank.Networks;
using StableRank.Spectra;

namespace StableRank.GradientRank;

/// <summary>
/// How many directions the gradient dL/dW_l = L^T C R^T of a linear network can have, beyond its rank: bounds of its singular values, and
/// of the share of its squared norm outside the best k directions, from the spectra of C and of all other layers. Layer l itself does not
/// enter.
/// </summary>
/// <remarks>
/// <para>
/// Singular values: s_(i+j+1)(A B) &lt;= s_(i+1)(A) s_(j+1)(B) (Horn and Johnson, Topics in Matrix Analysis, 3.3.16). For if A_i and B_j
/// are the best approximations of ranks i and j, A B - (A - A_i)(B - B_j) = A_i B + (A - A_i) B_j has rank i + j at most. Over all ways to
/// share k among the factors: s_(k+1)(dL/dW_l) &lt;= min prod_j s_(k_j + 1)(W_j) s_(k_C + 1)(C), sum k_j + k_C = k. With all of k on one
/// layer j, a low stable rank says s_(k+1)(W_j) &lt;= s_1 sqrt((r_j - 1)/k): see <see cref="CountOfStableRank"/>.
/// </para>
/// <para>
/// Squared norms, for independent bi-invariant layers: what A B has outside i + j directions is at most (A - A_i)(B - B_j), whose mean
/// squared norm, by theory (6.7), is that of A B times the shares of ||A||_F^2 and ||B||_F^2 that the tails hold. Hence
/// E sum_(i&gt;k) s_i^2 &lt;= min prod_j tail_(k_j)(W_j) tail_(k_C)(C) E||dL/dW_l||_F^2, tail_k = sum_(i&gt;k) y_i / r.
/// </para>
/// </remarks>
/// <param name="Layer">l, 1 for the first layer.</param>
/// <param name="Rows">n_l.</param>
/// <param name="Columns">n_(l-1).</param>
/// <param name="LogNorm">log of ||C||_2 times the spectral norms of all other layers: a bound of log ||dL/dW_l||_2.</param>
/// <param name="RelativeValues">
/// At index k a bound of s_(k+1)(dL/dW_l) over exp(<paramref name="LogNorm"/>); from 1 down, min(n_l, n_(l-1)) values.
/// </param>
/// <param name="SquaredNormOutside">
/// At index k a bound of E sum_(i&gt;k) s_i^2 / E sum_i s_i^2; from 1 at k = 0 down, min(n_l, n_(l-1)) + 1 values, the last one 0. It holds
/// of means over rotations of the layers, not of one network.
/// </param>
public sealed record GradientDirections(
    int Layer, int Rows, int Columns, double LogNorm, IReadOnlyList<double> RelativeValues, IReadOnlyList<double> SquaredNormOutside)
{
    /// <summary>A bound of how many singular values of the gradient exceed a tolerance.</summary>
    /// <param name="logTolerance">log of an absolute tolerance; minus infinity for 0, which leaves a bound of the rank.</param>
    /// <exception cref="ArgumentException">The logarithm is NaN.</exception>
    public int CountAbove(double logTolerance)
    {
        if (double.IsNaN(logTolerance))
        {
            throw new ArgumentException("The logarithm of the tolerance is NaN; expected a number.", nameof(logTolerance));
        }

        var relative = Math.Exp(logTolerance - LogNorm);
        return RelativeValues.Count(value => value > relative);
    }

    /// <summary>
    /// The fewest directions that the bound says hold a share 1 - <paramref name="outside"/> of the mean squared norm.
    /// </summary>
    /// <param name="outside">The share that may be left outside, from 0 to 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The share is outside [0, 1] or NaN.</exception>
    public int CountHolding(double outside)
    {
        if (!(outside is >= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(outside), outside, "The share must be from 0 to 1.");
        }

        return SquaredNormOutside.TakeWhile(share => share > outside).Count();
    }

    /// <summary>
    /// The most singular values that a matrix of stable rank r can have above t times its spectral norm: 1 + (those of sum y = r with
    /// y_i &gt; t^2), that is max(1, ceil((r - 1)/t^2)), and none for t of 1 or more. With t a tolerance over exp(<see cref="LogNorm"/>) it
    /// bounds the directions of every gradient of a linear network of which one other layer has that stable rank.
    /// </summary>
    /// <param name="stableRank">r, finite and at least 1.</param>
    /// <param name="relativeTolerance">t, above 0.</param>
    /// <returns>A number of singular values; infinite where the quotient exceeds the range of double.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public static double CountOfStableRank(double stableRank, double relativeTolerance)
    {
        if (!(stableRank >= 1 && double.IsFinite(stableRank)))
        {
            throw new ArgumentOutOfRangeException(nameof(stableRank), stableRank, "The stable rank must be finite and at least 1.");
        }

        if (!(relativeTolerance > 0))
        {
            throw new ArgumentOutOfRangeException(nameof(relativeTolerance), relativeTolerance, "The tolerance must be above 0.");
        }

        return relativeTolerance >= 1 ? 0 : Math.Max(1, Math.Ceiling((stableRank - 1) / relativeTolerance / relativeTolerance));
    }

    /// <summary>The bounds for every layer of a model whose layers have fixed spectra.</summary>
    /// <param name="model">Dense linear layers without biases.</param>
    /// <param name="c">The singular values of C = (dL/dZ_L) X^T: at most min(n_L, n_0), the missing ones zero; not all zero.</param>
    /// <exception cref="ArgumentException">There are more values, all are zero, or a layer is not dense.</exception>
    /// <exception cref="NotSupportedException">
    /// A layer is not linear, has biases, or draws its singular values for each network; the message says which.
    /// </exception>
    public static IReadOnlyList<GradientDirections> Of(Model model, Spectrum c)
    {
        LinearGradientMoments.RequireLinear(model);
        LinearGradientMoments.RequireSpectrum(model, c);
        return Of(
            [
                .. model.Layers.Select((layer, l) => (layer.OutputSize, layer.InputSize, Fixed(layer.Weights)
                    ?? throw new NotSupportedException(
                        $"The weights of layer {l + 1}, {layer.Weights}, have other singular values in each network; draw one, and take "
                        + "its bounds."))),
            ],
            c);
    }

    /// <summary>The bounds for every layer of one network, its spectra being measured.</summary>
    /// <param name="network">Dense linear layers without biases, none of them zero.</param>
    /// <param name="c">C = (dL/dZ_L) X^T, n_L x n_0.</param>
    /// <exception cref="ArgumentException">C has another shape, is zero or not finite, or a layer's weights are.</exception>
    /// <exception cref="NotSupportedException">A layer is not dense and linear, or has biases; the message says which.</exception>
    public static IReadOnlyList<GradientDirections> Of<T>(Network<T> network, Matrix<T> c)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(c);
        if (c.RowCount != network.OutputSize || c.ColumnCount != network.InputSize)
        {
            throw new ArgumentException(
                $"C is {c.RowCount} x {c.ColumnCount}; expected n_L x n_0 = {network.OutputSize} x {network.InputSize}.", nameof(c));
        }

        var layers = network.Layers.Select((layer, l) =>
        {
            var linear = layer.Activation.IsPiecewiseLinear(out var slope) && slope == 1;
            if (layer is not DenseLayer<T> || !linear || layer.Parameters.Any(parameter => !parameter.IsWeight))
            {
                throw new NotSupportedException($"Layer {l + 1} is not dense and linear without biases; expected such layers only.");
            }

            return (layer.OutputSize, layer.InputSize, NonZero(Spectrum.Of(layer.Parameters[0].Matrix), $"The weights of layer {l + 1}"));
        });
        return Of([.. layers], NonZero(Spectrum.Of(c), "C"));
    }

    private static Spectrum? Fixed(Ensemble weights) => weights switch
    {
        StableRankEnsemble ensemble => ensemble.Spectrum,
        OrthogonalEnsemble ensemble => Spectrum.FromSingularValues(
            Enumerable.Repeat(ensemble.SpectralNorm, Math.Min(weights.Rows, weights.Columns))),
        _ => null,
    };

    private static Spectrum NonZero(Spectrum spectrum, string what) =>
        spectrum.SpectralNorm > 0 ? spectrum : throw new ArgumentException($"{what} are zero; expected a spectral norm above 0.");

    private static GradientDirections[] Of((int Rows, int Columns, Spectrum Spectrum)[] layers, Spectrum c)
    {
        var length = layers.Max(layer => Math.Min(layer.Rows, layer.Columns)) + 1;
        double[][] values = [.. layers.Select(layer => Relative(layer.Spectrum, length))];
        double[][] tails = [.. layers.Select(layer => Tails(layer.Spectrum, length))];
        var (valuesOfOthers, tailsOfOthers) = (Others(values, Relative(c, length)), Others(tails, Tails(c, length)));
        var logNorms = layers.Sum(layer => Math.Log(layer.Spectrum.SpectralNorm)) + Math.Log(c.SpectralNorm);
        return
        [
            .. layers.Select((layer, l) =>
            {
                var k = Math.Min(layer.Rows, layer.Columns);
                double[] outside = [.. tailsOfOthers[l][..k], 0];
                return new GradientDirections(
                    l + 1, layer.Rows, layer.Columns, logNorms - Math.Log(layer.Spectrum.SpectralNorm), valuesOfOthers[l][..k], outside);
            }),
        ];
    }

    /// <summary>For each factor the least products over all factors but that one, the last one always among them.</summary>
    private static double[][] Others(double[][] factors, double[] last)
    {
        var result = new double[factors.Length][];
        var below = new double[]?[factors.Length];
        for (var l = 1; l < factors.Length; l++)
        {
            below[l] = below[l - 1] is { } product ? LeastProducts(product, factors[l - 1]) : factors[l - 1];
        }

        var above = last;
        for (var l = factors.Length - 1; l >= 0; l--)
        {
            result[l] = below[l] is { } product ? LeastProducts(product, above) : above;
            above = LeastProducts(above, factors[l]);
        }

        return result;
    }

    /// <summary>min over i + j = k of a_i b_j.</summary>
    private static double[] LeastProducts(double[] a, double[] b)
    {
        var least = new double[a.Length];
        for (var k = 0; k < least.Length; k++)
        {
            var value = double.PositiveInfinity;
            for (var i = 0; i <= k; i++)
            {
                value = Math.Min(value, a[i] * b[k - i]);
            }

            least[k] = value;
        }

        return least;
    }

    private static double[] Relative(Spectrum spectrum, int length)
    {
        var values = new double[length];
        for (var i = 0; i < Math.Min(length, spectrum.Count); i++)
        {
            values[i] = spectrum[i] / spectrum.SpectralNorm;
        }

        return values;
    }

    /// <summary>sum_(i&gt;k) y_i / r, from the least values up.</summary>
    private static double[] Tails(Spectrum spectrum, int length)
    {
        var squares = spectrum.NormalisedSquares();
        var tails = new double[Math.Max(length, squares.Length + 1)];
        for (var k = squares.Length - 1; k >= 0; k--)
        {
            tails[k] = tails[k + 1] + squares[k];
        }

        var whole = tails[0];
        return [.. tails.Take(length).Select(tail => tail / whole)];
    }
}
