namespace StableRank.Spectra;

/// <summary>The floating-point format whose machine epsilon a tolerance is made of: the one the matrix was computed in.</summary>
public enum FloatingPrecision
{
    /// <summary>IEEE binary64; eps = 2^-52, as in NumPy's <c>finfo(float64).eps</c>.</summary>
    Double,

    /// <summary>IEEE binary32; eps = 2^-23, as in NumPy's <c>finfo(float32).eps</c>.</summary>
    Single,
}
