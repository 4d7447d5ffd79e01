using StableRank.Networks;

namespace StableRank.Kernels;

/// <summary>Any activation, one pair after the other.</summary>
internal sealed class ScalarTile(GaussianDual dual) : DualTile
{
    public override double Apply(
        Span<double> covariance, Span<double> tangent, ReadOnlySpan<double> roots, ReadOnlySpan<double> inverses, double root,
        double inverse, int count)
    {
        var varianceB = root * root;
        var error = 0.0;
        for (var i = 0; i < count; i++)
        {
            var c = Correlation(covariance[i], inverses[i], inverse);
            var varianceA = roots[i] * roots[i];
            var product = dual.Product(varianceA, varianceB, c);
            var derivative = dual.DerivativeProduct(varianceA, varianceB, c);
            covariance[i] = product.Value;
            tangent[i] *= derivative.Value;
            error = Math.Max(error, Math.Max(product.Error, derivative.Error));
        }

        return error;
    }
}
