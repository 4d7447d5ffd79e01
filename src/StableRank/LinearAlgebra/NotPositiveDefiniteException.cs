namespace StableRank.LinearAlgebra;

/// <summary>A matrix that had to be symmetric positive definite is not, to working precision.</summary>
public sealed class NotPositiveDefiniteException : ArithmeticException
{
    /// <summary>An exception for a matrix of the given order.</summary>
    /// <param name="order">Rows and columns of the matrix.</param>
    /// <param name="leadingMinor">The order of the first leading principal minor that is not positive.</param>
    public NotPositiveDefiniteException(int order, int leadingMinor)
        : base($"The {order} x {order} matrix is not positive definite to working precision: its leading minor of order {leadingMinor} " +
            "is not positive.")
    {
        LeadingMinor = leadingMinor;
    }

    /// <summary>The order (1-based) of the first leading principal minor that is not positive.</summary>
    public int LeadingMinor { get; }
}
