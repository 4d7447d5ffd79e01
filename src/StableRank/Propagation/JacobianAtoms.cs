namespace StableRank.Propagation;

/// <summary>
/// The positive atoms of a product of free factors: eigenspaces in general position of dimensions c_f, one of each factor, meet in
/// sum c_f - sum (widths between the factors) dimensions where that is positive (Belinschi 2003, for two).
/// </summary>
internal static class JacobianAtoms
{
    /// <summary>Fewer dimensions than this are rounding.</summary>
    private const double LeastDimension = 1e-9;

    public static IReadOnlyList<JacobianAtom> Of(IReadOnlyList<JacobianLayerLaw> layers, int count)
    {
        if (layers.Any(layer => layer.Weights is null))
        {
            // a Gaussian factor has no atom
            return [];
        }

        List<DiscreteLaw> factors = [.. layers.SelectMany(layer => new[] { layer.Weights!, layer.Slopes })];
        var widths = layers.Sum(layer => 2.0 * layer.Rows) - layers[^1].Rows;
        var atoms = new List<(double Log, double Weight)> { (0, -widths) };

        // the most that the factors to come can add
        var rest = factors.Sum(factor => factor.Weights.Max());
        foreach (var factor in factors)
        {
            rest -= factor.Weights.Max();
            atoms = [.. atoms.SelectMany(atom => factor.Values.Select((t, i) =>
                (atom.Log + factor.LogScale + Math.Log(t), atom.Weight + factor.Weights[i])))
                .Where(atom => atom.Item2 + rest > LeastDimension)];
        }

        return [.. atoms.OrderByDescending(atom => atom.Log).Aggregate(new List<JacobianAtom>(), (merged, atom) =>
        {
            var (x, share) = (Math.Exp(atom.Log), atom.Weight / count);
            if (merged.Count > 0 && merged[^1].X - x <= 1e-13 * x)
            {
                merged[^1] = merged[^1] with { Probability = merged[^1].Probability + share };
            }
            else
            {
                merged.Add(new JacobianAtom(x, share));
            }

            return merged;
        })];
    }
}
