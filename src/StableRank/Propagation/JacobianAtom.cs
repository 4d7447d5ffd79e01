namespace StableRank.Propagation;

/// <summary>A squared singular value of positive probability.</summary>
/// <param name="X">The value.</param>
/// <param name="Probability">Its share.</param>
public readonly record struct JacobianAtom(double X, double Probability);
