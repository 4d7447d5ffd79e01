namespace StableRank.Propagation;

/// <summary>The law of <see cref="JacobianDensity"/> at one point, with the diagnostics of its solution.</summary>
/// <param name="X">x, a squared singular value.</param>
/// <param name="Density">The density at x.</param>
/// <param name="CumulativeProbability">The share of squared singular values up to x, those that are 0 included.</param>
/// <param name="Residual">What is left of the equations for the S-transforms, in logarithms.</param>
/// <param name="Iterations">Newton's iterations from the negative axis to x.</param>
/// <param name="Converged">
/// Whether the iteration ended on the axis itself. At an edge or an atom, where the solution is singular, it may end within 1e-12 x above
/// it.
/// </param>
public readonly record struct JacobianPoint(
    double X, double Density, double CumulativeProbability, double Residual, int Iterations, bool Converged);
