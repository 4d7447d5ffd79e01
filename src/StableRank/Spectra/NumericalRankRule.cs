namespace StableRank.Spectra;

/// <summary>Which tolerance the numerical rank, theory (1.4), counts above. Both are relative to the greatest singular value s1.</summary>
public enum NumericalRankRule
{
    /// <summary><c>max(m, n) eps s1</c>: the rule of NumPy's <c>matrix_rank</c> and of MATLAB's <c>rank</c>.</summary>
    Lapack,

    /// <summary><c>eps s1</c>: the rule of arXiv 2402.06751, which does not grow with the shape.</summary>
    MachineEpsilon,
}
